"""What the palette offers: every action of the table that makes sense on the screen that is behind all dialogs."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from textual.app import App, SystemCommand

from rnntui.tui.actions import actions_for_palette
from rnntui.tui.keys import keys_of

if TYPE_CHECKING:
    from rnntui.tui.application.screen_switcher import ScreenSwitcher


def palette_commands(app: App[Any], screens: "ScreenSwitcher") -> Iterable[SystemCommand]:
    """The commands, each with its first key.

    Args:
        app: Carries out what works everywhere; its current screen all else, after its dialogs are left.
        screens: Leaves them.
    """

    def runner(run: str, *, is_of_app: bool) -> Callable[[], None]:
        def call() -> None:
            if not is_of_app:
                screens.leave_dialogs()
            app.call_later((app if is_of_app else screen).run_action, run)

        return call

    screen = app.screen_stack[0]
    for entry in actions_for_palette(app.current_mode):
        keys = f" ({keys_of(app, entry.id)[0]})" if keys_of(app, entry.id) else ""
        run = runner(entry.call.removeprefix("screen."), is_of_app=entry.owner == "app")
        yield SystemCommand(entry.label + keys, entry.help.capitalize(), run)
