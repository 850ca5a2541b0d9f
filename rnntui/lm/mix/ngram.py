"""Counting: how often did this word follow these words? The yardstick that every network has to beat.

Interpolated Kneser-Ney smoothing with three discounts per order. Source: Chen and Goodman 1998, "modified Kneser-Ney".
All counts live in sorted arrays: an n-gram is numbered by its place in the list of n-grams of its order, and found by
the number of its first n-1 words and its last word. N = words of the text, V = vocabulary size.
"""

import math
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from rnntui.lm.progress import run_to_end

_AT_ONCE = 1 << 15
"""Arrays of so many numbers are small enough for the C library to use their memory again, instead of the system's."""
Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]
Contexts = tuple[int, ...]
"""Numbers of the n-grams of 1, 2, ... words that end here, -1 for those never seen; empty at the start of a text."""


@dataclass(frozen=True, slots=True)
class _Order:
    """All n-grams of one length n. n-gram number i is keys[i] = number of its first n-1 words * V + last word."""

    keys: Tensor
    """[M], sorted"""
    discounted: Tensor
    """[M], count less discount, over the total of the context"""
    back_off: Tensor
    """[contexts], probability left over for shorter contexts; 1 where the context was never seen"""


@dataclass(frozen=True, slots=True)
class WordScores:
    """What counting says of each word of a text, and how well it knew what stood before."""

    probability: Tensor
    """[N] in float64"""
    known_words: Tensor
    """[N], how many words before it were ever followed by anything, 0 to n-1"""
    left_over: Tensor
    """[N] in float64, the share that those words leave to shorter ones: near 1 when they were hardly ever seen"""


class KneserNey:
    """P(word | up to n-1 words before it), from counts. Takes about 60 bytes of memory for each word of the text.

    Args:
        ids: [N], the training text.
        vocabulary_size: V
        order: n; 1 is word frequency alone, 2 looks at the last word only. No more than the text has words is used.

    Attributes:
        occurrences: [V], how often each word stands in the text.
    """

    def __init__(self, ids: Tensor, vocabulary_size: int, order: int = 5) -> None:
        for _ in self._build(ids, vocabulary_size, order):
            pass

    @classmethod
    def fit_steps(cls, ids: Tensor, vocabulary_size: int, order: int = 5) -> "Iterator[KneserNey | None]":
        """Nothing, after each piece of the work, and then the model: for those who may want to stop meanwhile."""
        model = cls.__new__(cls)
        for _ in model._build(ids, vocabulary_size, order):
            yield None
        yield model

    def _build(self, ids: Tensor, vocabulary_size: int, order: int) -> Iterator[None]:
        self.order = max(1, min(order, ids.numel()))
        self.vocabulary_size = vocabulary_size
        self._orders: list[_Order] = []
        yield from self._fit(ids)
        self.occurrences = torch.bincount(ids, minlength=vocabulary_size).numpy()
        self._frequencies = self._unigrams()
        # numpy finds one number in a sorted array in a tenth of the time that a call into torch takes.
        self._arrays = [(o.keys.numpy(), o.discounted.numpy(), o.back_off.numpy()) for o in self._orders]

    @torch.inference_mode()
    def log_probabilities(self, ids: Tensor, given: Tensor | None = None) -> Tensor:
        """Natural logarithm of the probability of each word of a text, each given the words before it.

        Args:
            ids: [N], any text in the same vocabulary.
            given: Words that stand before it; only the last n-1 matter.

        Returns:
            [N] in float64.
        """
        return self.score(ids, given).probability.log()

    @torch.inference_mode()
    def score(self, ids: Tensor, given: Tensor | None = None) -> WordScores:
        """The probability of each word of a text [N], and how well its context is known. See `log_probabilities`."""
        before = ids[:0] if given is None else given[max(0, given.numel() - self.order + 1) :]
        text = torch.cat((before, ids)).long() if self.order > 1 else ids.long()
        probability = torch.full((text.numel(),), 1.0 / self.vocabulary_size, dtype=torch.float64)
        known_words = torch.zeros_like(text)
        left_over = torch.ones_like(probability)
        ending_here: Tensor = torch.zeros_like(text)  # number of the (n-1)-gram that ends at each place; the empty one
        for length, order in enumerate(self._orders):
            context = _shift(ending_here) if length else ending_here
            number = self._find(order, context, text)
            share = torch.where(context >= 0, order.back_off[context.clamp(min=0)], 1.0)
            seen = torch.where(number >= 0, order.discounted[number.clamp(min=0)], 0.0)
            probability = seen + share * probability
            is_known = share < 1.0
            known_words = torch.where(is_known, length, known_words)
            left_over = torch.where(is_known, share, left_over) if length else left_over
            ending_here = number
        new = slice(text.numel() - ids.numel(), None)
        return WordScores(probability[new], known_words[new], left_over[new])

    def advance(self, contexts: Contexts, word: int) -> Contexts:
        """The contexts one word further on."""
        chain = (0, *contexts)[: self.order - 1]
        return tuple(self._number(length, before, word) for length, before in enumerate(chain, start=1))

    def contexts_after(self, ids: Sequence[int]) -> Contexts:
        """The contexts at the end of a text; only its last n-1 words matter."""
        contexts: Contexts = ()
        for word in ids[max(0, len(ids) - self.order + 1) :]:
            contexts = self.advance(contexts, word)
        return contexts

    def distribution(self, contexts: Contexts) -> tuple[Floats, int, float]:
        """The probability of every word that may come next.

        Returns:
            [V] in float64, summing to one; then, as in `WordScores`, the known words and what they leave over.
        """
        probability = self._frequencies.copy()
        known_words, left_over = 0, 1.0
        for length, context in enumerate(contexts, start=1):
            if context < 0:
                break
            keys, discounted, back_off = self._arrays[length]
            share = float(back_off[context])
            if share == 1.0:
                break
            first = context * self.vocabulary_size
            low, high = np.searchsorted(keys, (first, first + self.vocabulary_size))
            probability *= share
            probability[keys[low:high] - first] += discounted[low:high]
            known_words, left_over = length, share
        return probability, known_words, left_over

    def _unigrams(self) -> Floats:
        words = torch.arange(self.vocabulary_size)
        order = self._orders[0]
        number = self._find(order, torch.zeros_like(words), words)
        seen = torch.where(number >= 0, order.discounted[number.clamp(min=0)], 0.0)
        frequencies: Floats = (seen + order.back_off[0] / self.vocabulary_size).numpy()
        return frequencies

    def _number(self, length: int, context: int, word: int) -> int:
        """The number of one n-gram of this length, -1 if it or its beginning was never seen."""
        if context < 0:
            return -1
        keys = self._arrays[length - 1][0]
        key = context * self.vocabulary_size + word
        place = int(np.searchsorted(keys, key))
        return place if place < keys.size and keys[place] == key else -1

    def _find(self, order: _Order, context: Tensor, text: Tensor) -> Tensor:
        """Numbers of the n-grams (context, word), -1 for those never seen."""
        keys = context * self.vocabulary_size + text
        place = torch.searchsorted(order.keys, keys).clamp(max=order.keys.numel() - 1)
        return torch.where((context >= 0) & (order.keys[place] == keys), place, -1)

    def _fit(self, ids: Tensor) -> Iterator[None]:
        """One order after another; of the order before, only what the next one needs is still there."""
        before = torch.empty(0, dtype=torch.long)  # keys of the order before
        numbers = torch.zeros(ids.numel(), dtype=torch.int32)  # which n-gram ends at each place of the text
        counts, contexts = numbers[:0], 1
        for order in range(1, self.order + 1):
            context = _shift(numbers) if order > 1 else numbers
            first = order - 1  # from here on enough words stand before
            keys = context[first:].long()
            del context
            keys, inverse, times, example = _number_keys([keys.mul_(self.vocabulary_size).add_(ids[first:])])
            yield
            if order > 1:  # a shorter n-gram counts once for each longer one that ends like it
                suffixes = numbers[example.add_(first)]
                counts = torch.bincount(suffixes, minlength=before.numel()).int()
                self._orders.append(_smooth(before, counts, self.vocabulary_size, contexts))
                contexts = before.numel()
                yield
            numbers = torch.cat((torch.full((first,), -1, dtype=torch.int32), inverse))
            before, counts = keys, times
        self._orders.append(_smooth(before, counts, self.vocabulary_size, contexts))
        yield


def _number_keys(only_copy: list[Tensor]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The different ones of some keys [N], none negative: sorted; which one stands where; how often; a place of each.

    Key and place are sorted as one number where they fit into it, which takes a fifth of the time of `torch.unique`.
    All but the keys are numbers of 32 bits.

    Args:
        only_copy: The keys; they are taken out and used up, so that their memory is free for what comes of them.
    """
    keys = only_copy.pop()
    bits = keys.numel().bit_length()
    if keys.numel() == 0 or int(keys.max()) >= 1 << (63 - bits):
        found, inverse, counts = torch.unique(keys, return_inverse=True, return_counts=True)
        example = torch.empty_like(found).scatter(0, inverse, torch.arange(keys.numel()))
        return found, inverse.int(), counts.int(), example.int()
    packed = keys.numpy()
    packed <<= bits
    for start in range(0, packed.size, _AT_ONCE):
        part = packed[start : start + _AT_ONCE]
        part |= np.arange(start, start + part.size)
    packed.sort()
    places = np.empty(packed.size, dtype=np.int32)
    np.bitwise_and(packed, (1 << bits) - 1, out=places, casting="unsafe")
    packed >>= bits
    is_new = np.empty(packed.size, dtype=np.bool_)
    is_new[0] = True
    np.not_equal(packed[1:], packed[:-1], out=is_new[1:])
    found_at = torch.from_numpy(packed[is_new])
    del keys, packed
    number = np.cumsum(is_new, dtype=np.int32)
    number -= 1
    inverse_of = np.empty_like(places)
    inverse_of[places] = number
    return (
        found_at,
        torch.from_numpy(inverse_of),
        torch.from_numpy(np.bincount(number)).int(),
        torch.from_numpy(places[is_new]),
    )


def numbered(keys: Longs) -> tuple[Longs, Ids, Ids]:
    """The different ones of some keys [N], none negative, sorted; which one stands where [N]; how often each stands.

    Args:
        keys: They may be used up.
    """
    copies = [torch.from_numpy(keys)]
    del keys
    found, inverse, times, _ = _number_keys(copies)
    return found.numpy(), inverse.numpy(), times.numpy()


def _smooth(keys: Tensor, counts: Tensor, vocabulary_size: int, contexts: int) -> _Order:
    """An order from its n-grams and how often each counts [M]: in slices, as many arrays of that length are needed."""
    discounts = _discounts(counts)
    total = torch.zeros(contexts, dtype=torch.float64)
    left_over = torch.zeros_like(total)
    discounted = torch.empty(keys.numel(), dtype=torch.float64)
    slices = [slice(start, start + _AT_ONCE) for start in range(0, keys.numel(), _AT_ONCE)]
    for part in slices:
        context, times = keys[part] // vocabulary_size, counts[part].double()
        discount = discounts[counts[part].clamp(max=3)]
        total.index_add_(0, context, times)
        left_over.index_add_(0, context, torch.minimum(discount, times))
        discounted[part] = (times - discount).clamp(min=0)
    is_empty = total == 0
    total.clamp_(min=1e-300)
    for part in slices:
        discounted[part] /= total[keys[part] // vocabulary_size]
    return _Order(keys, discounted, left_over.div_(total).masked_fill_(is_empty, 1.0))


def _discounts(counts: Tensor) -> Tensor:
    """Discounts for counts 0, 1, 2 and 3 or more, from how many n-grams occur once, twice, three and four times."""
    return usual_discounts(*(float((counts == number).sum()) for number in (1, 2, 3, 4)))


def usual_discounts(once: float, twice: float, thrice: float, four: float) -> Tensor:
    """Discounts for counts 0, 1, 2 and 3 or more, from how many n-grams count once, twice, three and four times."""
    usual = torch.tensor([0.0, 0.5, 0.75, 0.9], dtype=torch.float64)
    if not (once and twice and thrice and four):
        return usual
    y = once / (once + 2 * twice)
    values = [1 - 2 * y * twice / once, 2 - 3 * y * thrice / twice, 3 - 4 * y * four / thrice]
    # Without a discount nothing would be left for words that never followed.
    return torch.tensor([0.0, *values], dtype=torch.float64) if min(values) > 0 else usual


def _shift(numbers: Tensor) -> Tensor:
    """What ended one place earlier; -1 at the start of the text."""
    return torch.cat((numbers.new_full((1,), -1), numbers[:-1]))


BASELINES = {"word frequency": 1, "last word only": 2, "counting, 5 words": 5}
"""Simpler models by name and order, from the simplest up; "uniform" needs no counts."""


def baseline_nats(training: Tensor, held_out: Tensor, vocabulary_size: int) -> dict[str, float]:
    """Summed negative log probability of the held-out text (without its first word) by simpler models, by name.

    Without training words "uniform" stands alone.
    """
    return run_to_end(baseline_steps(training, held_out, vocabulary_size))


def baseline_steps(
    training: Tensor, held_out: Tensor, vocabulary_size: int
) -> Generator[float, None, dict[str, float]]:
    """The result of `baseline_nats`; yields the share that is done after each length of n-grams."""
    nats = {"uniform": (held_out.numel() - 1) * math.log(vocabulary_size)}
    steps, done = 2 * sum(BASELINES.values()) + len(BASELINES), 0
    for name, order in BASELINES.items() if training.numel() else ():
        building = KneserNey.fit_steps(training, vocabulary_size, order)
        model = None
        while model is None:
            model = next(building)
            done += 1
            yield min(1.0, done / steps)
        logs = torch.empty(held_out.numel() - 1, dtype=torch.float64)
        for start in range(0, logs.numel(), _AT_ONCE):
            asked = held_out[1 + start : 1 + start + _AT_ONCE]
            logs[start : start + _AT_ONCE] = model.log_probabilities(asked, held_out[: 1 + start])
            yield min(1.0, done / steps)
        nats[name] = -float(logs.sum())
    return nats
