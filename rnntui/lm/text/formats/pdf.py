"""PDF with a text layer -> running text, page by page.

The library pypdf, which an extra brings, says which characters a page shows; here lines become paragraphs again, and
what stands at the head and foot of most pages is left out. Whatever a hostile file makes the library do, a page ends
after some seconds, and the file in a sentence.
"""

import itertools
import logging
import re
import statistics
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from rnntui.lm.text.findings import Findings
from rnntui.lm.text.formats.kinds import refused
from rnntui.lm.text.formats.markup import squeeze_blanks
from rnntui.lm.text.streams import UNSPACED
from rnntui.records import ReadOptions
from rnntui.text import plural

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

_LARGEST = 256 << 20
_LARGEST_PAGE = 4 << 20
"""Bytes of what draws one page; a page of text has some thousands."""
_LONGEST_TEXT = 1 << 20
"""Characters of one page."""
_MOST_PAGES = 50_000
_SECONDS_A_PAGE = 10.0
_AROUND = 12
"""Pages before and after one in which its first and last lines are looked for."""
_LINES_AT_EDGE = 2
_LEAST_OTHERS = 2
_LEAST_SHARE = 0.3
_NUMBERS = re.compile(r"\d+|\b[ivxlc]{1,7}\b", re.I)
_ONLY_NUMBER = re.compile(
    r"\W*(?:page|seite|p\.|pág\.?|стр\.?|第)?\s*#(?:\s*(?:of|von|de|/|из|-)\s*#)?\s*(?:页|頁|ページ)?\W*", re.I
)
_ENDED = re.compile(r"[.?!:…。？！]['\"’”»)\]]*\Z")
_BULLET = re.compile(r"(?:[•◦▪‣·*–—-]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+\S")
_WORD_BEFORE_HYPHEN = re.compile(r"([^\W\d_]+)[-\u00ad\u2010]\Z")
_WORD_AT_START = re.compile(r"[^\W\d_]+")
_WORDS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_MOST_WORDS = 200_000
_LEAST_WIDTH = 30
_PROSE_SHARE = 0.6
"""Of the longest lines' length, which half of the lines of prose have at least; verse and lists have shorter ones."""
_SHORT = 0.8
_VERY_SHORT = 0.55


def read_pdf(stream: IO[bytes], name: str, reading: ReadOptions, findings: Findings) -> Iterator[str]:
    """The text of a PDF.

    Raises:
        CorpusError: If pypdf is not there, the file is damaged, locked, too large, or has pictures of pages only.
    """
    reader = _opened(stream, name)
    flow = _Flow(findings, keeps_lines=reading.join_lines is False)
    counts: Counter[str] = Counter()
    pages = _body_lines(_page_lines(reader, name, counts), findings)
    is_begun = False
    for part in squeeze_blanks(flow.texts(pages)):
        is_begun = is_begun or bool(part.strip())
        yield part
    if not is_begun:
        if counts["damaged"] and counts["damaged"] == counts.total():
            raise refused(name, "is damaged: none of its pages can be read")
        raise refused(name, "has pictures of pages, and no text", "Let a program for text recognition (OCR) read it.")
    if counts["empty"]:
        findings.remarks.append(f"{plural(counts['empty'], 'page')} without text, maybe pictures.")
    if counts["damaged"]:
        findings.remarks.append(f"{plural(counts['damaged'], 'page')} could not be read and left no text.")


def _opened(stream: IO[bytes], name: str) -> "PdfReader":
    try:
        import pypdf
    except ImportError as problem:
        raise refused(
            name, "is a PDF, and the Python package pypdf is missing", 'Install it: pip install "rnntui[formats]".'
        ) from problem
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # each page may have a hundred small faults
    size = stream.seek(0, 2)
    stream.seek(0)
    if size > _LARGEST:
        raise refused(name, f"has {size >> 20:,} MB; {_LARGEST >> 20} MB are the most for a PDF", "Split it.")
    try:
        reader = pypdf.PdfReader(stream)
        is_locked = reader.is_encrypted and not reader.decrypt("")
        pages = 0 if is_locked else len(reader.pages)
    except _problems() as problem:
        if isinstance(problem, pypdf.errors.DependencyError):
            raise refused(name, "is locked", "Print it into a new PDF without protection.") from problem
        raise refused(name, "is damaged, or no PDF") from problem
    if is_locked:
        raise refused(name, "is locked by a password", "Save a copy without a password.")
    if pages > _MOST_PAGES:
        raise refused(name, f"has {pages:,} pages; {_MOST_PAGES:,} are the most", "Split it.")
    return reader


def _problems() -> tuple[type[Exception], ...]:
    """What the library raises for files that somebody made to harm it, or that are cut off."""
    import pypdf.errors

    usual = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, AssertionError, RuntimeError)
    return (pypdf.errors.PyPdfError, pypdf.errors.DependencyError, *usual, OSError, EOFError, MemoryError)


class _TooLongError(RuntimeError):
    """A page takes longer than pages do."""


def _page_lines(reader: "PdfReader", name: str, counts: "Counter[str]") -> Iterator[list[str]]:
    """The lines of each page, from top to bottom; none for a page that cannot be read."""
    problems = _problems()
    kept = 0
    for number in range(len(reader.pages)):
        try:
            text = _text_of(reader.pages[number])[:_LONGEST_TEXT]
        except problems:
            text = ""
            counts["damaged"] += 1
        else:
            counts["read" if text.strip() else "empty"] += 1
        kept = _forget(reader, kept)
        yield [line.rstrip() for line in text.split("\n") if line.strip()]


def _text_of(page: "PageObject") -> str:
    end = time.monotonic() + _SECONDS_A_PAGE

    def look_at_clock(*_: object) -> None:
        if time.monotonic() > end:
            raise _TooLongError

    contents = page.get("/Contents")
    contents = contents.get_object() if contents is not None else None
    streams = contents if isinstance(contents, list) else [contents] if contents is not None else []
    if sum(len(piece.get_object().get_data()) for piece in streams) > _LARGEST_PAGE:
        raise _TooLongError
    return page.extract_text(visitor_operand_before=look_at_clock)


def _forget(reader: "PdfReader", before: int) -> int:
    """The library keeps every object that it has read, with its unpacked bytes; those of pages are forgotten.

    Args:
        reader: It adds objects at the end.
        before: How many were left the last time: only the later ones are looked at.
    """
    from pypdf.generic import StreamObject

    kept = reader.resolved_objects
    later = list(itertools.islice(reversed(kept), max(0, len(kept) - before)))
    for place in later:
        if isinstance(kept[place], StreamObject):
            del kept[place]
    return len(kept)


# ---- what stands at the edges of pages --------------------------------------------------------------------------


def _body_lines(pages: Iterable[list[str]], findings: Findings) -> Iterator[list[str]]:
    """Pages without what most of their neighbours have at the same edge too, but for numbers."""
    before: deque[_Edges] = deque(maxlen=_AROUND)
    waiting: deque[tuple[list[str], _Edges]] = deque()
    source = iter(pages)
    while True:
        while len(waiting) <= _AROUND and (lines := next(source, None)) is not None:
            waiting.append((lines, _edges(lines)))
            yield []
        if not waiting:
            return
        lines, edges = waiting.popleft()
        around = [*before, *(other for _, other in waiting)]
        before.append(edges)
        yield _without_edges(lines, edges, around, findings)


@dataclass(frozen=True, slots=True)
class _Edges:
    """The first and the last lines of a page, with signs for numbers; the outermost first."""

    head: tuple[str, ...]
    foot: tuple[str, ...]


def _edges(lines: Sequence[str]) -> _Edges:
    most = min(_LINES_AT_EDGE, len(lines) // 2 if len(lines) > 1 else 0)
    head, foot = lines[:most], lines[len(lines) - most :][::-1]
    return _Edges(tuple(map(_form, head)), tuple(map(_form, foot)))


def _form(line: str) -> str:
    return " ".join(_NUMBERS.sub("#", line).casefold().split())


def _without_edges(lines: list[str], edges: _Edges, around: Sequence[_Edges], findings: Findings) -> list[str]:
    least = max(_LEAST_OTHERS, _LEAST_SHARE * len(around))
    start, stop = 0, len(lines)
    for form in edges.head:
        if not (_ONLY_NUMBER.fullmatch(form) or sum(form in other.head for other in around) >= least):
            break
        findings.leave_out(_kind(form, "running head"), lines[start])
        start += 1
    for form in edges.foot:
        if not (_ONLY_NUMBER.fullmatch(form) or sum(form in other.foot for other in around) >= least):
            break
        stop -= 1
        findings.leave_out(_kind(form, "running foot"), lines[stop])
    return lines[start:stop]


def _kind(form: str, otherwise: str) -> str:
    return "page number" if _ONLY_NUMBER.fullmatch(form) else otherwise


# ---- lines -> paragraphs ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Flow:
    """Puts lines together that were broken only because the page is no wider."""

    findings: Findings
    keeps_lines: bool = False
    _words: set[str] = field(default_factory=set)
    _last: str = ""
    """The line that the next one may go on from."""
    _width: int = 0
    _is_prose: bool = False

    def texts(self, pages: Iterable[list[str]]) -> Iterator[str]:
        """The text of all pages."""
        for lines in pages:
            if not lines:
                yield ""
                continue
            lengths = sorted(map(len, lines))
            width = lengths[int(0.9 * (len(lengths) - 1))]
            if len(lines) > 2 or not self._width:  # the last page of a chapter says little
                self._width = width
                self._is_prose = width >= _LEAST_WIDTH and statistics.median(lengths) >= _PROSE_SHARE * width
            if len(self._words) < _MOST_WORDS:
                self._words.update(word.lower() for line in lines for word in _WORDS.findall(line))
            yield "".join(self._put_together(lines))
        yield self._last

    def _put_together(self, lines: Iterable[str]) -> Iterator[str]:
        for line in lines:
            if self._last:
                yield from self._joint(self._last, line.lstrip())
            self._last = line.strip()

    def _joint(self, line: str, after: str) -> tuple[str, str]:
        """A line as it goes on, and what stands between it and the next."""
        if self.keeps_lines or not self._is_prose:
            return line, "\n"
        broken, rest = _WORD_BEFORE_HYPHEN.search(line[-100:]), _WORD_AT_START.match(after)
        if broken and rest and after[0].islower():
            return self._mended(line, broken[1].lower(), rest[0].lower())
        is_short = len(line) < _SHORT * self._width
        ends = (is_short and _ENDED.search(line)) or (len(line) < _VERY_SHORT * self._width and not after[0].islower())
        if ends or _BULLET.match(after):
            return line, "\n\n"
        is_unspaced = UNSPACED.match(line[-1]) and UNSPACED.match(after[0])
        return line, "" if is_unspaced else " "

    def _mended(self, line: str, start: str, end: str) -> tuple[str, str]:
        """A word that a line end broke; a compound keeps its hyphen."""
        words = self._words
        is_compound = f"{start}-{end}" in words or (start in words and end in words and start + end not in words)
        if is_compound and line[-1] != "\u00ad" and f"{start}{end}" not in words:
            return line, ""
        self.findings.words_mended += 1
        return line[:-1], ""
