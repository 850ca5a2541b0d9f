"""The times that a run used, one a line: its number, then the exact bits of the seconds.

    00000000002a 3fe5555555555555      the 42nd time was 0.6666... seconds

A line that a crash cut off has another length and is passed over; of two lines with one number the later counts. So
whatever happens to the end of the file, what is read was written, at its place.
"""

import math
import re
import struct
from array import array
from pathlib import Path
from typing import Self

from rnntui.store.files import durable

_LINE = re.compile(rb"([0-9a-f]{12}) ([0-9a-f]{16})")
_PIECE = 8 << 20
_MOST_TIMES = 1 << 28


class RunTimes:
    """The end of the file, for the trainer to add times to.

    Args:
        path: Made when missing.

    Raises:
        StorageError: If the file cannot be opened or is no ordinary file.
    """

    def __init__(self, path: Path) -> None:
        self._file = durable.Appender(path)

    def append(self, number: int, seconds: float) -> None:
        """Add one time.

        Raises:
            StorageError: If the disk refuses; the time can be added again later.
        """
        self._file.append(f"{number:012x} {struct.pack('>d', seconds).hex()}")

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read_times(path: Path) -> "array[float]":
    """The times by number; not-a-number where one is missing. Without a file there are none.

    Raises:
        StorageError: If the disk refuses.
    """
    times = array("d")
    offset, rest = 0, b""
    while data := durable.read_part(path, offset, _PIECE):
        offset += len(data)
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            if found := _LINE.fullmatch(line):
                _put(times, int(found[1], 16), struct.unpack(">d", bytes.fromhex(found[2].decode()))[0])
        rest = rest[-64:]  # no line is that long
    return times


def _put(times: "array[float]", number: int, seconds: float) -> None:
    if number >= _MOST_TIMES or not math.isfinite(seconds) or number - len(times) > _PIECE:
        return  # not one of ours: so many at once are never missing
    while len(times) <= number:
        times.append(math.nan)
    times[number] = seconds
