"""What is chosen in the form and what is known of the files, as values: the plan and the request follow from them.

Knows no widget. `preview` is the services' planner: words, seconds, overrides, shape of the base, words/s -> plan.
"""

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rnntui.errors import InputError
from rnntui.events import BaseChosen, BaselinesMeasured, CorpusInspected, Expectation, SpeedMeasured, TrainEvent
from rnntui.records import WHERE_IT_HELPS, ModelCard, ReadOptions, TrainRequest
from rnntui.service.pipeline.plan_preview import PlanPreview, other_shape
from rnntui.service.run.run_view import MUCH_SEEN, held_out_seen_in_words
from rnntui.settings import ModelConfig
from rnntui.tui.file_choice import suggest_name

_MOST_MINUTES = 30 * 24 * 60.0
_USUAL_WORDS = 100_000
"""Before a file is chosen the plan is that for a text of so many words."""
Planner = Callable[[int, float, Mapping[str, object], ModelConfig | None, float], PlanPreview]


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """A field with a value that does not fit."""

    name: str
    sentence: str


@dataclass(frozen=True, slots=True)
class AdvancedChoices:
    """What is set in the fields that are planned otherwise."""

    overrides: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    """Fields of ModelConfig and TrainConfig that are set and fit."""
    options: ReadOptions = field(default_factory=ReadOptions)
    """How the files are to be read."""
    validation_file: str = ""
    """Held-out text of its own, as an absolute path; empty when there is none, or it does not fit."""
    problem: FieldProblem | None = None
    """The first field that does not fit."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What the inspection of the chosen files has found until now."""

    report: CorpusInspected | None = None
    """None while nothing is known of them, or when they cannot be read."""
    baselines: Mapping[str, float] = field(default_factory=dict)
    """Bits per character of simpler models, by name."""
    speed: SpeedMeasured | None = None
    """Of this machine, whatever the files; None before it was measured."""
    beginning: BaseChosen | None = None
    """What a run would begin from by itself; None while that is not known."""

    def add(self, event: TrainEvent) -> "Survey":
        """The survey with what one more event tells; most events tell nothing of the files."""
        match event:
            case CorpusInspected():
                return dataclasses.replace(self, report=event)
            case BaseChosen():
                return dataclasses.replace(self, beginning=event)
            case SpeedMeasured():
                return dataclasses.replace(self, speed=event)
            case BaselinesMeasured():
                return dataclasses.replace(
                    self, baselines=event.bits_per_character, report=self._warn(event.seen_share)
                )
            case _:
                return self

    def reset(self) -> "Survey":
        """The survey for other files: only the speed of the machine stays known."""
        return Survey(speed=self.speed)

    @property
    def words_per_second(self) -> float:
        """Training speed here; 0 before it was measured."""
        return self.speed.words_per_second if self.speed else 0.0

    def _warn(self, seen_share: float) -> CorpusInspected | None:
        if seen_share < MUCH_SEEN or self.report is None:
            return self.report
        return dataclasses.replace(self.report, warnings=(*self.report.warnings, held_out_seen_in_words(seen_share)))


@dataclass(frozen=True, slots=True)
class TrainChoices:
    """Everything that a person has chosen in the form."""

    files: tuple[Path, ...] = ()
    name: str = ""
    """As typed; empty for one made from the first file."""
    minutes: str = ""
    """As typed."""
    base: str = WHERE_IT_HELPS
    """Id of the model to go on from; WHERE_IT_HELPS leaves it to the run, "" is none."""
    advanced: AdvancedChoices = field(default_factory=AdvancedChoices)

    @property
    def has_base(self) -> bool:
        """True when the person has chosen a model, whose shape is kept."""
        return self.base not in {WHERE_IT_HELPS, ""}

    @property
    def budget_minutes(self) -> float:
        """The time in minutes.

        Raises:
            InputError: If what is typed is no time for a run.
        """
        try:
            minutes = float(self.minutes)
        except ValueError:
            minutes = math.nan
        if not 0 < minutes <= _MOST_MINUTES:
            raise InputError(f'The time cannot be "{self.minutes}" minutes.', "Give a number above 0, such as 5.")
        return minutes

    def find_base(self, survey: Survey, cards: Sequence[ModelCard]) -> ModelCard | None:
        """The model that a run would begin from; None for none, or while the run's own choice is not known.

        A run does not begin by itself from a model of another shape than the one that is set.
        """
        if self.base != WHERE_IT_HELPS:
            return _find(cards, self.base)
        found = survey.beginning
        card = _find(cards, found.base_model) if found and found.is_taken else None
        return None if card is None or other_shape(self.advanced.overrides, card.config) else card

    def find_beginning(self, survey: Survey, cards: Sequence[ModelCard]) -> BaseChosen | None:
        """The run's own choice, where it is left to the run and nothing that is set speaks against it."""
        found = survey.beginning
        if self.base != WHERE_IT_HELPS or found is None:
            return None
        return found if not found.is_taken or self.find_base(survey, cards) else None

    def request(self, survey: Survey) -> TrainRequest:
        """The run that is asked for.

        Raises:
            InputError: If there is no file, nothing is known of the files, or something that is typed does not fit.
        """
        if not self.files:
            raise InputError("No file is chosen yet.", "Type a path or choose a file in the tree.")
        if survey.report is None:
            raise InputError("The files cannot be trained on yet.", "Wait for the look into them, or remove a bad one.")
        if self.advanced.problem:
            raise InputError(self.advanced.problem.sentence, "Correct it, or leave it empty.")
        return TrainRequest(
            tuple(str(file) for file in self.files),
            self.name.strip() or suggest_name(self.files),
            self.budget_minutes,
            self.advanced.validation_file,
            dict(self.advanced.overrides),
            self.advanced.options,
            self.base,
        )


def plan_run(preview: Planner, choices: TrainChoices, survey: Survey, base: ModelCard | None) -> PlanPreview:
    """What the chosen minutes build, of a usual text while nothing is known of the files.

    Raises:
        InputError: If the minutes or a field that is set do not fit.
    """
    words = survey.report.training_words if survey.report else 0
    seconds, config = 60.0 * choices.budget_minutes, base.config if base else None
    return preview(words or _USUAL_WORDS, seconds, choices.advanced.overrides, config, survey.words_per_second)


def plan_usual_times(preview: Planner, survey: Survey, base: ModelCard | None) -> list[Expectation]:
    """What would be built in each of the usual times: planned as the chosen time is, at the same speed."""
    if survey.report is None:
        return []
    words, config = survey.report.training_words, base.config if base else None
    found = []
    for usual in survey.report.expectations:
        plan = preview(words, 60.0 * usual.minutes, {}, config, survey.words_per_second)
        model, size = plan.model, usual.vocabulary_size
        found.append(Expectation(usual.minutes, model.cell, model.layers, model.hidden_size, size, plan.passes))
    return found


def _find(cards: Sequence[ModelCard], model_id: str) -> ModelCard | None:
    return next((card for card in cards if card.model_id == model_id), None)
