"""A damaged file: nothing is thrown away, and what can be read is brought over."""

import contextlib
import random
import sqlite3
from pathlib import Path

import pytest

from rnntui.errors import StorageError
from rnntui.records import Turn
from rnntui.settings import SamplerSettings
from rnntui.store.conversations.database import Database
from rnntui.store.conversations.salvage import salvage
from rnntui.store.conversations.sessions import Sessions
from rnntui.store.files import durable
from tests.fail_points import FAIL_POINT_VARIABLE, fail_point

SESSIONS, TURNS = 4, 40


def a_clock() -> float:
    return 1_772_600_767.0  # 2026-03-04 05:06:07 UTC


def text_of(session: int, turn: int) -> str:
    return f" session {session} turn {turn} " + "says something of some length " * 6


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("whole") / "db"
    with Database(path) as database:
        sessions = Sessions(database)
        begun = [
            sessions.create(f"session {number}", "m", SamplerSettings(), "inline", "") for number in range(SESSIONS)
        ]
        heads: list[int | None] = [None] * SESSIONS
        for number in range(TURNS):
            for at, session in enumerate(begun):
                text = text_of(at, number)
                turn = Turn(
                    0, session.session_id, heads[at], "person", text, (1,) * 30, (-0.5,) * 30, "complete", 0, "m"
                )
                heads[at] = sessions.add_turn(turn).turn_id
    return path.read_bytes()


def assert_sound(database: Database) -> int:
    """Every conversation can be shown, gone on with and searched; returns how many turns are on visible branches."""
    sessions, seen = Sessions(database), 0
    assert database.rows("PRAGMA foreign_key_check") == []
    assert database.rows("PRAGMA quick_check(1)")[0][0] == "ok"
    for session in sessions.sessions():
        turns = sessions.branch(session.session_id)
        seen += len(turns)
        assert [turn.parent_id for turn in turns] == [None, *(turn.turn_id for turn in turns)][: len(turns)]
        sessions.add_turn(
            Turn(0, session.session_id, session.head_turn_id, "person", " needle", (), (), "complete", 0, "m")
        )
    assert len(sessions.search("needle")) == min(50, len(sessions.sessions()))
    return seen


def opened(path: Path) -> Database:
    return Database(path, clock=a_clock)


def page_with(data: bytes, words: str) -> int:
    return data.index(words.encode()) // 4096


def test_only_the_turns_of_a_damaged_page_are_lost(tmp_path: Path, whole: bytes) -> None:
    page = page_with(whole, text_of(2, 20))
    damaged = whole[: page * 4096] + b"\xff" * 4096 + whole[(page + 1) * 4096 :]
    (tmp_path / "db").write_bytes(damaged)
    with opened(tmp_path / "db") as database:
        assert "4 conversations with 15" in database.notice
        assert Sessions(database).sessions()[0].title == "session 3"
        assert assert_sound(database) >= SESSIONS * TURNS - 10
    assert (tmp_path / "db.damaged-20260304-050607").read_bytes() == damaged


def test_turns_whose_conversation_is_lost_get_one(tmp_path: Path, whole: bytes) -> None:
    page = page_with(whole, "session 3m{")
    (tmp_path / "db").write_bytes(whole[: page * 4096] + b"\xff" * 4096 + whole[(page + 1) * 4096 :])
    with opened(tmp_path / "db") as database:
        assert {session.title for session in Sessions(database).sessions()} == {"recovered conversation"}
        assert assert_sound(database) == SESSIONS * TURNS


def test_a_cut_or_altered_file_is_kept_and_the_program_goes_on(tmp_path: Path, whole: bytes) -> None:
    dice = random.Random(1)
    for number in range(40):
        at = dice.randrange(1, len(whole))
        damaged = (
            whole[:at] if number % 2 else whole[:at] + bytes([whole[at] ^ 1 << dice.randrange(8)]) + whole[at + 1 :]
        )
        path = tmp_path / str(number) / "db"
        path.parent.mkdir()
        path.write_bytes(damaged)
        with Database(path, clock=a_clock, must_keep=False) as database:
            with contextlib.suppress(StorageError):  # a flip that only reading meets
                for session in Sessions(database).sessions():
                    Sessions(database).branch(session.session_id)
            if database.notice:
                assert database.notice.count(".") >= 1
                assert (path.parent / "db.damaged-20260304-050607").read_bytes() == damaged
                assert_sound(database)


def test_damage_that_is_met_later_is_mended_at_the_next_start(
    tmp_path: Path, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "rnntui.store.conversations.database._LARGEST_CHECKED", 0
    )  # as for a file too large to be read at each start
    page = page_with(whole, text_of(2, 20))
    (tmp_path / "db").write_bytes(whole[: page * 4096] + b"\xff" * 4096 + whole[(page + 1) * 4096 :])
    with opened(tmp_path / "db") as database:
        assert database.notice == ""
        with pytest.raises(StorageError, match="damaged") as caught:
            [Sessions(database).branch(session.session_id) for session in Sessions(database).sessions()]
        assert "Start rnntui again" in caught.value.next_step
    with opened(tmp_path / "db") as database:
        assert "were recovered" in database.notice
    with opened(tmp_path / "db") as database:
        assert database.notice == ""


def test_nothing_comes_out_of_what_is_no_database(tmp_path: Path) -> None:
    for data in (b"", b"garbage" * 1000):
        (tmp_path / "damaged").write_bytes(data)
        with Database(tmp_path / "db") as database:
            assert salvage(tmp_path / "damaged", database._connection).turns == 0
            with pytest.raises(StorageError):
                salvage(tmp_path / "missing", database._connection)


def test_a_replaced_file_is_kept_under_its_other_name(tmp_path: Path) -> None:
    for name, text in (("old", b"old"), ("new", b"new"), ("taken", b"taken")):
        durable.write_file(tmp_path / name, text)
    with pytest.raises(StorageError):
        durable.replace_file(tmp_path / "old", tmp_path / "new", "taken")
    durable.replace_file(tmp_path / "old", tmp_path / "new", "kept")
    assert {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()} == {
        "old": b"new",
        "kept": b"old",
        "taken": b"taken",
    }


def test_a_disk_without_hard_links_keeps_the_old_file_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(1, "not here")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    for name in ("old", "new"):
        durable.write_file(tmp_path / name, name.encode())
    durable.replace_file(tmp_path / "old", tmp_path / "new", "kept")
    assert {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()} == {"old": b"new", "kept": b"old"}


def test_the_foreign_file_of_another_program_gives_nothing_away(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "db")) as foreign:
        foreign.execute("CREATE TABLE sessions (title TEXT)")
        foreign.execute("INSERT INTO sessions VALUES ('theirs')")
        foreign.commit()
    with opened(tmp_path / "db") as database:
        assert "nothing in it could be read" in database.notice
        assert Sessions(database).sessions() == []


# ---- what only reading page by page finds


def test_deleted_text_does_not_come_back_from_a_damaged_file(tmp_path: Path, whole: bytes) -> None:
    (tmp_path / "db").write_bytes(whole)
    with opened(tmp_path / "db") as database:
        sessions = Sessions(database)
        gone = sessions.sessions()[0]
        sessions.delete(gone.session_id, "2026-01-01")
        sessions.purge_deleted("9999")
    emptied = (tmp_path / "db").read_bytes()
    assert b"turn 20 says something" in emptied
    assert text_of(3, 20).encode() not in emptied
    (tmp_path / "db").write_bytes(b"\0" * 4096 + emptied[4096:])
    with opened(tmp_path / "db") as database:
        assert "3 conversations with all 120 turns" in database.notice


def test_free_pages_of_a_file_that_kept_deleted_text_are_passed_over(tmp_path: Path, whole: bytes) -> None:
    (tmp_path / "db").write_bytes(whole)
    with contextlib.closing(sqlite3.connect(tmp_path / "db")) as careless:
        (gone,) = careless.execute("SELECT session_id FROM sessions LIMIT 1").fetchone()
        careless.execute("DELETE FROM turns WHERE session_id = ?", (gone,))
        careless.execute("DELETE FROM sessions WHERE session_id = ?", (gone,))
        careless.commit()
    data = (tmp_path / "db").read_bytes()
    (tmp_path / "db").write_bytes(data[:-100])
    with opened(tmp_path / "db") as database:
        assert gone not in [session.session_id for session in Sessions(database).sessions()]


@pytest.mark.parametrize("field", [3, 4, 5, 6, 8, 9])
def test_a_page_whose_list_of_cells_is_damaged_gives_back_all_its_turns(
    tmp_path: Path, whole: bytes, field: int
) -> None:
    at = page_with(whole, text_of(2, 20)) * 4096 + field
    (tmp_path / "db").write_bytes(whole[:at] + bytes([whole[at] ^ 0x05]) + whole[at + 1 :])
    with opened(tmp_path / "db") as database:
        assert "all 160 turns" in database.notice
        assert assert_sound(database) == SESSIONS * TURNS


def test_turns_that_only_references_tell_of_are_counted_as_lost(tmp_path: Path, whole: bytes) -> None:
    page = page_with(whole, text_of(2, 20))
    (tmp_path / "db").write_bytes(whole[: page * 4096] + bytes(4096) + whole[(page + 1) * 4096 :])
    with opened(tmp_path / "db") as database:
        assert "of 160 turns were recovered" in database.notice


def test_a_memory_of_a_reference_that_leads_nowhere_is_met_at_the_start(tmp_path: Path, whole: bytes) -> None:
    (tmp_path / "db").write_bytes(whole)
    with contextlib.closing(sqlite3.connect(tmp_path / "db")) as careless:
        careless.execute("UPDATE sessions SET head_turn_id = 9999")
        careless.commit()
    with opened(tmp_path / "db") as database:
        assert "all 160 turns" in database.notice
        assert assert_sound(database) == SESSIONS * TURNS


def test_a_full_disk_while_bringing_over_leaves_the_damaged_file_in_its_place(
    tmp_path: Path, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "db").write_bytes(whole[:-4096])
    for step in range(1, 40):
        monkeypatch.setenv(FAIL_POINT_VARIABLE, fail_point(step, "ENOSPC"))
        try:
            opened(tmp_path / "db").close()
        except StorageError:
            here = [path for path in tmp_path.iterdir() if path.suffix != ".txt"]
            assert whole[:-4096] in [path.read_bytes() for path in here]
            assert not [path for path in tmp_path.iterdir() if path.name.startswith(".rnntui-")]
            continue
        break
    monkeypatch.delenv(FAIL_POINT_VARIABLE)
    with opened(tmp_path / "db") as database:
        assert len(Sessions(database).sessions()) == SESSIONS
