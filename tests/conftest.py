"""No test touches the person's files: every location the program knows points into a temporary folder."""

from pathlib import Path

import pytest

from rnntui.paths import CONFIG_VARIABLE, DATA_DIR_VARIABLE
from rnntui.settings import SamplerSettings


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DATA_DIR_VARIABLE, str(tmp_path / "data"))
    monkeypatch.setenv(CONFIG_VARIABLE, str(tmp_path / "config.toml"))
    for name in SamplerSettings.__dataclass_fields__:
        monkeypatch.delenv(f"RNNTUI_{name.upper()}", raising=False)
