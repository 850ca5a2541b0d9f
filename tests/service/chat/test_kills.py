"""The kill harness in its short form; `python -m tests.benchmarks.kills --kills 1000` is the long one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the harness forks")
def test_nothing_acknowledged_is_lost_and_the_next_start_says_what_it_found() -> None:
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.kills",
        "--kills",
        "45",
        "--stride",
        "6",
        "--seed",
        "7",
        "--json",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=300)
    assert done.stdout, done.stderr
    figures = json.loads(done.stdout)
    assert figures["kills"] >= 30
    assert figures["turns_acknowledged"] > 0
    assert (figures["turns_lost"], figures["files_damaged"], figures["memories_that_differ"]) == (0, 0, 0)
    assert figures["starts_that_named_it"] == figures["starts_that_had_something_to_name"]
