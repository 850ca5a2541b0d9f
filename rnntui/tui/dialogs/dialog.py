"""What all dialogs have in common: the keys that work everywhere."""

from typing import ClassVar, TypeVar

from textual.binding import BindingType
from textual.screen import ModalScreen

from rnntui.tui.actions import bindings_for
from rnntui.tui.footer.key_line import KeyLine

Result = TypeVar("Result")


class Dialog(ModalScreen[Result]):
    """In front of another screen; closes with a result, or with None.

    Textual hears no key of the app while a modal screen is in front, unless it overtakes what is typed; hence its own.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("everywhere")

    def on_mount(self) -> None:
        """Its keys stand where those of the screen behind it stood."""
        self.mount(KeyLine())

    def action_leave(self) -> None:
        """Close without a choice."""
        self.dismiss(None)
