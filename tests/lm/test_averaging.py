"""The mean of the last weights: against a plain sum, across a saved state, and only where it does better."""

import copy

import torch
from test_trainer import QUICK, Clock, same_weights, trainer
from torch import nn

from rnntui.lm.averaging import TailAverage
from rnntui.lm.train_state import TrainState, pack, unpack


def moved(model: nn.Linear, by: float) -> None:
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(by)


def test_only_some_steps_of_the_last_fifth_count_and_all_alike() -> None:
    model = nn.Linear(3, 2)
    average = TailAverage(model)
    kept = []
    for step in range(1, 101):
        moved(model, 0.01 * step)
        average.after_step(step, step / 100)
        if step >= 80 and step % 5 == 0:
            kept.append(copy.deepcopy(model.state_dict()))
    assert average.count == len(kept) == 5
    for name, mean in average.weights().items():
        assert torch.allclose(mean, torch.stack([weights[name] for weights in kept]).mean(0))


def test_a_budget_that_grew_begins_anew() -> None:
    model = nn.Linear(3, 2)
    average = TailAverage(model)
    average.after_step(95, 0.95)
    assert average.count == 1
    average.after_step(96, 0.5)
    assert (average.count, average.weights()) == (0, {})
    moved(model, 1.0)
    average.after_step(100, 0.9)
    assert same_weights(average.weights(), model.state_dict())


def test_going_on_from_a_state_within_the_last_fifth_comes_to_the_same_mean() -> None:
    undisturbed = trainer(clock=Clock())
    list(undisturbed.run())
    clock = Clock()
    saved: list[bytes] = []

    def control() -> str:
        if not saved and run._average.count == 2:
            saved.append(pack(run.state()))
            return "leave"
        return "run"

    run = trainer(control=control, clock=clock)
    list(run.run())
    assert saved
    resumed = trainer(clock=clock)
    resumed.restore(unpack(saved[0]))
    list(resumed.run())
    assert resumed._average.count == undisturbed._average.count > 2
    assert same_weights(resumed._average.weights(), undisturbed._average.weights())


def test_a_state_of_an_earlier_version_has_no_mean() -> None:
    run = trainer()
    for _ in zip(range(3), run.run(), strict=False):
        pass
    state = run.state()
    older = TrainState(state.tensors, {name: value for name, value in state.facts.items() if name != "averaged"})
    fresh = trainer()
    fresh.restore(older)
    assert fresh._average.count == 0


def test_the_mean_is_kept_only_where_the_text_for_tuning_likes_it_better() -> None:
    for quality, is_kept in ((0.0, True), (9.0, False)):
        run = trainer(QUICK)
        list(run.run())
        mean = run._average.weights()
        run._average.restore(mean, 7)
        run._at.best_nats = 1.0
        run._mean_nats = lambda ids, quality=quality: quality  # type: ignore[method-assign,misc]
        before = run._best
        run._take_average()
        assert same_weights(run._best, mean if is_kept else before)
