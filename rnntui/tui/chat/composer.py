"""What stands in the prompt, and why: unsent text, one that will replace a turn, a prompt that came back, a suggestion.

Sends nothing; what is sent is a matter of turns.
"""

import os
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported
from textual.timer import Timer

from rnntui.chat_events import WordsSuggested
from rnntui.errors import RnntuiError
from rnntui.tui.chat.stage import Stage
from rnntui.tui.chat.work.jobs import Kind, PromptReturned
from rnntui.tui.chat.work.unsent_saver import UnsentSaver
from rnntui.tui.slash_commands import as_sent, completions, slash_words
from rnntui.tui.terminal.editor import edit_text, find_editor
from rnntui.tui.widgets.prompt import LONGEST_PROMPT

if TYPE_CHECKING:
    from pathlib import Path

    from rnntui.records import Turn
    from rnntui.service.chat.chat import Chat

_SUGGEST_SECONDS = 0.2
_LONGEST_TO_SUGGEST = 400
"""Characters; a longer prompt is not read while it is typed."""


class Composer:
    """The text that a person is writing.

    Args:
        stage: The screen.
        begin: Carries out work beside everything else, until the screen is gone.
        write: Writes a file, for the person's own editor.
        suggests: Whether the prompt shows how it may go on.
    """

    def __init__(
        self,
        stage: Stage,
        begin: Callable[[Coroutine[None, None, None]], object],
        write: "Callable[[Path, bytes], None]",
        suggests: bool,
    ) -> None:
        self.unsent = UnsentSaver(self.unsent_text, begin)
        self._stage = stage
        self._prompt = stage.prompt
        self._write = write
        self._suggests = suggests
        self._edited_turn = 0
        """The turn that the prompt's text will replace; 0 for none."""
        self._edited_text = ""
        """The text of that turn, as it was."""
        self._text_before_edit = ""
        self._text_left: str | None = None
        """What stood in the prompt of the conversation that is being left; None while none is."""
        self._offered = ""
        """What an undo put into the prompt."""
        self._pause: Timer | None = None
        """Runs out a moment after the last key."""

    # ---- unsent texts

    def unsent_text(self) -> str:
        """Prompts that wait, what stands in the prompt, and what stood there before a turn was edited."""
        typed = self._prompt.unsent if self._text_left is None else self._text_left
        if self._edited_turn and typed == self._edited_text:
            typed = ""
        return "\n".join(part for part in (*self._stage.worker.unstored_prompts, self._text_before_edit, typed) if part)

    def leave_conversation(self) -> None:
        """What stands in the prompt is for the conversation that is left; what is typed from now on is not."""
        if self._stage.chat and self._text_left is None:
            self._text_left = self._prompt.unsent
            self._prompt.resume()  # what stands behind a command stays with what is left
            self._prompt.put("")

    def open(self, chat: "Chat") -> str:
        """Turn to another conversation, keeping what was typed meanwhile. Returns what was not sent there last time."""
        typed = self._prompt.text
        unsent, self._text_left = self.unsent.open(chat), None
        self.leave_edit()
        self._prompt.put(typed)
        for turn in chat.facts.turns:
            if turn.role == "person":
                self._prompt.remember(as_sent(turn.text.strip()))
        return unsent

    def stay(self, waiting: list[str]) -> None:
        """The other conversation could not be opened: prompts for it come back, before what stood here."""
        left, self._text_left = self._text_left, None
        for text in (*reversed(waiting), left):
            if text:
                self._prompt.give_back(text)

    def show_unsent(self, text: str) -> None:
        """Put back what was not sent last time."""
        if text:
            self._prompt.give_back(text)
            self._stage.status.say(f"what you had not sent last time · {self._stage.status.key('send')} sends it")

    # ---- editing a turn

    @property
    def edited_turn(self) -> int:
        """The turn that the prompt's text will replace; 0 for none."""
        return self._edited_turn

    def edit(self, turn_id: int, text: str) -> None:
        """Put a text into the prompt that is to replace a turn; what stood there comes back afterwards."""
        if not self._edited_turn:
            self._text_before_edit = self._prompt.text
        self._edited_turn, self._edited_text = turn_id, text
        self._prompt.put(text)
        self._stage.status.show_editing(True)

    def leave_edit(self) -> None:
        """Put back what stood in the prompt before a turn was edited."""
        if self._edited_turn:
            self._edited_turn = 0
            self._prompt.put(self._text_before_edit)
            self._text_before_edit = ""
            self._stage.status.show_editing(False)

    def next_to_edit(self) -> "Turn | None":
        """The person's last turn; while one is edited, the one before it."""
        own = [turn for turn in self._stage.turns if turn.role == "person"]
        if self._edited_turn:
            own = [turn for turn in own if turn.turn_id < self._edited_turn] or own[-1:]
        return own[-1] if own else None

    # ---- prompts that come back

    def take_back(self, prompt: PromptReturned) -> None:
        """A prompt was not read: it stands in the prompt again, or waits behind an edit."""
        if prompt.turn_id and not self._edited_turn:
            self.edit(prompt.turn_id, prompt.text)
        elif self._edited_turn:
            before = self._text_before_edit
            self._text_before_edit = f"{prompt.text}\n{before}" if before else prompt.text
        else:
            self._prompt.give_back(prompt.text)

    def offer(self, text: str, *, is_redone: bool) -> None:
        """Put a prompt that was undone where it can be sent again; empty it when that was done again.

        What the person has typed stays.
        """
        if self._prompt.text not in {"", self._offered}:
            return
        if text:
            self._offered = as_sent(text)
            self._stage.status.expect_text(self._offered)
            self._prompt.put(self._offered)
            self._prompt.select_all()  # Enter sends it again, an arrow key goes into it, and typing begins anew
        elif is_redone:
            self._prompt.put("")

    # ---- while something is typed

    def follow_typing(self) -> None:
        """The text has changed: a moment after the last key, ask how it may go on; a command is completed at once."""
        if self._pause:
            self._pause.stop()
            self._pause = None
        self.unsent.note_change()
        text = self._prompt.text
        self._prompt.commands.show_for("" if self._prompt.is_recalled else text)
        if text.startswith("/"):
            commands = completions(text, slash_words)
            word = commands[0].split(" ")[0] if commands else ""
            self._prompt.suggest(text, word[len(text) :], ())
            self._stage.status.show_frame()
        elif text.strip() and len(text) <= _LONGEST_TO_SUGGEST and self._suggests:
            self._pause = self._stage.screen.set_timer(_SUGGEST_SECONDS, self._ask_how_it_goes_on)
        else:
            self._prompt.suggest(text, "", ())
        self._stage.status.drop_outdated()

    def _ask_how_it_goes_on(self) -> None:
        self._pause = None
        text, chat, worker = self._prompt.text, self._stage.chat, self._stage.worker
        if chat and chat.facts.is_loaded and not worker.can_stop and not self._edited_turn:
            worker.submit(lambda chat: chat.inspection.suggest(text), Kind.SUGGEST)
            self._stage.frames.wake()

    def suggest(self, event: WordsSuggested) -> None:
        """Show how the text may go on."""
        self._prompt.suggest(event.text, event.suggestion if self._suggests else "", event.unknown)

    def toggle_suggestions(self) -> None:
        """Show or hide how the prompt may go on."""
        self._suggests = not self._suggests
        self._prompt.suggest(self._prompt.text, "", ())
        self._stage.status.say("suggestions: Right or Tab takes them" if self._suggests else "no more suggestions")

    # ---- the whole text

    def close_commands(self) -> bool:
        """Put the list of commands away; False when it was not there."""
        return self._prompt.commands.hide()

    def clear(self) -> None:
        """Empty the prompt; the text can be brought back as after any change."""
        self._prompt.clear()
        self._prompt.focus()

    def say_cut(self, length: int) -> None:
        """A text of so many characters was pasted, which is more than a prompt takes."""
        self._stage.status.notify(
            f"That text has {length:,} characters; the prompt takes {LONGEST_PROMPT:,} and was filled up to there. "
            f"Longer texts are better trained on ({self._stage.status.key('show-train')})."
        )

    def begin_command(self, command: str) -> None:
        """Begin a command that the person goes on with, such as "/keep "."""
        self._prompt.begin(command)
        self._prompt.focus()

    def open_editor(self) -> None:
        """The prompt in the person's own editor."""
        try:
            command = find_editor(os.environ)
            with self._prompt.app.suspend():
                text = edit_text(self._prompt.text, command, self._write)
        except RnntuiError as problem:
            self._stage.status.say(str(problem), is_warning=True)
            return
        except SuspendNotSupported:
            self._stage.status.say("This terminal cannot be lent to an editor; write here.", is_warning=True)
            return
        self._prompt.put(text[:LONGEST_PROMPT])
        self._prompt.focus()
