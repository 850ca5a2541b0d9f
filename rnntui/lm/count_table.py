"""Counting in a table of a few megabytes: the n-grams that matter most, each with a probability of one byte.

    order 1     the cat saw ...            an n-gram's followers stand together in the next order,
    order 2     the: cat dog | cat: saw    sorted; how many they are is all that says which they are
    order 3     the cat: saw | the dog: ran ...

What an n-gram gives to shorter ones is what its followers leave: it need not be kept. N = words of a text, V =
vocabulary size, M = n-grams of a length.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from rnntui.lm.ngram import Contexts, Counted

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]
Words = npt.NDArray[np.uint16]

CODES = 256
_LARGEST_WORD = (1 << 16) - 1
"""A later word, of a vocabulary that has grown since, follows nothing here."""
_LEAST_LEFT = 1e-7
"""Something is always left for words that never followed."""


@dataclass(frozen=True, slots=True)
class TableOrder:
    """All n-grams of one length n, sorted by their words."""

    last: npt.NDArray[np.uint16]
    """[M], the last word of each"""
    codes: npt.NDArray[np.uint8] | npt.NDArray[np.int64]
    """[M], which of the values each has"""
    values: npt.NDArray[np.float32] | Floats
    """Discounted probabilities: what each adds to what its context leaves to shorter ones."""
    followers: npt.NDArray[np.uint16] | npt.NDArray[np.int64]
    """[M], how many n-grams of the next length begin with it; empty for the longest"""


class CountTable:
    """P(word | up to n-1 words before it), as `CountingModel` says it, from n-grams of which any may be missing.

    Args:
        orders: From single words up.
        vocabulary_size: V

    Raises:
        ValueError: With what does not fit, if this is no such table.
    """

    def __init__(self, orders: Sequence[TableOrder], vocabulary_size: int) -> None:
        self.order = len(orders)
        self.vocabulary_size = vocabulary_size
        self.orders = tuple(orders)
        # Of the followers of each n-gram, the empty one first.
        self._starts = [_starts(np.array([orders[0].last.size])), *(_starts(order.followers) for order in orders[:-1])]
        _check(self.orders, self._starts, vocabulary_size)
        self._left = [_left(order, starts) for order, starts in zip(orders, self._starts, strict=True)]
        if min(float(left.min(initial=1.0)) for left in self._left) < _LEAST_LEFT / 2:
            raise ValueError("its probabilities add up to more than one")
        self._numbers = np.full(vocabulary_size, -1, dtype=np.int64)
        self._numbers[orders[0].last] = np.arange(orders[0].last.size)
        self._frequencies = np.full(vocabulary_size, float(self._left[0][0]) / vocabulary_size)
        self._frequencies[orders[0].last] += orders[0].values[orders[0].codes]

    def grown(self, vocabulary_size: int) -> "CountTable":
        """The same table for a vocabulary that has more words at its end.

        Nothing was counted of a new word: it gets its even share of what single words leave over, which is all that
        the longer contexts pass on to it.

        Args:
            vocabulary_size: V, at least as large as before.
        """
        return CountTable(self.orders, vocabulary_size)

    @torch.inference_mode()
    def log_probabilities(self, ids: Tensor, given: Tensor | None = None) -> Tensor:
        """Natural logarithm of the probability of each word [N] in float64: see `CountingModel.log_probabilities`."""
        return self.counted(ids, given).probability.log()

    @torch.inference_mode()
    def counted(self, ids: Tensor, given: Tensor | None = None) -> Counted:
        """The probability of each word of a text [N], and how well its context is known."""
        before = ids[:0] if given is None else given[max(0, given.numel() - self.order + 1) :]
        text = torch.cat((before, ids)).numpy().astype(np.int64)
        probability = np.full(text.size, 1.0 / self.vocabulary_size)
        known_words, left_over = np.zeros(text.size, dtype=np.int64), np.ones(text.size)
        context = np.zeros(text.size, dtype=np.int64)  # the n-gram that ends before each place; the empty one
        for length, order in enumerate(self.orders):
            if not self._left[length].size:
                break
            number = self._numbers[text] if length == 0 else self._found(length, context, text)
            share = np.where(context >= 0, self._left[length][context], 1.0)
            seen = np.where(number >= 0, order.values[order.codes[number]], 0.0) if order.last.size else 0.0
            probability = seen + share * probability
            is_known = share < 1.0
            known_words[is_known] = length
            left_over = np.where(is_known, share, left_over) if length else left_over
            context = np.concatenate(([-1], number[:-1]))
        new = slice(text.size - ids.numel(), None)
        parts = (probability[new], known_words[new], left_over[new])
        return Counted(*(torch.from_numpy(np.ascontiguousarray(part)) for part in parts))

    def after(self, contexts: Contexts, word: int) -> Contexts:
        """The contexts one word further on."""
        chain = (0, *contexts)[: self.order - 1]
        return tuple(self._number(length, before, word) for length, before in enumerate(chain))

    def contexts_after(self, ids: Sequence[int]) -> Contexts:
        """The contexts at the end of a text; only its last n-1 words matter."""
        contexts: Contexts = ()
        for word in ids[max(0, len(ids) - self.order + 1) :]:
            contexts = self.after(contexts, word)
        return contexts

    def distribution(self, contexts: Contexts) -> tuple[Floats, int, float]:
        """The probability of every word that may come next: see `CountingModel.distribution`."""
        probability = self._frequencies.copy()
        known_words, left_over = 0, 1.0
        for length, context in enumerate(contexts, start=1):
            share = float(self._left[length][context]) if context >= 0 else 1.0
            if share == 1.0:
                continue
            order, starts = self.orders[length], self._starts[length]
            followers = slice(int(starts[context]), int(starts[context + 1]))
            probability *= share
            probability[order.last[followers]] += order.values[order.codes[followers]]
            known_words, left_over = length, share
        return probability, known_words, left_over

    def _number(self, length: int, context: int, word: int) -> int:
        """The number of the n-gram of a context of this length and a word, -1 if it is not kept."""
        if length == 0:
            return int(self._numbers[word])
        if context < 0 or word > _LARGEST_WORD:
            return -1
        low, high = (int(place) for place in self._starts[length][context : context + 2])
        last = self.orders[length].last
        place = low + int(np.searchsorted(last[low:high], np.uint16(word)))
        return place if place < high and last[place] == word else -1

    def _found(self, length: int, contexts: Places, words: Places) -> Places:
        """`_number` of many contexts [N] and words [N] at once."""
        return found(self.orders[length].last, self._starts[length], contexts, words)


def found(last: Words, starts: Places | Numbers, contexts: Places | Numbers, words: Places | Words) -> Places:
    """Where each word stands among the sorted followers of each context, -1 if it does not: bisection, all at once.

    Args:
        last: [M], the followers of all contexts.
        starts: [contexts + 1], where those of each begin.
        contexts: [N], -1 for none.
        words: [N]
    """
    if not last.size:
        return np.full(contexts.size, -1)
    low, high = starts[contexts], np.where(contexts >= 0, starts[contexts + 1], 0)
    ends = high
    for _ in range(int((high - low).max(initial=0)).bit_length()):
        middle = (low + high) >> 1
        is_less = (low < high) & (last[np.minimum(middle, last.size - 1)] < words)
        low, high = np.where(is_less, middle + 1, low), np.where(is_less | (low >= high), high, middle)
    is_there = (low < ends) & (last[np.minimum(low, last.size - 1)] == words)
    return np.where(is_there, low, -1)


def _starts(followers: npt.NDArray[np.unsignedinteger | np.signedinteger]) -> Numbers:
    """[contexts + 1], where the followers of each begin; too many to be a table end at -1."""
    starts = np.zeros(followers.size + 1, dtype=np.int32)
    if int(followers.sum(dtype=np.int64)) >= 1 << 31:
        starts[-1] = -1
        return starts
    np.cumsum(followers, dtype=np.int32, out=starts[1:])
    return starts


def _left(order: TableOrder, starts: Numbers) -> npt.NDArray[np.float32] | Floats:
    """[contexts], with the digits of the values: what the followers of each leave to shorter contexts."""
    left = np.ones(starts.size - 1)
    has_followers = starts[1:] > starts[:-1]
    if has_followers.any():
        left[has_followers] -= np.add.reduceat(order.values[order.codes], starts[:-1][has_followers], dtype=np.float64)
    return left if order.values.dtype == np.float64 else left.astype(np.float32)


def _check(orders: Sequence[TableOrder], starts: Sequence[Numbers], vocabulary_size: int) -> None:
    """Refuse anything that is no table.

    Raises:
        ValueError: With what does not fit.
    """
    for order, begins in zip(orders, starts, strict=True):
        if order.codes.size != order.last.size or begins[-1] != order.last.size:
            raise ValueError("its n-grams do not fit together")
        if not order.last.size:
            continue
        if int(order.last.max()) >= vocabulary_size:
            raise ValueError("it counts words that are not in the vocabulary")
        rises = np.ones(order.last.size, dtype=np.bool_)
        np.greater(order.last[1:], order.last[:-1], out=rises[1:])
        rises[begins[:-1][begins[:-1] < order.last.size]] = True
        if not rises.all():
            raise ValueError("its n-grams are not in order")
        if not (np.isfinite(order.values).all() and order.values.min() >= 0 and order.values.max() < 1):
            raise ValueError("it has impossible probabilities")
        if order.codes.dtype != np.uint8 and int(order.codes.max()) >= order.values.size:
            raise ValueError("it has codes without a value")
    sizes = [order.followers.size for order in orders]
    if sizes[:-1] != [order.last.size for order in orders[:-1]] or not orders[0].last.size:
        raise ValueError("its n-grams do not fit together")
