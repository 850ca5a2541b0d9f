"""How the app ends: when the person leaves, when a signal ends it, and when something unexpected happens."""

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rich.text import Text
from textual.app import App
from textual.worker import Worker

from rnntui.errors import EXIT_BUG, EXIT_INTERRUPTED, RnntuiError
from rnntui.text import visible_line
from rnntui.tui.keys import key_of
from rnntui.tui.terminal import textual_internals
from rnntui.tui.work import GROUP, in_background

if TYPE_CHECKING:
    from rnntui.records import RunRecord
    from rnntui.service.services import Services
    from rnntui.tui.screens.chat import ChatScreen

log = logging.getLogger(__name__)
_TWICE_SECONDS = 2.0
_SETTLE_SECONDS = 1.0


class Ending:
    """Ends an app in order.

    Args:
        app: Not running yet.
        services: Closed where nothing else closes them.
        chat: The conversation, which is left where the person saw it; None before there is one.
    """

    def __init__(self, app: App[Any], services: "Services", chat: "Callable[[], ChatScreen | None]") -> None:
        self._app = app
        self._services = services
        self._chat = chat
        self._exit_code = 0
        self._interrupted_at = float("-inf")
        textual_internals.take_errors(app, self._is_of_what_closes, self._tell_error)

    @property
    def is_settled(self) -> bool:
        """True when nothing that screens have asked for is still to be done."""
        return not self._unfinished()

    async def quit(self) -> None:
        """Leave: what is being written is cut where the person saw it, a training run goes on."""
        await self._settle()
        self._app.exit(return_code=self._exit_code, message=await self.farewell())

    async def quit_if_twice(self) -> bool:
        """Quit when the person asks for it a second time within a moment; whether they did."""
        now = time.monotonic()
        is_second = now - self._interrupted_at <= _TWICE_SECONDS
        self._interrupted_at = now
        if is_second:
            await self._app.action_quit()
        return is_second

    def tell_how_to_quit(self) -> None:
        """Say that a second press quits."""
        self._app.notify(f"Press {key_of(self._app, 'interrupt')} again to quit.", timeout=_TWICE_SECONDS)

    async def farewell(self) -> Text | None:
        """That a training run goes on; nothing where the disk does not answer soon."""
        try:
            run = await asyncio.wait_for(in_background(self.active_run), _SETTLE_SECONDS)
        except (RnntuiError, TimeoutError):
            return None
        if run is None:
            return None
        name, shows = visible_line(run.name, 60), key_of(self._app, "show-train")
        return Text(f'Training of "{name}" goes on by itself; open rnntui and press {shows} to see it.')

    def active_run(self) -> "RunRecord | None":
        """The run that goes on, read from the disk; None also where that cannot be read."""
        try:
            return self._services.training.active()
        except (RnntuiError, OSError):
            log.exception("asking for the active run failed")
            return None

    def leave(self, exit_code: int, is_gone: bool) -> bool:
        """End the app from a signal handler in the main thread; without drawing when the terminal is gone.

        Returns:
            False when it is not to end: an editor has the terminal, and its interrupts are not meant for the app.
        """
        driver = textual_internals.driver_of(self._app)
        if exit_code == EXIT_INTERRUPTED and driver is not None and textual_internals.is_lent(driver):
            return False
        self._exit_code = exit_code
        loop = textual_internals.loop_of(self._app)
        if loop is None:
            os._exit(exit_code)
        asyncio.run_coroutine_threadsafe(self._leave(exit_code, is_gone), loop)
        return True

    async def _leave(self, exit_code: int, is_gone: bool) -> None:
        try:
            await self._settle()
        finally:
            if is_gone:
                self._services.close()
                os._exit(exit_code)
            self._app.exit(return_code=exit_code)

    async def _settle(self) -> None:
        """Let what the person has done come to its end, as long as that takes no time."""
        if screen := self._chat():
            await screen.settle(_SETTLE_SECONDS)
        if work := self._unfinished():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._app.workers.wait_for_complete(work)), _SETTLE_SECONDS)

    def _unfinished(self) -> list[Worker[Any]]:
        return [worker for worker in self._app.workers if worker.group == GROUP and not worker.is_finished]

    # ---- what nobody expected

    def _is_of_what_closes(self, error: Exception) -> bool:
        """A message may still reach a widget whose parts are gone, while it or the app closes: for the log alone."""
        is_closing = textual_internals.is_closing_here(self._app)
        if is_closing:
            log.info("not heeded in what closes", exc_info=error)
        return is_closing

    def _tell_error(self, error: BaseException | None) -> None:
        """One sentence on the screen, the details in the log: Textual's own way shows private text."""
        log.error("the app ended with an error", exc_info=error)
        self._end_with(f"An unexpected problem ended the app ({type(error).__name__}).")

    def panic(self) -> None:
        """The same for errors in the input thread."""
        if not textual_internals.is_leaving(self._app):
            log.error("the app panicked", stack_info=True)
            self._end_with("An unexpected problem ended the app.")

    def _end_with(self, sentence: str) -> None:
        where = visible_line(str(self._services.paths.log_file))
        last_words = Text(f"{sentence} Nothing that was saved is lost; the details are in {where}.")
        textual_internals.end_with(self._app, EXIT_BUG, last_words)
