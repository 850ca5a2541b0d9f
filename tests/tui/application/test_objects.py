"""The objects that the app has, each with a bare app: screens, dialogs, notices and copying."""

import ast

from textual.app import App
from textual.screen import Screen

from rnntui.tui.actions import ACTIONS
from rnntui.tui.application.copier import Copier
from rnntui.tui.application.notices import Notices
from rnntui.tui.application.styles import first_sheets, later_sheets
from rnntui.tui.screens import SCREENS
from rnntui.tui.work import Desk
from tests.tui.fakes import FakeServices
from tests.tui.helpers import chat_of, running, toasts, until


def arguments(name: str) -> list[str]:
    """What the rows of the table give to one action of the app."""
    calls = [entry.run.removeprefix(f"app.{name}") for entry in ACTIONS if entry.run.startswith(f"app.{name}(")]
    return [ast.literal_eval(call) for call in calls]


def test_every_screen_of_the_table_has_an_action_and_a_sheet() -> None:
    assert sorted(arguments("show")) == sorted(SCREENS)
    sheets = [*first_sheets(), *(path.name for path in later_sheets())]
    assert all(any(sheet.endswith(f"{name}.tcss") for sheet in sheets) for name in SCREENS)
    assert all(path.is_file() for path in later_sheets())


async def test_every_dialog_that_has_an_action_opens_in_the_place_of_the_one_before() -> None:
    names = [name for name in arguments("open") if name != "tour"]  # which stands beside the conversation
    assert {"help", "manual", "log", "models", "sessions", "memories", "settings", "themes"} == set(names)
    seen: list[Screen[object]] = []
    async with running(FakeServices()) as (app, pilot):
        for name in (*names, *names):
            before = app.screen
            await app.action_open(name)
            await until(pilot, lambda before=before: app.screen is not before and app.screen.is_mounted)  # type: ignore[misc]
            seen.append(app.screen)
            app.screens.leave_dialogs()
            await until(pilot, lambda: app.screen is chat_of(app) and app.is_idle)
    assert len({type(screen) for screen in seen}) == len(set(names))


async def test_a_screen_is_made_when_it_is_first_shown_and_then_stays() -> None:
    async with running(FakeServices()) as (app, pilot):
        assert [name for name in SCREENS if app.screens.find(name)] == ["chat"]
        for name in SCREENS:
            shown = await app.screens.show(name)
            await until(pilot, lambda shown=shown: app.screen is shown and app.is_idle)  # type: ignore[misc]
            assert app.screens.find(name) is shown
            assert await app.screens.show(name) is shown
        assert not app.screens.has_dialog


async def test_what_toasts_say_can_be_read_again_the_newest_hundred() -> None:
    notices = Notices(App())
    for number in range(150):
        notices.record(f"toast\x1b {number}\nand more")
    assert len(notices.told) == 100
    assert notices.told[-1].endswith("149 and more")
    assert "\x1b" not in "".join(notices.told)


async def test_a_copy_that_fails_says_what_else_can_be_done() -> None:
    def refuse(text: str) -> None:
        raise OSError(text)

    async with running(FakeServices()) as (app, pilot):
        Copier(app, Desk(app), refuse).copy("some text")
        await until(pilot, lambda: any("could not be copied" in toast for toast in toasts(app)))
