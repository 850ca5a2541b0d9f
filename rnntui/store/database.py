"""One SQLite file behind one connection and one lock: opened with care, migrated with a copy, never overwritten.

Knows tables and transactions; what a conversation is stands in `sessions.py`. A new migration is a function at the end
of MIGRATIONS. Rollback journal and EXTRA synchronisation: 20 ms a turn, and it works on network disks. Where the file
cannot be written, a copy of it in main memory takes its place, and `refusal` says why.
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
from rnntui.store.salvage import read_only, salvage
from rnntui.text import visible_line

APPLICATION_ID = 0x524E4E54  # "RNNT": tells our files from those of other programs
OLDEST_SQLITE = (3, 37, 0)  # the first with STRICT tables

_BUSY_SECONDS = 5.0
_IMPATIENT_SECONDS = 1.0
_OPEN_SECONDS = 10.0
_SIDE_FILES = ("-journal", "-wal", "-shm")
_SMALLEST_PAGE = 512
_LARGEST_CHECKED = 64 << 20
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_NOT_WRITABLE = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DISK_SAYS_NO = _NOT_WRITABLE | {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
_LARGEST_COPY = 512 << 20

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


def _rewinding(connection: sqlite3.Connection) -> None:
    """A head may stand inside a turn and knows where it stood before; memories inside turns and under names."""
    connection.execute("ALTER TABLE sessions ADD COLUMN head_kept INTEGER")
    connection.execute("ALTER TABLE sessions ADD COLUMN head_characters INTEGER")
    connection.execute("ALTER TABLE sessions ADD COLUMN history BLOB")  # int64 triples, see sessions.py
    connection.execute("ALTER TABLE sessions ADD COLUMN history_at INTEGER")
    connection.execute("ALTER TABLE turns ADD COLUMN draws TEXT")  # JSON; NULL when `sampler` says it all
    connection.execute("ALTER TABLE turns ADD COLUMN words INTEGER")
    connection.execute("ALTER TABLE snapshots RENAME TO snapshots_after_turns")
    connection.execute(
        """
        CREATE TABLE snapshots (
            turn_id INTEGER NOT NULL REFERENCES turns (turn_id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            model_id TEXT NOT NULL,
            blob BLOB NOT NULL,
            PRIMARY KEY (turn_id, position)
        ) STRICT
        """
    )
    connection.execute(
        "INSERT INTO snapshots (turn_id, position, model_id, blob)"
        " SELECT turn_id, position, model_id, blob FROM snapshots_after_turns"
    )
    connection.execute("DROP TABLE snapshots_after_turns")
    columns = """
            name TEXT NOT NULL COLLATE NOCASE,
            model_id TEXT NOT NULL,
            blob BLOB NOT NULL,
            recent_ids BLOB NOT NULL,                    -- uint32, little-endian
            words_read INTEGER NOT NULL,
            text_before TEXT NOT NULL,
            created_at TEXT NOT NULL
    """
    connection.execute(f"CREATE TABLE memories ({columns}, PRIMARY KEY (name)) STRICT")
    connection.execute(
        "CREATE TABLE roots (session_id TEXT PRIMARY KEY REFERENCES sessions (session_id) ON DELETE CASCADE,"
        f" {columns}) STRICT"
    )


def _drafts(connection: sqlite3.Connection) -> None:
    """What is typed and not sent; `session_id` is empty for the conversation without a turn."""
    connection.execute(
        """
        CREATE TABLE drafts (
            draft_id INTEGER PRIMARY KEY AUTOINCREMENT, -- the highest one was typed last
            session_id TEXT NOT NULL UNIQUE,
            text TEXT NOT NULL,
            model_id TEXT NOT NULL,
            use_number INTEGER NOT NULL                 -- the highest one of the conversations when it was typed
        ) STRICT
        """
    )
    connection.execute(
        "CREATE TRIGGER session_removed AFTER DELETE ON sessions"
        " BEGIN DELETE FROM drafts WHERE session_id = old.session_id; END"
    )


MIGRATIONS: tuple[Migration, ...] = (_first_tables, _many_conversations, _rewinding, _drafts)


class Database:
    """The open file.

    Args:
        path: The file; its folder and itself are made when missing. A file that is no database of ours is set aside
            under a dated name, what can be read of it is brought over, and `notice` says so.
        migrations: What builds the tables, oldest first; the file remembers how many it has seen.
        clock: Seconds since 1970, for dates in names.
        must_keep: False works on a copy in main memory where the file cannot be used, at the opening or later, and
            says so in `refusal`. The file is then left as it is.

    Raises:
        StorageError: If the file cannot be used, or was made by a newer version.
    """

    notice: str
    """What the person should know about the opening; empty when there is nothing."""
    refusal: StorageError | None
    """Why nothing is saved; None while everything is."""

    def __init__(
        self,
        path: Path,
        migrations: Sequence[Migration] = MIGRATIONS,
        clock: Callable[[], float] = time.time,
        *,
        must_keep: bool = True,
    ) -> None:
        self._set_up(path, migrations, clock, must_keep)
        try:
            self._connection = self._on_disk()
        except StorageError as problem:
            if must_keep:
                raise
            self._go_without_disk(problem)

    @classmethod
    def without_disk(cls, path: Path, refusal: StorageError, migrations: Sequence[Migration] = MIGRATIONS) -> Self:
        """A copy of the file in main memory; the file is only read, and not even needed.

        Args:
            path: The file.
            refusal: Why nothing is saved.
            migrations: As for a file.
        """
        database = cls.__new__(cls)
        database._set_up(path, migrations, time.time, must_keep=False)
        database._go_without_disk(refusal)
        return database

    def _set_up(self, path: Path, migrations: Sequence[Migration], clock: Callable[[], float], must_keep: bool) -> None:
        _refuse_old_sqlite()
        self.notice = ""
        self.refusal = None
        self._path = path
        self._migrations = migrations
        self._clock = clock
        self._must_keep = must_keep
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All that is done inside happens together or not at all; other threads wait.

        Raises:
            StorageError: If the database refuses; nothing has then changed. Where it need not be kept, the next
                transaction works on the copy in main memory.
        """
        with self._lock:
            try:
                with _transaction(self._connection):
                    yield self._connection
            except sqlite3.Error as problem:
                raise self._refused(problem) from problem

    def rows(self, query: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[sqlite3.Row]:
        """The answer to a question, as a list.

        Args:
            query: SQL.
            values: What stands for its question marks, or for its names.

        Raises:
            StorageError: If the database refuses.
        """
        with self._lock:
            try:
                return self._connection.execute(query, values).fetchall()
            except sqlite3.Error as problem:
                raise self._refused(problem) from problem

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        with self._lock:
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    # ---- opening ----

    def _on_disk(self) -> sqlite3.Connection:
        durable.make_folder(self._path.parent)
        with locks.lock(self._path.with_name(self._path.name + ".lock"), _OPEN_SECONDS):
            return self._opened()

    def _opened(self) -> sqlite3.Connection:
        if durable.kind_of(self._path) == "":
            durable.write_file(self._path, b"", durable.PRIVATE_FILE)
        self._refuse_odd_files()
        head = durable.read_part(self._path, 0, _SMALLEST_PAGE)
        try:
            if 0 < len(head) < _SMALLEST_PAGE:  # SQLite takes that for an empty file and would write over it
                raise _damaged("a part of a page")
            return self._prepared()
        except sqlite3.Error as problem:
            if _code(problem) not in _DAMAGED:
                raise explain(problem, self._path) from problem
        except UnicodeDecodeError:  # Python cannot say what SQLite found: damaged bytes stand in its sentence
            pass
        with _explained(self._path):
            self._start_over()
            return self._prepared()

    def _refuse_odd_files(self) -> None:
        for side in ("", *_SIDE_FILES):  # of a pipe SQLite would wait for a writer
            durable.refuse_unless_ordinary(self._path.with_name(self._path.name + side))

    def _prepared(self) -> sqlite3.Connection:
        connection = _connected(self._path, _BUSY_SECONDS if self._must_keep else _IMPATIENT_SECONDS)
        try:
            connection.execute("PRAGMA journal_mode = DELETE")
            self._check(connection)
            self._migrate(connection, self._copy)
            if not self._must_keep:
                _try_to_write(connection)
                connection.execute(f"PRAGMA busy_timeout = {int(_BUSY_SECONDS * 1000)}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _check(self, connection: sqlite3.Connection) -> None:
        tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        owner = connection.execute("PRAGMA application_id").fetchone()[0]
        if tables and owner != APPLICATION_ID:
            raise _damaged("a database of another program")
        is_suspect = durable.kind_of(self._suspect) == "file"
        if self._path.stat().st_size > _LARGEST_CHECKED and not is_suspect:  # reading all would delay the start
            return
        if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise _damaged("pages that do not fit together")
        if is_suspect:
            durable.remove_file(self._suspect)

    @property
    def _suspect(self) -> Path:
        """A file that stands beside a database in which damage was met, so that the next start reads all of it."""
        return self._path.with_name(self._path.name + ".suspect")

    def _migrate(self, connection: sqlite3.Connection, keep_copy: Callable[[sqlite3.Connection, int], None]) -> None:
        seen = connection.execute("PRAGMA user_version").fetchone()[0]
        newest = len(self._migrations)
        if seen > newest:
            raise StorageError(
                f'The conversations in "{visible_line(str(self._path), 160)}" were written by a newer rnntui.',
                "Use that version, or name another folder with --data-dir.",
            )
        if 0 < seen < newest:
            keep_copy(connection, seen)
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

    def _start_over(self) -> None:
        """Bring what can be read into a new file, which then takes the place of the damaged one, all or nothing."""
        fresh, aside = self._path.with_name(self._path.name + ".new"), self._free_name("damaged")
        for left_by_a_crash in (fresh, fresh.with_name(fresh.name + "-journal")):
            durable.remove_file(left_by_a_crash)
        durable.write_file(fresh, b"", durable.PRIVATE_FILE)
        with contextlib.closing(_connected(fresh, _BUSY_SECONDS)) as connection:
            self._migrate(connection, _no_copy)
            found = salvage(self._path, connection)
        for side in _SIDE_FILES:  # an old journal must not be played into the new file
            side_file = self._path.with_name(self._path.name + side)
            if durable.kind_of(side_file):
                durable.set_aside(side_file, aside.name + side)
        durable.replace_file(self._path, fresh, aside.name)
        durable.remove_file(self._suspect)
        self.notice = f'The file of conversations was damaged and is kept as "{aside.name}"; ' + (
            f"{found.sessions:,} conversations with {found.turns:,} turns were recovered from it."
            if found.sessions
            else "nothing in it could be read, and a new one was started."
        )

    def _free_name(self, reason: str) -> Path:
        moment = datetime.datetime.fromtimestamp(self._clock(), datetime.UTC).strftime("%Y%m%d-%H%M%S")
        plain = self._path.with_name(f"{self._path.name}.{reason}-{moment}")
        number, free = 1, plain
        while durable.kind_of(free):
            number += 1
            free = plain.with_name(f"{plain.name}-{number}")
        return free

    # ---- going on without the disk ----

    def _refused(self, problem: sqlite3.Error) -> StorageError:
        """The sentence for an error, after doing what can be done about it."""
        said = explain(problem, self._path)
        if _code(problem) in _DAMAGED and problem.sqlite_errorcode != sqlite3.SQLITE_CORRUPT_VTAB and not self.refusal:
            with contextlib.suppress(StorageError):
                durable.write_file(self._suspect, b"", durable.PRIVATE_FILE)
        if self._must_keep or self.refusal or _code(problem) not in _DISK_SAYS_NO:
            return said
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()
        self._go_without_disk(said)
        return StorageError(said.sentence, f"From here on nothing is saved. {said.next_step}")

    def _go_without_disk(self, refusal: StorageError) -> None:
        self.refusal = refusal
        self.notice = ""
        self._connection = self._copied() or self._fresh()

    def _copied(self) -> sqlite3.Connection | None:
        """The file's content in main memory; None when it cannot be read or is from a newer version."""
        copy = _connected(":memory:", _BUSY_SECONDS)
        try:
            if durable.kind_of(self._path) != "file" or not 0 < self._path.stat().st_size <= _LARGEST_COPY:
                return None
            self._refuse_odd_files()
            with contextlib.closing(
                sqlite3.connect(read_only(self._path), uri=True, timeout=_IMPATIENT_SECONDS, isolation_level=None)
            ) as source:
                source.execute("BEGIN")
                if source.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
                    return None
                source.backup(copy)
            self._migrate(copy, _no_copy)
        except (sqlite3.Error, OSError, StorageError):
            return None
        return copy

    def _fresh(self) -> sqlite3.Connection:
        empty = _connected(":memory:", _BUSY_SECONDS)
        self._migrate(empty, _no_copy)
        return empty


def _connected(path: Path | str, timeout_seconds: float) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=timeout_seconds, isolation_level=None, check_same_thread=False)
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


def _no_copy(connection: sqlite3.Connection, version: int) -> None:
    """What a migration keeps of a file that is not the person's own."""


def _try_to_write(connection: sqlite3.Connection) -> None:
    """Write what stands there already, all the way to the disk: a full or read-only one refuses now, not later."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    with _transaction(connection):
        connection.execute(f"PRAGMA user_version = {version}")


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
