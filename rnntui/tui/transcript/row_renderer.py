"""How the rows of a transcript look: gutters, tints, the word cursor, a selection; and what stands at a cell of them.

The person's rows carry a bar in the gutter, so that both voices can be told apart without colour. Knows nothing of how
rows come about, nothing of scrolling, and of styles only their names.
"""

from collections.abc import Callable
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.selection import Selection
from textual.strip import Strip

from rnntui.figures import surprise_band
from rnntui.text import piece_label, without_gaps
from rnntui.tui.terminal.contrast import make_legible
from rnntui.tui.transcript.block_rows import BlockRows
from rnntui.tui.transcript.highlights import HIGHLIGHTS, Span
from rnntui.tui.transcript.transcript_content import TranscriptContent
from rnntui.tui.transcript.turn_block import BETWEEN, TURNS, Block, unit_level
from rnntui.tui.transcript.word_cursor import WordCursor

GUTTER_CELLS = 2
STYLES = (
    *("person", "gutter", "network", "waiting", "mark", "remark", "note", "error", "cursor", "word"),
    *(f"surprise-{band}" for band in range(5)),
    *(f"unit-{level}" for level in range(5)),
    *HIGHLIGHTS,
)
"""Names of all styles but the plain one, which is ""."""
_GUTTERS = {"person": "▌ ", "network": "  ", "mark": "", "note": "  ", "error": "! "}
_CURSOR = "▌"
_INDENT = "  "


class RowRenderer:
    """Turns rows of a transcript into strips of styled text.

    Args:
        content: The transcript.
        cursor: The word it stands on is marked.
        style_of: A style by its name, one of `STYLES` or "".
    """

    def __init__(self, content: TranscriptContent, cursor: WordCursor, style_of: Callable[[str], Style]) -> None:
        self._content = content
        self._cursor = cursor
        self._style_of = style_of
        self._styles: dict[str, Style] = {}

    def forget_styles(self) -> None:
        """Ask for every style again: colours have changed."""
        self._styles.clear()

    def render(self, row: int, width: int) -> Strip:
        """One row of the transcript, counted from the top, in so many cells; blank beyond the last."""
        if not 0 <= row < self._content.rows.count:
            return Strip.blank(width, self._style(""))
        return Strip(self._segments(*self._content.rows.locate(row))).adjust_cell_length(width, self._style(""))

    def render_selected(self, row: int, width: int, selection: Selection, ground: Style) -> Strip:
        """One row, with the part of it that is selected on another ground."""
        strip, span = self.render(row, width), selection.get_span(row)
        if not span or not 0 <= row < self._content.rows.count:
            return strip
        segments = self._segments(*self._content.rows.locate(row))
        return Strip(_put_over(segments, span, ground)).adjust_cell_length(width, self._style(""))

    def _segments(self, block: Block, row: int) -> list[Segment]:
        rows = block.wrapper.rows
        if row >= len(rows):
            return self._remark(block, row)
        if block.kind == "mark":
            return [Segment(self._rule(rows[row].text), self._style("mark"))]
        before = block.before if row == 0 else None
        kind = before.kind if before else block.kind
        segments = [Segment(_GUTTERS[kind], self._style("error" if kind == "error" else "gutter"))]
        if before:
            segments += [
                *self._text(before, len(before.wrapper.rows) - 1),
                Segment(block.separator, self._style(block.kind)),
            ]
        segments += self._text(block, row)
        if self._content.is_open and block is self._content.rows.last and row == len(rows) - 1:
            segments.append(Segment(_CURSOR, self._style("cursor")))
        return segments

    def _text(self, block: Block, row: int) -> list[Segment]:
        plain = self._style("waiting" if block.is_waiting else block.kind)
        tint = self._tint(block)
        segments = self._tinted(block, row, plain, tint) if tint else [Segment(block.wrapper.rows[row].text, plain)]
        for span, kind in self._content.highlights.find_in_row(block, row):
            segments = _put_over(segments, span, self._style(kind))
        return self._with_cursor(block, row, segments) if self._cursor.block is block else segments

    def _tinted(self, block: Block, row: int, plain: Style, tint: Callable[[int], str]) -> list[Segment]:
        segments: list[Segment] = []
        for text, index in block.tokens_in(row):
            bare = text.lstrip(" ")
            segments.append(Segment(text[: len(text) - len(bare)], plain))
            segments.append(Segment(bare, self._style(tint(index))))
        return segments

    def _with_cursor(self, block: Block, row: int, segments: list[Segment]) -> list[Segment]:
        """The word of the cursor marked; one that takes no cell is named at the end of its row."""
        at, mark, is_marked = 0, self._style("word"), False
        for text, index in block.tokens_in(row):
            bare = text.lstrip(" ")
            at += len(text)
            if index == self._cursor.index and bare:
                segments, is_marked = _put_over(segments, (at - len(bare), at), mark), True
        if is_marked or self._cursor.row != row:
            return segments
        return [*segments, Segment(piece_label(self._cursor.text), self._style(block.kind) + mark)]

    def _tint(self, block: Block) -> Callable[[int], str] | None:
        """The name of the style of each token of a block; None when all of them have the plain one."""
        if block.kind not in {"person", "network"}:
            return None
        if block.values and self._content.has_tokens(block):
            return lambda index: f"unit-{unit_level(block.values[index]) if index < len(block.values) else 2}"
        if self._content.shows_surprise and self._content.has_tokens(block):
            return lambda index: f"surprise-{surprise_band(block.bits[index])}"
        return None

    def _remark(self, block: Block, row: int) -> list[Segment]:
        below = row - len(block.wrapper.rows)
        if below >= len(block.remarks):
            return []
        about, remark = block.remarks[below]
        gutter = _GUTTERS[about.kind] if about is not block else _INDENT
        remark = _cut_remark(remark, self._content.rows.width + 1)
        return [Segment(gutter, self._style("gutter")), Segment(remark, self._style("remark"))]

    def _rule(self, text: str) -> str:
        line = f"── {text} "
        return line + "─" * max(2, self._content.rows.width + GUTTER_CELLS - cell_len(line))

    def _style(self, name: str) -> Style:
        """A style by its name; asking for one takes as long as rendering a row."""
        known = self._styles.get(name)
        if known is None:
            known = self._styles[name] = self._style_of(name)
        return known


def selected_text(rows: BlockRows, selection: Selection) -> str:
    """The selected text as it was written: without gutters, and without the breaks that only the width made."""
    parts: list[str] = []
    first = selection.start.y if selection.start else 0
    last = min(selection.end.y if selection.end else rows.count, rows.count - 1)
    for index in range(max(0, first), last + 1):
        block, row = rows.locate(index)
        span = selection.get_span(index)
        if row >= len(block.wrapper.rows) or span is None:
            continue
        gutter = len(_GUTTERS[block.kind])
        text, before = block.wrapper.rows[row].text, block.before if row == 0 else None
        if before:
            text = before.wrapper.rows[-1].text + block.separator + text
            block, row = before, len(before.wrapper.rows) - 1
        start, end = max(0, span[0] - gutter), len(text) if span[1] == -1 else max(0, span[1] - gutter)
        join = block.wrapper.rows[row].join if row else "\n"
        parts += [join if parts else "", text[start:end]]
    return without_gaps("".join(parts))


@dataclass(frozen=True, slots=True)
class WordTarget:
    """A character of a turn."""

    block: Block
    offset: int


@dataclass(frozen=True, slots=True)
class ArrowTarget:
    """An arrow beside the number of a turn's versions."""

    turn_id: int
    by: int
    """-1 for the version before, 1 for the next."""


def target_at(rows: BlockRows, row: int, cell: int) -> WordTarget | ArrowTarget | None:
    """What of a stored turn stands in a cell; None for anything else."""
    if not 0 <= row < rows.count:
        return None
    block, row = rows.locate(row)
    if block.kind not in TURNS or not block.turn_id:
        return None
    below = row - len(block.wrapper.rows)
    if below >= 0:
        return _arrow_at(block, below, cell)
    if block.kind == "mark":
        return None
    cell -= GUTTER_CELLS
    if row == 0 and (before := block.before):  # two turns share it
        if cell < block.wrapper.indent:
            block, row = before, len(before.wrapper.rows) - 1
        else:
            cell -= block.wrapper.indent
    line = block.wrapper.rows[row]
    column = _characters_before(line.text, cell)
    return WordTarget(block, line.start + column) if 0 <= column < len(line.text) else None


def _cut_remark(remark: str, cells: int) -> str:
    """As many whole parts of a remark as there is room for; where not even one has room, its beginning with dots."""
    if cell_len(remark) <= cells:
        return remark
    parts = remark.split(BETWEEN)
    fitting = next((count for count in range(len(parts), 0, -1) if cell_len(BETWEEN.join(parts[:count])) <= cells), 0)
    return BETWEEN.join(parts[:fitting]) if fitting else f"{set_cell_size(remark, max(0, cells - 1)).rstrip()}…"


def _arrow_at(block: Block, below: int, cell: int) -> ArrowTarget | None:
    if below >= len(block.remarks):
        return None
    about, remark = block.remarks[below]
    place = _characters_before(_INDENT + remark, cell)
    sign = (_INDENT + remark)[place : place + 1] if place >= 0 else ""
    return ArrowTarget(about.turn_id, -1 if sign == "‹" else 1) if sign and sign in "‹›" else None


def _characters_before(text: str, cells: int) -> int:
    """How many characters stand before a cell; -1 left of the text."""
    if cells < 0:
        return -1
    for count, character in enumerate(text):
        cells -= cell_len(character)
        if cells < 0:
            return count
    return len(text)


def _put_over(segments: list[Segment], span: Span, style: Style) -> list[Segment]:
    """The segments, with a style over the characters of a span; an end of -1 is that of the row."""
    start, end = span
    out: list[Segment] = []
    position = 0
    for segment in segments:
        text = segment.text
        cuts = [max(0, min(len(text), cut - position)) for cut in (start, len(text) + position if end == -1 else end)]
        parts = (text[: cuts[0]], text[cuts[0] : max(cuts)], text[max(cuts) :])
        over = (segment.style or Style()) + style
        styles = (segment.style, make_legible(over) if style.bgcolor else over, segment.style)
        out += [Segment(part, style) for part, style in zip(parts, styles, strict=True) if part]
        position += len(text)
    return out
