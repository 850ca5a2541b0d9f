"""What was reached in the game, one line each, oldest first. A line that cannot be read is left out."""

import dataclasses
import math
from pathlib import Path

from rnntui.errors import StorageError
from rnntui.json_records import JsonMismatch, decode_record, format_line, parse_object, require
from rnntui.records import GameResult
from rnntui.store.files import durable

_MOST_BYTES = 512 << 10
"""Of the end of the file: more than a thousand games."""
_MOST_VALUES = 200
_MOST_BITS = 1_000.0


class Games:
    """The games on this machine.

    Args:
        path: Where they are kept; made at the first one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, result: GameResult) -> None:
        """Keep a game.

        Raises:
            StorageError: If the disk refuses.
        """
        durable.make_folder(self._path.parent)
        with durable.Appender(self._path, is_synced=True) as lines:
            lines.append(format_line(dataclasses.asdict(result)).decode().rstrip("\n"))

    def results(self) -> list[GameResult]:
        """The last games, oldest first; none where nothing can be read."""
        try:
            data = durable.read_part(self._path, -_MOST_BYTES, _MOST_BYTES)
        except StorageError:
            return []
        return [result for line in data.splitlines() if (result := _read_line(line))]


def _read_line(line: bytes) -> GameResult | None:
    try:
        result = decode_record(GameResult, parse_object(line, _MOST_VALUES))
        require(result.rounds > 0, "rounds", "a number out of range")
        require(
            all(0 <= bits <= _MOST_BITS and math.isfinite(bits) for bits in result.bits.values()), "bits", "an odd one"
        )
    except JsonMismatch:
        return None
    return result
