"""Files and folders that are being written under a name of their own, and what is left of them by killed processes.

Whoever writes one holds a lock on it that the system frees however the process ends; so anybody can clear away, at any
time, what nobody holds. Knows names; nothing of contents.
"""

import contextlib
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from rnntui.files import open_to_read, read_up_to

_NAME = re.compile(r"\.rnntui-[0-9a-f]{12}\.new(-journal)?")
_PLACE = re.compile(r"\.rnntui-[0-9a-f]{12}\.place")
_LONGEST_PLACE = 1 << 14
_PRIVATE = 0o077
_OURS = re.compile(r"sessions\.sqlite3.*|rnntui\.log.*|[^/]*\.lock|\.lock", re.DOTALL)
_FOLDERS = ("models", "runs", "corpora")


def name_beside(path: Path) -> Path:
    """A fresh name in the folder of what is going to be written."""
    return path.parent / f".rnntui-{os.urandom(6).hex()}.new"


def is_unfinished(name: str) -> bool:
    """True for the name of something that was not completed."""
    return _NAME.fullmatch(name) is not None


def hold(path: Path) -> int:
    """Keep others from clearing it away until the descriptor is closed; -1 where nobody can.

    Raises:
        FileNotFoundError: If it was cleared away before it was held: make it again.
    """
    if sys.platform == "win32":  # what is open cannot be removed there
        return -1
    import fcntl

    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)  # a pipe is not waited for
    with contextlib.suppress(OSError):  # a disk without locks
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    if os.fstat(descriptor).st_nlink:
        return descriptor
    os.close(descriptor)
    raise FileNotFoundError


def let_go(descriptor: int) -> None:
    """Give up what `hold` gave."""
    if descriptor >= 0:
        os.close(descriptor)


def discard(path: Path) -> None:
    """Remove a file, a link or a whole folder, as far as that is possible."""
    with contextlib.suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
            return
        path.unlink()


def clear(folder: Path) -> None:
    """Clear away what nobody holds of unfinished things in a folder. What cannot be cleared stays for the next time."""
    with contextlib.suppress(OSError):
        for entry in sorted(folder.iterdir()):
            if is_unfinished(entry.name):
                _discard_unless_held(entry)


@contextlib.contextmanager
def note_place(data_dir: Path, folder: Path) -> Iterator[None]:
    """Note, while it lasts, that something is written in a folder elsewhere, so that `clean_up` looks there, too.

    What the person asked for is written whether or not that can be noted.
    """
    note, holder = data_dir / f".rnntui-{os.urandom(6).hex()}.place", -1
    with contextlib.suppress(OSError, ValueError):
        descriptor = os.open(note, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o600)
        try:
            os.write(descriptor, os.fsencode(folder.absolute()))
        finally:
            os.close(descriptor)
        holder = hold(note)
    try:
        yield
    finally:
        discard(note)
        let_go(holder)


def clean_up(data_dir: Path) -> None:
    """Clear the data folder of what killed processes left, and make what is ours in it private. Never fails.

    A folder that a person named may hold other things: only what this program names so is touched.
    """
    with contextlib.suppress(OSError):
        for note in sorted(data_dir.iterdir()):
            if _PLACE.fullmatch(note.name):
                _clear_noted_place(note)
    lock_file = data_dir / "sessions.sqlite3.lock"
    with contextlib.suppress(OSError):
        if lock_file.exists() and not _is_held(lock_file):  # who opens the conversations writes beside them
            clear(data_dir)
        for entry in os.scandir(data_dir):
            if _OURS.fullmatch(entry.name):
                _narrow(entry)
    for name in _FOLDERS:
        _clean_folder(data_dir / name, depth=2)


def _clear_noted_place(note: Path) -> None:
    with contextlib.suppress(OSError, ValueError):
        if _is_held(note):
            return
        with open_to_read(note, follows_links=False) as descriptor:
            folder = Path(os.fsdecode(read_up_to(descriptor, _LONGEST_PLACE)))
        if folder.is_absolute():
            clear(folder)
        discard(note)


def _clean_folder(folder: Path, depth: int) -> None:
    with contextlib.suppress(OSError):
        if not folder.is_dir() or folder.is_symlink():
            return
        if folder.stat().st_mode & _PRIVATE:
            folder.chmod(0o700)
        clear(folder)
        for entry in os.scandir(folder):
            _narrow(entry)
            if depth > 1 and entry.is_dir(follow_symlinks=False):
                _clean_folder(folder / entry.name, depth - 1)


def _narrow(entry: "os.DirEntry[str]") -> None:
    """Let nobody but the owner read a file or enter a folder."""
    with contextlib.suppress(OSError):
        mode = entry.stat(follow_symlinks=False).st_mode
        if os.name == "posix" and mode & _PRIVATE and not entry.is_symlink():
            Path(entry.path).chmod(mode & 0o700)


def _discard_unless_held(path: Path) -> None:
    if path.is_symlink() or sys.platform == "win32":
        discard(path)
    else:
        _is_held(path, discard_it=True)


def _is_held(path: Path, discard_it: bool = False) -> bool:
    """True while another process holds it; else it is discarded under the lock, if that is wished."""
    if sys.platform == "win32":
        return False
    import fcntl

    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)  # a pipe is not waited for
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if discard_it:
            discard(path)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False
