"""Where words stand in the blocks of a transcript: whole words before beginnings and parts of words.

Capitals, kinds of quotes and dashes, and how much white space stands between two words are no matter.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rnntui.tui.transcript.turn_block import Block, displayable

_ALIKE = str.maketrans(
    {**dict.fromkeys("’‘‚‛ʼ′", "'"), **dict.fromkeys("“”„‟«»″", '"'), **dict.fromkeys("‐‑‒–—―", "-")}
)
_WORD = re.compile(r"\w")


@dataclass(frozen=True, slots=True, order=True)
class FoundPlace:
    """Where words stand."""

    block: int
    """Number of the block."""
    start: int
    """Offset of the first character in the block's text."""
    end: int


@dataclass(frozen=True, slots=True)
class FoundPlaces:
    """All places where words stand as they are wanted."""

    places: tuple[FoundPlace, ...] = ()
    """As whole words; where there are none, at the beginnings of words; else anywhere. In the order of the text."""
    inside: int = 0
    """So many other places, inside longer words, were left out."""


def find_words(blocks: Sequence[Block], words: str) -> FoundPlaces:
    """Where words stand in some blocks."""
    wanted = fold(displayable(words)).split()
    if not wanted:
        return FoundPlaces()
    pattern = re.compile(r"\s+".join(map(re.escape, wanted)))
    every = [(place, text) for place, text in _find_all(blocks, pattern)]
    begun = [(place, text) for place, text in every if _begins_word(place.start, text)]
    whole = [(place, text) for place, text in begun if _ends_word(place.end, text)]
    best = whole or begun or every
    return FoundPlaces(tuple(place for place, _ in best), len(every) - len(best))


def fold(text: str) -> str:
    """A text without regard to capitals, quotes and dashes.

    Every character stays in its place, also where its small form is longer.
    """
    folded = text.casefold()
    if len(folded) != len(text):
        folded = "".join(small if len(small := sign.lower()) == 1 else sign for sign in text)
    return folded.translate(_ALIKE)


def _find_all(blocks: Iterable[Block], pattern: "re.Pattern[str]") -> Iterator[tuple[FoundPlace, str]]:
    for number, block in enumerate(blocks):
        text = fold(block.text)
        for match in pattern.finditer(text):
            yield FoundPlace(number, *match.span()), text


def _begins_word(start: int, text: str) -> bool:
    return not (start and _WORD.match(text, start - 1) and _WORD.match(text, start))


def _ends_word(end: int, text: str) -> bool:
    return not (_WORD.match(text, end - 1) and _WORD.match(text, end))
