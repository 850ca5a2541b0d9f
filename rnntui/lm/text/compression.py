"""Packed files -> their bytes, block by block: .gz and .zst, and the texts in a .zip.

Whoever packed them may be a stranger: what fills a disk or a memory, what is cut off, locked or damaged ends in a
sentence, names are only ever shown, and nothing is unpacked to a disk.
"""

import gzip
import importlib
import os
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from rnntui.errors import CorpusError
from rnntui.lm.text.formats.archives import InPieces
from rnntui.lm.text.formats.readers import READERS
from rnntui.text import plural, visible_line

ZIP = ".zip"
PACKED_SUFFIXES = (".gz", ".zst", ZIP)
_OTHER_ARCHIVES = frozenset({".tar", ".tgz", ".tbz", ".txz", ".bz2", ".xz", ".7z", ".rar", *PACKED_SUFFIXES})
_ZSTD = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
_WAYS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_LOCAL_HEAD = 30
"""Bytes before the name of a text in a .zip."""
_READ = {*READERS, "", ".log"}
"""Suffixes of the files in an archive that are texts."""
_BLOCK = 1 << 20
_MOST_UNPACKED = 100
"""Prose is packed to a third or a fourth, a log to a twentieth; what is so many times larger inside is no text."""
_LEAST_REFUSED = 16 << 20
"""Bytes. Up to here nothing is called too large."""
_MOST_BYTES = 16 << 30
_MOST_MEMBERS = 10_000
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Member:
    """A text in a .zip."""

    name: str
    """Without folders."""
    offset: int
    """Where its own head stands in the file."""
    packed_size: int
    size: int
    """Bytes, as the archive says; no more are read."""
    checksum: int
    is_deflated: bool


def compression_of(name: str) -> str:
    """The suffix by which a file is packed, in small letters; empty for one that is not."""
    suffix = PurePosixPath(name).suffix.lower()
    return suffix if suffix in PACKED_SUFFIXES else ""


def inner_suffix(name: str) -> str:
    """The suffix that says how the text of a file is written, in small letters: .jsonl for "x.jsonl.gz"."""
    return PurePosixPath(name.removesuffix(PurePosixPath(name).suffix) if compression_of(name) else name).suffix.lower()


def decompress(stream: IO[bytes], name: str, packed_size: int, member: Member | None = None) -> Iterator[bytes]:
    """The bytes of a packed file, or of a text in one, in blocks of at most a megabyte.

    Args:
        stream: The file, open for reading.
        name: Of the file: says how it is packed.
        packed_size: Its bytes.
        member: Of a .zip, which text.

    Raises:
        CorpusError: If it is damaged, locked, packed in a way that cannot be read, or far larger inside than a text.
    """
    with _explained(name):
        left = most = _limit(packed_size)
        for block in _member_blocks(stream, member) if member else _file_blocks(stream, name):
            left -= len(block)
            if left < 0:
                raise _too_large(name, most)
            yield block


def list_members(stream: IO[bytes], name: str, packed_size: int) -> tuple[list[Member], list[str]]:
    """The texts in a .zip, in its order, and a sentence for each kind of file that is left out.

    Raises:
        CorpusError: If there is no text, the archive is damaged, or it is far larger inside than texts are.
    """
    found: list[Member] = []
    locked, others, twice = [], [], []
    seen: set[tuple[int, int]] = set()
    with _explained(name), zipfile.ZipFile(InPieces(stream)) as archive:
        entries = archive.infolist()
    if len(entries) > _MOST_MEMBERS:
        raise CorpusError(
            f'"{visible_line(name)}" holds {len(entries):,} files; {_MOST_MEMBERS:,} are the most.',
            "Unpack it, and join its texts.",
        )
    total = 0
    for entry in entries:
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        if entry.is_dir() or not entry.file_size or _is_hidden(path):
            continue
        suffix = path.suffix.lower()
        if entry.flag_bits & 1:
            locked.append(path.name)
        elif suffix not in _READ or entry.compress_type not in _WAYS:
            others.append(path.name)
        elif (entry.CRC, entry.file_size) in seen:
            twice.append(path.name)
        else:
            found.append(_member(entry, path.name))
            total += entry.file_size
            seen.add((entry.CRC, entry.file_size))
    if total > _limit(packed_size):
        raise _too_large(name, _limit(packed_size))
    if not found:
        reason = "is locked by a password" if locked else "holds no text that can be read"
        raise CorpusError(f'"{visible_line(name)}" {reason}.', "Unpack it, and choose its texts.")
    left_out = [(locked, "locked by a password"), (others, "not read from an archive"), (twice, "there twice")]
    return found, [_left_out(names, reason) for names, reason in left_out if names]


def _is_hidden(path: PurePosixPath) -> bool:
    """True for what systems and programs keep for themselves: names that begin with a dot, folders too."""
    return any(part.startswith(".") and part.strip(".") for part in path.parts) or "__MACOSX" in path.parts


def _member(entry: zipfile.ZipInfo, name: str) -> Member:
    is_deflated = entry.compress_type == zipfile.ZIP_DEFLATED
    return Member(name, entry.header_offset, entry.compress_size, entry.file_size, entry.CRC, is_deflated)


def _left_out(names: list[str], reason: str) -> str:
    shown = ", ".join(visible_line(name, 60) for name in names[:_MOST_NAMED])
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return f"{plural(len(names), 'file')} in it {'is' if len(names) == 1 else 'are'} {reason}: {shown}{more}."


def refuse_unreadable(path: Path) -> None:
    """Refuse a packed file whose inside is no text of one file, by its name.

    Raises:
        CorpusError: If it is an archive of another kind, or packed twice.
    """
    name = path.name
    suffix = inner_suffix(name)
    packing = compression_of(name)
    if suffix in _OTHER_ARCHIVES and (packing or suffix not in PACKED_SUFFIXES):
        raise CorpusError(
            f'"{visible_line(name)}" is an archive that is not read.', "Unpack it, or pack its texts as one .zip."
        )


def _file_blocks(stream: IO[bytes], name: str) -> Iterator[bytes]:
    source = gzip.GzipFile(fileobj=stream, mode="rb") if compression_of(name) == ".gz" else _zstd(name).ZstdFile(stream)
    with source:
        while block := source.read(_BLOCK):
            yield block


def _member_blocks(stream: IO[bytes], member: Member) -> Iterator[bytes]:
    """The library would read the list of the whole archive again for each text in it."""
    stream.seek(member.offset)
    head = stream.read(_LOCAL_HEAD)
    if len(head) < _LOCAL_HEAD or not head.startswith(b"PK\x03\x04"):
        raise zipfile.BadZipFile
    stream.seek(sum(struct.unpack_from("<2H", head, 26)), os.SEEK_CUR)  # its name and its extra field
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS) if member.is_deflated else None
    left, size, checksum, packed = member.packed_size, 0, 0, b""
    while size < member.size:
        if not packed:
            packed = stream.read(min(_BLOCK, left))
            left -= len(packed)
            if not packed:
                raise EOFError
        block = unpacking.decompress(packed, _BLOCK) if unpacking else packed
        packed = unpacking.unconsumed_tail if unpacking else b""
        size += len(block)
        checksum = zlib.crc32(block, checksum)
        if block:
            yield block
    if size != member.size or checksum != member.checksum:
        raise zipfile.BadZipFile


def _zstd(name: str) -> Any:
    """The library that unpacks Zstandard: Python's own where it has one.

    Raises:
        CorpusError: If there is none.
    """
    try:
        return importlib.import_module(_ZSTD)
    except ImportError as problem:
        raise CorpusError(
            f'"{visible_line(name)}" cannot be unpacked: the Python package backports.zstd is missing.',
            "Install it, or unpack the file with zstd -d.",
        ) from problem


@contextmanager
def _explained(name: str) -> Iterator[None]:
    try:
        yield
    except _problems() as problem:
        raise _damaged(name) from problem


def _problems() -> tuple[type[Exception], ...]:
    """What the libraries raise about damaged files."""
    library = sys.modules.get(_ZSTD)
    known = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError)
    return (*known, library.ZstdError) if library else known


def _limit(packed_size: int) -> int:
    return min(_MOST_BYTES, max(_LEAST_REFUSED, _MOST_UNPACKED * packed_size))


def _too_large(name: str, most: int) -> CorpusError:
    return CorpusError(
        f'"{visible_line(name)}" is more than {most >> 20:,} MB unpacked, far larger inside than texts are.',
        "Unpack it yourself and look at what it holds.",
    )


def _damaged(name: str) -> CorpusError:
    return CorpusError(
        f'"{visible_line(name)}" is damaged, cut off, or not packed as its name says.',
        "Get it again, or unpack it yourself.",
    )
