"""What stands between two lines that are joined: a space, or nothing; and words that a line end broke are mended."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rnntui.lm.text.findings import Findings
from rnntui.lm.text.streams import UNSPACED

_WORD_BEFORE_HYPHEN = re.compile(r"([^\W\d_]+)-\Z")
_WORD_AT_START = re.compile(r"[^\W\d_]+")
_WORDS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_FULL_WIDTH = re.compile(r"[\u3001-\u303f\uff01-\uff60]")
"""Punctuation of Chinese and Japanese, which has its space inside."""

_HAN_RANGE = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_HAN = re.compile(f"[{_HAN_RANGE}]")
_GAPS = re.compile(f"(?<=[{_HAN_RANGE}]) (?=[A-Za-z0-9])|(?<=[A-Za-z0-9]) (?=[{_HAN_RANGE}])")
_MIXTURES = re.compile(f"(?<=[{_HAN_RANGE}]) ?(?=[A-Za-z0-9])|(?<=[A-Za-z0-9]) ?(?=[{_HAN_RANGE}])")
_GAP_SAMPLE = 1 << 16


@dataclass(frozen=True, slots=True)
class Hyphens:
    """What hyphens at line ends stand for in a text."""

    words: frozenset[str] = frozenset()
    """Words of the text, small letters, compounds with their hyphens; empty when no line ends in a hyphen."""
    breaks_words: bool = False
    """True when most hyphens at line ends stand for a broken word and not for a compound."""
    has_gaps: bool = False
    """True when a space usually stands between a Chinese or Japanese character and a Latin letter or digit."""

    def joint(self, line: str, after: str, findings: Findings) -> tuple[str, str]:
        """A line as it goes on, and what stands between it and the next."""
        last = line[-1]
        if (last > "\u0e00" or after[0] > "\u0e00") and is_tight(last, after[0], has_gaps=self.has_gaps):
            return line, ""
        if last not in "-\u2014\u2010":
            return line, " "
        if line.endswith(("--", "\u2014")) and not line[:-1].endswith((" ", " -")):
            return line, ""
        broken, rest = _WORD_BEFORE_HYPHEN.search(line[-100:]), _WORD_AT_START.match(after)
        if not broken or not rest:
            return line, " "
        start, end = broken[1].lower(), rest[0].lower()
        if f"{start}-{end}" in self.words or not (start + end in self.words or self.breaks_words):
            return line, ""
        findings.words_mended += 1
        return line[:-1], ""


def is_tight(last: str, first: str, *, has_gaps: bool = False) -> bool:
    """Whether nothing stands between two characters: scripts without spaces, full-width marks, and what touches them.

    Args:
        last: The last one of a line.
        first: The first one of the next.
        has_gaps: Whether a space stands between Chinese or Japanese and Latin letters or digits.
    """
    if _FULL_WIDTH.match(last) or _FULL_WIDTH.match(first):
        return True
    if UNSPACED.match(last) and UNSPACED.match(first):
        return True
    if _HAN.match(last):
        return not first.isalnum() or (not has_gaps and first.isascii())
    return bool(_HAN.match(first)) and (not last.isalnum() or (not has_gaps and last.isascii()))


def find_hyphens(text: str, *, is_unspaced: bool = False) -> Hyphens:
    """What the hyphens at line ends stand for in the first part of a text.

    Args:
        text: That part.
        is_unspaced: True for a script without spaces, in which the place of spaces is looked at.
    """
    sample = text[:_GAP_SAMPLE]
    has_gaps = is_unspaced and 2 * len(_GAPS.findall(sample)) > len(_MIXTURES.findall(sample))
    halves = list(_halves(text))
    if not halves:
        return Hyphens(has_gaps=has_gaps)
    words = frozenset(word.lower() for word in _WORDS.findall(text))
    broken = sum(start + end in words for start, end in halves)
    compounds = sum(f"{start}-{end}" in words for start, end in halves)
    return Hyphens(words, broken > compounds, has_gaps)


def _halves(text: str) -> Iterator[tuple[str, str]]:
    place = text.find("-\n")
    while place >= 0:
        before = _WORD_BEFORE_HYPHEN.search(text[max(0, place - 99) : place + 1])
        after = _WORD_AT_START.match(text[place + 2 : place + 200].lstrip(" \t"))
        if before and after:
            yield before[1].lower(), after[0].lower()
        place = text.find("-\n", place + 1)
