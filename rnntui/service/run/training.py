"""Training runs: look at files, start a run in a process of its own, follow it, pause it, stop it.

The trainer is a separate process in its own session: it outlives the screen that started it, cannot freeze it, and is
followed by reading the file its events are appended to.
"""

import contextlib
import dataclasses
import functools
import logging
import math
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from rnntui.errors import InputError, ProcessLostError, RnntuiError, TrainingError
from rnntui.events import Failed, Preparing, RunFinished, RunResumed, RunStarted, TrainEvent, failed
from rnntui.paths import ENDS_WITH_VARIABLE
from rnntui.records import WHERE_IT_HELPS, ReadOptions, RunRecord, TrainRequest
from rnntui.service.devices import check
from rnntui.service.prepare import data_prep
from rnntui.service.prepare.time_left import TimeLeft
from rnntui.service.run import base_choice, run_pipeline
from rnntui.service.run.followers import FollowerGroup
from rnntui.service.run.plan_preview import PlanPreview, preview_plan
from rnntui.service.run.resume import AS_BEFORE, Otherwise
from rnntui.service.run.run_journal import RunJournal, parse_events
from rnntui.service.timestamps import utc_now
from rnntui.settings import DEVICE_CHOICES, ModelConfig
from rnntui.store.corpora import Corpora
from rnntui.store.files.processes import is_alive
from rnntui.store.library import Library, checked_name
from rnntui.store.runs import Runs
from rnntui.text import visible_line

log = logging.getLogger(__name__)

_MOST_MINUTES = 30 * 24 * 60.0
_MOST_FILES = 10_000
"""Each stands on the model's card."""
_ENDINGS = {"stop": "stopped", "suspend": "interrupted"}
"""Wishes that end a run before training, and the reason it gives."""


class RunFollower:
    """Reads what a run has told since the last look."""

    def __init__(self, runs: Runs, run_id: str) -> None:
        self._runs = runs
        self._run_id = run_id
        self._offset = 0
        self._lines = 0
        self._is_over = False
        self.unreadable_lines: list[int] = []
        """The lines that were passed over because they are no events."""

    @property
    def is_running(self) -> bool:
        """True while the trainer's process lives."""
        return self._runs.is_running(self._run_id)

    def poll(self) -> list[TrainEvent]:
        """New events since the last call; never waits. A trainer that died is told as a `Failed` event, once."""
        was_running = self.is_running  # asked first: what it wrote last must not be missed
        events: list[TrainEvent] = []
        while True:
            lines, self._offset = self._runs.read_events(self._run_id, self._offset)
            if not lines:
                break
            events += parse_events(lines, self._lines, self.unreadable_lines)
            self._lines += len(lines)
        if events:  # a run that was over may have gone on
            self._is_over = isinstance(events[-1], (RunFinished, Failed))
        if not was_running and not self._is_over and not self._runs.is_queued(self._run_id):
            self._is_over = True
            events.append(self.death())
        return events

    def go_on(self) -> None:
        """The run was told to go on; if its new trainer dies, that is told again."""
        self._is_over = False

    def death(self) -> Failed:
        """What is told of a process that is gone without a word."""
        return Failed(
            "The training process ended before it was done.",
            f"Go on from what it kept last: rnntui train --resume {self._run_id}",
            TrainingError.exit_code,
            f"its log is {self._runs.log_path(self._run_id)}",
        )


class Training:
    """All runs of one data folder.

    Args:
        runs: Their folders.
        library: Where models go.
        corpora: Where prepared texts are kept.
        data_dir: Told to the trainer's process.
        device: What new runs compute on unless they say so themselves, one of DEVICE_CHOICES.
    """

    def __init__(
        self, runs: Runs, library: Library, corpora: Corpora, data_dir: Path, device: str = DEVICE_CHOICES[0]
    ) -> None:
        self._device = device
        self._runs = runs
        self._library = library
        self._corpora = corpora
        self._data_dir = data_dir

    def inspect(
        self,
        files: Sequence[str],
        reading: ReadOptions | None = None,
        validation_file: str = "",
        speed_seconds: float = 0.0,
    ) -> Iterator[TrainEvent]:
        """Look at files before anything is trained: `Preparing` events, what a run would begin from, what was found.

        Args:
            files: Paths, or names of samples such as "sample:counting".
            reading: What the person says of the files.
            validation_file: Held-out text of its own; empty holds out the end of each file.
            speed_seconds: How long the speed of this machine is measured for a `SpeedMeasured` at the end; 0 leaves it
                out, and so does a run that is going on: beside it the figure would be wrong.

        Raises:
            CorpusError: If one of them cannot be trained on.
        """
        share = run_pipeline.validation_share({})
        measured_for = 0.0 if self.active() else speed_seconds
        remaining = TimeLeft()
        begin = functools.partial(base_choice.choose_by_text, files, {}, library=self._library)
        work = data_prep.inspect(
            files, self._corpora, reading or ReadOptions(), share, validation_file, measured_for, begin
        )
        for event in work:
            yield remaining.estimate(event) if isinstance(event, Preparing) else event

    def preview_plan(
        self,
        words: int,
        seconds: float,
        overrides: Mapping[str, object],
        base: ModelConfig | None = None,
        words_per_second: float = 0.0,
    ) -> PlanPreview:
        """What would be built from so many words in that time; loads no torch. See `preview_plan`.

        Raises:
            InputError: If an override does not fit its field.
        """
        return preview_plan(words, seconds, overrides, base, words_per_second)

    def start(self, request: TrainRequest, *, may_wait: bool = False) -> RunRecord:
        """Start a run in a process of its own; returns at once.

        Args:
            request: What to train.
            may_wait: True lets it wait for its turn, after the run that is going on and those that wait already; the
                trainer that ends starts the next.

        Raises:
            InputError: If the name or a file is missing, or a run is already going on and this one must not wait.
            StorageError: If the run cannot be stored.
            TrainingError: If the process does not start.
        """
        request = _checked(self._with_device(request))
        if not may_wait:
            self._refuse_a_second()
        run_id = self._runs.create(request, utc_now())
        if not may_wait:
            return self._spawned(run_id)
        self._runs.mark_queued(run_id)
        self.start_next()
        return self._runs.record(run_id)

    def start_next(self) -> RunRecord | None:
        """Start the run that has waited longest, unless one is going on; None when there is none.

        Raises:
            TrainingError: If the process does not start.
        """
        records = self._runs.records()
        if _is_left_alone() or any(record.is_running for record in records):
            return None
        for record in reversed(records):
            if record.is_queued and self._runs.take_from_queue(record.run_id):
                return self._spawned(record.run_id)
        return None

    def run_here(self, request: TrainRequest) -> Iterator[TrainEvent]:
        """Train in this process, as a run like any other: it is listed, can be followed and stopped from elsewhere.

        The first interrupt (Ctrl-C) stops and keeps the best, and what is needed to go on another time; the second ends
        at once. Being told to end (SIGTERM, a closed terminal) leaves the run for going on. Else a run that waits for
        its turn is started afterwards.
        """
        yield from self._work_here(self._runs.create(_checked(self._with_device(request)), utc_now()))

    def resume_here(self, run_id: str, otherwise: Otherwise = AS_BEFORE) -> Iterator[TrainEvent]:
        """Go on in this process with a run that was broken off or stopped, from exactly where it was.

        Args:
            run_id: The run.
            otherwise: What is to be other than before; numbers are identical only where nothing is.

        Raises:
            InputError: If there is no such run, or nothing to go on from.
        """
        check(otherwise.device or "auto")
        self._prepare_resuming(run_id)
        yield from self._work_here(run_id, otherwise)

    def _work_here(self, run_id: str, otherwise: Otherwise = AS_BEFORE) -> Iterator[TrainEvent]:
        refusal: RnntuiError | None = None
        with _InterruptStops() as wish:
            try:
                yield from self.work(run_id, wish, otherwise)
            except RnntuiError as error:
                refusal = error
        if wish() != "suspend":
            with contextlib.suppress(RnntuiError):
                self.start_next()
        if refusal:
            raise refusal

    def work(
        self, run_id: str, wish: Callable[[], str] = lambda: "run", otherwise: Otherwise = AS_BEFORE
    ) -> Iterator[TrainEvent]:
        """Do the work of a stored run, holding its lock and keeping all it tells; used by the trainer's process.

        Args:
            run_id: A run without a trainer.
            wish: What the process itself wants ("run", "stop" or "suspend"); the command file is asked as well.
            otherwise: What is to be other than before, where a run goes on.
        """
        company = FollowerGroup(lambda: self._runs.meeting_place(run_id), self._runs.log_path(run_id))
        with self._runs.lock_run(run_id), RunJournal(self._runs, run_id) as journal, company:

            def control() -> str:
                company.need_all()
                asked = "suspend" if _is_left_alone() else wish()
                told = journal.command()
                return journal.poll(told if asked == "run" else asked)

            name, has_begun = run_id, False
            try:
                request = self._runs.request(run_id)
                name = request.name
                work = run_pipeline.train(request, self._library, self._corpora, journal, control, company, otherwise)
                for event in _stoppable(work, name, control, self._runs.has_state(run_id)):
                    journal.log_event(event)
                    has_begun = has_begun or isinstance(event, (RunStarted, RunResumed))
                    if isinstance(event, RunFinished) and event.reason == "budget":
                        journal.remove_states()
                    yield event
            except GeneratorExit:
                raise
            except KeyboardInterrupt:  # the second one: no problem, and nothing to learn from it
                journal.log_event(_left(name))
                raise
            except BaseException as error:  # a process ends here: whoever follows must learn of it
                if not isinstance(error, RnntuiError):
                    log.exception("training failed")
                is_exploded = isinstance(error, TrainingError) and not isinstance(error, ProcessLostError)
                if is_exploded:  # it would explode again
                    journal.remove_states()
                is_refusal = journal.is_going_on and not has_begun and not is_exploded
                journal.log_event(dataclasses.replace(failed(error), is_refusal=is_refusal))
                raise

    def runs(self) -> list[RunRecord]:
        """Every run, newest first."""
        return self._runs.records()

    def record(self, run_id: str) -> RunRecord:
        """One run as it is now.

        Raises:
            InputError: If there is no such run.
        """
        return self._runs.record(run_id)

    def active(self) -> RunRecord | None:
        """The run whose process is alive, if there is one."""
        return next((record for record in self._runs.records() if record.is_running), None)

    def interrupted(self) -> RunRecord | None:
        """The newest run, if it was broken off and can go on."""
        record = next((record for record in self._runs.records() if not record.is_queued), None)
        return record if record and record.can_resume and not record.finished else None

    def follow(self, run_id: str) -> RunFollower:
        """Read a run from its beginning."""
        return RunFollower(self._runs, run_id)

    def stop(self, run_id: str) -> None:
        """Stop after the step it is at and keep the best."""
        self._runs.set_command(run_id, "stop")

    def pause(self, run_id: str) -> None:
        """Wait after the step it is at; paused time does not count."""
        self._runs.set_command(run_id, "pause")

    def resume(self, run_id: str) -> RunRecord:
        """Go on after a pause; or, in a process of its own, with a run that was broken off or stopped.

        Raises:
            InputError: If there is nothing to go on from, or another run is going on.
            TrainingError: If the process does not start.
        """
        if self._runs.is_running(run_id):
            self._runs.set_command(run_id, "run")
            return self._runs.record(run_id)
        self._refuse_a_second()
        self._prepare_resuming(run_id)
        return self._spawned(run_id)

    def extend(self, run_id: str, minutes: float) -> None:
        """Give a run that is going on more time; the learning rate falls more slowly from now on.

        Raises:
            InputError: If it is not going on, or the minutes are no number above 0.
        """
        if not self._runs.is_running(run_id):
            raise InputError("Only a run that is going on can be given more time.", "See rnntui runs.")
        if not 0.0 < minutes <= _MOST_MINUTES:
            raise InputError("More time is a number of minutes above 0.", "Write it as 5 or 0.5.")
        self._runs.add_time(run_id, 60.0 * minutes)

    def remove(self, run_id: str) -> None:
        """Remove a run for good; the model it made stays."""
        self._runs.remove(run_id)

    def _with_device(self, request: TrainRequest) -> TrainRequest:
        """A request that says what it computes on, as far as the person has a preference; it must be there."""
        asked = dict(request.overrides)
        if self._device != DEVICE_CHOICES[0]:
            asked.setdefault("device", self._device)
        check(str(asked.get("device", DEVICE_CHOICES[0])))
        return dataclasses.replace(request, overrides=asked)

    def _refuse_a_second(self) -> None:
        if self.active():
            raise InputError("A training run is already going on.", "Wait for it, or stop it first.")

    def _prepare_resuming(self, run_id: str) -> None:
        request, record = self._runs.request(run_id), self._runs.record(run_id)
        what = f'The training of "{visible_line(request.name, 60)}"'
        if record.is_running:
            raise InputError(f"{what} is going on already.", "See rnntui runs show.")
        if record.is_queued:
            raise InputError(f"{what} waits for its turn and begins by itself.", "See rnntui runs.")
        if not record.can_resume:
            raise InputError(f"{what} is over; there is nothing to go on from.", "Start a new one; see rnntui runs.")
        _checked(request)
        self._runs.set_command(run_id, "run")

    def _spawned(self, run_id: str) -> RunRecord:
        self._runs.mark_starting(run_id, _spawn(self._data_dir, run_id, self._runs.log_path(run_id)))
        return self._runs.record(run_id)


class _InterruptStops:
    """While it is open, the first interrupt becomes the wish to stop; the second one is an ordinary interrupt.

    To be told to end, by the system or by a terminal that closes, becomes the wish to leave.
    """

    def __init__(self) -> None:
        self._wish = "run"
        self._before: dict[int, Any] = {}

    def __call__(self) -> str:
        return self._wish

    def __enter__(self) -> "_InterruptStops":
        self._before[signal.SIGINT] = signal.signal(signal.SIGINT, self._on_interrupt)
        for name in ("SIGTERM", "SIGHUP"):
            if number := getattr(signal, name, None):  # not every system has both
                self._before[number] = signal.signal(number, self._on_end)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _on_interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._wish == "run":
            self._wish = "stop"
        elif callable(before := self._before[number]):
            before(number, frame)  # it knows when a KeyboardInterrupt does no harm
        else:
            raise KeyboardInterrupt

    def _on_end(self, _number: int, _frame: FrameType | None) -> None:
        self._wish = "suspend"


def _is_left_alone() -> bool:
    """True when the process with which trainers are to end is gone."""
    number = os.environ.get(ENDS_WITH_VARIABLE, "")
    return number.isdecimal() and not is_alive(int(number))


def _refuse_another_shape(request: TrainRequest) -> None:
    given = sorted(set(request.overrides) & set(ModelConfig.__dataclass_fields__))
    if request.base_model not in {"", WHERE_IT_HELPS} and given:
        flag = given[0].replace("_limit", "").replace("_", "-")
        raise InputError(f"A model that goes on keeps its shape, so --{flag} cannot be chosen.", "Leave it out.")


def _checked(request: TrainRequest) -> TrainRequest:
    _refuse_another_shape(request)
    if not request.files:
        raise InputError("No file was named to train on.", "Name at least one text file.")
    if len(request.files) > _MOST_FILES:
        raise InputError(
            f"{len(request.files):,} files are too many; at most {_MOST_FILES:,} can be read together.",
            "Put the text into fewer files.",
        )
    for file in (*request.files, request.validation_file):
        if file:
            data_prep.check_name(file)
    return dataclasses.replace(request, name=checked_name(request.name))


def _left(name: str) -> RunFinished:
    """The end of a process whose run can go on."""
    return RunFinished("interrupted", "", name, 0.0, 0, 0.0, math.nan, math.nan)


def _stoppable(
    work: Iterator[TrainEvent], name: str, control: Callable[[], str], has_learned: bool
) -> Iterator[TrainEvent]:
    """The events of a run, which the wish to stop ends also before training; each percent of preparing once.

    Args:
        work: The run.
        name: What its model is called.
        control: Says what is wished.
        has_learned: True for a run that goes on, so that nothing is over when it is stopped before its first step.
    """
    told: tuple[str, int] = ("", 0)
    for event in work:
        if isinstance(event, Preparing):
            if (wish := control()) in _ENDINGS:
                yield _left(name) if has_learned else dataclasses.replace(_left(name), reason=_ENDINGS[wish])
                return
            doing = event.what, int(100 * event.fraction)
            if doing == told:
                continue
            told = doing
        yield event


def _spawn(data_dir: Path, run_id: str, log_path: Path) -> int:
    """Start the trainer detached: own session, no terminal, what it prints in the run's log. Returns its process id."""
    command = [sys.executable, "-m", "rnntui.service.run.trainer_process", str(data_dir), run_id, str(log_path)]
    detached: dict[str, Any] = (
        {"start_new_session": True}
        if os.name == "posix"
        else {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    )
    try:
        process = subprocess.Popen(  # noqa: S603  our own interpreter and module
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            close_fds=True,
            **detached,
        )
    except OSError as problem:
        raise TrainingError(
            f"The training process could not be started: {problem.strerror}.", "Check free memory and try again."
        ) from problem
    _reap_later(process)
    return process.pid


def _reap_later(process: "subprocess.Popen[bytes]") -> None:
    """Wait for the child in a daemon thread, so that a dead trainer is seen as dead and not as a zombie."""
    import threading

    threading.Thread(target=process.wait, name="rnntui-reaper", daemon=True).start()
