"""The conversation as rows: own words and the network's, wrapped as they arrive, at a place that follows or stays.

Knows nothing of chats; it shows what it is given.
"""

import itertools
import math
import time
from bisect import bisect_left
from collections.abc import Callable, Container, Iterable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar, ScrollTo

from rnntui.text import visible_line
from rnntui.tui.transcript.transcript_render import GUTTER_CELLS, DrawnRows, Words
from rnntui.tui.transcript.turn_block import Block, as_shown

if TYPE_CHECKING:
    from rnntui.records import Turn

_LONGEST_ROW = 96
_NEAR_THE_END = 2
_EIGHTHS = 8
_CUT_SECONDS = 0.01
"""How long rows are cut to a new width before the next frame is let through."""


class TranscriptRows(DrawnRows):
    """Turns, marks and errors, newest at the end."""

    class FollowChanged(Message):
        """The view follows the newest word, or stays where the person scrolled to while words arrive below."""

        def __init__(self, is_following: bool, is_behind: bool) -> None:
            self.is_following = is_following
            self.is_behind = is_behind
            super().__init__()

    class CursorMoved(Message):
        """The word cursor stands on another word, or is gone."""

        def __init__(self, turn_id: int, index: int) -> None:
            self.turn_id = turn_id
            """0 when there is no cursor."""
            self.index = index
            super().__init__()

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.runs_on = False
        """Whether a reply goes on in the line in which the prompt ends, as it was read."""
        self._turns: list[Block] = []
        self._thumb = (0, 0)
        self._is_following = True
        self._is_behind = False
        self._begun_id = 0
        self._is_cutting = False

    # ---- what a screen tells it

    @property
    def is_blank(self) -> bool:
        """True before the first turn."""
        return not self._blocks

    @property
    def turn_count(self) -> int:
        """How many turns are shown."""
        return len(self._turns)

    @property
    def is_following(self) -> bool:
        """True while the view stays at the newest word."""
        return self._is_following

    @property
    def text(self) -> str:
        """Everything that is shown, turns separated by newlines."""
        return "\n".join(block.text for block in self._blocks)

    @property
    def story(self) -> str:
        """What both voices wrote since the memory was last emptied."""
        told: list[str] = []
        for block in self._blocks:
            if block.kind == "mark":
                told.clear()
            elif block.kind in {"person", "network"}:
                told.append(block.text)
        return "\n".join(told)

    @property
    def last_network_text(self) -> str:
        """The newest words of the network, as shown; empty when it has not spoken."""
        return next((block.text for block in reversed(self._blocks) if block.kind == "network"), "")

    @property
    def has_waiting(self) -> bool:
        """True while own words are shown that were not read yet."""
        return any(block.is_waiting for block in self._blocks)

    @property
    def shows_surprise(self) -> bool:
        """True while words are tinted by how unexpected they were."""
        return self._shows_surprise

    def clear(self) -> None:
        """Show nothing."""
        self._blocks.clear()
        self._turns.clear()
        self._is_open = False
        self._begun_id = 0
        self._row_count = 0
        self._strips.clear()
        self.leave_words()
        self.virtual_size = Size(0, 0)
        self.follow()
        self.refresh()

    def show_turns(
        self, turns: "Sequence[Turn]", remark: "Callable[[Turn], str]", mark: "Callable[[Turn], str]"
    ) -> None:
        """Show these turns; those that are shown already stay as they are.

        Args:
            turns: The visible branch. A last one of the network without words is about to be written.
            remark: What stands small below a turn; empty for nothing.
            mark: What a turn without words says.
        """
        self._begun_id = turns[-1].turn_id if turns and turns[-1].role == "network" else 0
        shown = [turn for turn in turns if turn.text or turn.role not in {"person", "network"}]
        common = self._common(shown)
        waiting = self._take_waiting()
        self._drop_turns_after(common)
        fresh = shown[common:]
        del waiting[: sum(turn.role == "person" for turn in fresh)]
        self._append(*(self._block_of(turn, remark(turn), mark(turn)) for turn in fresh), *waiting)
        self.follow()

    def add_person(self, text: str, *, is_waiting: bool = False) -> None:
        """Own words; dimmed while they wait to be read."""
        self._add_block("person", text, is_waiting=is_waiting)
        self.follow()

    def drop_person(self, text: str, kept: Container[int] = ()) -> None:
        """Own words at the end that went back into the prompt are no longer part of the conversation.

        Args:
            text: The words.
            kept: Turns that are still part of it.
        """
        self.close()
        last = self._blocks[-1] if self._blocks else None
        if last and last.kind == "person" and last.text == as_shown(text).strip() and last.turn_id not in kept:
            del self._blocks[-1]
            if last in self._turns:
                self._turns.remove(last)
            self._lay_out()

    def add_network(self, text: str) -> None:
        """A finished contribution of the network."""
        self._add_block("network", text)

    def add_mark(self, sentence: str, turn_id: int = 0) -> None:
        """A line across: the memory was emptied, another model goes on."""
        block = self._add_block("mark", visible_line(sentence))
        if turn_id:
            block.turn_id = turn_id
            self._turns.append(block)

    def add_note(self, sentence: str) -> None:
        """A remark in passing."""
        self._add_block("note", sentence)

    def add_error(self, sentence: str) -> None:
        """Something went wrong."""
        self._add_block("error", sentence)
        self.follow()

    def extend(self, words: Iterable[tuple[str, float]]) -> None:
        """More tokens of the network, each with its bits; a turn is opened when none is open."""
        if not self._is_open:
            self._open()
        block = self._blocks[-1]
        is_fresh = not block.text
        changed = min([len(block.wrapper.rows), *(block.add_word(piece, bits) for piece, bits in words)])
        if is_fresh and block.text and block.before:  # only now it shows whether it goes on in the prompt's line
            block.part()
            self._lay_out()
        self._grown(block.first_row + changed)

    def score(self, turn_id: int, words: Words) -> None:
        """How surprising the tokens of a turn were."""
        block = self._turn(turn_id)
        if block:
            block.set_words(words)
            self._redraw(block)

    def close(self, remark: str = "") -> None:
        """The network's turn is over; `remark` stands small below it."""
        if not self._is_open:
            return
        self._is_open = False
        block = self._blocks[-1]
        block.remark = visible_line(remark)
        self._grown(block.first_row + len(block.wrapper.rows) - 1)

    def set_remark(self, turn_id: int, remark: str) -> None:
        """Put another remark below one turn."""
        block = self._turn(turn_id)
        if block and block.remark != visible_line(remark):
            block.remark = visible_line(remark)
            self._lay_out()

    def set_remarks(self, remark: Callable[[int], str]) -> None:
        """Put other remarks below the turns, by their numbers."""
        for block in self._turns:
            if block.kind != "mark" and block.turn_id and not (self._is_open and block is self._blocks[-1]):
                block.remark = visible_line(remark(block.turn_id))
        self._lay_out()

    def show_surprise(self, is_shown: bool) -> None:
        """Tint every word by how unexpected it was, or no word."""
        self._shows_surprise = is_shown
        self._strips.clear()
        self.refresh()

    def show_unit(self, turn_id: int, values: tuple[float, ...]) -> None:
        """Tint the words of a turn by what a unit of the memory said after each."""
        block = self._turn(turn_id)
        if block:
            block.values = values
            self._redraw(block)

    def hide_unit(self) -> None:
        """Tint no word by a unit any more."""
        for block in self._turns:
            block.values = ()
        self._strips.clear()
        self.refresh()

    def last_bits(self, count: int) -> list[float]:
        """How surprising the newest tokens were, oldest first."""
        found: list[float] = []
        for block in reversed(self._turns):
            self._words(block)
            found = [*block.bits[-(count - len(found)) :], *found]
            if len(found) >= count or block.kind == "mark":
                break
        return found

    def follow(self) -> None:
        """Go to the newest word and stay with it."""
        self._set_following(True)
        self.call_after_refresh(self._keep_at_end)

    # ---- turns

    def _turn(self, turn_id: int) -> Block | None:
        return next((block for block in reversed(self._turns) if block.turn_id == turn_id), None)

    def _common(self, turns: "Sequence[Turn]") -> int:
        """How many turns are shown already: they are alike up to one place and nowhere after it."""
        shortest = min(len(turns), len(self._turns))
        return bisect_left(range(shortest), True, key=lambda at: not _is_same(self._turns[at], turns[at]))

    def _take_waiting(self) -> list[Block]:
        waiting = [block for block in self._blocks if block.is_waiting]
        if waiting:
            self._blocks = [block for block in self._blocks if not block.is_waiting]
            self._lay_out()
        return waiting

    def _drop_turns_after(self, count: int) -> None:
        self._is_open = False
        if count == len(self._turns):
            return
        first = self._blocks.index(self._turns[count])
        if self._cursor and self._cursor[0] in self._blocks[first:]:
            self.leave_words()
        del self._blocks[first:]
        del self._turns[count:]
        self._lay_out()

    def _block_of(self, turn: "Turn", remark: str, mark: str) -> Block:
        width = max(1, self._text_width or 76)
        if turn.role in {"person", "network"}:
            block = Block(turn.role, width, turn.turn_id, len(turn.text), visible_line(remark))
            block.add(turn.text)
        else:
            block = Block("mark", width, turn.turn_id)
            block.add(visible_line(mark))
        self._turns.append(block)
        return block

    def _open(self) -> None:
        """Go on in the last turn when it is the one that was begun; else open a new one."""
        last = self._blocks[-1] if self._blocks else None
        if last is None or not self._begun_id or last.turn_id != self._begun_id:
            block = self._add_block("network", "")
            block.turn_id = self._begun_id
            self._turns.append(block)
        else:
            self._words(last)
            last.remark = ""
            self._lay_out()
        self._is_open = True

    # ---- rows

    def _add_block(self, kind: str, text: str, *, is_waiting: bool = False) -> Block:
        block = Block(kind, max(1, self._text_width or 76), is_waiting=is_waiting)
        block.add(text)
        self._append(block)
        return block

    def _append(self, *blocks: Block) -> None:
        """Show blocks below the others; however many there are, the rest of the screen hears of it once."""
        self.close()
        first = row = self._row_count
        for block in blocks:
            block.cut(max(1, self._text_width or 76))
            before = self._blocks[-1] if self._blocks else None
            if before and self._goes_on_in(before, block) and block.follow(before):
                row = before.first_row + before.row_count
                first = min(first, row)
            block.first_row = row
            row += block.row_count
            self._blocks.append(block)
        if blocks:
            self._grown(first)

    def _grown(self, first_changed: int) -> None:
        last = self._blocks[-1]
        before, self._row_count = self._row_count, last.first_row + last.row_count
        self._redraw_from(first_changed)
        if self._row_count != before:
            self._set_height(before)
        if self._is_following:
            self._keep_at_end()
        elif not self._is_behind:
            self._is_behind = True
            self.post_message(self.FollowChanged(False, True))

    def _set_height(self, before: int) -> None:
        """More rows; the screen is laid out again only when the scroll bar comes or goes."""
        size = Size(self.size.width, self._row_count)
        if min(before, self._row_count) <= self.size.height or not self.show_vertical_scrollbar:
            self.virtual_size = size
            return
        self.set_reactive(ScrollView.virtual_size, size)
        self.scroll_y = self.validate_scroll_y(self.scroll_y)
        if not self._is_following:  # otherwise it scrolls next
            self._move_bar()

    def _move_bar(self) -> None:
        """Say to the scroll bar where things are; it is drawn again only when it looks different then."""
        if not self.show_vertical_scrollbar:
            return
        bar, window = self.vertical_scrollbar, self.container_size.height
        thumb = _thumb(bar.size.height, self.virtual_size.height, window, self.scroll_y)
        before, self._thumb = self._thumb, thumb
        bar.set_reactive(ScrollBar.window_virtual_size, self.virtual_size.height)
        bar.set_reactive(ScrollBar.window_size, window)
        bar.set_reactive(ScrollBar.position, self.scroll_y)
        if thumb != before:  # the rows between its old and its new place, of them all
            first = min(before[0], thumb[0]) // _EIGHTHS
            last = (max(sum(before), sum(thumb)) + _EIGHTHS - 1) // _EIGHTHS
            bar.refresh(Region(0, first, bar.size.width, last - first + 1))

    def _goes_on_in(self, before: Block, block: Block) -> bool:
        """Whether a block is a reply that may begin in the line in which the prompt before it ends."""
        is_pair = before.kind == "person" and block.kind == "network"
        return self.runs_on and is_pair and not before.is_waiting

    def _link(self) -> None:
        """Let replies begin where their prompts end, and nothing where there is none any more."""
        for before, block in itertools.pairwise((None, *self._blocks)):
            wanted = before if before and block and self._goes_on_in(before, block) else None
            if block and block.before is not wanted:
                block.part()
                if wanted:
                    block.follow(wanted)
            if before:
                before.is_gone_on = block is not None and block.before is before
        if self._blocks:
            self._blocks[-1].is_gone_on = False

    def _lay_out(self) -> None:
        self._link()
        firsts = accumulate((block.row_count for block in self._blocks), initial=0)
        for block, first in zip(self._blocks, firsts, strict=False):
            block.first_row = first
        self._row_count = sum(block.row_count for block in self._blocks)
        self._strips.clear()
        self.virtual_size = Size(self.size.width, self._row_count)
        self.refresh()
        if self._is_following:
            self.call_after_refresh(self._keep_at_end)

    # ---- another width

    def _on_resize(self, event: events.Resize) -> None:
        width = max(1, min(_LONGEST_ROW, self.scrollable_content_region.width - GUTTER_CELLS - 1))
        if width == self._text_width:
            return
        anchor = None if self._is_following else self._top()
        self._text_width = width
        for block in self._blocks:
            block.width = width
        self._cut_visible(anchor)
        self._lay_out()
        self._scroll_to_top(anchor)
        self._cut_more()

    def _top(self) -> tuple[Block, int] | None:
        """The first visible block, and the character that stands at its first visible row."""
        if not self._blocks:
            return None
        block, row = self._locate(min(self.scroll_offset.y, self._row_count - 1))
        row = min(row, len(block.wrapper.rows) - 1)
        return block, block.wrapper.rows[row].start

    def _scroll_to_top(self, anchor: tuple[Block, int] | None) -> None:
        if anchor:
            block, offset = anchor
            self.scroll_to(y=block.first_row + block.row_at(offset), animate=False, immediate=True)

    def _cut_visible(self, anchor: tuple[Block, int] | None) -> None:
        """Cut what will be visible: from the anchor on, or up from the end."""
        room = self.size.height + 1
        at = self._blocks.index(anchor[0]) if anchor else 0
        for block in self._blocks[at:] if anchor else reversed(self._blocks):
            block.cut(self._text_width)
            room -= block.row_count
            if anchor and block is anchor[0]:
                room += block.row_at(anchor[1])
            if room <= 0:
                return

    def _cut_more(self) -> None:
        """Cut the other blocks a few at a time, so that keys and words come through in between."""
        if not self._is_cutting and not all(block.is_cut for block in self._blocks):
            self._is_cutting = True
            self.set_timer(_CUT_SECONDS, self._cut_some)

    def _cut_some(self) -> None:
        self._is_cutting = False
        anchor = None if self._is_following else self._top()
        until = time.perf_counter() + _CUT_SECONDS
        for block in reversed(self._blocks):
            if block.is_cut:
                continue
            block.cut(self._text_width)
            if time.perf_counter() > until:
                break
        self._lay_out()
        self._scroll_to_top(anchor)
        self._cut_more()

    # ---- tokens

    def leave_words(self) -> None:
        """Take the cursor away."""
        if self._cursor is None:
            return
        block, self._cursor = self._cursor[0], None
        self._redraw(block)
        self.post_message(self.CursorMoved(0, 0))

    # ---- following

    def _keep_at_end(self) -> None:
        if self._is_following and self.is_mounted:
            self.scroll_end(animate=False, immediate=True, x_axis=False)

    def _set_following(self, is_following: bool) -> None:
        if is_following == self._is_following:
            return
        self._is_following = is_following
        if is_following:
            self._is_behind = False
        self.post_message(self.FollowChanged(is_following, self._is_behind))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Reaching the end by scrolling down follows again."""
        self._move_bar()
        if round(old_value) != round(new_value):
            self.refresh(self.size.region)
        if new_value > old_value and new_value >= self.max_scroll_y:
            self._set_following(True)

    def _stop_following(self) -> None:
        if self.max_scroll_y > 0:
            self._set_following(False)

    def on_mouse_scroll_up(self) -> None:
        """The wheel goes back; Textual scrolls after this."""
        self._stop_following()

    def on_scroll_up(self) -> None:
        """A click above the thumb of the scroll bar."""
        self._stop_following()

    def on_scroll_to(self, message: ScrollTo) -> None:
        """The thumb of the scroll bar was drawn somewhere."""
        if message.y is not None and message.y < self.max_scroll_y - _NEAR_THE_END:
            self._stop_following()

    def action_scroll_up(self) -> None:
        """One row back."""
        self._stop_following()
        super().action_scroll_up()

    def action_page_up(self) -> None:
        """One page back."""
        self._stop_following()
        super().action_page_up()

    def action_scroll_home(self) -> None:
        """To the first word."""
        self._stop_following()
        super().action_scroll_home()

    def action_scroll_end(self) -> None:
        """To the newest word."""
        self.follow()


def _is_same(block: Block, turn: "Turn") -> bool:
    return block.turn_id == turn.turn_id and (block.kind == "mark" or block.length == len(turn.text))


def _thumb(height: int, rows: int, window: int, position: float) -> tuple[int, int]:
    """Where a scroll bar's thumb begins and how long it is, in eighths of a cell."""
    if height < 1 or rows <= window or window < 1:
        return 0, 0
    cells = max(1.0, window * height / rows)
    return int((height - cells) * position / (rows - window) * _EIGHTHS), math.ceil(cells * _EIGHTHS)
