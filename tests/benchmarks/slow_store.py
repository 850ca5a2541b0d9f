"""The app over a store that takes half a second for every call: how long a key waits, or to be tried by hand.

    python -m tests.benchmarks.slow_store [--delay SECONDS]          measures, in a pseudo-terminal
    python -m tests.benchmarks.slow_store --open [--delay SECONDS]   opens the app in this terminal

A small model is made in a folder of its own. While the store is asked to open, store, keep, list and search, one letter
after the other is typed where letters can be typed; its time is that from writing it until the screen shows it.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps
from pathlib import Path

from rnntui.config import AppSettings, Config
from rnntui.paths import find_paths
from rnntui.service.services import Services
from rnntui.settings import SamplerSettings
from tests.benchmarks.seed_novel import machine
from tests.pseudo_terminal import Terminal
from tests.small_models import save_small_model
from tests.tui.ui_thread import caller_in_the_app, functions_of_the_store

DELAY_SECONDS = 0.5
NOTES = "asked-where-the-app-draws.txt"
LETTERS = "zq"
"""Pairs that no word on the screen has."""
MOST_LETTERS = 24
STEP_SECONDS = 6.0
PATIENCE_SECONDS = 60.0
ENTER, ESCAPE, BACKSPACE = "\r", "\x1b", "\x7f"
STEPS = (
    ("a prompt is sent", f"The cat{ENTER}"),
    ("a memory is kept", f"/keep one{ENTER}"),
    ("a turn is undone", f"/undo{ENTER}"),
    ("a new conversation", "\x0e"),
    ("all conversations, and a search in them", "\x13"),
    ("back to the conversation", ESCAPE),
    ("the training screen, and a path", "\x1bOS"),
)
"""What is done, and the keys that do it."""


def slow_down(delay: float, notes: Path) -> None:
    """Let every call of the store take so much longer; what it calls of itself takes no more.

    Args:
        delay: In seconds.
        notes: A file for the names of those who call it where the app draws.
    """
    inside = threading.local()

    def slowed(plain: Callable[..., object]) -> Callable[..., object]:
        @wraps(plain)
        def waiting(*asked: object, **options: object) -> object:
            if getattr(inside, "is_asked", False):
                return plain(*asked, **options)
            inside.is_asked = True
            if caller := caller_in_the_app():
                with notes.open("a", encoding="utf-8") as file:
                    file.write(f"{caller} asks {plain.__qualname__} where the app draws\n")
            try:
                time.sleep(delay)
                return plain(*asked, **options)
            finally:
                inside.is_asked = False

        return waiting

    for owner, name in list(functions_of_the_store()):
        setattr(owner, name, slowed(getattr(owner, name)))


def open_app(folder: Path, delay: float) -> int:
    """The app in this terminal."""
    from rnntui.tui.app import run_app

    config = Config(SamplerSettings(max_words=40, stop="words"), AppSettings(pace=20.0, model="small"))
    services = Services(find_paths(folder), config)
    if not any(card.name == "small" for card in services.library.cards()):
        save_small_model(services.library)
    slow_down(delay, folder / NOTES)
    return run_app(services)


def measure(folder: Path, delay: float) -> None:
    """Do each step, and type while it goes on."""
    command = [sys.executable, "-m", "tests.benchmarks.slow_store", "--open", "--delay", str(delay), str(folder)]
    terminal = Terminal(command)
    longest = 0.0
    try:
        terminal.until(lambda: "─" in terminal.text, PATIENCE_SECONDS)
        for name, keys in (("the app opens", ""), *STEPS):
            terminal.type(keys)
            taken = type_for(terminal, STEP_SECONDS)
            longest = max([longest, *taken])
            middle = sorted(taken)[len(taken) // 2]
            print(f"{name}: {len(taken)} keys, median {middle * 1e3:.0f} ms, longest {max(taken) * 1e3:.0f} ms")
    finally:
        terminal.close()
    if (folder / NOTES).exists():
        print((folder / NOTES).read_text(encoding="utf-8"))
    print(f"a store that takes {delay:g} s a call: no key waited longer than {longest * 1e3:.0f} ms")


def type_for(terminal: Terminal, seconds: float) -> list[float]:
    """Type letters for so long, and take them away again; seconds from each until it was seen."""
    terminal.read_for(0.3)
    taken: list[float] = []
    typed = ""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline or len(typed) < 2:
        typed += LETTERS[len(typed) % 2]
        began = time.monotonic()
        terminal.type(typed[-1])
        if len(typed) > 1:  # one letter alone may stand anywhere
            terminal.until(lambda: typed in terminal.text, PATIENCE_SECONDS)  # noqa: B023
            taken.append(time.monotonic() - began)
        if len(typed) == MOST_LETTERS:
            typed = _erase(terminal, typed)
        terminal.read_for(0.05)
    _erase(terminal, typed)
    return taken


def _erase(terminal: Terminal, typed: str) -> str:
    terminal.type(BACKSPACE * len(typed))
    terminal.until(lambda: LETTERS not in terminal.text, PATIENCE_SECONDS)
    return ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="the data folder; a new one by itself")
    parser.add_argument("--delay", type=float, default=DELAY_SECONDS, help="seconds that every call takes longer")
    parser.add_argument("--open", action="store_true", help="open the app here")
    chosen = parser.parse_args()
    with nullcontext(str(chosen.folder)) if chosen.folder else tempfile.TemporaryDirectory() as folder:
        if chosen.open:
            return open_app(Path(folder), chosen.delay)
        print(machine())
        measure(Path(folder), chosen.delay)
    return 0


if __name__ == "__main__":
    sys.exit(main())
