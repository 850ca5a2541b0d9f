"""What is done about steps that exploded: everything that belonged to the weights of before goes with them."""

from types import SimpleNamespace

import pytest
import torch

from rnntui.errors import TrainingError
from rnntui.lm.model import WordRNN
from rnntui.lm.train.batches import Batch
from rnntui.lm.train.learner import Learner
from rnntui.lm.train.recovery import DivergenceRecovery
from rnntui.settings import ModelConfig, TrainConfig


class Recorder:
    """Takes the place of learner, model, validation and average: what was asked of them, in order."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.best = {"weight": torch.ones(1)}
        self.model = self
        self.average = SimpleNamespace(forget=lambda: self.asked.append("mean of weights forgotten"))

    def load_state_dict(self, weights: dict[str, torch.Tensor]) -> None:
        assert weights is self.best
        self.asked.append("best weights")

    def forget(self) -> None:
        self.asked.append("optimizer forgotten")


def recovery() -> tuple[Recorder, DivergenceRecovery]:
    recorder = Recorder()
    return recorder, DivergenceRecovery(recorder, recorder)  # type: ignore[arg-type]


def test_when_the_weights_jump_nothing_remembers_the_old_ones() -> None:
    recorder, after = recovery()
    jumped = [after.has_rolled_back(step, is_bad=True) for step in range(3)]
    assert jumped == [False, False, True]
    assert sorted(recorder.asked) == ["best weights", "mean of weights forgotten", "optimizer forgotten"]
    assert after.rate_scale == 0.5


def test_a_good_step_ends_a_row_of_bad_ones() -> None:
    recorder, after = recovery()
    assert not any(after.has_rolled_back(step, is_bad=step % 3 != 2) for step in range(30))
    assert recorder.asked == []


def test_a_run_that_goes_on_knows_how_often_its_weights_have_jumped() -> None:
    _, before = recovery()
    for step in range(7):
        before.has_rolled_back(step, is_bad=True)
    _, after = recovery()
    after.restore(before.state())
    assert after.rate_scale == 0.25
    assert not after.has_rolled_back(8, is_bad=True)
    with pytest.raises(TrainingError, match="in step 9, for the third time"):
        after.has_rolled_back(9, is_bad=True)


def test_a_step_with_an_infinite_gradient_is_not_made_although_its_loss_is_finite() -> None:
    model = WordRNN(ModelConfig("gru", 50, 8, 8, 1, True, 0), 50)
    model.initialise(torch.Generator().manual_seed(1))
    learner = Learner(model, TrainConfig(rows=2, dropout=0.0), torch.Generator().manual_seed(1))
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    model.embedding.weight.register_hook(lambda gradient: gradient * torch.inf)
    tokens = torch.arange(18).view(9, 2)
    assert learner.step(Batch(tokens[:-1], tokens[1:], 0), None, 0.01) is None
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())
