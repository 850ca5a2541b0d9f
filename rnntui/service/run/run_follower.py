"""A run as others see it: its events as they come, and its end, also of a trainer that died without a word."""

from rnntui.errors import TrainingError
from rnntui.events import Failed, RunFinished, TrainEvent
from rnntui.service.run.run_journal import parse_events
from rnntui.store.runs.run_folder import RunFolder


class RunFollower:
    """Reads the events of a run that are new since the last time."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._offset = 0
        self._lines = 0
        self._is_over = False
        self.unreadable_lines: list[int] = []
        """The lines that were passed over because they are no events."""

    @property
    def is_running(self) -> bool:
        """True while the trainer's process lives."""
        return self._folder.presence.is_running()

    def poll(self) -> list[TrainEvent]:
        """New events since the last call; never waits. A trainer that died gives a `Failed` event, once."""
        was_running = self.is_running  # asked first: what it wrote last must not be missed
        events: list[TrainEvent] = []
        while True:
            lines, self._offset = self._folder.read_events(self._offset)
            if not lines:
                break
            events += parse_events(lines, self._lines, self.unreadable_lines)
            self._lines += len(lines)
        if events:  # a run that was over may have gone on
            self._is_over = isinstance(events[-1], (RunFinished, Failed))
        if not was_running and not self._is_over and not self._folder.presence.is_queued():
            self._is_over = True
            events.append(self.death())
        return events

    def go_on(self) -> None:
        """The run was resumed: if its new trainer dies, that is an event again."""
        self._is_over = False

    def death(self) -> Failed:
        """The event for a process that is gone without one."""
        return Failed(
            "The training process ended before it was done.",
            f"Go on from what it kept last: rnntui train --resume {self._folder.run_id}",
            TrainingError.exit_code,
            f"its log is {self._folder.log_file}",
        )
