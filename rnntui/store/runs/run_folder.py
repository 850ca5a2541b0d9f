"""One training run on the disk: what it was asked, what it decided, its events, what it needs to go on.

    <run>/request.json     what was asked; never changes
          events.jsonl     its events, one JSON object a line
          plan.json        what the trainer decided at the beginning
          vocabulary.json  the words that it chose
          times            every time that decided anything, in order
          trainer.log      what it printed
          meeting          there while its processes find each other

The other files are those of `RunOrders`, `RunStates` and `RunPresence`. Knows lines and records, not events.
"""

import dataclasses
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rnntui.errors import InputError, StorageError
from rnntui.json_records import JsonMismatch, decode_record, format_record, parse_object
from rnntui.records import ReadOptions, RunManifest, RunRecord, TrainRequest
from rnntui.store.files import durable
from rnntui.store.runs.run_orders import RunOrders
from rnntui.store.runs.run_outcome import read_outcome
from rnntui.store.runs.run_presence import RunPresence
from rnntui.store.runs.run_states import RunStates
from rnntui.store.runs.run_times import RunTimes, read_times
from rnntui.text import visible_line

REQUEST_FILE = "request.json"
LARGEST_REQUEST = 4 << 20
_EVENTS_FILE, _PLAN_FILE, _VOCABULARY_FILE, _TIMES_FILE = "events.jsonl", "plan.json", "vocabulary.json", "times"
_LOG_FILE, _MEETING_FILE = "trainer.log", "meeting"
_EVENTS_AT_ONCE = 8 << 20
_TAIL = 256 << 10
_LARGEST_VOCABULARY = 64 << 20


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """What stands in the request file."""

    started_at: str
    request: TrainRequest
    format_version: int = 1


class RunFolder:
    """The folder of one run.

    Args:
        path: The folder; its name is the run's id.
        clock: Seconds since 1970.

    Attributes:
        orders: Run, pause, stop, and more time.
        states: What it needs to go on.
        presence: Whether it lives.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self.orders = RunOrders(path)
        self.states = RunStates(path)
        self.presence = RunPresence(path, clock)

    @property
    def run_id(self) -> str:
        """The name of the run."""
        return self._path.name

    @property
    def log_file(self) -> Path:
        """Where the trainer's printed lines go."""
        return self._path / _LOG_FILE

    def request(self) -> TrainRequest:
        """What the run was asked.

        Raises:
            StorageError: If the request is damaged.
        """
        return self._stored().request

    def record(self) -> RunRecord:
        """The run as it is now.

        Raises:
            StorageError: If the request or the events cannot be read.
        """
        stored = self._stored()
        outcome = read_outcome(_lines(durable.read_part(self._path / _EVENTS_FILE, -_TAIL, _TAIL)))
        is_running, is_queued = self.presence.is_running(), self.presence.is_queued()
        return RunRecord(
            run_id=self.run_id,
            name=stored.request.name,
            files=stored.request.files,
            budget_seconds=stored.request.minutes * 60.0,
            started_at=stored.started_at,
            is_running=is_running,
            finished=outcome.finished,
            model_id=outcome.model_id,
            is_queued=is_queued,
            has_failed=outcome.has_failed,
            bits_per_character=outcome.bits_per_character,
            can_resume=not is_running
            and not is_queued
            and not outcome.is_complete
            and (not outcome.has_failed or self.states.exist()),
        )

    def append_events(self) -> durable.Appender:
        """The end of the run's events, for the trainer to add lines to."""
        return durable.Appender(self._path / _EVENTS_FILE)

    def read_events(self, offset: int) -> tuple[list[str], int]:
        """Complete lines of events from `offset`, and the offset to go on from.

        Never waits; before the first event there are no lines. A long history comes in pieces: go on until there are
        none. A line that a crash cut off comes as it is, so a reader skips what is not an event.

        Args:
            offset: 0, or what the last call returned.

        Raises:
            InputError: If the run was removed.
            StorageError: If the events cannot be read.
        """
        if durable.kind_of(self._path) != "folder":
            raise no_run(self.run_id)
        data = durable.read_part(self._path / _EVENTS_FILE, offset, _EVENTS_AT_ONCE)
        end = data.rfind(b"\n") + 1
        if end == 0 and len(data) == _EVENTS_AT_ONCE:  # no event is that long: pass over it
            return [], offset + len(data)
        return _lines(data[:end]), offset + end

    def save_manifest(self, manifest: RunManifest, vocabulary: bytes) -> None:
        """Keep what the trainer decided, with the words that it chose: whoever goes on need not choose again.

        Raises:
            StorageError: If the disk refuses.
        """
        durable.write_file(self._path / _VOCABULARY_FILE, vocabulary)
        durable.write_file(self._path / _PLAN_FILE, format_record(manifest))

    def manifest(self) -> RunManifest | None:
        """What the trainer decided; None when it had not come so far, or nothing can be read."""
        try:
            data = durable.read_file(self._path / _PLAN_FILE, LARGEST_REQUEST)
            return decode_record(RunManifest, parse_object(data))
        except (StorageError, JsonMismatch):
            return None

    def vocabulary(self) -> bytes:
        """The words that the trainer chose; empty when nothing can be read."""
        try:
            return durable.read_file(self._path / _VOCABULARY_FILE, _LARGEST_VOCABULARY)
        except StorageError:
            return b""

    def append_times(self) -> RunTimes:
        """The end of the run's times, for the trainer to add to."""
        return RunTimes(self._path / _TIMES_FILE)

    def times(self) -> "array[float]":
        """The times that the run recorded, by number.

        Raises:
            StorageError: If the disk refuses.
        """
        return read_times(self._path / _TIMES_FILE)

    def meeting_place(self) -> Path:
        """A file that is not there, through which the processes of a trainer find each other.

        Raises:
            StorageError: If the disk refuses.
        """
        file = self._path / _MEETING_FILE
        durable.remove_file(file)  # of processes that were killed
        return file

    def _stored(self) -> StoredRequest:
        data = durable.read_file(self._path / REQUEST_FILE, LARGEST_REQUEST)
        try:
            values = parse_object(data)
            if isinstance(values.get("request"), dict):  # a run of an earlier version says nothing of the reading
                values["request"].setdefault("reading", dataclasses.asdict(ReadOptions()))
                values["request"].setdefault("base_model", "")
            return decode_record(StoredRequest, values)
        except JsonMismatch as problem:
            raise StorageError(
                f'The request of the training run "{self.run_id}" {visible_line(str(problem))}.',
                "Remove the run and start another.",
            ) from problem


def no_run(run_id: str) -> InputError:
    """The sentence for a run that is not there."""
    return InputError(
        f'There is no training run "{visible_line(run_id, 60)}".', 'See what there is with "rnntui runs".'
    )


def _lines(data: bytes) -> list[str]:
    return [line.decode("utf-8", "replace") for line in data.split(b"\n") if line]
