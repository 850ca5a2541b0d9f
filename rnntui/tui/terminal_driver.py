"""Textual's driver for Linux and macOS, that also survives being stopped and continued by somebody else.

Textual leaves the terminal in the middle of whatever a signal interrupts, which can be the queue that it then waits
for, and starts a second time when it is continued without having been asked to stop. Here both wait for their turn.
"""

import os
import signal

from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver

from rnntui.tui.pasting import PasteParser

linux_driver.XTermParser = PasteParser  # type: ignore[attr-defined]  # the driver makes its parser itself, from this name

_MOST_WAITING = 1
"""So many pieces may wait for the line; Textual lets 30 wait, eight seconds on a slow one, and a key as long."""


class TerminalDriver(LinuxDriver):
    """The terminal as the app uses it."""

    @property
    def is_behind(self) -> bool:
        """True while the line takes longer than drawing: what is drawn now would wait behind what waits already."""
        return self._writer_thread is not None and self._writer_thread._queue.qsize() > _MOST_WAITING

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
