"""The other processes of a run that learn together with this one: started, watched, ended.

Their input is a pipe that this process holds: however it ends, they end. They stand in a group of their own, so that
Ctrl-C in the terminal is heard by this process alone.
"""

import contextlib
import logging
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from rnntui.errors import TrainingError

if TYPE_CHECKING:
    from rnntui.lm.ranks import Ranks

log = logging.getLogger(__name__)

_GRACE_SECONDS = 2.0
"""So long a process that was told to end may take."""


class Followers:
    """Processes beside this one; to be closed.

    Args:
        count: Processes in all, this one among them.
        meeting: A file that is not there yet, through which they find each other.
        log_file: For what they have to say.

    Raises:
        TrainingError: If one does not start.
    """

    def __init__(self, count: int, meeting: Path, log_file: Path) -> None:
        self._count = count
        self._meeting = meeting
        self._ranks: Ranks | None = None
        self._processes: list[subprocess.Popen[bytes]] = []
        try:
            for number in range(1, count):
                self._processes.append(_spawn(number, count, meeting, log_file))
        except OSError as problem:
            self.close()
            raise TrainingError(
                f"Only {len(self._processes) + 1} of {count} processes could be started: {problem.strerror}.",
                "Check free memory, or take fewer --processes.",
            ) from problem

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def connected(self) -> "Ranks":
        """This process as the first of all; waits until the others are there.

        Raises:
            TrainingError: If one of them has ended.
        """
        from rnntui.lm.ranks import connect

        if self._ranks is None:
            for process in self._processes:
                if process.stdout is None or not process.stdout.readline():
                    raise self._lost()
            self._ranks = connect(0, self._count, str(self._meeting))
        return self._ranks

    def need_all(self) -> None:
        """Make sure that all of them live, as long as they are needed.

        Raises:
            RankLostError: If one has ended.
        """
        if self._ranks and self._ranks.is_begun and any(process.poll() is not None for process in self._processes):
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

    def _lost(self) -> TrainingError:
        from rnntui.lm.ranks import RankLostError

        ended = [f"{at} ({process.poll()})" for at, process in enumerate(self._processes, 1) if process.poll()]
        log.warning("of %d processes that learn together ended: %s", self._count, ", ".join(ended) or "one")
        return RankLostError.of(self._count)


def _spawn(number: int, count: int, meeting: Path, log_file: Path) -> "subprocess.Popen[bytes]":
    apart: dict[str, Any] = (
        {"process_group": 0}
        if os.name == "posix"
        else {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    )
    arguments = [str(number), str(count), str(meeting), str(log_file)]
    return subprocess.Popen(  # noqa: S603  our own interpreter and module
        [sys.executable, "-m", "rnntui.service.follower_process", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        **apart,
    )
