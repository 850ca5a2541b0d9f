"""Falling curves in braille over the person's minutes; the time axis is a slider over the moments of a run."""

from itertools import groupby
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from rnntui.tui.widgets.chart_picture import ChartContent, Picture, draw, time_axis

_AXIS_CELLS = 6
_AXIS_ROWS = 2
_ZOOMS = (1, 2, 4)
"""The whole time; the last half or the last quarter of what is over."""


class LossChart(Widget):
    """Bits per character over the time of a run. What is drawn stands in `chart_picture`."""

    DEFAULT_CSS = """
    LossChart {
        height: 1fr;
        & > .chart--training { color: $text-primary; }
        & > .chart--held-out { color: $text-warning; text-style: bold; }
        & > .chart--other-training { color: $text-success; }
        & > .chart--other-held-out { color: $text-success; text-style: bold; }
        & > .chart--both { color: $foreground; text-style: bold; }
        & > .chart--baseline { color: $foreground 50%; }
        & > .chart--axis { color: $foreground 38%; }
        & > .chart--chosen { color: $text-warning; text-style: bold; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"chart--{name}"
        for name in (
            *("training", "held-out", "other-training", "other-held-out", "both"),
            *("baseline", "axis", "chosen"),
        )
    }

    class Picked(Message):
        """A moment was pointed at with the mouse."""

        def __init__(self, seconds: float) -> None:
            self.seconds = seconds
            super().__init__()

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._zoom = 1
        self._content = ChartContent()
        self._picture: Picture | None = None
        self._rows: list[list[Segment]] = []

    def show(self, content: ChartContent) -> None:
        """Draw this."""
        if content != self._content:
            self._content = content
            self._draw_anew()

    def zoom(self) -> int:
        """Go on to the next zoom, and back to the whole after the last; returns how far it is."""
        self._zoom = _ZOOMS[(_ZOOMS.index(self._zoom) + 1) % len(_ZOOMS)]
        self._draw_anew()
        return self._zoom

    def _draw_anew(self) -> None:
        self._rows = []
        self.refresh()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take the slider to the moment under the mouse."""
        self.capture_mouse()
        self._pick(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Draw the slider along."""
        if self.app.mouse_captured is self:
            self._pick(event)

    def on_mouse_up(self) -> None:
        """Let it stand."""
        self.release_mouse()

    def _pick(self, event: events.MouseEvent) -> None:
        if self._picture is None or not self._content.moments:
            return
        frame, columns = self._picture.frame, self._picture.columns
        share = max(0.0, min(1.0, (event.x - _AXIS_CELLS + 0.5) / max(1, columns)))
        self.post_message(self.Picked(frame.begin + share * (frame.seconds - frame.begin)))

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
        picture = draw(self._content, width - _AXIS_CELLS, height - _AXIS_ROWS, self._zoom)
        self._picture = picture
        frame, rendered = picture.frame, []
        for number, row in enumerate(picture.cells):
            value = frame.high - (number + 0.5) / len(picture.cells) * (frame.high - frame.low)
            label = f"{value:5.2f}" if number % 3 == 0 and self._content.has_points else " " * 5
            rendered.append([Segment(f"{label}│", self._style("axis")), *self._segments(row)])
        line, times = time_axis(picture, self._content)
        axis = self._style("axis")
        slider = [Segment(" " * (_AXIS_CELLS - 1) + "└", axis)]
        slider += [
            Segment("".join(signs), self._style("chosen" if is_chosen else "axis"))
            for is_chosen, signs in groupby(line, key=lambda sign: sign == "◆")
        ]
        below = [Segment(" " * _AXIS_CELLS, axis), *(Segment(text, self._style(style)) for text, style in times)]
        return [*rendered, slider, below]

    def _segments(self, row: list[tuple[str, str]]) -> list[Segment]:
        runs = groupby(row, key=lambda cell: cell[1])
        return [Segment("".join(sign for sign, _ in run), self._style(name)) for name, run in runs]

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"chart--{name}")
