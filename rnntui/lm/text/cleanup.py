"""What stands around and between a person's words: licences, transcriber's notes, line breaks made by hand, repeats.

Each step takes a text in parts of any sizes and gives it on in parts, so that a text of any length passes through; an
empty part is a sign of life from long work, and is given on. What is noticed goes into `CleanupReport`. Knows nothing
of files.
"""

import hashlib
import itertools
import re
import statistics
import unicodedata
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from rnntui.text import clean, plural, visible_line

_OPENING = 1 << 18
"""A header ends, and a licence begins to be told from the text, within so many characters."""
_HELD_BACK = 20_000
_LAYOUT_SAMPLE = 1 << 21
_PIECE = 1 << 16
_LONGEST_LINE = 1 << 17
_MOST_JOINED = 1 << 12
"""More marks on one letter are a flood: it may be cut anywhere."""
_LEAST_PAIRS = 50
_REPEAT_LENGTH = 60
_REPEATS_KEPT = 200_000
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
_WORD_BEFORE_HYPHEN = re.compile(r"([^\W\d_]+)-\Z")
_WORD_AT_START = re.compile(r"[^\W\d_]+")
_WORDS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


@dataclass(slots=True)
class CleanupReport:
    """What was noticed in one text, counted while it passes."""

    controls: int = 0
    """Control characters that became spaces."""
    has_licence: bool = False
    transcriber_notes: int = 0
    are_lines_joined: bool = False
    words_mended: int = 0
    """Words that a line end had broken."""
    emphasised: int = 0
    """Passages between the marks of italics or bold letters, which were left out."""
    captions: int = 0
    footnotes: int = 0
    marks_of_notes: int = 0
    has_contents: bool = False
    """True when a table of contents was left out."""
    scene_breaks: int = 0
    """That were given one form."""
    has_turned_marks: bool = False
    """True when straight quotes, hyphens or dots became typographic ones."""
    characters_lost: int = 0
    """By giving quotes, dashes and dots one form, in which several characters may be one."""
    skipped: int = 0
    """Records of a table that could not be read."""
    unspaced_share: float = 0.0
    """Share of the first characters that belong to scripts without spaces between words."""
    remarks: list[str] = field(default_factory=list)
    """What the reader of the format chose, one sentence each."""

    def notes(self) -> list[str]:
        """One sentence each, for the person."""
        found = list(self.remarks)
        if self.skipped:
            found.append(f"{plural(self.skipped, 'record')} could not be read and {_were(self.skipped)} left out.")
        if self.controls:
            found.append(
                f"{plural(self.controls, 'control character')} became {'a space' if self.controls == 1 else 'spaces'}."
            )
        if self.has_licence:
            found.append("Project Gutenberg's header and licence were left out.")
        if self.transcriber_notes:
            found.append("A transcriber's notes were left out.")
        if self.are_lines_joined:
            found.append("Lines that were wrapped to a width were joined into paragraphs.")
        if self.words_mended:
            found.append(f"{plural(self.words_mended, 'word')} broken at a line end {_were(self.words_mended)} mended.")
        found += self._of_a_book()
        if self.has_turned_marks:
            found.append("Straight quotes and hyphens became “ ” ‘ ’ —, as the model writes them.")
        if self.unspaced_share > 0.2:
            found.append("Its script has no spaces between words: every character counts as a word of its own.")
        return found

    def _of_a_book(self) -> list[str]:
        counted = (
            (
                self.emphasised,
                "pair of marks around italics or bold letters",
                "pairs of marks around italics or bold letters",
            ),
            (self.captions, "caption of an illustration", "captions of illustrations"),
            (self.footnotes, "footnote", "footnotes"),
            (self.marks_of_notes, "mark of a note", "marks of notes"),
        )
        left_out = [f"{number:,} {one if number == 1 else many}" for number, one, many in counted if number]
        left_out += ["the table of contents"] if self.has_contents else []
        scenes = f"{plural(self.scene_breaks, 'break')} between scenes got one form" if self.scene_breaks else ""
        if not left_out:
            return [f"{scenes}."] if scenes else []
        sentence = f"Left out, as marks of a printed book: {', '.join(left_out)}"
        return [f"{sentence}; {scenes}." if scenes else f"{sentence}."]


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def cleaned(parts: Iterable[str], findings: CleanupReport) -> Iterator[str]:
    """Ordinary text, whatever came: one kind of newline, composed characters, no control characters."""
    rest = ""
    seen = unspaced = 0
    for part in itertools.chain(parts, (None,)):
        if part == "":
            yield ""
            continue
        text = rest + (part or "")
        cut = len(text) if part is None else _safe_cut(text)
        result = clean(text[:cut])
        rest = text[cut:]
        findings.controls += result.controls
        if seen < _UNSPACED_SAMPLE:
            seen += len(result.text)
            unspaced += len(_UNSPACED.findall(result.text)) if not result.text.isascii() else 0
            findings.unspaced_share = unspaced / max(1, seen)
        if result.text:
            yield result.text


def _safe_cut(text: str) -> int:
    """Where a text can be cut so that both sides can be cleaned apart: not inside a line end or composed character."""
    cut = max(text.rfind("\n"), text.rfind(" "))
    if cut <= 0:
        cut = len(text) - 1 if len(text) > _LONGEST_LINE else 0
    earliest = max(0, cut - _MOST_JOINED)
    while cut > earliest and (text[cut - 1] == "\r" or _joins_backwards(text[cut])):
        cut -= 1
    return cut


def _joins_backwards(character: str) -> bool:
    return unicodedata.combining(character) > 0 or "\u1160" <= character <= "\u11ff"


# ---- what surrounds a book --------------------------------------------------------------------------------------


def remove_licence(parts: Iterable[str], findings: CleanupReport) -> Iterator[str]:
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
    return cut if cut > 0 else place if place > _LONGEST_LINE else 0


def _may_be_marked(text: str) -> bool:
    return "utenberg" in text or "UTENBERG" in text


def _after_credits(text: str, at: int, findings: CleanupReport) -> tuple[str, int]:
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


def _without_closing(text: str, findings: CleanupReport) -> str:
    head, tail = text[: -_HELD_BACK // 2], text[-_HELD_BACK // 2 :]
    tail, notes = _NOTE_AFTER.subn("\n", _without_bracketed(tail, findings))
    findings.transcriber_notes += notes
    return head + tail


def _may_have_notes(text: str) -> bool:
    return "ranscriber" in text or "RANSCRIBER" in text


def _without_bracketed(text: str, findings: CleanupReport) -> str:
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


# ---- lines ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HardWrap:
    """How a text was broken into lines by hand."""

    width: int
    """Characters that a line may have."""
    words: frozenset[str] = frozenset()
    """Words of the text, small letters, compounds with their hyphens; empty when no line ends in a hyphen."""
    breaks_words: bool = False
    """True when most hyphens at line ends stand for a broken word and not for a compound."""

    def joint(self, line: str, after: str, findings: CleanupReport) -> tuple[str, str]:
        """A line as it goes on, and what stands between it and the next: a newline, a space, or nothing.

        A line break is taken for wrapping when the next line's first word would not have fitted; verse, lists and
        headings keep theirs.
        """
        if not line or not after or after[0].isspace():
            return line, "\n"
        # Nearly every line is so long that any word would have been too much: its length is not asked for then.
        if len(line) + 2 < self.width - 4 and len(line) + 1 + len(after[:200].split(" ", 1)[0]) < self.width - 4:
            return line, "\n"
        if line[-1] not in "-—":
            return line, " "
        if line.endswith(("--", "—")) and not line[:-1].endswith((" ", " -")):
            return line, ""
        broken, rest = _WORD_BEFORE_HYPHEN.search(line[-100:]), _WORD_AT_START.match(after)
        if not broken or not rest:
            return line, " "
        start, end = broken[1].lower(), rest[0].lower()
        if f"{start}-{end}" in self.words or not (start + end in self.words or self.breaks_words):
            return line, ""
        findings.words_mended += 1
        return line[:-1], ""


def find_hard_wrap(text: str, *, is_asked: bool = False) -> HardWrap | None:
    """The width that a text was wrapped to by hand; None when it has no common width.

    Args:
        text: The text, or its first part.
        is_asked: True when a person says that it was wrapped: then every text of two lines has a width.
    """
    lines = [line.rstrip() for line in text.split("\n")]
    pairs = [(line, after) for line, after in itertools.pairwise(lines) if line and after]
    if not pairs or (len(pairs) < _LEAST_PAIRS and not is_asked):
        return None
    lengths = sorted(len(line) for line, _ in pairs)
    width = lengths[int(0.95 * (len(lengths) - 1))]
    middle = statistics.median(lengths)
    if not is_asked and not (40 <= width <= 100 and middle >= 0.75 * width):
        return None
    return _with_words(width, pairs, text)


def _with_words(width: int, pairs: Sequence[tuple[str, str]], text: str) -> HardWrap:
    halves = [
        (before[1].lower(), after[0].lower())
        for line, following in pairs
        if line.endswith("-")
        and (before := _WORD_BEFORE_HYPHEN.search(line[-100:]))
        and (after := _WORD_AT_START.match(following))
    ]
    if not halves:
        return HardWrap(width)
    words = frozenset(word.lower() for word in _WORDS.findall(text))
    broken = sum(start + end in words for start, end in halves)
    compounds = sum(f"{start}-{end}" in words for start, end in halves)
    return HardWrap(width, words, broken > compounds)


def rejoin_lines(parts: Iterable[str], is_wished: bool | None, findings: CleanupReport) -> Iterator[str]:
    """Join lines that were broken only to fit a width, so that a paragraph is one line.

    Args:
        parts: The text.
        is_wished: True or False when a person says so; None joins where a common width plainly shows.
        findings: Told whether lines were joined.
    """
    source = iter(parts)
    opening = yield from taken(source, _LAYOUT_SAMPLE)
    wrapping = None if is_wished is False else find_hard_wrap(opening, is_asked=bool(is_wished))
    beginning = (opening[at : at + _PIECE] for at in range(0, len(opening), _PIECE))  # each is a sign of life
    if wrapping is None:
        yield from beginning
        yield from source
        return
    findings.are_lines_joined = True
    rest = ""
    for part in itertools.chain(beginning, source):
        if not part:
            yield ""
            continue
        lines = (rest + part).split("\n")
        kept = 1 if len(lines[-1]) > _LONGEST_LINE else 2  # what a line is joined with must be there as a whole
        rest = "\n".join(lines[-kept:])
        yield _joined(lines[: 1 - kept or None], wrapping, findings)
        if len(rest) > _LONGEST_LINE:
            yield rest
            rest = ""
    yield _joined((rest + "\n").split("\n"), wrapping, findings)[:-1] if rest else ""


def _joined(lines: Sequence[str], wrapping: HardWrap, findings: CleanupReport) -> str:
    """All lines but the last, each with what stands after it."""
    joined: list[str] = []
    for line, after in itertools.pairwise(lines):
        joined += wrapping.joint(line.rstrip(), after, findings)
    return "".join(joined)


# ---- repeats ----------------------------------------------------------------------------------------------------


class Repeats:
    """Long sentences that occur more than once, in one text or in several.

    Of very long texts only a part of the sentences is remembered, chosen by what they say, so that all places of one
    sentence are remembered or none.
    """

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._every = 1
        self._looked_at = self._repeated = 0
        self.example = ""
        """The first sentence that occurred again."""

    @property
    def share(self) -> float:
        """Share of the characters of long sentences that had been there before, 0 to 1."""
        return self._repeated / max(1, self._looked_at)

    def watched(self, parts: Iterable[str]) -> Iterator[str]:
        """The same parts; a sentence across two of them is not looked at."""
        for part in parts:
            for line in part.split("\n"):
                if len(line) < _REPEAT_LENGTH:
                    continue
                for sentence in line.split(". "):
                    if len(sentence) >= _REPEAT_LENGTH:
                        self._see(sentence)
            yield part

    def _see(self, sentence: str) -> None:
        digest = hashlib.blake2b(sentence.strip().encode("utf-8", "replace"), digest_size=8).digest()
        number = int.from_bytes(digest, "big")
        if number % self._every:
            return
        self._looked_at += len(sentence)
        if number in self._seen:
            self._repeated += len(sentence)
            self.example = self.example or visible_line(sentence.strip(), 80)
            return
        self._seen.add(number)
        if len(self._seen) > _REPEATS_KEPT:
            self._every *= 2
            self._seen = {number for number in self._seen if not number % self._every}


def taken(source: Iterator[str], characters: int) -> Generator[str, None, str]:
    """The first parts, together at least so many characters if there are; an empty part for each is a sign of life."""
    parts, length = [], 0
    while length < characters and (part := next(source, None)) is not None:
        parts.append(part)
        length += len(part)
        yield ""
    return "".join(parts)
