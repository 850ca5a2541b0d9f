"""Training runs: inspect files, start a run in a process of its own, follow it, pause it, stop it.

The trainer is a separate process in its own session: it outlives the screen that started it, cannot freeze it, and is
followed by reading the file its events are appended to.
"""

import contextlib
import dataclasses
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from rnntui.errors import InputError, RnntuiError
from rnntui.events import Preparing, TrainEvent
from rnntui.records import ReadOptions, RunRecord, TrainRequest
from rnntui.service.devices import require_device
from rnntui.service.pipeline.base_choice import choose_by_text
from rnntui.service.pipeline.plan_preview import PlanPreview, preview_plan
from rnntui.service.pipeline.preparation import validation_share
from rnntui.service.pipeline.resume_settings import AS_BEFORE, ResumeOptions
from rnntui.service.prepare import inspection
from rnntui.service.prepare.time_left import TimeLeft
from rnntui.service.run.request_check import check_request
from rnntui.service.run.run_follower import RunFollower
from rnntui.service.run.run_worker import is_left_alone, work
from rnntui.service.run.stop_signals import StopSignals
from rnntui.service.run.trainer_spawn import spawn_trainer
from rnntui.service.timestamps import utc_now
from rnntui.settings import DEVICE_CHOICES, ModelConfig
from rnntui.store.corpora import Corpora
from rnntui.store.library import Library
from rnntui.store.runs.run_folder import RunFolder
from rnntui.store.runs.runs import Runs
from rnntui.text import visible_line

_MOST_MINUTES = 30 * 24 * 60.0


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
        share = validation_share({})
        measured_for = 0.0 if self.active() else speed_seconds
        remaining = TimeLeft()
        begin = functools.partial(choose_by_text, files, {}, library=self._library)
        work = inspection.inspect(
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
        request = check_request(self._with_device(request))
        if not may_wait:
            self._refuse_a_second()
        folder = self._runs.create(request, utc_now())
        if not may_wait:
            return self._spawn(folder)
        folder.presence.mark_queued()
        self.start_next()
        return folder.record()

    def start_next(self) -> RunRecord | None:
        """Start the run that has waited longest, unless one is going on; None when there is none.

        Raises:
            TrainingError: If the process does not start.
        """
        records = self._runs.records()
        if is_left_alone() or any(record.is_running for record in records):
            return None
        for record in reversed(records):
            folder = self._runs.folder(record.run_id)
            if record.is_queued and folder.presence.take_from_queue():
                return self._spawn(folder)
        return None

    def run_here(self, request: TrainRequest) -> Iterator[TrainEvent]:
        """Train in this process, as a run like any other: it is listed, can be followed and stopped from elsewhere.

        The first interrupt (Ctrl-C) stops and keeps the best, and what is needed to go on another time; the second ends
        at once. SIGTERM and a closed terminal suspend the run. Else a run that waits for
        its turn is started afterwards.
        """
        folder = self._runs.create(check_request(self._with_device(request)), utc_now())
        yield from self._work_here(folder.run_id)

    def resume_here(self, run_id: str, options: ResumeOptions = AS_BEFORE) -> Iterator[TrainEvent]:
        """Go on in this process with a run that was broken off or stopped, from exactly where it was.

        Args:
            run_id: The run.
            options: What is to be other than before; numbers are identical only where nothing is.

        Raises:
            InputError: If there is no such run, or nothing to go on from.
        """
        require_device(options.device or "auto")
        self._prepare_resuming(run_id)
        yield from self._work_here(run_id, options)

    def _work_here(self, run_id: str, options: ResumeOptions = AS_BEFORE) -> Iterator[TrainEvent]:
        refusal: RnntuiError | None = None
        with StopSignals() as wanted:
            try:
                yield from self.work(run_id, wanted, options)
            except RnntuiError as error:
                refusal = error
        if wanted() != "suspend":
            with contextlib.suppress(RnntuiError):
                self.start_next()
        if refusal:
            raise refusal

    def work(
        self, run_id: str, wanted: Callable[[], str] = lambda: "run", options: ResumeOptions = AS_BEFORE
    ) -> Iterator[TrainEvent]:
        """Do the work of a stored run, holding its lock and keeping its events; used by the trainer's process.

        Args:
            run_id: A run without a trainer.
            wanted: What the process itself wants ("run", "stop" or "suspend"); the command file is asked as well.
            options: What is to be other than before, where a run goes on.
        """
        return work(self._runs.folder(run_id), self._library, self._corpora, wanted, options)

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
        return RunFollower(self._runs.folder(run_id))

    def next_step(self, model_id: str) -> str:
        """What pays most after a run that made this model, by the planner's estimates; empty for nothing.

        Raises:
            RnntuiError: If the model is not there.
        """
        from rnntui.service.export.advice import first_advice

        return first_advice(self._library.find(model_id), self._library.report(model_id))

    def stop(self, run_id: str) -> None:
        """Stop after the step it is at and keep the best."""
        self._runs.folder(run_id).orders.set_command("stop")

    def pause(self, run_id: str) -> None:
        """Wait after the step it is at; paused time does not count."""
        self._runs.folder(run_id).orders.set_command("pause")

    def resume(self, run_id: str) -> RunRecord:
        """Go on after a pause; or, in a process of its own, with a run that was broken off or stopped.

        Raises:
            InputError: If there is nothing to go on from, or another run is going on.
            TrainingError: If the process does not start.
        """
        folder = self._runs.folder(run_id)
        if folder.presence.is_running():
            folder.orders.set_command("run")
            return folder.record()
        self._refuse_a_second()
        self._prepare_resuming(run_id)
        return self._spawn(folder)

    def extend(self, run_id: str, minutes: float) -> None:
        """Give a run that is going on more time; the learning rate falls more slowly from now on.

        Raises:
            InputError: If it is not going on, or the minutes are no number above 0.
        """
        folder = self._runs.folder(run_id)
        if not folder.presence.is_running():
            raise InputError("Only a run that is going on can be given more time.", "See rnntui runs.")
        if not 0.0 < minutes <= _MOST_MINUTES:
            raise InputError("More time is a number of minutes above 0.", "Write it as 5 or 0.5.")
        folder.orders.add_time(60.0 * minutes)

    def remove(self, run_id: str) -> None:
        """Remove a run for good; the model it made stays."""
        self._runs.remove(run_id)

    def _with_device(self, request: TrainRequest) -> TrainRequest:
        """A request that says what it computes on, as far as the person has a preference; it must be there."""
        asked = dict(request.overrides)
        if self._device != DEVICE_CHOICES[0]:
            asked.setdefault("device", self._device)
        require_device(str(asked.get("device", DEVICE_CHOICES[0])))
        return dataclasses.replace(request, overrides=asked)

    def _refuse_a_second(self) -> None:
        if self.active():
            raise InputError("A training run is already going on.", "Wait for it, or stop it first.")

    def _prepare_resuming(self, run_id: str) -> None:
        folder = self._runs.folder(run_id)
        request, record = folder.request(), self._runs.record(run_id)
        what = f'The training of "{visible_line(request.name, 60)}"'
        if record.is_running:
            raise InputError(f"{what} is going on already.", "See rnntui runs show.")
        if record.is_queued:
            raise InputError(f"{what} waits for its turn and begins by itself.", "See rnntui runs.")
        if not record.can_resume:
            raise InputError(f"{what} is over; there is nothing to go on from.", "Start a new one; see rnntui runs.")
        check_request(request)
        folder.orders.set_command("run")

    def _spawn(self, folder: RunFolder) -> RunRecord:
        folder.presence.mark_starting(spawn_trainer(self._data_dir, folder.run_id, folder.log_file))
        return folder.record()
