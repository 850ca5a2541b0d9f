"""A cache model: what the tokens read lately say about the next one; names and turns of phrase come back.

A pure function of the last tokens, so it needs no state of its own and can be rewound like everything else. Two kinds
of evidence: how often each token came lately, and what followed the last times that the same one, two or three tokens
came. Nearer counts for more. Sources: Kuhn and De Mori 1990 (cache), Jelinek et al. 1991 (longer matches).
V = vocabulary size.
"""

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
Pairs = tuple[Places, Places]

WINDOW = 2_000
"""So many words are remembered; 1,000 cost .004 bits per character, 4,000 win nothing."""
LONGEST_MATCH = 3
CACHE_COMPONENTS = 1 + LONGEST_MATCH
"""Lately used words, then what followed a match of 1, 2 and 3 words."""
_USED_HALF_LIFE = 100.0
_MATCHED_HALF_LIFE = 700.0
_ROOM = 256
_PAIRS_AT_ONCE = 1_000_000
"""So many pairs of a place and one before it with the same word are looked at together: about 40 MB."""


@functools.cache
def _decay(half_life: float) -> Floats:
    """Weights of the last WINDOW places, the newest last; not to be written to."""
    weights: Floats = 0.5 ** (np.arange(WINDOW)[::-1] / half_life)
    return weights


@functools.cache
def _used_totals() -> Floats:
    """The sum of the weights of the last n places, n = 0 ... WINDOW; not to be written to."""
    return np.concatenate(([0.0], np.cumsum(_decay(_USED_HALF_LIFE)[::-1])))


class RecentTokens:
    """The last words read: a value that never changes, although one more word costs no copy.

    All values that grew out of one another share one array. A value sees its own part of it and nobody writes there
    again: a second continuation of the same value gets an array of its own. Words that the network itself has said are
    marked: they are kept as ~word.

    Args:
        ids: The words; the last WINDOW are kept.
        are_own: For each, whether the network said it; none for what was only read.
    """

    __slots__ = ("_array", "_end", "_written")

    def __init__(self, ids: Iterable[int] = (), are_own: Sequence[bool] = ()) -> None:
        kept = np.fromiter(ids, dtype=np.int32)[-WINDOW:]
        if any(are_own):
            own = np.array(are_own, dtype=np.bool_)[-WINDOW:]
            kept = np.where(own, ~kept, kept)
        self._array = np.empty(kept.size + _ROOM, dtype=np.int32)
        self._array[: kept.size] = kept
        self._end = kept.size
        self._written = [kept.size]  # shared: up to where the array holds words of somebody

    def after(self, word: int, is_own: bool = False) -> "RecentTokens":
        """One word further on."""
        word = ~word if is_own else word
        if self._written[0] != self._end or self._end == self._array.size:
            return RecentTokens((*self._marked().tolist(), word))
        longer = RecentTokens.__new__(RecentTokens)
        longer._array, longer._end, longer._written = self._array, self._end + 1, self._written
        self._array[self._end] = word
        self._written[0] = longer._end
        return longer

    def ids(self) -> Ids:
        """At most WINDOW words, the newest last; not to be written to."""
        marked = self._marked()
        return marked ^ (marked >> 31)

    def weights(self, own_words: float) -> Floats | None:
        """The weight of each when the network's own tokens weigh so much; None where all weigh 1."""
        is_own = self._marked() < 0
        return np.where(is_own, own_words, 1.0) if own_words != 1.0 and is_own.any() else None

    def _marked(self) -> Ids:
        return self._array[max(0, self._end - WINDOW) : self._end]

    def last(self, count: int) -> tuple[int, ...]:
        """The newest words, at most so many."""
        return tuple(self.ids()[-count:].tolist()) if count else ()

    def __len__(self) -> int:
        return min(self._end, WINDOW)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RecentTokens) and np.array_equal(self._marked(), other._marked())

    def __hash__(self) -> int:
        return hash(self.last(LONGEST_MATCH))


@dataclass(frozen=True, slots=True)
class CacheDistribution:
    """What the last words say: for each component, words and their weights. Where nothing matches, a part is empty."""

    words: tuple[Ids, ...]
    weights: tuple[Floats, ...]
    """Each sums to one, or is empty; to less where some tokens weigh less than 1."""
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


def cache_distribution(ids: Ids, token_weights: Floats | None = None) -> CacheDistribution:
    """What the last words say about the next.

    Args:
        ids: [N]; the last WINDOW are looked at.
        token_weights: [N], 0 to 1, what the weight of each is multiplied with; the evidence counts them all alike.
    """
    ids = ids[-WINDOW:]
    used = _decay(_USED_HALF_LIFE)[WINDOW - ids.size :] / max(_used_totals()[ids.size], 1.0)
    words, weights, evidence = [ids], [used], []
    following = np.flatnonzero(ids[:-1] == ids[-1]) + 1 if ids.size else np.empty(0, dtype=np.intp)
    ages, places = _decay(_MATCHED_HALF_LIFE)[WINDOW - ids.size :], [np.arange(ids.size)]
    for length in range(1, LONGEST_MATCH + 1):
        strengths = ages[following]
        total = float(strengths.sum())
        words.append(ids[following])
        weights.append(strengths / total if total else strengths)
        places.append(following)
        evidence.append(total)
        following = following[following > length]
        following = following[ids[following - length - 1] == ids[-length - 1]] if following.size else following
    if token_weights is not None:
        weights = [part * token_weights[-WINDOW:][at] for part, at in zip(weights, places, strict=True)]
    return CacheDistribution(tuple(words), tuple(weights), tuple(evidence))


@dataclass(frozen=True, slots=True)
class CachedText:
    """What `cache_distribution` says of each word of a text at the place before it. N = words."""

    evidence: Floats
    """[N,LONGEST_MATCH]"""
    probabilities: Floats
    """[N,CACHE_COMPONENTS], what each component gives to the word."""


def cache_of_text(text: Ids, start: int) -> CachedText:
    """`cache_distribution` before every word from `start` on, all at once: sums in another order, otherwise the same.

    Args:
        text: All words, those before `start` read but not asked about.
        start: N is the number of words from here on.
    """
    places = np.arange(start, text.size)
    oldest = np.maximum(places - WINDOW, 0)
    occurrences = _Occurrences(text)
    same = occurrences.between(places, oldest)
    followed = occurrences.between(np.maximum(places - 1, 0), oldest)
    evidence, probabilities = np.zeros((places.size, LONGEST_MATCH)), np.zeros((places.size, CACHE_COMPONENTS))
    first, pairs = 0, np.cumsum(same.counts + followed.counts)
    while first < places.size:
        limit = _PAIRS_AT_ONCE + (pairs[first - 1] if first else 0)
        rows = slice(first, max(first + 1, int(np.searchsorted(pairs, limit))))
        probabilities[rows, 0] = _used(places[rows], same.pairs(rows))
        _match(text, places[rows], oldest[rows], followed.pairs(rows), evidence[rows], probabilities[rows, 1:])
        first = rows.stop
    return CachedText(evidence, probabilities)


def _used(places: Places, pairs: Pairs) -> Floats:
    """How much of what was used lately is the word that stands at each place."""
    rows, earlier = pairs
    weights = np.bincount(rows, _decay(_USED_HALF_LIFE)[earlier - places[rows]], places.size)
    used: Floats = weights / np.maximum(_used_totals()[np.minimum(places, WINDOW)], 1.0)
    return used


def _match(text: Ids, places: Places, oldest: Places, pairs: Pairs, evidence: Floats, probabilities: Floats) -> None:
    """Fill in what followed where the words before each place stood before.

    Args:
        text: All words.
        places: [N]
        oldest: [N], the first place that is still remembered at each.
        pairs: Where the word just before each place stood before.
        evidence: [N,LONGEST_MATCH], to be filled.
        probabilities: [N,LONGEST_MATCH], to be filled.
    """
    rows, earlier = pairs
    for length in range(1, LONGEST_MATCH + 1):
        strengths = _decay(_MATCHED_HALF_LIFE)[earlier + 1 - places[rows]]
        hits = np.where(text[earlier + 1] == text[places[rows]], strengths, 0.0)
        total = np.bincount(rows, strengths, places.size)
        evidence[:, length - 1] = total
        probabilities[:, length - 1] = np.bincount(rows, hits, places.size) / np.where(total > 0, total, 1.0)
        is_longer = earlier - length >= oldest[rows]
        rows, earlier = rows[is_longer], earlier[is_longer]
        is_longer = text[earlier - length] == text[places[rows] - length - 1]
        rows, earlier = rows[is_longer], earlier[is_longer]


class _Occurrences:
    """Where each word of a text stands, to be asked for many places at once."""

    def __init__(self, text: Ids) -> None:
        self._keys = text.astype(np.int64) * text.size + np.arange(text.size)
        self._sorted = np.sort(self._keys)

    def between(self, places: Places, oldest: Places) -> "_Ranges":
        """The occurrences of the words at these places, from the oldest that is asked for up to the one before."""
        keys = self._keys[places] if self._keys.size else places
        ends = np.searchsorted(self._sorted, keys)
        starts = np.searchsorted(self._sorted, keys - places + oldest)
        return _Ranges(self._sorted, self._keys.size, starts, np.maximum(ends - starts, 0))


@dataclass(frozen=True, slots=True)
class _Ranges:
    """For each of some places a segment of a sorted list of occurrences."""

    occurrences: Places
    length: int
    starts: Places
    counts: Places

    def pairs(self, rows: slice) -> Pairs:
        """Numbers of places, from the first of the slice on, and for each an earlier place with the same word."""
        starts, counts = self.starts[rows], self.counts[rows]
        skipped = np.cumsum(counts) - counts
        at = np.arange(counts.sum()) + np.repeat(starts - skipped, counts)
        return np.repeat(np.arange(counts.size), counts), self.occurrences[at] % self.length
