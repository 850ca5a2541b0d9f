"""Two buttons of the form: how the texts were read, and their lines the other way; what is said there holds at once."""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button

from rnntui.records import ReadOptions
from rnntui.text_facts import TextFacts
from rnntui.tui.safe import shown_line
from rnntui.tui.training.advanced_fields import AdvancedFields
from rnntui.tui.training.reading_rows import turn_label, turned
from rnntui.tui.training.reading_screen import ReadingScreen


class ReadingBar(Horizontal):
    """Stands over what was found; hidden while nothing is known.

    Args:
        fields: Hold what the person has said of the texts, and tell the form when that changes.
        id: The widget's id.
    """

    DEFAULT_CSS = """
    ReadingBar { height: 1; margin-bottom: 1; }
    ReadingBar Button { margin-right: 1; min-width: 8; color: $foreground 80%; }
    """

    def __init__(self, fields: AdvancedFields, id: str | None = None) -> None:
        super().__init__(id=id)
        self._fields = fields
        self._texts: tuple[TextFacts, ...] = ()
        self._dialog: ReadingScreen | None = None

    def compose(self) -> ComposeResult:
        """The buttons."""
        yield Button(shown_line("How it is read"), id="how-read", compact=True)
        yield Button(shown_line("Keep all lines"), id="turn-lines", compact=True)

    def on_mount(self) -> None:
        """Nothing is known yet."""
        self.display = False

    def show(self, texts: Sequence[TextFacts], sentence: str = "") -> None:
        """What is known of the texts now, or why they could not be read; nothing keeps the dialog as it is.

        Where a choice of the person's is why, such as too few speakers, what was known stays: it can be taken back.
        """
        is_own_choice = bool(sentence) and self._options != ReadOptions()
        self._texts = tuple(texts) or (self._texts if is_own_choice else ())
        self.display = bool(self._texts)
        label = turn_label(self._texts, self._options)
        self.query_one("#turn-lines", Button).label = shown_line(label)
        if self._dialog and (texts or sentence):
            self._dialog.show(texts, sentence)

    def forget(self) -> None:
        """Other files are chosen: what was known is of no use for them."""
        self._texts = ()

    @property
    def _options(self) -> ReadOptions:
        return self._fields.reading

    @on(Button.Pressed, "#how-read")
    def open(self) -> None:
        """Show how the texts were read, and let it be said otherwise."""
        if not self._texts:
            self.app.notify("Nothing was read yet: choose a file first.", severity="warning")
            return
        self._dialog = ReadingScreen(self._texts, self._options, self._fields.take_reading)
        self.app.push_screen(self._dialog, self._forget)

    @on(Button.Pressed, "#turn-lines")
    def turn_lines(self) -> None:
        """Join the lines that are kept, or keep those that are joined; again: as they were found."""
        if self._texts:
            self._fields.take_reading(turned(self._texts, self._options))

    def _forget(self, _: None) -> None:
        self._dialog = None
