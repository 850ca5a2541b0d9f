"""Bring over what still stands in a damaged file of conversations.

Knows tables and rows: what rows look like is taken from the new file, where they are is for `pages` to find. Values
that were changed are set right where that can be, and what pointed at a lost row points at the nearest one before it. A
turn of which a part is gone says so. Memories along turns are left behind: they are a cache.
"""

import contextlib
import difflib
import os
import sqlite3
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from rnntui.records import ROLES, STATUSES
from rnntui.settings import JOIN_RULES
from rnntui.store.conversations.sqlite_pages import LOST, Column, DamagedText, Lost, Pages, Row, Table, Value
from rnntui.store.files import durable

_LEFT_BEHIND = ("snapshots", "unindexed")
_PACKED = {"token_ids": 4, "logprobs": 8}
_WORDS = {"role": ROLES, "status": STATUSES, "join_rule": JOIN_RULES}
_EMPTY: dict[str, Value] = {"TEXT": "", "INTEGER": 0, "BLOB": b""}
_TITLE = "recovered conversation"
DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Salvaged:
    """How much was brought over."""

    sessions: int = 0
    turns: int = 0
    turns_before: int = 0
    """How many turns there were, as far as what is left of the file tells."""
    turns_with_gaps: int = 0
    """Of those that were brought over, how many are not as they were."""


def salvage(damaged: Path, connection: sqlite3.Connection) -> Salvaged:
    """Copy every readable row of a damaged file into a new, empty one; what cannot be read stays behind.

    Args:
        damaged: Only read.
        connection: The new file, with all its tables.

    Raises:
        sqlite3.Error: If the new file cannot be written.
        StorageError: If the damaged one is missing or no ordinary file.
    """
    tables = _tables(connection)
    with durable.open_file(damaged) as file:
        pages = Pages(file, os.fstat(file.fileno()).st_size, tables, _is_sound)
        connection.execute("BEGIN IMMEDIATE")
        with connection:
            connection.execute("PRAGMA defer_foreign_keys = ON")
            incoming = _Incoming(connection, tables)
            for row in pages.rows():
                incoming.take(row)
            incoming.take_the_rest()
            before = _turns_before(connection, pages)
            _mend(connection)
            return Salvaged(
                connection.execute("SELECT count(*) FROM sessions").fetchone()[0],
                connection.execute("SELECT count(*) FROM turns").fetchone()[0],
                before,
                connection.execute("SELECT count(*) FROM turns WHERE status = ?", (DAMAGED,)).fetchone()[0],
            )


def read_only(path: Path) -> str:
    """The address under which SQLite opens a file without ever writing to it."""
    return f"file:{quote(str(path))}?mode=ro"


def nearest(word: object, words: tuple[str, ...], otherwise: str) -> str:
    """The known word that a damaged one was, else another."""
    text = word if isinstance(word, str) else ""
    return text if text in words else next(iter(difflib.get_close_matches(text, words, 1)), otherwise)


# ---- what rows look like ----------------------------------------------------------------------------------------


def _tables(connection: sqlite3.Connection) -> list[Table]:
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    ours = [name for name in names if name not in _LEFT_BEHIND and not name.startswith(("sqlite", "turn_words"))]
    return [_table(connection, name) for name in ours]


def _table(connection: sqlite3.Connection, name: str) -> Table:
    columns, least = [], 0
    for number, column, kind, is_needed, default, key in connection.execute(f"PRAGMA table_info({name})"):
        is_row_number = kind == "INTEGER" and key == 1
        columns.append(Column(column, kind, not is_needed and not is_row_number, is_row_number))
        if is_needed and default is None:
            least = number + 1
    return Table(name, tuple(columns), least or len(columns))


def _is_sound(table: str, values: dict[str, Value | Lost]) -> bool:
    known = all(values[name] in words or values[name] is LOST for name, words in _WORDS.items() if name in values)
    packed = {name: values[name] for name in _PACKED if name in values}
    return known and all(not isinstance(blob, bytes) or len(blob) % _PACKED[name] == 0 for name, blob in packed.items())


# ---- rows -------------------------------------------------------------------------------------------------------


class _Incoming:
    """Rows on their way into the new file."""

    def __init__(self, connection: sqlite3.Connection, tables: list[Table]) -> None:
        self._connection = connection
        self._columns = {table.name: table.columns for table in tables}
        self._without_number: list[dict[str, Value]] = []

    def take(self, row: Row) -> None:
        values = self._complete(row)
        if values is None or self._is_inserted(row.table, values) or row.table != "turns":
            return
        if row.is_reached and not self._is_known(values):
            self._without_number.append(values)

    def take_the_rest(self) -> None:
        """Turns whose number belongs to another one get new numbers."""
        for values in self._without_number:
            self._is_inserted("turns", {**values, "turn_id": None})

    def _is_inserted(self, table: str, values: dict[str, Value]) -> bool:
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        try:
            query = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608  names are ours
            self._connection.execute(query, list(values.values()))
        except (sqlite3.IntegrityError, OverflowError):  # there already
            return False
        return True

    def _is_known(self, values: dict[str, Value]) -> bool:
        """True when the turn of this number is the same one at another moment."""
        query = "SELECT session_id, role, text FROM turns WHERE turn_id = ?"
        session_id, role, text = self._connection.execute(query, (values["turn_id"],)).fetchone()
        mine = str(values["text"])
        is_same = text.startswith(mine) or mine.startswith(text)
        return (session_id, role, is_same) == (values["session_id"], values["role"], True)

    def _complete(self, row: Row) -> dict[str, Value] | None:
        """A row as it is inserted; None when too little of it is left."""
        found, complete = row.values, dict[str, Value]()
        if found.get("text", "") is LOST or found.get("title", "") is LOST:
            return None
        for column in self._columns[row.table]:
            value = found.get(column.name)
            if column.name in _PACKED:
                value = _pack_columns(value, _PACKED[column.name])
            if isinstance(value, Lost):
                if column.kind == "BLOB" and not column.may_be_null:
                    return None
                value = None if column.may_be_null else _EMPTY[column.kind]
            if value is None and column.name not in found:
                continue  # the row is older than the column
            if column.name in _WORDS:
                value = nearest(value, _WORDS[column.name], _WORDS[column.name][0])
            complete[column.name] = value
        return _set_right(complete, found) if row.table == "turns" else complete


def _pack_columns(value: Value | Lost, size: int) -> bytes:
    return value[: len(value) // size * size] if isinstance(value, bytes) else b""


def _set_right(turn: dict[str, Value], found: dict[str, Value | Lost]) -> dict[str, Value]:
    """A turn whose parent is older than it, whose scores fit its tokens, and which says so when it has gaps."""
    number, parent = turn["turn_id"], turn["parent_id"]
    is_later = isinstance(parent, int) and isinstance(number, int) and parent >= number
    if is_later or found["parent_id"] is LOST:
        turn["parent_id"] = 0  # `_mend` finds a better one
    tokens, scores = turn["token_ids"], turn["logprobs"]
    if isinstance(scores, bytes) and isinstance(tokens, bytes) and len(scores) not in (0, 2 * len(tokens)):
        turn["logprobs"] = scores[: 2 * len(tokens)] if len(scores) > 2 * len(tokens) else b""
    has_gaps = any(found[name] is LOST for name in ("token_ids", "logprobs", "status"))
    if has_gaps or isinstance(turn["text"], DamagedText):
        turn["status"] = DAMAGED
    return turn


# ---- what belongs together --------------------------------------------------------------------------------------


def _turns_before(connection: sqlite3.Connection, pages: Pages) -> int:
    """How many turns there were: those that are here, and those that two places in the file speak of."""
    here = {row[0] for row in connection.execute("SELECT turn_id FROM turns")}
    named = Counter(entry[2] for entry in pages.index_entries(3) if isinstance(entry[0], str))
    for query in ("SELECT DISTINCT parent_id FROM turns", "SELECT DISTINCT head_turn_id FROM sessions"):
        named.update(row[0] for row in connection.execute(query))
    return len(here | {number for number, times in named.items() if times > 1 and isinstance(number, int) and number})


def _mend(connection: sqlite3.Connection) -> None:
    _join_changed_ids(connection)
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
        "UPDATE turns SET model_id = (SELECT model_id FROM sessions WHERE sessions.session_id = turns.session_id)"
        " WHERE model_id = ''"
    )
    connection.execute(
        "UPDATE sessions SET head_turn_id = (SELECT max(turn_id) FROM turns"
        " WHERE turns.session_id = sessions.session_id), head_kept = NULL, head_characters = NULL"
        " WHERE use_number = 0 OR (head_turn_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM turns"
        " WHERE turns.turn_id = sessions.head_turn_id AND turns.session_id = sessions.session_id))"
    )
    for table, number, *_ in connection.execute("PRAGMA foreign_key_check").fetchall():
        connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (number,))  # noqa: S608  what belongs to nothing


def _join_changed_ids(connection: sqlite3.Connection) -> None:
    """Turns whose conversation is not here, but one whose id differs in one character, belong to that."""
    ids = [row[0] for row in connection.execute("SELECT session_id FROM sessions")]
    used = connection.execute("SELECT DISTINCT session_id FROM turns").fetchall()
    for changed in {row[0] for row in used} - set(ids):
        near = [one for one in ids if len(one) == len(changed) and sum(map(str.__ne__, one, changed)) == 1]
        if len(near) == 1:
            connection.execute("UPDATE turns SET session_id = ? WHERE session_id = ?", (near[0], changed))
            with contextlib.suppress(sqlite3.IntegrityError):
                connection.execute("UPDATE roots SET session_id = ? WHERE session_id = ?", (near[0], changed))
