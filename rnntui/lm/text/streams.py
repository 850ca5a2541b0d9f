"""Texts that go by in parts of any sizes; an empty part is a sign of life from long work."""

import re
from collections.abc import Generator, Iterable, Iterator

LONGEST_LINE = 1 << 17
"""What is longer is no line: it may be cut anywhere."""
UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Letters of scripts that are written without spaces between words: Thai, Lao, Burmese, Khmer, Chinese, Japanese."""


def taken(source: Iterator[str], characters: int) -> Generator[str, None, str]:
    """The first parts, together at least so many characters if there are; an empty part for each is a sign of life."""
    parts, length = [], 0
    while length < characters and (part := next(source, None)) is not None:
        parts.append(part)
        length += len(part)
        yield ""
    return "".join(parts)


def lines_of(parts: Iterable[str]) -> Iterator[str]:
    """Lines with their newlines, the last one maybe without; an empty text after each part is a sign of life.

    A line of more than LONGEST_LINE characters comes in pieces, of which only the last has a newline.
    """
    rest: list[str] = []
    length = 0
    for part in parts:
        *whole, begun = part.split("\n")
        for line in whole:
            yield "".join((*rest, line, "\n")) if rest else f"{line}\n"
            rest, length = [], 0
        if begun:
            rest.append(begun)
            length += len(begun)
        if length > LONGEST_LINE:
            yield "".join(rest)
            rest, length = [], 0
        yield ""
    if rest:
        yield "".join(rest)


def together(texts: Iterable[str], characters: int = 1 << 14) -> Iterator[str]:
    """Short texts put together, for each part costs something on its way; an empty one goes on at once."""
    waiting: list[str] = []
    length = 0
    for text in texts:
        waiting.append(text)
        length += len(text)
        if length >= characters or not text:
            yield "".join(waiting)
            waiting, length = [], 0
    yield "".join(waiting)
