"""The inspection of the chosen files in the background: what was found until now, and what it was read with."""

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rnntui.chat_events import Failed
from rnntui.events import TrainEvent
from rnntui.service.background import Background
from rnntui.tui.training.train_choices import AdvancedChoices, Survey

if TYPE_CHECKING:
    from rnntui.service.run.training import Training

_SPEED_SECONDS = 5.0


class FileInspection:
    """Inspects one set of files at a time and keeps what it tells as a survey.

    Args:
        training: Reads the files.
        wake: Called from another thread when there is something to take.
    """

    def __init__(self, training: "Training", wake: Callable[[], object]) -> None:
        self._training = training
        self._wake = wake
        self._work: Background[TrainEvent] | None = None
        self._read_with: object = None
        self.survey = Survey()
        """What is known of the files."""

    @property
    def is_running(self) -> bool:
        """True while files are inspected."""
        return self._work is not None

    def begin(self, files: Sequence[Path], advanced: AdvancedChoices) -> None:
        """Give up what goes on, forget what was found, and inspect these files; nothing is inspected without any."""
        self.stop()
        self._work, self._read_with = None, _reading(advanced)
        self.survey = self.survey.reset()
        if files:
            seconds = 0.0 if self.survey.speed else _SPEED_SECONDS
            names = [str(file) for file in files]
            work = self._training.inspect(names, advanced.options, advanced.validation_file, seconds)
            self._work = Background(work, wake=self._wake_up)

    def stop(self) -> None:
        """Give up what goes on; what it has told still stands."""
        if self._work:
            self._work.stop()

    def is_outdated(self, advanced: AdvancedChoices) -> bool:
        """True when the files were read otherwise than is wanted now."""
        return self._read_with != _reading(advanced)

    def take(self) -> list[TrainEvent | Failed]:
        """What was told since; the survey knows it afterwards."""
        if self._work is None:
            return []
        taken = self._work.take()
        for event in taken:
            self.survey = self.survey.add(event)
        if self._work.is_finished:
            self._work = None
        return taken

    def _wake_up(self) -> None:
        with contextlib.suppress(RuntimeError):  # the app has ended and its loop is closed
            self._wake()


def _reading(advanced: AdvancedChoices) -> object:
    return advanced.options, advanced.validation_file
