"""What is freed goes back to the system at once, or stays for what comes next, where the C library can be told so.

glibc keeps freed blocks of up to 32 MB for later. Work that needs dozens of such arrays for a moment, of growing sizes,
would leave twice their memory behind as holes.
"""

import contextlib
import ctypes
from collections.abc import Iterator
from typing import Protocol

_TRIM_THRESHOLD = -1
_MMAP_THRESHOLD = -3
_WHILE_GIVING_BACK = 1 << 20
_WHILE_KEPT = 1 << 30
_OTHERWISE = 32 << 20
_KEPT_OTHERWISE = 64 << 20


class _Heap(Protocol):
    """What glibc has and other C libraries lack."""

    def mallopt(self, option: int, value: int, /) -> int: ...

    def malloc_trim(self, kept: int, /) -> int: ...


@contextlib.contextmanager
def return_freed_memory() -> Iterator[None]:
    """While this is open, every block of a megabyte goes back when it is freed; at the end, so do the small ones."""
    heap = _heap()
    if heap is None:
        yield
        return
    heap.mallopt(_MMAP_THRESHOLD, _WHILE_GIVING_BACK)
    try:
        yield
    finally:
        heap.mallopt(_MMAP_THRESHOLD, _OTHERWISE)
        heap.malloc_trim(0)


@contextlib.contextmanager
def keep_freed_memory() -> Iterator[None]:
    """While this is open, what is freed stays for what is asked for next; at the end it goes back.

    A step of training asks for the same arrays as the step before. To get each from the system anew, and emptied by it,
    took a twelfth of a step in 32 rows and a sixth in 64.
    """
    heap = _heap()
    if heap is None:
        yield
        return
    heap.mallopt(_MMAP_THRESHOLD, _WHILE_KEPT)
    heap.mallopt(_TRIM_THRESHOLD, _WHILE_KEPT)
    try:
        yield
    finally:
        heap.mallopt(_MMAP_THRESHOLD, _OTHERWISE)
        heap.mallopt(_TRIM_THRESHOLD, _KEPT_OTHERWISE)
        heap.malloc_trim(0)


def _heap() -> _Heap | None:
    try:
        library = ctypes.CDLL(None)
        return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None
    except (OSError, TypeError):  # Windows has no library of the process itself
        return None
