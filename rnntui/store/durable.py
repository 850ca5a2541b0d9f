"""The one place that writes: every change to a file is complete or has not happened, also after a power cut.

Data go to a new file in the same folder, are flushed to the disk, and only then take the old file's name. Knows bytes
and paths; nothing of models, runs or conversations. `RNNTUI_FAIL_POINT="N:ENOSPC"` makes the N-th step of this module
fail with that error, and `"N:KILL"` ends the process there: that is how the tests prove the promise.
"""

import contextlib
import errno
import os
import re
import secrets
import shutil
import stat
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import filelock

from rnntui.errors import StorageError
from rnntui.text import visible_line

FAIL_POINT_VARIABLE = "RNNTUI_FAIL_POINT"
PRIVATE_FOLDER = 0o700
ORDINARY_FILE = 0o644
PRIVATE_FILE = 0o600

_NO_SPACE = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_FORBIDDEN = {errno.EACCES, errno.EPERM}
_PLAIN_OPEN = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_READ = os.O_RDONLY | _PLAIN_OPEN | getattr(os, "O_NONBLOCK", 0)  # opening a FIFO must not wait for a writer
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _PLAIN_OPEN
_WRITE_PIECE = 8 << 20
_UNFINISHED = re.compile(r"\.rnntui-[0-9a-f]{12}\.new")
_MOVED_ASIDE = re.compile(r"\.rnntui-[0-9a-f]{12}\.old\.(.+)", re.DOTALL)


# ---- files ------------------------------------------------------------------------------------------------------


def write_file(path: Path, data: bytes, mode: int = ORDINARY_FILE) -> None:
    """Write a whole file: after this returns it is on the disk, and at no moment is it half new.

    Args:
        path: Where to; its folder must exist. An ordinary file there is replaced.
        data: The whole content.
        mode: Permissions of the file, less what the process masks out.

    Raises:
        StorageError: If the disk refuses, or something other than an ordinary file (a link, a device) has that name.
    """
    temporary = _unfinished_beside(path)
    with _explained("write", path):
        _refuse_unless_ordinary(path)
        try:
            _write_new(temporary, data, mode)
            _step()
            temporary.replace(path)
            _sync_folder(path.parent)
        finally:
            _discard(temporary)


def remove_file(path: Path) -> None:
    """Remove a file or a link; one that is not there is fine.

    Raises:
        StorageError: If the disk refuses.
    """
    with _explained("remove", path):
        _step()
        path.unlink(missing_ok=True)
        _sync_folder(path.parent)


def set_aside(path: Path, name: str) -> None:
    """Give a file another name in the same folder; a file that has that name already is not overwritten.

    Raises:
        StorageError: If the disk refuses, it is missing, or the name is taken.
    """
    target = path.with_name(name)
    with _explained("rename", path):
        if kind_of(target):
            raise StorageError(f"{_name(target)} exists already.", f"Move it away from {_folder_name(path)}.")
        _step()
        path.rename(target)
        _sync_folder(path.parent)


def read_file(path: Path, limit_bytes: int) -> bytes:
    """The content of an ordinary file of at most `limit_bytes`; links are not followed, devices and pipes not read.

    Raises:
        StorageError: If it is missing, unreadable, larger, or no ordinary file.
    """
    with _explained("read", path), _opened(path) as descriptor:
        size = os.fstat(descriptor).st_size
        if size > limit_bytes:
            raise StorageError(
                f"{_name(path)} is {size:,} bytes long; at most {limit_bytes:,} are read.", "It is not one of ours."
            )
        data = _read_up_to(descriptor, size + 1)
        if len(data) != size:
            raise StorageError(f"{_name(path)} changed while it was read.", "Try again.")
        return data


def read_part(path: Path, offset: int, limit_bytes: int) -> bytes:
    """Up to `limit_bytes` of a growing file from `offset`, or its last bytes when `offset` is negative.

    Never waits; a file that is not there yet reads as empty.

    Raises:
        StorageError: If it is unreadable or no ordinary file.
    """
    with _explained("read", path):
        try:
            with _opened(path) as descriptor:
                size = os.fstat(descriptor).st_size
                os.lseek(descriptor, max(size + offset, 0) if offset < 0 else offset, os.SEEK_SET)
                return _read_up_to(descriptor, limit_bytes)
        except FileNotFoundError:
            return b""


class Appender:
    """A file that only grows, line by line; every line goes out at once and whole.

    Args:
        path: Made when missing.
        is_synced: True when each line has to survive a power cut, not only the end of this process.

    Raises:
        StorageError: If the file cannot be opened or is no ordinary file.
    """

    def __init__(self, path: Path, is_synced: bool = False) -> None:
        self._path = path
        self._is_synced = is_synced
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | _PLAIN_OPEN | getattr(os, "O_NONBLOCK", 0)
        with _explained("write", path):
            _refuse_unless_ordinary(path)
            _step()
            self._descriptor = os.open(path, flags, PRIVATE_FILE)
            self._is_torn = self._ends_inside_a_line()

    def append(self, line: str) -> None:
        """Add one line; the newline is added here. A line that a crash cut off before stays a line of its own.

        Raises:
            StorageError: If the disk refuses. The file may then end in a part of the line, which readers skip.
        """
        data = line.encode("utf-8", "replace") + b"\n"
        with _explained("write", self._path):
            _step()
            self._write(b"\n" + data if self._is_torn else data)
            if self._is_synced:
                _step()
                _sync(self._descriptor)

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, data: bytes) -> None:
        self._is_torn = True  # until every byte is out
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]
        self._is_torn = False

    def _ends_inside_a_line(self) -> bool:
        size = os.lseek(self._descriptor, 0, os.SEEK_END)
        if size == 0:
            return False
        os.lseek(self._descriptor, size - 1, os.SEEK_SET)
        return os.read(self._descriptor, 1) != b"\n"


# ---- folders ----------------------------------------------------------------------------------------------------


def make_folder(path: Path) -> None:
    """Make a folder that only its owner can enter, with the folders above it; one that exists stays as it is.

    Raises:
        StorageError: If the disk refuses, or a file has that name.
    """
    with _explained("make", path):
        if path.is_dir():
            return
        _step()
        path.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        _sync_folder(path.parent)


def write_folder(target: Path, files: Mapping[str, bytes]) -> None:
    """Put a folder with these files in place as a whole; a folder of that name is replaced.

    A reader sees the old folder, for an instant none, or the new one. If the process dies in that instant, `sweep`
    brings the old one back. Two writers of one folder must hold a lock.

    Args:
        target: The folder; the one around it must exist.
        files: Content by file name.

    Raises:
        StorageError: If the disk refuses, or something other than a folder has that name. The old folder is untouched,
            or the new one is already complete.
    """
    fresh = _unfinished_beside(target)
    with _explained("write", target):
        try:
            _write_files(fresh, files)
            aside = _moved_aside(target)
            try:
                _step()
                fresh.rename(target)
            except OSError:
                _move_back(aside, target)
                raise
            _sync_folder(target.parent)
        finally:
            _discard(fresh)
    if aside:
        with contextlib.suppress(OSError):
            _step()
            _discard(aside)


def remove_folder(path: Path) -> None:
    """Remove a folder and all in it: gone at once, its files shortly after. Links in it are not followed.

    Raises:
        StorageError: If the disk refuses, or it is missing or no folder.
    """
    hidden = _unfinished_beside(path)
    with _explained("remove", path):
        _refuse_unless_folder(path)
        _step()
        path.rename(hidden)
        _sync_folder(path.parent)
    _discard(hidden)


def sweep(folder: Path) -> None:
    """Clear away what killed processes left: unfinished files go, a folder that was moved aside comes back.

    Call it under the lock that guards writing in this folder. What cannot be cleared stays for the next time.
    """
    with contextlib.suppress(OSError):
        for entry in sorted(folder.iterdir()):
            if _UNFINISHED.fullmatch(entry.name):
                _discard(entry)
            elif aside := _MOVED_ASIDE.fullmatch(entry.name):
                _settle(entry, folder / aside.group(1))


def kind_of(path: Path) -> str:
    """What stands there: "file", "folder", "link", "other", or "" for nothing that can be seen. Never fails."""
    try:
        mode = path.lstat().st_mode
    except (OSError, ValueError):
        return ""
    if stat.S_ISLNK(mode):
        return "link"
    if stat.S_ISDIR(mode):
        return "folder"
    return "file" if stat.S_ISREG(mode) else "other"


def has_leftovers(folder: Path) -> bool:
    """True when `sweep` has something to do, or another process is writing just now."""
    with contextlib.suppress(OSError):
        return any(
            _UNFINISHED.fullmatch(entry.name) or _MOVED_ASIDE.fullmatch(entry.name) for entry in folder.iterdir()
        )
    return False


# ---- locks ------------------------------------------------------------------------------------------------------


class Lock:
    """A held lock. The system frees it when the process ends, however it ends."""

    def __init__(self, held: filelock.BaseFileLock) -> None:
        self._held = held

    def release(self) -> None:
        """Let others have it; a second time does nothing. The lock file stays: removing it would split the lock."""
        self._held.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def lock(path: Path, timeout_seconds: float = 0.0) -> Lock:
    """Take the lock that the file `path` stands for.

    Args:
        path: A file that is made when missing; its folder must exist.
        timeout_seconds: How long to wait for whoever holds it; 0 does not wait.

    Raises:
        StorageError: If another process holds it, or this disk has no locks.
    """
    taken = _taken(path, timeout_seconds)
    if taken is None:
        raise StorageError(
            f"Another rnntui is using {_folder_name(path)}.", "Wait until it has finished, or close it, and try again."
        )
    return taken


def is_locked(path: Path) -> bool:
    """True while some process holds the lock. Looking takes the lock for an instant, so takers should wait a little."""
    if kind_of(path) != "file":
        return False
    with contextlib.suppress(StorageError):
        taken = _taken(path, 0.0)
        if taken is None:
            return True
        taken.release()
    return False


def _taken(path: Path, timeout_seconds: float) -> Lock | None:
    held = filelock.FileLock(path, timeout=timeout_seconds, thread_local=False)
    with _explained("lock", path):
        try:
            held.acquire()
        except filelock.Timeout:
            return None
        except NotImplementedError as problem:
            raise _no_locks(path) from problem
    if isinstance(held, filelock.SoftFileLock):  # the library's way out where the disk has no locks: not kill-safe
        held.release()
        raise _no_locks(path)
    return Lock(held)


def _no_locks(path: Path) -> StorageError:
    return StorageError(
        f"The disk that holds {_folder_name(path)} cannot lock files.",
        "Keep rnntui's data on another disk: name a folder on it with --data-dir.",
    )


# ---- steps ------------------------------------------------------------------------------------------------------


def _write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    _step()
    folder.mkdir(mode=PRIVATE_FOLDER)
    for name, data in files.items():
        _write_new(folder / name, data, ORDINARY_FILE)
    _sync_folder(folder)


def _write_new(path: Path, data: bytes, mode: int) -> None:
    _step()
    descriptor = os.open(path, _CREATE, mode)
    try:
        rest = memoryview(data)
        while rest:
            _step()
            rest = rest[os.write(descriptor, rest[:_WRITE_PIECE]) :]
        _step()
        _sync(descriptor)  # a failed flush is never tried again on the same file: the kernel may have dropped the data
    finally:
        os.close(descriptor)


def _sync(descriptor: int) -> None:
    if sys.platform == "darwin":
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)  # fsync alone stops at the drive's own cache
        return
    os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":  # a folder cannot be opened there
        return
    _step()
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, _READ)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _not_ordinary(path)
        yield descriptor
    finally:
        os.close(descriptor)


def _read_up_to(descriptor: int, limit_bytes: int) -> bytes:
    with os.fdopen(descriptor, "rb", buffering=0, closefd=False) as raw:
        pieces, missing = [], limit_bytes
        while missing > 0 and (piece := raw.read(min(missing, _WRITE_PIECE))):
            pieces.append(piece)
            missing -= len(piece)
        return b"".join(pieces)


def _moved_aside(target: Path) -> Path | None:
    if not kind_of(target):
        return None
    _refuse_unless_folder(target)
    aside = target.with_name(f".rnntui-{secrets.token_hex(6)}.old.{target.name}")
    _step()
    target.rename(aside)
    return aside


def _move_back(aside: Path | None, target: Path) -> None:
    if aside:
        with contextlib.suppress(OSError):
            aside.rename(target)


def _settle(aside: Path, target: Path) -> None:
    if kind_of(target):
        _discard(aside)
        return
    _move_back(aside, target)


def _unfinished_beside(path: Path) -> Path:
    return path.parent / f".rnntui-{secrets.token_hex(6)}.new"


def _discard(path: Path) -> None:
    with contextlib.suppress(OSError):
        if kind_of(path) == "folder":
            shutil.rmtree(path)
            return
        path.unlink()


def _refuse_unless_ordinary(path: Path) -> None:
    if kind_of(path) not in ("file", ""):
        raise _not_ordinary(path)


def _refuse_unless_folder(path: Path) -> None:
    if stat.S_ISDIR(path.lstat().st_mode):
        return
    raise StorageError(
        f"{_name(path)} is not a folder of its own.", f"Move it away from {_folder_name(path)} and try again."
    )


# ---- what is said when the disk refuses -------------------------------------------------------------------------


@contextlib.contextmanager
def _explained(verb: str, path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise explain(problem, verb, path) from problem
    except ValueError as problem:  # a zero byte, or a character that file names cannot have
        raise StorageError(f"{_name(path)} cannot be the name of a file.", "Choose another name.") from problem


def explain(problem: OSError, verb: str, path: Path) -> StorageError:
    """The sentence for an error of the system.

    Args:
        problem: What the system said.
        verb: What was being done: "write", "read", "make", "remove", "lock".
        path: What it was done to.
    """
    name, folder = _name(path), _folder_name(path)
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
    if problem.errno == errno.EISDIR:
        return _not_ordinary(path)
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


def _not_ordinary(path: Path) -> StorageError:
    return StorageError(
        f"{_name(path)} in {_folder_name(path)} is not an ordinary file (a link, a folder, a pipe or a device).",
        "Move it away, or choose another name.",
    )


def _name(path: Path) -> str:
    return f'"{visible_line(path.name or str(path), 80)}"'


def _folder_name(path: Path) -> str:
    return f'"{visible_line(str(path.parent), 160)}"'


# ---- fail points ------------------------------------------------------------------------------------------------


class _FailPoint:
    """Counts steps while the variable is set, and fails the one it names."""

    def __init__(self) -> None:
        self._wanted = ""
        self._passed = 0

    def pass_by(self) -> None:
        wanted = os.environ.get(FAIL_POINT_VARIABLE, "")
        if wanted != self._wanted:
            self._wanted, self._passed = wanted, 0
        if not wanted:
            return
        self._passed += 1
        number, _, name = wanted.partition(":")
        if self._passed != int(number):
            return
        if name == "KILL":
            os._exit(137)
        raise OSError(getattr(errno, name), os.strerror(getattr(errno, name)))


_step = _FailPoint().pass_by
