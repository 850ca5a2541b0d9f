"""Help: what has the focus, then every key and slash word, from the table of actions."""

from textwrap import wrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from rnntui.tui.actions import ACTIONS, PLACES, Action, bindings_for
from rnntui.tui.dialogs.dialog import Dialog
from rnntui.tui.keys import keys_of, with_keys
from rnntui.tui.safe import joined, shown, shown_line, shown_name
from rnntui.tui.slash_commands import SETTING_WORDS

_KEY_CELLS = 20
_SLASH_CELLS = 15
_INDENT = _KEY_CELLS + _SLASH_CELLS + 2
_LEAST_CELLS = 12
_HINT = "{help-manual} opens the manual · {help-close} or {help} goes back"


class HelpScreen(Dialog[None]):
    """One page to scroll through.

    Args:
        paragraphs: Help for what has the focus.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("help")

    def __init__(self, paragraphs: tuple[str, ...]) -> None:
        super().__init__()
        self._paragraphs = paragraphs

    def compose(self) -> ComposeResult:
        """The page and a hint."""
        with Vertical(classes="dialog"):
            yield Static(shown_line("Help"), classes="dialog-title")
            with VerticalScroll(id="page"):
                for text in self._paragraphs:
                    yield Static(shown(text), classes="paragraph")
                yield Static(id="help-keys")
            yield Static(
                shown_line(with_keys(self.app, "{help-manual} opens the manual · Esc or {help} goes back")),
                classes="dialog-hint",
            )

    def on_resize(self) -> None:
        """What an action does stands in its own column, on as many lines as it needs."""
        self.call_after_refresh(self._show_keys)

    def _show_keys(self) -> None:
        width = self.query_one("#page").scrollable_content_region.width
        self.query_one("#help-keys", Static).update(self._keys(max(_LEAST_CELLS, width - _INDENT)))

    def _keys(self, cells: int) -> Content:
        lines: list[Content] = []
        for place, name in PLACES.items():
            lines += [shown_line(name, "bold $text-primary")]
            for entry in (entry for entry in ACTIONS if entry.where == place):
                lines += _lines(entry, keys_of(self.app, entry.id), cells)
            lines += [Content("")]
        words = ", ".join(f"/{word}" for word in SETTING_WORDS if word != "temp")
        lines += [shown_line("Settings by name, such as /top-k 40", "bold $text-primary"), shown_line(words)]
        return Content("\n").join(lines)


def _lines(action: Action, keys: tuple[str, ...], cells: int) -> list[Content]:
    slash = f"/{action.slash} {action.argument}".strip() if action.slash else ""
    first, *more = wrap(action.help, cells)
    line = joined(
        shown_name(", ".join(keys), _KEY_CELLS).stylize("$text-accent"),
        " ",
        shown_name(slash, _SLASH_CELLS),
        " ",
        (first, "$foreground-muted"),
    )
    return [line, *(joined((" " * _INDENT + rest, "$foreground-muted")) for rest in more)]
