"""What a run said when: while it goes on, when a kill took some of it, and in the report that stays."""

from rnntui.events import Evaluated, RunResumed, RunStarted, SampleDrawn, StepLogged
from rnntui.service.export.report import build_report
from rnntui.service.run.run_moments import figures_in_words, moments_of_report, nearest_moment
from rnntui.service.run.run_view import fold_all
from tests.service.run.test_run_view import STARTED


def step(number: int, seconds: float) -> StepLogged:
    return StepLogged(number, 1_000 * number, seconds, 1.0, 9.0, 1.0, 2.5, 0.004, 0.1, number / 10, 0.1)


def look(number: int, seconds: float, bits: float) -> list[Evaluated | SampleDrawn]:
    sample = SampleDrawn(number, "It was", f" sample {number}.", seconds, bits)
    return [Evaluated(number, seconds, 1.0, bits, 9.0, True, False), sample]


TOLD = [STARTED, step(5, 5.0), *look(5, 6.0, 2.1), step(9, 9.0), *look(9, 10.0, 1.9)]


def test_a_moment_has_the_figures_of_its_time() -> None:
    first, second = fold_all(TOLD).moments
    assert (first.seconds, first.text, first.bits_per_character) == (6.0, " sample 5.", 2.1)
    assert (first.learning_rate, first.tokens, first.passes, second.tokens) == (0.004, 5_000, 0.5, 9_000)
    assert figures_in_words(second) == (
        "held out 1.900 bits/char · training 2.500 · rate 0.004 · 9,000 tokens, 0.9 times the text"
    )


def test_the_time_of_a_sample_that_does_not_tell_it_is_that_of_its_look() -> None:
    (moment,) = fold_all([STARTED, *look(3, 4.0, 2.2)[:1], SampleDrawn(3, "It", " was")]).moments
    assert (moment.seconds, moment.bits_per_character, moment.tokens) == (4.0, 2.2, 0)


def test_moments_that_are_lived_again_take_the_place_of_the_lost_ones() -> None:
    again = fold_all([*TOLD, RunResumed(6.0), step(8, 8.0), *look(8, 8.5, 2.0)])
    assert [moment.seconds for moment in again.moments] == [6.0, 8.5]
    assert fold_all([*TOLD, RunStarted("x", 1, 1, 1, "gru", 8, 1, 1, 60.0, 2, 1, ())]).moments == ()


def test_the_report_keeps_the_moments() -> None:
    view = fold_all(TOLD)
    assert moments_of_report(build_report(view, "budget", 1.0)) == view.moments
    assert moments_of_report(None) == ()


def test_the_nearest_moment_is_found_for_any_time() -> None:
    moments = fold_all(TOLD).moments
    assert [nearest_moment(moments, seconds) for seconds in (0.0, 7.9, 8.1, 99.0)] == [0, 0, 1, 1]
    assert nearest_moment((), 1.0) is None
