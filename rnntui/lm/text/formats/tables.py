"""Tables -> running text: rows, of which one cell holds the text.

Knows decoded text in parts. A row of any size and shape takes little memory: what is longer or has more cells than a
row of text can have is left out and counted. An empty part is a sign of life from long work.
"""

import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rnntui.errors import CorpusError
from rnntui.lm.text.chats.exports import seconds_of
from rnntui.lm.text.chats.records import (
    choose_field,
    field_scores,
    record_text,
    speaker_field,
    take_first,
    time_field,
    together,
)
from rnntui.lm.text.findings import Findings
from rnntui.lm.text.speech import SILENCE, Speech, message_text, write_out
from rnntui.records import ReadOptions

_LONGEST_RECORD = 8 << 20
_MOST_VALUES = 250_000
"""A text of that length has commas too, but not more than these."""
_MOST_FIELDS = 1_000
_LONGEST_HEADING = 60
_SIGNS = "\t;|,"
_SAID = re.compile(r"sep=(.)[ \t]*\n?\Z", re.I)
"""What Excel writes and reads as the first line: the sign between the cells."""
_QUOTED = re.compile(r'"[^"]*"')
_AGREEING = 0.8
"""Of the lines, so many have the sign equally often when it stands between cells."""
_LEAST_LINES = 4
_LETTERS = re.compile(r"[^\W\d_]{2,}|[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")
_SENTENCE = re.compile(r"\w \S.*[.!?…。！？][\"'”’»]*\Z")
_LONGEST_KEY = 30
_SHORT_OF_TEXT = "short or empty row"


def read_table(parts: Iterable[str], reading: ReadOptions, findings: Findings) -> Iterator[str]:
    """Rows of cells, separated by commas, semicolons, tabs or bars; the text stands in one column.

    A file whose lines have now more and now fewer such signs, and no quotes, has one column: its lines.

    Args:
        parts: The file.
        reading: Its `field` says which column, by heading or by number from 1. Empty takes the one with most words.
            Its `speakers` say whose words, where a column says who speaks.
        findings: Told what was chosen and left out.

    Raises:
        CorpusError: If there is no such column, or no column holds words.
    """
    csv.field_size_limit(_LONGEST_RECORD)
    lines = _lines(parts, findings)
    opening = yield from take_first(lines)
    form = _find_form(opening)
    if form is None:
        yield from _one_column(itertools.chain(opening, lines), opening, reading, findings)
        return
    rows = _rows(itertools.chain(opening[form.is_said :], lines), form, findings)
    first = yield from take_first(rows, lambda row: sum(map(len, row)))
    del opening
    heading = first[0] if first and _is_heading(first) else []
    names = _names(heading, max(map(len, first), default=0))
    first = first[1:] if heading else first
    records = [dict(zip(names, row, strict=False)) for row in first]
    scores = field_scores(records)
    if not reading.field and first and not any(_LETTERS.search(cell) for row in first for cell in row):
        raise CorpusError("It is a table of numbers: there are no words in it.", "Choose a file with words in it.")
    chosen = choose_field(_heading_of(reading.field, names), scores, "column", "a table", findings)
    speaker = speaker_field(records, chosen, is_asked=bool(reading.speakers)) if heading else ""
    column = names.index(chosen)
    following = itertools.chain(first, rows)
    if speaker:
        time = time_field(records)
        said = _said(following, column, names.index(speaker), names.index(time) if time else -1, findings)
        yield from write_out(said, reading, findings)
    else:
        yield from together(_cells(following, column, findings))


def _one_column(lines: Iterable[str], opening: list[str], reading: ReadOptions, findings: Findings) -> Iterator[str]:
    if reading.field and reading.field != "1" and reading.field != opening[0].strip():
        choose_field(
            reading.field, Counter({opening[0].strip() if _is_title(opening) else "1": 1}), "column", "", findings
        )
    findings.format = "a table of one column"
    skipped = 1 if _is_title(opening) else 0
    for line in lines:
        if skipped and line.strip():
            skipped = 0
            continue
        yield line


def _is_title(lines: list[str]) -> bool:
    """True when the first line is one short word over longer lines."""
    first = lines[0].strip() if lines else ""
    others = [len(line) for line in lines[1:50]]
    return bool(others) and 0 < len(first) <= 20 and " " not in first and 4 * len(first) < sum(others) / len(others)


def _cells(rows: Iterable[list[str]], column: int, findings: Findings) -> Iterator[str]:
    """The cells of one column; what has none is counted, and empty ones are signs of life."""
    for row in rows:
        text = record_text(row[column], findings) if len(row) > column else ""
        if row and not text.strip():
            findings.leave_out(_SHORT_OF_TEXT, " | ".join(row[:20]))
        yield text


def _said(rows: Iterable[list[str]], column: int, speaker: int, time: int, findings: Findings) -> Iterator[Speech]:
    for row in rows:
        text = message_text(record_text(row[column], findings)) if len(row) > column else ""
        if row and not text:
            findings.leave_out(_SHORT_OF_TEXT, " | ".join(row[:20]))
        when = seconds_of(row[time]) if -1 < time < len(row) else None
        yield Speech(row[speaker] if len(row) > speaker else "", text, when) if text else SILENCE


def _names(heading: list[str], columns: int) -> list[str]:
    """Names of columns: their headings, and the numbers from 1 of those without one."""
    names = [cell.strip() or str(at + 1) for at, cell in enumerate(heading)]
    return names + [str(at + 1) for at in range(len(names), columns)]


def _heading_of(wished: str, names: list[str]) -> str:
    """The name of the column that a person means: numbers count columns where none is called so."""
    if wished.isdecimal() and len(wished) < 10 and wished not in names and 0 < int(wished) <= len(names):
        return names[int(wished) - 1]
    return wished


def _lines(parts: Iterable[str], findings: Findings) -> Iterator[str]:
    """Lines with their newlines; one that does not end is left out and counted. Empty after each part."""
    begun: list[str] = []
    length, is_skipping = 0, False
    for part in parts:
        first, *others = part.split("\n")
        if others:
            if not is_skipping:
                yield "".join((*begun, first, "\n"))
            for line in others[:-1]:
                yield f"{line}\n"
            begun, length, is_skipping = [], 0, False
        if not is_skipping:
            begun.append(others[-1] if others else first)
            length += len(begun[-1])
        if length > _LONGEST_RECORD:
            findings.skipped += 1
            begun, length, is_skipping = [], 0, True
        yield ""
    if rest := "".join(begun):
        yield rest


@dataclass(frozen=True, slots=True)
class _Form:
    """How the rows of a table are written."""

    sign: str
    """Between two cells."""
    is_said: bool = False
    """True when the first line says so."""
    cells: int = 0
    """So many, without quotes; the last one may have the sign in it. 0 leaves it to the rules of such files."""
    are_quotes_signs: bool = True
    """False where quotes are nothing but characters."""


class _Counted:
    """Lines for a reader of rows that puts lines together until a cell ends: too many for one row are an error.

    Afterwards the reader begins a new row.
    """

    def __init__(self, lines: Iterator[str], delimiter: str) -> None:
        self._lines = lines
        self._delimiter = delimiter
        self._characters = self._cells = 0

    def begin_row(self) -> None:
        """A row has ended."""
        self._characters = self._cells = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._characters += len(line)
        self._cells += line.count(self._delimiter)
        if self._characters > _LONGEST_RECORD or self._cells > _MOST_VALUES:
            raise csv.Error("a row without an end")
        return line


def _rows(lines: Iterator[str], form: _Form, findings: Findings) -> Iterator[list[str]]:
    """Rows of cells; an empty one is a sign of life."""
    if form.cells:
        for line in lines:
            yield [cell.strip() for cell in line.split(form.sign, form.cells - 1)] if line.strip() else []
        return
    counted = _Counted(lines, form.sign)
    reader = csv.reader(
        counted,
        delimiter=form.sign,
        quoting=csv.QUOTE_MINIMAL if form.are_quotes_signs else csv.QUOTE_NONE,
        skipinitialspace=form.sign != "\t",
    )
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:  # a cell without an end; reading goes on after it
            row = []
            findings.skipped += 1
        counted.begin_row()
        yield row[:_MOST_FIELDS]


def _find_form(lines: list[str]) -> _Form | None:
    """How the rows of a table are written; None for one column without quotes, whose lines are its cells.

    The sign between cells stands equally often in most lines, and most often. In quotes, and where cells have several
    lines, that is so for most lines only; without quotes it has to be so for nearly all, but for the last column: it
    may have more of them where the heading says how many columns there are.
    """
    if lines and (said := _SAID.match(lines[0].lstrip("\ufeff"))):
        return _Form(said[1], is_said=True)
    full = [line for line in lines if line.strip()]
    best, most, share = "", 0, 0.0
    for sign in _SIGNS:
        counts = Counter(_outside_quotes(line).count(sign) for line in full)
        times, agreeing = max(counts.items(), key=lambda entry: (entry[0] > 0, entry[1]), default=(0, 0))
        if times and agreeing >= 0.95 * len(full) > 1 and sign != ",":  # commas are in words and numbers as well
            best, share = sign, 1.0
            break
        if times and agreeing * times > most:
            best, most, share = sign, agreeing * times, agreeing / len(full)
    has_quotes = any(line.startswith('"') for line in full) or any(f'{best}"' in line for line in full)
    if not best:
        return _Form(",") if has_quotes else None
    if best == "\t" and _are_quotes_words(full):
        return _Form(best, are_quotes_signs=False)
    is_prose = best in ",;" and len(full) >= _LEAST_LINES and not _keys(full[0], best) and _are_in_words(full, best)
    if has_quotes or len(full) < _LEAST_LINES or (share >= _AGREEING and not is_prose):
        return _Form(best)
    for sign in _SIGNS:
        if cells := _cells_before_text(full, sign):
            return _Form(sign, cells=cells)
    return None


def _cells_before_text(lines: list[str], sign: str) -> int:
    """How many columns the heading names when only the last one has the sign in its cells, too; else 0."""
    cells = _keys(lines[0], sign)
    if cells < 2:
        return 0
    split = [line.split(sign, cells - 1) for line in lines[1:]]
    whole = [row for row in split if len(row) == cells]
    before = sum(len(cell) for row in whole for cell in row[:-1])
    after = sum(len(row[-1]) for row in whole)
    return cells if len(whole) >= 0.95 * len(split) and after > 2 * before else 0


def _keys(line: str, sign: str) -> int:
    """How many columns a heading of single words has; 0 for another line."""
    heading = [cell.strip() for cell in line.split(sign)]
    return len(heading) if all(0 < len(cell) <= _LONGEST_KEY and " " not in cell for cell in heading) else 0


def _are_in_words(lines: list[str], sign: str) -> bool:
    """True where the sign stands as it does in sentences: with a space after it."""
    return sum(line.count(f"{sign} ") for line in lines) >= _AGREEING * sum(line.count(sign) for line in lines)


def _are_quotes_words(lines: list[str]) -> bool:
    """True where a quote that is open at a line's end is followed by a whole row: it opens no cell."""
    times = Counter(line.count("\t") for line in lines).most_common(1)[0][0]
    return any(
        line.count('"') % 2 and line.count("\t") == times == after.count("\t")
        for line, after in itertools.pairwise(lines)
    )


def _outside_quotes(line: str) -> str:
    return _QUOTED.sub("", line) if '"' in line else line


def _is_heading(rows: list[list[str]]) -> bool:
    """True when the first row holds short, different words, no numbers and no sentence."""
    cells = [cell.strip() for cell in rows[0]]
    are_words = all(0 < len(cell) <= _LONGEST_HEADING and not cell.replace(".", "").isdigit() for cell in cells)
    are_words = are_words and not any(_SENTENCE.search(cell) for cell in cells)
    return len(rows) > 1 and are_words and len(set(cells)) == len(cells)
