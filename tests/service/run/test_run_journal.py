"""What is kept of a run and when; and that a full disk makes it wait, not die."""

import errno
import functools
import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rnntui.errors import StorageError
from rnntui.events import Preparing, SampleDrawn, StepLogged, from_json
from rnntui.records import TrainRequest
from rnntui.service.run.run_journal import RunJournal
from rnntui.store.files import durable
from rnntui.store.runs.run_folder import RunFolder
from rnntui.store.runs.runs import Runs


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Disk:
    """A disk that can be full: every step of writing is refused."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_full = False
        monkeypatch.setattr(durable, "step", self._step)

    def _step(self) -> None:
        if self.is_full:
            raise OSError(errno.ENOSPC, "full")


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path / "runs")


@pytest.fixture
def folder(runs: Runs) -> RunFolder:
    return runs.create(TrainRequest(("/a.txt",), "a", 1.0), "2026-03-04T05:06:07Z")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def journal(runs: Runs, folder: RunFolder, clock: Clock) -> Iterator[RunJournal]:
    with RunJournal(folder, clock) as journal:
        yield journal


def steps(journal: RunJournal, clock: Clock, seconds: int) -> set[str]:
    """Half-second steps; what the trainer was told."""
    told = set()
    for _ in range(2 * seconds):
        clock.now += 0.5
        told.add(journal.poll("run"))
        journal.wait_for_writing()  # each step takes longer than a state to write
    return told


def test_a_state_is_never_older_than_half_a_minute(journal: RunJournal, folder: RunFolder, clock: Clock) -> None:
    saved: list[float] = []

    def state() -> Callable[[], bytes]:
        saved.append(clock.now)
        return write

    def write() -> bytes:
        clock.now += 0.9  # writing takes long: less often, but not too rarely
        return f"at {clock.now}".encode()

    assert steps(journal, clock, 60) == {"run"}
    assert saved == []
    journal.start_saving(state)
    before = clock.now
    steps(journal, clock, 300)
    assert max(later - earlier for earlier, later in zip([before, *saved], saved, strict=False)) < 30
    assert 10 <= len(saved) <= 20
    assert len(list(folder.states.read())) == 2


@pytest.mark.parametrize("wish", ["pause", "stop", "suspend"])
def test_before_waiting_or_ending_the_state_is_kept_once(
    journal: RunJournal, folder: RunFolder, clock: Clock, wish: str
) -> None:
    states = iter([b"now"])  # a second one would be too many
    journal.start_saving(lambda: functools.partial(bytes, next(states)))
    assert journal.poll("run") == "run"
    assert list(folder.states.read()) == []
    for _ in range(5):
        assert journal.poll(wish) == wish
        clock.now += 100.0
    assert list(folder.states.read()) == [b"now"]


def test_steps_go_on_while_a_state_is_written_and_the_next_one_waits_its_turn(
    journal: RunJournal, folder: RunFolder, clock: Clock
) -> None:
    may_write, taken = threading.Event(), itertools.count(1)

    def state() -> Callable[[], bytes]:
        number = next(taken)
        return lambda: str(number).encode() if may_write.wait(60) else b""

    journal.start_saving(state)
    for _ in range(200):
        clock.now += 0.5
        assert journal.poll("run") == "run"
    assert list(folder.states.read()) == []
    may_write.set()
    assert journal.poll("stop") == "stop"
    assert list(folder.states.read()) == [b"2", b"1"]


def test_states_that_are_not_needed_any_more_are_gone_when_the_last_is_written(
    journal: RunJournal, folder: RunFolder, clock: Clock
) -> None:
    may_write = threading.Event()
    journal.start_saving(lambda: lambda: b"late" if may_write.wait(60) else b"")
    clock.now += 100.0
    journal.poll("run")
    threading.Timer(0.05, may_write.set).start()
    journal.remove_states()
    assert list(folder.states.read()) == []
    journal.wait_for_writing()
    assert list(folder.states.read()) == []


def test_a_full_disk_makes_training_wait_and_nothing_is_lost(
    journal: RunJournal, folder: RunFolder, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    states = iter([b"one", b"two", b"three"])
    journal.start_saving(lambda: functools.partial(bytes, next(states)))
    steps(journal, clock, 11)
    journal.record_time(0, 1.5)
    disk.is_full = True
    journal.log_event(Preparing("counting"))
    journal.record_time(1, 2.5)
    assert isinstance(journal.refusal, StorageError)
    assert "no space left" in journal.refusal.sentence
    assert steps(journal, clock, 60) == {"pause"}
    assert list(folder.states.read()) == [b"one"]
    disk.is_full = False
    assert steps(journal, clock, 6) == {"pause", "run"}
    assert journal.refusal is None
    assert list(folder.times()) == [1.5, 2.5]
    assert [from_json(line) for line in folder.read_events(0)[0]] == [Preparing("counting")]
    assert next(folder.states.read()) == b"two"


def test_whoever_wants_to_stop_on_a_full_disk_is_not_held(
    journal: RunJournal, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    Disk(monkeypatch).is_full = True
    journal.start_saving(lambda: bytes)
    assert steps(journal, clock, 20) == {"run", "pause"}
    for wish in ("pause", "stop", "suspend"):
        assert journal.poll(wish) == wish


def test_more_time_is_kept_before_it_counts_and_met_again_at_the_same_place(
    journal: RunJournal, folder: RunFolder
) -> None:
    assert (journal.command(), journal.extra_seconds(3)) == ("run", 0.0)
    folder.orders.add_time(90.0)
    folder.orders.set_command("pause")
    folder.orders.add_time(30.0)
    assert (journal.command(), journal.extra_seconds(7)) == ("pause", 120.0)
    assert folder.orders.extensions() == {7: 120.0}
    with RunJournal(folder) as later:
        assert later.command() == "pause"
        assert [later.extra_seconds(times) for times in (0, 6, 7, 8)] == [0.0, 0.0, 120.0, 120.0]
        folder.orders.add_time(10.0)
        later.command()
        assert [later.extra_seconds(times) for times in (6, 9, 10)] == [0.0, 130.0, 130.0]
    assert folder.orders.extensions() == {7: 120.0, 9: 130.0}


def test_more_time_that_the_disk_refuses_does_not_count_yet(
    journal: RunJournal, folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.orders.add_time(90.0)
    journal.command()
    disk = Disk(monkeypatch)
    disk.is_full = True
    assert journal.extra_seconds(3) == 0.0
    assert journal.refusal is not None
    disk.is_full = False
    assert journal.extra_seconds(4) == 90.0
    assert folder.orders.extensions() == {4: 90.0}


def test_lines_of_an_earlier_version_lack_the_clipped_share_and_the_moment_of_a_sample() -> None:
    step = (
        '{"event": "StepLogged", "step": 1, "words": 9, "seconds": 1.0, "eta_seconds": 2.0, "words_per_second": 9.0, '
        '"loss_nats": 3.0, "bits_per_character": 2.0, "learning_rate": 0.1, "gradient_norm": 0.2, "passes": 1.0, '
        '"fraction": 0.5}'
    )
    assert from_json(step) == StepLogged(1, 9, 1.0, 2.0, 9.0, 3.0, 2.0, 0.1, 0.2, 1.0, 0.5, 0.0)
    assert from_json('{"event": "SampleDrawn", "step": 1, "prompt": "a", "text": "b"}') == SampleDrawn(1, "a", "b")
