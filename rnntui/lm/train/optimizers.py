"""PyTorch's optimizers without its compiler.

The first optimizer of a process loads the whole compiler, only to tell it to keep out: one second and 70 MB with torch
2.13, as much time as `import torch`. Nothing here is ever compiled.
"""

import inspect
from collections.abc import Sequence
from typing import Any, TypeVar

import torch
from torch import Tensor

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


def _steps_in_one_pass(like: Tensor) -> bool:
    """Whether a weight on the same device can; some versions say no when it is made, others at its first step."""
    weight = like.detach().new_zeros(1).requires_grad_()
    weight.grad = weight.detach().clone()
    try:
        uncompiled(torch.optim.AdamW)([weight], fused=True).step()
    except RuntimeError:
        return False
    return True
