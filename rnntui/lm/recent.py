"""The words read lately, and what they say about the next one: names and turns of phrase come back.

A pure function of the last words, so it needs no state of its own and can be rewound like everything else. Two kinds of
looking back: how often each word stood here lately, and what followed the last times that the same one, two or three
words stood here. Nearer counts for more. Sources: Kuhn and De Mori 1990 (cache), Jelinek et al. 1991 (longer matches).
V = vocabulary size.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

WINDOW = 2_000
"""So many words are remembered; 1,000 cost .004 bits per character, 4,000 win nothing."""
LONGEST_MATCH = 3
COMPONENTS = 1 + LONGEST_MATCH
"""Lately used words, then what followed a match of 1, 2 and 3 words."""
_USED_HALF_LIFE = 100.0
_MATCHED_HALF_LIFE = 700.0
_ROOM = 256


def _ages(half_life: float) -> Floats:
    """Weights of the last WINDOW places, the newest last."""
    weights: Floats = 0.5 ** (np.arange(WINDOW)[::-1] / half_life)
    return weights


_USED = _ages(_USED_HALF_LIFE)
_USED_TOTAL = np.concatenate(([0.0], np.cumsum(_USED[::-1])))
_MATCHED = _ages(_MATCHED_HALF_LIFE)


class RecentWords:
    """The last words read: a value that never changes, although one more word costs no copy.

    All values that grew out of one another share one array. A value sees its own part of it and nobody writes there
    again: a second continuation of the same value gets an array of its own.
    """

    __slots__ = ("_array", "_end", "_written")

    def __init__(self, ids: Iterable[int] = ()) -> None:
        kept = np.fromiter(ids, dtype=np.int32)[-WINDOW:]
        self._array = np.empty(kept.size + _ROOM, dtype=np.int32)
        self._array[: kept.size] = kept
        self._end = kept.size
        self._written = [kept.size]  # shared: up to where the array holds words of somebody

    def after(self, word: int) -> "RecentWords":
        """One word further on."""
        if self._written[0] != self._end or self._end == self._array.size:
            return RecentWords((*self.ids().tolist(), word))
        longer = RecentWords.__new__(RecentWords)
        longer._array, longer._end, longer._written = self._array, self._end + 1, self._written
        self._array[self._end] = word
        self._written[0] = longer._end
        return longer

    def ids(self) -> Ids:
        """At most WINDOW words, the newest last; not to be written to."""
        return self._array[max(0, self._end - WINDOW) : self._end]

    def last(self, count: int) -> tuple[int, ...]:
        """The newest words, at most so many."""
        return tuple(self.ids()[-count:].tolist()) if count else ()

    def __len__(self) -> int:
        return min(self._end, WINDOW)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RecentWords) and np.array_equal(self.ids(), other.ids())

    def __hash__(self) -> int:
        return hash(self.last(LONGEST_MATCH))


@dataclass(frozen=True, slots=True)
class Echo:
    """What the last words say: for each component, words and their weights. Where nothing matches, a part is empty."""

    words: tuple[Ids, ...]
    weights: tuple[Floats, ...]
    """Each sums to one, or is empty."""
    evidence: tuple[float, ...]
    """For matches of 1, 2 and 3 words: how many there are, older ones counting less."""

    @property
    def longest(self) -> int:
        """Length of the longest match, 0 to LONGEST_MATCH."""
        return sum(number > 0 for number in self.evidence)

    def distribution(self, shares: Sequence[float], vocabulary_size: int) -> Floats:
        """The weighted sum of all components [V]."""
        words = np.concatenate(self.words)
        weights = np.concatenate([share * part for share, part in zip(shares, self.weights, strict=True)])
        summed: Floats = np.bincount(words, weights, vocabulary_size).astype(np.float64, copy=False)
        return summed

    def probabilities(self, word: int) -> tuple[float, ...]:
        """What each component gives to one word."""
        pairs = zip(self.words, self.weights, strict=True)
        return tuple(float(weights[words == word].sum()) for words, weights in pairs)


def echo(ids: Ids) -> Echo:
    """What the last words (at most WINDOW of them) say about the next."""
    ids = ids[-WINDOW:]
    words, weights, evidence = [ids], [_USED[WINDOW - ids.size :] / max(_USED_TOTAL[ids.size], 1.0)], []
    following = np.flatnonzero(ids[:-1] == ids[-1]) + 1 if ids.size else np.empty(0, dtype=np.intp)
    ages = _MATCHED[WINDOW - ids.size :]
    for length in range(1, LONGEST_MATCH + 1):
        strengths = ages[following]
        total = float(strengths.sum())
        words.append(ids[following])
        weights.append(strengths / total if total else strengths)
        evidence.append(total)
        following = following[following > length]
        following = following[ids[following - length - 1] == ids[-length - 1]] if following.size else following
    return Echo(tuple(words), tuple(weights), tuple(evidence))
