"""Everything a trainer needs to go on exactly where it was <-> bytes: tensors by name, and plain facts.

    model.<name>        weights                         optimizer.<name>.<slot>   what it remembers of each weight
    best.<name>         the best weights so far         carried.<part>            hidden state of every row
    dice                state of the random numbers     losses                    losses that were not reported yet
    averaged.<name>     their mean over the end

The bytes are safetensors with the facts as JSON in the header. They are checked against a fresh trainer of the same
settings before anything is taken over: names, shapes, kinds of number, finiteness. Never pickled.
"""

import functools
import json
import math
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from rnntui.errors import TrainingError
from rnntui.lm.cells import CELLS
from rnntui.lm.model import HiddenState
from rnntui.settings import ModelConfig

_FORMAT = 1
_LARGEST_HEADER = 4 << 20
_FACTS = "facts"
_CHANGED = ("model.", "optimizer.")
_MAY_BE_MISSING = ("carried.", "optimizer.", "averaged.", "losses")
"""There is no hidden state before the first step and after a bad one, no mean of weights before the end of a run, and
no loss right after a report."""


@dataclass(frozen=True, slots=True)
class TrainState:
    """A moment between two steps: of a whole run, or of a part of it that keeps its own tensors and facts."""

    tensors: Mapping[str, Tensor]
    """On the processor, so that a run can go on where there is no graphics card."""
    facts: Mapping[str, Any]
    """Numbers, texts and lists of them; what the optimizer and the loop count, and how the run was made."""


def merge(states: Iterable[TrainState]) -> TrainState:
    """The state of a run, from those of its parts, which share no name."""
    tensors: dict[str, Tensor] = {}
    facts: dict[str, Any] = {}
    for state in states:
        tensors |= state.tensors
        facts |= state.facts
    return TrainState(tensors, facts)


def pack(state: TrainState) -> bytes:
    """A state as bytes."""
    facts = json.dumps({"format": _FORMAT, **state.facts})
    tensors = {name: tensor.detach().contiguous() for name, tensor in state.tensors.items()}
    return safetensors.torch.save(_separate(tensors), {_FACTS: facts})


def pack_later(state: TrainState) -> Callable[[], bytes]:
    """A state as it is now, as a function that makes its bytes while the next steps are taken.

    Only what a step changes in place is copied: the weights, and what the optimizer remembers of them.
    """
    kept = {name: tensor.clone() if name.startswith(_CHANGED) else tensor for name, tensor in state.tensors.items()}
    return functools.partial(pack, TrainState(kept, state.facts))


def unpack(data: bytes) -> TrainState:
    """The state that `pack` wrote, not yet compared with any trainer.

    Raises:
        TrainingError: If the bytes are anything else.
    """
    try:
        (length,) = struct.unpack_from("<Q", data)
        if length > _LARGEST_HEADER:
            raise ValueError("header too long")
        header = json.loads(data[8 : 8 + length].decode("utf-8"))
        facts = json.loads(header["__metadata__"][_FACTS], parse_constant=_parse_constant)
        if not isinstance(facts, dict) or facts.pop("format", None) != _FORMAT:
            raise ValueError("another format")
        return TrainState(safetensors.torch.load(data), facts)
    except (SafetensorError, ValueError, KeyError, TypeError, RecursionError, struct.error) as problem:
        raise _damage_error() from problem


def check(state: TrainState, fresh: TrainState) -> None:
    """Refuse a state that a trainer of these settings cannot have had.

    Args:
        state: What was read.
        fresh: The state of a new trainer of the same settings, after its first step or with room for one.

    Raises:
        TrainingError: If names, shapes, kinds of number or facts do not fit, or a number is not finite.
    """
    for name, tensor in state.tensors.items():
        wanted = fresh.tensors.get(name)
        if wanted is None or wanted.dtype != tensor.dtype or (name != "losses" and wanted.shape != tensor.shape):
            raise _damage_error()
        if tensor.is_floating_point() and not torch.isfinite(tensor).all():
            raise _damage_error()
    missing = [name for name in fresh.tensors if name not in state.tensors and not name.startswith(_MAY_BE_MISSING)]
    if missing:
        raise _damage_error()
    for name, value in fresh.facts.items():
        found = state.facts.get(name)
        if isinstance(found, bool) != isinstance(value, bool) or not isinstance(found, _types_like(value)):
            raise _damage_error()
    means = [{name for name in tensors if name.startswith("averaged.")} for tensors in (state.tensors, fresh.tensors)]
    if means[0] != (means[1] if state.facts.get("averaged") else set()):
        raise _damage_error()


def reduce_rows(state: TrainState, rows: int) -> TrainState:
    """A state whose rows were halved since it was kept: those that are left go on where they were.

    Args:
        state: Not yet checked.
        rows: Of the run by now.
    """
    tensors, facts = dict(state.tensors), dict(state.facts)
    counts = [facts.get(name) for name in ("rows", "cursor", "more_read")]
    while all(isinstance(count, int) for count in counts) and facts["rows"] > max(1, rows):
        fewer = facts["rows"] // 2
        for name in [name for name in tensors if name.startswith("carried.")]:
            if facts["rows"] % 2:
                del tensors[name]
            else:
                tensors[name] = tensors[name][:, ::2].contiguous()
        facts["more_read"] += facts["cursor"] * (facts["rows"] - fewer)
        facts["rows"] = fewer
    return TrainState(tensors, facts)


def add_prefix(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Tensors under names that begin with a prefix and a dot."""
    return {f"{prefix}.{name}": tensor for name, tensor in tensors.items()}


def remove_prefix(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors whose names begin with a prefix, copied, without it."""
    before = f"{prefix}."
    return {name.removeprefix(before): value.clone() for name, value in tensors.items() if name.startswith(before)}


def carried_state(state: TrainState, config: ModelConfig) -> HiddenState | None:
    """The hidden state of all rows, its parts in the order of the cell; None where there is none."""
    carried = remove_prefix("carried", state.tensors)
    parts = {part: carried[part] for part in CELLS[config.cell].state_parts if part in carried}
    return HiddenState(MappingProxyType(parts)) if parts else None


def _separate(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Safetensors refuses tensors that share memory; the best weights may be the present ones."""
    seen: set[int] = set()
    apart: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        apart[name] = tensor.clone() if tensor.data_ptr() in seen else tensor
        seen.add(tensor.data_ptr())
    return apart


def _types_like(value: object) -> tuple[type, ...]:
    return (int, float) if isinstance(value, float) else (type(value),)


def _parse_constant(word: str) -> float:
    if word == "Infinity":  # no evaluation yet: any figure is better
        return math.inf
    raise ValueError("not a number")


def _damage_error() -> TrainingError:
    return TrainingError("The saved state of the run is damaged or of another run.", "Start the training again.")
