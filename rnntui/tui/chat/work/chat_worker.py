"""One conversation's work, one piece at a time, and which of its words may be seen by now.

Knows nothing of widgets. The network may run a little ahead of what is shown; stopping takes both the text and the
memory back to the last word shown.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from rnntui.chat_events import Failed, Thinking
from rnntui.errors import InputError
from rnntui.tui.chat.work.jobs import (
    Job,
    JobEvent,
    Kind,
    Pace,
    PromptReturned,
    RequestRefused,
    Running,
    Stopped,
    Work,
    WorkerEvent,
    position_after,
)

if TYPE_CHECKING:
    from rnntui.service.chat.chat import Chat


class ChatWorker:
    """Runs the work of a chat in the background and lets its events out at the chosen pace.

    Args:
        wake: Called in any thread when there may be something to show; it must be quick.
        clock: Seconds, never going back.
    """

    def __init__(self, wake: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        self.pace = Pace(clock)
        self.chat: Chat | None = None
        self.shown_position = 0
        """Position of the last word that was let out."""
        self._wake = wake
        self._jobs: deque[Job] = deque()
        self._held: list[Callable[[], None]] | None = None
        """What was asked for while another conversation is being opened; None while none is."""
        self._job: Job | None = None

    # ---- what goes on

    @property
    def phase(self) -> str:
        """What goes on: "idle", "reading", "thinking", "writing", "stopping", or the value of the work's kind."""
        if self._job is None:
            return self._jobs[0].kind.value if self._jobs else "idle"
        return self._job.phase

    @property
    def thinking(self) -> Thinking | None:
        """Which draft is being written while nothing is said; None while words come, and where none is."""
        return self._job.thinking if self._job else None

    @property
    def is_idle(self) -> bool:
        """True when nothing is being done or waits to be done."""
        return self._job is None and not self._jobs

    @property
    def needs_frames(self) -> bool:
        """True while words are to be let out by the clock; otherwise `wake` tells when to advance."""
        return self._job is not None and (self._job.kind.streams or self._job.kind is Kind.CUT)

    @property
    def can_stop(self) -> bool:
        """True while something is written, or waits to be."""
        return any(job.kind.writes for job in self._known)

    @property
    def has_unread_prompt(self) -> bool:
        """True while a prompt is read, or waits to be, that stopping would give back."""
        unread = list(self._jobs)
        job = self._job
        if job and job.chat is self.chat and not job.prompt_is_read and not job.is_stopping:
            unread.append(job)
        return any(job.kind.writes and job.text for job in unread)

    @property
    def unstored_prompts(self) -> tuple[str, ...]:
        """What the person has sent here and no turn holds yet, oldest first."""
        jobs = [job for job in self._known if job.chat is self.chat]
        return tuple(job.text for job in jobs if job.text and not job.prompt_is_stored)

    @property
    def waiting(self) -> int:
        """How many prompts wait for their turn."""
        return sum(job.kind.writes for job in self._jobs)

    @property
    def _known(self) -> list[Job]:
        return [job for job in (self._job, *self._jobs) if job is not None]

    # ---- what is asked for

    def open(self, chat: "Chat") -> list[PromptReturned]:
        """Turn to another conversation; what the old one was doing is stopped first. Returns prompts not read."""
        self.chat = chat
        dropped = self.stop()
        self._jobs = deque(job for job in self._jobs if job.kind is Kind.CUT)
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
        self.submit(lambda chat: chat.send(text), Kind.SEND, text)

    def submit(self, work: Work, kind: Kind, text: str = "", replaces: int = 0) -> None:
        """Do something when its turn has come.

        Args:
            work: Called with the open conversation when its turn has come.
            kind: What sort of work it is.
            text: What the person wrote for it; it comes back as `PromptReturned` when it could not be read.
            replaces: The turn that the text is to replace; 0 for none.
        """
        if kind.is_question:
            self._jobs = deque(job for job in self._jobs if job.kind is not kind)
        self._add(work, kind, text, replaces)

    def stop(self) -> list[PromptReturned]:
        """Let nothing more out of the reply that is being written. Returns waiting prompts, newest first."""
        dropped = self._returned(job for job in reversed(self._jobs) if job.kind.writes)
        self._jobs = deque(job for job in self._jobs if not job.kind.writes)
        if self._job:
            self._job.stop()
        return dropped

    def stop_comparing(self) -> None:
        """Let nothing more out of what is written side by side."""
        self._jobs = deque(job for job in self._jobs if job.kind is not Kind.COMPARE)
        if self._job and self._job.kind is Kind.COMPARE:
            self._job.stop()

    def _add(self, work: Work, kind: Kind, text: str, replaces: int) -> None:
        if self._held is not None:
            self._held.append(lambda: self._add(work, kind, text, replaces))
            return
        if self.chat is None:
            return
        is_loading = any(job.chat is self.chat and job.kind is Kind.LOAD for job in self._known)
        if not self.chat.facts.is_loaded and not is_loading:
            self._jobs.append(_loading(self.chat))
        self._jobs.append(Job(self.chat, kind, work, text, replaces))

    # ---- what comes of it

    def advance(self) -> list[WorkerEvent]:
        """What may be shown now, oldest first."""
        out: list[WorkerEvent] = []
        while True:
            job = self._job or self._next()
            if job is None:
                return out
            background = job.background or self._start(job)
            out += self._pass_on(job, self.pace.take(job, background))
            if not background.is_finished:
                return out
            out += self._end(job)

    def _next(self) -> Job | None:
        self._job = self._jobs.popleft() if self._jobs else None
        return self._job

    def _start(self, job: Job) -> Running:
        self.pace.start()
        background = job.start(self.pace.capacity(job.chat.sampler.drafts), self._wake)
        if job.kind.writes:
            self._reach(job, job.chat.facts.counters.position)
        return background

    def _pass_on(self, job: Job, events: list[JobEvent]) -> list[WorkerEvent]:
        out: list[WorkerEvent] = []
        for event in events:
            if not job.record(event):
                continue
            position = position_after(event)
            if position is not None:
                self._reach(job, position)
            if isinstance(event, Failed):
                out += self._unread_after_failure(job)
                if job.kind.is_refusable and event.exit_code == InputError.exit_code:
                    out.append(RequestRefused(f"{event.sentence} {event.next_step}".rstrip(), job.kind))
                    continue
            out.append(event)
        return self._of_open_chat(job, out)

    def _of_open_chat(self, job: Job, events: list[WorkerEvent]) -> list[WorkerEvent]:
        """Of another conversation than the open one only the prompts that nobody has read: they are lost otherwise."""
        return events if job.chat is self.chat else [event for event in events if isinstance(event, PromptReturned)]

    def _reach(self, job: Job, position: int) -> None:
        job.position = position
        if job.chat is self.chat:
            self.shown_position = position

    def _unread_after_failure(self, job: Job) -> list[PromptReturned]:
        """Prompts that the failure of this job leaves unread, newest first."""
        unread = [job] if job.kind.writes and not job.prompt_is_read else []
        if job.kind is Kind.LOAD:
            unread += [waiting for waiting in reversed(self._jobs) if waiting.kind.writes]
            self._jobs = deque(waiting for waiting in self._jobs if waiting.kind is Kind.CUT)
        return self._returned(unread)

    def _returned(self, jobs: Iterable[Job]) -> list[PromptReturned]:
        return [PromptReturned(job.text, job.replaces if job.chat is self.chat else 0) for job in jobs if job.text]

    def _end(self, job: Job) -> list[WorkerEvent]:
        self._job = None
        if job.kind is Kind.COMPARE or (not job.is_stopping and job.kind is not Kind.CUT):
            return []
        reached = job.chat.facts.counters.position
        out: list[WorkerEvent] = [Stopped(job.position)]
        if job.kind.writes and reached > job.position:
            if job.prompt_is_read:
                at = job.position
                self._jobs.appendleft(Job(job.chat, Kind.CUT, lambda chat: chat.cut(at), position=at))
                return []
            self._reach(job, reached)
        elif job.kind.writes and not job.prompt_is_read:
            out = [*self._returned([job]), *out]
        return self._of_open_chat(job, out)


def _loading(chat: "Chat") -> Job:
    return Job(chat, Kind.LOAD, lambda chat: chat.load())
