"""Which memories are marked for a blend, and how much of each, as a value."""

import dataclasses
from dataclasses import dataclass

_STEP = 0.1


@dataclass(frozen=True, slots=True)
class BlendChoice:
    """At most two memories by name, and the share of the first."""

    marked: tuple[str, ...] = ()
    share: float = 0.5

    @property
    def is_complete(self) -> bool:
        """True when there are two to blend."""
        return len(self.marked) == 2

    def toggle(self, name: str) -> "BlendChoice":
        """With a mark on this memory, or without it; of three marks the oldest goes."""
        if name in self.marked:
            return self.remove(name)
        return dataclasses.replace(self, marked=(*self.marked[-1:], name))

    def remove(self, name: str) -> "BlendChoice":
        """Without a mark on this memory."""
        return dataclasses.replace(self, marked=tuple(other for other in self.marked if other != name))

    def move(self, steps: int) -> "BlendChoice":
        """With more of the first, or less for a negative number; never less than nothing of either."""
        return dataclasses.replace(self, share=round(max(0.0, min(1.0, self.share + steps * _STEP)), 2))
