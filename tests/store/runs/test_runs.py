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
from rnntui.store.runs.run_folder import RunFolder
from rnntui.store.runs.runs import Runs
from tests.fail_points import FAIL_POINT_VARIABLE, fail_point

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
def folder(runs: Runs) -> RunFolder:
    return runs.create(REQUEST, NOW)


def ended_process() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        return process.pid


# ---- what was asked


@pytest.mark.parametrize("file", ["/books/war.txt", "/books/cafe\u0301.txt", "/books/caf\udce9.txt", "/a\nb\x1b.txt"])
def test_a_request_comes_back_exactly_with_any_file_name(runs: Runs, file: str) -> None:
    request = TrainRequest((file,), "Tolstoy", 5.0, file, REQUEST.overrides)
    assert runs.folder(runs.create(request, NOW).run_id).request() == request


def test_two_runs_of_one_moment_have_two_folders(runs: Runs) -> None:
    first, second = runs.create(REQUEST, NOW).run_id, runs.create(REQUEST, NOW).run_id
    assert first != second
    assert first.startswith("20260304050607-")


@pytest.mark.parametrize("name", ["", "../../x", "none", "a/b", "x" * 300, "\x1b[31m", "\0"])
def test_a_run_that_is_not_there_gives_a_sentence(runs: Runs, folder: RunFolder, name: str) -> None:
    for call in (runs.folder, runs.record, runs.remove):
        with pytest.raises(InputError, match="There is no training run") as caught:
            call(name)
        assert "\x1b" not in str(caught.value)


def test_a_linked_run_folder_is_not_a_run(runs: Runs, folder: RunFolder, tmp_path: Path) -> None:
    (tmp_path / "runs" / "linked").symlink_to(tmp_path / "runs" / folder.run_id)
    with pytest.raises(InputError):
        runs.folder("linked")
    assert [record.run_id for record in runs.records()] == [folder.run_id]


# ---- events


def test_events_are_read_on_from_where_the_last_reading_ended(folder: RunFolder) -> None:
    assert folder.read_events(0) == ([], 0)
    with folder.append_events() as events:
        events.append("one\u2028still one")
        lines, offset = folder.read_events(0)
        assert lines == ["one\u2028still one"]
        assert folder.read_events(offset) == ([], offset)
        events.append("two")
        assert folder.read_events(offset)[0] == ["two"]


def test_half_a_line_waits_until_it_is_whole(folder: RunFolder, tmp_path: Path) -> None:
    path = tmp_path / "runs" / folder.run_id / "events.jsonl"
    path.write_bytes(b"one\ntw")
    lines, offset = folder.read_events(0)
    assert (lines, offset) == (["one"], 4)
    path.write_bytes(b"one\ntwo\n")
    assert folder.read_events(offset) == (["two"], 8)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_in_place_of_the_events_does_not_block(runs: Runs, folder: RunFolder, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "runs" / folder.run_id / "events.jsonl")
    with pytest.raises(StorageError, match="not an ordinary file"):
        folder.read_events(0)
    assert runs.records() == []


# ---- commands and state


def test_the_trainer_is_told_to_run_until_told_otherwise(folder: RunFolder, tmp_path: Path) -> None:
    assert folder.orders.read()[0] == "run"
    for command in ("pause", "stop", "run"):
        folder.orders.set_command(command)
        assert folder.orders.read()[0] == command
    with pytest.raises(InputError, match="knows no command"):
        folder.orders.set_command("explode")
    for garbage in (b"explode\n", b"\xff\xfe", b"x" * 100):
        (tmp_path / "runs" / folder.run_id / "command").write_bytes(garbage)
        assert folder.orders.read()[0] == "run"
    (tmp_path / "runs" / folder.run_id / "command").unlink()
    assert folder.orders.read()[0] == "run"


def test_the_newest_two_states_that_were_saved_whole_are_kept(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not folder.states.exist()
    assert list(folder.states.read()) == []
    for state in (b"step 1", b"step 2", b"step 3"):
        folder.states.save(state)
    monkeypatch.setenv(FAIL_POINT_VARIABLE, fail_point(3, "ENOSPC"))
    with pytest.raises(StorageError, match="no space left"):
        folder.states.save(b"step 4")
    monkeypatch.delenv(FAIL_POINT_VARIABLE)
    assert list(folder.states.read()) == [b"step 3", b"step 2"]
    assert folder.states.exist()


@pytest.mark.parametrize("damage", [b"", b"x", b"0" * 64 + b"\nstep 2"])
def test_a_damaged_state_gives_way_to_the_one_before(folder: RunFolder, tmp_path: Path, damage: bytes) -> None:
    folder.states.save(b"step 1")
    folder.states.save(b"step 2")
    (tmp_path / "runs" / folder.run_id / "state-2").write_bytes(damage)
    assert list(folder.states.read()) == [b"step 1"]
    folder.states.save(b"step 3")
    assert next(folder.states.read()) == b"step 3"


@pytest.mark.parametrize("words", ["run nan", "run -5", "run 1e99", "run x", "run  ", "run 5 6", "stop\x00 3"])
def test_added_time_that_is_no_time_is_none(folder: RunFolder, tmp_path: Path, words: str) -> None:
    (tmp_path / "runs" / folder.run_id / "command").write_text(words)
    assert folder.orders.read()[1] == 0.0
    (tmp_path / "runs" / folder.run_id / "extensions.json").write_text(words)
    assert folder.orders.extensions() == {}


@pytest.mark.parametrize("reason", ["stopped", "interrupted", "budget"])
def test_going_on_that_was_refused_leaves_a_run_what_it_was(folder: RunFolder, reason: str) -> None:
    refused = [to_json(Preparing("words")), to_json(Failed("No.", "Yes.", 5, is_refusal=True))]
    with folder.append_events() as events:
        events.append(to_json(dataclasses.replace(FINISHED, reason=reason)))
        before = folder.record()
        for line in refused * 2:
            events.append(line)
    assert folder.record() == before


def test_the_plan_comes_back_and_a_damaged_one_is_none(folder: RunFolder, tmp_path: Path) -> None:
    assert folder.manifest() is None
    folder.save_manifest(PLAN, b"")
    assert folder.manifest() == PLAN
    path = tmp_path / "runs" / folder.run_id / "plan.json"
    for damage in (b"", b"{", path.read_bytes().replace(b'"lstm"', b'"transformer"')):
        path.write_bytes(damage)
        assert folder.manifest() is None


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
    folder: RunFolder, lines: list[str], has_state: bool, can_resume: bool
) -> None:
    with folder.append_events() as events:
        for line in lines:
            events.append(line)
    if has_state:
        folder.states.save(b"step 1")
    record = folder.record()
    assert (record.can_resume, record.has_failed) == (can_resume, '"Failed"' in "".join(lines))
    with folder.presence.lock():
        assert not folder.record().can_resume
    folder.states.remove()
    assert not folder.states.exist()


def test_a_run_that_only_was_left_is_not_finished(folder: RunFolder) -> None:
    with folder.append_events() as events:
        events.append(to_json(dataclasses.replace(FINISHED, reason="interrupted")))
    assert not folder.record().finished


# ---- life


def test_a_run_lives_while_its_lock_is_held(runs: Runs, folder: RunFolder) -> None:
    assert not folder.presence.is_running()
    with folder.presence.lock():
        assert folder.presence.is_running()
        assert runs.records()[0].is_running
    assert not folder.presence.is_running()


def test_a_run_lives_from_the_moment_it_is_started(folder: RunFolder, clock: Clock) -> None:
    folder.presence.mark_starting(os.getpid())
    assert folder.presence.is_running()
    clock.seconds += 3600  # a mark that old was left by a crash; its number may belong to another process by now
    assert not folder.presence.is_running()


def test_a_started_process_that_is_gone_does_not_live(folder: RunFolder) -> None:
    for process_id in (ended_process(), 0, -1, 2**70):
        folder.presence.mark_starting(process_id)
        assert not folder.presence.is_running()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="this system does not tell of ended children")
def test_a_started_process_that_ended_unnoticed_does_not_live(folder: RunFolder) -> None:
    with subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.read()  # returns when the process has closed its output, that is, about when it ends
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        folder.presence.mark_starting(process.pid)
        assert not folder.presence.is_running()


def test_once_the_lock_was_taken_only_the_lock_counts(folder: RunFolder) -> None:
    folder.presence.mark_starting(os.getpid())
    folder.presence.lock().release()
    assert not folder.presence.is_running()


def test_a_killed_trainer_frees_its_run(runs: Runs, folder: RunFolder, tmp_path: Path) -> None:
    program = (
        "import pathlib, sys\nfrom rnntui.store.runs.runs import Runs\n"
        "held = Runs(pathlib.Path(sys.argv[1])).folder(sys.argv[2]).presence.lock()\nprint('held', flush=True)\n"
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "runs"), folder.run_id],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as trainer:
        assert trainer.stdout
        assert trainer.stdout.readline() == b"held\n"
        assert folder.presence.is_running()
        with pytest.raises(InputError, match="still running"):
            runs.remove(folder.run_id)
        trainer.kill()
        trainer.wait()
        assert not folder.presence.is_running()
    runs.remove(folder.run_id)
    assert runs.records() == []
    assert list((tmp_path / "runs").iterdir()) == []


# ---- records


def test_records_are_newest_first_and_skip_what_is_no_run(runs: Runs, tmp_path: Path) -> None:
    assert runs.records() == []
    older, newer, damaged = (
        runs.create(REQUEST, now).run_id for now in ("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z", NOW)
    )
    (tmp_path / "runs" / damaged / "request.json").write_bytes(b"{")
    (tmp_path / "runs" / "notes").mkdir()
    records = runs.records()
    assert [record.run_id for record in records] == [newer, older]
    assert (records[0].name, records[0].files, records[0].budget_seconds) == ("Tolstoy", ("/books/war.txt",), 300.0)
    assert not records[0].finished
    with pytest.raises(StorageError, match="not JSON"):
        runs.folder(damaged).request()


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
    runs: Runs, folder: RunFolder, lines: list[str], finished: bool, model_id: str
) -> None:
    with folder.append_events() as events:
        for line in lines:
            events.append(line)
    record = runs.records()[0]
    assert (record.finished, record.model_id) == (finished, model_id)


def test_a_request_with_a_surprise_in_it_is_refused(folder: RunFolder, tmp_path: Path) -> None:
    path = tmp_path / "runs" / folder.run_id / "request.json"
    values = json.loads(path.read_bytes())
    values["request"]["overrides"]["layers"] = None
    path.write_text(json.dumps(values))
    with pytest.raises(StorageError, match=r"overrides\.layers"):
        folder.request()
