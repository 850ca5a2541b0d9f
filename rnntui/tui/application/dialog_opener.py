"""Opens the dialogs that any key can ask for, each with what it needs, and does what is chosen in them."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.screen import Screen
from textual.widget import Widget

from rnntui.tui.actions import action, is_action
from rnntui.tui.application.styles import can_be_read
from rnntui.tui.keys import with_keys
from rnntui.tui.terminal.textual_internals import bindings_heard

if TYPE_CHECKING:
    from rnntui.figures import Figure
    from rnntui.records import ModelCard
    from rnntui.service.services import Services
    from rnntui.tui.application.notices import Notices
    from rnntui.tui.application.screen_switcher import ScreenSwitcher
    from rnntui.tui.dialogs.models import ChosenModel
    from rnntui.tui.work import Desk


class DialogOpener:
    """Opens a dialog in the place of another one, or over it where it only explains what is there.

    Args:
        app: What the dialogs are shown by.
        services: What they ask.
        screens: The conversation takes most of what is chosen.
        notices: What was told, for the log.
        desk: Where a report is read.
    """

    def __init__(
        self, app: App[Any], services: "Services", screens: "ScreenSwitcher", notices: "Notices", desk: "Desk"
    ) -> None:
        self._app = app
        self._services = services
        self._screens = screens
        self._notices = notices
        self._desk = desk
        self._openers: dict[str, Callable[[], Awaitable[None]]] = {
            "help": self.toggle_help,
            "manual": self.open_manual,
            "log": self.open_log,
            "models": self.open_models,
            "sessions": self.open_sessions,
            "memories": self.open_memories,
            "settings": self.open_settings,
            "themes": self.open_themes,
            "tour": self.begin_tour,
        }

    async def open(self, name: str) -> None:
        """Open a dialog by the name that the table of actions has for it."""
        await self._openers[name]()

    async def toggle_help(self) -> None:
        """Show or hide the help for what has the focus, with all keys and slash words."""
        from rnntui.tui.dialogs.help import HelpScreen

        if isinstance(self._app.screen, HelpScreen):
            self._app.pop_screen()
            return
        paragraphs = help_of(self._app.focused, self._app.screen)
        heard = (bound.binding.id for bound in bindings_heard(self._app.screen))
        places = dict.fromkeys(action(name).where for name in heard if is_action(name))
        self._app.push_screen(HelpScreen(tuple(with_keys(self._app, text) for text in paragraphs), tuple(places)))

    async def open_manual(self) -> None:
        """The pages that come with the program."""
        from rnntui.tui.dialogs.manual import ManualScreen

        if self._leave_others(ManualScreen):
            self._app.push_screen(ManualScreen())

    async def open_log(self) -> None:
        """What was said, and details of what went wrong."""
        from rnntui.tui.dialogs.log import LogScreen

        if self._leave_others(LogScreen):
            self._app.push_screen(LogScreen(self._services.paths.log_file, self._notices.told))

    async def open_models(self) -> None:
        """Choose a model."""
        from rnntui.tui.dialogs.models import ModelsScreen

        if self._leave_others(ModelsScreen):
            dialog = ModelsScreen(self._services, self._screens.open_model())
            self._app.push_screen(dialog, self._use_model)

    def _use_model(self, chosen: "ChosenModel | None") -> None:
        async def use() -> None:
            await self._screens.show("chat")
            if chosen and (screen := self._screens.chat):
                (screen.parts.opening.new if chosen.is_new else screen.parts.turns.use_model)(chosen.model_id)

        if chosen:
            self._app.call_later(use)

    async def open_sessions(self, words: str = "") -> None:
        """All conversations, or those with some words."""
        from rnntui.tui.dialogs.sessions import SessionsScreen

        if isinstance(self._app.screen, SessionsScreen):
            return
        await self._screens.show("chat")
        if screen := self._screens.chat:
            current = screen.chat.session.session_id if screen.chat else ""
            dialog = SessionsScreen(self._services, current, words)
            self._app.push_screen(dialog, screen.parts.turns.open_chosen)

    async def open_memories(self) -> None:
        """Memories that were kept under a name."""
        from rnntui.tui.dialogs.memories import MemoriesScreen

        if isinstance(self._app.screen, MemoriesScreen) or self._screens.chat is None:
            return
        await self._screens.show("chat")
        if screen := self._screens.chat:
            can_keep = not screen.transcript.content.is_blank
            self._app.push_screen(MemoriesScreen(self._services, can_keep), screen.parts.memory.take_choice)

    async def open_settings(self) -> None:
        """Every setting of the draw."""
        from rnntui.tui.dialogs.settings import SettingsScreen

        screen = self._screens.chat
        if screen and screen.chat and self._leave_others(SettingsScreen):
            dialog = SettingsScreen(screen.chat.sampler, screen.parts.sampling.pace, screen.chat.join)
            self._app.push_screen(dialog, screen.parts.sampling.take_settings)

    async def begin_tour(self) -> None:
        """The tour, in a conversation of its own on the chat screen."""
        from rnntui.tui.tour.tour_card import begin_tour

        await self._screens.show("chat")
        screen = self._screens.chat
        if screen and screen.chat:
            await begin_tour(screen, self._services)

    async def open_themes(self) -> None:
        """Choose the colours."""
        from rnntui.tui.application.themes import ThemesScreen

        if not self._leave_others(ThemesScreen):
            return
        config = self._services.config
        fixed = f"{config.app.theme} is named in config.toml and comes back with the next start"
        names = [name for name in sorted(self._app.available_themes) if can_be_read(self._app, name)]
        self._app.push_screen(ThemesScreen(names, fixed if "theme" in config.named else ""), self._keep_theme)

    def _keep_theme(self, name: str | None) -> None:
        if name and "theme" not in self._services.config.named:
            path = self._services.paths.theme_file
            self._desk.ask(
                lambda: self._services.write(path, f"{name}\n".encode()),
                lambda _: self._app.notify(f"{name} stays, also after the next start."),
                self._notices.refuse,
            )

    def open_report(self, model_id: str) -> None:
        """How a model came about, unless the person goes elsewhere while it is read."""
        from rnntui.service.export.report_files import report_of_model
        from rnntui.tui.dialogs.report import ReportScreen

        asked_in = self._app.screen

        def show(found: "tuple[ModelCard, tuple[Figure, ...]]") -> None:
            if self._app.screen is asked_in:
                self._app.push_screen(ReportScreen(self._services, *found))

        self._desk.ask(lambda: report_of_model(self._services, model_id), show, self._notices.refuse)

    def _leave_others(self, kind: type[Screen[Any]]) -> bool:
        """Leave what is in front, unless it is of this kind already; whether it was left."""
        if isinstance(self._app.screen, kind):
            return False
        self._screens.leave_dialogs()
        return True


def help_of(focused: Widget | None, screen: Screen[Any]) -> tuple[str, ...]:
    """The help of the focused widget and of its screen, whichever have one."""
    found = [getattr(focused, "HELP", None), getattr(screen, "HELP", None)]
    return tuple(text for text in found if isinstance(text, str))
