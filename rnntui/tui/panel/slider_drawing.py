"""How one setting with its slider is drawn: name, value and bar beside each other, or below each other with a scale."""

from collections.abc import Callable
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from rnntui.tui.panel.slider_rows import LABEL_CELLS, VALUE_CELLS, Row

BAR_START = LABEL_CELLS + VALUE_CELLS + 2
"""The cell where a bar begins that stands beside its name and value."""
_LEAST_BAR = 3
_LOCKS = {True: ("■ locked", "■"), False: ("□ not locked", "□")}
"""What stands beside a seed, the longest that there is room for."""


@dataclass(frozen=True, slots=True)
class RowNow:
    """A row as it is at the moment."""

    value: object
    seed: str
    """What a row without stops shows: the seed that holds now, locked or not."""
    is_here: bool
    """Whether keys move it."""
    typed: str
    """What stands there instead of the value; empty while nothing is typed."""
    style_of: Callable[[str], Style]
    """"name", "value", "filled", "knob", "rest" or "here"."""
    ground: Style


def draw_line(row: Row, now: RowNow, line: int, width: int) -> list[Segment]:
    """One line of a row, counted from its first."""
    return _tall(row, now, line, width) if row.height > 1 else _flat(row, now, width)


def _tall(row: Row, now: RowNow, line: int, width: int) -> list[Segment]:
    """The name with the value, the bar, or the scale below it."""
    if line == 0:
        value = _value_text(row, now)
        gap = max(1, width - cell_len(row.label) - cell_len(value))
        name = Segment(row.label, now.style_of("here" if now.is_here else "name"))
        return [name, Segment(" " * gap, now.ground), Segment(value, now.style_of("value"))]
    if line == 1:
        return _bar(row, now, width)
    low, middle, high = (_end_text(row, value) for value in (row.low, (row.low + row.high) / 2, row.high))
    before = max(1, width // 2 - len(low))
    after = max(1, width - len(low) - len(middle) - len(high) - before)
    return [Segment(low + " " * before + middle + " " * after + high, now.style_of("rest"))]


def _flat(row: Row, now: RowNow, width: int) -> list[Segment]:
    """Name, value and bar beside each other."""
    segments = [
        Segment(f"{row.label:<{LABEL_CELLS}}", now.style_of("here" if now.is_here else "name")),
        Segment(f"{_value_text(row, now):>{VALUE_CELLS}}", now.style_of("here" if now.typed else "value")),
        Segment("  ", now.ground),
    ]
    room = max(0, width - BAR_START)
    if not row.stops:
        long, short = _LOCKS[now.value is not None]
        return [
            *segments,
            Segment(long if len(long) <= room else short, now.style_of("here" if now.is_here else "name")),
        ]
    return [*segments, *_bar(row, now, room)] if room >= _LEAST_BAR else segments


def _bar(row: Row, now: RowNow, room: int) -> list[Segment]:
    knob = round(row.share(now.value) * (room - 1))
    return [
        Segment("━" * knob, now.style_of("filled")),
        Segment("●", now.style_of("here" if now.is_here else "knob")),
        Segment("─" * (room - 1 - knob), now.style_of("rest")),
    ]


def _value_text(row: Row, now: RowNow) -> str:
    if now.typed:
        return f"{now.typed}▏"
    return row.text(now.value) if row.stops else now.seed[-VALUE_CELLS:]


def _end_text(row: Row, value: float) -> str:
    """A value below the bar: a word, or the plain number."""
    return row.slider.names.get(value, f"{value:g}")
