"""The mixture: a proper distribution, the same word by word and at once, and better than its parts."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from rnntui.lm.mix import mixture
from rnntui.lm.mix.cache_model import RecentTokens
from rnntui.lm.mix.count_table import CountTable
from rnntui.lm.mix.large_counts import count_steps
from rnntui.lm.mix.mixture import COMPONENTS, Inherited, Mixture, fit_gate, fit_gates, gate_shape, starting_gate
from rnntui.lm.mix.ngram import Contexts, KneserNey
from rnntui.lm.mix.pruning import exact_table
from rnntui.lm.progress import run_to_end
from tests.effort import examples

V = 12
texts = st.lists(st.integers(0, V - 1), min_size=1, max_size=50)


def random_gate(order: int, seed: int, base_order: int = 0) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.random.default_rng(seed).normal(size=gate_shape(order, base_order))


def table_of(words: list[int], order: int, size: int) -> CountTable:
    """What a base with a vocabulary of this size counted, in the vocabulary of a model that went on from it."""
    ids = torch.tensor(words, dtype=torch.int32) % size
    return exact_table(run_to_end(count_steps(ids, size, order))).extend(V)


def random_network(rows: int, seed: int = 0) -> Tensor:
    return torch.log_softmax(2 * torch.randn(rows, V, generator=torch.Generator().manual_seed(seed)), dim=1)


@settings(max_examples=examples(100), deadline=None)
@given(learned=texts, before=texts, said=texts, order=st.integers(1, 5), size=st.integers(0, V), seed=st.integers(0, 5))
def test_word_by_word_it_is_a_distribution_and_scores_as_at_once(
    learned: list[int], before: list[int], said: list[int], order: int, size: int, seed: int
) -> None:
    counting = KneserNey(torch.tensor(learned), V, order)
    base = table_of(before, order, size) if size else None
    mixture = Mixture(counting, random_gate(counting.order, seed, base.order if base else 0), base)
    network = random_network(len(said), seed)
    logs, contexts, recent = [], (), RecentTokens()
    for row, word in zip(network, said, strict=True):
        blend = mixture.mix(row, contexts, recent)
        assert float(blend.log_probabilities.exp().sum()) == pytest.approx(1)
        assert sum(blend.shares(word)) == pytest.approx(1)
        assert len(blend.shares(word)) == 3 + bool(base)
        logs.append(float(blend.log_probabilities[word]))
        contexts, recent = mixture.advance(contexts, word), recent.after(word)
        assert contexts == mixture.contexts_after(recent.ids().tolist())
    of_said = network.gather(1, torch.tensor(said).unsqueeze(1)).squeeze(1)
    assert mixture.score(said, of_said, RecentTokens()).tolist() == pytest.approx(logs)
    half = len(said) // 2
    pieces = [mixture.score(said[:half], of_said[:half], RecentTokens())] if half else []
    pieces.append(mixture.score(said[half:], of_said[half:], RecentTokens(said[:half])))
    assert torch.cat(pieces).tolist() == pytest.approx(logs)


@settings(max_examples=examples(100), deadline=None)
@given(learned=texts, said=texts, order=st.integers(1, 5))
def test_contexts_carried_along_are_those_found_at_once(learned: list[int], said: list[int], order: int) -> None:
    counting = KneserNey(torch.tensor(learned), V, order)
    contexts: Contexts = ()
    counted = counting.score(torch.tensor(said))
    for at, word in enumerate(said):
        probabilities, known_words, left_over = counting.distribution(contexts)
        assert probabilities.sum() == pytest.approx(1)
        assert probabilities[word] == pytest.approx(float(counted.probability[at]))
        assert known_words == int(counted.known_words[at])
        assert left_over == pytest.approx(float(counted.left_over[at]))
        contexts = counting.advance(contexts, word)
        assert contexts == counting.contexts_after(said[: at + 1])


def test_without_own_words_network_and_counting_speak_in_the_same_proportion() -> None:
    mixture = Mixture(KneserNey(torch.tensor([1, 2, 3] * 9), V), starting_gate(5))
    network = torch.full((V,), -math.log(V))
    standing, said = mixture.contexts_after([1, 2]), RecentTokens([1, 2], [True, True])
    all_words, none = (mixture.mix(network, standing, said, heed) for heed in (1.0, 0.0))
    assert float(none.parts[2].sum()) == 0.0 < float(all_words.parts[2].sum())
    assert float(none.log_probabilities.exp().sum()) == pytest.approx(1)
    for one, other in zip(none.parts[:2], all_words.parts[:2], strict=True):
        torch.testing.assert_close(one / none.parts[0].sum(), other / all_words.parts[0].sum())
    person = mixture.mix(network, standing, RecentTokens([1, 2]), 0.0)
    torch.testing.assert_close(person.log_probabilities, all_words.log_probabilities)


def test_shares_are_those_of_the_named_parts() -> None:
    counting = KneserNey(torch.tensor([1, 2, 3] * 20), V, 3)
    mixture = Mixture(counting, starting_gate(3))
    network = random_network(1)[0]
    at_start = mixture.mix(network, (), RecentTokens())
    assert len(at_start.shares(1)) == len(COMPONENTS) - 1, "it went on from nothing"
    assert at_start.shares(1)[2] == 0.0
    contexts, recent = mixture.contexts_after([1, 2]), RecentTokens([1, 2, 3, 9, 1, 2])
    blend = mixture.mix(network, contexts, recent)
    assert blend.shares(3)[1] > 0.25  # counting has seen "1 2 3" often
    assert blend.shares(9)[2] > blend.shares(8)[2] == 0.0
    given_by_hand = [float(part[3] / sum(float(part[3]) for part in blend.parts)) for part in blend.parts]
    assert blend.shares(3) == pytest.approx(given_by_hand)


@pytest.mark.parametrize("size", [5, 9, V])
def test_a_word_that_the_base_did_not_have_gets_an_even_share_of_what_single_words_leave(size: int) -> None:
    base = table_of([1, 2, 3, 4, 1, 2, 4] * 3, 3, size)
    for before in ([], [1], [1, 2], [2, size - 1], [2, V - 1, 1, 2]):
        probabilities, known_words, _ = base.distribution(base.contexts_after(before))
        assert probabilities.sum() == pytest.approx(1)
        assert (probabilities > 0).all()
        assert probabilities[size:] == pytest.approx(probabilities[0], rel=1e-12), "nobody counted 0 either"
        at_once = base.score(torch.arange(V), torch.tensor(before, dtype=torch.long))
        assert float(at_once.probability[0]) == pytest.approx(probabilities[0])
    assert known_words == 2, "what stands before the new word is gone, what stands after it is known"


def test_words_beyond_two_bytes_follow_nothing_in_a_table() -> None:
    base = exact_table(run_to_end(count_steps(torch.tensor([1, 2, 3] * 9, dtype=torch.int32), 8, 3))).extend(70_000)
    assert base.contexts_after([1, 65_537, 2])[1] == -1, "65,537 is no 1"
    assert base.distribution(base.contexts_after([66_000]))[0].sum() == pytest.approx(1)


def test_shares_are_summed_by_name_and_the_rest_has_shares_without_the_network() -> None:
    counting, base = KneserNey(torch.tensor([1, 2, 3] * 20), V, 3), table_of([4, 5, 6] * 20, 3, 9)
    said, network = [1, 2, 3, 4, 5, 6] * 5, random_network(30)
    of_said = network.gather(1, torch.tensor(said).unsqueeze(1)).squeeze(1)
    gates = fit_gates(counting, said, of_said, RecentTokens(), Inherited(base))
    mixture = Mixture(counting, gates.together, base, gates.without_network)
    scored = mixture.score_parts(said, of_said, RecentTokens())
    contexts, recent, shares = (), RecentTokens(), []
    for row, word in zip(network, said, strict=True):
        shares.append(mixture.mix(row, contexts, recent).shares(word))
        contexts, recent = mixture.advance(contexts, word), recent.after(word)
    assert scored.shares.tolist() == pytest.approx([sum(column) for column in zip(*shares, strict=True)])
    assert torch.equal(scored.logs, mixture.score(said, of_said, RecentTokens()))
    other = torch.full_like(of_said, -99.0)
    assert scored.logs_without_network is not None
    without = mixture.score_parts(said, other, RecentTokens()).logs_without_network
    assert without is not None
    assert torch.equal(without, scored.logs_without_network), "whatever the network says"
    assert (
        Mixture(counting, gates.together, base).score_parts(said, of_said, RecentTokens()).logs_without_network is None
    )


def pattern(length: int, seed: int) -> list[int]:
    """Two words that counting knows, then one of three that only comes back within a segment."""
    dice = np.random.default_rng(seed)
    words: list[int] = []
    while len(words) < length:
        name = int(dice.integers(4, V))
        for _ in range(8):
            words += [0, 1, name, int(dice.integers(2, 4))]
    return words[:length]


def test_the_fitted_gate_beats_the_network_and_the_start_on_new_text() -> None:
    counting = KneserNey(torch.tensor(pattern(4_000, 1)), V, 3)
    tuning, new = pattern(1_000, 2), pattern(1_000, 3)
    even = torch.full((1_000,), -math.log(V), dtype=torch.float64)
    gate = fit_gate(counting, tuning, even, RecentTokens())
    nats = {
        name: -float(Mixture(counting, shares).score(new, even, RecentTokens()).mean())
        for name, shares in (("start", starting_gate(3)), ("fitted", gate))
    }
    alone = -float(counting.log_probabilities(torch.tensor(new)).mean())
    assert nats["fitted"] < alone - 0.01
    assert nats["fitted"] < nats["start"] - 0.3
    assert nats["fitted"] < -0.7 * float(even.mean())


def test_the_gate_trusts_counting_less_where_it_leaves_more_over() -> None:
    dice = np.random.default_rng(1)

    def text(length: int) -> list[int]:
        """After 0 always 1; after 2 any word from 3 on. Counting knows one word of context in both places."""
        pairs = [(0, 1) if dice.random() < 0.5 else (2, int(dice.integers(3, V))) for _ in range(length // 2)]
        return [word for pair in pairs for word in pair]

    counting = KneserNey(torch.tensor(text(400)), V, 2)
    tuning = text(2_000)
    given = [(torch.tensor([word]), counting.distribution(counting.contexts_after([word]))) for word in (0, 2)]
    assert [known for _, (_, known, _) in given] == [1, 1]
    network = torch.full((len(tuning),), -math.log(V), dtype=torch.float64)
    network[1::2] = math.log(0.3)  # of the second word of each pair: worse than counting after 0, better after 2
    mixture = Mixture(counting, fit_gate(counting, tuning, network, RecentTokens()))
    recent = RecentTokens(tuning)
    sure, unsure = (mixture.component_distributions(mixture.contexts_after([word]), recent)[0] for word in (0, 2))
    assert sure[1] > unsure[1] + 0.2


def test_the_fitted_gate_trusts_the_base_where_only_the_base_knows() -> None:
    own, base = KneserNey(torch.tensor([0, 1, 2, 3] * 100), V, 3), table_of([4, 5, 6, 7] * 100, 3, 10)
    said = ([0, 1, 2, 3] * 3 + [4, 5, 6, 7] * 3) * 40
    even = torch.full((len(said),), -math.log(V), dtype=torch.float64)
    three, four = (
        Mixture(own, fit_gate(own, said, even, RecentTokens(), Inherited(table)), table) for table in (None, base)
    )
    assert float(four.score(said, even, RecentTokens()).mean()) > float(three.score(said, even, RecentTokens()).mean())
    shares = {}
    for words in ([0, 1, 2, 3], [4, 5, 6, 7]):
        blend = four.mix(torch.full((V,), -math.log(V)), four.contexts_after(words[:3]), RecentTokens(words[:3]))
        shares[words[3]] = blend.shares(words[3])
    assert shares[3][1] > 5 * shares[3][3]
    assert shares[7][3] > 5 * shares[7][1]


def test_little_text_leaves_the_gate_near_its_start() -> None:
    counting = KneserNey(torch.tensor(pattern(500, 1)), V, 3)
    assert np.array_equal(fit_gate(counting, [], torch.empty(0), RecentTokens()), starting_gate(3))
    one = fit_gate(counting, [5], torch.tensor([-9.0]), RecentTokens())
    assert np.abs(one - starting_gate(3)).max() < 3


def test_a_gate_begins_where_that_of_the_base_stood() -> None:
    own, base = KneserNey(torch.tensor([0, 1, 2, 3] * 9), V, 3), table_of([0, 1, 2, 3] * 9, 3, V)
    three, four = random_gate(3, 1), random_gate(3, 2, 3)

    def begun(gate: np.ndarray[tuple[int, int], np.dtype[np.float64]], table: CountTable | None) -> Mixture:
        gates = fit_gates(own, [], torch.empty(0), RecentTokens(), Inherited(table, gate))
        return Mixture(own, gates.together, table)

    assert np.array_equal(begun(three, None).gate, three)
    assert np.array_equal(begun(four, base).gate, four), "the base went on from another itself"
    assert np.array_equal(begun(four, None).gate, four[: gate_shape(3)[0], :-1]), "its own base is not kept"
    network, recent = random_network(1)[0], RecentTokens([0, 1, 2])
    alone, both = begun(three, None), begun(three, base)
    shares = {
        mixture: mixture.component_distributions(mixture.contexts_after([1, 2]), recent)[0] for mixture in (alone, both)
    }
    assert shares[both][1] == pytest.approx(shares[both][-1]), "the base is trusted as counting is that knows as much"
    assert shares[both][0] / shares[both][1] == pytest.approx(shares[alone][0] / shares[alone][1])
    assert float(both.mix(network, (), recent).log_probabilities.exp().sum()) == pytest.approx(1)


def test_an_inherited_gate_is_held_and_one_of_another_shape_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    own = KneserNey(torch.tensor(pattern(500, 1)), V, 3)
    said, even = pattern(60, 2), torch.full((60,), -math.log(V), dtype=torch.float64)
    gate = random_gate(3, 1)
    held = fit_gate(own, said, even, RecentTokens(), Inherited(None, gate))
    assert 0 < np.abs(held - gate).max() < 1.5
    with monkeypatch.context() as patch:
        patch.setattr("rnntui.lm.mix.mixture._L2_TO_INHERITED", mixture._L2)
        loose = fit_gate(own, said, even, RecentTokens(), Inherited(None, gate))
    assert np.abs(held - gate).max() < 0.8 * np.abs(loose - gate).max()
    fresh = fit_gate(own, said, even, RecentTokens(), Inherited(None, random_gate(2, 1)))
    assert np.array_equal(fresh, fit_gate(own, said, even, RecentTokens()))
