import itertools

import numpy as np
import pytest
import torch

from rnntui.figures import Finding
from rnntui.lm.lab import memory_length
from rnntui.lm.lab.bench import own_writing
from rnntui.lm.lab.memory_length import DISTANCES, Recalled, influence_by_distance, recall, sequences
from rnntui.lm.lab.toy import ToySettings, toy_network
from tests.lab_oracle import divergence_bits, hidden_of, probabilities_of, small_bench


def test_the_exercise_is_to_say_the_first_symbol_again() -> None:
    inputs, targets = sequences(torch.Generator().manual_seed(1), 5)
    assert inputs.shape == targets.shape == (memory_length.LENGTH, 5)
    assert all(targets[step].equal(inputs[0]) for step in range(memory_length.LENGTH))
    assert len(inputs.unique()) == memory_length.SYMBOLS


def test_accuracy_by_distance_is_that_of_torch_nn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_length, "_SETTINGS", ToySettings(40, 2e-2))
    model = toy_network("gru", memory_length.SYMBOLS, memory_length.SIZE, 1)
    list(memory_length._train(model, 1))
    inputs, targets = sequences(torch.Generator().manual_seed(1_000_003), 500)
    guesses = probabilities_of(model, hidden_of(model, inputs)).argmax(axis=-1)
    by_hand = [(guesses[distance] == targets[distance].numpy()).mean() for distance in DISTANCES]
    assert recall(model) == pytest.approx(by_hand, abs=0.003)
    assert by_hand[0] > 0.2


def test_error_bars_are_estimated_standard_deviations_of_seeds() -> None:
    shares = ((0.5, 1.0), (0.7, 0.9), (0.6, 0.2))
    found = Recalled("gru", (1, 2), shares)
    assert found.means == pytest.approx(np.mean(shares, axis=0))
    assert found.deviations == pytest.approx(np.std(shares, axis=0, ddof=1))
    assert Recalled("gru", (1, 2), shares[:1]).deviations == (0.0, 0.0)


def test_influence_is_the_divergence_of_the_next_tables() -> None:
    bench = small_bench("gru")
    found = influence_by_distance(bench.model, seed=4)
    text = own_writing(bench.model, 40, 24, 4)
    before = probabilities_of(bench.model, hidden_of(bench.model, text)[-1])
    for entry in found[:3]:
        moved = np.zeros((2, 24))
        for shift, row in itertools.product((1, 2), range(24)):
            changed = text[:, row].clone()
            changed[-entry.distance] = text[-entry.distance, (row - shift) % 24]
            after = probabilities_of(bench.model, hidden_of(bench.model, changed.tolist())[-1])
            moved[shift - 1, row] = divergence_bits(before[row], after)
        assert entry.bits == pytest.approx(np.mean(moved), rel=1e-3, abs=1e-6)
        texts = moved.mean(axis=0)  # what replaces a word twice in one text is not two texts
        assert entry.standard_error == pytest.approx(np.std(texts, ddof=1) / 24**0.5, rel=1e-3, abs=1e-6)


def test_a_slow_machine_gets_fewer_seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_length, "_SETTINGS", ToySettings(2, 2e-2))
    ticks = itertools.count(step=memory_length.BOX_SECONDS)
    bench = small_bench()
    slow = type(bench)(bench.model, bench.tokenizer, bench.asked, clock=lambda: float(next(ticks)))
    for asked, seeds in ((bench, memory_length.SEEDS), (slow, 1)):
        finding = list(memory_length.run(asked))[-1]
        assert isinstance(finding, Finding)
        assert max(len(entry.accuracies) for entry in finding.result.recalled) >= seeds
        if asked is slow:
            assert min(len(entry.accuracies) for entry in finding.result.recalled) == 1
