"""One piece of work at a time, without an app."""

import threading
import time
from collections.abc import Callable, Iterator

from rnntui.figures import LabEvent, Progress
from rnntui.tui.single_run import SingleRun

PATIENCE_SECONDS = 10.0


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        threading.Event().wait(0.01)


def test_the_next_piece_begins_when_the_stopped_one_has_ended_and_that_says_nothing_more() -> None:
    gate, woken, told = threading.Event(), threading.Event(), []
    run = SingleRun(woken.set)
    assert run.is_idle
    assert not run.is_busy

    def first() -> Iterator[LabEvent]:
        yield Progress(0.1, "first")
        gate.wait(PATIENCE_SECONDS)
        yield Progress(0.2, "too late")

    def second() -> Iterator[LabEvent]:
        yield Progress(1.0, "second")

    run.request(first)
    assert run.advance() == []
    until(woken.is_set)
    assert run.advance() == [Progress(0.1, "first")]
    run.request(second)
    assert run.advance() == []
    assert run.is_busy
    gate.set()
    until(lambda: told.extend(run.advance()) or run.is_idle)
    assert told == [Progress(1.0, "second")]


def test_what_is_stopped_says_nothing_and_nothing_waits_any_more() -> None:
    gate, told = threading.Event(), []
    run = SingleRun(lambda: None)

    def work() -> Iterator[LabEvent]:
        gate.wait(PATIENCE_SECONDS)
        yield Progress(1.0, "done")

    run.request(work)
    run.advance()
    run.request(work)
    run.stop()
    assert not run.is_busy
    assert not run.is_idle
    gate.set()
    until(lambda: told.extend(run.advance()) or run.is_idle)
    assert told == []


def test_a_question_that_does_not_fit_begins_nothing() -> None:
    run = SingleRun(lambda: None)
    run.request(lambda: None)
    assert run.advance() == []
    assert run.is_idle


def test_what_is_made_ahead_waits_to_be_taken_one_by_one() -> None:
    made: list[float] = []
    run: SingleRun[LabEvent] = SingleRun(lambda: None, capacity=2)

    def work() -> Iterator[LabEvent]:
        for number in range(5):
            made.append(number)
            yield Progress(float(number), "")

    run.request(work)
    run.advance(0)
    until(lambda: len(made) == 3)  # two wait, and the third for room
    taken: list[object] = []
    for number in range(5):
        until(lambda: taken.extend(run.advance(1)) or len(taken) > number)  # noqa: B023  it is asked at once
        assert len(taken) == number + 1
    assert taken == [Progress(float(number), "") for number in range(5)]
    until(lambda: run.advance() == [] and run.is_idle)
