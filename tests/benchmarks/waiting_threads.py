"""How threads that wait for each other should wait: a training step on all cores, with and without a busy program.

    python -m tests.benchmarks.waiting_threads [--spins N ...] [--hidden H] [--steps N] [--seed N]

Each number of spins is tried in a process of its own, because it must be said before torch is loaded; 0 sleeps at once,
300,000 is what libgomp takes by itself. Made-up words as frequent as those of a language, 32 rows x 64 words, both
arithmetics where this processor multiplies bfloat16 faster; the ratios are to sleeping at once. Means something on
Linux, where torch brings GNU's OpenMP.
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

from tests.benchmarks.seed_novel import machine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spins", nargs="+", default=["0", "250", "500", "1000", "2000", "300000"])
    parser.add_argument("--hidden", type=int, default=384)
    parser.add_argument("--steps", type=int, default=14)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside:
        print(json.dumps(step_seconds(arguments.hidden, arguments.steps, arguments.seed)))
        return
    print(f"{machine()}, seed {arguments.seed}, 1 x {arguments.hidden}, {arguments.steps} steps each, medians")
    for busy in (0, 1):
        print(f"{busy} busy program{'s' if busy != 1 else ''} beside it")
        with busy_programs(busy):
            at_once: dict[str, float] = {}
            for spins in arguments.spins:
                found = tried(spins, sys.argv[1:])
                at_once = at_once or found
                figures = [f"{name} {1e3 * found[name]:4.0f} ms  {found[name] / at_once[name]:.2f}" for name in found]
                print(f"{spins:>16} spins   {'   '.join(figures)}")


def tried(spins: str, arguments: list[str]) -> dict[str, float]:
    settings = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": spins}
    command = [sys.executable, "-m", "tests.benchmarks.waiting_threads", *arguments, "--inside"]
    run = subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True, check=True)
    return dict(json.loads(run.stdout))


def step_seconds(hidden: int, steps: int, seed: int) -> dict[str, float]:
    import torch

    from rnntui.lm.hardware.allocator import keep_freed_memory
    from rnntui.lm.hardware.calibration import arithmetics, made_up_tokens
    from rnntui.lm.model import WordRNN
    from rnntui.lm.train.learner import Learner
    from rnntui.lm.train.planner import REFERENCE, REFERENCE_BATCH_SIZE
    from rnntui.setting_fields import changed
    from rnntui.settings import TrainConfig

    shape = changed(REFERENCE, hidden_size=hidden)
    words = made_up_tokens(shape.vocabulary_limit, REFERENCE_BATCH_SIZE)
    found = {}
    for arithmetic in arithmetics("cpu"):
        dice = torch.Generator().manual_seed(seed)
        model = WordRNN(shape, shape.vocabulary_limit)
        model.initialise(dice)
        learner = Learner(model, TrainConfig(rows=REFERENCE_BATCH_SIZE, dropout=0.2, arithmetic=arithmetic), dice)
        taken = []
        with keep_freed_memory():
            for _ in range(steps):
                began = time.perf_counter()
                learner.step(words, None, 1e-3)
                taken.append(time.perf_counter() - began)
        found[arithmetic] = statistics.median(taken[1:])
    return found


@contextlib.contextmanager
def busy_programs(count: int) -> Iterator[None]:
    programs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for program in programs:
            program.kill()
            program.wait()


if __name__ == "__main__":
    main()
