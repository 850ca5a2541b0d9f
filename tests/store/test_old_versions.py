"""Files of earlier versions: no migration loses a row, and each keeps a copy first."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

from rnntui.store.conversations.database import Database
from rnntui.store.conversations.migrations import MIGRATIONS
from rnntui.store.conversations.sessions import Sessions

FOLDER = Path(__file__).parent / "old_versions"
VERSIONS = [1, 2, 3]
Rows = dict[str, list[dict[str, object]]]


def written(path: Path, version: int) -> Rows:
    """A file as that version wrote it. Returns all that is in it."""
    with contextlib.closing(sqlite3.connect(path)) as old:
        old.executescript((FOLDER / f"version-{version}.sql").read_text(encoding="utf-8"))
    return rows_of(path)


def rows_of(path: Path) -> Rows:
    with contextlib.closing(sqlite3.connect(path)) as file:
        file.row_factory = sqlite3.Row
        tables = [row[0] for row in file.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        ours = [name for name in tables if not name.startswith(("sqlite_", "turn_words"))]
        found = {name: file.execute(f"SELECT * FROM {name}").fetchall() for name in ours}  # noqa: S608  ours
        return {name: [dict(row) for row in sorted(rows, key=lambda row: repr(row[0]))] for name, rows in found.items()}


def test_every_version_but_the_newest_has_a_file_with_rows_in_every_table(tmp_path: Path) -> None:
    assert [int(path.stem.split("-")[1]) for path in sorted(FOLDER.glob("*.sql"))] == list(range(1, len(MIGRATIONS)))
    for version in VERSIONS:
        assert all(written(tmp_path / str(version), version).values())


@pytest.mark.parametrize("version", VERSIONS)
def test_no_row_and_no_value_of_an_old_file_is_lost(tmp_path: Path, version: int) -> None:
    before = written(tmp_path / "db", version)
    Database(tmp_path / "db").close()
    after = rows_of(tmp_path / "db")
    for table, rows in before.items():
        kept = [{name: row[name] for name in rows[0]} for row in after[table]]
        if version == 1 or table != "unindexed":
            assert kept == rows
    assert {row["turn_id"] for row in after["unindexed"]} >= {9}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_copy_of_an_old_file_is_kept_before_it_is_changed(tmp_path: Path, version: int) -> None:
    before = written(tmp_path / "db", version)
    with Database(tmp_path / "db", clock=lambda: 1_772_600_767.0) as database:
        name = f"db.before-version-{version + 1}-20260304-050607"
        assert name in database.notice
    assert rows_of(tmp_path / name) == before
    assert (tmp_path / name).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("version", VERSIONS)
def test_an_old_file_is_understood(tmp_path: Path, version: int) -> None:
    written(tmp_path / "db", version)
    with Database(tmp_path / "db") as database:
        sessions = Sessions(database)
        last = " “Wh" if version == 3 else " “Why?”"  # the first that knew a head inside a turn
        assert [turn.text for turn in sessions.branch("aa11")] == [" It was late", " and cold.", last]
        assert [turn.status for turn in sessions.all_turns("aa11")] == ["complete", "complete", "complete", "stopped"]
        assert sessions.snapshot(2) is not None
        assert [hit.turn_id for hit in sessions.search("another")] == [9]
        assert len(sessions.deleted()) == (0 if version == 1 else 1)


@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_whole_of_a_damaged_old_file_is_brought_over(tmp_path: Path, version: int) -> None:
    before = written(tmp_path / "db", version)
    data = (tmp_path / "db").read_bytes()
    (tmp_path / "db").write_bytes(b"\0" * 100 + data[100:])
    with Database(tmp_path / "db") as database:
        assert "3 conversations with all 7 turns" in database.notice
    after = rows_of(tmp_path / "db")
    for table in set(before) - {"snapshots", "unindexed"}:
        assert [{name: row[name] for name in before[table][0]} for row in after[table]] == before[table]
