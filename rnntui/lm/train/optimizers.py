"""How gradients become steps: the optimizers that a run can choose, without PyTorch's compiler.

The first optimizer of a process loads the whole compiler, only to tell it to keep out: one second and 70 MB with torch
2.13, as much time as `import torch`. Nothing here is ever compiled.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor

from rnntui.settings import TrainConfig

Kind = TypeVar("Kind", bound=torch.optim.Optimizer)
_KEPT_FROM_THE_COMPILER = ("add_param_group", "zero_grad", "state_dict", "load_state_dict")


def uncompiled(kind: type[Kind]) -> type[Kind]:
    """The same optimizer, computing the same; its methods are those inside the wrappers that load the compiler."""
    methods = {name: inspect.unwrap(getattr(kind, name)) for name in _KEPT_FROM_THE_COMPILER}
    step = torch.no_grad()(inspect.unwrap(kind.step))
    made: type[Kind] = type(kind.__name__, (kind,), {**methods, "step": step})
    return made


def adamw(groups: Sequence[dict[str, Any]], learning_rate: float) -> torch.optim.Optimizer:
    """AdamW, each step one pass over all weights where this torch has that for their device.

    Not every version has it for Apple's graphics cards; many passes come to the same, but for rounding.

    Args:
        groups: Weights and how they decay, as PyTorch takes them; at least one weight.
        learning_rate: The first one.

    Source: Loshchilov and Hutter 2019.
    """
    is_fused = True if _steps_in_one_pass(groups[0]["params"][0]) else None
    return uncompiled(torch.optim.AdamW)(groups, lr=learning_rate, betas=(0.9, 0.99), fused=is_fused)


def nadam(groups: Sequence[dict[str, Any]], learning_rate: float) -> torch.optim.Optimizer:
    """AdamW that looks one step of its momentum ahead; arguments as of `adamw`.

    Source: Dozat 2016, who shows it on recurrent language models.
    """
    kind = uncompiled(torch.optim.NAdam)
    return kind(groups, lr=learning_rate, betas=(0.9, 0.99), decoupled_weight_decay=True)


@dataclass(frozen=True, slots=True)
class OptimizerKind:
    """One way to make steps."""

    make: Callable[[Sequence[dict[str, Any]], float], torch.optim.Optimizer]
    """From groups of weights and the first learning rate."""
    weight_slots: tuple[str, ...]
    """What it remembers for each number of a weight."""
    scalar_slots: tuple[str, ...] = ()
    """What it remembers once for each weight."""


OPTIMIZERS = {
    "adamw": OptimizerKind(adamw, ("exp_avg", "exp_avg_sq"), ("step",)),
    "nadam": OptimizerKind(nadam, ("exp_avg", "exp_avg_sq"), ("step", "mu_product")),
}
"""By the names that a run is asked for; a new one stands here and in `settings.OPTIMIZER_RATES`."""


def new_optimizer(config: TrainConfig, weights: Sequence[Tensor]) -> torch.optim.Optimizer:
    """The optimizer of a run. Matrices decay; vectors, which are biases, do not."""
    matrices = [weight for weight in weights if weight.dim() > 1]
    vectors = [weight for weight in weights if weight.dim() == 1]
    groups = [
        {"params": matrices, "weight_decay": config.weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    return OPTIMIZERS[config.optimizer].make(groups, config.learning_rate)


def optimizer_tensors(optimizer: torch.optim.Optimizer, names: Mapping[Tensor, str]) -> dict[str, Tensor]:
    """What an optimizer remembers, by the names of the weights: optimizer.<weight>.<slot>."""
    return {
        f"optimizer.{names[weight]}.{slot}": value
        for weight, slots in optimizer.state.items()
        for slot, value in slots.items()
        if isinstance(value, Tensor)
    }


def possible_tensors(optimizer: str, names: Mapping[Tensor, str]) -> dict[str, Tensor]:
    """All that an optimizer of this name may remember: tensors of the same shapes."""
    kind = OPTIMIZERS[optimizer]
    remembered: dict[str, Tensor] = {}
    for weight, name in names.items():
        remembered |= {f"optimizer.{name}.{slot}": weight for slot in kind.weight_slots}
        remembered |= {f"optimizer.{name}.{slot}": torch.zeros(()) for slot in kind.scalar_slots}
    return remembered


def set_optimizer(optimizer: torch.optim.Optimizer, names: Mapping[Tensor, str], tensors: Mapping[str, Tensor]) -> None:
    """Let an optimizer remember what `optimizer_tensors` gave; without a tensor for a weight it remembers nothing."""
    optimizer.state.clear()
    for weight, name in names.items():
        before = f"optimizer.{name}."
        slots = {key.removeprefix(before): value for key, value in tensors.items() if key.startswith(before)}
        if slots:
            optimizer.state[weight] = {slot: value.to(weight.device, copy=True) for slot, value in slots.items()}


def _steps_in_one_pass(like: Tensor) -> bool:
    """Whether a weight on the same device can; some versions say no when it is made, others at its first step."""
    weight = like.detach().new_zeros(1).requires_grad_()
    weight.grad = weight.detach().clone()
    try:
        uncompiled(torch.optim.AdamW)([weight], fused=True).step()
    except RuntimeError:
        return False
    return True
