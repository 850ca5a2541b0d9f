"""The run that is watched, as a value: what it has told, what the person has asked of it, and what can be done now."""

from dataclasses import dataclass, field

from rnntui.records import RunRecord
from rnntui.service.run.run_view import RunView


@dataclass(frozen=True, slots=True)
class RunState:
    """One run, or none when there is no record."""

    record: RunRecord | None = None
    view: RunView = field(default_factory=RunView)
    """Everything that the run has told."""
    advice: str = ""
    """What to try next, once it is done and known."""
    is_stopping: bool = False
    """The person has said so; the trainer may not have heard it."""

    @property
    def is_on(self) -> bool:
        """True while a run is watched."""
        return self.record is not None

    @property
    def name(self) -> str:
        """What the run is called; empty when there is none."""
        return self.record.name if self.record else ""

    @property
    def can_resume(self) -> bool:
        """True when the run is over, but not its time."""
        return self.view.is_over and self.record is not None and self.record.can_resume

    @property
    def is_resumable(self) -> bool:
        """True when the run can go on: it is paused, or over before its time."""
        return self.can_resume or self.view.phase == "paused"

    @property
    def is_learning(self) -> bool:
        """True while there is something to pause or to stop: it may be preparing, but not measuring at the end."""
        return self.is_on and not (self.view.is_over or self.is_stopping or self.view.phase == "measuring")

    @property
    def is_unfinished(self) -> bool:
        """True while something new may come: until its last event, and then until the end of its process."""
        return self.record is not None and (not self.view.is_over or self.record.is_running)

    @property
    def model_id(self) -> str:
        """The model to talk with, the best so far while it learns; empty before there is one."""
        finished = self.view.finished
        return (finished.model_id if finished else "") or self.view.checkpoint_model_id

    @property
    def report_id(self) -> str:
        """The model of a run that was measured to its end; empty before that."""
        finished = self.view.finished
        return finished.model_id if finished and finished.reason != "interrupted" else ""

    @property
    def possible_actions(self) -> frozenset[str]:
        """The actions of the table that mean something now, by what they run."""
        if not self.is_on:
            return frozenset({"start", "advanced", "in_form", "runs"})
        is_prepared = self.is_learning and self.view.started is not None
        possible = {
            "zoom": True,
            "another": True,
            "runs": True,
            "overlay": True,
            "moment": len(self.view.moments) > 1,
            "pause": self.can_resume or self.is_learning,
            "stop_training": self.is_learning,
            "more_time": is_prepared,
            "see_report": bool(self.report_id),
            "chat_with_it": bool(self.model_id),
        }
        return frozenset(name for name, is_possible in possible.items() if is_possible)
