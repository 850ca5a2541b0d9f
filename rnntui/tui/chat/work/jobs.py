"""One piece of work for a conversation, what the worker tells of it, and how fast its words are let out.

Knows neither the queue nor widgets.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from rnntui.chat_events import (
    BranchMoved,
    ChatEvent,
    Failed,
    PromptScored,
    ReplyBegun,
    SideSaid,
    SideThinking,
    Thinking,
    TurnStored,
    WordForced,
    WordSampled,
)
from rnntui.service.background import Background

if TYPE_CHECKING:
    from rnntui.records import Turn
    from rnntui.service.chat.chat import Chat

_FULL_SPEED_CAPACITY = 64
_PACED_CAPACITY = 3
_SENTENCE_CAPACITY = 40
"""Where the network thinks before it speaks, a sentence is let out while the next one is thought of."""
_FRAMES_PER_SECOND = 15
_ROUNDING = 1e-6


class Kind(Enum):
    """What sort of work a job is."""

    LOAD = "load"
    SEND = "send"
    """A prompt is read and answered; a failure is an error in the conversation."""
    WRITE = "write"
    """The network may write, as for a retry or an edited turn."""
    MOVE = "move"
    FORGET = "forget"
    SAVE = "save"
    SWITCH = "switch"
    INSPECT = "inspect"
    SUGGEST = "suggest"
    FOLLOW = "follow"
    """What one unit said at the newest words."""
    DRAFTS = "drafts"
    COMPARE = "compare"
    """Two ways to go on are written side by side; nothing is kept of them."""
    CUT = "cut"
    """Text and memory go back to the last word that was let out."""

    @property
    def writes(self) -> bool:
        """True when the network may write: it can be stopped, and its words are let out at the chosen pace."""
        return self in {Kind.SEND, Kind.WRITE}

    @property
    def streams(self) -> bool:
        """True when words come one after another: they are let out at the chosen pace, and can be stopped."""
        return self.writes or self is Kind.COMPARE

    @property
    def is_question(self) -> bool:
        """True when nothing is changed: of several that wait, only the newest is carried out."""
        return self in {Kind.INSPECT, Kind.SUGGEST, Kind.FOLLOW, Kind.DRAFTS, Kind.COMPARE}

    @property
    def is_refusable(self) -> bool:
        """True when a refusal in a sentence is a fine answer: nothing is lost then."""
        return self not in {Kind.LOAD, Kind.SEND, Kind.FORGET, Kind.CUT}


@dataclass(frozen=True, slots=True)
class PromptReturned:
    """A prompt that was not read: it belongs back into the prompt."""

    text: str
    turn_id: int = 0
    """The turn of the open conversation that it was to replace; 0 for none."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """Writing was stopped; text and memory are at the last word shown."""

    position: int


@dataclass(frozen=True, slots=True)
class TurnsChanged:
    """An event after which other turns are visible, with the turns as they were at that moment.

    The network may have gone on by the time it is shown; the turns are those of the event all the same.
    """

    event: BranchMoved | TurnStored | ReplyBegun
    turns: "tuple[Turn, ...]"


@dataclass(frozen=True, slots=True)
class RequestRefused:
    """A request that could not be granted, in a sentence; nothing was changed."""

    sentence: str
    kind: Kind


WorkerEvent = ChatEvent | PromptReturned | Stopped | TurnsChanged | RequestRefused
JobEvent = ChatEvent | TurnsChanged | Failed
Work = Callable[["Chat"], Iterator[ChatEvent]]
Running = Background[ChatEvent | TurnsChanged]


@dataclass(slots=True)
class Job:
    """One piece of work for one conversation; the fields from `position` on change while it runs."""

    chat: "Chat"
    kind: Kind
    work: Work
    text: str = ""
    """What the person wrote; it goes back to them when it could not be read."""
    replaces: int = 0
    """The turn that the text is to replace; 0 for none."""
    position: int = 0
    """Position of the last word that was let out."""
    background: Running | None = None
    is_stopping: bool = False
    thinking: Thinking | None = None
    """The draft that is being written; None while words come."""
    prompt_is_stored: bool = False
    prompt_is_read: bool = False
    words_out: int = 0

    @property
    def phase(self) -> str:
        """What goes on while it runs: "reading", "thinking", "writing", "stopping", or the value of its kind."""
        if self.is_stopping:
            return "stopping"
        if self.thinking:
            return "thinking"
        if self.kind.writes:
            return "writing" if self.words_out else "reading"
        return "stopping" if self.kind is Kind.CUT else self.kind.value

    def start(self, capacity: int, wake: Callable[[], None]) -> Running:
        """Begin the work in a thread that may run ahead by so many events; `wake` is called there for each."""
        if self.kind.writes:
            self.prompt_is_read = not self.text
        events = _with_turns(self.chat, self.work(self.chat))
        self.background = Background(events, capacity, wake, _is_passing)
        return self.background

    def stop(self) -> None:
        """Let the network end after the word it is at."""
        if self.background and self.kind.streams and not self.is_stopping:
            self.is_stopping = True
            self.background.stop()

    def record(self, event: JobEvent) -> bool:
        """Note how far the work is. Returns False for an event that is not to be shown."""
        if self.kind is Kind.COMPARE:
            return not self.is_stopping
        self.thinking = event if isinstance(event, Thinking) and not self.is_stopping else None
        if isinstance(event, Thinking) or (isinstance(event, WordSampled) and self.is_stopping):
            return False
        if isinstance(event, WordSampled):
            self.words_out += 1
        elif isinstance(event, PromptScored):
            self.prompt_is_read = True
        elif isinstance(event, TurnsChanged) and isinstance(event.event, TurnStored):
            self.prompt_is_stored = True
        return True


def position_after(event: JobEvent) -> int | None:
    """Position of the last word with which an event leaves the text; None where it does not tell."""
    match event:
        case TurnsChanged(BranchMoved() as moved, _):
            return moved.position
        case WordForced() | WordSampled():
            return event.position
        case PromptScored():
            return event.start_position + len(event.pieces)
        case _:
            return None


class Pace:
    """How many words a second are let out: it gives credit as time passes, and each word costs one.

    Args:
        clock: Seconds, never going back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.words_per_second = 0.0
        """0 lets every word out as it comes."""
        self._clock = clock
        self._credit = 0.0
        self._credited_at = 0.0

    def start(self) -> None:
        """A job begins: its first word may come at once."""
        self._credit, self._credited_at = 1.0, self._clock()

    def capacity(self, drafts: int) -> int:
        """How many events the network may be ahead, when it writes so many drafts of each sentence."""
        if self.words_per_second <= 0:
            return _FULL_SPEED_CAPACITY
        if drafts > 1:
            return _SENTENCE_CAPACITY
        return max(_PACED_CAPACITY, min(_FULL_SPEED_CAPACITY, round(self.words_per_second / _FRAMES_PER_SECOND)))

    def take(self, job: Job, background: Running) -> list[JobEvent]:
        """What may be let out now, oldest first."""
        if not job.kind.streams or job.is_stopping or self.words_per_second <= 0:
            return background.take()
        now, rate = self._clock(), self.words_per_second
        self._credit = min(max(1.0, rate / 10), self._credit + (now - self._credited_at) * rate)
        self._credited_at = now
        out: list[JobEvent] = []
        while self._credit > 1 - _ROUNDING:
            events = background.take(int(self._credit + _ROUNDING))
            if not events:
                break
            self._credit -= sum(_credit_of(event) for event in events)
            out += events
        return out


def _credit_of(event: JobEvent) -> float:
    """What letting it out costs: of two words that are written side by side each a half."""
    return 0.5 if isinstance(event, SideSaid) else float(isinstance(event, WordSampled))


def _is_passing(event: ChatEvent | TurnsChanged) -> bool:
    return isinstance(event, Thinking | SideThinking)


def _with_turns(chat: "Chat", events: Iterator[ChatEvent]) -> "Iterator[ChatEvent | TurnsChanged]":
    """The events of a chat, the turns with those that change which are visible. Runs where the chat works."""
    with contextlib.closing(events) as closing:  # type: ignore[type-var]  # they are generators
        for event in closing:
            if isinstance(event, BranchMoved | TurnStored | ReplyBegun):
                yield TurnsChanged(event, chat.facts.turns)
            else:
                yield event
