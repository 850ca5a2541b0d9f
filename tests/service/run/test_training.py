"""A run: in a process of its own, followed by its file, stopped keeping the best, never lost silently."""

import contextlib
import dataclasses
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from rnntui.chat_events import WORD_SOURCES
from rnntui.config import Config
from rnntui.errors import CorpusError, InputError
from rnntui.events import (
    BaselinesMeasured,
    CheckpointSaved,
    CorpusInspected,
    Evaluated,
    Failed,
    OldTextMeasured,
    Preparing,
    RunExtended,
    RunFinished,
    RunPaused,
    RunResumed,
    RunStarted,
    SpeedMeasured,
    StepLogged,
    TrainEvent,
)
from rnntui.figures import Table
from rnntui.lm.evaluation import Measured, measure
from rnntui.lm.model_file import COUNTS, VOCABULARY, WEIGHTS, unpack
from rnntui.lm.progress import run_to_end
from rnntui.lm.tokens import tokenizer
from rnntui.paths import find_paths
from rnntui.records import ModelCard, ReadOptions, TrainRequest
from rnntui.service.export.report import figures_of
from rnntui.service.model_loader import load_generator
from rnntui.service.pipeline.preparation import validation_share
from rnntui.service.pipeline.resume_settings import ResumeOptions
from rnntui.service.pipeline.train_command import build_command
from rnntui.service.prepare import data_prep
from rnntui.service.run.run_follower import RunFollower
from rnntui.service.run.run_view import WITHOUT_NETWORK, RunView, fold_all
from rnntui.service.run.training import Training
from rnntui.service.services import Services
from rnntui.settings import SamplerSettings
from rnntui.store.corpora import Corpora
from rnntui.store.runs.runs import Runs
from tests.small_models import save_small_model
from tests.small_world import SCRIPTS, SIZES, rare_words_text, world_request, world_text
from tests.trainers import is_same, trainers, undisturbed

PATIENCE_SECONDS = 60


def _until(follower: RunFollower, holds: Callable[[list[TrainEvent]], bool]) -> list[TrainEvent]:
    """Follow a run until something has happened in it."""
    events: list[TrainEvent] = []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds(events):
        assert time.monotonic() < deadline, [type(event).__name__ for event in events]
        events += follower.poll() or _nothing_yet()
    return events


def _nothing_yet() -> list[TrainEvent]:
    """Leave the processor to the trainer for a moment."""
    time.sleep(0.02)
    return []


def _wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _has(kind: type) -> Callable[[list[TrainEvent]], bool]:
    return lambda events: any(isinstance(event, kind) for event in events)


@dataclass(frozen=True)
class Trained:
    """A run that was made once, for all tests that only go on from its files."""

    data_dir: Path
    request: TrainRequest
    events: tuple[TrainEvent, ...]

    def copy_to(self, services: Services) -> None:
        """Put its run, its model and its prepared text into another data folder."""
        for name in ("runs", "models", "corpora"):
            shutil.copytree(self.data_dir / name, services.paths.data_dir / name, dirs_exist_ok=True)


def _train(folder: Path, request: TrainRequest, suspended_at: type | None = None) -> Trained:
    events = []
    with contextlib.closing(Services(find_paths(folder / "data"), Config())) as services:
        for event in services.training.run_here(request):
            events.append(event)
            if suspended_at and isinstance(event, suspended_at):
                signal.raise_signal(signal.SIGTERM)
    return Trained(folder / "data", request, tuple(events))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = tmp_path_factory.mktemp("finished")
    return _train(folder, world_request(folder))


@pytest.fixture(scope="module")
def suspended(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """At its first model."""
    folder = tmp_path_factory.mktemp("suspended")
    return _train(folder, world_request(folder), CheckpointSaved)


@pytest.fixture(scope="module")
def suspended_on_rare_words(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """At its first model, on the first script."""
    folder = tmp_path_factory.mktemp("rare")
    return _train(folder, _rare_words_request(folder, "latin"), CheckpointSaved)


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
    first = [kinds.index(kind) for kind in (SpeedMeasured, BaselinesMeasured, RunStarted, Evaluated)]
    assert first == sorted(first)
    card = services.find_model("world")
    assert card.model_id == view.finished.model_id
    assert card.figures.words > 0
    (record,) = services.training.runs()
    assert (record.finished, record.model_id) == (True, card.model_id)


def test_pausing_adding_time_and_stopping_keep_the_best(services: Services, tmp_path: Path) -> None:
    training = services.training
    run = training.start(world_request(tmp_path, minutes=5))
    follower = training.follow(run.run_id)
    _until(follower, _has(CheckpointSaved))
    for process in trainers(run.run_id):
        assert os.getpriority(os.PRIO_PROCESS, process) >= 5
        if (share := Path(f"/proc/{process}/autogroup")).exists():  # empty where sessions have no shares
            assert share.read_text("ascii").split()[-1:] in ([], ["5"])
    training.pause(run.run_id)
    _until(follower, _has(RunPaused))
    training.resume(run.run_id)
    _until(follower, _has(RunResumed))
    training.extend(run.run_id, 2)
    _until(follower, _has(RunExtended))
    training.stop(run.run_id)
    events = _until(follower, _has(RunFinished))
    assert next(event for event in events if isinstance(event, RunFinished)).reason == "stopped"
    card = services.find_model("world")
    assert card.figures.bits_per_character > 0
    assert " --minutes 7 " in card.command


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


def test_folding_events_one_by_one_equals_folding_them_at_once(finished: Trained) -> None:
    view = RunView()
    for event in finished.events:
        view = fold_all([event], view)
    assert view == fold_all(finished.events)
    assert view.finished is not None


def test_the_command_on_the_card_names_files_without_folders(tmp_path: Path) -> None:
    command = build_command(world_request(tmp_path, minutes=5), 7)
    assert command.startswith("rnntui train world.txt --name world --minutes 5")
    assert str(tmp_path) not in command
    assert command.endswith("--seed 7")


def test_the_command_of_very_many_files_counts_them(tmp_path: Path) -> None:
    files = tuple(f"a rather long name of a file number {number}.txt" for number in range(3_000))
    command = build_command(dataclasses.replace(world_request(tmp_path), files=files), 7)
    assert len(command) < 3_000
    words = shlex.split(command, comments=True)
    shown = [word for word in words if word in files]
    assert command.endswith(f"--seed 7  # and {3_000 - len(shown):,} more files")
    assert 20 < len(shown) < 60


def test_more_files_than_a_card_can_name_are_refused_before_anything_is_read(
    services: Services, tmp_path: Path
) -> None:
    request = world_request(tmp_path)
    with pytest.raises(InputError, match="too many"):
        services.training.start(dataclasses.replace(request, files=request.files * 10_001))
    with pytest.raises(InputError, match="too long together"):
        Runs(services.paths.runs).create(dataclasses.replace(request, files=("x" * 4_000,) * 2_000), "2026")
    assert services.training.runs() == []


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


_ENDLESS_TEST = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever starts the tests in the background ignores it
from rnntui.service.services import Services
from rnntui.paths import find_paths
from tests.small_world import world_request

def test_that_never_ends(tmp_path):
    training = Services(find_paths()).training
    begun = training.start(world_request(tmp_path, minutes=30))
    training.start(world_request(tmp_path, minutes=30, name="next"), may_wait=True)
    (tmp_path / "run").write_text(begun.run_id)
    while True:
        signal.pause()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_trainers_that_tests_have_started_end_with_the_tests(tmp_path: Path, number: int) -> None:
    (tmp_path / "test_endless.py").write_text(_ENDLESS_TEST, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", f"--basetemp={tmp_path / 'base'}"]
    tests = subprocess.Popen(
        [*command, "-p", "no:cacheprovider", str(tmp_path / "test_endless.py")],
        cwd=Path(__file__).parents[3],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        folder = tmp_path / "base" / "test_that_never_ends0"
        run_file = folder / "run"
        _wait_until(lambda: run_file.exists() and bool(run_file.read_text()))
        runs = Runs(folder / "data" / "runs")
        run_id = run_file.read_text()
        _wait_until(lambda: bool(runs.folder(run_id).read_events(0)[0]))
        assert trainers(run_id)
    finally:
        os.killpg(tests.pid, number)
        tests.wait(PATIENCE_SECONDS)
    _wait_until(lambda: not trainers(run_id) and not any(record.is_running for record in runs.records()))
    assert runs.record(run_id).can_resume
    assert sum(record.is_queued for record in runs.records()) == 1


# ---- going on ---------------------------------------------------------------------------------------------------


def _kill(training: Training, run_id: str) -> None:
    for process in trainers(run_id):
        os.kill(process, signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while training.active():
        assert time.monotonic() < deadline


def test_a_run_killed_again_and_again_ends_as_one_that_nobody_killed(services: Services, tmp_path: Path) -> None:
    training = services.training
    request = world_request(tmp_path, minutes=0.1)
    run = training.start(request)
    follower = training.follow(run.run_id)
    for wanted in (StepLogged, CheckpointSaved):
        _until(follower, _has(wanted))
        _kill(training, run.run_id)
        assert _until(follower, _has(Failed))[-1] == follower.death()
        assert not follower.poll()  # it is told once
        assert training.interrupted() == training.record(run.run_id)
        assert training.resume(run.run_id).is_running
        _kill(training, run.run_id)  # before it has said a word
        assert follower.poll() == []
        follower.go_on()
        assert follower.poll() == [follower.death()]
        assert training.resume(run.run_id).is_running
        follower.go_on()
    assert services.find_model("world").config.hidden_size == 24  # the best so far
    events = _until(follower, _has(RunFinished))
    assert isinstance(events[-1], RunFinished)
    assert events[-1].reason == "budget"
    (begun, *_) = [event for event in training.follow(run.run_id).poll() if isinstance(event, RunStarted)]
    assert begun.threads == 1
    data_dir = services.paths.data_dir
    assert is_same(services.find_model("world"), undisturbed(data_dir, run.run_id, tmp_path / "other"))
    assert not training.record(run.run_id).can_resume
    with pytest.raises(InputError, match="is over"):
        training.resume(run.run_id)


def _rare_words_request(folder: Path, script: str) -> TrainRequest:
    """A run on a text that was never prepared here."""
    file = folder / "rare.txt"
    file.write_text(rare_words_text(script), encoding="utf-8")
    overrides = {**world_request(folder).overrides, "vocabulary_limit": 500, "word_parts": 60}
    return TrainRequest((str(file),), "first", 0.05, "", overrides)


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_first_run_on_a_text_goes_on_and_the_second_has_the_same_words(
    services: Services, tmp_path: Path, script: str
) -> None:
    training = services.training
    trained = _train(tmp_path, _rare_words_request(tmp_path, script), CheckpointSaved)
    request = trained.request
    (run,) = training.runs()
    *_, last = training.resume_here(run.run_id)
    assert isinstance(last, RunFinished)
    assert last.reason == "budget"
    list(training.run_here(dataclasses.replace(request, name="second")))
    first, second = (services.find_model(name) for name in ("first", "second"))
    assert first.vocabulary_sha256 == second.vocabulary_sha256
    for card in (first, second):
        measured = _measured_as_kept(services, card, request.files)
        assert measured.bits_per_character == card.figures.bits_per_character
        assert measured.mixture_bits_per_character == card.figures.mixture_bits_per_character


def _measured_as_kept(services: Services, card: ModelCard, files: Sequence[str]) -> Measured:
    """The figures of a model as it is read from its folder: weights, words, counts and gate."""
    stored = services.library.read(card.model_id)
    loaded = unpack(card, stored[WEIGHTS], stored[VOCABULARY], stored[COUNTS])
    chosen = run_to_end(data_prep.survey_files(files, ReadOptions(), validation_share({})))
    counted = run_to_end(data_prep.count_tokens(chosen, Corpora(services.paths.corpora)))
    return measure(loaded.model, loaded.tokenizer, counted.held_out, loaded.mixture)


@pytest.mark.parametrize("is_kept_by", ["its folder", "its model"])
def test_a_run_goes_on_with_its_own_words_where_others_would_be_chosen_now(
    services: Services, suspended_on_rare_words: Trained, monkeypatch: pytest.MonkeyPatch, is_kept_by: str
) -> None:
    training = services.training
    suspended_on_rare_words.copy_to(services)
    (run,) = training.runs()
    if is_kept_by == "its folder":
        services.library.remove(run.model_id)
    else:
        (services.paths.runs / run.run_id / "vocabulary.json").unlink()
    plan = Runs(services.paths.runs).folder(run.run_id).manifest()
    assert plan is not None
    monkeypatch.setattr(tokenizer, "choose_vocabulary", lambda *_: [tokenizer.UNKNOWN])
    *_, last = training.resume_here(run.run_id)
    assert isinstance(last, RunFinished)
    assert last.reason == "budget"
    assert services.find_model("first").vocabulary_sha256 == plan.vocabulary_sha256


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_run_begun_by_earlier_rules_goes_on_and_says_when_it_cannot_do_so_identically(
    services: Services, suspended_on_rare_words: Trained, monkeypatch: pytest.MonkeyPatch, is_kept: bool
) -> None:
    training = services.training
    suspended_on_rare_words.copy_to(services)
    (run,) = training.runs()
    if not is_kept:
        shutil.rmtree(services.paths.corpora)
    monkeypatch.setattr(data_prep, "RULES", data_prep.RULES + 1)
    rest = list(training.resume_here(run.run_id))
    (resumed,) = [event for event in rest if isinstance(event, RunResumed)]
    assert ("newer rules for reading the text" in resumed.note) != is_kept
    assert resumed.seconds > 0
    assert isinstance(rest[-1], RunFinished)


@pytest.mark.parametrize(
    ("wish", "moment", "content"),
    [
        ("SIGINT", Preparing, "Too short."),
        ("SIGTERM", Preparing, "Too short."),
        ("SIGINT", RunStarted, world_text(seed=9)),
        ("SIGTERM", RunStarted, "Too short."),
    ],
)
def test_going_on_that_is_refused_changes_nothing(
    services: Services, tmp_path: Path, wish: str, moment: type, content: str
) -> None:
    training, request = services.training, world_request(tmp_path, minutes=0.02)
    file = Path(request.files[0])
    is_asked = False
    for event in training.run_here(request):
        if isinstance(event, moment) and not is_asked:
            signal.raise_signal(getattr(signal, wish))
            is_asked = True
    (left,) = training.runs()
    assert (left.finished, left.can_resume, left.has_failed) == (wish == "SIGINT", True, False)
    file.write_text(content, encoding="utf-8")
    for _ in range(2):
        with pytest.raises((InputError, CorpusError)):
            list(training.resume_here(left.run_id))
        assert training.runs() == [left]
    follower = training.follow(left.run_id)
    view = fold_all(follower.poll())
    assert view.failure is not None
    assert view.failure.is_refusal
    file.write_text(world_text(), encoding="utf-8")
    *_, last = training.resume_here(left.run_id)
    assert isinstance(last, RunFinished)
    assert last.reason == "budget"


def test_a_model_keeps_the_name_it_was_given_while_it_learned(services: Services, tmp_path: Path) -> None:
    training = services.training
    for event in training.run_here(world_request(tmp_path, minutes=0.1)):
        if isinstance(event, CheckpointSaved):
            services.library.rename(event.model_id, "mine")
            signal.raise_signal(signal.SIGTERM)
    (run,) = training.runs()
    *_, last = training.resume_here(run.run_id)
    assert isinstance(last, RunFinished)
    assert (last.name, last.reason) == ("mine", "budget")
    assert services.library.find("mine").model_id == run.model_id


def test_stopping_a_run_that_goes_on_before_its_first_step_loses_nothing(
    services: Services, suspended: Trained
) -> None:
    training = services.training
    suspended.copy_to(services)
    (run,) = training.runs()
    going_on = training.resume_here(run.run_id)
    assert isinstance(next(going_on), Preparing)
    signal.raise_signal(signal.SIGINT)
    *_, last = going_on
    assert isinstance(last, RunFinished)
    assert last.reason == "interrupted"
    left = training.record(run.run_id)
    assert (left.model_id, left.can_resume, left.has_failed) == (run.model_id, True, False)


def test_the_second_ctrl_c_is_no_failure(services: Services, tmp_path: Path) -> None:
    training = services.training
    events = training.run_here(world_request(tmp_path, minutes=5))
    assert isinstance(events, Generator)
    next(event for event in events if isinstance(event, CheckpointSaved))
    with pytest.raises(KeyboardInterrupt):
        events.throw(KeyboardInterrupt())
    (run,) = training.runs()
    assert (run.has_failed, run.finished, run.can_resume) == (False, False, True)


def test_ctrl_c_keeps_the_best_and_all_that_is_needed_to_go_on(services: Services, tmp_path: Path) -> None:
    training = services.training
    told: list[TrainEvent] = []
    for event in training.run_here(world_request(tmp_path, minutes=0.1)):
        told.append(event)
        if isinstance(event, CheckpointSaved):
            signal.raise_signal(signal.SIGINT)
    assert isinstance(told[-1], RunFinished)
    assert told[-1].reason == "stopped"
    stopped = services.find_model("world")
    (run,) = training.runs()
    assert (run.finished, run.can_resume) == (True, True)
    assert training.interrupted() is None
    rest = list(training.resume_here(run.run_id))
    (resumed,) = [event for event in rest if isinstance(event, RunResumed)]
    assert resumed.note == ""
    assert 0 < resumed.seconds <= told[-1].all_seconds
    assert isinstance(rest[-1], RunFinished)
    assert (rest[-1].reason, rest[-1].model_id) == ("budget", stopped.model_id)
    assert rest[-1].steps > told[-1].steps
    view = fold_all([*told, *rest])
    assert view.finished == rest[-1]
    assert [sample.step for sample in view.samples] == sorted({sample.step for sample in view.samples})


def test_a_process_that_is_told_to_end_leaves_its_run_for_another_time(services: Services, tmp_path: Path) -> None:
    training = services.training
    events = []
    for event in training.run_here(world_request(tmp_path, minutes=5)):
        events.append(event)
        if isinstance(event, CheckpointSaved):
            signal.raise_signal(signal.SIGTERM)
    assert isinstance(events[-1], RunFinished)
    assert events[-1].reason == "interrupted"
    assert fold_all(events).phase == "interrupted"
    (run,) = training.runs()
    assert training.interrupted() == run
    (tmp_path / "world.txt").write_text(world_text(seed=9), encoding="utf-8")
    with pytest.raises(InputError, match="not what it was"):
        list(training.resume_here(run.run_id))
    (tmp_path / "world.txt").write_text(world_text(), encoding="utf-8")
    resumed = []
    for event in training.resume_here(run.run_id, ResumeOptions(threads=2)):
        resumed.append(event)
        if isinstance(event, RunResumed):
            training.stop(run.run_id)
    (again,) = [event for event in resumed if isinstance(event, RunResumed)]
    assert "2 threads instead of 1" in again.note
    assert "not be identical" in again.note
    looks = [event.seconds for event in events if isinstance(event, Evaluated)]
    assert again.seconds >= looks[-1], "the clock goes on where it was, with what preparing had taken"
    assert isinstance(resumed[-1], RunFinished)
    assert resumed[-1].model_id == events[-1].model_id


def test_damaged_states_give_way_to_the_beginning_and_this_is_said(services: Services, suspended: Trained) -> None:
    training = services.training
    suspended.copy_to(services)
    (run,) = training.runs()
    runs = Runs(services.paths.runs)
    for _ in range(2):
        runs.folder(run.run_id).states.save(b"whole, but nothing that a trainer has written")
    events = list(training.resume_here(run.run_id))
    assert any(isinstance(event, RunResumed) and "damaged" in event.note for event in events)
    assert isinstance(events[-1], RunFinished)
    assert events[-1].reason == "budget"


# ---- going on from a model --------------------------------------------------------------------------------------


def test_a_model_goes_on_with_another_text_and_says_what_it_forgot(
    services: Services, finished: Trained, tmp_path: Path
) -> None:
    finished.copy_to(services)
    base = services.find_model("world")
    other = tmp_path / "other.txt"
    other.write_text(world_text(seed=2).replace("Whales", "Zebras").replace("forest", "jungle"), encoding="utf-8")
    request = TrainRequest(
        (str(other),), "zoo", 0.05, "", {"rows": 4, "bptt_length": 16, "threads": 1}, base_model=base.model_id
    )
    events = list(services.training.run_here(request))
    before, after = (event for event in events if isinstance(event, OldTextMeasured))
    assert before.base_name == "world"
    assert (before.after, after.before) == (0.0, before.before)
    assert 0 < before.before < 2
    assert after.after > 0
    first = next(event for event in events if isinstance(event, Evaluated))
    assert first.bits_per_character < 1.5  # it does not begin with nothing
    card, report = services.find_model("zoo"), services.library.report(services.find_model("zoo").model_id)
    assert card.config.hidden_size == base.config.hidden_size
    assert card.vocabulary_size > base.vocabulary_size
    assert [source.name for source in card.sources] == ["world.txt", "other.txt"]
    assert "--from world" in card.command
    assert base.hardly_learned == ()
    assert all(base.vocabulary_size <= start < end <= card.vocabulary_size for start, end in card.hardly_learned)
    assert report is not None
    assert (report.base_name, report.old_text_after) == ("world", after.after)


def test_a_model_keeps_what_its_base_counted_and_needs_the_base_no_more(services: Services, tmp_path: Path) -> None:
    base = save_small_model(services.library)
    file = tmp_path / "letters.txt"
    file.write_text(world_text(seed=2), encoding="utf-8")
    request = TrainRequest((str(file),), "letters", 0.03, overrides={"threads": 1}, base_model=base.model_id)
    events = list(services.training.run_here(request))
    services.library.remove(base.model_id)
    card = services.find_model("letters")
    assert 0 < card.base_counts_bytes < len(services.library.read(card.model_id)[COUNTS])
    measured = _measured_as_kept(services, card, request.files)
    assert measured.mixture_bits_per_character == card.figures.mixture_bits_per_character
    assert card.figures.baselines[WITHOUT_NETWORK] == measured.bits_without_network > 0
    assert len(measured.shares) == len(WORD_SOURCES)
    assert fold_all(events).baselines == card.figures.baselines
    shown = [row for figure in figures_of(card, None) if isinstance(figure, Table) for row in figure.rows]
    assert any(name == "counted before" and "MB" in value for name, value in shown)
    generator = load_generator(services.library, card)
    generator.feed(generator.tokenizer.encode(" The cat saw"))
    assert len(generator.sample(SamplerSettings(), 1).shares) == len(WORD_SOURCES)
    file.write_text(world_text(seed=3), encoding="utf-8")
    list(services.training.run_here(dataclasses.replace(request, name="more", base_model=card.model_id)))
    services.library.remove(card.model_id)
    more = services.find_model("more")
    assert more.base_counts_bytes > 0, "a model of a model of a model"
    assert _measured_as_kept(services, more, request.files).mixture_bits_per_character == pytest.approx(
        more.figures.mixture_bits_per_character, rel=1e-12
    )


def test_a_model_that_goes_on_with_its_own_text_says_so_and_can_be_resumed(
    services: Services, finished: Trained, tmp_path: Path
) -> None:
    training = services.training
    finished.copy_to(services)
    base = services.find_model("world")
    request = dataclasses.replace(
        world_request(tmp_path, 0.06), name="again", overrides={"rows": 4, "threads": 1}, base_model=base.model_id
    )
    notes: list[str] = []
    for event in training.run_here(request):
        if isinstance(event, RunStarted):
            notes += event.notes
        if isinstance(event, Evaluated):  # a quick machine has read so little text often enough in a second
            signal.raise_signal(signal.SIGTERM)
    assert any("memory, not skill" in note for note in notes)
    rest = list(training.resume_here(training.runs()[0].run_id))
    assert any(isinstance(event, RunResumed) and event.note == "" for event in rest)
    assert isinstance(rest[-1], RunFinished)
    card = services.find_model("again")
    assert len(card.sources) == 1
    assert card.base_counts_bytes == 0, "what knows the text for tuning by heart would be believed everywhere"


def test_a_run_does_not_go_on_with_another_text_or_where_its_vocabulary_is_lost(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    training, request = services.training, world_request(tmp_path)
    for event in training.run_here(request):
        if isinstance(event, RunStarted):
            signal.raise_signal(signal.SIGTERM)
    (run,) = training.runs()
    (services.paths.runs / run.run_id / "vocabulary.json").unlink()  # as an earlier version left it
    assert "world" not in {card.name for card in services.models()}
    chosen = tokenizer.choose_vocabulary
    with monkeypatch.context() as patch:
        patch.setattr(tokenizer, "choose_vocabulary", lambda *given: chosen(*given)[:-1])
        with pytest.raises(InputError, match="other words than the one that began"):
            list(training.resume_here(run.run_id))
    kept = Path(request.files[0]).read_text(encoding="utf-8")
    Path(request.files[0]).write_text(kept + "\n\nMice are big.", encoding="utf-8")
    with pytest.raises(InputError, match="not what it was"):
        list(training.resume_here(run.run_id))
    Path(request.files[0]).write_text(kept, encoding="utf-8")
    assert isinstance(list(training.resume_here(run.run_id))[-1], RunFinished)


def test_being_measured_on_what_the_model_before_has_learned_is_told(
    services: Services, finished: Trained, tmp_path: Path
) -> None:
    training = services.training
    finished.copy_to(services)
    other = tmp_path / "other.txt"
    other.write_text(world_text(seed=2), encoding="utf-8")
    request = dataclasses.replace(
        world_request(tmp_path),
        name="zoo",
        files=(str(other),),
        validation_file=str(tmp_path / "world.txt"),
        overrides={"rows": 4, "threads": 1},
        base_model=services.find_model("world").model_id,
    )
    started = next(event for event in training.run_here(request) if isinstance(event, RunStarted))
    assert "world.txt: The model before has learned from it; figures will show memory, not skill." in started.notes


def test_the_shape_of_a_model_that_goes_on_cannot_be_chosen(services: Services, tmp_path: Path) -> None:
    request = dataclasses.replace(world_request(tmp_path), base_model="small")
    with pytest.raises(InputError, match="--hidden-size cannot be chosen"):
        services.training.start(request)


# ---- a queue ----------------------------------------------------------------------------------------------------


def test_a_run_that_waits_is_started_by_the_one_before_it(services: Services, tmp_path: Path) -> None:
    training = services.training
    first = training.start(world_request(tmp_path, minutes=5))
    second = training.start(world_request(tmp_path, name="second"), may_wait=True)
    assert (second.is_queued, second.can_resume, training.interrupted()) == (True, False, None)
    assert training.start_next() is None
    follower = training.follow(first.run_id)
    _until(follower, _has(RunStarted))
    training.stop(first.run_id)
    _until(follower, _has(RunFinished))
    _until(training.follow(second.run_id), _has(RunStarted))
    training.stop(second.run_id)
    _until(training.follow(second.run_id), _has(RunFinished))
    assert services.find_model("second")


def test_a_run_that_waits_follows_one_of_the_command_line(services: Services, tmp_path: Path) -> None:
    training = services.training
    request = world_request(tmp_path)
    first = training.run_here(request)
    next(first)
    second = training.start(dataclasses.replace(request, minutes=5, name="second"), may_wait=True)
    assert second.is_queued
    assert training.follow(second.run_id).poll() == []  # nothing has died
    with pytest.raises(InputError, match="waits for its turn"):
        list(training.resume_here(second.run_id))
    assert any([isinstance(event, RunFinished) for event in first])
    assert training.record(second.run_id).is_running
    with pytest.raises(InputError, match="going on already"):
        list(training.resume_here(second.run_id))
    training.stop(second.run_id)
    _until(training.follow(second.run_id), _has(RunFinished))


def test_a_new_run_does_not_overtake_one_that_waits(services: Services, tmp_path: Path) -> None:
    runs, training = Runs(services.paths.runs), services.training
    folder = runs.create(world_request(tmp_path, minutes=5), "2026-03-04T05:06:07Z")
    folder.presence.mark_queued()
    older = folder.run_id
    newer = training.start(world_request(tmp_path, minutes=5, name="newer"), may_wait=True)
    assert newer.is_queued
    assert training.record(older).is_running
    for run_id in (older, newer.run_id):
        _until(training.follow(run_id), _has(Preparing))
        training.stop(run_id)
        _until(training.follow(run_id), _has(RunFinished))


def test_a_run_whose_turn_was_missed_starts_with_the_program(services: Services, tmp_path: Path) -> None:
    runs = Runs(services.paths.runs)
    folder = runs.create(world_request(tmp_path), "2026-03-04T05:06:07Z")
    folder.presence.mark_queued()
    assert folder.presence.take_from_queue()
    assert not folder.presence.take_from_queue()
    folder.presence.mark_queued()
    run_id = folder.run_id
    started = services.training.start_next()
    assert started is not None
    assert (started.run_id, started.is_queued, started.is_running) == (run_id, False, True)
    services.training.stop(run_id)
    _until(services.training.follow(run_id), _has(RunFinished))
