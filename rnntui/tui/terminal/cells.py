"""What the terminal shows, cell by cell, so that a frame is written as what differs from it and no more.

A terminal far away takes so many bytes a second. Textual writes a changed widget as whole rows, with all colours named
anew for each piece of them; of a picture of the memory that is three thousand bytes where three hundred say the same.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple

from rich.cells import cell_len, get_character_cell_size
from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS, Console
from rich.style import Style
from textual.strip import Strip

from rnntui.tui.terminal.textual_internals import ChopsUpdate, CompositorUpdate, LayoutUpdate

_WORTH_GOING_ON = 6
"""So many cells that are as they were cost less to write again than going beyond them."""
_STYLES = 4_096


class CellStyle(NamedTuple):
    """How a cell is painted: codes of the terminal, "" for what it does by itself."""

    attributes: str
    color: str
    ground: str


Cell = tuple[str, CellStyle]
"""What stands in a cell, and its style. All but the first cell of what takes several at once are empty."""
_PLAIN = CellStyle("", "", "")


class TerminalCells:
    """The cells of one terminal, which nobody else writes to."""

    def __init__(self) -> None:
        self._rows: dict[int, list[Cell | None]] = {}

    def forget(self) -> None:
        """Nothing is known of what is shown; every cell of the next frames is written."""
        self._rows.clear()

    def narrow(self, frame: object) -> Any:
        """The same frame, which writes only what differs when it is rendered for the terminal."""
        if isinstance(frame, LayoutUpdate):
            return _FullFrame(self, frame)
        if isinstance(frame, ChopsUpdate):
            return _PartialFrame(self, frame)
        return frame

    def put(self, y: int, x: int, cells: list[Cell]) -> list[Cell | None]:
        """Take cells as shown from here on. Returns what stood there; None where that is not known."""
        row = self._rows.setdefault(y, [])
        end = x + len(cells)
        row += [None] * (end - len(row))
        before = row[x:end]
        row[x:end] = cells
        return before


class _FullFrame(CompositorUpdate):
    """A frame of the whole screen: written as it is, whatever the terminal shows."""

    def __init__(self, shown: TerminalCells, update: LayoutUpdate) -> None:
        self._shown = shown
        self._update = update

    def render_segments(self, console: Console) -> str:
        """All of it, as codes of the terminal."""
        self._shown.forget()
        system = _color_system(console)
        region = self._update.region
        for y, strips in enumerate(self._update.strips, region.y):
            self._shown.put(y, region.x, [cell for strip in strips for cell in _cells(strip, system)])
        return self._update.render_segments(console)


class _PartialFrame(CompositorUpdate):
    """A frame of parts of the screen: of those what differs from what the terminal shows."""

    def __init__(self, shown: TerminalCells, update: ChopsUpdate) -> None:
        self._shown = shown
        self._update = update

    def render_segments(self, console: Console) -> str:
        """What differs, as codes of the terminal."""
        return _encode(self._runs(_color_system(console)))

    def _runs(self, system: ColorSystem) -> Iterator[tuple[int, int, list[Cell]]]:
        for y, x, strip in self._pieces():
            cells = list(_cells(strip, system))
            for start, stop in _find_changes(self._shown.put(y, x, cells), cells):
                yield y, x + start, cells[start:stop]

    def _pieces(self) -> Iterator[tuple[int, int, Strip]]:
        update = self._update
        for y, left, right in update.spans:
            for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                if strip is not None and x <= right and end > left:
                    yield y, x, strip if end <= right else strip.crop(0, right - x)


def _color_system(console: Console) -> ColorSystem:
    return COLOR_SYSTEMS[console.color_system or "truecolor"]


def _cells(strip: Strip, system: ColorSystem) -> Iterator[Cell]:
    for text, style, control in strip:
        if not control:
            yield from _cells_of(text, _style_of(style or Style.null(), system))


def _cells_of(text: str, style: CellStyle) -> Iterable[Cell]:
    if text.isascii():
        return [(character, style) for character in text]
    sizes = [get_character_cell_size(character) for character in text]
    if 0 in sizes or sum(sizes) != cell_len(text):  # characters that are drawn as one
        return [(text, style), *((("", style),) * (cell_len(text) - 1))]
    cells: list[Cell] = []
    for character, size in zip(text, sizes, strict=True):
        cells.append((character, style))
        if size == 2:
            cells.append(("", style))
    return cells


@lru_cache(_STYLES)
def _style_of(style: Style, system: ColorSystem) -> CellStyle:
    attributes = Strip.render_ansi(style.without_color, system)
    color, ground = (
        ";".join(part.downgrade(system).get_ansi_codes(is_color)) if part else ""
        for part, is_color in ((style.color, True), (style.bgcolor, False))
    )
    return CellStyle(attributes, color, ground)


def _find_changes(before: list[Cell | None], now: list[Cell]) -> list[tuple[int, int]]:
    """Runs of cells that differ, from and to: two as one where what is between costs less than going there.

    Where something takes several cells, all up to the end is one run: a terminal may draw it in more cells or fewer.
    """
    runs: list[tuple[int, int]] = []
    for at, (old, new) in enumerate(zip(before, now, strict=True)):
        if old == new:
            continue
        start, stop = runs[-1] if runs else (at, at)
        if at - stop <= _WORTH_GOING_ON and all(style == now[stop - 1][1] for _, style in now[stop:at]):
            runs[-1:] = [(start, at + 1)]
        else:
            runs.append((at, at + 1))
    if runs and not all(cell and cell[0] for cells in (before, now) for cell in cells):
        start = runs[0][0]
        return [(next(at for at in range(start, -1, -1) if now[at][0]), len(now))]
    return runs


def _encode(runs: Iterable[tuple[int, int, list[Cell]]]) -> str:
    parts: list[str] = []
    at = _PLAIN
    for y, x, cells in runs:
        parts.append(f"\x1b[{y + 1};{x + 1}H")
        for style, group in groupby(cells, key=lambda cell: cell[1]):
            parts.append(_change_style(at, style))
            parts += [text for text, _ in group]
            at = style
    if at != _PLAIN:
        parts.append("\x1b[0m")
    return "".join(parts)


def _change_style(before: CellStyle, now: CellStyle) -> str:
    """From one style to another with as few codes as will do."""
    if before == now:
        return ""
    ends = before.attributes != now.attributes or any(old and not new for old, new in zip(before, now, strict=True))
    old = _PLAIN if ends else before
    codes = ";".join(code for code, known in zip(now, old, strict=True) if code != known)
    return f"\x1b[{'0;' if ends and before != _PLAIN and codes else ''}{codes}m"
