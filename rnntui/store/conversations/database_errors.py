"""What is said when the database refuses. No sentence holds what SQLite says itself: that may quote a conversation."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from rnntui.errors import StorageError
from rnntui.text import visible_line

DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
NOT_WRITABLE = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH}
BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
DISK_SAYS_NO = NOT_WRITABLE | {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}


@contextlib.contextmanager
def translate(path: Path) -> Iterator[None]:
    """Errors of SQLite inside become sentences."""
    try:
        yield
    except sqlite3.Error as problem:
        raise storage_error(problem, path) from problem


def storage_error(problem: sqlite3.Error, path: Path) -> StorageError:
    """The sentence for an error of SQLite on the file `path`."""
    name, folder = f'"{visible_line(path.name, 80)}"', f'"{visible_line(str(path.parent), 160)}"'
    code = code_of(problem)
    if code == sqlite3.SQLITE_FULL:
        return StorageError(
            f"There is no space left to keep the conversation in {name}.",
            f"Free some space in {folder} and try again; what was saved before is untouched.",
        )
    if code in BUSY:
        return StorageError(f"Another rnntui is writing to {name}.", "Try again in a moment.")
    if code in NOT_WRITABLE:
        return StorageError(
            f"The conversations in {name} cannot be changed: there is no permission to write in {folder}.",
            "Give yourself access to that folder, or name another one with --data-dir.",
        )
    if code in DAMAGED:
        return StorageError(
            f"The file of conversations {name} is damaged.", "Start rnntui again: it sets the file aside and goes on."
        )
    kind = getattr(problem, "sqlite_errorname", type(problem).__name__)
    return StorageError(
        f"The file of conversations {name} refused the work ({kind}).",
        f"Check the disk that holds {folder}; what was saved before is untouched.",
    )


def code_of(problem: sqlite3.Error) -> int:
    """The plain error code: the lower byte says the kind, the upper ones only the detail."""
    return getattr(problem, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


def damaged(what: str) -> sqlite3.DatabaseError:
    """The error that SQLite itself raises for a damaged file."""
    problem = sqlite3.DatabaseError(what)
    problem.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return problem
