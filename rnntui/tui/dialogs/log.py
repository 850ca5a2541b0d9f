"""The log: details of what went wrong, the newest last. It never holds the text of a conversation."""

import os
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from rnntui.files import open_to_read, read_up_to
from rnntui.tui.actions import bindings_for
from rnntui.tui.dialogs.dialog import Dialog
from rnntui.tui.safe import shown, shown_line
from rnntui.tui.work import Desk

_SHOWN_BYTES = 64_000


class LogScreen(Dialog[None]):
    """One page to scroll through.

    Args:
        file: The log.
        said: What toasts have said in this session, oldest first.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("log")
    HELP = "What was said, and below it the end of the log file."

    def __init__(self, file: Path, said: tuple[str, ...]) -> None:
        super().__init__()
        self._file = file
        self._said = said
        self._desk = Desk(self)

    def compose(self) -> ComposeResult:
        """The page and a hint."""
        with Vertical(classes="dialog"):
            yield Static(shown_line("Log"), classes="dialog-title")
            with VerticalScroll(id="log-page"):
                yield Static(shown("\n".join(self._said) or "Nothing was said yet."), id="log-said")
                yield Static(shown_line("reading …"), id="log-text")
            yield Static(shown_line(str(self._file)), classes="dialog-hint")

    def on_mount(self) -> None:
        """Read the end of the file."""
        self._desk.ask(self._read, self._show, self._show)

    def _read(self) -> str:
        try:
            with open_to_read(self._file, follows_links=False) as descriptor:
                os.lseek(descriptor, max(0, os.fstat(descriptor).st_size - _SHOWN_BYTES), os.SEEK_SET)
                return read_up_to(descriptor, _SHOWN_BYTES).decode("utf-8", "replace")
        except FileNotFoundError:
            return ""
        except OSError as problem:
            return f"The log file cannot be read: {problem.strerror}."

    def _show(self, text: str) -> None:
        self.query_one("#log-text", Static).update(shown(text.strip() or "The log file is empty: nothing went wrong."))
        self.call_after_refresh(self.query_one("#log-page").scroll_end, animate=False)
