"""What a run writes while it goes on: events, times, states. While the disk refuses, training waits.

Nothing is lost by waiting: what could not be written stays in memory and is written before anything else happens.
States are written by a thread, one after the other, while training goes on; whoever pauses or ends waits for it.
"""

import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Self

from rnntui.errors import StorageError
from rnntui.events import TrainEvent, from_json, to_json
from rnntui.store.runs.run_folder import RunFolder

log = logging.getLogger(__name__)

_RARELY, _OFTEN = 25.0, 10.0
"""Seconds between two states; a kill loses at most the first, the step it falls into and the writing."""
_WRITING_SHARE = 0.02
"""How much of the time may go into writing states, as long as that is not more rarely than allowed."""
_RETRY_SECONDS = 5.0


def parse_events(lines: Sequence[str], before: int = 0, unreadable: list[int] | None = None) -> Iterator[TrainEvent]:
    """The events in some lines; a line that a crash cut off, or that was changed, is passed over.

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


def read_events(folder: RunFolder) -> list[TrainEvent]:
    """All that a run has logged so far."""
    events, offset = list[TrainEvent](), 0
    while True:
        lines, offset = folder.read_events(offset)
        if not lines:
            return events
        events += parse_events(lines)


class RunJournal:
    """What the trainer of a run writes into its folder, from whose lock on until it is closed.

    Args:
        folder: Of the run, whose lock is held.
        clock: Seconds that only rise.

    Attributes:
        is_going_on: True for a run that has logged something before.
        refusal: Why the disk refuses at the moment; None while it does not.

    Raises:
        StorageError: If the files cannot be opened.
    """

    def __init__(self, folder: RunFolder, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._clock = clock
        self._ending = contextlib.ExitStack()
        self._events = self._ending.enter_context(folder.append_events())
        self._times = self._ending.enter_context(folder.append_times())
        self._writer = self._ending.enter_context(ThreadPoolExecutor(1, "state-writer"))
        self._waiting: list[Callable[[], None]] = []
        self._state_of: Callable[[], Callable[[], bytes]] | None = None
        self._writing: Future[float] | None = None
        self._saved_at = clock()
        self._interval = _OFTEN
        self._last_wanted = "run"
        self._retry_at = 0.0
        self._extensions = folder.orders.extensions()
        self._wanted_seconds = 0.0
        self.is_going_on = bool(folder.read_events(0)[1])
        self.refusal: StorageError | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ending: object) -> None:
        self._ending.close()

    def log_event(self, event: TrainEvent) -> None:
        """Append an event for whoever follows the run."""
        line = to_json(event)
        self._write(lambda: self._events.append(line))

    def record_time(self, number: int, seconds: float) -> None:
        """Append a time that decided something."""
        self._write(lambda: self._times.append(number, seconds))

    def command(self) -> str:
        """What the person has ordered: "run", "pause" or "stop"; also takes note of added time."""
        command, self._wanted_seconds = self._folder.orders.read()
        return command

    def extra_seconds(self, times: int) -> float:
        """Seconds added to the run's budget after so many recorded times: as kept before, else as ordered now.

        An extension is kept before it takes effect, so that whoever goes on from an earlier state meets it again at the
        same place.
        """
        added = max((seconds for at, seconds in self._extensions.items() if at <= times), default=0.0)
        if self._wanted_seconds <= added or any(at > times for at in self._extensions):
            return added
        fresh = {**self._extensions, times: self._wanted_seconds}
        try:
            self._folder.orders.save_extensions(fresh)
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
        self._folder.states.remove()

    def _begin_saving(self, state_of: Callable[[], Callable[[], bytes]]) -> None:
        bytes_of = state_of()
        self._saved_at = self._clock()
        self._writing = self._writer.submit(self._write_state, bytes_of)

    def _write_state(self, bytes_of: Callable[[], bytes]) -> float:
        began = self._clock()
        self._folder.states.save(bytes_of())
        return self._clock() - began

    def refuse(self, problem: StorageError) -> None:
        """The disk does not take what has to be kept: training waits from the next step on."""
        log.warning("the disk refuses: %s", problem)
        self.refusal = problem
        self._retry_at = self._clock() + _RETRY_SECONDS

    def poll(self, wanted: str) -> str:
        """Keep a state when it is time, and say what the trainer should do: what is wanted, or to wait for the disk.

        Args:
            wanted: "run", "pause", "stop" or "suspend". Before anything but running the state is kept.
        """
        if self._state_of is None:
            return wanted
        is_new, self._last_wanted = wanted not in ("run", self._last_wanted), wanted
        is_due = wanted == "run" and self._clock() - self._saved_at >= self._interval  # else nothing new was learned
        if self._writing and (is_new or self._writing.done()):
            self.wait_for_writing()
        if self.refusal is None and is_new:
            self.save()
        if self.refusal is None and is_due and self._writing is None:
            self._begin_saving(self._state_of)
        if self.refusal and wanted == "run" and self._clock() >= self._retry_at:
            self._try_again()
        return "pause" if self.refusal and wanted == "run" else wanted

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
