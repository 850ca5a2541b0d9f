"""Recorded times come first, each once; after them the clock goes on where they ended."""

import itertools
import math

from rnntui.lm.train.budget import StepClock


class Clock:
    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def test_without_a_record_the_clock_is_read_and_kept() -> None:
    clock, kept = Clock(100.0), []
    step_clock = StepClock(clock, record=lambda number, seconds: kept.append((number, seconds)))
    step_clock.start()
    clock.now = 101.5
    assert step_clock.tick() == 1.5
    clock.now = 104.0
    assert step_clock.tick() == 4.0
    assert kept == [(0, 1.5), (1, 4.0)]


def test_recorded_times_are_used_and_not_kept_again() -> None:
    clock, kept = Clock(100.0), []
    step_clock = StepClock(clock, [1.0, 3.0], lambda number, seconds: kept.append((number, seconds)))
    step_clock.start()
    clock.now = 500.0
    assert [step_clock.tick(), step_clock.tick()] == [1.0, 3.0]
    clock.now = 502.0
    assert step_clock.tick() == 5.0
    assert kept == [(2, 5.0)]


def test_a_pause_and_the_time_between_two_lives_do_not_count() -> None:
    clock = Clock(0.0)
    step_clock = StepClock(clock)
    step_clock.start()
    clock.now = 2.0
    assert step_clock.tick() == 2.0
    clock.now = 1_000.0
    step_clock.start()
    clock.now = 1_001.0
    assert step_clock.tick() == 3.0
    other = StepClock(Clock(77.0))
    other.restore(2, 3.0)
    other.start()
    assert other.tick() == 3.0


def test_a_gap_is_measured_and_the_times_after_it_are_used() -> None:
    clock, kept = Clock(0.0), []
    step_clock = StepClock(clock, [1.0, math.nan, 4.0], lambda number, seconds: kept.append((number, seconds)))
    step_clock.start()
    step_clock.tick()
    clock.now = 0.5
    assert [step_clock.tick(), step_clock.tick()] == [1.5, 4.0]
    clock.now = 0.75
    assert step_clock.tick() == 4.25
    assert kept == [(1, 1.5), (3, 4.25)]


def test_a_measured_quantity_is_a_time_like_any_other() -> None:
    figures = itertools.count(7.0)
    assert StepClock(Clock(0.0)).next(lambda: next(figures)) == 7.0
    assert StepClock(Clock(0.0), [3.0]).next(lambda: next(figures)) == 3.0
