"""A new screen is its file, its style sheet, a line of SCREENS and a row of ACTIONS; tried in a copy of the program."""

import shutil
import subprocess
import sys
from pathlib import Path

import rnntui

SCREEN = '''"""A page of notes."""

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Static

from rnntui.tui.safe import shown_line

if TYPE_CHECKING:
    from rnntui.service.services import Services


class NotesScreen(Screen[None]):
    """Nothing but a line."""

    is_idle = True

    def __init__(self, services: "Services") -> None:
        super().__init__()

    def compose(self) -> ComposeResult:
        """The line."""
        yield Static(shown_line("a page of notes"), id="notes")
'''
SHEET = "#notes { height: 3; }\n"
LINE = '    "notes": ScreenEntry("rnntui.tui.screens.notes", "NotesScreen"),\n'
ROW = (
    '    Action("show-notes", ("alt+n",), "Notes", "a page of notes", "everywhere", "app.show(\'notes\')", "notes"),\n'
)
CHECK = """
import asyncio
from rnntui.tui.key_tables import clashes, keys_markdown
from tests.tui.fakes import FakeServices
from tests.tui.helpers import running, send, shown, until

async def main():
    assert clashes() == []
    assert "`/notes`" in keys_markdown()
    async with running(FakeServices()) as (app, pilot):
        assert "Notes" in {command.title.split(" (")[0] for command in app.get_system_commands(app.screen)}
        for way in ("key", "slash"):
            await (pilot.press("alt+n") if way == "key" else send(app, pilot, "/notes"))
            await until(pilot, lambda: app.current_mode == "notes" and "a page of notes" in shown(app))
            await until(pilot, lambda: app.screen.query_one("#notes").size.height == 3 and app.is_idle)
            await pilot.press("f3")
            await until(pilot, lambda: app.current_mode == "chat")

asyncio.run(main())
"""


def test_a_new_screen_needs_a_file_a_sheet_a_line_and_a_row(tmp_path: Path) -> None:
    package = Path(rnntui.__file__).parent
    copy = tmp_path / "rnntui"
    shutil.copytree(package, copy, ignore=shutil.ignore_patterns("__pycache__", "assets"))
    screens, actions = copy / "tui" / "screens", copy / "tui" / "actions.py"
    (screens / "notes.py").write_text(SCREEN, encoding="utf-8")
    (screens / "notes.tcss").write_text(SHEET, encoding="utf-8")
    for file, before, added in (
        (screens / "__init__.py", '    "lab": ScreenEntry(', LINE),
        (actions, "    # chat\n", ROW),
    ):
        text = file.read_text(encoding="utf-8")
        assert text.count(before) == 1
        file.write_text(text.replace(before, added + before), encoding="utf-8")
    program = f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(package.parent)!r}]\n{CHECK}"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-3_000:]
