"""The parent of the app: a small process that gives the terminal back, whatever ends the app.

It is split off before anything heavy is loaded, while there is one thread, and sleeps until something happens. What it
is told it passes on: signals, stops and continues; it ends with the app's exit code. Nothing here exists on Windows.
"""

import contextlib
import os
import select
import signal
import sys
import time
from collections.abc import Iterable
from types import FrameType
from typing import TYPE_CHECKING

from rnntui.cli.process.ending import leave
from rnntui.cli.process.streams import are_terminals, tell
from rnntui.errors import EXIT_INTERRUPTED

if TYPE_CHECKING:
    from rnntui.tui.terminal.recovery import TerminalSettings

_PASSED_ON = ("SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGTSTP")
_ENDINGS = ("SIGTERM", "SIGHUP")
_GRACE_SECONDS = 2.5
"""So long after it was told to end the app is killed; it ends by itself in two."""
_CONTINUED_SECONDS = 0.1
"""So long it may take until an app that was continued is seen as such."""


def watch_over_app() -> int:
    """Split this process in two and go on as the child; the parent never returns.

    Returns:
        The process id of the parent; 0 where there can be none.
    """
    if sys.platform == "win32" or not are_terminals():
        return 0
    from rnntui.tui.terminal.recovery import TerminalSettings

    before, parent = TerminalSettings(), os.getpid()
    signal.pthread_sigmask(signal.SIG_BLOCK, _numbers(_PASSED_ON))
    try:
        child = os.fork()
    except OSError:
        child = -1
    if child > 0:
        leave(_Parent(child, before).watch())
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until the app takes it there is nothing to put in order
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _numbers(_PASSED_ON))
    return 0 if child < 0 else parent


class _Parent:
    """Waits for one child."""

    def __init__(self, child: int, before: "TerminalSettings") -> None:
        self._child = child
        self._before = before
        self._deadline = float("inf")
        self._exit_code: int | None = None
        self._poll = select.poll()
        self._wakeup, wakeup = os.pipe()
        for descriptor in (self._wakeup, wakeup):
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)
        for number in (*_numbers(_PASSED_ON), signal.SIGCHLD, signal.SIGALRM):
            signal.signal(number, _wake)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _numbers(_PASSED_ON))
        self._poll.register(self._wakeup, select.POLLIN)
        self._poll.register(sys.stdin.fileno(), 0)  # a terminal that is closed is told all the same

    def watch(self) -> int:
        """Returns the exit code when the child has ended, with the terminal as it was before."""
        while self._exit_code is None:
            self._listen()
            while self._exit_code is None and self._poll_child():
                pass
            if time.monotonic() > self._deadline:
                self._pass_on(signal.SIGKILL)
                self._deadline = float("inf")
        return self._exit_code

    def _listen(self) -> None:
        seconds = max(0.0, self._deadline - time.monotonic())
        for descriptor, _ in self._poll.poll(None if seconds == float("inf") else seconds * 1000 + 1):
            if descriptor == self._wakeup:
                for number in os.read(self._wakeup, 64):
                    if number == signal.SIGALRM:  # an interrupt that waited for the end of an import
                        self._pass_on(signal.SIGINT)
                    elif number != signal.SIGCHLD:
                        self._pass_on(number)
                continue
            self._poll.unregister(descriptor)
            self._pass_on(signal.SIGHUP)

    def _pass_on(self, number: int) -> None:
        if number in _numbers(_ENDINGS) and self._deadline == float("inf"):
            self._deadline = time.monotonic() + _GRACE_SECONDS
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._child, number)

    def _poll_child(self, options: int = os.WUNTRACED) -> bool:
        """Take note of what has become of the child; False when nothing has."""
        pid, status = os.waitpid(self._child, os.WNOHANG | options)
        if not pid:
            return False
        if os.WIFSTOPPED(status):
            self._stop_too()
        elif not os.WIFCONTINUED(status):
            self._exit_code = self._end(status)
        return True

    def _stop_too(self) -> None:
        """The shell sees that its job has stopped; where there is no shell, the system lets nothing stop like this."""
        self._before.restore()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, _wake)
        deadline = time.monotonic() + _CONTINUED_SECONDS
        while not self._poll_child(os.WCONTINUED):
            if time.monotonic() > deadline:
                self._pass_on(signal.SIGCONT)
                return
            time.sleep(_CONTINUED_SECONDS / 20)

    def _end(self, status: int) -> int:
        """Give the terminal back and, where a signal ended the child, say so; returns the exit code."""
        self._before.restore()
        if not os.WIFSIGNALED(status):
            return os.WEXITSTATUS(status)
        number = os.WTERMSIG(status)
        self._report(number)
        return 128 + number

    def _report(self, number: int) -> None:
        sentence = (
            f"rnntui was ended from outside ({signal.Signals(number).name}). The conversation is saved; start rnntui "
            "again to go on with it."
        )
        if 128 + number == EXIT_INTERRUPTED:
            sentence = "rnntui: interrupted."
        if select.select([], [sys.stderr], [], 0)[1]:  # Ctrl-S may have stopped the terminal
            tell(f"{sentence}\n")


def _numbers(names: Iterable[str]) -> set[int]:
    return {int(getattr(signal, name)) for name in names}


def _wake(_number: int, _frame: FrameType | None) -> None:
    """Nothing to do: that it was called has woken the parent."""
