import ast
import re
from collections import Counter
from pathlib import Path

import pytest
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

from rnntui.tui import actions, key_tables
from rnntui.tui.action import Action
from rnntui.tui.actions import ACTIONS
from rnntui.tui.app import RnntuiApp
from rnntui.tui.application.themes import ThemesScreen
from rnntui.tui.chat.composer import Composer
from rnntui.tui.chat.draft_chooser import DraftChooser
from rnntui.tui.chat.finder import Finder
from rnntui.tui.chat.memory_actions import MemoryActions
from rnntui.tui.chat.sampling import Sampling
from rnntui.tui.chat.tints import Tints
from rnntui.tui.chat.turn_actions import TurnActions
from rnntui.tui.chat.word_inspector import WordInspector
from rnntui.tui.compare.comparing import Comparing
from rnntui.tui.compare.screen import ComparisonScreen
from rnntui.tui.compare.versions import VersionsComparison
from rnntui.tui.dialogs.branches import BranchesScreen
from rnntui.tui.dialogs.drafts import DraftsScreen
from rnntui.tui.dialogs.help import HelpScreen
from rnntui.tui.dialogs.log import LogScreen
from rnntui.tui.dialogs.manual import ManualScreen
from rnntui.tui.dialogs.memories import MemoriesScreen
from rnntui.tui.dialogs.models import ModelsScreen
from rnntui.tui.dialogs.report import ReportScreen
from rnntui.tui.dialogs.sessions import SessionsScreen
from rnntui.tui.dialogs.settings import SettingsScreen
from rnntui.tui.export.exporting import Exporting
from rnntui.tui.key_tables import clashes, keys_markdown
from rnntui.tui.origin.origin_marks import OriginMarks
from rnntui.tui.origin.place_screen import PlaceScreen
from rnntui.tui.panel.alternatives import Alternatives
from rnntui.tui.panel.sliders import SamplingFields, TemperatureBar
from rnntui.tui.play.choice_grid import ChoiceGrid
from rnntui.tui.runs.history_screen import HistoryScreen
from rnntui.tui.runs.run_list import RunList
from rnntui.tui.screens.chat import ChatScreen
from rnntui.tui.screens.lab import LabScreen
from rnntui.tui.screens.play import PlayScreen
from rnntui.tui.screens.train import TrainScreen
from rnntui.tui.tour.tour_card import TourCard
from rnntui.tui.training.reading_screen import ReadingScreen
from rnntui.tui.transcript.find_line import FindLine
from rnntui.tui.transcript.follower import Follower
from rnntui.tui.transcript.transcript import Transcript
from rnntui.tui.widgets.prompt import Prompt
from tests.tui.fakes import FakeServices
from tests.tui.helpers import chat_of, running, shown, until

TUI = Path(actions.__file__).parent
PLACES = {
    "everywhere": RnntuiApp,
    "chat": ChatScreen,
    "train": TrainScreen,
    "lab": LabScreen,
    "play": PlayScreen,
    "choices": ChoiceGrid,
    "prompt": Prompt,
    "temperature": TemperatureBar,
    "transcript": Transcript,
    "sampling": SamplingFields,
    "alternatives": Alternatives,
    "help": HelpScreen,
    "themes": ThemesScreen,
    "manual": ManualScreen,
    "models": ModelsScreen,
    "report": ReportScreen,
    "reading": ReadingScreen,
    "runs": RunList,
    "history": HistoryScreen,
    "find": FindLine,
    "tour": TourCard,
    "sessions": SessionsScreen,
    "memories": MemoriesScreen,
    "settings": SettingsScreen,
    "log": LogScreen,
    "branches": BranchesScreen,
    "drafts": DraftsScreen,
    "origin": PlaceScreen,
    "compare": ComparisonScreen,
    "versions-compared": VersionsComparison,
}
PARTS = {
    "turns": TurnActions,
    "words": WordInspector,
    "drafts": DraftChooser,
    "tints": Tints,
    "origin": OriginMarks,
    "sampling": Sampling,
    "composer": Composer,
    "finder": Finder,
    "memory": MemoryActions,
    "exporting": Exporting,
    "transcript": Transcript,
    "follower": Follower,
    "comparing": Comparing,
}
"""The parts of the chat screen that carry out actions, by their names there."""
AVOIDED = {"ctrl+i", "ctrl+m", "ctrl+h", "ctrl+b", "ctrl+a", "ctrl+y", "ctrl+k", "ctrl+u", "ctrl+w", "ctrl+e"}


def test_no_key_and_no_slash_word_means_two_things() -> None:
    assert clashes() == []


def test_a_clash_is_found_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    other = Action("other", ("ctrl+o",), "Other", "", "everywhere", "app.other", "forget")
    monkeypatch.setattr(key_tables, "ACTIONS", (*ACTIONS, other))
    assert clashes() == [
        'The key ctrl+o means both "Forget" and "Other".',
        '/forget means both "Forget" and "Other".',
    ]


def test_ids_are_unique() -> None:
    assert max(Counter(entry.id for entry in ACTIONS).values()) == 1


@pytest.mark.parametrize("entry", ACTIONS, ids=lambda entry: entry.id)
def test_every_action_exists_and_says_what_it_does(entry: Action) -> None:
    owners: dict[str, type] = {"app": RnntuiApp, "screen": ChatScreen, "": PLACES[entry.where]}
    name = entry.run.split("(")[0].rpartition(".")[2]
    if entry.owner in owners:
        assert callable(getattr(owners[entry.owner], f"action_{name}"))
    else:
        assert callable(getattr(PARTS[entry.owner], name))
    assert entry.help
    assert not set(entry.keys) & AVOIDED


@pytest.mark.parametrize(
    "entry", [entry for entry in ACTIONS if entry.where in {"chat", "everywhere"}], ids=lambda e: e.id
)
def test_every_action_of_the_chat_can_be_typed_after_a_slash_or_searched_for(entry: Action) -> None:
    assert entry.slash or entry.in_palette or entry.id == "interrupt"


def test_the_readme_table_names_every_key_and_slash_word() -> None:
    table = keys_markdown()
    for entry in ACTIONS:
        assert entry.help in table
        assert all(f"`{key}`" in table for key in entry.keys)
        assert not entry.slash or f"`/{entry.slash}" in table
    assert "`/top-k`" in table


async def test_every_part_that_the_table_names_is_there() -> None:
    async with running() as (app, _):
        parts = {name: type(getattr(chat_of(app).parts, name)) for name in PARTS}
        assert parts == PARTS
        assert {entry.owner for entry in ACTIONS} == {"", "app", *PARTS}


async def test_the_palette_holds_every_action() -> None:
    async with running() as (app, _):
        offered = {command.title.split(" (")[0] for command in app.get_system_commands(app.screen)}
        for entry in ACTIONS:
            if entry.in_palette and entry.where in {"everywhere", "chat"}:
                assert entry.label in offered


def test_no_key_arrives_as_another_one() -> None:
    """Terminals send Alt and a letter as Esc and the letter; Textual takes two of these for a move by a word."""
    letters = {key.removeprefix("alt+") for action in ACTIONS for key in action.keys if len(key) == len("alt+x")}
    assert not {letter for letter in letters if f"\x1b{letter}" in ANSI_SEQUENCES_KEYS}


_KEY = re.compile(r"\b(?:F\d{1,2}|(?:ctrl|alt)\+\w+)\b")
_FOR_SCRIPTS = {"actions", "harness"}
"""The table itself, and help for scripts, which press the keys that the table gives."""


def test_sentences_name_actions_not_keys_and_only_actions_that_are_there() -> None:
    wrong: list[str] = []
    known = {entry.id for entry in ACTIONS}
    for path in TUI.rglob("*.py"):
        docstrings = {node.value.value for node in ast.walk(tree(path)) if _is_bare_string(node)}
        for text in strings(path):
            if " " not in text.strip():
                continue
            is_said = text not in docstrings and path.stem not in _FOR_SCRIPTS
            wrong += [f"{path.stem} names a key: {text}"] * bool(is_said and _KEY.search(text))
            unknown = set(re.findall(r"\{([a-z-]+)\}", text)) - known
            wrong += [f"{path.stem} names no action: {name}" for name in unknown]
    assert wrong == []


def tree(path: Path) -> ast.AST:
    return ast.parse(path.read_text(encoding="utf-8"))


def strings(path: Path) -> list[str]:
    return [
        node.value for node in ast.walk(tree(path)) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def _is_bare_string(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


@pytest.mark.parametrize("size", [(120, 60), (80, 60), (60, 60)])
async def test_what_an_action_does_stays_in_its_column_of_the_help(size: tuple[int, int]) -> None:
    async with running(FakeServices(), size) as (app, pilot):
        await pilot.press("f1", *"network")
        await until(pilot, lambda: "train a network" in shown(app) and "the lab:" in shown(app))
        rows = shown(app).splitlines()
        column = next(row.index("train a network") for row in rows if "train a network" in row)
        before, after = (next(at for at, row in enumerate(rows) if word in row) for word in ("/train FILE", "the lab:"))
        assert after - before >= 1
        assert all(row[:column].strip(" │╭▌") == "" for row in rows[before + 1 : after])
