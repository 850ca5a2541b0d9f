"""While a slash word is typed the commands that fit it stand above the prompt; keys and the mouse choose one."""

import pytest
from textual import events

from rnntui.tui.dialogs.manual import ManualScreen
from rnntui.tui.dialogs.settings import SettingsScreen
from rnntui.tui.slash_commands import command_rows, find_rows
from tests.tui.fakes import FakeServices
from tests.tui.helpers import chat_of, running, send, shown, toasts, until


def found(text: str) -> list[str]:
    return [row.command for row in find_rows(text)]


def test_rows_begin_like_the_text_or_are_called_so_elsewhere() -> None:
    assert found("/ret") == ["/retry"]
    assert "/top-k" in found("/top")
    assert found("/regen")[0] == "/retry"
    assert "/quit" in found("/exit")
    assert found("/r") == [row.command for row in command_rows() if row.command.startswith("/r")]
    assert (found("/retry now"), found("retry"), found("/xyzzy"), found("/re\ntry")) == ([], [], [], [])


@pytest.mark.parametrize(("size", "most"), [((120, 36), 8), ((80, 24), 8), ((60, 16), 5)])
async def test_the_list_says_what_commands_do_and_has_a_few_rows(size: tuple[int, int], most: int) -> None:
    async with running(FakeServices(), size) as (app, pilot):
        commands = chat_of(app).prompt.commands
        await pilot.press("/")
        await until(pilot, lambda: commands.is_open and "keys, and help for what" in shown(app))
        assert commands.size.height == most
        await pilot.press(*"ret")
        await until(pilot, lambda: commands.size.height == 1 and "write the last reply once more" in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: not commands.is_open)
        assert chat_of(app).prompt.text == "/ret"
        await pilot.press("backspace")
        await until(pilot, lambda: commands.is_open)


async def test_enter_means_what_was_typed_in_one_burst_with_it() -> None:
    async with running(FakeServices(), (120, 36)) as (app, pilot):
        prompt = chat_of(app).prompt
        for command, kind in (("/manual", ManualScreen), ("/settings", SettingsScreen)):
            await until(pilot, lambda: app.focused is prompt)
            await pilot.press("slash", command[1])
            await until(pilot, lambda: prompt.commands.is_open)
            for sign in command[2:]:
                prompt.post_message(events.Key(sign, sign))
            prompt.post_message(events.Key("enter", "\r"))
            await until(pilot, lambda kind=kind: isinstance(app.screen, kind))
            await pilot.press("escape")


async def test_the_arrows_mark_tab_completes_and_enter_runs() -> None:
    async with running(FakeServices(), (120, 36)) as (app, pilot):
        prompt = chat_of(app).prompt
        await pilot.press(*"/re", "down", "tab")
        await until(pilot, lambda: prompt.text == "/retry")
        await pilot.press("alt+w", *"/wil", "enter")
        await until(pilot, lambda: chat_of(app).chat.sampler.temperature > 1)  # type: ignore[union-attr]
        assert prompt.text == ""
        await pilot.press(*"/top-", "enter")
        await until(pilot, lambda: prompt.text == "/top-k ")
        assert not prompt.commands.is_open
        await pilot.press(*"40", "enter")
        await until(pilot, lambda: chat_of(app).chat.sampler.top_k == 40)  # type: ignore[union-attr]
        assert toasts(app) == []


async def test_what_was_typed_whole_is_run_as_it_stands_and_history_is_not_caught() -> None:
    async with running(FakeServices(), (120, 36)) as (app, pilot):
        prompt = chat_of(app).prompt
        await send(app, pilot, "/careful")
        await until(pilot, lambda: chat_of(app).chat.sampler.temperature < 1)  # type: ignore[union-attr]
        await send(app, pilot, "/wild")
        await until(pilot, lambda: chat_of(app).chat.sampler.temperature > 1)  # type: ignore[union-attr]
        await pilot.press("up")
        await until(pilot, lambda: prompt.text == "/wild")
        assert not prompt.commands.is_open
        await pilot.press("up")
        await until(pilot, lambda: prompt.text == "/careful")


async def test_a_click_runs_a_command_or_begins_it() -> None:
    async with running(FakeServices(), (120, 36)) as (app, pilot):
        prompt = chat_of(app).prompt
        await pilot.press(*"/wi")
        await until(pilot, lambda: prompt.commands.is_open and prompt.commands.size.height == 1)
        await pilot.click("#commands", offset=(2, 0))
        await until(pilot, lambda: chat_of(app).chat.sampler.temperature > 1 and not prompt.text)  # type: ignore[union-attr]
        await pilot.press(*"/top-k")
        await until(pilot, lambda: prompt.commands.is_open)
        await pilot.click("#commands", offset=(2, 0))
        await until(pilot, lambda: prompt.text == "/top-k ")
