"""Bytes that the app writes for each word, and Esc on a slow line: python -m tests.benchmarks.slow_line.

The real app with the starter runs in a pseudo-terminal of 120 columns and 36 rows with the panel open. First the line
is fast: bytes for each word, at full speed and at a pace. Then it takes so many bytes a second, and the time is that
from Esc until the screen says "stopped". What streams is another end of the same reply, again and again.
"""

import argparse
import contextlib
import fcntl
import os
import re
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

import pyte

from tests.benchmarks.seed_novel import machine

_COLUMNS, _ROWS = 120, 36
_UNKNOWN_TO_PYTE = re.compile(rb"\x1b\[[<>=?][0-9;]*[$]?[a-zA-Z]")
_BEGUN = re.compile(rb"\x1b(\[[<>=?]?[0-9;]*[$]?)?\Z")
_READ = re.compile(r"read ([\d,]+) words")
_SYNCHRONIZED = b"\x1b[?2026;2$y"
"""What a terminal answers that paints whole frames when it is told to."""


class Line:
    """The app behind a line that takes `rate` bytes a second; None for a fast one."""

    def __init__(self, folder: str) -> None:
        self.master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "TEXTUAL_ANIMATIONS": "none"}
        command = [sys.executable, "-m", "rnntui", "--data-dir", folder]
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True, env=environment
        )
        os.close(slave)
        self.screen = pyte.Screen(_COLUMNS, _ROWS)
        self.stream = pyte.ByteStream(self.screen)
        self.rate: float | None = None
        self.taken = 0
        self._begun = b""
        self._due = time.monotonic()

    def read(self) -> None:
        """Take what the line lets through."""
        if not select.select([self.master], [], [], 0.01)[0]:
            self._due = max(self._due, time.monotonic())
            return
        if self.rate:
            time.sleep(max(0.0, self._due - time.monotonic()))
        data = os.read(self.master, 256 if self.rate else 65_536)
        if self.rate:
            self._due += len(data) / self.rate
        self.taken += len(data)
        if b"\x1b[?2026$p" in data:
            os.write(self.master, _SYNCHRONIZED)
        data = self._begun + data
        begun = _BEGUN.search(data)
        data, self._begun = (data[: begun.start()], begun[0]) if begun else (data, b"")
        with contextlib.suppress(Exception):  # pyte does not know every sequence
            self.stream.feed(_UNKNOWN_TO_PYTE.sub(b"", data))

    def until(self, holds: Callable[[str], object], seconds: float = 60.0) -> float:
        """Seconds until the screen is so."""
        began = time.monotonic()
        while not holds("\n".join(self.screen.display)):
            if time.monotonic() - began > seconds:
                raise SystemExit("\n".join(self.screen.display))
            self.read()
        return time.monotonic() - began

    def read_for(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.read()

    def type(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def words(self) -> int:
        """How many the network has read, as the screen says."""
        self.until(_READ.search)
        return int(_READ.findall("\n".join(self.screen.display))[-1].replace(",", ""))

    def ask(self, command: str, answer: str) -> None:
        """Enter a command, and wait until the screen answers."""
        self.type(f"{command}\r")
        self.until(lambda text: answer in text and command not in text)

    def go_on(self) -> None:
        """Let words stream: another end of the reply, or where that has none yet, the same."""
        self.type("\x12")
        self.until(lambda text: "· Esc stops" in text)
        words = self.words()
        while self.words() == words:
            self.read()

    def stop(self) -> float:
        """Seconds from Esc until the screen shows that it stopped."""
        self.type("\x1b")
        taken = self.until(lambda text: "· stopped" in text)
        self.rate = None
        self.read_for(0.5)
        return taken

    def slow_down(self, rate: float) -> None:
        """From now on the line takes so many bytes a second."""
        self.rate, self._due = rate, time.monotonic()

    def close(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.master)


def begin(line: Line) -> None:
    """A model, long replies, and a first one that was stopped."""
    line.until(lambda text: "whole memory" in text)
    line.ask("/max-words 2000", "2,000 words")
    line.ask("/stop words", "length only")
    line.type("Hello there\r")
    line.until(lambda text: "· Esc stops" in text)
    line.read_for(1.0)
    line.stop()


def bytes_per_word(line: Line, seconds: float) -> tuple[float, float]:
    """Bytes for each word, and words a second."""
    line.go_on()
    words, taken, began = line.words(), line.taken, time.monotonic()
    line.read_for(seconds)
    words, taken, passed = line.words() - words, line.taken - taken, time.monotonic() - began
    line.stop()
    return taken / max(1, words), words / passed


def seconds_to_stop(line: Line, rate: float, seconds: float) -> float:
    """From Esc until the screen shows it, after words have come over a slow line for so many seconds."""
    line.go_on()
    line.slow_down(rate)
    line.read_for(seconds)
    return line.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=15_000.0, help="bytes a second of the slow line")
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5.0, help="for which words stream each time")
    chosen = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        line = Line(folder)
        try:
            begin(line)
            for pace in (0, 20, 5):
                line.ask(f"/pace {pace}", "full speed" if pace == 0 else f"{pace} words/s")
                size, speed = bytes_per_word(line, chosen.seconds)
                print(f"pace {pace:>2}: {size:6,.0f} bytes a word at {speed:.0f} words/s", flush=True)
            line.ask("/pace 0", "full speed")
            taken = sorted(seconds_to_stop(line, chosen.rate, chosen.seconds) for _ in range(chosen.times))
            shown = ", ".join(f"{seconds:.2f}" for seconds in taken)
            print(f"Esc on {chosen.rate / 1000:g} kB/s shows after {statistics.median(taken):.2f} s (all: {shown})")
        finally:
            line.close()


if __name__ == "__main__":
    main()
