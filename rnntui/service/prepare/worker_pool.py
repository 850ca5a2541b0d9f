"""Processes that work on segments of a text beside this one: one for each processor that would be idle.

They are fed through pipes, so that a process that was killed leaves none of them behind. Where one is lost or does not
start, its work is done by whoever gave it: slower, with the same result.
"""

import contextlib
import logging
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO, Any

from rnntui.service.prepare.worker_process import JOB, SEGMENT, read_message, write_message

log = logging.getLogger(__name__)

_MOST = 3
"""Reading and cleaning, which one process does alone, takes a third of the time: more would wait for it."""
_LEAST_BYTES = 8_000_000
"""Of texts that are worth starting a process, which takes about as long as reading two of them."""
_AHEAD = 2
"""Segments for each: one that it works on, and one that lies ready."""


class WorkerPool:
    """Processes that all do one job; to be closed.

    Args:
        count: How many at most; they start with the first segment.
    """

    def __init__(self, count: int) -> None:
        self._job = b""
        self._processes = [_Process() for _ in range(count)]
        self._idle = deque(self._processes)
        self._threads = ThreadPoolExecutor(count, "rnntui-helper")
        self._handed: deque[Future[bytes]] = deque()
        self._is_one_lost = False

    def begin(self, job: str, settings: bytes) -> None:
        """Say what to do with the segments that come from now on."""
        self._job = f"{job}\n".encode() + settings

    def give(self, segment: bytes) -> "Future[bytes] | None":
        """Hand over a segment; None when everybody has enough to do, or somebody was lost."""
        while self._handed and self._handed[0].done():
            self._is_one_lost |= self._handed.popleft().exception() is not None
        if self._is_one_lost or len(self._handed) >= _AHEAD * len(self._processes):
            return None
        self._handed.append(self._threads.submit(self._answer, self._job, segment))
        return self._handed[-1]

    def _answer(self, job: bytes, segment: bytes) -> bytes:
        process = self._idle.popleft()  # there are as many as threads
        try:
            return process.answer(job, segment)
        finally:
            self._idle.append(process)

    def close(self) -> None:
        """End all of them; what they have in hand is lost."""
        for process in self._processes:
            process.end()
        self._threads.shutdown(cancel_futures=True)


class _Process:
    """One of them, started when it has something to do."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._job = b""
        self._is_ended = False
        self._starting = threading.Lock()

    def answer(self, job: bytes, segment: bytes) -> bytes:
        """What comes of a segment.

        Raises:
            WorkerLostError: If the process did not start, or has ended.
        """
        from rnntui.lm.tokens.segments import WorkerLostError

        try:
            stdin, stdout = self._pipes()
            if job != self._job:
                write_message(stdin, JOB + job)
                self._job = job
            write_message(stdin, SEGMENT + segment)
            answer = read_message(stdout)
        except (OSError, ValueError) as problem:  # ValueError: its pipes are closed
            log.warning("a helping process could not be used: %s", type(problem).__name__)
            raise WorkerLostError from problem
        if not answer:
            log.warning("a helping process has ended")
            raise WorkerLostError
        return answer

    def _pipes(self) -> "tuple[IO[bytes], IO[bytes]]":
        with self._starting:
            if self._is_ended:
                raise OSError
            if self._process is None:
                self._process = _spawn()
        process = self._process
        if process.stdin is None or process.stdout is None:
            raise OSError
        return process.stdin, process.stdout

    def end(self) -> None:
        """Kill it: it has nothing to keep."""
        with self._starting:
            self._is_ended = True
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with contextlib.suppress(OSError):  # what was not written any more
                    pipe.close()


@contextlib.contextmanager
def start_workers(size: int, threads: int = 0) -> "Iterator[WorkerPool | None]":
    """Helpers for texts of so many bytes, ended afterwards; None where they would cost more than they bring.

    Args:
        size: Of all texts.
        threads: Processors that may be used; 0 for all there are.
    """
    count = min(threads or _processors(), 1 + _MOST) - 1
    if count < 1 or size < _LEAST_BYTES:
        yield None
        return
    helpers = WorkerPool(count)
    try:
        yield helpers
    finally:
        helpers.close()


def _processors() -> int:
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _spawn() -> "subprocess.Popen[bytes]":
    apart: dict[str, Any] = (  # Ctrl-C is for the process that was started by a person
        {"start_new_session": True}
        if os.name == "posix"
        else {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    )
    return subprocess.Popen(
        [sys.executable, "-m", "rnntui.service.prepare.worker_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        **apart,
    )
