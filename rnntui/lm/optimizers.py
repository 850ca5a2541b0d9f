"""PyTorch's optimizers without its compiler.

The first optimizer of a process loads the whole compiler, only to tell it to keep out: one second and 70 MB with torch
2.13, as much time as `import torch`. Nothing here is ever compiled.
"""

import inspect
from typing import TypeVar

import torch

Kind = TypeVar("Kind", bound=torch.optim.Optimizer)
_KEPT_FROM_THE_COMPILER = ("add_param_group", "zero_grad", "state_dict", "load_state_dict")


def uncompiled(kind: type[Kind]) -> type[Kind]:
    """The same optimizer, computing the same; its methods are those inside the wrappers that load the compiler."""
    methods = {name: inspect.unwrap(getattr(kind, name)) for name in _KEPT_FROM_THE_COMPILER}
    step = torch.no_grad()(inspect.unwrap(kind.step))
    made: type[Kind] = type(kind.__name__, (kind,), {**methods, "step": step})
    return made
