"""Prepared texts, kept so that the same files with the same settings need not be prepared again.

    <corpora>/<key>/counted          what the first pass over the files found, hash first
                    ids-<vocabulary> the training part as 32-bit numbers, in the order of the text
                    sum-<vocabulary> the hash of those
                    pieces           the training part, split: records, each with its length and its hash before it; the
                                     last one is empty

A cache: everything in it can be made again, so what is damaged or too much is removed without asking. What has another
hash than it was kept with is not there: a run that learned from it would not be the one it says it is. Knows bytes.
"""

import contextlib
import hashlib
import os
import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Self

from rnntui.errors import StorageError
from rnntui.store.files import durable

_KEY = re.compile(r"[0-9a-f]{16,64}")
_COUNTED_LIMIT = 256 << 20
_MOST_BYTES = 4 << 30
_MOST_ENTRIES = 24
_HASHED_AT_ONCE = 1 << 22
_RECORD_LENGTH, _RECORD_HASH = 8, 16
_RECORD_HEAD = _RECORD_LENGTH + _RECORD_HASH


class NotWholeError(Exception):
    """Something that was kept is not there, or not what it was: it has to be made again."""


class Corpora:
    """The prepared texts on this machine.

    Args:
        folder: Where they are kept; made at the first one.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        """The names of all that are kept, those used last first."""
        with contextlib.suppress(OSError):
            found = [(*_use_of(entry), entry.name) for entry in self._folder.iterdir() if _KEY.fullmatch(entry.name)]
            return [name for *_, name in sorted(found, reverse=True)]
        return []

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

    def ids_path(self, key: str, vocabulary: str) -> Generator[float, None, Path | None]:
        """The file of numbers made with a vocabulary; None when there is none that is what it was.

        Yields the share of it that was looked at.
        """
        path = self._ids(key, vocabulary)
        if durable.kind_of(path) != "file" or not (yield from self._is_whole(path, key, vocabulary)):
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # used just now: the last to be removed
        return path

    def new_pieces(self, key: str) -> "NewRecords":
        """A file for a split text, to be written record by record.

        Raises:
            StorageError: If the disk refuses.
        """
        self._make(key)
        return NewRecords(self._entry(key) / "pieces")

    def pieces(self, key: str) -> Iterator[tuple[float, bytes]]:
        """The records of a split text, each with the share of all that was read with it.

        Raises:
            NotWholeError: If there is none, or a record is not what it was.
        """
        path = self._entry(key) / "pieces"
        if durable.kind_of(path) != "file":
            raise NotWholeError
        try:
            with path.open("rb") as file:
                size = max(1, os.fstat(file.fileno()).st_size)
                record = b"any"
                while record:  # the last one is empty
                    head = file.read(_RECORD_HEAD)
                    record = file.read(min(size, int.from_bytes(head[:_RECORD_LENGTH], "big")))
                    if _record_head(record) != head:
                        raise NotWholeError
                    yield file.tell() / size, record
        except OSError as problem:
            raise NotWholeError from problem

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

    def _is_whole(self, path: Path, key: str, vocabulary: str) -> Generator[float, None, bool]:
        digest = hashlib.sha256()
        try:
            kept = durable.read_file(self._sum(key, vocabulary), 64)
            with path.open("rb") as file:
                size = max(1, os.fstat(file.fileno()).st_size)
                while block := file.read(_HASHED_AT_ONCE):
                    digest.update(block)
                    yield file.tell() / size
        except (StorageError, OSError):
            return False
        return digest.hexdigest().encode() == kept

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


class NewRecords:
    """A file of records that takes its name when it is complete; one that the disk refuses is none.

    Args:
        path: Where to.

    Raises:
        StorageError: If the disk refuses.
    """

    def __init__(self, path: Path) -> None:
        self._file = durable.NewFile(path)

    def write(self, record: bytes) -> None:
        """Add a record.

        Raises:
            StorageError: If the disk refuses.
        """
        self._file.write(_record_head(record))
        self._file.write(record)

    def complete(self) -> None:
        """Let it take its name.

        Raises:
            StorageError: If the disk refuses.
        """
        self.write(b"")
        self._file.complete()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _record_head(record: bytes) -> bytes:
    digest = hashlib.blake2b(record, digest_size=_RECORD_HASH).digest()
    return len(record).to_bytes(_RECORD_LENGTH, "big") + digest


def _use_of(entry: Path) -> tuple[float, int]:
    """When an entry was used last, and its bytes."""
    facts = [file.lstat() for file in entry.iterdir()]
    return max((fact.st_mtime for fact in facts), default=0.0), sum(fact.st_size for fact in facts)
