"""The app: three screens, the keys that work everywhere, and the last line of defence for the terminal.

It is given the services and knows nothing of how they do their work; torch is loaded behind the first paint.
"""

import asyncio
import contextlib
import gc
import logging
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from rich.console import RenderableType
from rich.text import Text
from textual import work
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.driver import Driver
from textual.filter import LineFilter, Monochrome
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, TextArea
from textual.worker import Worker

from rnntui.errors import EXIT_BUG, EXIT_INTERRUPTED, InputError, RnntuiError
from rnntui.text import clean, visible, visible_line
from rnntui.tui.actions import ACTIONS, actions_for_palette, bindings_for
from rnntui.tui.keys import key_of, keys_of, with_keys
from rnntui.tui.preferences import changed_actions, own_themes
from rnntui.tui.safe import ControlCharacterFilter, WithoutColor
from rnntui.tui.screens.chat import ChatScreen
from rnntui.tui.terminal import textual_internals
from rnntui.tui.terminal.clipboard import clipboard_command, copied
from rnntui.tui.terminal.recovery import TerminalGuard, refusal
from rnntui.tui.work import GROUP, Desk, in_background

if TYPE_CHECKING:
    from rnntui.figures import Figure
    from rnntui.records import ModelCard, RunRecord
    from rnntui.service.services import Services
    from rnntui.tui.dialogs.models import ChosenModel, ModelsScreen
    from rnntui.tui.screens.lab import LabScreen
    from rnntui.tui.screens.train import TrainScreen

log = logging.getLogger(__name__)
S = TypeVar("S", bound=Screen[Any])

_TWICE_SECONDS = 2.0
_SETTLE_SECONDS = 1.0
_TOLD = 100
"""So many toasts can be read again."""
_LONGEST_COPY = 100_000
_LATER_SHEETS = (
    "screens/train",
    "screens/lab",
    "dialogs/models",
    "dialogs/sessions",
    "dialogs/memories",
    "dialogs/branches",
    "dialogs/drafts",
    "dialogs/settings",
    "dialogs/help",
    "dialogs/log",
    "dialogs/report",
)
"""Read together behind the first paint: a sheet that came with its screen would style every widget again."""
_NEW_OBJECTS = 5_000
"""After so many more objects garbage is looked for; a painted frame makes and drops about a thousand."""
_STYLE_SHEETS = 512
"""So many parsed sheets are kept; the app has about 80."""


class RnntuiApp(App[None]):
    """Chat with a small recurrent network, and train one on your own text.

    Args:
        services: What the program can do.
        model: Name or id of the model to open; empty for the last one used.
        session_id: The conversation to open; empty for the last one.
    """

    TITLE = "rnntui"
    CSS_PATH: ClassVar[list[str | PurePath]] = ["app.tcss", "screens/chat.tcss"]
    DEFAULT_MODE = "chat"
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("everywhere")
    COMMAND_PALETTE_BINDING = "ctrl+backslash"  # the table of actions has its own keys for it
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012  Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (18, "-short"), (30, "-tall")]  # noqa: RUF012  Textual declares it
    NOTIFICATION_TIMEOUT = 6

    def __init__(self, services: "Services", model: str = "", session_id: str = "") -> None:
        super().__init__()
        self._services = services
        self._desk = Desk(self)
        self._line_filter = ControlCharacterFilter()
        textual_internals.remember_style_sheets(self, _STYLE_SHEETS)
        textual_internals.filter_frames(self, self._narrow)
        textual_internals.take_errors(self, self._is_of_what_closes, self._end_in_order)
        self._interrupted_at = float("-inf")
        self._told: deque[str] = deque(maxlen=_TOLD)
        self._exit_code = 0
        self.add_mode("chat", lambda: self._styled(ChatScreen(services, model, session_id)))
        self.add_mode("train", self._make_train_screen)
        self.add_mode("lab", self._make_lab_screen)
        themes, self._problems = own_themes(services.config.themes)
        for own in themes:
            self.register_theme(own)
        theme = services.config.app.theme
        is_unreadable = self.no_color and "ansi" in theme  # Textual draws black on black then
        if theme in self.available_themes and not is_unreadable:
            self.theme = theme
        self.stylesheet.set_variables(self.get_css_variables())
        self._styled_with = (self.theme, self.get_css_variables())

    def refresh_css(self, animate: bool = True) -> None:
        """Style everything again; not at the start, when Textual asks for it although nothing has changed."""
        styled_with, self._styled_with = self._styled_with, (self.theme, self.get_css_variables())
        if styled_with != self._styled_with:
            super().refresh_css(animate)
            return
        for screen in self.screen_stack:
            textual_internals.mark_as_styled(screen, self)

    def _make_train_screen(self) -> "TrainScreen":
        from rnntui.tui.screens.train import TrainScreen

        return self._styled(TrainScreen(self._services))

    def _make_lab_screen(self) -> "LabScreen":
        from rnntui.tui.screens.lab import LabScreen

        return self._styled(LabScreen(self._services, self._open_model))

    def _open_model(self) -> str:
        """Id of the model that the chat has open; empty when it has none."""
        chat = self.chat_screen.chat if self.chat_screen else None
        return chat.facts.card.model_id if chat else ""

    def _styled(self, screen: S) -> S:
        """A new screen takes the current style sheets anyway; Textual would parse all of them twice more for it."""
        textual_internals.mark_as_styled(screen, self)
        textual_internals.paint_only_changes(screen)
        self.stylesheet.apply(self, animate=False)  # the colour of plain words is the app's, and widgets keep it
        textual_internals.add_size_classes(screen, self)
        return screen

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
        return shown.narrowed(frame) if shown else frame

    def on_load(self) -> None:
        """The keys are those of the person before any is shown."""
        self._take_keys()

    def on_mount(self) -> None:
        """The conversation comes first."""
        self.call_after_refresh(self._read_later_sheets)

    def _read_later_sheets(self) -> None:
        folder = Path(__file__).parent
        self.stylesheet.read_all([folder / f"{name}.tcss" for name in _LATER_SHEETS])

    def on_chat_view_opened(self) -> None:
        """What the person should know."""
        self.call_after_refresh(self._tell_news)

    def on_chat_view_settled(self) -> None:
        """From here on garbage is looked for, but not among what stays for good: that would take a third of a second.

        Only where the program was started without looking for any.
        """
        if not gc.isenabled():
            gc.freeze()
            gc.set_threshold(_NEW_OBJECTS, 10, 10)
            gc.enable()

    def _take_keys(self) -> None:
        """Keys of the person's own; an action that has no key of its own gets its first one here."""
        keys = self._services.config.keys
        actions, problems = changed_actions(keys)
        self._problems += problems
        self.set_keymap({entry.id: ",".join(entry.keys) for entry in actions if entry.id in keys})
        keyless = {entry.id for entry in ACTIONS if not entry.keys}
        for entry in actions:
            if entry.id in keys and entry.id in keyless and entry.where in {"everywhere", "chat"}:
                run = entry.run if entry.run.startswith("app.") else f"screen.{entry.run.removeprefix('screen.')}"
                self.bind(",".join(entry.keys), run, description=entry.label, show=False)

    def _tell_news(self) -> None:
        for problem in self._problems:
            self.notify(problem, severity="warning", timeout=12)
        for notice in self._services.notices:
            self.notify(notice, severity="warning", timeout=12)
        self._desk.do("", self._active_run, self._tell_of_run, self._refuse)

    def _tell_of_run(self, run: "RunRecord | None") -> None:
        if run is not None:
            shows = key_of(self, "show-train")
            self.notify(f'Training of "{visible_line(run.name, 60)}" goes on; {shows} shows it.')

    # ---- where the screens are

    @property
    def chat_screen(self) -> ChatScreen | None:
        """The conversation, whatever is in front of it; None before it was built."""
        return next((screen for screen in self._bases() if isinstance(screen, ChatScreen)), None)

    @property
    def train_screen(self) -> "TrainScreen | None":
        """The training screen, or None before it was first opened."""
        if not self._base("train"):
            return None
        from rnntui.tui.screens.train import TrainScreen

        return next((screen for screen in self._bases() if isinstance(screen, TrainScreen)), None)

    @property
    def lab_screen(self) -> "LabScreen | None":
        """The lab, or None before it was first opened."""
        if not self._base("lab"):
            return None
        from rnntui.tui.screens.lab import LabScreen

        return next((screen for screen in self._bases() if isinstance(screen, LabScreen)), None)

    def _bases(self) -> list[Screen[object]]:
        bases = [self._base(mode) for mode in ("chat", "train", "lab")]
        return [screen for screen in bases if screen is not None]

    def _base(self, mode: str) -> Screen[object] | None:
        """The screen of a mode below all dialogs; None before it was first opened."""
        try:
            return self.get_screen_stack(mode)[0]
        except (KeyError, IndexError):
            return None

    @property
    def is_idle(self) -> bool:
        """True when nothing is being read, written, loaded or looked into."""
        screens = (self.chat_screen, self.train_screen, self.lab_screen)
        return not self._desk_work() and all(screen is None or screen.is_idle for screen in screens)

    def _desk_work(self) -> list[Worker[object]]:
        """What screens have asked for and is not done."""
        return [worker for worker in self.workers if worker.group == GROUP and not worker.is_finished]

    async def on_train_screen_chat_wanted(self, message: "TrainScreen.ChatWanted") -> None:
        """From the training screen to a conversation with the new model."""
        await self.chat_with(message.model_id)

    def on_train_screen_report_wanted(self, message: "TrainScreen.ReportWanted") -> None:
        """From a finished run to its report."""
        self._show_report(message.model_id)

    def on_models_screen_report_wanted(self, message: "ModelsScreen.ReportWanted") -> None:
        """From the list of models to the report of one."""
        self._show_report(message.model_id)

    def _show_report(self, model_id: str) -> None:
        from rnntui.service.export.report_files import report_of_model
        from rnntui.tui.dialogs.report import ReportScreen

        asked_in = self.screen

        def show(found: "tuple[ModelCard, tuple[Figure, ...]]") -> None:
            if self.screen is asked_in:  # otherwise the person went elsewhere
                self.push_screen(ReportScreen(self._services, *found))

        self._desk.ask(lambda: report_of_model(self._services, model_id), show, self._refuse)

    def _refuse(self, sentence: str) -> None:
        self.notify(sentence, severity="error")

    async def on_chat_screen_lab_wanted(self, message: ChatScreen.LabWanted) -> None:
        """From a word of the conversation to the lab."""
        await self._go("lab")
        if self.lab_screen:
            self.lab_screen.ask(message.words)

    async def on_chat_screen_train_wanted(self, message: ChatScreen.TrainWanted) -> None:
        """From the prompt to the training screen, with a file."""
        await self._go("train")
        if self.train_screen:
            # after the messages by which it looks for a run
            self.train_screen.call_later(self.train_screen.take_file, message.path)

    # ---- the last line of defence

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
        self._told.append(visible_line(message, 400))
        super().notify(visible(message), title=visible_line(title), severity=severity, timeout=timeout, markup=False)

    def copy_to_clipboard(self, text: str) -> None:
        """Hand text to the desktop's clipboard and to the terminal's; says what came of it, and never raises."""
        cleaned = clean(text).text[:_LONGEST_COPY]
        try:
            super().copy_to_clipboard(cleaned)
        except Exception:
            log.exception("copying failed")
            self.notify("The text could not be copied; select it with Shift and the mouse instead.", severity="warning")
            return
        what = f"{'the first ' if len(cleaned) < len(text) else ''}{len(cleaned):,} characters"
        command = clipboard_command(os.environ)
        if command:
            self._copy_natively(cleaned, command, what)
            return
        self._say_sent(what)

    @work(thread=True, exit_on_error=False)
    def _copy_natively(self, text: str, command: list[str], what: str) -> None:
        if copied(text, command):
            self.call_from_thread(self.notify, f"Copied {what}.", timeout=3)
        else:
            self.call_from_thread(self._say_sent, what)

    def _say_sent(self, what: str) -> None:
        self.notify(f"Sent {what} to the terminal's clipboard, if it takes them.", timeout=3)

    def _is_of_what_closes(self, error: Exception) -> bool:
        """A message may still reach a widget whose parts are gone, while it or the app closes: for the log alone."""
        is_closing = textual_internals.is_closing_here(self)
        if is_closing:
            log.info("not heeded in what closes", exc_info=error)
        return is_closing

    def _end_in_order(self, error: BaseException | None) -> None:
        """One sentence on the screen, the details in the log: Textual's own way shows private text."""
        log.error("the app ended with an error", exc_info=error)
        self._say_last(f"An unexpected problem ended the app ({type(error).__name__}).")

    def panic(self, *renderables: RenderableType) -> None:
        """The same for errors in the input thread."""
        if textual_internals.is_leaving(self):
            return
        log.error("the app panicked", stack_info=True)
        self._say_last("An unexpected problem ended the app.")

    def _say_last(self, sentence: str) -> None:
        where = visible_line(str(self._services.paths.log_file))
        last_words = Text(f"{sentence} Nothing that was saved is lost; the details are in {where}.")
        textual_internals.end_with(self, EXIT_BUG, last_words)

    # ---- actions that work everywhere

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette holds every action of the table that makes sense here; in a dialog, of the screen behind it."""
        screen = self.screen_stack[0]
        where = self.current_mode
        for entry in actions_for_palette(where):
            keys = f" ({', '.join(keys_of(self, entry.id)[:1])})" if keys_of(self, entry.id) else ""
            target = self if entry.run.startswith("app.") else screen
            run = entry.run.removeprefix("screen.")
            yield SystemCommand(entry.label + keys, entry.help.capitalize(), self._runner(run, target))

    def _runner(self, run: str, target: "App[None] | Screen[object]") -> Callable[[], object]:
        def chosen() -> None:
            if target is not self:
                self._leave_dialogs()
            self.call_later(target.run_action, run)

        return chosen

    def action_toggle_help(self) -> None:
        """Show or hide the help for what has the focus, with all keys and slash words."""
        from rnntui.tui.dialogs.help import HelpScreen

        if isinstance(self.screen, HelpScreen):
            self.pop_screen()
            return
        paragraphs = _help_of(self.focused, self.screen)
        self.push_screen(HelpScreen(tuple(with_keys(self, text) for text in paragraphs)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No key leads to where one is already, but out of a dialog."""
        return action != f"show_{self.current_mode}" or len(self.screen_stack) > 1

    async def action_show_chat(self) -> None:
        """Go to the conversation."""
        await self._go("chat")

    async def action_show_train(self) -> None:
        """Go to the training screen."""
        await self._go("train")

    async def action_show_lab(self) -> None:
        """Go to the lab."""
        await self._go("lab")

    def _leave_dialogs(self) -> None:
        while len(self.screen_stack) > 1:
            self.screen.dismiss(None)  # left without a choice; whoever opened it hears of that

    async def _go(self, mode: str) -> None:
        self._leave_dialogs()
        if self.current_mode != mode:
            self.clear_notifications()
            await self.switch_mode(mode)

    def action_show_log(self) -> None:
        """What was said, and details of what went wrong."""
        from rnntui.tui.dialogs.log import LogScreen

        if not isinstance(self.screen, LogScreen):
            self._leave_dialogs()
            self.push_screen(LogScreen(self._services.paths.log_file, tuple(self._told)))

    def action_models(self) -> None:
        """Choose a model."""
        from rnntui.tui.dialogs.models import ModelsScreen

        if isinstance(self.screen, ModelsScreen):
            return
        self._leave_dialogs()
        self.push_screen(ModelsScreen(self._services.models, self._open_model()), self._use_model)

    def _use_model(self, chosen: "ChosenModel | None") -> None:
        if chosen and chosen.is_new:
            self.call_later(self.chat_with, chosen.model_id)
        elif chosen:
            self.call_later(self._go_on_with, chosen.model_id)

    async def _go_on_with(self, model_id: str) -> None:
        await self._go("chat")
        if self.chat_screen:
            self.chat_screen.use_model(model_id)

    async def action_sessions(self) -> None:
        """All conversations."""
        await self._show_sessions("")

    async def on_chat_screen_search_wanted(self, message: ChatScreen.SearchWanted) -> None:
        """From the words that are looked for in one conversation to all conversations."""
        await self._show_sessions(message.words)

    async def _show_sessions(self, words: str) -> None:
        from rnntui.tui.dialogs.sessions import SessionsScreen

        if isinstance(self.screen, SessionsScreen):
            return
        await self._go("chat")
        chat = self.chat_screen.chat if self.chat_screen else None
        current = chat.session.session_id if chat else ""
        self.push_screen(SessionsScreen(self._services, current, words), self._open_session)

    def _open_session(self, session_id: str | None) -> None:
        if self.chat_screen:
            self.chat_screen.open_session(session_id or "")

    async def action_memories(self) -> None:
        """Memories that were kept under a name."""
        from rnntui.tui.dialogs.memories import MemoriesScreen

        if isinstance(self.screen, MemoriesScreen) or self.chat_screen is None:
            return
        await self._go("chat")
        can_keep = not self.chat_screen.transcript.content.is_blank
        self.push_screen(MemoriesScreen(self._services, can_keep), self.chat_screen.take_memory)

    async def chat_with(self, model: str) -> None:
        """Open a new conversation with a model and go there."""
        await self._go("chat")
        if self.chat_screen:
            self.chat_screen.new_chat(model)

    async def action_new_chat(self) -> None:
        """An empty conversation with the same model."""
        await self.chat_with("")

    def action_settings(self) -> None:
        """Every setting of the draw."""
        from rnntui.tui.dialogs.settings import SettingsScreen

        screen = self.chat_screen
        if isinstance(self.screen, SettingsScreen) or screen is None or screen.chat is None:
            return
        self._leave_dialogs()
        chosen = SettingsScreen(screen.chat.sampler, screen.pace, screen.chat.join)
        self.push_screen(chosen, screen.take_settings)

    async def action_interrupt(self) -> None:
        """Copy a selection; else stop the network; pressed twice, quit."""
        selected = self._selected_text()
        if selected:
            self.copy_to_clipboard(selected)
            return
        now = time.monotonic()
        screen = self.chat_screen
        if now - self._interrupted_at <= _TWICE_SECONDS:
            await self.action_quit()
            return
        self._interrupted_at = now
        if screen and screen.is_writing and self.screen is screen:
            screen.action_stop()
            return
        self.notify(f"Press {key_of(self, 'interrupt')} again to quit.", timeout=_TWICE_SECONDS)

    def _selected_text(self) -> str:
        focused = self.focused
        if isinstance(focused, TextArea | Input) and focused.selected_text:
            return focused.selected_text
        return self.screen.get_selected_text() or ""

    async def action_quit(self) -> None:
        """Leave: what is being written is cut where the person saw it, a training run goes on."""
        await self._settle()
        self.exit(return_code=self._exit_code, message=await self._farewell())

    async def _settle(self) -> None:
        """Let what the person has done come to its end, as long as that takes no time."""
        if self.chat_screen:
            await self.chat_screen.settle(_SETTLE_SECONDS)
        if work := self._desk_work():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self.workers.wait_for_complete(work)), _SETTLE_SECONDS)

    async def _farewell(self) -> Text | None:
        """That a training run goes on; nothing where the disk does not answer soon."""
        try:
            run = await asyncio.wait_for(in_background(self._active_run), _SETTLE_SECONDS)
        except (RnntuiError, TimeoutError):
            return None
        if run is None:
            return None
        name, shows = visible_line(run.name, 60), key_of(self, "show-train")
        return Text(f'Training of "{name}" goes on by itself; open rnntui and press {shows} to see it.')

    def _active_run(self) -> "RunRecord | None":
        try:
            return self._services.training.active()
        except (RnntuiError, OSError):
            log.exception("asking for the active run failed")
            return None

    # ---- signals

    def leave(self, exit_code: int, is_gone: bool) -> bool:
        """End the app from a signal handler in the main thread; without drawing when the terminal is gone.

        Returns:
            False when it is not to end: an editor has the terminal, and its interrupts are not meant for the app.
        """
        driver = textual_internals.driver_of(self)
        if exit_code == EXIT_INTERRUPTED and driver is not None and textual_internals.is_lent(driver):
            return False
        self._exit_code = exit_code
        loop = textual_internals.loop_of(self)
        if loop is None:
            os._exit(exit_code)
        asyncio.run_coroutine_threadsafe(self._leave(exit_code, is_gone), loop)
        return True

    async def _leave(self, exit_code: int, is_gone: bool) -> None:
        try:
            await self._settle()
        finally:
            if is_gone:
                self._services.close()
                os._exit(exit_code)
            self.exit(return_code=exit_code)


def _help_of(focused: Widget | None, screen: Screen[object]) -> tuple[str, ...]:
    """The help of the focused widget and of its screen, whichever have one."""
    found = [getattr(focused, "HELP", None), getattr(screen, "HELP", None)]
    return tuple(text for text in found if isinstance(text, str))


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
    problem = refusal(dict(os.environ))
    if problem:
        raise InputError(problem, 'Use the command line instead, such as rnntui gen "Once upon a time".')
    _keep_log_off_the_screen()
    app = RnntuiApp(services, model, session_id)
    with TerminalGuard(app.leave, parent):
        app.run(mouse=mouse)
    return app.return_code or 0


def _keep_log_off_the_screen() -> None:
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(logging.NullHandler())
