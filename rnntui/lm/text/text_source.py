"""One text, wherever it comes from, as parts of cleaned characters that can be gone through again and again.

A person's file is hostile until it was looked at: not a regular file, not text, another encoding, cut off, wrapped by
hand, with a licence around it, changed while it is read. Reads; never writes. Never holds a whole file.
"""

import errno
import hashlib
import io
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import IO, Protocol

from rnntui.errors import CorpusError
from rnntui.files import NotOrdinaryError, open_ordinary
from rnntui.lm.text.book_marks import remove_book_marks
from rnntui.lm.text.chats.people import LISTS, PEOPLE_FILE, read_people
from rnntui.lm.text.cleanup import cleaned, remove_licence
from rnntui.lm.text.compression import (
    ZIP,
    Member,
    compression_of,
    decompress,
    inner_suffix,
    list_members,
    refuse_unreadable,
)
from rnntui.lm.text.encodings.survey import Encoding, Survey, decoded, find_encoding
from rnntui.lm.text.findings import Findings
from rnntui.lm.text.formats.kinds import Format, ReadBytes, read_plain, refused
from rnntui.lm.text.formats.signs import OPENING, find_format
from rnntui.lm.text.lines.wrapping import rejoin_lines
from rnntui.lm.text.page_heads import remove_page_heads
from rnntui.lm.text.privacy.private_words import leave_out
from rnntui.lm.text.speech import refuse_absent
from rnntui.lm.text.typography import has_straight_marks, typographic_parts
from rnntui.records import ReadOptions, Source
from rnntui.text import visible_line
from rnntui.text_facts import TextFacts

LARGEST_FILE = 16 * 2**30
LARGEST_AT_ONCE = 512 * 2**20
"""More than that is not read into one piece of memory."""
_LARGEST_PACKED_DOCUMENT = 64 << 20
"""Of a kind that has to lie in memory to be read, when it is packed once more."""
_BLOCK = 1 << 20
_PART = 1 << 16


class Text(Protocol):
    """A text that can be gone through as often as needed."""

    name: str
    """Without folders."""
    suffix: str
    """That of the format it is written in, in small letters."""
    size: int
    """Bytes, before anything is left out; of a packed one they are known after `survey`."""
    passed: int
    """Bytes that the pass which goes on has read."""
    encoding: str
    sha256: str
    """Of the bytes; empty before `survey`."""

    def survey(self) -> Iterator[float]:
        """Look at all bytes once and decide how to read them; yields the share that is done."""

    def parts(self, findings: Findings) -> Iterator[str]:
        """The text to learn from, in order, in parts of any sizes; empty ones are signs of life."""

    def notes(self) -> list[str]:
        """What to know of the choice of encoding."""

    def facts(self, findings: Findings) -> TextFacts:
        """How it was read, after all parts were taken."""


class WrittenText:
    """A text that the program has in memory.

    Args:
        name: How it is called.
        text: The text; cleaned like any other.
        are_lines_joined: True or False when that is known; None looks for a common width.
        is_typographic: Whether quotes, dashes and dots are given one form.
    """

    def __init__(
        self, name: str, text: str, are_lines_joined: bool | None = False, is_typographic: bool = False
    ) -> None:
        self.name = name
        self.suffix = inner_suffix(name)
        self.encoding = "utf-8"
        self._text = text
        self._are_lines_joined = are_lines_joined
        self._is_typographic = is_typographic
        data = text.encode("utf-8", "replace")
        self.size = self.passed = len(data)
        self.sha256 = hashlib.sha256(data).hexdigest()

    def survey(self) -> Iterator[float]:
        """Nothing to decide."""
        yield 1.0

    def parts(self, findings: Findings) -> Iterator[str]:
        """The text in parts."""
        pieces = (self._text[start : start + _PART] for start in range(0, len(self._text), _PART))
        parts = _stripped(rejoin_lines(cleaned(pieces, findings), self._are_lines_joined, findings))
        yield from _convert_form(parts, findings) if self._is_typographic else parts

    def notes(self) -> list[str]:
        """Nothing to say."""
        return []

    def facts(self, findings: Findings) -> TextFacts:
        """How it was read."""
        return _facts_of(self, findings)


class TextFile:
    """A file, or a text in an archive, read block by block.

    Args:
        path: Where it is.
        reading: What the person says of it.
        member: Of a .zip, which text.
        people: Names by the numbers that a chat in it uses.

    Raises:
        CorpusError: If it is missing, no regular file, too large, unreadable or empty.
        InputError: If the person named an encoding that does not exist.
    """

    def __init__(
        self,
        path: Path,
        reading: ReadOptions | None = None,
        member: Member | None = None,
        people: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        refuse_unreadable(path)
        self.path = path
        self.name = f"{path.name}/{member.name}" if member else path.name
        self.suffix = inner_suffix(member.name if member else path.name)
        self.encoding = self.sha256 = ""
        self.passed = 0
        self._reading = reading or ReadOptions()
        self._wished = find_encoding(self._reading.encoding) if self._reading.encoding else None
        self._chosen: Encoding | None = None
        self._format: Format | None = None
        self._member = member
        self._people = people
        self._is_packed = bool(compression_of(path.name))
        descriptor = _open_descriptor(path)
        self._facts = _file_facts(descriptor)
        os.close(descriptor)
        self._packed_passed = 0
        self.size = member.size if member else self._facts[0]

    def survey(self) -> Iterator[float]:
        """Look at every byte once: the content's hash, the format, and the encoding.

        Raises:
            CorpusError: If it is not text, or changes while it is read.
        """
        survey, digest = Survey(self.size), hashlib.sha256()
        opening = b""
        for block in self._blocks():
            digest.update(block)
            if self._format is None:
                opening += block[:OPENING]
                if len(opening) >= OPENING:
                    self._format = find_format(self.suffix, opening[:OPENING], self.name)
            if self._format is None or self._format.read_bytes is None:
                survey.feed(block)
                if not self._wished:
                    survey.refuse_early(self.name)
            yield self._packed_passed / self._facts[0] if self._is_packed else self.passed / self.size
        survey.finish()
        if not self.passed:
            raise no_text(self.name)
        self.size = self.passed
        self.sha256 = digest.hexdigest()
        self._format = self._format or find_format(self.suffix, opening, self.name)
        named = Encoding(self._format.encoding) if self._format.read_bytes else None
        self._chosen = named or self._wished or survey.choose(self.name)
        self.encoding = self._chosen.name

    def parts(self, findings: Findings) -> Iterator[str]:
        """The text to learn from: decoded, got out of its format, without licence, in paragraphs.

        Raises:
            CorpusError: If the format is damaged, or the file changed since it was surveyed.
        """
        form = self._format
        assert form is not None  # noqa: S101  `survey` comes first
        findings.format = form.name
        findings.wished_speakers = self._reading.speakers
        findings.people = self._people
        if form.read_bytes is not None:
            parts = cleaned(self._read_bytes(form.read_bytes, findings), findings)
        else:
            has_records = form.read is not read_plain
            parts = cleaned(self._decoded(findings), findings, has_records=has_records)
            if has_records:  # what a format spells with escapes has to be cleaned as well
                parts = cleaned(form.read(parts, self._reading, findings), findings)
        if form.is_prose:
            parts = remove_licence(parts, findings)
        if form.has_lines and form.may_be_book:
            parts = remove_page_heads(parts, findings)
        wish = self._reading.join_lines
        if form.has_lines or wish:
            parts = rejoin_lines(parts, wish, findings)
        if form.may_be_book:
            parts = remove_book_marks(parts, findings)
        if self._reading.leave_out:
            parts = leave_out(parts, self._reading.leave_out, findings)
        parts = _stripped(parts)
        is_typographic = self._reading.is_typographic and form.may_be_typographic
        is_empty = True
        for part in _convert_form(parts, findings) if is_typographic else parts:
            is_empty = is_empty and not part
            yield part
        if findings.wished_speakers and not findings.spoken_words and not is_empty:
            findings.remarks.append("Nothing in it says who speaks: all of it is learned from.")

    @property
    def has_lines(self) -> bool:
        """False for a document that is packed in a form of its own, in which nobody counts lines."""
        return self._format is None or self._format.read_bytes is None

    def raw_parts(self) -> Iterator[str]:
        """The text as it stands in the file, nothing left out, with newlines for line ends, in parts.

        Raises:
            CorpusError: If the file changed since it was surveyed.
        """
        ends = io.IncrementalNewlineDecoder(None, translate=True)
        for part in self._decoded(Findings()):
            yield ends.decode(part)
        yield ends.decode("", final=True)

    def notes(self) -> list[str]:
        """What to know of the choice of encoding."""
        return [self._chosen.note] if self._chosen and self._chosen.note else []

    def facts(self, findings: Findings) -> TextFacts:
        """How it was read, after all parts were taken."""
        facts = _facts_of(self, findings)
        return self._chosen.told(facts) if self._chosen else facts

    def _decoded(self, findings: Findings) -> Iterator[str]:
        assert self._chosen is not None  # noqa: S101  `survey` comes first
        for block in decoded(self._blocks(), self._chosen, findings):
            for start in range(0, len(block), _PART):
                yield block[start : start + _PART]

    def _read_bytes(self, read: ReadBytes, findings: Findings) -> Iterator[str]:
        with (
            self._whole() if self._is_packed else os.fdopen(self._checked(_open_descriptor(self.path)), "rb") as stream
        ):
            self.passed = 0
            for part in read(stream, self.name, self._reading, findings):
                self.passed = min(self.size, self.passed + len(part) // 3)
                yield part

    def _whole(self) -> IO[bytes]:
        """A document out of a packed file, in memory: its reader goes to and fro in it."""
        if self.size > _LARGEST_PACKED_DOCUMENT:
            reason = f"has {self.size >> 20:,} MB; in a packed file, {_LARGEST_PACKED_DOCUMENT >> 20} MB are the most"
            raise refused(self.name, reason, "Unpack it, and choose it by itself.")
        return io.BytesIO(b"".join(self._blocks()))

    def _blocks(self) -> Iterator[bytes]:
        self.passed = 0
        descriptor = self._checked(_open_descriptor(self.path))
        try:
            for block in self._unpacked(descriptor) if self._is_packed else _raw(descriptor):
                self.passed += len(block)
                yield block
            if not self._is_packed and self.passed != self.size:
                raise self._changed()
            self._checked(descriptor)
        except OSError as problem:
            raise _cannot_open(self.path, problem) from problem
        finally:
            os.close(descriptor)

    def _unpacked(self, descriptor: int) -> Iterator[bytes]:
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            for block in decompress(stream, self.path.name, self._facts[0], self._member):
                self._packed_passed = stream.tell()
                yield block

    def _checked(self, descriptor: int) -> int:
        if _file_facts(descriptor) != self._facts:
            raise self._changed()
        return descriptor

    def _changed(self) -> CorpusError:
        return CorpusError(f"{_named(self.path)} changed while it was read.", "Wait until it is complete; start again.")


def open_texts(path: Path, reading: ReadOptions | None = None) -> tuple[list[TextFile], list[str]]:
    """A file as a text, an archive as all texts in it; and what to know of what is left out, with the file's name.

    Raises:
        CorpusError: If it is missing, no regular file, too large, unreadable or empty.
        InputError: If the person named an encoding that does not exist.
    """
    if compression_of(path.name) != ZIP:
        return [TextFile(path, reading)], []
    with os.fdopen(_open_descriptor(path), "rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        members, notes = list_members(stream, path.name, size)
        listed = next((member for member in members if PurePosixPath(member.name).name == PEOPLE_FILE), None)
        people = read_people(decompress(stream, path.name, size, listed)) if listed else {}
    if people:
        lists = [member for member in members if PurePosixPath(member.name).name in LISTS]
        if len(lists) < len(members):
            members = [member for member in members if member not in lists]
            named = ", ".join(sorted(visible_line(PurePosixPath(member.name).name) for member in lists))
            notes.append(f"Nobody speaks in {named}: names are taken from there, and nothing is learned from it.")
    texts = [TextFile(path, reading, member, people) for member in members]
    return texts, [f"{visible_line(path.name)}: {note}" for note in notes]


@dataclass(frozen=True, slots=True)
class Document:
    """One file, read as a whole."""

    name: str
    text: str
    encoding: str
    sha256: str
    notes: tuple[str, ...]

    @property
    def source(self) -> Source:
        """What the model's card says of it."""
        return Source(self.name, self.sha256, len(self.text), self.encoding)


def read_document(path: Path, reading: ReadOptions | None = None) -> Document:
    """Read a text file as a whole, whatever its encoding and format.

    Raises:
        CorpusError: If it is missing, no regular file, too large, unreadable, empty or not text.
        InputError: If the person named an encoding that does not exist.
    """
    file = TextFile(path, reading)
    if file.size > LARGEST_AT_ONCE:
        raise _too_large(file.path, file.size, LARGEST_AT_ONCE)
    for _ in file.survey():
        if file.passed > LARGEST_AT_ONCE:
            raise _too_large(file.path, file.passed, LARGEST_AT_ONCE)
    findings = Findings()
    text = "".join(file.parts(findings))
    refuse_absent(findings.wished_speakers, [file.facts(findings)])
    if not text.strip():
        raise no_text(file.name)
    return Document(file.name, text, file.encoding, file.sha256, (*file.notes(), *findings.notes()))


def check_file(path: Path) -> None:
    """Refuse what cannot be read as a text file, without reading it.

    Raises:
        CorpusError: If it is missing, no regular file, too large, unreadable or empty.
    """
    os.close(_open_descriptor(path))


def no_text(name: str) -> CorpusError:
    """The error for a file without words."""
    return CorpusError(f'"{visible_line(name, 300)}" has no text in it.', "Choose a file with words in it.")


def _facts_of(text: Text, findings: Findings) -> TextFacts:
    return TextFacts(
        name=text.name,
        format=findings.format,
        encoding=text.encoding,
        treated=dict(findings.treated),
        left_out=dict(findings.left_out),
        left_out_examples=tuple(findings.examples),
        passages=tuple(findings.passages),
        speakers=findings.speakers(),
    )


def _stripped(parts: Iterator[str]) -> Iterator[str]:
    """Without newlines at the very beginning and the very end."""
    waiting = 0  # newlines that only stay when something follows
    is_begun = False
    for part in parts:
        text = part if is_begun else part.lstrip("\n")
        kept = text.rstrip("\n")
        if not kept:
            waiting += len(text)
            yield ""
            continue
        while waiting > _PART:
            yield "\n" * _PART
            waiting -= _PART
        yield "\n" * waiting + kept
        waiting = len(text) - len(kept)
        is_begun = True


def _convert_form(parts: Iterator[str], findings: Findings) -> Iterator[str]:
    """In typographic form; what that changes is noticed."""

    def watched() -> Iterator[str]:
        for part in parts:
            findings.characters_lost += len(part)
            findings.has_turned_marks = findings.has_turned_marks or has_straight_marks(part)
            yield part

    for part in typographic_parts(watched()):
        findings.characters_lost -= len(part)
        yield part


def _raw(descriptor: int) -> Iterator[bytes]:
    while block := os.read(descriptor, _BLOCK):
        yield block


def _file_facts(descriptor: int) -> tuple[int, int, int]:
    found = os.fstat(descriptor)
    return found.st_size, found.st_mtime_ns, found.st_ino


def _open_descriptor(path: Path) -> int:
    """A descriptor of an ordinary file; a pipe is not waited for."""
    try:
        descriptor = open_ordinary(path)
    except OSError as problem:
        raise _cannot_open(path, problem) from problem
    except ValueError as problem:  # a path with a zero byte in it
        raise CorpusError(f"There is no file {_named(path)}.", "Check the path.") from problem
    size = os.fstat(descriptor).st_size
    if 0 < size <= LARGEST_FILE:
        return descriptor
    os.close(descriptor)
    if size:
        raise _too_large(path, size, LARGEST_FILE)
    raise CorpusError(f"{_named(path)} is empty.", "Choose a file with words in it.")


def _too_large(path: Path, size: int, limit: int) -> CorpusError:
    return CorpusError(
        f"{_named(path)} has {size / 2**20:,.0f} MB; {limit // 2**20:,} MB are the most.", "Split it and choose a part."
    )


def _cannot_open(path: Path, problem: OSError) -> CorpusError:
    if problem.errno == errno.ENOENT:
        return CorpusError(
            f"There is no file {_named(path)}.", "Check the spelling, and the folder: a name begins where you are."
        )
    if problem.errno in {errno.EACCES, errno.EPERM}:
        return CorpusError(
            f"{_named(path)} may not be read.", "Change its permissions, or copy it to where you may read."
        )
    if isinstance(problem, NotOrdinaryError):
        return CorpusError(f"{_named(path)} is not an ordinary file.", "Copy its text into a file first.")
    if problem.errno == errno.EISDIR:
        return CorpusError(f"{_named(path)} is a folder, not a file.", "Name the text files in it.")
    reason = problem.strerror or type(problem).__name__
    return CorpusError(f"{_named(path)} cannot be read: {reason}.", "Check the path and the disk.")


def _named(path: Path) -> str:
    return f'"{visible_line(str(path), 300)}"'
