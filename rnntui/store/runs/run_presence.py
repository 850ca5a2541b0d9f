"""Whether the trainer of a run lives, is being started, or waits for its turn.

<run>/queued      there while the run waits for the one before it
starting    the process number of a trainer that has not taken the lock yet
lock        held while the trainer lives
"""

import time
from collections.abc import Callable
from pathlib import Path

from rnntui.errors import StorageError
from rnntui.store.files import durable, locks
from rnntui.store.files.processes import is_alive

_QUEUED_FILE, _LOCK_FILE, _STARTING_FILE = "queued", "lock", "starting"
_STARTING_SECONDS = 120.0
_LOCK_SECONDS = 5.0


class RunPresence:
    """Who is at work in the folder of a run.

    Args:
        folder: Of the run.
        clock: Seconds since 1970; says how long ago a trainer was started.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._clock = clock

    def lock(self) -> locks.Lock:
        """Take the run for the life of the trainer. It waits a little, because asking takes the lock for an instant.

        Raises:
            StorageError: If another trainer has it.
        """
        held = locks.lock(self._folder / _LOCK_FILE, _LOCK_SECONDS)
        durable.remove_file(self._folder / _STARTING_FILE)  # from here the lock says it
        return held

    def mark_starting(self, process_id: int) -> None:
        """Say that a trainer was spawned that has not taken the lock yet; call it right after spawning."""
        note = f"{process_id} {self._clock():.0f}\n".encode()
        durable.write_file(self._folder / _STARTING_FILE, note)

    def is_running(self) -> bool:
        """True from `mark_starting` on while the trainer lives; False as soon as its process is gone."""
        return locks.is_locked(self._folder / _LOCK_FILE) or self._is_starting()

    def mark_queued(self) -> None:
        """Say that the run waits for the one before it.

        Raises:
            StorageError: If the disk refuses.
        """
        durable.write_file(self._folder / _QUEUED_FILE, b"")

    def is_queued(self) -> bool:
        """True while it waits for the run before it."""
        return durable.kind_of(self._folder / _QUEUED_FILE) == "file"

    def take_from_queue(self) -> bool:
        """From now on it does not wait; True for one caller only."""
        try:
            (self._folder / _QUEUED_FILE).unlink()
        except OSError:
            return False
        return True

    def _is_starting(self) -> bool:
        try:
            process_id, marked = durable.read_file(self._folder / _STARTING_FILE, 64).split()
            age = self._clock() - float(marked)
            return abs(age) < _STARTING_SECONDS and is_alive(int(process_id))
        except (StorageError, ValueError, OverflowError):
            return False
