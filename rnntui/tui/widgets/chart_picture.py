"""The picture of a falling curve as cells of text: one or two runs, simpler models as lines across, names at the ends.

Training is a curve in braille dots, every look at held-out text a mark of its own; the second run's curve is broken and
its marks are squares, and where both share a cell its dots are those of both. So all are told apart without colour.
Knows no widget: a cell is a sign and the name of a style.
"""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len, set_cell_size

from rnntui.service.run.run_view import WITHOUT_NETWORK, Point
from rnntui.text import duration, visible_line

Cells = list[list[tuple[str, str]]]
"""Rows of (sign, style); a wide sign is followed by an empty one."""
_BRAILLE = 0x2800
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bits of a braille cell, by row and column."""
_SETTLED_FROM = 0.08
"""The first points of a curve are far above the rest and would flatten it; they may leave the picture at the top."""
_NEAR = 1.15
"""Simpler models that are worse by more than that are not in the picture: they would flatten the curve."""
_DASH = 3
"""Dot columns that are drawn, and left out, of the second run's curve."""
_MARGIN_FROM, _MOST_MARGIN = 56, 30
"""From so many columns on names have a margin to the right of the picture; so wide at most."""
_LONGEST_NAME = 12
_ROWS_FOR_ONE = 8
"""One row in so many a name may stand away from its line, where it has to make room."""
_SHOWN_NAMES = {WITHOUT_NETWORK: "counting + recent words"}
_MARKS = {"held-out": "○", "other-held-out": "□"}
_BOTH_MARKS = "◘"
_CHOSEN_MARKS = {"held-out": "●", "other-held-out": "■"}


@dataclass(frozen=True, slots=True)
class RunCurves:
    """What is drawn of one run."""

    training: tuple[Point, ...] = ()
    held_out: tuple[Point, ...] = ()
    best: float = 0.0
    """Bits per character of the weights that are kept, at a quick look; 0 before there is one."""
    name: str = ""
    """Of the run; only said where there are two."""


@dataclass(frozen=True, slots=True)
class ChartContent:
    """Everything that is drawn."""

    run: RunCurves = RunCurves()
    baselines: Mapping[str, float] = field(default_factory=dict)
    """Bits per character of simpler models, by name."""
    seconds: float = 0.0
    """That the whole time spans: the minutes of the person."""
    other: RunCurves | None = None
    """A run that is laid over it; None for none."""
    moments: tuple[float, ...] = ()
    """Where the slider can stand, in seconds."""
    at: int | None = None
    """At which of them it stands; None where there is none."""

    @property
    def has_points(self) -> bool:
        """False while there is nothing to draw."""
        return bool(self.run.training or self.run.held_out or self.other)

    @property
    def at_seconds(self) -> float | None:
        """Where the slider stands; None where it stands nowhere."""
        return self.moments[self.at] if self.at is not None and self.at < len(self.moments) else None


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

    def column(self, seconds: float, columns: int) -> int | None:
        """In which of so many columns a moment lies; None outside."""
        if not self.begin <= seconds <= self.seconds:
            return None
        return min(columns - 1, int(self.share(seconds) * columns))

    def row(self, value: float, rows: int) -> int | None:
        """In which of so many rows a value lies; None outside."""
        if not is_known(value) or not self.low <= value <= self.high:
            return None
        return min(rows - 1, int((self.high - value) / (self.high - self.low) * rows))


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
        known = [point for point in curve if is_known(point.bits_per_character)]
        seconds = max([seconds, *(point.seconds for point in known)])
        settled = known[int(len(known) * _SETTLED_FROM) :] if len(known) > 12 else known
        values += [point.bits_per_character for point in settled]
    if not values:
        return Frame(max(1.0, seconds), 0.0, 1.0)
    near = [value for value in baselines.values() if is_known(value) and value < _NEAR * max(values)]
    low, high = min([*values, *near]), max([*values, *near])
    margin = max(0.02, (high - low) * 0.06)
    return Frame(max(1.0, seconds), low - margin, high + margin)


def is_known(value: float) -> bool:
    """Whether a value can be drawn."""
    return math.isfinite(value) and abs(value) < 1e6


@dataclass(frozen=True, slots=True)
class LineName:
    """A name at the end of a line."""

    text: str
    style: str
    row: int
    column: int
    """Of the last cell of its line."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What was drawn, and where its time axis stands."""

    cells: Cells
    frame: Frame
    columns: int
    """Of the plot, without the margin for names."""


def draw(content: ChartContent, columns: int, rows: int, zoom: int = 1) -> Picture:
    """The picture, without its axes.

    Args:
        content: What to draw.
        columns: Width, with the margin for names.
        rows: Height.
        zoom: See `fit_frame`.
    """
    runs = (content.run, content.other) if content.other else (content.run,)
    curves = [curve for run in runs for curve in (run.training, run.held_out)]
    frame = fit_frame(curves, content.baselines, content.seconds, zoom)
    labels = list(_labels(content, frame, rows))
    longest = max((cell_len(label.text) for label in labels), default=0)
    margin = min(_MOST_MARGIN, longest + 1, columns // 2) if columns >= _MARGIN_FROM and labels else 0
    plot = columns - margin
    cells: Cells = [[(" ", "axis")] * columns for _ in range(rows)]
    for value in content.baselines.values():
        if (row := frame.row(value, rows)) is not None:
            cells[row][:plot] = [("╌", "baseline")] * plot
    _plot_slider(cells, content, frame, plot)
    _plot_curves(cells, runs, frame, plot)
    _plot_marks(cells, content, frame, plot)
    _place_labels(cells, list(_labels(content, frame, rows, plot)), plot, margin)
    return Picture(cells, frame, plot)


def time_axis(picture: Picture, content: ChartContent) -> tuple[str, list[tuple[str, str]]]:
    """The line below the picture, which is the slider, and the times below that as (text, style).

    At both ends and in the middle stands a time, and where the slider stands; where there is no room for all, the
    middle is left out, then whatever is too near to the slider.
    """
    frame, columns = picture.frame, picture.columns
    line = ["─"] * columns
    for seconds in content.moments:
        if (column := frame.column(seconds, columns)) is not None:
            line[column] = "┴"
    spans: list[tuple[int, str, str]] = []
    at = content.at_seconds
    chosen = None if at is None else frame.column(at, columns)
    if at is not None and chosen is not None:
        line[chosen] = "◆"
        text = duration(at)
        spans.append((max(0, min(columns - len(text), chosen - len(text) // 2)), text, "chosen"))
    middle, end = duration((frame.begin + frame.seconds) / 2), duration(frame.seconds)
    for place, text in (
        (0, duration(frame.begin) if frame.begin else "0"),
        (columns - len(end), end),
        (columns // 2 - len(middle) // 2, middle),
    ):
        if place >= 0 and all(place + len(text) < start or place > start + len(other) for start, other, _ in spans):
            spans.append((place, text, "axis"))
    row: list[tuple[str, str]] = []
    used = 0
    for start, text, style in sorted(spans):
        row += [(" " * (start - used), "axis"), (text, style)]
        used = start + len(text)
    return "".join(line), row


def _plot_slider(cells: Cells, content: ChartContent, frame: Frame, plot: int) -> None:
    at = content.at_seconds
    column = None if at is None else frame.column(at, plot)
    if column is None:
        return
    for row in cells:
        row[column] = ("┊" if row[column][0] == " " else row[column][0], "axis")


def _plot_curves(cells: Cells, runs: Sequence[RunCurves], frame: Frame, plot: int) -> None:
    layers = [_dots(run.training, len(cells), plot, frame, is_broken=number > 0) for number, run in enumerate(runs)]
    styles = ("training", "other-training")
    for row in range(len(cells)):
        for column in range(plot):
            patterns = [layer[row][column] for layer in layers]
            if not any(patterns):
                continue
            style = "both" if all(patterns) and len(patterns) > 1 else styles[0 if patterns[0] else 1]
            cells[row][column] = (chr(_BRAILLE + (patterns[0] | patterns[-1])), style)


def _dots(curve: Sequence[Point], rows: int, columns: int, frame: Frame, *, is_broken: bool) -> list[list[int]]:
    """The pattern of every cell of one curve."""
    bits = [[0] * columns for _ in range(rows)]
    height = 4 * rows - 1
    dots = [
        (x, round((frame.high - value) / (frame.high - frame.low) * height))
        for x, value in _average_columns(curve, 2 * columns, frame)
    ]
    for (x0, y0), (x1, y1) in zip(dots[:1] + dots, dots, strict=False):
        steps = max(1, x1 - x0, min(abs(y1 - y0), 4 * height))
        for step in range(steps + 1):
            x, y = x0 + (x1 - x0) * step // steps, y0 + (y1 - y0) * step // steps
            if 0 <= y <= height and not (is_broken and (x // _DASH) % 2):
                bits[y // 4][x // 2] |= _DOTS[y % 4][x % 2]
    return bits


def _average_columns(curve: Sequence[Point], columns: int, frame: Frame) -> list[tuple[int, float]]:
    """One mean value for each dot column that has points."""
    sums: dict[int, tuple[float, int]] = {}
    for point in curve:
        if is_known(point.bits_per_character) and point.seconds >= frame.begin:
            column = min(columns - 1, max(0, int(frame.share(point.seconds) * columns)))
            total, count = sums.get(column, (0.0, 0))
            sums[column] = (total + point.bits_per_character, count + 1)
    return [(column, total / count) for column, (total, count) in sorted(sums.items())]


def _plot_marks(cells: Cells, content: ChartContent, frame: Frame, plot: int) -> None:
    """The looks at held-out text: a square on a ring becomes one mark of its own."""
    marked: dict[tuple[int, int], str] = {}
    at = content.at_seconds
    chosen = None if at is None else frame.column(at, plot)
    other = content.other.held_out if content.other else ()
    for style, curve in (("held-out", content.run.held_out), ("other-held-out", other)):
        for point in curve:
            row, column = frame.row(point.bits_per_character, len(cells)), frame.column(point.seconds, plot)
            if row is None or column is None:
                continue
            is_shared = marked.get((row, column), style) != style
            marked[row, column] = style
            sign = (_CHOSEN_MARKS if column == chosen else _MARKS)[style]
            cells[row][column] = (_BOTH_MARKS, "both") if is_shared else (sign, style)


def _labels(content: ChartContent, frame: Frame, rows: int, plot: int = 1) -> list[LineName]:
    """The name of every line, the most important first; `plot` columns decide only where they end."""
    found: list[LineName] = []
    for run, before in ((content.run, ""), (content.other, "other-")):
        if run is None:
            continue
        name = f"{_short(run.name)} " if content.other else ""
        best = f", best {run.best:.2f}" if is_known(run.best) and run.best else ""
        found += _end_label(f"{name}held out{best}", f"{before}held-out", run.held_out[-1:], frame, rows, plot)
        averaged = _average_columns(run.training, 2 * plot, frame)[-1:]
        last = tuple(Point(run.training[-1].seconds, value) for _, value in averaged)
        found += _end_label(f"{name}training", f"{before}training", last, frame, rows, plot)
    for name, value in sorted(content.baselines.items(), key=lambda entry: entry[1]):
        if (row := frame.row(value, rows)) is not None:
            shown = _SHOWN_NAMES.get(name, visible_line(name, 24))
            found.append(LineName(f"{shown} {value:.2f}", "baseline", row, plot - 1))
    return found


def _end_label(text: str, style: str, last: Sequence[Point], frame: Frame, rows: int, plot: int) -> list[LineName]:
    if not last:
        return []
    row, column = frame.row(last[0].bits_per_character, rows), frame.column(last[0].seconds, plot)
    return [] if row is None or column is None else [LineName(text, style, row, column)]


def _short(name: str) -> str:
    line = visible_line(name, 40)
    return line if cell_len(line) <= _LONGEST_NAME else f"{set_cell_size(line, _LONGEST_NAME - 1)}…"


def _place_labels(cells: Cells, labels: Sequence[LineName], plot: int, margin: int) -> None:
    """Every name beside the end of its line, or as near as there is room; what finds none is left out."""
    taken: list[tuple[int, int, int]] = []
    for label in labels:
        wide = cell_len(label.text)
        width = len(cells[0])
        start = label.column + 2
        if margin and start + wide > plot:
            start = plot + 1
        start = min(start, width - wide)
        if start < 0:
            continue
        farthest = max(1, len(cells) // _ROWS_FOR_ONE)
        rows = [label.row + by for far in range(farthest + 1) for by in ((-far, far) if far else (0,))]
        fits = [
            row
            for row in rows
            if 0 <= row < len(cells)
            and all(row != other or start + wide < begin or start > end for other, begin, end in taken)
        ]
        free = [row for row in fits if _is_free(cells, row, max(0, start - 1), wide + 1)]
        if not fits:
            continue
        row = (free or fits)[0]
        taken.append((row, start, start + wide))
        if start > label.column + 2 and not margin and start > 0:
            cells[row][start - 1] = (" ", "axis")
        _write(cells[row], start, label)


def _is_free(cells: Cells, row: int, start: int, wide: int) -> bool:
    return all(sign in " ╌┊" for sign, _ in cells[row][start : start + wide])


def _write(row: list[tuple[str, str]], start: int, label: LineName) -> None:
    at = start
    for sign in label.text:
        cells = cell_len(sign)
        if cells == 0:
            continue
        row[at] = (sign, label.style)
        if cells == 2 and at + 1 < len(row):
            row[at + 1] = ("", label.style)
        at += cells
