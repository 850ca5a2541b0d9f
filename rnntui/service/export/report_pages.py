"""Exhibits as one page for a browser, with curves as SVG inside, or as Markdown. Nothing is loaded from anywhere.

Text in figures may be foreign: in HTML it is escaped, in Markdown it is literal, and control characters are visible.
"""

import dataclasses
import html
import math
from collections.abc import Iterator, Sequence

from rnntui.figures import Bars, Chart, Check, Figure, Heatmap, HighlightedText, Note, Table
from rnntui.service.export.text_export import literal
from rnntui.service.export.text_render import plain_text, render
from rnntui.text import visible, visible_line

_LONGEST = 4_000
_COLUMNS = 100
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 760, 300, 52, 12, 10, 34
_COLOURS = ("#2a7fd4", "#d98b00", "#7a7a7a", "#2f9e58", "#a04ec0")
_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; vertical-align: top; padding: .2rem .8rem .2rem 0; }
td { border-top: 1px solid #8884; } .bar { background: #2a7fd4; height: .8rem; display: inline-block; }
svg { width: 100%; height: auto; } svg text { font: 12px system-ui, sans-serif; fill: currentColor; }
pre { overflow-x: auto; } .number { white-space: nowrap; font-variant-numeric: tabular-nums; }
"""


def to_markdown(title: str, figures: Sequence[Figure]) -> str:
    """One document; curves are drawn with characters."""
    parts = [f"# {literal(visible_line(title, 200))}"]
    parts += [_markdown(figure) for figure in figures]
    return "\n\n".join(part for part in parts if part) + "\n"


def to_html(title: str, figures: Sequence[Figure]) -> str:
    """One page that needs nothing but itself."""
    name = _escape(title, 200)
    body = "\n".join(_html(figure) for figure in figures)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{name}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{name}</h1>\n{body}\n</body>\n</html>\n"
    )


def _render_plain(figure: Chart | Heatmap | HighlightedText) -> str:
    """An figure in characters, without its title."""
    untitled = dataclasses.replace(figure, title="")
    return "\n".join(visible(plain_text(line)).replace("\n", " ") for line in render(untitled, _COLUMNS))


# ---- Markdown ---------------------------------------------------------------------------------------------------


def _markdown(figure: Figure) -> str:
    match figure:
        case Note():
            return _plain(figure.text)
        case Check():
            return f"{'✓' if figure.holds else '✗'} {_plain(figure.claim)}: {_plain(figure.figure)}"
        case Table():
            return _heading(figure.title) + "\n".join(_markdown_rows(figure.heading, figure.rows))
        case Bars():
            rows = tuple((bar.label, bar.shown) for bar in figure.bars)
            return _heading(figure.title) + "\n".join(_markdown_rows(("", ""), rows))
        case Chart() | Heatmap() | HighlightedText():
            return f"{_heading(figure.title)}```text\n{_render_plain(figure).replace('```', '`` `')}\n```"


def _heading(title: str) -> str:
    return f"## {_plain(title)}\n\n" if title else ""


def _markdown_rows(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(_plain(cell) for cell in heading)} |"
    yield f"|{'---|' * len(heading)}"
    for row in rows:
        yield f"| {' | '.join(_plain(cell) for cell in row)} |"


def _plain(text: str) -> str:
    """On one line, and nothing in it is markup or ends a cell."""
    return literal(visible_line(text, _LONGEST))


# ---- HTML -------------------------------------------------------------------------------------------------------


def _html(figure: Figure) -> str:
    match figure:
        case Note():
            return f"<p>{_escape(figure.text)}</p>"
        case Check():
            return f"<p>{'✓' if figure.holds else '✗'} {_escape(figure.claim)}: {_escape(figure.figure)}</p>"
        case Table():
            return _html_heading(figure.title) + _html_table(figure)
        case Bars():
            return _html_heading(figure.title) + _html_bars(figure)
        case Chart():
            return _html_heading(figure.title) + to_svg(figure)
        case Heatmap() | HighlightedText():
            return f"{_html_heading(figure.title)}<pre>{html.escape(_render_plain(figure))}</pre>"


def _html_heading(title: str) -> str:
    return f"<h2>{_escape(title)}</h2>\n" if title else ""


def _html_table(table: Table) -> str:
    heading = "".join(f"<th>{_escape(cell)}</th>" for cell in table.heading) if any(table.heading) else ""
    rows = "\n".join(f"<tr>{''.join(f'<td>{_escape(cell)}</td>' for cell in row)}</tr>" for row in table.rows)
    return f"<table>\n<tr>{heading}</tr>\n{rows}\n</table>" if heading else f"<table>\n{rows}\n</table>"


def _html_bars(bars: Bars) -> str:
    full = bars.full or max((bar.value for bar in bars.bars), default=1.0) or 1.0
    rows = "\n".join(
        f'<tr><td>{_escape(bar.label)}</td><td class="number">{_escape(bar.shown)}</td>'
        f'<td style="width:60%"><span class="bar" style="width:{_share(bar.value, full):.1f}%"></span></td></tr>'
        for bar in bars.bars
    )
    return f"<table>\n{rows}\n</table>"


def _share(value: float, full: float) -> float:
    return 100 * min(1.0, max(0.0, value / full)) if math.isfinite(value) else 0.0


def to_svg(chart: Chart) -> str:
    """Curves as a picture that grows with the page."""
    points = [point for series in chart.series for point in series.points if math.isfinite(point[1])]
    left, right = min((x for x, _ in points), default=0.0), max((x for x, _ in points), default=1.0)

    def place(x: float, y: float) -> tuple[float, float]:
        across = (x - left) / (right - left) if right > left else 0.0
        down = (chart.high - y) / (chart.high - chart.low) if chart.high > chart.low else 0.5
        return (
            _LEFT + across * (_WIDTH - _LEFT - _RIGHT),
            _TOP + min(1.0, max(0.0, down)) * (_HEIGHT - _TOP - _BOTTOM),
        )

    parts = [f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT + 22}" role="img" aria-label="{_escape(chart.title)}">']
    for step in range(5):
        value = chart.low + step / 4 * (chart.high - chart.low)
        _, y = place(left, value)
        parts.append(f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#8884"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.2f}</text>')
        x, _ = place(left + step / 4 * (right - left), chart.low)
        shown = f"{left + step / 4 * (right - left):,.0f}"
        parts.append(f'<text x="{x:.1f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{shown}</text>')
    for number, series in enumerate(chart.series):
        places = [place(*point) for point in series.points if math.isfinite(point[1])]
        colour = _COLOURS[number % len(_COLOURS)]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        dashed = ' stroke-dasharray="5 4"' if number > 1 else ""
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.6"{dashed}/>')
        if number == 1:
            parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
        name = _escape(series.name, 40)
        parts.append(f'<text x="{_LEFT + number * 160}" y="{_HEIGHT + 14}" style="fill:{colour}">{name}</text>')
    parts.append(f'<text x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 2}" text-anchor="end">{_escape(chart.x_label, 40)}</text>')
    return "\n".join([*parts, "</svg>"])


def _escape(text: str, longest: int = _LONGEST) -> str:
    return html.escape(visible_line(text, longest))
