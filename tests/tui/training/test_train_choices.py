"""What is chosen before a run and what is known of the files, without any widget: the plan and the request."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import pytest

from rnntui.errors import InputError
from rnntui.events import BaseChosen, BaselinesMeasured, CorpusInspected, Expectation, SpeedMeasured
from rnntui.records import WHERE_IT_HELPS, TrainRequest
from rnntui.service.pipeline.plan_preview import PlanPreview
from rnntui.settings import ModelConfig, TrainConfig
from rnntui.tui.training.train_choices import (
    AdvancedChoices,
    FieldProblem,
    Survey,
    TrainChoices,
    plan_run,
    plan_usual_times,
)
from tests.tui.fakes import card

REPORT = CorpusInspected(
    ("a.txt",), ("utf-8",), 9, 500, 90, "It was", ("a note",), expectations=(Expectation(5, "gru", 1, 8, 9, 1),)
)
FOUND = Survey(dataclasses.replace(REPORT, training_words=450))
CHOSEN = TrainChoices((Path("/texts/a novel.txt"),), minutes="2.5")


def test_a_survey_learns_from_events_and_other_files_leave_it_only_the_speed() -> None:
    speed, base = SpeedMeasured(5_000.0, ()), BaseChosen("id-starter", "starter", True, 1.7, 1.9)
    survey = Survey()
    for event in (REPORT, speed, base, BaselinesMeasured({"counting": 1.9}, seen_share=0.5)):
        survey = survey.add(event)
    assert (survey.words_per_second, survey.beginning, survey.baselines) == (5_000.0, base, {"counting": 1.9})
    assert survey.report is not None
    assert (len(survey.report.notes), len(survey.report.warnings)) == (1, 1)
    assert survey.reset() == Survey(speed=speed)


def test_a_request_takes_everything_and_names_itself_after_the_first_file() -> None:
    advanced = AdvancedChoices({"layers": 2}, validation_file="/held/out.txt")
    request = dataclasses.replace(CHOSEN, advanced=advanced).request(FOUND)
    wanted = TrainRequest(("/texts/a novel.txt",), "a-novel", 2.5, "/held/out.txt", {"layers": 2})
    assert request == dataclasses.replace(wanted, base_model=WHERE_IT_HELPS)


@pytest.mark.parametrize(
    ("choices", "survey", "sentence"),
    [
        (TrainChoices(), FOUND, "No file is chosen yet."),
        (CHOSEN, Survey(), "The files cannot be trained on yet."),
        (dataclasses.replace(CHOSEN, minutes="0"), FOUND, 'The time cannot be "0" minutes.'),
        (dataclasses.replace(CHOSEN, minutes="1.2.3"), FOUND, 'The time cannot be "1.2.3" minutes.'),
        (dataclasses.replace(CHOSEN, advanced=AdvancedChoices(problem=FieldProblem("seed", "No."))), FOUND, "No."),
    ],
)
def test_a_request_that_cannot_be_made_says_why(choices: TrainChoices, survey: Survey, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence.replace(".", r"\.")):
        choices.request(survey)


def test_the_base_is_the_chosen_one_or_the_one_the_run_would_take_unless_another_shape_is_set() -> None:
    starter, other = cards = (card("starter"), card("other"))
    taken = dataclasses.replace(FOUND, beginning=BaseChosen(starter.model_id, "starter", True, 1.7, 1.9))
    refused = dataclasses.replace(FOUND, beginning=BaseChosen(starter.model_id, "starter", False, 2.7, 1.9))
    wider = dataclasses.replace(CHOSEN, advanced=AdvancedChoices({"hidden_size": starter.config.hidden_size + 1}))
    for choices, survey, base, beginning in (
        (CHOSEN, FOUND, None, None),
        (CHOSEN, taken, starter, taken.beginning),
        (CHOSEN, refused, None, refused.beginning),
        (wider, taken, None, None),
        (dataclasses.replace(CHOSEN, base=other.model_id), taken, other, None),
        (dataclasses.replace(CHOSEN, base=""), taken, None, None),
    ):
        assert choices.find_base(survey, cards) == base
        assert choices.find_beginning(survey, cards) == beginning


def test_the_chosen_time_and_the_usual_times_are_planned_alike() -> None:
    asked: list[tuple[object, ...]] = []

    def preview(
        words: int, seconds: float, overrides: Mapping[str, object], base: ModelConfig | None, speed: float
    ) -> PlanPreview:
        asked.append((words, seconds, dict(overrides), base, speed))
        return PlanPreview(ModelConfig(), TrainConfig(), 2.0)

    base = card("starter")
    survey = FOUND.add(SpeedMeasured(5_000.0, ()))
    plan_run(preview, dataclasses.replace(CHOSEN, advanced=AdvancedChoices({"layers": 2})), survey, base)
    (usual,) = plan_usual_times(preview, survey, base)
    plan_run(preview, CHOSEN, Survey(), None)
    assert asked == [
        (450, 150.0, {"layers": 2}, base.config, 5_000.0),
        (450, 300.0, {}, base.config, 5_000.0),
        (100_000, 150.0, {}, None, 0.0),
    ]
    assert (usual.minutes, usual.passes, usual.vocabulary_size) == (5, 2.0, 9)
    assert plan_usual_times(preview, Survey(), base) == []
