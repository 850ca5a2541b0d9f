"""The commands that fit what is typed after a slash, each with what it does, above the prompt."""

from textual import on
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from rnntui.tui.safe import joined, shown_line, shown_name
from rnntui.tui.slash_commands import CommandRow, find_rows, is_whole

_COMMAND_CELLS = 20


class SlashList(OptionList, can_focus=False):
    """At most eight rows at once; the prompt hears the keys and tells it."""

    DEFAULT_CSS = """
    SlashList {
        display: none;
        height: auto;
        max-height: 8;
        border: none;
        padding: 0 1;
        background: $surface;
        scrollbar-size-vertical: 1;
        text-wrap: nowrap;
        text-overflow: ellipsis;
        & > .option-list--option-highlighted { background: $primary-muted; color: $foreground; text-style: bold; }
    }
    """

    class Chosen(Message):
        """A row was clicked on."""

        def __init__(self, row: CommandRow) -> None:
            self.row = row
            super().__init__()

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id, compact=True)
        self._rows: tuple[CommandRow, ...] = ()
        self._typed = ""
        self._is_open = False
        self._was_moved = False
        """True when the person has marked another row than the first."""

    @property
    def is_open(self) -> bool:
        """True while rows are shown."""
        return self._is_open

    @property
    def marked(self) -> CommandRow | None:
        """The row that would be taken; None while none is shown."""
        return self._rows[self.highlighted or 0] if self.is_open else None

    @property
    def meant(self) -> CommandRow | None:
        """The row that Enter means; None when what is typed is a command as it stands."""
        return None if is_whole(self._typed) and not self._was_moved else self.marked

    def show_for(self, text: str) -> None:
        """Show the commands that fit a text; none hide the list."""
        if text == self._typed and self.is_open:
            return
        self._typed, self._was_moved = text, False
        self._rows = find_rows(text)
        self.clear_options()
        self.add_options([Option(_content_of(row)) for row in self._rows])
        self.highlighted = 0 if self._rows else None
        self._switch(bool(self._rows))

    def catch_up(self, text: str) -> None:
        """Show the commands for a text that was typed a moment ago, before a key means one of them."""
        if text != self._typed:
            self.show_for(text)

    def hide(self) -> bool:
        """Put the list away until something else is typed; False when it was not there."""
        was_open = self.is_open
        self._switch(False)
        return was_open

    def mark(self, by: int) -> None:
        """Another row; behind the last one comes the first."""
        self._was_moved = True
        self.highlighted = ((self.highlighted or 0) + by) % len(self._rows)

    def _switch(self, is_open: bool) -> None:
        if is_open != self.is_open:
            self._is_open = self.display = is_open
            self.screen.refresh_bindings()

    @on(OptionList.OptionSelected)
    def _tell(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Chosen(self._rows[event.option_index]))


def _content_of(row: CommandRow) -> Content:
    command = shown_name(f"{row.command} {row.argument}".rstrip(), _COMMAND_CELLS).stylize("$text-accent")
    return joined(command, " ", shown_line(row.help, "$foreground-muted"))
