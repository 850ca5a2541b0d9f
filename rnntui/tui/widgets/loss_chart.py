"""Two falling curves in braille, with simpler models as lines across: bits per character over time.

Training is a thin curve; every look at held-out text is a ring, so that the two can be told apart without colour.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from rnntui.service.run_view import Point
from rnntui.text import visible_line

_AXIS_CELLS = 6
_BRAILLE = 0x2800
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bits of a braille cell, by row and column."""
_SETTLED_FROM = 0.08
"""The first points of a curve are far above the rest and would flatten it; they may leave the picture at the top."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Which seconds and which bits per character the picture spans."""

    seconds: float
    low: float
    high: float


def frame_of(curves: Sequence[Sequence[Point]], baselines: Mapping[str, float], budget: float) -> Frame:
    """A frame that holds the curves, once they have settled, and the baselines near them."""
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

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
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
            self._rows = self._drawn(width, height)
        return Strip(self._rows[y] if y < len(self._rows) else []).adjust_cell_length(width, self.rich_style)

    def _drawn(self, width: int, height: int) -> list[list[Segment]]:
        columns, rows = width - _AXIS_CELLS, height - 2
        frame = frame_of([self._training, self._validation], self._baselines, self._budget)
        cells: list[list[tuple[str, str]]] = [[(" ", "axis")] * columns for _ in range(rows)]
        self._draw_lines(cells, frame)
        self._draw_curve(cells, frame)
        self._draw_names(cells, frame)
        self._draw_rings(cells, frame)
        drawn = []
        for number, row in enumerate(cells):
            value = frame.high - (number + 0.5) / rows * (frame.high - frame.low)
            label = f"{value:5.2f}" if number % 3 == 0 and self._has_points else " " * 5
            drawn.append([Segment(f"{label}│", self._style("axis")), *self._segments(row)])
        return [*drawn, *self._time_axis(columns, frame)]

    @property
    def _has_points(self) -> bool:
        return bool(self._training or self._validation)

    def _draw_lines(self, cells: list[list[tuple[str, str]]], frame: Frame) -> None:
        for value in self._baselines.values():
            row = _row_of(value, frame, len(cells))
            if row is not None:
                cells[row] = [("╌", "baseline")] * len(cells[0])

    def _draw_names(self, cells: list[list[tuple[str, str]]], frame: Frame) -> None:
        for name, value in self._baselines.items():
            row = _row_of(value, frame, len(cells))
            label = f" {visible_line(name, 24)} {value:.2f} "
            if row is None or not label.isascii() or len(label) > len(cells[0]):
                continue
            cells[row][-len(label) :] = [(sign, "baseline") for sign in label]

    def _draw_curve(self, cells: list[list[tuple[str, str]]], frame: Frame) -> None:
        rows, columns = len(cells), len(cells[0])
        bits = [[0] * columns for _ in range(rows)]
        height = 4 * rows - 1
        dots = [
            (x, round((frame.high - value) / (frame.high - frame.low) * height))
            for x, value in _thinned(self._training, 2 * columns, frame.seconds)
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

    def _draw_rings(self, cells: list[list[tuple[str, str]]], frame: Frame) -> None:
        columns = len(cells[0])
        for point in self._validation:
            row = _row_of(point.bits_per_character, frame, len(cells))
            column = min(columns - 1, int(point.seconds / frame.seconds * columns))
            if row is not None:
                cells[row][column] = ("○", "validation")

    def _segments(self, row: list[tuple[str, str]]) -> list[Segment]:
        runs = groupby(row, key=lambda cell: cell[1])
        return [Segment("".join(sign for sign, _ in run), self._style(name)) for name, run in runs]

    def _time_axis(self, columns: int, frame: Frame) -> list[list[Segment]]:
        end = duration(frame.seconds)
        middle = duration(frame.seconds / 2)
        labels = "0".ljust(max(1, columns // 2 - len(middle) // 2)) + middle
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


def _thinned(curve: Sequence[Point], columns: int, seconds: float) -> list[tuple[int, float]]:
    """One mean value for each dot column that has points."""
    sums: dict[int, tuple[float, int]] = {}
    for point in curve:
        if _is_known(point.bits_per_character):
            column = min(columns - 1, max(0, int(point.seconds / seconds * columns)))
            total, count = sums.get(column, (0.0, 0))
            sums[column] = (total + point.bits_per_character, count + 1)
    return [(column, total / count) for column, (total, count) in sorted(sums.items())]


def duration(seconds: float) -> str:
    """Minutes and seconds, or hours and minutes."""
    whole = max(0, round(seconds))
    if whole < 3_600:
        return f"{whole // 60}:{whole % 60:02d}"
    return f"{whole // 3_600} h {whole % 3_600 // 60:02d}"
