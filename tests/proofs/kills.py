"""Kill the program at any instant: no acknowledged turn is lost, at most 1 s of a reply, at most 1 s of a draft.

The conversation part is `tests.benchmarks.kills`: forked processes that talk for ever are killed at random instants and
at single system calls. The draft part types into the real app in a terminal and kills it together with its parent.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from rnntui.config import Config
from rnntui.paths import Paths, find_paths
from rnntui.service.services import Services
from rnntui.store.conversations.unsent_texts import NEW
from tests.proofs import Proof, Setup
from tests.pseudo_terminal import Terminal
from tests.small_models import save_small_model

_ROOT = Path(__file__).parents[2]
_LONGEST_LOSS_SECONDS = 1.0
_WORDS = "it was a cold evening and nobody had lit the fire in the room above the stables "


def prove(setup: Setup) -> Proof:
    """See the module."""
    count = setup.cases(1_000, least=6)
    figures = _talks(count, setup.seed, stride=1 if count >= 500 else 40)
    broken = [
        f"seed {setup.seed}, {count} kills of a talk: {name} is {figures[name]}" for name in _LOST if figures[name]
    ]
    if figures["most_seconds_lost"] > _LONGEST_LOSS_SECONDS:
        broken.append(f"seed {setup.seed}: {figures['most_seconds_lost']:.2f} s of a reply are gone")
    if figures["starts_that_named_it"] != figures["starts_that_had_something_to_name"]:
        broken.append(f"seed {setup.seed}: a start did not name what was cut off")
    drafts = setup.cases(40)
    longest = 0.0
    for number in range(drafts):
        seed = setup.seed * 1_000 + number
        paths = find_paths(setup.folder / str(number), setup.folder / "config.toml")
        lost, problem = _draft(paths, random.Random(seed))
        longest = max(longest, lost)
        if problem or lost > _LONGEST_LOSS_SECONDS:
            broken.append(f"seed {seed}: {problem or f'{lost:.2f} s of a draft are gone'}")
    worst = f"lost {figures['most_seconds_lost']:.2f} s of a reply, {longest:.2f} s of a draft, no turn"
    return Proof(figures["kills"] + drafts, worst, tuple(broken))


_LOST = ("turns_lost", "files_damaged", "memories_that_differ")


def _talks(count: int, seed: int, stride: int) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.kills", "--kills", str(count), "--seed", str(seed)]
    done = subprocess.run(
        [*command, "--stride", str(stride), "--json"],
        capture_output=True,
        text=True,
        cwd=_ROOT,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
    )
    if not done.stdout:
        raise AssertionError(done.stderr)
    return dict(json.loads(done.stdout))


def _draft(paths: Paths, dice: random.Random) -> tuple[float, str]:
    """Type, kill, look. Returns how many seconds of what the screen had shown are gone, and what else is wrong."""
    with closing(Services(paths)) as services:
        save_small_model(services.library)
    surroundings = {
        "RNNTUI_DATA_DIR": str(paths.data_dir),
        "RNNTUI_CONFIG": str(paths.config_file),
        "PYTHONPATH": str(_ROOT),
    }
    terminal = Terminal([sys.executable, "-m", "rnntui", "--model", "small"], surroundings)
    shown: list[float] = []
    typed = ""
    try:
        terminal.until(lambda: "small" in terminal.text, 60.0)
        for _ in range(dice.randrange(8, 40)):
            typed += _WORDS[len(typed) % len(_WORDS)]
            terminal.type(typed[-1])
            terminal.until(_is_shown(terminal, typed[-12:].strip()), 60.0)
            shown.append(time.monotonic())
            terminal.read_for(dice.random() * 0.15)
        terminal.read_for(dice.random() * 2.0)
    finally:
        killed = time.monotonic()
        os.killpg(terminal.process.pid, signal.SIGKILL)
        terminal.process.wait()
        terminal.hang_up()
    with closing(Services.open(paths, Config())) as services:
        kept = services.conversations.unsent_texts.text(NEW)
    if not typed.startswith(kept):
        return 0.0, f"{typed!r} was typed and {kept!r} is there"
    lost = killed - shown[len(kept)] if len(kept) < len(shown) else 0.0
    return lost, ""


def _is_shown(terminal: Terminal, words: str) -> Callable[[], bool]:
    return lambda: words in terminal.text
