"""What a training screen shows, as a fold over the run's events: live view, re-attach and log file are one function."""

import dataclasses
import itertools
import math
from dataclasses import dataclass
from functools import reduce
from typing import Any

from rnntui.events import (
    BaseChosen,
    BaselinesMeasured,
    CheckpointSaved,
    Evaluated,
    Failed,
    Measuring,
    OldTextMeasured,
    Preparing,
    RowsHalved,
    RunExtended,
    RunFinished,
    RunPaused,
    RunResumed,
    RunStarted,
    SampleDrawn,
    StepLogged,
    TextsRead,
    TrainEvent,
)
from rnntui.service.run.run_moments import Moment, moment_of
from rnntui.text import duration

COUNTING, LAST_WORD, BEST_POSSIBLE = "counting, 5 words", "last word only", "best possible"
"""Names of simpler models."""
WITHOUT_NETWORK = "counting + recent"
"""Everything that speaks but the network, with shares of its own: what a network has to beat to be worth its while."""
_BY_HEART_LOOKS = 3
_NEARLY = 1.03
LEARNING_AT_LEAST = 0.45
"""Of its time, but for a little: a run that has learned for less was over before it."""
MUCH_SEEN = 0.02
"""From this share of known text on figures are no longer those of a new one; of ten books none has a tenth of it."""


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a curve."""

    seconds: float
    bits_per_character: float


@dataclass(frozen=True, slots=True)
class RunView:
    """Everything a screen needs to draw a run."""

    phase: str = "waiting"
    """"waiting", "preparing", "training", "paused", "measuring", "finished", "interrupted" or "failed"."""
    doing: str = ""
    prepared: Preparing | None = None
    """The last event before the first step."""
    steps_before: tuple[Preparing, ...] = ()
    """The last event of each piece of work before the first step, in their order."""
    started: RunStarted | None = None
    progress: StepLogged | None = None
    measuring: Measuring | None = None
    """The last event after the last step."""
    evaluated: Evaluated | None = None
    """The last evaluation on a part of the held-out text."""
    best: Evaluated | None = None
    """The evaluation whose weights are kept."""
    final: Evaluated | None = None
    """The measurement of all held-out text with the weights that are kept."""
    training_curve: tuple[Point, ...] = ()
    validation_curve: tuple[Point, ...] = ()
    samples: tuple[SampleDrawn, ...] = ()
    moments: tuple[Moment, ...] = ()
    """The same with the figures of their time, oldest first."""
    baselines: dict[str, float] = dataclasses.field(default_factory=dict)
    held_out_seen_share: float = 0.0
    """Share of the held-out text that stands word for word in what is learned from, 0 to 1."""
    warnings: tuple[str, ...] = ()
    """Why its minutes may be wasted, the gravest first."""
    beginning: BaseChosen | None = None
    """What it begins from, where that was left to the run."""
    old_text: OldTextMeasured | None = None
    """For a run that goes on from a model."""
    checkpoint_model_id: str = ""
    remark: str = ""
    """Why it waits, or what to know of its going on; empty when there is nothing to say."""
    looks_since_best: int = 0
    """So many evaluations in a row have found nothing better."""
    finished: RunFinished | None = None
    failure: Failed | None = None

    @property
    def seconds(self) -> float:
        """How much of the run's time is over: preparing, learning and measuring, without pauses."""
        if self.finished and self.finished.all_seconds:
            return self.finished.all_seconds
        latest = self.measuring or self.progress or self.prepared
        return latest.seconds if latest else 0.0

    @property
    def seconds_left(self) -> float:
        """Until the run is over; 0 when it is, or when nothing is known of it."""
        if self.finished and self.finished.reason == "budget":
            return 0.0
        latest = self.measuring or self.progress
        return latest.eta_seconds if latest else max(0.0, self._budget_seconds - self.seconds)

    @property
    def whole_seconds(self) -> float:
        """How long the run takes in all, as far as is known: its minutes, or longer where they are few."""
        whole = self.seconds + self.seconds_left
        is_stopped = self.finished.reason == "stopped" if self.finished else False
        if is_stopped or (self.measuring and self.measuring.is_stopped):
            return max(whole, self._budget_seconds)
        return whole

    @property
    def fraction(self) -> float:
        """Share of the run's time that is over, 0 to 1."""
        return min(1.0, self.seconds / self.whole_seconds) if self.whole_seconds > 0 else 0.0

    @property
    def was_early(self) -> bool:
        """True when passes ended a run from a model, and not its time."""
        ended = self.finished
        is_over = ended is not None and ended.reason == "budget" and self.old_text is not None
        return is_over and ended is not None and ended.seconds < LEARNING_AT_LEAST * self._budget_seconds

    @property
    def _budget_seconds(self) -> float:
        if self.started:
            return self.started.budget_seconds
        return self.prepared.budget_seconds if self.prepared else 0.0

    @property
    def in_words(self) -> str:
        """What the figures mean at the moment, as a sentence; empty when they say nothing special."""
        if self.held_out_seen_share >= MUCH_SEEN:
            return held_out_seen_in_words(self.held_out_seen_share)
        if self.looks_since_best >= _BY_HEART_LOOKS:
            return (
                f"The last {self.looks_since_best} checks found nothing better: it may be learning the text by heart. "
                "The best is kept."
            )
        latest = self.final or self.best
        reached = latest.bits_per_character if latest else math.inf
        best_possible = self.baselines.get(BEST_POSSIBLE, 0.0)
        if reached < _NEARLY * best_possible:
            return "It is within 3 % of the best possible: hardly anything is left to learn."
        if reached < self.baselines.get(COUNTING, 0.0):
            return "It is better than counting now."
        if reached < self.baselines.get(LAST_WORD, 0.0):
            return "It knows more than the last word alone can tell."
        return ""

    @property
    def is_over(self) -> bool:
        """True when no further event will come."""
        return self.phase in {"finished", "interrupted", "failed"}


def work_in_words(event: Preparing | Measuring) -> str:
    """What is being done before the first step or after the last, how much of it is, and how long the rest takes."""
    share = f" {100 * event.fraction:.0f} %" if event.fraction else ""
    left = event.eta_seconds if isinstance(event, Preparing) else 0.0  # that of the whole run is shown elsewhere
    return f"{event.what}{share}{f', {duration(left)} more' if left >= 1 else ''}"


def fold(view: RunView, event: TrainEvent) -> RunView:
    """The view after one more event."""

    def but(**changes: Any) -> RunView:
        return dataclasses.replace(view, **changes)

    match event:
        case Preparing():  # also when a run goes on: what ended it is past
            return but(
                phase="preparing",
                doing=work_in_words(event),
                prepared=event,
                steps_before=_with_step(view, event),
                measuring=None,
                finished=None,
                failure=None,
            )
        case RunStarted():
            # It begins, or begins again: what was drawn before is drawn anew.
            begun = but(phase="training", doing="", started=event, training_curve=(), validation_curve=(), samples=())
            return dataclasses.replace(begun, moments=(), progress=None, measuring=None)
        case Measuring():
            return but(phase="measuring", doing=work_in_words(event), measuring=event)
        case StepLogged():
            point = Point(event.seconds, event.bits_per_character)
            return but(phase="training", progress=event, training_curve=(*view.training_curve, point))
        case Evaluated():
            if event.is_final:
                return but(final=event)
            best = event if event.is_best or view.best is None else view.best
            curve = (*view.validation_curve, Point(event.seconds, event.bits_per_character))
            since = 0 if event.is_best else view.looks_since_best + 1
            return but(evaluated=event, best=best, validation_curve=curve, looks_since_best=since, final=None)
        case SampleDrawn():
            kept = tuple(sample for sample in view.samples if sample.step < event.step)
            earlier = tuple(moment for moment in view.moments if moment.step < event.step)
            return but(samples=(*kept, event), moments=(*earlier, moment_of(event, view.evaluated, view.progress)))
        case BaselinesMeasured():
            return but(baselines=dict(event.bits_per_character), held_out_seen_share=event.seen_share)
        case TextsRead():
            return but(warnings=event.warnings)
        case BaseChosen():
            return but(beginning=event)
        case OldTextMeasured():
            return but(old_text=event)
        case CheckpointSaved():
            return but(checkpoint_model_id=event.model_id)
        case RunPaused():
            return but(phase="paused", remark=event.reason)
        case RunResumed():
            return but(
                phase="training",
                remark=event.note,
                measuring=None,
                finished=None,
                failure=None,
                training_curve=_until(view.training_curve, event.seconds),
                validation_curve=_until(view.validation_curve, event.seconds),
            )
        case RowsHalved():
            return but(remark=event.note)
        case RunExtended() if view.started:
            return but(started=dataclasses.replace(view.started, budget_seconds=event.budget_seconds))
        case RunFinished():
            return but(phase="interrupted" if event.reason == "interrupted" else "finished", finished=event)
        case Failed():
            return but(phase="failed", failure=event)
        case _:
            return view


def _with_step(view: RunView, event: Preparing) -> tuple[Preparing, ...]:
    """The pieces of work with this one; those of a run that was over before are forgotten."""
    known = view.steps_before if view.phase in {"preparing", "waiting"} else ()
    if known and known[-1].what == event.what:
        known = known[:-1]
    return (*known, event)


def held_out_seen_in_words(share: float) -> str:
    """What to think of figures on a text that is partly known."""
    return (
        f"{100 * share:.0f} % of the held-out text stands word for word in what is learned from: "
        "figures show memory, not skill."
    )


def going_on(view: RunView) -> RunView:
    """The view of a run that was over, when somebody has asked it to go on and it has not answered yet."""
    return dataclasses.replace(view, phase="waiting", measuring=None, finished=None, failure=None, remark="")


def _until(curve: tuple[Point, ...], seconds: float) -> tuple[Point, ...]:
    """What was drawn after the moment that a run goes on from is drawn anew."""
    return tuple(point for point in curve if point.seconds <= seconds)


def fold_all(events: list[TrainEvent], view: RunView | None = None) -> RunView:
    """The view after a list of events; takes time in proportion to their number, however long the run."""
    folded = view or RunView()
    for are_steps, group in itertools.groupby(events, lambda event: isinstance(event, StepLogged)):
        if not are_steps:
            folded = reduce(fold, group, folded)
            continue
        *before, last = (event for event in group if isinstance(event, StepLogged))
        points = (Point(event.seconds, event.bits_per_character) for event in before)
        folded = fold(dataclasses.replace(folded, training_curve=(*folded.training_curve, *points)), last)
    return folded
