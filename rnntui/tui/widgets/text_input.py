"""A line to type into whose keys stay in the order in which they were pressed."""

from textual import events
from textual.widgets import Input

from rnntui.tui.keys import is_held_letter, is_letter, run_own_binding


class TextInput(Input):
    """Textual's line, which takes Backspace and the arrows in their turn among the letters."""

    async def on_key(self, event: events.Key) -> None:
        """Carry out what the line binds to a key; all others are Textual's."""
        if not is_letter(event) and not await run_own_binding(self, event) and is_held_letter(event):
            event.prevent_default()  # Textual would write the letter of a key that does nothing here
