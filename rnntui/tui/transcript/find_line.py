"""The line in which one types what to find in the conversation."""

from typing import ClassVar

from textual.binding import BindingType

from rnntui.tui.actions import bindings_for
from rnntui.tui.widgets.ask_line import AskLine


class FindLine(AskLine):
    """Enter and the arrow keys go from place to place."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("find")
    HELP = (
        "Enter or {find-next} goes to the next place, {find-before} to the one before, {stop} closes. {find} again "
        "searches everywhere."
    )
