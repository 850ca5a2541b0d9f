"""What is said of each complaint names a test, a benchmark or a proof that is there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
THEMES = 24


def test_every_complaint_names_what_holds_it() -> None:
    text = (Path(__file__).parent / "COMPLAINTS.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| [^|]+ \| [^|]+ \| (.+) \|$", text, re.M)
    assert [int(number) for number, _ in rows] == list(range(1, THEMES + 1))
    for number, held_by in rows:
        tests = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", held_by)
        others = re.findall(r"(benchmark|proof) `(\w+)`", held_by)
        assert tests or others, number
        for file, name in tests:
            tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
            there = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
            assert not name or name in there, f"{number}: {file}::{name}"
        for kind, name in others:
            assert (ROOT / "tests" / f"{kind}s" / f"{name}.py").is_file(), f"{number}: {kind} {name}"
