"""What can happen in a chat: frozen dataclasses that cross threads.

They are apart from what happens in training, which the app does not need before its first paint; `events` has both.
Of two texts that are written side by side, a side is 0 where everything is as it is set (A), and 1 where one thing is
different (B).
"""

import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from rnntui.errors import RnntuiError
from rnntui.text import plural, visible_line

WORD_SOURCES = ("network", "counting", "recent words", "what the base counted")
"""Where a word's probability comes from; the last one only in models that went on from another."""


@dataclass(frozen=True, slots=True)
class SideReading:
    """Another model reads what was said before it can go on."""

    side: int
    tokens: int
    of_tokens: int


@dataclass(frozen=True, slots=True)
class SideBegun:
    """One side remembers what it goes on from, and begins to write."""

    side: int
    model: str
    """The name of who writes."""
    seed: int
    words_read: int
    """Words and punctuation marks that it had to read first; 0 for one that remembers, or has forgotten."""


@dataclass(frozen=True, slots=True)
class SideThinking:
    """Drafts of a sentence are being sampled. Only the newest of these matters."""

    side: int
    draft: int
    """The one that is being sampled, from 0."""
    of_drafts: int


@dataclass(frozen=True, slots=True)
class SideSaid:
    """One more token of one side, and how the side stands with it."""

    side: int
    token_id: int
    piece: str
    """Text with its own leading space; it may be a fragment of a spelled word."""
    logprob: float
    """Natural logarithm of its probability to the one who says it, before any rule."""
    words: int
    """Words and punctuation marks of this side so far."""
    bits_per_word: float
    """How surprising they were to the one who said them."""


@dataclass(frozen=True, slots=True)
class SideEnded:
    """One side has come to its end."""

    side: int
    reason: str
    """Why: "paragraph", "sentence" or "words"."""
    words: int
    bits_per_word: float


@dataclass(frozen=True, slots=True)
class SideRefused:
    """One side cannot write; the other one does all the same."""

    side: int
    sentence: str
    next_step: str


ComparisonEvent = SideReading | SideBegun | SideThinking | SideSaid | SideEnded | SideRefused


@dataclass(frozen=True, slots=True)
class Alternative:
    """A word the network could have said, with its probability before and after the sampling rules."""

    piece: str
    token_id: int
    probability: float
    drawable: float
    """Probability after temperature and the other rules; 0 when they cut the word."""
    is_begun: bool = False
    """Only the beginning of words that are spelled; none of them is as short as this."""
    cut_by: str = ""
    """The first sampling rule that cut it, by its name; empty where none did, or where that was not asked."""


@dataclass(frozen=True, slots=True)
class ModelLoaded:
    """A model is in memory and can speak."""

    model_id: str
    name: str
    seconds: float
    state_bytes: int
    """Size of the memory."""
    note: str = ""
    """Why it does not speak where it was to; empty when it does."""


@dataclass(frozen=True, slots=True)
class StateRebuilt:
    """The memory of a session is in place."""

    source: str
    """"empty", "snapshot" (restored as stored) or "replay" (the transcript was read once more)."""
    position: int
    tokens_reread: int
    """Tokens that had to be read again; 0 unless replayed."""


@dataclass(frozen=True, slots=True)
class TurnStored:
    """A turn of the person's is safe on disk; nothing was generated yet."""

    turn_id: int
    role: str
    text: str


@dataclass(frozen=True, slots=True)
class PromptRead:
    """A long prompt is being read; stopping here takes it back."""

    tokens: int
    of_tokens: int


@dataclass(frozen=True, slots=True)
class PromptReading:
    """What a person typed as a model reads it, what was changed for that, and what the model does not know of it."""

    text: str
    """As it is read, without the white space that joins it to what stands before."""
    marks: tuple[str, ...] = ()
    """Forms of quotes, dashes, dots and full-width marks that it got, as the text of the model has them."""
    case: str = ""
    """"capitals" or "small letters" where letters were read so because the text has no others."""
    letters: tuple[tuple[str, str], ...] = ()
    """Letters that the text does not have, and words with such capitals, each with what it was read as."""
    unknown_characters: tuple[str, ...] = ()
    """Those that the model has never seen, in order."""
    spelled: tuple[str, ...] = ()
    """Words without an entry of their own whose characters are all known: they are read in parts."""
    known_as: tuple[tuple[str, str], ...] = ()
    """Some of these that are known with other capitals or accents, each with that; nothing was changed."""
    words: int = 0
    """Words and numbers, without marks."""
    readable_words: int = 0
    """Those of them of which all characters are known."""
    knows: str = ""
    """What the model knows, such as "Cyrillic letters only", where it can read less than half of the words."""

    def behind(self, kept: str) -> "PromptReading":
        """The same reading of a text whose beginning had been read before."""
        return replace(self, text=kept + self.text)

    @property
    def notes(self) -> tuple[str, ...]:
        """What to say of it, each a part of a sentence; nothing where it was read as it was typed and is known."""
        if self.knows:
            words = f"{self.readable_words:,} of {plural(self.words, 'word')}"
            return (f"this model knows {self.knows}; of this prompt it can read {words}",)
        found = []
        if self.marks:
            found.append(f"read with {' '.join(self.marks)}, as the text has them")
        if self.case:
            found.append(f"read in {self.case}: the text has no others")
        if self.letters:
            pairs = [f"{visible_line(one, 24)} as {visible_line(other, 24)}" for one, other in self.letters]
            found.append(f"read {_some(pairs)}")
        if self.unknown_characters:
            names = [visible_line(character, 4) or f"U+{ord(character):04X}" for character in self.unknown_characters]
            found.append(f"this model has never seen {_some(names)}")
        if self.spelled:
            found.append(
                f"not in the vocabulary, read in parts: {_some([visible_line(w, 40) for w in self.spelled], 5)}"
            )
        if self.known_as:
            pairs = [f"{visible_line(one, 40)} is known as {visible_line(other, 40)}" for one, other in self.known_as]
            found.append(_some(pairs, 3))
        return tuple(found)

    @property
    def note(self) -> str:
        """The same in one line; empty where there is nothing to say."""
        return " · ".join(self.notes)


def _some(names: Sequence[str], most: int = 4) -> str:
    """Some names as a list: "q, ß and 3 more"."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most:,} more"
    return ", ".join(names)


@dataclass(frozen=True, slots=True)
class PromptScored:
    """Own words were read into the memory, each scored before it was read."""

    turn_id: int
    pieces: tuple[str, ...]
    logprobs: tuple[float, ...]
    unknown: tuple[str, ...]
    """Words of the prompt that are not in the vocabulary and were read in parts."""
    start_position: int
    words: int = 0
    """Words and punctuation marks of the turn: fewer than tokens where words were read in parts."""
    reading: PromptReading | None = None
    """What was typed, as it was read; None in what earlier versions wrote."""


@dataclass(frozen=True, slots=True)
class WordSampled:
    """One token was sampled and read into the memory."""

    position: int
    token_id: int
    piece: str
    """Text with its own leading space; it may be a fragment of a spelled word."""
    logprob: float
    """Natural logarithm of its probability as trained, before any rule."""
    rank: int
    """1 for the likeliest word."""
    entropy_bits: float
    """Uncertainty of the distribution it was sampled from, before any rule."""
    alternatives: tuple[Alternative, ...]
    """The likeliest words at this place, likeliest first."""
    memory: tuple[float, ...]
    """What each unit of the top layer remembers after the word, -1 to 1: h, or tanh(c) of an LSTM."""
    shares: tuple[float, ...] = ()
    """How much of its probability came from each of WORD_SOURCES that the model has; they sum to one. Empty when the
    network spoke alone."""
    drawable_bits: float = 0.0
    """Uncertainty after temperature and all other rules; 0 where one word is left, and where nobody asked."""


@dataclass(frozen=True, slots=True)
class Thinking:
    """Drafts of a sentence are being sampled; nothing of it is said yet. Only the newest of these matters."""

    draft: int
    """The one that is being sampled, from 0."""
    of_drafts: int
    tokens: int
    """Of this draft, so far."""


@dataclass(frozen=True, slots=True)
class DraftHeard:
    """One of several drafts of a sentence."""

    draft: int
    """Its number, from 0: with the seed and the place it draws the same words again."""
    text: str
    words: int
    """Words and punctuation marks."""
    score: float
    """What the judge gave: the highest is said, of equal ones the first."""
    bits_per_word: float


@dataclass(frozen=True, slots=True)
class DraftsJudged:
    """The drafts of a sentence are there, and one of them is said now."""

    position: int
    """Of the word before them."""
    said: int
    """The number of the draft that was chosen."""
    drafts: tuple[DraftHeard, ...]


@dataclass(frozen=True, slots=True)
class DraftsLooked:
    """The drafts of a sentence that was said, sampled once more."""

    turn_id: int
    index: int
    """Which token of the turn they begin at."""
    said: int
    drafts: tuple[DraftHeard, ...]


@dataclass(frozen=True, slots=True)
class TurnFinished:
    """A turn ended and is stored together with the memory after it."""

    turn_id: int
    role: str
    status: str
    position: int
    words: int
    """Words and punctuation marks of the turn."""
    seconds: float
    bits_per_word: float
    reason: str
    """Why it ended: "paragraph", "sentence", "words", "stopped", "read"."""
    seed: int


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The memory is all zeros again; the text stays."""

    turn_id: int
    position: int


@dataclass(frozen=True, slots=True)
class BranchMoved:
    """Another part of the tree is visible, and the memory is that of its end. Nothing was lost."""

    reason: str
    """"undo", "redo", "rewind", "sibling", "taken", "retry", "edit" or "branch"; the last three go on from here."""
    unchanged: int
    """So many of the visible turns, from the first one, are as they were."""
    turn_id: int
    """The last visible turn; 0 when there is none."""
    position: int
    tokens_reread: int
    """Tokens that had to be read again for it."""
    prompt: str
    """After an undo: what the person had written; empty when nothing was taken back."""


@dataclass(frozen=True, slots=True)
class ReplyBegun:
    """The network begins to write a turn, which is stored from now on."""

    turn_id: int
    kept: int
    """So many tokens of the turn at the same place are its beginning; they replace the last visible turn. 0: none."""
    seed: int


@dataclass(frozen=True, slots=True)
class WordForced:
    """A token of a reply that a person chose was read into the memory, scored before it was read."""

    position: int
    token_id: int
    piece: str
    logprob: float
    memory: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class WordLooked:
    """What the network expected at one place of the text, and what stands there."""

    turn_id: int
    """0 for the place after everything."""
    index: int
    """Which token of the turn; the number of its tokens looks at the place after it."""
    position: int
    piece: str
    """What stands there; empty after the last token."""
    logprob: float
    rank: int
    """1 for the likeliest word; 0 when nothing stands there."""
    entropy_bits: float
    alternatives: tuple[Alternative, ...]
    memory: tuple[float, ...]
    """What the top layer said before the word."""
    shares: tuple[float, ...] = ()
    """How much of its probability came from each of WORD_SOURCES that the model has; empty as above."""
    begins: str = ""
    """Only words that begin like this were asked for; empty lists the likeliest."""
    drawable_bits: float = 0.0
    """Uncertainty after temperature and all other rules."""


@dataclass(frozen=True, slots=True)
class UnitFollowed:
    """What one unit of the memory said after each word of a turn."""

    turn_id: int
    unit: int
    values: tuple[float, ...]
    """One for each token, -1 to 1."""


@dataclass(frozen=True, slots=True)
class WordsSuggested:
    """How a text that is still being typed may go on."""

    text: str
    """As it was typed."""
    suggestion: str
    """What may follow it at once, leading space included; empty when nothing can be said."""
    unknown: tuple[str, ...]
    """Its words that are not in the vocabulary."""


@dataclass(frozen=True, slots=True)
class ModelSwitched:
    """Another model goes on; it has read the transcript once."""

    turn_id: int
    """0 when there was no transcript."""
    model_id: str
    name: str
    tokens_read: int
    """Of the transcript, as the new model cuts it."""
    position: int


@dataclass(frozen=True, slots=True)
class MemoryKept:
    """A memory has a name now."""

    name: str
    position: int
    """Tokens that were read before it was kept."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The work ended with an error; the sentence and the next step are for the person."""

    sentence: str
    next_step: str
    exit_code: int
    details: str = ""
    """For the log: the kind of error and where; never shown as it is."""
    is_refusal: bool = False
    """True when a run could not be gone on with now: it is still what it was before that was tried."""


ChatEvent = (
    ModelLoaded
    | StateRebuilt
    | TurnStored
    | PromptRead
    | PromptScored
    | WordSampled
    | Thinking
    | DraftsJudged
    | DraftsLooked
    | TurnFinished
    | Forgotten
    | BranchMoved
    | ReplyBegun
    | WordForced
    | WordLooked
    | WordsSuggested
    | UnitFollowed
    | ModelSwitched
    | MemoryKept
    | ComparisonEvent
    | Failed
)


def to_failure(error: BaseException) -> Failed:
    """The event for an error: our own sentences as they are, anything else as a bug."""
    if isinstance(error, RnntuiError):
        return Failed(error.sentence, error.next_step, error.exit_code)
    return Failed(
        f"An unexpected problem stopped the work ({type(error).__name__}).",
        "Nothing that was saved is lost; the log has the details (rnntui where).",
        70,
        _place_of(error),
    )


def _place_of(error: BaseException) -> str:
    """The kind of an error and where it was raised; not its words, which may quote what a person wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {PurePath(frames[-1].filename).name}:{frames[-1].lineno} in {frames[-1].name}" if frames else ""
    return f"{type(error).__name__}{where}"
