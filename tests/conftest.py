"""No test touches the person's files: every location the program knows points into a temporary folder.

Under continuous integration the property tests draw the same examples and a new conversation the same dice every time;
by hand they look for new ones.
"""

import itertools
import os
import time
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from rnntui.paths import CONFIG_VARIABLE, DATA_DIR_VARIABLE, ENDS_WITH_VARIABLE
from rnntui.settings import SamplerSettings

os.environ[ENDS_WITH_VARIABLE] = str(os.getpid())  # no trainer outlives the tests, however they end
hypothesis.settings.register_profile("same examples", derandomize=True, deadline=None)
if os.environ.get("CI"):
    hypothesis.settings.load_profile("same examples")


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DATA_DIR_VARIABLE, str(tmp_path / "data"))
    monkeypatch.setenv(CONFIG_VARIABLE, str(tmp_path / "config.toml"))
    for name in SamplerSettings.__dataclass_fields__:
        monkeypatch.delenv(f"RNNTUI_{name.upper()}", raising=False)


@pytest.fixture
def five_hours_ahead(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The clocks here are five hours ahead of UTC, the whole year."""
    if not hasattr(time, "tzset"):
        pytest.skip("this system cannot be put into another time zone for a while")
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "HERE-5")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture(autouse=True)
def _same_dice(monkeypatch: pytest.MonkeyPatch) -> None:
    if os.environ.get("CI"):
        falls = itertools.count(20261126)
        monkeypatch.setattr("secrets.randbelow", lambda sides: next(falls) % sides)
