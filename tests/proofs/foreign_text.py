"""Hostile text in every place where text comes from outside, on every screen of the real app in a pseudo-terminal.

What the terminal gets passes a list of the sequences that the app itself uses; nothing in any text is a link or markup.
`python -m tests.proofs.foreign_text FOLDER NUMBER` starts the app with the texts of one group in it.
"""

import asyncio
import contextlib
import dataclasses
import json
import os
import re
import sqlite3
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from tests.proofs import Proof, Setup

if TYPE_CHECKING:
    from rnntui.service.services import Services
    from rnntui.tui.app import RnntuiApp
    from tests.pseudo_terminal import Terminal

ROOT = Path(__file__).parents[2]
ESC, BEL, ST = "\x1b", "\x07", "\x1b\\"
PAYLOADS = (
    # sequences
    f"{ESC}[31mred", f"{ESC}[2J", f"{ESC}[?1049l", f"{ESC}[?2004l", f"{ESC}[6n", f"{ESC}[5;5H", f"{ESC}[38:2::1:2:3m",
    f"{ESC}]52;c;aGFjaw=={BEL}", f"{ESC}]52;c;aGFjaw=={ST}", f"{ESC}]0;title{BEL}", f"{ESC}]8;;http://evil{ST}here",
    f"{ESC}]8;;http://evil{BEL}here", f"{ESC}P$q\"p{ST}", f"{ESC}Pq#0;2;0;0;0{ST}", f"{ESC}_Gi=1;AAAA{ST}",
    f"{ESC}^private{ST}", f"{ESC}Xstart{ST}", f"{ESC}c", f"{ESC}7{ESC}8", f"{ESC}#8", f"{ESC}(0lqk",
    f"{ESC}", f"{ESC}{ESC}[A",
    f"{ESC}[201~quit", f"{ESC}[200~", f"{ESC}]1337;File=inline=1:AAAA{BEL}", f"{ESC}[>1u", f"{ESC}[=5u", f"{ESC}N",
    # control characters
    "\x9b31mred", "\x9d52;c;aGFjaw==\x9c", "\x90q\x9c", "\x84\x85\x88", "\x07\x07", "\x08\x08back", "a\rb",
    "a\x0bb\x0cc",
    "\x00nul\x00", "\x0e\x0fshift", "\x7fdel", "\x18\x1a",
    # directions, joiners, floods, halves
    "\u202eevil\u202c", "\u2066x\u2069", "\u200fmark\u061c", "e" + "\u0301" * 60, "\u0489" * 40, "a\u2028b\u2029c",
    "\ufeffbom",
    "\ud800half", "👩\u200d🚀 ❤\ufe0f 中文", "\U000e0041\U000e0042",
    # markup
    "[", "[/", "[/b]", "[b]bold[/b]", "[BOLD]X[/BOLD]", "[@click=app.quit]x[/]",
    " [ @click=app.quit]x", "\t[@click=app.bell]x",
    "[[@click=app.quit]]x", "[link=http://evil]y[/link]", "[red on blue]z", "[$primary]v", "[TODO] w", "\\[b]u\\[/b]",
)  # fmt: skip
_FEW = (f"{ESC}[31mred", f"{ESC}]52;c;aGFjaw=={BEL}", "\u202eevil\u202c", " [ @click=app.quit]x", f"{ESC}[201~quit")
GROUP = 8
_KEY_SECONDS = 0.15
_ALLOWED = re.compile(
    r"\x1b\[[0-9;]*m|\x1b\[\d*(?:;\d*)?H|\x1b\[\d*[JKABCDG]|\x1b\[\?(?:7|25|1000|1002|1003|1004|1006|1015|1016|1049|2004|2026|2048)"
    r"[hl]|\x1b\[\?(?:2026|2048)\$p|\x1b\[[<>=]\d*u|\x1b\[\?u|\x1b\[>\d+;?\d*[um]|\x1b\[c|\x1b\]22;[a-z-]+\x07|\r|\n"
)
"""What Textual writes for the app; colours are checked further."""
_OWN_COLOURS = re.compile(r"\x1b\[(?:(?:[0-9]|2[1-9]|[34]8;5;\d+|[34]8;2;\d+;\d+;\d+|39|49)(?:;|m)|m)+")
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]")


def prove(setup: Setup) -> Proof:
    """Every group of payloads on a walk over every screen."""
    groups = [list(PAYLOADS[start : start + GROUP]) for start in range(0, len(PAYLOADS), GROUP)]
    if not setup.share:
        groups = [list(_FEW)]
    numbered = [(setup.folder / str(number), group) for number, group in enumerate(groups)]
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda one: _case(*one), numbered))
    broken = tuple(sentence for result in results for sentence in result)
    return Proof(sum(map(len, groups)), broken[0][:120] if broken else "no sequence, no link, no markup", broken)


def _case(folder: Path, payloads: list[str]) -> list[str]:
    from tests.pseudo_terminal import Terminal

    folder.mkdir(parents=True)
    (folder / "payloads.json").write_text(json.dumps(payloads), encoding="ascii")
    terminal = Terminal(
        [sys.executable, "-m", "tests.proofs.foreign_text", str(folder)],
        {"COLORTERM": "truecolor", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
    )
    try:
        missing = _Walk(terminal, folder).go(payloads)
        with contextlib.suppress(AssertionError):
            terminal.until(lambda: terminal.is_over, 10)
        while terminal.read():
            pass
        is_over, output = terminal.is_over, terminal.output.decode("utf-8", "surrogateescape")
    finally:
        terminal.close()
    found = [*missing, *_wrong_bytes(output)]
    if links := _seen(folder)["links"]:
        found.append(f"a text is a link: {links}")
    if not is_over:
        found.append("the app did not end")
    where = f"the texts {', '.join(ascii(payload) for payload in payloads)}"
    return [f"{sentence} with {where}" for sentence in found]


class _Walk:
    """Goes from screen to screen with keys, and waits for each."""

    def __init__(self, terminal: "Terminal", folder: Path) -> None:
        self._terminal = terminal
        self._folder = folder

    def go(self, payloads: list[str]) -> list[str]:
        """Returns what did not come, one sentence each."""
        if not self._comes(lambda: (self._folder / "ready").exists(), 60):
            return ["the app did not start"]
        missing = []
        for payload in payloads:
            text = payload.encode("utf-8", "replace").decode()
            self._type(f"\x1b[200~{text}\x1b[201~")
            wanted = _pasted(payload)
            if not self._comes(lambda wanted=wanted: _seen(self._folder)["prompt"] == wanted):
                missing.append(f"the paste of {payload!a} did not arrive as {wanted!a}")
            self._type("\x1bw")
            self._comes(lambda: _seen(self._folder)["prompt"] == "")
        self._type("\x1b[200~It was red\x1b[201~\r")
        for name, base, (first, *others) in _SCREENS:
            if base == "ChatScreen":
                self._type("\x1bw")
            self._type(first)
            if not self._comes(lambda name=name: _seen(self._folder)["screen"] == name):
                missing.append(f"{name} was not seen, and {_seen(self._folder)['prompt']!a} stood in the prompt")
            for keys in others:
                self._type(keys)
            while not self._comes(lambda base=base: _seen(self._folder)["screen"] == base, 1):
                self._type("\x1b")
                if self._terminal.is_over:
                    return [*missing, f"the app ended behind {name}"]
        self._type("\x11")
        return missing

    def _type(self, keys: str) -> None:
        with contextlib.suppress(OSError):
            self._terminal.type(keys)
        self._terminal.read_for(_KEY_SECONDS)

    def _comes(self, holds: Callable[[], bool], seconds: float = 10) -> bool:
        try:
            self._terminal.until(holds, seconds)
        except AssertionError:
            return False
        return True


_SCREENS = (
    ("ChatScreen", "ChatScreen", ("\x1b[18~", "\r", "\x1b", "\x1b", "\x1bs", "\x1bv", "\x1b")),
    ("SessionsScreen", "ChatScreen", ("\x13", "a")),
    ("ModelsScreen", "ChatScreen", ("\x0c", "r")),
    ("MemoriesScreen", "ChatScreen", ("\x1bm", "\x1b[B")),
    ("SettingsScreen", "ChatScreen", ("\x1bOQ",)),
    ("HelpScreen", "ChatScreen", ("\x1bOP",)),
    ("CommandPalette", "ChatScreen", ("\x10", "e")),
    ("LogScreen", "ChatScreen", ("/log\r",)),
    ("ThemesScreen", "ChatScreen", ("/theme\r",)),
    ("ChatScreen", "ChatScreen", ("\x06", "red\r", "\x1b", "/model nowhere\r", "\x1bw")),
    ("TrainScreen", "TrainScreen", ("\x1bOS", "\t", "\x1b[B", "\x1bs", "\x1b[B")),
    ("LabScreen", "LabScreen", ("\x1b[17~", "\x12", "\x1b")),
)
"""Each screen, the one below it, and the keys that lead to it and around in it."""


def _pasted(payload: str) -> str:
    """What of a payload belongs into the prompt."""
    from rnntui.text import clean
    from rnntui.tui.terminal.pasting import strip_controls

    text = payload.encode("utf-8", "replace").decode().replace("\x1b[201~", "").replace("\x1b[200~", "")
    return clean(strip_controls(text)).text


def _wrong_bytes(output: str) -> list[str]:
    found = []
    for colours in re.findall(r"\x1b\[[0-9;]*m", output):
        if not _OWN_COLOURS.fullmatch(colours):
            found.append(f"the terminal got the colours {colours!r}")
    for bad in _FORBIDDEN.finditer(rest := _ALLOWED.sub("", output)):
        found.append(f"the terminal got {rest[max(0, bad.start() - 10) : bad.start() + 20]!a}")
    return found[:3]


def _seen(folder: Path) -> dict[str, str]:
    with contextlib.suppress(OSError, ValueError):
        return json.loads((folder / "seen.json").read_text(encoding="ascii"))
    return {"prompt": "?", "screen": "?", "links": ""}


def _fill(folder: Path, payloads: list[str]) -> "Services":
    """A data folder with the payloads in every place that has room for one."""
    sys.path[:0] = [str(ROOT / "tests" / "tui")]
    from rnntui.config import Config
    from rnntui.records import SavedState, TrainRequest
    from rnntui.settings import SamplerSettings
    from rnntui.store.runs.runs import Runs
    from rnntui.text import clean
    from tests import small_models
    from tests.tui.real import real_services

    texts = [payload.encode("utf-8", "replace").decode() for payload in payloads]
    small_models.TEXT += " ".join(clean(text).text for text in texts)  # a vocabulary with more is refused
    services = real_services(folder / "data", "small")
    for number, text in enumerate(texts):
        card, weights, vocabulary = small_models.small_model(name=f"m{number}", seed=number)
        with contextlib.suppress(Exception):  # a name that is refused is harmless
            services.library.save(dataclasses.replace(card, name=text), weights, vocabulary, b"")
        (folder / f"{text.replace('/', '').replace(chr(0), '')} file.txt").write_text(text, encoding="utf-8")
        Runs(services.paths.runs).create(TrainRequest((text,), text, 1.0), "2026-01-02T03:04:05+00:00")
    sessions = services.conversations
    session = sessions.create("title", card.model_id, SamplerSettings(), "inline", "2026-01-02T03:04:05+00:00")
    for number, text in enumerate(texts):
        sessions.memories.keep(SavedState(f"memory {number}", "small-lstm-1", b"", (), 1, text, "2026-01-02T03:04:05"))
    services.close()
    with contextlib.closing(sqlite3.connect(services.paths.database)) as raw:
        columns = "session_id, parent_id, role, text, token_ids, logprobs, status, start_position, model_id, created_at"
        for number, text in enumerate(texts):
            values = (session.session_id, number or None, ("person", "network")[number % 2], f" {text} said", b"", b"")
            raw.execute(
                f"INSERT INTO turns ({columns}) VALUES (?, ?, ?, ?, ?, ?, 'complete', 0, 'small-lstm-1', '2026')",  # noqa: S608
                values,
            )
            raw.execute("UPDATE memories SET name = ? WHERE name = ?", (f"{text} {number}", f"memory {number}"))
        raw.execute("UPDATE sessions SET title = ?, head_turn_id = ?", (" ".join(texts), len(texts)))
        raw.commit()
    services = real_services(folder / "data", "small")
    services.config = Config(
        services.config.sampler, services.config.app, themes={text: {"primary": text} for text in texts}
    )
    services.notices = texts
    services.paths.log_file.write_text("\n".join(texts), encoding="utf-8")
    return services


def main() -> None:
    """The app over a folder that holds `payloads.json`."""
    folder = Path(sys.argv[1]).resolve()
    services = _fill(folder, json.loads((folder / "payloads.json").read_text(encoding="ascii")))
    os.chdir(folder)
    asyncio.run(_watched(services, folder))
    sys.stdout.flush()
    os._exit(0)


async def _watched(services: "Services", folder: Path) -> None:
    from rnntui.tui.app import RnntuiApp

    app = RnntuiApp(services)
    watching = asyncio.create_task(_watch(app, folder))
    await app.run_async()
    if watching.done():
        watching.result()
    watching.cancel()


async def _watch(app: "RnntuiApp", folder: Path) -> None:
    """Notes what is on the screen until the app ends."""
    from textual._context import active_app

    from tests.tui.helpers import live_actions

    active_app.set(app)
    links: set[str] = set()
    while True:
        await asyncio.sleep(0.05)
        if not app.is_running or not app.screen_stack or not app.screen.is_mounted:
            continue
        links |= {str(action) for action in live_actions(app)}
        chat = app.chat_screen
        if chat and chat.is_mounted and chat.chat and app.is_idle:
            (folder / "ready").touch()
        prompt = chat.prompt.text if chat and chat.is_mounted else "?"
        seen = {"prompt": prompt, "screen": type(app.screen).__name__, "links": ", ".join(sorted(links))}
        (folder / "seen.new").write_text(json.dumps(seen), encoding="ascii")
        (folder / "seen.new").replace(folder / "seen.json")


if __name__ == "__main__":
    main()
