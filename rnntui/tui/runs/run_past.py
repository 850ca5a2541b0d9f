"""What a run has told until now, as a value that can be gone through: curves and moments. Knows no widget."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rnntui.records import ModelCard, RunRecord, RunReport
from rnntui.service.run.run_moments import Moment, moments_of_report
from rnntui.service.run.run_view import Point, RunView, fold_all
from rnntui.tui.widgets.chart_picture import ChartContent, RunCurves

if TYPE_CHECKING:
    from rnntui.service.run.training import Training


@dataclass(frozen=True, slots=True)
class RunPast:
    """One run until now."""

    name: str = ""
    training: tuple[Point, ...] = ()
    held_out: tuple[Point, ...] = ()
    best: float = 0.0
    """Bits per character of the weights that are kept, at a quick look; 0 before there is one."""
    moments: tuple[Moment, ...] = ()
    baselines: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    """How long it takes in all, as far as is known."""

    def curves(self) -> RunCurves:
        """What is drawn of it."""
        return RunCurves(self.training, self.held_out, self.best, self.name)

    def content(self, at: int | None, other: "RunPast | None" = None) -> ChartContent:
        """The picture of it, alone or with another run on the same axis.

        Args:
            at: The moment at which the slider stands; None where there is none.
            other: A run that is laid over it; None for none.
        """
        seconds = tuple(moment.seconds for moment in self.moments)
        whole = max(self.seconds, other.seconds) if other else self.seconds
        return ChartContent(self.curves(), self.baselines, whole, other.curves() if other else None, seconds, at)


def past_of_view(view: RunView, name: str, whole_seconds: float) -> RunPast:
    """The past of a run that is followed."""
    best = view.best.bits_per_character if view.best else 0.0
    return RunPast(name, view.training_curve, view.validation_curve, best, view.moments, view.baselines, whole_seconds)


def read_past(training: "Training", run: RunRecord) -> RunPast:
    """The past of a run, read from what it has told: work for a thread.

    Raises:
        InputError: If there is no such run.
        StorageError: If it cannot be read.
    """
    view = fold_all(training.follow(run.run_id).poll())
    return past_of_view(view, run.name, view.whole_seconds or run.budget_seconds)


def past_of_report(card: ModelCard, report: RunReport) -> RunPast:
    """The past that stays with a model."""
    training, held_out = _points(report.training_curve), _points(report.held_out_curve)
    best = min((point.bits_per_character for point in held_out), default=0.0)
    end = max((point.seconds for point in (*training[-1:], *held_out[-1:])), default=0.0)
    return RunPast(
        card.name,
        training,
        held_out,
        best,
        moments_of_report(report),
        card.figures.baselines,
        max(end, report.budget_seconds),
    )


def _points(curve: tuple[tuple[float, ...], ...]) -> tuple[Point, ...]:
    return tuple(Point(point[0], point[1]) for point in curve if len(point) == 2)
