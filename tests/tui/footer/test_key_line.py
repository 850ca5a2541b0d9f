"""The footer shows the keys of what has the focus, as many as fit, and only what can be done now."""

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from rnntui.tui.app import RnntuiApp
from rnntui.tui.footer.key_line import KeyEntry, KeyLine, fit
from tests.tui.fakes import FakeServices
from tests.tui.helpers import chat_of, running, send, shown, until


def foot(app: RnntuiApp) -> str:
    """The last row of the screen, which nothing is cut from."""
    line = app.screen.query_one(KeyLine)
    row = shown(app).splitlines()[-1]
    written = "  ".join(
        "".join(key for key, _ in entry.keys) + (f" {entry.label}" if entry.label else "") for entry in line.entries
    )
    assert row == written
    assert cell_len(row) <= app.size.width
    assert len({entry.label for entry in line.entries}) == len(line.entries)
    return row


async def foot_of(app: RnntuiApp, pilot: Pilot[None], begins: str) -> str:
    await until(pilot, lambda: shown(app).splitlines()[-1].startswith(begins))
    row = foot(app)
    assert "F1 Help" in row
    return row


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (120, 36)])
async def test_the_footer_follows_the_focus(size: tuple[int, int]) -> None:
    services = FakeServices()
    async with running(services, size) as (app, pilot):
        row = await foot_of(app, pilot, "Enter Go on")
        assert "Undo" not in row  # there is nothing to take back yet
        await pilot.press("h", "i")
        assert "alt+w Clear" in await foot_of(app, pilot, "Enter Send")
        services.chats[0].words.close()
        await pilot.press("enter")
        assert "Retry" not in await foot_of(app, pilot, "Esc Stop")
        services.chats[0].words.open()
        await until(pilot, lambda: app.is_idle)
        row = await foot_of(app, pilot, "Enter Go on  F7 Words  ^R Retry  F8 Undo  F4 Train")
        assert row.endswith("^P Palette  F1 Help  ^Q Quit") == (size[0] == 80)
        await pilot.press("f7")
        assert "  Esc  " in await foot_of(app, pilot, "←→ word  Enter What else  u Rewind  r Write on")
        await pilot.press("enter")
        assert "  Esc  " in await foot_of(app, pilot, "1-9 Say it  type Search  ←→ beside  u Rewind")
        await pilot.press("t")
        assert "Rewind" not in await foot_of(app, pilot, "1-9 Say it  type Search")
        await pilot.press("escape", "escape", "escape", "ctrl+t")
        assert "Esc Back" in await foot_of(app, pilot, "←→ ±0.05  ↓ more  type a number")
        await pilot.press("down")
        assert "Esc Back" in await foot_of(app, pilot, "←→ value  ↑↓ row  type a number")
        await pilot.press("ctrl+f")
        assert "Esc Close" in await foot_of(app, pilot, "Enter Next  ↓↑ places")
        await pilot.press("escape", "/", "r")
        await foot_of(app, pilot, "Enter Run")
        await pilot.press("backspace", "backspace", "alt+e")
        assert "Esc Leave it" in await foot_of(app, pilot, "Enter Replace it")


@pytest.mark.parametrize(
    ("key", "begins"),
    [
        ("f1", "type Narrow it"),
        ("f2", "^R Apply"),
        ("ctrl+l", "Enter Go on with it  n New chat"),
        ("ctrl+s", "Enter Open  alt+r Rename"),
    ],
)
async def test_a_dialog_has_a_footer_of_its_own(key: str, begins: str) -> None:
    async with running() as (app, pilot):
        await pilot.press(key)
        assert "Esc" in await foot_of(app, pilot, begins)
        await pilot.press("escape")
        await foot_of(app, pilot, "Enter Go on")


@pytest.mark.parametrize(("key", "begins"), [("f4", "^R Start"), ("f6", "^R Run")])
async def test_other_screens_have_their_own_keys(key: str, begins: str) -> None:
    async with running(FakeServices(), (60, 16)) as (app, pilot):
        await pilot.press(key)
        await foot_of(app, pilot, begins)


async def test_a_key_of_the_persons_own_stands_in_the_footer() -> None:
    services = FakeServices()
    services.config.keys["retry"] = "alt+t"
    async with running(services) as (app, pilot):
        await send(app, pilot, "Hello")
        await until(pilot, lambda: app.is_idle)
        assert "alt+t Retry" in await foot_of(app, pilot, "Enter Go on")


async def test_a_click_on_a_pair_of_keys_presses_the_one_under_the_pointer() -> None:
    async with running() as (app, pilot):
        await send(app, pilot, "Hello")
        await until(pilot, lambda: app.is_idle)
        await pilot.press("f7")
        await foot_of(app, pilot, "←→ word")
        cursor = chat_of(app).transcript.cursor
        newest = cursor.place
        await pilot.click(KeyLine, offset=(0, 0))
        await until(pilot, lambda: cursor.place != newest)
        await pilot.click(KeyLine, offset=(1, 0))
        await until(pilot, lambda: cursor.place == newest)


def test_entries_are_cut_whole_and_help_is_kept() -> None:
    entries = tuple(
        KeyEntry(((key, key),), label, "", (0, 0, at), is_kept=label == "Help")
        for at, (key, label) in enumerate([("^R", "Retry"), ("F8", "Undo"), ("F4", "Train"), ("F1", "Help")])
    )
    widths = {cells: [entry.label for entry in fit(entries, cells)] for cells in (100, 36, 35, 25, 16, 7, 3)}
    assert widths == {
        100: ["Retry", "Undo", "Train", "Help"],
        36: ["Retry", "Undo", "Train", "Help"],
        35: ["Retry", "Undo", "Help"],
        25: ["Retry", "Help"],
        16: ["Help"],
        7: ["Help"],
        3: ["Help"],
    }
