"""What is done with the memory as a whole: emptying it, keeping it under a name, beginning from one that was kept."""

from typing import TYPE_CHECKING

from rnntui.text import visible_line
from rnntui.tui.chat.stage import Stage
from rnntui.tui.chat.word_inspector import WordInspector
from rnntui.tui.chat.work.jobs import Kind
from rnntui.tui.chat.work.opening import Opening

if TYPE_CHECKING:
    from rnntui.tui.dialogs.memories import MemoryChoice


class MemoryActions:
    """What a person can do with the memory of the open conversation.

    Args:
        stage: The screen.
        words: The way through the words is left before the memory changes.
        opening: Opens a conversation that begins with a kept memory.
    """

    def __init__(self, stage: Stage, words: WordInspector, opening: Opening) -> None:
        self._stage = stage
        self._words = words
        self._opening = opening

    def forget(self) -> None:
        """Empty the memory; the text stays."""
        self._words.leave_for_change()
        self._stage.worker.submit(lambda chat: chat.forget(), Kind.FORGET)
        self._stage.frames.advance()

    def keep(self, name: str) -> None:
        """Keep the memory as it is now, or after the chosen word, under a name."""
        self._keep_after(self._stage.transcript.cursor.place, name)

    def take_choice(self, choice: "MemoryChoice | None") -> None:
        """What the list of memories closed with: one to begin from, or a name for the one there is now."""
        if choice is None:
            return
        if memory := choice.memory:
            self._opening.begin_with(memory, f'it remembers "{visible_line(memory.name, 40)}"')
        else:
            self._keep_after(None, choice.keep_as)

    def _keep_after(self, place: tuple[int, int] | None, name: str) -> None:
        turn_id, index = place or (0, 0)
        self._stage.worker.submit(
            lambda chat: chat.save_memory(name, turn_id, index + 1 if turn_id else None), Kind.MOVE
        )
        self._stage.frames.advance()
