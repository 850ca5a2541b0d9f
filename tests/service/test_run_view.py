"""What the figures of a run mean, in words, and what is drawn anew when a run goes on."""

import pytest

from rnntui.events import (
    BaselinesMeasured,
    Evaluated,
    Failed,
    RunFinished,
    RunResumed,
    RunStarted,
    SampleDrawn,
    StepLogged,
    TrainEvent,
)
from rnntui.service.run_view import fold_all, going_on

BASELINES = BaselinesMeasured({"last word only": 2.0, "counting, 5 words": 1.7, "best possible": 1.5})
STARTED = RunStarted("x", 1, 1, 1, "gru", 8, 1, 1, 60.0, 2, 1, ())
LEFT = RunFinished("interrupted", "x-1", "x", 1.0, 1, 1.0, 1.0, 1.0)
GONE = Failed("It is gone.", "Go on.", 5)


def look(bits: float, is_best: bool = True, seconds: float = 1.0) -> Evaluated:
    return Evaluated(int(seconds), seconds, 1.0, bits, 9.0, is_best, False)


def step(seconds: float) -> StepLogged:
    return StepLogged(1, 1, seconds, 1.0, 9.0, 1.0, 2.0, 0.1, 0.1, 1.0, 0.1)


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([], ""),
        ([look(2.5)], ""),
        ([look(1.9)], "last word alone"),
        ([look(1.69)], "better than counting"),
        ([look(1.54)], "best possible"),
        ([look(1.69), look(1.8, False), look(1.8, False)], "better than counting"),
        ([look(1.69), *[look(1.8, False)] * 3], "The last 3 checks found nothing better"),
        ([look(1.69), *[look(1.8, False)] * 3, look(1.68)], "better than counting"),
    ],
)
def test_figures_are_put_into_words(events: list[TrainEvent], said: str) -> None:
    words = fold_all([BASELINES, STARTED, *events]).in_words
    assert said in words
    assert bool(words) == bool(said)


def test_what_a_kill_took_is_drawn_anew() -> None:
    told: list[TrainEvent] = [STARTED, step(1), look(2.0, seconds=2), SampleDrawn(2, "a", "b"), step(3)]
    for ending in (GONE, LEFT):
        over = fold_all([*told, ending])
        assert over.is_over
        view = fold_all([RunResumed(1.5, "Other threads."), step(2.5), SampleDrawn(2, "a", "c")], over)
        assert [point.seconds for point in view.training_curve] == [1, 2.5]
        assert view.validation_curve == ()
        assert [sample.text for sample in view.samples] == ["c"]
        assert (view.phase, view.remark) == ("training", "Other threads.")
        assert (view.finished, view.failure) == (None, None)


def test_a_run_that_begins_again_is_drawn_from_the_beginning() -> None:
    view = fold_all([STARTED, step(1), look(2.0), SampleDrawn(1, "a", "b"), STARTED])
    assert (view.training_curve, view.validation_curve, view.samples) == ((), (), ())


def test_a_run_that_was_told_to_go_on_waits_and_keeps_its_curves() -> None:
    view = going_on(fold_all([STARTED, step(1), GONE]))
    assert (view.phase, view.is_over, view.failure) == ("waiting", False, None)
    assert len(view.training_curve) == 1
