"""What a run leaves on the disk while it goes on: events, times, states. While the disk refuses, training waits.

Nothing is lost by waiting: what could not be written stays in memory and is written before anything else happens.
States are written by a thread, one after the other, while training goes on; whoever pauses or ends waits for it.
"""

import logging
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from rnntui.errors import StorageError
from rnntui.events import TrainEvent, from_json, to_json
from rnntui.records import RunManifest
from rnntui.store.runs import Runs

log = logging.getLogger(__name__)

_RARELY, _OFTEN = 25.0, 10.0
"""Seconds between two states; a kill loses at most the first, the step it falls into and the writing."""
_WRITING_SHARE = 0.02
"""How much of the time may go into writing states, as long as that is not more rarely than allowed."""
_RETRY_SECONDS = 5.0


def parse_events(lines: Sequence[str], before: int = 0, unreadable: list[int] | None = None) -> Iterator[TrainEvent]:
    """The events that lines tell; a line that a crash cut off, or that was changed, is passed over.

    Args:
        lines: What stands there.
        before: How many lines were read before these.
        unreadable: Takes the numbers of the lines that are passed over, counted from 1.
    """
    for number, line in enumerate(lines, before + 1):
        try:
            yield from_json(line)  # type: ignore[misc]
        except ValueError:
            log.warning("line %d of the events of a run could not be read", number)
            if unreadable is not None:
                unreadable.append(number)


class RunJournal:
    """The files of one run, held open by its trainer.

    Args:
        runs: Their folders.
        run_id: The run, whose lock is held.
        clock: Seconds that only rise.

    Attributes:
        refusal: Why the disk refuses at the moment; None while it does not.

    Raises:
        StorageError: If the files cannot be opened.
    """

    def __init__(self, runs: Runs, run_id: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._runs = runs
        self._run_id = run_id
        self._clock = clock
        self._events = runs.append(run_id)
        self._times = runs.append_times(run_id)
        self._waiting: list[Callable[[], None]] = []
        self._state_of: Callable[[], Callable[[], bytes]] | None = None
        self._writer = ThreadPoolExecutor(1, "state-writer")
        self._writing: Future[float] | None = None
        self._saved_at = clock()
        self._interval = _OFTEN
        self._last_wish = "run"
        self._retry_at = 0.0
        self._extensions = runs.extensions(run_id)
        self._wanted_seconds = 0.0
        self.is_going_on = bool(runs.read_events(run_id, 0)[1])
        """True for a run that has told something before."""
        self.refusal: StorageError | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.shutdown()
        self._events.close()
        self._times.close()

    # ---- what was kept of an earlier part of the run ----

    def plan(self) -> RunManifest | None:
        """What was decided at the beginning; None for a run that had not come so far."""
        return self._runs.plan(self._run_id)

    def vocabulary(self) -> bytes:
        """The words that were chosen; empty when nothing can be read."""
        return self._runs.vocabulary(self._run_id)

    def times(self) -> "array[float]":
        """The times used so far."""
        return self._runs.times(self._run_id)

    def states(self) -> Iterator[bytes]:
        """The states that are whole, newest first."""
        return self._runs.read_states(self._run_id)

    def events(self) -> list[TrainEvent]:
        """All that was told so far."""
        events, offset = list[TrainEvent](), 0
        while True:
            lines, offset = self._runs.read_events(self._run_id, offset)
            if not lines:
                return events
            events += parse_events(lines)

    # ---- what is kept now ----

    def keep_plan(self, plan: RunManifest, vocabulary: bytes) -> None:
        """Keep what was decided, with the words that were chosen: whoever goes on need not choose again.

        Raises:
            StorageError: If the disk refuses.
        """
        self._runs.keep_vocabulary(self._run_id, vocabulary)
        self._runs.keep_plan(self._run_id, plan)

    def log_event(self, event: TrainEvent) -> None:
        """Append an event for whoever follows the run."""
        line = to_json(event)
        self._write(lambda: self._events.append(line))

    def record_time(self, number: int, seconds: float) -> None:
        """Append a time that the run has used."""
        self._write(lambda: self._times.append(number, seconds))

    def command(self) -> str:
        """What the person wishes: "run", "pause" or "stop"; also takes note of added time."""
        command, self._wanted_seconds = self._runs.orders(self._run_id)
        return command

    def extra_seconds(self, times: int) -> float:
        """Seconds added to the run's time after so many used times, as it was before or as it is wished now.

        An extension is kept before it takes effect, so that whoever goes on from an earlier state meets it again at the
        same place.
        """
        added = max((seconds for at, seconds in self._extensions.items() if at <= times), default=0.0)
        if self._wanted_seconds <= added or any(at > times for at in self._extensions):
            return added
        fresh = {**self._extensions, times: self._wanted_seconds}
        try:
            self._runs.keep_extensions(self._run_id, fresh)
        except StorageError as problem:
            self.refuse(problem)
            return added
        self._extensions = fresh
        return self._wanted_seconds

    def start_saving(self, state_of: Callable[[], Callable[[], bytes]]) -> None:
        """From now on keep states.

        Args:
            state_of: Takes a copy of the present state, between two steps, and gives what makes bytes of it; that is
                called in another thread.
        """
        self._state_of = state_of
        self._saved_at = self._clock()

    def save(self) -> None:
        """Keep the present state now, and wait until it is kept."""
        self.wait_for_writing()
        if self._state_of is None:
            return
        self._begin_saving(self._state_of)
        self.wait_for_writing()

    def wait_for_writing(self) -> None:
        """Wait for what is being written, and take note of what became of it."""
        if self._writing is None:
            return
        writing, self._writing = self._writing, None
        try:
            seconds = writing.result()
        except StorageError as problem:
            self.refuse(problem)
            return
        self._interval = min(_RARELY, max(_OFTEN, seconds / _WRITING_SHARE))

    def remove_states(self) -> None:
        """Give the room back: nobody will go on from here."""
        self.wait_for_writing()
        self._runs.remove_states(self._run_id)

    def _begin_saving(self, state_of: Callable[[], Callable[[], bytes]]) -> None:
        bytes_of = state_of()
        self._saved_at = self._clock()
        self._writing = self._writer.submit(self._write_state, bytes_of)

    def _write_state(self, bytes_of: Callable[[], bytes]) -> float:
        began = self._clock()
        self._runs.save_state(self._run_id, bytes_of())
        return self._clock() - began

    def refuse(self, problem: StorageError) -> None:
        """The disk does not take what has to be kept: training waits from the next step on."""
        log.warning("the disk refuses: %s", problem)
        self.refusal = problem
        self._retry_at = self._clock() + _RETRY_SECONDS

    def poll(self, wish: str) -> str:
        """Keep a state when it is time, and say what the trainer should do: what is wished, or wait for the disk.

        Args:
            wish: "run", "pause", "stop" or "suspend". Before anything but running the state is kept.
        """
        if self._state_of is None:
            return wish
        is_new, self._last_wish = wish not in ("run", self._last_wish), wish
        is_due = wish == "run" and self._clock() - self._saved_at >= self._interval  # else nothing new was learned
        if self._writing and (is_new or self._writing.done()):
            self.wait_for_writing()
        if self.refusal is None and is_new:
            self.save()
        if self.refusal is None and is_due and self._writing is None:
            self._begin_saving(self._state_of)
        if self.refusal and wish == "run" and self._clock() >= self._retry_at:
            self._try_again()
        return "pause" if self.refusal and wish == "run" else wish

    def _try_again(self) -> None:
        self.refusal = None
        self._write_waiting()
        if self.refusal is None:
            self.save()

    def _write(self, writing: Callable[[], None]) -> None:
        self._waiting.append(writing)
        if self.refusal is None:
            self._write_waiting()

    def _write_waiting(self) -> None:
        while self._waiting:
            try:
                self._waiting[0]()
            except StorageError as problem:
                self.refuse(problem)
                return
            del self._waiting[0]
