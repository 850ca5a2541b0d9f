"""Going from word to word: what else could have stood there, branching, rewinding, other versions of a turn.

Asks the worker; what it finds stands in the box of alternatives.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from rnntui.chat_events import WordLooked
from rnntui.errors import InputError
from rnntui.tui.chat.composer import Composer
from rnntui.tui.chat.side_view import SideView
from rnntui.tui.chat.stage import Stage
from rnntui.tui.chat.work.jobs import Kind, Work
from rnntui.tui.panel.alternatives import Alternatives
from rnntui.tui.panel.sentence_line import Surroundings
from rnntui.tui.slash_commands import as_sent

if TYPE_CHECKING:
    from rnntui.records import Turn

_NO_WORD = ("There is no word to look at yet.", "Send something first.")


class WordInspector:
    """One person's way through the words of one transcript.

    Args:
        stage: The screen.
        side: Compares the memory with that at the chosen word.
        composer: Takes a turn of the person's to change it.
    """

    def __init__(self, stage: Stage, side: SideView, composer: Composer) -> None:
        self._stage = stage
        self._side = side
        self._composer = composer
        self._transcript = stage.transcript
        self._box = stage.alternatives
        self._worker = stage.worker
        self._place: tuple[int, int] | None = None

    @property
    def is_open(self) -> bool:
        """True while the alternatives of a word are shown."""
        return self._box.display

    @property
    def has_place(self) -> bool:
        """True while a word is chosen or looked at."""
        return self.is_open or self._transcript.cursor.place is not None

    @property
    def place(self) -> tuple[int, int]:
        """The turn and the token that are looked at.

        Raises:
            InputError: If no word was chosen.
        """
        found = self._place if self.is_open and self._place else self._transcript.cursor.place
        if found is None:
            key = self._stage.status.key("inspect")
            raise InputError("No word is chosen.", f"Click on one, or go to it with {key} and the arrow keys.")
        return found

    # ---- from word to word

    def enter(self) -> None:
        """Put the cursor on the newest word."""
        if self._transcript.cursor.enter():
            self._stage.screen.set_focus(self._transcript)  # at once: the next key may have been typed already
            return
        is_loading = not self._transcript.content.is_blank
        why = ("The model is still loading.", "Wait a moment.") if is_loading else _NO_WORD
        self._refuse(InputError(*why))

    def leave(self) -> None:
        """Back to reading and writing."""
        self.close()
        self._transcript.cursor.leave()

    def leave_for_change(self) -> None:
        """Before what changes the conversation: the chosen word, or what was found at it, may be gone afterwards."""
        if self.has_place:
            self.leave()
            self._stage.prompt.focus()

    def leave_or_stop(self) -> None:
        """Stop the network if it writes; else back to the prompt."""
        if self._stop_first():
            return
        self.leave()
        self._side.compare_with(None)
        self._stage.prompt.focus()
        self._transcript.follower.follow()

    def open(self, turn_id: int, index: int) -> None:
        """Look at what else could have stood in the place of a token."""
        self._place = (turn_id, index)
        cursor = self._transcript.cursor
        self._box.wait_for(cursor.text, Surroundings(*cursor.surroundings), is_writing=self._worker.can_stop)
        self._box.display = True
        self._box.screen.set_focus(self._box)
        self._inspect("")

    def open_beside(self, by: int) -> None:
        """Look at the next word, or the one before."""
        self._transcript.action_word(by)
        place = self._transcript.cursor.place
        if place:
            self.open(*place)

    def close(self) -> None:
        """Put the alternatives away; the cursor stays."""
        self._place = None
        had_focus = self._box.has_focus
        self._box.display = False
        if had_focus:
            self._transcript.focus()

    # ---- what was found, and what the box asks for

    def show(self, found: WordLooked) -> None:
        """What was found; it is left out when it is not about the place that is looked at."""
        if self._place == (found.turn_id, found.index) and self.is_open:
            self._box.show(found)
            self._side.compare_with(found)

    def show_refusal(self, sentence: str) -> None:
        """A place cannot be looked at; this interests nobody when none is looked at any more."""
        if self.is_open:
            self._box.refuse(sentence)

    def handle(self, message: object) -> None:
        """Do what the person wants who chose something in the box."""
        match message:
            case Alternatives.Taken():
                self._branch(message.word)
            case Alternatives.Searched() if self._place:
                self._inspect(message.begins)
            case Alternatives.RewindWanted():
                self.rewind()
            case Alternatives.Closed():
                self._close_or_stop()
            case _:
                pass

    def _close_or_stop(self) -> None:
        if not self._stop_first():
            self.close()

    # ---- changing the text

    def rewind(self) -> None:
        """Stand just after the chosen word."""
        self._change(Kind.MOVE, lambda turn_id, index: lambda chat: chat.rewind(turn_id, index + 1))

    def retry(self) -> None:
        """Write another end of this reply, from just after the chosen word."""
        self._change(Kind.WRITE, lambda turn_id, index: lambda chat: chat.retry(turn_id, index + 1))

    def show_version(self, by: int) -> None:
        """The next version of the turn in which the chosen word stands, or the one before."""
        self._change(Kind.MOVE, lambda turn_id, _: lambda chat: chat.show_sibling(turn_id, by), goes_to_prompt=False)

    def _branch(self, word: int | str) -> None:
        """Say another word here and go on from it."""
        self._change(Kind.WRITE, lambda turn_id, index: lambda chat: chat.branch(turn_id, index, word))

    def edit(self) -> None:
        """Change the turn in which the chosen word stands."""
        if (place := self._chosen()) and (turn := self._turn(place[0])):
            self.edit_turn(turn)

    def edit_turn(self, turn: "Turn") -> None:
        """Put a turn into the prompt to change it."""
        self.leave_for_change()
        self._stage.frames.stop_writing()
        self._composer.edit(turn.turn_id, as_sent(turn.text.strip()))
        self._stage.prompt.focus()
        self._stage.frames.advance()

    def copy(self) -> None:
        """The turn in which the chosen word stands, to the clipboard; without one, the last reply."""
        place = self._transcript.cursor.place
        turn = self._turn(place[0]) if place else next(reversed(self._stage.turns), None)
        if turn:
            self._stage.screen.app.copy_to_clipboard(turn.text.strip())

    # ---- how

    def _chosen(self) -> tuple[int, int] | None:
        """The place that is looked at; None after having said that there is none."""
        try:
            return self.place
        except InputError as problem:
            self._refuse(problem)
            return None

    def _refuse(self, problem: InputError) -> None:
        self._stage.status.say(str(problem), is_warning=True)

    def _change(self, kind: Kind, work: Callable[[int, int], Work], *, goes_to_prompt: bool = True) -> None:
        """Change the text at the chosen place, and go on in the prompt."""
        if place := self._chosen():
            self.start(work(*place), kind)
        if goes_to_prompt:
            self._stage.prompt.focus()

    def start(self, work: Work, kind: Kind) -> None:
        """Stop what is written, leave the words, and change the text."""
        self._stage.frames.stop_writing()
        self.leave()
        self._worker.submit(work, kind)
        self._stage.frames.advance()

    def _stop_first(self) -> bool:
        """Esc stops what is written first, wherever one is; False when nothing is."""
        if not self._worker.can_stop:
            return False
        self._stage.frames.stop_writing()
        self._stage.frames.advance()
        return True

    def _inspect(self, begins: str) -> None:
        turn_id, index = self._place or (0, 0)
        self._worker.submit(lambda chat: chat.inspection.inspect(turn_id, index, begins), Kind.INSPECT)
        self._stage.frames.advance()

    def _turn(self, turn_id: int) -> "Turn | None":
        return next((turn for turn in reversed(self._stage.turns) if turn.turn_id == turn_id), None)
