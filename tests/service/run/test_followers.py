"""Processes that learn together: if one is killed, all end in a sentence, none is left, and the run goes on."""

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rnntui.errors import ProcessLostError
from rnntui.events import RunFinished, RunResumed, StepLogged, TrainEvent
from rnntui.lm.progress import run_to_end
from rnntui.records import ModelCard, TrainRequest
from rnntui.service.pipeline import trial_setups
from rnntui.service.pipeline.resume_settings import ResumeOptions
from rnntui.service.run import followers
from rnntui.service.run.run_view import fold_all
from rnntui.service.services import Services
from rnntui.store.files.processes import is_alive
from rnntui.store.runs.runs import Runs
from tests.small_world import world_request, world_text

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="the processes are looked up in /proc")


def children(pid: int) -> list[int]:
    """Processes that a process has started and that live."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = (folder / "stat").read_bytes().rpartition(b")")[2].split()[1]
        except OSError:
            continue
        if int(parent) == pid and is_alive(int(folder.name)):
            found.append(int(folder.name))
    return found


def learning_with(pid: int) -> list[int]:
    """The processes that learn together with one."""
    return [number for number in children(pid) if b"follower_process" in Path(f"/proc/{number}/cmdline").read_bytes()]


def happens(predicate: Callable[[], bool], seconds: float) -> bool:
    ends = time.monotonic() + seconds
    while not predicate():
        if time.monotonic() > ends:
            return False
        time.sleep(0.02)
    return True


def killed_after_a_state(runs: Runs, work: Iterator[TrainEvent]) -> Iterator[TrainEvent]:
    """The events of a run, of whose other processes one is killed when there is something to go on from."""
    others: list[int] = []
    for event in work:
        yield event
        if isinstance(event, StepLogged) and not others and runs.folder(runs.records()[0].run_id).states.exist():
            others = learning_with(os.getpid())
            os.kill(others[0], signal.SIGKILL)


def test_a_killed_process_ends_all_in_a_sentence_and_the_run_goes_on_in_another_number(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnntui.service.run.run_journal._OFTEN", 0.1)
    training = services.training
    request = world_request(tmp_path, minutes=1)
    request.overrides["processes"] = 2
    events: list[TrainEvent] = []
    with pytest.raises(ProcessLostError, match=r"One of the 2 processes that learn together has ended\."):
        events.extend(killed_after_a_state(Runs(services.paths.runs), training.run_here(request)))
    (run,) = training.runs()
    view = fold_all(training.follow(run.run_id).poll())
    assert view.failure is not None
    assert view.failure.exit_code == ProcessLostError.exit_code
    assert happens(lambda: not learning_with(os.getpid()), 5.0)
    assert run.can_resume
    rest: list[TrainEvent] = []
    for event in training.resume_here(run.run_id, ResumeOptions(processes=1)):
        rest.append(event)
        if isinstance(event, RunResumed):
            training.stop(run.run_id)
    (resumed,) = [event for event in rest if isinstance(event, RunResumed)]
    assert "1 process instead of 2 and 2 threads instead of 1" in resumed.note
    assert isinstance(rest[-1], RunFinished)
    assert services.library.find(rest[-1].model_id).processes == 2


@pytest.mark.parametrize(
    ("number", "code", "told"),
    [
        pytest.param(signal.SIGKILL, -signal.SIGKILL, "", id="killed", marks=pytest.mark.nightly),
        pytest.param(signal.SIGTERM, 0, "told to leave", id="told to end", marks=pytest.mark.nightly),
        pytest.param(signal.SIGHUP, 0, "told to leave", id="terminal closed", marks=pytest.mark.nightly),
        pytest.param(signal.SIGINT, 0, "keeps the best", id="interrupted", marks=pytest.mark.nightly),
    ],
)
def test_nobody_is_left_however_the_first_process_ends(tmp_path: Path, number: int, code: int, told: str) -> None:
    (tmp_path / "world.txt").write_text(world_text(), encoding="utf-8")
    shape = ["--hidden-size", "24", "--rows", "4", "--bptt-length", "16", "--threads", "1"]
    command = [sys.executable, "-m", "rnntui", "train", "world.txt", "--processes", "2", "--minutes", "1", *shape]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
    assert process.stderr
    said = []
    while "quick look" not in (line := process.stderr.readline()):
        assert line, said
        said.append(line)
    others = learning_with(process.pid)
    assert len(others) == 1
    process.send_signal(number)
    rest = process.communicate(timeout=60)[1]
    assert process.returncode == code
    assert told in "".join(said) + rest
    assert "Traceback" not in rest
    assert happens(lambda: not any(map(is_alive, others)), 10.0)


def test_processes_that_do_not_start_are_told_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr(followers, "_spawn", refuse)
    company = followers.FollowerGroup(lambda: tmp_path / "meeting", tmp_path / "log")
    with pytest.raises(ProcessLostError, match=r"Only 1 of 3 processes could be started: Resource temporarily"):
        company.start(3)


def test_one_process_starts_and_connects_nothing(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from rnntui.service.run.followers import FollowerGroup\n"
        "import torch; before = set(sys.modules)\n"
        "import rnntui.lm.train.trainer\n"
        "company = FollowerGroup(lambda: 1 / 0, Path('log')); company.start(1); ranks = company.connect_all()\n"
        "assert not [name for name in set(sys.modules) - before if name.startswith('torch.')], 'loaded for nothing'\n"
        "assert not torch.distributed.is_initialized() and ranks.count == 1"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("threads", "minutes", "size", "overrides", "count"),
    [
        (2, 5, 3_000_000, {}, 1),
        (2, 15, 3_000_000, {}, 2),
        (2, 15, 300_000, {}, 1),
        (2, 15, 3_000_000, {"threads": 2}, 1),
        (8, 5, 3_000_000, {}, 4),
        (8, 1, 3_000_000, {}, 1),
        (1, 60, 3_000_000, {}, 1),
        (2, 1, 300_000, {"processes": 3}, 3),
        (8, 60, 3_000_000, {"processes": 1}, 1),
    ],
)
def test_more_processes_are_tried_where_they_may_pay_and_taken_where_they_are_asked_for(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    threads: int,
    minutes: float,
    size: int,
    overrides: dict[str, int],
    count: int,
) -> None:
    monkeypatch.setattr("torch.get_num_threads", lambda: threads)
    monkeypatch.setattr(trial_setups, "_ROOM_BYTES", 1)
    request = TrainRequest(("book.txt",), "book", minutes, "", dict(overrides))
    company = followers.FollowerGroup(lambda: tmp_path / "meeting", tmp_path / "log")
    assert trial_setups.processes_to_start(request, size, company) == count


def test_a_process_that_was_only_tried_and_is_lost_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spawned = subprocess.Popen
    monkeypatch.setattr(followers, "_spawn", lambda *_: spawned([sys.executable, "-c", ""], stdout=subprocess.PIPE))
    company = followers.FollowerGroup(lambda: tmp_path / "meeting", tmp_path / "log")
    company.start(2)
    assert (
        run_to_end(trial_setups.find_fastest(TrainRequest(("book.txt",), "book", 0.001), company)).candidate.processes
        == 1
    )
    assert company.count == 1
    company.start(2)
    with pytest.raises(ProcessLostError):
        run_to_end(trial_setups.find_fastest(TrainRequest(("book.txt",), "book", 0.001, "", {"processes": 2}), company))
    company.close()


def torchrun(folder: Path, *place: str) -> "subprocess.Popen[str]":
    """Several processes that torchrun starts; it stands in a session of its own."""
    (folder / "world.txt").write_text(world_text(), encoding="utf-8")
    shape = ["--hidden-size", "24", "--rows", "4", "--bptt-length", "16"]
    train = ["-m", "rnntui", "train", "world.txt", "--minutes", "0.1", *shape]
    command = [sys.executable, "-m", "torch.distributed.run", *place, *train]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder)


def last_card(services: Services) -> ModelCard:
    (run,) = services.training.runs()
    return services.library.find(run.model_id)


@pytest.mark.nightly
def test_torchrun_starts_processes_that_learn_together(services: Services, tmp_path: Path) -> None:
    with torchrun(tmp_path, "--standalone", "--nproc-per-node", "2") as process:
        out, told = process.communicate(timeout=120)
    assert process.returncode == 0, told
    assert "2 processes of 1 thread" in told
    assert out.count("bits per character, perplexity") == 1, "the first one alone tells"
    assert last_card(services).processes == 2


@pytest.mark.nightly
def test_two_agents_of_torchrun_make_one_run(services: Services, tmp_path: Path) -> None:
    place = ["--nnodes", "2", "--nproc-per-node", "1", "--rdzv-backend", "c10d", "--rdzv-endpoint", "localhost:29517"]
    with torchrun(tmp_path, *place) as one, torchrun(tmp_path, *place) as other:
        told = [process.communicate(timeout=120) for process in (one, other)]
    assert [one.returncode, other.returncode] == [0, 0], told
    assert sum("bits per character, perplexity" in out for out, _ in told) == 1
    assert last_card(services).processes == 2


@pytest.mark.nightly
@pytest.mark.parametrize("who", ["torchrun", "the first", "another"])
def test_whoever_is_killed_under_torchrun_nobody_is_left(tmp_path: Path, who: str) -> None:
    with torchrun(tmp_path, "--standalone", "--nproc-per-node", "2") as process:
        assert process.stderr
        said = []
        while "quick look" not in (line := process.stderr.readline()):
            assert line, said
            said.append(line)
        first, another = sorted(children(process.pid))
        os.kill({"torchrun": process.pid, "the first": first, "another": another}[who], signal.SIGKILL)
        assert happens(lambda: not any(map(is_alive, (process.pid, first, another))), 10.0)
        process.communicate()
