"""E-books (EPUB) -> running text, chapter by chapter.

Nothing is unpacked to a disk, and what is nested, endless or huge ends in a sentence.
"""

import itertools
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO
from urllib.parse import unquote

from rnntui.errors import CorpusError
from rnntui.lm.text.encodings.survey import Survey, decoded
from rnntui.lm.text.findings import Findings
from rnntui.lm.text.formats.kinds import refused
from rnntui.lm.text.formats.markup import Tag, pieces, shown, squeeze_blanks
from rnntui.records import ReadOptions

BOOK_SUFFIX = ".epub"
"""An e-book is read from its bytes; most other formats from decoded text."""
_LARGEST_CHAPTER = 16 << 20
_LARGEST_BOOK = 256 << 20
_LEAST_BOOK = 16 << 20
_MOST_UNPACKED = 50
"""Prose is packed to a third or a fourth; a book that is so many times larger inside is made to fill the memory."""
_LARGEST_CONTENTS = 4 << 20
"""Of what says how a book is put together, and of the archive's own list of its files."""
_MOST_CHAPTERS = 10_000
_PIECE = 1 << 18


def read_book(stream: IO[bytes], name: str, _reading: ReadOptions, _findings: Findings) -> Iterator[str]:
    """The chapters of an e-book (EPUB) in their order; empty parts are signs of life.

    Args:
        stream: The file, open for reading.
        name: For sentences.

    Raises:
        CorpusError: If it is damaged, locked, or much larger inside than a book can be.
    """
    try:
        with zipfile.ZipFile(InPieces(stream)) as archive:
            yield from squeeze_blanks(_Book(archive, name).parts())
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as problem:
        raise refused(name, "is damaged, or no e-book") from problem


class InPieces:
    """A stream that gives no more at once than an archive's list of its files may have.

    The library reads that list as a whole, however long the archive says it is.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable

    def read(self, size: int = -1) -> bytes:
        """The next bytes.

        Raises:
            BadZipFile: If more are asked for than such a list has.
        """
        data = self._stream.read(_LARGEST_CONTENTS + 1 if size < 0 else min(size, _LARGEST_CONTENTS + 1))
        if len(data) > _LARGEST_CONTENTS:
            raise zipfile.BadZipFile("its list of files is too long")
        return data


class _Book:
    """An e-book's chapters, read piece by piece and never longer than a book can be.

    Args:
        archive: Open for reading.
        name: Of the file, for sentences.

    Raises:
        CorpusError: If it is locked, or packed so that it fills the memory.
    """

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._archive = archive
        self._name = name
        self._entries = {entry.filename: entry for entry in archive.infolist()[:_MOST_CHAPTERS]}
        packed = sum(entry.compress_size for entry in self._entries.values())
        self._most = min(_LARGEST_BOOK, max(_LEAST_BOOK, _MOST_UNPACKED * packed))
        self._left = self._most

    def parts(self) -> Iterator[str]:
        """The text of all chapters."""
        chapters = self._chapters()
        if sum(self._entries[chapter].file_size for chapter in chapters) > self._most:
            raise self._too_large()
        for chapter in chapters:
            survey = Survey(self._entries[chapter].file_size)
            for block in self._blocks(chapter, _LARGEST_CHAPTER):
                survey.feed(block)
                yield ""
            survey.finish()
            self._left -= survey.seen
            if self._left < 0:
                raise self._too_large()
            encoding = survey.choose(chapter)
            yield from shown(decoded(self._blocks(chapter, _LARGEST_CHAPTER), encoding))
            yield "\n\n"

    def _chapters(self) -> list[str]:
        lock = "META-INF/encryption.xml"
        if lock in self._entries and b"EncryptedData" in b"".join(self._blocks(lock, _LARGEST_CONTENTS)):
            raise refused(self._name, "is locked by its seller", "Choose a copy without protection.")
        container = self._tags("META-INF/container.xml", {"rootfile"})
        package = next((facts.get("full-path", "") for _, facts in container), "")
        tags = self._tags(package, {"item", "itemref"})
        folder = package.rpartition("/")[0]
        items = {
            facts.get("id", ""): _inside(folder, facts.get("href", ""))
            for tag, facts in tags
            if tag == "item" and "nav" not in facts.get("properties", "").split()
        }
        order = [facts.get("idref", "") for tag, facts in tags if tag == "itemref" and facts.get("linear") != "no"]
        chapters = [items[entry] for entry in dict.fromkeys(order) if items.get(entry) in self._entries]
        if not chapters:
            raise refused(self._name, "has no chapters that can be read")
        return chapters

    def _tags(self, entry: str, names: set[str]) -> list[tuple[str, dict[str, str]]]:
        """The tags of these names with their attributes, in a small file that says how a book is put together."""
        data = b"".join(self._blocks(entry, _LARGEST_CONTENTS))
        found = pieces([_decode_whole(data, self._name)])
        wanted = (piece for piece in found if isinstance(piece, Tag) and piece.name in names)
        return [(tag.name, tag.attributes()) for tag in itertools.islice(wanted, 2 * _MOST_CHAPTERS)]

    def _blocks(self, entry: str, most: int) -> Iterator[bytes]:
        """The bytes of one entry, however large it says it is; what counts is what comes out."""
        if entry not in self._entries:
            raise refused(self._name, "is damaged, or no e-book")
        facts = self._entries[entry]
        if facts.flag_bits & 1:
            raise refused(self._name, "is locked by a password", "Choose a copy without protection.")
        if facts.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise refused(self._name, "is packed in an unusual way", "Pack it again, or save its text.")
        with self._archive.open(facts) as stream:
            while piece := stream.read(_PIECE):
                most -= len(piece)
                if most < 0:
                    raise refused(self._name, f"has a chapter of more than {_LARGEST_CHAPTER >> 20} MB")
                yield piece

    def _too_large(self) -> CorpusError:
        return refused(self._name, f"is more than {self._most >> 20} MB unpacked")


def _inside(folder: str, reference: str) -> str:
    steps: list[str] = []
    for step in f"{folder}/{unquote(reference.partition('#')[0])}".split("/"):
        if step == "..":
            del steps[-1:]
        elif step not in {"", "."}:
            steps.append(step)
    return "/".join(steps)


def _decode_whole(data: bytes, name: str) -> str:
    survey = Survey(len(data))
    survey.feed(data)
    survey.finish()
    return "".join(decoded([data], survey.choose(name)))
