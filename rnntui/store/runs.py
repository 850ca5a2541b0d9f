"""Run folders: what a training run was asked, what it tells, what it is told, and whether it lives.

    <runs>/<run_id>/request.json     what was asked; never changes
                    events.jsonl     what the trainer tells, one JSON object a line
                    command          what the trainer is told: run, pause or stop, then the seconds added to its time
                    plan.json        what the trainer decided at the beginning
                    vocabulary.json  the words that it chose
                    times            every time that decided anything, in order
                    extensions.json  after how many of them its time became how much longer
                    state-<number>   what the trainer needs to go on exactly where it was, hash first; the newest two
                    trainer.log      what it printed
                    queued           there while it waits for the run before it
                    lock, starting   held while it lives; its process number until it holds the lock

Knows lines and records; what the events mean is for others, except which of them end a run.
"""

import contextlib
import dataclasses
import hashlib
import json
import re
import secrets
import time
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnntui.errors import InputError, StorageError
from rnntui.records import ReadOptions, RunManifest, RunRecord, TrainRequest
from rnntui.store.files import durable, locks, os_errors, strict_json
from rnntui.store.files.processes import is_alive
from rnntui.store.run_times import RunTimes, read_times
from rnntui.text import visible_line

COMMANDS = ("run", "pause", "stop")

_REQUEST_FILE, _EVENTS_FILE, _COMMAND_FILE = "request.json", "events.jsonl", "command"
_QUEUED_FILE = "queued"
_MEETING_FILE = "meeting"
_PLAN_FILE, _TIMES_FILE, _EXTENSIONS_FILE = "plan.json", "times", "extensions.json"
_VOCABULARY_FILE = "vocabulary.json"
_MOST_ADDED = 30 * 86_400.0
_STATE_FILE, _LOG_FILE, _LOCK_FILE, _STARTING_FILE = "state", "trainer.log", "lock", "starting"
_RUN_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_STATE_NAME = re.compile(r"state-([0-9]{1,15})")
_STATES_KEPT = 2
_REQUEST_LIMIT = 4 << 20
_EVENTS_LIMIT = 8 << 20
_TAIL_LIMIT = 256 << 10
_STATE_LIMIT = 8 << 30
_VOCABULARY_LIMIT = 64 << 20
_STARTING_SECONDS = 120.0
_LOCK_SECONDS = 5.0
_FAILURE = "Failed"
_ENDINGS = ("RunFinished", _FAILURE)
_PREPARING = "Preparing"
_BEGINNINGS = (_PREPARING, "RunStarted", "RunResumed", "StepLogged")
_INTERRUPTED, _COMPLETE = "interrupted", "budget"
"""Reasons of a `RunFinished`: the trainer only left; its time is over."""


@dataclass(frozen=True, slots=True)
class _StoredRequest:
    started_at: str
    request: TrainRequest
    format_version: int = 1


class Runs:
    """The training runs on this machine.

    Args:
        folder: Where run folders are kept; made at the first run.
        clock: Seconds since 1970; says how long ago a trainer was started.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._clock = clock

    def create(self, request: TrainRequest, now: str) -> str:
        """Make the folder of a new run and return its id.

        Args:
            request: What was asked.
            now: The moment, UTC, ISO 8601.

        Raises:
            InputError: If the paths of the files together are longer than can be kept.
            StorageError: If the disk refuses.
        """
        data = strict_json.dumps(_StoredRequest(now, request))
        if len(data) > _REQUEST_LIMIT:
            raise InputError(
                f"The names of {len(request.files):,} files are too long together.", "Put the text into fewer files."
            )
        durable.make_folder(self._folder)
        run_id = f"{re.sub(r'[^0-9]', '', now)[:14] or 'run'}-{secrets.token_hex(3)}"
        durable.write_folder(self._folder / run_id, {_REQUEST_FILE: data, _COMMAND_FILE: b"run\n"})
        return run_id

    def request(self, run_id: str) -> TrainRequest:
        """What the run was asked.

        Raises:
            InputError: If there is no such run.
            StorageError: If the request is damaged.
        """
        return self._stored(run_id).request

    def records(self) -> list[RunRecord]:
        """Every run that can be read, newest first."""
        try:
            names = [entry.name for entry in self._folder.iterdir() if _RUN_ID.fullmatch(entry.name)]
        except OSError as problem:
            if isinstance(problem, (FileNotFoundError, NotADirectoryError)) and not durable.kind_of(self._folder):
                return []
            raise os_errors.storage_error(problem, "read", self._folder) from problem
        records = [record for name in names if (record := self._record(name))]
        return sorted(records, key=lambda record: (record.started_at, record.run_id), reverse=True)

    def record(self, run_id: str) -> RunRecord:
        """One run.

        Raises:
            InputError: If there is no such run, or it cannot be read.
        """
        record = self._record(run_id)
        if record is None:
            raise _no_run(run_id)
        return record

    def remove(self, run_id: str) -> None:
        """Remove a run for good; the model it made stays.

        Raises:
            InputError: If there is no such run, or it is still running.
            StorageError: If the disk refuses.
        """
        folder = self._existing(run_id)
        if self.is_running(run_id):
            raise InputError(f'The training run "{run_id}" is still running.', "Stop it first.")
        durable.remove_folder(folder)
        durable.remove_leftovers(self._folder)

    def log_path(self, run_id: str) -> Path:
        """Where the trainer's printed lines go."""
        return self._existing(run_id) / _LOG_FILE

    # ---- what the trainer tells ----

    def append(self, run_id: str) -> durable.Appender:
        """The end of the run's events, for the trainer to add lines to."""
        return durable.Appender(self._existing(run_id) / _EVENTS_FILE)

    def read_events(self, run_id: str, offset: int) -> tuple[list[str], int]:
        """Complete lines of events from `offset`, and the offset to go on from.

        Never waits; before the first event there are no lines. A long history comes in pieces: go on until there are
        none. A line that a crash cut off comes as it is, so a reader skips what is not an event.

        Args:
            run_id: The run.
            offset: 0, or what the last call returned.
        """
        data = durable.read_part(self._existing(run_id) / _EVENTS_FILE, offset, _EVENTS_LIMIT)
        end = data.rfind(b"\n") + 1
        if end == 0 and len(data) == _EVENTS_LIMIT:  # no event is that long: pass over it
            return [], offset + len(data)
        return _lines(data[:end]), offset + end

    # ---- what it needs to go on ----

    def keep_plan(self, run_id: str, plan: RunManifest) -> None:
        """Keep what the trainer decided.

        Raises:
            StorageError: If the disk refuses.
        """
        durable.write_file(self._existing(run_id) / _PLAN_FILE, strict_json.dumps(plan), durable.PRIVATE_FILE)

    def plan(self, run_id: str) -> RunManifest | None:
        """What the trainer decided; None when it had not come so far, or nothing can be read."""
        try:
            data = durable.read_file(self._existing(run_id) / _PLAN_FILE, _REQUEST_LIMIT)
            return strict_json.record_from(RunManifest, strict_json.loads(data))
        except (StorageError, strict_json.Mismatch):
            return None

    def keep_vocabulary(self, run_id: str, vocabulary: bytes) -> None:
        """Keep the words that the trainer chose.

        Raises:
            StorageError: If the disk refuses.
        """
        durable.write_file(self._existing(run_id) / _VOCABULARY_FILE, vocabulary, durable.PRIVATE_FILE)

    def vocabulary(self, run_id: str) -> bytes:
        """What `keep_vocabulary` kept; empty when nothing can be read."""
        try:
            return durable.read_file(self._existing(run_id) / _VOCABULARY_FILE, _VOCABULARY_LIMIT)
        except StorageError:
            return b""

    def keep_extensions(self, run_id: str, extensions: Mapping[int, float]) -> None:
        """Keep when the run was given more time.

        Args:
            run_id: The run.
            extensions: Seconds added in all, by the number of times used until then.

        Raises:
            StorageError: If the disk refuses.
        """
        data = json.dumps(sorted(extensions.items())).encode()
        durable.write_file(self._existing(run_id) / _EXTENSIONS_FILE, data, durable.PRIVATE_FILE)

    def extensions(self, run_id: str) -> dict[int, float]:
        """What `keep_extensions` kept; empty when nothing can be read."""
        try:
            pairs = json.loads(durable.read_file(self._existing(run_id) / _EXTENSIONS_FILE, _REQUEST_LIMIT))
            return {int(times): _clamp_added(seconds) for times, seconds in pairs}
        except (StorageError, ValueError, TypeError, RecursionError):
            return {}

    def append_times(self, run_id: str) -> RunTimes:
        """The end of the run's times, for the trainer to add to."""
        return RunTimes(self._existing(run_id) / _TIMES_FILE)

    def times(self, run_id: str) -> "array[float]":
        """The times that the run used, by number.

        Raises:
            StorageError: If the disk refuses.
        """
        return read_times(self._existing(run_id) / _TIMES_FILE)

    def save_state(self, run_id: str, state: bytes) -> None:
        """Keep what the trainer needs to go on exactly here, under a new name; the one before is kept as well.

        Raises:
            StorageError: If the disk refuses; what was kept before stays.
        """
        folder = self._existing(run_id)
        numbers = _state_numbers(folder)
        number = max(numbers, default=0) + 1
        data = hashlib.sha256(state).hexdigest().encode() + b"\n" + state
        durable.write_file(folder / f"{_STATE_FILE}-{number}", data, durable.PRIVATE_FILE)
        for old in sorted(numbers)[: 1 - _STATES_KEPT or None]:
            with contextlib.suppress(StorageError):  # it goes the next time
                durable.remove_file(folder / f"{_STATE_FILE}-{old}")

    def read_states(self, run_id: str) -> Iterator[bytes]:
        """What `save_state` kept, the newest first; what is not whole is passed over."""
        folder = self._existing(run_id)
        for number in sorted(_state_numbers(folder), reverse=True):
            try:
                data = durable.read_file(folder / f"{_STATE_FILE}-{number}", _STATE_LIMIT)
            except StorageError:
                continue
            digest, _, state = data.partition(b"\n")
            if hashlib.sha256(state).hexdigest().encode() == digest:
                yield state

    def has_state(self, run_id: str) -> bool:
        """True when something was kept to go on from; it is not looked into."""
        return bool(_state_numbers(self._existing(run_id)))

    def remove_states(self, run_id: str) -> None:
        """Give the room back: nobody will go on from here. What cannot be removed stays."""
        folder = self._existing(run_id)
        with contextlib.suppress(StorageError):
            for number in _state_numbers(folder):
                durable.remove_file(folder / f"{_STATE_FILE}-{number}")

    # ---- what the trainer is told ----

    def command(self, run_id: str) -> str:
        """One of COMMANDS; "run" when nothing else can be read."""
        return self.orders(run_id)[0]

    def orders(self, run_id: str) -> tuple[str, float]:
        """The command, and the seconds added to the run's time. Cheap enough to ask between training steps."""
        try:
            text = durable.read_file(self._path(run_id) / _COMMAND_FILE, 64).decode("ascii", "replace")
        except StorageError:
            return "run", 0.0
        word, _, added = text.strip().partition(" ")
        return (word, _clamp_added(added or 0.0)) if word in COMMANDS else ("run", 0.0)

    def set_command(self, run_id: str, command: str) -> None:
        """Tell the trainer to run, pause or stop; it looks between steps.

        Raises:
            InputError: If the command is not one of COMMANDS, or there is no such run.
        """
        if command not in COMMANDS:
            raise InputError(
                f'A training run knows no command "{visible_line(command, 40)}".', "Say run, pause or stop."
            )
        self._order(run_id, command, self.orders(run_id)[1])

    def add_time(self, run_id: str, seconds: float) -> None:
        """Give a run more time; the trainer looks between steps.

        Raises:
            InputError: If there is no such run.
            StorageError: If the disk refuses.
        """
        command, added = self.orders(run_id)
        self._order(run_id, command, min(_MOST_ADDED, added + seconds))

    def _order(self, run_id: str, command: str, added: float) -> None:
        words = f"{command} {added!r}" if added else command
        durable.write_file(self._existing(run_id) / _COMMAND_FILE, f"{words}\n".encode())

    def meeting_place(self, run_id: str) -> Path:
        """A file that is not there, through which the processes of a trainer find each other.

        Raises:
            StorageError: If the disk refuses.
        """
        file = self._existing(run_id) / _MEETING_FILE
        durable.remove_file(file)  # of processes that were killed
        return file

    # ---- whether it lives ----

    def lock_run(self, run_id: str) -> locks.Lock:
        """Take the run for the life of the trainer. It waits a little, because looking takes the lock for an instant.

        Raises:
            StorageError: If another trainer has it.
        """
        folder = self._existing(run_id)
        held = locks.lock(folder / _LOCK_FILE, _LOCK_SECONDS)
        durable.remove_file(folder / _STARTING_FILE)  # from here the lock says it
        return held

    def mark_queued(self, run_id: str) -> None:
        """Say that the run waits for the one before it.

        Raises:
            StorageError: If the disk refuses.
        """
        durable.write_file(self._existing(run_id) / _QUEUED_FILE, b"")

    def is_queued(self, run_id: str) -> bool:
        """True while it waits for the run before it."""
        return durable.kind_of(self._path(run_id) / _QUEUED_FILE) == "file"

    def take_from_queue(self, run_id: str) -> bool:
        """From now on it does not wait; True for one caller only."""
        try:
            (self._existing(run_id) / _QUEUED_FILE).unlink()
        except OSError:
            return False
        return True

    def mark_starting(self, run_id: str, process_id: int) -> None:
        """Say that a trainer was spawned that has not taken the lock yet; call it right after spawning."""
        note = f"{process_id} {self._clock():.0f}\n".encode()
        durable.write_file(self._existing(run_id) / _STARTING_FILE, note)

    def is_running(self, run_id: str) -> bool:
        """True from `mark_starting` on while the trainer lives; False as soon as its process is gone."""
        folder = self._path(run_id)
        return locks.is_locked(folder / _LOCK_FILE) or self._is_starting(folder)

    def _is_starting(self, folder: Path) -> bool:
        try:
            process_id, marked = durable.read_file(folder / _STARTING_FILE, 64).split()
            age = self._clock() - float(marked)
            return abs(age) < _STARTING_SECONDS and is_alive(int(process_id))
        except (StorageError, ValueError, OverflowError):
            return False

    # ---- folders ----

    def _path(self, run_id: str) -> Path:
        if not _RUN_ID.fullmatch(run_id):
            raise _no_run(run_id)
        return self._folder / run_id

    def _existing(self, run_id: str) -> Path:
        path = self._path(run_id)
        if durable.kind_of(path) != "folder":
            raise _no_run(run_id)
        return path

    def _stored(self, run_id: str) -> _StoredRequest:
        data = durable.read_file(self._existing(run_id) / _REQUEST_FILE, _REQUEST_LIMIT)
        try:
            values = strict_json.loads(data)
            if isinstance(values.get("request"), dict):  # a run of an earlier version says nothing of the reading
                values["request"].setdefault("reading", dataclasses.asdict(ReadOptions()))
                values["request"].setdefault("base_model", "")
            return strict_json.record_from(_StoredRequest, values)
        except strict_json.Mismatch as problem:
            raise StorageError(
                f'The request of the training run "{run_id}" {visible_line(str(problem))}.',
                "Remove the run and start another.",
            ) from problem

    def _record(self, run_id: str) -> RunRecord | None:
        try:
            stored = self._stored(run_id)
            tail = _lines(durable.read_part(self._folder / run_id / _EVENTS_FILE, -_TAIL_LIMIT, _TAIL_LIMIT))
        except (InputError, StorageError):
            return None
        outcome = _outcome(tail)
        asked = stored.request
        is_running = self.is_running(run_id)
        is_queued = self.is_queued(run_id)
        return RunRecord(
            run_id=run_id,
            name=asked.name,
            files=asked.files,
            budget_seconds=asked.minutes * 60.0,
            started_at=stored.started_at,
            is_running=is_running,
            finished=outcome.finished,
            model_id=outcome.model_id,
            is_queued=is_queued,
            has_failed=outcome.has_failed,
            can_resume=not is_running
            and not is_queued
            and not outcome.is_complete
            and (not outcome.has_failed or bool(_state_numbers(self._folder / run_id))),
        )


def _state_numbers(folder: Path) -> list[int]:
    """The numbers of the kept states; the highest is the newest."""
    try:
        names = [entry.name for entry in folder.iterdir()]
    except OSError as problem:
        raise os_errors.storage_error(problem, "read", folder) from problem
    return [int(found[1]) for name in names if (found := _STATE_NAME.fullmatch(name))]


def _clamp_added(value: object) -> float:
    """Seconds added to a run; 0 for anything that cannot be that."""
    try:
        seconds = float(str(value))
    except ValueError:
        return 0.0
    return seconds if 0.0 <= seconds <= _MOST_ADDED else 0.0


def _no_run(run_id: str) -> InputError:
    return InputError(
        f'There is no training run "{visible_line(run_id, 60)}".', 'See what there is with "rnntui runs".'
    )


def _lines(data: bytes) -> list[str]:
    return [line.decode("utf-8", "replace") for line in data.split(b"\n") if line]


@dataclass(frozen=True, slots=True)
class _Outcome:
    finished: bool
    is_complete: bool
    """True when nothing is left of its time."""
    has_failed: bool
    model_id: str


def _outcome(lines: list[str]) -> _Outcome:
    """Whether the last lines tell of an end, and of which model; going on that was refused is passed over."""
    finished: bool | None = None
    is_complete = has_failed = is_refused = False
    for line in reversed(lines):
        event = _event(line)
        kind = event.get("event")
        is_refused = event.get("is_refusal") is True or (is_refused and kind == _PREPARING)
        if is_refused:
            continue
        if finished is None and kind in _ENDINGS:
            finished = event.get("reason") != _INTERRUPTED
            is_complete = event.get("reason") == _COMPLETE
            has_failed = kind == _FAILURE
        if finished is None and kind in _BEGINNINGS:
            finished = False
        if isinstance(model_id := event.get("model_id"), str) and model_id:
            return _Outcome(bool(finished), is_complete, has_failed, model_id)
    return _Outcome(bool(finished), is_complete, has_failed, "")


def _event(line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
