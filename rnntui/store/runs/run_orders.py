"""The orders to the trainer of a run: run, pause or stop, and the seconds that were added to its time.

<run>/command            the command, then the seconds
extensions.json    after how many recorded times the run became how much longer
"""

import json
from collections.abc import Mapping
from pathlib import Path

from rnntui.errors import InputError, StorageError
from rnntui.store.files import durable
from rnntui.text import visible_line

COMMANDS = ("run", "pause", "stop")
COMMAND_FILE = "command"
_EXTENSIONS_FILE = "extensions.json"
_MOST_ADDED = 30 * 86_400.0
_LARGEST_EXTENSIONS = 4 << 20


class RunOrders:
    """The orders in the folder of a run.

    Args:
        folder: Of the run.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self) -> tuple[str, float]:
        """One of COMMANDS, and the seconds added to the run's time; ("run", 0) when nothing else can be read.

        Cheap enough to ask between training steps.
        """
        try:
            text = durable.read_file(self._folder / COMMAND_FILE, 64).decode("ascii", "replace")
        except StorageError:
            return "run", 0.0
        word, _, added = text.strip().partition(" ")
        return (word, _clamp_added(added or 0.0)) if word in COMMANDS else ("run", 0.0)

    def set_command(self, command: str) -> None:
        """Tell the trainer to run, pause or stop; it asks between steps.

        Raises:
            InputError: If the command is not one of COMMANDS.
            StorageError: If the disk refuses.
        """
        if command not in COMMANDS:
            raise InputError(
                f'A training run knows no command "{visible_line(command, 40)}".', "Say run, pause or stop."
            )
        self._write(command, self.read()[1])

    def add_time(self, seconds: float) -> None:
        """Give the run more time; the trainer asks between steps.

        Raises:
            StorageError: If the disk refuses.
        """
        command, added = self.read()
        self._write(command, min(_MOST_ADDED, added + seconds))

    def save_extensions(self, extensions: Mapping[int, float]) -> None:
        """Keep when the run was given more time.

        Args:
            extensions: Seconds added in all, by the number of times recorded until then.

        Raises:
            StorageError: If the disk refuses.
        """
        durable.write_file(self._folder / _EXTENSIONS_FILE, json.dumps(sorted(extensions.items())).encode())

    def extensions(self) -> dict[int, float]:
        """What `save_extensions` kept; empty when nothing can be read."""
        try:
            pairs = json.loads(durable.read_file(self._folder / _EXTENSIONS_FILE, _LARGEST_EXTENSIONS))
            return {int(times): _clamp_added(seconds) for times, seconds in pairs}
        except (StorageError, ValueError, TypeError, RecursionError):
            return {}

    def _write(self, command: str, added: float) -> None:
        words = f"{command} {added!r}" if added else command
        durable.write_file(self._folder / COMMAND_FILE, f"{words}\n".encode())


def _clamp_added(value: object) -> float:
    """Seconds added to a run; 0 for anything that cannot be that."""
    try:
        seconds = float(str(value))
    except ValueError:
        return 0.0
    return seconds if 0.0 <= seconds <= _MOST_ADDED else 0.0
