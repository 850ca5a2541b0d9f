"""What a transcript holds: the turns of a conversation, marks between them, and remarks of the program.

Whoever shows it is told what changed. Knows nothing of chats, of scrolling or of widgets.
"""

from bisect import bisect_left
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from rnntui.text import visible_line
from rnntui.tui.transcript.block_rows import BlockRows
from rnntui.tui.transcript.highlights import Highlights
from rnntui.tui.transcript.turn_block import TURNS, Block, displayable

if TYPE_CHECKING:
    from rnntui.records import Turn

_LONGEST_NOTE = 400
Tokens = Sequence[tuple[str, float]]
"""The tokens of a turn, each with its bits."""


@dataclass(frozen=True, slots=True)
class Change:
    """What whoever shows a transcript must do.

    "grown": rows from `first_row` on are new, and there were `count` before. "moved": any row may stand elsewhere.
    "restyled": `count` rows from `first_row` on look different. "end": the newest row is what the person wants to see.
    """

    kind: Literal["grown", "moved", "restyled", "end"]
    first_row: int = 0
    count: int = 0


class TranscriptContent:
    """Turns, marks, notes and errors, the newest at the end.

    Args:
        tell: Called after every change.
    """

    def __init__(self, tell: Callable[[Change], None] = lambda change: None) -> None:
        self.tokens_of: Callable[[int], Tokens] = lambda turn_id: ()
        """Asked for the tokens of a turn when they are needed; empty when they are not known yet."""
        self.rows = BlockRows()
        self.turns: list[Block] = []
        """The blocks that are stored turns, or marks."""
        self.is_open = False
        """True while the last block is being written."""
        self.shows_surprise = False
        """True while words are tinted by how unexpected they were."""
        self.highlights = Highlights(self.has_tokens, self._restyle)
        """What stands out over the tints: places of a search and the like."""
        self._tell = tell
        self._begun_id = 0

    @property
    def is_blank(self) -> bool:
        """True before the first turn."""
        return not self.rows.blocks

    @property
    def text(self) -> str:
        """Everything that is displayed, turns separated by newlines."""
        return "\n".join(block.text for block in self.rows.blocks)

    @property
    def story(self) -> str:
        """What person and network wrote since the hidden state was last emptied."""
        texts: list[str] = []
        for block in self.rows.blocks:
            if block.kind == "mark":
                texts.clear()
            elif block.kind in TURNS:
                texts.append(block.text)
        return "\n".join(texts)

    def turn(self, turn_id: int) -> Block | None:
        """The block of a turn, if it is displayed."""
        return next((block for block in reversed(self.turns) if block.turn_id == turn_id), None)

    def has_tokens(self, block: Block) -> bool:
        """True when the tokens of a block are known; asks for them when they are not."""
        if not block.ends and block.turn_id and block.text:
            block.set_tokens(self.tokens_of(block.turn_id))
        return bool(block.ends)

    def last_bits(self, count: int) -> list[float]:
        """How surprising the newest words were, oldest first; a word that is spelled in parts is one."""
        found: list[float] = []
        for block in reversed(self.turns):
            self.has_tokens(block)
            found = [*block.last_bits(count - len(found)), *found]
            if len(found) >= count or block.kind == "mark":
                break
        return found

    # ---- turns

    def clear(self) -> None:
        """Hold nothing."""
        self.rows.blocks.clear()
        self.turns.clear()
        self.is_open = False
        self._begun_id = 0
        self._lay_out()
        self._tell(Change("end"))

    def show_turns(
        self, turns: "Sequence[Turn]", remark: "Callable[[Turn], str]", mark: "Callable[[Turn], str]"
    ) -> None:
        """Hold these turns; those that are held already stay as they are.

        Args:
            turns: The visible branch. A last one of the network without words is about to be written.
            remark: What stands small below a turn; empty for nothing.
            mark: What a turn without words says.
        """
        self._begun_id = turns[-1].turn_id if turns and turns[-1].role == "network" else 0
        shown = [turn for turn in turns if turn.text or turn.role not in {"person", "network"}]
        common = _count_common(self.turns, shown)
        waiting = self._take_waiting()
        self._drop_turns_after(common)
        fresh = shown[common:]
        del waiting[: sum(turn.role == "person" for turn in fresh)]
        blocks = [_block_of(turn, self.rows.width, remark, mark) for turn in fresh]
        self.turns += blocks
        self._append(*blocks, *waiting)
        self._tell(Change("end"))

    def add_person(self, text: str, *, is_waiting: bool = False) -> None:
        """Own words; dimmed while they wait to be read."""
        self._add_block("person", text, is_waiting=is_waiting)
        self._tell(Change("end"))

    def drop_person(self, text: str, kept: Container[int] = ()) -> None:
        """Own words at the end that went back into the prompt are no longer part of the conversation.

        Args:
            text: The words.
            kept: Turns that are still part of it.
        """
        self.close()
        last = self.rows.last
        if last and last.kind == "person" and last.text == displayable(text).strip() and last.turn_id not in kept:
            del self.rows.blocks[-1]
            if last in self.turns:
                self.turns.remove(last)
            self._lay_out()

    def add_mark(self, sentence: str, turn_id: int = 0) -> None:
        """A line across: the hidden state was emptied, another model goes on."""
        block = self._add_block("mark", visible_line(sentence))
        if turn_id:
            block.turn_id = turn_id
            self.turns.append(block)

    def add_note(self, sentence: str, turn_id: int = 0) -> None:
        """A remark in passing; one about a turn stands below it, and below the reply that goes on in its line."""
        if block := self.turn(turn_id) if turn_id else None:
            block.note = visible_line(sentence, _LONGEST_NOTE)
            self._lay_out()
        else:
            self._add_block("note", sentence)

    def add_error(self, sentence: str) -> None:
        """Something went wrong."""
        self._add_block("error", sentence)
        self._tell(Change("end"))

    def extend(self, tokens: Iterable[tuple[str, float]]) -> None:
        """More tokens of the network, each with its bits; a turn is opened when none is open."""
        block = self.rows.blocks[-1] if self.is_open else self._open()
        is_fresh = not block.text
        changed = min([len(block.wrapper.rows), *(block.add_token(text, bits) for text, bits in tokens)])
        if is_fresh and block.text and block.before:  # only now it shows whether it goes on in the prompt's line
            block.detach()
            self._lay_out()
        self._tell_grown(block.first_row + changed)

    def close(self, remark: str = "") -> None:
        """The network's turn is over; `remark` stands small below it."""
        if not self.is_open:
            return
        self.is_open = False
        block = self.rows.blocks[-1]
        block.remark = visible_line(remark)
        self._tell_grown(block.first_row + len(block.wrapper.rows) - 1)

    def set_remark(self, turn_id: int, remark: str) -> None:
        """Put another remark below one turn."""
        block = self.turn(turn_id)
        if block and block.remark != visible_line(remark):
            block.remark = visible_line(remark)
            self._lay_out()

    def set_remarks(self, remark: Callable[[int], str]) -> None:
        """Put other remarks below the turns, by their numbers."""
        for block in self.turns:
            if block.kind != "mark" and block.turn_id and not (self.is_open and block is self.rows.last):
                block.remark = visible_line(remark(block.turn_id))
        self._lay_out()

    # ---- tints

    def set_tokens(self, turn_id: int, tokens: Tokens) -> None:
        """Say how surprising the tokens of a turn were."""
        block = self.turn(turn_id)
        if block:
            block.set_tokens(tokens)
            self._tell(Change("restyled", *block.rendered_rows))

    def show_surprise(self, is_shown: bool) -> None:
        """Tint every word by how unexpected it was, or no word."""
        self.shows_surprise = is_shown
        self._tell(Change("restyled", 0, self.rows.count))

    def show_unit(self, turn_id: int, values: tuple[float, ...]) -> None:
        """Tint the words of a turn by the value of a unit of the hidden state after each."""
        block = self.turn(turn_id)
        if block:
            block.values = values
            self._tell(Change("restyled", *block.rendered_rows))

    def hide_unit(self) -> None:
        """Tint no word by a unit any more."""
        for block in self.turns:
            block.values = ()
        self._tell(Change("restyled", 0, self.rows.count))

    def _restyle(self, turn_ids: set[int]) -> None:
        for block in self.turns:
            if block.turn_id in turn_ids:
                self._tell(Change("restyled", *block.rendered_rows))

    # ---- blocks

    def _take_waiting(self) -> list[Block]:
        waiting = [block for block in self.rows.blocks if block.is_waiting]
        if waiting:
            self.rows.blocks = [block for block in self.rows.blocks if not block.is_waiting]
            self._lay_out()
        return waiting

    def _drop_turns_after(self, count: int) -> None:
        self.is_open = False
        if count == len(self.turns):
            return
        del self.rows.blocks[self.rows.blocks.index(self.turns[count]) :]
        del self.turns[count:]
        self._lay_out()

    def _open(self) -> Block:
        """Go on in the last turn when it is the one that was begun; else open a new one."""
        block = self.rows.last
        if block is None or not self._begun_id or block.turn_id != self._begun_id:
            block = self._add_block("network", "")
            block.turn_id = self._begun_id
            self.turns.append(block)
        else:
            self.has_tokens(block)
            block.remark = ""
            self._lay_out()
        self.is_open = True
        return block

    def _add_block(self, kind: str, text: str, *, is_waiting: bool = False) -> Block:
        block = Block(kind, self.rows.width, is_waiting=is_waiting)
        block.add(text)
        self._append(block)
        return block

    def _append(self, *blocks: Block) -> None:
        """Hold more blocks; however many there are, it is told once."""
        self.close()
        before = self.rows.count
        if blocks:
            self._tell(Change("grown", self.rows.append(blocks), before))

    def _tell_grown(self, first_row: int) -> None:
        before = self.rows.count
        self.rows.measure_last()
        self._tell(Change("grown", first_row, before))

    def _lay_out(self) -> None:
        self.rows.lay_out()
        self._tell(Change("moved"))


def _is_same(block: Block, turn: "Turn") -> bool:
    return block.turn_id == turn.turn_id and (block.kind == "mark" or block.length == len(turn.text))


def _count_common(blocks: Sequence[Block], turns: "Sequence[Turn]") -> int:
    """How many turns are held already: they are alike up to one place and nowhere after it."""
    shortest = min(len(turns), len(blocks))
    return bisect_left(range(shortest), True, key=lambda at: not _is_same(blocks[at], turns[at]))


def _block_of(turn: "Turn", width: int, remark: "Callable[[Turn], str]", mark: "Callable[[Turn], str]") -> Block:
    if turn.role in {"person", "network"}:
        block = Block(turn.role, width, turn.turn_id, len(turn.text), visible_line(remark(turn)))
        block.add(turn.text)
    else:
        block = Block("mark", width, turn.turn_id)
        block.add(visible_line(mark(turn)))
    return block
