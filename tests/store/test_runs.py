import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rnntui.errors import InputError, StorageError
from rnntui.events import CheckpointSaved, Failed, Preparing, RunFinished, to_json
from rnntui.records import RunManifest, TrainRequest
from rnntui.settings import ModelConfig, TrainConfig
from rnntui.store.files.fail_points import FAIL_POINT_VARIABLE
from rnntui.store.runs import Runs

NOW = "2026-03-04T05:06:07Z"
REQUEST = TrainRequest(
    ("/books/war.txt",), "Tolstoy", 5.0, "", {"layers": 2, "tied": False, "cell": "gru", "dropout": 0.1}
)
FINISHED = RunFinished("budget", "tolstoy-123456", "Tolstoy", 300.0, 1000, 9000.0, 1.66, 90.0)

PLAN = RunManifest(ModelConfig(), TrainConfig(), "m-1", "k" * 32, "v" * 64, {"uniform": 4.5}, "2.13.0", "x86_64 AVX512")


class Clock:
    def __init__(self) -> None:
        self.seconds = 1_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def runs(tmp_path: Path, clock: Clock) -> Runs:
    return Runs(tmp_path / "runs", clock)


@pytest.fixture
def run_id(runs: Runs) -> str:
    return runs.create(REQUEST, NOW)


def ended_process() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        return process.pid


# ---- what was asked


@pytest.mark.parametrize("file", ["/books/war.txt", "/books/cafe\u0301.txt", "/books/caf\udce9.txt", "/a\nb\x1b.txt"])
def test_a_request_comes_back_exactly_with_any_file_name(runs: Runs, file: str) -> None:
    request = TrainRequest((file,), "Tolstoy", 5.0, file, REQUEST.overrides)
    assert runs.request(runs.create(request, NOW)) == request


def test_two_runs_of_one_moment_have_two_folders(runs: Runs) -> None:
    first, second = runs.create(REQUEST, NOW), runs.create(REQUEST, NOW)
    assert first != second
    assert first.startswith("20260304050607-")


@pytest.mark.parametrize("name", ["", "../../x", "none", "a/b", "x" * 300, "\x1b[31m", "\0"])
def test_a_run_that_is_not_there_gives_a_sentence(runs: Runs, run_id: str, name: str) -> None:
    for call in (runs.request, runs.log_path, runs.append, runs.lock_run, runs.remove, runs.has_state):
        with pytest.raises(InputError, match="There is no training run") as caught:
            call(name)
        assert "\x1b" not in str(caught.value)
    with pytest.raises(InputError):
        runs.read_events(name, 0)


def test_a_linked_run_folder_is_not_a_run(runs: Runs, run_id: str, tmp_path: Path) -> None:
    (tmp_path / "runs" / "linked").symlink_to(tmp_path / "runs" / run_id)
    with pytest.raises(InputError):
        runs.request("linked")
    assert [record.run_id for record in runs.records()] == [run_id]


# ---- events


def test_events_are_read_on_from_where_the_last_reading_ended(runs: Runs, run_id: str) -> None:
    assert runs.read_events(run_id, 0) == ([], 0)
    with runs.append(run_id) as events:
        events.append("one\u2028still one")
        lines, offset = runs.read_events(run_id, 0)
        assert lines == ["one\u2028still one"]
        assert runs.read_events(run_id, offset) == ([], offset)
        events.append("two")
        assert runs.read_events(run_id, offset)[0] == ["two"]


def test_half_a_line_waits_until_it_is_whole(runs: Runs, run_id: str, tmp_path: Path) -> None:
    path = tmp_path / "runs" / run_id / "events.jsonl"
    path.write_bytes(b"one\ntw")
    lines, offset = runs.read_events(run_id, 0)
    assert (lines, offset) == (["one"], 4)
    path.write_bytes(b"one\ntwo\n")
    assert runs.read_events(run_id, offset) == (["two"], 8)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_in_place_of_the_events_does_not_block(runs: Runs, run_id: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "runs" / run_id / "events.jsonl")
    with pytest.raises(StorageError, match="not an ordinary file"):
        runs.read_events(run_id, 0)
    assert runs.records() == []


# ---- commands and state


def test_the_trainer_is_told_to_run_until_told_otherwise(runs: Runs, run_id: str, tmp_path: Path) -> None:
    assert runs.command(run_id) == "run"
    for command in ("pause", "stop", "run"):
        runs.set_command(run_id, command)
        assert runs.command(run_id) == command
    with pytest.raises(InputError, match="knows no command"):
        runs.set_command(run_id, "explode")
    for garbage in (b"explode\n", b"\xff\xfe", b"x" * 100):
        (tmp_path / "runs" / run_id / "command").write_bytes(garbage)
        assert runs.command(run_id) == "run"
    (tmp_path / "runs" / run_id / "command").unlink()
    assert runs.command(run_id) == "run"


def test_the_newest_two_states_that_were_saved_whole_are_kept(
    runs: Runs, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not runs.has_state(run_id)
    assert list(runs.read_states(run_id)) == []
    for state in (b"step 1", b"step 2", b"step 3"):
        runs.save_state(run_id, state)
    monkeypatch.setenv(FAIL_POINT_VARIABLE, "3:ENOSPC")
    with pytest.raises(StorageError, match="no space left"):
        runs.save_state(run_id, b"step 4")
    monkeypatch.delenv(FAIL_POINT_VARIABLE)
    assert list(runs.read_states(run_id)) == [b"step 3", b"step 2"]
    assert runs.has_state(run_id)


@pytest.mark.parametrize("damage", [b"", b"x", b"0" * 64 + b"\nstep 2"])
def test_a_damaged_state_gives_way_to_the_one_before(runs: Runs, run_id: str, tmp_path: Path, damage: bytes) -> None:
    runs.save_state(run_id, b"step 1")
    runs.save_state(run_id, b"step 2")
    (tmp_path / "runs" / run_id / "state-2").write_bytes(damage)
    assert list(runs.read_states(run_id)) == [b"step 1"]
    runs.save_state(run_id, b"step 3")
    assert next(runs.read_states(run_id)) == b"step 3"


@pytest.mark.parametrize("words", ["run nan", "run -5", "run 1e99", "run x", "run  ", "run 5 6", "stop\x00 3"])
def test_added_time_that_is_no_time_is_none(runs: Runs, run_id: str, tmp_path: Path, words: str) -> None:
    (tmp_path / "runs" / run_id / "command").write_text(words)
    assert runs.orders(run_id)[1] == 0.0
    (tmp_path / "runs" / run_id / "extensions.json").write_text(words)
    assert runs.extensions(run_id) == {}


@pytest.mark.parametrize("reason", ["stopped", "interrupted", "budget"])
def test_going_on_that_was_refused_leaves_a_run_what_it_was(runs: Runs, run_id: str, reason: str) -> None:
    refused = [to_json(Preparing("words")), to_json(Failed("No.", "Yes.", 5, is_refusal=True))]
    with runs.append(run_id) as events:
        events.append(to_json(dataclasses.replace(FINISHED, reason=reason)))
        before = runs.record(run_id)
        for line in refused * 2:
            events.append(line)
    assert runs.record(run_id) == before


def test_the_plan_comes_back_and_a_damaged_one_is_none(runs: Runs, run_id: str, tmp_path: Path) -> None:
    assert runs.plan(run_id) is None
    runs.keep_plan(run_id, PLAN)
    assert runs.plan(run_id) == PLAN
    path = tmp_path / "runs" / run_id / "plan.json"
    for damage in (b"", b"{", path.read_bytes().replace(b'"lstm"', b'"transformer"')):
        path.write_bytes(damage)
        assert runs.plan(run_id) is None


@pytest.mark.parametrize(
    ("lines", "has_state", "can_resume"),
    [
        ([], False, True),
        ([to_json(Preparing("words"))], False, True),
        ([to_json(FINISHED)], True, False),
        ([to_json(dataclasses.replace(FINISHED, reason="stopped"))], True, True),
        ([to_json(dataclasses.replace(FINISHED, reason="stopped", model_id=""))], False, True),
        ([to_json(dataclasses.replace(FINISHED, reason="interrupted"))], True, True),
        ([to_json(Failed("No.", "Yes.", 5))], False, False),
        ([to_json(Failed("No.", "Yes.", 5))], True, True),
    ],
)
def test_what_is_left_of_a_run_says_whether_it_can_go_on(
    runs: Runs, run_id: str, lines: list[str], has_state: bool, can_resume: bool
) -> None:
    with runs.append(run_id) as events:
        for line in lines:
            events.append(line)
    if has_state:
        runs.save_state(run_id, b"step 1")
    record = runs.record(run_id)
    assert (record.can_resume, record.has_failed) == (can_resume, '"Failed"' in "".join(lines))
    with runs.lock_run(run_id):
        assert not runs.record(run_id).can_resume
    runs.remove_states(run_id)
    assert not runs.has_state(run_id)


def test_a_run_that_only_was_left_is_not_finished(runs: Runs, run_id: str) -> None:
    with runs.append(run_id) as events:
        events.append(to_json(dataclasses.replace(FINISHED, reason="interrupted")))
    assert not runs.record(run_id).finished


# ---- life


def test_a_run_lives_while_its_lock_is_held(runs: Runs, run_id: str) -> None:
    assert not runs.is_running(run_id)
    with runs.lock_run(run_id):
        assert runs.is_running(run_id)
        assert runs.records()[0].is_running
    assert not runs.is_running(run_id)


def test_a_run_lives_from_the_moment_it_is_started(runs: Runs, run_id: str, clock: Clock) -> None:
    runs.mark_starting(run_id, os.getpid())
    assert runs.is_running(run_id)
    clock.seconds += 3600  # a mark that old was left by a crash; its number may belong to another process by now
    assert not runs.is_running(run_id)


def test_a_started_process_that_is_gone_does_not_live(runs: Runs, run_id: str) -> None:
    for process_id in (ended_process(), 0, -1, 2**70):
        runs.mark_starting(run_id, process_id)
        assert not runs.is_running(run_id)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="this system does not tell of ended children")
def test_a_started_process_that_ended_unnoticed_does_not_live(runs: Runs, run_id: str) -> None:
    with subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.read()  # returns when the process has closed its output, that is, about when it ends
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        runs.mark_starting(run_id, process.pid)
        assert not runs.is_running(run_id)


def test_once_the_lock_was_taken_only_the_lock_counts(runs: Runs, run_id: str) -> None:
    runs.mark_starting(run_id, os.getpid())
    runs.lock_run(run_id).release()
    assert not runs.is_running(run_id)


def test_a_killed_trainer_frees_its_run(runs: Runs, run_id: str, tmp_path: Path) -> None:
    program = (
        "import pathlib, sys\nfrom rnntui.store.runs import Runs\n"
        "held = Runs(pathlib.Path(sys.argv[1])).lock_run(sys.argv[2])\nprint('held', flush=True)\nsys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "runs"), run_id], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as trainer:
        assert trainer.stdout
        assert trainer.stdout.readline() == b"held\n"
        assert runs.is_running(run_id)
        with pytest.raises(InputError, match="still running"):
            runs.remove(run_id)
        trainer.kill()
        trainer.wait()
        assert not runs.is_running(run_id)
    runs.remove(run_id)
    assert runs.records() == []
    assert list((tmp_path / "runs").iterdir()) == []


# ---- records


def test_records_are_newest_first_and_skip_what_is_no_run(runs: Runs, tmp_path: Path) -> None:
    assert runs.records() == []
    older, newer = runs.create(REQUEST, "2026-03-01T00:00:00Z"), runs.create(REQUEST, "2026-03-02T00:00:00Z")
    damaged = runs.create(REQUEST, NOW)
    (tmp_path / "runs" / damaged / "request.json").write_bytes(b"{")
    (tmp_path / "runs" / "notes").mkdir()
    records = runs.records()
    assert [record.run_id for record in records] == [newer, older]
    assert (records[0].name, records[0].files, records[0].budget_seconds) == ("Tolstoy", ("/books/war.txt",), 300.0)
    assert not records[0].finished
    with pytest.raises(StorageError, match="not JSON"):
        runs.request(damaged)


@pytest.mark.parametrize(
    ("lines", "finished", "model_id"),
    [
        ([], False, ""),
        ([to_json(Preparing("words"))], False, ""),
        ([to_json(CheckpointSaved(5, "m-1"))], False, "m-1"),
        ([to_json(FINISHED)], True, "tolstoy-123456"),
        ([to_json(CheckpointSaved(5, "m-1")), to_json(Failed("No.", "Yes.", 5))], True, "m-1"),
        ([to_json(Failed("No.", "Yes.", 5)), to_json(Preparing("words"))], False, ""),
        (["garbage", "[1]", "[" * 100_000, to_json(FINISHED), '{"event": "Ste'], True, "tolstoy-123456"),
    ],
)
def test_the_last_events_tell_whether_a_run_ended_and_what_it_made(
    runs: Runs, run_id: str, lines: list[str], finished: bool, model_id: str
) -> None:
    with runs.append(run_id) as events:
        for line in lines:
            events.append(line)
    record = runs.records()[0]
    assert (record.finished, record.model_id) == (finished, model_id)


def test_a_request_with_a_surprise_in_it_is_refused(runs: Runs, run_id: str, tmp_path: Path) -> None:
    path = tmp_path / "runs" / run_id / "request.json"
    values = json.loads(path.read_bytes())
    values["request"]["overrides"]["layers"] = None
    path.write_text(json.dumps(values))
    with pytest.raises(StorageError, match=r"overrides\.layers"):
        runs.request(run_id)
