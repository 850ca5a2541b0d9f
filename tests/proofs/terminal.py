"""Whatever ends the app, and in whatever state: the terminal is as it was, and nothing of the app is left.

Every way out is tried in every state, with the real program in a pseudo-terminal. Looked at are the exit code, the
seconds until all its processes are gone, the terminal's settings, and the modes that its output switched on and not
off again. A training run that was started is told to go on, and does.
"""

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rnntui.paths import find_paths
from rnntui.records import TrainRequest
from rnntui.service.services import Services
from tests.proofs import Proof, Setup
from tests.pseudo_terminal import Terminal, is_running, processes_with
from tests.small_models import save_small_model
from tests.small_world import world_text

SECONDS = 3.0
"""So long a process may outlive its terminal, or what told it to end."""
PATIENCE_SECONDS = 60.0
QUIT = "\x11"
SETTINGS, TRAINING = "\x1bOQ", "\x1bOS"


@dataclass(frozen=True)
class Way:
    """One way to end the app."""

    end: Callable[[Terminal, int], None]
    """Is given the terminal and the process id of the app."""
    codes: tuple[int, ...]
    """Exit codes that a shell may see; a negative one is the signal itself."""
    ignores: tuple[int, ...] = ()
    hangs_up: bool = False


def _quit(terminal: Terminal, _app: int) -> None:
    for _ in range(40):  # until the app reads keys itself, the terminal swallows this one
        terminal.type(QUIT)
        terminal.read_for(0.25)


def _signalled(number: int) -> Way:
    def end(terminal: Terminal, app: int) -> None:
        terminal.send(number, random.choice([app, terminal.process.pid]))  # whichever somebody finds in a list

    return Way(end, (128 + number, -number))


HUNG_UP = (129, -1, 2)
"""2 is the answer to a terminal that is gone before it is looked for."""
WAYS = {
    "ctrl+q": Way(_quit, (0,)),
    "SIGTERM": _signalled(signal.SIGTERM),
    "SIGHUP": _signalled(signal.SIGHUP),
    "SIGINT": _signalled(signal.SIGINT),
    "SIGQUIT": _signalled(signal.SIGQUIT),
    "SIGKILL of the app": Way(lambda terminal, app: terminal.send(signal.SIGKILL, app), (137,)),
    "SIGKILL of its parent": Way(lambda terminal, _: terminal.send(signal.SIGKILL), (-9,)),
    "a closed terminal": Way(lambda terminal, _: terminal.hang_up(), HUNG_UP, hangs_up=True),
    "a closed terminal, SIGHUP ignored": Way(
        lambda terminal, _: terminal.hang_up(), HUNG_UP, ignores=(signal.SIGHUP,), hangs_up=True
    ),
}


def _start(terminal: Terminal) -> None:
    terminal.until(lambda: terminal.children, PATIENCE_SECONDS)
    terminal.read_for(random.uniform(0.0, 0.8))


def _load(terminal: Terminal) -> None:
    terminal.until(lambda: "loading" in terminal.text, PATIENCE_SECONDS)
    terminal.read_for(random.uniform(0.0, 1.0))


def _idle(terminal: Terminal) -> None:
    terminal.until(lambda: "read 0" in terminal.text and "loading" not in terminal.text, PATIENCE_SECONDS)


def _stream(terminal: Terminal) -> None:
    _idle(terminal)
    terminal.type("The cat saw\r")
    terminal.until(lambda: "The cat saw" in terminal.text, PATIENCE_SECONDS)
    before = len(terminal.text.split())
    terminal.until(lambda: len(terminal.text.split()) > before + 12, PATIENCE_SECONDS)


def _open_dialog(terminal: Terminal) -> None:
    _idle(terminal)
    terminal.type(SETTINGS)
    terminal.until(lambda: "How the next word is drawn" in terminal.text, PATIENCE_SECONDS)


def _watch_training(terminal: Terminal) -> None:
    _idle(terminal)
    terminal.type(TRAINING)
    terminal.until(lambda: "Pause" in terminal.text, PATIENCE_SECONDS)


STATES = {
    "starting": _start,
    "idle": _idle,
    "a dialog open": _open_dialog,
    "streaming": _stream,
    "loading a model": _load,
    "watching a run": _watch_training,
}
BIG_MODEL = "loading a model"


def prove(setup: Setup) -> Proof:
    """Every way in every state."""
    if not sys.platform.startswith("linux"):
        return Proof(0, "nothing tried", left_out=("processes are looked at through /proc, which is not here",))
    random.seed(setup.seed)
    pairs = [(way, state) for state in STATES for way in WAYS]
    quick = [("SIGKILL of the app", "idle"), ("SIGINT", "a dialog open")]
    chosen = quick if setup.share == 0 else random.sample(pairs, setup.cases(len(pairs), 6))
    limit = SECONDS if setup.share else 4 * SECONDS
    broken: list[str] = []
    slowest = (0.0, "none")
    for number, (way, state) in enumerate(chosen):
        folder = setup.folder / str(number)
        seconds, faults = _tried(folder, WAYS[way], state, limit)
        broken += [f"{way} while {state} (seed {setup.seed}, case {number}): {fault}" for fault in faults]
        slowest = max(slowest, (seconds, f"{way} while {state}"))
    return Proof(len(chosen), f"all processes gone {slowest[0]:.2f} s after {slowest[1]}", tuple(broken))


def _tried(folder: Path, way: Way, state: str, limit: float) -> tuple[float, list[str]]:
    services = Services(find_paths(folder))
    environment = {"RNNTUI_DATA_DIR": str(folder), "RNNTUI_MAX_WORDS": "10000", "RNNTUI_STOP": "words"}
    trainer = 0
    if state != BIG_MODEL:
        save_small_model(services.library)
        environment["RNNTUI_MODEL"] = "small"
    if state == "watching a run":
        trainer = _begin_run(services, folder)
    terminal = Terminal([sys.executable, "-m", "rnntui"], environment, way.ignores)
    try:
        STATES[state](terminal)
        app = (terminal.children or [terminal.process.pid])[0]
        faults, seconds = _ended(terminal, way, app, limit)
        if trainer and not is_running(trainer):
            faults.append("the training run, which should go on, is over")
    except AssertionError as problem:
        return 0.0, [f"the state was not reached:\n{problem}"]
    finally:
        terminal.close()
        for process in processes_with(str(folder)):  # the trainer
            os.kill(process, signal.SIGKILL)
    return seconds, faults


def _ended(terminal: Terminal, way: Way, app: int, limit: float) -> tuple[list[str], float]:
    began = time.monotonic()
    way.end(terminal, app)
    while (not terminal.is_over or is_running(app)) and time.monotonic() < began + 4 * limit:
        if terminal.master < 0:
            time.sleep(0.01)
        else:
            terminal.read(0.01)
    seconds = time.monotonic() - began
    faults = []
    if seconds > limit and way is not WAYS["ctrl+q"]:
        faults.append(f"{seconds:.1f} s until its processes were gone")
    if terminal.process.returncode not in way.codes:
        faults.append(f"exit code {terminal.process.returncode}")
    if not way.hangs_up and not terminal.is_restored():
        modes = sorted(terminal.modes_left_on())
        faults.append(f"the terminal is not as it was: modes {modes} left, or its settings differ")
    if b"terminate called" in terminal.output or b"Traceback" in terminal.output:
        faults.append(f"it said {terminal.output[-300:]!r}")
    return faults, seconds


def _begin_run(services: Services, folder: Path) -> int:
    """Returns the process id of a trainer that has begun."""
    text = folder / "world.txt"
    text.write_text(world_text() * 4, encoding="utf-8")
    services.training.start(TrainRequest((str(text),), "world", 5.0, "", {"threads": 1}))
    return processes_with(str(folder))[0]
