"""Documents that are archives inside (EPUB, Word, OpenDocument): their entries, never more than a document can have.

Nothing is unpacked to a disk, and what is nested, endless or huge ends in a sentence.
"""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from rnntui.errors import CorpusError
from rnntui.lm.text.encodings.survey import Survey, decoded
from rnntui.lm.text.formats.kinds import refused

LARGEST_CONTENTS = 4 << 20
"""Of what says how a document is put together, and of the archive's own list of its files."""
MOST_ENTRIES = 10_000
_LARGEST = 2 << 30
_LEAST = 16 << 20
_MOST_UNPACKED = 50
"""Prose is packed to a third or a tenth; a document so many times larger inside is made to fill the memory."""
_PIECE = 1 << 18


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
        data = self._stream.read(LARGEST_CONTENTS + 1 if size < 0 else min(size, LARGEST_CONTENTS + 1))
        if len(data) > LARGEST_CONTENTS:
            raise zipfile.BadZipFile("its list of files is too long")
        return data


class Archive:
    """The entries of a document, read piece by piece and together never longer than a document can be.

    Args:
        archive: Open for reading.
        name: Of the file, for sentences.
        kind: What it should be: "e-book".
    """

    def __init__(self, archive: zipfile.ZipFile, name: str, kind: str) -> None:
        self.name = name
        self.kind = kind
        self._archive = archive
        self.entries = {entry.filename: entry for entry in archive.infolist()[:MOST_ENTRIES]}
        packed = sum(entry.compress_size for entry in self.entries.values())
        self.most = self._left = min(_LARGEST, max(_LEAST, _MOST_UNPACKED * packed))

    def blocks(self, entry: str, most: int | None = None) -> Iterator[bytes]:
        """The bytes of one entry, however large it says it is; what counts is what comes out.

        Args:
            entry: Its name in the archive.
            most: Bytes; None leaves it to what all entries together may have.

        Raises:
            CorpusError: If it is not there, locked, packed in an unusual way, or too large.
        """
        if entry not in self.entries:
            raise refused(self.name, f"is damaged, or no {self.kind}")
        facts = self.entries[entry]
        if facts.flag_bits & 1:
            raise refused(self.name, "is locked by a password", "Choose a copy without protection.")
        if facts.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise refused(self.name, "is packed in an unusual way", "Pack it again, or save its text.")
        if facts.file_size > self.most:
            raise self.too_large()
        given = 0
        with self._archive.open(facts) as stream:
            while piece := stream.read(_PIECE):
                given += len(piece)
                if most is not None and given > most:
                    raise refused(self.name, f"has a part of more than {most >> 20} MB")
                yield piece

    def characters(self, entry: str, most: int | None = None) -> Iterator[str]:
        """The characters of one entry; it is gone through twice, first to find its encoding.

        Raises:
            CorpusError: As `blocks` says, and when all entries together are too large.
        """
        survey = Survey(self.entries[entry].file_size if entry in self.entries else 0)
        for block in self.blocks(entry, most):
            survey.feed(block)
            self._left -= len(block)
            if self._left < 0:
                raise self.too_large()
            yield ""
        survey.finish()
        yield from decoded(self.blocks(entry, most), survey.choose(entry))

    def contents(self, entry: str) -> str:
        """A small entry as a whole.

        Raises:
            CorpusError: As `blocks` says, and if it is longer than such entries are.
        """
        data = b"".join(self.blocks(entry, LARGEST_CONTENTS))
        survey = Survey(len(data))
        survey.feed(data)
        survey.finish()
        return "".join(decoded([data], survey.choose(self.name)))

    def too_large(self) -> CorpusError:
        """The error for a document that would fill the memory."""
        return refused(self.name, f"is more than {self.most >> 20} MB unpacked")


@contextmanager
def opened(stream: IO[bytes], name: str, kind: str) -> Iterator[Archive]:
    """The archive in a stream; whatever its library says of damage is one sentence.

    Args:
        stream: The file, open for reading.
        name: For sentences.
        kind: What it should be: "e-book".

    Raises:
        CorpusError: If it is damaged, or no archive.
    """
    try:
        with zipfile.ZipFile(InPieces(stream)) as archive:
            yield Archive(archive, name, kind)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        RuntimeError,
    ) as problem:
        raise refused(name, f"is damaged, or no {kind}") from problem
