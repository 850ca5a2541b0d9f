"""Training speed of one process with one and with all threads, and of several processes with one thread each.

    python -m tests.benchmarks.processes [--processes N] [--hidden H ...] [--rows B] [--steps N] [--seed N]
        [--arithmetic float32|bfloat16]

The planner's reference shape on made-up words as frequent as those of a language. Steps of all ways alternate, so that
all meet the same machine; those that have nothing to do wait asleep. The medians and their ratios are printed.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import rnntui.lm  # noqa: F401  # isort: skip  says how threads wait, before torch is loaded
import torch

from rnntui.lm.hardware.allocator import keep_freed_memory
from rnntui.lm.hardware.follower import begin_together
from rnntui.lm.hardware.ranks import SingleProcess
from rnntui.lm.model import WordRNN
from rnntui.lm.train.batches import Batch
from rnntui.lm.train.learner import Learner
from rnntui.lm.train.planner import REFERENCE
from rnntui.service.run.followers import FollowerGroup
from rnntui.setting_fields import changed
from rnntui.settings import TrainConfig
from tests.benchmarks.seed_novel import machine


def words(rows: int, seed: int) -> Batch:
    dice = torch.Generator().manual_seed(seed)
    frequencies = 1.0 / (10.0 + torch.arange(REFERENCE.vocabulary_limit))
    drawn = torch.multinomial(frequencies, 65 * rows, replacement=True, generator=dice).view(65, rows)
    return Batch(drawn[:-1], drawn[1:], 0)


def step_of(hidden: int, config: TrainConfig, ranks: SingleProcess) -> Callable[[Batch], None]:
    dice = torch.Generator().manual_seed(config.seed)
    model = WordRNN(changed(REFERENCE, hidden_size=hidden), REFERENCE.vocabulary_limit)
    model.initialise(dice)
    learner = Learner(model, config, dice, ranks)
    state = None
    begin_together(learner)

    def step(batch: Batch) -> None:
        nonlocal state
        torch.set_num_threads(config.threads)
        ranks.announce_step(batch, config.learning_rate)
        learned = learner.step(batch, state, config.learning_rate)
        state = learned and learned.state

    return step


def measured(arguments: argparse.Namespace, hidden: int, ranks: SingleProcess) -> dict[str, float]:
    """Seconds of a step, the median, for each way."""
    usual = TrainConfig(rows=arguments.rows, dropout=0.3, seed=arguments.seed, arithmetic=arguments.arithmetic)
    count, batch = arguments.processes, words(arguments.rows, arguments.seed)
    ways = {
        "1 process of 1 thread": step_of(hidden, changed(usual, threads=1), SingleProcess()),
        f"1 process of {count} threads": step_of(hidden, changed(usual, threads=count), SingleProcess()),
        f"{count} processes of 1 thread": step_of(hidden, changed(usual, threads=1, processes=count), ranks),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    with keep_freed_memory():
        for _ in range(arguments.steps):
            for name, step in ways.items():
                began = time.perf_counter()
                step(batch)
                times[name].append(time.perf_counter() - began)
    return {name: statistics.median(taken[3:]) for name, taken in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--hidden", type=int, nargs="+", default=[256, 384, 512])
    parser.add_argument("--rows", type=int, default=32)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--arithmetic", default="float32")
    arguments = parser.parse_args()
    print(
        f"{machine()}, load {os.getloadavg()[0]:.1f}, seed {arguments.seed}, {arguments.arithmetic}, "
        f"{arguments.steps} steps of {64 * arguments.rows:,} words, medians"
    )
    folder = Path(tempfile.mkdtemp())
    with FollowerGroup(lambda: folder / "meeting", folder / "log") as company:
        began = time.perf_counter()
        company.start(arguments.processes)
        ranks = company.connect_all()
        print(f"starting the other processes: {time.perf_counter() - began:.1f} s")
        for hidden in arguments.hidden:
            middle = measured(arguments, hidden, ranks)
            first = next(iter(middle.values()))
            for name, seconds in middle.items():
                speed = 64 * arguments.rows / seconds
                print(f"1 x {hidden}: {name:24} {speed:7,.0f} words/s   {first / seconds:5.2f}")


if __name__ == "__main__":
    main()
