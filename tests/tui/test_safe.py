import ast
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.widgets import ContentSwitcher

from rnntui.errors import InputError
from rnntui.events import BaselinesMeasured, CorpusInspected, Evaluated, Preparing, RunStarted, SampleDrawn
from rnntui.records import TrainRequest
from rnntui.text import unjoined, visible, without_gaps
from rnntui.tui import safe
from rnntui.tui.safe import ControlCharacterFilter
from rnntui.tui.training.train_choices import Survey
from tests.tui.fakes import FakeServices, card, run_record
from tests.tui.helpers import HOSTILE, chat_of, control_characters, live_actions, running, send, shown, train_of, until

TUI = Path(safe.__file__).parent
TEXTS = [
    ast.parse((TUI / name).read_text(encoding="utf-8"))
    for name in (
        "training/train_messages.py",
        "training/form_messages.py",
        "models/model_rows.py",
        "models/model_preview.py",
        "runs/moment_text.py",
    )
]
"""Functions whose results are shown elsewhere."""
CALLS_WITH_TEXT = {"Static", "Label", "Button", "Option", "Checkbox", "Collapsible", "RadioButton", "Tab", "TabPane"}
METHODS_WITH_TEXT = {"update", "add_row", "add_column", "add_leaf", "set_options"}
ATTRIBUTES_WITH_TEXT = {"border_title", "border_subtitle", "tooltip", "placeholder", "label", "title", "sub_title"}
SAFE_CALLS = {"shown", "shown_line", "shown_name", "joined", "Content", "Text"}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_shown_text_is_literal(hostile: str) -> None:
    assert safe.shown(hostile).plain == unjoined(visible(hostile)).replace("\t", "    ")
    assert safe.joined("a", safe.shown(hostile)).plain == "a" + safe.shown(hostile).plain
    assert safe.shown(hostile).spans == []


def test_a_name_fills_exactly_its_column() -> None:
    for name in ("short", "a very long name indeed, longer than the column", "中文中文中文中文中文中文", "[b]"):
        assert safe.shown_name(name, 12).cell_length == 12


@pytest.mark.parametrize("hostile", HOSTILE)
def test_the_line_filter_leaves_no_control_character(hostile: str) -> None:
    (segment,) = ControlCharacterFilter().apply([Segment(hostile)], Color(0, 0, 0))
    assert segment.text.isprintable() or "\u200d" in segment.text
    assert "\x1b" not in segment.text


def test_no_widget_is_given_a_string_that_is_not_written_here() -> None:
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in TUI.rglob("*.py") if path.name != "safe.py"}
    elsewhere = SAFE_CALLS.union(*map(_functions_with_content, TEXTS))
    unsafe = [
        f"{path.relative_to(TUI)}:{given.lineno} {ast.unparse(given)}"
        for path, tree in trees.items()
        if (safe_functions := elsewhere | _functions_with_content(tree))
        for node in ast.walk(tree)
        for given in _texts_given(node)
        if not _is_safe(given, safe_functions)
    ]
    assert unsafe == []


def _functions_with_content(tree: ast.Module) -> set[str]:
    """Functions of a file that return what a widget shows as it is."""
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and node.returns
        and ast.unparse(node.returns).split(" ")[0] in {"Content", "Text"}
    }


def _texts_given(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return [node.value for target in node.targets if isinstance(target, ast.Attribute) and _has_text(target)]
    if not isinstance(node, ast.Call):
        return []
    name = (
        node.func.id
        if isinstance(node.func, ast.Name)
        else node.func.attr
        if isinstance(node.func, ast.Attribute)
        else ""
    )
    named = [keyword.value for keyword in node.keywords if keyword.arg in {"placeholder", "tooltip", "title", "label"}]
    is_command = name in {"SystemCommand", "Binding", "notify", "export_screenshot"}
    if is_command:
        return []
    first = node.args[:1] if name in CALLS_WITH_TEXT or (name in METHODS_WITH_TEXT and node.args) else []
    return [*first, *named]


def _has_text(target: ast.Attribute) -> bool:
    return target.attr in ATTRIBUTES_WITH_TEXT and ast.unparse(target.value) != "self"


def _is_safe(given: ast.expr, safe_functions: set[str]) -> bool:
    match given:
        case ast.Constant():
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in safe_functions
        case ast.Call(func=ast.Attribute(value=ast.Name(id="Content" | "Text"))):
            return True
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in safe_functions
        case ast.IfExp(body=body, orelse=other):
            return _is_safe(body, safe_functions) and _is_safe(other, safe_functions)
        case ast.Attribute(value=value, attr="plain"):  # for what takes plain strings only and shows them as they are
            return _is_safe(value, safe_functions)
        case ast.Name(id=name):
            return name == "content" or name.endswith("_content")
        case _:
            return False


@pytest.mark.parametrize(
    ("text", "cells"),
    [("👩\u200d🚀", 4), ("❤\ufe0f", 1), ("👍🏽", 2), ("🇩🇪", 2), ("1\ufe0f\u20e3", 1), ("中文", 4), ("क्\u200dष", 1)],
)
def test_a_picture_takes_as_many_cells_in_every_terminal(text: str, cells: int) -> None:
    """The numbers are those of a terminal that joins nothing; a script that needs its joiners keeps them."""
    shown = unjoined(text)
    assert cell_len(shown) == cells
    assert len(shown) == len(text)
    assert unjoined(shown) == shown
    assert "".join(map(unjoined, text)) == shown or "क" in text, "whatever the pieces that come"
    assert "\u200b" not in without_gaps(shown)


async def test_hostile_text_stays_text_on_the_chat_screen() -> None:
    services = FakeServices(reply=" ok", models=[card(text) for text in HOSTILE])
    async with running(services, (100, 20)) as (app, pilot):
        chat = services.chats[0]
        for start in range(0, len(HOSTILE), 4):
            group = HOSTILE[start : start + 4]
            chat.reply, chat.unknown = " ".join([" begin", *group, "end"]), group
            await send(app, pilot, " ".join(["I said", *group]))
            await until(pilot, lambda: app.is_idle)
            chat_of(app).transcript.content.add_error(group[0])
            await pilot.pause()
            assert all(first_line(hostile) in chat_of(app).transcript.content.text for hostile in group)
            assert control_characters(app) == set()
            assert live_actions(app) == []
        for hostile in HOSTILE[::3]:
            app.notify(hostile, title=hostile, severity="error")
            chat_of(app).parts.stage.show_problem(str(InputError(f"About {hostile} it cannot.", "Try again.")))
        await until(pilot, lambda: app.screen.query("Toast"))
        assert control_characters(app) == set()
        assert live_actions(app) == []
        await pilot.press("ctrl+l")
        await until(pilot, lambda: len(app.screen_stack) > 1)
        assert control_characters(app) == set()
        assert live_actions(app) == []


@pytest.mark.parametrize("hostile", [HOSTILE[6], HOSTILE[11]])
async def test_a_hostile_model_name_stays_text(hostile: str) -> None:
    async with running(FakeServices(models=[card(hostile)]), (120, 36)) as (app, _):
        assert shown(app).count(first_line(hostile)) >= 2
        assert control_characters(app) == set()
        assert live_actions(app) == []


async def test_hostile_text_stays_text_on_the_training_screen() -> None:
    services = FakeServices()
    services.training.run = run_record(TrainRequest(("/x",), HOSTILE[6], 1.0))
    async with running(services, (100, 20)) as (app, pilot):
        await pilot.press("f4")
        await until(pilot, lambda: app.screens.find("train") and train_of(app).poller.is_polling)
        screen = train_of(app)
        for step in range(1, len(HOSTILE), 4):
            one, two, three, four, five = (HOSTILE[(step + shift) % len(HOSTILE)] for shift in range(5))
            services.training.follower.waiting = [
                RunStarted(one, 1, 1, 1, "lstm", 8, 1, 1, 60.0, 1, 1, ()),
                Preparing(two),
                Evaluated(step, 1.0, 1.0, 2.0, 3.0, True, False),
                BaselinesMeasured({three: 1.9}),
                SampleDrawn(step, four, five),
            ]
            wanted = (step, 1.0)
            await until(
                pilot,
                lambda wanted=wanted: (
                    wanted in [(moment.step, moment.seconds) for moment in screen.run_watch.state.view.moments]
                ),
            )
            await until(pilot, lambda: "At 0:01 it said" in shown(app))
            assert control_characters(app) == set()
            assert live_actions(app) == []
        screen.query_one(ContentSwitcher).current = "form"
        for step in range(0, len(HOSTILE), 3):
            one, two, three = (HOSTILE[(step + shift) % len(HOSTILE)] for shift in range(3))
            inspected = CorpusInspected((one,), (one,), 1, 1, 1, two, (three, one))
            screen.form.inspection.survey = Survey(inspected)
            screen.form.show_inspected(inspected)
            screen.form.say_wrong(two)
            await pilot.pause()
            assert control_characters(app) == set()
            assert live_actions(app) == []


def first_line(hostile: str) -> str:
    return unjoined(visible(hostile)).replace("\t", "    ").strip().split("\n")[0].strip()
