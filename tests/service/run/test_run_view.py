"""What the figures of a run mean, in words, and what is drawn anew when a run goes on."""

import pytest

from rnntui.events import (
    BaselinesMeasured,
    Evaluated,
    Failed,
    Measuring,
    Preparing,
    RunExtended,
    RunFinished,
    RunResumed,
    RunStarted,
    SampleDrawn,
    StepLogged,
    TrainEvent,
)
from rnntui.service.run.run_view import fold_all, going_on

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


def test_one_clock_runs_from_the_beginning_to_the_end() -> None:
    """Preparing, learning and measuring are all of the minutes that were asked for."""
    told: list[tuple[TrainEvent, float, float, float]] = [
        (Preparing("loading PyTorch"), 0, 0, 0),
        (Preparing("counting words", 0.5, 12.0, 60.0), 12, 48, 0.2),
        (STARTED, 12, 48, 0.2),
        (StepLogged(1, 1, 20.0, 40.0, 9.0, 1.0, 2.0, 0.1, 0.1, 1.0, 0.1), 20, 40, 20 / 60),
        (RunExtended(90.0), 20, 40, 20 / 60),
        (StepLogged(2, 1, 30.0, 60.0, 9.0, 1.0, 2.0, 0.1, 0.1, 1.0, 0.1), 30, 60, 30 / 90),
        (Measuring("measuring", 0.0, 86.0, 4.0, False), 86, 4, 86 / 90),
        (look(1.7, seconds=86.5), 86, 4, 86 / 90),
        (RunFinished("budget", "x-1", "x", 74.0, 1, 1.0, 1.0, 1.0, 0.0, 91.0), 91, 0, 1.0),
    ]
    for number, (_, seconds, left, fraction) in enumerate(told, start=1):
        view = fold_all([event for event, *_ in told[:number]])
        assert (view.seconds, view.seconds_left) == (seconds, left)
        assert view.fraction == pytest.approx(fraction)


def test_a_stopped_run_stands_where_it_was_stopped() -> None:
    stopped = RunFinished("stopped", "x-1", "x", 10.0, 1, 1.0, 1.0, 1.0, 0.0, 15.0)
    measuring = Measuring("measuring", 0.0, 14.0, 1.0, True)
    view = fold_all([STARTED, step(12), measuring, stopped])
    assert (view.seconds, view.whole_seconds, view.fraction) == (15, 60, 0.25)
    while_it_stops = fold_all([STARTED, step(12), measuring])
    assert (while_it_stops.whole_seconds, while_it_stops.seconds_left) == (60, 1)
    assert going_on(view).measuring is None
    assert fold_all([RunResumed(12.0), step(13)], going_on(view)).phase == "training"


def test_a_quick_look_and_the_measurement_of_everything_are_two_figures() -> None:
    final = Evaluated(9, 9.0, 1.0, 2.2, 9.0, True, True)
    view = fold_all([BASELINES, STARTED, look(2.18), look(2.3, False), final])
    assert view.best is not None
    assert view.final is not None
    assert (view.best.bits_per_character, view.final.bits_per_character) == (2.18, 2.2)
    assert len(view.validation_curve) == 2
    assert fold_all([look(1.69), Evaluated(9, 9.0, 1.0, 1.71, 9.0, True, True)], view).in_words.startswith(
        "It knows more"
    )


def test_a_held_out_text_that_is_known_is_said_before_anything_else() -> None:
    known = BaselinesMeasured({"last word only": 2.0, "counting, 5 words": 1.7}, 0.31)
    assert fold_all([known, STARTED, look(1.5)]).in_words.startswith("31 % of the held-out text stands word for word")
