"""The speed of this machine, on a clock of our own."""

import itertools

from rnntui.lm.calibration import speed_looks, training_speed
from rnntui.lm.planner import REFERENCE_ROWS


def test_the_speed_is_words_over_the_time_of_a_usual_step() -> None:
    ticks = itertools.count()
    # Each step looks at the clock three times, the last two half a second apart.
    assert training_speed(0.0, lambda: 0.5 * next(ticks)) == REFERENCE_ROWS * 64 / 0.5


def test_the_speed_can_be_given_up_after_any_step() -> None:
    ticks = itertools.count()
    looks = speed_looks(100.0, lambda: 0.5 * next(ticks))
    assert 0 < next(looks) < 1
    looks.close()
