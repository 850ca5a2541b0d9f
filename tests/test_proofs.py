"""Every promise has its proofs; the suite runs a small share of each, `python -m tests.proofs` the whole."""

import ast
import importlib
import re
from pathlib import Path

import pytest

from tests.proofs import PROMISES, Setup

ROOT = Path(__file__).parents[1]
NAMED = sorted({module for promise in PROMISES.values() for module in promise.modules})
THREATS = 43
FOR_THE_NIGHT = {
    *("bad_input", "errors", "foreign_text", "huge_texts", "keys"),
    *("long_chat", "memory", "model_files", "resuming"),
}
"""Their smallest shares take four fifths of the time of all: each case starts the app, torch or a training."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.nightly] if name in FOR_THE_NIGHT else []) for name in NAMED]
)
def test_a_small_share_of_the_proof_holds(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    folder.mkdir()
    proof = importlib.import_module(f"tests.proofs.{name}").prove(Setup(folder, share=0.0))
    assert proof.cases > 0
    assert proof.broken == ()


def test_every_threat_names_a_proof_or_a_test_that_is_there() -> None:
    text = (ROOT / "tests" / "proofs" / "THREATS.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| [^|]+ \| (.+) \|$", text, re.M)
    assert [int(number) for number, _ in rows] == list(range(1, THREATS + 1))
    for number, shown in rows:
        tests = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", shown)
        proofs = [name for name in re.findall(r"`(\w+)`", shown) if name in NAMED]
        assert tests or proofs, number
        for file, name in tests:
            tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
            there = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
            assert name in there, f"{number}: {file}::{name}"
