"""Stretches of a text, each worked on by itself: its pieces counted or numbered, in this process or in a helping one.

What comes of a stretch depends on nothing else, and results are taken in the order of the text: they are the same
however many processes helped. Starts no process; whoever does gives `Helpers`.
"""

import json
from array import array
from collections import Counter, deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from rnntui.lm.tokenizer import Tokenizer, split_block

R = TypeVar("R")
Stretch = Sequence[str]
"""Blocks of cleaned text, as `blocks` cuts it."""

_CHARACTERS = 2_000_000
"""Of a stretch: a tenth of a second of work, so that handing it over costs little beside it."""
_MOST_WAITING = 8
"""Results that wait for one before them; each has a few megabytes."""
_PATIENCE = 0.1
"""Seconds until the next sign of life while a result is waited for."""
_BETWEEN_BLOCKS = "\0"
"""In no cleaned text."""


class HelperLostError(Exception):
    """A helping process is gone; what it was given has to be done here."""


class Handed(Protocol):
    """A stretch that another process works on."""

    def done(self) -> bool:
        """True when `result` does not wait."""

    def result(self, timeout: float | None = None) -> bytes:
        """What came of it.

        Raises:
            TimeoutError: If it is not there after so many seconds.
            HelperLostError: If it will never be.
        """


class Helpers(Protocol):
    """Processes that work on stretches beside this one."""

    def begin(self, job: str, settings: bytes) -> None:
        """Say what to do with the stretches that come from now on."""

    def give(self, stretch: bytes) -> Handed | None:
        """Hand over a stretch; None when everybody has enough to do, or nobody is there."""


class Job(Protocol[R]):
    """What is done with a stretch."""

    name: str

    def settings(self) -> bytes:
        """What another process has to know to do the same."""

    def done(self, stretch: Stretch) -> Generator[None, None, R]:
        """Do it; yields after each block."""

    def packed(self, result: R) -> bytes:
        """A result on its way between processes."""

    def unpacked(self, data: bytes) -> R:
        """What was packed."""


@dataclass(frozen=True, slots=True)
class StretchCounts:
    """The pieces of a stretch."""

    counts: Mapping[str, int]
    pieces: int
    characters: int


class Counting:
    """Counts pieces."""

    name = "count"

    def settings(self) -> bytes:
        """Nothing to know."""
        return b""

    def done(self, stretch: Stretch) -> Generator[None, None, StretchCounts]:
        """Count a stretch."""
        counts: Counter[str] = Counter()
        pieces = 0
        for block in stretch:
            found = split_block(block)
            pieces += len(found)
            counts.update(found)
            yield
        return StretchCounts(counts, pieces, sum(map(len, stretch)))

    def packed(self, result: StretchCounts) -> bytes:
        """As JSON."""
        return json.dumps([result.counts, result.pieces, result.characters], ensure_ascii=False).encode()

    def unpacked(self, data: bytes) -> StretchCounts:
        """From JSON."""
        return StretchCounts(*json.loads(data))


class Numbering:
    """Turns pieces into numbers, 32 bits each.

    Args:
        tokenizer: The vocabulary.
    """

    name = "number"

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    def settings(self) -> bytes:
        """The vocabulary."""
        return self._tokenizer.to_bytes()

    def done(self, stretch: Stretch) -> "Generator[None, None, array[int]]":
        """Number a stretch."""
        numbers = array("I")
        for block in stretch:
            numbers.extend(self._tokenizer.encode(block))
            yield
        return numbers

    def packed(self, result: "array[int]") -> bytes:
        """As they are in memory: both processes are on one machine."""
        return result.tobytes()

    def unpacked(self, data: bytes) -> "array[int]":
        """The numbers."""
        return array("I", data)


def job_of(name: str, settings: bytes) -> Job[Any]:
    """The job that another process has told of."""
    return Numbering(Tokenizer.from_bytes(settings)) if name == Numbering.name else Counting()


def packed_stretch(stretch: Stretch) -> bytes:
    """Blocks on their way to another process."""
    return _BETWEEN_BLOCKS.join(stretch).encode()


def answer(job: Job[R], data: bytes) -> bytes:
    """What comes of a stretch that another process has packed, packed for it."""
    work = job.done(data.decode().split(_BETWEEN_BLOCKS))
    while True:
        try:
            next(work)
        except StopIteration as end:
            return job.packed(end.value)


def done_in_order(job: Job[R], blocks: Iterable[str], helpers: Helpers | None = None) -> Iterator[R | None]:
    """Do a job with all of a text; the results come in its order, with None between them as signs of life.

    Args:
        job: What is done.
        blocks: The text; an empty block is a sign of life.
        helpers: They take what they have room for, and the rest is done here; None does everything here.
    """
    if helpers:
        helpers.begin(job.name, job.settings())
    waiting: deque[_Outcome[R]] = deque()
    for stretch in _stretches(blocks):
        if stretch is None:
            yield None
            continue
        handed = helpers.give(packed_stretch(stretch)) if helpers else None
        outcome = _Outcome(job, stretch, handed)
        if handed is None:
            yield from outcome.awaited()
        waiting.append(outcome)
        while waiting and (waiting[0].is_there() or len(waiting) > _MOST_WAITING):
            yield from waiting[0].awaited()
            yield waiting.popleft().result
    while waiting:
        yield from waiting[0].awaited()
        yield waiting.popleft().result


class _Outcome(Generic[R]):
    """What comes of a stretch, now or later."""

    def __init__(self, job: Job[R], stretch: Stretch, handed: Handed | None) -> None:
        self._job = job
        self._stretch = stretch
        self._handed = handed
        self.result: R | None = None

    def is_there(self) -> bool:
        """True when `awaited` has nothing to do."""
        return self.result is not None or (self._handed is not None and self._handed.done())

    def awaited(self) -> Iterator[None]:
        """Wait for the result, or make it; yields meanwhile."""
        while self.result is None and self._handed is not None:
            try:
                self.result = self._job.unpacked(self._handed.result(_PATIENCE))
            except TimeoutError:
                yield None
            except HelperLostError:
                self._handed = None
        if self.result is None:
            self.result = yield from self._job.done(self._stretch)


def _stretches(blocks: Iterable[str]) -> Iterator[list[str] | None]:
    """Blocks gathered to stretches; None for each block that goes by."""
    gathered: list[str] = []
    length = 0
    for block in blocks:
        if block:
            gathered.append(block)
            length += len(block)
        if length < _CHARACTERS:
            yield None
            continue
        yield gathered
        gathered, length = [], 0
    if gathered:
        yield gathered
