"""A place in the book: its file, its line, and the passage with the run of words in it."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from rnntui.text import plural
from rnntui.tui.actions import bindings_for
from rnntui.tui.dialogs.dialog import Dialog
from rnntui.tui.safe import joined, shown, shown_line
from rnntui.tui.work import Desk

if TYPE_CHECKING:
    from rnntui.service.origin.origin import Place


class PlaceScreen(Dialog[None]):
    """One place at a time.

    Args:
        place: What stands at a place, by its number; asked in the background.
        numbers: Of all places.
        first: The first of them.
        words: Of the run.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("origin")
    HELP = (
        "The longest run of words through the chosen one that stands, word for word, in the text that the model has "
        "learned from. Marks, spaces and line ends between words make no difference, capital letters do. {next-place} "
        "and {place-before} go from place to place where it stands in several."
    )

    def __init__(
        self, place: "Callable[[int], Place]", numbers: Sequence[int], first: "Place", words: Sequence[str]
    ) -> None:
        super().__init__()
        self._place_of = place
        self._numbers = numbers
        self._at = 0
        self.place = first
        self._words = words
        self._desk = Desk(self)

    def compose(self) -> ComposeResult:
        """Where, passage, and what to know of the file."""
        with Vertical(classes="dialog"):
            yield Static(id="place-title", classes="dialog-title")
            with VerticalScroll(id="place-passage"):
                yield Static(id="place-text")
            yield Static(id="place-remark", classes="dialog-hint")

    def on_mount(self) -> None:
        """Show the first place."""
        self.query_one("#place-passage").focus()
        self._show(self.place)

    def action_go(self, by: int) -> None:
        """To the next place, or the one before; after the last comes the first."""
        at = (self._at + by) % len(self._numbers)
        number = self._numbers[at]

        def show(place: "Place") -> None:
            self._at = at
            self._show(place)

        self._desk.ask(lambda: self._place_of(number), show, self._say)

    def action_copy(self) -> None:
        """The passage, to the clipboard."""
        place = self.place
        self.app.copy_to_clipboard(f"{place.before}{place.run}{place.after}".strip())

    def _say(self, sentence: str) -> None:
        self.query_one("#place-remark", Static).update(shown_line(sentence))

    def _show(self, place: "Place") -> None:
        self.place = place
        count = len(self._numbers)
        which = f"place {self._at + 1:,} of {count:,}" if count > 1 else "the only place"
        run = f"{plural(len(self._words), 'word')} in a row · {which}"
        self.query_one("#place-title", Static).update(
            joined(shown_line(place.where, "bold", 80), "\n", (run, "not bold $foreground-muted"))
        )
        passage = self.query_one("#place-passage", VerticalScroll)
        self.query_one("#place-text", Static).update(
            joined(
                shown(place.before.lstrip("\n"), "$foreground-muted"),
                shown(place.run, "bold underline $text-accent"),
                shown(place.after.rstrip("\n"), "$foreground-muted"),
            )
        )
        self._say(place.remark)
        self.call_after_refresh(self._center, passage, place)

    def _center(self, passage: VerticalScroll, place: "Place") -> None:
        """Scroll so that the run stands in the middle."""
        rows = shown(place.before.lstrip("\n") + place.run).wrap(max(1, self.query_one("#place-text").size.width))
        passage.scroll_to(y=len(rows) - passage.size.height / 2, animate=False)
