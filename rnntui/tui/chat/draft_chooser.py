"""The drafts of a sentence that was thought of before it was said: written once more, so that another can be said."""

from typing import TYPE_CHECKING

from rnntui.chat_events import DraftsLooked
from rnntui.tui.chat.stage import Stage
from rnntui.tui.chat.word_inspector import WordInspector
from rnntui.tui.chat.work.jobs import Kind

if TYPE_CHECKING:
    from rnntui.records import Turn


class DraftChooser:
    """Asks for the drafts of one sentence and shows them.

    Args:
        stage: The screen.
        words: Know which place is looked at, and change the text there.
    """

    def __init__(self, stage: Stage, words: WordInspector) -> None:
        self._stage = stage
        self._words = words

    def ask(self) -> None:
        """The drafts of the sentence in which the chosen word stands; without one, of the newest."""
        newest = next((turn for turn in reversed(self._stage.turns) if turn.role == "network" and turn.token_ids), None)
        if self._words.has_place:
            turn_id, index = self._words.place
        elif newest:
            turn_id, index = _end_of(newest)
        else:
            self._stage.status.say("/drafts 4 lets it think before it speaks")
            return
        self._stage.worker.submit(lambda chat: chat.inspection.list_drafts(turn_id, index), Kind.DRAFTS)
        self._stage.frames.advance()

    def show(self, found: DraftsLooked) -> None:
        """A dialog in which another one can be chosen."""
        from rnntui.tui.dialogs.drafts import DraftsScreen

        def say(draft: int | None) -> None:
            if draft is not None:
                self._words.start(lambda chat: chat.say_draft(found.turn_id, found.index, draft), Kind.WRITE)
                self._stage.prompt.focus()

        self._stage.screen.app.push_screen(DraftsScreen(found), say)


def _end_of(turn: "Turn") -> tuple[int, int]:
    """The place of its last token."""
    return turn.turn_id, len(turn.token_ids) - 1
