"""A conversation with its surprise as colour: one page for a browser, or one picture. Nothing is loaded, nothing runs.

Under the pointer each word tells how likely it was, and what else could have stood there. Colours follow the reader's
light or dark screen; thicker lines say the same on paper. Every text may be foreign: it is made visible and escaped.
"""

import dataclasses
import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from rich.cells import cell_len, chop_cells

from rnntui.figures import SURPRISE_LIMITS, surprise_band
from rnntui.service.export.word_facts import ConversationFacts, TurnFacts, WordFacts
from rnntui.setting_fields import shown_value, word_for
from rnntui.settings import SamplerSettings
from rnntui.text import piece_name, plural, visible, visible_line

_PLAIN = -1
_COLUMNS = 84
_CELL, _LINE, _FONT, _TITLE_FONT, _MARGIN = 9.03, 24, 15, 19, 28
_HINT = "Point at a word to see how likely it was, and what else could have stood there."
_NO_CHARACTERS = re.compile("[\ufdd0-\ufdef\ufffe\uffff]")
_COLOURS = {
    "ground": ("#fdfcf9", "#161616"),
    "ink": ("#20201e", "#e6e4df"),
    "faint": ("#6b6b66", "#9b9890"),
    "pointer": ("#0b5cad", "#6db3f2"),
    "line": ("#d8d5cc", "#3a3a38"),
    "s1": ("#f7efc9", "#353019"),
    "s2": ("#f9dc94", "#59430f"),
    "s3": ("#f5b183", "#77400f"),
    "s4": ("#ec8f86", "#8d2c28"),
}
"""For a light and for a dark screen."""


def _variables(which: int) -> str:
    return " ".join(f"--{name}: {colours[which]};" for name, colours in _COLOURS.items())


def _fills(which: int) -> str:
    """Said without variables, which few programs but browsers know."""
    colour = {name: colours[which] for name, colours in _COLOURS.items()}
    tints = " ".join(f".s{band} {{ fill: {colour[f's{band}']}; }}" for band in range(1, 5))
    return (
        f"text {{ fill: {colour['ink']}; }} .ground {{ fill: {colour['ground']}; }} {tints} "
        f".faint, .under {{ fill: {colour['faint']}; }} .chosen {{ stroke: {colour['ink']}; }} "
        f"g:hover .spot {{ stroke: {colour['pointer']}; stroke-width: 2; }}"
    )


_PAGE_STYLE = (
    f":root {{ color-scheme: light dark; {_variables(0)} }}\n"
    f"@media (prefers-color-scheme: dark) {{ :root {{ {_variables(1)} }} }}"
    + """
body { background: var(--ground); color: var(--ink); font: 17px/1.7 Georgia, "Times New Roman", serif;
  max-width: 42rem; margin: 2rem auto; padding: 0 1rem 9rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.3; margin-bottom: .3rem; }
.about, .facts, .mark, .legend { color: var(--faint); font: 13px/1.6 system-ui, sans-serif; }
.legend span { padding: .1rem .4rem; color: var(--ink); white-space: nowrap; }
.said { white-space: pre-wrap; margin: 1.6rem 0 0; } .facts { margin: .3rem 0 0; }
.mark { border-top: 1px solid var(--line); padding-top: .3rem; margin-top: 1.6rem; }
.you { font-weight: bold; }
.w { border-radius: 2px; cursor: help; }
.s1 { background: var(--s1); } .s2 { background: var(--s2); box-shadow: inset 0 -1px var(--faint); }
.s3 { background: var(--s3); box-shadow: inset 0 -2px var(--faint); }
.s4 { background: var(--s4); box-shadow: inset 0 -3px var(--ink); }
.chosen { outline: 1px dotted var(--ink); }
.w:hover, .w:focus { outline: 2px solid var(--pointer); }
.w:hover::after, .w:focus::after { content: attr(data-facts); white-space: pre-wrap; position: fixed; right: 1rem;
  bottom: 1rem; max-width: 20rem; background: var(--ground); color: var(--ink); border: 1px solid var(--pointer);
  border-radius: 4px; padding: .5rem .8rem; font: 14px/1.5 ui-monospace, monospace; z-index: 1; text-align: left; }
@media print { body { max-width: none; margin: 0; padding: 0; font-size: 11pt; } .hint { display: none; }
  .said { orphans: 3; widows: 3; } .facts { break-before: avoid; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } .w::after { display: none; } }
"""
)
_PICTURE_STYLE = f"""
text {{ font: {_FONT}px "DejaVu Sans Mono", ui-monospace, Menlo, Consolas, monospace; white-space: pre; }}
.title {{ font-size: {_TITLE_FONT}px; font-weight: bold; }} .you {{ font-weight: bold; }}
.s0, .chosen {{ fill: none; }} .chosen {{ stroke-dasharray: 2 2; }}
{_fills(0)}
@media (prefers-color-scheme: dark) {{ {_fills(1)} }}
"""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some characters that look alike."""

    text: str
    is_person: bool
    band: int = _PLAIN
    """Of its surprise; `_PLAIN` where that is not known."""
    facts: str = ""
    """What is told under the pointer, on several lines; empty for nothing."""
    is_chosen: bool = False


@dataclass(slots=True)
class _Block:
    """What a person wrote together with what the network made of it; or a mark."""

    pieces: list[_Piece] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    """What stands small below it, a line each."""
    mark: str = ""


# ---- one page ---------------------------------------------------------------------------------------------------


def to_html(conversation: ConversationFacts) -> str:
    """One page that needs nothing but itself, not even a script."""
    title = _escape(visible_line(conversation.title))
    legend = " ".join(f'<span class="s{band}">{_escape(name)}</span>' for band, name in enumerate(_bands()))
    body = "\n".join(map(_html_block, _blocks(conversation.turns)))
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f'<title>{title}</title>\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{_PAGE_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        f'<p class="about">{_escape(_about(conversation))}</p>\n'
        f'<p class="legend">How unexpected each word was, in bits: {legend} <span class="hint">{_HINT}</span></p>\n'
        f"{body}\n</body>\n</html>\n"
    )


def _html_block(block: _Block) -> str:
    if block.mark:
        return f'<p class="mark">{_escape(block.mark)}</p>'
    said = "".join(map(_html_piece, _trimmed(block.pieces)))
    below = "".join(f'\n<p class="facts">{_escape(line)}</p>' for line in block.facts)
    return f'<p class="said">{said}</p>{below}'


def _html_piece(piece: _Piece) -> str:
    bare = piece.text.lstrip()
    lead = visible(piece.text[: len(piece.text) - len(bare)])
    looks = ["you"] if piece.is_person else []
    if not piece.facts or not bare:
        text = _escape(visible(bare))
        return _escape(lead) + (f'<span class="you">{text}</span>' if looks and text else text)
    looks += ["w", f"s{piece.band}", *(["chosen"] if piece.is_chosen else [])]
    facts = _escape(piece.facts).replace("\n", "&#10;")
    text = _escape(visible(bare))
    return f'{_escape(lead)}<span class="{" ".join(looks)}" data-facts="{facts}" tabindex="0">{text}</span>'


# ---- one picture ------------------------------------------------------------------------------------------------


def to_svg(conversation: ConversationFacts) -> str:
    """One picture, as high as the text needs; a browser tells the facts of the word under the pointer."""
    canvas = _Canvas()
    for line in chop_cells(visible_line(conversation.title), int(_COLUMNS * _FONT / _TITLE_FONT)):
        canvas.write(line, "title")
        canvas.end_line()
    canvas.write_all(_about(conversation), "faint")
    canvas.write_all("How unexpected each word was, in bits:", "faint")
    for band, name in enumerate(_bands()):
        canvas.put(_Piece(name, is_person=False, band=band), name, canvas.column + (2 if band else 0))
    canvas.end_line()
    for block in _blocks(conversation.turns):
        canvas.end_line(0.5)
        if block.mark:
            canvas.write_all(f"── {block.mark} ──", "faint")
            continue
        for piece in _trimmed(block.pieces):
            canvas.flow(piece)
        canvas.end_line()
        for line in block.facts:
            canvas.write_all(line, "faint")
    return canvas.picture(visible_line(conversation.title))


class _Canvas:
    """Rows of characters of one width."""

    def __init__(self) -> None:
        self.column = 0
        self._y = float(_MARGIN)
        self._parts: list[str] = []

    def flow(self, piece: _Piece) -> None:
        """Put a piece at the end of what stands there, on the next row where it has no room."""
        shown = visible(piece.text).replace("\t", "    ")
        bare = shown.lstrip()
        lead = shown[: len(shown) - len(bare)]
        for _ in range(min(2, lead.count("\n"))):
            self.end_line()
        column = self.column + (cell_len(lead) if "\n" not in lead and self.column else 0)
        for text in chop_cells(" ".join(bare.split()), _COLUMNS) if bare else ():
            if column + cell_len(text) > _COLUMNS:
                self.end_line()
                column = 0
            self.put(piece, text, column)
            column = self.column

    def put(self, piece: _Piece, text: str, column: int) -> None:
        """Draw a piece, or a part of it, from a column of this row on."""
        x, width = _MARGIN + column * _CELL, cell_len(text) * _CELL
        top, look = self._y - _LINE * 0.68, ' class="you"' if piece.is_person else ""
        drawn = [f"<title>{_escape(piece.facts)}</title>"] if piece.facts else []
        if piece.band != _PLAIN:
            drawn.append(_rect(f"spot s{piece.band}", x, top, width, _LINE - 4))
        if piece.band > 1:
            drawn.append(_rect("under", x, top + _LINE - 4, width, piece.band - 1))
        if piece.is_chosen:
            drawn.append(_rect("chosen", x, top, width, _LINE - 4))
        length = f' textLength="{width:.1f}" lengthAdjust="spacingAndGlyphs"'
        drawn.append(f'<text x="{x:.1f}" y="{self._y:.1f}"{length}{look}>{_escape(text)}</text>')
        self._parts.append(f"<g>{''.join(drawn)}</g>")
        self.column = column + cell_len(text)

    def write(self, text: str, look: str) -> None:
        """Write a whole row."""
        self._parts.append(f'<text x="{_MARGIN}" y="{self._y:.1f}" class="{look}">{_escape(text)}</text>')

    def write_all(self, text: str, look: str) -> None:
        """Write a text on as many rows as it needs."""
        row = ""
        for word in text.split():
            if row and cell_len(f"{row} {word}") > _COLUMNS:
                self.write(row, look)
                self.end_line()
                row = ""
            row = f"{row} {word}".lstrip()
        self.write(row, look)
        self.end_line()

    def end_line(self, lines: float = 1) -> None:
        """Go on below."""
        self._y += lines * _LINE
        self.column = 0

    def picture(self, title: str) -> str:
        """All of it."""
        width, height = 2 * _MARGIN + _COLUMNS * _CELL, self._y + _MARGIN - _LINE
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
            f'height="{height:.0f}" role="img" aria-label="{_escape(title)}">\n<style>{_PICTURE_STYLE}</style>\n'
            f"{_rect('ground', 0, 0, width, height)}\n" + "\n".join(self._parts) + "\n</svg>\n"
        )


def _rect(look: str, x: float, y: float, width: float, height: float) -> str:
    return f'<rect class="{look}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


# ---- what both say ----------------------------------------------------------------------------------------------


def _blocks(turns: Iterable[TurnFacts]) -> Iterator[_Block]:
    """A reply runs on where its beginning ends; every other turn stands for itself."""
    open_block: _Block | None = None
    for turn in turns:
        if turn.role not in {"person", "network"}:
            yield from [open_block] if open_block else []
            open_block = None
            words = {"forget": "the memory was emptied here", "switch": f"{turn.model} goes on from here"}
            yield _Block(mark=words.get(turn.role, turn.role))
            continue
        if open_block and (turn.role == "person" or open_block.facts):
            yield open_block
            open_block = None
        open_block = open_block or _Block()
        open_block.pieces += _pieces(turn)
        if turn.role == "network" or turn.status == "damaged":
            open_block.facts = list(_facts(turn))
    yield from [open_block] if open_block else []


def _pieces(turn: TurnFacts) -> Iterator[_Piece]:
    is_person = turn.role == "person"
    for word in turn.words:
        yield _Piece(word.text, is_person, surprise_band(word.bits), _word_facts(word), word.is_chosen)
    if not turn.words:
        yield from (_Piece(text, is_person) for text in re.findall(r"\s*\S+", turn.text))


def _trimmed(pieces: list[_Piece]) -> list[_Piece]:
    """A block begins and ends with a word, whatever joined it to the text around."""
    said = [at for at, piece in enumerate(pieces) if piece.text.strip()]
    if not said:
        return []
    first, *others = pieces[said[0] : said[-1] + 1]
    return [dataclasses.replace(first, text=first.text.lstrip()), *others]


def _word_facts(word: WordFacts) -> str:
    parts = [_chance(word.probability), f"{word.bits:.1f} bits", f"rank {word.rank:,}" if word.rank else ""]
    lines = [piece_name(word.text), " · ".join(filter(None, parts))]
    lines += ["chosen by hand"] if word.is_chosen else []
    for number, (piece, probability) in enumerate(word.alternatives, 1):
        lines.append(f"{number}  {piece_name(piece)}  {_chance(probability)}")
    return "\n".join(lines)


def _chance(probability: float) -> str:
    if probability >= 0.001:
        return f"{100 * probability:.3g} %"
    return f"1 in {1 / probability:,.0f}" if probability > 1e-12 else "next to nothing"


def _facts(turn: TurnFacts) -> Iterator[str]:
    """What stands below a turn: who wrote it, how, and how surprising it was."""
    parts = [visible_line(turn.model, 60)] if turn.role == "network" else []
    parts += [] if turn.status == "complete" else [turn.status]
    parts += _settings(turn.settings) if turn.settings else []
    if count := sum(1 for word in turn.words if word.text.strip()):
        parts.append(plural(count, "word"))
    if turn.bits_per_word:
        parts.append(f"{turn.bits_per_word:.1f} bits a word")
    yield " · ".join(parts)


def _settings(settings: SamplerSettings) -> Iterator[str]:
    """The temperature and the seed, and every setting that is not as it is at first."""
    for entry in dataclasses.fields(SamplerSettings):
        value = getattr(settings, entry.name)
        if value is not None and (entry.name in {"temperature", "seed"} or value != entry.default):
            shown = value if entry.name == "seed" else shown_value(SamplerSettings, entry.name, value)
            yield f"{word_for(SamplerSettings, entry.name)} {shown}"


def _about(conversation: ConversationFacts) -> str:
    replies = [turn for turn in conversation.turns if turn.role == "network"]
    models = dict.fromkeys(visible_line(turn.model, 60) for turn in replies)
    count = "1 reply" if len(replies) == 1 else f"{len(replies):,} replies"
    parts = [f"{count} by {', '.join(models)}" if models else count, "written with rnntui"]
    for name in conversation.missing:
        parts.append(f"the model {visible_line(name, 60)} is not here: nothing is known of its single words")
    return " · ".join(parts)


def _bands() -> Iterator[str]:
    """The bands of surprise in words, the least first."""
    yield f"under {SURPRISE_LIMITS[0]:g}"
    for low, high in pairwise(SURPRISE_LIMITS):
        yield f"{low:g} to {high:g}"
    yield f"over {SURPRISE_LIMITS[-1]:g}"


def _escape(text: str) -> str:
    """Text that is neither markup nor anything that XML forbids."""
    return html.escape(_NO_CHARACTERS.sub("\ufffd", visible(text)))
