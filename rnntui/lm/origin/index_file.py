"""The file of an index: the text itself, all places of words in it in alphabetical order, and the lines of its files.

    magic, length of the header, hash of the header | header, JSON | text, UTF-8 | places, 32 bits | lines, 32 bits

A place is the byte at which a word begins. The file is read where it is needed and never as a whole, but for its hash.
It may come from a stranger: what is not as it should be is refused, and what it says leads nowhere outside of it.
"""

import hashlib
import json
import mmap
import os
from bisect import bisect_right
from collections.abc import Generator, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rnntui.errors import OriginError
from rnntui.files import open_to_read
from rnntui.json_records import JsonMismatch, decode_record, parse_object

MAGIC = b"rnntui origin 1\n"
RUN = 5
"""Words: runs of so many and more are copied, as far as shares are concerned."""
_LENGTH, _HASH = 8, 32
_HEAD = len(MAGIC) + _LENGTH + _HASH
_LONGEST_HEADER = 64 << 20
_MOST_VALUES = 400_000
_HASHED_AT_ONCE = 1 << 22
_PLACE = np.dtype("<u4")


@dataclass(frozen=True, slots=True)
class IndexedSource:
    """One of the texts that was learned from."""

    name: str
    sha256: str
    """Of its file."""
    start: int
    """The byte of the text at which it begins."""
    end: int
    lines: int = 0
    """How many lines of its file are known; 0 when nobody knows them."""


@dataclass(frozen=True, slots=True)
class Header:
    """What is in an index."""

    text: int
    """Bytes."""
    words: int
    lines: int
    sources: tuple[IndexedSource, ...]
    """In the order of the text."""
    body_sha256: str
    human_share: float = 0.0
    """Of the words of text that was held out, how many stand in runs of RUN and more that are in the text, 0 to 1."""
    human_words: int = 0
    """How many words were held out; 0 when there were none."""

    @property
    def body(self) -> int:
        """Bytes of all that follows."""
        return self.text + _PLACE.itemsize * (self.words + self.lines)


@dataclass(frozen=True, slots=True)
class IndexParts:
    """All that an index is made of."""

    text: bytes
    places: npt.NDArray[np.uint32]
    lines: npt.NDArray[np.uint32]
    """Of all sources, one after another."""
    sources: tuple[IndexedSource, ...]
    human_share: float
    human_words: int

    def to_bytes(self) -> Iterator[bytes]:
        """The file, piece by piece."""
        body = self._body()
        digest = hashlib.sha256()
        for part in body:
            digest.update(part)
        header = self._header(digest.hexdigest())
        data = json.dumps(asdict(header), ensure_ascii=True).encode()
        yield MAGIC + len(data).to_bytes(_LENGTH, "little") + hashlib.sha256(data).digest() + data
        yield from body

    def opened(self) -> "OriginIndex":
        """The index, to be asked before it is a file."""
        return OriginIndex(self._header(""), b"".join(self._body()), 0)

    def _body(self) -> tuple[bytes, bytes, bytes]:
        return self.text, self.places.astype(_PLACE).tobytes(), self.lines.astype(_PLACE).tobytes()

    def _header(self, body_sha256: str) -> Header:
        counts = (len(self.text), self.places.size, self.lines.size)
        return Header(*counts, self.sources, body_sha256, self.human_share, self.human_words)


class OriginIndex:
    """An index that is open. `close` it when it is no longer needed.

    Args:
        header: Of the file.
        view: The whole file.
        offset: Where what follows the header begins.
    """

    def __init__(self, header: Header, view: mmap.mmap | bytes, offset: int) -> None:
        self.header = header
        self._view = view
        self._offset = offset
        after = offset + header.text
        data = np.frombuffer(view, np.uint8)
        self.places: npt.NDArray[np.uint32] = data[after : after + 4 * header.words].view(_PLACE)
        lines = data[after + 4 * header.words : after + 4 * (header.words + header.lines)].view(_PLACE)
        cuts = np.cumsum([source.lines for source in header.sources])
        self._lines = np.split(lines, cuts[:-1]) if len(header.sources) else []
        self._ends = [source.end for source in header.sources]

    def text(self, start: int, end: int) -> str:
        """A part of the text between two bytes; a character that is cut is left out."""
        begin = self._offset + max(0, start)
        return self._view[begin : self._offset + min(end, self.header.text)].decode("utf-8", "ignore")

    def source_at(self, byte: int) -> int:
        """The number of the source in which a byte stands; that of the last for a byte outside of all."""
        return min(bisect_right(self._ends, byte), len(self._ends) - 1)

    def lines_of(self, source: int) -> npt.NDArray[np.uint32]:
        """The bytes at which the lines of a source begin, see `rnntui.lm.origin.lines`; empty when nobody knows."""
        return self._lines[source]

    def close(self) -> None:
        """Let go of the file."""
        del self.places, self._lines
        if isinstance(self._view, mmap.mmap):
            self._view.close()


def read_header(path: Path) -> Header:
    """What is in an index, without reading the rest.

    Raises:
        OriginError: If it is not there, or damaged.
    """
    return _read_head(path)[0]


def open_index(path: Path) -> Generator[float, None, OriginIndex]:
    """Open an index and see whether it is whole; yields the share that was looked at.

    Raises:
        OriginError: If it is not there, or damaged.
    """
    header, offset = _read_head(path)
    try:
        with open_to_read(path, follows_links=False) as descriptor:
            if os.fstat(descriptor).st_size != offset + header.body:
                raise damaged()
            view = mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as problem:
        raise damaged() from problem
    digest = hashlib.sha256()
    try:
        for start in range(offset, len(view), _HASHED_AT_ONCE):
            digest.update(view[start : start + _HASHED_AT_ONCE])
            yield start / len(view)
        if digest.hexdigest() != header.body_sha256:
            raise damaged()
    except BaseException:
        view.close()
        raise
    return OriginIndex(header, view, offset)


def damaged() -> OriginError:
    """The error for an index that is not what was written."""
    return OriginError("The index of what the model learned from is damaged.", "It is made again when it is asked for.")


def _read_head(path: Path) -> tuple[Header, int]:
    try:
        with open_to_read(path, follows_links=False) as descriptor, os.fdopen(descriptor, "rb", closefd=False) as file:
            head = file.read(_HEAD)
            length = int.from_bytes(head[len(MAGIC) : len(MAGIC) + _LENGTH], "little")
            if not head.startswith(MAGIC) or not 0 < length <= _LONGEST_HEADER:
                raise damaged()
            data = file.read(length)
        if hashlib.sha256(data).digest() != head[-_HASH:]:
            raise damaged()
        header = decode_record(Header, parse_object(data, _MOST_VALUES))
    except (OSError, JsonMismatch, ValueError) as problem:
        raise damaged() from problem
    if not _is_sound(header):
        raise damaged()
    return header, _HEAD + len(data)


def _is_sound(header: Header) -> bool:
    """Whether the numbers of a header fit each other."""
    if min(header.text, header.words, header.lines, header.human_words) < 0 or not header.sources:
        return False
    ends = [0]
    for source in header.sources:
        if not ends[-1] <= source.start <= source.end <= header.text or source.lines < 0:
            return False
        ends.append(source.end)
    return sum(source.lines for source in header.sources) == header.lines and 0.0 <= header.human_share <= 1.0


def source_bounds(cuts: Sequence[int]) -> list[tuple[int, int]]:
    """Where each text begins and ends, in characters, when texts of these lengths stand one after another.

    An empty line is between two of them, as in `rnntui.lm.tokens.corpus`.
    """
    bounds, at = [], 0
    for cut in cuts:
        at += 2 if at and cut else 0
        bounds.append((at, at + cut))
        at += cut
    return bounds
