"""What can be done with a run follows from its state alone."""

import dataclasses

from rnntui.events import Failed, Measuring, RunFinished, RunPaused, RunStarted, SampleDrawn
from rnntui.records import TrainRequest
from rnntui.service.run.run_view import fold_all
from rnntui.tui.training.run_state import RunState
from tests.tui.fakes import run_record

STARTED = RunStarted("novel", 1, 1, 1_234, "lstm", 64, 1, 400, 60.0, 1, 1, ())
FINISHED = RunFinished("id-novel", "novel", "budget", 1.7, 90.0, 59.0, 900, 60.0)
RUNNING = run_record(TrainRequest(("/x",), "novel", 1.0))


def state(*events: object, **changes: object) -> RunState:
    record = dataclasses.replace(RUNNING, **changes)  # type: ignore[arg-type]
    return RunState(record, fold_all(list(events)))  # type: ignore[arg-type]


def test_without_a_run_the_form_is_used() -> None:
    assert RunState().possible_actions == {"start", "advanced", "in_form", "runs"}
    assert not RunState().is_unfinished


def test_each_phase_allows_what_means_something_in_it() -> None:
    always = {"zoom", "another", "runs", "overlay"}
    stopping = dataclasses.replace(state(STARTED), is_stopping=True)
    ended = {"is_running": False}
    for phase, now, possible in (
        ("waiting", state(), {"pause", "stop_training"}),
        ("training", state(STARTED), {"pause", "stop_training", "more_time"}),
        ("paused", state(STARTED, RunPaused(1.0)), {"pause", "stop_training", "more_time"}),
        ("measuring", state(STARTED, Measuring("all", 0.0, 58.0, 2.0, False)), set()),
        ("stopping", stopping, set()),
        ("finished", state(STARTED, FINISHED, **ended), {"see_report", "chat_with_it"}),
        ("broken off", state(STARTED, Failed("Gone.", "", 5), can_resume=True, **ended), {"pause"}),
        ("failed", state(STARTED, Failed("Full.", "", 4), **ended), set()),
    ):
        assert now.possible_actions == always | possible, phase


def test_the_slider_moves_where_there_is_more_than_one_moment() -> None:
    samples = [SampleDrawn(number, "It", " was.", float(number), 2.0) for number in (1, 2)]
    assert "moment" not in state(STARTED, samples[0]).possible_actions
    assert "moment" in state(STARTED, *samples).possible_actions


def test_a_run_is_unfinished_until_its_process_has_ended() -> None:
    assert state(STARTED).is_unfinished
    assert state(STARTED, FINISHED).is_unfinished
    assert not state(STARTED, FINISHED, is_running=False).is_unfinished


def test_what_waits_can_go_on() -> None:
    assert state(STARTED, RunPaused(1.0)).is_resumable
    assert not state(STARTED, RunPaused(1.0)).can_resume
    assert state(STARTED, Failed("Gone.", "", 5), can_resume=True).can_resume
