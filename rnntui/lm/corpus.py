"""Files -> decoded, cleaned text -> training and held-out part. Reads; never writes.

A person's file is hostile until it was looked at: not a regular file, not text, another encoding, cut off, wrapped by
hand, with a licence around it. What is changed or left out is said in `notes`, one sentence each.
"""

import codecs
import errno
import hashlib
import itertools
import os
import re
import stat
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from rnntui.errors import CorpusError
from rnntui.records import Source
from rnntui.text import clean, visible_line

_LEAST_TUNING, _MOST_TUNING = 6_000, 60_000
"""Characters."""
LEAST_WORDS = 2_000
"""Less text than this teaches nothing; a short story has about so many words."""
LARGEST_FILE = 512 * 2**20
_CODE_PAGES = ["cp1252", "latin_1", "cp1250", "cp1251", "koi8_r", "cp1253", "shift_jis", "euc_jp", "gb18030", "big5"]
_SAMPLE = 64 * 1024
_BAD_UTF8_SHARE = 1e-3
_BINARY_SHARE = 1e-3
_TEXT_CONTROLS = frozenset(b"\t\n\r\f\x0b\x1a\x1b\x85")


@dataclass(frozen=True, slots=True)
class Document:
    """One file, read and understood."""

    name: str
    text: str
    encoding: str
    sha256: str
    notes: tuple[str, ...]

    @property
    def source(self) -> Source:
        """What the model's card says of it."""
        return Source(self.name, self.sha256, len(self.text), self.encoding)


@dataclass(frozen=True, slots=True)
class TrainingText:
    """What is learned from, what is measured on, and a little for tuning; the vocabulary knows only the first."""

    training: str
    validation: str
    notes: tuple[str, ...] = ()
    tuning: str = ""
    """The end of what could be learned from: it chooses the best weights and the shares of the mixture, so that the
    text that is measured on has no say in anything."""


def read_document(path: Path) -> Document:
    """Read a text file whatever its encoding, without its wrapping and without Project Gutenberg's licence.

    Raises:
        CorpusError: If it is missing, no regular file, too large, unreadable, empty or not text.
    """
    data = _read_bytes(path)
    decoded, encoding, notes = decode(data, path.name)
    reader = READERS.get(path.suffix.lower(), _read_plain)
    cleaned = clean(decoded)
    if cleaned.controls:
        notes.append(f"{cleaned.controls:,} control characters became spaces.")
    text, more = reader(cleaned.text)
    text = text.strip("\n")
    if not text.strip():
        raise CorpusError(f"{_named(path)} has no text in it.", "Choose a file with words in it.")
    return Document(path.name, text, encoding, hashlib.sha256(data).hexdigest(), (*notes, *more))


def decode(data: bytes, name: str) -> tuple[str, str, list[str]]:
    """Bytes -> text, the name of the encoding, and notes.

    In order: a byte order mark; UTF-8; UTF-8 with a few bad bytes; UTF-16 and UTF-32 by their zero bytes; then a guess
    among common code pages.

    Raises:
        CorpusError: If the bytes are not text.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _checked_wide(data.decode(encoding, "replace"), name), encoding, []
    zeros = data[: 4 * _SAMPLE].count(0)
    if zeros:
        return _decode_wide(data, name)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        _refuse_binary(data, name)
        return text, "utf-8", []
    _refuse_binary(data, name)
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    has_utf8 = len(text) < len(data) - 2 * bad  # some multi-byte sequences were right
    has_umlauts = not has_utf8 and bad < 3 and _are_western_letters(data)
    if bad <= max(1, _BAD_UTF8_SHARE * len(data)) and (has_utf8 or bad < 3) and not has_umlauts:
        return text, "utf-8", [f"{bad:,} bytes were not UTF-8 and became \ufffd."]
    encoding = "cp1252" if has_umlauts else _guess(data)
    opening = visible_line(data[:400].decode(encoding, "replace"), 60)
    note = f'The encoding was guessed as {encoding}; the text begins "{opening}".'
    return data.decode(encoding, "replace"), encoding, [note]


def without_licence(text: str) -> tuple[str, list[str]]:
    """Leave out what Project Gutenberg puts before and after a book."""
    start = _GUTENBERG_START.search(text)
    end = _GUTENBERG_END.search(text, start.end() if start else 0)
    if not start and not end:
        return text, []
    body = text[start.end() if start else 0 : end.start() if end else len(text)]
    return body, ["Project Gutenberg's header and licence were left out."]


def unwrapped(text: str) -> tuple[str, list[str]]:
    """Join lines that were broken only to fit a width, so that a paragraph is one line.

    A line break is taken for wrapping when the next line's first word would not have fitted; verse, lists and headings
    keep theirs. Text without a common width is returned as it is.
    """
    lines = [line.rstrip() for line in text.split("\n")]
    pairs = [(line, after) for line, after in itertools.pairwise(lines) if line and after]
    if len(pairs) < 50:
        return text, []
    lengths = sorted(len(line) for line, _ in pairs)
    width = lengths[int(0.95 * (len(lengths) - 1))]
    middle = statistics.median(lengths)
    if not (40 <= width <= 100 and middle >= 0.75 * width):
        return text, []
    joined: list[str] = []
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        joined.append(line)
        first = after.split(" ", 1)[0]
        is_wrapped = bool(line and after) and not after[0].isspace() and len(line) + 1 + len(first) >= width - 4
        joined.append(" " if is_wrapped else "\n")
    return "".join(joined), ["Lines that were wrapped to a width were joined into paragraphs."]


def split_text(documents: Sequence[Document], share: float, validation: Sequence[Document] = ()) -> TrainingText:
    """Training and held-out text: the last part of each file is held out, unless there are files of its own for that.

    Args:
        documents: At least one.
        share: How much of each file is held out, 0 to 1.
        validation: Held-out files; `share` is not used then.

    Raises:
        CorpusError: If there is too little text.
    """
    notes = [f"{visible_line(document.name)}: {note}" for document in documents for note in document.notes]
    if validation:
        training, held_out = [entry.text for entry in documents], [entry.text for entry in validation]
    else:
        cuts = [_paragraph_near(entry.text, int(len(entry.text) * (1 - share))) for entry in documents]
        training = [entry.text[:cut] for entry, cut in zip(documents, cuts, strict=True)]
        held_out = [entry.text[cut:] for entry, cut in zip(documents, cuts, strict=True)]
    words = sum(len(part.split()) for part in training)
    if words < LEAST_WORDS:
        what = "The file has" if len(documents) == 1 else "The files have"
        raise CorpusError(
            f"{what} {words:,} words to train on; {LEAST_WORDS:,} are the minimum.",
            "Add files, or choose a longer one; about 100,000 words make a model worth talking to.",
        )
    training, tuning = hold_back(training)
    text = TrainingText(_glued(training), _glued(held_out), tuple(notes), _glued(tuning))
    if len(text.validation.split()) < 20:
        raise CorpusError("The held-out text has fewer than 20 words.", "Choose a longer file to measure on.")
    return text


def hold_back(parts: Sequence[str]) -> tuple[list[str], list[str]]:
    """The training parts of all files without their ends, and these ends, for tuning.

    A fiftieth of the text, but at least what fits a gate (1,400 words) and at most what does it well (14,000); never
    more than a tenth.
    """
    total = sum(map(len, parts))
    wanted = min(total / 10, max(_LEAST_TUNING, min(_MOST_TUNING, total / 50)))
    cuts = [_paragraph_near(part, len(part) - int(len(part) * wanted / max(1, total))) for part in parts]
    pairs = list(zip(parts, cuts, strict=True))
    return [part[:cut] for part, cut in pairs], [part[cut:] for part, cut in pairs]


def _glued(parts: Sequence[str]) -> str:
    return "\n\n".join(part.strip("\n") for part in parts if part.strip())


def _paragraph_near(text: str, cut: int) -> int:
    """A paragraph end close before `cut`, else a word's end, else `cut`."""
    reach = max(200, len(text) // 50)
    paragraph = text.rfind("\n\n", max(0, cut - reach), cut)
    if paragraph > 0:
        return paragraph
    space = text.rfind(" ", max(0, cut - 200), cut)
    return space if space > 0 else cut


def check_file(path: Path) -> None:
    """Refuse what cannot be read as a text file, without reading it.

    Raises:
        CorpusError: If it is missing, no regular file, too large, unreadable or empty.
    """
    os.close(_opened(path))


def _opened(path: Path) -> int:
    """A descriptor of an ordinary file; a pipe is not waited for."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
        _refuse_unusual(path, os.fstat(descriptor))
    except OSError as problem:
        raise _cannot_open(path, problem) from problem
    except ValueError as problem:  # a path with a zero byte in it
        raise CorpusError(f"There is no file {_named(path)}.", "Check the path.") from problem
    except CorpusError:
        os.close(descriptor)
        raise
    return descriptor


def _read_bytes(path: Path) -> bytes:
    try:
        with os.fdopen(_opened(path), "rb") as stream:
            return stream.read(LARGEST_FILE + 1)
    except OSError as problem:
        raise _cannot_open(path, problem) from problem


def _refuse_unusual(path: Path, facts: os.stat_result) -> None:
    if stat.S_ISDIR(facts.st_mode):
        raise CorpusError(f"{_named(path)} is a folder, not a file.", "Name the text files in it.")
    if not stat.S_ISREG(facts.st_mode):
        raise CorpusError(f"{_named(path)} is not an ordinary file.", "Copy its text into a file first.")
    if facts.st_size > LARGEST_FILE:
        raise CorpusError(
            f"{_named(path)} has {facts.st_size / 2**20:,.0f} MB; {LARGEST_FILE // 2**20} MB are the most.",
            "Split it and choose a part.",
        )
    if facts.st_size == 0:
        raise CorpusError(f"{_named(path)} is empty.", "Choose a file with words in it.")


def _cannot_open(path: Path, problem: OSError) -> CorpusError:
    if problem.errno == errno.ENOENT:
        return CorpusError(
            f"There is no file {_named(path)}.", "Check the path; Tab completes it in the training screen."
        )
    if problem.errno in {errno.EACCES, errno.EPERM}:
        return CorpusError(
            f"{_named(path)} may not be read.", "Change its permissions, or copy it to where you may read."
        )
    if problem.errno == errno.EISDIR:
        return CorpusError(f"{_named(path)} is a folder, not a file.", "Name the text files in it.")
    reason = problem.strerror or type(problem).__name__
    return CorpusError(f"{_named(path)} cannot be read: {reason}.", "Check the path and the disk.")


def _named(path: Path) -> str:
    return f'"{visible_line(str(path), 300)}"'


def _refuse_binary(data: bytes, name: str) -> None:
    sample = data[: 4 * _SAMPLE]
    controls = sum(1 for byte in sample if byte < 32 and byte not in _TEXT_CONTROLS)
    if controls > _BINARY_SHARE * len(sample) + 1 or sample.startswith((b"%PDF-", b"PK\x03\x04")):
        raise CorpusError(f'"{visible_line(name)}" is not a text file.', "Save it as plain text first.")


def _checked_wide(text: str, name: str) -> str:
    """Small whole numbers, two or four bytes each, look like UTF-16 or UTF-32; as text they are control characters."""
    _refuse_binary(text[: 4 * _SAMPLE].encode("utf-8", "replace"), name)
    return text


def _decode_wide(data: bytes, name: str) -> tuple[str, str, list[str]]:
    """UTF-16 or UTF-32 without a byte order mark: the zero bytes of ordinary letters stand at fixed places."""
    sample = data[: 4 * _SAMPLE]
    quarter = max(1, len(sample) // 4)
    zeros = [sample[at::4].count(0) / quarter for at in range(4)]
    patterns = {
        "utf-32-le": zeros[1] > 0.9 and zeros[2] > 0.9 and zeros[3] > 0.9,
        "utf-32-be": zeros[0] > 0.9 and zeros[1] > 0.9 and zeros[2] > 0.9,
        "utf-16-le": zeros[1] > 0.4 and zeros[3] > 0.4 and zeros[0] < 0.05 and zeros[2] < 0.05,
        "utf-16-be": zeros[0] > 0.4 and zeros[2] > 0.4 and zeros[1] < 0.05 and zeros[3] < 0.05,
    }
    for encoding, fits in patterns.items():
        if fits:
            return _checked_wide(data.decode(encoding, "replace"), name), encoding, []
    if len(data) > 1_000 and data.count(0) / len(data) < _BAD_UTF8_SHARE:
        text, encoding, notes = decode(data.replace(b"\0", b" "), name)
        return text, encoding, [*notes, f"{data.count(0):,} zero bytes became spaces."]
    raise CorpusError(f'"{visible_line(name)}" is not a text file.', "Save it as plain text first.")


def _guess(data: bytes) -> str:
    middle = len(data) // 2
    sample = data if len(data) <= 3 * _SAMPLE else data[:_SAMPLE] + data[middle : middle + _SAMPLE] + data[-_SAMPLE:]
    best = from_bytes(sample, cp_isolation=_CODE_PAGES).best()
    encoding = best.encoding if best else "cp1252"
    # Latin-1 is the part of cp1252 without its quotes and dashes; a detector cannot tell them apart, a reader can.
    western = {"latin_1", "cp1250", "cp1252", "cp1253"}
    return "cp1252" if encoding in western and _looks_western(sample) else encoding


def _are_western_letters(data: bytes) -> bool:
    """True when every byte above 127 is a Western European letter beside another letter: a word, not damage."""
    return len(_LETTER_IN_WORD.findall(data)) == sum(byte > 127 for byte in data)


def _looks_western(sample: bytes) -> bool:
    """True when the bytes above 127 are mostly letters of Western European languages, quotes or dashes."""
    high = [byte for byte in sample if byte > 127]
    usual = frozenset(_WESTERN_LETTERS + "ÿ“”‘’–—…«»°§\xa0".encode("cp1252"))
    return sum(byte in usual for byte in high) >= 0.95 * len(high)


def _read_plain(text: str) -> tuple[str, list[str]]:
    body, licence = without_licence(text)
    joined, wrapping = unwrapped(body)
    return joined, [*licence, *wrapping]


_WESTERN_LETTERS = "àâäáãåæçèéêëìíîïñòóôöõøùúûüßœÀÂÄÁÇÈÉÊËÍÎÏÑÓÔÖÙÚÛÜ".encode("cp1252")
_LETTER_IN_WORD = re.compile(b"(?<=[A-Za-z])[" + _WESTERN_LETTERS + b"]|[" + _WESTERN_LETTERS + b"](?=[A-Za-z])")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GUTENBERG_START = re.compile(r"^\*\*\* ?START OF (?:THE|THIS) PROJECT GUTENBERG EBOOK[^\n]*\n", re.I | re.M)
_GUTENBERG_END = re.compile(
    r"^(?:\*\*\* ?END OF (?:THE|THIS) PROJECT GUTENBERG EBOOK|End of (?:the )?Project Gutenberg)[^\n]*", re.I | re.M
)

Reader = Callable[[str], tuple[str, list[str]]]
READERS: dict[str, Reader] = {".txt": _read_plain, ".md": _read_plain, ".text": _read_plain, ".markdown": _read_plain}
"""By suffix: cleaned text -> the text to train on, and notes. Other suffixes are read as plain text."""
