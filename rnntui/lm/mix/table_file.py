"""A table of counts as named arrays for a model file, and back. What a file says is checked first.

For each length there are the 256 values and one packed column of bytes (deflate), in planes:

    low bytes, high bytes of the last words      each less the word before it among the followers of the same context
    codes
    low bytes, high bytes of how many follow     of the longest n-grams none

which takes 1.9 bytes an n-gram. Earlier versions kept the arrays as they are, in 4.8 bytes.
"""

import zlib
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from torch import Tensor

from rnntui.lm.mix.count_table import CODES, CountTable, TableOrder

T = TypeVar("T")

MOST_NGRAMS = 1 << 24
"""Of one length."""
_BASE = "base."
"""Beside the own counting there may be that of the model that this one went on from."""
_KINDS = {"last": np.uint16, "codes": np.uint8, "values": np.float32, "followers": np.uint16}
_LAST, _CODES, _VALUES, _FOLLOWERS = _KINDS
_PACKED, _SIZES = "packed", "sizes"
_LEVEL = 6
_SPARE = 4_096
"""An n-gram takes at least a byte of a packed column, but for so many: a small file cannot ask for much memory."""
Words = npt.NDArray[np.uint16]
Bytes = npt.NDArray[np.uint8]


def table_arrays(table: CountTable) -> dict[str, npt.NDArray[Any]]:
    """Everything that a pruned table consists of, by name."""
    orders = table.orders
    arrays: dict[str, npt.NDArray[Any]] = {_SIZES: np.array([order.last.size for order in orders], dtype=np.int32)}
    before = np.array([orders[0].last.size])
    for length, order in enumerate(orders, start=1):
        columns = (_differences(order.last, before), order.codes, order.followers)
        packed = zlib.compress(b"".join(plane.tobytes() for column in columns for plane in _planes(column)), _LEVEL)
        arrays[f"{_PACKED}{length}"] = np.frombuffer(packed, dtype=np.uint8)
        arrays[f"{_VALUES}{length}"] = np.ascontiguousarray(order.values, dtype=np.float32)
        before = order.followers
    return arrays


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
    if _SIZES in header:
        return _packed_shapes(header, order)
    shapes: dict[str, tuple[int, ...]] = {}
    for length in range(1, order + 1):
        size = size_in(header, f"{_LAST}{length}")
        if size is None or size > MOST_NGRAMS:
            return None
        shapes |= {f"{_LAST}{length}": (size,), f"{_CODES}{length}": (size,), f"{_VALUES}{length}": (CODES,)}
        shapes[f"{_FOLLOWERS}{length}"] = (size if length < order else 0,)
    return shapes


def _packed_shapes(header: Mapping[str, Any], order: int) -> dict[str, tuple[int, ...]] | None:
    shapes: dict[str, tuple[int, ...]] = {_SIZES: (order,)}
    for length in range(1, order + 1):
        size = size_in(header, f"{_PACKED}{length}")
        if size is None:
            return None
        shapes |= {f"{_PACKED}{length}": (size,), f"{_VALUES}{length}": (CODES,)}
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
    if _SIZES in tensors:
        return CountTable(_unpack(tensors, order), vocabulary_size)
    orders = []
    for length in range(1, order + 1):
        arrays = {field: tensors[f"{field}{length}"].numpy() for field in _KINDS}
        if any(array.dtype != _KINDS[field] for field, array in arrays.items()):
            raise ValueError("it has numbers of another kind")
        orders.append(TableOrder(**arrays))
    return CountTable(orders, vocabulary_size)


def _unpack(tensors: Mapping[str, Tensor], order: int) -> list[TableOrder]:
    """The n-grams of each length from packed columns.

    Raises:
        ValueError: If a column is damaged, or holds another number of bytes than its size says.
    """
    arrays = {name: tensor.numpy() for name, tensor in tensors.items()}
    sizes: list[int] = arrays[_SIZES].tolist()
    is_right = arrays[_SIZES].dtype == np.int32 and all(0 <= size <= MOST_NGRAMS for size in sizes)
    if not is_right or any(arrays[f"{_VALUES}{length}"].dtype != np.float32 for length in range(1, order + 1)):
        raise ValueError("it has numbers of another kind")
    orders: list[TableOrder] = []
    before: Words = np.zeros(0, dtype=np.uint16)
    for length, size in enumerate(sizes, start=1):
        planes = _planes_in(arrays[f"{_PACKED}{length}"], size, 5 if length < order else 3)
        last, codes = _join(*planes[:2]), planes[2].copy()  # a view would keep all planes
        followers = _join(*planes[3:]) if length < order else np.zeros(0, dtype=np.uint16)
        contexts = before if length > 1 else np.array([size])
        if int(contexts.sum(dtype=np.int64)) != size:
            raise ValueError("its n-grams do not fit together")
        orders.append(TableOrder(_accumulate(last, contexts), codes, arrays[f"{_VALUES}{length}"], followers))
        before = followers
    return orders


def _planes_in(packed: Bytes, size: int, count: int) -> list[Bytes]:
    """So many planes of so many bytes from a packed column; no more is unpacked.

    Raises:
        ValueError: If that is not what it holds.
    """
    if packed.dtype != np.uint8 or size > packed.size + _SPARE:
        raise ValueError("its n-grams do not fit together")
    unpacking = zlib.decompressobj()
    try:
        data = unpacking.decompress(packed.tobytes(), count * size + 1)
    except zlib.error as problem:
        raise ValueError("its n-grams are damaged") from problem
    if len(data) != count * size or not unpacking.eof or unpacking.unused_data:
        raise ValueError("its n-grams do not fit together")
    return [np.frombuffer(data, dtype=np.uint8, count=size, offset=at * size) for at in range(count)]


def _planes(column: npt.NDArray[Any]) -> list[Bytes]:
    """The low and the high bytes of words [M], or the bytes as they are."""
    if column.dtype == np.uint8:
        return [column]
    return [(column & 0xFF).astype(np.uint8), (column >> 8).astype(np.uint8)]


def _join(low: Bytes, high: Bytes) -> Words:
    joined: Words = high.astype(np.uint16)
    joined <<= 8
    joined |= low
    return joined


def _firsts(contexts: npt.NDArray[Any]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Where the followers of each context that has any begin, and how many they are."""
    counts = contexts[contexts > 0].astype(np.int64)
    return np.cumsum(counts) - counts, counts


def _differences(last: Words, contexts: npt.NDArray[Any]) -> Words:
    """Each word [M] less the one before it, the first of each context as it is.

    Args:
        last: [M]
        contexts: How many of them follow each n-gram one shorter.
    """
    differences: Words = np.diff(last, prepend=np.uint16(0)).astype(np.uint16)
    firsts, _ = _firsts(contexts)
    differences[firsts] = last[firsts]
    return differences


def _accumulate(differences: Words, contexts: npt.NDArray[Any]) -> Words:
    """The words [M] again. All sums are of 16 bits: what runs over in one place runs back in another."""
    last: Words = np.cumsum(differences, dtype=np.uint16)
    firsts, counts = _firsts(contexts)
    last -= np.repeat(last[firsts] - differences[firsts], counts)
    return last
