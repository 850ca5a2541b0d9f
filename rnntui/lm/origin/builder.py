"""A split text -> its index: words gathered, places sorted, lines found, and held-out text measured against it."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from rnntui.errors import OriginError
from rnntui.lm.origin.index_file import RUN, IndexedSource, IndexParts, source_bounds
from rnntui.lm.origin.lines import line_starts
from rnntui.lm.origin.suffixes import sort_suffixes
from rnntui.lm.origin.words import IndexedWords, Numbers, gather_words, number_words

R = TypeVar("R")

LARGEST_TEXT = 256 << 20
"""Bytes. Sorting the words of so much takes a minute and 3 GB of memory."""
_ROOM_FOR_NAME = 64
"""Numbers of 32 bits: what the header says of one file."""
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_SHARE_OF_GATHERING, _SHARE_OF_LINES, _SHARE_OF_SORTING = 0.3, 0.35, 0.3


@dataclass(frozen=True, slots=True)
class LearnedFile:
    """One of the texts that were learned from."""

    name: str
    sha256: str
    characters: int
    """How many of its cleaned text were learned from."""
    raw: Iterable[str] | None = None
    """The file as it stands, in parts, with newlines for line ends; None where it has no lines or is not there."""


def build_index(
    splits: Iterable[tuple[float, bytes]], files: Sequence[LearnedFile], held_out: str
) -> Generator[float, None, IndexParts]:
    """The index of a text; yields the share that is done.

    Args:
        splits: The text, split: the share that was read, and a packed segment or nothing.
        files: In the order of the text.
        held_out: Text of the same kind that was not learned from; may be empty.

    Raises:
        OriginError: If the text is too long.
    """
    words = yield from _scaled(gather_words(_limited(splits)), 0.0, _SHARE_OF_GATHERING)
    bounds = source_bounds([file.characters for file in files])
    cuts = np.searchsorted(words.characters, [start for start, _ in bounds[1:]])
    yield _SHARE_OF_GATHERING
    ranks = _separated(words.vocabulary.ranks()[words.numbers], cuts)
    share, count = yield from _measure(words, ranks, held_out)
    order = yield from _scaled(sort_suffixes(ranks), _SHARE_OF_GATHERING, _SHARE_OF_SORTING)
    places = _bytes_of(order, ranks, words.starts)
    del order, ranks
    sources, lines = yield from _find_sources(words, files, bounds)
    yield 1.0
    return IndexParts(words.text, places, lines, sources, share, count)


def _limited(splits: Iterable[tuple[float, bytes]]) -> Iterator[tuple[float, bytes]]:
    size = 0
    for share, data in splits:
        size += len(data)
        if size > 2 * LARGEST_TEXT:  # a packed segment is about as long as its text
            raise OriginError(
                f"The model has learned from more than {LARGEST_TEXT >> 20} MB of text: no index is made of so much.",
                "Train one on less to see where its words stand.",
            )
        yield share, data


def _separated(ranks: Numbers, cuts: Numbers) -> Numbers:
    """The ranks with a 0 between two texts, which no run goes across."""
    return np.insert(ranks, cuts, 0)


def _bytes_of(order: Numbers, ranks: Numbers, starts: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Places among words and separators -> the bytes of the words."""
    is_word = ranks > 0
    number = np.cumsum(is_word) - 1
    found: npt.NDArray[np.uint32] = starts[number[order[is_word[order]]]]
    return found


def _measure(words: IndexedWords, ranks: Numbers, held_out: str) -> Generator[float, None, tuple[float, int]]:
    """The share of the words of another text that stand in runs of RUN and more in the indexed one, and its words."""
    numbers, _ = yield from _scaled(number_words([held_out], words.vocabulary), _SHARE_OF_GATHERING)
    if not numbers.size:
        return 0.0, 0
    others = np.append(words.vocabulary.ranks(), -1)[numbers]
    is_copied = np.zeros(others.size, dtype=np.bool_)
    asked = _runs(others)
    known = np.sort(_runs(ranks))
    nearest = np.minimum(np.searchsorted(known, asked), known.size - 1)
    is_run = known[nearest] == asked if known.size else np.zeros(asked.size, dtype=np.bool_)
    yield _SHARE_OF_GATHERING
    for offset in range(RUN):
        is_copied[offset : offset + is_run.size] |= is_run
    return float(is_copied.mean()), int(others.size)


def _runs(ranks: Numbers) -> npt.NDArray[np.uint64]:
    """A number for each run of RUN words."""
    count = max(0, ranks.size - RUN + 1)
    runs = np.zeros(count, dtype=np.uint64)
    for offset in range(RUN):
        runs = runs * _FACTOR + ranks[offset : offset + count].astype(np.uint64)
    return runs


def _find_sources(
    words: IndexedWords, files: Sequence[LearnedFile], bounds: Sequence[tuple[int, int]]
) -> Generator[float, None, tuple[tuple[IndexedSource, ...], npt.NDArray[np.uint32]]]:
    """Where each file begins and ends in the text, and its lines as far as there is room for them."""
    done = _SHARE_OF_GATHERING + _SHARE_OF_SORTING
    room = len(words.text) // 4 - words.starts.size - _ROOM_FOR_NAME * len(files)
    sources: list[IndexedSource] = []
    lines = [np.empty(0, dtype=np.uint32)]
    for number, (file, (begin, end)) in enumerate(zip(files, bounds, strict=True)):
        here = slice(*np.searchsorted(words.characters, (begin, end)).tolist())
        work = line_starts(file.raw or (), words.vocabulary, words.numbers[here], words.starts[here])
        known = yield from _scaled(work, done + _SHARE_OF_LINES * number / len(files))
        known = known if known.size <= room else known[:0]
        room -= known.size
        sources.append(IndexedSource(file.name, file.sha256, words.byte_of(begin), words.byte_of(end), known.size))
        lines.append(known)
    return tuple(sources), np.concatenate(lines)


def _scaled(work: Generator[float | None, None, R], first: float, share: float = 0.0) -> Generator[float, None, R]:
    """A part of the work: from which share of it all, and which share of it all; the result is passed on."""
    while True:
        try:
            done = next(work)
        except StopIteration as end:
            result: R = end.value
            return result
        yield first + share * (done or 0.0)
