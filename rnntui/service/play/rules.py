"""What the game is made of: frozen values. No score is computed here, no text is read."""

import secrets
from dataclasses import dataclass

from rnntui.errors import InputError

MODES = ("choose", "type")
CHOICES = 8
LARGEST_SEED = 2**63 - 1
USUAL_ROUNDS, MOST_ROUNDS = 10, 200
PERSON, NETWORK, COUNTING, MIXTURE = "you", "network", "counting", "together"
VOICES = (NETWORK, COUNTING, MIXTURE)
PLAYERS = (PERSON, NETWORK, COUNTING)
"""Whose bits are compared; what the network and counting are worth together is told at the end."""


@dataclass(frozen=True, slots=True)
class PlayRequest:
    """What a person asks for."""

    model: str = ""
    """Name or id; empty for the preferred one."""
    file: str = ""
    """The text; empty for what the model has not read of its own, or what ships with the program."""
    is_shipped: bool = False
    """True for the passages that ship with the program, whatever the model."""
    seed: int = 0
    mode: str = MODES[0]
    rounds: int = USUAL_ROUNDS
    text_code: str = ""
    """The short hash that the text must have; empty for any."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The game can begin."""

    model: str
    model_id: str
    text: str
    """What is played with, for people."""
    text_code: str
    """The beginning of the text's hash: two people with the same one have the same text."""
    seed: int
    mode: str
    rounds: int
    voices: tuple[str, ...]
    """Those of VOICES that the model has."""
    remark: str = ""
    """What to think of the text, such as that the model has read it; empty when there is nothing."""
    command: str = ""
    """What a friend types to get the same questions."""


@dataclass(frozen=True, slots=True)
class Likely:
    """A word and how likely a voice finds it among all words."""

    word: str
    share: float


@dataclass(frozen=True, slots=True)
class Question:
    """A place in a passage, and what all voices give there."""

    number: int
    """From 1."""
    source: str
    """Whose text it is."""
    before: str
    """The passage from its beginning up to the word."""
    marks: tuple[tuple[int, int], ...]
    """Where the words of earlier questions stand in it: start and end, in characters."""
    truth: str
    """The word, as it is written there."""
    after: str
    """What follows it, for a look ahead when it is known."""
    choices: tuple[str, ...]
    """The words to choose from, the true one among them; empty where it is typed."""
    answer: int
    """Which of the choices is the true one; -1 where there are none."""
    shares: dict[str, tuple[float, ...]]
    """What each voice gives to each choice; they sum to one, since all are told that it is one of these."""
    given: dict[str, float]
    """What each voice gives to the true word: of the choices, or of all words where it is typed."""
    likeliest: tuple[Likely, ...]
    """What the network finds likeliest among all words."""

    @property
    def lender(self) -> str:
        """Whose shares stand in for what a person who types has not said."""
        return COUNTING if COUNTING in self.given else NETWORK


@dataclass(frozen=True, slots=True)
class Guess:
    """What a person says."""

    word: str = ""
    """Empty for no idea."""
    confidence: float = 0.0
    """How likely they find it, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A guess, scored."""

    question: Question
    guess: Guess
    is_right: bool
    given: dict[str, float]
    """What each of PLAYERS and the mixture gave to the true word."""
    bits: dict[str, float]
    """The same as surprise: the logarithm of one over it, to the base 2."""


def checked_request(request: PlayRequest) -> PlayRequest:
    """A request that can be played.

    Raises:
        InputError: If a value is out of its range.
    """
    if request.mode not in MODES:
        raise InputError(f"A game is played by {' or '.join(MODES)}.", "See rnntui play --help.")
    if not 1 <= request.rounds <= MOST_ROUNDS:
        raise InputError(f"A game has 1 to {MOST_ROUNDS} rounds.", f"{USUAL_ROUNDS} are usual.")
    if not 0 <= request.seed <= LARGEST_SEED:
        raise InputError(f"A seed is a whole number from 0 to {LARGEST_SEED}.", "Leave it out for a new one.")
    return request


def new_seed() -> int:
    """A seed that is easily told to a friend."""
    return secrets.randbelow(10_000)
