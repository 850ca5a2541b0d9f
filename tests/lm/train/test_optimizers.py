"""Optimizers without the compiler compute what PyTorch's own do, and nothing loads it."""

import dataclasses
import subprocess
import sys
from typing import Any

import pytest
import torch
from torch import Tensor

from rnntui.errors import TrainingError
from rnntui.json_records import decode_record
from rnntui.lm.model import WordRNN
from rnntui.lm.train.batches import Batch
from rnntui.lm.train.learner import Learner
from rnntui.lm.train.optimizers import OPTIMIZERS, adamw, uncompiled
from rnntui.lm.train.train_state import pack, unpack
from rnntui.setting_fields import changed
from rnntui.settings import OPTIMIZER_NAMES, ModelConfig, TrainConfig
from tests.lm.train.test_trainer import SHORT, after, same_weights, trainer, weights_of

SHAPE = ModelConfig("lstm", 200, 16, 16, 1, True, 40)

KINDS: dict[str, tuple[type[torch.optim.Optimizer], dict[str, Any]]] = {
    "AdamW": (torch.optim.AdamW, {"lr": 0.1, "weight_decay": 0.3, "fused": True}),
    "Adam": (torch.optim.Adam, {"lr": 0.1}),
    "LBFGS": (torch.optim.LBFGS, {"max_iter": 3, "line_search_fn": "strong_wolfe"}),
}


def taken(kind: type[torch.optim.Optimizer], options: dict[str, Any]) -> tuple[Tensor, dict[str, Any]]:
    """Where three steps lead, and what is remembered of them."""
    weights = torch.linspace(-2, 3, 12).view(3, 4).requires_grad_()
    optimizer = kind([weights], **options)

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = (weights.square().sum() - 1).square() + weights.sin().sum()
        value.backward()
        return value

    for _ in range(3):
        loss()
        optimizer.step(loss)
    return weights.detach(), optimizer.state_dict()["state"][0]


@pytest.mark.parametrize(("kind", "options"), KINDS.values(), ids=KINDS)
def test_steps_are_the_same_to_the_last_bit(kind: type[torch.optim.Optimizer], options: dict[str, Any]) -> None:
    torch.testing.assert_close(taken(uncompiled(kind), options), taken(kind, options), rtol=0, atol=0)


@pytest.mark.parametrize(("kind", "options"), KINDS.values(), ids=KINDS)
def test_a_kept_state_is_taken_over(kind: type[torch.optim.Optimizer], options: dict[str, Any]) -> None:
    weights = torch.ones(3, requires_grad=True)
    one, other = (uncompiled(kind)([weights], **options) for _ in range(2))
    weights.sum().backward()
    one.step(lambda: weights.sum())
    other.load_state_dict(one.state_dict())
    assert other.state_dict()["state"].keys() == one.state_dict()["state"].keys()
    assert other.state_dict()["state"]


def test_weights_on_a_device_without_steps_in_one_pass_learn_in_many() -> None:
    places = {"cpu": True, "meta": None}
    for device, is_fused in places.items():
        weights = torch.ones(3, requires_grad=True, device=device)
        optimizer = adamw([{"params": [weights], "weight_decay": 0.1}], 0.01)
        (weights * 3).sum().backward()
        optimizer.step()
        (group,) = optimizer.param_groups
        assert (group["fused"], group["lr"], group["betas"], group["weight_decay"]) == (
            is_fused,
            0.01,
            (0.9, 0.99),
            0.1,
        )


def test_many_passes_come_to_the_same_as_one() -> None:
    options = {"lr": 0.1, "weight_decay": 0.3}
    one, many = (taken(uncompiled(torch.optim.AdamW), {**options, "fused": fused}) for fused in (True, False))
    torch.testing.assert_close(one, many)


def learner(**choices: object) -> Learner:
    model = WordRNN(SHAPE, SHAPE.vocabulary_limit)
    model.initialise(torch.Generator().manual_seed(2))
    config = changed(TrainConfig(rows=4, bptt_length=8, dropout=0.0), **choices)
    return Learner(model, config, torch.Generator().manual_seed(3))


def take_steps(one: Learner, count: int = 3) -> None:
    tokens = torch.arange(36).view(9, 4)
    for _ in range(count):
        assert one.step(Batch(tokens[:-1], tokens[1:], 0), None, 0.01) is not None


def test_the_names_that_can_be_chosen_are_those_of_the_table() -> None:
    assert tuple(OPTIMIZERS) == OPTIMIZER_NAMES
    assert TrainConfig().optimizer == "adamw"


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_matrices_decay_and_biases_do_not(name: str) -> None:
    one = learner(optimizer=name, weight_decay=0.25)
    names = {weight: name for name, weight in one.model.named_parameters()}
    decays = {
        names[weight]: group["weight_decay"] for group in one.optimizer.param_groups for weight in group["params"]
    }
    assert decays.keys() == set(names.values())
    assert {name for name, decay in decays.items() if decay == 0.0} == {name for name in decays if "bias" in name}
    assert set(decays.values()) == {0.0, 0.25}


@pytest.mark.parametrize("name", ["adamw", "nadam"])
def test_the_second_moment_is_a_short_mean(name: str) -> None:
    assert {group["betas"] for group in learner(optimizer=name).optimizer.param_groups} == {(0.9, 0.99)}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_slots_of_the_table_are_what_is_remembered(name: str) -> None:
    one = learner(optimizer=name)
    take_steps(one)
    kept, possible = one.state().tensors, one.possible_state().tensors
    fresh = learner(optimizer=name).possible_state().tensors
    assert kept.keys() == possible.keys() == fresh.keys()
    for slot, tensor in kept.items():
        assert (fresh[slot].shape, fresh[slot].dtype) == (tensor.shape, tensor.dtype), slot


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_steps_from_a_kept_state_are_the_same_to_the_last_bit(name: str) -> None:
    one, other = learner(optimizer=name), learner(optimizer=name)
    take_steps(one)
    other.restore(unpack(pack(one.state())))
    for each in (one, other):
        take_steps(each)
    assert all(torch.equal(one.state().tensors[name], tensor) for name, tensor in other.state().tensors.items())


def test_every_optimizer_makes_steps_of_its_own_and_learns() -> None:
    tokens = torch.arange(36).view(9, 4)
    losses, weights = {}, set()
    for name in OPTIMIZERS:
        one = learner(optimizer=name)
        take_steps(one, 30)
        step = one.step(Batch(tokens[:-1], tokens[1:], 0), None, 0.01)
        assert step is not None
        losses[name] = float(step.loss)
        weights.add(float(one.model.embedding.weight.detach().sum()))
    assert max(losses.values()) < 3.0, "of 5.3 nats at the beginning"
    assert len(weights) == len(OPTIMIZERS)


def test_a_run_goes_on_with_its_optimizer_and_with_no_other() -> None:
    config = dataclasses.replace(SHORT, optimizer="nadam", budget_seconds=3.0)
    undisturbed, run = trainer(config), trainer(config, control=after(6, "suspend"))
    list(undisturbed.run())
    list(run.run())
    saved = pack(run.state())
    again = trainer(config)
    again.restore(unpack(saved))
    list(again.run())
    assert same_weights(weights_of(again), weights_of(undisturbed))
    with pytest.raises(TrainingError, match="of another run"):
        trainer(SHORT).restore(unpack(saved))


def test_a_plan_from_before_optimizers_could_be_chosen_means_adamw() -> None:
    stored = dataclasses.asdict(TrainConfig(optimizer="nadam"))
    del stored["optimizer"]
    assert decode_record(TrainConfig, stored).optimizer == "adamw"


_A_RUN = """
import sys
from rnntui.setting_fields import changed
from tests.lm.train.test_trainer import SHORT, SMALL, trainer
run = trainer(SHORT, changed(SMALL, softmax_head=20))  # as in every vocabulary of some size
list(run.run())
assert run.steps and run.mixture
print("torch._dynamo" in sys.modules)
"""


def test_a_process_that_learns_does_not_load_the_compiler() -> None:
    command = [sys.executable, "-c", _A_RUN]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "False"
