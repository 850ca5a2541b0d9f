"""The lines of the box of alternatives: a word with its share, what its figures are of, where it comes from.

Shares are those before the cuts: what the model says, whatever the person's settings make of it.
"""

from rich.cells import cell_len
from textual.content import Content
from textual.style import Style

from rnntui.chat_events import WORD_SOURCES, WordLooked
from rnntui.text import bar, piece_label
from rnntui.tui.panel.next_words import how_open
from rnntui.tui.safe import joined, shown_name
from rnntui.tui.widgets.bars import percent

WORD = "word"
"""Where the cells of a row keep what a click on them says."""
_COLUMNS_FROM = 56
_WORD_CELLS = 13


def fact_lines(found: WordLooked, width: int) -> list[Content]:
    """How surprising the word was that stands there, and how surprising a word is there on average: before the cuts."""
    unsure = how_open(found.entropy_bits)
    if not found.rank:
        return [joined((f"on average here {unsure}", "$foreground-muted"))]
    bits = f"{-found.logprob / 0.6931471805599453:.1f} bits"
    said = joined(("this word ", "$foreground-muted"), (bits, "bold"), (f", rank {found.rank:,}", "$foreground-muted"))
    for others in (f" · on average here {unsure}", f" · average {unsure}"):
        if said.cell_length + cell_len(others) <= width:
            return [joined(said, (others, "$foreground-muted"))]
    return [said, joined((f"on average here {unsure}", "$foreground-muted"))]


def source_lines(found: WordLooked, width: int) -> list[Content]:
    """Where the probability of the word came from; nothing where the network spoke alone."""
    if not found.shares:
        return []
    shares = [(name, share) for name, share in zip(WORD_SOURCES, found.shares, strict=False) if share]
    line = "from " + "  ".join(f"{name} {share:.0%} {bar(share, 8)}" for name, share in shares)
    lines = [line]
    if cell_len(line) > width:
        lines = _fill_lines([f"{name} {share:.0%}" for name, share in shares], width)
    return [joined((line, "$foreground-muted")) for line in lines]


def word_row(number: int, found: WordLooked, width: int, *, is_marked: bool) -> Content:
    """One of the words that were found, with its share before the cuts, and what cuts it; a click on it says it.

    Args:
        number: Which of them, from 0.
        found: The place.
        width: Cells of the box.
        is_marked: Whether it is the one that Enter would say.
    """
    entry = found.alternatives[number]
    is_said = bool(found.rank) and entry.piece == found.piece
    name = shown_name(piece_label(entry.piece, entry.is_begun), _WORD_CELLS)
    is_cut = entry.drawable <= 0
    if is_marked:
        name = name.stylize("reverse bold")
    elif is_said:
        name = name.stylize("bold")
    elif is_cut:
        name = name.stylize("strike $foreground-disabled")
    chance = percent(entry.probability)
    room = max(3, _cells(width) - _WORD_CELLS - cell_len(chance) - 6)
    row = joined(
        (f"{number + 1}", "$text-accent"),
        "▸" if is_said else " ",
        name,
        (f" {chance} ", "$foreground-muted"),
        _cut_text(entry.cut_by, room) if is_cut else (bar(entry.probability, room), _bar_style(is_said)),
    )
    return link_word(row, entry.token_id)


def in_columns(rows: list[Content], width: int) -> list[Content]:
    """Rows of words, in two columns where there is room for them."""
    if width < _COLUMNS_FROM or len(rows) < 4:
        return rows
    half = -(-len(rows) // 2)
    left, right = rows[:half], rows[half:]
    cells = _cells(width)
    padded = [row.pad_right(max(0, cells - row.cell_length)) for row in left]
    beside = [*right, *[Content("")] * (half - len(right))]
    return [joined(one, "  ", other) for one, other in zip(padded, beside, strict=True)]


def link_word(row: Content, word: int | str) -> Content:
    """A row that knows what a click on it says, wherever it stands."""
    return row.stylize(Style.from_meta({WORD: word}))


def _cells(width: int) -> int:
    return width if width < _COLUMNS_FROM else (width - 2) // 2


def _cut_text(rule: str, cells: int) -> tuple[str, str]:
    by = f"cut by {rule.replace('_', '-')}"
    return by if rule and cell_len(by) <= cells else "cut", "$foreground-muted"


def _fill_lines(pieces: list[str], width: int) -> list[str]:
    """Some pieces in lines of so many cells."""
    lines = pieces[:1]
    for piece in pieces[1:]:
        longer = f"{lines[-1]}  {piece}"
        if cell_len(longer) > width:
            lines.append(piece)
        else:
            lines[-1] = longer
    return lines


def _bar_style(is_said: bool) -> str:
    return "$text-primary" if is_said else "$text-secondary"
