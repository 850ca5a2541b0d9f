"""Bring over what can still be read in a damaged file of conversations.

Knows tables and rows; reads around damaged pages and repairs what pointed at lost rows. Memories are left behind: they
are a cache, and after a loss they no longer belong to the text before them.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from rnntui.records import ROLES, STATUSES

_LONGEST_GAP = 2_000
_LEFT_BEHIND = ("snapshots", "unindexed")
_PACKED = {"token_ids": 4, "logprobs": 8}
_TITLE = "recovered conversation"


@dataclass(frozen=True, slots=True)
class Salvaged:
    """How much was brought over."""

    sessions: int = 0
    turns: int = 0


def salvage(damaged: Path, connection: sqlite3.Connection) -> Salvaged:
    """Copy every readable row of a damaged file into a new, empty one. Never fails: what cannot be read stays behind.

    Args:
        damaged: The file that was set aside; it is only read.
        connection: The new file, with all its tables.
    """
    try:
        with contextlib.closing(_opened(damaged)) as source, connection:
            connection.execute("BEGIN IMMEDIATE")
            for table in _tables(connection):
                _bring_over(source, connection, table)
            _mend(connection)
            sessions = connection.execute("SELECT count(*) FROM sessions").fetchone()[0]
            turns = connection.execute("SELECT count(*) FROM turns").fetchone()[0]
            return Salvaged(sessions, turns)
    except (sqlite3.Error, OSError, UnicodeDecodeError):  # the last: damaged bytes in the sentence of SQLite
        return Salvaged()


def read_only(path: Path, is_immutable: bool = False) -> str:
    """The address under which SQLite opens a file without ever writing to it or beside it."""
    return f"file:{quote(str(path))}?mode=ro{'&immutable=1' if is_immutable else ''}"


def _opened(damaged: Path) -> sqlite3.Connection:
    source = sqlite3.connect(read_only(damaged, is_immutable=True), uri=True)
    source.text_factory = lambda data: data.decode("utf-8", "replace")
    source.row_factory = sqlite3.Row
    source.execute("PRAGMA cell_size_check = ON")
    source.execute("PRAGMA trusted_schema = OFF")
    return source


def _tables(connection: sqlite3.Connection) -> list[str]:
    """Ordinary tables in the order in which they were made: those that are pointed at come first."""
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    return [name for name in names if name not in _LEFT_BEHIND and not name.startswith(("sqlite", "turn_words"))]


def _bring_over(source: sqlite3.Connection, connection: sqlite3.Connection, table: str) -> None:
    known = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    for row in _readable(source, table):
        columns = [name for name in row.keys() if name in known]  # noqa: SIM118  a row is no dictionary
        if not _is_sound(row):
            continue
        marks = ", ".join("?" * len(columns))
        with contextlib.suppress(sqlite3.Error):  # a value of another type, or a number that is there already
            connection.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})",  # noqa: S608  names are ours
                [row[name] for name in columns],
            )


def _is_sound(row: sqlite3.Row) -> bool:
    values = dict(row)
    if values.get("role", ROLES[0]) not in ROLES or values.get("status", STATUSES[0]) not in STATUSES:
        return False
    packed = {name: values[name] for name in _PACKED if name in values}
    return all(isinstance(blob, bytes) and len(blob) % _PACKED[name] == 0 for name, blob in packed.items())


def _readable(source: sqlite3.Connection, table: str) -> Iterator[sqlite3.Row]:
    """The rows of a table: from both ends up to the damage, then number by number in between."""
    first, last = 0, 0
    try:
        for row in source.execute(f"SELECT rowid AS row_number, * FROM {table} ORDER BY rowid"):  # noqa: S608
            first = row["row_number"]
            yield row
    except sqlite3.Error:
        pass
    else:
        return
    with contextlib.suppress(sqlite3.Error):
        query = f"SELECT rowid AS row_number, * FROM {table} WHERE rowid > ? ORDER BY rowid DESC"  # noqa: S608
        for row in source.execute(query, (first,)):
            last = row["row_number"]
            yield row
    last = last or first + _LONGEST_GAP
    for number in range(first + 1, min(last, first + _LONGEST_GAP)):
        with contextlib.suppress(sqlite3.Error):
            query = f"SELECT rowid AS row_number, * FROM {table} WHERE rowid = ?"  # noqa: S608
            yield from source.execute(query, (number,)).fetchall()


def _mend(connection: sqlite3.Connection) -> None:
    """What pointed at a lost row points at the nearest one before it."""
    connection.execute(
        "INSERT INTO sessions (session_id, title, model_id, sampler, join_rule, created_at, updated_at, use_number)"
        " SELECT session_id, ?, model_id, '{}', 'inline', created_at, created_at, 0 FROM turns"
        " WHERE session_id NOT IN (SELECT session_id FROM sessions) GROUP BY session_id",
        (_TITLE,),
    )
    connection.execute(
        "UPDATE turns SET parent_id = (SELECT max(earlier.turn_id) FROM turns AS earlier"
        " WHERE earlier.session_id = turns.session_id AND earlier.turn_id < turns.turn_id)"
        " WHERE parent_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM turns AS parent"
        " WHERE parent.turn_id = turns.parent_id AND parent.session_id = turns.session_id)"
    )
    connection.execute(
        "UPDATE sessions SET head_turn_id = (SELECT max(turn_id) FROM turns"
        " WHERE turns.session_id = sessions.session_id)"
        " WHERE use_number = 0 OR (head_turn_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM turns"
        " WHERE turns.turn_id = sessions.head_turn_id AND turns.session_id = sessions.session_id))"
    )
