"""The list of themes: each is tried on while one goes through them, and the chosen one stays for good."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from rnntui.tui.actions import bindings_for
from rnntui.tui.dialogs.dialog import Dialog
from rnntui.tui.safe import shown_line
from rnntui.tui.widgets.ask_line import AskLine


class ThemesScreen(Dialog[str]):
    """Closes with the name of the chosen theme, or with nothing; the theme is then what it was.

    Args:
        names: The themes there are.
        fixed: Where the theme of the next start is said, such as config.toml; empty when the choice decides.
    """

    DEFAULT_CSS = """
    ThemesScreen { align: right middle; background: transparent; }
    ThemesScreen .dialog { width: 36; max-width: 60%; height: 90%; }
    ThemesScreen OptionList { height: 1fr; border: none; padding: 0; background: $surface; scrollbar-size-vertical: 1; }
    ThemesScreen #theme-said { height: auto; color: $text-warning; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("themes")
    HELP = (
        "The arrow keys try a theme on, Enter keeps it, {themes-close} goes back to the one before. Typing narrows the "
        "list. A theme that config.toml names comes back with the next start."
    )

    def __init__(self, names: Sequence[str], fixed: str) -> None:
        super().__init__()
        self._names = tuple(names)
        self._fixed = fixed
        self._before = ""
        self._found: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        """The line, the list, and who has the last word."""
        with Vertical(classes="dialog"):
            yield Static(shown_line("Themes"), classes="dialog-title")
            yield AskLine("theme", "find")
            yield OptionList(id="themes", compact=True)
            yield Static(shown_line(self._fixed), id="theme-said")

    def on_mount(self) -> None:
        """Begin at the theme there is."""
        self._before = self.app.theme
        listed = self.query_one(OptionList)
        listed.can_focus = False
        self._fill("")

    @on(AskLine.Typed)
    def _narrow(self, event: AskLine.Typed) -> None:
        self._fill(event.text)

    def _fill(self, typed: str) -> None:
        listed = self.query_one(OptionList)
        words = typed.casefold().split()
        self._found = tuple(name for name in self._names if all(word in self._searched(name) for word in words))
        listed.clear_options()
        listed.add_options([Option(shown_line(name, "", 60)) for name in self._found])
        if self._found:
            listed.highlighted = self._found.index(self.app.theme) if self.app.theme in self._found else 0

    def _searched(self, name: str) -> str:
        """A theme is found as a dark or a light one, too."""
        return f"{name} {'dark' if self.app.available_themes[name].dark else 'light'}".casefold()

    @on(OptionList.OptionHighlighted)
    def _try_on(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_index < len(self._found):
            self.app.theme = self._found[event.option_index]

    def action_move(self, by: int) -> None:
        """Another theme."""
        listed = self.query_one(OptionList)
        if self._found:
            listed.highlighted = ((listed.highlighted or 0) + by) % len(self._found)

    @on(AskLine.Answered)
    @on(OptionList.OptionSelected)
    def _take(self) -> None:
        if self._found:
            self.dismiss(self.app.theme)

    def action_leave(self) -> None:
        """Back to the theme before."""
        self.app.theme = self._before
        self.dismiss(None)
