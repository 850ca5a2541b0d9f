"""Whatever is opening at that moment, a dialog can be left and the app can be ended."""

import asyncio

import pytest

from tests.tui.helpers import running, until

TURNS = range(1, 6)
"""So many turns of the event loop after a dialog was asked for; its widgets come into being during the first few."""


@pytest.mark.parametrize("turns", TURNS)
async def test_the_app_ends_with_its_own_code_while_a_dialog_opens(turns: int) -> None:
    async with running() as (app, _):
        await app.action_open("settings")
        for _ in range(turns):
            await asyncio.sleep(0)
        app.ending.leave(143, False)
        async with asyncio.timeout(20):
            while app.is_running:  # the pilot would wait for a screen that is no longer there
                await asyncio.sleep(0.01)
        assert app.return_code == 143


@pytest.mark.parametrize("turns", TURNS)
async def test_a_dialog_is_left_while_it_opens(turns: int) -> None:
    async with running() as (app, pilot):
        await app.action_open("settings")
        for _ in range(turns):
            await asyncio.sleep(0)
        if app.screen is not app.chat_screen:
            app.screen.dismiss(None)
        await until(pilot, lambda: app.screen is app.chat_screen)
        await pilot.press("x")
        await until(pilot, lambda: app.chat_screen.prompt.text == "x")
