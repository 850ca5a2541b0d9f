"""How long preparing will still take, as a person reads it."""

import dataclasses

import pytest

from rnntui.events import Preparing, from_json, to_json
from rnntui.service.prepare.time_left import TimeLeft
from rnntui.service.run.run_view import RunView, fold, work_in_words


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_what_is_left_follows_from_how_fast_it_went() -> None:
    clock = Clock()
    remaining = TimeLeft(clock)
    left = []
    for fraction in (0.0, 0.25, 0.5, 1.0):
        left.append(remaining.estimate(Preparing("counting words", fraction)).eta_seconds)
        clock.now += 10.0
    assert left == pytest.approx([0.0, 30.0, 20.0, 0.0])


def test_nothing_is_said_before_it_can_be_known() -> None:
    clock = Clock()
    remaining = TimeLeft(clock)
    assert remaining.estimate(Preparing("counting words", 0.5)) == Preparing("counting words", 0.5)
    clock.now += 1.0
    assert remaining.estimate(Preparing("counting words", 0.6)).eta_seconds == 0.0
    clock.now += 100.0
    assert remaining.estimate(Preparing("counting words", 0.51)).eta_seconds == 0.0


def test_each_piece_of_work_is_timed_by_itself() -> None:
    clock = Clock()
    remaining = TimeLeft(clock)
    remaining.estimate(Preparing("reading a.txt", 0.0))
    clock.now += 1_000.0
    remaining.estimate(Preparing("reading b.txt", 0.0))
    clock.now += 4.0
    assert remaining.estimate(Preparing("reading b.txt", 0.5)).eta_seconds == pytest.approx(4.0)


def test_the_rest_is_shown_with_the_work() -> None:
    event = Preparing("counting words", 0.5, eta_seconds=95.0)
    assert work_in_words(event) == "counting words 50 %, 1:35 more"
    assert fold(RunView(), event).doing == "counting words 50 %, 1:35 more"
    assert work_in_words(dataclasses.replace(event, eta_seconds=0.0)) == "counting words 50 %"


def test_events_of_an_earlier_version_have_no_rest() -> None:
    line = to_json(Preparing("reading", 0.5)).replace(', "eta_seconds": 0.0', "")
    assert "eta_seconds" not in line
    assert from_json(line) == Preparing("reading", 0.5)
