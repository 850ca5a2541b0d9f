"""The box of alternatives never hides the word it is about, and says what its figures are of."""

import dataclasses
import random

from textual.pilot import Pilot

from rnntui.tui.app import RnntuiApp
from rnntui.tui.panel.alternatives import Alternatives
from rnntui.tui.panel.side_panel import SidePanel
from tests.tui.fakes import FakeServices
from tests.tui.helpers import chat_of, running, send, shown, until

SIZES = ((120, 36), (80, 24), (60, 16), (200, 60), (160, 24), (44, 18), (100, 20))
TURNS = 8


async def opened(app: RnntuiApp, pilot: Pilot[None]) -> None:
    """Wait until the word under the cursor is what the box shows."""
    box, cursor = app.screen.query_one(Alternatives), chat_of(app).transcript.cursor
    await until(pilot, lambda: app.is_idle and box._found and (box._found.turn_id, box._found.index) == cursor.place)
    await pilot.pause()


def is_word_in_sight(app: RnntuiApp) -> bool:
    """Whether the row of the cursor's word is drawn where no box is."""
    transcript, box = chat_of(app).transcript, app.screen.query_one(Alternatives)
    cursor = transcript.cursor
    assert cursor.block
    row = cursor.block.first_row + cursor.row - transcript.scroll_offset.y + transcript.gutter.top
    y, region = transcript.region.y + row, transcript.region
    text = shown(app).split("\n")[y][region.x : region.right] if region.y <= y < region.bottom else ""
    is_covered = box.display and box.region.x < region.right and box.region.y <= y < box.region.bottom
    return cursor.text.strip() in text and not is_covered


async def test_the_word_stays_in_sight_at_every_size_from_word_to_word_and_through_every_resize() -> None:
    chance = random.Random(7)
    async with running(FakeServices(), SIZES[0]) as (app, pilot):
        for _ in range(TURNS):
            await send(app, pilot, "Tell me of the night, and of what the old man saw there")
            await until(pilot, lambda: app.is_idle)
        transcript = chat_of(app).transcript
        for size in SIZES:
            await pilot.resize_terminal(*size)
            block = chance.choice(transcript.content.turns)
            assert transcript.content.has_tokens(block)
            transcript.focus()
            transcript.cursor.set(block, chance.randrange(len(block.ends)))
            await pilot.press("enter")
            await opened(app, pilot)
            assert is_word_in_sight(app), size
            for key in chance.choices(("left", "right"), k=4):
                await pilot.press(key)
                await opened(app, pilot)
                assert is_word_in_sight(app), (size, key)
            for other in chance.sample(SIZES, 2):
                await pilot.resize_terminal(*other)
                await until(pilot, lambda: is_word_in_sight(app))
                assert f"[{transcript.cursor.text.strip()}]" in shown(app), (size, other)
            await pilot.press("escape")
            assert not app.screen.query_one(Alternatives).display


async def test_with_the_newest_word_chosen_the_text_does_not_follow_its_end_below_the_box() -> None:
    async with running(FakeServices(), (80, 24)) as (app, pilot):
        for _ in range(2):
            await send(app, pilot, "Tell me of the night")
            await until(pilot, lambda: app.is_idle)
        await pilot.press("f7", "left", "left", "left", "left", "enter")
        await opened(app, pilot)
        assert is_word_in_sight(app)
        chat_of(app).transcript.content.set_remark(chat_of(app).transcript.content.turns[0].turn_id, "another remark")
        await pilot.pause()
        assert is_word_in_sight(app)


async def test_on_a_broad_screen_the_box_stands_in_the_inspector_and_comes_back_over_the_text() -> None:
    services = FakeServices()
    async with running(services, (200, 60)) as (app, pilot):
        await send(app, pilot, "Tell me of the night")
        await until(pilot, lambda: app.is_idle)
        await pilot.press("f7", "enter")
        await opened(app, pilot)
        box, inspector = app.screen.query_one(Alternatives), app.screen.query_one("#inspector")
        await until(pilot, lambda: inspector.region.contains_region(box.region))
        assert app.screen.query_one("#next-heading").region.y >= box.region.bottom
        await pilot.press("f5")
        await until(pilot, lambda: chat_of(app).query_one("#conversation").region.contains_region(box.region))
        assert box.has_focus
        await pilot.press("f5")
        await until(pilot, lambda: inspector.region.contains_region(box.region))
        rows = shown(app).split("\n")
        y = next(y for y, row in enumerate(rows) if "2 ship" in row)
        said: list[object] = []
        chat = services.chats[0]
        chat.branch = lambda turn_id, index, word: iter(said.append(word) or ())  # type: ignore[attr-defined, func-returns-value]
        await pilot.click(offset=(rows[y].index("2 ship") + 3, y))
        await until(pilot, lambda: app.is_idle and not box.display)
        assert len(said) == 1
        place = app.screen.query_one(SidePanel).box_place
        await until(pilot, lambda: place is not None and place.region.height == 0)


async def test_the_box_says_what_its_figures_are_of_and_what_cuts_a_word() -> None:
    async with running(FakeServices(), (120, 36)) as (app, pilot):
        await send(app, pilot, "Tell me of the night")
        await until(pilot, lambda: app.is_idle)
        await pilot.press("f7", "enter")
        await opened(app, pilot)
        box = app.screen.query_one(Alternatives)
        found = box._found
        assert found
        first, second, *others = found.alternatives
        paragraph = dataclasses.replace(second, piece="\n\n", drawable=0.0, cut_by="top_p")
        box.show(dataclasses.replace(found, alternatives=(first, paragraph, *others)))
        await until(pilot, lambda: "cut by top-p" in shown(app))
        drawn = shown(app)
        assert "shares before the cuts" in drawn
        assert "this word 2.9 bits, rank 3" in drawn
        assert "on average here 3.1 bits ≈ 9 words" in drawn
        assert "⏎ paragraph" in drawn
        await pilot.press("down", "down")
        await until(pilot, lambda: "[⏎ paragraph]" in shown(app))
        await pilot.press("w", "h")
        await until(pilot, lambda: "[wh]" in shown(app))
