"""The keys that work everywhere work in dialogs too, and help says there what the dialog is."""

from pathlib import Path

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.screen import ModalScreen

from rnntui.tui.app import RnntuiApp
from rnntui.tui.dialogs.branches import BranchesScreen
from rnntui.tui.dialogs.help import HelpScreen
from rnntui.tui.dialogs.log import LogScreen
from rnntui.tui.dialogs.memories import MemoriesScreen
from rnntui.tui.dialogs.models import ModelsScreen
from rnntui.tui.dialogs.report import ReportScreen
from rnntui.tui.dialogs.sessions import SessionsScreen
from rnntui.tui.dialogs.settings import SettingsScreen
from tests.tui.fakes import FakeServices, card
from tests.tui.helpers import chat_of, running, send, shown, until
from tests.tui.real import really_running

DIALOGS = {
    "f2": SettingsScreen,
    "ctrl+l": ModelsScreen,
    "ctrl+s": SessionsScreen,
    "alt+m": MemoriesScreen,
    "alt+v": BranchesScreen,
}


async def comes(app: RnntuiApp, pilot: Pilot[None], kind: type) -> None:
    await until(pilot, lambda: isinstance(app.screen, kind) and app.screen.is_mounted)


async def look_for_help(app: RnntuiApp, pilot: Pilot[None], dialog: type) -> None:
    """There and back, with Esc and with the same key."""
    beginning = getattr(dialog, "HELP", "").split("{")[0][:60]
    for back in ("escape", "f1"):
        await pilot.press("f1")
        await comes(app, pilot, HelpScreen)
        await until(pilot, lambda: beginning in " ".join(shown(app).replace("│", " ").split()))
        await pilot.press(back)
        await comes(app, pilot, dialog)


async def test_help_is_there_in_every_list_and_leads_back_to_it(tmp_path: Path) -> None:
    async with really_running(tmp_path, size=(120, 36)) as (app, pilot):
        for text in ("The cat saw", "/retry"):
            await send(app, pilot, text)
            await until(pilot, lambda: app.is_idle)
        for key, dialog in DIALOGS.items():
            await pilot.press(key)
            await comes(app, pilot, dialog)
            await look_for_help(app, pilot, dialog)
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is chat_of(app))


async def test_help_is_there_on_every_page_and_leads_back_to_it() -> None:
    async with running(FakeServices(), (120, 36)) as (app, pilot):
        app.push_screen(ReportScreen(app._services, card(), ()))
        await comes(app, pilot, ReportScreen)
        await look_for_help(app, pilot, ReportScreen)
        await pilot.press("f3")
        await until(pilot, lambda: app.screen is chat_of(app))
        await send(app, pilot, "/log")
        await comes(app, pilot, LogScreen)
        await look_for_help(app, pilot, LogScreen)


@pytest.mark.parametrize("dialog", ["f2", "ctrl+l", "f1"])
async def test_a_dialog_is_left_by_the_keys_that_lead_elsewhere(dialog: str) -> None:
    async with running(FakeServices()) as (app, pilot):
        for key, arrives in (
            ("f3", lambda: app.screen is chat_of(app)),
            ("f4", lambda: app.screen is app.screens.find("train")),
            ("f4", lambda: app.screen is app.screens.find("train")),
            ("f6", lambda: app.screen is app.screens.find("lab")),
            ("ctrl+n", lambda: app.screen is chat_of(app)),
        ):
            await pilot.press(dialog)
            await comes(app, pilot, ModalScreen)
            await pilot.press(key)
            await until(pilot, arrives)
            await until(pilot, lambda: app.is_idle)


async def test_another_dialog_takes_the_place_of_one() -> None:
    async with running(FakeServices()) as (app, pilot):
        for key in ("f2", "ctrl+l", "f1", "f2", "ctrl+s", "f2"):
            await pilot.press(key)
            await comes(app, pilot, HelpScreen if key == "f1" else DIALOGS[key])
        assert len(app.screen_stack) == 2


async def test_what_the_palette_does_from_a_dialog_is_done_to_the_screen_behind_it() -> None:
    services = FakeServices(reply=" ok")
    async with running(services) as (app, pilot):
        await pilot.press("f2", "ctrl+p")
        await comes(app, pilot, CommandPalette)
        await pilot.press(*"forget")
        await until(pilot, lambda: "Forget (ctrl+o)" in shown(app))
        await pilot.press("enter", "enter")
        await until(pilot, lambda: app.screen is chat_of(app) and "memory emptied here" in shown(app))
