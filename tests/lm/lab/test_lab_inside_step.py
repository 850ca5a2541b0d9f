import dataclasses
import math

import numpy as np
import pytest
import torch
from torch import nn

from rnntui.errors import InputError
from rnntui.lm.lab.bench import Bench
from rnntui.lm.lab.inside_step import figures, inside_step
from rnntui.lm.model import WordRNN
from tests.lab_oracle import hidden_of, module_of, probabilities_of, small_bench

CELLS = {"elman": nn.RNNCell, "gru": nn.GRUCell, "lstm": nn.LSTMCell}


@pytest.mark.parametrize("cell", CELLS)
def test_the_numbers_of_a_unit_are_those_of_torch_nn(cell: str) -> None:
    bench = small_bench(cell, unit=5)
    found, ids, model = inside_step(bench), bench.prompt_ids(), bench.model
    theirs = CELLS[cell](model.config.embedding_size, model.config.hidden_size)
    theirs.load_state_dict({name: model.recurrent.get_parameter(f"{name}_l0") for name in theirs.state_dict()})
    before = module_of(model)(model.embedding.weight[torch.tensor(ids[:-1])])[1]
    inputs = model.embedding.weight[ids[-1:]]
    after = theirs(inputs, before)
    parts = after if isinstance(after, tuple) else (after,)
    assert list(found.after.values()) == pytest.approx([part[0, 5].item() for part in parts], abs=1e-6)
    hidden = before[0] if isinstance(before, tuple) else before
    for number, gate in enumerate(found.gates):
        row = number * model.config.hidden_size + 5
        assert gate.from_input == pytest.approx(
            float(np.dot(theirs.weight_ih[row].detach().numpy(), inputs[0].detach().numpy())), abs=1e-6
        )
        assert gate.from_memory == pytest.approx(
            float(np.dot(theirs.weight_hh[row].detach().numpy(), hidden[0].detach().numpy())), abs=1e-6
        )
    assert f"= {parts[0][0, 5].item():.4f}" in found.formula


def test_the_numbers_of_a_unit_without_a_module_of_torchs_are_those_of_its_equations() -> None:
    bench = small_bench("mingru", unit=5)
    found, ids, model = inside_step(bench), bench.prompt_ids(), bench.model
    before, after = (float(hidden_of(model, part)[-1, 5]) for part in (ids[:-1], ids))
    assert (found.before, found.after) == (
        {"h": pytest.approx(before, abs=1e-6)},
        {"h": pytest.approx(after, abs=1e-6)},
    )
    write, new = found.gates
    assert [gate.from_memory for gate in found.gates] == [None, None]
    assert (1 - write.value) * before + write.value * new.value == pytest.approx(after, abs=1e-6)
    assert found.formula == (
        f"h' = (1 - z) * h + z * n = {1 - write.value:.4f} * {before:.4f} + {write.value:.4f} * {new.value:.4f} "
        f"= {after:.4f}"
    )
    assert found.stacked_difference is None
    assert "W_hh" not in str(figures(found))


def test_formulas_show_the_numbers_of_the_unit() -> None:
    for cell, beginning in (
        ("elman", "h' = tanh(sum) = tanh("),
        ("gru", "h' = (1 - z) * n + z * h = "),
        ("lstm", "c' = f * c + i * g = "),
    ):
        found = inside_step(small_bench(cell, unit=3))
        values = {gate.name: f"{gate.value:.4f}" for gate in found.gates} | {"sum": f"{found.gates[-1].total:.4f}"}
        assert found.formula.startswith(beginning)
        assert all(values[name] in found.formula for name in {"elman": ["sum"], "gru": "zn", "lstm": "ifgo"}[cell])
        assert "'" not in found.formula.splitlines()[-1].rsplit("=", 2)[-2], cell


@pytest.mark.parametrize(("cell", "gates"), [("elman", 1), ("gru", 3), ("lstm", 4)])
@pytest.mark.parametrize("layers", [1, 2])
def test_parameters_are_counted_by_hand(cell: str, gates: int, layers: int) -> None:
    bench = small_bench(cell, layers)
    config, words = bench.model.config, bench.model.vocabulary_size
    size, width = config.hidden_size, config.embedding_size
    recurrent = sum(gates * size * ((width if layer == 0 else size) + size + 2) for layer in range(layers))
    found = inside_step(bench)
    assert found.parameter_count == words * width + recurrent + size * width + words
    assert sum(part.numbers for part in found.parameters) == found.parameter_count


def test_the_output_is_what_numpy_says() -> None:
    bench = small_bench()
    found = inside_step(bench)
    chances = probabilities_of(bench.model, hidden_of(bench.model, bench.prompt_ids()))[-1]
    best = np.argsort(-chances)[: len(found.likeliest)]
    assert [entry.probability for entry in found.likeliest] == pytest.approx(chances[best], abs=1e-5)
    gaps = [entry.score - found.likeliest[0].score for entry in found.likeliest]
    assert gaps == pytest.approx(np.log(chances[best] / chances[best[0]]), abs=1e-4)
    assert found.stacked_difference < 1e-5


def test_a_unit_that_is_not_there_is_one_sentence() -> None:
    with pytest.raises(InputError, match="no unit 99"):
        inside_step(small_bench(unit=99))


@pytest.mark.parametrize("head", [0, 4])
def test_a_probability_can_be_computed_again_from_the_scores_that_are_shown(head: int) -> None:
    plain = small_bench()
    model = WordRNN(dataclasses.replace(plain.model.config, softmax_head=head), plain.model.vocabulary_size)
    model.initialise(torch.Generator().manual_seed(1))
    found = inside_step(Bench(model, plain.tokenizer, plain.asked))
    weights = model.output_weights()
    hidden = torch.as_tensor(hidden_of(model, plain.prompt_ids())[-1], dtype=torch.float32)
    output = hidden if model.projection is None else model.projection(hidden)
    scores = (weights.words @ output + weights.bias).detach().double().exp()
    assert (found.groups > 0) == (head > 0)
    kinds = set()
    for entry in found.likeliest:
        score = math.exp(entry.score)
        if not entry.group:
            assert score / found.normaliser == pytest.approx(entry.probability, abs=1e-5)
        else:
            low, high = weights.limits[entry.group - 1], weights.limits[entry.group]
            inside = score / float(scores[low:high].sum())
            assert entry.group_probability * inside == pytest.approx(entry.probability, abs=1e-5)
        kinds.add(bool(entry.group))
    assert kinds == ({False} if not head else {True, False})
