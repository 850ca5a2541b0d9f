"""Thinking before speaking, in the app: it says what it does, the drafts are listed, another one becomes a version."""

import dataclasses
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import OptionList

from rnntui.chat_events import DraftHeard, DraftsLooked
from rnntui.records import Turn
from rnntui.tui.app import RnntuiApp
from rnntui.tui.dialogs.drafts import DraftsScreen
from tests.tui.helpers import HOSTILE, chat_of, shown, until
from tests.tui.real import real_chat, really_running


async def reply(app: RnntuiApp, pilot: Pilot[None], drafts: int = 3) -> Turn:
    chat = real_chat(app)
    chat.set_sampler(dataclasses.replace(chat.sampler, temperature=1.3, top_p=1.0, max_words=60, seed=5))
    await pilot.press(*f"/drafts {drafts}", "enter", *"The cat", "enter")
    await until(pilot, lambda: app.is_idle and len(chat.facts.turns) == 2)
    return chat.facts.turns[-1]


async def opened(app: RnntuiApp, pilot: Pilot[None]) -> DraftsScreen:
    await until(pilot, lambda: isinstance(app.screen, DraftsScreen) and app.screen.query(OptionList))
    await pilot.pause()
    assert isinstance(app.screen, DraftsScreen)
    return app.screen


async def test_the_word_in_the_prompt_sets_how_many_and_the_panel_and_the_reply_say_so(tmp_path: Path) -> None:
    async with really_running(tmp_path, size=(120, 40)) as (app, pilot):
        turn = await reply(app, pilot)
        assert {draw.sampler.drafts for draw in turn.draws if draw.sampler} == {3}
        assert "best of 3" in shown(app).split("pace")[0]
        assert "bits a word · best of 3" in shown(app)


async def test_while_it_thinks_it_says_which_draft_and_esc_stops_it(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        chat = real_chat(app)
        chat.set_sampler(dataclasses.replace(chat.sampler, temperature=1.3, top_p=1.0, max_words=10_000, drafts=16))
        await pilot.press(*"The cat", "enter")
        seen: set[str] = set()

        def has_thought() -> bool:
            thinking = chat_of(app).worker.thinking
            if thinking:
                chat_of(app).parts.status.show()
                seen.add(str(chat_of(app).prompt.border_title))
            return len(seen) > 3

        await until(pilot, has_thought)
        assert any("thinking · 2 of 16 drafts" in title for title in seen) or all("of 16 drafts" in t for t in seen)
        await pilot.press("escape")
        await until(pilot, lambda: app.is_idle)
        assert chat.facts.counters.position == chat_of(app).worker.shown_position
        assert "of 16 drafts" not in str(chat_of(app).prompt.border_title)


async def test_another_draft_of_the_newest_sentence_becomes_a_version(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        old = await reply(app, pilot)
        await pilot.press("alt+d")
        screen = await opened(app, pilot)
        assert screen._looked.index == old.draws[-1].start
        assert "● " in shown(app)
        other = (screen._looked.said + 1) % 3
        listed = screen.query_one(OptionList)
        assert listed.highlighted == screen._looked.said
        listed.highlighted = other
        await pilot.press("enter")
        await until(pilot, lambda: app.is_idle and not isinstance(app.screen, DraftsScreen))
        fresh = real_chat(app).facts.turns[-1]
        assert real_chat(app).facts.siblings(old.turn_id) == (old.turn_id, fresh.turn_id)
        assert fresh.draws[len(old.draws) - 1].draft == other
        assert "‹ 2/2 ›" in shown(app)
        await pilot.press("f8")
        await until(pilot, lambda: app.is_idle and real_chat(app).facts.turns[-1] == old)


async def test_at_a_word_the_drafts_of_its_sentence_are_listed_and_esc_changes_nothing(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        old = await reply(app, pilot)
        await pilot.press("f7")
        while (place := chat_of(app).transcript.cursor.place) is None or place[1] >= old.draws[1].start:
            await pilot.press("left")
        await pilot.press("d")
        screen = await opened(app, pilot)
        assert screen._looked.index == 0
        await pilot.press("escape")
        await until(pilot, lambda: app.is_idle and not isinstance(app.screen, DraftsScreen))
        assert real_chat(app).facts.turns[-1] == old


async def test_where_nothing_was_thought_of_the_keys_say_how_it_would_be(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await pilot.press("alt+d")
        await until(pilot, lambda: "lets it think before it speaks" in shown(app))
        await reply(app, pilot, drafts=1)
        await pilot.press("alt+d")
        await until(pilot, lambda: any("no other draft" in toast.message for toast in app._notifications))


async def test_a_draft_shows_as_it_is_whatever_stands_in_it(tmp_path: Path) -> None:
    drafts = tuple(DraftHeard(number, text, 1, -1.0, 2.0) for number, text in enumerate(HOSTILE))
    async with really_running(tmp_path, size=(120, 60)) as (app, pilot):
        app.push_screen(DraftsScreen(DraftsLooked(1, 0, 0, drafts)))
        await opened(app, pilot)
        assert "[@click=app.quit]x" in shown(app)
        assert "\x1b" not in shown(app).replace("\n", "")


async def test_equal_drafts_are_named_as_such(tmp_path: Path) -> None:
    drafts = (DraftHeard(0, " Mice.", 2, -1.0, 2.0), DraftHeard(1, " Mice.", 2, -1.0, 2.0))
    async with really_running(tmp_path) as (app, pilot):
        app.push_screen(DraftsScreen(DraftsLooked(1, 0, 0, drafts)))
        await opened(app, pilot)
        assert "word for word as 1" in shown(app)
