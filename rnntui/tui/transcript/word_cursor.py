"""The word cursor of a transcript: it goes from token to token, from row to row, and to words that are searched for.

Knows nothing of widgets, nor of what is done with a word.
"""

from collections.abc import Callable

from rnntui.tui.transcript.transcript_content import TranscriptContent
from rnntui.tui.transcript.turn_block import Block
from rnntui.tui.transcript.word_search import find_words

_AROUND = 200
"""Characters on each side of a word: a line of the widest screen."""


class WordCursor:
    """A cursor on one of the words of a transcript, or on none.

    Args:
        content: The transcript.
        moved: Called with the block in which the cursor stood, or None, after it has moved or was taken away.
    """

    def __init__(self, content: TranscriptContent, moved: Callable[[Block | None], None] = lambda before: None) -> None:
        self._content = content
        self._moved = moved
        self.block: Block | None = None
        """The block in which it stands; None without a cursor."""
        self.index = 0
        """The number of the token in that block."""

    @property
    def place(self) -> tuple[int, int] | None:
        """The turn and the token it stands on; None without a cursor."""
        return (self.block.turn_id, self.index) if self.block else None

    @property
    def text(self) -> str:
        """The token it stands on; empty without a cursor."""
        return self.block.token(self.index) if self.block else ""

    @property
    def row(self) -> int:
        """The row of its block in which it stands."""
        return self.block.row_at(self.block.span(self.index)[0]) if self.block else 0

    @property
    def surroundings(self) -> tuple[str, str]:
        """The text before the token it stands on and after it, as far as a line or two could show; empty without one.

        It goes on in the turns beside, up to a mark.
        """
        block, turns = self.block, self._content.turns
        if block is None:
            return "", ""
        text, at = block.text, turns.index(block)
        before = text[: block.ends[self.index - 1] if self.index else 0][-_AROUND:]
        after = text[block.ends[self.index] :][:_AROUND]
        if len(before) < _AROUND and at and (last := turns[at - 1]).kind != "mark":
            before = last.text[-_AROUND:] + (block.separator if block.before else "\n") + before
        if len(after) < _AROUND and at + 1 < len(turns) and (other := turns[at + 1]).kind != "mark":
            after += (other.separator if other.before else "\n") + other.text[:_AROUND]
        return before, after

    def set(self, block: Block, index: int) -> None:
        """Put it on a token of a block whose tokens are known."""
        before, self.block, self.index = self.block, block, index
        self._moved(before)

    def enter(self) -> bool:
        """Put it on the newest word, unless it stands somewhere; False when there is no word."""
        return self.block is not None or self.to_last_word()

    def leave(self) -> None:
        """Take it away."""
        if self.block:
            before, self.block = self.block, None
            self._moved(before)

    def leave_removed(self) -> None:
        """Take it away if its turn is part of the transcript no more."""
        if self.block and self.block not in self._content.turns:
            self.leave()

    def to_first_word(self) -> bool:
        """The first word of all; False when there is none."""
        block = next((block for block in self._content.turns if self._can_enter(block)), None)
        if block:
            self.set(block, 0)
        return block is not None

    def to_last_word(self) -> bool:
        """The newest word; False when there is none."""
        block = next((block for block in reversed(self._content.turns) if self._can_enter(block)), None)
        if block is None:
            return False
        last = len(block.ends) - 1
        self.set(block, next((index for index in range(last, -1, -1) if block.token(index).strip()), last))
        return True

    def step(self, by: int) -> None:
        """So many tokens on, also into the next turn."""
        if self.block is None:
            return
        if 0 <= self.index + by < len(self.block.ends):
            self.set(self.block, self.index + by)
        else:
            self._step_turn(1 if by > 0 else -1, at_end=by < 0)

    def step_turn(self, by: int) -> None:
        """The first word of the next turn, or of this one, or of the one before."""
        if by < 0 and self.block and self.index > 0:
            self.set(self.block, 0)
        else:
            self._step_turn(by, at_end=False)

    def step_row(self, by: int) -> None:
        """The word below, or above."""
        block = self.block
        if block is None:
            return
        rows, row = block.wrapper.rows, self.row
        column = block.span(self.index)[0] - rows[row].start
        target = row + by
        while 0 <= target < len(rows) and not rows[target].text.strip():  # no word stands there
            target += by
        if 0 <= target < len(rows):
            self._to_row(block, target, column)
            return
        self._step_turn(by, at_end=by < 0)
        fresh = self.block
        if fresh and fresh is not block:
            beside = 1 if (block if by < 0 else fresh).before else 0  # both stand in one row: that is not the next one
            last = len(fresh.wrapper.rows) - 1
            self._to_row(fresh, max(0, last - beside) if by < 0 else min(last, beside), column)

    def find_in(self, block: Block, words: str) -> bool:
        """Go to the first place of words in one block; False when they are not there, or its tokens not known yet."""
        places = find_words([block], words).places
        if not places or not self._content.has_tokens(block):
            return False
        self.set(block, block.index_at(places[0].start))
        return True

    def _can_enter(self, block: Block) -> bool:
        return block.kind != "mark" and self._content.has_tokens(block)

    def _step_turn(self, by: int, *, at_end: bool) -> None:
        if self.block is None:
            return
        turns = self._content.turns
        place = turns.index(self.block) + by
        while 0 <= place < len(turns):
            if self._can_enter(turns[place]):
                self.set(turns[place], len(turns[place].ends) - 1 if at_end else 0)
                return
            place += by

    def _to_row(self, block: Block, row: int, column: int) -> None:
        line = block.wrapper.rows[row]
        self.set(block, block.index_at(line.start + max(0, min(column, len(line.text) - 1))))
