"""Passages that several texts have in common: the same book twice, a half of it, a preface that stands in all of them.

Each text is a row of letters, small ones, without spaces, marks and line ends: other line ends, quotes or another
encoding make no difference. Of its runs of RUN letters a part is remembered, chosen by what they say, so that all
places of one run are remembered or none.  Source: Manber 1994, Broder 1997. S = samples.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RUN = 64
"""Letters, about 13 words. Two books have no run of 12 words in common."""
_HALF = RUN // 2
_FIRST_RATE = 7
"""One of two to the power of so many runs is remembered at first."""
_MOST_SAMPLES = 1 << 20
_LEAST_SHARED = 12
"""Samples that two texts have in common before anything is said."""
_MUCH = 0.2
"""Of the shorter text."""
_MANY = 3
"""Texts."""
_FACTOR = np.uint32(0x9E3779B1)
_FIRST_FACTOR = 0x01000193

Letters = npt.NDArray[np.uint32]
Keys = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two texts that have much in common."""

    text: int
    """The number of the one that has less besides it."""
    other: int
    share: float
    """How much of the first stands in the other, 0 to 1."""


@dataclass(frozen=True, slots=True)
class CommonPassages:
    """What stands in many texts that have not much else in common."""

    texts: int = 0
    """How many of them; 0 when there is no such thing."""
    characters: int = 0
    """Letters of it in each, about."""


class SharedPassages:
    """Looks at texts while they go by."""

    def __init__(self) -> None:
        self._rate = _FIRST_RATE
        self._keys: list[Keys] = []
        self._texts: list[npt.NDArray[np.uint32]] = []
        self._count = 0

    def watched(self, number: int, parts: Iterator[str]) -> Iterator[str]:
        """The same parts of a text, which has this number."""
        rest = np.empty(0, dtype=np.uint32)
        for part in parts:
            if part:
                letters = np.concatenate((rest, _letters(part)))
                self._remember(number, letters)
                rest = letters[-(RUN - 1) :]
            yield part

    def _remember(self, number: int, letters: Letters) -> None:
        if letters.size < RUN:
            return
        halves = _hashed(letters)
        starts = np.flatnonzero(_is_chosen(halves[:-_HALF], self._rate))
        if not starts.size:
            return
        self._keys.append((halves[starts].astype(np.uint64) << np.uint64(32)) | halves[starts + _HALF])
        self._texts.append(np.full(starts.size, number, dtype=np.uint32))
        self._count += starts.size
        while self._count > _MOST_SAMPLES:
            self._rate += 1
            keys, texts = self._samples()
            is_kept = _is_chosen((keys >> np.uint64(32)).astype(np.uint32), self._rate)
            self._keys, self._texts = [keys[is_kept]], [texts[is_kept]]
            self._count = int(is_kept.sum())

    def _samples(self) -> tuple[Keys, npt.NDArray[np.uint32]]:
        """The samples [S], each once in each text, in order of the runs and then of the texts."""
        keys, texts = np.concatenate(self._keys), np.concatenate(self._texts)
        order = np.lexsort((texts, keys))
        keys, texts = keys[order], texts[order]
        is_first = np.ones(keys.size, dtype=np.bool_)
        is_first[1:] = (keys[1:] != keys[:-1]) | (texts[1:] != texts[:-1])
        return keys[is_first], texts[is_first]

    def found(self) -> tuple[tuple[Overlap, ...], CommonPassages]:
        """What the texts have in common, those with the largest share first."""
        if not self._keys:
            return (), CommonPassages()
        keys, texts = self._samples()
        begins = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
        counts = np.diff(np.concatenate((begins, [keys.size])))
        firsts = np.repeat(texts[begins], counts)
        samples = np.bincount(texts)
        is_again = texts != firsts
        pairs, shared = np.unique(np.stack((texts[is_again], firsts[is_again])), axis=1, return_counts=True)
        overlaps = []
        for (one, other), count in zip(pairs.T.tolist(), shared.tolist(), strict=True):
            text, larger = sorted((one, other), key=lambda number: (samples[number], -number))
            share = count / int(samples[text])
            if count >= _LEAST_SHARED and share >= _MUCH:
                overlaps.append(Overlap(text, larger, share))
        told = {overlap.text for overlap in overlaps}
        is_common = np.repeat(counts >= _MANY, counts) & ~np.isin(texts, list(told))
        in_each = np.bincount(texts[is_common], minlength=samples.size)
        having = in_each[in_each >= _LEAST_SHARED]
        common = CommonPassages()
        if having.size >= _MANY:
            common = CommonPassages(int(having.size), int(np.median(having)) << self._rate)
        return tuple(sorted(overlaps, key=lambda overlap: -overlap.share)), common


def _letters(text: str) -> Letters:
    """The letters and digits of a text, small, as numbers."""
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), dtype="<u4")
    letters: Letters = _small()[np.minimum(codes, 0xFFFF)]
    found: Letters = letters[letters > 0]
    return found


@functools.cache
def _small() -> Letters:
    """For each character the number of the small letter, 0 for what is none; those beyond 65,534 are one."""
    characters = (chr(code) for code in range(0x10000))
    return np.array(
        [ord(sign.lower()[0]) if sign.isalnum() or sign == "\uffff" else 0 for sign in characters], np.uint32
    )


def _hashed(letters: Letters) -> Letters:
    """Of each run of half of RUN letters a number, made of two halves of it again and again."""
    hashes, length, factor = letters * _FACTOR, 1, _FIRST_FACTOR
    while length < _HALF:
        hashes = hashes[:-length] * np.uint32(factor) + hashes[length:]
        length, factor = 2 * length, (factor * factor * _FIRST_FACTOR) % (1 << 32)
    return hashes


def _is_chosen(hashes: Letters, rate: int) -> npt.NDArray[np.bool_]:
    mixed: Letters = (hashes ^ (hashes >> np.uint32(15))) * _FACTOR
    is_chosen: npt.NDArray[np.bool_] = mixed >> np.uint32(32 - rate) == 0
    return is_chosen
