"""How soon a key is seen while a network is trained on all processors and words stream: from the outside.

The real app runs in a pseudo-terminal. Letters are typed into the prompt one at a time and ten at once, and the bar of
the temperature is moved by several keys at once; the time of a key is that from its writing until the screen that its
output draws shows it. In the small form, for the suite, nothing is trained and only lost keys count.
"""

import os
import signal
import sys
import time
from pathlib import Path

from rnntui.events import StepLogged
from rnntui.paths import find_paths
from rnntui.records import TrainRequest
from rnntui.service.services import Services
from tests.proofs import Proof, Setup
from tests.pseudo_terminal import Terminal, processes_with
from tests.small_models import save_small_model
from tests.small_world import world_text

LONGEST_SECONDS = 0.1
"""For 99 of 100 keys."""
PATIENCE_SECONDS = 60.0
SINGLE_KEYS, BURSTS, KEYS_AT_ONCE = 600, 60, 10
LETTERS = "zq"
"""Pairs that no word of the model has."""
BACKSPACE, TEMPERATURE, RIGHT, LEFT, ENTER = "\x7f", "\x14", "\x1b[C", "\x1b[D", "\r"
PAUSE_SECONDS, SETTLE_SECONDS = 0.03, 0.5


def prove(setup: Setup) -> Proof:
    """Single keys and bursts, beside a training run."""
    if not sys.platform.startswith("linux"):
        return Proof(0, "nothing tried", left_out=("processes are looked at through /proc, which is not here",))
    services = Services(find_paths(setup.folder))
    save_small_model(services.library)
    is_training = setup.share > 0
    if is_training:
        _train_beside(services, setup.folder)
    environment = {
        "RNNTUI_DATA_DIR": str(setup.folder),
        "RNNTUI_MODEL": "small",
        "RNNTUI_MAX_WORDS": "10000",
        "RNNTUI_STOP": "words",
        "RNNTUI_TEMPERATURE": "1",
        "RNNTUI_PACE": "40",
    }
    terminal = Terminal([sys.executable, "-m", "rnntui"], environment)
    try:
        _let_stream(terminal)
        single, singles_lost = _single_keys(terminal, setup.cases(SINGLE_KEYS, 12))
        together, together_lost = _bursts(terminal, setup.cases(BURSTS, 2))
        lost = singles_lost + together_lost + _steps(terminal, setup.cases(20, 2))
        trains_still = bool(processes_with(str(setup.folder)))
    finally:
        terminal.close()
        for process in processes_with(str(setup.folder)):
            os.kill(process, signal.SIGKILL)
    faults = lost
    if is_training and not trains_still:
        faults.append("the training run ended too early to be in the way")
    for name, seconds in (("alone", single), ("ten at once", together)):
        if is_training and (late := _late(seconds)) > LONGEST_SECONDS:
            faults.append(f"keys {name}: p99 {late * 1e3:.0f} ms of {len(seconds)}, seed {setup.seed}")
    beside = f"beside training with load {os.getloadavg()[0]:.1f}" if is_training else "nothing beside it"
    worst = f"p99 {_late(single) * 1e3:.0f} ms alone, {_late(together) * 1e3:.0f} ms ten at once, {beside}"
    return Proof(len(single) + len(together), worst, tuple(faults))


def _late(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.99)] if seconds else float("inf")


def _train_beside(services: Services, folder: Path) -> None:
    """Returns when a run learns on as many threads as there are processors."""
    text = folder / "world.txt"
    text.write_text(world_text() * 20, encoding="utf-8")
    threads = os.cpu_count() or 1
    run = services.training.start(TrainRequest((str(text),), "beside", 15.0, "", {"threads": threads}))
    deadline = time.monotonic() + PATIENCE_SECONDS
    follower = services.training.follow(run.run_id)
    while not any(isinstance(event, StepLogged) for event in follower.poll()):
        assert time.monotonic() < deadline, "the run did not begin to learn"
        time.sleep(0.1)


def _let_stream(terminal: Terminal) -> None:
    terminal.until(lambda: "read 0" in terminal.text and "loading" not in terminal.text, PATIENCE_SECONDS)
    terminal.type(f"The cat{ENTER}")
    before = len(terminal.text.split())
    terminal.until(lambda: len(terminal.text.split()) > before + 12, PATIENCE_SECONDS)


def _seen(terminal: Terminal, keys: str, wanted: list[str]) -> tuple[list[float], str]:
    """Seconds until each of the wanted texts was on the screen after all keys were written, and what never was."""
    began = time.monotonic()
    terminal.type(keys)
    seconds: list[float] = []
    while len(seconds) < len(wanted):
        if time.monotonic() > began + PATIENCE_SECONDS:
            return seconds, f"{wanted[len(seconds)]!r} was never seen, after {keys!r}:\n{terminal.text}"
        terminal.read()
        at, text = time.monotonic(), terminal.text
        while len(seconds) < len(wanted) and wanted[len(seconds)] in text:
            seconds.append(at - began)
    return seconds, ""


def _clear(terminal: Terminal, letters: int) -> list[str]:
    terminal.type(BACKSPACE * letters)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while LETTERS in terminal.text or LETTERS[::-1] in terminal.text:
        if time.monotonic() > deadline:
            return [f"{letters} times Backspace left something:\n{terminal.text}"]
        terminal.read()
    return []


def _single_keys(terminal: Terminal, keys: int) -> tuple[list[float], list[str]]:
    taken: list[float] = []
    typed = ""
    for number in range(keys):
        typed += LETTERS[number % 2]
        if len(typed) == 1:
            terminal.type(typed)  # one letter alone may stand anywhere
            continue
        seconds, lost = _seen(terminal, typed[-1], [typed])
        taken += seconds
        if lost:
            return taken, [lost]
        if len(typed) >= 40:
            if lost_too := _clear(terminal, len(typed)):
                return taken, lost_too
            typed = ""
        terminal.read_for(PAUSE_SECONDS)
    return taken, _clear(terminal, len(typed))


def _bursts(terminal: Terminal, bursts: int) -> tuple[list[float], list[str]]:
    taken: list[float] = []
    word = LETTERS * (KEYS_AT_ONCE // 2)
    for _ in range(bursts):
        seconds, lost = _seen(terminal, word, [word[:length] for length in range(2, KEYS_AT_ONCE + 1)])
        taken += seconds
        if lost:
            return taken, [lost]
        if lost_too := _clear(terminal, KEYS_AT_ONCE):
            return taken, lost_too
        terminal.read_for(PAUSE_SECONDS)
    return taken, []


def _steps(terminal: Terminal, bursts: int) -> list[str]:
    """Several arrow keys at once on the bar of the temperature; each is a step."""
    terminal.type(TEMPERATURE)
    terminal.until(lambda: "greedy" in terminal.text, PATIENCE_SECONDS)
    terminal.read_for(SETTLE_SECONDS)  # keys that are typed before the bar has the focus are the prompt's
    for _ in range(bursts):
        for keys, wanted in ((RIGHT * 6, "temperature 1.30"), (LEFT * 6, "temperature 1.00")):
            if lost := _seen(terminal, keys, [wanted])[1]:
                return [lost]
    return []
