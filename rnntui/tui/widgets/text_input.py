"""A line to type into whose keys stay in the order in which they were pressed."""

from textual import events
from textual.widgets import Input

from rnntui.tui.keys import is_letter, obeyed


class TextInput(Input):
    """Textual's line, which takes Backspace and the arrows in their turn among the letters."""

    async def _on_key(self, event: events.Key) -> None:
        if is_letter(event) or not await obeyed(self, event):
            await super()._on_key(event)
