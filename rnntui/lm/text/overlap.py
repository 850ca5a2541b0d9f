"""How much of a text stands word for word in another: so that nobody takes memory for skill.

Two texts are compared by their runs of words, as hashes that are made when they are needed and kept nowhere. White
space makes no difference: lines may be wrapped otherwise. N, M = tokens, W = words, V = vocabulary size.
"""

from collections.abc import Generator, Iterator

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from rnntui.lm.tokens.tokenizer import UNKNOWN_ID, Tokenizer

RUN = 12
"""Words and marks. Of ten books none shares .2 % of its end with its beginning in runs of so many; one shares 2 % in
runs of 8. No two of them share any run of 12."""
_SLICE = 1 << 17
"""Words of the known text that are numbered before another sign of life."""
_LOOKED_FOR = 1 << 14
"""Tokens that are looked for before another: each is found in a list that no cache holds."""
_LONGEST = 256
"""The letters of a word after so many count as standing there."""

Hashes = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


def overlap_share(known: Tensor, text: Tensor, tokenizer: Tokenizer) -> Generator[float, None, float]:
    """Share of the words of a text that stand in a run of RUN words which also stands in a known text, 0 to 1.

    Yields the share of the work that is done.

    Args:
        known: [N], ids of what may have been learned from.
        text: [M], ids of what is measured on.
        tokenizer: Of both. A word with a character that it does not know is like no other.
    """
    seen = yield from KnownRuns.prepare(known, tokenizer)
    for part in torch.split(text, _LOOKED_FOR):
        seen.add(part)
        yield 1.0
    return seen.share()


class KnownRuns:
    """Looks for the runs of a text that goes by in a known one.

    Args:
        words: Turns tokens into words.
        runs: Those of the known text, sorted; one may stand there several times.
    """

    def __init__(self, words: "_Words", runs: Hashes) -> None:
        self._words = words
        self._runs = runs
        self._tokens = np.empty(0, dtype=np.int64)  # of a word that may go on in the next part
        self._hashes = np.empty(0, dtype=np.uint64)  # of the last words, which the next ones may make a run with
        self._is_unknown = self._is_there = np.empty(0, dtype=np.bool_)
        self._count = self._there = 0

    @classmethod
    def prepare(cls, known: Tensor, tokenizer: Tokenizer) -> "Generator[float, None, KnownRuns]":
        """Ready to look for the runs of a known text [N]; yields the share that is done."""
        words = _Words.of(tokenizer)
        yield 0.0
        parts = [np.empty(0, dtype=np.uint64)]
        for done, there in words.slices(known.numpy()):
            parts.append(_runs(there))
            yield done
        return cls(words, np.sort(np.concatenate(parts)))  # np.unique takes a hundred times as long

    def add(self, ids: Tensor) -> None:
        """Go on with the next tokens [M] of the text."""
        tokens = np.concatenate((self._tokens, ids.numpy().astype(np.int64)))
        end = self._words.last_begin(tokens)
        self._look(tokens[:end])
        self._tokens = tokens[end:]

    def share(self) -> float:
        """Of the words so far, how many stand in a known run."""
        self._look(self._tokens)
        self._tokens = self._tokens[:0]
        words = self._count + self._is_there.size
        return float(self._there + self._is_there.sum()) / max(1, words)

    def _look(self, tokens: npt.NDArray[np.int64]) -> None:
        fresh, fresh_unknown = self._words.hashed(tokens)
        hashes = np.concatenate((self._hashes, fresh))
        is_unknown = np.concatenate((self._is_unknown, fresh_unknown))
        is_there = np.concatenate((self._is_there, np.zeros(fresh.size, dtype=np.bool_)))
        if hashes.size >= RUN and self._runs.size:
            asked = _runs(hashes)
            nearest = np.minimum(np.searchsorted(self._runs, asked), self._runs.size - 1)
            unknown_before = np.concatenate(([0], np.cumsum(is_unknown)))
            is_run = (self._runs[nearest] == asked) & (unknown_before[RUN:] == unknown_before[:-RUN])
            change = np.zeros(hashes.size + 1, dtype=np.int64)
            change[: is_run.size] += is_run
            change[RUN : RUN + is_run.size] -= is_run
            is_there |= np.cumsum(change)[:-1] > 0
        done = max(0, hashes.size - RUN + 1)
        self._count += done
        self._there += int(is_there[:done].sum())
        self._hashes, self._is_unknown, self._is_there = hashes[done:], is_unknown[done:], is_there[done:]


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

    def last_begin(self, ids: npt.NDArray[np.int64]) -> int:
        """Where the last word begins; what stands before it is whole."""
        begins = np.flatnonzero(~self._goes_on[ids])
        return int(begins[-1]) if begins.size else 0

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
