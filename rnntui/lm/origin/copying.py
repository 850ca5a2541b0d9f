"""The runs of a text that stand in an indexed one: where they begin, how long they are, where they stand.

W = words of the text that is looked at. A run is measured in words, see `rnntui.lm.origin.words`, and ends where the
text of a file ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rnntui.lm.origin.index_file import RUN, OriginIndex
from rnntui.lm.origin.lines import line_at
from rnntui.lm.origin.words import spoken_words, words_in
from rnntui.lm.tokens.splitting import split_block

_BYTES_PER_WORD = 12
_SLACK = 80
"""Bytes: a slice of the text has most times the words that are needed."""
_COMPARED_FIRST = 4
_AROUND = 700
"""Bytes before and after a run that are shown."""


@dataclass(frozen=True, slots=True)
class Run:
    """Words of a text that stand in the indexed one, as many in a row as do."""

    start: int
    """Number of the first word."""
    length: int
    """Words, at least 1."""

    @property
    def end(self) -> int:
        """Number of the word after the last."""
        return self.start + self.length


@dataclass(frozen=True, slots=True)
class Passage:
    """A place of the indexed text at which a run stands."""

    source: int
    """Number of the file."""
    byte: int
    """At which it begins in the text."""
    line: int
    """Of the file, from 1; 0 when nobody knows."""
    share: float
    """How far into the part of the file that was learned from, 0 to 1."""
    before: str
    run: str
    after: str


class CopyFinder:
    """Looks for the runs of texts in an indexed one.

    Args:
        index: Of that text.
    """

    def __init__(self, index: OriginIndex) -> None:
        self._index = index

    def runs(self, words: Sequence[str]) -> list[Run]:
        """The runs of a text [W] that no other one contains, in order; a word that stands nowhere is in none."""
        found: list[Run] = []
        end = 0
        for start in range(len(words)):
            length = self._longest(words[start:])
            if length and start + length > end:
                end = start + length
                found.append(Run(start, length))
        return found

    def places(self, words: Sequence[str]) -> list[int]:
        """The bytes at which a run of words begins in the text, in the order of the text."""
        first, last = self._search(words, is_after=False), self._search(words, is_after=True)
        return sorted(self._index.places[first:last].tolist())

    def passage(self, byte: int, count: int) -> Passage:
        """What stands at a place, and around it.

        Args:
            byte: Where the run begins.
            count: How many words it has.
        """
        index = self._index
        number = index.source_at(byte)
        source = index.header.sources[number]
        end = self._end(byte, count, source.end)
        first, last = (
            index.text(max(source.start, byte - _AROUND), byte),
            index.text(end, min(source.end, end + _AROUND)),
        )
        return Passage(
            number,
            byte,
            line_at(index.lines_of(number), byte),
            (byte - source.start) / max(1, source.end - source.start),
            first if byte - _AROUND <= source.start else first.partition(" ")[2],
            index.text(byte, end),
            last if end + _AROUND >= source.end else last.rpartition(" ")[0],
        )

    def _longest(self, words: Sequence[str]) -> int:
        """How many of the first words stand in a row somewhere."""
        at, places = self._search(words, is_after=False), self._index.places
        beside = (place for place in (at - 1, at) if 0 <= place < places.size)
        return max((self._compare(int(places[place]), words)[0] for place in beside), default=0)

    def _search(self, words: Sequence[str], *, is_after: bool) -> int:
        """How many places come before a run of words in the alphabet, or before the places after it."""
        low, high = 0, self._index.places.size
        while low < high:
            middle = (low + high) // 2
            shared, is_before = self._compare(int(self._index.places[middle]), words)
            if is_before or (is_after and shared == len(words)):
                low = middle + 1
            else:
                high = middle
        return low

    def _compare(self, byte: int, words: Sequence[str]) -> tuple[int, bool]:
        """How many of the first words stand at a place, and whether what stands there comes before them."""
        wanted = _COMPARED_FIRST
        while True:
            wanted = min(wanted, len(words))
            here = self._words_at(byte, wanted)
            shared = _common_length(here, words)
            if shared == len(words):
                return shared, False
            if shared < len(here):
                return shared, here[shared] < words[shared]
            if len(here) < wanted:  # the text of the file ends here
                return shared, True
            wanted *= _COMPARED_FIRST

    def _words_at(self, byte: int, count: int) -> list[str]:
        """So many words from a place on, fewer where the text of the file ends before."""
        end = self._index.header.sources[self._index.source_at(byte)].end
        size = _SLACK + _BYTES_PER_WORD * count
        while True:
            is_all = byte + size >= end
            pieces = split_block(self._index.text(byte, min(end, byte + size)))
            found = words_in(pieces if is_all else pieces[:-1])  # the last one may be cut
            if len(found) >= count or is_all:
                return found[:count]
            size *= 4

    def _end(self, byte: int, count: int, limit: int) -> int:
        """The byte after the last of so many words from a place on."""
        size = _SLACK + _BYTES_PER_WORD * count
        while True:
            text = self._index.text(byte, min(limit, byte + size))
            words = spoken_words(text)
            if len(words) > count or byte + size >= limit:
                last = words[min(count, len(words)) - 1].end if words else 0
                return byte + len(text[:last].encode())
            size *= 4


def _common_length(some: Sequence[str], others: Sequence[str]) -> int:
    """How many first words two texts have in common."""
    for number, (one, other) in enumerate(zip(some, others, strict=False)):
        if one != other:
            return number
    return min(len(some), len(others))


def longest_through(runs: Sequence[Run], count: int) -> list[Run | None]:
    """For each word of a text [W] the longest run that it is in, the first of several; None where it is in none."""
    longest: list[Run | None] = [None] * count
    for run in runs:
        for number in range(run.start, min(run.end, count)):
            other = longest[number]
            if other is None or run.length > other.length:
                longest[number] = run
    return longest


def copied_share(runs: Sequence[Run], count: int) -> float:
    """How many of the words of a text stand in runs of RUN and more, 0 to 1."""
    through = longest_through([run for run in runs if run.length >= RUN], count)
    return sum(run is not None for run in through) / max(1, count)
