"""A real process under a pseudo-terminal: the terminal is given back, whatever ends the app."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyte
import pytest

PROGRAM = str(Path(__file__).parent / "pty_app.py")
MODES_OFF = (b"\x1b[?1049l", b"\x1b[?1000l", b"\x1b[?1003l", b"\x1b[?2004l", b"\x1b[?25h", b"\x1b[<u")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")


class Terminal:
    """One pseudo-terminal with the app in it."""

    def __init__(self, *arguments: str) -> None:
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.before = termios.tcgetattr(self.slave)
        self.output = b""
        self.screen = pyte.Screen(80, 24)
        self.stream = pyte.ByteStream(self.screen)
        self.process = subprocess.Popen(
            [sys.executable, PROGRAM, *arguments],
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", "TEXTUAL_ANIMATIONS": "none"},
        )

    def read(self, seconds: float = 0.05) -> bool:
        """Take what waits; False when there is nothing."""
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.master, 65_536)
        except OSError:
            return False
        self.output += data
        with contextlib.suppress(Exception):  # pyte does not know every sequence
            self.stream.feed(re.sub(rb"\x1b\[[<>=?][0-9;]*[a-zA-Z$]*", b"", data))
        return bool(data)

    def until(self, holds: Callable[[], object], seconds: float = 20.0) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, "\n".join(self.screen.display)
            self.read()

    def type(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    @property
    def is_over(self) -> bool:
        return self.process.poll() is not None

    def is_restored(self) -> bool:
        while self.read():
            pass
        return all(mode in self.output for mode in MODES_OFF) and termios.tcgetattr(self.slave) == self.before

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.process.kill()
        self.process.wait(10)
        for descriptor in (self.master, self.slave):
            with contextlib.suppress(OSError):
                os.close(descriptor)


@pytest.fixture
def terminals() -> Iterator[Callable[..., Terminal]]:
    made: list[Terminal] = []

    def make(*arguments: str) -> Terminal:
        terminal = Terminal(*arguments)
        made.append(terminal)
        terminal.until(lambda: "press Enter" in terminal.text and "read 0 words" in terminal.text)
        return terminal

    yield make
    for terminal in made:
        terminal.close()


def test_quitting_gives_the_terminal_back_and_no_foreign_sequence_ever_reached_it(terminals) -> None:  # type: ignore[no-untyped-def]
    terminal = terminals()
    terminal.type("hello\r")
    terminal.until(lambda: "@click=app.quit" in terminal.text and "bits/word" in terminal.text)
    terminal.type("\x1b[18~")
    terminal.type("\r")
    terminal.until(lambda: "instead of" in terminal.text)
    terminal.type("s")
    terminal.until(lambda: "words that begin with s" in terminal.text)
    terminal.type("\x11")
    terminal.until(lambda: terminal.is_over)
    assert terminal.process.returncode == 0
    assert terminal.is_restored()
    assert b"]52;" not in terminal.output.replace(b"\xe2\x90\x9b]52;", b"")
    assert b"\x9b5m" not in terminal.output.replace(b"\xc2\x9b", b"")
    assert "\u202e".encode() not in terminal.output


def test_a_termination_signal_gives_the_terminal_back(terminals) -> None:  # type: ignore[no-untyped-def]
    terminal = terminals("slow")
    terminal.type("hello\r")
    terminal.until(lambda: "on and on" in terminal.text)
    terminal.process.send_signal(signal.SIGTERM)
    terminal.until(lambda: terminal.is_over, 3.0)
    assert terminal.process.returncode == 143
    assert terminal.is_restored()


@pytest.mark.parametrize("is_told", [False, True])
def test_a_closed_terminal_ends_the_app_within_three_seconds(terminals, is_told: bool) -> None:  # type: ignore[no-untyped-def]
    terminal = terminals("slow")
    terminal.type("hello\r")
    terminal.until(lambda: "on and on" in terminal.text)
    os.close(terminal.slave)
    os.close(terminal.master)
    if is_told:
        terminal.process.send_signal(signal.SIGHUP)
    assert terminal.process.wait(3.5) == 129


def test_without_a_terminal_it_says_so() -> None:
    done = subprocess.run(
        [sys.executable, PROGRAM], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 2
    assert "The app needs a terminal" in done.stderr
    assert "Traceback" not in done.stderr
