"""The words of a text that is written without spaces, found in the text alone.

Whatever stands there often enough may be a word. The text is cut into these as the most frequent ones together allow,
they are counted anew, what is hardly used is dropped, and so on: a few rounds give words that a reader would name, and
short phrases that come as one. Source: Deligne and Bimbot 1995; Kudo 2018 (pruning). A unit is a letter with its marks,
U their number.
"""

import itertools
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rnntui.lm.tokens.segmenter import Segmenter, costs_of, unspaced_letters
from rnntui.lm.tokens.splitting import LONGEST_RUN, blocks, split_block

_LEAST = 4
"""What stands there less often is no word that could be learned."""
_LONGEST = 8
"""Units of a word."""
_ROUNDS = 3

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FoundWords:
    """Words that were found, and the runs that they were found in."""

    counts: Mapping[str, int]
    """How often each stands there, letters and units alone among them, the most frequent first."""
    units: frozenset[str]
    """Those that are one letter with its marks, or a part of that."""
    runs: Sequence[str]

    @property
    def longer(self) -> int:
        """How many words beside the units."""
        return len(self.counts) - sum(unit in self.counts for unit in self.units)

    def limited(self, most: int) -> Generator[None, None, dict[str, int]]:
        """How often so many words, and the units, stand there when the text is cut into these; yields signs of life."""
        counts = dict(self.counts)
        longer = [word for word in counts if word not in self.units]
        for word in longer[most:]:
            del counts[word]
        if len(longer) > most:
            counts = yield from _counted_again(counts, self.runs)
        return counts


def find_words(text: str) -> Generator[None, None, FoundWords]:
    """Find words; yields signs of life.

    Args:
        text: Cleaned text.
    """
    ids, units = yield from _units(text)
    runs = list(_runs(ids, units))
    yield
    short = frozenset(units[1:]).union(*units)
    counts: Mapping[str, int] = yield from _candidates(ids, units)
    for _ in range(_ROUNDS):
        again = yield from _counted_again(counts, runs)
        counts = {word: count for word, count in again.items() if count >= _LEAST or word in short}
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return FoundWords(dict(ordered), short, runs)


def _counted_again(counts: Mapping[str, int], runs: Sequence[str]) -> Generator[None, None, dict[str, int]]:
    """How often each word stands in the runs when they are cut into these words."""
    found: Counter[str] = Counter(dict.fromkeys(counts, 0))
    for _ in Segmenter(costs_of(counts)).count(runs, found):
        yield
    return dict(found)


def _units(text: str) -> Generator[None, None, tuple[Numbers, list[str]]]:
    """The units of a text as numbers [U], 0 for whatever stands between two runs, and what each number stands for."""
    letters = unspaced_letters(set(text))
    numbers: dict[str, int] = {"": 0}
    parts = [np.zeros(1, np.int64)]
    for block in blocks(text):
        found = []
        for piece in split_block(block):
            if piece[0] == " ":
                found.append(0)
            unit = piece.lstrip(" ")
            found.append(numbers.setdefault(unit, len(numbers)) if unit[:1] in letters else 0)
        parts.append(np.array(found, dtype=np.int64))
        yield
    parts.append(np.zeros(1, np.int64))
    return np.concatenate(parts), list(numbers)


def _runs(ids: Numbers, units: Sequence[str]) -> Iterator[str]:
    """The runs of a text, cut where they are too long."""
    ends = np.flatnonzero(ids == 0).tolist()
    for before, end in itertools.pairwise(ends):
        for start in range(before + 1, end, LONGEST_RUN):
            yield "".join(map(units.__getitem__, ids[start : min(end, start + LONGEST_RUN)].tolist()))


def _candidates(ids: Numbers, units: Sequence[str]) -> Generator[None, None, dict[str, int]]:
    """Units, their characters, and whatever of up to _LONGEST units stands there at least _LEAST times."""
    counts: dict[str, int] = dict.fromkeys(sorted({letter for unit in units for letter in unit}), 0)
    often = np.bincount(ids, minlength=len(units)).tolist()
    counts.update(zip(units[1:], often[1:], strict=True))
    code = ids
    for length in range(2, _LONGEST + 1):
        both = np.flatnonzero((code[:-1] > 0) & (code[1:] > 0) & (ids[length - 1 :] > 0))
        keys = code[both] * len(units) + ids[both + length - 1]
        found, first, inverse, times = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
        is_often = times >= _LEAST
        new = np.zeros(found.size, np.int64)
        new[is_often] = np.arange(1, int(is_often.sum()) + 1)
        for place, count in zip(both[first[is_often]].tolist(), times[is_often].tolist(), strict=True):
            counts["".join(map(units.__getitem__, ids[place : place + length].tolist()))] = count
        following = np.zeros(code.size - 1, np.int64)
        following[both] = new[inverse]
        code = following
        yield
    return counts
