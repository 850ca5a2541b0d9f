"""Two falling curves in braille, with simpler models as lines across: bits per character over time.

Training is a thin curve; every evaluation on held-out text is a ring, so that the two can be told apart without colour.
"""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from rnntui.service.run.run_view import Point
from rnntui.text import duration, visible_line

_AXIS_CELLS = 6
_BRAILLE = 0x2800
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bits of a braille cell, by row and column."""
_SETTLED_FROM = 0.08
"""The first points of a curve are far above the rest and would flatten it; they may leave the picture at the top."""


_ZOOMS = (1, 2, 4)
"""The whole time; the last half or the last quarter of what is over."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Which seconds and which bits per character the picture spans."""

    seconds: float
    """Where it ends."""
    low: float
    high: float
    begin: float = 0.0
    """Where it begins, in seconds."""

    def share(self, seconds: float) -> float:
        """How far to the right a moment is, 0 to 1."""
        return (seconds - self.begin) / (self.seconds - self.begin)


def fit_frame(curves: Sequence[Sequence[Point]], baselines: Mapping[str, float], budget: float, zoom: int = 1) -> Frame:
    """A frame that holds the curves, once they have settled, and the baselines near them.

    Args:
        curves: Of training and of held-out text.
        baselines: Bits per character of simpler models.
        budget: Seconds that the whole time spans.
        zoom: Above 1 only so small a part of the time that is over, its end.
    """
    if zoom > 1 and any(curves):
        end = max(1.0, max(curve[-1].seconds for curve in curves if curve))
        begin = end * (1 - 1 / zoom)
        late = [[point for point in curve if point.seconds >= begin] for curve in curves]
        frame = fit_frame(late, baselines, end)
        return dataclasses.replace(frame, seconds=end, begin=begin)
    values: list[float] = []
    seconds = budget
    for curve in curves:
        known = [point for point in curve if _is_known(point.bits_per_character)]
        seconds = max([seconds, *(point.seconds for point in known)])
        settled = known[int(len(known) * _SETTLED_FROM) :] if len(known) > 12 else known
        values += [point.bits_per_character for point in settled]
    if not values:
        return Frame(max(1.0, seconds), 0.0, 1.0)
    near = [value for value in baselines.values() if _is_known(value) and value < 1.15 * max(values)]
    low, high = min([*values, *near]), max([*values, *near])
    margin = max(0.02, (high - low) * 0.06)
    return Frame(max(1.0, seconds), low - margin, high + margin)


class LossChart(Widget):
    """Bits per character over seconds."""

    DEFAULT_CSS = """
    LossChart {
        height: 1fr;
        & > .chart--training { color: $text-primary; }
        & > .chart--validation { color: $warning; text-style: bold; }
        & > .chart--baseline { color: $foreground 38%; }
        & > .chart--axis { color: $foreground 38%; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"chart--training", "chart--validation", "chart--baseline", "chart--axis"}

    class Clicked(Message):
        """The mouse was pressed on it."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._zoom = 1
        self._training: tuple[Point, ...] = ()
        self._validation: tuple[Point, ...] = ()
        self._baselines: dict[str, float] = {}
        self._budget = 0.0
        self._rows: list[list[Segment]] = []

    def show(
        self,
        training: tuple[Point, ...],
        validation: tuple[Point, ...],
        baselines: Mapping[str, float],
        budget_seconds: float,
    ) -> None:
        """Draw these curves."""
        fresh = (training, validation, dict(baselines), budget_seconds)
        if fresh == (self._training, self._validation, self._baselines, self._budget):
            return
        self._training, self._validation, self._baselines, self._budget = fresh
        self._rows = []
        self.refresh()

    def zoom(self) -> int:
        """Go on to the next zoom, and back to the whole after the last; returns how far it is."""
        self._zoom = _ZOOMS[(_ZOOMS.index(self._zoom) + 1) % len(_ZOOMS)]
        self._rows = []
        self.refresh()
        return self._zoom

    def on_click(self) -> None:
        """Whoever shows it decides what that means."""
        self.post_message(self.Clicked())

    def on_resize(self) -> None:
        """Another size needs another picture."""
        self._rows = []

    def notify_style_update(self) -> None:
        """Other colours need another picture."""
        super().notify_style_update()
        self._rows = []

    def render_line(self, y: int) -> Strip:
        """One row of the picture."""
        width, height = self.size
        if width <= _AXIS_CELLS + 4 or height < 4:
            return Strip.blank(width, self.rich_style)
        if not self._rows:
            self._rows = self._render_rows(width, height)
        return Strip(self._rows[y] if y < len(self._rows) else []).adjust_cell_length(width, self.rich_style)

    def _render_rows(self, width: int, height: int) -> list[list[Segment]]:
        columns, rows = width - _AXIS_CELLS, height - 2
        frame = fit_frame([self._training, self._validation], self._baselines, self._budget, self._zoom)
        cells: list[list[tuple[str, str]]] = [[(" ", "axis")] * columns for _ in range(rows)]
        self._plot_baselines(cells, frame)
        self._plot_curve(cells, frame)
        self._plot_names(cells, frame)
        self._plot_rings(cells, frame)
        rendered = []
        for number, row in enumerate(cells):
            value = frame.high - (number + 0.5) / rows * (frame.high - frame.low)
            label = f"{value:5.2f}" if number % 3 == 0 and self._has_points else " " * 5
            rendered.append([Segment(f"{label}│", self._style("axis")), *self._segments(row)])
        return [*rendered, *self._time_axis(columns, frame)]

    @property
    def _has_points(self) -> bool:
        return bool(self._training or self._validation)

    def _plot_baselines(self, cells: list[list[tuple[str, str]]], frame: Frame) -> None:
        for value in self._baselines.values():
            row = _row_of(value, frame, len(cells))
            if row is not None:
                cells[row] = [("╌", "baseline")] * len(cells[0])

    def _plot_names(self, cells: list[list[tuple[str, str]]], frame: Frame) -> None:
        for name, value in self._baselines.items():
            row = _row_of(value, frame, len(cells))
            label = f" {visible_line(name, 24)} {value:.2f} "
            if row is None or not label.isascii() or len(label) > len(cells[0]):
                continue
            cells[row][-len(label) :] = [(sign, "baseline") for sign in label]

    def _plot_curve(self, cells: list[list[tuple[str, str]]], frame: Frame) -> None:
        rows, columns = len(cells), len(cells[0])
        bits = [[0] * columns for _ in range(rows)]
        height = 4 * rows - 1
        dots = [
            (x, round((frame.high - value) / (frame.high - frame.low) * height))
            for x, value in _average_columns(self._training, 2 * columns, frame)
        ]
        for (x0, y0), (x1, y1) in zip(dots[:1] + dots, dots, strict=False):
            steps = max(1, x1 - x0, min(abs(y1 - y0), 4 * height))
            for step in range(steps + 1):
                x, y = x0 + (x1 - x0) * step // steps, y0 + (y1 - y0) * step // steps
                if 0 <= y <= height:
                    bits[y // 4][x // 2] |= _DOTS[y % 4][x % 2]
        for number, line in enumerate(bits):
            for column, pattern in enumerate(line):
                if pattern:
                    cells[number][column] = (chr(_BRAILLE + pattern), "training")

    def _plot_rings(self, cells: list[list[tuple[str, str]]], frame: Frame) -> None:
        columns = len(cells[0])
        for point in self._validation:
            row = _row_of(point.bits_per_character, frame, len(cells))
            column = min(columns - 1, int(frame.share(point.seconds) * columns))
            if row is not None and point.seconds >= frame.begin:
                cells[row][column] = ("○", "validation")

    def _segments(self, row: list[tuple[str, str]]) -> list[Segment]:
        runs = groupby(row, key=lambda cell: cell[1])
        return [Segment("".join(sign for sign, _ in run), self._style(name)) for name, run in runs]

    def _time_axis(self, columns: int, frame: Frame) -> list[list[Segment]]:
        end = duration(frame.seconds)
        middle = duration((frame.begin + frame.seconds) / 2)
        begin = duration(frame.begin) if frame.begin else "0"
        labels = begin.ljust(max(1, columns // 2 - len(middle) // 2)) + middle
        labels = labels.ljust(max(1, columns - len(end))) + end
        style = self._style("axis")
        return [
            [Segment(" " * (_AXIS_CELLS - 1) + "└" + "─" * columns, style)],
            [Segment(" " * _AXIS_CELLS + labels[:columns], style)],
        ]

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"chart--{name}")


def _is_known(value: float) -> bool:
    return math.isfinite(value) and abs(value) < 1e6


def _row_of(value: float, frame: Frame, rows: int) -> int | None:
    if not _is_known(value) or not frame.low <= value <= frame.high:
        return None
    return min(rows - 1, int((frame.high - value) / (frame.high - frame.low) * rows))


def _average_columns(curve: Sequence[Point], columns: int, frame: Frame) -> list[tuple[int, float]]:
    """One mean value for each dot column that has points."""
    sums: dict[int, tuple[float, int]] = {}
    for point in curve:
        if _is_known(point.bits_per_character) and point.seconds >= frame.begin:
            column = min(columns - 1, max(0, int(frame.share(point.seconds) * columns)))
            total, count = sums.get(column, (0.0, 0))
            sums[column] = (total + point.bits_per_character, count + 1)
    return [(column, total / count) for column, (total, count) in sorted(sums.items())]
