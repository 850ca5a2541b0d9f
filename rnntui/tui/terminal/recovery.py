"""The terminal itself: given back in order when the app is told to end, and left alone when it is gone.

Textual handles neither SIGTERM nor SIGHUP, and a closed terminal makes it spin. One interval timer of the operating
system polls twice a second; its handler runs even while the event loop is stuck. Nothing here exists on Windows.
"""

import contextlib
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType

_POLL_SECONDS = 0.5
_GRACE_SECONDS = 2.0
_LEAVE = (
    "\x1b\\\x1b[?2026l\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l\x1b[<u"
    "\x1b[0m\x1b[?1049l\x1b[?25h\x1b[?1004l"
)
"""Whatever was cut in the middle is over; paste, mouse and keyboard modes off, alternate screen left, cursor shown."""
_ENDINGS = ("SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP")
_HUNG_UP, _KILLED = 129, 137

Handler = Callable[[int, FrameType | None], None]


class TerminalSettings:
    """How the terminal is set, to be given back like that."""

    def __init__(self) -> None:
        self._attributes = _attributes()

    def restore(self, *, has_drawn: bool = False) -> None:
        """Set the terminal as it was, if it is another now.

        Args:
            has_drawn: True where what is shown must be cleared away even if a shell has the terminal again by now; how
                keys are read is then the shell's.
        """
        if sys.platform == "win32" or self._attributes is None:
            return
        if not (has_drawn or _is_ours()) or _attributes() == self._attributes:
            return
        import termios

        with contextlib.suppress(OSError, ValueError, AttributeError):
            output = sys.__stderr__.fileno() if sys.__stderr__ else 2
            if select.select([], [output], [], 0)[1]:
                os.write(output, _LEAVE.encode())
        if not _is_ours():
            return
        with contextlib.suppress(termios.error, OSError, ValueError, AttributeError):
            termios.tcflush(_input(), termios.TCIFLUSH)  # keys and mouse were meant for the app
            termios.tcsetattr(_input(), termios.TCSANOW, self._attributes)  # type: ignore[arg-type]


class TerminalGuard:
    """Watches over one terminal while the app runs.

    Args:
        leave: Called in the main thread, at most once, when the app should end: exit code, and whether the terminal is
            gone. It has two seconds; then the process ends without it. It may refuse, by returning False.
        parent: Process id of the parent, without which the app ends; 0 for none.
    """

    def __init__(self, leave: Callable[[int, bool], bool], parent: int = 0) -> None:
        self._leave = leave
        self._parent = parent
        self._is_gone = False
        self._exit_code = 0
        self._deadline = 0.0
        self._before: dict[int, object] = {}
        self._settings = TerminalSettings()

    def __enter__(self) -> "TerminalGuard":
        if sys.platform == "win32":
            return self
        for name in _ENDINGS:
            self._install(getattr(signal, name), self._on_ending)
        self._install(signal.SIGALRM, self._on_tick)
        signal.setitimer(signal.ITIMER_REAL, _POLL_SECONDS, _POLL_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        if sys.platform == "win32":
            return
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what signal.signal() had returned

    def _install(self, number: int, handler: Handler) -> None:
        self._before[number] = signal.signal(number, handler) or signal.SIG_DFL

    def _on_ending(self, number: int, frame: FrameType | None) -> None:
        self._end(128 + number, is_gone=_has_hung_up())

    def _on_tick(self, number: int, frame: FrameType | None) -> None:
        if self._deadline and time.monotonic() >= self._deadline:
            self._end_hard()
        if not self._is_gone and _has_hung_up():
            self._end(_HUNG_UP, is_gone=True)
        if self._parent and os.getppid() != self._parent:
            self._end(_KILLED, is_gone=False)

    def _end(self, exit_code: int, *, is_gone: bool) -> None:
        self._is_gone = self._is_gone or is_gone
        if self._deadline:
            return
        self._exit_code = exit_code
        self._deadline = time.monotonic() + _GRACE_SECONDS
        if not self._leave(exit_code, is_gone):
            self._deadline = 0.0

    def _end_hard(self) -> None:
        if not self._is_gone:
            self._settings.restore(has_drawn=True)
        os._exit(self._exit_code)


def _input() -> int:
    return sys.__stdin__.fileno() if sys.__stdin__ else 0


def _attributes() -> list[object] | None:
    if sys.platform == "win32":
        return None
    import termios

    with contextlib.suppress(termios.error, OSError, ValueError, AttributeError):
        return termios.tcgetattr(_input())
    return None


def _is_ours() -> bool:
    """Whether this process is in the foreground; without a terminal of its own it is taken for true."""
    if sys.platform == "win32":
        return True
    with contextlib.suppress(OSError, ValueError):
        return os.tcgetpgrp(_input()) == os.getpgrp()
    return True


def _has_hung_up() -> bool:
    if sys.platform == "win32":
        return False
    poll = select.poll()
    poll.register(_input(), select.POLLHUP)
    with contextlib.suppress(OSError, ValueError):
        return any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in poll.poll(0))
    return False


def find_terminal_problem(environment: dict[str, str]) -> str:
    """Why the app cannot run here, as one sentence; empty when it can."""
    if environment.get("TERM", "") in {"dumb", "unknown"}:
        return "This terminal cannot place text on a screen (TERM=dumb)."
    streams = ((sys.__stdin__, "input"), (sys.__stdout__, "output"), (sys.__stderr__, "error"))  # it draws on the last
    for stream, name in streams:
        if stream is None or not stream.isatty():
            return f"The app needs a terminal, and standard {name} is not one."
    return ""
