"""The last page of the game: the score, what it means, the line for a friend, and where to go from here."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Static

from rnntui.tui.safe import joined, shown_line


class EndPage(VerticalScroll, can_focus=False):
    """A text and three buttons."""

    class Wanted(Message):
        """The person wants to go on."""

        def __init__(self, action: str) -> None:
            self.action = action
            """The screen's action: "again", "copy_line" or "leave"."""
            super().__init__()

    def compose(self) -> ComposeResult:
        """The text, then the buttons."""
        yield Static(id="play-end")
        with Horizontal(classes="play-row"):
            yield Button(shown_line("Play again"), id="play-again", variant="primary", compact=True)
            yield Button(shown_line("Copy the line"), id="play-copy-line", compact=True)
            yield Button(shown_line("Back"), id="play-leave", compact=True)

    def show(self, text: Content) -> None:
        """Show how a game ended."""
        self.query_one("#play-end", Static).update(joined(text))
        self.scroll_home(animate=False)

    @on(Button.Pressed)
    def _press(self, event: Button.Pressed) -> None:
        event.stop()
        self.post_message(self.Wanted(str(event.button.id).removeprefix("play-").replace("-", "_")))
