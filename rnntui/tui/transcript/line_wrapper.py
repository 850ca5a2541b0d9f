"""Greedy word wrap that grows with its text: work per word is constant, and the chunks do not matter.

Wrapping a stream piece by piece gives the same rows as wrapping the whole text at once. Widths are cells, not
characters. Knows nothing of widgets.
"""

import re
from dataclasses import dataclass

from rich.cells import cell_len

_PARTS = re.compile(r"\n| +|[^ \n]{1,64}")


@dataclass(slots=True)
class Row:
    """One row of wrapped text."""

    text: str
    join: str
    """What stood between the row before and this one and is not shown: spaces, newlines, or nothing inside a word."""
    start: int
    """Index of the row's first character in the whole text."""


class LineWrapper:
    """A text that only grows, cut into rows of at most `width` cells.

    Spaces and newlines at the very end are held back until something visible follows.

    Args:
        width: Cells in a row, at least 1.
        indent: Cells of the first row that another text takes. What clings to that text and takes a single cell may
            stand one cell beyond the width.
    """

    def __init__(self, width: int, indent: int = 0) -> None:
        self.width = max(1, width)
        self.indent = indent
        self.rows: list[Row] = [Row("", "", 0)]
        self._head_cells = indent
        self._word = ""
        self._held = ""
        self._length = 0

    @property
    def text(self) -> str:
        """The whole text, without what is held back."""
        return "".join(row.join + row.text for row in self.rows)

    @property
    def whole(self) -> str:
        """All that was added, also what is held back."""
        return self.text + self._held

    @property
    def held(self) -> str:
        """What is held back at the end."""
        return self._held

    def add(self, text: str) -> int:
        """Let the text grow.

        Returns:
            Index of the first row that may have changed.
        """
        first_changed = len(self.rows) - 1
        for part in _PARTS.findall(text):
            if part[0] in " \n":
                self._held += part
                continue
            self._place_held()
            self._place_word(part)
        return first_changed

    def _place_held(self) -> None:
        if not self._held:
            return
        held, self._held = self._held, ""
        self._length += len(held)
        row = self.rows[-1]
        self._head_cells += cell_len(self._word)
        self._word = ""
        if "\n" in held:
            *breaks, indent = held.split("\n")
            for number, spaces in enumerate(breaks):
                start = self._length - len(indent) - sum(len(rest) + 1 for rest in breaks[number + 1 :])
                self._open(f"{spaces}\n", start)
            held, row = indent, self.rows[-1]
        fitting = max(0, min(len(held), self.width - self._head_cells))
        row.text += held[:fitting]
        self._head_cells += fitting
        if fitting < len(held):
            self._open(held[fitting:], self._length)

    def _place_word(self, part: str) -> None:
        self._length += len(part)
        row = self.rows[-1]
        self._word += part
        row.text += part
        if self._head_cells + cell_len(self._word) <= self.width:
            return
        head = row.text[: len(row.text) - len(self._word)]
        is_beside = self.indent > 0 and len(self.rows) == 1
        if is_beside and not head and self._head_cells + cell_len(self._word) == self.width + 1 == self.indent + 1:
            return
        if head or is_beside:
            row.text = head.rstrip(" ")
            word = self._word
            self._open(head[len(row.text) :], self._length - len(word))
            self._word = self.rows[-1].text = word
        while cell_len(self._word) > self.width and len(self._word) > 1:
            self._break_word()

    def _break_word(self) -> None:
        word, fitting = self._word, 1
        while fitting < len(word) and cell_len(word[: fitting + 1]) <= self.width:
            fitting += 1
        self.rows[-1].text = word[:fitting]
        rest = word[fitting:]
        self._open("", self._length - len(rest))
        self._word = self.rows[-1].text = rest

    def _open(self, join: str, start: int) -> None:
        self.rows.append(Row("", join, start))
        self._head_cells = 0
        self._word = ""
