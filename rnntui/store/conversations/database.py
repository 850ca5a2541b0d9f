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
from rnntui.store.conversations.database_errors import DAMAGED, DISK_SAYS_NO, code_of, damaged, storage_error, translate
from rnntui.store.conversations.migrations import MIGRATIONS, Migration
from rnntui.store.conversations.salvage import Salvaged, read_only, salvage
from rnntui.store.conversations.sqlite_pages import MAGIC, readable_text
from rnntui.store.files import durable, locks
from rnntui.text import plural, visible_line

APPLICATION_ID = 0x524E4E54  # "RNNT": tells our files from those of other programs
OLDEST_SQLITE = (3, 37, 0)  # the first with STRICT tables

_BUSY_SECONDS = 5.0
_IMPATIENT_SECONDS = 1.0
_OPEN_SECONDS = 10.0
_SIDE_FILES = ("-journal", "-wal", "-shm")
_SMALLEST_PAGE = 512
_LARGEST_CHECKED = 64 << 20
_ASIDE = "damaged"
_NOTE = ".txt"
_LONGEST_NOTE = 1_000
_SETTINGS = (
    "synchronous = EXTRA",
    "foreign_keys = ON",
    "trusted_schema = OFF",
    "cell_size_check = ON",
    "secure_delete = ON",  # what was emptied out is gone, also from a file whose pages are read one by one
)
_WITH_AN_INDEX = ("turns", "sessions")
_LARGEST_COPY = 512 << 20


class Database:
    """The open file.

    Args:
        path: The file; its folder and itself are made when missing. A file that is no database of ours is set aside
            under a dated name, what can be read of it is brought over, and `notice` says so.
        migrations: What builds the tables, oldest first; the file remembers how many it has seen.
        clock: Seconds since 1970, for dates in names.
        must_keep: False works on a copy in main memory where the file cannot be used, at the opening or later, and
            says so in `refusal`. The file is then left as it is.
        is_in_use: True when another program works with the file just now: a damaged one is then left to that program.

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
        is_in_use: Callable[[], bool] = lambda: False,
    ) -> None:
        self._set_up(path, migrations, clock, must_keep)
        self._is_in_use = is_in_use
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
                raise self._refusal_of(problem) from problem
            except UnicodeDecodeError as problem:  # damaged bytes stand in what SQLite says
                raise self._refusal_of(damaged("a name that is no text")) from problem

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
                raise self._refusal_of(problem) from problem
            except UnicodeDecodeError as problem:  # damaged bytes stand in what SQLite says
                raise self._refusal_of(damaged("a name that is no text")) from problem

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
            return self._open()

    def _open(self) -> sqlite3.Connection:
        if durable.kind_of(self._path) == "":
            durable.write_file(self._path, b"", durable.PRIVATE_FILE)
        self._refuse_odd_files()
        head = durable.read_part(self._path, 0, _SMALLEST_PAGE)
        try:
            if 0 < len(head) < _SMALLEST_PAGE:  # SQLite takes that for an empty file and would write over it
                raise damaged("a part of a page")
            return self._prepare()
        except sqlite3.Error as problem:
            if code_of(problem) not in DAMAGED:
                raise storage_error(problem, self._path) from problem
        except UnicodeDecodeError:  # Python cannot say what SQLite found: damaged bytes stand in its sentence
            pass
        self._refuse_newer(_version_in(head))
        if self._is_in_use():
            name = visible_line(self._path.name, 80)
            raise StorageError(
                f'The file of conversations "{name}" is damaged, and another rnntui has it open.',
                "Close the other one and start this one again: what can be read is then brought over.",
            )
        with translate(self._path):
            self._start_over()
            return self._prepare()

    def _refuse_odd_files(self) -> None:
        for side in ("", *_SIDE_FILES):  # of a pipe SQLite would wait for a writer
            durable.refuse_unless_ordinary(self._path.with_name(self._path.name + side))

    def _prepare(self) -> sqlite3.Connection:
        connection = _connect(self._path, _BUSY_SECONDS if self._must_keep else _IMPATIENT_SECONDS)
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
            raise damaged("a database of another program")
        is_suspect = durable.kind_of(self._suspect) == "file"
        if self._path.stat().st_size > _LARGEST_CHECKED and not is_suspect:  # reading all would delay the start
            return
        _check_whole(connection)
        if is_suspect:
            durable.remove_file(self._suspect)

    @property
    def _suspect(self) -> Path:
        """A file that stands beside a database in which damage was met, so that the next start reads all of it."""
        return self._path.with_name(self._path.name + ".suspect")

    def _migrate(self, connection: sqlite3.Connection, keep_copy: Callable[[sqlite3.Connection, int], None]) -> None:
        seen = connection.execute("PRAGMA user_version").fetchone()[0]
        newest = len(self._migrations)
        self._refuse_newer(seen)
        if 0 < seen < newest:
            keep_copy(connection, seen)
        for number in range(seen, newest):
            with _transaction(connection):
                self._migrations[number](connection)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {number + 1}")

    def _refuse_newer(self, version: int) -> None:
        if version > len(self._migrations):
            raise StorageError(
                f'The conversations in "{visible_line(str(self._path), 160)}" were written by a newer rnntui.',
                "Use that version, or name another folder with --data-dir.",
            )

    def _copy(self, connection: sqlite3.Connection, version: int) -> None:
        target = self._free_name(f"before-version-{version + 1}")
        with durable.NewFile(target, is_held=False) as fresh:
            with contextlib.closing(sqlite3.connect(fresh.temporary)) as copy:
                connection.backup(copy)
            fresh.complete()
        self.notice = f'Before the conversations were brought up to date, a copy was kept as "{target.name}".'

    def _start_over(self) -> None:
        """Bring what can be read into a new file, which then takes the place of the damaged one, all or nothing."""
        self._forget_attempts()
        aside = self._free_name(_ASIDE)
        with durable.NewFile(self._path, is_held=False) as fresh:
            with contextlib.closing(_connect(fresh.temporary, _BUSY_SECONDS)) as connection:
                self._migrate(connection, _no_copy)
                found = salvage(self._path, connection)
            self.notice = (
                f'The file of conversations was damaged and is kept as "{aside.name}"; {_found_in_words(found)}'
            )
            for side in _SIDE_FILES:  # an old journal must not be played into the new file
                side_file = self._path.with_name(self._path.name + side)
                if durable.kind_of(side_file):
                    durable.quarantine(side_file, aside.name + side)
            durable.write_file(aside.with_name(aside.name + _NOTE), f"{self.notice}\n".encode("utf-8", "replace"))
            fresh.complete(old_name=aside.name)
        durable.remove_file(self._suspect)

    def _forget_attempts(self) -> None:
        """Remove what was prepared for keeping this very file by starts that were cut off."""
        begin = f"{self._path.name}.{_ASIDE}-"
        for entry in [entry for entry in self._path.parent.iterdir() if entry.name.startswith(begin)]:
            note_place = entry.with_name(entry.name.removesuffix(_NOTE))
            if not durable.kind_of(note_place) or note_place.samefile(self._path):
                durable.remove_file(entry)

    def kept_aside(self) -> list[str]:
        """What was said of each damaged file that still stands beside this one, oldest first."""
        begin = f"{self._path.name}.{_ASIDE}-"
        try:
            names = sorted(entry.name for entry in self._path.parent.iterdir() if entry.name.startswith(begin))
        except OSError:
            return []
        return [self._describe(name) for name in names if not name.endswith((_NOTE, *_SIDE_FILES))]

    def _describe(self, name: str) -> str:
        with contextlib.suppress(StorageError):
            data = durable.read_part(self._path.with_name(name + _NOTE), 0, _LONGEST_NOTE)
            if data:
                return visible_line(data.decode("utf-8", "replace").strip(), _LONGEST_NOTE)
        return f'A damaged file of conversations is kept as "{visible_line(name, 80)}".'

    def _free_name(self, reason: str) -> Path:
        moment = datetime.datetime.fromtimestamp(self._clock(), datetime.UTC).strftime("%Y%m%d-%H%M%S")
        plain = self._path.with_name(f"{self._path.name}.{reason}-{moment}")
        number, free = 1, plain
        while durable.kind_of(free):
            number += 1
            free = plain.with_name(f"{plain.name}-{number}")
        return free

    # ---- going on without the disk ----

    def _refusal_of(self, problem: sqlite3.Error) -> StorageError:
        """The sentence for an error, after doing what can be done about it."""
        said = storage_error(problem, self._path)
        if code_of(problem) in DAMAGED and problem.sqlite_errorcode != sqlite3.SQLITE_CORRUPT_VTAB and not self.refusal:
            with contextlib.suppress(StorageError):
                durable.write_file(self._suspect, b"", durable.PRIVATE_FILE)
        if self._must_keep or self.refusal or code_of(problem) not in DISK_SAYS_NO:
            return said
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()
        self._go_without_disk(said)
        return StorageError(said.sentence, f"From here on nothing is saved. {said.next_step}")

    def _go_without_disk(self, refusal: StorageError) -> None:
        self.refusal = refusal
        self.notice = ""
        self._connection = self._copy_file() or self._fresh()

    def _copy_file(self) -> sqlite3.Connection | None:
        """The file's content in main memory; None when it cannot be read or is from a newer version."""
        copy = _connect(":memory:", _BUSY_SECONDS)
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
                self._refuse_newer(source.execute("PRAGMA user_version").fetchone()[0])
                source.backup(copy)
            _check_whole(copy)
            self._migrate(copy, _no_copy)
        except sqlite3.Error as problem:
            return self._salvage() if code_of(problem) in DAMAGED else None
        except UnicodeDecodeError:
            return self._salvage()
        except (OSError, StorageError):
            return None
        return copy

    def _salvage(self) -> sqlite3.Connection | None:
        """What can be read of a damaged file, in main memory; the file stays as it is."""
        copy = self._fresh()
        try:
            found = salvage(self._path, copy)
        except (sqlite3.Error, StorageError):
            return None
        self.notice = f"The file of conversations is damaged; {_found_in_words(found)}"
        return copy

    def _fresh(self) -> sqlite3.Connection:
        empty = _connect(":memory:", _BUSY_SECONDS)
        self._migrate(empty, _no_copy)
        return empty


def _connect(path: Path | str, timeout_seconds: float) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=timeout_seconds, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.text_factory = readable_text
    try:
        for setting in _SETTINGS:
            connection.execute(f"PRAGMA {setting}")
    except BaseException:  # of a damaged file, say
        connection.close()
        raise
    return connection


def _check_whole(connection: sqlite3.Connection) -> None:
    """Read all of a file and see that it fits together, each index its table, and each reference what it names."""
    if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise damaged("pages that do not fit together")
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    for table in names.intersection(_WITH_AN_INDEX):
        if connection.execute(f"PRAGMA integrity_check({table})").fetchone()[0] != "ok":
            raise damaged("an index that does not fit its table")
    if connection.execute("PRAGMA foreign_key_check").fetchone():
        raise damaged("references that lead nowhere")


def _version_in(head: bytes) -> int:
    """The version that the first page of a file of ours names; 0 where it is not ours or cannot be read."""
    is_ours = head[:16] == MAGIC and int.from_bytes(head[68:72], "big") == APPLICATION_ID
    return int.from_bytes(head[60:64], "big") if is_ours else 0


def _found_in_words(found: Salvaged) -> str:
    if not found.sessions:
        return "nothing in it could be read, and a new one was started."
    turns = plural(found.turns, "turn")
    if found.turns < found.turns_before:
        turns = f"{found.turns:,} of {found.turns_before:,} turns"
    elif found.turns > 1:
        turns = f"all {turns}"
    gaps = f", {found.turns_with_gaps:,} of them with gaps," if found.turns_with_gaps else ""
    were = "was" if found.sessions == 1 else "were"
    return f"{plural(found.sessions, 'conversation')} with {turns}{gaps} {were} recovered from it."


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
