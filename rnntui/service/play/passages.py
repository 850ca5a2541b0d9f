"""Where passages begin in a text, in an order that the seed decides. Knows neither words nor models."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from rnntui.service.play.texts import PlayText

PASSAGE_CHARACTERS = 1_500
"""About 260 words: two minutes of reading, if all of it is asked."""
LEAST_CHARACTERS = 500
_PARAGRAPH = re.compile(r"(?:^|\n\s*\n)\s*(?=[\w\"'“‘«„¿¡(])")
"""One that begins with a word or a quotation: a row of stars is none."""
_SENTENCE = re.compile(r"(?<=[.!?…。！？])[\"'”’»)]*\s*(?=\S)|\n(?=\S)")
_FEW = 12
"""Paragraphs; where there are fewer, a passage may begin with any sentence."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a text."""

    source: str
    text: str
    place: str
    """Names it among all passages of the text: what dice are thrown for."""


def throw(seed: int, *what: object) -> float:
    """A number in [0,1) that depends on the seed and on what it is thrown for, and on nothing else."""
    digest = hashlib.blake2b(":".join(map(str, (seed, *what))).encode("utf-8", "replace"), digest_size=8).digest()
    return (int.from_bytes(digest, "little") >> 11) * 2.0**-53


def choose_passages(text: PlayText, seed: int) -> Iterator[Passage]:
    """Passages that do not overlap, until there are no more; a text of any length has at least one if it has words."""
    beginnings = [
        (number, start) for number, section in enumerate(text.sections) for start in _beginnings(section.text)
    ]
    beginnings.sort(key=lambda beginning: throw(seed, "passage", *beginning))
    taken: list[tuple[int, int]] = []
    for number, start in beginnings:
        if any(other == number and abs(start - at) < PASSAGE_CHARACTERS for other, at in taken):
            continue
        taken.append((number, start))
        section = text.sections[number]
        yield Passage(section.source, _cut(section.text[start : start + PASSAGE_CHARACTERS + 1]), f"{number}:{start}")


def _beginnings(text: str) -> list[int]:
    """Where passages may begin: at paragraphs, or at sentences where there are few; with enough text behind them."""
    last = max(0, len(text) - LEAST_CHARACTERS)
    first = len(text) - len(text.lstrip())
    found = [match.end() for match in _PARAGRAPH.finditer(text)]
    if len(found) < _FEW:
        found = sorted({first, *found, *(match.end() for match in _SENTENCE.finditer(text))})
    return [start for start in found if start <= last] or [first] * bool(text.strip())


def _cut(text: str) -> str:
    """A text without the word that its end cuts in two."""
    if len(text) <= PASSAGE_CHARACTERS:
        return text
    space = max(text.rfind(" ", PASSAGE_CHARACTERS // 2), text.rfind("\n", PASSAGE_CHARACTERS // 2))
    return text[:space] if space > 0 else text[:PASSAGE_CHARACTERS]
