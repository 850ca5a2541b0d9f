import contextlib
import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from rnntui.errors import StorageError
from rnntui.settings import SamplerSettings
from rnntui.store.conversations.database import Database
from rnntui.store.conversations.database_errors import storage_error
from rnntui.store.conversations.migrations import MIGRATIONS
from rnntui.store.conversations.sessions import Sessions

NOW = "2026-03-04T05:06:07Z"


def a_clock() -> float:
    return 1_772_600_767.0  # 2026-03-04 05:06:07 UTC


def opened(path: Path) -> Database:
    return Database(path, clock=a_clock)


def filled(path: Path) -> str:
    with opened(path) as database:
        return Sessions(database).create("Kept", "m", SamplerSettings(), "inline", NOW).session_id


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def add_notes(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE notes (note TEXT) STRICT")


def break_down(connection: sqlite3.Connection) -> None:
    connection.execute("DROP TABLE snapshots")
    raise sqlite3.OperationalError("disk on fire")


def test_a_new_file_is_private_and_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "data" / "sessions.sqlite3"
    with opened(path) as database:
        assert database.notice == ""
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        settings = {
            name: database.rows(f"PRAGMA {name}")[0][0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "trusted_schema", "busy_timeout")
        }
    assert settings == {
        "journal_mode": "delete",
        "synchronous": 3,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "busy_timeout": 5000,
    }


def test_what_was_kept_is_there_at_the_next_opening(tmp_path: Path) -> None:
    session_id = filled(tmp_path / "db")
    with opened(tmp_path / "db") as database:
        assert database.notice == ""
        assert Sessions(database).session(session_id).title == "Kept"
    assert names(tmp_path) == ["db", "db.lock"]


def test_a_problem_inside_a_transaction_undoes_all_of_it(tmp_path: Path) -> None:
    with opened(tmp_path / "db") as database:
        with pytest.raises(KeyboardInterrupt), database.transaction() as connection:  # noqa: PT012  both belong in it
            connection.execute("DELETE FROM sqlite_sequence")
            connection.execute(
                "INSERT INTO sessions (session_id, title, model_id, sampler, join_rule, created_at, updated_at,"
                " use_number) VALUES ('a', 't', 'm', '{}', 'inline', '', '', 1)",
            )
            raise KeyboardInterrupt
        assert database.rows("SELECT * FROM sessions") == []
        with database.transaction():
            pass


# ---- damage


@pytest.mark.parametrize(
    "data", [b"not a database at all" * 100, b"\0" * 5000, b"SQLite format 3\0" + b"\xff" * 4080, b"x"]
)
def test_garbage_is_set_aside_with_a_date_and_told_of(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "db").write_bytes(data)
    with opened(tmp_path / "db") as database:
        assert 'is kept as "db.damaged-20260304-050607"; nothing in it could be read' in database.notice
        assert Sessions(database).sessions() == []
    assert (tmp_path / "db.damaged-20260304-050607").read_bytes() == data


def test_what_was_set_aside_before_is_not_overwritten(tmp_path: Path) -> None:
    for data in (b"first garbage", b"second garbage"):
        (tmp_path / "db").write_bytes(data)
        opened(tmp_path / "db").close()
    assert (tmp_path / "db.damaged-20260304-050607").read_bytes() == b"first garbage"
    assert (tmp_path / "db.damaged-20260304-050607-2").read_bytes() == b"second garbage"


def test_a_stray_journal_goes_aside_together_with_the_garbage(tmp_path: Path) -> None:
    (tmp_path / "db").write_bytes(b"garbage" * 1000)
    (tmp_path / "db-journal").write_bytes(b"stray")
    opened(tmp_path / "db").close()
    assert "db-journal" not in names(tmp_path)
    with opened(tmp_path / "db") as database:
        assert database.notice == ""


def test_the_database_of_another_program_is_set_aside_unchanged(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "db")) as foreign:
        foreign.execute("CREATE TABLE precious (a)")
    data = (tmp_path / "db").read_bytes()
    with opened(tmp_path / "db") as database:
        assert "kept as" in database.notice
    assert (tmp_path / "db.damaged-20260304-050607").read_bytes() == data


def test_a_cut_or_altered_file_never_crashes_and_is_never_lost(tmp_path: Path) -> None:
    filled(tmp_path / "whole")
    whole = (tmp_path / "whole").read_bytes()
    step = 4096
    damaged = [whole[:size] for size in range(512, len(whole), step)]
    damaged += [whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :] for at in range(5, len(whole), step + 97)]
    for number, data in enumerate(damaged):
        path = tmp_path / str(number) / "db"
        path.parent.mkdir()
        path.write_bytes(data)
        with contextlib.suppress(StorageError), opened(path) as database:
            Sessions(database).sessions()
        kept = [entry.stat().st_size for entry in path.parent.iterdir()]
        assert len(data) in kept


def test_a_file_of_a_newer_version_is_refused_and_unchanged(tmp_path: Path) -> None:
    filled(tmp_path / "db")
    with contextlib.closing(sqlite3.connect(tmp_path / "db")) as newer:
        newer.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    data = (tmp_path / "db").read_bytes()
    with pytest.raises(StorageError, match="newer rnntui"):
        opened(tmp_path / "db")
    assert (tmp_path / "db").read_bytes() == data
    assert names(tmp_path) == ["db", "db.lock"]


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_what_is_no_ordinary_file_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "db"
    if kind == "link":
        path.symlink_to(tmp_path / "elsewhere")
    elif kind == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    with pytest.raises(StorageError):
        opened(path)


# ---- migrations


def test_a_migration_keeps_a_copy_first(tmp_path: Path) -> None:
    session_id = filled(tmp_path / "db")
    with Database(tmp_path / "db", (*MIGRATIONS, add_notes), a_clock) as database:
        assert f"db.before-version-{len(MIGRATIONS) + 1}-20260304-050607" in database.notice
        assert database.rows("SELECT * FROM notes") == []
        assert Sessions(database).session(session_id).title == "Kept"
    copy = next(path for path in tmp_path.iterdir() if "before-version" in path.name)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with opened(copy) as before:
        assert Sessions(before).session(session_id).title == "Kept"


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    session_id = filled(tmp_path / "db")
    with pytest.raises(StorageError, match="refused the work"):
        Database(tmp_path / "db", (*MIGRATIONS, add_notes, break_down), a_clock)
    with Database(tmp_path / "db", (*MIGRATIONS, add_notes), a_clock) as database:
        assert database.notice == ""  # the step before the failing one was done and stays
        assert Sessions(database).session(session_id).title == "Kept"
        assert database.rows("SELECT * FROM snapshots") == []


# ---- refusals


def test_a_full_disk_gives_a_sentence_and_keeps_what_was_there(tmp_path: Path) -> None:
    filled(tmp_path / "db")
    with opened(tmp_path / "db") as database:
        database.rows("PRAGMA max_page_count = 1")
        with pytest.raises(StorageError, match="no space left"):
            Sessions(database).create("x" * 200, "m" * 200_000, SamplerSettings(), "inline", NOW)
        assert [session.title for session in Sessions(database).sessions()] == ["Kept"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root passes through every permission")
def test_a_folder_that_can_only_be_read_gives_a_sentence(tmp_path: Path) -> None:
    filled(tmp_path / "db")
    tmp_path.chmod(0o500)
    try:
        with opened(tmp_path / "db") as database, pytest.raises(StorageError, match=r"permission|only be read"):
            Sessions(database).create("t", "m", SamplerSettings(), "inline", NOW)
    finally:
        tmp_path.chmod(0o700)


def test_a_closed_database_gives_a_sentence(tmp_path: Path) -> None:
    database = opened(tmp_path / "db")
    database.close()
    database.close()
    with pytest.raises(StorageError):
        database.rows("SELECT 1")


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (sqlite3.SQLITE_FULL, "no space left"),
        (sqlite3.SQLITE_BUSY, "Another rnntui"),
        (sqlite3.SQLITE_READONLY, "no permission"),
        (sqlite3.SQLITE_CORRUPT, "damaged"),
        (sqlite3.SQLITE_IOERR_FSYNC, "refused"),
    ],
)
def test_every_error_says_what_which_and_what_to_do(code: int, word: str) -> None:
    problem = sqlite3.OperationalError("details")
    problem.sqlite_errorcode = code
    said = storage_error(problem, Path("/home/me/sessions.sqlite3"))
    assert word in said.sentence
    assert "sessions.sqlite3" in said.sentence
    assert said.next_step.endswith(".")


def test_two_processes_share_one_file(tmp_path: Path) -> None:
    program = (
        "import pathlib, sys\nfrom rnntui.settings import SamplerSettings\n"
        "from rnntui.store.conversations.database import Database\n"
        "from rnntui.store.conversations.sessions import Sessions\n"
        "sessions = Sessions(Database(pathlib.Path(sys.argv[1])))\n"
        "for number in range(15): sessions.create(str(number), 'm', SamplerSettings(), 'inline', '')\n"
    )
    with contextlib.ExitStack() as stack:
        writers = [
            stack.enter_context(subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "db")]))
            for _ in range(2)
        ]
        assert [writer.wait() for writer in writers] == [0, 0]
    with opened(tmp_path / "db") as database:
        assert len(Sessions(database).sessions()) == 30
