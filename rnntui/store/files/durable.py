"""The one place that writes: every change to a file is complete or has not happened, also after a power cut.

Data go to a new file in the same folder, are flushed to the disk, and only then take the old file's name. Knows bytes
and paths; nothing of models, runs or conversations. The tests make every single step fail to prove the promise.
"""

import contextlib
import os
import re
import stat
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Self

from rnntui.errors import StorageError
from rnntui.files import open_to_read, read_up_to
from rnntui.store.files import unfinished
from rnntui.store.files.fail_points import step
from rnntui.store.files.os_errors import folder_of, name_of, not_ordinary, translate

PRIVATE_FOLDER = 0o700
ORDINARY_FILE = 0o666  # what a person asked for in a place of theirs: less what their umask takes
PRIVATE_FILE = 0o600

_PLAIN_OPEN = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _PLAIN_OPEN
_WRITE_PIECE = 8 << 20
_FLUSHED_AT_ONCE = 64 << 20  # gigabytes that wait for the end would keep everybody waiting there
_MOVED_ASIDE = re.compile(r"\.rnntui-[0-9a-f]{12}\.old\.(.+)", re.DOTALL)


# ---- files ------------------------------------------------------------------------------------------------------


def write_file(path: Path, data: bytes, mode: int = PRIVATE_FILE) -> None:
    """Write a whole file: after this returns it is on the disk, and at no moment is it half new.

    Args:
        path: Where to; its folder must exist. An ordinary file there is replaced.
        data: The whole content.
        mode: Permissions of the file, less what the process masks out.

    Raises:
        StorageError: If the disk refuses, or something other than an ordinary file (a link, a device) has that name.
    """
    with NewFile(path, mode) as fresh:
        for start in range(0, len(data), _WRITE_PIECE):
            fresh.write(data[start : start + _WRITE_PIECE])
        fresh.complete()


def remove_file(path: Path) -> None:
    """Remove a file or a link; one that is not there is fine.

    Raises:
        StorageError: If the disk refuses.
    """
    with translate("remove", path):
        step()
        path.unlink(missing_ok=True)
        _sync_folder(path.parent)


def quarantine(path: Path, name: str) -> None:
    """Give a file another name in the same folder; a file that has that name already is not overwritten.

    Raises:
        StorageError: If the disk refuses, it is missing, or the name is taken.
    """
    target = path.with_name(name)
    with translate("rename", path):
        if kind_of(target):
            raise StorageError(f"{name_of(target)} exists already.", f"Move it away from {folder_of(path)}.")
        step()
        path.rename(target)
        _sync_folder(path.parent)


def replace_file(path: Path, fresh: Path, name: str) -> None:
    """Let another file take the place of this one, which is kept in the same folder under another name.

    Args:
        path: At every moment one of the two has this name, unless the disk has no hard links.
        fresh: Complete and on the disk; in the same folder.
        name: What the old one is called from now on.

    Raises:
        StorageError: If the disk refuses, or the name is taken.
    """
    kept = path.with_name(name)
    with translate("replace", path):
        step()
        try:
            kept.hardlink_to(path)
        except FileExistsError:
            raise
        except (OSError, NotImplementedError):  # a disk without hard links
            quarantine(path, name)
        _sync_folder(path.parent)
        step()
        fresh.replace(path)
        _sync_folder(path.parent)


def read_file(path: Path, limit_bytes: int) -> bytes:
    """The content of an ordinary file of at most `limit_bytes`; links are not followed, devices and pipes not read.

    Raises:
        StorageError: If it is missing, unreadable, larger, or no ordinary file.
    """
    with translate("read", path), open_to_read(path, follows_links=False) as descriptor:
        size = os.fstat(descriptor).st_size
        if size > limit_bytes:
            raise StorageError(
                f"{name_of(path)} is {size:,} bytes long; at most {limit_bytes:,} are read.", "It is not one of ours."
            )
        data = read_up_to(descriptor, size + 1)
        if len(data) != size:
            raise StorageError(f"{name_of(path)} changed while it was read.", "Try again.")
        return data


def read_part(path: Path, offset: int, limit_bytes: int) -> bytes:
    """Up to `limit_bytes` of a growing file from `offset`, or its last bytes when `offset` is negative.

    Never waits; a file that is not there yet reads as empty.

    Raises:
        StorageError: If it is unreadable or no ordinary file.
    """
    with translate("read", path):
        try:
            with open_to_read(path, follows_links=False) as descriptor:
                size = os.fstat(descriptor).st_size
                os.lseek(descriptor, max(size + offset, 0) if offset < 0 else offset, os.SEEK_SET)
                return read_up_to(descriptor, limit_bytes)
        except FileNotFoundError:
            return b""


@contextlib.contextmanager
def open_file(path: Path) -> Iterator[BinaryIO]:
    """An ordinary file to be read here and there.

    Raises:
        StorageError: If it is missing, unreadable or no ordinary file.
    """
    with contextlib.ExitStack() as stack:
        with translate("read", path):
            descriptor = stack.enter_context(open_to_read(path, follows_links=False))
        yield stack.enter_context(os.fdopen(descriptor, "rb", closefd=False))


class NewFile:
    """A file that is written piece by piece and takes its name only when it is complete.

    Args:
        path: Where to; its folder must exist. An ordinary file there is replaced.
        mode: Permissions of the file, less what the process masks out.
        is_held: False where a lock guards the folder and SQLite, which has locks of its own, writes the file.

    Raises:
        StorageError: If the disk refuses, or something other than an ordinary file (a link, a device) has that name.
    """

    temporary: Path
    """Where it stands until it is complete; who writes there by other means makes sure that it is on the disk."""

    def __init__(self, path: Path, mode: int = PRIVATE_FILE, *, is_held: bool = True) -> None:
        self._path = path
        self._holder = self._descriptor = -1
        self._unflushed = 0
        with translate("write", path):
            refuse_unless_ordinary(path)
            step()
            while not self._is_made(mode, is_held):  # another process cleared it away before it was held
                pass

    def write(self, data: bytes) -> None:
        """Add bytes.

        Raises:
            StorageError: If the disk refuses.
        """
        with translate("write", self._path):
            rest = memoryview(data)
            while rest:
                step()
                written = os.write(self._descriptor, rest)
                rest = rest[written:]
                self._unflushed += written
                if self._unflushed >= _FLUSHED_AT_ONCE:
                    self._flush()

    def complete(self, old_name: str = "") -> None:
        """Let it take its name; until then there is no such file.

        Args:
            old_name: What a file that had the name is called from now on; empty lets it go.

        Raises:
            StorageError: If the disk refuses, or the old name is taken.
        """
        with translate("write", self._path):
            self._flush()
            self._close_descriptor()
            if old_name:
                replace_file(self._path, self.temporary, old_name)
                return
            step()
            self.temporary.replace(self._path)
            _sync_folder(self._path.parent)

    def close(self) -> None:
        """Clear away what is not complete."""
        self._close_descriptor()
        for left in (self.temporary, self.temporary.with_name(self.temporary.name + "-journal")):
            unfinished.discard(left)
        unfinished.let_go(self._holder)
        self._holder = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _flush(self) -> None:
        step()
        _sync(self._descriptor)  # a failed flush is never tried again: the kernel may have dropped the data
        self._unflushed = 0

    def _is_made(self, mode: int, is_held: bool) -> bool:
        self.temporary = unfinished.name_beside(self._path)
        self._descriptor = os.open(self.temporary, _CREATE, mode)
        try:
            self._holder = unfinished.hold(self.temporary) if is_held else -1
        except FileNotFoundError:
            self._close_descriptor()
            return False
        return True

    def _close_descriptor(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


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
        with translate("write", path):
            refuse_unless_ordinary(path)
            step()
            self._descriptor = os.open(path, flags, PRIVATE_FILE)
            self._is_torn = self._ends_inside_a_line()

    def append(self, line: str) -> None:
        """Add one line; the newline is added here. A line that a crash cut off before stays a line of its own.

        Raises:
            StorageError: If the disk refuses. The file may then end in a part of the line, which readers skip.
        """
        data = line.encode("utf-8", "replace") + b"\n"
        with translate("write", self._path):
            step()
            self._write(b"\n" + data if self._is_torn else data)
            if self._is_synced:
                step()
                _sync(self._descriptor)

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
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
    with translate("make", path):
        if path.is_dir():
            return
        step()
        for folder in (*reversed([above for above in path.parents if not above.exists()]), path):
            folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
            _sync_folder(folder.parent)


def write_folder(target: Path, files: Mapping[str, bytes]) -> None:
    """Put a folder with these files in place as a whole; a folder of that name is replaced.

    A reader sees the old folder, for an instant none, or the new one. If the process dies in that instant,
    `remove_leftovers` brings the old one back. Two writers of one folder must hold a lock.

    Args:
        target: The folder; the one around it must exist.
        files: Content by file name.

    Raises:
        StorageError: If the disk refuses, or something other than a folder has that name. The old folder is untouched,
            or the new one is already complete.
    """
    fresh = unfinished.name_beside(target)
    holder = -1
    with translate("write", target):
        try:
            step()
            fresh.mkdir(mode=PRIVATE_FOLDER)
            holder = unfinished.hold(fresh)
            _write_files(fresh, files)
            aside = _moved_aside(target)
            try:
                step()
                fresh.rename(target)
            except OSError:
                _move_back(aside, target)
                raise
            _sync_folder(target.parent)
        finally:
            unfinished.discard(fresh)
            unfinished.let_go(holder)
    if aside:
        with contextlib.suppress(OSError):
            step()
            unfinished.discard(aside)


def remove_folder(path: Path) -> None:
    """Remove a folder and all in it: gone at once, its files shortly after. Links in it are not followed.

    Raises:
        StorageError: If the disk refuses, or it is missing or no folder.
    """
    hidden = unfinished.name_beside(path)
    with translate("remove", path):
        _refuse_unless_folder(path)
        step()
        path.rename(hidden)
        _sync_folder(path.parent)
    unfinished.discard(hidden)


def remove_leftovers(folder: Path) -> None:
    """Clear away what killed processes left: unfinished files go, a folder that was moved aside comes back.

    Call it under the lock that guards writing in this folder. What cannot be cleared stays for the next time.
    """
    unfinished.clear(folder)
    with contextlib.suppress(OSError):
        for entry in sorted(folder.iterdir()):
            if aside := _MOVED_ASIDE.fullmatch(entry.name):
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


def refuse_unless_ordinary(path: Path) -> None:
    """Refuse a link, a folder, a pipe or a device where a file belongs; nothing at all is fine.

    Raises:
        StorageError: If such a thing has that name.
    """
    if kind_of(path) not in ("file", ""):
        raise not_ordinary(path)


def has_leftovers(folder: Path) -> bool:
    """True when `remove_leftovers` has something to do, or another process is writing just now."""
    with contextlib.suppress(OSError):
        return any(
            unfinished.is_unfinished(entry.name) or _MOVED_ASIDE.fullmatch(entry.name) for entry in folder.iterdir()
        )
    return False


# ---- steps ------------------------------------------------------------------------------------------------------


def _write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        _write_new(folder / name, data, PRIVATE_FILE)
    _sync_folder(folder)


def _write_new(path: Path, data: bytes, mode: int) -> None:
    step()
    descriptor = os.open(path, _CREATE, mode)
    try:
        rest = memoryview(data)
        while rest:
            step()
            rest = rest[os.write(descriptor, rest[:_WRITE_PIECE]) :]
        step()
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
    step()
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _moved_aside(target: Path) -> Path | None:
    if not kind_of(target):
        return None
    _refuse_unless_folder(target)
    aside = target.with_name(f".rnntui-{os.urandom(6).hex()}.old.{target.name}")
    step()
    target.rename(aside)
    return aside


def _move_back(aside: Path | None, target: Path) -> None:
    if aside:
        with contextlib.suppress(OSError):
            aside.rename(target)


def _settle(aside: Path, target: Path) -> None:
    if kind_of(target):
        unfinished.discard(aside)
        return
    _move_back(aside, target)


def _refuse_unless_folder(path: Path) -> None:
    if stat.S_ISDIR(path.lstat().st_mode):
        return
    raise StorageError(
        f"{name_of(path)} is not a folder of its own.", f"Move it away from {folder_of(path)} and try again."
    )
