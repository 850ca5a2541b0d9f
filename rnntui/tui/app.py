"""The app: what Textual asks of it, and the objects that answer. It knows nothing of how the services do their work.

Torch is loaded behind the first paint.
"""

import gc
import logging
import os
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, ClassVar, cast

from rich.console import RenderableType
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.driver import Driver
from textual.filter import LineFilter, Monochrome
from textual.notifications import Notify, SeverityLevel
from textual.screen import Screen
from textual.widgets import Input, TextArea

from rnntui.errors import InputError
from rnntui.text import visible, visible_line
from rnntui.tui.actions import bindings_for
from rnntui.tui.application.copier import Copier
from rnntui.tui.application.dialog_opener import DialogOpener
from rnntui.tui.application.ending import Ending
from rnntui.tui.application.notices import Notices
from rnntui.tui.application.palette import ActionProvider, palette_commands
from rnntui.tui.application.screen_switcher import ScreenSwitcher
from rnntui.tui.application.styles import Styles, first_sheets
from rnntui.tui.messages import (
    ChatRequested,
    LabRequested,
    ReportRequested,
    SearchRequested,
    TrainingRequested,
)
from rnntui.tui.preferences import bind_own_keys
from rnntui.tui.safe import ControlCharacterFilter, WithoutColor
from rnntui.tui.screens import SCREENS
from rnntui.tui.screens.chat import ChatScreen
from rnntui.tui.terminal import textual_internals
from rnntui.tui.terminal.recovery import TerminalGuard, find_terminal_problem
from rnntui.tui.work import Desk

if TYPE_CHECKING:
    from rnntui.service.services import Services
    from rnntui.tui.screens.lab import LabScreen
    from rnntui.tui.screens.train import TrainScreen

_NEW_OBJECTS = 5_000
"""After so many more objects garbage is looked for; a painted frame makes and drops about a thousand."""


class RnntuiApp(App[None]):
    """Chat with a small recurrent network, and train one on your own text.

    Args:
        services: What the program can do.
        model: Name or id of the model to open; empty for the last one used.
        session_id: The conversation to open; empty for the last one.
    """

    TITLE = "rnntui"
    CSS_PATH: ClassVar[list[str | PurePath]] = [*first_sheets()]
    DEFAULT_MODE = next(iter(SCREENS))
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("everywhere")
    COMMANDS = {ActionProvider}  # noqa: RUF012  Textual declares it
    COMMAND_PALETTE_BINDING = "ctrl+backslash"  # the table of actions has its own keys for it
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (160, "-broad")]  # noqa: RUF012  Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (18, "-short"), (30, "-tall")]  # noqa: RUF012  Textual declares it
    NOTIFICATION_TIMEOUT = 6

    def __init__(self, services: "Services", model: str = "", session_id: str = "") -> None:
        super().__init__()
        self._services = services
        self._line_filter = ControlCharacterFilter()
        self._desk = Desk(self)
        self._styles = Styles(self)
        self._notices = Notices(self)
        self._copier = Copier(self, Desk(self), super().copy_to_clipboard)
        self.screens = ScreenSwitcher(self, services, model, session_id, self._styles)
        """The screens that there are, and the one in front."""
        self.dialogs = DialogOpener(self, services, self.screens, self._notices, self._desk)
        """What opens over them."""
        self.ending = Ending(self, services, lambda: self.screens.chat)
        """How all of it ends."""
        textual_internals.filter_frames(self, self._narrow)
        self._problems = self._styles.take_theme(services.config.app.theme, services.config.themes)

    @property
    def chat_screen(self) -> ChatScreen | None:
        """The conversation, whatever is in front of it; None before it was made."""
        return self.screens.chat

    @property
    def is_idle(self) -> bool:
        """True when nothing is being read, written, loaded or inspected."""
        return self.ending.is_settled and self.screens.is_idle

    # ---- how it begins

    def on_load(self) -> None:
        """The keys are those of the person before any is shown."""
        self._problems += bind_own_keys(self, self._services.config.keys)

    def on_mount(self) -> None:
        """The conversation comes first."""
        self.call_after_refresh(self._styles.read_later_sheets)

    def on_chat_opened(self) -> None:
        """What the person should know."""
        self.call_after_refresh(self._tell_news)

    def _tell_news(self) -> None:
        self._notices.warn(*self._problems, *self._services.notices)
        self._desk.do("", self.ending.active_run, self._notices.tell_of_run, self._notices.refuse)

    def on_chat_settled(self) -> None:
        """From here on garbage is looked for, but not among what stays for good: that would take a third of a second.

        Only where the program was started without looking for any.
        """
        if not gc.isenabled():
            gc.freeze()
            gc.set_threshold(_NEW_OBJECTS, 10, 10)
            gc.enable()

    # ---- how it is drawn

    def refresh_css(self, animate: bool = True) -> None:
        """Style everything again, if anything about it has changed."""
        if self._styles.is_changed():
            super().refresh_css(animate)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Colours that themes of sixteen colours do not have."""
        return {"foreground-disabled": "ansi_default 50%"}

    def get_driver_class(self) -> type[Driver]:
        """The terminal's driver, where Textual would take its own."""
        usual = super().get_driver_class()
        if usual.__name__ != "LinuxDriver":
            return usual
        from rnntui.tui.terminal.driver import TerminalDriver

        return TerminalDriver

    def _narrow(self, frame: RenderableType | None) -> RenderableType | None:
        """Of a frame only what differs from what a terminal of ours shows."""
        shown = getattr(textual_internals.driver_of(self), "shown", None)
        return shown.narrow(frame) if shown else frame

    def get_line_filters(self) -> Sequence[LineFilter]:
        """No control character of any text reaches the terminal."""
        filters = (WithoutColor() if type(each) is Monochrome else each for each in super().get_line_filters())
        return [*filters, self._line_filter]

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Show a toast; its text is never markup, whatever the caller thinks."""
        self._notices.record(message)
        super().notify(visible(message), title=visible_line(title), severity=severity, timeout=timeout, markup=False)

    def on_notify(self, event: Notify) -> None:
        """A toast that is there already is not shown a second time, but counted."""
        self._notices.join_same(event.notification)

    def copy_to_clipboard(self, text: str) -> None:
        """Hand text to the desktop's clipboard and to the terminal's; says what came of it, and never raises."""
        self._copier.copy(text)

    def panic(self, *renderables: RenderableType) -> None:
        """End with one sentence on the screen; Textual's own way shows private text."""
        self.ending.panic()

    # ---- from one screen to another

    async def on_chat_requested(self, message: ChatRequested) -> None:
        """From the training screen to a conversation with the new model."""
        await self._begin_chat(message.model_id)

    def on_report_requested(self, message: ReportRequested) -> None:
        """From a finished run, or the list of models, to the report of a model."""
        self.dialogs.open_report(message.model_id)

    async def on_lab_requested(self, message: LabRequested) -> None:
        """From a word of the conversation to the lab."""
        lab = cast("LabScreen", await self.screens.show("lab"))
        lab.ask(message.words)

    async def on_training_requested(self, message: TrainingRequested) -> None:
        """From the prompt to the training screen, with a file."""
        train = cast("TrainScreen", await self.screens.show("train"))
        train.call_later(train.take_file, message.path)  # after the messages by which it looks for a run

    async def on_search_requested(self, message: SearchRequested) -> None:
        """From the words that are looked for in one conversation to all conversations."""
        await self.dialogs.open_sessions(message.words)

    async def _begin_chat(self, model: str) -> None:
        screen = cast(ChatScreen, await self.screens.show("chat"))
        screen.parts.opening.new(model)

    # ---- actions that work everywhere

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette holds every action of the table that makes sense here."""
        return palette_commands(self, self.screens)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No key leads to where one is already, but out of a dialog."""
        return (action, parameters) != ("show", (self.current_mode,)) or self.screens.has_dialog

    async def action_show(self, name: str) -> None:
        """Go to a screen of the table."""
        await self.screens.show(name)

    async def action_open(self, name: str) -> None:
        """Open a dialog."""
        await self.dialogs.open(name)

    async def action_new_chat(self) -> None:
        """An empty conversation with the same model."""
        await self._begin_chat("")

    async def action_interrupt(self) -> None:
        """Copy a selection; else stop the network; pressed twice, quit."""
        focused, conversation = self.focused, self.screens.chat
        typed = focused.selected_text if isinstance(focused, TextArea | Input) else ""
        if selected := typed or self.screen.get_selected_text():
            self.copy_to_clipboard(selected)
        elif await self.ending.quit_if_twice():
            return
        elif conversation and conversation.worker.can_stop and self.screen is conversation:
            conversation.parts.turns.stop()
        else:
            self.ending.tell_how_to_quit()

    async def action_quit(self) -> None:
        """Leave in order; a training run goes on."""
        await self.ending.quit()


def run_app(services: "Services", model: str = "", session_id: str = "", *, mouse: bool = True, parent: int = 0) -> int:
    """Run the app in this terminal until the person leaves it.

    Args:
        services: What the program can do.
        model: Name or id of the model to open; empty for the last one used.
        session_id: The conversation to open; empty for the last one.
        mouse: False leaves the mouse to the terminal.
        parent: Process id of the parent that gives the terminal back, without which the app ends; 0 for none.

    Returns:
        The exit code of the program.

    Raises:
        InputError: If there is no terminal that could show it.
    """
    problem = find_terminal_problem(dict(os.environ))
    if problem:
        raise InputError(problem, 'Use the command line instead, such as rnntui gen "Once upon a time".')
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(logging.NullHandler())  # Python would write warnings over the screen
    app = RnntuiApp(services, model, session_id)
    with TerminalGuard(app.ending.leave, parent):
        app.run(mouse=mouse)
    return app.return_code or 0
