"""Where a person writes: several lines, a history, and pastes of any size.

Enter hands the text over; the screen gives it back when it cannot be used. Knows nothing of what is done with it.
"""

import re
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import Selection

from rnntui.text import clean, visible_line
from rnntui.tui.actions import bindings_for
from rnntui.tui.keys import is_held_letter, is_letter, keys_of, run_own_binding
from rnntui.tui.safe import shown_line
from rnntui.tui.terminal.pasting import strip_controls
from rnntui.tui.terminal.textual_internals import forget_lines, keep_cursor_in_text
from rnntui.tui.widgets.slash_list import SlashList

LONGEST_PROMPT = 100_000
"""Characters; a longer text is a training text, not a prompt."""
_UNKNOWN_SHOWN = 100


class Prompt(TextArea):
    """The line at the bottom that everything typed goes to."""

    DEFAULT_CSS = """
    Prompt {
        height: auto;
        max-height: 8;
        border: round $foreground 30%;
        border-title-color: $foreground;
        border-subtitle-color: $foreground;
        padding: 0 1;
        background: $background;
        scrollbar-size-vertical: 1;
        &:focus { border: round $border; }
        & .text-area--placeholder { color: $foreground 60%; }
        & .text-area--cursor-line { background: $background; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("prompt")
    HELP = (
        "Write and press {send}: the network reads your words and goes on from them. An empty prompt lets it simply go "
        "on. A word after a slash is a command; /help lists them. Begin with a space to send a slash as it is."
    )

    class Sent(Message):
        """Enter was pressed."""

        def __init__(self, text: str) -> None:
            self.text = text
            super().__init__()

    class Cut(Message):
        """Text was too long and was cut."""

        def __init__(self, length: int) -> None:
            self.length = length
            super().__init__()

    def __init__(self, id: str | None = None) -> None:
        super().__init__(
            id=id,
            soft_wrap=True,
            tab_behavior="focus",
            show_line_numbers=False,
            highlight_cursor_line=False,
            placeholder=shown_line("Begin a sentence; the network goes on"),
        )
        keep_cursor_in_text(self)
        self.cursor_blink = False
        self._history: list[str] = []
        self._place = 0
        self._edits: dict[int, str] = {}
        """What was made of the texts of the history since something was last sent; the last one is the draft."""
        self._behind = ""
        """What stood here when a command was begun; empty for nothing."""
        self._unknown_pattern: re.Pattern[str] | None = None
        self._suggested = ""
        """The text together with its suggestion."""
        self.commands = SlashList(id="commands")
        """What fits a slash word while it is typed; stands above the prompt."""

    def suggest(self, text: str, suggestion: str, unknown: tuple[str, ...]) -> None:
        """Show how the text may go on, and underline words that are not in the vocabulary.

        Args:
            text: What this is about; when something else stands here by now, nothing is shown.
            suggestion: Dim words behind the cursor; empty for none.
            unknown: The words to underline.
        """
        if text != self.text:
            return
        words = "|".join(re.escape(word) for word in sorted(set(unknown), key=len, reverse=True)[:_UNKNOWN_SHOWN])
        self._unknown_pattern = re.compile(rf"(?<!\w)(?:{words})(?!\w)") if words else None
        self.suggestion = visible_line(f"|{suggestion}|")[1:-1] if suggestion else ""
        self._suggested = text + self.suggestion
        self.update_suggestion()
        forget_lines(self)

    def update_suggestion(self) -> None:
        """Drop a suggestion that is one for another text, or that the cursor does not stand before.

        Textual draws it at the cursor, inserts it there, and asks for this after every change of the text.
        """
        if not self.suggestion:
            return
        is_at_end = self.selection == Selection.cursor(self.document.end)
        if not is_at_end or self.text + self.suggestion != self._suggested:
            self.suggestion = ""

    def watch_selection(self) -> None:
        """The cursor has moved, and may have left the end."""
        self.update_suggestion()

    def get_line(self, line_index: int) -> Text:
        """One line, with the words underlined that are finished and not in the vocabulary."""
        line = super().get_line(line_index)
        if self._unknown_pattern and line_index < self.document.line_count:
            is_last = line_index == self.document.line_count - 1
            for found in self._unknown_pattern.finditer(line.plain):
                if not (is_last and found.end() == len(line.plain.rstrip("\n"))):
                    line.stylize("underline", *found.span())
        return line

    def remember(self, text: str) -> None:
        """Make a text reachable with Up."""
        if text.strip() and (not self._history or self._history[-1] != text):
            self._history.append(text)
        self._place = len(self._history)
        self._edits.clear()

    def put(self, text: str) -> None:
        """Replace what is written, with the cursor at the end."""
        self.text = text
        self.move_cursor(self.document.end)

    @property
    def unsent(self) -> str:
        """What a person has written here and not sent, what stands behind a command too."""
        if self._behind and self.text.startswith("/"):
            return self._behind
        return f"{self._behind}\n{self.text}" if self._behind else self.text

    def give_back(self, text: str) -> None:
        """Put a text that was not read before whatever was written since."""
        self.put(f"{text}\n{self.text}" if self.text else text)

    def begin(self, command: str) -> None:
        """Begin a command for the person; what stood here comes back after it, and is reachable with Up."""
        if self.text != command:
            self.remember(self.text)
            self._behind = self._behind or self.text
            self.put(command)

    def resume(self) -> bool:
        """Put back what stood here before a command was begun, in place of a command; False when there was nothing."""
        text, self._behind = self._behind, ""
        if text and self.text.startswith("/"):
            self.put(text)
        elif text:
            self.give_back(text)
        return bool(text)

    def action_send(self) -> None:
        """Hand the text to the screen and make room for the next one at once: what is typed from now on is kept."""
        text = self.text
        if row := self._commands_now().meant:
            text = row.command
            if row.needs_argument:
                self.put(row.completed)
                return
        self.commands.hide()
        self.clear()
        self.history.clear()  # what was sent is taken back by undoing the exchange, not the typing
        self.post_message(self.Sent(text))

    def _commands_now(self) -> SlashList:
        """The list for what stands here: of a burst of keys it hears a little later than the keys behind them."""
        self.commands.catch_up("" if self.is_recalled else self.text)
        return self.commands

    async def action_undo_or_suspend(self) -> None:
        """Bring back what was written before; where there is nothing more, leave the terminal to the shell."""
        was_empty = not self.text
        self.undo()
        if was_empty and not self.text:
            await self.app.run_action("suspend_process")

    def action_accept(self) -> None:
        """Take the suggestion; without one, go right."""
        if self.suggestion:
            self.insert(self.suggestion)
        else:
            self.action_cursor_right()

    def action_accept_or_leave(self) -> None:
        """Take the marked command, or the suggestion; without one, go to the next part of the screen."""
        if row := self._commands_now().marked:
            self.put(row.completed)
        elif self.suggestion:
            self.insert(self.suggestion)
        else:
            self.screen.focus_next()

    def action_newline(self) -> None:
        """Start a new line at the cursor."""
        self._insert("\n")

    def action_older(self) -> None:
        """On the first row the text sent before, elsewhere the row above; among commands the one above."""
        if self._commands_now().is_open:
            self.commands.mark(-1)
            return
        if self._row > 0 or not self._place:
            self.action_cursor_up()
            return
        self._recall(self._place - 1)

    def action_newer(self) -> None:
        """On the last row the text sent after, elsewhere the row below; among commands the one below."""
        if self._commands_now().is_open:
            self.commands.mark(1)
            return
        if self._row < self.wrapped_document.height - 1 or self._place >= len(self._history):
            self.action_cursor_down()
            return
        self._recall(self._place + 1)

    @property
    def is_recalled(self) -> bool:
        """True while a text of the history stands here."""
        return self._place < len(self._history)

    @property
    def _row(self) -> int:
        """The row of the cursor; a long line has several."""
        return self.wrapped_document.location_to_offset(self.cursor_location).y

    def _recall(self, place: int) -> None:
        self._edits[self._place] = self.text
        self._place = place
        sent = self._history[place] if place < len(self._history) else ""
        self.put(self._edits.get(place, sent))

    def render_line(self, y: int) -> Strip:
        """One row; nothing where there is no room, which Textual's own placeholder does not survive."""
        if self.content_size.width < 1 or self.wrap_width < 1:
            return Strip.blank(self.size.width)
        return super().render_line(y)

    async def on_key(self, event: events.Key) -> None:
        """Carry out what the prompt binds to a key; all others are Textual's."""
        # Enter keeps its place among the letters: a priority binding would overtake those that still wait their turn.
        for name, work in {"send": self.action_send, "newline": self.action_newline}.items():
            if event.key in keys_of(self.app, name):
                event.prevent_default()
                event.stop()
                work()
                return
        if not is_letter(event) and not await run_own_binding(self, event) and is_held_letter(event):
            event.prevent_default()  # Textual would write the letter of a key that does nothing here

    def on_paste(self, event: events.Paste) -> None:
        """A paste, without what a terminal would act on."""
        event.prevent_default()
        event.stop()
        self._insert(strip_controls(event.text))

    def _insert(self, text: str) -> None:
        room = max(0, LONGEST_PROMPT - len(self.text) + len(self.selected_text))
        if len(text) > room:
            self.post_message(self.Cut(len(text)))
        result = self.replace(clean(text[:room]).text, *self.selection, maintain_selection_offset=False)
        self.move_cursor(result.end_location)
