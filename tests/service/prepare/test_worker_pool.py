"""Texts prepared by several processes: the same as by one, and nobody is left behind."""

import gc
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rnntui.lm.tokens import segments
from rnntui.lm.tokens.segments import SplitSegment, Splitting, pack_segments, run_in_order
from rnntui.records import ReadOptions
from rnntui.service.prepare import data_prep
from rnntui.service.prepare import worker_pool as helpers_module
from rnntui.service.prepare.worker_pool import WorkerPool, start_workers
from rnntui.settings import ModelConfig
from rnntui.store.corpora import Corpora
from rnntui.store.files.processes import is_alive
from tests.small_world import SCRIPTS, rare_words_text


def happens(predicate: Callable[[], bool], seconds: float = 20.0) -> bool:
    ends = time.monotonic() + seconds
    while not predicate():
        if time.monotonic() > ends:
            return False
        time.sleep(0.01)
    return True


@pytest.fixture
def _small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "_CHARACTERS", 3_000)
    monkeypatch.setattr(helpers_module, "_LEAST_BYTES", 1)


@pytest.fixture
def texts(tmp_path: Path) -> list[str]:
    files = []
    for script in SCRIPTS:
        files.append(tmp_path / f"{script}.txt")
        files[-1].write_text(rare_words_text(script), encoding="utf-8")
    return [str(file) for file in files]


def outcome(work):  # type: ignore[no-untyped-def]
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def prepared(texts: list[str], folder: Path, threads: int) -> tuple[bytes, str]:
    """The counts and the hash of the numbers."""
    corpora = Corpora(folder)
    chosen = outcome(data_prep.survey_files(texts, ReadOptions(), 0.1))
    counted = outcome(data_prep.count_tokens(chosen, corpora, threads))
    tokenizer = data_prep.build_tokenizer(counted, ModelConfig(vocabulary_limit=500))
    ids = outcome(data_prep.encode_corpus(chosen, counted, tokenizer, corpora, threads)).ids
    return counted.to_bytes(), hashlib.sha256(ids.numpy().tobytes()).hexdigest()


@pytest.mark.usefixtures("_small_segments")
def test_a_text_prepared_by_several_processes_is_that_of_one(tmp_path: Path, texts: list[str]) -> None:
    alone = prepared(texts, tmp_path / "1", threads=1)
    assert prepared(texts, tmp_path / "3", threads=3) == alone


@pytest.mark.usefixtures("_small_segments")
def test_rare_pieces_are_forgotten_alike_whoever_counts(
    tmp_path: Path, texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnntui.lm.tokens.corpus._MOST_TYPES", 400)
    monkeypatch.setattr("rnntui.lm.tokens.corpus._TYPES_AFTER_FORGETTING", 200)
    alone = prepared(texts, tmp_path / "1", threads=1)
    assert prepared(texts, tmp_path / "2", threads=2) == alone


def _blocks() -> list[str]:
    dice = random.Random(3)
    return ["".join(dice.choices("abc ’d\n", k=1_000)) for _ in range(40)]


def _split(blocks: list[str], helpers: WorkerPool | None) -> list[bytes]:
    return [split for split in run_in_order(Splitting(), pack_segments(blocks), helpers) if split]


@pytest.mark.usefixtures("_small_segments")
def test_work_of_a_helper_that_is_killed_is_done_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def spawned_and_killed() -> "subprocess.Popen[bytes]":
        started.append(spawn())
        started[-1].kill()
        return started[-1]

    spawn = helpers_module._spawn
    monkeypatch.setattr(helpers_module, "_spawn", spawned_and_killed)
    blocks = _blocks()
    with start_workers(1, threads=2) as helpers:
        assert helpers
        found = _split(blocks, helpers)
    assert started
    assert found == _split(blocks, None)
    assert "".join(SplitSegment.from_bytes(split).text() for split in found) == "".join(blocks)


def test_helpers_end_when_they_are_not_needed_any_more() -> None:
    with start_workers(10**9, threads=3) as helpers:
        assert helpers
        helpers.begin("split", b"")
        handed = helpers.give(b"It was a dark night.")
        assert handed
        found = SplitSegment.from_bytes(handed.result())
        running = [process._process for process in helpers._processes if process._process]
        assert [process.poll() for process in running] == [None]
    assert found.text() == "It was a dark night."
    assert all(process.poll() is not None for process in running)


def test_helpers_end_while_they_are_at_work() -> None:
    helpers = WorkerPool(1)
    helpers.begin("split", b"")
    handed = helpers.give(b" word" * 2_000_000)
    assert happens(lambda: helpers._processes[0]._process is not None)
    helpers.close()
    assert handed
    with pytest.raises(segments.WorkerLostError):
        handed.result(timeout=20)


PARENT = """
import sys, time
from rnntui.service.prepare.worker_pool import WorkerPool
helpers = WorkerPool(1)
helpers.begin("split", b"")
helpers.give(b"a word").result()
print(helpers._processes[0]._process.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_a_process_that_is_killed_leaves_no_helper_behind() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE)
    assert parent.stdout
    helper = int(parent.stdout.readline())
    assert is_alive(helper)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert happens(lambda: not is_alive(helper))


@pytest.mark.parametrize(("size", "threads"), [(1_000_000, 0), (10**9, 1)], ids=["small text", "one processor"])
def test_nobody_helps_where_it_would_not_be_worth_it(size: int, threads: int) -> None:
    with start_workers(size, threads) as helpers:
        assert helpers is None


def test_a_segment_is_let_go_at_once_when_it_is_done() -> None:
    """Nothing in it may refer to itself: what waits for the collector adds up to a gigabyte in a long text."""
    gc.collect()
    gc.disable()
    try:
        assert segments.answer(Splitting(), b"It was a dark night.")
        assert gc.collect() == 0
    finally:
        gc.enable()


@pytest.mark.nightly
def test_preparing_that_is_killed_at_random_instants_comes_to_the_same_numbers() -> None:
    options = ["--megabytes", "12", "--kills", "8"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.preparing_killed", *options],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=1_200,
    )
    assert done.returncode == 0, done.stdout + done.stderr
