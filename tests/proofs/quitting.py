"""The app is left, and every command interrupted, at a random instant of its first seconds: in order each time.

The app starts with the big model, whose loading takes the first seconds; some keys come before, so that whatever they
open is open or opening. Commands get one interrupt. No process may end by a signal of its own making, print a
traceback, or leave the terminal changed.
"""

import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rnntui.config import Config
from rnntui.paths import find_paths
from rnntui.service.export.exporters import export_text
from rnntui.service.services import Services
from rnntui.settings import SamplerSettings
from tests.proofs import Proof, Setup
from tests.pseudo_terminal import Terminal, is_running
from tests.small_models import save_small_model
from tests.small_world import world_text

APP_CASES, COMMAND_CASES, AT_ONCE = 200, 80, 3
FIRST_SECONDS = 10.0
FIRST_OF_A_COMMAND = (0.5, 6.0)
"""Before that Python itself is starting, which answers an interrupt in its own way."""
PATIENCE_SECONDS = 60.0
QUIT = "\x11"
KEYS = ("\x1bOP", "\x1bOQ", "\x1bOR", "\x1bOS", "\x10", "\x0c", "\x14", "\x12", "\x1b[18~", "\x1b[19~", "go\r")
"""Not Ctrl-S: until the app reads keys itself, the terminal stops at it, and whoever writes to it waits."""
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
BAD_WORDS = (b"terminate called", b"Traceback", b"Exception ignored", b"unexpected problem", b"Fatal Python error")
COMMANDS: dict[str, tuple[str, ...]] = {
    "gen": ("gen", "It was", "--max-words", "10000", "--stop", "words"),
    "train": ("train", "TEXT", "--minutes", "0.2", "--threads", "1"),
    "inspect": ("inspect", "TEXT"),
    "eval": ("eval", "TEXT"),
    "lab": ("lab", "--all"),
    "replay": ("replay", "REPLAY"),
    "drive": ("drive", "SCRIPT"),
    "drive, over while the model loads": ("drive", "SHORT"),
}
SCRIPT = "wait-idle\ntype It was\npress enter\nwait-idle\n"
SHORT = "type It was\n"


@dataclass(frozen=True)
class Case:
    """One start and its end."""

    number: int
    what: str
    """The signal, the way to quit, or the command."""
    at: float
    keys: tuple[str, ...] = ()
    to_app: bool = False


def prove(setup: Setup) -> Proof:
    """Random instants for the app and for every command."""
    if not sys.platform.startswith("linux"):
        return Proof(0, "nothing tried", left_out=("processes are looked at through /proc, which is not here",))
    dice = random.Random(setup.seed)
    cases = [_drawn(dice, number) for number in range(setup.cases(APP_CASES, 2))]
    if setup.share == 0:
        cases = [Case(0, "ctrl+q", 1.6), Case(1, "SIGTERM", 2.0, (KEYS[1],))]
    names = list(COMMANDS) * (COMMAND_CASES // len(COMMANDS))
    interrupts = [
        Case(number, name, dice.uniform(*FIRST_OF_A_COMMAND))
        for number, name in enumerate(names[: setup.cases(len(names), 1)])
    ]
    with ThreadPoolExecutor(AT_ONCE) as tried:
        ended = list(tried.map(lambda case: _left(setup, case), cases))
        ended += list(tried.map(lambda case: _interrupted(setup, case), interrupts))
    broken = [fault for _, fault in ended if fault]
    slowest = max(seconds for seconds, _ in ended)
    return Proof(len(ended), f"{slowest:.1f} s until the process was gone", tuple(broken))


def _drawn(dice: random.Random, number: int) -> Case:
    what = "ctrl+q" if dice.random() < 0.5 else dice.choice(SIGNALS).name
    keys = tuple(dice.sample(KEYS, 2)) if dice.random() < 0.5 else ()
    return Case(number, what, dice.uniform(0.0, FIRST_SECONDS), keys, dice.random() < 0.5)


def _left(setup: Setup, case: Case) -> tuple[float, str]:
    environment = {"RNNTUI_DATA_DIR": str(setup.folder / f"app{case.number}"), "OMP_NUM_THREADS": "1"}
    terminal = Terminal([sys.executable, "-m", "rnntui"], environment)
    name = f"{case.what} after {case.at:.3f} s with keys {case.keys} (seed {setup.seed}, case {case.number})"
    try:
        terminal.read_for(case.at / 2)
        for key in case.keys:
            terminal.type(key)
            terminal.read_for(case.at / 4)
        if not case.keys:
            terminal.read_for(case.at / 2)
        app = (terminal.children or [terminal.process.pid])[0]
        began = time.monotonic()
        if case.what == "ctrl+q":
            wanted: tuple[int, ...] = (0,)
            while not terminal.is_over and time.monotonic() < began + PATIENCE_SECONDS:
                terminal.type(QUIT)  # again and again: until the app reads keys, the terminal swallows it
                terminal.read_for(0.25)
        else:
            number = getattr(signal, case.what)
            wanted = (128 + number, -number)
            terminal.send(number, app if case.to_app else 0)
            terminal.read_for(PATIENCE_SECONDS)
        seconds = time.monotonic() - began
        return seconds, _fault_of(terminal, app, wanted, name)
    finally:
        terminal.close()


def _fault_of(terminal: Terminal, app: int, wanted: tuple[int, ...], name: str) -> str:
    if not terminal.is_over or is_running(app):
        return f"{name}: it did not end"
    code = terminal.process.returncode
    if code not in wanted:
        return f"{name}: exit code {code}, and it said {terminal.output[-200:]!r}"
    if not terminal.is_restored():
        return f"{name}: the terminal has modes {sorted(terminal.modes_left_on())} or other settings"
    said = [word for word in BAD_WORDS if word in terminal.output]
    return f"{name}: it said {said}" if said else ""


def _interrupted(setup: Setup, case: Case) -> tuple[float, str]:
    folder = setup.folder / f"command{case.number}"
    command = [sys.executable, "-m", "rnntui", "--data-dir", str(folder), *_written(folder, COMMANDS[case.what])]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        time.sleep(case.at)
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        said, told = process.communicate(timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        said, told = process.communicate()
    seconds = time.monotonic() - began
    name = f"{case.what} interrupted after {case.at:.3f} s (seed {setup.seed}, case {case.number})"
    if process.returncode not in {0, 128 + signal.SIGINT}:
        return seconds, f"{name}: exit code {process.returncode}, and it said {told[-300:]!r}"
    bad = [word for word in BAD_WORDS if word in told + said]
    return seconds, f"{name}: it said {bad}: {told[-300:]!r}" if bad else ""


def _written(folder: Path, arguments: tuple[str, ...]) -> list[str]:
    folder.mkdir(parents=True)
    text, replay = folder / "world.txt", folder / "talk.jsonl"
    script, short = folder / "steps.txt", folder / "short.txt"
    text.write_text(world_text() * 4, encoding="utf-8")
    script.write_text(SCRIPT, encoding="utf-8")
    short.write_text(SHORT, encoding="utf-8")
    named = {"TEXT": text, "REPLAY": replay, "SCRIPT": script, "SHORT": short}
    if "REPLAY" in arguments:
        _export_talk(folder, replay)
    return [str(named.get(argument, argument)) for argument in arguments]


def _export_talk(folder: Path, file: Path) -> None:
    """A conversation of a small model, long enough that saying it again takes a while."""
    services = Services.open(find_paths(folder), Config(SamplerSettings(max_words=3_000, stop="words", seed=1)))
    save_small_model(services.library)
    chat = services.new_chat("small")
    for work in (chat.load(), chat.send("The cat saw")):
        for _ in work:
            pass
    file.write_text(export_text(services, chat.session, "jsonl"), encoding="utf-8")
    services.close()
