"""What screens ask for and do not wait for: storage, files, lists; and that the thread that draws does none of it."""

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input, OptionList

from rnntui.config import AppSettings, Config
from rnntui.errors import InputError, RnntuiError
from rnntui.events import to_json
from rnntui.paths import find_paths
from rnntui.service.run import training
from rnntui.service.services import Services
from rnntui.store.conversations.database import Database
from rnntui.store.corpora import Corpora
from rnntui.store.library import Library
from rnntui.store.runs.run_folder import RunFolder
from rnntui.store.runs.run_orders import RunOrders
from rnntui.store.runs.run_presence import RunPresence
from rnntui.store.runs.run_states import RunStates
from rnntui.store.runs.runs import Runs
from rnntui.tui.actions import ACTIONS
from rnntui.tui.app import RnntuiApp
from rnntui.tui.dialogs.sessions import SessionsScreen
from rnntui.tui.file_choice import find_files
from rnntui.tui.work import in_background
from tests.small_models import save_small_model
from tests.small_world import world_request
from tests.tui.fakes import Gate
from tests.tui.helpers import chat_of, send, shown, toasts, train_of, until
from tests.tui.real import SAMPLER, real_chat, real_services, really_running, told
from tests.tui.training.test_train_screen import STARTED, evaluated, step


async def say(app: RnntuiApp, pilot: Pilot[None], text: str) -> None:
    await send(app, pilot, text)
    await until(pilot, lambda: app.is_idle)


async def opened(app: RnntuiApp, pilot: Pilot[None], key: str, kind: type) -> None:
    await pilot.press(key)
    await until(pilot, lambda: isinstance(app.screen, kind) and app.is_idle)
    await until(pilot, lambda: app.screen.query_one(OptionList).option_count)


def public(owner: type) -> list[str]:
    return [name for name, value in vars(owner).items() if callable(value) and not name.startswith("_")]


@contextlib.contextmanager
def noted_storage(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[int, set[str]]]:
    """Which threads ask a database, the models, the runs or the prepared texts, or start a trainer; and for what."""
    noted: dict[int, set[str]] = {}

    def note(owner: ModuleType | type, name: str, plain: Callable[..., object]) -> None:
        def noting(*asked: object, **options: object) -> object:
            noted.setdefault(threading.get_ident(), set()).add(f"{owner.__name__}.{name}")
            return plain(*asked, **options)

        monkeypatch.setattr(owner, name, noting)

    for name in ("rows", "transaction", "__init__"):
        note(Database, name, getattr(Database, name))
    for owner in (Library, Runs, RunFolder, RunOrders, RunPresence, RunStates, Corpora):
        for name in public(owner):
            note(owner, name, getattr(owner, name))
    note(sqlite3, "connect", sqlite3.connect)
    note(training, "spawn_trainer", lambda *_: os.getpid())
    yield noted


DIALOGS = {"sessions": "ctrl+s", "memories": "alt+m", "branches": "alt+v", "models": "ctrl+l"}
ELSEWHERE = {"quit", "interrupt", "editor", "suspend"}
"""Actions that end the app or lend the terminal: they are tried elsewhere."""


async def leave_dialogs(app: RnntuiApp, pilot: Pilot[None]) -> None:
    app.screens.leave_dialogs()
    await until(pilot, lambda: app.is_idle and len(app.screen_stack) == 1)


@pytest.mark.nightly  # half a minute; every other test of the app watches the store as well
async def test_no_action_of_any_screen_asks_the_store_in_the_thread_that_draws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # an export is offered in the folder the program works in
    services = Services(find_paths(data_dir=tmp_path), Config(SAMPLER, AppSettings(pace=0.0, model="small")))
    for number, name in enumerate(("small", "other")):
        save_small_model(services.library, name=name, seed=number)
    with noted_storage(monkeypatch) as noted:
        app = RnntuiApp(services)
        async with app.run_test(size=(100, 30), notifications=True) as pilot:
            await until(pilot, lambda: app.chat_screen is not None and app.chat_screen.chat is not None)
            for text in ("The cat", "/keep one", "Mice are small", "/keep two"):
                await say(app, pilot, text)
            for entry in ACTIONS:
                if entry.where not in {"everywhere", "chat", *DIALOGS} or entry.id in ELSEWHERE:
                    continue
                if entry.where == "branches":  # with two versions, whatever was done before
                    await say(app, pilot, "The cat")
                    await pilot.press("ctrl+r")
                    await until(pilot, lambda: app.is_idle)
                if entry.where in DIALOGS:
                    await pilot.press(DIALOGS[entry.where])
                    await until(pilot, lambda: len(app.screen_stack) > 1 and app.is_idle)
                await app.screen.run_action(entry.call_anywhere)
                await pilot.pause()
                await pilot.press("enter")  # answers what is asked for, if anything is
                await until(pilot, lambda: app.is_idle)
                await leave_dialogs(app, pilot)
                await pilot.press("f3")
            await pilot.press("ctrl+s")
            await until(pilot, lambda: isinstance(app.screen, SessionsScreen) and app.is_idle)
            await pilot.press(*"cat", "enter")
            await until(pilot, lambda: app.screen is chat_of(app) and app.is_idle)
        services.close()
    assert "Database.transaction" in set().union(*noted.values())
    assert noted.get(threading.get_ident(), set()) == set()


ORDERS = ("more-time", "pause", "stop-training")
"""A run that is stopped takes no other."""
TRAINING_ENTRIES = sorted(
    (entry for entry in ACTIONS if entry.where == "train" and entry.id != "start"),
    key=lambda entry: ORDERS.index(entry.id) if entry.id in ORDERS else len(ORDERS),
)


async def test_no_action_of_the_training_screen_asks_the_disk_in_the_thread_that_draws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = Services(find_paths(data_dir=tmp_path), Config(SAMPLER, AppSettings(pace=0.0, model="small")))
    save_small_model(services.library, name="small")
    runs = Runs(services.paths.runs)
    folder = runs.create(world_request(tmp_path), "2026-01-02T03:04:05Z")
    with contextlib.closing(folder.append_events()) as events:
        for event in (STARTED, *evaluated(1, 1.8), step(2)):
            events.append(to_json(event))
    trainer = folder.presence.lock()
    with noted_storage(monkeypatch) as noted:
        app = RnntuiApp(services)
        async with app.run_test(size=(100, 30), notifications=True) as pilot:
            await until(pilot, lambda: app.chat_screen is not None and app.chat_screen.chat is not None)
            await pilot.press("f4")
            await until(pilot, lambda: app.screens.find("train") and train_of(app).run_watch.state.view.started)
            for entry in (*TRAINING_ENTRIES, *TRAINING_ENTRIES):  # the second time over the form
                await app.screen.run_action(entry.call_anywhere)
                await until(pilot, lambda: app.ending.is_settled)
                app.screens.leave_dialogs()
                await pilot.press("f4")
            assert train_of(app).query_one("#form").display  # no dialog over it leads to the run that goes on
            train_of(app).form.add_files("sample:counting")
            await until(pilot, lambda: not train_of(app).query_one("#start", Button).disabled, seconds=60)
            await app.screen.run_action("start")
            await until(pilot, lambda: train_of(app).query_one("#run").display)
            assert any("waits for its turn" in toast for toast in toasts(app))
            trainer.release()
            await until(pilot, lambda: train_of(app).run_watch.state.can_resume)
            await pilot.press("space")
            await until(pilot, lambda: "The trainer is starting" in shown(app))
            await app.action_quit()
            await until(pilot, lambda: not app.is_running)
        services.close()
    wanted = {"Runs.records", "Runs.record", "Runs.create", "RunFolder.read_events", "RunPresence.is_running"}
    wanted |= {"RunOrders.set_command", "RunOrders.add_time", "RunPresence.mark_starting", "Corpora.counted"}
    asked = set().union(*noted.values())
    assert wanted | {"rnntui.service.run.training.spawn_trainer"} <= asked
    assert noted.get(threading.get_ident(), set()) == set()


@contextlib.contextmanager
def held(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> Iterator[Gate]:
    """Whatever calls this waits at a gate."""
    gate, plain = Gate(), getattr(owner, name)
    gate.close()

    def waiting(*asked: object, **options: object) -> object:
        gate.step()
        return plain(*asked, **options)

    monkeypatch.setattr(owner, name, waiting)
    try:
        yield gate
    finally:
        gate.open()


async def ask(app: RnntuiApp, pilot: Pilot[None], key: str, answer: str) -> None:
    await pilot.press(key)
    app.screen.query_one(Input).value = answer
    await pilot.press("enter")


async def test_keys_are_taken_while_a_conversation_is_written_and_a_sign_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        await opened(app, pilot, "ctrl+s", SessionsScreen)
        file = tmp_path / "cat.md"
        with held(monkeypatch, app._services, "write") as gate:
            await ask(app, pilot, "alt+x", str(file))
            await until(pilot, lambda: "writing …" in shown(app))
            await pilot.press("enter", "escape", *"cat")
            assert app.screen.query_one(Input).value == "cat"
            assert not file.exists()
            gate.open()
            await until(pilot, lambda: "written to cat.md" in shown(app) and file.exists() and app.is_idle)
            assert gate.passed == 1  # Enter twice writes once
        assert app.screen.query_one(Input).value == "cat"


async def test_what_was_asked_for_is_done_in_its_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        archive, session_id = app._services.archive, real_chat(app).session.session_id
        await opened(app, pilot, "ctrl+s", SessionsScreen)
        with held(monkeypatch, archive, "rename") as gate:
            await ask(app, pilot, "alt+r", "another title")
            await pilot.press("alt+d", "alt+z", "alt+p")
            await pilot.pause()
            assert [session.is_pinned for session in app._services.sessions()] == [False]
            gate.open()
            await until(pilot, lambda: "It stands first now." in shown(app) and app.is_idle)
        (session,) = app._services.sessions()
        assert (session.session_id, session.title, session.is_pinned) == (session_id, "another title", True)


async def test_a_list_that_became_empty_does_not_speak_over_what_was_done(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        await opened(app, pilot, "ctrl+s", SessionsScreen)
        listed = app.screen.query_one(OptionList)
        await pilot.press("alt+d")
        await until(pilot, lambda: not listed.option_count and app.is_idle)
        assert "brings it back" in shown(app)
        await pilot.press("alt+z")
        await until(pilot, lambda: listed.option_count and app.is_idle)
        await pilot.press("alt+p")
        await until(pilot, lambda: "It stands first now." in shown(app) and app.is_idle)
        await pilot.press("x", "q")
        await until(pilot, lambda: "Nothing was found." in shown(app) and app.is_idle)


async def test_a_dialog_that_is_closed_meanwhile_changes_nothing_and_the_end_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        text = told(app)
        for answer, sentence in (("cat.md", "It was written to cat.md"), ("cat.md", "is there already")):
            await opened(app, pilot, "ctrl+s", SessionsScreen)
            with held(monkeypatch, app._services.archive, "export_conversation") as gate:
                await ask(app, pilot, "alt+x", str(tmp_path / answer))
                await pilot.press("escape", "escape")
                await until(pilot, lambda: app.screen is chat_of(app))
                gate.open()
                await until(pilot, lambda sentence=sentence: any(sentence in toast for toast in toasts(app)))
        await until(pilot, lambda: app.is_idle)
        assert told(app) == text


async def test_leaving_the_app_waits_for_what_was_asked_for_but_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        await opened(app, pilot, "ctrl+s", SessionsScreen)
        await pilot.press("alt+d")
        with held(monkeypatch, app._services.archive, "duplicate"):
            await pilot.press("alt+c")
            began = time.monotonic()
            await app.action_quit()
            await until(pilot, lambda: not app.is_running)
            assert time.monotonic() - began < 20
    services = real_services(tmp_path)
    assert services.sessions() == []
    services.close()


async def test_a_conversation_that_was_asked_for_later_is_the_one_that_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        first = real_chat(app).session.session_id
        await pilot.press("ctrl+n")
        await until(pilot, lambda: app.is_idle and not real_chat(app).facts.turns)
        with held(monkeypatch, app._services, "open_chat") as gate:
            chat_of(app).parts.opening.stored(first)
            chat_of(app).parts.opening.new()
            await until(pilot, lambda: not chat_of(app).parts.opening.is_on or gate.passed)
            newest = real_chat(app)
            gate.open()
            await until(pilot, lambda: app.is_idle and gate.passed)
        assert real_chat(app) is newest
        assert not real_chat(app).facts.turns


async def test_what_is_sent_and_done_while_a_conversation_opens_is_for_that_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        first = real_chat(app).session.session_id
        before = told(app)
        await pilot.press(*"old")
        with held(monkeypatch, app._services, "new_chat") as gate:
            await pilot.press("ctrl+n")
            await until(pilot, lambda: chat_of(app).parts.opening.is_on)
            await pilot.press("f8")
            await send(app, pilot, "Mice are")
            await pilot.press(*"new")
            assert told(app) == before
            gate.open()
            await until(pilot, lambda: app.is_idle and real_chat(app).facts.turns)
        assert real_chat(app).session.session_id != first
        assert real_chat(app).facts.turns[0].text.strip() == "Mice are"
        assert chat_of(app).prompt.text == "new"
        chat_of(app).parts.opening.stored(first)
        await until(pilot, lambda: app.is_idle and real_chat(app).session.session_id == first)
        assert chat_of(app).prompt.text == "old"
        assert len(app._services.conversations.branch(first)) == 2


async def test_a_conversation_that_cannot_be_opened_leaves_the_other_one_and_gives_the_prompt_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await say(app, pilot, "The cat saw")
        before = told(app)
        await pilot.press(*"old")
        small = next(entry for entry in app._services.models() if entry.name == "small")
        with held(monkeypatch, app._services, "new_chat") as gate:
            await pilot.press("ctrl+n")
            await until(pilot, lambda: chat_of(app).parts.opening.is_on)
            await send(app, pilot, "Mice are")
            app._services.library.remove(small.model_id)
            gate.open()
            await until(pilot, lambda: not chat_of(app).parts.opening.is_on)
            await until(pilot, lambda: chat_of(app).prompt.text == "old\nMice are")
        assert told(app) == before
        assert any("no model" in toast for toast in toasts(app))


async def test_every_end_of_a_piece_of_work_is_one_sentence() -> None:
    def fails(problem: BaseException) -> None:
        raise problem

    ends = {
        "There is no cat. Get one.": InputError("There is no cat.", "Get one."),
        "The system refused: No space left on device.": OSError(28, "No space left on device"),
        "An unexpected problem stopped the work (KeyError).": KeyError("secret"),
        "An unexpected problem stopped the work (SystemExit).": SystemExit(1),
    }
    for sentence, problem in ends.items():
        with pytest.raises(RnntuiError) as caught:
            await in_background(lambda problem=problem: fails(problem))
        assert str(caught.value).startswith(sentence)
    assert await in_background(lambda: None) is None
    assert await in_background(threading.get_ident) != threading.get_ident()


async def test_a_call_of_the_store_where_the_app_draws_would_be_noted(
    tmp_path: Path, asked_where_the_app_draws: list[str]
) -> None:
    (tmp_path / "a.txt").write_text("words", encoding="utf-8")
    find_files(str(tmp_path))
    (noted,) = asked_where_the_app_draws
    assert noted.startswith("file_choice.py")
    assert noted.endswith("asks rnntui.tui.file_choice.find_text_files where the app draws")
    asked_where_the_app_draws.clear()
    await in_background(lambda: find_files(str(tmp_path)))
    assert asked_where_the_app_draws == []
