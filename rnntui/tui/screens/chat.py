"""The conversation: what a person can do in it, key by key.

Turns keys, clicks and slash words into wishes; the work itself is the service's, and the view shows what comes of it.
"""

import asyncio
import contextlib
import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import SuspendNotSupported
from textual.binding import BindingType
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, TextArea

from rnntui.config import AppSettings
from rnntui.errors import InputError, RnntuiError
from rnntui.settings import checked_value
from rnntui.text import visible_line
from rnntui.tui.actions import bindings_for, slash_words
from rnntui.tui.chat.chat_worker import PromptReturned
from rnntui.tui.chat.words import ChatWords
from rnntui.tui.slash_commands import CommandCall, Setting, completions, is_command, understood
from rnntui.tui.terminal.editor import edit_text, find_editor
from rnntui.tui.transcript.find_line import FindLine
from rnntui.tui.transcript.transcript import Transcript
from rnntui.tui.widgets.ask_line import AskLine
from rnntui.tui.widgets.prompt import LONGEST_PROMPT, Prompt

if TYPE_CHECKING:
    from rnntui.service.chat.chat import Chat
    from rnntui.service.services import Services
    from rnntui.tui.dialogs.branches import VersionChoice

_LAB_WORDS = 40
"""So many of the newest words go to the lab; a word further back changes next to nothing."""


class ChatScreen(ChatWords):
    """Where a person and the network write in turns."""

    AUTO_FOCUS = "#prompt"
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("chat")
    HELP = (
        "Type a beginning and press {send}: the network reads it into its memory and goes on writing. {stop} stops it "
        "at once. It does not answer questions; it continues text the way its training text did. Everything can be "
        "taken back: {undo} undoes, {inspect} goes from word to word to see what else could have stood there."
    )

    class TrainWanted(Message):
        """The person named a file to train on."""

        def __init__(self, path: str) -> None:
            self.path = path
            super().__init__()

    class LabWanted(Message):
        """The person wants to see what the network makes of these words."""

        def __init__(self, words: str) -> None:
            self.words = words
            super().__init__()

    class SearchWanted(Message):
        """The person wants to find these words in all conversations."""

        def __init__(self, words: str) -> None:
            self.words = words
            super().__init__()

    def __init__(self, services: "Services", model: str = "", session_id: str = "") -> None:
        super().__init__(services, model, session_id)
        self._typing: Timer | None = None
        """Runs out a moment after the last key."""

    # ---- sending

    @on(Prompt.Sent)
    def _send(self, event: Prompt.Sent) -> None:
        text = event.text
        if is_command(text):
            self._run_slash(text)
            return
        if self.is_opening:
            self._opening.wait(text)
            self.say("it is read as soon as the conversation is open")
            return
        if self.chat is None:
            ways = f"Choose one with {self.key('models')}, or train one with {self.key('show-train')}."
            self.say_problem(InputError("No model is open.", ways))
            self.prompt.give_back(text)
            return
        self._said = ""
        self._leave_words()
        self.prompt.remember(text)
        self.prompt.resume()
        self._reading = "reading"
        if self._editing:
            self._send_edited(text)
            return
        self._show_welcome(False)
        if text and not self._feed.can_stop:
            self.transcript.content.add_person(text, is_waiting=True)
        self.transcript.follower.follow()
        self._feed.send(text)
        self._frame()

    def _send_edited(self, text: str) -> None:
        turn_id = self._editing
        if not text:  # there would be nothing to give back with the refusal
            self.say(f"A turn needs some text; {self.key('undo')} takes it back.", is_warning=True)
            return
        self._leave_edit()
        self._feed.write(lambda chat: chat.edit(turn_id, text), text, turn_id)
        self._frame()

    @on(TextArea.Changed, "#prompt")
    def _typed(self) -> None:
        """A moment after the last key, ask how the text may go on; a command is completed at once."""
        if self._typing:
            self._typing.stop()
            self._typing = None
        self._unsent.changed()
        text = self.prompt.text
        commands = completions(text, slash_words)
        if text.startswith("/"):
            word = commands[0].split(" ")[0] if commands else ""
            self.prompt.suggest(text, word[len(text) :], ())
            self._show_prompt_state()
        elif text.strip() and len(text) <= _LONGEST_GUESS and self._has_ghost:
            self._typing = self.set_timer(_GUESS_SECONDS, self._guess)
        else:
            self.prompt.suggest(text, "", ())
        if self._said and text and text != self._said_with:
            self._said = ""
            self._show_prompt_state()

    def _guess(self) -> None:
        self._typing = None
        text = self.prompt.text
        if self.chat and self.chat.facts.is_loaded and not self._feed.can_stop and not self._editing:
            self._feed.look(lambda chat: chat.inspection.suggest(text), "guessing")
            self._wake()

    @on(Prompt.Cut)
    def _say_cut(self, event: Prompt.Cut) -> None:
        self.app.notify(
            f"That text has {event.length:,} characters; the prompt takes {LONGEST_PROMPT:,} and was filled up to "
            f"there. Longer texts are better trained on ({self.key('show-train')}).",
            severity="warning",
        )

    def _run_slash(self, text: str) -> None:
        try:
            self._obey(understood(text))
        except RnntuiError as problem:
            self.app.notify(str(problem), severity="warning")
            self.prompt.give_back(text)
            return
        self.prompt.remember(text)
        self.prompt.resume()

    def _obey(self, wanted: Setting | CommandCall) -> None:
        if isinstance(wanted, Setting):
            self.set_sampler_field(wanted.name, wanted.value, wanted.shown_as)
            return
        action, argument = wanted.action, wanted.argument
        if not argument:
            run = action.run if "." in action.run.split("(")[0] else f"screen.{action.run}"
            self.call_later(self.run_action, run)
            return
        takers: dict[str, Callable[[str], None]] = {
            "pace": self._set_pace_word,
            "model": self.use_model,
            "keep": self.keep_memory,
            "find": self._find,
            "unit": self._follow,
            "train": self._train_on,
            "lab": self._look_at,
        }
        takers[action.slash](argument)

    def _set_pace_word(self, argument: str) -> None:
        self.set_pace(checked_value(AppSettings, "pace", argument))

    def _train_on(self, argument: str) -> None:
        self.post_message(self.TrainWanted(argument))

    def action_word_in_lab(self) -> None:
        """Look in the lab at what comes after the newest word here."""
        words = self.transcript.content.story.split()[-_LAB_WORDS:]
        self._look_at(" ".join(words))

    def _look_at(self, words: str) -> None:
        self.post_message(self.LabWanted(words))

    async def settle(self, seconds: float) -> None:
        """Stop what goes on and wait, at most this long, until text and memory are where the person saw them.

        What is not sent is on the disk then.
        """
        self._stop_writing()
        deadline = time.monotonic() + seconds
        while (events := self._feed.advance()) or self._feed.needs_frames:
            for event in events:
                if isinstance(event, PromptReturned):
                    self._show(event)
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(0.01)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._unsent.keep(), seconds)

    # ---- actions: writing

    def action_stop(self) -> None:
        """Stop at once; text and memory stay at the last word shown."""
        if not self._feed.can_stop:
            self._leave_words()
            if not self.prompt.resume():
                self._leave_edit()
        self._leave_find()
        self.prompt.focus()
        self._stop_writing()
        self._frame()

    def action_forget(self) -> None:
        """Empty the memory; the text stays."""
        self._leave_words()
        self._feed.forget()
        self._frame()

    def action_undo(self) -> None:
        """Take back what was done last; a prompt that is not read yet comes back before anything else."""
        self._leave_words()
        if self._took_back():
            return
        self._stop_writing()
        self._feed.do(lambda chat: chat.undo())
        self._frame()

    def action_redo(self) -> None:
        """Do again what was taken back."""
        self._leave_words()
        self._stop_writing()
        self._feed.do(lambda chat: chat.redo())
        self._frame()

    def action_retry(self) -> None:
        """Write the last reply once more, with new dice."""
        self._write(lambda chat: chat.retry(), "new dice")

    def action_retry_same(self) -> None:
        """Write the last reply once more, with the same dice."""
        self._write(lambda chat: chat.retry(same_seed=True), "same dice")

    def action_continue(self) -> None:
        """Let the network go on."""
        self._write(lambda chat: chat.send(""), "")

    def _write(self, work: "Callable[[Chat], object]", said: str) -> None:
        self._leave_words()
        self._stop_writing()
        self._said = said
        self._feed.write(work)  # type: ignore[arg-type]  # every one of them yields events
        self.transcript.follower.follow()
        self._frame()

    def action_version(self, by: int) -> None:
        """Another version of the last turn that has several."""
        facts = self.chat.facts if self.chat else None
        turns = reversed(facts.turns) if facts else ()
        turn = next((turn for turn in turns if facts and len(facts.siblings(turn.turn_id)) > 1), None)
        if turn is None:
            self.say(f"there is only one version · {self.key('retry')} writes another")
            return
        self._walk(turn.turn_id, by)

    def action_branches(self) -> None:
        """All versions of all turns."""
        facts = self.chat.facts if self.chat else None
        beside = [(turn.turn_id, facts.siblings(turn.turn_id)) for turn in facts.turns] if facts else []
        forks = [(turn_id, versions) for turn_id, versions in beside if len(versions) > 1]
        if not forks:
            self.say(f"there is only one version · {self.key('retry')} writes another")
            return
        from rnntui.tui.dialogs.branches import BranchesScreen

        self.app.push_screen(BranchesScreen(forks, self._services.archive.turn), self._take_walk)

    def _take_walk(self, walk: "VersionChoice | None") -> None:
        if walk and walk.by:
            self._walk(walk.turn_id, walk.by)

    @on(Transcript.SiblingWanted)
    def _sibling_wanted(self, event: Transcript.SiblingWanted) -> None:
        self._walk(event.turn_id, event.by)

    def _walk(self, turn_id: int, by: int) -> None:
        self._leave_words()
        self._stop_writing()
        self._feed.do(lambda chat: chat.show_sibling(turn_id, by))
        self._frame()

    # ---- actions: the prompt, finding, keeping

    def action_ghost(self) -> None:
        """Show or hide how the prompt may go on."""
        self._has_ghost = not self._has_ghost
        self.prompt.suggest(self.prompt.text, "", ())
        self.say("suggestions: Right or Tab takes them" if self._has_ghost else "no more suggestions")

    def action_clear_prompt(self) -> None:
        """Empty the prompt; the text can be brought back as after any change."""
        self.prompt.clear()
        self.prompt.focus()

    def action_editor(self) -> None:
        """The prompt in the person's own editor."""
        try:
            command = find_editor(os.environ)
            with self.app.suspend():
                text = edit_text(self.prompt.text, command, self._services.write)
        except RnntuiError as problem:
            self.say(str(problem), is_warning=True)
            return
        except SuspendNotSupported:
            self.say("This terminal cannot be lent to an editor; write here.", is_warning=True)
            return
        self.prompt.put(text[:LONGEST_PROMPT])
        self.prompt.focus()

    async def action_find(self) -> None:
        """Find words here; when the line is there already, in all conversations."""
        line = self._find_line
        if line is None:
            line = FindLine("find", "find", id="find")
            await self.query_one("#conversation").mount(line, before=self.prompt)
        if line.display and line.has_focus_within:
            self.post_message(self.SearchWanted(line.text))
            return
        line.display = True
        line.ask("find", "find", line.text)

    def _find(self, words: str, *, backwards: bool = False) -> None:
        if not self.transcript.cursor.find(words, backwards=backwards):
            where = f"{self.key('sessions')} searches in all conversations"
            self.say(f'"{visible_line(words, 40)}" stands nowhere here; {where}.', is_warning=True)

    @on(AskLine.Answered)
    def _find_answered(self, event: AskLine.Answered) -> None:
        self._find(event.text)

    @property
    def _find_line(self) -> FindLine | None:
        """Where one types what to find; None before it was first asked for."""
        return next(iter(self.query(FindLine)), None)

    def action_find_before(self) -> None:
        """The place before, of the words that are looked for."""
        if line := self._find_line:
            self._find(line.text, backwards=True)

    def action_find_next(self) -> None:
        """The next place of the words that are looked for."""
        if line := self._find_line:
            self._find(line.text)

    def _leave_find(self) -> None:
        line = self._find_line
        if line and line.display:
            line.display = False
            self._leave_words()

    def action_keep(self) -> None:
        """Ask for a name for the memory."""
        self.prompt.begin("/keep ")
        self.prompt.focus()

    # ---- actions: what is shown

    def action_page_up(self) -> None:
        """Scroll back."""
        self.transcript.action_page_up()

    def action_page_down(self) -> None:
        """Scroll on."""
        self.transcript.action_page_down()

    def action_follow(self) -> None:
        """Go to the newest word."""
        self.transcript.follower.follow()

    # ---- small things

    def on_click(self, event: events.Click) -> None:
        """The pill follows again; the summary of the draw opens its settings."""
        if event.widget is None:
            return
        if event.widget.id == "pill":
            self.action_follow()
        if event.widget.id == "sampler":
            self.action_sampling()

    def on_key(self, event: events.Key) -> None:
        """Typing anywhere goes to the prompt, but while going from word to word."""
        is_inspecting = self.focused is self.transcript and self.transcript.cursor.place is not None
        if not event.is_printable or event.character is None or _takes_text(self.focused) or is_inspecting:
            return
        event.stop()
        event.prevent_default()
        self.prompt.focus()
        self.prompt.insert(event.character)

    def on_paste(self, event: events.Paste) -> None:
        """A paste anywhere goes to the prompt."""
        if not _takes_text(self.focused):
            self.prompt.focus()
            self.prompt.post_message(events.Paste(event.text))


_GUESS_SECONDS = 0.2
_LONGEST_GUESS = 400
"""Characters; a longer prompt is not followed while it is typed."""


def _takes_text(widget: Widget | None) -> bool:
    return isinstance(widget, Input | TextArea)
