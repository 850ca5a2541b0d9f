"""The table of forms in which a conversation is written: the file's name, the command line and the app read it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from rnntui.service.export.exporters import format_of, suffixes_in_words

PACKAGE = Path(__file__).parents[3] / "rnntui"
FUNCTION = """
def _write_shouting(services: "Services", session: "Session", _visible_only: bool) -> str:
    return f"{session.title} in capitals".upper()


EXPORTERS = {
    ".loud": Exporter("shouting", _write_shouting),
"""
PROGRAM = """
import contextlib, io
from pathlib import Path
from types import SimpleNamespace as Any
from rnntui.cli.main import run
from rnntui.service.export.exporters import export_text, format_of
from rnntui.tui.actions import ACTIONS
told = io.StringIO()
with contextlib.redirect_stdout(told), contextlib.suppress(SystemExit):
    run(["sessions", "export", "--help"])
told = " ".join(told.getvalue().split())
print("{shouting,markdown,text,jsonl,html,svg}" in told, "else shouting)" in told)
print(next(action.help for action in ACTIONS if action.id == "session-export"))
print(export_text(None, Any(title="quiet"), format_of(Path("a.loud"))))
"""


def test_the_suffix_of_a_file_says_its_form_in_any_letters() -> None:
    found = [format_of(Path(name)) for name in ("a.md", "a.MARKDOWN", "a.Txt", "a.jsonl", "a", "a.pdf", "a.htm")]
    assert found == ["markdown", "markdown", "text", "jsonl", "markdown", "markdown", "html"]
    assert (format_of(None, "jsonl"), format_of(Path("a.pdf"), "jsonl")) == ("jsonl", "jsonl")
    assert suffixes_in_words() == ".md, .txt, .jsonl, .html or .svg"


def test_a_new_form_is_a_function_and_a_line_and_known_everywhere(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "rnntui", ignore=shutil.ignore_patterns("__pycache__", "assets"))
    module = tmp_path / "rnntui" / "service" / "export" / "exporters.py"
    source = module.read_text(encoding="utf-8")
    assert source.count("\nEXPORTERS = {\n") == 1
    module.write_text(source.replace("\nEXPORTERS = {\n", FUNCTION), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "True True",
        "write it to a file: .loud, .md, .txt, .jsonl, .html or .svg",
        "QUIET IN CAPITALS",
    ]
