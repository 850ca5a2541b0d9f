"""What a printed book has beside its words, as plain-text books spell it: _italics_, captions, notes, contents.

Only where the text shows to be a book or prose: letters and sentences nearly throughout, or Gutenberg's licence around
it, and marks that come several times. Takes a text in parts of any sizes and gives it on in parts, a few paragraphs at
a time, in a time that grows with its length alone. Knows nothing of files.
"""

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rnntui.lm.text.findings import Findings
from rnntui.lm.text.streams import taken

_SAMPLE = 1 << 20
"""Characters from which is told what a text is."""
_LONGEST_BRACKET = 8_000
_LONGEST_PARAGRAPH = 1 << 17
_SEVERAL = 3
_SCENE_BREAK = "* * *"

# Each begins with its sign, also where what stands before it matters: such a sign is looked for ten times as fast.
_EMPHASIS = re.compile(r"_(?<!\w_)(?=\S)((?:[^_\n]|\n(?![ \t]*\n))++)(?<=\S)_(?!\w)")
_UNTIDY = re.compile(r"_(?:(?<!\w_)(?=\S)([^_\n]{1,60}+)(?<=\s)_(?=\w)|([^\W_]{1,20}+\.?)_(?!\w))")
"""Italics whose last mark stands before the next word, or those of the end of a word, such as sure_ly_ and 6_d._"""
_LEFT_OVER = re.compile(r"_(?:(?:(?<=\A_)|(?<=\n\n_))(?=[^\s_])|(?<=[.,;:!?\u201d\u2019\"')\u2014-]_)(?=\n\n|\s*\Z))")
"""Of italics over several paragraphs: one mark before each, or one after the last."""
_BOLD = re.compile(r"=(?<![\w=]=)(?=[^\s=])([^=\n]{1,200}+)(?<=\S)=(?![\w=])")
_INSIDE_WORDS = re.compile(r"[^\W_]_[^\W_]")
_BRACKET_WITH_WORD = re.compile(r"\[(?:(Illustrations?|Frontispiece|Abbildung)|(?:Foot)?[Nn]ote|Fu\u00dfnote)\b")
_BRACKETS = re.compile(r"[\[\]]")
_MARK_OF_NOTE = re.compile(r"[\[{](?:(?<=\[)(?:\d{1,4}|[A-Z]|\*{1,3}|\u2020|Pg \d{1,4})\]|(?<=\{)\d{1,4}[a-z]?\})")
_SPACED_MARK_OF_NOTE = re.compile(f" {_MARK_OF_NOTE.pattern}")
_BREAK = re.compile(r"(?<!\S\n)^[ \t]*(?:(?:\*[ \t]*){3,}|(?:[-_\u2014][ \t]*){3,}|\u2042[ \t]*)$(?!\n\S)", re.M)
_MAY_BE_BREAK = re.compile(r"[*_\u2014-][ \t]*[*_\u2014-]|\u2042")
_HEADING_OF_CONTENTS = re.compile(r"(?:\A|(?<=\n))[ \t_=*]*(?:TABLE OF )?CONTENTS[ \t_=*.:]*(?=\n)", re.I)
_CONTENTS_WITHIN = 60_000
_LONGEST_CONTENTS = 40_000
_LONGEST_ENTRY = 160
_LEAST_ENTRIES = 3

_ODD = re.compile(r"\d|[^\w\s.,;:!?'\"\u2018\u2019\u201c\u201d\u00ab\u00bb()\u2013\u2014\u2026*\[\]-]")
_MOST_ODD = 0.015
"""Share of characters that are digits, or signs that do not stand in sentences."""
_MARKDOWN = re.compile(r"^(?:#{1,6} \S|```|~~~|>{1,3} \S|\[[^\]\n]{1,80}\]: )|\]\(\S", re.M)
_SPEAKER = re.compile(r"^[<\[]?\w[\w .-]{0,24}[>\]]?: ?\S", re.M)
_MOST_MARKDOWN = 2
_MOST_SPOKEN = 0.4
"""Share of lines that begin with a name and a colon."""


@dataclass(frozen=True, slots=True)
class BookMarks:
    """Which marks a text has, beside captions and notes that say what they are."""

    has_emphasis: bool
    has_bold: bool
    has_marks_of_notes: bool


def find_book_marks(sample: str, is_book: bool) -> BookMarks | None:
    """Which marks are to be taken out of a text; None when it is no book, and no prose that has any.

    Args:
        sample: Its first part.
        is_book: True when that is known.
    """
    emphasised = len(_EMPHASIS.findall(sample)) if "_" in sample else 0
    bold = len(_BOLD.findall(sample)) if "=" in sample else 0
    notes = len(_MARK_OF_NOTE.findall(sample)) if "[" in sample or "{" in sample else 0
    inside_words = len(_INSIDE_WORDS.findall(sample)) if emphasised else 0
    marks = BookMarks(
        emphasised >= _SEVERAL and inside_words <= emphasised / 10,
        bold >= _SEVERAL and sample.count("=") <= 2.5 * bold,
        notes >= _SEVERAL or (notes > 0 and "[Footnote" in sample),
    )
    if is_book:
        return marks
    shows = any((marks.has_emphasis, marks.has_bold, marks.has_marks_of_notes)) or any(
        found.search(sample) for found in (_BRACKET_WITH_WORD, _BREAK, _HEADING_OF_CONTENTS)
    )
    return marks if shows and _is_prose(sample) else None


def remove_book_marks(parts: Iterable[str], findings: Findings) -> Iterator[str]:
    """Leave out what a printed book has beside its words; scene breaks get one form.

    Args:
        parts: The text, a paragraph a line or wrapped.
        findings: Knows whether it had a licence; counts what was left out.
    """
    source = iter(parts)
    opening = yield from taken(source, _SAMPLE)
    marks = find_book_marks(opening[:_SAMPLE], findings.has_licence)
    if marks is None:
        yield opening
        yield from source
        return
    opening = _without_contents(opening, findings)
    rest = gap = ""
    for part in itertools.chain((opening,), source, (None,)):
        if part == "":
            yield ""
            continue
        text = rest + (part or "")
        cut = len(text) if part is None else _end_of_paragraph(text)
        rest = text[cut:]
        text = gap + _without_marks(text[:cut], marks, findings)
        kept = text if part is None else text.rstrip(" \t\n")
        gap = "" if part is None else text[len(kept) :][:_LONGEST_PARAGRAPH]
        yield _without_gaps(kept)


def _is_prose(text: str) -> bool:
    """Words and punctuation nearly throughout, no signs of code, tables, pages, logs or chats."""
    if not text.strip() or len(_ODD.findall(text)) > _MOST_ODD * len(text):
        return False
    if len(_MARKDOWN.findall(text)) > _MOST_MARKDOWN:
        return False
    lines = sum(1 for line in text.split("\n") if line.strip())
    return len(_SPEAKER.findall(text)) <= _MOST_SPOKEN * lines


def _end_of_paragraph(text: str) -> int:
    """Where a text can be cut so that no mark needs the other side; 0 where it cannot be yet."""
    earliest = max(0, len(text) - _LONGEST_PARAGRAPH)
    last = cut = text.rfind("\n\n", earliest, len(text.rstrip())) + 2
    for start, end in _notes(text, max(0, earliest - _LONGEST_BRACKET)) if cut >= 2 else ():
        if start < cut <= end:
            cut = text.rfind("\n\n", earliest, start) + 2
        if cut < 2:
            break
    if cut >= 2:
        return cut
    if not earliest:
        return 0
    return last if last >= 2 else _end_of_line(text)


def _end_of_line(text: str) -> int:
    return text.rfind("\n") + 1 or text.rfind(" ") + 1 or len(text)


def _notes(text: str, start: int) -> list[tuple[int, int]]:
    """Where what may be notes in brackets begins and ends, open ones with the text; the last one first."""
    opened = [found.start() for found in _BRACKET_WITH_WORD.finditer(text, start)]
    closed = _closings(text, start) if opened else {}
    spans = [(place, closed.get(place, len(text))) for place in reversed(opened)]
    return [(place, end) for place, end in spans if end - place <= _LONGEST_BRACKET]


def _closings(text: str, start: int = 0) -> dict[int, int]:
    """Where each bracket that opens from a place on is closed, brackets inside it left aside."""
    opened: list[int] = []
    closed: dict[int, int] = {}
    for found in _BRACKETS.finditer(text, start):
        if found[0] == "[":
            opened.append(found.start())
        elif opened:
            closed[opened.pop()] = found.start()
    return closed


def _without_marks(text: str, marks: BookMarks, findings: Findings) -> str:
    if "[" in text:
        text = _without_brackets(text, findings)
    if marks.has_marks_of_notes and ("[" in text or "{" in text):
        for pattern in (_SPACED_MARK_OF_NOTE, _MARK_OF_NOTE):
            text, count = pattern.subn("", text)
            findings.marks_of_notes += count
    if marks.has_bold and "=" in text:
        text, count = _BOLD.subn(r"\1", text)
        findings.emphasised += count
    if marks.has_emphasis and "_" in text:
        text, count = _EMPHASIS.subn(r"\1", text)
        findings.emphasised += count
        text, count = _UNTIDY.subn(lambda found: found[1] or found[2], text)
        findings.emphasised += count
        text = _LEFT_OVER.sub("", text)
    if _MAY_BE_BREAK.search(text):
        text = _BREAK.sub(lambda found: _as_scene_break(found, findings), text)
    return text


def _without_brackets(text: str, findings: Findings) -> str:
    closed = _closings(text) if _BRACKET_WITH_WORD.search(text) else {}
    kept, at = [], 0
    for opening in _BRACKET_WITH_WORD.finditer(text):
        closing = closed.get(opening.start())
        if opening.start() < at or closing is None or closing - opening.start() > _LONGEST_BRACKET:
            continue
        kept.append(text[at : opening.start()].rstrip(" "))
        at = closing + 1
        if opening[1]:
            findings.captions += 1
        else:
            findings.footnotes += 1
    return "".join((*kept, text[at:])) if kept else text


def _as_scene_break(found: re.Match[str], findings: Findings) -> str:
    findings.scene_breaks += found[0] != _SCENE_BREAK
    return _SCENE_BREAK


def _without_gaps(text: str) -> str:
    """No spaces at line ends, and no more than one empty line."""
    if " \n" in text or "\t\n" in text:
        text = "\n".join(line.rstrip(" \t") for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", text) if "\n\n\n" in text else text


def _without_contents(text: str, findings: Findings) -> str:
    """Without the table of contents before the first chapter, where its end can be told.

    It ends where its first entry comes again as a heading, else at two empty lines; what it has are short lines only.
    """
    heading = _HEADING_OF_CONTENTS.search(text, 0, _CONTENTS_WITHIN)
    if heading is None:
        return text
    start = heading.end()
    block = text[start : start + _LONGEST_CONTENTS]
    lines = list(itertools.takewhile(lambda line: len(line) <= _LONGEST_ENTRY, block.split("\n")))
    entries = [line.strip() for line in lines if line.strip()]
    if len(entries) < _LEAST_ENTRIES:
        return text
    end = _end_of_contents("\n".join(lines), entries[0])
    if end is None:
        return text
    findings.has_contents = True
    return text[: heading.start()] + text[start + end :]


def _end_of_contents(block: str, first: str) -> int | None:
    """Where the text begins after a table of contents whose first entry is given; None where that cannot be told."""
    begins = re.sub(r"[\s.\d]+\Z", "", first)[:14]
    again = block.find(begins, block.find(first) + len(first)) if len(begins) > 2 else -1
    if again >= 0 and block.count("\n", 0, again) > _LEAST_ENTRIES:
        return block.rfind("\n", 0, again) + 1
    listed = re.search(r"\S[^\n]*\n[ \t]*\n[ \t]*\n", block)
    if listed is None or block.count("\n", 0, listed.end()) < _LEAST_ENTRIES:
        return None
    return listed.end()
