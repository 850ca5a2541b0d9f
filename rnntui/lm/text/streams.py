"""Texts that go by in parts of any sizes; an empty part is a sign of life from long work."""

from collections.abc import Generator, Iterator

LONGEST_LINE = 1 << 17
"""What is longer is no line: it may be cut anywhere."""


def taken(source: Iterator[str], characters: int) -> Generator[str, None, str]:
    """The first parts, together at least so many characters if there are; an empty part for each is a sign of life."""
    parts, length = [], 0
    while length < characters and (part := next(source, None)) is not None:
        parts.append(part)
        length += len(part)
        yield ""
    return "".join(parts)
