import numpy as np
import pytest
import torch

from rnntui.errors import InputError
from rnntui.lm.cells import LSTMCell
from rnntui.lm.lab import same_as_torch
from rnntui.settings import CELL_NAMES
from tests.lab_oracle import small_bench


@pytest.mark.parametrize("cell", CELL_NAMES)
@pytest.mark.parametrize("layers", [1, 2])
def test_equations_and_torch_agree_in_all_three_ways(cell: str, layers: int) -> None:
    found = list(same_as_torch.run(small_bench(cell, layers)))[-1].result
    assert [entry.shape[1] for entry in found.compared] == [1, 1, 4]
    assert all(entry.float32_difference < 1e-5 for entry in found.compared)
    assert all(entry.float64_difference < 1e-12 for entry in found.compared)


def test_an_equation_that_is_wrong_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    right = LSTMCell.step

    def forgetful(inputs, state, weights):  # type: ignore[no-untyped-def]
        return right(inputs, (state[0], state[1] * 0.99), weights)

    monkeypatch.setattr(LSTMCell, "step", staticmethod(forgetful))
    found = list(same_as_torch.run(small_bench()))[-1]
    assert min(entry.float64_difference for entry in found.result.compared) > 1e-5
    assert not next(figure for figure in found.figures if hasattr(figure, "holds")).holds


def test_weights_are_listed_and_browsed_as_numpy_sees_them() -> None:
    bench = small_bench(weight="recurrent.weight_hh_l0")
    finding = list(same_as_torch.run(bench))[-1]
    found, weights = finding.result, bench.model.recurrent.weight_hh_l0.detach().double().numpy()
    listed = {entry.name: entry for entry in found.weights}["recurrent.weight_hh_l0"]
    assert listed.shape == weights.shape
    assert (listed.mean, listed.deviation) == pytest.approx((weights.mean(), weights.std()), abs=1e-6)
    assert (listed.low, listed.high) == pytest.approx((weights.min(), weights.max()))
    counts, _ = np.histogram(weights, bins=np.array(found.browsed.edges))
    assert found.browsed.counts == tuple(counts)
    assert torch.tensor(found.browsed.corner).allclose(torch.tensor(weights[:5, :10]).float())
    assert "recurrent.bias_hh_l0" in finding.choices["weight"]


def test_an_unknown_weight_is_one_sentence() -> None:
    with pytest.raises(InputError, match="nonsense"):
        list(same_as_torch.run(small_bench(weight="nonsense")))
