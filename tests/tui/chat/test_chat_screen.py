import subprocess
import sys

import pytest
from textual.events import Key, MouseScrollUp, Paste
from textual.widgets import Input

from rnntui.errors import InputError
from rnntui.events import WordSampled
from rnntui.records import SaveStatus, TrainRequest
from rnntui.tui.app import RnntuiApp
from rnntui.tui.dialogs.settings import SettingsScreen
from rnntui.tui.panel.memory_strip import MemoryStrip
from rnntui.tui.panel.sliders import TemperatureBar
from rnntui.tui.transcript.welcome import Welcome
from rnntui.tui.widgets.prompt import LONGEST_PROMPT
from rnntui.tui.widgets.status_line import StatusLine
from tests.tui.fakes import FakeChat, FakeServices, card, pieces_of, run_record
from tests.tui.helpers import chat_of, newest_reply, running, send, shown, toasts, until

SIZES = [(120, 36), (80, 24), (60, 16)]


def status(app: RnntuiApp) -> str:
    return chat_of(app).query_one(StatusLine).words


def running_timers(app: RnntuiApp) -> list[object]:
    """Every timer of any widget on any screen that is not paused."""
    nodes = [
        app,
        *(node for stack in app._screen_stacks.values() for screen in stack for node in screen.walk_children()),
    ]
    nodes += [screen for stack in app._screen_stacks.values() for screen in stack]
    timers = [timer for node in nodes for timer in node._timers if timer._task and not timer._task.done()]
    return [timer for timer in timers if timer._active.is_set()]


def test_building_the_app_loads_no_torch() -> None:
    script = (
        "import asyncio, sys\n"
        "from tests.tui.fakes import FakeServices\n"
        "from rnntui.tui.app import RnntuiApp\n"
        "async def main():\n"
        "    app = RnntuiApp(FakeServices())\n"
        "    async with app.run_test() as pilot:\n"
        "        await pilot.press('f4')\n"
        "asyncio.run(main())\n"
        "print([name for name in ('torch', 'tokenizers', 'numpy', 'sqlite3') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("size", SIZES)
async def test_the_first_run_card_goes_with_the_first_words(size: tuple[int, int]) -> None:
    async with running(FakeServices(), size) as (app, pilot):
        assert "press Enter" in shown(app)
        await send(app, pilot, "Hello")
        await until(pilot, lambda: app.is_idle)
        assert not app.screen.query_one(Welcome).display
        assert "Hello" in shown(app)


async def test_a_reply_appears_and_the_status_line_counts() -> None:
    async with running(FakeServices(reply=" and the sea.")) as (app, pilot):
        await send(app, pilot, "Tell me of the night")
        await until(pilot, lambda: app.is_idle)
        assert "and the sea." in shown(app)
        assert status(app) == "starter · read 8 words · its whole memory 2.0 kB · seed 7 locked · 3 words/s"


async def test_a_model_that_speaks_elsewhere_than_asked_for_is_told_of() -> None:
    services = FakeServices()
    chat = FakeChat(card(), " later.")
    chat.load_note = "The memory of cuda is full: it speaks on the processor."
    services.prepare_chat = [chat]
    async with running(services, wait=False) as (app, pilot):
        await until(pilot, lambda: chat.load_note in toasts(app))


async def test_the_prompt_takes_text_before_the_model_is_loaded() -> None:
    services = FakeServices()
    chat = FakeChat(card(), " later.")
    chat.loading.close()
    services.prepare_chat = [chat]
    async with running(services, wait=False) as (app, pilot):
        await until(pilot, lambda: "loading" in status(app))
        await pilot.press(*"Hi", "enter")
        await until(pilot, lambda: "1 waiting" in status(app))
        assert "▌ Hi" in shown(app)
        assert chat.sent == []
        chat.loading.open()
        await until(pilot, lambda: chat.sent == ["Hi"] and app.is_idle)
        assert "later." in shown(app)


async def test_prompts_wait_for_the_first_conversation() -> None:
    services = FakeServices(reply=" ok")
    services.opening.close()
    async with running(services, wait=False) as (app, pilot):
        await pilot.press(*"one", "enter")
        await until(pilot, lambda: "as soon as the conversation is open" in shown(app))
        await pilot.press(*"two", "enter", *"three")
        assert toasts(app) == []
        services.opening.open()
        await until(pilot, lambda: services.chats and services.chats[0].sent == ["one", "two"] and app.is_idle)
        assert chat_of(app).prompt.text == "three"
        text = chat_of(app).transcript.content.text
        assert text.index("one") < text.index("ok") < text.index("two")


async def test_prompts_that_wait_for_a_conversation_come_back_where_none_can_be_opened() -> None:
    services = FakeServices()
    services.opening.close()
    services.open_problem = InputError("There is no model yet.", "Train one.")
    async with running(services, wait=False) as (app, pilot):
        await pilot.press(*"one", "enter")
        await until(pilot, lambda: "as soon as the conversation is open" in shown(app))
        services.opening.open()
        await until(pilot, lambda: any("No model is open." in toast for toast in toasts(app)))
        assert chat_of(app).prompt.text == "one"


async def test_escape_leaves_exactly_the_shown_words() -> None:
    services = FakeServices(pace=10.0)
    async with running(services) as (app, pilot):
        chat = services.chats[0]
        await send(app, pilot, "Go on")
        await until(pilot, lambda: newest_reply(app).count(" ") >= 2)
        await until(pilot, lambda: chat.counters.position > chat_of(app).worker.shown_position)
        await pilot.press("escape")
        seen = newest_reply(app)
        await until(pilot, lambda: app.is_idle)
        assert newest_reply(app) == seen
        assert chat.network_text.strip() == seen
        assert chat.cuts == [chat_of(app).worker.shown_position]
        assert chat.counters.position == chat_of(app).worker.shown_position


async def test_no_word_is_lost_at_the_end() -> None:
    services = FakeServices()
    async with running(services) as (app, pilot):
        await send(app, pilot, "Go on")
        await until(pilot, lambda: app.is_idle)
        assert newest_reply(app) == "".join(pieces_of(services.reply)).strip()


async def test_no_timer_runs_when_idle() -> None:
    services = FakeServices()
    async with running(services, (100, 24)) as (app, pilot):
        await until(pilot, lambda: not running_timers(app))
        services.chats[0].words.close()
        await send(app, pilot, "Go on")
        await until(pilot, lambda: chat_of(app).parts.frames.is_running and running_timers(app))
        services.chats[0].words.open()
        await until(pilot, lambda: app.is_idle)
        await until(pilot, lambda: not running_timers(app))
        await pilot.press("f4")
        await until(pilot, lambda: app.current_mode == "train" and not running_timers(app))


async def test_an_empty_prompt_lets_the_network_go_on() -> None:
    services = FakeServices(reply=" by itself")
    async with running(services) as (app, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: services.chats[0].sent == [""] and app.is_idle)
        assert "by itself" in shown(app)


@pytest.mark.parametrize("size", SIZES)
async def test_a_second_prompt_waits_for_the_first_reply(size: tuple[int, int]) -> None:
    services = FakeServices(reply=" word")
    async with running(services, size) as (app, pilot):
        chat = services.chats[0]
        chat.words.close()
        await send(app, pilot, "first")
        await until(pilot, lambda: chat.sent == ["first"])
        await send(app, pilot, "second")
        await until(pilot, lambda: "1 waiting" in shown(app))
        chat.words.open()
        await until(pilot, lambda: chat.sent == ["first", "second"] and app.is_idle)
        text = chat_of(app).transcript.content.text
        assert text.index("first") < text.index("word") < text.index("second") < text.rindex("word")


async def test_escape_puts_waiting_prompts_back() -> None:
    services = FakeServices(reply=" word")
    async with running(services) as (app, pilot):
        chat = services.chats[0]
        chat.words.close()
        await send(app, pilot, "first")
        await until(pilot, lambda: chat_of(app).worker.shown_position == 1)
        await send(app, pilot, "second")
        await pilot.press("escape")
        chat.words.open()
        await until(pilot, lambda: app.is_idle)
        assert chat_of(app).prompt.text == "second"
        assert chat.sent == ["first"]


async def test_a_failure_is_one_sentence_and_loses_no_prompt() -> None:
    services = FakeServices()
    async with running(services) as (app, pilot):
        services.chats[0].send_problem = InputError("The disk is full.", "Free some space.")
        await send(app, pilot, "my long prompt")
        await until(pilot, lambda: app.is_idle)
        assert chat_of(app).prompt.text == "my long prompt"
        assert "! The disk is full. Free some space." in shown(app)
        assert any("The disk is full." in toast for toast in toasts(app))
        services.chats[0].send_problem = None
        await pilot.press("enter")
        await until(pilot, lambda: services.chats[0].network_text and app.is_idle)


async def test_a_bug_is_one_sentence_too() -> None:
    services = FakeServices()
    async with running(services) as (app, pilot):
        services.chats[0].late_problem = ZeroDivisionError("private text")
        await send(app, pilot, "prompt")
        await until(pilot, lambda: app.is_idle)
        assert "An unexpected problem" in shown(app)
        assert "private text" not in shown(app)


async def test_forgetting_is_visible_and_the_memory_goes_blank() -> None:
    services = FakeServices(reply=" words")
    async with running(services, (120, 36)) as (app, pilot):
        await send(app, pilot, "remember this")
        await until(pilot, lambda: app.is_idle)
        strip = chat_of(app).query_one(MemoryStrip)
        assert not strip.is_blank
        await pilot.press("ctrl+o")
        await until(pilot, lambda: app.is_idle)
        assert "memory emptied here" in shown(app)
        assert strip.is_blank
        await send(app, pilot, "/forget")
        await until(pilot, lambda: app.is_idle)
        assert chat_of(app).transcript.content.text.count("memory emptied here") == 2


async def test_the_memory_and_the_alternatives_change_word_by_word() -> None:
    services = FakeServices()
    async with running(services, (120, 36)) as (app, pilot):
        chat = services.chats[0]
        chat.words.close()
        await send(app, pilot, "Go")
        seen = set()
        for count in (1, 2, 3):
            chat.words.let(1)
            await until(
                pilot,
                lambda count=count: newest_reply(app).count(" ") == count - 1 and newest_reply(app),
            )
            await until(pilot, lambda: chat_of(app).query_one(MemoryStrip).units not in seen)
            seen.add(chat_of(app).query_one(MemoryStrip).units)
        assert len(seen) == 3
        assert "45.0%" in shown(app)
        assert "was" in shown(app)


async def test_stored_turns_are_shown_again() -> None:
    from rnntui.records import Turn
    from rnntui.settings import SamplerSettings

    services = FakeServices()
    plain = {
        "session_id": "s",
        "parent_id": None,
        "token_ids": (),
        "logprobs": (),
        "start_position": 0,
        "model_id": "m",
    }
    services.turns = (
        Turn(1, role="person", text=" I said", status="complete", **plain),
        Turn(2, role="network", text=" it said", status="interrupted", sampler=SamplerSettings(), **plain),
        Turn(3, role="forget", text="", status="complete", **plain),
    )
    async with running(services) as (app, _):
        drawn = shown(app)
        assert "▌ I said it said" in drawn
        assert "interrupted" in drawn
        assert "memory emptied here" in drawn


# ---- temperature


async def test_the_temperature_moves_with_keys_while_the_prompt_has_the_focus() -> None:
    services = FakeServices()
    async with running(services) as (app, pilot):
        await pilot.press("alt+up", "alt+up", "alt+down")
        assert services.chats[0].sampler.temperature == 1.05
        assert chat_of(app).focused is chat_of(app).prompt
        assert "temperature 1.05" in shown(app)


async def test_the_temperature_bar_takes_arrow_keys_and_typed_numbers() -> None:
    services = FakeServices()
    async with running(services, (120, 36)) as (app, pilot):
        chat = services.chats[0]
        await pilot.press("ctrl+t", "right", "shift+right", "left", "left")
        await pilot.pause()
        assert chat.sampler.temperature == 0.96
        await pilot.press("home")
        await until(pilot, lambda: chat.sampler.temperature == 0)
        assert "greedy" in shown(app)
        await pilot.press(*"1.25", "enter")
        await until(pilot, lambda: chat.sampler.temperature == 1.25)
        assert chat_of(app).focused is chat_of(app).prompt
        await pilot.press("ctrl+t", *"9", "enter")
        await until(pilot, lambda: toasts(app))
        assert chat.sampler.temperature == 1.25
        assert "from 0 to 2" in toasts(app)[0]


async def test_the_temperature_bar_takes_clicks_drags_and_the_wheel() -> None:
    services = FakeServices()
    async with running(services, (120, 36)) as (app, pilot):
        chat = services.chats[0]
        bar = chat_of(app).query_one(TemperatureBar)
        await pilot.click(TemperatureBar, offset=(bar.size.width - 1, 1))
        await until(pilot, lambda: chat.sampler.temperature == 2.0)
        await pilot.mouse_down(TemperatureBar, offset=(bar.size.width - 1, 1))
        await pilot.hover(TemperatureBar, offset=(0, 1))
        await pilot.mouse_up(TemperatureBar, offset=(0, 1))
        await until(pilot, lambda: chat.sampler.temperature == 0.0)
        await pilot._post_mouse_events([MouseScrollUp], TemperatureBar, (3, 1))
        await until(pilot, lambda: chat.sampler.temperature == 0.05)


async def test_a_new_temperature_holds_from_the_next_word() -> None:
    services = FakeServices()
    async with running(services) as (app, pilot):
        chat = services.chats[0]
        chat.words.close()
        await send(app, pilot, "Go")
        chat.words.let(2)
        await until(pilot, lambda: len(chat.temperatures_used) == 2)
        await pilot.press("alt+up")
        chat.words.open()
        await until(pilot, lambda: app.is_idle)
        assert chat.temperatures_used[:2] == [1.0, 1.0]
        assert set(chat.temperatures_used[2:]) == {1.05}


async def test_the_temperature_key_unfolds_a_folded_panel_for_as_long_as_it_is_needed() -> None:
    async with running(FakeServices(), (80, 24)) as (app, pilot):
        side = chat_of(app).query_one("#side")
        assert not side.display
        await pilot.press("ctrl+t")
        await until(pilot, lambda: side.display and app.focused is chat_of(app).query_one(TemperatureBar))
        await pilot.press("escape")
        await until(pilot, lambda: not side.display and app.focused is chat_of(app).prompt)


# ---- slash words, pace, settings


async def test_slash_words_do_what_the_table_says() -> None:
    services = FakeServices()
    async with running(services) as (app, pilot):
        chat = services.chats[0]
        await send(app, pilot, "/temp .5")
        assert chat.sampler.temperature == 0.5
        await send(app, pilot, "/top-k 40")
        assert chat.sampler.top_k == 40
        await send(app, pilot, "/pace 7")
        assert chat_of(app).parts.sampling.pace == 7
        assert "7 words/s" in status(app)
        await send(app, pilot, "/model war-and-peace")
        await until(pilot, lambda: len(services.chats) == 2 and app.is_idle)
        assert "war-and-peace" in status(app)
        await send(app, pilot, "/new")
        await until(pilot, lambda: len(services.chats) == 3 and app.is_idle)
        assert "war-and-peace" in status(app)
        assert services.chats[0].sent == []


WRONG_SLASHES = {
    "/nonsense": 'There is no command "/nonsense".',
    "/temp warm": "temp must be a number",
    "/temp nan": "temp cannot be",
    "/temp -1": "temp cannot be",
    "/top-k": "/top-k needs a value.",
    "/forget it": "/forget takes nothing after it.",
    "/[@click=app.quit]x": "There is no command",
}


async def test_a_wrong_slash_word_is_one_sentence_and_stays_in_the_prompt() -> None:
    services = FakeServices()
    async with running(services) as (app, pilot):
        for typed, sentence in WRONG_SLASHES.items():
            app.clear_notifications()
            await send(app, pilot, typed)
            await until(pilot, lambda: toasts(app))
            assert sentence in toasts(app)[0]
            assert chat_of(app).prompt.text == typed
        assert services.chats[0].sent == []
        await send(app, pilot, "/model nosuch")
        await until(pilot, lambda: "There is no model" in shown(app))


async def test_a_space_sends_a_slash_as_it_is() -> None:
    services = FakeServices(reply=" yes")
    async with running(services) as (app, pilot):
        await send(app, pilot, " /forget")
        await until(pilot, lambda: services.chats[0].sent == [" /forget"] and app.is_idle)


async def test_pace_keys_go_up_to_full_speed_and_down_again() -> None:
    async with running(FakeServices(pace=20.0)) as (app, pilot):
        await pilot.press("alt+pageup")
        assert chat_of(app).parts.sampling.pace == 40
        await pilot.press("alt+pageup", "alt+pageup", "alt+pageup")
        assert chat_of(app).parts.sampling.pace == 0
        await pilot.press("alt+pagedown")
        assert chat_of(app).parts.sampling.pace == 160


async def test_the_settings_dialog_says_what_is_wrong_below_the_field_and_takes_the_rest() -> None:
    services = FakeServices()
    async with running(services, (80, 24)) as (app, pilot):
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(app.screen, SettingsScreen))
        screen = app.screen
        screen.query_one("#field-top_p", Input).value = "1.5"
        await pilot.press("enter")
        await pilot.pause()
        assert app.screen is screen
        assert screen.query_one("#help-top_p").has_class("-wrong")
        screen.query_one("#field-top_p", Input).value = "0.5"
        screen.query_one("#field-seed", Input).value = "11"
        screen.query_one("#field-pace", Input).value = "12"
        screen.query_one("#field-join").value = "paragraph"
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is not screen)
        chat = services.chats[0]
        assert (chat.sampler.top_p, chat.sampler.seed, chat.session.join) == (0.5, 11, "paragraph")
        assert chat_of(app).parts.sampling.pace == 12


# ---- prompt


async def test_typing_anywhere_goes_to_the_prompt() -> None:
    async with running(FakeServices(), (120, 36)) as (app, pilot):
        chat_of(app).transcript.focus()
        await pilot.press("h", "i")
        await until(pilot, lambda: chat_of(app).prompt.text == "hi")


async def test_history_comes_back_with_up_and_the_draft_with_down() -> None:
    services = FakeServices(reply=" ok")
    async with running(services) as (app, pilot):
        for text in ("first", "second"):
            await send(app, pilot, text)
            await until(pilot, lambda: app.is_idle)
        prompt = chat_of(app).prompt
        await pilot.press("d")
        seen = []
        for key in ("up", "up", "down", "down"):
            await pilot.press(key)
            seen.append(prompt.text)
        assert seen == ["second", "first", "second", "d"]


async def test_several_lines_are_written_with_control_j() -> None:
    services = FakeServices(reply=" ok")
    async with running(services) as (app, pilot):
        await pilot.press("a", "ctrl+j", "b", "shift+enter", "c", "enter")
        await until(pilot, lambda: services.chats[0].sent == ["a\nb\nc"])
        await until(pilot, lambda: app.is_idle)


async def test_a_huge_paste_is_cut_with_a_sentence_and_control_sequences_are_left_out() -> None:
    async with running() as (app, pilot):
        prompt = chat_of(app).prompt
        prompt.post_message(Paste("x\x1b[31m" + "word " * 210_000))
        await until(pilot, lambda: toasts(app))
        assert len(prompt.text) == LONGEST_PROMPT
        assert prompt.text.startswith("xword")
        assert "1,050,001 characters" in toasts(app)[0]


async def test_a_prompt_of_100_kilobytes_is_sent() -> None:
    services = FakeServices(reply=" ok")
    async with running(services) as (app, pilot):
        await send(app, pilot, "word " * 19_999)
        await until(pilot, lambda: app.is_idle and services.chats[0].sent)
        assert len(services.chats[0].sent[0]) == 99_995


async def test_a_dragged_selection_is_copied_and_survives_streaming() -> None:
    services = FakeServices(reply=" one two three")
    async with running(services) as (app, pilot):
        chat = services.chats[0]
        await send(app, pilot, "hello there")
        await until(pilot, lambda: app.is_idle)
        transcript = chat_of(app).transcript
        chat.words.close()
        await send(app, pilot, "again")
        await pilot.mouse_down(transcript, offset=(3, 0))
        await pilot.hover(transcript, offset=(19, 0))
        await pilot.mouse_up(transcript, offset=(19, 0))
        chat.words.open()
        await until(pilot, lambda: app.is_idle)
        await pilot.press("ctrl+c")
        await until(pilot, lambda: app.clipboard)
        assert app.clipboard == "hello there one two"[: len(app.clipboard)]
        assert len(app.clipboard) >= 15


async def test_the_palette_runs_actions_of_the_screen() -> None:
    services = FakeServices()
    async with running(services) as (app, pilot):
        await pilot.press("f12")
        await until(pilot, lambda: len(app.screen_stack) > 1)
        await pilot.press(*"forget")
        await until(pilot, lambda: "Empty the memory" in shown(app))
        await pilot.press("enter")
        await until(pilot, lambda: "memory emptied here" in shown(app))


async def test_what_was_mended_at_the_start_is_told() -> None:
    services = FakeServices()
    services.notices = ["The last reply was cut off by a crash."]
    services.training.run = run_record(TrainRequest(("/x",), "novel", 1.0))
    async with running(services) as (app, pilot):
        await until(pilot, lambda: len(toasts(app)) == 2)
        assert "cut off by a crash" in toasts(app)[0]
        assert 'Training of "novel" goes on' in toasts(app)[1]


# ---- models, quitting, sizes


async def test_choosing_a_model_opens_a_new_chat() -> None:
    services = FakeServices(models=[card(), card("other")])
    async with running(services) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(pilot, lambda: "bits/char" in shown(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: len(services.chats) == 2 and app.is_idle)
        assert status(app).startswith("other")


async def test_without_a_model_the_app_says_so_and_goes_on() -> None:
    services = FakeServices()
    services.open_problem = InputError("There is no model here.", "Train one.")
    async with running(services, wait=False) as (app, pilot):
        await until(pilot, lambda: "There is no model here." in shown(app))
        await send(app, pilot, "hello")
        assert chat_of(app).prompt.text == "hello"


async def test_control_c_copies_then_stops_then_quits() -> None:
    services = FakeServices(pace=5.0)
    async with running(services) as (app, pilot):
        chat_of(app).prompt.put("copy me")
        chat_of(app).prompt.select_all()
        await pilot.press("ctrl+c")
        assert app.clipboard == "copy me"
        await send(app, pilot, "go")
        await until(pilot, lambda: chat_of(app).worker.can_stop)
        await pilot.press("ctrl+c")
        await until(pilot, lambda: app.is_idle)
        assert app.is_running
        await pilot.press("ctrl+c")
        await until(pilot, lambda: not app.is_running or app._exit)


async def test_quitting_while_it_writes_keeps_only_what_was_seen() -> None:
    services = FakeServices(pace=5.0)
    async with running(services) as (app, pilot):
        chat = services.chats[0]
        await send(app, pilot, "go")
        await until(pilot, lambda: chat.words.passed >= 3)
        await app.action_quit()
        assert chat.network_text.strip() == newest_reply(app)


async def test_a_resize_storm_leaves_every_word() -> None:
    services = FakeServices(pace=200.0)
    async with running(services) as (app, pilot):
        await send(app, pilot, "go")
        for columns, rows in [(120, 36), (20, 5), (1, 1), (60, 16), (99, 17), (100, 30), (3, 50), (80, 24)]:
            await pilot.resize_terminal(columns, rows)
        await until(pilot, lambda: app.is_idle)
        assert newest_reply(app) == services.reply.strip()
        assert "hand upon the rope." in shown(app)


async def test_the_panel_folds_by_width_and_by_key() -> None:
    async with running(FakeServices(), (120, 36)) as (app, pilot):
        side = chat_of(app).query_one("#side")
        assert side.display
        await pilot.press("f5")
        await until(pilot, lambda: not side.display)
        await pilot.press("f5")
        await until(pilot, lambda: side.display)


async def test_an_error_in_the_app_shows_one_sentence_and_no_private_text() -> None:
    app = RnntuiApp(FakeServices())
    said: list[str] = []

    async def fail() -> None:
        async with app.run_test():
            app._close_messages_no_wait = lambda: None  # type: ignore[method-assign]
            app._handle_exception(ZeroDivisionError("my private words"))
            said.extend(str(renderable) for renderable in app._exit_renderables)

    with pytest.raises(ZeroDivisionError):
        await fail()
    (sentence,) = said
    assert "An unexpected problem ended the app (ZeroDivisionError)." in sentence
    assert "private" not in sentence


def test_events_of_the_fakes_are_events() -> None:
    chat = FakeServices().new_chat()
    assert [type(event).__name__ for event in chat.load()] == ["ModelLoaded", "StateRebuilt"]
    assert any(isinstance(event, WordSampled) for event in chat.send("x"))


async def test_letters_that_still_wait_their_turn_are_sent_and_later_ones_are_kept() -> None:
    async with running() as (app, pilot):
        screen = chat_of(app)
        sent: list[str] = []
        screen.worker.send = sent.append  # type: ignore[method-assign]
        for key in ("O", "h", "enter", "n", "o"):  # all at once, as a slow machine meets them
            app.post_message(Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: sent and screen.prompt.text == "no")
        assert sent == ["Oh"]


async def test_the_screen_says_as_long_as_nothing_is_saved() -> None:
    services = FakeServices(reply=" ok")
    services.save_status = SaveStatus(False, "There is no space left.", "Free some space.")
    async with running(services, (80, 24)) as (app, pilot):
        await until(pilot, lambda: "NOT SAVED" in shown(app))
        services.save_status = SaveStatus()
        await send(app, pilot, "hello")
        await until(pilot, lambda: chat_of(app).is_idle and "NOT SAVED" not in shown(app))


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_the_settings_of_the_draw_take_keys_where_no_conversation_is_open(size: tuple[int, int]) -> None:
    services = FakeServices()
    services.open_problem = InputError('There is no model "typo".', "Choose another one.")
    async with running(services, size, wait=False) as (app, pilot):
        await until(pilot, lambda: 'There is no model "typo".' in shown(app))
        await pilot.press("ctrl+t", "down")
        for _ in range(9):
            await pilot.press("right", "shift+left", "left", "down")
        await pilot.press("enter", "escape")
        assert app.is_running
        assert "top-k" in shown(app) or size == (80, 24)


async def test_what_cannot_be_opened_leaves_the_reply_in_one_piece() -> None:
    services = FakeServices(reply=" one two three four five six")
    async with running(services) as (app, pilot):
        services.chats[0].words.close()
        await send(app, pilot, "Hello")
        services.chats[0].words.let(2)
        await until(pilot, lambda: "one two" in shown(app))
        services.open_problem = InputError("The model of that conversation is not here.", "Choose another one.")
        chat_of(app).parts.opening.stored("s9")
        await until(pilot, lambda: toasts(app))
        services.chats[0].words.open()
        await until(pilot, lambda: app.is_idle)
        assert "one two three four five six" in chat_of(app).transcript.content.text
        assert "interrupted" not in shown(app)
