"""A program in a pseudo-terminal of its own: what it writes, what the screen shows, and how it leaves the terminal.

The program is started as a shell starts it: in the foreground, in a session whose controlling terminal this is.
"""

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
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyte

MODES_OFF = (b"\x1b[?1049l", b"\x1b[?1000l", b"\x1b[?1003l", b"\x1b[?2004l", b"\x1b[?25h", b"\x1b[<u")
_TAKES_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execvp(sys.argv[1], sys.argv[1:])"
)
_MODE = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")
_UNKNOWN_TO_PYTE = re.compile(rb"\x1b\[[<>=?][0-9;]*[a-zA-Z$]*")
_SHOWN_AT_FIRST = frozenset({7, 25})


class Terminal:
    """One pseudo-terminal with one program in it.

    Args:
        command: The program and its arguments.
        environment: Added to the one of this process.
        ignores: Signals that the program is started with ignored, as nohup does with SIGHUP.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str] | None = None, ignores: Sequence[int] = ()
    ) -> None:
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.before = termios.tcgetattr(self.slave)
        self.output = b""
        self.screen = pyte.Screen(80, 24)
        self.stream = pyte.ByteStream(self.screen)
        handlers = {number: signal.signal(number, signal.SIG_IGN) for number in ignores}
        self.process = subprocess.Popen(
            [sys.executable, "-S", "-c", _TAKES_TERMINAL, *command],
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", "TEXTUAL_ANIMATIONS": "none", **(environment or {})},
        )
        for number, handler in handlers.items():
            signal.signal(number, handler)

    def read(self, seconds: float = 0.05) -> bool:
        """Take what waits; False when there is nothing."""
        if self.master < 0 or not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.master, 65_536)
        except OSError:
            return False
        self.output += data
        with contextlib.suppress(Exception):  # pyte does not know every sequence
            self.stream.feed(_UNKNOWN_TO_PYTE.sub(b"", data))
        return bool(data)

    def read_for(self, seconds: float) -> None:
        """Take what is written in this time, so that the program never has to wait."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and not self.is_over:
            self.read(min(left, 0.05))

    def until(self, holds: Callable[[], object], seconds: float = 20.0) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, "\n".join(self.screen.display)
            self.read()

    def type(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def send(self, number: int, process: int = 0) -> None:
        """A signal to a process; 0 is the one that was started."""
        os.kill(process or self.process.pid, number)

    def hang_up(self) -> None:
        """Close the terminal, as closing its window does."""
        for descriptor in (self.slave, self.master):
            os.close(descriptor)
        self.master = self.slave = -1

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    @property
    def is_over(self) -> bool:
        return self.process.poll() is not None

    @property
    def children(self) -> list[int]:
        """Process ids of the program's children."""
        return children_of(self.process.pid)

    def modes_left_on(self) -> set[int]:
        """Private modes that are not as a terminal has them at first: 1049 is the alternate screen, 1000 the mouse."""
        while self.read():
            pass
        is_on = dict.fromkeys(_SHOWN_AT_FIRST, True)
        for numbers, switch in _MODE.findall(self.output):
            is_on |= {int(number): switch == b"h" for number in numbers.split(b";")}
        return {number for number, on in is_on.items() if on != (number in _SHOWN_AT_FIRST)}

    def keyboard_levels_left(self) -> int:
        """How often the keyboard was told to report more than usual, and not told to stop."""
        pushed, popped = (len(re.findall(code, self.output)) for code in (rb"\x1b\[>[0-9]+u", rb"\x1b\[<u"))
        return max(0, pushed - popped)

    def is_restored(self) -> bool:
        """Whether a shell could go on in it: no mode left on, and keys echo and edit lines as before."""
        if self.modes_left_on() or self.keyboard_levels_left():
            return False
        return bool(termios.tcgetattr(self.slave) == self.before)

    def close(self) -> None:
        """End the program and everything it started in this terminal."""
        for pid in [*self.children, self.process.pid]:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(10)
        if self.master >= 0:
            self.hang_up()


def children_of(process: int) -> list[int]:
    """Process ids of the children of a process that still run."""
    found = []
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[1]) == process and fields[0] != "Z":
                found.append(int(folder.name))
    return found


def is_running(process: int) -> bool:
    """Whether there is such a process, and it has not ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False


def processes_with(argument: str) -> list[int]:
    """Process ids of those that were started with this as one of their arguments."""
    found = []
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            if argument.encode() in (folder / "cmdline").read_bytes().split(b"\0"):
                found.append(int(folder.name))
    return found
