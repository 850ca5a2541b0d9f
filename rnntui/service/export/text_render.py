"""Exhibits as lines of text of a given width: what the command line prints and the screen colours.

A line is a row of spans; a span has a role, which a screen turns into a style, and a level for what is tinted. All
meaning is in the characters, so that nothing is lost without colour. Foreign text is made visible here.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, chop_cells, set_cell_size

from rnntui.figures import Bars, Chart, Check, Figure, Heatmap, HighlightedText, Note, Series, Table
from rnntui.text import bar, is_numeric, piece_name, visible_line

_COLUMNS = "▁▂▃▄▅▆▇█"
_LABEL_CELLS = 18
_MOST_BAR_CELLS = 48
_MOST_CHART_CELLS = 72
_CHART_ROWS = 11
_AXIS_CELLS = 7
_SEVERAL = "*"
"""Where the marks of two curves fall into one cell: neither hides the other."""
_GAP = "  "


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line."""

    text: str
    role: str = ""
    """"title", "muted", "warning", "good", "bad", "bar", "second", "axis", "series-0" ..., "heat" for a mark, "tint"
    for a word with a value; empty is plain."""
    level: float = 0.0
    """-1 to 1, for "heat" and "tint"."""


Line = tuple[Span, ...]


def render_all(figures: Iterable[Figure], columns: int) -> list[Line]:
    """Several figures below each other, a blank line between those that have a title."""
    lines: list[Line] = []
    for figure in figures:
        title: str = getattr(figure, "title", "")
        if lines and title:
            lines.append(())
        lines += render(figure, columns)
    return lines


def render(figure: Figure, columns: int) -> list[Line]:
    """One figure, no line wider than `columns` cells (at least 30)."""
    columns = max(30, columns)
    match figure:
        case Note():
            return [(Span(line, figure.role),) for line in wrap(figure.text, columns)]
        case Check():
            return list(_check(figure, columns))
        case Table():
            return [*_title(figure.title, columns), *_table(figure, columns)]
        case Bars():
            return [*_title(figure.title, columns), *_bars(figure, columns)]
        case Heatmap():
            return [*_title(figure.title, columns), *_heatmap(figure, columns)]
        case HighlightedText():
            return [*_title(figure.title, columns), *_highlighted_text(figure, columns)]
        case Chart():
            return [*_title(figure.title, columns), *_chart(figure, columns)]


def plain_text(line: Line) -> str:
    """A line without its roles."""
    return "".join(span.text for span in line).rstrip()


def wrap(text: str, columns: int) -> list[str]:
    """A text of ours, which may quote foreign text, in lines."""
    lines = [""]
    for word in visible_line(text, 4_000).split(" "):
        for part in chop_cells(word, columns):
            longer = f"{lines[-1]} {part}" if lines[-1] else part
            if cell_len(longer) <= columns:
                lines[-1] = longer
            else:
                lines.append(part)
    return lines


def _title(title: str, columns: int) -> list[Line]:
    return [(Span(line, "title"),) for line in wrap(title, columns)] if title else []


def _check(check: Check, columns: int) -> Iterator[Line]:
    sign, role = ("✓ ", "good") if check.holds else ("✗ ", "bad")
    first, *rest = wrap(f"{check.claim}: {check.figure}", columns - 2)
    yield (Span(sign, role), Span(first))
    for line in rest:
        yield (Span(_GAP), Span(line))


def _table(table: Table, columns: int) -> Iterator[Line]:
    count = len(table.heading)
    cells = [tuple(_cell(cell) for cell in row) for row in table.rows]
    widths = [max(cell_len(row[at]) for row in (table.heading, *cells)) for at in range(count)]
    numeric = [bool(cells) and all(is_numeric(row[at]) for row in cells) for at in range(count)]
    spare = columns - sum(widths) - len(_GAP) * (count - 1)
    while spare < 0:
        widest = max((at for at in range(count) if not numeric[at]), key=lambda at: widths[at], default=0)
        if widths[widest] <= 6:
            break
        widths[widest] -= 1
        spare += 1
    names = _GAP.join(
        _fit(name, width, right) for name, width, right in zip(table.heading, widths, numeric, strict=True)
    )
    yield (Span(_cut(names, columns).rstrip(), "muted"),)
    for row in cells:
        text = _GAP.join(_fit(cell, width, right) for cell, width, right in zip(row, widths, numeric, strict=True))
        yield (Span(_cut(text, columns).rstrip()),)


def _bars(bars: Bars, columns: int) -> Iterator[Line]:
    labels = [_cell(entry.label) for entry in bars.bars]
    label_cells = min(_LABEL_CELLS, columns // 3, max((cell_len(label) for label in labels), default=0))
    shown_cells = max((len(text) for entry in bars.bars for text in (entry.shown, entry.second_shown)), default=0)
    values = [value for entry in bars.bars for value in (entry.value, entry.second) if value is not None]
    full = bars.full or max([value for value in values if math.isfinite(value)], default=0.0) or 1.0
    room = min(_MOST_BAR_CELLS, columns - label_cells - shown_cells - 2 * len(_GAP))
    for entry, label in zip(bars.bars, labels, strict=True):
        yield _bar_line(_fit(label, label_cells), entry.shown.rjust(shown_cells), entry.value / full, room, "bar")
        if entry.second is not None:
            blank = " " * label_cells
            yield _bar_line(blank, entry.second_shown.rjust(shown_cells), entry.second / full, room, "second")


def _bar_line(label: str, shown: str, share: float, room: int, role: str) -> Line:
    return (Span(label + _GAP), Span(shown + _GAP, "muted"), Span(bar(share, room) if share == share else "", role))


def _heatmap(strips: Heatmap, columns: int) -> Iterator[Line]:
    labels = [_cell(label) for label, _, _ in strips.rows]
    label_cells = min(_LABEL_CELLS, columns // 3, max((cell_len(label) for label in labels), default=0))
    remark_cells = max((cell_len(remark) for _, _, remark in strips.rows), default=0)
    room = max(8, columns - label_cells - remark_cells - 2 * len(_GAP))
    for (_, values, remark), label in zip(strips.rows, labels, strict=True):
        marks = [Span(_COLUMNS[_level(value, 8)], "heat", value) for value in _sample_evenly(values, room)]
        yield (Span(_fit(label, label_cells) + _GAP, "muted"), *marks, Span(_GAP + remark, "muted"))


def _highlighted_text(tinted: HighlightedText, columns: int) -> Iterator[Line]:
    """Two rows each: the words, and under every word a mark as high as its value."""
    words: list[Span] = []
    marks: list[Span] = []
    used = 0
    for piece, value in tinted.words:
        text = _one_row(piece)
        if used + cell_len(text) > columns and used:
            yield from (tuple(words), tuple(marks))
            words, marks, used = [], [], 0
            text = text.lstrip(" ") or text
        text = _cut(text, columns - used)
        bare = text.lstrip(" ")
        lead = " " * (len(text) - len(bare))
        words += [Span(lead), Span(bare, "tint", value)]
        marks += [Span(lead), Span(_COLUMNS[_level(value, 8)] * cell_len(bare), "muted")]
        used += cell_len(text)
        if "\n" in piece:
            yield from (tuple(words), tuple(marks))
            words, marks, used = [], [], 0
    if words:
        yield from (tuple(words), tuple(marks))


def _one_row(piece: str) -> str:
    lead = " " if piece.startswith(" ") else ""
    return lead + (piece_name(piece) if piece.strip(" ") else "")


def _chart(chart: Chart, columns: int) -> Iterator[Line]:
    room = min(_MOST_CHART_CELLS, columns - _AXIS_CELLS - 1)
    points = [point for series in chart.series for point in series.points]
    left, right = min((x for x, _ in points), default=0.0), max((x for x, _ in points), default=1.0)
    cells: list[list[Span]] = [[Span(" ")] * room for _ in range(_CHART_ROWS)]
    for number, series in sorted(enumerate(chart.series), key=lambda entry: not _is_level(entry[1])):
        _place_points(cells, series, number, (left, right), (chart.low, chart.high))
    for number, row in enumerate(cells):
        value = chart.high - number / (_CHART_ROWS - 1) * (chart.high - chart.low)
        label = f"{value:{_AXIS_CELLS - 1}.2f}" if number % 5 == 0 else " " * (_AXIS_CELLS - 1)
        yield (Span(f"{label} │", "axis"), *row)
    yield (Span(" " * _AXIS_CELLS + "└" + "─" * room, "axis"),)
    ends = f"{left:g}".ljust(room - len(f"{right:g}")) + f"{right:g}"
    middle = (room - len(chart.x_label)) // 2
    if middle > 0 and not ends[middle - 1 : middle + len(chart.x_label) + 1].strip():
        ends = ends[:middle] + chart.x_label + ends[middle + len(chart.x_label) :]
    yield (Span(" " * (_AXIS_CELLS + 1) + ends, "axis"),)
    key: list[Span] = [Span(" " * (_AXIS_CELLS + 1) + f"{chart.y_label}:", "axis")]
    for number, series in enumerate(chart.series):
        key.append(Span(f"  {series.mark} {series.name}", f"series-{number}"))
    if any(span.text == _SEVERAL for row in cells for span in row):
        key.append(Span(f"  {_SEVERAL} several", "axis"))
    yield tuple(key)


def _is_level(series: Series) -> bool:
    """True for a line across: it is drawn first, and a curve may stand on it."""
    return len({y for _, y in series.points}) == 1


def _place_points(
    cells: list[list[Span]], series: Series, number: int, x_span: tuple[float, float], y_span: tuple[float, float]
) -> None:
    rows, columns = len(cells), len(cells[0])
    (left, right), (low, high) = x_span, y_span

    def row_of(y: float) -> int:
        share = (high - y) / (high - low) if high > low else 0.5
        return max(0, min(rows - 1, round(share * (rows - 1))))

    for at, (x, y) in enumerate(series.points):
        if not math.isfinite(y):
            continue
        column = round((x - left) / (right - left) * (columns - 1)) if right > left else 0
        error = series.errors[at] if at < len(series.errors) else 0.0
        for row in range(row_of(y + error), row_of(y - error) + 1) if error else ():
            if cells[row][column].text == " ":
                cells[row][column] = Span("│", f"series-{number}")
        place = cells[row_of(y)]
        own = f"series-{number}"
        is_taken = place[column].role not in ("", own) and place[column].text not in "│-=" and not _is_level(series)
        place[column] = Span(_SEVERAL, "axis") if is_taken else Span(series.mark, own)


def _sample_evenly(values: Sequence[float], room: int) -> list[float]:
    """The numbers, or every n-th of them when there are more than places."""
    if len(values) <= room:
        return list(values)
    return [values[at * len(values) // room] for at in range(room)]


def _level(value: float, levels: int) -> int:
    share = (max(-1.0, min(1.0, value)) + 1) / 2 if math.isfinite(value) else 0.5
    return min(levels - 1, int(share * levels))


def _cell(text: str) -> str:
    return visible_line(text, 200)


def _fit(text: str, cells: int, is_right: bool = False) -> str:
    wide = cell_len(text)
    if wide > cells:
        return set_cell_size(text, max(0, cells - 1)) + "…"
    return " " * (cells - wide) + text if is_right else text + " " * (cells - wide)


def _cut(text: str, cells: int) -> str:
    return text if cell_len(text) <= cells else set_cell_size(text, cells)
