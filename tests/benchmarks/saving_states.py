"""What keeping the state of a run costs its steps: nothing kept, kept while the steps wait, kept by a thread.

    python -m tests.benchmarks.saving_states [--seconds S] [--rounds N] [--threads N] [--hidden H]

A network with 16,000 words of 512 numbers learns made-up words. The three ways take turns, S seconds each, with one
state in the middle of each turn, as a run keeps one every ten seconds; the disk is that of the temporary folder.
"""

import argparse
import functools
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import rnntui.lm  # noqa: F401  # isort: skip  says how threads wait, before torch is loaded
import torch

from rnntui.lm.hardware.allocator import keep_freed_memory
from rnntui.lm.model import WordRNN
from rnntui.lm.train.batches import Batch
from rnntui.lm.train.learner import Learner
from rnntui.lm.train.planner import REFERENCE
from rnntui.lm.train.train_state import TrainState, add_prefix, merge, pack_later
from rnntui.records import TrainRequest
from rnntui.service.run.run_journal import RunJournal
from rnntui.setting_fields import changed
from rnntui.settings import TrainConfig
from rnntui.store.runs.runs import Runs
from tests.benchmarks.seed_novel import machine

WORDS = 16_000


class Work:
    """Steps of one network, and its state as a run keeps it."""

    def __init__(self, hidden: int) -> None:
        self.dice = torch.Generator().manual_seed(1)
        shape = changed(REFERENCE, vocabulary_limit=WORDS, hidden_size=hidden, embedding_size=512)
        self.model = WordRNN(shape, WORDS)
        self.model.initialise(self.dice)
        self.learner = Learner(self.model, TrainConfig(rows=32, dropout=0.3), self.dice)
        words = torch.randint(WORDS, (65, 32), generator=self.dice)
        self.batch = Batch(words[:-1], words[1:], 0)
        self.best = {name: weight.clone() for name, weight in self.model.state_dict().items()}

    def step(self) -> None:
        self.learner.step(self.batch, None, 1e-3)

    def state(self) -> Callable[[], bytes]:
        return pack_later(merge((self.learner.state(), TrainState(add_prefix("best", self.best), {}))))


def words_per_second(work: Work, seconds: float, save: Callable[[], None], settle: Callable[[], None]) -> float:
    """Of a turn with one state in its middle; what is still being written at its end is waited for."""
    began, steps, is_kept = time.perf_counter(), 0, False
    while (passed := time.perf_counter() - began) < seconds:
        if not is_kept and passed > seconds / 2:
            save()
            is_kept = True
        work.step()
        steps += 1
    settle()
    return steps * 2_048 / (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--hidden", type=int, default=768)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    work = Work(arguments.hidden)
    work.step()
    parameters = sum(weight.numel() for weight in work.model.parameters())
    with tempfile.TemporaryDirectory() as folder, keep_freed_memory():
        runs = Runs(Path(folder))
        folder_of_run = runs.create(TrainRequest(("/a.txt",), "a", 1.0), "2026-03-04T05:06:07Z")
        with RunJournal(folder_of_run) as journal:
            journal.start_saving(work.state)
            begin = functools.partial(journal._begin_saving, work.state)
            ways = {"none kept": lambda: None, "steps wait": journal.save, "by a thread": begin}
            found: dict[str, list[float]] = {name: [] for name in ways}
            for _ in range(arguments.rounds):
                for name, save in ways.items():
                    found[name].append(words_per_second(work, arguments.seconds, save, journal.wait_for_writing))
    print(f"{machine()}, {os.cpu_count()} cores, {parameters / 1e6:.1f} million parameters, seed 1")
    for name, speeds in found.items():
        shares = [speed / free for speed, free in zip(speeds, found["none kept"], strict=True)]
        print(f"{name:12} {statistics.median(speeds):8,.0f} words/s, {statistics.median(shares):.3f} of none kept")


if __name__ == "__main__":
    main()
