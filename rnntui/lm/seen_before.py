"""How much of a text stands word for word in another: so that nobody takes memory for skill.

Two texts are compared by their runs of words, as hashes that are made when they are needed and kept nowhere. White
space makes no difference: lines may be wrapped otherwise. N, M = tokens, W = words, V = vocabulary size.
"""

from collections.abc import Generator, Iterator

import numpy as np
import numpy.typing as npt
from torch import Tensor

from rnntui.lm.tokenizer import UNKNOWN_ID, Tokenizer

RUN = 12
"""Words and marks. Of ten books none shares .2 % of its end with its beginning in runs of so many; one shares 2 % in
runs of 8. No two of them share any run of 12."""
_SLICE = 1 << 17
"""Words that are compared before another sign of life."""
_LONGEST = 256
"""The letters of a word after so many count as standing there."""

Hashes = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


def share_seen(known: Tensor, text: Tensor, tokenizer: Tokenizer) -> Generator[float, None, float]:
    """Share of the words of a text that stand in a run of RUN words which also stands in a known text, 0 to 1.

    Yields the share of the work that is done.

    Args:
        known: [N], ids of what may have been learned from.
        text: [M], ids of what is measured on.
        tokenizer: Of both. A word with a character that it does not know is like no other.
    """
    words = _Words.of(tokenizer)
    yield 0.0
    asked, is_unknown = words.hashed(text.numpy())
    if asked.size < RUN:
        return 0.0
    runs, places = np.unique(_runs(asked), return_inverse=True)
    is_run_there = np.zeros(runs.size, dtype=np.bool_)
    for done, there in words.slices(known.numpy()):
        looked_up = _runs(there)
        nearest = np.minimum(np.searchsorted(runs, looked_up), runs.size - 1)
        is_run_there[nearest[runs[nearest] == looked_up]] = True
        yield done
    is_there = is_run_there[places]
    unknown_before = np.concatenate(([0], np.cumsum(is_unknown)))
    is_there &= unknown_before[RUN:] == unknown_before[:-RUN]
    change = np.zeros(asked.size + 1, dtype=np.int64)
    change[: is_there.size] += is_there
    change[RUN : RUN + is_there.size] -= is_there
    return float((np.cumsum(change)[:-1] > 0).mean())


class _Words:
    """Turns tokens into words that are compared by their letters, however they are spelled.

    A word is a polynomial of its letters: that of a spelled one is put together from those of its tokens.
    """

    def __init__(self, hashes: Hashes, lengths: npt.NDArray[np.int64], goes_on: Mask) -> None:
        self._hashes = hashes
        self._lengths = lengths
        self._goes_on = goes_on
        self._powers = np.cumprod(np.full(_LONGEST, _FACTOR))

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> "_Words":
        """All tokens; a space or a new line before a word is not part of it."""
        tokens = range(len(tokenizer))
        letters = [tokenizer.piece(token).strip() for token in tokens]
        hashes = [_polynomial(text) for text in letters]
        lengths = np.array([len(text) for text in letters], dtype=np.int64)
        goes_on = np.array([tokenizer.is_continuation(token) for token in tokens], dtype=np.bool_)
        return cls(np.array(hashes, dtype=np.uint64), lengths, goes_on)

    def slices(self, ids: npt.NDArray[np.int64]) -> Iterator[tuple[float, Hashes]]:
        """`hashed` of a slice of the text at a time, with a run of words before it, and the share that is then done."""
        begins = np.flatnonzero(~self._goes_on[ids])
        before = np.empty(0, dtype=np.uint64)
        for first in range(0, begins.size, _SLICE):
            end = begins[first + _SLICE] if first + _SLICE < begins.size else ids.size
            words = np.concatenate((before, self.hashed(ids[begins[first] : end])[0]))
            if words.size >= RUN:
                yield min(1.0, (first + _SLICE) / begins.size), words
            before = words[max(0, words.size - RUN + 1) :]

    def hashed(self, ids: npt.NDArray[np.int64]) -> tuple[Hashes, Mask]:
        """A number for each word [W], and whether it has a character that is not known [W]."""
        begins = np.flatnonzero(~self._goes_on[ids])
        if not begins.size:
            return np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.bool_)
        ids = ids[begins[0] :]
        begins = begins - begins[0]
        before = np.cumsum(self._lengths[ids]) - self._lengths[ids]
        within = before - np.repeat(before[begins], np.diff(begins, append=ids.size))
        moved = self._hashes[ids] * self._powers[np.minimum(within, _LONGEST - 1)]
        hashes: Hashes = np.add.reduceat(moved, begins)
        is_unknown = np.logical_or.reduceat(ids == UNKNOWN_ID, begins)
        is_word = np.add.reduceat(self._lengths[ids], begins) > 0
        return hashes[is_word], is_unknown[is_word]


def _polynomial(text: str) -> int:
    """Of the letters of a token, the first with the lowest power."""
    value = 0
    for letter in reversed(text):
        value = (value * int(_FACTOR) + ord(letter)) & (2**64 - 1)
    return value


def _runs(words: Hashes) -> Hashes:
    """A number for each run of RUN words [W-RUN+1]."""
    count = words.size - RUN + 1
    runs = np.zeros(count, dtype=np.uint64)
    for offset in range(RUN):
        runs = runs * _FACTOR + words[offset : offset + count]
    return runs
