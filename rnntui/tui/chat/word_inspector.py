"""Going from word to word: looking at what else could have stood there, branching, rewinding, walking between versions.

Sits between the transcript, the box of alternatives and the feed; the screen owns all three.
"""

from collections.abc import Callable

from rnntui.chat_events import WordLooked
from rnntui.errors import InputError
from rnntui.tui.chat.chat_worker import ChatWorker
from rnntui.tui.keys import key_of
from rnntui.tui.panel.alternatives import Alternatives
from rnntui.tui.transcript.transcript import Transcript

_NO_WORD = ("There is no word to look at yet.", "Send something first.")


class WordInspector:
    """One person's way through the words of one transcript.

    Args:
        feed: Does the work.
        transcript: Has the cursor.
        box: Shows what was found.
        stop: Stops what is being written.
        refresh: Called when there is work for the feed.
    """

    def __init__(
        self,
        feed: ChatWorker,
        transcript: Transcript,
        box: Alternatives,
        stop: Callable[[], None],
        refresh: Callable[[], None],
    ) -> None:
        self._stop = stop
        self._feed = feed
        self._transcript = transcript
        self._box = box
        self._refresh = refresh
        self._place: tuple[int, int] | None = None

    @property
    def is_open(self) -> bool:
        """True while the alternatives of a word are shown."""
        return self._box.display

    @property
    def place(self) -> tuple[int, int]:
        """The turn and the token that are looked at.

        Raises:
            InputError: If no word was chosen.
        """
        found = self._place if self.is_open and self._place else self._transcript.cursor.place
        if found is None:
            key = key_of(self._box.app, "inspect")
            raise InputError("No word is chosen.", f"Click on one, or go to it with {key} and the arrow keys.")
        return found

    def enter(self) -> None:
        """Put the cursor on the newest word.

        Raises:
            InputError: If there is no word yet.
        """
        if not self._transcript.cursor.enter():
            is_loading = not self._transcript.content.is_blank
            why = ("The model is still loading.", "Wait a moment.") if is_loading else _NO_WORD
            raise InputError(*why)
        self._transcript.screen.set_focus(self._transcript)  # at once: the next key may have been typed already

    def leave(self) -> None:
        """Back to reading and writing."""
        self.close()
        self._transcript.cursor.leave()

    def open(self, turn_id: int, index: int) -> None:
        """Look at what else could have stood in the place of a token."""
        self._place = (turn_id, index)
        self._box.wait_for(self._transcript.cursor.text, is_writing=self._feed.can_stop)
        self._box.display = True
        self._box.screen.set_focus(self._box)
        self._look("")

    def close(self) -> None:
        """Put the alternatives away; the cursor stays."""
        self._place = None
        had_focus = self._box.has_focus
        self._box.display = False
        if had_focus:
            self._transcript.focus()

    def beside(self, by: int) -> None:
        """Look at the next word, or the one before."""
        self._transcript.action_word(by)
        place = self._transcript.cursor.place
        if place:
            self.open(*place)

    def search(self, begins: str) -> None:
        """Look only for words that begin like this."""
        if self._place:
            self._look(begins)

    def show(self, looked: WordLooked) -> bool:
        """What was found; False when it is not about the place that is looked at."""
        if self._place != (looked.turn_id, looked.index) or not self.is_open:
            return False
        self._box.show(looked)
        return True

    def refuse(self, sentence: str) -> bool:
        """A look was refused; False when nothing is looked at."""
        if not self.is_open:
            return False
        self._box.refuse(sentence)
        return True

    # ---- changing the text

    def take(self, word: int | str) -> None:
        """Say another word here and go on from it."""
        turn_id, index = self.place
        self._go(lambda: self._feed.write(lambda chat: chat.branch(turn_id, index, word)))

    def rewind(self) -> None:
        """Stand just after this word."""
        turn_id, index = self.place
        self._go(lambda: self._feed.do(lambda chat: chat.rewind(turn_id, index + 1)))

    def retry(self) -> None:
        """Write another end of this reply, from just after this word."""
        turn_id, index = self.place
        self._go(lambda: self._feed.write(lambda chat: chat.retry(turn_id, index + 1)))

    def say_draft(self, turn_id: int, index: int, draft: int) -> None:
        """Say another draft of a sentence and go on after it."""
        self._go(lambda: self._feed.write(lambda chat: chat.say_draft(turn_id, index, draft)))

    def version(self, by: int) -> None:
        """The next version of this turn, or the one before."""
        turn_id, _ = self.place
        self._go(lambda: self._feed.do(lambda chat: chat.show_sibling(turn_id, by)))

    def _go(self, work: Callable[[], None]) -> None:
        self._stop()
        self.leave()
        work()
        self._refresh()

    def _look(self, begins: str) -> None:
        turn_id, index = self._place or (0, 0)
        self._feed.look(lambda chat: chat.inspection.inspect(turn_id, index, begins))
        self._refresh()
