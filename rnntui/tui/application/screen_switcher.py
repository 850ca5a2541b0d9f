"""The screens of the table: made when they are first shown, found by name, and switched between."""

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from textual.app import App
from textual.screen import Screen

from rnntui.tui.screens import SCREENS, ScreenContext

if TYPE_CHECKING:
    from rnntui.service.services import Services
    from rnntui.tui.application.styles import Styles
    from rnntui.tui.screens.chat import ChatScreen


class ScreenSwitcher:
    """Knows which screens there are and which one is in front.

    Args:
        app: Not running yet; its modes are the screens of the table.
        services: What the program can do.
        model: Name or id of the model to open; empty for the last one used.
        session_id: The conversation to open; empty for the last one.
        styles: Prepares a new screen.
    """

    def __init__(self, app: App[Any], services: "Services", model: str, session_id: str, styles: "Styles") -> None:
        self._app = app
        self._context = ScreenContext(services, model, session_id, self.open_model)
        self._styles = styles
        for name in SCREENS:
            app.add_mode(name, partial(self._make, name))

    @property
    def chat(self) -> "ChatScreen | None":
        """The conversation, whatever is in front of it; None before it was made."""
        return cast("ChatScreen | None", self.find("chat"))

    def open_model(self) -> str:
        """Id of the model that the conversation has open; empty when it has none."""
        screen = self.chat
        chat = screen.chat if screen else None
        return chat.facts.card.model_id if chat else ""

    @property
    def is_idle(self) -> bool:
        """True when every screen that was made has come to rest."""
        screens = [screen for name in SCREENS if (screen := self.find(name))]
        return all(getattr(screen, "is_idle", True) for screen in screens)

    @property
    def has_dialog(self) -> bool:
        """True while a dialog is in front of the screen."""
        return len(self._app.screen_stack) > 1

    def find(self, name: str) -> Screen[Any] | None:
        """A screen below all dialogs; None before it was first shown."""
        try:
            return self._app.get_screen_stack(name)[0]
        except (KeyError, IndexError):
            return None

    async def show(self, name: str) -> Screen[Any]:
        """Leave all dialogs and go to a screen."""
        self.leave_dialogs()
        if self._app.current_mode != name:
            self._app.clear_notifications()
            await self._app.switch_mode(name)
        return self._app.screen_stack[0]

    def leave_dialogs(self) -> None:
        """Close what is in front of the screen without a choice; whoever opened it hears of that."""
        while self.has_dialog:
            self._app.screen.dismiss(None)

    def _make(self, name: str) -> Screen[Any]:
        entry = SCREENS[name]
        kind = getattr(import_module(entry.module), entry.class_name)
        screen: Screen[Any] = kind(*(getattr(self._context, field) for field in entry.takes))
        self._styles.prepare(screen)
        return screen
