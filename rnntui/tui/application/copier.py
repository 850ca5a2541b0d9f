"""Copying: to the desktop's clipboard through a program of its own, and to the terminal's; says what came of it."""

import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.app import App

from rnntui.text import clean
from rnntui.tui.terminal.clipboard import copy_natively, find_clipboard_command

if TYPE_CHECKING:
    from rnntui.tui.work import Desk

log = logging.getLogger(__name__)
_LONGEST_COPY = 100_000
_TOLD_SECONDS = 3


class Copier:
    """Hands text on, and never raises.

    Args:
        app: Tells what came of it.
        desk: Where a program is waited for.
        send: Sends text to the terminal's clipboard.
    """

    def __init__(self, app: App[Any], desk: "Desk", send: Callable[[str], None]) -> None:
        self._app = app
        self._desk = desk
        self._send = send

    def copy(self, text: str) -> None:
        """Copy a text, up to a length that every clipboard takes."""
        cleaned = clean(text).text[:_LONGEST_COPY]
        try:
            self._send(cleaned)
        except Exception:
            log.exception("copying failed")
            sentence = "The text could not be copied; select it with Shift and the mouse instead."
            self._app.notify(sentence, severity="warning")
            return
        what = f"{'the first ' if len(cleaned) < len(text) else ''}{len(cleaned):,} characters"
        sent = f"Sent {what} to the terminal's clipboard, if it takes them."
        command = find_clipboard_command(os.environ)
        if not command:
            self._tell(sent)
            return

        def tell(is_copied: bool) -> None:
            self._tell(f"Copied {what}." if is_copied else sent)

        self._desk.ask(lambda: copy_natively(cleaned, command), tell, lambda _: tell(False))

    def _tell(self, sentence: str) -> None:
        self._app.notify(sentence, timeout=_TOLD_SECONDS)
