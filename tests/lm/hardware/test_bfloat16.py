"""Products in bfloat16 differ from those in float32 by rounding alone, and only where something is multiplied."""

import copy
import dataclasses
from types import MappingProxyType

import pytest
import torch
from torch import Tensor

from rnntui.lm.cells import CellWeights
from rnntui.lm.hardware import bfloat16
from rnntui.lm.hardware.bfloat16 import read_lstm
from rnntui.lm.model import HiddenState, WordRNN
from rnntui.lm.train.batches import Batch
from rnntui.lm.train.learner import Learner
from rnntui.settings import CELL_NAMES, ModelConfig, TrainConfig

ROUNDING = 0.02
"""Of the length of a vector; a number in bfloat16 is off by .004 of it at most."""
BIG = ModelConfig("lstm", 500, 24, 32, 2, True, softmax_head=20, softmax_groups=4, softmax_growth=2.5)


def dice(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def distance(one: Tensor, other: Tensor) -> float:
    return float((one - other).detach().norm() / other.detach().norm())


def test_an_lstm_says_and_learns_what_that_of_torch_does() -> None:
    lstm = torch.nn.LSTM(12, 20)
    before = [torch.randn(*shape, generator=dice(), requires_grad=True) for shape in ((7, 3, 12), (3, 20), (3, 20))]
    arguments = [*before, *lstm.parameters()]
    blame = [torch.randn(*shape, generator=dice(1)) for shape in ((7, 3, 20), (3, 20), (3, 20))]
    said, (hidden, cell) = lstm(before[0], (before[1].unsqueeze(0), before[2].unsqueeze(0)))
    exact = [said, hidden[0], cell[0]]
    rounded = read_lstm(*before, *CellWeights.of_layer(lstm).stacked())
    pairs = [*zip(rounded, exact, strict=True)]
    gradients = (torch.autograd.grad(outputs, arguments, blame) for outputs in (rounded, exact))
    pairs += zip(*gradients, strict=True)
    for ours, theirs in pairs:
        assert ours.dtype == torch.float32
        assert 0 < distance(ours, theirs) < ROUNDING


def test_a_matrix_in_the_layout_of_the_kernel_changes_nothing_but_the_order_of_sums(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lstm, vectors, empty = torch.nn.LSTM(12, 20), torch.randn(7, 3, 12, generator=dice()), torch.zeros(3, 20)
    here, _, _ = read_lstm(vectors, empty, empty, *CellWeights.of_layer(lstm).stacked())
    monkeypatch.setattr(bfloat16, "_CAN_LAY_OUT", False)
    elsewhere, _, _ = read_lstm(vectors, empty, empty, *CellWeights.of_layer(lstm).stacked())
    assert distance(here, elsewhere) < ROUNDING / 2


@pytest.mark.parametrize("cell", CELL_NAMES)
def test_reading_goes_on_from_a_memory_in_float32(cell: str) -> None:
    model = WordRNN(ModelConfig(cell, 100, 8, 16, 2, True, 0), 100)
    model.initialise(dice())
    vectors = torch.randn(5, 3, 8, generator=dice())
    state = HiddenState(
        MappingProxyType({name: torch.randn(2, 3, 16, generator=dice(1)) for name in model.cell.state_parts})
    )
    said, after = model.forward_embeddings(vectors, state, None, torch.bfloat16)
    exact, exact_after = model.forward_embeddings(vectors, state)
    assert {part.dtype for part in (said, *after.parts.values())} == {torch.float32}
    assert list(after.parts) == list(exact_after.parts)
    assert distance(said, exact) < ROUNDING
    assert torch.equal(said, exact) != model.cell.can_round
    for name, part in after.parts.items():
        assert distance(part, exact_after.parts[name]) < ROUNDING


@pytest.mark.parametrize("head", [0, 20])
def test_the_loss_of_the_output_layer_and_its_gradients_are_those_of_float32(head: int) -> None:
    model = WordRNN(ModelConfig("lstm", 500, 24, 32, 1, True, softmax_head=head, softmax_growth=2.5), 500)
    model.initialise(dice(), torch.arange(500, 0, -1))
    hidden = torch.randn(600, 32, generator=dice(), requires_grad=True)
    targets = torch.randint(500, (600,), generator=dice())
    weights = [
        weight for name, weight in model.named_parameters() if weight.numel() and not name.startswith("recurrent")
    ]
    exact, rounded = (
        model.loss_nats(hidden, targets, 1 / 600, products) for products in (torch.float32, torch.bfloat16)
    )
    assert rounded.dtype == torch.float32
    assert float(rounded.detach()) == pytest.approx(float(exact.detach()), rel=2e-3)
    assert float(rounded.detach()) != float(exact.detach())
    pairs = zip(*(torch.autograd.grad(loss, [hidden, *weights]) for loss in (rounded, exact)), strict=True)
    for ours, theirs in pairs:
        assert ours.dtype == torch.float32
        assert distance(ours, theirs) < ROUNDING


def test_a_step_in_bfloat16_goes_where_one_in_float32_goes_and_weights_stay_float32() -> None:
    model = WordRNN(BIG, 500)
    model.initialise(dice(), torch.arange(500, 0, -1))
    words = torch.randint(500, (17, 6), generator=dice())
    batch, learned = Batch(words[:-1], words[1:], 0), []
    config = TrainConfig(rows=6, dropout=0.2, word_dropout=0.1, recurrent_dropout=0.1)
    for arithmetic in ("float32", "bfloat16"):
        learner = Learner(copy.deepcopy(model), dataclasses.replace(config, arithmetic=arithmetic), dice())
        result = learner.step(batch, None, 1e-3)
        assert result is not None
        learned.append((result, learner.model))
    (exact, model), (rounded, other) = learned
    assert float(rounded.loss) == pytest.approx(float(exact.loss), rel=2e-3)
    assert rounded.norm == pytest.approx(exact.norm, rel=2e-2)
    assert {weight.dtype for weight in other.parameters()} == {torch.float32}
    gradients = [torch.cat([weight.grad.flatten() for weight in net.parameters()]) for net in (other, model)]  # type: ignore[union-attr]
    assert 0 < distance(*gradients) < 2 * ROUNDING
