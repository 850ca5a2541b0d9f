"""What can be said of the data folder without a word of what is in it: sizes, counts, whether the file is whole.

Only looks: nothing is made, mended or brought up to date.
"""

import contextlib
import os
import sqlite3
import stat
from pathlib import Path

from rnntui.store.conversations.salvage import read_only
from rnntui.store.files.durable import kind_of

_MOST_ENTRIES = 20_000
_COUNTED = ("sessions", "turns", "snapshots", "memories")


def database_health(file: Path) -> dict[str, str | int]:
    """Size, version, counts and wholeness of the file of conversations; what cannot be told is left out."""
    kind = kind_of(file)
    if kind != "file":
        return {"conversations": kind or "none yet"}
    found: dict[str, str | int] = {"conversations": f"{file.stat().st_size:,} bytes"}
    sides = {side: kind_of(file.with_name(file.name + side)) for side in ("-journal", "-wal", "-shm")}
    found["files_beside_them"] = ", ".join(f"{side}: {kind}" for side, kind in sides.items() if kind) or "none"
    if set(sides.values()) - {"file", ""}:
        return found  # SQLite would wait for a pipe
    try:
        with contextlib.closing(sqlite3.connect(read_only(file), uri=True, timeout=2)) as connection:
            found["version"] = connection.execute("PRAGMA user_version").fetchone()[0]
            problems = connection.execute("PRAGMA quick_check(100)").fetchall()
            found["integrity"] = "ok" if problems == [("ok",)] else f"{len(problems)} problems"
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
            for table in (name for name in _COUNTED if name in tables):
                found[table] = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608  ours
    except sqlite3.Error as problem:
        found["integrity"] = getattr(problem, "sqlite_errorname", "") or type(problem).__name__
    return found


def folder_health(folder: Path) -> str:
    """How many entries a folder has, and how large its files are together; links are not followed."""
    if kind_of(folder) != "folder":
        return kind_of(folder) or "none yet"
    entries = files = size = 0
    for place, folders, names in os.walk(folder):
        entries += len(folders) + len(names) if Path(place) == folder else 0
        for name in names:
            with contextlib.suppress(OSError):
                facts = Path(place, name).lstat()
                files, size = files + 1, size + facts.st_size
        if files > _MOST_ENTRIES:
            return f"{entries:,} entries, more than {files:,} files"
    return f"{entries:,} entries, {files:,} files, {size:,} bytes"


def permissions_of(path: Path) -> str:
    """Who may do what, as "rw-------"; empty when nothing is there."""
    try:
        return stat.filemode(path.lstat().st_mode)[1:]
    except (OSError, ValueError):
        return ""
