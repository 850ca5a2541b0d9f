"""What is done with whole turns: sending, stopping, undoing, retrying, editing, walking between versions, other models.

Each of them is asked of the worker; what comes of it is shown by the presenter.
"""

from typing import TYPE_CHECKING

from rnntui.errors import InputError
from rnntui.tui.chat.composer import Composer
from rnntui.tui.chat.finder import Finder
from rnntui.tui.chat.stage import Stage
from rnntui.tui.chat.word_inspector import WordInspector
from rnntui.tui.chat.work.jobs import Kind, Work
from rnntui.tui.chat.work.opening import Opening

if TYPE_CHECKING:
    from rnntui.tui.dialogs.branches import VersionChoice
    from rnntui.tui.dialogs.sessions import ChosenConversation

_TRY_SECONDS = 0.1
_TRIES = 300
"""So often the words of a conversation are asked for while its model is loaded, which knows where each ends."""


class TurnActions:
    """What a person can do with the turns of the open conversation.

    Args:
        stage: The screen.
        composer: Has the prompt's text.
        words: The way through the words is left before they change.
        finder: Its line goes when everything else is left.
        opening: Keeps what is sent while a conversation is being opened, and reads versions of turns.
    """

    def __init__(
        self, stage: Stage, composer: Composer, words: WordInspector, finder: Finder, opening: Opening
    ) -> None:
        self._stage = stage
        self._composer = composer
        self._words = words
        self._finder = finder
        self._opening = opening

    # ---- sending

    def send(self, text: str) -> None:
        """Let the network read this, or take it instead of the turn that is edited."""
        stage = self._stage
        if self._opening.is_on:
            self._opening.wait(text)
            stage.status.say("it is read as soon as the conversation is open")
            return
        if stage.chat is None:
            self._refuse_without_model(text)
            return
        stage.status.announce("")
        self._words.leave_for_change()
        stage.prompt.remember(text)
        stage.prompt.resume()
        stage.status.begin_reading()
        if self._composer.edited_turn:
            self._replace_turn(text)
            return
        stage.show_welcome(False)
        if text and not stage.worker.can_stop:
            stage.transcript.content.add_person(text, is_waiting=True)
        stage.transcript.follower.follow()
        stage.worker.send(text)
        stage.frames.advance()

    def _refuse_without_model(self, text: str) -> None:
        key = self._stage.status.key
        ways = f"Choose one with {key('models')}, or train one with {key('show-train')}."
        self._stage.show_problem(str(InputError("No model is open.", ways)))
        self._stage.prompt.give_back(text)

    def _replace_turn(self, text: str) -> None:
        turn_id, status = self._composer.edited_turn, self._stage.status
        if not text:  # there would be nothing to give back with the refusal
            status.say(f"A turn needs some text; {status.key('undo')} takes it back.", is_warning=True)
            return
        self._composer.leave_edit()
        self._stage.worker.submit(lambda chat: chat.edit(turn_id, text), Kind.WRITE, text, turn_id)
        self._stage.frames.advance()

    # ---- stopping and going back

    def stop(self) -> None:
        """Stop at once, text and memory at the last word shown; where nothing is written, leave what is begun."""
        if self._composer.close_commands():
            return
        if not self._stage.worker.can_stop:
            self._words.leave_for_change()
            if not self._stage.prompt.resume():
                self._composer.leave_edit()
        if self._finder.leave():
            self._words.leave_for_change()
        self._stage.prompt.focus()
        self._stage.frames.stop_writing()
        self._stage.frames.advance()

    def undo(self) -> None:
        """Take back what was done last; a prompt that is not read yet comes back before anything else."""
        self._words.leave_for_change()
        if not self._took_back():
            self._move(lambda chat: chat.undo())

    def redo(self) -> None:
        """Do again what was taken back."""
        self._move(lambda chat: chat.redo())

    def retry(self) -> None:
        """Write the last reply once more, with a new seed."""
        self._write(lambda chat: chat.retry(), "new seed")

    def retry_same(self) -> None:
        """Write the last reply once more, with the same seed."""
        self._write(lambda chat: chat.retry(same_seed=True), "the same seed")

    def go_on(self) -> None:
        """Let the network go on."""
        self._write(lambda chat: chat.send(""), "")

    def edit(self) -> None:
        """Put the last own turn into the prompt to change it; again, the one before. What is still read comes back."""
        if self._took_back():
            return
        turn = self._composer.next_to_edit()
        if turn is None:
            self._stage.status.say("you have not written anything yet that could be changed")
            return
        self._words.edit_turn(turn)

    def use_model(self, model: str) -> None:
        """Let another model go on here, by name or id; in a conversation without words, begin with it."""
        if self._stage.chat is None or self._stage.transcript.content.is_blank:
            self._opening.new(model)
            return
        self._stage.frames.stop_writing()
        self._stage.worker.submit(lambda chat: chat.switch(model), Kind.SWITCH)
        self._stage.frames.advance()

    # ---- other conversations

    def open_chosen(self, chosen: "ChosenConversation | None") -> None:
        """Turn to a conversation, and to the place in it that was found; with none, leave one that was deleted."""
        if chosen is None:
            self._opening.stored("")
            return
        self._opening.stored(chosen.session_id, lambda: self._go_to(chosen, _TRIES))

    def _go_to(self, chosen: "ChosenConversation", tries: int) -> None:
        stage = self._stage
        is_here = stage.chat and stage.chat.session.session_id == chosen.session_id
        if not chosen.turn_id or not is_here or stage.worker.can_stop:
            return
        block = stage.transcript.content.turn(chosen.turn_id)
        if block is None:
            key = stage.status.key("branches")
            stage.status.say(f"it stands in a version that is not shown; {key} lists them")
        elif stage.transcript.cursor.find_in(block, chosen.words):
            stage.screen.set_focus(stage.transcript)
        elif tries:
            stage.screen.set_timer(_TRY_SECONDS, lambda: self._go_to(chosen, tries - 1))

    # ---- versions

    def show_version(self, by: int) -> None:
        """Another version of the last turn that has several."""
        forks = self._forks()
        if forks:
            self.walk(forks[-1][0], by)
        else:
            self._say_there_is_one()

    def list_versions(self) -> None:
        """All versions of all turns, in a dialog."""
        forks = self._forks()
        if not forks:
            self._say_there_is_one()
            return
        from rnntui.tui.dialogs.branches import BranchesScreen

        self._stage.screen.app.push_screen(BranchesScreen(forks, self._opening.turn), self._take_choice)

    def walk(self, turn_id: int, by: int) -> None:
        """So many versions of a turn on, or back."""
        self._move(lambda chat: chat.show_sibling(turn_id, by))

    def _take_choice(self, choice: "VersionChoice | None") -> None:
        if choice and choice.by:
            self.walk(choice.turn_id, choice.by)

    def _forks(self) -> list[tuple[int, tuple[int, ...]]]:
        """The visible turns that have several versions, with the numbers of all of them."""
        facts = self._stage.chat.facts if self._stage.chat else None
        beside = [(turn.turn_id, facts.siblings(turn.turn_id)) for turn in facts.turns] if facts else []
        return [(turn_id, versions) for turn_id, versions in beside if len(versions) > 1]

    def _say_there_is_one(self) -> None:
        status = self._stage.status
        status.say(f"there is only one version · {status.key('retry')} writes another")

    # ---- how

    def _took_back(self) -> bool:
        """Put prompts that nobody has read yet back into the prompt; False when there is none."""
        if not self._stage.worker.has_unread_prompt:
            return False
        self._stage.frames.stop_writing()
        self._stage.frames.advance()
        return True

    def _move(self, work: Work) -> None:
        self._words.leave_for_change()
        self._stage.frames.stop_writing()
        self._stage.worker.submit(work, Kind.MOVE)
        self._stage.frames.advance()

    def _write(self, work: Work, sentence: str) -> None:
        self._words.leave_for_change()
        self._stage.frames.stop_writing()
        self._stage.status.announce(sentence)
        self._stage.worker.submit(work, Kind.WRITE)
        self._stage.transcript.follower.follow()
        self._stage.frames.advance()
