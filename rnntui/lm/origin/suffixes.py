"""All places of a text in the alphabetical order of what stands there, so that any run of words is found by halving.

Sorted by two words, then by four, eight and so on, each time only what is not told apart yet: of a novel a tenth is
left after the second round.  Source: Manber and Myers 1993, Larsson and Sadakane 2007. M = places.
"""

from collections.abc import Generator

import numpy as np
import numpy.typing as npt

Ranks = npt.NDArray[np.int64]
Places = npt.NDArray[np.int64]


def sort_suffixes(ranks: Ranks) -> Generator[float, None, Places]:
    """The places [M] in the order of the texts that begin there; yields the share of them that is settled.

    Args:
        ranks: [M], the place of each word in the alphabet, at least 0. The end of the text comes before every word.
    """
    count = ranks.size
    if count == 0:
        return np.empty(0, dtype=np.int64)
    yield 0.0
    order, is_first = _sorted_by(ranks, _following(ranks, np.arange(count), 1))
    heads = _group_heads(is_first, np.arange(count))
    place_of = np.empty(count, dtype=np.int64)
    place_of[order] = heads
    slots = np.flatnonzero(_is_shared(is_first))
    reach = 2
    while slots.size:
        yield 1.0 - slots.size / count
        places = order[slots]
        fresh, is_first = _sorted_by(place_of[places], _following(place_of, places, reach))
        order[slots] = places[fresh]
        place_of[order[slots]] = _group_heads(is_first, slots)
        slots = slots[_is_shared(is_first)]
        reach *= 2
    return order


def _following(ranks: Ranks, places: Places, reach: int) -> Ranks:
    """What stands so many words after some places, from 1; 0 is the end of the text."""
    after = places + reach
    found = np.zeros(places.size, dtype=np.int64)
    is_inside = after < ranks.size
    found[is_inside] = ranks[after[is_inside]] + 1
    return found


def _sorted_by(first: Ranks, second: Ranks) -> tuple[Places, npt.NDArray[np.bool_]]:
    """The order of pairs, and which of them, so ordered, is another than the one before."""
    keys = (first << 32) | second
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    is_first = np.ones(keys.size, dtype=np.bool_)
    is_first[1:] = keys[1:] != keys[:-1]
    return order, is_first


def _group_heads(is_first: npt.NDArray[np.bool_], slots: Places) -> Places:
    """For each slot the first slot of its group."""
    return np.maximum.accumulate(np.where(is_first, slots, 0))


def _is_shared(is_first: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which slots belong to a group of several."""
    is_last = np.append(is_first[1:], True)
    is_alone: npt.NDArray[np.bool_] = is_first & is_last
    return ~is_alone
