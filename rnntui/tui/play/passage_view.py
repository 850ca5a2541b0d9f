"""The passage: its end, where the word is missing, stays in sight whatever else takes room."""

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from rnntui.tui.safe import joined


class PassageView(VerticalScroll, can_focus=False):
    """Scrolled to its end when it is shown, and when its size changes."""

    def compose(self) -> ComposeResult:
        """The text."""
        yield Static(id="play-words")

    def show(self, text: Content) -> None:
        """Show a passage."""
        self.query_one(Static).update(joined(text))
        self._follow()

    def on_resize(self) -> None:
        """Less or more of it can be seen."""
        self._follow()

    def _follow(self) -> None:
        self.call_after_refresh(self.scroll_end, animate=False)
