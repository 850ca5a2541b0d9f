"""Writing: suggestions, words without an entry, commands, the editor; keys and themes of one's own."""

import itertools
import stat
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.theme import BUILTIN_THEMES

from rnntui.config import AppSettings, Config, load_config
from rnntui.errors import InputError
from rnntui.tui.actions import action
from rnntui.tui.app import RnntuiApp
from rnntui.tui.preferences import build_themes, replace_keys
from rnntui.tui.terminal.editor import edit_text, find_editor
from rnntui.tui.widgets.prompt import Prompt
from tests.tui.fakes import FakeServices
from tests.tui.helpers import HOSTILE, chat_of, running, send, shown, toasts, until
from tests.tui.real import real_chat, really_running


class Host(App[None]):
    def compose(self) -> ComposeResult:
        yield Prompt()


async def test_the_suggestion_is_taken_with_right_or_tab() -> None:
    app = Host()
    async with app.run_test() as pilot:
        prompt = app.query_one(Prompt)
        for key in ("right", "tab"):
            prompt.put("The old")
            prompt.suggest("The old", " man", ())
            await pilot.press(key)
            assert prompt.text == "The old man"
            assert app.focused is prompt
        prompt.suggest("something else", " man", ())
        assert prompt.suggestion == ""
        await pilot.press("left", "right")
        assert prompt.cursor_location == (0, 11)


async def test_a_suggestion_is_taken_only_at_the_end_of_its_own_text() -> None:
    app = Host()
    async with app.run_test() as pilot:
        prompt = app.query_one(Prompt)
        for away, key in itertools.product(("home", "left", "shift+left", "ctrl+u", "backspace"), ("right", "tab")):
            prompt.put("The old")
            prompt.focus()
            prompt.suggest("The old", " man", ())
            assert prompt.suggestion == " man", (away, key)
            await pilot.press(away)
            assert prompt.suggestion == "", (away, key)
            left = prompt.text
            await pilot.press(key)
            assert prompt.text == left, (away, key)


async def test_a_suggestion_goes_with_its_text_and_stays_while_it_is_typed() -> None:
    app = Host()
    async with app.run_test() as pilot:
        prompt = app.query_one(Prompt)
        prompt.put("The old")
        prompt.suggest("The old", " man", ())
        await pilot.press("space", "m")
        assert prompt.suggestion == "an"
        prompt.put("The sea")
        assert prompt.suggestion == ""


async def test_finished_words_that_were_never_seen_are_underlined() -> None:
    app = Host()
    async with app.run_test():
        prompt = app.query_one(Prompt)
        prompt.put("the xyzzy said xyz")
        prompt.suggest("the xyzzy said xyz", "", ("xyzzy", "xyz"))
        spans = [(span.start, span.end) for span in prompt.get_line(0).spans if span.style == "underline"]
        assert spans == [(4, 9)]


async def test_a_hostile_suggestion_is_only_text() -> None:
    app = Host()
    async with app.run_test() as pilot:
        prompt = app.query_one(Prompt)
        for hostile in HOSTILE:
            prompt.put("x")
            prompt.suggest("x", hostile, (hostile,))
            assert prompt.suggestion, hostile
            await pilot.pause()
            assert "\x1b" not in prompt.render_line(0).text, hostile


async def test_the_network_suggests_how_the_prompt_may_go_on(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        prompt = chat_of(app).prompt
        memory = real_chat(app).facts.memory()
        await pilot.press(*"The c")
        await until(pilot, lambda: prompt.suggestion)
        assert ("The c" + prompt.suggestion).startswith("The cat")
        taken = prompt.text + prompt.suggestion
        await pilot.press("tab")
        await until(pilot, lambda: prompt.text == taken)
        assert real_chat(app).facts.memory() == memory
        assert real_chat(app).facts.counters.position == 0
        await pilot.press("alt+g", "space")
        await until(pilot, lambda: app.is_idle)
        assert prompt.suggestion == ""


async def test_a_command_is_completed_while_it_is_typed() -> None:
    async with running(FakeServices()) as (app, pilot):
        await pilot.press("/", "f", "o", "r")
        await until(pilot, lambda: "/forget" in shown(app))
        await pilot.press("tab")
        assert chat_of(app).prompt.text == "/forget"


async def test_a_draft_comes_back_after_a_command_that_was_begun_for_it(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        prompt = chat_of(app).prompt
        await send(app, pilot, "The cat saw")
        await until(pilot, lambda: app.is_idle)
        for begin, command, rest in (("alt+u", "/unit ", "3"), ("", "/keep ", "storm")):
            prompt.put("a draft")
            for key in ("escape", "enter"):
                await (pilot.press(begin) if begin else app.run_action(action("keep").call_anywhere))
                assert prompt.text == command
                await pilot.press(*rest, key)
                await until(pilot, lambda: app.is_idle and prompt.text == "a draft")
        assert [memory.name for memory in app._services.memories.all()] == ["storm"]


async def test_a_draft_comes_back_when_something_else_is_sent_than_the_command(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        prompt = chat_of(app).prompt
        prompt.put("a draft")
        await pilot.press("alt+u", "up")
        assert prompt.text == "a draft"
        await pilot.press("down")
        await send(app, pilot, "The cat saw")
        assert prompt.text == "a draft"
        await until(pilot, lambda: app.is_idle and real_chat(app).facts.turns[0].text.strip() == "The cat saw")


async def test_a_command_begun_while_a_turn_is_edited_gives_the_edit_back(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        prompt = chat_of(app).prompt
        await send(app, pilot, "The cat saw")
        await until(pilot, lambda: app.is_idle)
        prompt.put("a draft")
        await pilot.press("alt+e", "alt+u", "escape")
        assert prompt.text == "The cat saw"
        assert "editing what you wrote" in shown(app)
        await pilot.press("escape")
        assert prompt.text == "a draft"


async def test_a_changed_text_of_the_history_stays_changed_until_something_is_sent() -> None:
    app = Host()
    async with app.run_test() as pilot:
        prompt = app.query_one(Prompt)
        prompt.remember("one")
        prompt.remember("two")
        await pilot.press("d", "up", "X", "up", "Y", "down")
        assert prompt.text == "twoX"
        await pilot.press("down")
        assert prompt.text == "d"
        await pilot.press("up", "up")
        assert prompt.text == "oneY"
        prompt.remember("oneY")
        await pilot.press("up", "up")
        assert prompt.text == "two"


async def test_up_and_down_go_over_the_rows_of_a_long_line_before_the_history() -> None:
    app = Host()
    async with app.run_test(size=(40, 10)) as pilot:
        prompt = app.query_one(Prompt)
        prompt.remember("one")
        text = "word " * 20
        prompt.remember(text)
        await pilot.press("up")
        await until(pilot, lambda: prompt.wrapped_document.height == 3)
        await pilot.press("up", "up")
        assert prompt.text == text
        await pilot.press("up")
        assert prompt.text == "one"
        await pilot.press("down", "up", "down")
        assert prompt.text == text
        await pilot.press("down")
        assert prompt.text == ""


def test_the_editor_changes_the_prompt(tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nprintf 'and \\033[31mmore' >> \"$1\"\n", encoding="utf-8")
    editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
    seen: list[Path] = []

    def write(path: Path, data: bytes) -> None:
        seen.append(path)
        path.write_bytes(data)

    assert edit_text("some ", [str(editor)], write) == "some and  [31mmore"
    assert not seen[0].exists()
    editor.write_text("#!/bin/sh\nexit 3\n", encoding="utf-8")
    with pytest.raises(InputError, match="ended with an error"):
        edit_text("some", [str(editor)], write)
    with pytest.raises(InputError, match="no editor"):
        find_editor({"EDITOR": "/nowhere/at-all --wait"})
    assert find_editor({"EDITOR": f"{editor} --wait"}) == [str(editor), "--wait"]


async def test_without_an_editor_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "/nowhere/at-all")
    monkeypatch.delenv("VISUAL", raising=False)
    async with running(FakeServices()) as (app, pilot):
        await pilot.press("ctrl+g")
        await until(pilot, lambda: toasts(app))
        assert "There is no editor" in toasts(app)[0]


def test_other_keys_are_named_by_action_and_clashes_are_told() -> None:
    actions, problems = replace_keys({"undo": "f10, ctrl+z", "undoo": "x", "retry": "ctrl+o"})
    assert next(entry for entry in actions if entry.id == "undo").keys == ("f10", "ctrl+z")
    assert any('"undoo", which is no action. Did you mean "undo"?' in problem for problem in problems)
    assert any("ctrl+o means both" in problem for problem in problems)
    assert replace_keys({}) == (replace_keys({})[0], [])


async def test_keys_of_ones_own_work_and_are_named_in_sentences() -> None:
    services = FakeServices(reply=" ok")
    services.config = Config(
        app=AppSettings(pace=0.0, ghost=False), keys={"forget": "f10", "log": "ctrl+r", "stop": "f9"}
    )
    async with running(services) as (app, pilot):
        await until(pilot, lambda: any("ctrl+r means both" in toast for toast in toasts(app)))
        await send(app, pilot, "hello")
        await until(pilot, lambda: app.is_idle)
        await pilot.press("ctrl+o")
        await pilot.pause()
        assert "memory emptied" not in shown(app)
        await pilot.press("f10")
        await until(pilot, lambda: "memory emptied" in shown(app))


def test_themes_of_ones_own_are_checked() -> None:
    themes, problems = build_themes(
        {
            "mine": {"primary": "#5fafff", "dark": False},
            "odd": {"primary": "no colour"},
            "[b]": {"primary": "red", "primery": "red"},
            "none": {"dark": True},
        }
    )
    assert [(theme.name, theme.dark) for theme in themes] == [("mine", False)]
    assert len(problems) == 3
    assert 'primary is "no colour", which is no colour' in problems[0]


def test_keys_and_themes_are_read_from_the_configuration(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[keys]\nundo = "f10"\n[themes.mine]\nprimary = "red"\n[app]\nghost = false\n', encoding="utf-8")
    config = load_config(file, {})
    assert (config.keys, config.themes, config.app.ghost) == ({"undo": "f10"}, {"mine": {"primary": "red"}}, False)
    for wrong in ("keys = 3", "[keys]\nundo = 3", "themes = 1", "[themes]\nmine = 3"):
        file.write_text(wrong, encoding="utf-8")
        with pytest.raises(InputError):
            load_config(file, {})


async def test_a_theme_of_ones_own_is_used() -> None:
    services = FakeServices()
    services.config = Config(app=AppSettings(theme="mine", ghost=False), themes={"mine": {"primary": "#ff0000"}})
    app = RnntuiApp(services)  # type: ignore[arg-type]
    assert app.theme == "mine"
    assert "mine" not in BUILTIN_THEMES


async def test_the_log_holds_what_was_said_and_no_markup() -> None:
    async with running(FakeServices()) as (app, pilot):
        app.notify("[b]said[/b] before")
        await send(app, pilot, "/log")
        await until(pilot, lambda: "[b]said[/b] before" in shown(app) and "log file" in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is chat_of(app))


async def test_the_prompt_is_sent_and_broken_with_the_keys_of_ones_own() -> None:
    services = FakeServices(reply=" ok")
    services.config = Config(app=AppSettings(pace=0.0, ghost=False), keys={"send": "f10", "newline": "enter"})
    async with running(services) as (app, pilot):
        assert "press F10" in shown(app)
        await pilot.press("a", "enter", "b")
        assert chat_of(app).prompt.text == "a\nb"
        await pilot.press("f10")
        await until(pilot, lambda: services.chats[0].sent == ["a\nb"] and app.is_idle)


async def test_help_and_palette_tell_the_keys_of_ones_own() -> None:
    services = FakeServices(reply=" ok")
    services.config = Config(app=AppSettings(pace=0.0, ghost=False), keys={"undo": "f10", "inspect": "ctrl+k"})
    async with running(services, (120, 50)) as (app, pilot):
        await pilot.press("f1")
        await until(pilot, lambda: "F10 undoes, ctrl+k goes from word to word" in " ".join(shown(app).split()))
        await pilot.press("escape")
        titles = [command.title for command in app.get_system_commands(app.screen)]
        assert "Undo (F10)" in titles


def test_an_editor_that_takes_the_file_away_is_a_sentence(tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nrm "$1"\n', encoding="utf-8")
    editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
    with pytest.raises(InputError, match="What the editor wrote cannot be read"):
        edit_text("some", [str(editor)], Path.write_bytes)
