"""Work of a screen in the background: one piece at a time, the next when the one before has ended."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from rnntui.chat_events import Failed
from rnntui.service.background import Background

E = TypeVar("E")


class SingleRun(Generic[E]):
    """At most one piece of work going on, and at most one that waits for its end.

    Args:
        wake: Called from another thread when there is something to take.
        capacity: How many events may wait to be taken before the work has to wait.
    """

    def __init__(self, wake: Callable[[], object], capacity: int = 64) -> None:
        self._wake = wake
        self._capacity = capacity
        self._work: Background[E] | None = None
        self._is_stopping = False
        """What the work at hand still says is no longer of interest."""
        self._next: Callable[[], Iterator[E] | None] | None = None

    @property
    def is_idle(self) -> bool:
        """True when nothing is computed, and nothing waits."""
        return self._work is None and self._next is None

    @property
    def is_busy(self) -> bool:
        """True while there is something to stop."""
        return self._next is not None or (self._work is not None and not self._is_stopping)

    def request(self, start: Callable[[], Iterator[E] | None]) -> None:
        """Stop what goes on, and begin this as soon as that has ended: at the next `advance` at the earliest.

        Args:
            start: Begins a piece of work; it returns None when there is nothing to do.
        """
        self.stop()
        self._next = start

    def stop(self) -> None:
        """Stop what goes on, and forget what waits."""
        self._next = None
        if self._work:
            self._is_stopping = True
            self._work.stop()

    def advance(self, limit: int | None = None) -> list[E | Failed]:
        """What was told since, unless it was stopped; begins what waits when nothing goes on any more.

        Args:
            limit: At most so many events; None for all there are.
        """
        told: list[E | Failed] = []
        if self._work:
            taken = self._work.take(None if self._is_stopping else limit)
            told = [] if self._is_stopping else taken
            if self._work.is_finished:
                self._work, self._is_stopping = None, False
        if self._work is None and self._next:
            start, self._next = self._next, None
            if (events := start()) is not None:
                self._work = Background(events, self._capacity, self._wake_up)
        return told

    def _wake_up(self) -> None:
        with contextlib.suppress(RuntimeError):  # the app has ended and its loop is closed
            self._wake()
