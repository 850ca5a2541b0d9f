"""Kill real trainers at random instants, let their runs go on, and compare with runs that nobody disturbed.

    python -m tests.benchmarks.resuming [--runs N] [--kills K] [--minutes M] [--threads T] [--seed S]

Each run trains a tiny network on the lab's small world in a process of its own. It is killed with SIGKILL K times, at
random instants of preparing, training and measuring, and resumed. Then the same plan and the same recorded times are
given to a run that is left in peace: weights, counts and figures must have the same hashes. Printed are the seconds of
training that each kill cost.
"""

import argparse
import dataclasses
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from rnntui.events import Failed, RunFinished, RunResumed, StepLogged, TrainEvent
from rnntui.paths import ENDS_WITH_VARIABLE, find_paths
from rnntui.service.services import Services
from rnntui.settings import CELL_NAMES
from tests.small_world import world_request
from tests.trainers import is_same, trainers, undisturbed


def one_run(number: int, asked: argparse.Namespace, folder: Path) -> tuple[bool, list[float]]:
    """Whether a killed run ends as an undisturbed one, and what each kill cost."""
    dice = random.Random(asked.seed * 1_000 + number)
    services = Services(find_paths(folder / "killed"))
    training = services.training
    request = world_request(folder, minutes=asked.minutes)
    cell = CELL_NAMES[number % len(CELL_NAMES)]
    request = dataclasses.replace(request, overrides={**request.overrides, "cell": cell, "threads": asked.threads})
    run = training.start(request)
    follower = training.follow(run.run_id)
    lost: list[float] = []
    reached = 0.0
    kills = asked.kills
    kill_at = time.monotonic() + dice.uniform(0, 60 * asked.minutes)
    while True:
        news: list[TrainEvent] = follower.poll()
        for event in news:
            if isinstance(event, StepLogged):
                reached = max(reached, event.seconds)
            if isinstance(event, RunResumed):
                lost.append(reached - event.seconds)
        if any(isinstance(event, RunFinished) for event in news):
            break
        if any(isinstance(event, Failed) for event in news):
            training.resume(run.run_id)
            follower.go_on()
            kill_at = time.monotonic() + dice.uniform(0, 60 * asked.minutes)
        if kills and time.monotonic() >= kill_at and training.active():
            for process in trainers(run.run_id):
                os.kill(process, signal.SIGKILL)
            kills, kill_at = kills - 1, float("inf")
        time.sleep(0.02)
    left_alone = undisturbed(services.paths.data_dir, run.run_id, folder / "undisturbed")
    same = is_same(services.find_model("world"), left_alone)
    print(
        f"run {number + 1:3}  {cell:5}  kills {asked.kills - kills}  {'identical' if same else 'DIFFERS'}",
        flush=True,
    )
    return same, lost


def main() -> int:
    """Returns 1 when a run came out differently."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=0.4)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    os.environ[ENDS_WITH_VARIABLE] = str(os.getpid())
    same, lost = 0, [0.0]
    for number in range(asked.runs):
        with tempfile.TemporaryDirectory() as folder:
            ends_alike, costs = one_run(number, asked, Path(folder))
        same += ends_alike
        lost += costs
    print(f"{same} of {asked.runs} identical, {asked.threads} threads; most training lost by a kill: {max(lost):.1f} s")
    return 0 if same == asked.runs else 1


if __name__ == "__main__":
    sys.exit(main())
