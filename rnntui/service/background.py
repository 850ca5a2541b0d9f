"""Run any iterator of events in a thread, into a bounded queue that the consumer drains at its own pace.

A full queue blocks the thread: that is the back-pressure. Knows nothing of what the events mean.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from rnntui.chat_events import Failed, to_failure
from rnntui.errors import InputError

E = TypeVar("E")
log = logging.getLogger(__name__)


class Background(Generic[E]):
    """One iterator being consumed by one daemon thread.

    Args:
        events: The work. It runs entirely in the thread and is closed there, so its `finally` clauses run there too.
        capacity: How many events may wait unread before the thread has to wait.
        wake: Called in the thread whenever an event was added to an empty queue and when the work has ended. It must be
            quick and safe to call from a thread.
        passes: True for a sign of life of which only the newest matters: it takes the place of one that waits last in
            the queue, and never makes the thread wait. None where there are none.
    """

    def __init__(
        self,
        events: Iterator[E],
        capacity: int = 64,
        wake: Callable[[], None] | None = None,
        passes: Callable[[E], bool] | None = None,
    ) -> None:
        self._events = events
        self._capacity = capacity
        self._wake = wake
        self._passes = passes
        self._is_passing = False  # whether what waits last in the queue may be replaced
        self._queue: deque[E | Failed] = deque()
        self._changed = threading.Condition()
        self._stopping = False
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="rnntui-work", daemon=True)
        self._thread.start()

    @property
    def is_finished(self) -> bool:
        """True when the thread has ended and every event was taken."""
        with self._changed:
            return self._ended and not self._queue

    def take(self, limit: int | None = None) -> list[E | Failed]:
        """Up to `limit` waiting events, oldest first, without waiting for any."""
        with self._changed:
            count = len(self._queue) if limit is None else min(limit, len(self._queue))
            taken = [self._queue.popleft() for _ in range(count)]
            self._changed.notify_all()
        return taken

    def stop(self) -> None:
        """Ask the work to end after the event it is at; returns at once. Waiting events stay to be taken."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def join(self, seconds: float | None = None) -> bool:
        """Wait until the thread has ended; False when `seconds` passed first."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            for event in self._events:
                if not self._put(event):
                    break
        except BaseException as error:  # a thread ends here: a panic in native code must become an event too
            if not isinstance(error, InputError):  # a wish that cannot be granted is no problem of the program
                log.exception("background work failed")
            self._put(to_failure(error), always=True)
        finally:
            self._close()
            with self._changed:
                self._ended = True
                self._changed.notify_all()
            if self._wake:
                self._wake()

    def _put(self, event: E | Failed, *, always: bool = False) -> bool:
        is_passing = not isinstance(event, Failed) and self._passes is not None and self._passes(event)
        with self._changed:
            self._changed.wait_for(lambda: always or is_passing or self._stopping or len(self._queue) < self._capacity)
            if self._stopping and not always:
                return False
            if is_passing and self._is_passing and self._queue:
                self._queue.pop()
            self._is_passing = is_passing
            self._queue.append(event)
            is_first = len(self._queue) == 1
        if is_first and self._wake:
            self._wake()
        return True

    def _close(self) -> None:
        close = getattr(self._events, "close", None)
        if close is None:
            return
        try:
            close()
        except BaseException as error:
            log.exception("background work failed while it was being stopped")
            self._put(to_failure(error), always=True)
