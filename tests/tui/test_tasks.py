"""Ten things people do, with the keys that each takes; tests/tui/TASKS.md is written from what is pressed here.

`RNNTUI_UPDATE=1 python -m pytest tests/tui/test_tasks.py` writes the table anew.
"""

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from textual.pilot import Pilot

from rnntui.tui.app import RnntuiApp
from rnntui.tui.application.themes import ThemesScreen
from rnntui.tui.compare.screen import ComparisonScreen
from rnntui.tui.dialogs.memories import MemoriesScreen
from rnntui.tui.dialogs.sessions import SessionsScreen
from tests.tui.fakes import FakeServices
from tests.tui.helpers import chat_of, running, send, shown, train_of, until
from tests.tui.real import SAMPLER, real_chat, really_running, told

TABLE = Path(__file__).parent / "TASKS.md"
HEAD = """# Keys for ten tasks

Each is done by `tests/tui/test_tasks.py`, which counts the keys; a letter is a key. "Before" is the program of
1 December 2026 at commit b389259, where the keys were pressed, or counted from its tables (find, train, compare).

| Task | Keys | Now | Before | What was different before |
|---|---|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Task:
    """One thing a person wants."""

    name: str
    keys: tuple[str, ...]
    before: str
    """How many keys it took; "–" where there was no way."""
    remark: str = ""

    @property
    def row(self) -> str:
        shown_keys = " ".join(f"`{key}`" if len(key) > 1 else key for key in self.keys)
        return f"| {self.name} | {shown_keys} | {len(self.keys)} | {self.before} | {self.remark} |\n"


TASKS = {
    task.name: task
    for task in (
        Task("retry colder", ("alt+down", "alt+down", "ctrl+r"), "3"),
        Task("open a word and take another", ("f7", "enter", "2"), "3", "the box lay over its word"),
        Task("undo twice", ("f8", "f8"), "2"),
        Task("find a sentence of last week", ("ctrl+s", *"dino", "enter"), "6", "no preview of what would be opened"),
        Task(
            "compare two models",
            ("alt+t", "down", "down", "down"),
            "–",
            "one after the other: `ctrl+l` `down` `enter` `ctrl+r`",
        ),
        Task("export a conversation", ("ctrl+s", "alt+x", "enter"), "3", "export was not found in the palette"),
        Task("keep a memory and begin from it", (*"/ke", "tab", *"dusk", "enter", "alt+m", "enter"), "12"),
        Task("train on a file", ("f4", *"novel", "tab", "enter", "ctrl+r"), "9"),
        Task("change the theme", (*"/th", "enter", *"nord", "enter"), "10", "no preview, and gone at the next start"),
        Task("suspend and return", ("ctrl+z",), "5", "only `/su` `tab` `enter`"),
    )
}


Do = Callable[[str], Awaitable[None]]


def doing(pilot: Pilot[None]) -> Do:
    async def do(name: str) -> None:
        await pilot.press(*TASKS[name].keys)

    return do


def versions(app: RnntuiApp) -> tuple[int, ...]:
    """The versions of the last turn."""
    facts = real_chat(app).facts
    return facts.siblings(facts.turns[-1].turn_id)


async def rest(app: RnntuiApp, pilot: Pilot[None]) -> None:
    await app.workers.wait_for_complete()
    await until(pilot, lambda: app.is_idle)


async def test_what_is_done_with_words_and_conversations(tmp_path: Path) -> None:
    async with really_running(tmp_path, "small", "other", size=(120, 36)) as (app, pilot):
        do = doing(pilot)
        real_chat(app).set_sampler(SAMPLER)
        await send(app, pilot, "Dinosaurs are big")
        await rest(app, pilot)
        await pilot.press("ctrl+n")
        await until(pilot, lambda: app.is_idle and not real_chat(app).facts.turns)
        real_chat(app).set_sampler(SAMPLER)
        await send(app, pilot, "The cat saw")
        await rest(app, pilot)
        first, warmth = told(app), real_chat(app).sampler.temperature

        await do("retry colder")
        await until(pilot, lambda: app.is_idle and len(versions(app)) == 2)
        assert real_chat(app).sampler.temperature < warmth
        await do("open a word and take another")
        await until(pilot, lambda: app.is_idle and not chat_of(app).parts.words.is_open)
        await do("undo twice")
        await until(pilot, lambda: app.is_idle and told(app) == first)

        keys = TASKS["compare two models"].keys
        await pilot.press(keys[0])
        await until(pilot, lambda: isinstance(app.screen, ComparisonScreen) and "bits a word" in shown(app))
        await pilot.press(*keys[1:])
        await until(pilot, lambda: "model starter" in shown(app))
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.screen is chat_of(app))

        await pilot.press(*TASKS["keep a memory and begin from it"].keys[:-1])
        await until(pilot, lambda: isinstance(app.screen, MemoriesScreen) and "dusk" in shown(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is chat_of(app) and app.is_idle and "The cat saw" not in told(app))

        await pilot.press(*TASKS["find a sentence of last week"].keys[:-1])
        await until(pilot, lambda: isinstance(app.screen, SessionsScreen) and "Dinosaurs" in shown(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.is_idle and "Dinosaurs are big" in told(app))


async def test_what_is_done_with_files_and_the_screen(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "novel one.txt").rename(folder / "novel.txt")
    suspended: list[str] = []
    monkeypatch.setattr(RnntuiApp, "action_suspend_process", lambda _: suspended.append("suspended"))
    services = FakeServices()
    services.write = lambda path, data: None  # type: ignore[method-assign]
    async with running(services, (120, 36)) as (app, pilot):
        do = doing(pilot)
        await do("suspend and return")
        await until(pilot, lambda: suspended)
        name = "change the theme"
        await pilot.press(*TASKS[name].keys[:4])
        await until(pilot, lambda: isinstance(app.screen, ThemesScreen))
        await pilot.press(*TASKS[name].keys[4:])
        await until(pilot, lambda: app.screen is chat_of(app) and app.theme == "nord")
        name = "train on a file"
        await pilot.press(*TASKS[name].keys[:6])
        await until(pilot, lambda: getattr(app.focused, "_suggestion", ""))
        await pilot.press(*TASKS[name].keys[6:-1])
        await until(pilot, lambda: train_of(app).form.is_idle and "novel.txt" in shown(app))
        await pilot.press(*TASKS[name].keys[-1:])
        await until(pilot, lambda: services.training.run is not None)


async def test_a_conversation_is_written_to_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with really_running(tmp_path / "data", size=(120, 36)) as (app, pilot):
        real_chat(app).set_sampler(SAMPLER)
        await send(app, pilot, "The cat saw")
        await rest(app, pilot)
        keys = TASKS["export a conversation"].keys
        await pilot.press(keys[0])
        await until(pilot, lambda: isinstance(app.screen, SessionsScreen) and "The cat saw" in shown(app))
        await pilot.press(*keys[1:])
        await until(pilot, lambda: [file for file in tmp_path.iterdir() if file.is_file()])


def test_the_table_says_what_was_pressed() -> None:
    table = HEAD + "".join(task.row for task in TASKS.values())
    if os.environ.get("RNNTUI_UPDATE"):
        TABLE.write_text(table, encoding="utf-8")
    assert TABLE.read_text(encoding="utf-8") == table, "run RNNTUI_UPDATE=1 python -m pytest tests/tui/test_tasks.py"
    source = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in TASKS if source.count(f'"{name}"') < 2] == []  # in the table, and where it is done
