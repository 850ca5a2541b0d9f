"""A text in segments, each split into its pieces and then numbered by itself, in this process or in a helping one.

A split segment is its text without loss: its different pieces, and where each of them stands. Splitting is the long
work; numbering looks up each different piece once. What comes of a segment depends on nothing else, and results are
taken in the order of the text: they are the same however many processes helped. Starts no process; whoever does gives
`WorkerPool`.
"""

import itertools
import json
from array import array
from collections import defaultdict, deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rnntui.lm.tokens.splitting import split_block
from rnntui.lm.tokens.tokenizer import Tokenizer

_CHARACTERS = 2_000_000
"""Of a segment: a tenth of a second of work, so that handing it over costs little beside it."""
_MOST_WAITING = 8
"""Results that wait for one before them; each has about a megabyte."""
_PATIENCE = 0.1
"""Seconds until the next sign of life while a result is waited for."""
_BETWEEN_BLOCKS = "\0"
"""In no cleaned text."""
_LENGTH = 8
_SHORT, _LONG = np.dtype("<u2"), np.dtype("<u4")

Numbers = npt.NDArray[np.unsignedinteger]


@dataclass(frozen=True, slots=True)
class SplitSegment:
    """A segment of text as pieces. K = different pieces, N = pieces."""

    kinds: list[str]
    """[K], in the order in which they come first."""
    numbers: Numbers
    """[N], which of them stands at each place."""

    def counts(self) -> dict[str, int]:
        """How often each piece stands there."""
        return dict(zip(self.kinds, np.bincount(self.numbers).tolist(), strict=True))

    def text(self) -> str:
        """What was split."""
        return "".join(map(self.kinds.__getitem__, self.numbers.tolist()))

    def to_bytes(self) -> bytes:
        """The length of the pieces, the pieces as JSON, the numbers."""
        kinds = json.dumps(self.kinds, ensure_ascii=False).encode()
        size = _SHORT if len(self.kinds) <= 1 << 16 else _LONG
        return len(kinds).to_bytes(_LENGTH, "little") + kinds + self.numbers.astype(size).tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> "SplitSegment":
        """What `to_bytes` wrote."""
        end = _LENGTH + int.from_bytes(data[:_LENGTH], "little")
        kinds = json.loads(data[_LENGTH:end])
        numbers: Numbers = np.frombuffer(data, _SHORT if len(kinds) <= 1 << 16 else _LONG, offset=end)
        return cls(kinds, numbers)


class Job(Protocol):
    """What is done with a segment."""

    name: str

    def settings(self) -> bytes:
        """What another process has to know to do the same."""

    def done(self, segment: bytes) -> Generator[None, None, bytes]:
        """Do it; yields signs of life."""


class Splitting:
    """Packed blocks of cleaned text -> a packed `SplitSegment`."""

    name = "split"

    def settings(self) -> bytes:
        """Nothing to know."""
        return b""

    def done(self, segment: bytes) -> Generator[None, None, bytes]:
        """Split a segment; yields after each block."""
        number_of: defaultdict[str, int] = defaultdict(itertools.count().__next__)  # a new piece has the next number
        numbers = array("I")
        for block in segment.decode().split(_BETWEEN_BLOCKS):
            numbers.extend(map(number_of.__getitem__, split_block(block)))
            yield
        return SplitSegment(list(number_of), np.frombuffer(numbers, np.uint32)).to_bytes()


class Numbering:
    """A packed `SplitSegment` -> ids of a vocabulary, 32 bits each.

    Args:
        tokenizer: The vocabulary.
    """

    name = "number"

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    def settings(self) -> bytes:
        """The vocabulary."""
        return self._tokenizer.to_bytes()

    def done(self, segment: bytes) -> Generator[None, None, bytes]:
        """Number a segment."""
        split = SplitSegment.from_bytes(segment)
        yield
        found = self._tokenizer.ids_of_pieces(split.kinds)
        if found is None:  # a character that the vocabulary lacks changes how its surroundings are split
            return array("I", self._tokenizer.encode(split.text())).tobytes()
        lengths = np.fromiter(map(len, found), np.int64, len(found))
        ids = np.fromiter(itertools.chain.from_iterable(found), np.uint32, int(lengths.sum()))
        yield
        return _look_up_ids(ids, lengths, split.numbers).tobytes()


def _look_up_ids(
    ids: npt.NDArray[np.uint32], lengths: npt.NDArray[np.int64], numbers: Numbers
) -> npt.NDArray[np.uint32]:
    """Ids of a text, from those of its different pieces one after another, and which of these stands at each place."""
    starts = np.cumsum(lengths) - lengths
    counts = lengths[numbers]
    before = np.cumsum(counts) - counts
    places = np.arange(counts.sum()) + np.repeat(starts[numbers] - before, counts)
    found: npt.NDArray[np.uint32] = ids[places]
    return found


class HandedSegment(Protocol):
    """A segment that another process works on."""

    def done(self) -> bool:
        """True when `result` does not wait."""

    def result(self, timeout: float | None = None) -> bytes:
        """What came of it.

        Raises:
            TimeoutError: If it is not there after so many seconds.
            WorkerLostError: If it will never be.
        """


class WorkerLostError(Exception):
    """A helping process is gone; what it was given has to be done here."""


class WorkerPool(Protocol):
    """Processes that work on segments beside this one."""

    def begin(self, job: str, settings: bytes) -> None:
        """Say what to do with the segments that come from now on."""

    def give(self, segment: bytes) -> HandedSegment | None:
        """Hand over a segment; None when everybody has enough to do, or nobody is there."""


def job_of(name: str, settings: bytes) -> Job:
    """The job that another process has told of."""
    return Numbering(Tokenizer.from_bytes(settings)) if name == Numbering.name else Splitting()


def pack_segments(blocks: Iterable[str]) -> Iterator[bytes]:
    """A text, as `blocks` cuts it, in segments to be split; an empty one for each block is a sign of life."""
    gathered: list[str] = []
    length = 0
    for block in blocks:
        if block:
            gathered.append(block)
            length += len(block)
        if length < _CHARACTERS:
            yield b""
            continue
        yield _BETWEEN_BLOCKS.join(gathered).encode()
        gathered, length = [], 0
    if gathered:
        yield _BETWEEN_BLOCKS.join(gathered).encode()


def run_in_order(job: Job, segments: Iterable[bytes], helpers: WorkerPool | None = None) -> Iterator[bytes]:
    """Do a job with all segments; the results come in their order, with empty ones between them as signs of life.

    Args:
        job: What is done.
        segments: An empty one is a sign of life.
        helpers: They take what they have room for, and the rest is done here; None does everything here.
    """
    if helpers:
        helpers.begin(job.name, job.settings())
    waiting: deque[_Outcome] = deque()
    for segment in segments:
        if not segment:
            yield b""
            continue
        outcome = _Outcome(job, segment, helpers.give(segment) if helpers else None)
        if outcome.is_made_here:
            yield from outcome.awaited()
        waiting.append(outcome)
        while waiting and (waiting[0].is_there() or len(waiting) > _MOST_WAITING):
            yield from waiting[0].awaited()
            yield waiting.popleft().result
    while waiting:
        yield from waiting[0].awaited()
        yield waiting.popleft().result


class _Outcome:
    """What comes of a segment, now or later."""

    def __init__(self, job: Job, segment: bytes, handed: HandedSegment | None) -> None:
        self._job = job
        self._segment = segment
        self._handed = handed
        self.result = b""

    @property
    def is_made_here(self) -> bool:
        """True when nobody else makes it."""
        return self._handed is None

    def is_there(self) -> bool:
        """True when `awaited` has nothing to do."""
        return bool(self.result) or (self._handed is not None and self._handed.done())

    def awaited(self) -> Iterator[bytes]:
        """Wait for the result, or make it; yields meanwhile."""
        while not self.result and self._handed is not None:
            try:
                self.result = self._handed.result(_PATIENCE)
            except TimeoutError:
                yield b""
            except WorkerLostError:
                self._handed = None
        if self.result:
            return
        work = self._job.done(self._segment)
        while not self.result:
            try:
                next(work)
            except StopIteration as end:
                self.result = end.value
            else:
                yield b""


def numbered(
    splits: Iterable[tuple[float, bytes]], tokenizer: Tokenizer, helpers: WorkerPool | None = None
) -> Iterator[tuple[float, bytes]]:
    """A split text as ids: the share that is done, and the next ids as 32-bit numbers, or nothing.

    Args:
        splits: The share that was read, and a split segment or nothing.
        tokenizer: The vocabulary.
        helpers: Processes that number too.
    """
    done = 0.0

    def segments() -> Iterator[bytes]:
        nonlocal done
        for share, split in splits:
            done = share
            yield split

    for ids in run_in_order(Numbering(tokenizer), segments(), helpers):
        yield done, ids


def answer(job: Job, segment: bytes) -> bytes:
    """What comes of a segment."""
    return b"".join(run_in_order(job, [segment]))
