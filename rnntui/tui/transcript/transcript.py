"""The conversation with a word cursor: it goes from token to token, is put there by a click, and finds words.

Knows nothing of what is done with a word; it says which one is meant.
"""

from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import BindingType
from textual.geometry import Region
from textual.message import Message

from rnntui.tui.actions import bindings_for
from rnntui.tui.transcript.transcript_render import GUTTER_CELLS
from rnntui.tui.transcript.transcript_rows import TranscriptRows
from rnntui.tui.transcript.turn_block import TURNS, Block, as_shown

_AT_A_WORD = frozenset({"word", "row", "turn", "first_word", "last_word", "open_word"})


class Transcript(TranscriptRows):
    """Turns, marks and errors, newest at the end, and a cursor on any of their words."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("transcript")
    HELP = (
        "The conversation. A bar marks your words. Scroll with the wheel or the page keys; End follows the newest "
        "word. Click on a word, or go to it with {inspect} and the arrow keys, to see what else could have stood there."
    )

    class WordOpened(Message):
        """The person wants to know what else could have stood here."""

        def __init__(self, turn_id: int, index: int) -> None:
            self.turn_id = turn_id
            self.index = index
            super().__init__()

    class SiblingWanted(Message):
        """The person clicked on an arrow beside the number of a turn's versions."""

        def __init__(self, turn_id: int, by: int) -> None:
            self.turn_id = turn_id
            self.by = by
            super().__init__()

    @property
    def cursor(self) -> tuple[int, int] | None:
        """The turn and the token the cursor stands on; None without a cursor."""
        return (self._cursor[0].turn_id, self._cursor[1]) if self._cursor else None

    @property
    def cursor_piece(self) -> str:
        """The token the cursor stands on; empty without a cursor."""
        return self._piece(*self._cursor) if self._cursor else ""

    def enter_words(self) -> bool:
        """Put the cursor on the newest word, unless there is one; False when there is no word."""
        if self._cursor:
            return True
        for block in reversed(self._turns):
            if block.kind != "mark" and self._words(block):
                last = len(block.ends) - 1
                seen = (index for index in range(last, -1, -1) if self._piece(block, index).strip())
                self._set_cursor(block, next(seen, last))
                return True
        return False

    def go_to(self, turn_id: int, index: int) -> bool:
        """Put the cursor on a token of a turn; False when it is not shown or its tokens are not known."""
        block = self._turn(turn_id)
        if block is None or not self._words(block):
            return False
        self._set_cursor(block, max(0, min(index, len(block.ends) - 1)))
        return True

    def find(self, words: str, *, backwards: bool = False) -> bool:
        """Put the cursor on the next place where these words stand, from the cursor on and around the end.

        Args:
            words: Compared without regard to capitals.
            backwards: Look towards the beginning.

        Returns:
            False when they stand nowhere.
        """
        wanted = _folded(as_shown(words)).strip()
        blocks = [block for block in self._turns if block.kind != "mark"]
        if not wanted or not blocks:
            return False
        here = blocks.index(self._cursor[0]) if self._cursor and self._cursor[0] in blocks else len(blocks) - 1
        at = len(blocks[here].text)
        if self._cursor and self._cursor[0] is blocks[here]:
            at = self._cursor[0].span(self._cursor[1])[0] if backwards else self._cursor[0].ends[self._cursor[1]]
        step = -1 if backwards else 1
        for distance in range(len(blocks) + 1):
            number = (here + step * distance) % len(blocks)
            text = _folded(blocks[number].text)
            limits = (at, distance == 0, distance == len(blocks))
            place = _found_before(text, wanted, *limits) if backwards else _found_after(text, wanted, *limits)
            if place >= 0 and self._words(blocks[number]):
                self._set_cursor(blocks[number], blocks[number].index_at(place + _lead(text, place)))
                return True
        return False

    def _set_cursor(self, block: Block, index: int) -> None:
        before = self._cursor
        self._cursor = (block, index)
        if before:
            self._redraw(before[0])
        self._redraw(block)
        self._stop_following()
        self._show_cursor()
        self.post_message(self.CursorMoved(block.turn_id, index))

    def _show_cursor(self) -> None:
        place = self._cursor_row()
        if place is None:
            return
        block, row = place
        if not block.is_cut:
            block.cut(self._text_width)
            self._lay_out()
            row = block.row_at(block.span(self._cursor[1] if self._cursor else 0)[0])
        y = block.first_row + row
        self.scroll_to_region(Region(0, max(0, y - 1), 1, 3), animate=False, immediate=True, x_axis=False)

    def _step(self, by: int) -> None:
        """So many tokens on, also into the next turn."""
        if self._cursor is None:
            return
        block, index = self._cursor
        if 0 <= index + by < len(block.ends):
            self._set_cursor(block, index + by)
            return
        self._step_turn(1 if by > 0 else -1, at_end=by < 0)

    def _step_turn(self, by: int, *, at_end: bool) -> None:
        if self._cursor is None:
            return
        place = self._turns.index(self._cursor[0]) + by
        while 0 <= place < len(self._turns):
            block = self._turns[place]
            if block.kind != "mark" and self._words(block):
                self._set_cursor(block, len(block.ends) - 1 if at_end else 0)
                return
            place += by

    def _step_row(self, by: int) -> None:
        place = self._cursor_row()
        if place is None or self._cursor is None:
            return
        block, row = place
        column = block.span(self._cursor[1])[0] - block.wrapper.rows[row].start
        rows = block.wrapper.rows
        target = row + by
        while 0 <= target < len(rows) and not rows[target].text.strip():  # no word stands there
            target += by
        if 0 <= target < len(rows):
            self._to_row(block, target, column)
            return
        self._step_turn(by, at_end=by < 0)
        if self._cursor and self._cursor[0] is not block:
            fresh = self._cursor[0]
            beside = 1 if (block if by < 0 else fresh).before else 0  # both stand in one row: that is not the next one
            last = len(fresh.wrapper.rows) - 1
            self._to_row(fresh, max(0, last - beside) if by < 0 else min(last, beside), column)

    def _to_row(self, block: Block, row: int, column: int) -> None:
        line = block.wrapper.rows[row]
        self._set_cursor(block, block.index_at(line.start + max(0, min(column, len(line.text) - 1))))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Arrows and letters mean something only while there is a word cursor."""
        return self._cursor is not None or action not in _AT_A_WORD

    def action_word(self, by: int) -> None:
        """The next word, or the one before."""
        self._step(by)

    def action_row(self, by: int) -> None:
        """The word below, or above."""
        self._step_row(by)

    def action_turn(self, by: int) -> None:
        """The first word of the next turn, or of this one, or of the one before."""
        if by < 0 and self._cursor and self._cursor[1] > 0:
            self._set_cursor(self._cursor[0], 0)
            return
        self._step_turn(by, at_end=False)

    def action_first_word(self) -> None:
        """The first word of all."""
        block = next((block for block in self._turns if block.kind != "mark" and self._words(block)), None)
        if block:
            self._set_cursor(block, 0)

    def action_last_word(self) -> None:
        """The newest word."""
        self._cursor = None
        self.enter_words()

    def action_open_word(self) -> None:
        """What else could stand here."""
        if self._cursor:
            self.post_message(self.WordOpened(self._cursor[0].turn_id, self._cursor[1]))

    def on_click(self, event: events.Click) -> None:
        """A click on a word opens it; on an arrow of a remark it walks between the versions of a turn."""
        place = event.get_content_offset(self)
        if self.text_selection is not None or place is None:
            return
        if not 0 <= place.y + self.scroll_offset.y < self._row_count:
            return
        block, row = self._locate(place.y + self.scroll_offset.y)
        if block.kind not in TURNS or not block.turn_id:
            return
        below = row - len(block.wrapper.rows)
        if 0 <= below < len(block.remarks):
            about, remark = block.remarks[below]
            sign = _character_at("  " + remark, place.x)
            if sign and sign in "‹›":
                self.post_message(self.SiblingWanted(about.turn_id, -1 if sign == "‹" else 1))
        if below >= 0 or block.kind == "mark":
            return
        cells = place.x - GUTTER_CELLS
        if row == 0 and block.before:
            block, row, cells = self._beside(block, cells)
        if not self._words(block):
            return
        line = block.wrapper.rows[row]
        column = _characters_before(line.text, cells)
        if not 0 <= column < len(line.text):
            return
        event.stop()
        self.focus()
        self._set_cursor(block, block.index_at(line.start + column))
        self.action_open_word()

    def _beside(self, block: Block, cells: int) -> tuple[Block, int, int]:
        """In a row that two turns share: the one that stands there, its row, and the cells from its beginning."""
        if block.before is None or cells >= block.wrapper.indent:
            return block, 0, cells - block.wrapper.indent
        return block.before, len(block.before.wrapper.rows) - 1, cells


def _folded(text: str) -> str:
    """Without regard to capitals; every character stays in its place, also where its folded form is longer."""
    folded = text.casefold()
    if len(folded) == len(text):
        return folded
    return "".join(small if len(small := sign.lower()) == 1 else sign for sign in text)


def _lead(text: str, place: int) -> int:
    return len(text[place:]) - len(text[place:].lstrip())


def _found_after(text: str, wanted: str, at: int, is_first: bool, is_last: bool) -> int:
    if is_first:
        return text.find(wanted, at)
    return text.find(wanted, 0, at + len(wanted)) if is_last else text.find(wanted)


def _found_before(text: str, wanted: str, at: int, is_first: bool, is_last: bool) -> int:
    if is_first:
        return text.rfind(wanted, 0, max(0, at + len(wanted) - 1))
    return text.rfind(wanted, at) if is_last else text.rfind(wanted)


def _characters_before(text: str, cells: int) -> int:
    """How many characters stand before a cell; -1 left of the text."""
    if cells < 0:
        return -1
    for count, character in enumerate(text):
        cells -= cell_len(character)
        if cells < 0:
            return count
    return len(text)


def _character_at(text: str, cells: int) -> str:
    place = _characters_before(text, cells)
    return text[place : place + 1] if place >= 0 else ""
