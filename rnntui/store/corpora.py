"""Prepared texts, kept so that the same files with the same settings need not be prepared again.

    <corpora>/<key>/counted          what the first pass over the files found, hash first
                    ids-<vocabulary> the training part as 32-bit numbers, in the order of the text
                    sum-<vocabulary> the hash of those

A cache: everything in it can be made again, so what is damaged or too much is removed without asking. What has another
hash than it was kept with is not there: a run that learned from it would not be the one it says it is. Knows bytes.
"""

import contextlib
import hashlib
import os
import re
from pathlib import Path

from rnntui.errors import StorageError
from rnntui.store import durable

_KEY = re.compile(r"[0-9a-f]{16,64}")
_COUNTED_LIMIT = 256 << 20
_MOST_BYTES = 4 << 30
_MOST_ENTRIES = 24


class Corpora:
    """The prepared texts on this machine.

    Args:
        folder: Where they are kept; made at the first one.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def counted(self, key: str) -> bytes | None:
        """What was kept of the first pass; None when there is nothing that can be read."""
        try:
            digest, _, data = durable.read_file(self._entry(key) / "counted", _COUNTED_LIMIT).partition(b"\n")
        except StorageError:
            return None
        return data if hashlib.sha256(data).hexdigest().encode() == digest else None

    def keep_counted(self, key: str, data: bytes) -> None:
        """Keep what the first pass found.

        Raises:
            StorageError: If the disk refuses.
        """
        self._make(key)
        digest = hashlib.sha256(data).hexdigest().encode()
        durable.write_file(self._entry(key) / "counted", digest + b"\n" + data, durable.PRIVATE_FILE)

    def ids_path(self, key: str, vocabulary: str) -> Path | None:
        """The file of numbers made with a vocabulary; None when there is none that is what it was."""
        path = self._ids(key, vocabulary)
        if durable.kind_of(path) != "file" or not self._is_whole(path, key, vocabulary):
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # used just now: the last to be removed
        return path

    def new_ids(self, key: str, vocabulary: str) -> durable.NewFile:
        """A file of numbers to be written; older entries make room first.

        Raises:
            StorageError: If the disk refuses.
        """
        self._make(key)
        return durable.NewFile(self._ids(key, vocabulary))

    def keep_ids_hash(self, key: str, vocabulary: str, sha256: str) -> None:
        """Keep the hash of a file of numbers; to be called before that is complete.

        Raises:
            StorageError: If the disk refuses.
        """
        durable.write_file(self._sum(key, vocabulary), sha256.encode(), durable.PRIVATE_FILE)

    def path_of(self, key: str, vocabulary: str) -> Path:
        """Where a file of numbers is when it is complete."""
        return self._ids(key, vocabulary)

    def _is_whole(self, path: Path, key: str, vocabulary: str) -> bool:
        try:
            kept = durable.read_file(self._sum(key, vocabulary), 64)
            with path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest().encode() == kept
        except (StorageError, OSError):
            return False

    def _make(self, key: str) -> None:
        durable.make_folder(self._folder)
        self._prune(key)
        durable.make_folder(self._entry(key))

    def _prune(self, kept: str) -> None:
        """Remove the entries used longest ago until there is room."""
        with contextlib.suppress(OSError, StorageError):
            entries = sorted(
                ((entry, *_use_of(entry)) for entry in self._folder.iterdir() if _KEY.fullmatch(entry.name)),
                key=lambda found: found[1],
                reverse=True,
            )
            total = 0
            for number, (entry, _, size) in enumerate(entries):
                total += size
                if entry.name != kept and (number >= _MOST_ENTRIES or total > _MOST_BYTES):
                    durable.remove_folder(entry)

    def _entry(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise StorageError(f'"{key[:40]}" names no prepared text.', "Prepare it again.")
        return self._folder / key

    def _ids(self, key: str, vocabulary: str) -> Path:
        if not _KEY.fullmatch(vocabulary):
            raise StorageError(f'"{vocabulary[:40]}" names no vocabulary.', "Prepare the text again.")
        return self._entry(key) / f"ids-{vocabulary}"

    def _sum(self, key: str, vocabulary: str) -> Path:
        return self._ids(key, vocabulary).with_name(f"sum-{vocabulary}")


def _use_of(entry: Path) -> tuple[float, int]:
    """When an entry was used last, and its bytes."""
    facts = [file.lstat() for file in entry.iterdir()]
    return max((fact.st_mtime for fact in facts), default=0.0), sum(fact.st_size for fact in facts)
