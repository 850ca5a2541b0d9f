"""How the chosen texts were read, and what of it is to be otherwise: a dialog over the form, which reads them again."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from rnntui.records import ReadOptions
from rnntui.text_facts import TextFacts
from rnntui.tui.actions import bindings_for
from rnntui.tui.dialogs.dialog import Dialog
from rnntui.tui.keys import with_keys
from rnntui.tui.safe import joined, shown_line
from rnntui.tui.training.reading_rows import (
    ReadingRow,
    chosen,
    rows_of_left_out,
    rows_of_lines,
    rows_of_reading,
    turned,
)

_TITLES = {
    "reading": "How the text was read",
    "left-out": "What was left out",
    "lines": "How its lines were understood",
}
_HINT = "{reading-left-out} what was left out · {reading-lines} all passages of lines · {reading-close}"


class ReadingScreen(Dialog[None]):
    """One list: what can be chosen is marked, the rest is to be read. A choice holds at once, and can be taken back.

    Args:
        texts: How they were read.
        options: What the person has said of them.
        change: Called with what the person says now; the texts are read again then, and `show` tells how.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("reading")
    HELP = (
        "What the files were taken for, and what was changed or left out. Choose a row with a mark, or click it: the "
        "encoding, whether lines are joined, whose words are learned from, which private words are left out. The files "
        "are read again at once; the same once more takes it back."
    )

    def __init__(self, texts: Sequence[TextFacts], options: ReadOptions, change: Callable[[ReadOptions], None]) -> None:
        super().__init__()
        self._texts = tuple(texts)
        self._options = options
        self._change = change
        self._page = "reading"
        self._rows: list[ReadingRow] = []
        self._said = ""

    def compose(self) -> ComposeResult:
        """Title, rows, hint."""
        with Vertical(classes="dialog"):
            yield Static(id="reading-title", classes="dialog-title")
            yield OptionList(id="reading-rows")
            yield Static(shown_line(with_keys(self.app, _HINT)), classes="dialog-hint")

    def on_mount(self) -> None:
        """Show the first page."""
        self._fill()
        self.query_one(OptionList).focus()

    def show(self, texts: Sequence[TextFacts], sentence: str = "") -> None:
        """The texts were read again, or could not be; the sentence says why."""
        self._texts, self._said = tuple(texts) or self._texts, sentence
        if self.is_mounted:
            self._fill()

    def _fill(self) -> None:
        listed = self.query_one(OptionList)
        pages = {"left-out": rows_of_left_out, "lines": rows_of_lines}
        make = pages.get(self._page)
        self._rows = make(self._texts) if make else rows_of_reading(self._texts, self._options)
        before, scroll = listed.highlighted, listed.scroll_offset.y
        listed.clear_options()
        listed.add_options([Option(joined(row.content)) for row in self._rows])
        first = next((at for at, row in enumerate(self._rows) if row.does), 0)
        listed.highlighted = first if before is None else min(before, len(self._rows) - 1)
        listed.scroll_to(y=scroll, animate=False, immediate=True)
        self.query_one("#reading-title", Static).update(
            joined(_TITLES[self._page], "  ", shown_line(self._said, "$text-warning", 300))
        )

    @on(OptionList.OptionSelected)
    def _take_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._take(self._rows[event.option_index])

    def _take(self, row: ReadingRow) -> None:
        self._set(chosen(self._options, row, self._texts))

    def _set(self, options: ReadOptions) -> None:
        if options == self._options:
            return
        self._options, self._said = options, "reading it again …"
        self._fill()
        self._change(options)

    # ---- actions

    def action_check(self) -> None:
        """Choose the row under the cursor."""
        at = self.query_one(OptionList).highlighted
        if at is not None and at < len(self._rows):
            self._take(self._rows[at])

    def action_turn(self) -> None:
        """Join the lines that are kept, or keep those that are joined."""
        self._set(turned(self._texts, self._options))

    def action_page(self, name: str) -> None:
        """Another page, or back from it."""
        self._page = "reading" if self._page == name else name
        self.query_one(OptionList).highlighted = None
        self._fill()

    def action_leave(self) -> None:
        """Back to the first page, then close."""
        if self._page != "reading":
            self.action_page(self._page)
            return
        self.dismiss(None)
