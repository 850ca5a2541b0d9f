"""A field for paths: grey completion while typing, taken with Tab or Right; pasted and dropped paths as they come."""

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.suggester import Suggester

from rnntui.text import clean
from rnntui.tui.file_choice import complete_path
from rnntui.tui.widgets.text_input import TextInput
from rnntui.tui.work import in_background


async def _complete(value: str) -> str | None:
    """How a path goes on; folders are read in a thread, one that does not answer holds up nothing."""
    return await in_background(lambda: complete_path(value))


class _PathSuggester(Suggester):
    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        return await _complete(value)


class PathInput(TextInput):
    """Enter says that the paths are complete."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "Complete", show=False),
        Binding("down", "go_to_list", "Completions", show=False),
    ]
    HELP = (
        "A path to a text file or a folder; ~ is your home. Tab completes, Down goes to the list of what it may be, "
        "Enter adds. Files can also be dropped here, or chosen in the tree below."
    )

    class ListWanted(Message):
        """Down was pressed: to the list of completions, where there is one."""

    class PathsPasted(Message):
        """One or more paths were pasted or dropped."""

        def __init__(self, text: str) -> None:
            self.text = text
            super().__init__()

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id, placeholder="text file or folder", suggester=_PathSuggester())
        self.cursor_blink = False

    async def action_complete(self) -> None:
        """Take the completion; without one go to the next field. Keys that are typed meanwhile wait for it."""
        typed = self.value
        wanted = await _complete(typed) if self.cursor_position == len(typed) else None
        if self.value != typed:  # emptied meanwhile, or a path was pasted
            return
        if wanted and wanted != typed:
            self.value = wanted
            self.cursor_position = len(wanted)
        else:
            self.screen.focus_next()

    def action_go_to_list(self) -> None:
        """Down, to the completions below."""
        self.post_message(self.ListWanted())

    def on_paste(self, event: events.Paste) -> None:
        """What looks like paths goes to the screen, anything else into the field."""
        event.prevent_default()
        event.stop()
        text = clean(event.text[:100_000]).text.strip()
        if "/" in text or "\\" in text or "\n" in text:
            self.post_message(self.PathsPasted(text))
            return
        self.insert_text_at_cursor(text)
