"""One conversation's work, one piece at a time, and which of its words may be seen by now.

Knows nothing of widgets. The network may run a little ahead of what is shown; stopping takes both the text and the
memory back to the last word shown.
"""

import contextlib
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnntui.chat_events import (
    BranchMoved,
    ChatEvent,
    Failed,
    PromptScored,
    ReplyBegun,
    Thinking,
    TurnStored,
    WordForced,
    WordSampled,
)
from rnntui.errors import InputError
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
_LOOKS = frozenset({"looking", "guessing", "following"})


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
class Seen:
    """An event after which other turns are visible, with the turns as they were at that moment.

    The network may have gone on by the time it is shown; the turns are those of the event all the same.
    """

    event: BranchMoved | TurnStored | ReplyBegun
    turns: "tuple[Turn, ...]"


@dataclass(frozen=True, slots=True)
class RequestRefused:
    """A wish that could not be granted, in a sentence; nothing was changed."""

    sentence: str
    is_look: bool
    """True when only looking was refused."""


FeedEvent = ChatEvent | PromptReturned | Stopped | Seen | RequestRefused
Work = Callable[["Chat"], Iterator[ChatEvent]]


@dataclass(slots=True)
class _Job:
    """One piece of work for one chat; the last fields change while it runs."""

    chat: "Chat"
    phase: str
    make: Work
    text: str = ""
    """What the person wrote; it goes back to them when it could not be read."""
    replaces: int = 0
    """The turn that the text is to replace; 0 for none."""
    writes: bool = False
    """True when the network may write: it can be stopped, and its words are let out at the chosen pace."""
    is_wish: bool = False
    """True when a refusal in a sentence is a fine answer: nothing is lost then."""
    position: int = 0
    """Position of the last word that was let out."""
    work: "Background[ChatEvent | Seen] | None" = None
    is_stopping: bool = False
    thinking: Thinking | None = None
    """What it is thinking of now; None while words come."""
    prompt_is_stored: bool = False
    prompt_is_read: bool = False
    words_out: int = 0


class ChatWorker:
    """Runs the work of a chat in the background and lets its events out at the chosen pace.

    Args:
        wake: Called in any thread when there may be something to show; it must be quick.
        clock: Seconds, never going back.
    """

    def __init__(self, wake: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        self.pace = 0.0
        """Words per second; 0 shows every word as it comes."""
        self.chat: Chat | None = None
        self.shown_position = 0
        """Position of the last word that was let out."""
        self._wake = wake
        self._clock = clock
        self._jobs: deque[_Job] = deque()
        self._held: list[Callable[[], None]] | None = None
        """What was asked for while another conversation is being opened; None while none is."""
        self._job: _Job | None = None
        self._credit = 0.0
        self._credited_at = 0.0

    @property
    def phase(self) -> str:
        """What goes on: "idle", "loading", "reading", "thinking", "writing", "stopping", or that of the work."""
        if self._job is None:
            return self._jobs[0].phase if self._jobs else "idle"
        if self._job.is_stopping:
            return "stopping"
        if self._job.thinking:
            return "thinking"
        if self._job.writes:
            return "writing" if self._job.words_out else "reading"
        return self._job.phase

    @property
    def thinking(self) -> Thinking | None:
        """Which draft is being drawn while nothing is said; None while words come, and where none is."""
        return self._job.thinking if self._job else None

    @property
    def is_idle(self) -> bool:
        """True when nothing is being done or waits to be done."""
        return self._job is None and not self._jobs

    @property
    def needs_frames(self) -> bool:
        """True while words are to be let out by the clock; otherwise `wake` tells when to look."""
        return self._job is not None and (self._job.writes or self._job.phase == "stopping")

    @property
    def can_stop(self) -> bool:
        """True while something is written, or waits to be."""
        return any(job.writes for job in (self._job, *self._jobs) if job)

    @property
    def is_taking_in(self) -> bool:
        """True while a prompt is read, or waits to be, that stopping would give back."""
        unread = list(self._jobs)
        job = self._job
        if job and job.chat is self.chat and not job.prompt_is_read and not job.is_stopping:
            unread.append(job)
        return any(job.writes and job.text for job in unread)

    @property
    def unread(self) -> tuple[str, ...]:
        """What the person has sent here and no turn holds yet, oldest first."""
        jobs = [job for job in (self._job, *self._jobs) if job and job.chat is self.chat]
        return tuple(job.text for job in jobs if job.text and not job.prompt_is_stored)

    @property
    def waiting(self) -> int:
        """How many prompts wait for their turn."""
        return sum(job.writes for job in self._jobs)

    def open(self, chat: "Chat") -> list[PromptReturned]:
        """Turn to another conversation; what the old one was doing is stopped first. Returns prompts not read."""
        self.chat = chat
        dropped = self.stop()
        self._jobs = deque(job for job in self._jobs if job.phase == "stopping")
        self.shown_position = chat.facts.counters.position
        self._jobs.append(_loading(chat))
        self.release()
        return dropped

    def hold(self) -> None:
        """Another conversation is being opened: what is asked for from now on is asked of the one that is open then."""
        if self._held is None:
            self._held = []

    def release(self) -> None:
        """Go on with the conversation that is open now, and with what was asked for meanwhile."""
        held, self._held = self._held or [], None
        for add in held:
            add()

    def send(self, text: str) -> None:
        """Let the network read this and go on from it; waits for its turn."""
        self._add("sending", lambda chat: chat.send(text), text, writes=True)

    def forget(self) -> None:
        """Empty the memory when what goes on is done."""
        self._add("forgetting", lambda chat: chat.forget())

    def write(self, make: Work, text: str = "", replaces: int = 0) -> None:
        """Something after which the network may write; waits for its turn.

        Args:
            make: The work; it is asked for in the background's turn.
            text: What the person wrote for it; it comes back as `PromptReturned` when it could not be read.
            replaces: The turn that the text is to replace; 0 for none.
        """
        self._add("sending", make, text, replaces, writes=True, is_wish=True)

    def do(self, make: Work, phase: str = "moving") -> None:
        """Something that writes nothing; waits for its turn."""
        self._add(phase, make, is_wish=True)

    def look(self, make: Work, phase: str = "looking") -> None:
        """Look at something. Of several wishes of one kind that wait, only the last one is carried out."""
        self._jobs = deque(job for job in self._jobs if job.phase != phase)
        self._add(phase, make, is_wish=True)

    def stop(self) -> list[PromptReturned]:
        """Let nothing more out of the reply that is being written. Returns waiting prompts, newest first."""
        dropped = self._returned(job for job in reversed(self._jobs) if job.writes)
        self._jobs = deque(job for job in self._jobs if not job.writes)
        if self._job and self._job.work and self._job.writes and not self._job.is_stopping:
            self._job.is_stopping = True
            self._job.work.stop()
        return dropped

    def advance(self) -> list[FeedEvent]:
        """What may be shown now, oldest first."""
        out: list[FeedEvent] = []
        while True:
            job = self._job or self._next()
            if job is None:
                return out
            work = job.work = job.work or self._started(job)
            out += self._let_out(job, work)
            if not work.is_finished:
                return out
            out += self._ended(job)

    def _add(
        self, phase: str, make: Work, text: str = "", replaces: int = 0, *, writes: bool = False, is_wish: bool = False
    ) -> None:
        if self._held is not None:
            self._held.append(lambda: self._add(phase, make, text, replaces, writes=writes, is_wish=is_wish))
            return
        if self.chat is None:
            return
        known = [job for job in (self._job, *self._jobs) if job is not None]
        is_loading = any(job.chat is self.chat and job.phase == "loading" for job in known)
        if not self.chat.facts.is_loaded and not is_loading:
            self._jobs.append(_loading(self.chat))
        self._jobs.append(_Job(self.chat, phase, make, text, replaces, writes, is_wish))

    def _next(self) -> _Job | None:
        self._job = self._jobs.popleft() if self._jobs else None
        return self._job

    def _started(self, job: _Job) -> "Background[ChatEvent | Seen]":
        self._credit, self._credited_at = 1.0, self._clock()
        if job.writes:
            job.prompt_is_read = not job.text
            self._saw(job, job.chat.facts.counters.position)
        events = _seen(job.chat, job.make(job.chat))
        return Background(events, self._capacity(job.chat), self._wake, lambda event: isinstance(event, Thinking))

    def _capacity(self, chat: "Chat") -> int:
        if self.pace <= 0:
            return _FULL_SPEED_CAPACITY
        if chat.sampler.drafts > 1:
            return _SENTENCE_CAPACITY
        return max(_PACED_CAPACITY, min(_FULL_SPEED_CAPACITY, round(self.pace / _FRAMES_PER_SECOND)))

    def _let_out(self, job: _Job, work: "Background[ChatEvent | Seen]") -> list[FeedEvent]:
        if not job.writes or job.is_stopping or self.pace <= 0:
            return self._passed(job, work.take())
        now = self._clock()
        self._credit = min(max(1.0, self.pace / 10), self._credit + (now - self._credited_at) * self.pace)
        self._credited_at = now
        out: list[FeedEvent] = []
        while self._credit > 1 - _ROUNDING:
            events = work.take(int(self._credit + _ROUNDING))
            if not events:
                break
            self._credit -= sum(isinstance(event, WordSampled) for event in events)
            out += self._passed(job, events)
        return out

    def _passed(self, job: _Job, events: list[ChatEvent | Seen | Failed]) -> list[FeedEvent]:
        out: list[FeedEvent] = []
        for event in events:
            job.thinking = event if isinstance(event, Thinking) and not job.is_stopping else None
            match event:
                case Thinking():
                    continue
                case Seen(TurnStored(), _):
                    job.prompt_is_stored = True
                case Seen(BranchMoved() as moved, _):
                    self._saw(job, moved.position)
                case WordForced():
                    self._saw(job, event.position)
                case PromptScored():
                    job.prompt_is_read = True
                    self._saw(job, event.start_position + len(event.pieces))
                case WordSampled():
                    if job.is_stopping:
                        continue
                    job.words_out += 1
                    self._saw(job, event.position)
                case Failed():
                    out += self._given_back(job)
                    if job.is_wish and event.exit_code == InputError.exit_code:
                        out.append(RequestRefused(f"{event.sentence} {event.next_step}".rstrip(), job.phase in _LOOKS))
                        continue
                case _:
                    pass
            out.append(event)
        return self._of_now(job, out)

    def _of_now(self, job: _Job, events: list[FeedEvent]) -> list[FeedEvent]:
        """Of another conversation than the open one only the prompts that nobody has read: they are lost otherwise."""
        return events if job.chat is self.chat else [event for event in events if isinstance(event, PromptReturned)]

    def _saw(self, job: _Job, position: int) -> None:
        job.position = position
        if job.chat is self.chat:
            self.shown_position = position

    def _given_back(self, job: _Job) -> list[PromptReturned]:
        """Prompts that the failure of this job leaves unread, newest first."""
        unread = [job] if job.writes and not job.prompt_is_read else []
        if job.phase == "loading":
            unread += [waiting for waiting in reversed(self._jobs) if waiting.writes]
            self._jobs = deque(waiting for waiting in self._jobs if waiting.phase == "stopping")
        return self._returned(unread)

    def _returned(self, jobs: Iterable[_Job]) -> list[PromptReturned]:
        return [PromptReturned(job.text, job.replaces if job.chat is self.chat else 0) for job in jobs if job.text]

    def _ended(self, job: _Job) -> list[FeedEvent]:
        self._job = None
        if not job.is_stopping and job.phase != "stopping":
            return []
        reached = job.chat.facts.counters.position
        out: list[FeedEvent] = [Stopped(job.position)]
        if job.writes and reached > job.position:
            if job.prompt_is_read:
                at = job.position
                self._jobs.appendleft(_Job(job.chat, "stopping", lambda chat: chat.cut(at), position=at))
                return []
            self._saw(job, reached)
        elif job.writes and not job.prompt_is_read:
            out = [*self._returned([job]), *out]
        return self._of_now(job, out)


def _loading(chat: "Chat") -> _Job:
    return _Job(chat, "loading", lambda chat: chat.load())


def _seen(chat: "Chat", events: Iterator[ChatEvent]) -> "Iterator[ChatEvent | Seen]":
    """The events of a chat, the turns with those that change which are visible. Runs where the chat works."""
    with contextlib.closing(events) as closing:  # type: ignore[type-var]  # they are generators
        for event in closing:
            yield Seen(event, chat.facts.turns) if isinstance(event, BranchMoved | TurnStored | ReplyBegun) else event
