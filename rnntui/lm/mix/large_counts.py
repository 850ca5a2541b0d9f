"""Counting more words than memory could hold the n-grams of: part by part, and rare n-grams left out on the way.

All n-grams that begin with the same words are counted together, so that a part knows everything of its contexts; how
many different words stood before an n-gram is counted at the same places. Nothing is written: each part goes through
the ids once more, which may be a view of a file. N = words of the text, V = vocabulary size, M = n-grams of a length.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from torch import Tensor

from rnntui.lm.mix.ngram import numbered, usual_discounts

Numbers = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

LARGEST_VOCABULARY = (1 << 16) - 1
"""A word is kept in two bytes, and so is how many may follow one."""
_AT_ONCE = 1 << 21
"""Words of the text whose n-grams are counted together: about 100 MB; a word that is more frequent is counted
alone."""
_SLICE = 1 << 22
MOST_KEPT = 14_000_000
"""N-grams of all lengths: 300 MB, and as much again while they are pruned."""
_FEW_WORDS = 4_000_000
_MANY_WORDS = 32_000_000


@dataclass(frozen=True, slots=True)
class OrderCounts:
    """The n-grams of one length that are kept, sorted by their words."""

    prefix: Numbers
    """[M], the number of the first n-1 words among the kept n-grams of that length"""
    last: npt.NDArray[np.uint16]
    """[M], the last word"""
    counts: Numbers
    """[M], how many different words stood before it; of the longest n-grams, how often they stood in the text"""
    times: Numbers
    """[M], how often it stood in the text"""
    totals: Longs
    """[M], the counts of everything that followed it, kept or not; 0 for the longest"""


@dataclass(frozen=True, slots=True)
class LargeCounts:
    """What was counted. All that is not kept is in the totals."""

    orders: tuple[OrderCounts, ...]
    discounts: tuple[Floats, ...]
    """For each length, what is taken off counts of 0, 1, 2, and 3 or more."""
    total: int
    """Of the counts of single words."""
    words: int
    """N"""
    vocabulary_size: int


def least_times(words: int, order: int) -> tuple[int, ...]:
    """How often n-grams of each length must stand in a text of so many words to be kept at all.

    In a long text most n-grams stand once and would never find a place in a small table.
    """
    rare = 1 if words <= _FEW_WORDS else 2 if words <= _MANY_WORDS else 3
    return tuple(1 if length == 1 or (length == 2 and rare < 3) else rare for length in range(1, order + 1))


def count_steps(
    ids: Tensor, vocabulary_size: int, order: int, least: Sequence[int] = ()
) -> Generator[float, None, LargeCounts]:
    """Count a text of any length; yields the share that is done.

    Args:
        ids: [N], 32 or 64 bits each; may be a view of a file.
        vocabulary_size: V, at most LARGEST_VOCABULARY.
        order: Length of the longest n-grams; no more than the text has words is used.
        least: How often n-grams of 1, 2, ... words must stand there to be kept, never falling; empty keeps all.
    """
    text: Numbers = ids.numpy()
    order = max(1, min(order, text.size))
    counter = _Counter(text, vocabulary_size, tuple(least) or (1,) * order)
    done = 0
    for low, high, words in _parts(text, vocabulary_size):
        yield done / text.size
        yield from (done / text.size for _ in counter.count(low, high))
        done += words
    return counter.result()


def _parts(text: Numbers, vocabulary_size: int) -> Iterator[tuple[int, int, int]]:
    """Ranges of first words, and how often any of them stands in the text: about _AT_ONCE times, or it is one word."""
    frequencies = np.zeros(vocabulary_size, dtype=np.int64)
    for start in range(0, text.size, _SLICE):
        frequencies += np.bincount(text[start : start + _SLICE], minlength=vocabulary_size)
    low = 0
    while low < vocabulary_size:
        before = np.cumsum(frequencies[low:])
        high = low + max(1, int(np.searchsorted(before, _AT_ONCE, side="right")))
        if before[high - low - 1]:
            yield low, high, int(before[high - low - 1])
        low = high


def _join(parts: list[OrderCounts]) -> OrderCounts:
    """Parts as one; they are used up."""
    fields = {name: [getattr(part, name) for part in parts] for name in ("prefix", "last", "counts", "times", "totals")}
    parts.clear()
    return OrderCounts(*(np.concatenate(fields.pop(name)) for name in list(fields)))


class _Counter:
    """Counts part by part.

    Args:
        text: [N]
        vocabulary_size: V
        least: How often n-grams of each length must stand there to be kept.
    """

    def __init__(self, text: Numbers, vocabulary_size: int, least: Sequence[int]) -> None:
        self._text = text
        self._vocabulary_size = vocabulary_size
        self._least = least
        self._kept: list[list[OrderCounts]] = [[] for _ in least]
        self._sizes = [0] * len(least)
        self._how_many = np.zeros((len(least), 5), dtype=np.int64)  # n-grams that count 0, 1, 2, 3 and 4

    def count(self, low: int, high: int) -> Iterator[None]:
        """Count all n-grams whose first word is in this range."""
        places = self._places(low, high)
        numbers = np.zeros(places.size, dtype=np.int32)
        before: OrderCounts | None = None
        kept_as = np.zeros(1, dtype=np.int32)  # numbers of the n-grams before among the kept ones of this part
        for length, least in enumerate(self._least, start=1):
            places = places[: np.searchsorted(places, self._text.size - length, side="right")]
            keys = numbers[: places.size].astype(np.int64)
            keys *= self._vocabulary_size
            keys += self._text[length - 1 :][places]
            found, numbers, times = numbered(keys)
            yield
            counts = times if length == len(self._least) else self._words_before(places, numbers, found.size)
            yield
            self._how_many[length - 1] += np.bincount(np.minimum(counts, 5), minlength=6)[:5]
            prefix, last = _divide(found, self._vocabulary_size)
            del found
            if before is not None:
                self._keep(length - 1, before, _totals(prefix, counts, kept_as.size)[kept_as >= 0])
            is_kept = times >= least
            offset = self._sizes[length - 2] if length > 1 else 0
            before = OrderCounts(
                kept_as[prefix[is_kept]] + np.int32(offset),
                last[is_kept],
                counts[is_kept],
                times[is_kept],
                np.zeros(0, dtype=np.int64),
            )
            kept_as = np.where(is_kept, np.cumsum(is_kept, dtype=np.int32) - 1, -1).astype(np.int32)
            yield
        assert before is not None  # noqa: S101  there is at least one length
        self._keep(len(self._least), before, np.zeros(before.last.size, dtype=np.int64))
        self._sizes = [sum(part.last.size for part in parts) for parts in self._kept]
        while sum(self._sizes) > MOST_KEPT:
            self._make_room()
            yield

    def result(self) -> LargeCounts:
        """Everything that was kept."""
        orders = []
        while self._kept:
            orders.append(_join(self._kept.pop(0)))
        discounts = tuple(usual_discounts(*map(float, row[1:])).numpy() for row in self._how_many)
        total = int(orders[0].counts.sum())
        return LargeCounts(tuple(orders), discounts, total, self._text.size, self._vocabulary_size)

    def _keep(self, length: int, part: OrderCounts, totals: Longs) -> None:
        self._kept[length - 1].append(OrderCounts(part.prefix, part.last, part.counts, part.times, totals))

    def _make_room(self) -> None:
        """Leave out the rarest of what was kept so far, and as rare ones from now on; single words stay."""
        self._least = (self._least[0], *(least + (least + 1) // 2 for least in self._least[1:]))
        kept_as = np.zeros(1, dtype=np.int32)
        for number, (parts, least) in enumerate(zip(self._kept, self._least, strict=True)):
            whole = _join(parts)
            is_kept = whole.times >= least
            parts[:] = [
                OrderCounts(
                    kept_as[whole.prefix[is_kept]],
                    whole.last[is_kept],
                    whole.counts[is_kept],
                    whole.times[is_kept],
                    whole.totals[is_kept],
                )
            ]
            kept_as = (np.cumsum(is_kept, dtype=np.int32) - 1).astype(np.int32)
            self._sizes[number] = parts[0].last.size

    def _places(self, low: int, high: int) -> Numbers:
        """Where any of these words stands."""
        places = []
        for start in range(0, self._text.size, _SLICE):
            words = self._text[start : start + _SLICE]
            places.append((np.flatnonzero((words >= low) & (words < high)) + start).astype(np.int32))
        return np.concatenate(places)

    def _words_before(self, places: Numbers, numbers: Numbers, size: int) -> Numbers:
        """How many different words stood before each n-gram [size] of a part."""
        first = int(places.size > 0 and places[0] == 0)
        keys = numbers[first:].astype(np.int64)
        keys *= self._vocabulary_size
        keys += self._text[places[first:] - 1]
        keys.sort()
        is_new = np.ones(keys.size, dtype=np.bool_)
        np.not_equal(keys[1:], keys[:-1], out=is_new[1:])
        before, _ = _divide(keys[is_new], self._vocabulary_size)
        del keys, is_new
        return np.bincount(before, minlength=size).astype(np.int32)


def _divide(keys: Longs, vocabulary_size: int) -> tuple[Numbers, npt.NDArray[np.uint16]]:
    """Context numbers and last words [M]; in slices, as numbers of 64 bits would take thrice the room."""
    prefix, last = np.empty(keys.size, dtype=np.int32), np.empty(keys.size, dtype=np.uint16)
    for start in range(0, keys.size, _SLICE // 4):
        part = slice(start, start + _SLICE // 4)
        prefix[part], last[part] = np.divmod(keys[part], vocabulary_size)
    return prefix, last


def _totals(prefix: Numbers, counts: Numbers, contexts: int) -> Longs:
    """[contexts], the sum of the counts of each; `prefix` never falls."""
    totals = np.zeros(contexts, dtype=np.int64)
    firsts = np.flatnonzero(np.diff(prefix, prepend=-1))
    if firsts.size:
        totals[prefix[firsts]] = np.add.reduceat(counts, firsts, dtype=np.int64)
    return totals
