"""All training runs of a machine, one folder each; what is in a folder, `run_folder` says."""

import re
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from rnntui.errors import InputError, StorageError
from rnntui.json_records import format_record
from rnntui.records import RunRecord, TrainRequest
from rnntui.store.files import durable, os_errors
from rnntui.store.runs.run_folder import LARGEST_REQUEST, REQUEST_FILE, RunFolder, StoredRequest, no_run
from rnntui.store.runs.run_orders import COMMAND_FILE

_RUN_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


class Runs:
    """The training runs on this machine.

    Args:
        folder: Where run folders are kept; made at the first run.
        clock: Seconds since 1970; says how long ago a trainer was started.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._clock = clock

    def create(self, request: TrainRequest, now: str) -> RunFolder:
        """Make the folder of a new run.

        Args:
            request: What was asked.
            now: The moment, UTC, ISO 8601.

        Raises:
            InputError: If the paths of the files together are longer than can be kept.
            StorageError: If the disk refuses.
        """
        data = format_record(StoredRequest(now, request))
        if len(data) > LARGEST_REQUEST:
            raise InputError(
                f"The names of {len(request.files):,} files are too long together.", "Put the text into fewer files."
            )
        durable.make_folder(self._folder)
        run_id = f"{re.sub(r'[^0-9]', '', now)[:14] or 'run'}-{secrets.token_hex(3)}"
        durable.write_folder(self._folder / run_id, {REQUEST_FILE: data, COMMAND_FILE: b"run\n"})
        return RunFolder(self._folder / run_id, self._clock)

    def folder(self, run_id: str) -> RunFolder:
        """The folder of a run.

        Raises:
            InputError: If there is no such run.
        """
        if not _RUN_ID.fullmatch(run_id) or durable.kind_of(self._folder / run_id) != "folder":
            raise no_run(run_id)
        return RunFolder(self._folder / run_id, self._clock)

    def records(self) -> list[RunRecord]:
        """Every run that can be read, newest first."""
        try:
            names = [entry.name for entry in self._folder.iterdir() if _RUN_ID.fullmatch(entry.name)]
        except OSError as problem:
            if isinstance(problem, (FileNotFoundError, NotADirectoryError)) and not durable.kind_of(self._folder):
                return []
            raise os_errors.storage_error(problem, "read", self._folder) from problem
        records = [record for name in names if (record := self._readable(name))]
        return sorted(records, key=lambda record: (record.started_at, record.run_id), reverse=True)

    def record(self, run_id: str) -> RunRecord:
        """One run.

        Raises:
            InputError: If there is no such run, or it cannot be read.
        """
        record = self._readable(run_id)
        if record is None:
            raise no_run(run_id)
        return record

    def remove(self, run_id: str) -> None:
        """Remove a run for good; the model it made stays.

        Raises:
            InputError: If there is no such run, or it is still running.
            StorageError: If the disk refuses.
        """
        if self.folder(run_id).presence.is_running():
            raise InputError(f'The training run "{run_id}" is still running.', "Stop it first.")
        durable.remove_folder(self._folder / run_id)
        durable.remove_leftovers(self._folder)

    def _readable(self, run_id: str) -> RunRecord | None:
        try:
            return self.folder(run_id).record()
        except (InputError, StorageError):
            return None
