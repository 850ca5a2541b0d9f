"""How the rows of a conversation look: gutters, tints, the word cursor, a selection.

Keeps the rows it has drawn until they change. The person's rows carry a bar in the gutter, so that both voices can be
told apart without colour. Knows nothing of how rows come about, and nothing of scrolling.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from rnntui.text import piece_name
from rnntui.tui.terminal.textual_internals import render_again
from rnntui.tui.transcript.turn_block import Block, surprise_band, unit_level

GUTTERS = {"person": "▌ ", "network": "  ", "mark": "", "note": "  ", "error": "! "}
GUTTER_CELLS = 2
_CURSOR = "▌"

Words = Sequence[tuple[str, float]]
"""The tokens of a turn, each with its bits."""


class DrawnRows(ScrollView, can_focus=True):
    """Blocks of rows, one below the other, of which the visible ones are drawn."""

    DEFAULT_CSS = """
    DrawnRows {
        height: 1fr;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
        overflow-x: hidden;
        & > .transcript--person { color: $text-primary; text-style: bold; }
        & > .transcript--gutter { color: $primary; }
        & > .transcript--network { color: $foreground; }
        & > .transcript--waiting { color: $text-muted; text-style: italic; }
        & > .transcript--mark { color: $text-accent; }
        & > .transcript--remark { color: $foreground 60%; }
        & > .transcript--note { color: $text-muted; text-style: italic; }
        & > .transcript--error { color: $text-error; }
        & > .transcript--cursor { color: $text-accent; }
        & > .transcript--word { text-style: reverse bold; }
        & > .transcript--surprise-0 { color: $foreground 60%; text-style: none; }
        & > .transcript--surprise-1 { color: $foreground; text-style: none; }
        & > .transcript--surprise-2 { color: $text-success; text-style: italic; }
        & > .transcript--surprise-3 { color: $text-warning; text-style: underline; }
        & > .transcript--unit-0 { color: $text-primary; text-style: bold italic; }
        & > .transcript--unit-1 { color: $text-primary; text-style: italic; }
        & > .transcript--unit-2 { color: $text-muted; text-style: none; }
        & > .transcript--unit-3 { color: $text-warning; text-style: underline; }
        & > .transcript--unit-4 { color: $text-warning; text-style: bold underline; }
        & > .transcript--surprise-4 { color: $text-error; text-style: bold underline; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "transcript--person",
        "transcript--gutter",
        "transcript--network",
        "transcript--waiting",
        "transcript--mark",
        "transcript--remark",
        "transcript--note",
        "transcript--error",
        "transcript--cursor",
        "transcript--word",
        *(f"transcript--surprise-{band}" for band in range(5)),
        *(f"transcript--unit-{level}" for level in range(5)),
    }
    ALLOW_SELECT = True

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.words_of: Callable[[int], Words] = lambda turn_id: ()
        """Asked for the tokens of a turn when they are needed; empty when they are not known yet."""
        self._blocks: list[Block] = []
        self._row_count = 0
        self._strips: LRUCache[int, Strip] = LRUCache(512)
        """Finished rows: with padding, background and filters, so that a row that moves is not made again."""
        self._strips_are_for: object = None
        self._styles: dict[str, Style] = {}
        self._text_width = 0
        self._is_open = False
        """True while the last block is being written."""
        self._cursor: tuple[Block, int] | None = None
        self._shows_surprise = False

    # ---- what is drawn again

    def _redraw(self, block: Block) -> None:
        count = max(block.row_count, len(block.wrapper.rows))  # the last one may be drawn with the reply's first
        for index in range(block.first_row, block.first_row + count):
            self._strips.discard(index)
        self.refresh_lines(block.first_row, count)

    def _redraw_from(self, row: int) -> None:
        for index in range(row, self._row_count):
            self._strips.discard(index)
        self.refresh_lines(row, max(1, self._row_count - row))

    # ---- drawing

    def notify_style_update(self) -> None:
        """Colours changed: nothing drawn so far is right any more."""
        super().notify_style_update()
        self._strips.clear()
        self._styles.clear()

    def selection_updated(self, selection: Selection | None) -> None:
        """The selected part changed."""
        self._strips.clear()
        self.refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The visible part; only rows that are new are made, the others have at most moved."""
        if self.text_selection is not None:
            return super().render_lines(crop)
        width = self.region.width
        look = (width, self.size.width, self.gutter, self.background_colors)
        if look != self._strips_are_for:
            self._strips.clear()
            self._strips_are_for = look
        first = self.scroll_offset.y - self.gutter.top
        known = {y: self._strips.get(first + y) for y in crop.line_range if y >= self.gutter.top}
        for y in crop.line_range:
            if known.get(y) is None:
                self._make_rows(y, next((end for end in range(y, crop.bottom) if known.get(end)), crop.bottom), known)
        rows = [strip for y in crop.line_range if (strip := known[y]) is not None]
        return [row.crop(*crop.column_span) for row in rows] if crop.column_span != (0, width) else rows

    def _make_rows(self, start: int, end: int, known: dict[int, Strip | None]) -> None:
        """Let Textual make some rows of the visible part, and keep them."""
        part = Region(0, start, self.region.width, end - start)
        render_again(self, part)
        for y, strip in zip(part.line_range, super().render_lines(part), strict=True):
            known[y] = strip
            if y >= self.gutter.top:
                self._strips[self.scroll_offset.y - self.gutter.top + y] = strip

    def render_line(self, y: int) -> Strip:
        """One row of the visible part, without what surrounds it."""
        index = y + self.scroll_offset.y
        if not 0 <= index < self._row_count:
            return Strip.blank(self.size.width, self._style(""))
        return self._drawn(index, self.text_selection).apply_offsets(0, index)

    def _drawn(self, index: int, selection: Selection | None) -> Strip:
        block, row = self._locate(index)
        segments = self._segments(block, row)
        span = selection.get_span(index) if selection else None
        if span:
            ground = self.screen.get_component_rich_style("screen--selection").bgcolor  # its colour of text is the same
            segments = _selected(segments, span, Style(bgcolor=ground))
        strip = Strip(segments)
        return strip.adjust_cell_length(self.size.width, self._style(""))

    def _locate(self, index: int) -> tuple[Block, int]:
        place = bisect_right(self._blocks, index, key=lambda block: block.first_row) - 1
        block = self._blocks[place]
        return block, index - block.first_row

    def _segments(self, block: Block, row: int) -> list[Segment]:
        rows = block.wrapper.rows
        if row >= len(rows):
            return self._remark(block, row)
        if block.kind == "mark":
            return [Segment(self._ruled(rows[row].text), self._style("mark"))]
        before = block.before if row == 0 else None
        kind = before.kind if before else block.kind
        segments = [Segment(GUTTERS[kind], self._style("error" if kind == "error" else "gutter"))]
        if before:
            segments += [
                *self._text(before, len(before.wrapper.rows) - 1),
                Segment(block.glue, self._style(block.kind)),
            ]
        segments += self._text(block, row)
        if self._is_open and block is self._blocks[-1] and row == len(rows) - 1:
            segments.append(Segment(_CURSOR, self._style("cursor")))
        return segments

    def _text(self, block: Block, row: int) -> list[Segment]:
        plain = self._style("waiting" if block.is_waiting else block.kind)
        chosen = self._cursor[1] if self._cursor and self._cursor[0] is block else -1
        tint = self._tint(block)
        if chosen < 0 and not tint:
            return [Segment(block.wrapper.rows[row].text, plain)]
        segments: list[Segment] = []
        is_marked = False
        for text, index in block.pieces_in(row):
            style = self._style(tint(index)) if tint else plain
            bare = text.lstrip(" ")
            segments.append(Segment(text[: len(text) - len(bare)], plain))
            if index == chosen and bare:
                style, is_marked = style + self._style("word"), True
            segments.append(Segment(bare, style))
        if chosen >= 0 and not is_marked and self._cursor_row() == (block, row):
            name = piece_name(self._piece(block, chosen))
            segments.append(Segment(name, plain + self._style("word")))
        return segments

    def _tint(self, block: Block) -> Callable[[int], str] | None:
        """The name of the style of each token of a block; None when all of them have the plain one."""
        if block.kind not in {"person", "network"}:
            return None
        if block.values and self._words(block):
            return lambda index: f"unit-{unit_level(block.values[index]) if index < len(block.values) else 2}"
        if self._shows_surprise and self._words(block):
            return lambda index: f"surprise-{surprise_band(block.bits[index])}"
        return None

    def _remark(self, block: Block, row: int) -> list[Segment]:
        below = row - len(block.wrapper.rows)
        if below >= len(block.remarks):
            return []
        about, remark = block.remarks[below]
        gutter = GUTTERS[about.kind] if about is not block else "  "
        return [Segment(gutter, self._style("gutter")), Segment(remark, self._style("remark"))]

    def _ruled(self, text: str) -> str:
        room = self._text_width + GUTTER_CELLS
        line = f"── {text} "
        return line + "─" * max(2, room - cell_len(line))

    def _style(self, name: str) -> Style:
        """A style of ours, or the plain one; working one out takes as long as drawing a row."""
        known = self._styles.get(name)
        if known is None:
            known = self._styles[name] = (
                self.get_component_rich_style(f"transcript--{name}") if name else self.rich_style
            )
        return known

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text as it was written: without gutters, and without the breaks that only the width made."""
        parts: list[str] = []
        first = selection.start.y if selection.start else 0
        last = min(selection.end.y if selection.end else self._row_count, self._row_count - 1)
        for index in range(max(0, first), last + 1):
            block, row = self._locate(index)
            if row >= len(block.wrapper.rows):
                continue
            span = selection.get_span(index)
            if span is None:
                continue
            gutter = len(GUTTERS[block.kind])
            text, before = block.wrapper.rows[row].text, block.before if row == 0 else None
            if before:
                text = before.wrapper.rows[-1].text + block.glue + text
                block, row = before, len(before.wrapper.rows) - 1
            start, end = max(0, span[0] - gutter), len(text) if span[1] == -1 else max(0, span[1] - gutter)
            join = block.wrapper.rows[row].join if row else "\n"
            parts += [join if parts else "", text[start:end]]
        return "".join(parts), "\n"

    # ---- tokens

    def _words(self, block: Block) -> bool:
        """True when the tokens of a block are known; asks for them when they are not."""
        if not block.ends and block.turn_id and block.text:
            block.set_words(self.words_of(block.turn_id))
        return bool(block.ends)

    def _piece(self, block: Block, index: int) -> str:
        start = block.ends[index - 1] if index else 0
        return block.text[start : block.ends[index]] or "\n"

    def _cursor_row(self) -> tuple[Block, int] | None:
        if self._cursor is None:
            return None
        block, index = self._cursor
        return block, block.row_at(block.span(index)[0])


def _selected(segments: list[Segment], span: tuple[int, int], style: Style) -> list[Segment]:
    """The segments with the characters of `span` in another style."""
    start, end = span
    out: list[Segment] = []
    position = 0
    for segment in segments:
        text = segment.text
        cuts = [max(0, min(len(text), cut - position)) for cut in (start, len(text) + position if end == -1 else end)]
        parts = (text[: cuts[0]], text[cuts[0] : max(cuts)], text[max(cuts) :])
        styles = (segment.style, (segment.style or Style()) + style, segment.style)
        out += [Segment(part, part_style) for part, part_style in zip(parts, styles, strict=True) if part]
        position += len(text)
    return out
