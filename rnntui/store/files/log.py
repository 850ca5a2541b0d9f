"""The log of problems: one private file that keeps its size, and nothing of what anybody wrote.

A record says when, where in the program, and what kind of problem; never the words of an exception, which may quote a
prompt, a title or a line of a file. One earlier file is kept beside it.

    2026-12-25T18:30:00+00:00 ERROR rnntui.cli.main: a bug
      ValueError
        rnntui/cli/main.py:33 run
"""

import contextlib
import datetime
import errno
import logging
import os
import re
import stat
import traceback
from pathlib import Path

from rnntui.store.files import durable
from rnntui.store.files.durable import PRIVATE_FILE

LARGEST_LOG = 1_000_000
_MOST_FRAMES = 30
_FLAGS = (
    os.O_WRONLY
    | os.O_APPEND
    | os.O_CREAT
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
)
_FRAME = r'File "(.+?)", line (\d+), in (\S+)'
_KEPT = (
    r"\d{4}-\d\d-\d\dT[\d:+]+ (DEBUG|INFO|WARNING|ERROR|CRITICAL) [\w.]{1,80}: [ -~]{0,120}"
    r"|  [\w.]{1,80}( \([\w ]{1,40}\))?"
    r"|    [\w./-]{1,120}:\d{1,6} [\w<>.]{1,80}"
)
"""What a line of the log looks like; older files may hold others."""


class PrivateLog(logging.Handler):
    """Appends to the log; never fails, and is never waited for.

    Args:
        path: The file; it and its folder are made with the first record.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; a log that cannot be written is no reason to stop."""
        with contextlib.suppress(Exception):
            self._append("\n".join(lines_of(record)) + "\n")

    def _append(self, text: str) -> None:
        durable.make_folder(self.path.parent)
        data = text.encode("utf-8", "backslashreplace")
        with contextlib.suppress(FileNotFoundError):
            if self.path.lstat().st_size + len(data) > LARGEST_LOG:
                self.path.replace(self.path.with_name(f"{self.path.name}.1"))
        descriptor = os.open(self.path, _FLAGS, PRIVATE_FILE)
        try:
            mode = os.fstat(descriptor).st_mode
            if not stat.S_ISREG(mode):
                return
            if os.name == "posix" and mode & 0o077:
                os.fchmod(descriptor, PRIVATE_FILE)
            os.write(descriptor, data)
        finally:
            os.close(descriptor)


def lines_of(record: logging.LogRecord) -> list[str]:
    """A record as lines without anybody's words: of other libraries only who spoke and how badly."""
    moment = datetime.datetime.fromtimestamp(record.created, datetime.UTC).isoformat(timespec="seconds")
    message = "(a message of a library)"
    if record.name.partition(".")[0] == "rnntui":
        message = str(record.msg)
        if record.args:
            given = record.args if isinstance(record.args, tuple) else (record.args,)
            message = message % tuple(_bare(value) for value in given)
    lines = [f"{moment} {record.levelname} {record.name}: {' '.join(message.split())}"]
    if record.exc_info and record.exc_info[1]:
        lines += _problem_lines(record.exc_info[1])
    if record.stack_info:
        lines += [f"    {_place(*found)}" for found in re.findall(_FRAME, record.stack_info)[-_MOST_FRAMES:]]
    return lines


def scrub(text: str) -> list[str]:
    """The lines of a log that this program wrote as `lines_of` does; anything else may hold somebody's words."""
    return [line for line in text.splitlines() if re.fullmatch(_KEPT, line)]


def last_lines(path: Path, count: int) -> list[str]:
    """The end of a log, scrubbed; empty when there is none.

    Raises:
        StorageError: If it cannot be read.
    """
    return scrub(durable.read_part(path, -64_000, 64_000).decode("utf-8", "replace"))[-count:]


def _problem_lines(problem: BaseException) -> list[str]:
    lines: list[str] = []
    seen: set[int] = set()
    one: BaseException | None = problem
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        lines.append(f"  {_bare(one)}")
        frames = [(frame.f_code, number) for frame, number in traceback.walk_tb(one.__traceback__)]
        lines += [f"    {_place(code.co_filename, number, code.co_name)}" for code, number in frames[-_MOST_FRAMES:]]
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return lines


def _bare(value: object) -> object:
    """A value of a message as it may be kept: numbers and kinds, no words."""
    if isinstance(value, OSError):
        return f"{type(value).__name__} ({errno.errorcode.get(value.errno or 0, 'no number')})"
    if isinstance(value, BaseException):
        name = getattr(value, "sqlite_errorname", "")
        return f"{type(value).__name__} ({name})" if name else type(value).__name__
    if isinstance(value, type):
        return value.__name__
    return value if isinstance(value, int | float) else "(left out)"


def _place(file: str, line: object, function: str) -> str:
    """Where in the program, without the folder it is installed in."""
    parts = Path(file).parts
    for root in ("site-packages", "rnntui"):
        if root in parts:
            at = len(parts) - 1 - parts[::-1].index(root)
            return f"{'/'.join(parts[at + (root != 'rnntui') :])}:{line} {function}"
    return f"{Path(file).name}:{line} {function}"
