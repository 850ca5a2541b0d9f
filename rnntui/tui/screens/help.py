"""Help: what has the focus, then every key and slash word, from the table of actions."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from rnntui.tui.actions import ACTIONS, PLACES, SETTING_WORDS, Action
from rnntui.tui.keys import keys_of, with_keys
from rnntui.tui.safe import joined, shown, shown_line, shown_name

_KEY_CELLS = 20
_SLASH_CELLS = 15


class HelpScreen(ModalScreen[None]):
    """One page to scroll through.

    Args:
        paragraphs: Help for what has the focus.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Close", show=False)]

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
                yield Static(self._keys())
            yield Static(shown_line(with_keys(self.app, "Esc or {help} goes back")), classes="dialog-hint")

    def action_leave(self) -> None:
        """Close."""
        self.dismiss(None)

    def _keys(self) -> Content:
        lines: list[Content] = []
        for place, name in PLACES.items():
            lines += [shown_line(name, "bold $text-primary")]
            lines += [_line(entry, keys_of(self.app, entry.id)) for entry in ACTIONS if entry.where == place]
            lines += [Content("")]
        words = ", ".join(f"/{word}" for word in SETTING_WORDS if word != "temp")
        lines += [shown_line("Settings by name, such as /top-k 40", "bold $text-primary"), shown_line(words)]
        return Content("\n").join(lines)


def _line(action: Action, keys: tuple[str, ...]) -> Content:
    slash = f"/{action.slash} {action.argument}".strip() if action.slash else ""
    return joined(
        shown_name(", ".join(keys), _KEY_CELLS).stylize("$text-accent"),
        " ",
        shown_name(slash, _SLASH_CELLS),
        " ",
        shown_line(action.help, "$foreground-muted"),
    )
