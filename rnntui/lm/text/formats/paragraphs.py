"""Paragraphs of office documents -> lines: an empty line between paragraphs, or those that the writer made."""

import itertools
from collections.abc import Iterable, Iterator

from rnntui.lm.text.formats.markup import squeeze_blanks
from rnntui.lm.text.streams import taken

PARAGRAPH_END = "\u2029"
"""What a reader puts after each paragraph; a newline is a line break inside one, or between the items of a list."""
_LOOKED_AT = 1 << 16
_LEAST_LOOKED_AT = 8
_LEAST_EMPTY = 0.1
"""Share of paragraphs with nothing in them from which they are the empty lines of a text typed line by line."""


def set_apart(parts: Iterable[str]) -> Iterator[str]:
    """Text with paragraph ends -> text with lines, and at most one empty line between them.

    Whoever types a poem or a list into an office program ends each line with a paragraph, and makes an empty one
    between stanzas: there, each paragraph is a line. Elsewhere an empty line stands between paragraphs.
    """
    yield from squeeze_blanks(_with_lines(parts))


def _with_lines(parts: Iterable[str]) -> Iterator[str]:
    source = iter(parts)
    opening = yield from taken(source, _LOOKED_AT)
    paragraphs = opening.strip(PARAGRAPH_END).split(PARAGRAPH_END)
    empty = sum(not paragraph.strip() for paragraph in paragraphs)
    is_typed = len(paragraphs) >= _LEAST_LOOKED_AT and empty >= _LEAST_EMPTY * len(paragraphs)
    for part in itertools.chain((opening,), source):
        yield part.replace(PARAGRAPH_END, "\n" if is_typed else "\n\n")
