"""Counting against a dictionary implementation of interpolated modified Kneser-Ney that anybody can check by hand."""

import math
from collections import Counter, defaultdict

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rnntui.lm.hardware.allocator import return_freed_memory
from rnntui.lm.mix import ngram
from rnntui.lm.mix.ngram import BASELINES, KneserNey, _number_keys, baseline_nats
from tests.effort import examples
from tests.peak_memory import peak_memory

orders = pytest.mark.parametrize("order", [1, 2, 3, 4])
texts = st.lists(st.integers(0, 5), min_size=1, max_size=80)


class ByHand:
    """Chen and Goodman 1998: raw counts for the longest n-grams, different left neighbours for shorter ones."""

    def __init__(self, text: list[int], vocabulary_size: int, order: int) -> None:
        self.vocabulary_size = vocabulary_size
        self.order = min(order, len(text))
        self.counts: list[Counter[tuple[int, ...]]] = []
        for length in range(1, self.order + 1):
            longest = length == self.order
            grams = [tuple(text[at : at + length + (not longest)]) for at in range(len(text))]
            whole = [gram for gram in grams if len(gram) == length + (not longest)]
            counts = Counter(whole if longest else (gram[1:] for gram in set(whole)))
            for at in range(len(text) - length + 1):
                counts.setdefault(tuple(text[at : at + length]), 0)
            self.counts.append(counts)
        self.discounts = [self.discounts_of(counts) for counts in self.counts]

    @staticmethod
    def discounts_of(counts: Counter[tuple[int, ...]]) -> list[float]:
        n = [sum(count == times for count in counts.values()) for times in range(5)]
        if min(n[1:]) == 0:
            return [0.0, 0.5, 0.75, 0.9]
        y = n[1] / (n[1] + 2 * n[2])
        found = [0.0, *(k - (k + 1) * y * n[k + 1] / n[k] for k in (1, 2, 3))]
        return found if min(found[1:]) > 0 else [0.0, 0.5, 0.75, 0.9]

    def probability(self, context: tuple[int, ...], word: int) -> float:
        """By recursion over shorter contexts; the shortest is every word alike."""
        probability = 1 / self.vocabulary_size
        for length in range(1, min(self.order, len(context) + 1) + 1):
            counts, discounts = self.counts[length - 1], self.discounts[length - 1]
            seen = context[len(context) - length + 1 :]
            followers = {gram[-1]: count for gram, count in counts.items() if gram[:-1] == seen and count}
            total = sum(followers.values())
            if not total:
                continue
            taken = {other: min(discounts[min(count, 3)], count) for other, count in followers.items()}
            share = (followers.get(word, 0) - taken.get(word, 0.0)) / total
            probability = share + sum(taken.values()) / total * probability
        return probability


def random_text(length: int, seed: int, vocabulary_size: int = 6) -> list[int]:
    dice = torch.Generator().manual_seed(seed)
    weights = torch.tensor([2.0**-at for at in range(vocabulary_size)])
    return torch.multinomial(weights, length, replacement=True, generator=dice).tolist()


@orders
@settings(max_examples=examples(40), deadline=None)
@given(training=texts, asked=texts)
@example(random_text(400, 1), random_text(60, 2))
@example(random_text(60, 3), random_text(60, 4))
@example([0], [0, 1])
def test_counting_equals_the_dictionary_implementation(order: int, training: list[int], asked: list[int]) -> None:
    model, by_hand = KneserNey(torch.tensor(training), 7, order), ByHand(training, 7, order)
    got = model.log_probabilities(torch.tensor(asked)).tolist()
    for at, word in enumerate(asked):
        context = tuple(asked[max(0, at - order + 1) : at])
        assert got[at] == pytest.approx(math.log(by_hand.probability(context, word)), abs=1e-9)


@orders
@settings(max_examples=examples(40), deadline=None)
@given(training=texts, context=st.lists(st.integers(0, 6), max_size=4))
@example([0, 1] * 30, [0])
def test_probabilities_of_all_words_sum_to_one_and_none_is_zero(
    order: int, training: list[int], context: list[int]
) -> None:
    model = KneserNey(torch.tensor(training), 7, order)
    before = torch.tensor(context, dtype=torch.long)
    chances = [float(model.log_probabilities(torch.tensor([word]), before).exp()) for word in range(7)]
    assert sum(chances) == pytest.approx(1, abs=1e-9)
    assert min(chances) > 0


@orders
def test_only_the_last_words_before_a_text_matter(order: int) -> None:
    model = KneserNey(torch.tensor(random_text(300, 1)), 7, order)
    ids, before = torch.tensor(random_text(20, 5)), torch.tensor(random_text(30, 6))
    together = model.log_probabilities(torch.cat((before, ids)))[30:]
    torch.testing.assert_close(model.log_probabilities(ids, before), together)


def test_unigrams_seen_rarely_are_discounted() -> None:
    model = KneserNey(torch.tensor([0, 0, 0, 1]), 4, 1)
    chances = model.log_probabilities(torch.tensor([0, 1, 2])).exp().tolist()
    left_over = (0.9 + 0.5) / 4 / 4
    assert chances == pytest.approx([(3 - 0.9) / 4 + left_over, (1 - 0.5) / 4 + left_over, left_over])


def test_baselines_get_better_with_longer_contexts_on_a_text_that_repeats() -> None:
    verse = [1, 2, 3, 1, 2, 4, 5, 1, 3, 2]
    nats = baseline_nats(torch.tensor(verse * 60), torch.tensor(verse * 6), 8)
    assert list(nats) == ["uniform", *BASELINES]
    assert list(nats.values()) == sorted(nats.values(), reverse=True)
    assert nats["uniform"] == pytest.approx(59 * math.log(8))
    assert nats["counting, 5 words"] < 0.2 * nats["word frequency"]


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_a_text_shorter_than_the_context_is_counted_too(length: int) -> None:
    nats = baseline_nats(torch.arange(length), torch.tensor([0, 1, 2, 0]), 5)
    assert all(math.isfinite(value) for value in nats.values())


def test_counting_a_larger_random_text_agrees_in_total() -> None:
    training, asked = random_text(3_000, 8, 12), random_text(300, 9, 12)
    model, by_hand = KneserNey(torch.tensor(training), 12, 3), ByHand(training, 12, 3)
    followers: dict[tuple[int, ...], float] = defaultdict(float)
    for at in range(2, 40):
        followers[tuple(asked[at - 2 : at])] += math.log(by_hand.probability(tuple(asked[at - 2 : at]), asked[at]))
    got = float(model.log_probabilities(torch.tensor(asked[2:40]), torch.tensor(asked[:2])).sum())
    assert got == pytest.approx(sum(followers.values()), rel=1e-9)


@pytest.mark.parametrize("largest", [3, 10**6, 2**62])
def test_keys_are_numbered_in_order_whether_or_not_they_fit_beside_their_places(largest: int) -> None:
    keys = torch.randint(0, largest, (500,), generator=torch.Generator().manual_seed(1))
    found, inverse, counts, example = _number_keys([keys.clone()])
    expected = torch.unique(keys, return_inverse=True, return_counts=True)
    for got, wanted in zip((found, inverse, counts), expected, strict=True):
        assert torch.equal(got.long(), wanted)
    assert torch.equal(keys[example], found)
    assert [part.numel() for part in _number_keys([keys[:0]])] == [0, 0, 0, 0]


def test_counting_slice_by_slice_equals_counting_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    training, asked = torch.tensor(random_text(5_000, 1, 40)), torch.tensor(random_text(300, 2, 40))
    at_once = KneserNey(training, 40)
    nats = baseline_nats(training, asked, 40)
    monkeypatch.setattr(ngram, "_AT_ONCE", 7)
    in_slices = KneserNey(training, 40)
    assert torch.equal(in_slices.log_probabilities(asked), at_once.log_probabilities(asked))
    assert in_slices.contexts_after(asked.tolist()) == at_once.contexts_after(asked.tolist())
    assert baseline_nats(training, asked, 40) == nats


def test_counting_leaves_no_more_than_its_tables_behind_and_takes_little_more_meanwhile() -> None:
    ids = torch.randint(0, 5_000, (400_000,), generator=torch.Generator().manual_seed(1))
    with return_freed_memory(), peak_memory() as peak:
        model = KneserNey(ids, 5_000)
    assert model.order == 5
    assert peak.megabytes < 260 * ids.numel() / 2**20, "all of these words differ in their contexts: the worst case"
