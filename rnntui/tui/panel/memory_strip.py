"""The hidden state as a picture: one small mark per unit, changing with every word, blank when it is empty.

In colour a unit is a cell, tinted from one end of its range to the other; without colour it is a little column. A unit
that moves less than anybody could see stays as it is. Two units in one cell took three times as many bytes for a unit.
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
_ROWS, _MOST_ROWS = 4, 8
_LOW_SCREEN, _HIGH_SCREEN = 36, 50
_STEPS = 4
_SEEN = 2
"""A tint changes when it is so many of these steps away."""
_LEAST_REACH = 1 / 3
"""Of how far the strongest tenth reach: what never leaves the middle stays faint, and noise is not shown as news."""


class MemoryStrip(Widget):
    """One number per unit, shown in shares of how far the unit has been from zero since the memory was empty."""

    DEFAULT_CSS = """
    MemoryStrip {
        height: auto;
        max-height: 8;
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
        """As many rows as the units need and there is room for."""
        height, is_broad = self.app.size.height, self.screen.has_class("-broad")
        most = _ROWS if height > _LOW_SCREEN or is_broad else _ROWS - 1
        most = _MOST_ROWS if is_broad and height > _HIGH_SCREEN else most
        return max(1, min(most, -(-len(self._units) // max(1, width))))

    @property
    def _is_plain(self) -> bool:
        has_few_colours = self.app.console.color_system == "standard" and not self.app.is_headless
        return self.app.no_color or self.app.native_ansi_color or has_few_colours

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
        values = _fit(self._tints, width * height)[y * width : (y + 1) * width]
        ground = self.background_colors[1]
        high, low = (self.get_component_styles(f"memory--{name}").color for name in ("positive", "negative"))
        return [Segment(" ", _tint(value, ground, high, low)) for value in values]

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
    """One of 9 tints: -4 to 4."""
    if value != value:
        return 0
    step: int = round(min(1.0, abs(value)) ** 0.7 * _STEPS)
    return step if value > 0 else -step


@lru_cache(maxsize=32 * (2 * _STEPS + 1))
def _tint(step: int, ground: Color, high: Color, low: Color) -> Style:
    return Style(bgcolor=ground.blend(high if step > 0 else low, abs(step) / _STEPS).rich_color)
