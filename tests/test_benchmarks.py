"""Benchmarks are no tests, but they must still load: what they measure moves."""

import importlib
from pathlib import Path

import pytest

NAMES = sorted(path.stem for path in (Path(__file__).parent / "benchmarks").glob("*.py") if path.stem[0] != "_")


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_loads_and_says_how_it_is_run(name: str) -> None:
    module = importlib.import_module(f"tests.benchmarks.{name}")
    assert callable(module.main)
    assert module.__doc__
    assert f"tests.benchmarks.{name}" in module.__doc__ or f"tests/benchmarks/{name}.py" in module.__doc__
