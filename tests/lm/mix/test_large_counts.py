"""Counting part by part says what counting at once says, and what a small table keeps of it is a distribution."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from torch import Tensor

from rnntui.lm.mix import large_counts
from rnntui.lm.mix.count_table import CountTable, TableOrder
from rnntui.lm.mix.large_counts import LargeCounts, count_steps, least_times
from rnntui.lm.mix.ngram import KneserNey
from rnntui.lm.mix.pruning import exact_table, prune_steps
from rnntui.lm.progress import run_to_end

V = 60


def text(words: int, seed: int, kinds: int = V - 10) -> Tensor:
    """A text in which some words like to follow each other; the last ten words of the vocabulary never occur."""
    dice = torch.Generator().manual_seed(seed)
    drawn = torch.multinomial(1.0 / torch.arange(1.0, kinds + 1), words, replacement=True, generator=dice)
    follows = torch.rand(words, generator=dice) < 0.5
    for at in range(1, words):
        if follows[at]:
            drawn[at] = (drawn[at - 1] * 7 + 3) % kinds
    return drawn.int()


def counted(ids: Tensor, order: int = 5, least: tuple[int, ...] = ()) -> LargeCounts:
    return run_to_end(count_steps(ids, V, order, least))


@pytest.mark.parametrize("words", [1, 2, 5, 40, 3_000])
@pytest.mark.parametrize("order", [1, 2, 5])
@pytest.mark.parametrize("at_once", [1, 300, 1 << 22])
def test_counting_in_parts_says_what_counting_at_once_says(
    words: int, order: int, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_counts, "_AT_ONCE", at_once)
    ids, asked = text(words, 1), torch.cat((text(200, 2), torch.tensor([V - 1, 3], dtype=torch.int32)))
    model, table = KneserNey(ids.long(), V, order), exact_table(counted(ids, order))
    one, other = model.score(asked.long(), ids[-3:].long()), table.score(asked, ids[-3:])
    torch.testing.assert_close(other.probability, one.probability, rtol=1e-12, atol=0)
    torch.testing.assert_close(other.left_over, one.left_over, rtol=1e-12, atol=1e-12)
    assert torch.equal(other.known_words, one.known_words)
    for length in (0, 1, 4, 77):
        said = model.distribution(model.contexts_after(asked[:length].tolist()))
        again = table.distribution(table.contexts_after(asked[:length].tolist()))
        np.testing.assert_allclose(again[0], said[0], rtol=1e-12, atol=1e-15)
        assert again[1:] == pytest.approx(said[1:])


def test_rare_ngrams_that_are_left_out_stay_in_the_totals() -> None:
    ids = text(4_000, 3)
    all_of_it, some = counted(ids), counted(ids, least=(1, 1, 3, 3, 3))
    for whole, kept in zip(all_of_it.orders[2:], some.orders[2:], strict=True):
        assert 0 < kept.last.size == int((whole.times >= 3).sum()) < whole.last.size
        np.testing.assert_array_equal(kept.totals, whole.totals[whole.times >= 3])
    assert [list(values) for values in some.discounts] == [list(values) for values in all_of_it.discounts]
    _sums_to_one(exact_table(some), 1e-12)


def test_a_text_that_repeats_itself_keeps_no_more_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = text(2_000, 3).repeat(6)
    everything = counted(ids)
    monkeypatch.setattr(large_counts, "_AT_ONCE", 500)
    monkeypatch.setattr(large_counts, "MOST_KEPT", 2_500)
    some = counted(ids)
    assert sum(order.last.size for order in everything.orders) > 5_000
    assert sum(order.last.size for order in some.orders) <= 2_500
    assert some.orders[0].last.size == everything.orders[0].last.size
    assert [list(values) for values in some.discounts] == [list(values) for values in everything.discounts]
    least = some.orders[4].times.min()
    often = everything.orders[4].times >= least
    np.testing.assert_array_equal(some.orders[4].last, everything.orders[4].last[often])
    _sums_to_one(exact_table(some), 1e-12)


def test_words_before_are_different_ones() -> None:
    (single, _) = counted(torch.tensor([1, 2, 1, 2, 3, 2], dtype=torch.int32), order=2).orders
    assert single.last.tolist() == [1, 2, 3]
    assert single.counts.tolist() == [1, 2, 1]
    assert single.times.tolist() == [2, 3, 1]


def test_long_texts_lose_their_rare_ngrams_first() -> None:
    assert least_times(3_000_000, 5) == (1, 1, 1, 1, 1)
    assert least_times(16_000_000, 5) == (1, 1, 2, 2, 2)
    assert least_times(100_000_000, 5) == (1, 3, 3, 3, 3)


def _sums_to_one(table: CountTable, within: float) -> None:
    for ids in (text(300, 5), text(40, 6)):
        probability = table.distribution(table.contexts_after(ids.tolist()))[0]
        assert probability.min() > 0
        assert probability.sum() == pytest.approx(1.0, abs=within)


@pytest.mark.parametrize("size", [10_000_000, 30_000, 8_000, 1_000, 1])
def test_a_pruned_table_is_a_distribution_of_the_size_that_was_asked_for(size: int) -> None:
    table = run_to_end(prune_steps(counted(text(6_000, 4)), size))
    *shorter, longest = (order.last.size for order in table.orders)
    assert 5 * sum(shorter) + 3 * longest <= max(size, 5 * V)
    assert table.orders[0].last.size == V - 10, "single words always stay"
    _sums_to_one(table, 1e-6)


@pytest.mark.parametrize("size", [30_000, 8_000])
def test_one_word_costs_what_many_at_once_cost(size: int) -> None:
    table, asked = run_to_end(prune_steps(counted(text(6_000, 4)), size)), text(150, 7)
    said = table.score(asked)
    for at, word in enumerate(asked.tolist()):
        probability, known_words, left_over = table.distribution(table.contexts_after(asked[:at].tolist()))
        assert float(said.probability[at]) == pytest.approx(probability[word], rel=1e-6)
        assert int(said.known_words[at]) == known_words
        assert float(said.left_over[at]) == pytest.approx(left_over, rel=1e-6)


def test_what_is_pruned_first_costs_least() -> None:
    learned, asked = text(12_000, 8), text(4_000, 9)
    whole = KneserNey(learned.long(), V)
    everything = counted(learned)
    nats = [
        -float(run_to_end(prune_steps(everything, size)).log_probabilities(asked).mean())
        for size in (10_000_000, 8_000, 1_000, 1)
    ]
    assert nats[0] == pytest.approx(-float(whole.log_probabilities(asked).mean()), abs=0.02)
    assert nats[1] < nats[0] + 0.05
    assert nats[1] < nats[2] < nats[3] <= math.log(V)


def test_progress_of_counting_and_pruning_only_rises() -> None:
    ids = text(3_000, 1)
    for work in (count_steps(ids, V, 5), prune_steps(counted(ids), 5_000)):
        told = list(work)
        assert told == sorted(told)
        assert len(told) > 3


def _damaged(table: CountTable, length: int, **fields: object) -> list[TableOrder]:
    orders = list(table.orders)
    orders[length - 1] = dataclasses.replace(orders[length - 1], **fields)
    return orders


def test_what_is_no_table_is_refused() -> None:
    table = run_to_end(prune_steps(counted(text(3_000, 1)), 8_000))
    first, second = table.orders[:2]
    followers = first.followers.copy()
    followers[0] += 1
    values = second.values.copy()
    values[5] = np.nan
    swapped = second.last.copy()
    swapped[[0, 1]] = swapped[[1, 0]]
    for orders in (
        _damaged(table, 1, followers=followers),
        _damaged(table, 1, followers=first.followers[:-1]),
        _damaged(table, 2, values=values),
        _damaged(table, 2, values=np.full(256, 0.9, dtype=np.float32)),
        _damaged(table, 2, values=-second.values),
        _damaged(table, 2, last=swapped),
        _damaged(table, 2, last=second.last[:-1]),
        _damaged(table, 2, codes=second.codes[:-1]),
        _damaged(table, 1, last=first.last + np.uint16(40)),
    ):
        with pytest.raises(ValueError, match="it"):
            CountTable(orders, V)
