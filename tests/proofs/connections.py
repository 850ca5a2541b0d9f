"""rnntui makes no network connection: every command and a session in the app, with every call of the network seen.

With strace every call of every thread and child is written down, also those of libraries in C; without it Python's own
audit events are. Allowed is what asyncio makes to wake itself, a pair of sockets without an address, and that the
system's library asks this machine's own list of accounts how the person is called, which torch wants to know.
"""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.proofs import Proof, Setup
from tests.small_world import world_text

ROOT = Path(__file__).parents[2]
SMALL = ("--hidden-size", "16", "--rows", "4", "--bptt-length", "16", "--threads", "1")
COMMANDS = (
    ("drive", "script"),
    ("where",),
    ("gen", "It was", "--max-words", "3"),
    ("doctor",),
    ("doctor", "--bundle", "report.txt"),
    ("inspect", "world.txt"),
    ("train", "world.txt", "--minutes", "0.03", "--name", "world", *SMALL),
    ("train", "https://example.org/book.txt"),
    ("train", "world.txt", "--minutes", "0.02", "--queue", "--name", "queued", *SMALL),
    ("train", "--resume", "queued"),
    ("eval", "world.txt", "--model", "world"),
    ("models",),
    ("models", "show", "world", "--html", "report.html"),
    ("models", "rename", "world", "globe"),
    ("models", "remove", "globe"),
    ("runs",),
    ("runs", "show"),
    ("sessions",),
    ("sessions", "search", "hello"),
    ("sessions", "list", "--deleted"),
    ("sessions", "empty"),
    ("replay", "world.txt"),
    ("lab", "next-word"),
    ("--help",),
    ("--version",),
    ("nonsense",),
)
"""In order: later ones work on what earlier ones made. The first is a session in the app, on Textual's Pilot."""

SCRIPT = """wait-idle
type It was a cold evening
press enter
wait-idle
press f2
press f3
press f4
press f5
press escape
wait-idle
"""

HARMLESS = {"getsockname", "getsockopt", "setsockopt", "shutdown", "recvfrom", "recvmsg", "getpeername"}
ACCOUNTS = ("/var/run/nscd/socket", "/run/systemd/userdb/io.systemd.DynamicUser")
_CALL = re.compile(r"^\d+\s+(\w+)\((.*)")
_HOOK = """
import sys
def _see(name, arguments):
    if name.startswith("socket."):
        with open(TRACE, "a") as trace:
            trace.write(f"1 {name.removeprefix('socket.')}({arguments!r}\\n")
sys.addaudithook(_see)
from rnntui.cli.process.program import main
main()
"""


def prove(setup: Setup) -> Proof:
    """Runs the commands and reads what they asked of the network."""
    (setup.folder / "world.txt").write_text(world_text(), encoding="utf-8")
    (setup.folder / "script").write_text(SCRIPT, encoding="utf-8")
    commands = COMMANDS[: setup.cases(len(COMMANDS), 2)]
    seen: Counter[str] = Counter()
    broken: list[str] = []
    for number, command in enumerate(commands):
        trace = setup.folder / f"trace-{number}"
        _traced(command, trace, setup.folder)
        if not trace.exists():
            continue
        for line in trace.read_text(encoding="utf-8", errors="replace").splitlines():
            if call := _CALL.match(line):
                seen[_kind(call[1], call[2])] += 1
                if not _is_harmless(call[1], call[2]):
                    broken.append(f"rnntui {' '.join(command)}: {line[:200]}.")
    told = ", ".join(f"{count} x {kind}" for kind, count in seen.most_common()) or "nothing at all"
    left_out = () if shutil.which("strace") else ("calls of libraries in C: there is no strace here",)
    return Proof(len(commands), f"seen in all: {told}", tuple(broken), left_out)


def _traced(command: tuple[str, ...], trace: Path, folder: Path) -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "RNNTUI_DATA_DIR": str(folder / "data"),
        "RNNTUI_CONFIG": str(folder / "config.toml"),
        "OMP_NUM_THREADS": "1",
    }
    if shutil.which("strace"):
        line = [
            "strace",
            "-f",
            "-qq",
            "-e",
            "trace=network",
            "-o",
            str(trace),
            sys.executable,
            "-m",
            "rnntui",
            *command,
        ]
    else:
        line = [sys.executable, "-c", _HOOK.replace("TRACE", repr(str(trace))), *command]
    subprocess.run(line, cwd=folder, env=environment, capture_output=True, stdin=subprocess.DEVNULL, timeout=600)


def _kind(name: str, arguments: str) -> str:
    """A call with the family of its addresses."""
    family = re.search(r"[AP]F_\w+", arguments)
    return f"{name} {family[0]}" if family else name


def _is_harmless(name: str, arguments: str) -> bool:
    """True for a pair of sockets without an address, what is done with it, and the list of accounts."""
    if name in HARMLESS:
        return True
    if name in {"socketpair", "socket", "__new__"}:
        return "AF_UNIX" in arguments
    if name == "connect":
        return any(f'sun_path="{place}"' in arguments for place in ACCOUNTS)
    return name == "sendto" and "NULL, 0" in arguments
