"""Private names of Textual: each does here what it is used for, each can be missing, and no other file uses one."""

import ast
import importlib
import inspect
import sys
import textwrap
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import pytest
from rich.console import RenderableType
from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.events import Key
from textual.geometry import Region
from textual.screen import Screen
from textual.widgets import Input, Static, TextArea

from rnntui.tui.safe import shown_line
from rnntui.tui.terminal import textual_internals
from tests.tui.helpers import until

ROOT = Path(__file__).parents[3]
HOME = ROOT / "rnntui/tui/terminal/textual_internals.py"


class Area(TextArea):
    BINDINGS: ClassVar = [Binding("ctrl+y", "greet", "Greet", id="greet")]

    def __init__(self) -> None:
        super().__init__()
        textual_internals.keep_cursor_in_text(self)


class Host(App[None]):
    HORIZONTAL_BREAKPOINTS: ClassVar = [(0, "-narrow"), (100, "-wide")]
    BINDINGS: ClassVar = []

    def compose(self) -> ComposeResult:
        yield Static(shown_line("hello"))
        yield Area()


class Bare:
    """A part of Textual of which no private name is left."""


async def test_a_screen_that_counts_as_styled_is_not_styled_again() -> None:
    app = Host()
    async with app.run_test():
        screen: Screen[None] = Screen()
        textual_internals.mark_as_styled(screen, app)
        updates: list[object] = []
        app.stylesheet.update = lambda *given, **named: updates.append(given)  # type: ignore[method-assign]
        await app.push_screen(screen)
        assert screen not in [given[0] for given in updates]  # type: ignore[index]


async def test_a_screen_has_the_classes_of_its_size_before_it_is_shown() -> None:
    app = Host()
    async with app.run_test(size=(120, 30)):
        screen: Screen[None] = Screen()
        textual_internals.add_size_classes(screen, app)
        assert screen.has_class("-wide")
        assert not screen.has_class("-narrow")


async def test_rows_of_a_screen_are_what_it_shows() -> None:
    app = Host()
    async with app.run_test(size=(20, 5)):
        assert textual_internals.rows_of(app.screen)[0].text.startswith("hello")


async def test_frames_pass_through_a_function() -> None:
    frames: list[RenderableType | None] = []
    app = Host()

    def watched(frame: RenderableType | None) -> RenderableType | None:
        frames.append(frame)
        return frame

    textual_internals.filter_frames(app, watched)
    async with app.run_test(size=(20, 5)) as pilot:
        await until(pilot, lambda: frames)


async def test_rows_that_are_rendered_again_are_asked_for() -> None:
    app = Host()
    async with app.run_test(size=(20, 5)):
        label = app.query_one(Static)
        asked: list[int] = []
        plain = label.render_line
        label.render_line = lambda y: (asked.append(y), plain(y))[1]  # type: ignore[method-assign]
        label.render_lines(Region(0, 0, 20, 1))
        assert not asked
        textual_internals.render_again(label, Region(0, 0, 20, 1))
        label.render_lines(Region(0, 0, 20, 1))
        assert asked == [0]


async def test_an_error_that_is_ignored_leaves_the_app_running_and_another_is_told() -> None:
    told: list[BaseException | None] = []
    app = Host()

    def tell(error: BaseException | None) -> None:
        told.append(error)
        textual_internals.end_with(app, 70, Text("the last words"))

    textual_internals.take_errors(app, lambda error: isinstance(error, KeyError), tell)
    with pytest.raises(ZeroDivisionError):
        await _raise_in(app, KeyError("ignored"), ZeroDivisionError("told"))
    assert [type(error) for error in told] == [ZeroDivisionError]
    assert app.return_code == 70


async def _raise_in(app: Host, *errors: Exception) -> None:
    async with app.run_test() as pilot:
        for error in errors:
            assert app.return_code is None
            app._handle_exception(error)
            await pilot.pause()


async def test_an_app_knows_its_loop_and_whether_it_is_leaving() -> None:
    app = Host()
    assert textual_internals.loop_of(app) is None
    async with app.run_test():
        loop = textual_internals.loop_of(app)
        assert loop is not None
        assert loop.is_running()
        assert not textual_internals.is_leaving(app)
        assert not textual_internals.is_closing_here(app)
        assert textual_internals.driver_of(app) is not None
        app.exit()
        assert textual_internals.is_leaving(app)
        assert textual_internals.is_closing_here(app)


async def test_keys_of_a_persons_own_and_what_a_widget_binds_are_known() -> None:
    app = Host()
    async with app.run_test():
        area = app.query_one(Area)
        area.focus()
        await until_focused(app, area)
        assert [binding.action for binding in textual_internals.bindings_of(area, "ctrl+y")] == ["greet"]
        app.set_keymap({"greet": "f9"})
        assert textual_internals.own_keys(app) == {"greet": "f9"}
        assert [binding.action for binding in textual_internals.bindings_of(area, "f9")] == ["greet"]
        assert textual_internals.bindings_of(area, "ctrl+y") == []


async def until_focused(app: Host, area: Area) -> None:
    while app.focused is not area:
        await app.animator.wait_for_idle()


async def test_lines_that_are_forgotten_are_asked_for_again() -> None:
    app = Host()
    async with app.run_test() as pilot:
        area = app.query_one(Area)
        area.text = "some words"
        await pilot.pause()
        asked: list[int] = []
        plain = area.get_line
        area.get_line = lambda index: (asked.append(index), plain(index))[1]  # type: ignore[method-assign]
        textual_internals.forget_lines(area)
        await until(pilot, lambda: 0 in asked)


async def test_undo_over_many_lines_leaves_the_cursor_in_the_text() -> None:
    app = Host()
    async with app.run_test(size=(20, 5)) as pilot:
        area = app.query_one(Area)
        area.focus()
        area.insert("\n".join(f"line {number}" for number in range(30)))
        await pilot.pause()
        area.undo()
        await pilot.pause()
        area.post_message(Key("x", "x"))
        await until(pilot, lambda: area.text == "x")


def test_whatever_is_missing_is_done_without() -> None:
    bare: Any = Bare()
    bare.size = (80, 24)
    app: Any = Bare()
    exits: list[dict[str, object]] = []
    app.exit = lambda **named: exits.append(named)
    textual_internals.mark_as_styled(bare, bare)
    textual_internals.add_size_classes(bare, bare)
    textual_internals.paint_only_changes(bare)
    textual_internals.render_again(bare, Region(0, 0, 1, 1))
    textual_internals.filter_frames(bare, lambda frame: frame)
    textual_internals.take_errors(bare, lambda error: False, lambda error: None)
    textual_internals.announce_resume(bare)
    textual_internals.use_in_driver(ModuleType("bare"), textual_internals.XTermParser)
    textual_internals.keep_cursor_in_text(bare)
    textual_internals.end_with(app, 70, "last words")
    assert exits == [{"return_code": 70, "message": "last words"}]
    assert vars(bare).keys() == {"size"}
    assert textual_internals.rows_of(bare) == []
    assert textual_internals.writer_of(bare) is None
    assert textual_internals.driver_of(bare) is None
    assert textual_internals.loop_of(bare) is None
    assert textual_internals.own_keys(bare) == {}
    assert not textual_internals.is_lent(bare)
    assert not textual_internals.is_leaving(bare)
    assert textual_internals.is_resume_announced(bare)
    assert textual_internals.is_between_sequences(bare)
    binding = Binding("f9", "greet")
    bare.screen = SimpleNamespace(active_bindings={"f9": SimpleNamespace(binding=binding, node=bare)})
    assert textual_internals.bindings_of(bare, "f9") == [binding]
    refreshed: list[bool] = []
    bare.refresh = lambda: refreshed.append(True)
    textual_internals.forget_lines(bare)
    assert refreshed


@pytest.mark.skipif(sys.platform == "win32", reason="the driver of Linux and macOS")
def test_the_driver_makes_its_parser_and_its_line_from_ours() -> None:
    from textual.drivers import linux_driver

    from rnntui.tui.terminal.driver import TerminalDriver
    from rnntui.tui.terminal.pasting import PasteParser

    assert vars(linux_driver)["XTermParser"] is PasteParser
    assert vars(linux_driver)["WriterThread"] is textual_internals.TerminalWriter
    driver: Any = SimpleNamespace(_writer_thread=textual_internals.TerminalWriter(sys.stderr), _auto_restart=False)
    assert textual_internals.writer_of(driver) is driver._writer_thread
    assert textual_internals.is_lent(driver)
    assert issubclass(TerminalDriver, linux_driver.LinuxDriver)
    driver._must_signal_resume = False
    assert not textual_internals.is_resume_announced(driver)
    textual_internals.announce_resume(driver)
    assert textual_internals.is_resume_announced(driver)


def test_a_parser_in_the_middle_of_a_key_says_so() -> None:
    parser = textual_internals.XTermParser()
    assert textual_internals.is_between_sequences(parser)
    assert list(parser.feed("\x1b")) == []
    assert not textual_internals.is_between_sequences(parser)


# ---- nowhere else


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name != "_"


def _private_names_of_textual(cls: type) -> set[str]:
    """What Textual's classes, from which a class of ours inherits, call private."""
    names: set[str] = set()
    for base in cls.__mro__:
        if base.__module__.partition(".")[0] not in {"textual", "rich"}:
            continue
        names |= {name for name in vars(base) if _is_private(name)}
        for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(base)))):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and _is_private(node.attr):
                names.add(node.attr)
    return names


def _uses(path: Path) -> list[str]:
    """Where a file names something private of Textual: an import, another object's attribute, one that it inherits."""
    found: list[str] = []
    tree = ast.parse(path.read_text(encoding="utf-8"))
    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in {"textual", "rich"}:
            parts = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
            found += [f"{path.name}:{node.lineno} import {part}" for part in parts if _is_private(part)]
        if isinstance(node, ast.ClassDef) and isinstance(cls := getattr(module, node.name, None), type):
            private = _private_names_of_textual(cls)
            found += [f"{path.name}:{line} {name}" for name, line in _names_in(node) if name in private]
        if isinstance(node, ast.Attribute) and _is_private(node.attr) and not _is_own(node, tree):
            found.append(f"{path.name}:{node.lineno} {ast.unparse(node)}")
    return found


def _names_in(cls: ast.ClassDef) -> list[tuple[str, int]]:
    """Attributes of itself that a class uses, and methods that it defines."""
    names: list[tuple[str, int]] = []
    for node in ast.walk(cls):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            names.append((node.attr, node.lineno))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names.append((node.name, node.lineno))
    return names


def _is_own(use: ast.Attribute, tree: ast.Module) -> bool:
    """Whether a private attribute is one that the file's own classes define, or the standard library's."""
    if isinstance(use.value, ast.Name) and use.value.id in {"self", "cls"}:
        return True
    if ast.unparse(use) == "os._exit" or use.attr == "_replace":  # of processes, and of named tuples
        return True
    own = {name for cls in ast.walk(tree) if isinstance(cls, ast.ClassDef) for name, _ in _names_in(cls)}
    is_super = isinstance(use.value, ast.Call) and ast.unparse(use.value) == "super()"
    return use.attr in own and (not is_super or use.attr not in _private_names_of_textual(App))


def test_no_other_file_uses_a_private_name_of_textual() -> None:
    files = [path for path in sorted((ROOT / "rnntui/tui").rglob("*.py")) if path != HOME]
    assert [use for path in files for use in _uses(path)] == []


def test_such_a_use_would_be_found() -> None:
    assert _uses(HOME)


async def test_a_toast_is_taken_off_the_screen() -> None:
    async with App[None]().run_test(notifications=True) as pilot:
        pilot.app.notify("one")
        pilot.app.notify("two")
        await pilot.pause()
        assert textual_internals.take_toast(pilot.app, lambda said: said == "one") == "one"
        assert textual_internals.take_toast(pilot.app, lambda said: said == "three") == ""
        assert [toast.message for toast in pilot.app._notifications] == ["two"]


async def test_keys_are_heard_behind_a_widget_that_cannot_scroll() -> None:
    class Host(App[None]):
        BINDINGS = [Binding("down", "bell", id="found"), Binding("up", "bell")]  # noqa: RUF012

        def compose(self) -> ComposeResult:
            yield Input()

    async with Host().run_test() as pilot:
        pilot.app.screen.query_one(Input).focus()
        await pilot.pause()
        heard = {bound.binding.id for bound in textual_internals.bindings_heard(pilot.app.screen)}
        assert "found" in heard
        assert "found" not in {bound.binding.id for bound in pilot.app.screen.active_bindings.values()}
