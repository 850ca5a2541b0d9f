"""A page of Markdown as lines of one widget: headings, paragraphs, lists, tables and code; links are their text.

Textual's own Markdown widget makes a widget of every cell of a table: 750 of them, and a second, for the page of keys.
"""

import re
from collections.abc import Iterator, Sequence

from textual.content import Content
from textual.widgets import Static

from rnntui.tui.safe import joined, shown

_FENCE, _CODE_STYLE = "```", "$text-accent"
_HEADING = re.compile(r"(#{1,6}) +(.*)")
_ITEM = re.compile(r"(\s*)([-*]|\d+\.) +(.*)")
_INLINE = re.compile(
    r"(`+)(?P<code>.+?)\1|\*\*(?P<bold>.+?)\*\*|\*(?P<italic>[^\s*][^*]*)\*|\[(?P<link>[^\]]*)\]\([^)]*\)"
)
_CELLS = re.compile(r"(?:`[^`]*`|\\\||[^|])*")
_RULE = re.compile(r"[\s|:-]*-[\s|:-]*")
_GAP = 2
_LEAST_COLUMN = 14
"""A table whose columns would be narrower is shown as a list of its rows."""


class MarkdownView(Static):
    """Shows one page as wide as it is."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._page = ""
        self._words = ""

    def show(self, page: str, words: str = "") -> int:
        """Show a page.

        Args:
            page: Markdown.
            words: Marked wherever they stand; blank for none.

        Returns:
            The line on which the words stand first; 0 where they do not.
        """
        self._page, self._words = page, words.strip().casefold()
        return self._render_page()

    def on_resize(self) -> None:
        """Lines are as long as there is room."""
        self._render_page()

    def _render_page(self) -> int:
        lines = render_markdown(self._page, max(_LEAST_COLUMN, self.content_size.width))
        marked = [_mark(line, self._words) for line in lines]
        content = Content("\n").join(marked)
        self.update(content)
        return next((number for number, line in enumerate(lines) if _stands_in(line, self._words)), 0)


def render_markdown(page: str, width: int) -> list[Content]:
    """The lines of a page.

    Args:
        page: Markdown; what is not understood stays as it is.
        width: Cells of a line.
    """
    lines: list[Content] = []
    was_item = False
    for block in _blocks(page.splitlines()):
        is_item = _ITEM.match(block[0]) is not None
        lines += [Content("")] if lines and not (is_item and was_item) else []
        lines += _render_block(block, width)
        was_item = is_item
    return lines


def _blocks(lines: Sequence[str]) -> Iterator[list[str]]:
    """Fences, headings, tables, list items and paragraphs, each with its lines."""
    block: list[str] = []
    for line in lines:
        if block and block[0].startswith(_FENCE):
            block.append(line)
            if line.startswith(_FENCE):
                yield block
                block = []
            continue
        begins = line.startswith(_FENCE) or _HEADING.fullmatch(line) or _ITEM.match(line)
        changes = bool(block) and line.startswith("|") != block[0].startswith("|")
        if block and (not line.strip() or begins or changes or _HEADING.fullmatch(block[0])):
            yield block
            block = []
        if line.strip():
            block.append(line)
    if block:
        yield block


def _render_block(block: list[str], width: int) -> list[Content]:
    first = block[0]
    if first.startswith(_FENCE):
        return [shown(f"  {line}", _CODE_STYLE) for line in block[1:] if not line.startswith(_FENCE)]
    if heading := _HEADING.fullmatch(first):
        style = "bold $text-primary" if len(heading[1]) == 1 else "bold"
        return _render_inline(heading[2]).stylize(style).wrap(width)
    if first.startswith("|"):
        return _render_table([_split_row(line) for line in block if not _RULE.fullmatch(line)], width)
    if item := _ITEM.match(first):
        sign = "• " if item[2] in "-*" else f"{item[2]} "
        text = " ".join([item[3], *(line.strip() for line in block[1:])])
        return _indent(_render_inline(text), len(item[1]), sign, width)
    return _render_inline(" ".join(line.strip() for line in block)).wrap(width)


def _render_inline(text: str) -> Content:
    parts: list[Content] = []
    at = 0
    for found in _INLINE.finditer(text):
        parts.append(shown(text[at : found.start()]))
        style = {"code": _CODE_STYLE, "bold": "bold", "italic": "italic", "link": ""}[found.lastgroup or "link"]
        parts.append(shown(found[found.lastgroup or "link"], style))
        at = found.end()
    return joined(*parts, shown(text[at:]))


def _indent(content: Content, by: int, sign: str, width: int) -> list[Content]:
    """Lines that stand beside a sign."""
    room = max(_LEAST_COLUMN, width - by - len(sign))
    heads = [" " * by + sign, " " * (by + len(sign))]
    return [joined(heads[min(number, 1)], line) for number, line in enumerate(content.wrap(room))]


def _split_row(line: str) -> list[Content]:
    cells = [cell.strip().replace("\\|", "|") for cell in _CELLS.findall(line.strip().strip("|")) if cell]
    return [_render_inline(cell) for cell in cells]


def _render_table(rows: list[list[Content]], width: int) -> list[Content]:
    columns = max((len(row) for row in rows), default=0)
    if not columns:
        return []
    rows = [row + [Content("")] * (columns - len(row)) for row in rows]
    widths = _fit([max(row[column].cell_length for row in rows) for column in range(columns)], width)
    if min(widths) < 0:
        return [line for row in rows[1:] for line in _indent(_join_cells(row), 0, "• ", width)]
    head, *others = [_render_row(row, widths) for row in rows]
    return [*(line.stylize("bold") for line in head), *(line for lines in others for line in lines)]


def _fit(natural: list[int], width: int) -> list[int]:
    """Widths of columns that fit into a line, the widest cut first; negative where they would be too narrow."""
    room = width - _GAP * (len(natural) - 1)
    widest = max(natural)
    while sum(min(cells, widest) for cells in natural) > room and widest > 0:
        widest -= 1
    if widest < min(_LEAST_COLUMN, max(natural)):
        return [-1] * len(natural)
    return [min(cells, widest) for cells in natural]


def _join_cells(row: list[Content]) -> Content:
    cells = [cell for cell in row if cell.plain]
    return Content(" · ").join(cells)


def _render_row(row: list[Content], widths: list[int]) -> list[Content]:
    cells = [cell.wrap(max(1, cells)) or [Content("")] for cell, cells in zip(row, widths, strict=True)]
    lines = []
    for number in range(max(len(cell) for cell in cells)):
        parts = [cell[number] if number < len(cell) else Content("") for cell in cells]
        padded = [part.pad_right(cells - part.cell_length + _GAP) for part, cells in zip(parts, widths, strict=True)]
        lines.append(joined(*padded[:-1], parts[-1]))
    return lines


def _stands_in(line: Content, words: str) -> bool:
    return bool(words) and words in line.plain.casefold()


def _mark(line: Content, words: str) -> Content:
    if not _stands_in(line, words):
        return line
    for found in re.finditer(re.escape(words), line.plain.lower()):
        line = line.stylize("reverse", *found.span())
    return line
