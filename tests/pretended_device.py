"""A graphics card that is not there: real numbers that only may not meet those of the processor.

Inside `pretended("cuda")` a tensor that was sent to the card says so of itself, and every operation with tensors of
both sides is refused as PyTorch refuses it, in the gradient as well. PyTorch's own FakeTensorMode cannot do that here:
with a torch that has no CUDA, the gradient of such a tensor ends the process, and there are no numbers to compare.
"""

import contextlib
from collections.abc import Iterator
from typing import Any
from unittest import mock

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

_LEAVES_DEVICE = {torch.ops.aten._to_copy.default, torch.ops.aten.copy_.default}
"""Go from one side to the other by design."""
_TAKES_NUMBERS = ("_foreach_", "_fused_")
"""Optimizers may be given a number that is on the processor."""
_REFUSED = {Tensor.numpy, Tensor.__array__}


class MixedDevices(AssertionError):
    """An operation was given tensors of the card and of the processor."""


class _Card:
    """Which memory belongs to the card. It is held, so that no address is used a second time."""

    def __init__(self, name: str) -> None:
        self.device = torch.device(name, 0)
        self._storages: dict[int, torch.UntypedStorage] = {}
        self.is_fetched_from = False
        """True while something goes to the processor; the gradient of another kind of number names a device too."""

    def has(self, tensor: Tensor) -> bool:
        if tensor.is_mkldnn:  # laid out for the processor, in memory that nobody is shown
            return False
        return tensor.untyped_storage()._cdata in self._storages

    def takes(self, tensor: Tensor) -> Tensor:
        if self.device.type == "mps" and tensor.dtype == torch.float64:
            raise TypeError("Cannot convert a MPS Tensor to float64")
        storage = tensor.untyped_storage()
        self._storages[storage._cdata] = storage
        return tensor

    def is_meant(self, device: object) -> bool:
        return _kind(device) == self.device.type


class _Operations(TorchDispatchMode):
    """Every operation below the gradient."""

    def __init__(self, card: _Card) -> None:
        super().__init__()
        self._card = card

    def __torch_dispatch__(
        self, operation: Any, types: object, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        tensors = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)]
        ours = [tensor for tensor in tensors if self._card.has(tensor)]
        is_sent = self._card.is_meant(kwargs.get("device"))
        is_fetched = self._card.is_fetched_from
        if is_sent:
            kwargs["device"] = torch.device("cpu")
        if ours:
            self._refuse_mixture(operation, tensors, kwargs)
        result = operation(*args, **kwargs)
        if is_sent and any(result is tensor for tensor in tensors):
            result = result.clone()  # to where it is already, as it seems
        if operation is torch.ops.aten.copy_.default or not (is_sent or (ours and not is_fetched)):
            return result
        return tree_map(lambda leaf: self._card.takes(leaf) if isinstance(leaf, Tensor) else leaf, result)

    def _refuse_mixture(self, operation: Any, tensors: list[Tensor], kwargs: dict[str, Any]) -> None:
        if operation.namespace == "quantized" or isinstance(kwargs.get("generator"), torch.Generator):
            raise MixedDevices(f"{operation} is of the processor alone")
        may_be_number = torch.Tag.pointwise in operation.tags or operation.__name__.startswith(_TAKES_NUMBERS)
        for tensor in tensors:
            is_number = may_be_number and tensor.dim() == 0
            if operation not in _LEAVES_DEVICE and not is_number and not self._card.has(tensor):
                raise MixedDevices(f"{operation}: expected all tensors to be on the same device")


class _Names(TorchFunctionMode):
    """What Python sees: where a tensor says that it is, and where it is sent to."""

    def __init__(self, card: _Card) -> None:
        super().__init__()
        self._card = card

    def __torch_function__(
        self, function: Any, types: object, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        is_ours = bool(args) and isinstance(args[0], Tensor) and self._card.has(args[0])
        if function == Tensor.device.__get__:
            return self._card.device if is_ours else function(*args)
        if function is torch.device:
            return torch.device(*args, **kwargs)
        if function in _REFUSED and is_ours:
            raise TypeError(f"can't convert {self._card.device} device type tensor to numpy. Use Tensor.cpu() first.")
        if function is Tensor.pin_memory:
            return args[0].clone()
        if function is Tensor.cpu:
            return self._fetched(args[0])
        if function is Tensor.to and is_ours and "cpu" in map(_kind, (*args[1:], *kwargs.values())):
            fetched = self._fetched(args[0])
            return fetched.to(*args[1:], **kwargs)
        result = function(*tree_map(self._numbered, args), **tree_map(self._numbered, kwargs))
        if function is Tensor.new_tensor and is_ours:
            return self._card.takes(result)
        if function is Tensor.to and is_ours and result is not args[0]:
            return self._card.takes(result)
        return result

    def _fetched(self, tensor: Tensor) -> Tensor:
        if not self._card.has(tensor):
            return tensor
        self._card.is_fetched_from = True
        try:
            return torch.ops.aten._to_copy.default(tensor, device=torch.device("cpu"))
        finally:
            self._card.is_fetched_from = False

    def _numbered(self, leaf: object) -> object:
        return self._card.device if self._card.is_meant(leaf) else leaf


def _kind(device: object) -> str:
    """The word for a kind of device; empty for anything else."""
    return str(device).partition(":")[0] if isinstance(device, (str, torch.device)) else ""


@contextlib.contextmanager
def pretended(name: str) -> Iterator[torch.device]:
    """Inside, there is a card of this name. Nothing of it may be used outside."""
    card = _Card(name)
    without_driver = mock.patch("torch.cuda._lazy_init", return_value=None)
    with torch.backends.cudnn.flags(enabled=False), without_driver, _Operations(card), _Names(card):
        yield card.device
