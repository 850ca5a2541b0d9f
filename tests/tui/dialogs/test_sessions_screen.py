"""The lists of conversations, models and memories, over a real store."""

import contextlib
import dataclasses
import threading
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from rnntui.errors import InputError
from rnntui.records import SearchHit
from rnntui.tui.app import RnntuiApp
from rnntui.tui.dialogs.branches import BranchesScreen
from rnntui.tui.dialogs.memories import MemoriesScreen
from rnntui.tui.dialogs.models import ModelsScreen
from rnntui.tui.dialogs.sessions import SessionsScreen
from rnntui.tui.models.model_preview import render_preview
from rnntui.tui.widgets.turn_preview import TurnPreview
from tests.tui.fakes import card
from tests.tui.helpers import HOSTILE, chat_of, control_characters, live_actions, send, shown, toasts, until
from tests.tui.real import real_chat, really_running, told


async def say(app: RnntuiApp, pilot: Pilot[None], text: str) -> None:
    await send(app, pilot, text)
    await until(pilot, lambda: app.is_idle)


async def opened(app: RnntuiApp, pilot: Pilot[None], key: str, kind: type) -> None:
    await pilot.press(key)
    await until(pilot, lambda: isinstance(app.screen, kind))
    await app.workers.wait_for_complete()
    await pilot.pause()


async def settled(app: RnntuiApp, pilot: Pilot[None], *keys: str) -> str:
    await pilot.press(*keys)
    await app.workers.wait_for_complete()
    await pilot.pause()
    return shown(app)


async def test_a_conversation_is_found_by_a_word_and_opened(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await send(app, pilot, "/seed 4")
        await say(app, pilot, "Dinosaurs are big")
        first = told(app)
        await pilot.press("ctrl+n")
        await until(pilot, lambda: app.is_idle and not real_chat(app).facts.turns)
        await send(app, pilot, "/seed 4")
        await say(app, pilot, "The cat saw")
        assert "inosaur" not in told(app)  # or it would be found as well
        await opened(app, pilot, "ctrl+s", SessionsScreen)
        assert "● The cat saw" in shown(app)
        assert "Dinosaurs are big" in shown(app)
        drawn = await settled(app, pilot, *"dinosaurs")
        assert app.screen.query_one(OptionList).option_count >= 1
        assert "Dinosaurs are big" in drawn
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is chat_of(app) and app.is_idle)
        assert told(app) == first == chat_of(app).transcript.content.text


async def test_enter_waits_for_the_search_and_opens_what_it_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await send(app, pilot, "/seed 4")
        await say(app, pilot, "Dinosaurs are big")
        wanted = real_chat(app).session.session_id
        await pilot.press("ctrl+n")
        await until(pilot, lambda: app.is_idle and not real_chat(app).facts.turns)
        await send(app, pilot, "/seed 4")
        await say(app, pilot, "The cat saw")
        await opened(app, pilot, "ctrl+s", SessionsScreen)
        services, found = app._services, threading.Event()
        search = services.conversations.search

        def late(words: str) -> list[SearchHit]:
            assert found.wait(10)
            return search(words)

        monkeypatch.setattr(services.conversations, "search", late)
        await pilot.press(*"dinosaurs", "enter", "enter")
        await pilot.pause()
        assert isinstance(app.screen, SessionsScreen)
        found.set()
        await until(pilot, lambda: app.screen is chat_of(app) and app.is_idle)
        assert real_chat(app).session.session_id == wanted


async def test_conversations_are_renamed_pinned_copied_deleted_and_brought_back(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        services = app._services
        await opened(app, pilot, "ctrl+s", SessionsScreen)
        await settled(app, pilot, "alt+r")
        field = app.screen.query_one(Input)
        assert field.value == "The cat saw"
        field.value = "[b]a title[/b]"
        assert "[b]a title[/b]" in await settled(app, pilot, "enter")
        assert "It stands first now." in await settled(app, pilot, "alt+p")
        assert services.sessions()[0].is_pinned
        assert "(copy)" in await settled(app, pilot, "alt+c")
        assert len(services.sessions()) == 2
        assert "alt+z brings it back" in await settled(app, pilot, "alt+d")
        assert len(services.sessions()) == 1
        assert "is back" in await settled(app, pilot, "alt+z")
        assert len(services.sessions()) == 2
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is chat_of(app))
        assert told(app)


async def test_deleting_the_open_conversation_begins_a_new_one(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        await opened(app, pilot, "ctrl+s", SessionsScreen)
        await settled(app, pilot, "alt+d", "escape")
        await until(pilot, lambda: app.is_idle and not real_chat(app).facts.turns)
        assert chat_of(app).transcript.content.is_blank


async def test_a_conversation_goes_to_a_file_and_comes_back(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        await opened(app, pilot, "ctrl+s", SessionsScreen)
        file = tmp_path / "given away.jsonl"
        for _ in range(2):
            await settled(app, pilot, "alt+x")
            app.screen.query_one(Input).value = str(file)
            drawn = await settled(app, pilot, "enter")
        assert "already" in drawn
        assert file.is_file()
        await settled(app, pilot, "escape", "alt+i")
        app.screen.query_one(Input).value = str(tmp_path / "nothing.jsonl")
        assert "nothing.jsonl" in await settled(app, pilot, "enter")
        app.screen.query_one(Input).value = str(file)
        assert "is here with 2 turns" in await settled(app, pilot, "enter")
        assert len(app._services.sessions()) == 2


async def test_another_model_goes_on_in_the_same_conversation_and_says_so(tmp_path: Path) -> None:
    async with really_running(tmp_path, "small", "other") as (app, pilot):
        await say(app, pilot, "The cat saw")
        await pilot.press("ctrl+l")
        await until(pilot, lambda: "bits/char" in shown(app))
        listed = app.screen.query_one(OptionList)
        listed.highlighted = next(
            at for at in range(listed.option_count) if "other" in str(listed.get_option_at_index(at).id)
        )
        await pilot.press("enter")
        await until(pilot, lambda: app.is_idle and real_chat(app).facts.card.name == "other")
        assert "other goes on from here" in chat_of(app).transcript.content.text
        assert "it read" in shown(app)
        await pilot.press("f8")
        await until(pilot, lambda: app.is_idle and real_chat(app).facts.card.name == "small")
        assert "other goes on" not in chat_of(app).transcript.content.text


async def test_a_memory_is_kept_and_is_the_beginning_of_another_conversation(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        memory = real_chat(app).facts.memory()
        await opened(app, pilot, "alt+m", MemoriesScreen)
        await pilot.press("k", *"calm", "enter")
        await until(pilot, lambda: app.is_idle and 'kept as "calm"' in shown(app))
        await say(app, pilot, "/keep later")
        await until(pilot, lambda: app.is_idle and 'kept as "later"' in shown(app))
        await say(app, pilot, "/keep calm")
        await until(pilot, lambda: toasts(app))
        assert 'already a memory "calm"' in toasts(app)[-1]
        await say(app, pilot, "a mouse")
        await opened(app, pilot, "alt+m", MemoriesScreen)
        drawn = shown(app)
        assert "calm" in drawn
        assert "    The cat saw" in drawn[drawn.index("Memories") :]  # what it remembers ends so
        await pilot.press("enter")
        await until(pilot, lambda: app.is_idle and not real_chat(app).facts.turns)
        assert real_chat(app).facts.memory() == memory


async def test_two_memories_are_blended(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        await say(app, pilot, "/keep one")
        await until(pilot, lambda: app.is_idle and 'kept as "one"' in shown(app))
        await say(app, pilot, "a mouse")
        await say(app, pilot, "/keep two")
        await until(pilot, lambda: app.is_idle and 'kept as "two"' in shown(app))
        one, two = (app._services.memories.find(name) for name in ("one", "two"))
        await opened(app, pilot, "alt+m", MemoriesScreen)
        await until(pilot, lambda: app.screen.query_one(OptionList).option_count == 2)
        await pilot.press("space", "down", "space", "right")
        await until(pilot, lambda: "60% one + 40% two" in shown(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.is_idle and not real_chat(app).facts.turns)
        assert real_chat(app).root is not None
        assert real_chat(app).root.blob not in {one.blob, two.blob}


async def test_words_are_found_in_the_transcript_and_everywhere(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw a mouse")
        await pilot.press("ctrl+f", *"CAT", "enter")
        await until(pilot, lambda: chat_of(app).transcript.cursor.place is not None)
        assert chat_of(app).transcript.cursor.text.strip() == "cat"
        await pilot.press("up", "down")
        await send(app, pilot, "/find nowhere")
        await until(pilot, lambda: "stands nowhere here" in shown(app))
        await send(app, pilot, "/find CAT")
        await until(pilot, lambda: "stands nowhere here" not in shown(app))
        await pilot.press("ctrl+f")
        await until(pilot, lambda: isinstance(app.screen, SessionsScreen))
        await until(pilot, lambda: app.screen.query_one(Input).value == "CAT" and "The cat saw" in shown(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is chat_of(app))


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 16)])
async def test_hostile_names_stay_text_in_every_list(size: tuple[int, int], tmp_path: Path) -> None:
    async with really_running(tmp_path, size=size) as (app, pilot):
        services = app._services
        await say(app, pilot, "The cat saw")
        session = services.sessions()[0]
        for hostile in HOSTILE:
            copy = services.conversations.duplicate(session.session_id, f"t{hostile}", "2026-01-01T00:00:00+00:00")
            with contextlib.suppress(InputError):
                services.conversations.rename(copy.session_id, hostile)
        await say(app, pilot, "/keep [b]calm[/b] \x1b[31m")
        await press_idle(app, pilot, "ctrl+r")
        for key, kind in (
            ("ctrl+s", SessionsScreen),
            ("alt+m", MemoriesScreen),
            ("ctrl+l", ModelsScreen),
            ("alt+v", BranchesScreen),
        ):
            await opened(app, pilot, key, kind)
            assert control_characters(app) == set()
            assert live_actions(app) == []
            if kind is SessionsScreen:
                await settled(app, pilot, *"cat [b")
                assert live_actions(app) == []
                await settled(app, pilot, *["pagedown"] * 3)
                assert control_characters(app) == set()
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is chat_of(app))


async def press_idle(app: RnntuiApp, pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await until(pilot, lambda: app.is_idle)


@pytest.mark.parametrize("key", ["f6", "alt+m"])
async def test_a_deleted_conversation_is_left_whatever_key_closes_the_list(tmp_path: Path, key: str) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        deleted = real_chat(app).session.session_id
        await opened(app, pilot, "ctrl+s", SessionsScreen)
        await settled(app, pilot, "alt+d")
        await pilot.press(key)
        await until(pilot, lambda: not real_chat(app).facts.turns and app.is_idle)
        await pilot.press("escape", "f3")
        await until(pilot, lambda: app.screen is chat_of(app))
        assert chat_of(app).transcript.content.is_blank
        await say(app, pilot, "a mouse")
        assert real_chat(app).session.session_id != deleted
        assert [session.session_id for session in app._services.sessions()] == [real_chat(app).session.session_id]


async def test_the_delete_key_deletes_letters_not_conversations(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        await opened(app, pilot, "ctrl+s", SessionsScreen)
        await settled(app, pilot, "alt+r", "home", "delete")
        assert app.screen.query_one(Input).value == "he cat saw"
        await settled(app, pilot, "escape", *"ab", "home", "delete")
        assert app.screen.query_one(Input).value == "b"
        assert len(app._services.sessions()) == 1


async def test_a_file_in_a_folder_that_is_nowhere_is_a_sentence(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        await opened(app, pilot, "ctrl+s", SessionsScreen)

        def said() -> str:
            return str(app.screen.query_one("#session-said", Static).content)

        for key in ("alt+x", "alt+i"):
            await pilot.press(key)
            app.screen.query_one(Input).value = "~nobody-of-this-name/notes.jsonl"
            await pilot.press("enter")
            await until(pilot, lambda: '"notes.jsonl" cannot be used' in said())
            await pilot.press("escape")
            await until(pilot, lambda: said() == "")


async def test_where_the_folder_is_gone_the_home_is_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    monkeypatch.setenv("HOME", str(tmp_path))
    async with really_running(tmp_path / "data") as (app, pilot):
        await say(app, pilot, "The cat saw")
        gone.rmdir()
        await opened(app, pilot, "ctrl+s", SessionsScreen)
        await settled(app, pilot, "alt+x")
        assert app.screen.query_one(Input).value == str(tmp_path / "The-cat-saw.md")
        await pilot.press("escape", "escape", "f4")
        await until(pilot, lambda: app.screen is app.screens.find("train"))
        assert "second" not in shown(app)


async def test_nothing_was_found_is_said_only_while_it_is_true(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        await opened(app, pilot, "ctrl+s", SessionsScreen)
        assert "Nothing was found." in await settled(app, pilot, *"xyzzy")
        assert "Nothing was found." not in await settled(app, pilot, *["backspace"] * 5)


async def test_a_word_found_before_does_not_decide_which_memory_is_kept(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        transcript = chat_of(app).transcript
        memories = app._services.memories
        await say(app, pilot, "The cat saw a mouse")
        await pilot.press("ctrl+f", *"cat", "enter")
        await until(pilot, lambda: transcript.cursor.place is not None)
        await pilot.press("escape")
        await until(pilot, lambda: app.focused is chat_of(app).prompt)
        assert transcript.cursor.place is None
        await say(app, pilot, "/keep closed")
        now = real_chat(app).facts.counters.position
        assert memories.find("closed").tokens_read == now
        await say(app, pilot, "/find cat")
        await say(app, pilot, "/keep found")
        assert memories.find("found").tokens_read < now
        await opened(app, pilot, "alt+m", MemoriesScreen)
        await settled(app, pilot, "k")
        await pilot.press(*"listed", "enter")
        await until(pilot, lambda: app.screen is chat_of(app) and app.is_idle)
        assert memories.find("listed").tokens_read == now
        assert transcript.cursor.place is not None
        await say(app, pilot, "and more")
        assert transcript.cursor.place is None
        await say(app, pilot, "/keep sent")
        assert memories.find("sent").tokens_read == real_chat(app).facts.counters.position > now


async def test_a_removed_memory_comes_back(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        await say(app, pilot, "/keep calm")
        kept = app._services.memories.find("calm")
        await opened(app, pilot, "alt+m", MemoriesScreen)
        await pilot.press("d")
        await until(pilot, lambda: "z brings it back" in shown(app))
        assert app._services.memories.all() == []
        await pilot.press("z")
        await until(pilot, lambda: '"calm" is back.' in shown(app))
        assert app._services.memories.find("calm") == kept
        await pilot.press("z")
        await until(pilot, lambda: "There is nothing to bring back." in shown(app))


async def test_a_search_that_is_left_goes_back_to_the_prompt(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw a mouse")
        await pilot.press("ctrl+f", *"cat", "enter")
        await until(pilot, lambda: chat_of(app).transcript.cursor.place is not None)
        await pilot.press("escape", *"more")
        assert app.focused is chat_of(app).prompt
        assert chat_of(app).prompt.text == "more"


@pytest.mark.usefixtures("five_hours_ahead")
async def test_the_lists_tell_the_time_of_this_place(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        services = app._services
        await say(app, pilot, "The cat saw")
        await say(app, pilot, "/keep calm")
        session, memory = services.sessions()[0], services.memories.find("calm")
        services.conversations.duplicate(session.session_id, "long ago", "2020-01-02T22:04:05+00:00")
        services.memories.keep(dataclasses.replace(memory, name="early", created_at="2020-01-02T22:04:05+00:00"))
        await opened(app, pilot, "ctrl+s", SessionsScreen)
        assert "2020-01-03 03:04" in shown(app)
        await pilot.press("escape")
        await opened(app, pilot, "alt+m", MemoriesScreen)
        assert "2020-01-03" in shown(app)
        await pilot.press("escape")
        shown_card = card(made_at="2020-01-02T22:04:05Z")
        assert "made 2020-01-03 03:04" in render_preview(shown_card, None, 0).plain


async def test_the_list_says_how_a_conversation_ends_is_sorted_and_shows_more_of_it_beside(tmp_path: Path) -> None:
    async with really_running(tmp_path, size=(120, 36)) as (app, pilot):
        await say(app, pilot, "The cat saw")
        await say(app, pilot, "and then")
        await pilot.press("ctrl+n")
        await until(pilot, lambda: app.is_idle and not real_chat(app).facts.turns)
        await say(app, pilot, "Mice are")
        await opened(app, pilot, "ctrl+s", SessionsScreen)
        drawn = await settled(app, pilot)
        assert drawn.index("● Mice are") < drawn.index("The cat saw")
        assert " · 2 turns · small · " in drawn
        assert " · 4 turns · small · " in drawn
        preview = app.screen.query_one(TurnPreview)
        assert str(preview._text.content) == "".join(turn.text for turn in real_chat(app).facts.turns).lstrip()
        drawn = await settled(app, pilot, "alt+s", "alt+s")
        assert "longest first" in drawn
        assert drawn.index("The cat saw") < drawn.index("● Mice are")
        await settled(app, pilot, "up")
        assert str(preview._text.content).startswith("The cat saw")
        await pilot.resize_terminal(80, 24)
        assert not preview.display
        assert "Enter opens" in await settled(app, pilot)


async def test_what_was_found_is_marked_beside_and_enter_goes_to_it(tmp_path: Path) -> None:
    async with really_running(tmp_path, size=(120, 36)) as (app, pilot):
        await say(app, pilot, "The cat saw")
        await say(app, pilot, "a mouse")
        wanted = real_chat(app).facts.turns[0].turn_id
        await pilot.press("ctrl+n")
        await until(pilot, lambda: app.is_idle and not real_chat(app).facts.turns)
        await opened(app, pilot, "ctrl+s", SessionsScreen)
        drawn = await settled(app, pilot, *"cat saw")
        assert "you wrote" in drawn
        (place,) = [row for row in app.screen._rows if row.turn_id == wanted]  # type: ignore[attr-defined]
        assert place.words == ("cat", "saw")
        assert "The cat saw" in str(app.screen.query_one(TurnPreview)._text.content)
        listed = app.screen.query_one(OptionList)
        listed.highlighted = app.screen._rows.index(place)  # type: ignore[attr-defined]
        await pilot.press("enter")
        cursor = chat_of(app).transcript.cursor
        await until(pilot, lambda: app.screen is chat_of(app) and cursor.place is not None)
        assert cursor.place
        assert cursor.place[0] == wanted
        assert cursor.text.strip() == "cat"
        assert app.focused is chat_of(app).transcript


async def test_a_place_in_a_version_that_is_not_shown_is_said_to_be_one(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        await press_idle(app, pilot, "alt+e")
        chat_of(app).prompt.text = "Mice are small."
        await press_idle(app, pilot, "enter")
        await until(pilot, lambda: told(app).startswith("Mice"))
        await opened(app, pilot, "ctrl+s", SessionsScreen)
        await settled(app, pilot, *"cat saw")
        rows = app.screen._rows  # type: ignore[attr-defined]
        listed = app.screen.query_one(OptionList)
        listed.highlighted = next(at for at, row in enumerate(rows) if row.words == ("cat", "saw"))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is chat_of(app) and "a version that is not shown" in shown(app))
