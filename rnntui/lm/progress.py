"""Long work as a generator: it yields the share that is done, so that it can be stopped, and returns a result."""

from collections.abc import Generator
from typing import TypeVar

R = TypeVar("R")


def run_to_end(work: Generator[object, None, R]) -> R:
    """The result of work that nobody wants to stop."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: R = end.value
            return result
