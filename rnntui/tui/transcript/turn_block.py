"""One turn, mark, note or error of a transcript: its text as rows, and which token stands where in them.

Offsets count characters of the text as it is displayed. A block is wrapped to another width only when its rows are
needed: until then it estimates how many it will have. Knows nothing of widgets.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len

from rnntui.text import unjoined, visible
from rnntui.tui.transcript.line_wrapper import LineWrapper

TURNS = frozenset({"person", "network", "mark"})
"""Kinds of blocks that show a turn; the others are remarks of the program."""
BETWEEN = " · "
"""Stands between the parts of a remark, and of a note."""
_LEVELS = (-0.5, -0.15, 0.15, 0.5)
_MARK_WIDTH = 10_000


def unit_level(value: float) -> int:
    """0 for a strongly negative value, 2 for about nothing, 4 for a strongly positive one."""
    return bisect_right(_LEVELS, value)


def _in_rows(note: str, cells: int) -> list[str]:
    """The parts of a note, as many in each row as there is room for."""
    rows: list[str] = []
    for part in note.split(BETWEEN):
        longer = f"{rows[-1]}{BETWEEN}{part}" if rows else ""
        if longer and cell_len(longer) <= cells:
            rows[-1] = longer
        else:
            rows.append(part)
    return rows


def displayable(text: str) -> str:
    """Foreign text that takes exactly the cells it seems to."""
    return unjoined(visible(text)).replace("\t", "    ")


@dataclass(slots=True, eq=False)
class Block:
    """A piece of the transcript, followed by its remark, if any, and one row of air.

    A reply may begin in the last row of the prompt: then that row is the first one of the reply, and the prompt has
    neither remark nor air.
    """

    kind: str
    """"person", "network", "mark", "note" or "error"."""
    width: int
    turn_id: int = 0
    """0 for what is not a stored turn."""
    length: int = 0
    """Characters of the turn as it is stored."""
    remark: str = ""
    note: str = ""
    """What the program has to say of it once, below its remark."""
    is_waiting: bool = False
    first_row: int = 0
    wrapper: LineWrapper = field(init=False)
    ends: "array[int]" = field(default_factory=lambda: array("q"))
    """For each token, the offset after it; empty while the tokens are not known."""
    bits: "array[float]" = field(default_factory=lambda: array("d"))
    """For each token, how surprising it was."""
    values: tuple[float, ...] = ()
    """For each token, the value after it of the unit that is followed; empty when none is."""
    before: "Block | None" = None
    """The block in whose last row this one begins; None when it has a row of its own."""
    is_continued: bool = False
    """True while the next block begins in the last row of this one; that row is then the next one's."""
    separator: str = ""
    """What stands between the two in that row: a space or nothing."""
    _stripped: str = ""
    """White space at the beginning that is not displayed."""
    _end: int = 0
    """Characters that are displayed, and those that are held back at the end."""

    def __post_init__(self) -> None:
        """Nothing is in it yet."""
        self.wrapper = LineWrapper(_MARK_WIDTH if self.kind == "mark" else self.width)

    # ---- text

    @property
    def text(self) -> str:
        """What is displayed, without white space at the end."""
        return self.wrapper.text

    @property
    def is_wrapped(self) -> bool:
        """True when the rows have the width they should have."""
        return self.kind == "mark" or (self.wrapper.width, self.wrapper.indent) == (self.width, self._indent)

    @property
    def _indent(self) -> int:
        return cell_len(self.before.wrapper.rows[-1].text + self.separator) if self.before else 0

    @property
    def row_count(self) -> int:
        """Rows of text, remark and air; an estimate while the block is not wrapped to its width."""
        rows = len(self.wrapper.rows)
        if self.wrapper.width != self.width and self.kind != "mark":
            rows = max(1, round(rows * self.wrapper.width / self.width))
        if self.is_continued:
            return rows - 1
        return rows + len(self.remarks) + 1

    @property
    def rendered_rows(self) -> tuple[int, int]:
        """The first of its rows and how many, with one that the next block may have taken over."""
        return self.first_row, max(self.row_count, len(self.wrapper.rows))

    @property
    def remarks(self) -> "list[tuple[Block, str]]":
        """What stands small below, and of what: its own remark, that of the prompt in whose line it begins, notes."""
        blocks = [block for block in (self, self.before) if block]
        return [
            (block, text) for block in blocks for text in (block.remark, *_in_rows(block.note, self.width + 1)) if text
        ]

    def attach(self, before: "Block") -> bool:
        """Begin in the last row of another block, if the text goes on there; False where it opens a paragraph."""
        if "\n" in before.wrapper.held + self._stripped:
            return False
        self.before, before.is_continued = before, True
        self.separator = " " if self._end and before.wrapper.held + self._stripped else ""
        self.wrap(self.width)
        return True

    def detach(self) -> None:
        """Have a row of its own again."""
        if self.before:
            self.before.is_continued, self.before, self.separator = False, None, ""
            self.wrap(self.width)

    def add(self, text: str) -> int:
        """Let the block grow; returns the index of its first changed row."""
        shown = displayable(text)
        if not self._end:
            bare = shown.lstrip(" \n")
            self._stripped += shown[: len(shown) - len(bare)]
            shown = bare
        if not shown:
            return len(self.wrapper.rows) - 1
        self._end += len(shown)
        return self.wrapper.add(shown)

    def add_token(self, text: str, bits: float) -> int:
        """Let the block grow by one token; returns the index of its first changed row."""
        is_known = bool(self.ends) or not self._end
        self.length += len(text)
        row = self.add(text)
        if is_known:  # otherwise the tokens before it are not, and are asked for together
            self.ends.append(self._end)
            self.bits.append(bits)
        return row

    def set_tokens(self, tokens: Iterable[tuple[str, float]]) -> None:
        """Say which tokens the text is made of, each with its bits."""
        self.ends, self.bits = array("q"), array("d")
        end, left = -len(self._stripped), self.length or self._end
        for text, bits in tokens:
            if left <= 0:  # of a turn that was rewound, these are not displayed
                return
            left -= len(text)
            end += len(displayable(text))
            self.ends.append(max(0, end))
            self.bits.append(bits)

    def wrap(self, width: int) -> None:
        """Cut the text into rows of this width, unless that is what they are."""
        self.width = width
        if self.before:
            self.before.wrap(width)
        if self.is_wrapped:
            return
        whole, self.wrapper = self.wrapper.whole, LineWrapper(width, self._indent)
        self.wrapper.add(whole)

    # ---- tokens

    def span(self, index: int) -> tuple[int, int]:
        """Where a token stands, without the white space around it; empty, at its beginning, when it is nothing else."""
        start = self.ends[index - 1] if index else 0
        end = self.ends[index]
        shown = self.wrapper.text[start:end]
        if not shown.strip():
            return start, start
        return start + len(shown) - len(shown.lstrip()), start + len(shown.rstrip())

    def index_at(self, offset: int) -> int:
        """The token to which a character belongs."""
        return min(bisect_right(self.ends, offset), len(self.ends) - 1)

    def row_at(self, offset: int) -> int:
        """The row in which a character stands; a break belongs to the row before it."""
        return max(0, bisect_right(self.wrapper.rows, offset, key=lambda row: row.start) - 1)

    def token(self, index: int) -> str:
        """A token as it stands in the text; what is not displayed is a line break."""
        start = self.ends[index - 1] if index else 0
        return self.text[start : self.ends[index]] or "\n"

    def last_bits(self, count: int) -> list[float]:
        """How surprising at most so many of its last words were, oldest first; parts of one word are added up."""
        found: list[float] = []
        part = 0.0
        for index in range(len(self.bits) - 1, -1, -1):
            if len(found) == count:
                break
            part += self.bits[index]
            start = self.ends[index - 1] if index else 0
            if not self.text[max(0, start - 1) : start + 1].isalnum() or not start:  # else it goes on with a word
                found.append(part)
                part = 0.0
        return found[::-1]

    def tokens_in(self, row: int) -> Sequence[tuple[str, int]]:
        """The text of a row in parts, each with the index of its token."""
        start, text = self.wrapper.rows[row].start, self.wrapper.rows[row].text
        parts: list[tuple[str, int]] = []
        at = start
        index = self.index_at(at)
        while at < start + len(text):
            end = start + len(text) if index == len(self.ends) - 1 else min(self.ends[index], start + len(text))
            if end > at:
                parts.append((text[at - start : end - start], index))
            at, index = max(at, end), index + 1
        return parts
