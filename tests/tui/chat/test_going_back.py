"""Undo, redo, retry, versions, edits and rewinds with the keys: text and memory go back together."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from rnntui.events import ChatEvent
from rnntui.lm.generator import Generator
from rnntui.service.chat.chat import Chat
from rnntui.tui.app import RnntuiApp
from rnntui.tui.panel.alternatives import Alternatives
from tests.tui.fakes import Gate
from tests.tui.helpers import chat_of, send, shown, toasts, until
from tests.tui.real import real_chat, really_running, told


async def say(app: RnntuiApp, pilot: Pilot[None], text: str) -> None:
    await send(app, pilot, text)
    await until(pilot, lambda: app.is_idle)


async def press(app: RnntuiApp, pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await until(pilot, lambda: app.is_idle)


def cursor_index(app: RnntuiApp) -> int:
    """The token the word cursor stands on: a line's end that closes a reply has no word to stand on."""
    cursor = chat_of(app).transcript.cursor.place
    assert cursor is not None
    return cursor[1]


async def test_undo_takes_the_exchange_back_and_redo_brings_it_again(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        text, memory = told(app), real_chat(app).facts.memory()
        await say(app, pilot, "a mouse")
        whole, later = told(app), real_chat(app).facts.memory()
        await press(app, pilot, "f8")
        assert chat_of(app).transcript.content.text == text == told(app)
        assert real_chat(app).facts.memory() == memory
        assert "took back 1 exchange · F9 brings it back" in shown(app)
        assert chat_of(app).prompt.text == "a mouse"
        await press(app, pilot, "f9")
        assert chat_of(app).transcript.content.text == whole == told(app)
        assert real_chat(app).facts.memory() == later
        assert chat_of(app).prompt.text == ""
        await press(app, pilot, "f8", "f8")
        assert real_chat(app).facts.turns == ()
        assert chat_of(app).transcript.content.is_blank
        await press(app, pilot, "f8")
        assert "There is nothing to undo." in toasts(app)[-1]


async def test_a_retry_stands_beside_the_old_reply_and_one_walks_between_them(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        first = told(app)
        await press(app, pilot, "ctrl+r")
        second = told(app)
        assert second != first
        assert "‹ 2/2 ›" in shown(app)
        await press(app, pilot, "alt+left")
        assert chat_of(app).transcript.content.text == first == told(app)
        assert "‹ 1/2 ›" in shown(app)
        assert "version 1 of 2" in shown(app)
        row = next(y for y, line in enumerate(shown(app).split("\n")) if "‹ 1/2 ›" in line)
        column = shown(app).split("\n")[row].index("›")
        await pilot.click(offset=(column, row))
        await until(pilot, lambda: app.is_idle and told(app) == second)
        await press(app, pilot, "alt+right")
        assert "no other turn in that direction" in toasts(app)[-1]


async def test_the_same_dice_say_the_same(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        first = told(app)
        await press(app, pilot, "alt+r")
        assert told(app) == first
        assert "‹ 2/2 ›" in shown(app)


async def test_an_own_turn_is_changed_and_the_old_one_stays_beside_it(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        await say(app, pilot, "a mouse")
        chat_of(app).prompt.put("a draft")
        await press(app, pilot, "alt+e")
        assert chat_of(app).prompt.text == "a mouse"
        assert "editing what you wrote" in shown(app)
        assert "replaces it · Esc ─" in shown(app), "no sentence is cut in the frame of 60 columns"
        await press(app, pilot, "escape")
        assert chat_of(app).prompt.text == "a draft"
        await press(app, pilot, "alt+e", "alt+e")
        assert chat_of(app).prompt.text == "The cat saw"
        chat_of(app).prompt.put("The mouse saw")
        await press(app, pilot, "enter")
        turns = real_chat(app).facts.turns
        assert [turn.role for turn in turns] == ["person", "network"]
        assert turns[0].text.strip() == "The mouse saw"
        assert chat_of(app).transcript.content.text == told(app)
        assert "‹ 2/2 ›" in shown(app)
        await press(app, pilot, "f8")
        assert [turn.text.strip() for turn in real_chat(app).facts.turns if turn.role == "person"] == [
            "The cat saw",
            "a mouse",
        ]


async def test_an_edit_that_changes_nothing_is_refused_and_given_back(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        before = told(app)
        await press(app, pilot, "alt+e", "enter")
        assert "Nothing was changed" in toasts(app)[-1]
        assert chat_of(app).prompt.text == "The cat saw"
        assert chat_of(app).transcript.content.text == before == told(app)


async def test_a_refused_edit_is_still_an_edit(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        chat_of(app).prompt.put("a draft")
        await press(app, pilot, "alt+e", "enter")
        assert "Nothing was changed" in toasts(app)[-1]
        assert chat_of(app).prompt.text == "The cat saw"
        assert "editing what you wrote" in shown(app)
        chat_of(app).prompt.put("")
        await press(app, pilot, "enter")
        assert "A turn needs some text" in toasts(app)[-1]
        await press(app, pilot, *"The mouse saw", "enter")
        turns = real_chat(app).facts.turns
        assert [turn.role for turn in turns] == ["person", "network"]
        assert turns[0].text.strip() == "The mouse saw"
        assert len(real_chat(app).facts.siblings(turns[0].turn_id)) == 2
        assert chat_of(app).prompt.text == "a draft"


async def test_an_edit_whose_reading_is_stopped_is_still_an_edit(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        reading = Gate()
        feed = Generator.feed

        def slow_feed(self: Generator, *given: object, **named: object) -> list[float]:
            reading.step()
            return feed(self, *given, **named)  # type: ignore[arg-type]

        await say(app, pilot, "The cat saw")
        await pilot.press("alt+e")
        chat_of(app).prompt.put("a mouse and " * 400)
        reading.close()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Generator, "feed", slow_feed)
            await pilot.press("enter")
            await until(pilot, lambda: chat_of(app).worker.has_unread_prompt)
            await pilot.press("escape")
            reading.open()
            await until(pilot, lambda: app.is_idle)
        assert chat_of(app).prompt.text == "a mouse and " * 400
        assert "editing what you wrote" in shown(app)
        chat_of(app).prompt.put("The mouse")
        await press(app, pilot, "enter")
        assert [turn.text.strip() for turn in real_chat(app).facts.turns if turn.role == "person"] == ["The mouse"]


async def test_own_words_that_begin_with_a_slash_come_back_as_they_can_be_sent(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        prompt = chat_of(app).prompt
        await say(app, pilot, " /old man")
        await press(app, pilot, "alt+e", "x", "enter")
        assert [turn.text.strip() for turn in real_chat(app).facts.turns if turn.role == "person"] == ["/old manx"]
        await press(app, pilot, "f8")
        assert prompt.text == " /old manx"
        await press(app, pilot, "f9")
        assert prompt.text == ""
        session_id = real_chat(app).session.session_id
        await press(app, pilot, "ctrl+n")
        chat_of(app).parts.opening.stored(session_id)
        await until(pilot, lambda: app.is_idle)
        await press(app, pilot, "up")
        assert prompt.text == " /old manx"
        assert not toasts(app)


async def test_u_rewinds_to_the_word_and_enter_goes_on_from_there(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        reply = real_chat(app).facts.turns[-1]
        await press(app, pilot, "f7")
        newest = cursor_index(app)
        await press(app, pilot, "left", "left", "u")
        kept = real_chat(app).facts.turns[-1].token_ids
        assert kept == reply.token_ids[: newest - 1]
        assert chat_of(app).transcript.content.text == told(app)
        assert "rewound to here" in shown(app)
        assert app.focused is chat_of(app).prompt
        await press(app, pilot, "enter")
        assert real_chat(app).facts.turns[-1].token_ids[: len(kept)] == kept
        assert chat_of(app).transcript.content.text == told(app)


async def test_another_word_is_said_by_its_number(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        reply = real_chat(app).facts.turns[-1]
        await press(app, pilot, "f7")
        newest = cursor_index(app)
        await press(app, pilot, "left", "left", "enter")
        box = app.screen.query_one(Alternatives)
        await until(pilot, lambda: "1 " in shown(app) and "bits" in shown(app))
        looked = box._found
        assert looked is not None
        assert looked.index == newest - 2
        await press(app, pilot, "3")
        turn = real_chat(app).facts.turns[-1]
        assert turn.token_ids[looked.index] == looked.alternatives[2].token_id
        assert turn.token_ids[: looked.index] == reply.token_ids[: looked.index]
        assert chat_of(app).transcript.content.text == told(app)
        assert not box.display


@pytest.mark.parametrize("key", ["f8", "alt+left", "ctrl+o", "ctrl+r", "alt+e"])
async def test_the_alternatives_are_put_away_by_what_changes_the_conversation(tmp_path: Path, key: str) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        await press(app, pilot, "ctrl+r")
        await press(app, pilot, "f7", "enter")
        box = app.screen.query_one(Alternatives)
        assert box.display
        await press(app, pilot, key)
        assert not box.display
        assert chat_of(app).transcript.cursor.place is None
        await until(pilot, lambda: app.focused is chat_of(app).prompt)
        before, text = told(app), chat_of(app).prompt.text
        await press(app, pilot, "2")
        assert told(app) == before
        assert chat_of(app).prompt.text == text + "2"


async def test_redo_puts_the_alternatives_away(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        await say(app, pilot, "a mouse")
        await press(app, pilot, "f8")
        await press(app, pilot, "f7", "enter")
        await press(app, pilot, "f9")
        assert not app.screen.query_one(Alternatives).display
        assert [turn.text.strip() for turn in real_chat(app).facts.turns if turn.role == "person"][1:] == ["a mouse"]


async def test_escape_in_the_prompt_and_sending_put_the_alternatives_away(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        box = app.screen.query_one(Alternatives)
        for keys in (("escape",), (*"a mouse", "enter")):
            await press(app, pilot, "f7", "enter")
            await pilot.click("#prompt")
            await until(pilot, lambda: app.focused is chat_of(app).prompt)
            assert box.display
            await press(app, pilot, *keys)
            assert not box.display
            assert chat_of(app).transcript.cursor.place is None
            assert app.focused is chat_of(app).prompt


async def test_a_word_of_ones_own_can_be_changed_as_well(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        await press(app, pilot, "f7", "g", "right", "enter")
        await press(app, pilot, *"mouse")
        await until(pilot, lambda: "words that begin with mouse" in shown(app))
        await press(app, pilot, "enter")
        assert real_chat(app).facts.turns[0].text.strip() == "The mouse"
        assert chat_of(app).transcript.content.text == told(app)


async def test_a_word_that_nobody_knows_can_be_said(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        await press(app, pilot, "f7", "enter", "/", *"unseen")
        await until(pilot, lambda: "as you typed it" in shown(app))
        await press(app, pilot, "enter")
        assert " unseen" in real_chat(app).facts.turns[-1].text
        assert chat_of(app).transcript.content.text == told(app)


async def test_another_end_is_written_from_a_word_on(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        reply = real_chat(app).facts.turns[-1]
        await press(app, pilot, "f7", "left", "left", "left")
        kept = cursor_index(app)
        await press(app, pilot, "r")
        turn = real_chat(app).facts.turns[-1]
        assert turn.turn_id != reply.turn_id
        assert turn.token_ids[: kept + 1] == reply.token_ids[: kept + 1]
        assert chat_of(app).transcript.content.text == told(app)


async def test_forgetting_is_undone_as_well(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        memory = real_chat(app).facts.memory()
        await press(app, pilot, "ctrl+o")
        assert "memory emptied here" in shown(app)
        await press(app, pilot, "f8")
        assert "memory emptied here" not in shown(app)
        assert real_chat(app).facts.memory() == memory


async def test_reopening_shows_the_same_text_and_the_numbers_of_the_versions(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        await press(app, pilot, "ctrl+r")
        text = told(app)
    async with really_running(tmp_path) as (app, pilot):
        assert chat_of(app).transcript.content.text == text == told(app)
        assert "‹ 2/2 ›" in shown(app)
        await press(app, pilot, "f7", "left", "u")
        assert chat_of(app).transcript.content.text == told(app)


async def test_all_versions_are_listed_and_one_goes_there(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        first = told(app)
        await press(app, pilot, "alt+v")
        assert "there is only one version" in shown(app)
        await press(app, pilot, "ctrl+r")
        await press(app, pilot, "ctrl+r")
        await pilot.press("alt+v")
        await until(pilot, lambda: "3/3 net" in shown(app))
        assert "● 3/3 net" in shown(app)
        await pilot.press("up", "up", "enter")
        await until(pilot, lambda: app.screen is chat_of(app) and app.is_idle and told(app) == first)
        assert chat_of(app).transcript.content.text == first


async def test_an_edit_that_changes_nothing_leaves_the_turn_in_sight(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        await pilot.press("f7", "{", "left", "u")  # the network's words are gone: the last turn is the person's
        await until(pilot, lambda: app.is_idle)
        await press(app, pilot, "alt+e")
        before = chat_of(app).transcript.content.text
        await press(app, pilot, "enter")
        assert "Nothing was changed in that turn." in toasts(app)[-1]
        assert chat_of(app).transcript.content.text == before == told(app)


@pytest.mark.parametrize("key", ["alt+e", "f8"])
async def test_changing_or_undoing_a_prompt_that_is_still_read_takes_back_the_prompt_alone(
    tmp_path: Path, key: str
) -> None:
    async with really_running(tmp_path) as (app, pilot):
        reading = Gate()
        feed = Generator.feed

        def slow_feed(self: Generator, *given: object, **named: object) -> list[float]:
            reading.step()
            return feed(self, *given, **named)  # type: ignore[arg-type]

        await say(app, pilot, "The cat saw")
        first = told(app)
        reading.close()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Generator, "feed", slow_feed)
            await send(app, pilot, "a mouse and " * 400)
            await until(pilot, lambda: app.chat_screen and chat_of(app).worker.has_unread_prompt)
            await pilot.press(key)
            reading.open()
            await until(pilot, lambda: app.is_idle)
        assert chat_of(app).prompt.text.strip() == ("a mouse and " * 400).strip()
        assert chat_of(app).transcript.content.text == first == told(app)


@pytest.mark.parametrize("key", ["f8", "alt+e"])
async def test_undo_and_edit_take_back_a_prompt_that_waits_for_the_model_and_nothing_else(
    tmp_path: Path, key: str
) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        first, turns = told(app), real_chat(app).facts.turns
        loading = Gate()
        load = Chat.load

        def slow_load(self: Chat) -> Iterator[ChatEvent]:
            loading.step()
            yield from load(self)

        loading.close()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Chat, "load", slow_load)
            session_id = real_chat(app).session.session_id
            await pilot.press("ctrl+n")
            chat_of(app).parts.opening.stored(session_id)
            await send(app, pilot, "a mouse")
            await until(pilot, lambda: "a mouse" in chat_of(app).transcript.content.text)
            await pilot.press(key)
            assert chat_of(app).prompt.text == "a mouse"
            loading.open()
            await until(pilot, lambda: app.is_idle)
        assert chat_of(app).prompt.text == "a mouse"
        assert real_chat(app).facts.turns == turns
        assert chat_of(app).transcript.content.text == first == told(app)
        await press(app, pilot, "f8")
        assert real_chat(app).facts.turns == ()


async def test_typing_begins_anew_where_undoing_has_put_prompts_back(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        for text in ("The cat", "A dog", "One bird"):
            await send(app, pilot, text)
            await until(pilot, lambda: app.is_idle)
        prompt = chat_of(app).prompt
        await pilot.press("f8", "f8", "f8")
        await until(pilot, lambda: app.is_idle and prompt.text == "The cat")
        await pilot.press("x")
        assert prompt.text == "x"
        await pilot.press("f9")
        await until(pilot, lambda: app.is_idle)
        assert prompt.text == "x"  # what was typed stays


async def test_what_is_not_there_to_redo_is_said_and_is_no_error_of_the_program(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await pilot.press("f9")
        await until(pilot, lambda: any("There is nothing to redo." in said for said in toasts(app)))
        assert [record for record in caplog.records if record.levelname == "ERROR"] == []
