"""Every promise has its proofs; the suite runs a small share of each, `python -m tests.proofs` the whole."""

import importlib
from pathlib import Path

import pytest

from tests.proofs import PROMISES, Setup

WRITTEN = {path.stem for path in (Path(__file__).parent / "proofs").glob("*.py")}
NAMED = {module for promise in PROMISES.values() for module in promise.modules}


@pytest.mark.parametrize("name", sorted(WRITTEN & NAMED))
def test_a_small_share_of_the_proof_holds(name: str, tmp_path: Path) -> None:
    proof = importlib.import_module(f"tests.proofs.{name}").prove(Setup(tmp_path / name, share=0.0))
    assert proof.cases > 0
    assert proof.broken == ()
