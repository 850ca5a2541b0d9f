"""`rnntui doctor --bundle`: one private file without a word of the person's."""

import json
import stat
from pathlib import Path

import pytest

from rnntui.cli.main import run
from rnntui.paths import find_paths
from rnntui.store.health import database_health, folder_health

Capture = pytest.CaptureFixture[str]


def test_the_report_is_private_and_says_what_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["sessions"]) == 0
    assert run(["doctor", "--bundle"]) == 0
    report = tmp_path / "rnntui-report.txt"
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    text = report.read_text(encoding="utf-8")
    assert "It holds no text" in text
    assert str(find_paths().data_dir) not in text
    assert "rnntui-report.txt" in capsys.readouterr().err
    assert run(["doctor", "--bundle"]) == 2
    assert "is there already" in capsys.readouterr().err


def test_its_place_is_an_object_with_json(tmp_path: Path, capsys: Capture) -> None:
    assert run(["doctor", "--json", "--bundle", str(tmp_path / "x.txt")]) == 0
    assert json.loads(capsys.readouterr().out) == {"report": str(tmp_path / "x.txt")}


def test_a_configuration_that_cannot_be_read_is_no_hindrance(tmp_path: Path, capsys: Capture) -> None:
    find_paths().config_file.write_bytes(b"\xff")
    assert run(["doctor", "--bundle", str(tmp_path / "x.txt")]) == 0
    assert "cannot be read" in (tmp_path / "x.txt").read_text(encoding="utf-8")


def test_a_damaged_file_of_conversations_is_told_and_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "sessions.sqlite3"
    file.write_bytes(b"SQLite format 3\0" + b"\x07" * 8_000)
    before = file.read_bytes()
    assert database_health(file)["integrity"] != "ok"
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["sessions.sqlite3"]


def test_a_folder_is_told_by_its_size(tmp_path: Path) -> None:
    assert folder_health(tmp_path / "nothing") == "none yet"
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_bytes(b"12345")
    assert folder_health(tmp_path) == "1 entries, 1 files, 5 bytes"
