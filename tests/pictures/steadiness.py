"""What would differ between two pictures of the same screen, held: dice, the speed of writing, a blinking cursor."""

import dataclasses
import itertools
import secrets
from collections.abc import Callable

from textual.widgets import Input, TextArea

from rnntui.chat_events import TurnFinished
from rnntui.tui.chat.chat_status import ChatStatus

WORDS_PER_SECOND = 40.0
FIRST_DICE = 20261130


def keep_steady(replace: Callable[[object, str, object], None]) -> None:
    """New dice fall in one order, every reply was written equally fast, and no cursor blinks, from now on.

    Args:
        replace: `setattr`, or one that puts back what was there.
    """
    falls = itertools.count(FIRST_DICE)
    replace(secrets, "randbelow", lambda sides: next(falls) % sides)
    measure = ChatStatus.measure

    def measure_steadily(self: ChatStatus, reply: TurnFinished) -> None:
        measure(self, dataclasses.replace(reply, seconds=reply.words / WORDS_PER_SECOND))

    replace(ChatStatus, "measure", measure_steadily)
    for widget in (Input, TextArea):
        replace(widget, "cursor_blink", False)
