"""Memories after words that were read or written lately, so that going back to them costs nothing.

A memory belongs to a turn and to a number of its tokens; turns never change before their last shown word, so it stays
true whatever is undone or branched. The newest DENSE are all kept, of the older ones every SPARSE_STEP-th.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnntui.lm.generator import GeneratorState

DENSE = 2_048
SPARSE = 2_048
SPARSE_STEP = 32


class StateCache:
    """Memories by turn and number of tokens."""

    def __init__(self) -> None:
        self._dense: dict[tuple[int, int], GeneratorState] = {}
        self._sparse: dict[tuple[int, int], GeneratorState] = {}

    def add(self, turn_id: int, kept: int, memory: "GeneratorState") -> None:
        """Keep the memory after `kept` tokens of a turn."""
        self._dense[turn_id, kept] = memory
        if len(self._dense) <= DENSE:
            return
        oldest = next(iter(self._dense))
        value = self._dense.pop(oldest)
        if oldest[1] % SPARSE_STEP:
            return
        self._sparse[oldest] = value
        if len(self._sparse) > SPARSE:
            del self._sparse[next(iter(self._sparse))]

    def nearest(self, turn_id: int, kept: int) -> "tuple[GeneratorState, int] | None":
        """The newest memory of a turn after at most `kept` tokens, but not many fewer; and after how many."""
        for count in range(kept, max(0, kept - SPARSE_STEP), -1):
            memory = self._dense.get((turn_id, count)) or self._sparse.get((turn_id, count))
            if memory:
                return memory, count
        return None

    def copy(self, source_id: int, turn_id: int, kept: int) -> None:
        """The first `kept` tokens of two turns are the same: so are the memories after them."""
        for count in range(1, kept + 1):
            memory = self._dense.get((source_id, count)) or self._sparse.get((source_id, count))
            if memory:
                self.add(turn_id, count, memory)

    def drop(self, turn_id: int, kept: int, length: int) -> None:
        """A turn ends after `kept` of its `length` tokens now."""
        for count in range(kept + 1, length + 1):
            self._dense.pop((turn_id, count), None)
            self._sparse.pop((turn_id, count), None)
