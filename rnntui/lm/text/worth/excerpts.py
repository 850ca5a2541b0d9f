"""Excerpts of a text that goes by, spread evenly over all of it, however long it is."""

from collections.abc import Iterator

LENGTH = 1_000
"""Characters of an excerpt, unless a part of the text ends before."""
MOST = 24
"""Excerpts that are looked at: half of them at least are there once a text is as long as all of them."""


class Excerpts:
    """Looks at a text while it goes by: takes an excerpt every so many characters, and with more of them fewer."""

    def __init__(self) -> None:
        self._every = LENGTH
        self._next = 0
        self._taken: list[tuple[int, str]] = []
        self.characters = 0
        """Of the whole text."""
        self.line_ends = 0

    def watched(self, parts: Iterator[str]) -> Iterator[str]:
        """The same parts."""
        for part in parts:
            if part:
                self._look(part)
            yield part

    @property
    def texts(self) -> list[str]:
        """The excerpts in their order."""
        return [text for _, text in self._taken]

    def _look(self, part: str) -> None:
        begin = self.characters
        self.characters += len(part)
        self.line_ends += part.count("\n")
        while self._next < self.characters:
            start = self._next - begin
            self._taken.append((self._next, part[start : start + LENGTH]))
            self._next += self._every
            if len(self._taken) > MOST:
                self._every *= 2
                self._taken = [(place, text) for place, text in self._taken if place % self._every == 0]
                self._next = self._taken[-1][0] + self._every
