"""What stands around a person's words: control characters, licences, transcriber's notes.

Each step takes a text in parts of any sizes and gives it on in parts, so that a text of any length passes through; an
empty part is a sign of life from long work, and is given on. What is noticed goes into `Findings`. Knows nothing
of files.
"""

import itertools
import re
from collections.abc import Iterable, Iterator

from rnntui.lm.text.characters.forms import in_one_form, is_cut_allowed
from rnntui.lm.text.characters.terminal import as_shown
from rnntui.lm.text.findings import Findings
from rnntui.lm.text.streams import LONGEST_LINE, UNSPACED, taken

_OPENING = 1 << 18
"""A header ends, and a licence begins to be told from the text, within so many characters."""
_HELD_BACK = 20_000
_MOST_JOINED = 1 << 12
"""More marks on one letter are a flood: it may be cut anywhere."""
_UNSPACED_SAMPLE = 1 << 20

_START = re.compile(r"^\*\*\* ?START OF (?:THE|THIS) PROJECT GUTENBERG EBOOK[^\n]*\n", re.I | re.M)
_END = re.compile(
    r"^(?:\*\*\* ?END OF (?:THE|THIS) PROJECT GUTENBERG EBOOK|End of (?:the )?Project Gutenberg)[^\n]*", re.I | re.M
)
_CREDITS = re.compile(
    r"\A\s*(?:Produced by|E-?text prepared by|This (?:e-?book|e-?text) was (?:produced|prepared) by|"
    r"HTML version by|Credits:)[^\n]*(?:\n[^\n]+)*\n?",
    re.I,
)
_BRACKET_OF_NOTE = re.compile(r"\[\s*Transcriber[’']?s?[’']? notes?\b", re.I)
_LONGEST_NOTE_IN_BRACKETS = 4_000
_HEADING_OF_NOTE = re.compile(
    r"(?:\A|\n[ \t]*\n)[ \t*_=+]*Transcriber[’']?s?[’']? notes?\b[^\n]*\n",
    re.I,
)
_LONGEST_NOTE = 3_000
_NOTE_AFTER = re.compile(r"\n[ \t]*\n[ \t*_=+]*Transcriber[’']?s?[’']? notes?[ \t*_=+:.]*\n[\s\S]*\Z", re.I)


def cleaned(parts: Iterable[str], findings: Findings, *, has_records: bool = False) -> Iterator[str]:
    """The characters that are meant: one kind of newline, whole letters, no codes of terminals, nothing unseen.

    Args:
        parts: Any text.
        findings: Where what was treated is counted.
        has_records: Whether a format is still to be read in which a line end ends a record: only newlines are one.
    """
    rest = ""
    seen = unspaced = 0
    for part in itertools.chain(as_shown(parts, findings.treated), (None,)):
        if part == "":
            yield ""
            continue
        text = rest + (part or "")
        cut = len(text) if part is None else _safe_cut(text)
        kept = in_one_form(text[:cut], findings.treated, has_records=has_records)
        rest = text[cut:]
        if seen < _UNSPACED_SAMPLE:
            seen += len(kept)
            unspaced += len(UNSPACED.findall(kept)) if not kept.isascii() else 0
            findings.unspaced_share = unspaced / max(1, seen)
        if kept or part:  # where nothing is left of a part, that is a sign of life
            yield kept


def _safe_cut(text: str) -> int:
    """Where a text can be cut so that both sides can be cleaned apart: not inside a composed character."""
    cut = max(text.rfind("\n"), text.rfind(" "))
    if cut <= 0:
        cut = len(text) - 1 if len(text) > LONGEST_LINE else 0
    earliest = max(0, cut - _MOST_JOINED)
    while cut > earliest and not is_cut_allowed(text, cut):
        cut -= 1
    return cut


# ---- what surrounds a book --------------------------------------------------------------------------------------


def remove_licence(parts: Iterable[str], findings: Findings) -> Iterator[str]:
    """Leave out what Project Gutenberg and its transcribers put before and after a book, or several in one file."""
    source = iter(parts)
    text, at = (yield from taken(source, _OPENING)), 0  # what stands before `at` was given on, or left out
    if start := _START.search(text) if _may_be_marked(text) else None:
        findings.has_licence = True
        text, at = _after_credits(text, start.end(), findings)
    is_inside = True
    for part in itertools.chain(source, (None,)):
        if part == "":
            yield ""
            continue
        text, at = text[at:] + (part or ""), 0
        is_marked = _may_be_marked(text)
        while turn := (_END if is_inside else _START).search(text, at) if is_marked else None:
            findings.has_licence = True
            if is_inside:
                yield _without_closing(text[at : turn.start()], findings)
                at = turn.end()
            else:
                yield "\n\n"
                text, at = _after_credits(text, turn.end(), findings)
            is_inside = not is_inside
        if is_inside:
            text = _without_bracketed(text[at:], findings)
            at = _line_end_before(text, len(text) - _HELD_BACK)
            yield text[:at]
        else:
            at = max(at, len(text) - _HELD_BACK)
            yield ""
    if is_inside:
        text = text[at:]
        yield _without_closing(text, findings) if findings.has_licence else text


def _line_end_before(text: str, place: int) -> int:
    """The last line end before a place; 0 without one, but the place itself when the line is longer than lines are."""
    cut = text.rfind("\n", 0, max(0, place))
    return cut if cut > 0 else place if place > LONGEST_LINE else 0


def _may_be_marked(text: str) -> bool:
    return "utenberg" in text or "UTENBERG" in text


def _after_credits(text: str, at: int, findings: Findings) -> tuple[str, int]:
    """A text without what its makers put at a place, and that place in it."""
    head = text[at : at + 6_000]
    fresh = head
    while credit := _CREDITS.match(fresh):
        fresh = fresh[credit.end() :]
    fresh = _without_bracketed(fresh, findings)
    if note := _first_note(fresh):
        fresh = f"{fresh[: note.start]}\n\n{fresh[note.stop :]}"
        findings.transcriber_notes += 1
    return (text, at) if fresh == head else (fresh + text[at + len(head) :], 0)


def _first_note(text: str) -> slice | None:
    """The first transcriber's note that ends at two empty lines, or with the text, before it is too long."""
    heading = _HEADING_OF_NOTE.search(text) if _may_have_notes(text) else None
    while heading:
        end = text.find("\n\n\n", heading.end(), heading.end() + _LONGEST_NOTE + 3)
        if end < 0 and len(text) - heading.end() <= _LONGEST_NOTE:
            end = len(text)
        if end >= 0:
            return slice(heading.start(), end)
        heading = _HEADING_OF_NOTE.search(text, heading.end() - 1)
    return None


def _without_closing(text: str, findings: Findings) -> str:
    head, tail = text[: -_HELD_BACK // 2], text[-_HELD_BACK // 2 :]
    tail, notes = _NOTE_AFTER.subn("\n", _without_bracketed(tail, findings))
    findings.transcriber_notes += notes
    return head + tail


def _may_have_notes(text: str) -> bool:
    return "ranscriber" in text or "RANSCRIBER" in text


def _without_bracketed(text: str, findings: Findings) -> str:
    if not _may_have_notes(text):
        return text
    kept, at, closing = [], 0, -1
    for opening in _BRACKET_OF_NOTE.finditer(text):
        if opening.start() < at:  # inside the note before
            continue
        if closing < opening.end():  # each bracket is looked for once, however many notes are opened before it
            closing = text.find("]", opening.end())
        if closing < 0:
            break
        if closing - opening.end() <= _LONGEST_NOTE_IN_BRACKETS:
            kept.append(text[at : opening.start()])
            at = closing + 1
    findings.transcriber_notes += len(kept)
    return "".join((*kept, text[at:]))
