"""One step of learning: it moves as far as it is told, and no gradient is longer than it may be."""

import pytest
import torch

from rnntui.lm.model import WordRNN
from rnntui.lm.train.batches import Batch
from rnntui.lm.train.learner import Learner
from rnntui.settings import ModelConfig, TrainConfig

TOKENS = torch.arange(18).view(9, 2)
BATCH = Batch(TOKENS[:-1], TOKENS[1:], 0)


def learner(clip_norm: float = 1.0) -> Learner:
    model = WordRNN(ModelConfig("gru", 50, 8, 8, 1, True, 0), 50)
    model.initialise(torch.Generator().manual_seed(1))
    config = TrainConfig(rows=2, dropout=0.0, clip_norm=clip_norm, weight_decay=0.0)
    return Learner(model, config, torch.Generator().manual_seed(1))


def moved_by(rate: float) -> float:
    one = learner()
    before = torch.cat([weight.detach().clone().flatten() for weight in one.model.parameters()])
    assert one.step(BATCH, None, rate) is not None
    after = torch.cat([weight.detach().flatten() for weight in one.model.parameters()])
    return float((after - before).abs().max())


def test_a_step_moves_as_far_as_the_rate_it_is_told() -> None:
    assert moved_by(0.0) == 0.0
    assert moved_by(0.02) == pytest.approx(2 * moved_by(0.01), rel=1e-3)
    assert moved_by(0.01) == pytest.approx(0.01, rel=0.05)


def test_no_gradient_is_longer_than_it_may_be() -> None:
    one = learner(clip_norm=0.001)
    learned = one.step(BATCH, None, 0.01)
    assert learned is not None
    assert learned.norm > 0.01, "the gradient as it was"
    gradients = [weight.grad for weight in one.model.parameters() if weight.grad is not None]
    assert float(torch.cat([gradient.flatten() for gradient in gradients]).norm()) == pytest.approx(0.001, rel=0.01)
