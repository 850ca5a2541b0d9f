"""Lines that were broken only to fit a width -> paragraphs."""

import itertools
import re
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rnntui.lm.text.findings import Findings
from rnntui.lm.text.streams import LONGEST_LINE, UNSPACED, taken

_LAYOUT_SAMPLE = 1 << 21
_PIECE = 1 << 16
_LEAST_PAIRS = 50
_WORD_BEFORE_HYPHEN = re.compile(r"([^\W\d_]+)-\Z")
_WORD_AT_START = re.compile(r"[^\W\d_]+")
_WORDS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class HardWrap:
    """How a text was broken into lines by hand."""

    width: int
    """Characters that a line may have."""
    words: frozenset[str] = frozenset()
    """Words of the text, small letters, compounds with their hyphens; empty when no line ends in a hyphen."""
    breaks_words: bool = False
    """True when most hyphens at line ends stand for a broken word and not for a compound."""

    def joint(self, line: str, after: str, findings: Findings) -> tuple[str, str]:
        """A line as it goes on, and what stands between it and the next: a newline, a space, or nothing.

        A line break is taken for wrapping when the next line's first word would not have fitted; verse, lists and
        headings keep theirs.
        """
        if not line or not after or after[0].isspace():
            return line, "\n"
        # Nearly every line is so long that any word would have been too much: its length is not asked for then.
        if len(line) + 2 < self.width - 4 and len(line) + 1 + len(after[:200].split(" ", 1)[0]) < self.width - 4:
            return line, "\n"
        if UNSPACED.match(line[-1]) and UNSPACED.match(after[0]):
            return line, ""
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


def rejoin_lines(parts: Iterable[str], is_wished: bool | None, findings: Findings) -> Iterator[str]:
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
        kept = 1 if len(lines[-1]) > LONGEST_LINE else 2  # what a line is joined with must be there as a whole
        rest = "\n".join(lines[-kept:])
        yield _joined(lines[: 1 - kept or None], wrapping, findings)
        if len(rest) > LONGEST_LINE:
            yield rest
            rest = ""
    yield _joined((rest + "\n").split("\n"), wrapping, findings)[:-1] if rest else ""


def _joined(lines: Sequence[str], wrapping: HardWrap, findings: Findings) -> str:
    """All lines but the last, each with what stands after it."""
    joined: list[str] = []
    for line, after in itertools.pairwise(lines):
        joined += wrapping.joint(line.rstrip(), after, findings)
    return "".join(joined)
