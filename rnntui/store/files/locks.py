"""Locks between processes. The system frees them when the process ends, however it ends; nothing is left to clear."""

import contextlib
from pathlib import Path
from typing import Self

import filelock

from rnntui.errors import StorageError
from rnntui.store.files.durable import PRIVATE_FILE, kind_of, refuse_unless_ordinary
from rnntui.store.files.os_errors import folder_of, translate


class Lock:
    """A held lock. The system frees it when the process ends, however it ends."""

    def __init__(self, held: filelock.BaseFileLock) -> None:
        self._held = held

    def release(self) -> None:
        """Let others have it; a second time does nothing. The lock file stays: removing it would split the lock."""
        self._held.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
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
            f"Another rnntui is using {folder_of(path)}.", "Wait until it has finished, or close it, and try again."
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
    refuse_unless_ordinary(path)
    held = filelock.FileLock(path, timeout=timeout_seconds, mode=PRIVATE_FILE, thread_local=False)
    with translate("lock", path):
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
        f"The disk that holds {folder_of(path)} cannot lock files.",
        "Keep rnntui's data on another disk: name a folder on it with --data-dir.",
    )
