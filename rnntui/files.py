"""Opening what the program reads: an ordinary file, never waited for, never more of it than was asked for.

A pipe would be waited for and a device read without end, so both are refused before a byte is taken. Knows no format.
"""

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from rnntui.errors import InputError
from rnntui.text import visible_line

_OPEN = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
_PIECE = 8 << 20


class NotOrdinaryError(OSError):
    """A pipe, a socket or a device where a file belongs."""


def open_ordinary(path: Path, *, follows_links: bool = True) -> int:
    """A descriptor to read an ordinary file from; whoever asked closes it.

    Raises:
        NotOrdinaryError: If it is a pipe, a socket or a device.
        IsADirectoryError: If it is a folder.
        OSError: If it is missing or may not be read.
        ValueError: If nothing can have that name.
    """
    descriptor = os.open(path, _OPEN | (0 if follows_links else getattr(os, "O_NOFOLLOW", 0)))
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return descriptor
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    raise NotOrdinaryError(errno.EINVAL, "it is a pipe or a device, not an ordinary file", str(path))


@contextlib.contextmanager
def open_to_read(path: Path, *, follows_links: bool = True) -> Iterator[int]:
    """`open_ordinary`, closed in the end."""
    descriptor = open_ordinary(path, follows_links=follows_links)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def read_up_to(descriptor: int, limit_bytes: int) -> bytes:
    """What follows in the file, at most so many bytes."""
    with os.fdopen(descriptor, "rb", buffering=0, closefd=False) as raw:
        pieces, missing = [], limit_bytes
        while missing > 0 and (piece := raw.read(min(missing, _PIECE))):
            pieces.append(piece)
            missing -= len(piece)
        return b"".join(pieces)


def read_named(path: Path, what: str, limit_bytes: int, next_step: str) -> bytes:
    """All of a small file that the person has named.

    Args:
        path: The file; a link is followed.
        what: What it should be, as a sentence begins: "The script".
        limit_bytes: How large it may be.
        next_step: What to do when it cannot be read.

    Raises:
        FileNotFoundError: If it is missing, which is not always a mistake.
        InputError: If it is no ordinary file, too large, or may not be read.
    """
    named = f'{what} "{visible_line(str(path), 160)}"'
    try:
        with open_to_read(path) as descriptor:
            data = read_up_to(descriptor, limit_bytes + 1)
    except FileNotFoundError:
        raise
    except OSError as problem:
        raise InputError(f"{named} cannot be read: {problem.strerror}.", next_step) from problem
    except ValueError as problem:
        raise InputError(f"{named} cannot be read: no file has such a name.", next_step) from problem
    if len(data) > limit_bytes:
        raise InputError(f"{named} is larger than {limit_bytes // 1024:,} kB.", next_step)
    return data


def state_of(path: Path) -> str:
    """Why nothing is to be seen under that name, in some words; empty when something is there. Never fails."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return "not there yet"
    except OSError as problem:
        return f"cannot be used: {problem.strerror}"
    except ValueError:
        return "cannot be used: no file has such a name"
    return ""


def is_there(path: Path) -> bool:
    """True when anything can be seen under that name; a name that is too long or forbidden is nothing. Never fails."""
    return not state_of(path)


def shipped_folder(name: str) -> Path:
    """A folder of what comes with the program: inside an installed package, or beside the package in a source tree."""
    package = Path(__file__).parent
    installed = package / "assets" / name
    return installed if installed.is_dir() else package.parent / "assets" / name
