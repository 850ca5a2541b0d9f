"""The hidden state as a picture: one small mark per unit, changing with every word, blank when it is empty.

In colour a unit is half a cell, tinted from one end of its range to the other; without colour it is a little column. A
unit that moves less than anybody could see stays as it is: of a hundred cells a word changes thirty so much.
"""

from functools import lru_cache
from typing import ClassVar, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.strip import Strip
from textual.widget import Widget

N = TypeVar("N", int, float)

_COLUMNS = " ▁▂▃▄▅▆▇█"
_MOST_ROWS = 4
_STEPS = 6
_SEEN = 2
"""A tint changes when it is so many of these steps away."""
_LEAST_REACH = 1 / 3
"""Of how far the strongest tenth reach: what never leaves the middle stays faint, and noise is not shown as news."""


class MemoryStrip(Widget):
    """One number per unit, shown in shares of how far the unit has been from zero since the memory was empty."""

    DEFAULT_CSS = """
    MemoryStrip {
        height: auto;
        max-height: 4;
        & > .memory--positive { color: $warning; }
        & > .memory--negative { color: $primary; }
        & > .memory--blank { color: $panel-lighten-2; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"memory--positive", "memory--negative", "memory--blank"}

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._units: tuple[float, ...] = ()
        self._reach: tuple[float, ...] = ()
        """How far each unit has been from zero."""
        self._tints: tuple[int, ...] = ()
        """The tint of each unit, in steps: near what it is."""

    @property
    def is_blank(self) -> bool:
        """True when every unit is zero or none is known."""
        return not any(self._units)

    @property
    def units(self) -> tuple[float, ...]:
        """The numbers that are shown."""
        return self._units

    def show(self, units: tuple[float, ...]) -> None:
        """Show a memory; nothing is painted again when it did not change."""
        if units == self._units:
            return
        is_resized = len(units) != len(self._units)
        self._reach = _reach(units, () if is_resized or self.is_blank else self._reach)
        steps = tuple(map(_step, self._shares(units)))
        tints = steps
        if not is_resized and not self.is_blank and any(units):
            pairs = zip(self._tints, steps, strict=True)
            tints = tuple(step if abs(step - tint) >= _SEEN else tint for tint, step in pairs)
        self._units = units
        if self._is_plain or tints != self._tints:
            self._tints = tints
            self.refresh(layout=is_resized)

    def _shares(self, units: tuple[float, ...]) -> tuple[float, ...]:
        """The units in shares of their reach, -1 to 1."""
        ordered = sorted(self._reach)
        least = _LEAST_REACH * ordered[len(ordered) * 9 // 10] if ordered else 0.0
        pairs = zip(units, self._reach, strict=True)
        return tuple(unit / max(reach, least) if unit == unit and reach else 0.0 for unit, reach in pairs)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """As many rows as the units need, at most four."""
        per_row = width if self._is_plain else 2 * width
        return max(1, min(_MOST_ROWS, -(-len(self._units) // max(1, per_row))))

    @property
    def _is_plain(self) -> bool:
        return self.app.no_color or self.app.native_ansi_color

    def render_line(self, y: int) -> Strip:
        """One row of units."""
        width, height = self.size
        if width < 1:
            return Strip.blank(0)
        if self.is_blank:
            dots = "·" * width if y < height else ""
            return Strip([Segment(dots, self._style("blank"))]).adjust_cell_length(width, self.rich_style)
        segments = self._plain_row(y, width, height) if self._is_plain else self._tinted_row(y, width, height)
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _plain_row(self, y: int, width: int, height: int) -> list[Segment]:
        values = _fit(self._shares(self._units), width * height)[y * width : (y + 1) * width]
        marks = "".join(_COLUMNS[round((value + 1) / 2 * 8)] for value in values)
        return [Segment(marks, self._style("positive"))]

    def _tinted_row(self, y: int, width: int, height: int) -> list[Segment]:
        values = _fit(self._tints, 2 * width * height)
        top = values[2 * y * width : (2 * y + 1) * width]
        bottom = values[(2 * y + 1) * width : (2 * y + 2) * width]
        ground = self.background_colors[1]
        high, low = (self.get_component_styles(f"memory--{name}").color for name in ("positive", "negative"))
        bottom += (0,) * (len(top) - len(bottom))
        return [
            Segment("▀", _half_cells(upper, lower, ground, high, low)) for upper, lower in zip(top, bottom, strict=True)
        ]

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"memory--{name}")


def _reach(units: tuple[float, ...], before: tuple[float, ...]) -> tuple[float, ...]:
    """How far each unit has been from zero by now; what is no number is nowhere."""
    now = tuple(min(1.0, abs(unit)) if unit == unit else 0.0 for unit in units)
    return tuple(map(max, now, before)) if before else now


def _fit(values: tuple[N, ...], places: int) -> tuple[N, ...]:
    """What each unit has, or every n-th of them when there are more than places."""
    if len(values) <= places:
        return values
    return tuple(values[index * len(values) // places] for index in range(places))


def _step(value: float) -> int:
    """One of 13 tints: -6 to 6."""
    if value != value:
        return 0
    step: int = round(min(1.0, abs(value)) ** 0.7 * _STEPS)
    return step if value > 0 else -step


@lru_cache(maxsize=4 * (2 * _STEPS + 1) ** 2)
def _half_cells(upper: int, lower: int, ground: Color, high: Color, low: Color) -> Style:
    colors = [ground.blend(high if step > 0 else low, abs(step) / _STEPS).rich_color for step in (upper, lower)]
    return Style(color=colors[0], bgcolor=colors[1])
