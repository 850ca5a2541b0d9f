"""What loading a model takes, in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

_LOADING = """
import sys
from pathlib import Path
from rnntui.paths import find_paths
from rnntui.service.model_loader import load_generator
from rnntui.store.library import Library
from tests.peak_memory import peak_memory
import rnntui.lm.generator, rnntui.lm.tokens.lexicon, rnntui.lm.model_file

paths = find_paths(Path(sys.argv[1]))
library = Library(paths.models, paths.starter_model)
with peak_memory() as peak:
    generator = load_generator(library, library.cards()[0])
assert generator.mixture
print(peak.megabytes)
"""
_MOST_MEGABYTES = 225
"""The starter: 15 MB of files, tables of 1.65 million counted words, 24 MB of weights, and what counting needs."""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the memory of a process is read from /proc")
def test_loading_the_starter_takes_little_more_than_what_is_kept(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _LOADING, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert float(done.stdout) < _MOST_MEGABYTES
