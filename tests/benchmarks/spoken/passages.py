"""Places in books: a few words to go on from, what the book says there, and what it says a little later."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

PROMPT_WORDS = 12
PASSAGE_WORDS = 60
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_RUN = 2 * (PROMPT_WORDS + PASSAGE_WORDS)


@dataclass(frozen=True, slots=True)
class Passage:
    """A place in a book."""

    book: str
    prompt: str
    """PROMPT_WORDS words."""
    own: str
    """The PASSAGE_WORDS words after them in the book."""
    later: str
    """As many words, PROMPT_WORDS further on: how a person's text differs from a person's."""


def passages_of(books: Sequence[tuple[str, str]], count: int) -> list[Passage]:
    """So many places, spread evenly over books (name and text), none overlapping another as long as there is room."""
    words = [[match.span() for match in WORD.finditer(text)] for _, text in books]
    room = [max(0, len(spans) - _RUN - 1) for spans in words]
    total = sum(room)
    if not total:
        raise SystemExit(f"The books are too short: {_RUN} words are needed for a passage.")
    found = []
    for number in range(count):
        place, book = int((number + 0.5) * total / count), 0
        while place >= room[book]:
            place, book = place - room[book], book + 1
        found.append(_passage(*books[book], words[book][place : place + _RUN]))
    return found


def first_words(text: str, count: int = PASSAGE_WORDS) -> str:
    """A text up to the end of so many words."""
    for number, match in enumerate(WORD.finditer(text), start=1):
        if number == count:
            return text[: match.end()]
    return text


def _passage(book: str, text: str, spans: Sequence[tuple[int, int]]) -> Passage:
    begin = spans[0][0] - (text[spans[0][0] - 1 : spans[0][0]] == " ")
    ends = [spans[at - 1][1] for at in (PROMPT_WORDS, PROMPT_WORDS + PASSAGE_WORDS, _RUN - PASSAGE_WORDS, _RUN)]
    return Passage(book, text[begin : ends[0]], text[ends[0] : ends[1]], text[ends[2] : ends[3]])
