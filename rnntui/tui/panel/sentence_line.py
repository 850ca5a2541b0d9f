"""A word in its sentence, on one line: "… came at [him] ten that …"."""

from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content

from rnntui.text import piece_label, visible_line
from rnntui.tui.safe import joined, shown_line

_LEFT = 0.6
"""So much of the room is for what comes before the word: that is what was known when it was chosen."""
_LONGEST_CUT = 12
"""So many characters of a word that is cut are left out."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The text around a word."""

    before: str = ""
    after: str = ""


def sentence_line(around: Surroundings, piece: str, is_other: bool, cells: int) -> Content:
    """The word in brackets in the middle of what stands around it, in at most so many cells.

    Args:
        around: The text before and after.
        piece: What stands there, or would.
        is_other: Whether it would stand there.
        cells: Of the line.
    """
    word = piece_label(piece)
    word = word if cell_len(word) <= cells // 3 else _head(word, cells // 3)
    gap = " " if piece.startswith(" ") and around.before and not around.before[-1].isspace() else ""
    before, after = _on_one_line(around.before).lstrip(), _on_one_line(around.after).rstrip()
    room = max(0, cells - cell_len(word) - 2 - len(gap))
    left = max(int(room * _LEFT), room - cell_len(after))
    before = _tail(before, left)
    after = _head(after, room - cell_len(before))
    style = "bold $text-accent" if is_other else "bold"
    muted = "$foreground-muted"
    return joined((before + gap + "[", muted), shown_line(word, style), ("]" + after, muted))


def _on_one_line(text: str) -> str:
    """Text without line ends; a space at its ends stays."""
    shown = visible_line(text.replace("\n", " ⏎ "), 1_000)
    return (" " if text[:1].isspace() else "") + shown + (" " if text[-1:].isspace() and shown else "")


def _head(text: str, cells: int) -> str:
    """The beginning of a text; where it is cut, whole words and dots."""
    if cell_len(text) <= cells:
        return text
    kept = text
    while kept and cell_len(kept) > cells - 1:
        kept = kept[:-1]
    cut = kept.rfind(" ")
    return (kept[: cut + 1] if cut > len(kept) - _LONGEST_CUT and cut > 0 else kept) + "…" if cells > 0 else ""


def _tail(text: str, cells: int) -> str:
    """The end of a text; where it is cut, dots and whole words."""
    if cell_len(text) <= cells:
        return text
    kept = text
    while kept and cell_len(kept) > cells - 1:
        kept = kept[1:]
    cut = kept.find(" ")
    return "…" + (kept[cut:] if 0 <= cut < min(_LONGEST_CUT, len(kept) - 1) else kept) if cells > 0 else ""
