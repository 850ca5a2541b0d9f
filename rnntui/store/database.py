"""One SQLite file behind one connection and one lock: opened with care, migrated with a copy, never overwritten.

Knows tables and transactions; what a conversation is stands in `sessions.py`. A new migration is a function at the end
of MIGRATIONS. Rollback journal and EXTRA synchronisation: 20 ms a turn, and it works on network disks.
"""

import contextlib
import datetime
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from rnntui.errors import StorageError
from rnntui.store import durable, locks
from rnntui.text import visible_line

APPLICATION_ID = 0x524E4E54  # "RNNT": tells our files from those of other programs
OLDEST_SQLITE = (3, 37, 0)  # the first with STRICT tables

_BUSY_SECONDS = 5.0
_OPEN_SECONDS = 10.0
_SIDE_FILES = ("-journal", "-wal", "-shm")
_SMALLEST_PAGE = 512
_LARGEST_CHECKED = 64 << 20
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_NOT_WRITABLE = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}

INDEX_OF_WORDS = (
    "CREATE VIRTUAL TABLE turn_words USING fts5"
    " (text, columnsize = 0, prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 2')"
)
"""The full-text index. It can be dropped and filled again at any time: it holds nothing that the turns do not."""

Migration = Callable[[sqlite3.Connection], None]


def _first_tables(connection: sqlite3.Connection) -> None:
    """Conversations: turns form a tree, a session points at one of them, a snapshot belongs to a turn."""
    connection.execute(
        """
        CREATE TABLE sessions (
            session_id TEXT PRIMARY KEY,
            title TEXT NOT NULL,
            model_id TEXT NOT NULL,
            sampler TEXT NOT NULL,                       -- JSON, all fields of SamplerSettings
            join_rule TEXT NOT NULL,
            head_turn_id INTEGER,
            created_at TEXT NOT NULL,
            updated_at TEXT NOT NULL,
            use_number INTEGER NOT NULL,                 -- orders sessions by last use, whatever the clock does
            FOREIGN KEY (session_id, head_turn_id) REFERENCES turns (session_id, turn_id) DEFERRABLE INITIALLY DEFERRED
        ) STRICT
        """
    )
    connection.execute(
        """
        CREATE TABLE turns (
            turn_id INTEGER PRIMARY KEY AUTOINCREMENT,
            session_id TEXT NOT NULL REFERENCES sessions (session_id) DEFERRABLE INITIALLY DEFERRED,
            parent_id INTEGER CHECK (parent_id < turn_id), -- older than the turn, so there are no circles
            role TEXT NOT NULL,
            text TEXT NOT NULL,
            token_ids BLOB NOT NULL,                     -- uint32, little-endian
            logprobs BLOB NOT NULL,                      -- float64, little-endian
            status TEXT NOT NULL,
            start_position INTEGER NOT NULL,
            model_id TEXT NOT NULL,
            sampler TEXT,
            created_at TEXT NOT NULL,
            UNIQUE (session_id, turn_id),
            FOREIGN KEY (session_id, parent_id) REFERENCES turns (session_id, turn_id) DEFERRABLE INITIALLY DEFERRED
        ) STRICT
        """
    )
    connection.execute("CREATE INDEX turns_by_parent ON turns (session_id, parent_id)")
    connection.execute(
        """
        CREATE TABLE snapshots (
            turn_id INTEGER PRIMARY KEY REFERENCES turns (turn_id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            model_id TEXT NOT NULL,
            blob BLOB NOT NULL
        ) STRICT
        """
    )


def _many_conversations(connection: sqlite3.Connection) -> None:
    """Conversations can be pinned, deleted with a way back, and searched.

    The index is brought up to date before a search, never while a turn is saved: `unindexed` lists what has changed.
    """
    connection.execute("ALTER TABLE sessions ADD COLUMN is_pinned INTEGER NOT NULL DEFAULT 0")
    connection.execute("ALTER TABLE sessions ADD COLUMN deleted_at TEXT")  # NULL while it is there
    connection.execute(INDEX_OF_WORDS)
    connection.execute("CREATE TABLE unindexed (turn_id INTEGER PRIMARY KEY) STRICT")
    for name, change, row in (
        ("turn_added", "INSERT ON turns WHEN new.status <> 'partial'", "new"),
        ("turn_changed", "UPDATE OF text, status ON turns WHEN new.status <> 'partial'", "new"),
        ("turn_removed", "DELETE ON turns", "old"),
    ):
        connection.execute(
            f"CREATE TRIGGER {name} AFTER {change}"  # noqa: S608  these words are ours
            f" BEGIN INSERT OR IGNORE INTO unindexed VALUES ({row}.turn_id); END"
        )
    connection.execute("INSERT INTO unindexed SELECT turn_id FROM turns WHERE status <> 'partial'")


MIGRATIONS: tuple[Migration, ...] = (_first_tables, _many_conversations)


class Database:
    """The open file.

    Args:
        path: The file; its folder and itself are made when missing. A file that is no database of ours is set aside
            under a dated name, and `notice` says so.
        migrations: What builds the tables, oldest first; the file remembers how many it has seen.
        clock: Seconds since 1970, for dates in names.

    Raises:
        StorageError: If the file cannot be used, or was made by a newer version.
    """

    notice: str
    """What the person should know about the opening; empty when there is nothing."""

    def __init__(
        self, path: Path, migrations: Sequence[Migration] = MIGRATIONS, clock: Callable[[], float] = time.time
    ) -> None:
        _refuse_old_sqlite()
        self.notice = ""
        self._path = path
        self._migrations = migrations
        self._clock = clock
        self._lock = threading.Lock()
        durable.make_folder(path.parent)
        with locks.lock(path.with_name(path.name + ".lock"), _OPEN_SECONDS):
            self._connection = self._opened()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All that is done inside happens together or not at all; other threads wait.

        Raises:
            StorageError: If the database refuses; nothing has then changed.
        """
        with self._lock, _explained(self._path), _transaction(self._connection):
            yield self._connection

    def rows(self, query: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[sqlite3.Row]:
        """The answer to a question, as a list.

        Args:
            query: SQL.
            values: What stands for its question marks, or for its names.

        Raises:
            StorageError: If the database refuses.
        """
        with self._lock, _explained(self._path):
            return self._connection.execute(query, values).fetchall()

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        with self._lock:
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    # ---- opening ----

    def _opened(self) -> sqlite3.Connection:
        if durable.kind_of(self._path) == "":
            durable.write_file(self._path, b"", durable.PRIVATE_FILE)
        head = durable.read_part(self._path, 0, _SMALLEST_PAGE)  # refuses a pipe, where SQLite would wait for ever
        try:
            if 0 < len(head) < _SMALLEST_PAGE:  # SQLite takes that for an empty file and would write over it
                raise _damaged("a part of a page")
            return self._prepared()
        except sqlite3.Error as problem:
            if _code(problem) not in _DAMAGED:
                raise explain(problem, self._path) from problem
        self._set_aside()
        with _explained(self._path):
            return self._prepared()

    def _prepared(self) -> sqlite3.Connection:
        connection = _connected(self._path)
        try:
            connection.execute("PRAGMA journal_mode = DELETE")
            self._check(connection)
            self._migrate(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _check(self, connection: sqlite3.Connection) -> None:
        tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        owner = connection.execute("PRAGMA application_id").fetchone()[0]
        if tables and owner != APPLICATION_ID:
            raise _damaged("a database of another program")
        if self._path.stat().st_size > _LARGEST_CHECKED:  # reading all of it would delay the start
            return
        if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise _damaged("pages that do not fit together")

    def _migrate(self, connection: sqlite3.Connection) -> None:
        seen = connection.execute("PRAGMA user_version").fetchone()[0]
        newest = len(self._migrations)
        if seen > newest:
            raise StorageError(
                f'The conversations in "{visible_line(str(self._path), 160)}" were written by a newer rnntui.',
                "Use that version, or name another folder with --data-dir.",
            )
        if 0 < seen < newest:
            self._copy(connection, seen)
        for number in range(seen, newest):
            with _transaction(connection):
                self._migrations[number](connection)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {number + 1}")

    def _copy(self, connection: sqlite3.Connection, version: int) -> None:
        target = self._free_name(f"before-version-{version + 1}")
        durable.write_file(target, b"", durable.PRIVATE_FILE)
        try:
            with contextlib.closing(sqlite3.connect(target)) as copy:
                connection.backup(copy)
        except BaseException:
            durable.remove_file(target)
            raise
        self.notice = f'Before the conversations were brought up to date, a copy was kept as "{target.name}".'

    def _set_aside(self) -> None:
        target = self._free_name("damaged")
        for side in _SIDE_FILES:  # an old journal must not be played into the new file
            side_file = self._path.with_name(self._path.name + side)
            if durable.kind_of(side_file):
                durable.set_aside(side_file, target.name + side)
        durable.set_aside(self._path, target.name)
        durable.write_file(self._path, b"", durable.PRIVATE_FILE)
        self.notice = (
            f'The file of conversations could not be read. It was kept as "{target.name}", and a new one was started.'
        )

    def _free_name(self, reason: str) -> Path:
        moment = datetime.datetime.fromtimestamp(self._clock(), datetime.UTC).strftime("%Y%m%d-%H%M%S")
        plain = self._path.with_name(f"{self._path.name}.{reason}-{moment}")
        number, free = 1, plain
        while durable.kind_of(free):
            number += 1
            free = plain.with_name(f"{plain.name}-{number}")
        return free


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    for setting in ("synchronous = EXTRA", "foreign_keys = ON", "trusted_schema = OFF", "cell_size_check = ON"):
        connection.execute(f"PRAGMA {setting}")
    return connection


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk has already rolled back
            connection.execute("ROLLBACK")
        raise


def _refuse_old_sqlite() -> None:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise StorageError(
            f"This Python brings SQLite {sqlite3.sqlite_version}; rnntui needs 3.37 or newer.", "Use a newer Python."
        )


# ---- what is said when the database refuses ---------------------------------------------------------------------


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as problem:
        raise explain(problem, path) from problem


def explain(problem: sqlite3.Error, path: Path) -> StorageError:
    """The sentence for an error of SQLite on the file `path`."""
    name, folder = f'"{visible_line(path.name, 80)}"', f'"{visible_line(str(path.parent), 160)}"'
    code = _code(problem)
    if code == sqlite3.SQLITE_FULL:
        return StorageError(
            f"There is no space left to keep the conversation in {name}.",
            f"Free some space in {folder} and try again; what was saved before is untouched.",
        )
    if code in _BUSY:
        return StorageError(f"Another rnntui is writing to {name}.", "Try again in a moment.")
    if code in _NOT_WRITABLE:
        return StorageError(
            f"The conversations in {name} cannot be changed: there is no permission to write in {folder}.",
            "Give yourself access to that folder, or name another one with --data-dir.",
        )
    if code in _DAMAGED:
        return StorageError(
            f"The file of conversations {name} is damaged.", "Start rnntui again: it sets the file aside and goes on."
        )
    return StorageError(
        f"The file of conversations {name} refused the work ({visible_line(str(problem), 120)}).",
        f"Check the disk that holds {folder}; what was saved before is untouched.",
    )


def _code(problem: sqlite3.Error) -> int:
    """The plain error code: the lower byte says the kind, the upper ones only the detail."""
    return getattr(problem, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


def _damaged(what: str) -> sqlite3.DatabaseError:
    problem = sqlite3.DatabaseError(what)
    problem.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return problem
