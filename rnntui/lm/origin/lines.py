"""At which byte of a cleaned text each line of its file begins, so that a passage can be found again in the file.

Cleaning leaves words out and joins lines, and keeps the order of the rest: a run of words that stands once in the file
and once in the cleaned text is the same place in both, and what lies between two such places is counted off.
R = words of the file, W = words of the cleaned text.
"""

from collections.abc import Generator, Iterable

import numpy as np
import numpy.typing as npt

from rnntui.lm.origin.words import Numbers, Vocabulary, number_words

_ANCHORS = (4, 12, 36)
"""Words of a run that stands once: the shortest that stand often enough; a text of few words repeats short ones."""
_OFTEN_ENOUGH = 0.02
"""Runs for each word."""
_LEAST_IN_ORDER = 0.9
"""A file of which fewer places come in the order of the cleaned text is another one."""
_FACTOR = np.uint64(0x9E3779B97F4A7C15)

Starts = npt.NDArray[np.uint32]


def line_starts(
    parts: Iterable[str], vocabulary: Vocabulary, numbers: Numbers | npt.NDArray[np.int32], starts: Starts
) -> Generator[None, None, Starts]:
    """One byte of a cleaned text for each line of its file: where it begins; yields signs of life.

    They never fall; a line without words begins where the next one does. Empty when the file is not what was cleaned.

    Args:
        parts: The file as it stands, with newlines for line ends.
        vocabulary: Of the cleaned text.
        numbers: [W], the words of the cleaned text.
        starts: [W], the bytes at which they begin.
    """
    words, lines = yield from number_words(parts, vocabulary)
    here, there = _anchors(words, numbers)
    yield
    if not here.size:
        return np.empty(0, dtype=np.uint32)
    firsts = np.searchsorted(lines, np.arange(int(lines[-1]) + 1))
    at = np.maximum(np.searchsorted(here, firsts, side="right") - 1, 0)
    limits = np.append(there[1:], numbers.size)
    places = np.minimum(there[at] + firsts - here[at], limits[at])
    ends = np.append(starts, starts[-1] + np.uint32(1))
    return np.maximum.accumulate(ends[np.clip(places, 0, numbers.size)])


def line_at(starts: Starts, byte: int) -> int:
    """The line, from 1, in which a byte of the cleaned text stands; 0 where nobody knows."""
    return int(np.searchsorted(starts, byte, side="right")) if starts.size else 0


def _anchors(words: Numbers, numbers: Numbers | npt.NDArray[np.int32]) -> tuple[Numbers, Numbers]:
    """Places of the file and of the cleaned text that are the same, rising in both; none for another file."""
    found = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    for length in _ANCHORS:
        longer = _same_places(words, numbers, length)
        found = longer if longer[0].size > found[0].size else found
        if found[0].size >= _OFTEN_ENOUGH * numbers.size:
            break
    return found


def _same_places(words: Numbers, numbers: Numbers | npt.NDArray[np.int32], length: int) -> tuple[Numbers, Numbers]:
    """The same for runs of so many words."""
    here, there = (_once(_hashed(sequence, length)) for sequence in (words, numbers.astype(np.int64)))
    _, first, second = np.intersect1d(here[0], there[0], assume_unique=True, return_indices=True)
    places, others = here[1][first], there[1][second]
    order = np.argsort(places)
    places, others = places[order], others[order]
    is_rising = others == np.maximum.accumulate(others) if others.size else np.empty(0, dtype=np.bool_)
    if not others.size or is_rising.mean() < _LEAST_IN_ORDER:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    return places[is_rising], others[is_rising]


def _hashed(words: Numbers, length: int) -> npt.NDArray[np.uint64]:
    """A number for each run of so many words."""
    count = max(0, words.size - length + 1)
    runs = np.zeros(count, dtype=np.uint64)
    for offset in range(length):
        runs = runs * _FACTOR + words[offset : offset + count].astype(np.uint64)
    return runs


def _once(hashes: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.uint64], Numbers]:
    """The hashes that stand there once, in their order, and where."""
    kinds, places, counts = np.unique(hashes, return_index=True, return_counts=True)
    return kinds[counts == 1], places[counts == 1].astype(np.int64)
