"""What a station of the lab can be asked: a row for each long field, one for the short ones and the buttons."""

from collections.abc import Mapping, Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.suggester import SuggestFromList
from textual.widgets import Button, Input, Label

from rnntui.errors import RnntuiError
from rnntui.service.lab import Station
from rnntui.setting_fields import changed
from rnntui.settings import LabSettings
from rnntui.tui.safe import shown_line
from rnntui.tui.widgets.text_input import TextInput

_LONG_FIELDS = ("prompt", "other")
_SHORT_FIELDS = ("seed", "temperature", "unit", "weight")
_LABELS = {"temperature": "temp"}
_LONGEST_INPUT = 4_000


class StationForm(Vertical):
    """Shows the fields that the open station takes, and reads them."""

    DEFAULT_CSS = """
    StationForm { height: auto; }
    """

    def compose(self) -> ComposeResult:
        """The rows."""
        for name in _LONG_FIELDS:
            with Horizontal(classes="ask", id=f"ask-{name}"):
                yield from self._field(name)
        with Horizontal(classes="ask"):
            for name in _SHORT_FIELDS:
                with Horizontal(classes="ask-short", id=f"ask-{name}"):
                    yield from self._field(name)
            yield Button(shown_line("Run"), id="lab-run", variant="primary", compact=True)
            yield Button(shown_line("Stop"), id="lab-stop", compact=True)
            yield Button(shown_line("Add the word"), id="lab-step", compact=True)

    def _field(self, name: str) -> ComposeResult:
        yield Label(shown_line(_LABELS.get(name, name)), classes="ask-name")
        value = getattr(LabSettings(), name)
        text = "" if value is None else str(value)
        control = TextInput(text, id=f"lab-{name}", compact=True, max_length=_LONGEST_INPUT)
        control.cursor_blink = False
        yield control

    def show(self, station: Station) -> None:
        """Show what this station takes."""
        for name in (*_LONG_FIELDS, *_SHORT_FIELDS):
            self.query_one(f"#ask-{name}").display = name in station.inputs
        self._input("prompt").placeholder = shown_line(station.prompt).plain
        self._input("other").placeholder = shown_line(station.other).plain
        self._input("unit").placeholder = "auto"

    def show_buttons(self, *, is_busy: bool, can_add: bool) -> None:
        """Show the buttons that mean something now.

        Args:
            is_busy: There is something to stop.
            can_add: There is a word to add to the prompt.
        """
        self.query_one("#lab-stop", Button).display = is_busy
        self.query_one("#lab-run", Button).display = not is_busy
        self.query_one("#lab-step", Button).display = can_add

    def write_prompt(self, text: str) -> None:
        """Put words into the prompt, the newest ones where they are many."""
        self._input("prompt").value = text[-_LONGEST_INPUT:]

    def suggest(self, choices: Mapping[str, Sequence[str]]) -> None:
        """Let fields be completed to one of these values each."""
        for name, values in choices.items():
            self._input(name).suggester = SuggestFromList(values)

    def read(self, station: Station) -> LabSettings:
        """The question as it stands in the fields that this station takes.

        Raises:
            InputError: If something does not fit; the cursor is there then.
        """
        asked = LabSettings()
        for name in station.inputs:
            control = self._input(name)
            value = control.value.strip()
            if not value and name not in _LONG_FIELDS:
                continue
            try:
                asked = changed(asked, **{name: value})
            except RnntuiError:
                control.focus()
                raise
        return asked

    def _input(self, name: str) -> Input:
        return self.query_one(f"#lab-{name}", Input)
