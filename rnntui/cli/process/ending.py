"""How a command is interrupted, and how its process ends.

An interrupt in the middle of an import leaves half a library behind, so it waits until the import is over; a second one
ends the process at once. And the process ends without the interpreter being taken down: a thread may be inside torch,
which does not survive that.
"""

import contextlib
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

from rnntui.errors import EXIT_INTERRUPTED, StorageError

EXIT_READER_GONE = 1
_POLL_SECONDS = 0.02
_IMPORTS = "<frozen importlib._bootstrap>"
_SHOW_CURSOR = b"\x1b[?25h"


def take_interrupts() -> None:
    """From here on the first interrupt raises KeyboardInterrupt, but in no import; the second ends the process."""
    signal.signal(signal.SIGINT, _Interrupts())


def leave(code: int) -> NoReturn:
    """End the process now, with everything written that was said."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if "logging" in sys.modules:
        sys.modules["logging"].shutdown()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream and not stream.closed:
                stream.flush()
        except BrokenPipeError:
            code = code or EXIT_READER_GONE
        except (OSError, ValueError):
            code = code or StorageError.exit_code
    os._exit(code)


class _Interrupts:
    """Handler of SIGINT and, while one waits for the end of an import, of the clock."""

    def __init__(self) -> None:
        self._is_told = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if number == signal.SIGINT:
            if self._is_told:
                _end_interrupted()
            self._is_told = True
        if _is_importing(frame) and hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, self)
            signal.setitimer(signal.ITIMER_REAL, _POLL_SECONDS)
            return
        raise KeyboardInterrupt


def _is_importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename == _IMPORTS:
            return True
        frame = frame.f_back
    return False


def _end_interrupted() -> NoReturn:
    with contextlib.suppress(OSError, ValueError, AttributeError):
        if sys.stderr.isatty():
            os.write(sys.stderr.fileno(), _SHOW_CURSOR)  # a progress bar hides it
    os._exit(EXIT_INTERRUPTED)
