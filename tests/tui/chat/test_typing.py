"""What is typed: undone and done again at any height, in any window, and still there after the program has ended."""

import re
from pathlib import Path

import pytest
from textual import events
from textual.selection import Selection
from textual.widgets import Input, TextArea

from rnntui.service.export.exporters import export_text
from rnntui.tui.actions import ACTIONS
from rnntui.tui.panel.side_panel import SidePanel
from rnntui.tui.slash_commands import OTHER_WORDS, SETTING_WORDS
from tests.tui.helpers import chat_of, running, send, shown, toasts, until
from tests.tui.real import real_chat, really_running

ROWS = "\n".join(f"row {number}" for number in range(12))
TYPED = "two\nlines [/b] [@click=app.quit]x 中文 é"


async def test_a_prompt_higher_than_its_place_is_undone_and_done_again() -> None:
    async with running() as (app, pilot):
        prompt = chat_of(app).prompt
        prompt.post_message(events.Paste(ROWS))
        await pilot.pause()
        await pilot.press("ctrl+z")
        assert prompt.text == ""
        await pilot.press("ctrl+y")
        assert prompt.text == ROWS
        prompt.select_all()
        await pilot.press("x", "ctrl+z")
        assert prompt.text == ROWS


async def test_a_window_without_colours_may_become_as_narrow_as_it_likes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with running(size=(120, 36)) as (app, pilot):
        await send(app, pilot, "It was late")
        for width in (40, 12, 3, 2, 1, 120):
            await pilot.resize_terminal(width, 36)
            await pilot.pause()
        assert app.is_running
        assert "It was late" in chat_of(app).transcript.content.text


async def test_what_is_typed_is_on_the_disk_within_a_second_and_back_at_the_next_start(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await send(app, pilot, "Mice are small.")
        await until(pilot, lambda: app.is_idle)
        session_id, drafts = real_chat(app).session.session_id, app._services.conversations.unsent_texts
        chat_of(app).prompt.post_message(events.Paste(TYPED))
        await until(pilot, lambda: drafts.text(session_id) == TYPED, seconds=5)
        app.exit()  # as after a crash: nobody waits for anything
    async with really_running(tmp_path) as (app, pilot):
        assert chat_of(app).prompt.text == TYPED
        assert "what you had not sent last time" in shown(app)
        assert toasts(app) == []
        await pilot.press("enter")
        await until(pilot, lambda: app.is_idle)
        await until(pilot, lambda: app._services.conversations.unsent_texts.text(session_id) == "", seconds=5)
    async with really_running(tmp_path) as (app, _):
        assert chat_of(app).prompt.text == ""


async def test_quitting_keeps_what_is_typed_in_the_conversation_without_a_turn(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await send(app, pilot, "Mice are small.")
        await until(pilot, lambda: app.is_idle)
        await pilot.press("ctrl+n", *"begun", "ctrl+q")
        await until(pilot, lambda: app._exit)
    async with really_running(tmp_path) as (app, pilot):
        assert chat_of(app).prompt.text == "begun"
        assert real_chat(app).facts.turns == ()
        await send(app, pilot, "begun and sent")
        await until(pilot, lambda: app.is_idle)
        await pilot.press("ctrl+n")
        await until(pilot, lambda: app.is_idle and real_chat(app).facts.turns == ())
        assert chat_of(app).prompt.text == ""


async def test_every_conversation_has_its_own_draft(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await send(app, pilot, "Mice are small.")
        await until(pilot, lambda: app.is_idle)
        first, prompt = real_chat(app).session.session_id, chat_of(app).prompt
        await pilot.press(*"one", "ctrl+n")
        assert prompt.text == ""
        await until(pilot, lambda: app.is_idle)
        await pilot.press(*"two")
        chat_of(app).parts.opening.stored(first)
        await until(pilot, lambda: app.is_idle and prompt.text == "one")
        await pilot.press("ctrl+n")
        await until(pilot, lambda: app.is_idle and prompt.text == "two")


async def test_quitting_keeps_prompts_that_wait_and_what_stood_behind_an_edit(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await send(app, pilot, "Mice are small.")
        await until(pilot, lambda: app.is_idle)
        chat_of(app).prompt.put("stood here before")
        await pilot.press("alt+e", *" changed", "ctrl+q")
        await until(pilot, lambda: app._exit)
    async with really_running(tmp_path) as (app, pilot):
        assert chat_of(app).prompt.text == "stood here before\nMice are small. changed"
        chat_of(app).prompt.put("")
        chat_of(app).worker.pace.words_per_second = 1.0
        await send(app, pilot, "first")
        await send(app, pilot, "second")
        await pilot.press(*"third", "ctrl+q")
        await until(pilot, lambda: app._exit)
    async with really_running(tmp_path) as (app, _):
        assert chat_of(app).prompt.text == "second\nthird"


async def test_a_draft_is_in_no_export(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await send(app, pilot, "Mice are small.")
        await until(pilot, lambda: app.is_idle)
        await pilot.press(*"secretly", "ctrl+q")
        await until(pilot, lambda: app._exit)
        services, session = app._services, real_chat(app).session
        assert services.conversations.unsent_texts.text(session.session_id) == "secretly"
        for kind in ("markdown", "text", "jsonl"):
            written = export_text(services, session, kind)
            assert "Mice are small." in written.replace("\\", "")
            assert "secretly" not in written


async def test_every_undo_puts_its_own_prompt_in_the_line_and_typing_replaces_it(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        for text in ("Mice", "The cats", "Dinosaurs"):
            await send(app, pilot, text)
            await until(pilot, lambda: app.is_idle)
        for text in ("Dinosaurs", "The cats", "Mice"):
            await pilot.press("f8")
            await until(pilot, lambda: app.is_idle)
            assert chat_of(app).prompt.text == text
        await pilot.press("end", "s")
        assert chat_of(app).prompt.text == "Mices"
        await pilot.press("f9")
        await until(pilot, lambda: app.is_idle)
        assert chat_of(app).prompt.text == "Mices"
        chat_of(app).prompt.put("")
        await pilot.press("f8")
        await until(pilot, lambda: app.is_idle)
        await pilot.press(*"Who")
        assert chat_of(app).prompt.text == "Who"
        await pilot.press("ctrl+z", "ctrl+z", "ctrl+z")
        assert chat_of(app).prompt.text == "Mice"


async def test_keys_that_come_in_a_burst_keep_their_order() -> None:
    keys = ("a", "b", "backspace", "c", "left", "d", "home", "e", "delete", "f", "end", "g")
    async with running() as (app, pilot):
        await pilot.press("ctrl+f")
        for widget, text in ((app.focused, lambda: app.focused.value), (chat_of(app).prompt, None)):
            widget.focus()
            await pilot.pause()
            for key in keys:  # all at once: nothing is done in between
                app.post_message(events.Key(key, key if len(key) == 1 else None))
            await until(pilot, lambda read=text: (read() if read else chat_of(app).prompt.text) == "efdcg")


async def test_a_key_with_alt_held_writes_no_letter() -> None:
    async with running() as (app, pilot):
        for opens, leaves in (((), ()), (("ctrl+f",), ("escape",)), (("ctrl+s",), ("escape",))):
            await pilot.press(*opens, "a")
            await pilot.pause()
            field = app.focused
            assert isinstance(field, Input | TextArea)
            app.post_message(events.Key("alt+j", "j"))  # as a terminal tells it; nothing is bound to it
            await pilot.press("b")
            assert (field.text if isinstance(field, TextArea) else field.value) == "ab", opens
            await pilot.press(*leaves)
            await pilot.pause()


async def test_the_prompt_is_cleared_with_a_key_and_can_be_brought_back() -> None:
    async with running() as (app, pilot):
        prompt = chat_of(app).prompt
        prompt.post_message(events.Paste(ROWS))
        await pilot.pause()
        app.post_message(events.Key("alt+w", "w"))  # as it comes from a terminal, with its letter
        await pilot.press("a")
        assert prompt.text == "a"
        await pilot.press("ctrl+z", "ctrl+z")
        assert prompt.text == ROWS


async def test_a_setting_without_a_value_is_told_values_that_are_taken(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        opening = {action.slash for action in ACTIONS}  # without a value these open something
        for word in (word for word in (*SETTING_WORDS, *OTHER_WORDS) if word not in opening):
            await send(app, pilot, f"/{word}")
            (sentence,) = {toast for toast in toasts(app) if f"/{word} needs a value" in toast}
            sentence = sentence.partition("needs a value")[2]
            for example in re.findall(rf"/{word} .+?(?= or |\.$)", sentence):
                await send(app, pilot, example)
                assert chat_of(app).prompt.text == "", example
        assert real_chat(app).sampler.stop == "words"
        app.clear_notifications()
        await until(pilot, lambda: "stop length only" in " ".join(shown(app).split()))


async def test_a_footer_says_how_a_reply_ended_also_after_undo_redo_and_a_restart(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await send(app, pilot, "Mice are small.")
        await until(pilot, lambda: app.is_idle)
        assert "word limit" in shown(app)
        for key, is_shown in (("f8", False), ("f9", True)):
            await pilot.press(key)
            await until(pilot, lambda: app.is_idle)
            assert ("word limit" in shown(app)) is is_shown
    async with really_running(tmp_path) as (app, _):
        assert "word limit" in shown(app)


async def test_the_panel_the_status_line_and_the_frame_name_the_same_seed(tmp_path: Path) -> None:
    async with really_running(tmp_path, size=(120, 36)) as (app, pilot):
        await send(app, pilot, "Mice are small.")
        await until(pilot, lambda: app.is_idle)
        for key in ("ctrl+r", "ctrl+r", "f8", "f9"):
            await pilot.press(key)
            await until(pilot, lambda: app.is_idle)
            assert shown(app).count(str(real_chat(app).seed)) == (3 if key == "ctrl+r" else 2), key
            assert (f"new seed {real_chat(app).seed}" in shown(app)) is (key == "ctrl+r")


async def test_a_title_is_that_of_the_beginning_there_is(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        conversations = app._services.conversations
        for text in ("Mice are small.", "Dinosaurs are big."):
            await send(app, pilot, text)
            await until(pilot, lambda: app.is_idle)
            (session,) = conversations.sessions()
            assert session.title == text
            await pilot.press("f8")
            await until(pilot, lambda: app.is_idle)
        conversations.rename(session.session_id, "my own")
        await send(app, pilot, "The cat saw a mouse")
        await until(pilot, lambda: app.is_idle)
        assert conversations.sessions()[0].title == "my own"


async def test_a_wish_that_cannot_be_granted_is_no_problem_for_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await pilot.press("f9")
        await until(pilot, lambda: "There is nothing to redo." in " ".join(toasts(app)))
    assert caplog.records == []


async def test_on_a_slow_line_no_words_are_drawn_behind_what_waits_already(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as (app, pilot):
        chat = app._services.chats[0]
        chat.words.close()
        await send(app, pilot, "hello")
        await until(pilot, lambda: chat_of(app).parts.frames.is_running)
        monkeypatch.setattr(type(app._driver), "is_behind", True, raising=False)
        chat.words.open()
        await until(pilot, lambda: chat.network_text.endswith("rope."))
        assert "The sea was dark" not in shown(app)
        monkeypatch.setattr(type(app._driver), "is_behind", False)
        await until(pilot, lambda: "The sea was dark" in shown(app))


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "nord"])
async def test_selected_text_can_be_read(theme: str) -> None:
    async with running(size=(100, 24)) as (app, pilot):
        app.theme = theme
        await send(app, pilot, "hello")
        await until(pilot, lambda: app.is_idle)
        transcript = chat_of(app).transcript
        app.screen.selections = {transcript: Selection(None, None)}
        await pilot.pause()
        rows = [segment for y in range(6) for segment in transcript.render_line(y) if segment.text.strip()]
        grounds = {segment.style.bgcolor for segment in rows}
        assert app.screen.get_component_rich_style("screen--selection").bgcolor in grounds
        assert all(segment.style.color != segment.style.bgcolor for segment in rows)


async def test_what_is_typed_can_still_be_kept_while_the_screen_is_taken_down() -> None:
    async with running() as (app, pilot):
        screen = chat_of(app)
        await pilot.press("h", "i")
        await screen.prompt.remove()
        assert screen.parts.composer.unsent_text() == "hi"


async def test_keys_are_taken_while_the_panel_is_not_furnished(monkeypatch: pytest.MonkeyPatch) -> None:
    async def later(_: SidePanel) -> None:
        pass

    monkeypatch.setattr(SidePanel, "furnish", later)
    async with running(size=(120, 36)) as (app, pilot):
        await pilot.press(*"sea", "ctrl+t", "f5", "f5", "f7", "escape")
        assert chat_of(app).prompt.text == "sea"
        await send(app, pilot, " and sky")
        await until(pilot, lambda: app.is_idle)
        assert "The sea was dark" in shown(app)
