"""From Enter in a shell until something is there: python -m tests.benchmarks.starting [--times N].

The first paint of the app in a pseudo-terminal of 120 columns and 36 rows, against a Textual app of one label; and
`rnntui gen` until the model can speak, against `import torch` alone. Each pair runs side by side, and the ratio is the
median of the pairs: of the seconds on the clock, and of the processor's, which other work disturbs less. Modules are
compiled before, as they are when a program is installed.
"""

import argparse
import fcntl
import os
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.seed_novel import machine
from tests.pseudo_terminal import children_of

BARE = """
from textual.app import App
from textual.widgets import Label

class Bare(App):
    def compose(self):
        yield Label("hello")

Bare().run()
"""
Taken = tuple[float, float]
"""Seconds on the clock, and of processors."""


def painted(command: list[str], environment: dict[str, str], words: bytes) -> Taken:
    """Until these words are written to the terminal."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
    began = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True, env=environment
    )
    os.close(slave)
    written = b""
    while words not in written and select.select([master], [], [], 60.0)[0]:
        written += os.read(master, 65_536)
    taken = until_now(process, began)
    end(process)
    os.close(master)
    return taken


def told(command: list[str], environment: dict[str, str]) -> Taken:
    """Until the first line is written."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True, env=environment
    )
    assert process.stdout is not None
    process.stdout.readline()
    taken = until_now(process, began)
    end(process)
    process.stdout.close()
    return taken


def until_now(process: "subprocess.Popen[bytes]", began: float) -> Taken:
    """What it has taken so far; it does not go on while its processor time is read."""
    seconds = time.perf_counter() - began
    os.killpg(process.pid, signal.SIGSTOP)
    return seconds, processor_seconds(process.pid)


def processor_seconds(process: int) -> float:
    """Of all threads of a process and its children."""
    own = Path(f"/proc/{process}/task").glob("*/schedstat")
    nanoseconds = sum(int(task.read_text().split()[0]) for task in own)
    return nanoseconds / 1e9 + sum(map(processor_seconds, children_of(process)))


def end(process: "subprocess.Popen[bytes]") -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def compare(what: str, ours: Callable[[], Taken], beside: str, theirs: Callable[[], Taken], times: int) -> None:
    ours(), theirs()  # what is compiled now is not compiled again
    pairs = [(ours(), theirs()) for _ in range(times)]
    for at, clock in enumerate(("on the clock", "of processors")):
        mine, other = (statistics.median(pair[side][at] for pair in pairs) for side in (0, 1))
        ratio = statistics.median(pair[0][at] / pair[1][at] for pair in pairs)
        print(f"{what} {mine:.2f} s, {beside} {other:.2f} s: {ratio:.2f} times, {clock}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=10)
    times = parser.parse_args().times
    print(f"{machine()}, {times} pairs")
    python = [sys.executable]
    with tempfile.TemporaryDirectory() as folder:
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment = {**kept, "TERM": "xterm-256color", "PYTHONPYCACHEPREFIX": f"{folder}/compiled"}
        environment["RNNTUI_DATA_DIR"] = f"{folder}/data"
        compare(
            "first paint of the app",
            lambda: painted([*python, "-m", "rnntui"], environment, b"temperature"),
            "of a bare Textual app",
            lambda: painted([*python, "-c", BARE], environment, b"hello"),
            times,
        )
        compare(
            "rnntui gen can speak after",
            lambda: told([*python, "-m", "rnntui", "gen", "It was", "--json"], environment),
            "import torch",
            lambda: told([*python, "-c", "import torch; print()"], environment),
            times,
        )


if __name__ == "__main__":
    main()
