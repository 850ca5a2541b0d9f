"""Everything in the table of actions can be done with a key, from the palette, with a slash word and with the mouse."""

import contextlib

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot

from rnntui.tui.action import Action
from rnntui.tui.actions import ACTIONS
from rnntui.tui.app import RnntuiApp
from rnntui.tui.chat.parts import ChatParts
from rnntui.tui.footer.key_line import KeyLine
from rnntui.tui.screens.chat import ChatScreen
from tests.tui.fakes import FakeServices
from tests.tui.helpers import chat_of, running, send, until

EVERYWHERE = [entry for entry in ACTIONS if entry.where in {"everywhere", "chat"}]
WITHOUT_SLASH = {"interrupt", "show-lab"}
"""Ctrl+c copies or stops what is there; the lab's own word takes words with it."""
WITHOUT_PALETTE = {"interrupt", "palette", "page-up", "page-down"}
WITHOUT_KEY = {entry.id for entry in EVERYWHERE if not entry.keys}


class Recorder:
    """Replaces every action by a note that it was asked for."""

    def __init__(self, patch: pytest.MonkeyPatch, parts: ChatParts) -> None:
        self.seen: list[str] = []
        for entry in EVERYWHERE:
            name = self.of(entry).partition("(")[0]
            if entry.owner in {"app", ""}:
                patch.setattr(RnntuiApp if entry.owner else ChatScreen, f"action_{name}", self._noted(name))
            else:
                patch.setattr(type(getattr(parts, entry.owner)), name, self._noted(name))

    def _noted(self, name: str):  # type: ignore[no-untyped-def]
        def action(_: object, *values: object) -> None:
            self.seen.append(f"{name}{values or ''}")

        return action

    @staticmethod
    def of(entry: Action) -> str:
        name, _, values = entry.run.removeprefix(f"{entry.owner}.").partition("(")
        return f"{name}({values.rstrip(')')},)" if values else name


async def by_key(app: RnntuiApp, pilot: Pilot[None], entry: Action) -> None:
    for key in entry.keys:
        chat_of(app).prompt.focus()
        await pilot.press(key)


async def by_slash(app: RnntuiApp, pilot: Pilot[None], entry: Action) -> None:
    chat_of(app).prompt.put(f"/{entry.slash}")
    await pilot.press("enter")


async def by_palette(app: RnntuiApp, pilot: Pilot[None], entry: Action) -> None:
    offered = {command.title.split(" (")[0]: command.callback for command in app.get_system_commands(app.screen)}
    offered[entry.label]()


WAYS = {
    "key": (by_key, WITHOUT_KEY),
    "slash": (by_slash, WITHOUT_SLASH),
    "palette": (by_palette, WITHOUT_PALETTE),
}


@pytest.mark.parametrize("way", WAYS)
async def test_every_action_is_reached(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    reach, exceptions = WAYS[way]
    async with running(FakeServices()) as (app, pilot):
        recorder = Recorder(monkeypatch, chat_of(app).parts)
        for entry in EVERYWHERE:
            if entry.id in exceptions or entry.run == "app.show('chat')":  # no key leads to where one is already
                continue
            recorder.seen.clear()
            await reach(app, pilot, entry)
            with contextlib.suppress(AssertionError):
                await until(pilot, lambda: recorder.seen, 3.0)
            assert set(recorder.seen) == {Recorder.of(entry)}, entry.id


def keys_of_the_footer(app: RnntuiApp) -> list[str]:
    """The keys that a click on the footer presses, from left to right."""
    return [press for entry in app.screen.query_one(KeyLine).entries for _, press in entry.keys if press]


async def click_key(app: RnntuiApp, pilot: Pilot[None], key: str) -> None:
    line = app.screen.query_one(KeyLine)
    at = 0
    for entry in line.entries:
        if key in {press for _, press in entry.keys}:
            break
        at += entry.cells + 2
    await pilot.click(line, offset=(at, 0))


async def test_the_mouse_reaches_the_footer_and_through_it_the_palette(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(FakeServices(), (120, 36)) as (app, pilot):
        await send(app, pilot, "Hello")
        await until(pilot, lambda: app.is_idle and len(keys_of_the_footer(app)) >= 7)
        await click_key(app, pilot, "ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is chat_of(app))
        recorder = Recorder(monkeypatch, chat_of(app).parts)
        for key in keys_of_the_footer(app):
            if key != "enter":  # the prompt hears it itself
                recorder.seen.clear()
                await click_key(app, pilot, key)
                await until(pilot, lambda: recorder.seen)


def test_what_has_no_key_is_in_the_palette_and_has_a_word() -> None:
    for entry in EVERYWHERE:
        ways = [bool(entry.keys), bool(entry.slash), entry.in_palette]
        assert sum(ways) >= 2 or entry.id == "interrupt", entry.id
