"""The memory in numbers below its picture: how large, what the last word changed, how far it has moved since a word."""

import math
import time
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from rnntui.text import piece_label
from rnntui.tui.panel.memory_strip import MemoryStrip
from rnntui.tui.safe import joined, shown_line

_UNITS_SHOWN = 5
_STRIP_SECONDS = 0.5
"""While words come, the strip is drawn so often at most: it is most of what the panel writes, and nobody sees more."""
_MOST = "moved most: "
Units = Sequence[float]


def distance(one: Units, other: Units) -> float:
    """How far two memories are apart: the root of the mean squared difference of their units, 0 to 2."""
    if not one or len(one) != len(other):
        return 0.0
    return math.sqrt(sum((mine - theirs) ** 2 for mine, theirs in zip(one, other, strict=True)) / len(one))


def most_changed(before: Units, now: Units, count: int) -> list[tuple[int, float]]:
    """The units that changed most, each with its change, the largest first."""
    if len(before) != len(now):
        return []
    changes = [(unit, mine - theirs) for unit, (theirs, mine) in enumerate(zip(before, now, strict=True))]
    return sorted(changes, key=lambda entry: -abs(entry[1]))[:count]


class MemoryPanel(Vertical):
    """Heading, strip and two lines."""

    DEFAULT_CSS = """
    MemoryPanel { height: auto; }
    MemoryPanel > Static { height: 1; }
    """

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._before: tuple[float, ...] = ()
        self._now: tuple[float, ...] = ()
        self._drawn_at = 0.0
        self._late: Timer | None = None
        """Draws what came too soon after the picture before."""
        self._since: tuple[str, tuple[float, ...]] | None = None

    def compose(self) -> ComposeResult:
        """The strip and what it means."""
        yield MemoryStrip(id="memory")
        yield Static(id="memory-changed")
        yield Static(id="memory-since")

    def show(self, units: tuple[float, ...], before: tuple[float, ...] = ()) -> None:
        """Show a memory, and what the last word did to it.

        Args:
            units: The memory.
            before: What it was before the last word; empty when that is not known.
        """
        if units == self._now and not before:
            return
        self._before, self._now = before, units
        wait = self._drawn_at + _STRIP_SECONDS - time.monotonic()
        if not before or wait <= 0.0:
            self._draw_strip()
        elif self._late is None:
            self._late = self.set_timer(wait, self._draw_strip)
        self._update_lines()

    def _draw_strip(self) -> None:
        if self._late:
            self._late.stop()
        self._late, self._drawn_at = None, time.monotonic()
        self.query_one(MemoryStrip).show(self._now)

    def compare_with(self, piece: str, units: tuple[float, ...]) -> None:
        """Tell from now on how far the memory has moved since this word; without units, no longer."""
        self._since = (piece, units) if units else None
        self._update_lines()

    def _update_lines(self) -> None:
        self.query_one("#memory-changed", Static).update(self._changed_content(), layout=False)
        self.query_one("#memory-since", Static).update(self._since_content(), layout=False)

    def _changed_content(self) -> Content:
        changed = most_changed(self._before, self._now, _UNITS_SHOWN) if any(self._before) else []
        if not changed or not any(self._now):
            return shown_line("")
        names = [f"{unit} {'+' if change > 0 else '−'}{abs(change):.2f}" for unit, change in changed]
        line = f"unit {names[0]}"
        room = max(20, self.size.width - len(_MOST))
        for name in names[1:]:
            line += f", {name}" if len(line) + len(name) + 2 <= room else ""
        return joined((_MOST, "$foreground-muted"), line)

    def _since_content(self) -> Content:
        step = distance(self._before, self._now)
        if self._since is None:
            is_known = any(self._before) and any(self._now)
            return shown_line(f"all moved {step:.2f} on average" if is_known else "", "$foreground-muted")
        piece, units = self._since
        name = shown_line(piece_label(piece), "bold", 12)
        return joined(
            ("moved ", "$foreground-muted"),
            f"{distance(units, self._now):.2f}",
            (" on average since ", "$foreground-muted"),
            name,
        )
