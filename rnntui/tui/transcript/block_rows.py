"""Blocks of a transcript, one below the other: which row of which block stands where, at one width.

Knows nothing of turns, of scrolling or of widgets.
"""

import itertools
import time
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from rnntui.tui.transcript.turn_block import Block

_WIDTH = 76
"""Cells of a row until the size of the window is known."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A character that stays where it is on the screen while the rows around it change."""

    block: Block
    offset: int


class BlockRows:
    """The rows of all blocks, counted from the top."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.count = 0
        """Rows of all blocks."""
        self.width = _WIDTH
        self.runs_on = False
        """Whether a reply goes on in the row in which the prompt ends, as it was read."""

    @property
    def last(self) -> Block | None:
        """The lowest block."""
        return self.blocks[-1] if self.blocks else None

    @property
    def is_wrapped(self) -> bool:
        """True when every block has its rows at the present width."""
        return all(block.is_wrapped for block in self.blocks)

    def append(self, blocks: Iterable[Block]) -> int:
        """Add blocks below the others; returns the first row that changed."""
        first = self.count
        for block in blocks:
            block.wrap(self.width)
            last = self.last
            if last and self._may_attach(last, block) and block.attach(last):
                self.count = last.first_row + last.row_count
                first = min(first, self.count)
            block.first_row = self.count
            self.count += block.row_count
            self.blocks.append(block)
        return first

    def measure_last(self) -> None:
        """Count the rows again after the lowest block has grown."""
        if self.blocks:
            self.count = self.blocks[-1].first_row + self.blocks[-1].row_count

    def lay_out(self) -> None:
        """Count all rows again after blocks were removed, or changed anywhere."""
        self._attach_replies()
        row = 0
        for block in self.blocks:
            block.first_row = row
            row += block.row_count
        self.count = row

    def locate(self, row: int) -> tuple[Block, int]:
        """The block in which a row stands, and which of its rows that is."""
        block = self.blocks[bisect_right(self.blocks, row, key=lambda block: block.first_row) - 1]
        return block, row - block.first_row

    # ---- another width

    def set_width(self, width: int) -> None:
        """Say how wide rows are from now on; blocks are wrapped to it by the methods below."""
        self.width = width
        for block in self.blocks:
            block.width = width

    def wrap_visible(self, height: int, anchor: Anchor | None) -> None:
        """Wrap what is visible in so many rows: from the anchor on, or up from the end."""
        room = height + 1
        first = self.blocks.index(anchor.block) if anchor else 0
        for block in self.blocks[first:] if anchor else reversed(self.blocks):
            block.wrap(self.width)
            room -= block.row_count
            if anchor and block is anchor.block:
                room += block.row_at(anchor.offset)
            if room <= 0:
                return

    def wrap_around(self, block: Block, height: int) -> None:
        """Wrap a block, and so many rows above and below it."""
        place = self.blocks.index(block)
        for beside in (reversed(self.blocks[: place + 1]), iter(self.blocks[place:])):
            room = height
            for near in beside:
                near.wrap(self.width)
                room -= near.row_count if near is not block else 0
                if room <= 0:
                    break

    def wrap_some(self, seconds: float) -> None:
        """Wrap blocks that are not, the lowest first, for so long; at least one."""
        until = time.perf_counter() + seconds
        for block in reversed(self.blocks):
            if block.is_wrapped:
                continue
            block.wrap(self.width)
            if time.perf_counter() > until:
                break
        self.lay_out()

    def anchor_at(self, row: int) -> Anchor | None:
        """The character at the beginning of a row; None without any block."""
        if not self.blocks:
            return None
        block, below = self.locate(min(row, self.count - 1))
        return Anchor(block, block.wrapper.rows[min(below, len(block.wrapper.rows) - 1)].start)

    def row_of(self, anchor: Anchor) -> int:
        """The row in which a character stands."""
        return anchor.block.first_row + anchor.block.row_at(anchor.offset)

    # ---- replies that go on in the row of their prompt

    def _may_attach(self, before: Block, block: Block) -> bool:
        is_pair = before.kind == "person" and block.kind == "network"
        return self.runs_on and is_pair and not before.is_waiting

    def _attach_replies(self) -> None:
        """Let replies begin where their prompts end, and nothing where there is none any more."""
        for before, block in itertools.pairwise((None, *self.blocks)):
            if block is None:
                continue
            prompt = before if before and self._may_attach(before, block) else None
            if block.before is not prompt:
                block.detach()
                if prompt:
                    block.attach(prompt)
            if before:
                before.is_continued = block.before is before
        if self.blocks:
            self.blocks[-1].is_continued = False
