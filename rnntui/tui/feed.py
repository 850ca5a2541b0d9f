"""One conversation's work, one piece at a time, and which of its words may be seen by now.

Knows nothing of widgets. The network may run a little ahead of what is shown; stopping takes both the text and the
memory back to the last word shown.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnntui.events import ChatEvent, Failed, PromptScored, WordSampled
from rnntui.service.background import Background

if TYPE_CHECKING:
    from rnntui.service.chat import Chat

_FULL_SPEED_CAPACITY = 64
_PACED_CAPACITY = 3
_FRAMES_PER_SECOND = 15
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class GivenBack:
    """A prompt that was not read: it belongs back into the prompt."""

    text: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """Writing was stopped; text and memory are at the last word shown."""

    position: int


FeedEvent = ChatEvent | GivenBack | Stopped


@dataclass(slots=True)
class _Job:
    """One piece of work for one chat; the last fields change while it runs."""

    chat: "Chat"
    phase: str
    text: str = ""
    position: int = 0
    """Position of the last word that was let out."""
    work: Background[ChatEvent] | None = None
    is_stopping: bool = False
    prompt_is_read: bool = False
    words_out: int = 0


class Feed:
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
        self._job: _Job | None = None
        self._credit = 0.0
        self._credited_at = 0.0

    @property
    def phase(self) -> str:
        """What goes on: "idle", "loading", "reading", "writing", "stopping" or "forgetting"."""
        if self._job is None:
            return self._jobs[0].phase if self._jobs else "idle"
        if self._job.is_stopping:
            return "stopping"
        if self._job.phase == "sending":
            return "writing" if self._job.words_out else "reading"
        return self._job.phase

    @property
    def is_idle(self) -> bool:
        """True when nothing is being done or waits to be done."""
        return self._job is None and not self._jobs

    @property
    def needs_frames(self) -> bool:
        """True while words are to be let out by the clock; otherwise `wake` tells when to look."""
        return self._job is not None and self._job.phase in {"sending", "stopping"}

    @property
    def waiting(self) -> int:
        """How many prompts wait for their turn."""
        return sum(job.phase == "sending" for job in self._jobs)

    def open(self, chat: "Chat") -> list[GivenBack]:
        """Turn to another conversation; what the old one was doing is stopped first. Returns prompts not read."""
        dropped = self.stop()
        self._jobs = deque(job for job in self._jobs if job.phase == "stopping")
        self.chat = chat
        self.shown_position = chat.counters.position
        self._jobs.append(_Job(chat, "loading"))
        return dropped

    def send(self, text: str) -> None:
        """Let the network read this and go on from it; waits for its turn."""
        self._add("sending", text)

    def forget(self) -> None:
        """Empty the memory when what goes on is done."""
        self._add("forgetting")

    def stop(self) -> list[GivenBack]:
        """Let nothing more out of the reply that is being written. Returns prompts that had been waiting."""
        dropped = [GivenBack(job.text) for job in self._jobs if job.phase == "sending" and job.text]
        self._jobs = deque(job for job in self._jobs if job.phase != "sending")
        if self._job and self._job.work and self._job.phase == "sending" and not self._job.is_stopping:
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

    def _add(self, phase: str, text: str = "") -> None:
        if self.chat is None:
            return
        known = [job for job in (self._job, *self._jobs) if job is not None]
        is_loading = any(job.chat is self.chat and job.phase == "loading" for job in known)
        if not self.chat.is_loaded and not is_loading:
            self._jobs.append(_Job(self.chat, "loading"))
        self._jobs.append(_Job(self.chat, phase, text))

    def _next(self) -> _Job | None:
        self._job = self._jobs.popleft() if self._jobs else None
        return self._job

    def _started(self, job: _Job) -> Background[ChatEvent]:
        self._credit, self._credited_at = 1.0, self._clock()
        if job.phase == "sending":
            job.prompt_is_read = not job.text
            self._saw(job, job.chat.counters.position)
        return Background(self._events(job), self._capacity(), self._wake)

    def _events(self, job: _Job) -> Iterator[ChatEvent]:
        if job.phase == "loading":
            return job.chat.load()
        if job.phase == "forgetting":
            return job.chat.forget()
        if job.phase == "stopping":
            return job.chat.cut(job.position)
        return job.chat.send(job.text)

    def _capacity(self) -> int:
        if self.pace <= 0:
            return _FULL_SPEED_CAPACITY
        return max(_PACED_CAPACITY, min(_FULL_SPEED_CAPACITY, round(self.pace / _FRAMES_PER_SECOND)))

    def _let_out(self, job: _Job, work: Background[ChatEvent]) -> list[FeedEvent]:
        if job.phase != "sending" or job.is_stopping or self.pace <= 0:
            return self._passed(job, work.take())
        now = self._clock()
        self._credit = min(max(1.0, self.pace / 10), self._credit + (now - self._credited_at) * self.pace)
        self._credited_at = now
        out: list[FeedEvent] = []
        while self._credit > 1 - _ROUNDING:
            events = work.take(1)
            if not events:
                break
            self._credit -= isinstance(events[0], WordSampled)
            out += self._passed(job, events)
        return out

    def _passed(self, job: _Job, events: list[ChatEvent | Failed]) -> list[FeedEvent]:
        out: list[FeedEvent] = []
        for event in events:
            match event:
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
                case _:
                    pass
            out.append(event)
        return out if job.chat is self.chat else []

    def _saw(self, job: _Job, position: int) -> None:
        job.position = position
        if job.chat is self.chat:
            self.shown_position = position

    def _given_back(self, job: _Job) -> list[GivenBack]:
        """Prompts that the failure of this job leaves unread."""
        texts = [job.text] if job.phase == "sending" and not job.prompt_is_read else []
        if job.phase == "loading":
            texts += [waiting.text for waiting in self._jobs if waiting.phase == "sending"]
            self._jobs = deque(waiting for waiting in self._jobs if waiting.phase == "stopping")
        return [GivenBack(text) for text in texts if text]

    def _ended(self, job: _Job) -> list[FeedEvent]:
        self._job = None
        if not job.is_stopping and job.phase != "stopping":
            return []
        reached = job.chat.counters.position
        out: list[FeedEvent] = [Stopped(job.position)]
        if job.phase == "sending" and reached > job.position:
            if job.prompt_is_read:
                self._jobs.appendleft(_Job(job.chat, "stopping", position=job.position))
                return []
            self._saw(job, reached)
        elif job.phase == "sending" and not job.prompt_is_read:
            out = [GivenBack(job.text), *out]
        return out if job.chat is self.chat else []
