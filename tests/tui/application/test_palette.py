"""The palette finds what a person calls a thing, whatever this program calls it, and leads there."""

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot

from rnntui.tui.actions import ACTIONS
from rnntui.tui.app import RnntuiApp
from rnntui.tui.application.palette import WAYS, PaletteEntry, match, palette_entries
from rnntui.tui.dialogs.sessions import SessionsScreen
from tests.tui.fakes import FakeServices
from tests.tui.helpers import chat_of, running, shown, until


def found(app: RnntuiApp, query: str) -> list[str]:
    """Titles, the best first."""
    entries = sorted(palette_entries(app, app.screens), key=lambda entry: -match(entry, query))
    return [entry.title for entry in entries if match(entry, query)]


WORDS = {
    "regenerate": "Retry",
    "branch": "Versions",
    "export": "Conversations: Export",
    "import": "Conversations: Import",
    "delete": "Conversations: Delete",
    "rename": "Conversations: Rename",
    "report": "Models: Report",
    "fork": "Conversations: Copy",
    "copy": "Conversations: Copy",
    "duplicate": "Conversations: Copy",
    "search": "Find",
    "exit": "Quit",
    "quit": "Quit",
    "dark mode": "Theme",
    "save": "Keep the memory",
    "top-k": "Set top k",
    "clear": "Clear the prompt",
    "blend": "Memories: Mark",
    "rewind": "Rewind to here",
    "ctrl+r": "Retry",
    "history": "Conversations",
}


async def test_other_programs_words_are_found() -> None:
    async with running() as (app, _):
        titles = {word: found(app, word)[:8] for word in WORDS}
        assert {word: WORDS[word] in titles[word] for word in WORDS} == dict.fromkeys(WORDS, True), titles
        assert found(app, "xyzzy") == []
        assert len(found(app, "")) == 0


async def test_every_action_but_moves_is_found_by_its_label() -> None:
    async with running() as (app, _):
        titles = [entry.title for entry in palette_entries(app, app.screens)]
        assert len(titles) == len(set(titles))
        for entry in ACTIONS:
            if entry.in_palette and (entry.where in WAYS or entry.where == "everywhere"):
                assert any(title.endswith(entry.label) for title in titles), entry.id


async def search(app: RnntuiApp, pilot: Pilot[None], words: str) -> None:
    await pilot.press("ctrl+p")
    await until(pilot, lambda: isinstance(app.screen, CommandPalette))
    await pilot.press(*words)


async def test_a_choice_from_a_dialog_leads_there() -> None:
    async with running() as (app, pilot):
        await search(app, pilot, "rename conversation")
        await until(pilot, lambda: "Conversations: Rename" in shown(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette) is False)
        await until(pilot, lambda: isinstance(app.screen, SessionsScreen))


async def test_a_setting_is_begun_in_the_prompt() -> None:
    async with running(FakeServices(), (120, 36)) as (app, pilot):
        await search(app, pilot, "nucleus")
        await until(pilot, lambda: "No matches" in shown(app))
        await pilot.press("escape")
        await search(app, pilot, "set top k")
        await until(pilot, lambda: "Set top k" in shown(app))
        await pilot.press("enter")
        await until(pilot, lambda: chat_of(app).prompt.text == "/top-k ")


@pytest.mark.parametrize(("query", "least"), [("re", 0.9), ("new", 0.7), ("dice", 0.5), ("ice", 0.2)])
def test_the_beginning_of_the_title_counts_most(query: str, least: float) -> None:
    entry = PaletteEntry("Retry", "Write it once more with new dice", "regenerate new", ("ctrl+r",), lambda: None, True)
    assert least < match(entry, query) <= 1.0
    assert match(entry, f"{query} xyzzy") == 0.0
