"""Counting in a table of a few megabytes: the n-grams that matter most, each with a probability of one byte.

    order 1     the cat saw ...            an n-gram's followers stand together in the next order,
    order 2     the: cat dog | cat: saw    sorted; how many they are is all that says which they are
    order 3     the cat: saw | the dog: ran ...

What an n-gram gives to shorter ones is what its followers leave: it need not be kept. Most n-grams begin no longer one;
of those that do, and of them alone, it is kept where their followers stand. N = words of a text, V = vocabulary size,
M = n-grams of a length, P = those of them that begin longer ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from rnntui.lm.mix.ngram import Contexts, WordScores

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


@dataclass(frozen=True, slots=True)
class _Beginnings:
    """The n-grams of one length that begin longer ones."""

    numbers: Numbers
    """[P], rising"""
    starts: Numbers
    """[P + 1], where the followers of each begin among all n-grams of the next length"""
    left: npt.NDArray[np.float32] | Floats
    """[P], what those leave to shorter contexts"""

    @classmethod
    def of(cls, followers: npt.NDArray[np.unsignedinteger | np.signedinteger], longer: TableOrder) -> "_Beginnings":
        """What the counts of followers [M] say of the n-grams of the next length.

        Raises:
            ValueError: If those are not as many.
        """
        numbers = np.flatnonzero(followers)
        if int(followers.min(initial=0)) < 0 or int(followers.sum(dtype=np.int64)) != longer.last.size:
            raise ValueError("its n-grams do not fit together")
        starts = np.zeros(numbers.size + 1, dtype=np.int32)
        np.cumsum(followers[numbers], dtype=np.int32, out=starts[1:])
        return cls(numbers.astype(np.int32), starts, _left(longer, starts))

    def places(self, contexts: Places | Numbers) -> Places:
        """Where contexts [N] stand among these, -1 for those that begin nothing."""
        if not self.numbers.size:
            return np.full(contexts.size, -1)
        asked = contexts.astype(np.int32)  # of the same type, or the search would convert all of them
        places = np.minimum(np.searchsorted(self.numbers, asked), self.numbers.size - 1)
        return np.where(self.numbers[places] == asked, places, -1)

    def place(self, context: int) -> int:
        """`places` of one."""
        place = int(np.searchsorted(self.numbers, np.int32(context)))
        return place if place < self.numbers.size and self.numbers[place] == context else -1


class CountTable:
    """P(word | up to n-1 words before it), as `KneserNey` says it, from n-grams of which any may be missing.

    Args:
        orders: From single words up.
        vocabulary_size: V

    Raises:
        ValueError: With what does not fit, if this is no such table.
    """

    def __init__(self, orders: Sequence[TableOrder], vocabulary_size: int) -> None:
        self.order = len(orders)
        self.vocabulary_size = vocabulary_size
        counts = [np.array([orders[0].last.size]), *(order.followers for order in orders[:-1])]  # the empty one first
        if [count.size for count in counts[1:]] != [order.last.size for order in orders[:-1]] or not orders[
            0
        ].last.size:
            raise ValueError("its n-grams do not fit together")
        self._last = [order.last for order in orders]
        self._codes = [order.codes for order in orders]
        self._values = [order.values for order in orders]
        for order in orders:
            _check_codes(order)
        self._beginnings = [_Beginnings.of(count, order) for count, order in zip(counts, orders, strict=True)]
        for order, beginnings in zip(orders, self._beginnings, strict=True):
            _check(order, beginnings, vocabulary_size)
        self._numbers = np.full(vocabulary_size, -1, dtype=np.int64)
        self._numbers[orders[0].last] = np.arange(orders[0].last.size)
        self._frequencies = np.full(vocabulary_size, float(self._beginnings[0].left[0]) / vocabulary_size)
        self._frequencies[orders[0].last] += orders[0].values[orders[0].codes]

    @property
    def ngrams(self) -> int:
        """How many there are, of all lengths."""
        return sum(last.size for last in self._last)

    def extend(self, vocabulary_size: int) -> "CountTable":
        """The same table for a vocabulary that has more words at its end.

        Nothing was counted of a new word: it gets its even share of what single words leave over, which is all that
        the longer contexts pass on to it.

        Args:
            vocabulary_size: V, at least as large as before.
        """
        return CountTable(self.orders, vocabulary_size)

    @property
    def orders(self) -> tuple[TableOrder, ...]:
        """What the table was made of, as it is kept."""
        followers = [np.zeros(last.size, dtype=np.uint16) for last in self._last[:-1]]
        for count, beginnings in zip(followers, self._beginnings[1:], strict=True):
            count[beginnings.numbers] = np.diff(beginnings.starts)
        columns = zip(self._last, self._codes, self._values, [*followers, np.zeros(0, dtype=np.uint16)], strict=True)
        return tuple(TableOrder(*fields) for fields in columns)

    @torch.inference_mode()
    def log_probabilities(self, ids: Tensor, given: Tensor | None = None) -> Tensor:
        """Natural logarithm of the probability of each word [N] in float64: see `KneserNey.log_probabilities`."""
        return self.score(ids, given).probability.log()

    @torch.inference_mode()
    def score(self, ids: Tensor, given: Tensor | None = None) -> WordScores:
        """The probability of each word of a text [N], and how well its context is known."""
        before = ids[:0] if given is None else given[max(0, given.numel() - self.order + 1) :]
        text = torch.cat((before, ids)).numpy().astype(np.int64)
        probability = np.full(text.size, 1.0 / self.vocabulary_size)
        known_words, left_over = np.zeros(text.size, dtype=np.int64), np.ones(text.size)
        context = np.zeros(text.size, dtype=np.int64)  # the n-gram that ends before each place; the empty one
        for length, beginnings in enumerate(self._beginnings):
            if not beginnings.numbers.size:
                break
            place = beginnings.places(context)
            number = self._numbers[text] if length == 0 else self._found(length, place, text)
            share = np.where(place >= 0, beginnings.left[place], 1.0)
            seen = np.where(number >= 0, self._values[length][self._codes[length][number]], 0.0)
            probability = seen + share * probability
            is_known = share < 1.0
            known_words[is_known] = length
            left_over = np.where(is_known, share, left_over) if length else left_over
            context = np.concatenate(([-1], number[:-1]))
        new = slice(text.size - ids.numel(), None)
        parts = (probability[new], known_words[new], left_over[new])
        return WordScores(*(torch.from_numpy(np.ascontiguousarray(part)) for part in parts))

    def advance(self, contexts: Contexts, word: int) -> Contexts:
        """The contexts one word further on."""
        chain = (0, *contexts)[: self.order - 1]
        return tuple(self._number(length, before, word) for length, before in enumerate(chain))

    def contexts_after(self, ids: Sequence[int]) -> Contexts:
        """The contexts at the end of a text; only its last n-1 words matter."""
        contexts: Contexts = ()
        for word in ids[max(0, len(ids) - self.order + 1) :]:
            contexts = self.advance(contexts, word)
        return contexts

    def distribution(self, contexts: Contexts) -> tuple[Floats, int, float]:
        """The probability of every word that may come next: see `KneserNey.distribution`."""
        probability = self._frequencies.copy()
        known_words, left_over = 0, 1.0
        for length, context in enumerate(contexts, start=1):
            beginnings = self._beginnings[length]
            place = beginnings.place(context)
            share = float(beginnings.left[place]) if place >= 0 else 1.0
            if share == 1.0:
                continue
            followers = slice(*beginnings.starts[place : place + 2].tolist())
            probability *= share
            probability[self._last[length][followers]] += self._values[length][self._codes[length][followers]]
            known_words, left_over = length, share
        return probability, known_words, left_over

    def _number(self, length: int, context: int, word: int) -> int:
        """The number of the n-gram of a context of this length and a word, -1 if it is not kept."""
        if length == 0:
            return int(self._numbers[word])
        beginning = self._beginnings[length].place(context) if context >= 0 and word <= _LARGEST_WORD else -1
        if beginning < 0:
            return -1
        low, high = self._beginnings[length].starts[beginning : beginning + 2].tolist()
        last = self._last[length]
        place = low + int(np.searchsorted(last[low:high], np.uint16(word)))
        return place if place < high and last[place] == word else -1

    def _found(self, length: int, places: Places, words: Places) -> Places:
        """`_number` of many contexts, by their places among the beginnings [N], and words [N] at once."""
        return found(self._last[length], self._beginnings[length].starts, places, words)


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


def _left(order: TableOrder, starts: Numbers) -> npt.NDArray[np.float32] | Floats:
    """[P], with the digits of the values: what the followers of each leave to shorter contexts.

    Raises:
        ValueError: If something leaves nothing.
    """
    if not order.last.size:
        return np.ones(0, dtype=np.float32)
    left: Floats = 1.0 - np.add.reduceat(order.values[order.codes], starts[:-1], dtype=np.float64)
    if float(left.min()) < _LEAST_LEFT / 2:
        raise ValueError("its probabilities add up to more than one")
    return left if order.values.dtype == np.float64 else left.astype(np.float32)


def _check_codes(order: TableOrder) -> None:
    """Refuse codes without a value, and values that are no probabilities.

    Raises:
        ValueError: With what does not fit.
    """
    if order.codes.size != order.last.size:
        raise ValueError("its n-grams do not fit together")
    if not order.last.size:
        return
    if not (np.isfinite(order.values).all() and order.values.min() >= 0 and order.values.max() < 1):
        raise ValueError("it has impossible probabilities")
    if order.codes.dtype != np.uint8 and int(order.codes.max()) >= order.values.size:
        raise ValueError("it has codes without a value")


def _check(order: TableOrder, beginnings: _Beginnings, vocabulary_size: int) -> None:
    """Refuse words that are none, or do not rise among the followers of a context.

    Raises:
        ValueError: With what does not fit.
    """
    if not order.last.size:
        return
    if int(order.last.max()) >= vocabulary_size:
        raise ValueError("it counts words that are not in the vocabulary")
    rises = np.ones(order.last.size, dtype=np.bool_)
    np.greater(order.last[1:], order.last[:-1], out=rises[1:])
    rises[beginnings.starts[:-1]] = True
    if not rises.all():
        raise ValueError("its n-grams are not in order")
