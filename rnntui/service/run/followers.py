"""The other processes of a run that learn together with this one: started, watched, ended.

Their input is a pipe that this process holds: however it ends, they end. They stand in a group of their own, so that
Ctrl-C in the terminal is heard by this process alone.
"""

import contextlib
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from rnntui.errors import InputError, ProcessLostError, TrainingError
from rnntui.paths import ENDS_WITH_VARIABLE
from rnntui.service.run.follower_process import ignore_signals
from rnntui.store.files.processes import is_alive
from rnntui.text import plural

if TYPE_CHECKING:
    from rnntui.lm.hardware.ranks import SingleProcess

log = logging.getLogger(__name__)

_GRACE_SECONDS = 2.0
"""So long a process that was told to end may take."""
_LOOK_SECONDS = 0.5
_LEAVING_SECONDS = 7.0
"""So long a run may take to keep its state when torchrun is gone."""


class FollowerGroup:
    """The processes of a run that learn together, of which this one is the first; to be closed.

    Either torchrun has started all of them, or this process starts the others when it is known how many there shall be.

    Args:
        meeting: Gives a file that is not there yet, through which they find each other.
        log_file: For what they have to say.
    """

    def __init__(self, meeting: Callable[[], Path], log_file: Path) -> None:
        self.count = torchrun_place()[1]
        self._is_torchrun = self.count > 1
        self._meeting_of = meeting
        self._meeting: Path | None = None
        self._log_file = log_file
        self._ranks: SingleProcess | None = None
        self._processes: list[subprocess.Popen[bytes]] = []
        if self._is_torchrun:
            os.environ.setdefault(ENDS_WITH_VARIABLE, str(os.getppid()))
            end_with_torchrun()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def wanted(self) -> int:
        """How many torchrun has started in all; 0 where it did not."""
        return self.count if self._is_torchrun else 0

    def start(self, count: int) -> None:
        """Start the others, so that there are so many with this one; once.

        Raises:
            InputError: If torchrun has started another number.
            ProcessLostError: If one does not start.
        """
        if self._is_torchrun and count != self.count:
            raise InputError(
                f"torchrun has started {plural(self.count, 'process')}, and {count} are asked for.",
                "Leave out --processes.",
            )
        self.count = count
        if self._is_torchrun or count == 1 or self._processes:
            return
        self._meeting = self._meeting_of()
        try:
            for number in range(1, count):
                self._processes.append(_spawn(number, count, self._meeting, self._log_file))
        except OSError as problem:
            started = len(self._processes) + 1
            self.close()
            raise ProcessLostError(
                f"Only {started} of {count} processes could be started: {problem.strerror}.",
                "Check free memory, or take fewer --processes.",
            ) from problem

    def connect_all(self) -> "SingleProcess":
        """This process as the first of all; waits until the others are there.

        Raises:
            ProcessLostError: If one of them has ended.
        """
        from rnntui.lm.hardware.ranks import SingleProcess, connect

        if self._ranks is None and self.count == 1:
            self._ranks = SingleProcess()
        if self._ranks is None:
            for process in self._processes:
                if process.stdout is None or not process.stdout.readline():
                    raise self._lost()
            self._ranks = connect(0, self.count, str(self._meeting or ""))
        return self._ranks

    def dismiss(self) -> None:
        """Go on alone; the others end."""
        if not self._is_torchrun:
            self.close()
            self._ranks, self.count = None, 1

    def need_all(self) -> None:
        """Make sure that all of them live, from the moment they are connected, as long as they are needed.

        Raises:
            ProcessLostError: If one has ended.
        """
        if self._ranks is None or self._ranks.is_over:
            return
        if any(process.poll() is not None for process in self._processes):
            raise self._lost()

    def close(self) -> None:
        """End all of them, in good order if they wait for a word; a second time does nothing."""
        if self._ranks:
            self._ranks.end()
        for process in self._processes:
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    with contextlib.suppress(OSError):
                        pipe.close()
        for process in self._processes:
            try:
                process.wait(_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._processes.clear()

    def _lost(self) -> ProcessLostError:
        from rnntui.lm.hardware.ranks import process_lost_error

        codes = [process.poll() for process in self._processes]
        log.warning(
            "of %d processes that learn together one has ended; exit codes of the others: %s", self.count, codes
        )
        return process_lost_error(self.count)


def torchrun_place() -> tuple[int, int]:
    """The number of this process among those that torchrun has started, and how many these are; 0 of 1 without it."""
    words = [os.environ.get(name, "") for name in ("RANK", "WORLD_SIZE", "TORCHELASTIC_RUN_ID")]
    if not words[2] or not (words[0].isdecimal() and words[1].isdecimal()):
        return 0, 1
    return int(words[0]), int(words[1])


def follow_torchrun() -> None:
    """Learn as one of those processes that torchrun has started and that are not the first, until that one says enough.

    Raises:
        TrainingError: If another one has ended.
    """
    from rnntui.lm.hardware.follower import follow
    from rnntui.lm.hardware.ranks import connect

    ignore_signals()
    end_with_torchrun()
    follow(connect(*torchrun_place()))


def end_with_torchrun() -> None:
    """From now on this process ends when torchrun is killed; what goes on between steps has time to be kept."""
    parent = os.getppid()

    def watch() -> None:
        while is_alive(parent):
            time.sleep(_LOOK_SECONDS)
        time.sleep(_LEAVING_SECONDS)
        os._exit(TrainingError.exit_code)

    threading.Thread(target=watch, name="rnntui-torchrun", daemon=True).start()


def _spawn(number: int, count: int, meeting: Path, log_file: Path) -> "subprocess.Popen[bytes]":
    apart: dict[str, Any] = (
        {"process_group": 0}
        if os.name == "posix"
        else {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    )
    arguments = [str(number), str(count), str(meeting), str(log_file)]
    return subprocess.Popen(  # noqa: S603  our own interpreter and module
        [sys.executable, "-m", "rnntui.service.run.follower_process", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        **apart,
    )
