"""Optimizers without the compiler compute what PyTorch's own do, and nothing loads it."""

import subprocess
import sys
from typing import Any

import pytest
import torch
from torch import Tensor

from rnntui.lm.train.optimizers import adamw, uncompiled

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


_A_RUN = """
import sys
from rnntui.settings import changed
from tests.lm.train.test_trainer import SHORT, SMALL, trainer
run = trainer(SHORT, changed(SMALL, softmax_head=20))  # as in every vocabulary of some size
list(run.run())
assert run.steps and run.mixture
print("torch._dynamo" in sys.modules)
"""


def test_a_process_that_learns_does_not_load_the_compiler() -> None:
    command = [sys.executable, "-c", _A_RUN]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "False"
