"""What would differ between two pictures of the same screen, held: the speed of writing, the blinking of a cursor."""

import dataclasses

from textual.widgets import Input, TextArea

from rnntui.chat_events import TurnFinished
from rnntui.tui.chat.chat_status import ChatStatus

WORDS_PER_SECOND = 40.0


def keep_steady() -> None:
    """Every reply was written equally fast, and no cursor blinks, in this process from now on."""
    measure = ChatStatus.measure

    def measure_steadily(self: ChatStatus, reply: TurnFinished) -> None:
        measure(self, dataclasses.replace(reply, seconds=reply.words / WORDS_PER_SECOND))

    ChatStatus.measure = measure_steadily  # type: ignore[method-assign]
    for widget in (Input, TextArea):
        widget.cursor_blink = False  # type: ignore[assignment]
