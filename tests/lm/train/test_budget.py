"""The time of a run on a clock of our own: what is due when, and what is left."""

import itertools

import pytest

from rnntui.lm.train.budget import Budget, StepClock, learning_rate_share


class Clock:
    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


def budget(clock: Clock, most_passes: float = 0.0, passes: float = 0.0, prepared: float | None = None) -> Budget:
    began = None if prepared is None else clock.now - prepared
    return Budget(100.0, most_passes, lambda: passes, StepClock(clock), clock, began)


def learn_until(time: Budget, clock: Clock, seconds: float) -> None:
    """One step that ends after so many seconds of training."""
    clock.now += seconds - time.elapsed
    time.tick()


@pytest.mark.parametrize(
    ("prepared", "finish", "training"), [(None, 10.0, 90.0), (6.0, 10.0, 84.0), (6.0, 80.0, 69.0), (90.0, 10.0, 50.0)]
)
def test_what_preparing_and_the_last_evaluation_leave_is_for_training(
    prepared: float | None, finish: float, training: float
) -> None:
    time = budget(Clock(), prepared=prepared)
    time.begin(lambda: finish)
    assert (time.training_seconds, time.finish_seconds) == (training, finish)
    assert time.prepared_seconds == (prepared or 0.0)


def test_evaluations_are_due_once_each_and_never_at_the_end() -> None:
    clock = Clock()
    time = budget(clock)
    time.begin(lambda: 0.0)
    time.start_clock()
    due = []
    for second in range(1, 101):
        learn_until(time, clock, float(second))
        if time.take_due_evaluation():
            due.append(second)
            assert not time.take_due_evaluation()
    assert due == [3, 10, 34, 50, 67, 84]
    assert time.is_over


def test_a_pause_costs_nothing() -> None:
    clock = Clock()
    time = budget(clock)
    time.begin(lambda: 0.0)
    time.start_clock()
    learn_until(time, clock, 10.0)
    clock.now += 1_000.0
    time.start_clock()
    clock.now += 5.0
    time.tick()
    assert time.elapsed == 15.0
    assert time.all_seconds == 15.0


def test_more_time_spreads_the_rest_of_the_schedule() -> None:
    clock = Clock()
    time = budget(clock)
    time.begin(lambda: 0.0)
    time.start_clock()
    learn_until(time, clock, 60.0)
    assert time.take_due_evaluation()
    assert not time.extend(0.0)
    assert time.extend(60.0)
    assert not time.extend(60.0), "all extensions together"
    assert (time.total_seconds, time.training_seconds, time.fraction) == (160.0, 160.0, 0.375)
    assert time.learning_rate_share == learning_rate_share(0.375)
    assert not time.take_due_evaluation()
    learn_until(time, clock, 81.0)
    assert time.take_due_evaluation()


def test_passes_end_learning_before_the_time_does() -> None:
    clock = Clock()
    time = budget(clock, most_passes=5.0, passes=4.0)
    time.begin(lambda: 10.0)
    time.start_clock()
    learn_until(time, clock, 18.0)
    assert time.fraction == 0.8
    assert time.seconds_left == pytest.approx(18.0 / 4 + 10.0), "a quarter of what the first four took"
    assert budget(clock, most_passes=5.0, passes=5.0).is_over


def test_the_last_evaluation_counts_from_when_it_begins() -> None:
    clock = Clock()
    time = budget(clock, prepared=4.0)
    time.begin(lambda: 8.0)
    time.start_clock()
    learn_until(time, clock, 88.0)
    assert time.seconds_left == 8.0
    time.begin_finish()
    clock.now += 3.0
    assert time.all_seconds == 4.0 + 88.0 + 3.0
    assert time.finish_seconds_left == 5.0


def test_a_budget_that_goes_on_from_a_state_says_the_same() -> None:
    clock, other_clock = Clock(), Clock()
    time, again = budget(clock, prepared=4.0), budget(other_clock)
    time.begin(lambda: 8.0)
    time.start_clock()
    learn_until(time, clock, 40.0)
    time.extend(30.0)
    again.restore(time.state())
    assert again.state() == time.state()
    other_clock.now = 9_000.0
    again.start_clock()
    for one, its_clock in ((time, clock), (again, other_clock)):
        its_clock.now += 2.0
        one.tick()
    names = ("elapsed", "all_seconds", "fraction", "seconds_left", "total_seconds", "recorded_times")
    assert [getattr(time, name) for name in names] == [getattr(again, name) for name in names]


def test_a_recorded_division_of_the_time_is_not_measured_again() -> None:
    clock = Clock()
    measured = itertools.count()
    time = Budget(100.0, 0.0, lambda: 0.0, StepClock(clock, [77.0]), clock)
    time.begin(lambda: float(next(measured)))
    assert (time.training_seconds, next(measured)) == (77.0, 0)


def test_more_time_is_told_as_a_sum_and_added_once() -> None:
    time = budget(Clock())
    time.begin(lambda: 0.0)
    before = time.training_seconds
    assert [time.extend(10.0), time.extend(25.0), time.extend(25.0)] == [True, True, False]
    assert time.training_seconds == before + 25.0
    assert time.total_seconds == 125.0
