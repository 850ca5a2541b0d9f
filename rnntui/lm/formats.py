"""File formats -> running text: one reader per suffix, all of them careful with what comes from strangers.

A reader takes the decoded text of a file in parts and gives the text to learn from, in parts. Nothing is unpacked to a
disk, no entity of a document's own is expanded, and what is nested, endless or huge ends in a count or in a sentence.
"""

import csv
import itertools
import json
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO
from urllib.parse import unquote

from rnntui.errors import CorpusError
from rnntui.lm.encodings import Survey, decoded
from rnntui.lm.markup import Tag, pieces, shown, squeezed
from rnntui.lm.passages import Findings
from rnntui.text import visible_line

_LONGEST_RECORD = 8 << 20
_LOOKED_AT = 200
"""Records that are looked at to choose a field."""
_LARGEST_CHAPTER = 16 << 20
_LARGEST_BOOK = 512 << 20
_MOST_CHAPTERS = 10_000
_PIECE = 1 << 18


@dataclass(frozen=True, slots=True)
class Format:
    """How text is got out of files of one kind."""

    read: Callable[[Iterable[str], str, Findings], Iterator[str]]
    """(decoded text in parts, the chosen field, findings) -> text in parts."""
    is_prose: bool = True
    """True where Gutenberg's licence may stand around the text."""
    has_lines: bool = True
    """True where line breaks may have been made by hand."""


# ---- tables -----------------------------------------------------------------------------------------------------


def read_plain(parts: Iterable[str], _field: str, _findings: Findings) -> Iterator[str]:
    """Text is text."""
    yield from parts


def read_json_lines(parts: Iterable[str], field: str, findings: Findings) -> Iterator[str]:
    """One JSON object a line; the text stands in one of its fields. Broken and over-long lines are counted.

    Args:
        parts: The file.
        field: Which field; dots lead into objects ("message.text"). Empty takes the one with most text.
        findings: Told what was chosen and left out.

    Raises:
        CorpusError: If no line has that field, or none is JSON.
    """
    records = _json_records(parts, findings)
    first = list(itertools.islice(records, _LOOKED_AT))
    lengths: Counter[str] = Counter()
    for record in first:
        for name, text in _texts(record):
            lengths[name] += len(text)
    chosen = _chosen_field(field, lengths, "field", "JSON lines", findings)
    for record in itertools.chain(first, records):
        text = dict(_texts(record)).get(chosen, "")
        if text.strip():
            yield f"{text}\n\n"


def read_table(parts: Iterable[str], column: str, findings: Findings) -> Iterator[str]:
    """Rows of cells, separated by commas, semicolons or tabs; the text stands in one column.

    Args:
        parts: The file.
        column: Its heading, or its number from 1. Empty takes the one with most text.
        findings: Told what was chosen and left out.

    Raises:
        CorpusError: If there is no such column.
    """
    csv.field_size_limit(_LONGEST_RECORD)
    lines = _lines(parts, findings)
    opening = list(itertools.islice(lines, _LOOKED_AT))
    rows = _rows(csv.reader(itertools.chain(opening, lines), delimiter=_delimiter(opening)), findings)
    first = list(itertools.islice(rows, _LOOKED_AT))
    heading = first[0] if first and _is_heading(first) else []
    names = [cell.strip() or str(at + 1) for at, cell in enumerate(heading)]
    names += [str(at + 1) for at in range(len(names), max(map(len, first), default=0))]
    lengths: Counter[str] = Counter()
    for row in first[1:] if heading else first:
        for name, cell in zip(names, row, strict=False):
            lengths[name] += len(cell)
    if column.isdigit() and column not in names and 0 < int(column) <= len(names):
        column = names[int(column) - 1]
    chosen = names.index(_chosen_field(column, lengths, "column", "a table", findings))
    for row in itertools.chain(first[1:] if heading else first, rows):
        if len(row) > chosen and row[chosen].strip():
            yield f"{row[chosen]}\n\n"


def _chosen_field(wished: str, lengths: "Counter[str]", kind: str, what: str, findings: Findings) -> str:
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


def _json_records(parts: Iterable[str], findings: Findings) -> Iterator[object]:
    for line in _lines(parts, findings):
        if not line.strip():
            continue
        try:
            yield json.loads(line)
        except (ValueError, RecursionError):
            findings.skipped += 1


def _texts(record: object) -> Iterator[tuple[str, str]]:
    """Every text of a record by the name of its field, those inside objects with dots; lists are left out."""
    if isinstance(record, str):
        yield "text", record
    waiting = [("", record)]
    for _ in range(1_000):  # an object of a thousand objects is no record of text
        if not waiting:
            return
        before, value = waiting.pop()
        if not isinstance(value, dict):
            continue
        for name, inner in value.items():
            if isinstance(inner, str):
                yield before + name, inner
            elif isinstance(inner, dict):
                waiting.append((f"{before}{name}.", inner))


def _lines(parts: Iterable[str], findings: Findings) -> Iterator[str]:
    """Lines with their newlines; one that does not end is left out and counted."""
    rest, is_skipping = "", False
    for part in parts:
        *whole, rest = (rest + part).split("\n")
        for line in whole:
            if not is_skipping:
                yield f"{line}\n"
            is_skipping = False
        if len(rest) > _LONGEST_RECORD:
            findings.skipped += not is_skipping
            rest, is_skipping = "", True
    if rest and not is_skipping:
        yield rest


def _rows(reader: Iterator[list[str]], findings: Findings) -> Iterator[list[str]]:
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:  # a cell without an end; reading goes on after it
            findings.skipped += 1
            continue
        if row:
            yield row


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


# ---- pages and books --------------------------------------------------------------------------------------------


def read_page(parts: Iterable[str], _field: str, _findings: Findings) -> Iterator[str]:
    """The words of a web page, without its markup, scripts and menus."""
    yield from squeezed(shown(parts))


def read_book(stream: IO[bytes], name: str) -> Iterator[str]:
    """The chapters of an e-book (EPUB) in their order.

    Args:
        stream: The file, open for reading.
        name: For sentences.

    Raises:
        CorpusError: If it is damaged, locked, or much larger inside than a book can be.
    """
    try:
        with zipfile.ZipFile(stream) as archive:
            sizes = {entry.filename: entry for entry in archive.infolist()[:_MOST_CHAPTERS]}
            yield from squeezed(_chapter_parts(archive, sizes, name))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as problem:
        raise _no_book(name, "is damaged, or no e-book") from problem


def _chapter_parts(archive: zipfile.ZipFile, sizes: dict[str, zipfile.ZipInfo], name: str) -> Iterator[str]:
    left = _LARGEST_BOOK
    for chapter in _chapters(archive, sizes, name):
        data = _unpacked(archive, sizes, chapter, name)
        left -= len(data)
        if left < 0:
            raise _no_book(name, f"is more than {_LARGEST_BOOK >> 20} MB unpacked")
        yield from shown([_decoded_entry(data, chapter)])
        yield "\n\n"


def _chapters(archive: zipfile.ZipFile, sizes: dict[str, zipfile.ZipInfo], name: str) -> list[str]:
    if "META-INF/encryption.xml" in sizes and b"EncryptedData" in _unpacked(
        archive, sizes, "META-INF/encryption.xml", name
    ):
        raise _no_book(name, "is locked by its seller", "Choose a copy without protection.")
    container = _tags(_unpacked(archive, sizes, "META-INF/container.xml", name), name)
    package = next((facts.get("full-path", "") for tag, facts in container if tag == "rootfile"), "")
    tags = _tags(_unpacked(archive, sizes, package, name), name)
    folder = package.rpartition("/")[0]
    items = {
        facts.get("id", ""): _inside(folder, facts.get("href", ""))
        for tag, facts in tags
        if tag == "item" and "nav" not in facts.get("properties", "").split()
    }
    order = [facts.get("idref", "") for tag, facts in tags if tag == "itemref" and facts.get("linear") != "no"]
    chapters = [items[entry] for entry in dict.fromkeys(order) if items.get(entry) in sizes]
    if not chapters:
        raise _no_book(name, "has no chapters that can be read")
    return chapters


def _tags(data: bytes, name: str) -> list[tuple[str, dict[str, str]]]:
    """Every tag with its attributes, of the two small files that say how a book is put together."""
    found = pieces([_decoded_entry(data, name)])
    return [(piece.name, piece.attributes()) for piece in found if isinstance(piece, Tag)]


def _inside(folder: str, reference: str) -> str:
    steps: list[str] = []
    for step in f"{folder}/{unquote(reference.partition('#')[0])}".split("/"):
        if step == "..":
            del steps[-1:]
        elif step not in {"", "."}:
            steps.append(step)
    return "/".join(steps)


def _unpacked(archive: zipfile.ZipFile, sizes: dict[str, zipfile.ZipInfo], entry: str, name: str) -> bytes:
    """The bytes of one entry, however large it says it is; what counts is what comes out."""
    if entry not in sizes:
        raise _no_book(name, "is damaged, or no e-book")
    facts = sizes[entry]
    if facts.flag_bits & 1:
        raise _no_book(name, "is locked by a password", "Choose a copy without protection.")
    if facts.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise _no_book(name, "is packed in an unusual way", "Pack it again, or save its text.")
    pieces, left = [], _LARGEST_CHAPTER
    with archive.open(facts) as stream:
        while piece := stream.read(_PIECE):
            left -= len(piece)
            if left < 0:
                raise _no_book(name, f"has a chapter of more than {_LARGEST_CHAPTER >> 20} MB")
            pieces.append(piece)
    return b"".join(pieces)


def _decoded_entry(data: bytes, name: str) -> str:
    survey = Survey(len(data))
    survey.feed(data)
    survey.finish()
    return "".join(decoded([data], survey.choose(name)))


def _no_book(name: str, reason: str, next_step: str = "Save its text as a plain text file first.") -> CorpusError:
    return CorpusError(f'"{visible_line(name)}" {reason}.', next_step)


PLAIN = Format(read_plain)
BOOK_SUFFIX = ".epub"
"""An e-book is read from its bytes by `read_book`; all other formats from decoded text."""
READERS: dict[str, Format] = {
    ".txt": PLAIN,
    ".text": PLAIN,
    ".md": PLAIN,
    ".markdown": PLAIN,
    ".jsonl": Format(read_json_lines, is_prose=False, has_lines=False),
    ".ndjson": Format(read_json_lines, is_prose=False, has_lines=False),
    ".csv": Format(read_table, is_prose=False, has_lines=False),
    ".tsv": Format(read_table, is_prose=False, has_lines=False),
    ".html": Format(read_page, has_lines=False),
    ".htm": Format(read_page, has_lines=False),
    ".xhtml": Format(read_page, has_lines=False),
    BOOK_SUFFIX: Format(read_plain, has_lines=False),
}
"""By suffix; other suffixes are read as plain text."""
