"""A run that can be gone through: its curve, whose time axis is a slider, and what it said at the chosen moment."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from rnntui.service.run.run_moments import nearest_moment
from rnntui.tui.keys import with_keys
from rnntui.tui.runs.moment_text import render_moments
from rnntui.tui.runs.run_past import RunPast
from rnntui.tui.widgets.loss_chart import LossChart

_KEYS = "{moment-before} {moment-after} {moment-first} {moment-newest}"  # the report's slider has the same


class RunHistory(Horizontal):
    """The slider follows the newest moment until somebody goes back, and again when it stands at the newest."""

    DEFAULT_CSS = """
    RunHistory > #chart { width: 3fr; margin-right: 2; }
    RunHistory > #samples-scroll { width: 2fr; height: 1fr; scrollbar-size-vertical: 1; }
    """

    class Moved(Message):
        """The slider stands at another moment."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._past = RunPast()
        self._other: RunPast | None = None
        self._chosen: int | None = None
        """None follows the newest."""
        self._instead = Content()
        self._shown: object = None

    def compose(self) -> ComposeResult:
        """The curve on the left, the words on the right."""
        yield LossChart(id="chart")
        with VerticalScroll(id="samples-scroll"):
            yield Static(id="samples")

    @property
    def at(self) -> int | None:
        """The moment at which the slider stands; None where there is none."""
        if not self._past.moments:
            return None
        newest = len(self._past.moments) - 1
        return newest if self._chosen is None else min(self._chosen, newest)

    @property
    def other(self) -> RunPast | None:
        """The run that is laid over it; None for none."""
        return self._other

    def show(self, past: RunPast, instead: Content) -> None:
        """Show what is known of the run now, and something else in the place of words as long as it has said none."""
        self._instead = instead
        if past.name != self._past.name or len(past.moments) < len(self._past.moments):
            self._chosen = None
        self._past = past
        self._draw()

    def lay_over(self, other: RunPast | None) -> None:
        """Draw another run on the same axis, or none."""
        self._other = other
        self._draw()

    def move(self, by: int) -> None:
        """So many moments on, or back."""
        if (at := self.at) is not None:
            self.go_to(at + by)

    def go_to(self, number: int) -> None:
        """To one of the moments; below 0 is the first, too large the newest, which is followed from then on."""
        newest = len(self._past.moments) - 1
        self._chosen = None if number >= newest else max(0, number)
        self._draw()
        self.query_one("#samples-scroll").scroll_home(animate=False)
        self.post_message(self.Moved())

    def go_to_newest(self) -> None:
        """To the newest moment, which is followed from now on."""
        self.go_to(len(self._past.moments))

    def zoom(self) -> int:
        """Show the whole curve, its last half or its last quarter; returns how far it is zoomed."""
        return self.query_one(LossChart).zoom()

    @on(LossChart.Picked)
    def _go_to_picked(self, event: LossChart.Picked) -> None:
        event.stop()
        nearest = nearest_moment(self._past.moments, event.seconds)
        if nearest is not None and nearest != self.at:
            self.go_to(nearest)

    def _draw(self) -> None:
        at = self.at
        self.query_one(LossChart).show(self._past.content(at, self._other))
        keys = with_keys(self.app, _KEYS)
        content = self._instead if at is None else render_moments(self._past, at, keys, self._other)
        fresh = (content.plain, tuple(content.spans))
        if fresh != self._shown:
            self._shown = fresh
            self.query_one("#samples", Static).update(content)
