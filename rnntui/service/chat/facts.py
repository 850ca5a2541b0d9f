"""What can be seen of a conversation: one frozen value of one moment, which any thread may read at any time.

The thread that works in a conversation publishes a new value before every event and when its work has ended; whoever
shows the conversation reads only that. What a person sets goes the other way: values that are replaced in one step, and
that the working thread reads before every word.
"""

import contextlib
import functools
import math
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Concatenate, ParamSpec, Protocol, TypeVar

from rnntui.chat_events import ChatEvent
from rnntui.config import AppSettings
from rnntui.errors import InputError
from rnntui.records import Head, History, ModelCard, Session, Turn
from rnntui.service.chat.state_restore import sampled_mask
from rnntui.service.chat.undo import before_last_exchange, redo, undo
from rnntui.setting_fields import checked_value
from rnntui.settings import SamplerSettings

if TYPE_CHECKING:
    from rnntui.lm.generator import GeneratorState
    from rnntui.lm.tokens.tokenizer import Tokenizer

P = ParamSpec("P")
S = TypeVar("S", bound="Publishing")


@dataclass(frozen=True, slots=True)
class ChatCounters:
    """What a status line says."""

    tokens_reread: int
    """Tokens that had to be read a second time: 0 unless a memory was lost or another model took over."""
    state_bytes: int
    position: int
    """Tokens that were read since the conversation began."""


@dataclass(frozen=True, slots=True)
class TurnToken:
    """One token of a turn, as a view shows it."""

    piece: str
    token_id: int
    logprob: float
    position: int
    is_sampled: bool
    """False when a person wrote or chose it."""


@dataclass(frozen=True, slots=True)
class ChatFacts:
    """A conversation at one moment. Nothing in it changes any more; asking it reads no disk and no network."""

    card: ModelCard
    """The model that speaks."""
    session: Session
    """As it is stored, or will be with its first turn; what a person has set since is the chat's."""
    turns: tuple[Turn, ...]
    """The visible branch, oldest first; of the last turn the words before the head."""
    whole_turns: tuple[Turn, ...]
    """The same turns, the last one whole."""
    head: Head
    """Where the conversation stands: after a turn, or after some of its words."""
    history: History
    """Where it has stood, for undo and redo."""
    first_seed: int
    """The seed as long as nothing else says one."""
    forks: Mapping[int | None, tuple[int, ...]] = field(repr=False)
    """The turns after one turn (None: at the beginning) where there are several, oldest first."""
    tokenizers: "Mapping[str, Tokenizer]" = field(repr=False)
    """Of the loaded models, by their ids."""
    word_count: int
    """Words and punctuation marks of the visible turns, but for what is being written."""
    tokens_reread: int
    present: "GeneratorState | None" = field(repr=False)
    """What the network remembers; None before it is loaded."""

    @property
    def is_loaded(self) -> bool:
        """True when the network can speak."""
        return self.present is not None

    @property
    def counters(self) -> ChatCounters:
        """What was read, what was read again, and how large the memory is."""
        if self.present is None:
            position = end_of(self.turns[-1]) if self.turns else 0
            return ChatCounters(0, 0, position)
        return ChatCounters(self.tokens_reread, self.present.state.size_bytes, self.present.position)

    def words_read(self, position: int) -> int:
        """Words and punctuation marks that were read up to a position, which may be inside the turn being written.

        The memory holds the newest tokens of that turn; of those beyond its reach each counts as a word.
        """
        end = end_of(self.turns[-1]) if self.turns else 0
        if self.present is None or position <= end:
            return self.word_count
        written = self.present.position - end
        ids = self.present.recent.ids()[-written:].tolist()
        beyond = written - len(ids)
        return (
            self.word_count + beyond + count_words(self.tokenizers[self.card.model_id], ids[: position - end - beyond])
        )

    @property
    def can_undo(self) -> bool:
        """True when there is something to take back."""
        return undo(self.history, self.head, before_last_exchange(self.turns)) is not None

    @property
    def can_redo(self) -> bool:
        """True when something was taken back and nothing was done since."""
        return redo(self.history, self.head) is not None

    def memory(self) -> tuple[float, ...]:
        """What each unit of the top layer remembers, -1 to 1; empty before the model is loaded."""
        return self.present.state.top_units() if self.present else ()

    def siblings(self, turn_id: int) -> tuple[int, ...]:
        """The turns that were said at the same place as one of them, itself among them, oldest first."""
        at = place_of(self.whole_turns, turn_id)
        if at is not None:
            return self.forks.get(self.whole_turns[at].parent_id, (turn_id,))
        return next((beside for beside in self.forks.values() if turn_id in beside), (turn_id,))

    def tokens(self, turn_id: int) -> tuple[TurnToken, ...]:
        """Every token of a visible turn, whole, with its score.

        Raises:
            InputError: If there is no such turn, or the model that knows its words is not loaded.
        """
        at = place_of(self.whole_turns, turn_id)
        if at is None:
            raise InputError("That turn is not shown.", "Go to it first.")
        turn = self.whole_turns[at]
        tokenizer, sampled = self._tokenizer_of(turn), sampled_mask(turn)
        return tuple(
            TurnToken(tokenizer.piece(token), token, score, turn.start_position + number, sampled[number - 1])
            for number, (token, score) in enumerate(zip(turn.token_ids, turn.logprobs, strict=False), 1)
        )

    def bits_per_word(self, turn: Turn) -> float:
        """How surprising a turn was to the network that read or wrote it; 0 for a turn without words.

        Raises:
            InputError: If its words were never counted, and the model that knows them is not loaded.
        """
        words = turn.words or count_words(self._tokenizer_of(turn), turn.token_ids)
        return surprise(turn, words)

    def _tokenizer_of(self, turn: Turn) -> "Tokenizer":
        if turn.model_id not in self.tokenizers:
            raise InputError("The model of that turn is not loaded.", "Go to the turn first.")
        return self.tokenizers[turn.model_id]


@dataclass(slots=True)
class ChatSettings:
    """What a person has set, for what is said next: messages to the thread that works. Any thread may replace one."""

    sampler: SamplerSettings
    join: str
    """How the next prompt is joined to the text before it."""


class PublishedChat:
    """The side of a conversation that any thread may use, also while another one works in it.

    Every member answers from one published value, or puts one down, and none of them waits. Two values of `facts` may
    be of two moments: whoever needs several facts takes it once. What a subclass adds is for the thread that works.

    Args:
        facts: What can be seen at first.
        settings: What a person has set; the thread that works reads it.
    """

    def __init__(self, facts: ChatFacts, settings: ChatSettings) -> None:
        self._facts = facts
        self._settings = settings

    @property
    def facts(self) -> ChatFacts:
        """The conversation as it was at the last event, or at the end of the last work."""
        return self._facts

    @property
    def session(self) -> Session:
        """The conversation's own line, with what was set since it was stored."""
        return replace(self._facts.session, sampler=self._settings.sampler, join=self._settings.join)

    # ---- what a person sets ----

    @property
    def sampler(self) -> SamplerSettings:
        """How the next word is sampled."""
        return self._settings.sampler

    @property
    def join(self) -> str:
        """How the next prompt is joined to the text before it."""
        return self._settings.join

    @property
    def seed(self) -> int:
        """The seed of what is said next: the chosen one, else that of the last visible reply, else a picked one."""
        return seed_of(self._settings.sampler, self._facts.turns, self._facts.first_seed)

    def set_sampler(self, sampler: SamplerSettings) -> None:
        """Sample with other settings from the next word on, also while words appear; stored with the next turn."""
        self._settings.sampler = sampler

    def set_join(self, join: str) -> None:
        """Join the next prompts inline or as paragraphs; `Chat.save_join` stores it.

        Raises:
            InputError: If there is no such rule.
        """
        self._settings.join = checked_value(AppSettings, "join", join)


class Publishing(Protocol):
    """Something that works in a conversation."""

    @property
    def publish(self) -> Callable[[], None]:
        """Lets other threads see where the conversation stands now."""
        ...


def publishes(
    work: Callable[Concatenate[S, P], Iterator[ChatEvent]],
) -> Callable[Concatenate[S, P], Iterator[ChatEvent]]:
    """Work in a conversation: before each event, and however it ends, other threads are let see what has become."""

    @functools.wraps(work)
    def publishing(worker: S, /, *args: P.args, **kwargs: P.kwargs) -> Iterator[ChatEvent]:
        try:
            with contextlib.closing(work(worker, *args, **kwargs)) as events:  # type: ignore[type-var]  # generators
                for event in events:
                    worker.publish()
                    yield event
        finally:
            worker.publish()

    return publishing


def seed_of(sampler: SamplerSettings, turns: tuple[Turn, ...], first_seed: int) -> int:
    """The chosen seed, else that of the last of these turns that has one, else the first one."""
    if sampler.seed is not None:
        return sampler.seed
    seeds = (turn.sampler.seed for turn in reversed(turns) if turn.sampler)
    return next((seed for seed in seeds if seed is not None), first_seed)


def count_words(tokenizer: "Tokenizer", ids: Sequence[int]) -> int:
    """Words and punctuation marks of a text: a spelled word is one, white space is none."""
    from rnntui.lm.generator import count_words as count

    return count(tokenizer, ids)


def count_written_words(turn: Turn) -> int:
    """Words and punctuation marks of a turn, counted in its text where nobody has counted them; a mark has none."""
    if turn.role == "switch":
        return 0
    if turn.words or not turn.text:
        return turn.words
    from rnntui.lm.tokens.splitting import split

    return sum(bool(piece.strip()) for piece in split(turn.text))


def surprise(turn: Turn, words: int) -> float:
    """Bits for each of so many words of a turn; 0 for a turn without words."""
    return -sum(turn.logprobs) / math.log(2) / words if words else 0.0


def end_of(turn: Turn) -> int:
    """The position after the last word of a turn."""
    return turn.start_position + len(turn.token_ids)


def place_of(turns: tuple[Turn, ...], turn_id: int) -> int | None:
    """Where a turn stands on a branch: their numbers rise, a parent is older than its children."""
    at = bisect_left(turns, turn_id, key=lambda turn: turn.turn_id)
    return at if at < len(turns) and turns[at].turn_id == turn_id else None
