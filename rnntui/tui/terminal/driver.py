"""Textual's driver for Linux and macOS, that also survives being stopped and continued by somebody else.

Textual leaves the terminal in the middle of whatever a signal interrupts, which can be the queue that it then waits
for, and starts a second time when it is continued without having been asked to stop. Here both wait for their turn.
It also knows what the terminal shows, and how much waits to be written.
"""

import asyncio
import os
import signal
from typing import Any

from textual.app import App
from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver

from rnntui.tui.terminal import textual_internals
from rnntui.tui.terminal.cells import TerminalCells
from rnntui.tui.terminal.pasting import PasteParser
from rnntui.tui.terminal.textual_internals import SYNC_END, SYNC_START

textual_internals.use_in_driver(linux_driver, PasteParser)
_MOST_WAITING = 500
"""So many characters may wait: a few words' worth. A frame of the panel has two thousand."""


class TerminalDriver(LinuxDriver):
    """The terminal as the app uses it."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        signal.signal(signal.SIGTSTP, self._on_stop)
        signal.signal(signal.SIGCONT, self._on_continue)
        self._shown_app = app
        self._event_loop = asyncio.get_running_loop()
        self.shown = TerminalCells()
        """What the terminal shows when all that was written has arrived."""
        self._frame: list[str] = []

    @property
    def is_behind(self) -> bool:
        """True while the line takes longer than drawing: what is drawn now would wait, and so would a key."""
        writer = textual_internals.writer_of(self)
        return writer is not None and writer.waiting > _MOST_WAITING

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

    def _on_stop(self, *_: object) -> None:
        if textual_internals.is_lent(self):
            os.kill(os.getpid(), signal.SIGSTOP)  # an editor has the terminal, and the loop waits for it
        else:
            self._event_loop.call_soon_threadsafe(self._stop)

    def _on_continue(self, *_: object) -> None:
        if not textual_internals.is_lent(self):
            self._event_loop.call_soon_threadsafe(self._draw_again)

    def _stop(self) -> None:
        self._leave_terminal()
        os.kill(os.getpid(), signal.SIGSTOP)

    def _leave_terminal(self) -> None:
        self.suspend_application_mode()
        textual_internals.announce_resume(self)

    def _draw_again(self) -> None:
        if textual_internals.writer_of(self) is None or self.exit_event.is_set():  # not drawing yet, or no more
            return
        if not textual_internals.is_resume_announced(self):  # it was stopped without being asked
            self._leave_terminal()
        self.resume_application_mode()
        self._shown_app.refresh(layout=True)
