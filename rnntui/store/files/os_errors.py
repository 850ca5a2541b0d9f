"""What is said when the disk refuses: an error of the system becomes a sentence and a next step."""

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from rnntui.errors import StorageError
from rnntui.files import NotOrdinaryError, is_there
from rnntui.text import quote

_NO_SPACE = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_FORBIDDEN = {errno.EACCES, errno.EPERM}


@contextlib.contextmanager
def translate(verb: str, path: Path) -> Iterator[None]:
    """Errors of the system inside become sentences: `verb` is what is being done to `path`."""
    try:
        yield
    except OSError as problem:
        raise storage_error(problem, verb, path) from problem
    except ValueError as problem:  # a zero byte, or a character that file names cannot have
        raise StorageError(f"{name_of(path)} cannot be the name of a file.", "Choose another name.") from problem


def storage_error(problem: OSError, verb: str, path: Path) -> StorageError:
    """The sentence for an error of the system.

    Args:
        problem: What the system said.
        verb: What was being done: "write", "read", "make", "remove", "lock".
        path: What it was done to.
    """
    name, folder = name_of(path), folder_of(path)
    if problem.errno in _NO_SPACE:
        return StorageError(
            f"There is no space left to {verb} {name}.",
            f"Free some space in {folder} and try again; what was saved before is untouched.",
        )
    if problem.errno == errno.EROFS:
        return StorageError(
            f"The disk that holds {folder} can only be read, so {name} cannot be changed.",
            "Make it writable, or name another folder with --data-dir.",
        )
    if problem.errno in _FORBIDDEN:
        return StorageError(
            f"There is no permission to {verb} {name} in {folder}.",
            "Give yourself access to that folder, or name another one with --data-dir.",
        )
    if problem.errno in (errno.ENOTDIR, errno.EEXIST):
        return StorageError(
            f"{name} in {folder} cannot be used: a file stands where a folder is needed.",
            "Move that file away, or name another folder with --data-dir.",
        )
    if problem.errno == errno.EISDIR or isinstance(problem, NotOrdinaryError):
        return not_ordinary(path)
    if problem.errno == errno.ENOENT and not is_there(path.parent):
        return StorageError(f"The folder {folder} is not there, so {name} cannot be used.", "Make the folder first.")
    if problem.errno == errno.ENOENT:
        return StorageError(f"{name} is missing in {folder}.", "Check the name and the folder.")
    if problem.errno == errno.ELOOP:
        return StorageError(
            f"{name} in {folder} is a link, and links are not followed.", "Put the file itself there, or remove it."
        )
    if problem.errno == errno.ENAMETOOLONG:
        return StorageError(f"The name {name} is too long for this disk.", "Choose a shorter name.")
    return StorageError(
        f"The disk refused to {verb} {name} ({os.strerror(problem.errno or errno.EIO)}).",
        f"Check the disk that holds {folder}; what was saved before is untouched.",
    )


def not_ordinary(path: Path) -> StorageError:
    """The sentence for a link, folder, pipe or device where a file belongs."""
    return StorageError(
        f"{name_of(path)} in {folder_of(path)} is not an ordinary file (a link, a folder, a pipe or a device).",
        "Move it away, or choose another name.",
    )


def name_of(path: Path) -> str:
    """The last part of a path, in quotes, safe to show."""
    return quote(path.name or str(path), 80)


def folder_of(path: Path) -> str:
    """The folder a path is in, in quotes, safe to show."""
    with contextlib.suppress(OSError):  # "." says little
        path = Path(os.path.abspath(path))  # noqa: PTH100  resolve() would follow links
    return quote(str(path.parent), 160)
