"""The mixture: a proper distribution, the same word by word and at once, and better than its parts."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from rnntui.lm.mixture import PARTS, Mixture, fitted_gate, gate_shape, starting_gate
from rnntui.lm.ngram import Contexts, CountingModel
from rnntui.lm.recent import RecentWords

V = 12
texts = st.lists(st.integers(0, V - 1), min_size=1, max_size=50)


def random_gate(order: int, seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.random.default_rng(seed).normal(size=gate_shape(order))


def random_network(rows: int, seed: int = 0) -> Tensor:
    return torch.log_softmax(2 * torch.randn(rows, V, generator=torch.Generator().manual_seed(seed)), dim=1)


@settings(max_examples=100, deadline=None)
@given(learned=texts, said=texts, order=st.integers(1, 5), seed=st.integers(0, 5))
def test_word_by_word_it_is_a_distribution_and_scores_as_at_once(
    learned: list[int], said: list[int], order: int, seed: int
) -> None:
    counting = CountingModel(torch.tensor(learned), V, order)
    mixture = Mixture(counting, random_gate(counting.order, seed))
    network = random_network(len(said), seed)
    logs, contexts, recent = [], (), RecentWords()
    for row, word in zip(network, said, strict=True):
        blend = mixture.blend(row, contexts, recent)
        assert float(blend.log_probabilities.exp().sum()) == pytest.approx(1)
        assert sum(blend.shares(word)) == pytest.approx(1)
        logs.append(float(blend.log_probabilities[word]))
        contexts, recent = counting.after(contexts, word), recent.after(word)
    of_said = network.gather(1, torch.tensor(said).unsqueeze(1)).squeeze(1)
    assert mixture.score(said, of_said, RecentWords()).tolist() == pytest.approx(logs)
    half = len(said) // 2
    pieces = [mixture.score(said[:half], of_said[:half], RecentWords())] if half else []
    pieces.append(mixture.score(said[half:], of_said[half:], RecentWords(said[:half])))
    assert torch.cat(pieces).tolist() == pytest.approx(logs)


@settings(max_examples=100, deadline=None)
@given(learned=texts, said=texts, order=st.integers(1, 5))
def test_contexts_carried_along_are_those_found_at_once(learned: list[int], said: list[int], order: int) -> None:
    counting = CountingModel(torch.tensor(learned), V, order)
    contexts: Contexts = ()
    counted = counting.counted(torch.tensor(said))
    for at, word in enumerate(said):
        probabilities, known_words, left_over = counting.distribution(contexts)
        assert probabilities.sum() == pytest.approx(1)
        assert probabilities[word] == pytest.approx(float(counted.probability[at]))
        assert known_words == int(counted.known_words[at])
        assert left_over == pytest.approx(float(counted.left_over[at]))
        contexts = counting.after(contexts, word)
        assert contexts == counting.contexts_after(said[: at + 1])


def test_shares_are_those_of_the_named_parts() -> None:
    counting = CountingModel(torch.tensor([1, 2, 3] * 20), V, 3)
    mixture = Mixture(counting, starting_gate(3))
    network = random_network(1)[0]
    at_start = mixture.blend(network, (), RecentWords())
    assert len(at_start.shares(1)) == len(PARTS)
    assert at_start.shares(1)[2] == 0.0
    contexts, recent = counting.contexts_after([1, 2]), RecentWords([1, 2, 3, 9, 1, 2])
    blend = mixture.blend(network, contexts, recent)
    assert blend.shares(3)[1] > 0.25  # counting has seen "1 2 3" often
    assert blend.shares(9)[2] > blend.shares(8)[2] == 0.0
    given_by_hand = [float(part[3] / sum(float(part[3]) for part in blend.parts)) for part in blend.parts]
    assert blend.shares(3) == pytest.approx(given_by_hand)


def pattern(length: int, seed: int) -> list[int]:
    """Two words that counting knows, then one of three that only comes back within a stretch."""
    dice = np.random.default_rng(seed)
    words: list[int] = []
    while len(words) < length:
        name = int(dice.integers(4, V))
        for _ in range(8):
            words += [0, 1, name, int(dice.integers(2, 4))]
    return words[:length]


def test_the_fitted_gate_beats_the_network_and_the_start_on_new_text() -> None:
    counting = CountingModel(torch.tensor(pattern(4_000, 1)), V, 3)
    tuning, new = pattern(1_000, 2), pattern(1_000, 3)
    even = torch.full((1_000,), -math.log(V), dtype=torch.float64)
    gate = fitted_gate(counting, tuning, even, RecentWords())
    nats = {
        name: -float(Mixture(counting, shares).score(new, even, RecentWords()).mean())
        for name, shares in (("start", starting_gate(3)), ("fitted", gate))
    }
    alone = -float(counting.log_probabilities(torch.tensor(new)).mean())
    assert nats["fitted"] < alone - 0.01
    assert nats["fitted"] < nats["start"] - 0.3
    assert nats["fitted"] < -0.7 * float(even.mean())


def test_little_text_leaves_the_gate_near_its_start() -> None:
    counting = CountingModel(torch.tensor(pattern(500, 1)), V, 3)
    assert np.array_equal(fitted_gate(counting, [], torch.empty(0), RecentWords()), starting_gate(3))
    one = fitted_gate(counting, [5], torch.tensor([-9.0]), RecentWords())
    assert np.abs(one - starting_gate(3)).max() < 3
