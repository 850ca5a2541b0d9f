"""What a finished model said while it learned, from its report: the same slider as while it was watched."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from rnntui.tui.actions import bindings_for
from rnntui.tui.dialogs.dialog import Dialog
from rnntui.tui.runs.run_history import RunHistory
from rnntui.tui.runs.run_past import RunPast
from rnntui.tui.safe import shown_line


class HistoryScreen(Dialog[None]):
    """One run to go through.

    Args:
        past: What the report kept of it.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("history")
    HELP = (
        "{history-before} and {history-after} go back and on through what it said, {history-first} and {history-last} "
        "to the first and the last; a click into the curve goes there, too. {history-zoom} zooms into its end."
    )

    def __init__(self, past: RunPast) -> None:
        super().__init__()
        self._past = past

    def compose(self) -> ComposeResult:
        """The curve, whose time axis is the slider, and what was said."""
        with Vertical(classes="dialog"):
            yield Static(shown_line(f"How {self._past.name} learned"), classes="dialog-title")
            yield RunHistory(id="history")

    def on_mount(self) -> None:
        """Stand at the first words: whoever opens this wants to see how it came about."""
        history = self.query_one(RunHistory)
        history.show(self._past, Content())
        self.call_after_refresh(history.go_to, 0)

    def action_moment(self, by: int) -> None:
        """Another moment."""
        self.query_one(RunHistory).move(by)

    def action_zoom(self) -> None:
        """Show the whole curve, its last half or its last quarter."""
        self.query_one(RunHistory).zoom()
