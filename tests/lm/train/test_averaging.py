"""Means of weights: of the last ones against a plain sum, and of those of the beginning and the end."""

import copy
import dataclasses
from collections.abc import Mapping

import pytest
import torch
from torch import nn

from rnntui.lm.train.averaging import TailAverage, nearest_to_base
from rnntui.lm.train.train_state import TrainState, pack, unpack
from tests.lm.train.test_trainer import QUICK, SHORT, Clock, as_saved, same_weights, trainer


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
        if not saved and run._validation.average.count == 2:
            saved.append(pack(run.state()))
            return "suspend"
        return "run"

    run = trainer(control=control, clock=clock)
    list(run.run())
    assert saved
    resumed = trainer(clock=clock)
    resumed.restore(unpack(saved[0]))
    list(resumed.run())
    assert resumed._validation.average.count == undisturbed._validation.average.count > 2
    assert same_weights(resumed._validation.average.weights(), undisturbed._validation.average.weights())


def test_a_state_of_an_earlier_version_has_no_mean() -> None:
    run = trainer()
    for _ in zip(range(3), run.run(), strict=False):
        pass
    state = run.state()
    older = TrainState(state.tensors, {name: value for name, value in state.facts.items() if name != "averaged"})
    fresh = trainer()
    fresh.restore(older)
    assert fresh._validation.average.count == 0


def test_the_mean_is_kept_only_where_the_text_for_tuning_likes_it_better() -> None:
    for quality, is_kept in ((0.0, True), (9.0, False)):
        run = trainer(QUICK)
        list(run.run())
        mean = run._validation.average.weights()
        run._validation.average.restore(mean, 7)
        run._validation._best_nats = 1.0
        run._validation.mean_nats = lambda ids, quality=quality: quality  # type: ignore[method-assign,misc]
        before = run._validation.best
        run._validation.take_average()
        assert same_weights(run._validation.best, mean if is_kept else before)


@pytest.mark.parametrize(
    ("best_at", "steepness", "share"),
    [(1.0, 9.0, 1.0), (0.72, 9.0, 0.7), (0.1, 9.0, 0.3), (1.0, 0.0, 0.3), (0.85, 1.0, 0.85), (0.85, 0.2, 0.7)],
)
def test_of_weights_that_do_equally_well_those_nearest_to_the_base_are_kept(
    best_at: float, steepness: float, share: float
) -> None:
    def loss(weights: Mapping[str, torch.Tensor]) -> float:
        return 5.0 + steepness * (float(weights["weight"][0]) - best_at) ** 2

    base, learned = {"weight": torch.zeros(3)}, {"weight": torch.ones(3)}
    assert nearest_to_base(base, [learned], loss)["weight"].tolist() == pytest.approx([share] * 3)


@pytest.mark.parametrize("keeps_base", [True, False])
def test_a_run_from_a_model_keeps_a_part_of_it_where_it_was_planned_so(keeps_base: bool) -> None:
    begun = {name: weight.clone() for name, weight in trainer(QUICK).model.state_dict().items()}
    run = trainer(dataclasses.replace(SHORT, keeps_base=keeps_base), weights=begun)
    asked: list[Mapping[str, torch.Tensor]] = []

    def loss(weights: Mapping[str, torch.Tensor]) -> float:
        asked.append(weights)
        return 9.0 + float((weights["output_bias"] - begun["output_bias"]).norm())  # the nearer the better

    run._validation.selection_nats = loss  # type: ignore[method-assign]
    list(run.run())
    if not keeps_base:
        assert len(asked) == 1  # the mean of the end
        return
    nearest, all_of_it = asked[-14]["output_bias"], asked[-2]["output_bias"]
    assert same_weights(run.best_weights(), as_saved(dict(asked[-14])))
    assert torch.allclose(nearest, begun["output_bias"].lerp(all_of_it, 0.3), atol=1e-6)
    assert not torch.allclose(nearest, all_of_it)


def test_what_went_too_far_may_lie_on_the_best_line() -> None:
    """The first candidate is the better one, the second has the better way to it."""
    base, near, far = ({"weight": torch.tensor(place)} for place in ([0.0, 0.0], [1.0, 0.6], [2.0, 0.0]))

    def loss(weights: Mapping[str, torch.Tensor]) -> float:
        return 5.0 + float((weights["weight"] - torch.tensor([1.0, 0.0])).norm())

    assert loss(near) < loss(far)
    assert nearest_to_base(base, [near, far], loss)["weight"].tolist() == pytest.approx([1.0, 0.0])


def test_new_entries_stay_as_they_were_learned() -> None:
    base = {"embedding.weight": torch.zeros(4, 2), "output_bias": torch.zeros(4), "groups": torch.zeros(4, 2)}
    learned = {name: weight + 1 for name, weight in base.items()}
    kept = nearest_to_base(base, [learned], lambda _: 1.0, fresh_from=3)
    assert kept["output_bias"].tolist() == pytest.approx([0.3, 0.3, 0.3, 1.0])
    assert kept["embedding.weight"][:, 0].tolist() == pytest.approx([0.3, 0.3, 0.3, 1.0])
    assert kept["groups"][:, 0].tolist() == pytest.approx([0.3] * 4)
    assert learned["output_bias"].tolist() == [1.0] * 4
