"""Textual's driver for Linux and macOS, that also survives being stopped and continued by somebody else.

Textual leaves the terminal in the middle of whatever a signal interrupts, which can be the queue that it then waits
for, and starts a second time when it is continued without having been asked to stop. Here both wait for their turn.
It also knows what the terminal shows, and how much waits to be written.
"""

import os
import signal
from typing import IO, Any

from textual._ansi_sequences import SYNC_END, SYNC_START
from textual.drivers import linux_driver
from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver

from rnntui.tui.terminal.cells import TerminalCells
from rnntui.tui.terminal.pasting import PasteParser


class Line(WriterThread):
    """Writes to the terminal in a thread of its own, and knows how much has not left yet."""

    def __init__(self, file: IO[str]) -> None:
        super().__init__(file)
        self._given = self._gone = 0

    @property
    def waiting(self) -> int:
        """Characters that were given and are not written yet; those being written count."""
        return self._given - self._gone

    def write(self, text: str) -> None:
        """Write text when what was given before has left."""
        self._given += len(text)
        super().write(text)

    def run(self) -> None:
        """Write what is given, each piece as soon as the terminal takes it."""
        while (text := self._queue.get()) is not None:
            self._file.write(text)
            self._file.flush()
            self._gone += len(text)


# The driver makes its parser and its writer itself, from these names.
linux_driver.XTermParser = PasteParser  # type: ignore[attr-defined]
linux_driver.WriterThread = Line  # type: ignore[attr-defined]
_MOST_WAITING = 500
"""So many characters may wait: a few words' worth. A frame of the panel has two thousand."""


class TerminalDriver(LinuxDriver):
    """The terminal as the app uses it."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.shown = TerminalCells()
        """What the terminal shows when all that was written has arrived."""
        self._frame: list[str] = []

    @property
    def is_behind(self) -> bool:
        """True while the line takes longer than drawing: what is drawn now would wait, and so would a key."""
        return isinstance(self._writer_thread, Line) and self._writer_thread.waiting > _MOST_WAITING

    def start_application_mode(self) -> None:
        """Begin with an empty screen."""
        self.shown.forget()
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def write(self, data: str) -> None:
        """Write to the terminal; a frame with its brackets as one piece."""
        if data == SYNC_START or self._frame:
            self._frame.append(data)
            if data != SYNC_END:
                return
            data = "".join(self._frame)
            self._frame.clear()
        super().write(data)

    def _sigtstp_application(self, *_: object) -> None:
        if self._auto_restart:
            self._loop.call_soon_threadsafe(super()._sigtstp_application)
        else:
            os.kill(os.getpid(), signal.SIGSTOP)  # an editor has the terminal, and the loop waits for it

    def _sigcont_application(self, *_: object) -> None:
        if self._auto_restart:
            self._loop.call_soon_threadsafe(self._draw_again)

    def _draw_again(self) -> None:
        if self._writer_thread is None or self.exit_event.is_set():  # not drawing yet, or no more
            return
        if not self._must_signal_resume:  # it was stopped without being asked
            self.suspend_application_mode()
            self._must_signal_resume = True
        self.resume_application_mode()
        self._app.refresh(layout=True)
