"""What would differ between two pictures of the same screen, held: the speed of writing, the blinking of a cursor."""

import dataclasses
from collections.abc import Callable

from textual.widgets import Input, TextArea

from rnntui.chat_events import TurnFinished
from rnntui.tui.chat.chat_status import ChatStatus

WORDS_PER_SECOND = 40.0


def keep_steady(replace: Callable[[object, str, object], None]) -> None:
    """Every reply was written equally fast, and no cursor blinks, from now on.

    Args:
        replace: `setattr`, or one that puts back what was there.
    """
    measure = ChatStatus.measure

    def measure_steadily(self: ChatStatus, reply: TurnFinished) -> None:
        measure(self, dataclasses.replace(reply, seconds=reply.words / WORDS_PER_SECOND))

    replace(ChatStatus, "measure", measure_steadily)
    for widget in (Input, TextArea):
        replace(widget, "cursor_blink", False)
