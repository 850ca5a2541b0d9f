"""Tables and JSON lines -> running text: records, of which one field holds the text.

Knows decoded text in parts. A record of any size and shape takes little memory: what is longer or has more parts than a
record of text can have is left out and counted. An empty part is a sign of life from long work.
"""

import csv
import itertools
import json
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import TypeVar

from rnntui.errors import CorpusError
from rnntui.lm.text.findings import Findings
from rnntui.records import ReadOptions
from rnntui.text import visible_line

T = TypeVar("T")

_LONGEST_RECORD = 8 << 20
_MOST_VALUES = 250_000
"""A text of that length has commas too, but not more than these."""
_LOOKED_AT = 200
_LOOKED_AT_CHARACTERS = 2 << 20
"""Records, and characters of them, that are looked at to choose a field."""
_MOST_FIELDS = 1_000
_LONGEST_FIELD_NAME = 300
_TOGETHER = 1 << 14
"""Short records are given on together: each part costs something on its way."""


def read_json_lines(parts: Iterable[str], reading: ReadOptions, findings: Findings) -> Iterator[str]:
    """One JSON object a line; the text stands in one of its fields. Broken and over-long lines are counted.

    Args:
        parts: The file.
        reading: Its `field` says which field; dots lead into objects ("message.text"). Empty takes the one with most
            text.
        findings: Told what was chosen and left out.

    Raises:
        CorpusError: If no line has that field, or none is JSON.
    """
    records = _json_records(parts, findings)
    first = yield from _first(records, lambda record: sum(map(len, record.values())))
    lengths: Counter[str] = Counter()
    for record in first:
        for name, text in record.items():
            lengths[name] += len(text)
    chosen = _choose_field(reading.field, lengths, "field", "JSON lines", findings)
    yield from _together(record.get(chosen, "") for record in itertools.chain(first, records))


def read_table(parts: Iterable[str], reading: ReadOptions, findings: Findings) -> Iterator[str]:
    """Rows of cells, separated by commas, semicolons or tabs; the text stands in one column.

    Args:
        parts: The file.
        reading: Its `field` says which column, by heading or by number from 1. Empty takes the one with most text.
        findings: Told what was chosen and left out.

    Raises:
        CorpusError: If there is no such column.
    """
    csv.field_size_limit(_LONGEST_RECORD)
    lines = _lines(parts, findings)
    opening = yield from _first(lines, len)
    rows = _rows(itertools.chain(opening, lines), _delimiter(opening), findings)
    first = yield from _first(rows, lambda row: sum(map(len, row)))
    del opening
    heading = first[0] if first and _is_heading(first) else []
    names = [cell.strip() or str(at + 1) for at, cell in enumerate(heading)]
    names += [str(at + 1) for at in range(len(names), max(map(len, first), default=0))]
    lengths: Counter[str] = Counter()
    for row in first[1:] if heading else first:
        for name, cell in zip(names, row, strict=False):
            lengths[name] += len(cell)
    column = reading.field
    if column.isdecimal() and len(column) < 10 and column not in names and 0 < int(column) <= len(names):
        column = names[int(column) - 1]
    chosen = names.index(_choose_field(column, lengths, "column", "a table", findings))
    following = itertools.chain(first[1:] if heading else first, rows)
    yield from _together(row[chosen] if len(row) > chosen else "" for row in following)


def _first(source: Iterator[T], length: Callable[[T], int]) -> Generator[str, None, list[T]]:
    """What comes first, enough to choose by; empty ones are only signs of life."""
    found: list[T] = []
    characters = 0
    while len(found) < _LOOKED_AT and characters < _LOOKED_AT_CHARACTERS:
        entry = next(source, None)
        if entry is None:
            break
        if entry:
            found.append(entry)
            characters += length(entry)
        else:
            yield ""
    return found


def _together(texts: Iterable[str]) -> Iterator[str]:
    """Texts with an empty line after each, short ones together."""
    waiting: list[str] = []
    length = 0
    for text in texts:
        if text.strip():
            waiting.append(f"{text}\n\n")
            length += len(text)
        if length >= _TOGETHER or not text:
            yield "".join(waiting)
            waiting, length = [], 0
    yield "".join(waiting)


def _choose_field(wished: str, lengths: "Counter[str]", kind: str, what: str, findings: Findings) -> str:
    names = [name for name, _ in lengths.most_common()]
    if not names:
        raise CorpusError(f"It does not look like {what}: nothing in it can be read.", "Save it as plain text first.")
    listed = ", ".join(f'"{visible_line(name, 40)}"' for name in names[:8])
    if wished and wished not in lengths:
        raise CorpusError(f'There is no {kind} "{visible_line(wished, 60)}" in it.', f"There are {listed}.")
    chosen = wished or names[0]
    if not wished and len(names) > 1:
        findings.remarks.append(f"The text was taken from one {kind}; there are {listed}.")
    return chosen


def _json_records(parts: Iterable[str], findings: Findings) -> Iterator[dict[str, str]]:
    """The texts of each record by the names of their fields; empty for one without."""
    for line in _lines(parts, findings):
        if not line.strip():
            yield {}
            continue
        try:
            yield _texts(_parse_line(line))
        except (ValueError, RecursionError):
            findings.skipped += 1
            yield {}


def _parse_line(line: str) -> object:
    """What a line of JSON holds; a few letters of it can become an object of two hundred bytes."""
    if len(line) > _MOST_VALUES and sum(map(line.count, ",[{")) > _MOST_VALUES:
        raise ValueError("more values than a record of text has")
    return json.loads(line)


def _texts(record: object) -> dict[str, str]:
    """Every text of a record by the name of its field, those inside objects with dots; lists are left out."""
    if isinstance(record, str):
        return {"text": record}
    texts: dict[str, str] = {}
    waiting = [("", record)]
    for _ in range(_MOST_FIELDS):  # an object of a thousand objects is no record of text
        if not waiting:
            break
        before, value = waiting.pop()
        if not isinstance(value, dict):
            continue
        for name, inner in itertools.islice(value.items(), _MOST_FIELDS):
            place = before + name
            if len(place) > _LONGEST_FIELD_NAME:
                continue
            if isinstance(inner, str) and len(texts) < _MOST_FIELDS:
                texts[place] = inner
            elif isinstance(inner, dict):
                waiting.append((f"{place}.", inner))
    return texts


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


def _rows(lines: Iterator[str], delimiter: str, findings: Findings) -> Iterator[list[str]]:
    """Rows of cells; an empty one is a sign of life."""
    counted = _Counted(lines, delimiter)
    reader = csv.reader(counted, delimiter=delimiter)
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


def _delimiter(lines: list[str]) -> str:
    """The sign that stands equally often in most lines, and most often."""
    best, most = ",", 0
    for sign in ",;\t|":
        counts = Counter(line.count(sign) for line in lines)
        times, agreeing = max(counts.items(), key=lambda entry: (entry[0] > 0, entry[1]), default=(0, 0))
        if times and agreeing * times > most:
            best, most = sign, agreeing * times
    return best


def _is_heading(rows: list[list[str]]) -> bool:
    """True when the first row holds short, different words and no numbers."""
    cells = [cell.strip() for cell in rows[0]]
    are_words = all(0 < len(cell) <= 60 and not cell.replace(".", "").isdigit() for cell in cells)
    return len(rows) > 1 and are_words and len(set(cells)) == len(cells)
