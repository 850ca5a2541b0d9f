"""The states of a run: what its trainer needs to go on exactly where it was, hash first; the newest two are kept.

<run>/state-<number>
"""

import contextlib
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from rnntui.errors import StorageError
from rnntui.store.files import durable, os_errors

_NAME = re.compile(r"state-([0-9]{1,15})")
_KEPT = 2
_LARGEST = 8 << 30


class RunStates:
    """The states in the folder of a run.

    Args:
        folder: Of the run.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, state: bytes) -> None:
        """Keep a state under a new name; the one before is kept as well.

        Raises:
            StorageError: If the disk refuses; what was kept before stays.
        """
        numbers = self._numbers()
        data = hashlib.sha256(state).hexdigest().encode() + b"\n" + state
        durable.write_file(self._file(max(numbers, default=0) + 1), data)
        for old in sorted(numbers)[: 1 - _KEPT or None]:
            with contextlib.suppress(StorageError):  # it goes the next time
                durable.remove_file(self._file(old))

    def read(self) -> Iterator[bytes]:
        """What `save` kept, the newest first; what is not whole is passed over."""
        for number in sorted(self._numbers(), reverse=True):
            try:
                data = durable.read_file(self._file(number), _LARGEST)
            except StorageError:
                continue
            digest, _, state = data.partition(b"\n")
            if hashlib.sha256(state).hexdigest().encode() == digest:
                yield state

    def exist(self) -> bool:
        """True when something was kept to go on from; it is not looked into."""
        return bool(self._numbers())

    def remove(self) -> None:
        """Give the room back: nobody will go on from here. What cannot be removed stays."""
        with contextlib.suppress(StorageError):
            for number in self._numbers():
                durable.remove_file(self._file(number))

    def _file(self, number: int) -> Path:
        return self._folder / f"state-{number}"

    def _numbers(self) -> list[int]:
        """The numbers of the kept states; the highest is the newest."""
        try:
            names = [entry.name for entry in self._folder.iterdir()]
        except OSError as problem:
            raise os_errors.storage_error(problem, "read", self._folder) from problem
        return [int(found[1]) for name in names if (found := _NAME.fullmatch(name))]
