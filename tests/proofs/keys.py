"""Random keys, pastes, sizes, themes and mouse on every screen of the app, in colour and without: it goes on.

Each case is a process of its own with a fresh data folder, a small real network and dice of its own. It ends with a
crash, hangs when it is not done in time, or holds. `python -m tests.proofs.keys SEED STEPS FOLDER` shows one again,
`NO_COLOR=1` before it where the sentence says so.
"""

import asyncio
import os
import random
import subprocess
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from tests.proofs import Proof, Setup

if TYPE_CHECKING:
    from rnntui.tui.app import RnntuiApp

ROOT = Path(__file__).parents[2]
_CASE_STEPS = 200
_STEPS_SHOWN = 12
_START_SECONDS = 60.0
_STEP_SECONDS = 2.0
"""So long one step may take on a busy machine before the whole counts as a hang."""
_SIZES = ((1, 1), (2, 2), (1, 30), (80, 1), (20, 5), (39, 10), (40, 12), (80, 24), (100, 30), (120, 36), (250, 70))
_LEAVES = frozenset({"ctrl+q", "ctrl+c", "ctrl+g", "/quit", "/editor", "/suspend"})
"""What ends the app, or lends the terminal, on purpose."""
_EDITING = (
    "ctrl+z", "ctrl+y", "ctrl+z", "backspace", "delete", "ctrl+w", "ctrl+u", "ctrl+k", "ctrl+x", "ctrl+v", "ctrl+a",
    "shift+up", "shift+down", "shift+left", "shift+home", "home", "end", "pageup", "pagedown", "tab", "shift+tab",
    "enter", "escape", "escape", "up", "down", "left", "right", "space", "ctrl+j",
)  # fmt: skip
_PIECES = (
    "word ",
    "\n",
    "a longer word",
    "中文",
    "\t",
    "e\u0301",
    "👩\u200d🚀",
    "[/b] ",
    "\x1b[31m",
    "\r",
    "/",
    "\ud800",
    "",
)


def prove(setup: Setup) -> Proof:
    """Random steps by the thousand, half of them without colours."""
    count, steps = setup.cases(50, least=2), _CASE_STEPS if setup.share else 30

    def case(number: int) -> str:
        return _broken(setup.seed * 1_000 + number, steps, setup.folder / str(number), number % 2 == 1)

    with ThreadPoolExecutor(2) as pool:
        broken = tuple(sentence for sentence in pool.map(case, range(count)) if sentence)
    return Proof(count * steps, "no step ended the app or held it up" if not broken else broken[0][:100], broken)


def _broken(seed: int, steps: int, folder: Path, is_plain: bool) -> str:
    """What went wrong in one case; empty when nothing did."""
    folder.mkdir(parents=True)
    surroundings = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    surroundings |= {"OMP_NUM_THREADS": "1", "TEXTUAL_ANIMATIONS": "none"} | ({"NO_COLOR": "1"} if is_plain else {})
    command = [sys.executable, "-m", "tests.proofs.keys", str(seed), str(steps), str(folder)]
    shown = f"{'NO_COLOR=1 ' if is_plain else ''}python -m tests.proofs.keys {seed} {steps} FOLDER"
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=surroundings,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_START_SECONDS + steps * _STEP_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"{shown} hangs after {_last_steps(folder)}"
    if done.returncode:
        why = [line for line in done.stderr.splitlines() if line.strip()][-1:] or [f"exit {done.returncode}"]
        return f"{shown} ends with {why[0]} after {_last_steps(folder)}"
    return ""


def _last_steps(folder: Path) -> str:
    file = folder / "steps.txt"
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file.is_file() else []
    return ", ".join(lines[-_STEPS_SHOWN:]) or "no step"


class _Player:
    """Throws the dice and does what they say."""

    def __init__(self, app: "RnntuiApp", dice: random.Random, note: Callable[[str], None]) -> None:
        from rnntui.tui.actions import ACTIONS
        from rnntui.tui.slash_commands import slash_words

        self._app = app
        self._dice = dice
        self._note = note
        self._actions = [key for entry in ACTIONS for key in entry.keys if key not in _LEAVES]
        self._slashes = [word.split(" ")[0] for word in slash_words() if word.split(" ")[0] not in _LEAVES]

    def step(self) -> None:
        ways = (
            (30, lambda: self._press(self._dice.choice(self._actions))),
            (30, lambda: self._press(self._dice.choice(_EDITING))),
            (20, lambda: self._press(self._dice.choice("abehistuwx019.,{}[]G?/"))),
            (10, self._paste),
            (12, self._resize),
            (4, self._change_theme),
            (12, self._use_mouse),
            (8, self._command),
        )
        self._dice.choices([way for _, way in ways], [weight for weight, _ in ways])[0]()

    def _press(self, key: str) -> None:
        from textual.events import Key

        self._note(key)
        self._app.post_message(Key(key, key if len(key) == 1 else " " if key == "space" else None))

    def _paste(self) -> None:
        from textual.events import Paste

        text = "".join(self._dice.choices(_PIECES, k=self._dice.choice((1, 3, 20, 200))))
        self._note(f"paste {text[:40]!r}")
        self._app.post_message(Paste(text))

    def _resize(self) -> None:
        from textual.events import Resize
        from textual.geometry import Size

        anything = (self._dice.randint(1, 250), self._dice.randint(1, 70))
        width, height = self._dice.choice((*_SIZES, anything, anything, anything))
        self._note(f"resize {width}x{height}")
        self._app._driver._size = (width, height)  # type: ignore[union-attr]
        self._app.post_message(Resize(Size(width, height), Size(width, height)))

    def _change_theme(self) -> None:
        themes = [name for name in sorted(self._app.available_themes) if not (self._app.no_color and "ansi" in name)]
        self._note(f"theme {(theme := self._dice.choice(themes))}")
        self._app.theme = theme

    def _use_mouse(self) -> None:
        from textual import events

        width, height = self._app.size
        x, y = self._dice.randrange(max(1, width)), self._dice.randrange(max(1, height))
        self._note(f"mouse {x},{y}")
        wheel = self._dice.choice((events.MouseScrollUp, events.MouseScrollDown))
        drag = (events.MouseMove, events.MouseDown, events.MouseMove, events.MouseUp)
        for number, kind in enumerate(drag if self._dice.random() < 0.7 else (wheel,)):
            left = x + self._dice.randrange(3) if number > 1 else x
            button = 0 if kind is wheel else 1
            self._app.post_message(kind(None, left, y, 0, 0, button, False, False, False, screen_x=left, screen_y=y))

    def _command(self) -> None:
        from textual.events import Paste

        value = self._dice.choice(("", "", " 1", " 40", " words", " /nowhere", " 中", " -1", " starter"))
        self._press("f3")
        self._press("alt+w")
        self._note(f"paste {(command := self._dice.choice(self._slashes) + value)!r}")
        self._app.post_message(Paste(command))
        self._press("enter")


async def _play(seed: int, steps: int, folder: Path) -> None:
    from rnntui.tui.app import RnntuiApp
    from tests.tui.real import real_services

    os.chdir(folder)
    dice, services = random.Random(seed), real_services(folder / "data", "small", "other")
    with (folder / "steps.txt").open("w", encoding="utf-8", errors="replace") as file:

        def note(step: str) -> None:
            file.write(f"{step.encode('utf-8', 'backslashreplace').decode()}\n")
            file.flush()

        left = steps
        while left:
            app = RnntuiApp(services)
            note("the app starts")
            async with app.run_test(size=dice.choice(_SIZES), notifications=True) as pilot:
                await pilot.pause()
                player = _Player(app, dice, note)
                while left and not app._exit:
                    player.step()
                    left -= 1
                    if dice.random() < 0.5:
                        await pilot.pause()
                await pilot.pause()
                app.exit()  # as a person leaves it; a key that still waits finds no screen any more


def main() -> None:
    """One case, from the command line."""
    sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "tui")]
    seed, steps, folder = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    code = 0
    try:
        asyncio.run(_play(seed, steps, folder.resolve()))
    except BaseException:  # the process ends here
        traceback.print_exc()
        code = 1
    sys.stderr.flush()
    os._exit(code)  # whatever a thread is still computing


if __name__ == "__main__":
    main()
