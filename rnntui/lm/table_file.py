"""A table of counts as named arrays for a model file, and back. What a file says is checked first."""

from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from torch import Tensor

from rnntui.lm.count_table import CODES, CountTable, TableOrder

T = TypeVar("T")

MOST_NGRAMS = 1 << 24
"""Of one length."""
_BASE = "base."
"""Beside the own counting there may be that of the model that this one went on from."""
_KINDS = {"last": np.uint16, "codes": np.uint8, "values": np.float32, "followers": np.uint16}
_LAST, _CODES, _VALUES, _FOLLOWERS = _KINDS


def table_arrays(table: CountTable) -> dict[str, npt.NDArray[Any]]:
    """Everything that a pruned table consists of, by name."""
    arrays: dict[str, npt.NDArray[Any]] = {}
    for length, order in enumerate(table.orders, start=1):
        arrays |= {f"{_LAST}{length}": order.last, f"{_CODES}{length}": order.codes}
        arrays |= {f"{_VALUES}{length}": order.values, f"{_FOLLOWERS}{length}": order.followers}
    return {
        name: np.ascontiguousarray(array, dtype=_KINDS[name.rstrip("0123456789")]) for name, array in arrays.items()
    }


def table_bytes(table: CountTable) -> int:
    """How much of a file a table takes."""
    return sum(array.nbytes for array in table_arrays(table).values())


def is_table(header: Mapping[str, Any]) -> bool:
    """Whether a header, from whomever, speaks of a table at all."""
    return f"{_VALUES}1" in header


def of_base(named: Mapping[str, T]) -> dict[str, T]:
    """What in a file stands for the base's table, by the names that it has in a table of its own."""
    return {name.removeprefix(_BASE): value for name, value in named.items() if name.startswith(_BASE)}


def as_base(named: Mapping[str, T]) -> dict[str, T]:
    """The other way round: what is in a table, by its names as the base's."""
    return {_BASE + name: value for name, value in named.items()}


def table_shapes(header: Mapping[str, Any], order: int) -> dict[str, tuple[int, ...]] | None:
    """The shapes of all arrays of a table, from how many n-grams the header of a file says there are.

    Args:
        header: By name, from whomever; only whether its numbers are possible is looked at.
        order: Length of the longest n-grams.

    Returns:
        None if there cannot be so many.
    """
    shapes: dict[str, tuple[int, ...]] = {}
    for length in range(1, order + 1):
        size = size_in(header, f"{_LAST}{length}")
        if size is None or size > MOST_NGRAMS:
            return None
        shapes |= {f"{_LAST}{length}": (size,), f"{_CODES}{length}": (size,), f"{_VALUES}{length}": (CODES,)}
        shapes[f"{_FOLLOWERS}{length}"] = (size if length < order else 0,)
    return shapes


def size_in(header: Mapping[str, Any], name: str) -> int | None:
    """The length of one array, as a header from whomever has it; None if it is no length."""
    entry = header.get(name)
    shape = entry.get("shape") if isinstance(entry, dict) else None
    if not (isinstance(shape, list) and len(shape) == 1 and type(shape[0]) is int and shape[0] >= 0):
        return None
    return shape[0]


def table_of(tensors: Mapping[str, Tensor], order: int, vocabulary_size: int) -> CountTable:
    """The table that arrays of a file make.

    Raises:
        ValueError: With what does not fit, if they make none.
    """
    orders = []
    for length in range(1, order + 1):
        arrays = {field: tensors[f"{field}{length}"].numpy() for field in _KINDS}
        if any(array.dtype != _KINDS[field] for field, array in arrays.items()):
            raise ValueError("it has numbers of another kind")
        orders.append(TableOrder(**arrays))
    return CountTable(orders, vocabulary_size)
