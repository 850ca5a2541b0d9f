"""From counts of a long text to a small table: n-grams that the shorter ones say as well go first.

An n-gram (h, w) goes where that costs least, in nats of a word of the text. What it gave to w then goes to what the
context leaves to shorter ones, so with d = its discounted probability, q = P(w | h without its first word):

    cost = P(h) * (p log(p / p') - d (1 - q))     p = P(w | h),  p' = p - d + d q

where the second part is what all other words win. P(h) is how often h stands in the text: the counts of Kneser-Ney are
no such thing, and pruning by them is known to go wrong. The probabilities that stay are kept as one of 256 values for
each length. Sources: Stolcke 1998 (entropy pruning), Chelba et al. 2010 (how it meets Kneser-Ney).
"""

import math
from collections.abc import Generator

import numpy as np
import numpy.typing as npt

from rnntui.lm.mix.count_table import CODES, CountTable, TableOrder, found
from rnntui.lm.mix.large_counts import LargeCounts

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_BYTES = 5
"""Of an n-gram: two for its last word, one for its probability, two for how many follow it."""
_BYTES_OF_LONGEST = 3
_ROUNDS = 18
_AT_ONCE = 1 << 20


def exact_table(counted: LargeCounts) -> CountTable:
    """All that was kept of the counts, with probabilities to the last digit: what `KneserNey` says of them."""
    orders = []
    for length, order in enumerate(counted.orders, start=1):
        values = _discount(counted, length)
        longer = counted.orders[length].prefix if length < len(counted.orders) else np.zeros(0, dtype=np.int32)
        followers = np.bincount(longer, minlength=order.last.size) if length < len(counted.orders) else longer
        orders.append(TableOrder(order.last, np.arange(values.size), values, followers.astype(np.int64)))
    return CountTable(orders, counted.vocabulary_size)


def prune_steps(counted: LargeCounts, size_bytes: int) -> Generator[float, None, CountTable]:
    """The best table of at most this size; yields the share that is done. Single words always stay.

    Args:
        counted: With rare n-grams already left out, or not.
        size_bytes: In plain columns; a file has them packed, in two fifths of that.
    """
    discounted = [_discount(counted, length) for length in range(1, len(counted.orders) + 1)]
    yield 0.1
    costs: list[Singles] = []
    for cost in _costs(counted, discounted):
        costs.append(cost)
        yield 0.1 + 0.6 * len(costs) / len(counted.orders)
    kept = _select_within(counted, costs, size_bytes)
    yield 0.9
    yield 1.0
    return CountTable(_quantize(counted, discounted, kept), counted.vocabulary_size)


def _discount(counted: LargeCounts, length: int) -> Floats:
    """[M], count less discount, over the total of the context."""
    order = counted.orders[length - 1]
    totals = counted.orders[length - 2].totals[order.prefix] if length > 1 else np.float64(counted.total)
    counts = order.counts.astype(np.float64)
    counts -= counted.discounts[length - 1][np.minimum(order.counts, 3)]
    discounted: Floats = np.maximum(counts, 0.0) / np.maximum(totals, 1)
    return discounted


def _costs(counted: LargeCounts, discounted: list[Floats]) -> Generator[Singles, None, None]:
    """[M] for each length: what it would cost to leave an n-gram out, in nats of a word of the text."""
    shorter = np.full(1, 1.0 / counted.vocabulary_size)  # P(last word | the words between) of all n-grams one shorter
    suffixes = np.zeros(1, dtype=np.int32)  # of all n-grams one shorter, their numbers without the first word
    starts = np.zeros(2, dtype=np.int64)  # of the followers of all n-grams two shorter
    for length, order in enumerate(counted.orders):
        contexts = counted.orders[length - 1].last.size if length else 1
        left = 1.0 - np.bincount(order.prefix, discounted[length], contexts)
        times = counted.orders[length - 1].times / counted.words if length else np.ones(1)
        cost, probability = np.empty(order.last.size, dtype=np.float32), np.empty(order.last.size)
        own_suffixes = np.zeros(order.last.size, dtype=np.int32)
        for part in _slices(order.last.size):
            prefix, given = order.prefix[part], discounted[length][part]
            if length:
                before = counted.orders[length - 1]
                own_suffixes[part] = found(before.last, starts, suffixes[prefix], order.last[part])
            low = shorter[own_suffixes[part]]
            probability[part] = high = given + left[prefix] * low
            without = np.maximum(high - given + given * low, 1e-300)
            cost[part] = times[prefix] * (high * np.log(np.maximum(high, 1e-300) / without) - given * (1.0 - low))
        starts = np.searchsorted(order.prefix, np.arange(contexts + 1))
        shorter, suffixes = probability, own_suffixes
        yield cost


def _slices(size: int) -> list[slice]:
    return [slice(start, start + _AT_ONCE) for start in range(0, size, _AT_ONCE)]


def _select_within(counted: LargeCounts, costs: list[Singles], size_bytes: int) -> list[Mask]:
    """[M] for each length, which n-grams stay: those that cost most, and the beginnings of longer ones that stay."""
    low, high = 0.0, max((float(cost.max(initial=0.0)) for cost in costs[1:]), default=0.0) + 1e-12
    if _bytes_of(kept := _select(counted, costs, low)) <= size_bytes:
        return kept
    least = high * 1e-9
    low = least
    for _ in range(_ROUNDS):
        middle = math.sqrt(low * high)
        is_small = _bytes_of(_select(counted, costs, middle)) <= size_bytes
        low, high = (low, middle) if is_small else (middle, high)
    return _select(counted, costs, high)


def _select(counted: LargeCounts, costs: list[Singles], least: float) -> list[Mask]:
    masks: list[Mask] = []
    needed = np.zeros(0, dtype=np.bool_)
    for length in range(len(costs), 0, -1):
        mask = costs[length - 1] >= least if length > 1 else np.ones(costs[0].size, dtype=np.bool_)
        if needed.size:
            mask |= needed
        masks.insert(0, mask)
        if length > 1:
            order = counted.orders[length - 1]
            needed = np.zeros(counted.orders[length - 2].last.size, dtype=np.bool_)
            needed[order.prefix[mask]] = True
    return masks


def _bytes_of(masks: list[Mask]) -> int:
    *shorter, longest = (int(mask.sum()) for mask in masks)
    return _BYTES * sum(shorter) + _BYTES_OF_LONGEST * longest


def _quantize(counted: LargeCounts, discounted: list[Floats], masks: list[Mask]) -> list[TableOrder]:
    """What stays, each probability as one of CODES values."""
    orders = []
    for length, (order, mask) in enumerate(zip(counted.orders, masks, strict=True), start=1):
        number = np.cumsum(masks[length - 2]) - 1 if length > 1 else np.zeros(1, dtype=np.int64)
        prefix = number[order.prefix[mask]]
        codes, values = _encode(discounted[length - 1][mask], prefix)
        followers = np.zeros(0, dtype=np.uint16)
        if length < len(masks):
            longer = counted.orders[length].prefix[masks[length]]
            followers = np.bincount(longer, minlength=order.last.size)[mask].astype(np.uint16)
        orders.append(TableOrder(order.last[mask], codes, values, followers))
    return orders


def _encode(probabilities: Floats, contexts: Places) -> tuple[npt.NDArray[np.uint8], Singles]:
    """Codes [M] and their values [CODES]: nought, and equal steps in logarithms; no context gives more than it has.

    Args:
        probabilities: [M]
        contexts: [M], never falling.
    """
    likely = probabilities[probabilities > 0]
    if not likely.size:
        return np.zeros(probabilities.size, dtype=np.uint8), np.zeros(CODES, dtype=np.float32)
    levels = np.concatenate(([0.0], np.geomspace(likely.min(), likely.max(), CODES - 1))).astype(np.float32)
    middles = (levels[1:].astype(np.float64) + levels[:-1]) / 2
    codes = np.searchsorted(middles, probabilities).astype(np.uint8)
    given, true = (np.bincount(contexts, weights) for weights in (levels[codes].astype(np.float64), probabilities))
    is_much = (given > (1.0 + true) / 2)[contexts]  # more than half of what was to be left is gone
    codes[is_much] = np.searchsorted(levels, probabilities[is_much], side="right") - 1
    return codes, levels
