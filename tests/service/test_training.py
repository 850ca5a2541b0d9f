"""A run: in a process of its own, followed by its file, stopped keeping the best, never lost silently."""

import dataclasses
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rnntui.errors import CorpusError, InputError
from rnntui.events import (
    BaselinesMeasured,
    CheckpointSaved,
    CorpusInspected,
    Evaluated,
    Failed,
    Preparing,
    RunFinished,
    RunPaused,
    RunResumed,
    RunStarted,
    TrainEvent,
)
from rnntui.service.run_view import RunView, fold_all
from rnntui.service.services import Services
from rnntui.service.training import RunFollower
from rnntui.service.training_work import command_of
from tests.small_world import SIZES, world_request

PATIENCE_SECONDS = 60


def _until(follower: RunFollower, holds: Callable[[list[TrainEvent]], bool]) -> list[TrainEvent]:
    """Follow a run until something has happened in it."""
    events: list[TrainEvent] = []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds(events):
        assert time.monotonic() < deadline, [type(event).__name__ for event in events]
        events += follower.poll()
    return events


def _has(kind: type) -> Callable[[list[TrainEvent]], bool]:
    return lambda events: any(isinstance(event, kind) for event in events)


def test_a_run_in_its_own_process_ends_with_a_model_and_its_figures(services: Services, tmp_path: Path) -> None:
    run = services.training.start(world_request(tmp_path))
    assert services.training.active() is not None
    with pytest.raises(InputError, match="already"):
        services.training.start(world_request(tmp_path))
    events = _until(services.training.follow(run.run_id), lambda events: fold_all(events).is_over)
    view = fold_all(events)
    assert view.finished is not None, view.failure
    assert view.finished.bits_per_character < view.baselines["uniform"]
    kinds = [type(event) for event in events]
    assert kinds.index(BaselinesMeasured) < kinds.index(RunStarted) < kinds.index(Evaluated)
    card = services.find_model("world")
    assert card.model_id == view.finished.model_id
    assert card.figures.words > 0
    (record,) = services.training.runs()
    assert (record.finished, record.model_id) == (True, card.model_id)


def test_pausing_and_stopping_keep_the_best(services: Services, tmp_path: Path) -> None:
    training = services.training
    run = training.start(world_request(tmp_path, minutes=5))
    follower = training.follow(run.run_id)
    _until(follower, _has(CheckpointSaved))
    training.pause(run.run_id)
    _until(follower, _has(RunPaused))
    training.resume(run.run_id)
    _until(follower, _has(RunResumed))
    training.stop(run.run_id)
    events = _until(follower, _has(RunFinished))
    assert next(event for event in events if isinstance(event, RunFinished)).reason == "stopped"
    assert services.find_model("world").figures.bits_per_character > 0


def test_a_killed_trainer_is_told_once_and_its_best_model_stays(services: Services, tmp_path: Path) -> None:
    run = services.training.start(world_request(tmp_path, minutes=5))
    follower = services.training.follow(run.run_id)
    _until(follower, _has(CheckpointSaved))
    for process in _trainers(run.run_id):
        os.kill(process, signal.SIGKILL)
    events = _until(follower, _has(Failed))
    assert sum(isinstance(event, Failed) for event in events) == 1
    assert not follower.poll()
    assert services.training.active() is None
    assert services.find_model("world").config.hidden_size == 24


def test_a_run_that_fails_says_why_in_its_events(services: Services, tmp_path: Path) -> None:
    request = world_request(tmp_path)
    Path(request.files[0]).write_text("Too short.", encoding="utf-8")
    run = services.training.start(request)
    events = _until(services.training.follow(run.run_id), _has(Failed))
    failure = next(event for event in events if isinstance(event, Failed))
    assert "2,000" in failure.sentence
    assert failure.exit_code == CorpusError.exit_code


def test_a_missing_file_makes_no_run(services: Services, tmp_path: Path) -> None:
    request = dataclasses.replace(world_request(tmp_path), files=(str(tmp_path / "nothing.txt"),))
    with pytest.raises(CorpusError, match=r"nothing\.txt"):
        services.training.start(request)
    assert services.training.runs() == []


def test_inspecting_reports_words_vocabulary_and_encoding(services: Services, tmp_path: Path) -> None:
    request = world_request(tmp_path)
    report = next(event for event in services.training.inspect(request.files) if isinstance(event, CorpusInspected))
    assert report.encodings == ("utf-8",)
    assert report.words > 4_000
    assert report.preview.startswith(tuple(SIZES))


def test_folding_events_one_by_one_equals_folding_them_at_once(services: Services, tmp_path: Path) -> None:
    events = list(services.training.run_here(world_request(tmp_path)))
    view = RunView()
    for event in events:
        view = fold_all([event], view)
    assert view == fold_all(events)


def test_the_command_on_the_card_names_files_without_folders(tmp_path: Path) -> None:
    command = command_of(world_request(tmp_path, minutes=5), 7)
    assert command.startswith("rnntui train world.txt --name world --minutes 5")
    assert str(tmp_path) not in command
    assert command.endswith("--seed 7")


def _trainers(run_id: str) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"rnntui.service.trainer_process" in words and run_id.encode() in words:
            found.append(int(folder.name))
    return found


def test_stopping_while_the_text_is_prepared_ends_the_run_without_a_model(services: Services, tmp_path: Path) -> None:
    training = services.training
    events = training.run_here(world_request(tmp_path))
    assert isinstance(next(events), Preparing)
    (run,) = training.runs()
    training.stop(run.run_id)
    *_, last = events
    assert isinstance(last, RunFinished)
    assert (last.reason, last.model_id) == ("stopped", "")


def test_a_sample_is_trained_on_and_its_best_possible_is_on_the_card(services: Services, tmp_path: Path) -> None:
    request = dataclasses.replace(world_request(tmp_path), files=("sample:counting",), name="counter")
    *_, last = services.training.run_here(request)
    assert isinstance(last, RunFinished)
    card = services.find_model("counter")
    assert card.figures.baselines["best possible"] < card.figures.bits_per_character
    assert card.command.startswith("rnntui train sample:counting --name counter")
