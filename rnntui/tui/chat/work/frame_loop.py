"""When the chat screen shows what the worker has let out: thirty times a second while words come, else not at all.

Knows no events; what they show is handed on.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any

from textual.screen import Screen
from textual.timer import Timer

from rnntui.tui.chat.work.chat_worker import ChatWorker
from rnntui.tui.chat.work.jobs import PromptReturned, WorkerEvent
from rnntui.tui.terminal.textual_internals import driver_of

FRAME_SECONDS = 1 / 30
_POLL_SECONDS = 0.01


class FrameLoop:
    """The frames of one screen.

    Args:
        screen: Has the timer, and the thread in which everything is shown.
        present: Shows events; called with none, it shows where things stand.
        present_late: Shows what has a frame of its own; False when nothing was due.
    """

    def __init__(
        self, screen: Screen[Any], present: Callable[[list[WorkerEvent]], None], present_late: Callable[[], bool]
    ) -> None:
        self.worker = ChatWorker(self.wake)
        self._screen = screen
        self._present = present
        self._present_late = present_late
        self._timer: Timer | None = None
        self._is_running = False
        self.frames_held = 0
        """So many frames were held back because the line was behind; whoever draws much begins to count anew."""

    @property
    def is_running(self) -> bool:
        """True while the timer runs."""
        return self._is_running

    def mount(self) -> None:
        """Make the timer; it stands still until words come."""
        self._timer = self._screen.set_interval(FRAME_SECONDS, self._show_frame, pause=True)

    def wake(self) -> None:
        """Advance soon; called in any thread."""
        if self._is_running:
            return
        with contextlib.suppress(RuntimeError):  # the app has ended and its loop is closed
            self._screen.call_later(self.advance)

    def advance(self) -> None:
        """Show what has come, and let the timer run as long as the clock lets words out."""
        self._present(self.worker.advance())
        if self.worker.needs_frames:
            self._run(True)
        elif self._is_running:
            self._run(False)
            self._present(self.worker.advance())  # what came between the last call and the pause

    def stop_writing(self) -> None:
        """Let nothing more out of what is written; prompts that wait come back."""
        if returned := self.worker.stop():
            self._present([*returned])

    async def settle(self, seconds: float) -> None:
        """Stop, and wait at most this long until text and memory are where the person saw them.

        Of what comes meanwhile only prompts that were not read are shown.
        """
        self.stop_writing()
        deadline = time.monotonic() + seconds
        while (events := self.worker.advance()) or self.worker.needs_frames:
            if returned := [event for event in events if isinstance(event, PromptReturned)]:
                self._present([*returned])
            if time.monotonic() > deadline:
                return
            await asyncio.sleep(_POLL_SECONDS)

    def _show_frame(self) -> None:
        """What has come since the last one; on a slow line when that has left, so that a key does not wait for it."""
        if getattr(driver_of(self._screen.app), "is_behind", False):
            self.frames_held += 1
        elif not self._present_late():
            self.advance()

    def _run(self, is_running: bool) -> None:
        if self._timer is None or is_running == self._is_running:
            return
        self._is_running = is_running
        if is_running:
            self._timer.resume()
        else:
            self._timer.pause()
