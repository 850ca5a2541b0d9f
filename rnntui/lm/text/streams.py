"""Texts that go by in parts of any sizes; an empty part is a sign of life from long work."""

import re
from collections.abc import Generator, Iterator

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
