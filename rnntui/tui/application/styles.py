"""Style sheets and themes, with as little of it done before the first paint as possible."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from textual.app import App
from textual.screen import Screen

from rnntui.tui.preferences import build_themes
from rnntui.tui.screens import SCREENS
from rnntui.tui.terminal import textual_internals

_TUI = Path(__file__).parents[1]


def first_sheets() -> list[str]:
    """The sheets that the first paint needs, as the app's CSS_PATH: its own and that of the first screen."""
    return ["app.tcss", f"screens/{next(iter(SCREENS))}.tcss"]


def later_sheets() -> list[Path]:
    """The sheets of all other screens and of all dialogs: each beside the module of the same name."""
    _, *screens = SCREENS
    rooms = ("dialogs", "compare", "origin", "training")
    over_them = (sheet for room in rooms for sheet in sorted((_TUI / room).glob("*.tcss")))
    return [*(_TUI / "screens" / f"{name}.tcss" for name in screens), *over_them]


def can_be_read(app: App[Any], theme: str) -> bool:
    """Whether a theme shows anything here: without colours Textual draws some of them black on black."""
    return not (app.no_color and "ansi" in theme)


class Styles:
    """The styles of an app.

    Args:
        app: Not running yet.
    """

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._styled_with: object = None

    def take_theme(self, name: str, own: Mapping[str, Mapping[str, object]]) -> list[str]:
        """Make the person's own themes known and take the wanted one.

        Args:
            name: The theme to take; one that is not known, or cannot be read here, is not taken.
            own: The person's themes by name, as the configuration has them.

        Returns:
            A sentence for each theme that cannot be used.
        """
        app = self._app
        themes, problems = build_themes(own)
        for theme in themes:
            app.register_theme(theme)
        if name in app.available_themes and can_be_read(app, name):
            app.theme = name
        app.stylesheet.set_variables(app.get_css_variables())
        self._styled_with = self._current
        return problems

    def is_changed(self) -> bool:
        """Whether everything has to be styled again; otherwise all screens are marked as styled.

        At the start Textual asks for it although nothing has changed.
        """
        styled_with, self._styled_with = self._styled_with, self._current
        if styled_with != self._styled_with:
            return True
        for screen in self._app.screen_stack:
            textual_internals.mark_as_styled(screen, self._app)
        return False

    def read_later_sheets(self) -> None:
        """Read all other sheets together: one that came with its screen would style every widget again."""
        self._app.stylesheet.read_all(list(later_sheets()))

    def prepare(self, screen: Screen[Any]) -> None:
        """A new screen takes the current style sheets anyway; Textual would parse all of them twice more for it."""
        textual_internals.mark_as_styled(screen, self._app)
        textual_internals.paint_only_changes(screen)
        self._app.stylesheet.apply(self._app, animate=False)  # plain words have the app's colour, and widgets keep it
        textual_internals.add_size_classes(screen, self._app)

    @property
    def _current(self) -> object:
        return self._app.theme, self._app.get_css_variables()
