"""The line in which one types what to find in the conversation."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from rnntui.tui.actions import bindings_for
from rnntui.tui.safe import shown_line
from rnntui.tui.widgets.ask_line import AskLine


class FindLine(AskLine):
    """Enter and the arrow keys go from place to place; at its end it says how many there are."""

    DEFAULT_CSS = """
    FindLine > #find-count { color: $text-muted; text-style: none; padding: 0 0 0 1; }
    FindLine > #find-count.-none { color: $text-warning; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("find")
    HELP = (
        "All places are marked while you type: whole words, where there are any, whatever their capitals and quotes. "
        "Enter or {find-next} goes to the next place, {find-before} to the one before, {stop} closes. {find} again "
        "searches everywhere."
    )

    def compose(self) -> ComposeResult:
        """The question, the field and the count."""
        yield from super().compose()
        yield Static(id="find-count")

    def show_count(self, number: int, count: int, inside: int) -> None:
        """Say at which of how many places one is.

        Args:
            number: From 1.
            count: 0 where the words stand nowhere.
            inside: Places inside longer words, which are not among them.
        """
        label = self.query_one("#find-count", Static)
        label.set_class(not count and bool(self.text.strip()), "-none")
        label.update(shown_line(_count_text(number, count, inside) if self.text.strip() else ""))


def _count_text(number: int, count: int, inside: int) -> str:
    if not count:
        return "stands nowhere here"
    return f"{number:,} of {count:,}" + (f" · {inside:,} more inside words" if inside else "")
