"""What the person is told in toasts: at the start what they should know, and later everything once more in the log."""

import re
from collections import deque
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.notifications import Notification

from rnntui.text import visible_line
from rnntui.tui.keys import key_of
from rnntui.tui.terminal.textual_internals import take_toast

if TYPE_CHECKING:
    from rnntui.records import RunRecord

_COUNTED = re.compile(r" \(×(\d+)\)$")
"""Stands behind a toast that was to be shown several times."""
_KEPT = 100
"""So many toasts can be read again."""
_SECONDS = 12


class Notices:
    """The toasts of an app.

    Args:
        app: Shows them.
    """

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._told: deque[str] = deque(maxlen=_KEPT)

    @property
    def told(self) -> tuple[str, ...]:
        """What toasts have said, oldest first."""
        return tuple(self._told)

    def record(self, message: str) -> None:
        """Keep what a toast says."""
        self._told.append(visible_line(message, 400))

    def join_same(self, toast: Notification) -> None:
        """Let a toast stand in the place of one that says the same and is still there, with how often it was said."""
        before = take_toast(self._app, lambda said: _COUNTED.sub("", said) == toast.message)
        if before:
            counted = _COUNTED.search(before)
            toast.message += f" (×{int(counted.group(1)) + 1 if counted else 2})"

    def warn(self, *sentences: str) -> None:
        """Tell what the person should know before they go on."""
        for sentence in sentences:
            self._app.notify(sentence, severity="warning", timeout=_SECONDS)

    def refuse(self, sentence: str) -> None:
        """Tell why something cannot be done."""
        self._app.notify(sentence, severity="error")

    def tell_of_run(self, run: "RunRecord | None") -> None:
        """Tell that a run goes on, if one does."""
        if run is not None:
            shows = key_of(self._app, "show-train")
            self._app.notify(f'Training of "{visible_line(run.name, 60)}" goes on; {shows} shows it.')
