"""Bytes -> characters: which encoding a file is in, found by looking at every byte of it once.

In order: a byte order mark; UTF-16 and UTF-32 by their zero bytes; UTF-8, also with bytes of another encoding between;
encodings of 7 bits by their escapes; then a guess among all code pages. Knows blocks of bytes; nothing of files.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from rnntui.errors import InputError
from rnntui.lm.text.encodings.binary import not_text, refuse_binary
from rnntui.lm.text.encodings.mojibake import mended
from rnntui.lm.text.encodings.utf8 import DOUBLE, HALF, fits, is_of_page, read_utf8
from rnntui.lm.text.encodings.wide import check_wide, find_escaped, find_wide
from rnntui.lm.text.encodings.zeros import Zeros, bare, meaning, without_zeros
from rnntui.lm.text.findings import Findings
from rnntui.text import visible_line
from rnntui.text_facts import TextFacts

_HEAD = 256 * 1024
_SAMPLE_OF_A_BLOCK = 8 * 1024
_SAMPLE_OF_THE_FIRST = 64 * 1024
_SAMPLE = 160 * 1024
_LONGEST_LINE = 4_000
_FEW_HIGH_BYTES = 16
"""Only with so few can single umlauts in a plain text be told from damage."""
_FEW_BAD = 3
_GAPS = b"\xff\xc0\xc1"
"""What fills gaps, and what overlong forms begin with."""
_USUAL_PAGE = "cp1252"
_USUAL_PAGES = ("cp1252", "mac_roman", "cp437", "cp850")
_LEAST_BARE = 0.4
"""Share of bytes that are not zero, at the least, in a text with zeros in it."""
_ENOUGH = 4 << 20
_HOPELESS = 50
"""So many bytes that are not UTF-8 for each character that is, in so many bytes, settle it."""
_CHANCE = 20
_LEAST_CHARACTERS = 2
_LEAST_UTF8_LINES = 0.05
"""Of the lines with four bytes above 127 or more; in a code page so many are not UTF-8 by chance."""
_ASCII = bytes(range(128))
_HIGH = re.compile(rb"[\x80-\xff]")
_BEGINNING = re.compile(rb"[\xc2-\xf4]")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NO_TEXT_ENCODINGS = frozenset(
    {"idna", "punycode", "raw_unicode_escape", "unicode_escape", "utf-7", "undefined", "mbcs"}
)
_WESTERN_LETTERS = "àâäáãåæçèéêëìíîïñòóôöõøùúûüßœÀÂÄÁÇÈÉÊËÌÍÎÏÑÓÔÖÙÚÛÜ".encode("cp1252")
_IN_ITS_PLACE = re.compile(
    b"(?<=[A-Za-z])[" + _WESTERN_LETTERS + b"]|[" + _WESTERN_LETTERS + b"](?=[A-Za-z])"
    rb"|(?<=[\s(])[\x84\x8b\x91\x93\xab](?=[A-Za-z])|(?<=[A-Za-z.,!?])[\x92\x94\x9b\xbb](?=[\s.,;:!?)A-Za-z])"
    rb"|(?<=[A-Za-z,. ])[\x96\x97](?=[ A-Za-z])|(?<=[A-Za-z])\x85"
)


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the bytes of a file become characters."""

    name: str
    note: str = ""
    """What the person should know of the choice, as a sentence; empty when there is no doubt."""
    page: str = ""
    """Of UTF-8: the code page in which bytes are read that are not; empty for none."""
    zeros: Zeros = Zeros.NONE
    """What zero bytes in it stand for."""
    is_sure: bool = True
    other: str = ""
    """The next best, when it is not sure."""
    openings: tuple[str, ...] = ()
    """How the first line that tells them apart reads in both, when it is not sure."""

    def told(self, facts: TextFacts) -> TextFacts:
        """What is known of a text, with what is known of its encoding."""
        return replace(facts, is_encoding_sure=self.is_sure, other_encoding=self.other, openings=self.openings)


@dataclass(slots=True)
class Survey:
    """What the bytes of a file are like, gathered block by block.

    Args:
        size: How many bytes are to come, as far as that is known.
    """

    size: int
    seen: int = 0
    high_bytes: int = 0
    """Bytes above 127."""
    bad: int = 0
    """Places that are not UTF-8."""
    multibyte: int = 0
    """Characters of more than one byte, were it UTF-8."""
    in_their_place: int = 0
    """Bytes that would be Western letters or quotes where such stand; counted while there are few high bytes."""
    has_zeros: bool = False
    head: bytes = b""
    _is_head_looked_at: bool = False
    _before: bytes = b""
    _lines: list[bytes] = field(default_factory=list)
    """Some of those that are not UTF-8."""
    _lines_size: int = 0
    _utf8_lines: int = 0
    """Lines that are UTF-8 throughout, with two characters or more that are not ASCII."""
    _other_lines: int = 0
    """Lines with as many bytes above 127 that are not UTF-8."""
    _high: set[int] = field(default_factory=set)
    """The bytes above 127 that occur in blocks that are not UTF-8."""
    _decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace")
    )

    def feed(self, block: bytes, *, is_last: bool = False) -> None:
        """Look at the next block."""
        if len(self.head) < _HEAD:
            self.head += block[: _HEAD - len(self.head)]
        is_first = not self.seen
        self.seen += len(block)
        self.has_zeros = self.has_zeros or 0 in block
        before, self._before = self._before, (self._before + block)[-2:]
        if block.isascii() and not self._decoder.getstate()[0]:
            return
        if self._is_code_page():
            self._sample_lines(block, is_first)
            return
        high = len(block.translate(None, _ASCII))
        self.high_bytes += high
        if self.high_bytes <= _FEW_HIGH_BYTES:
            self.in_their_place += len(_IN_ITS_PLACE.findall(before[-1:] + block))
        text = self._decoder.decode(block, is_last)
        bad = max(0, text.count("\ufffd") - block.count(b"\xef\xbf\xbd"))
        halves = len(HALF.findall(before + block)) if bad else 0
        self.bad += bad - 3 * halves
        self.multibyte += max(0, len(text) - (len(block) - high) - bad) + halves
        if bad:
            self._sample_lines(block, is_first)

    def finish(self) -> None:
        """No block follows: a character that was begun and not ended is bad."""
        self.feed(b"", is_last=True)

    def refuse_early(self, name: str) -> None:
        """Refuse what `choose` will refuse whatever follows: a file of gigabytes is not read to its end for that.

        Raises:
            CorpusError: If the beginning is not that of a text.
        """
        if self._is_head_looked_at or len(self.head) < _HEAD:
            return
        self._is_head_looked_at = True
        if not any(self.head.startswith(mark) for mark, _ in _MARKS):
            self._form(name)

    def choose(self, name: str) -> Encoding:
        """The encoding that fits what was seen.

        Args:
            name: The file's, for sentences.

        Raises:
            CorpusError: If the bytes are not text.
        """
        mark = next((encoding for mark, encoding in _MARKS if self.head.startswith(mark)), "")
        if mark and mark != "utf-8-sig":
            check_wide(self.head, mark, name)
            return Encoding(mark)
        form, zeros = self._form(name)
        if form:
            return Encoding(form)
        is_of_utf8 = bool(mark) or self.multibyte >= self.bad or self._has_lines_of_utf8()
        if self.bad == 0 or is_of_utf8:
            return self._utf8(mark or "utf-8", zeros)
        guessed = self._guessed(zeros)
        may_be_damage = not self.multibyte and self.bad < _FEW_BAD and self.in_their_place < self.high_bytes
        return Encoding("utf-8", zeros=zeros) if may_be_damage and self._is_damage(guessed) else guessed

    def _is_code_page(self) -> bool:
        return self.seen > _ENOUGH and self.bad > _HOPELESS * max(1, self.multibyte)

    def _sample_lines(self, block: bytes, is_first: bool) -> None:
        """Keep some lines of a block that are not UTF-8, and which bytes above 127 it has."""
        self._high.update(byte for byte in range(128, 256) if byte not in self._high and byte in block)
        room = _SAMPLE_OF_THE_FIRST if is_first else min(_SAMPLE_OF_A_BLOCK, _SAMPLE - self._lines_size)
        at = 0 if is_first else max(0, min(_end(block, 0), len(block)))
        while room > 0 and (found := _HIGH.search(block, at)):
            start = max(block.rfind(b"\n", at, found.start()), block.rfind(b"\r", at, found.start())) + 1
            start = max(start, at, found.start() - _LONGEST_LINE)
            at = min(_end(block, found.start()), start + 2 * _LONGEST_LINE)
            line = block[start:at]
            if _is_utf8(line):
                self._utf8_lines += len(_BEGINNING.findall(line)) >= _LEAST_CHARACTERS
            else:
                self._other_lines += len(line.translate(None, _ASCII)) >= 2 * _LEAST_CHARACTERS
                self._lines.append(line)
                self._lines_size += len(line) + 1
                room -= len(line) + 1

    def _form(self, name: str) -> tuple[str, Zeros]:
        """An encoding that the shape of the bytes shows, or "" and what zeros in it are."""
        if escaped := find_escaped(self.head) if not self.high_bytes else "":
            return escaped, Zeros.NONE
        if wide := find_wide(self.head):
            check_wide(self.head, wide, name)
            return wide, Zeros.NONE
        refuse_binary(self.head, name)
        if not self.has_zeros:
            return "", Zeros.NONE
        if len(bare(self.head)) < _LEAST_BARE * len(self.head):
            raise not_text(name)
        return "", meaning(self.head)

    def _has_lines_of_utf8(self) -> bool:
        return self._utf8_lines > _LEAST_UTF8_LINES * self._other_lines

    def _is_damage(self, guessed: Encoding) -> bool:
        """Whether the few bytes that are not UTF-8 are no letters, quotes or signs where such stand."""
        data = b" ".join(self._lines)
        if any(byte in data for byte in _GAPS):
            return True
        pages = (guessed.name,) if guessed.is_sure else (guessed.name, *_USUAL_PAGES)
        return not any(_fits_everywhere(f" {data.decode(page, 'replace')} ") for page in pages)

    def _utf8(self, name: str, zeros: Zeros) -> Encoding:
        sample = b"\n".join(self._lines)
        if self.bad <= _FEW_BAD or not sample:  # so few tell nothing of a code page
            return Encoding(name, page=_USUAL_PAGE if self.bad else "", zeros=zeros)
        from rnntui.lm.text.encodings.guess import guess_encoding  # most texts are plain UTF-8

        lines = [line for line in self._lines if is_of_page(line.decode("utf-8", "surrogateescape"), "gb18030")]
        guess = guess_encoding(b"\n".join(lines)) if lines else None
        if not guess or not guess.is_sure or guess.encoding not in DOUBLE:
            guess = guess_encoding(sample, is_mixed=True)
        page = codecs.lookup(guess.encoding).name
        note = f"It is UTF-8 with bytes of another encoding between, which were read as {page}."
        return Encoding(name, note, page=page, zeros=zeros)

    def _guessed(self, zeros: Zeros) -> Encoding:
        from rnntui.lm.text.encodings.guess import guess_encoding

        sample = bare(b"\n".join(self._lines))
        guess = guess_encoding(sample, bytes(sorted(self._high)))
        name = codecs.lookup(guess.encoding).name
        if guess.is_sure:
            return Encoding(name, f"Its encoding was found to be {name}.", zeros=zeros)
        other = codecs.lookup(guess.other).name
        read, again = guess.openings or ("", "")
        note = (
            f'Its encoding is not sure: it was read as {name} ("{read}"); as {other} it would be "{again}". '
            f"--encoding {other} chooses that."
        )
        return Encoding(name, note, zeros=zeros, is_sure=False, other=other, openings=guess.openings)


def _fits_everywhere(around: str) -> bool:
    """Whether all characters that are not ASCII stand where such do; the first and the last one are not asked about."""
    return all(fits(*around[at - 1 : at + 2]) for at, character in enumerate(around) if character > "\x7f")


def _end(block: bytes, start: int) -> int:
    """Where a line ends."""
    ends = [at for at in (block.find(b"\n", start), block.find(b"\r", start)) if at >= 0]
    return min(ends, default=len(block))


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def find_encoding(name: str) -> Encoding:
    """The encoding that a person named.

    Raises:
        InputError: If there is no such encoding of text.
    """
    try:
        codec = codecs.lookup(name)
        is_text = codec.name not in _NO_TEXT_ENCODINGS and isinstance(b"a".decode(codec.name, "replace"), str)
    except (LookupError, ValueError, UnicodeError):
        is_text = False
    if not is_text:
        raise InputError(
            f'There is no encoding "{visible_line(name, 40)}".', "Usual ones are utf-8, cp1252, utf-16 and shift_jis."
        )
    return Encoding("utf-8-sig" if codec.name == "utf-8" else codec.name)


def decoded(blocks: Iterable[bytes], encoding: Encoding, findings: Findings | None = None) -> Iterator[str]:
    """Characters of blocks of bytes; a character may be cut by the end of a block. What is no character is U+FFFD.

    Args:
        blocks: All bytes of a text.
        encoding: How they are read.
        findings: Where repairs are counted and said.
    """
    found = findings or Findings()
    if encoding.zeros is not Zeros.NONE:
        blocks = without_zeros(blocks, encoding.zeros, found)
    if not encoding.name.startswith("utf"):
        yield from _decoded(blocks, encoding.name)
    elif not encoding.name.startswith("utf-8"):
        yield from mended(_decoded(blocks, encoding.name), found)
    else:
        has_mark = encoding.name == "utf-8-sig"
        yield from mended(read_utf8(blocks, encoding.page, found, has_mark=has_mark), found)


def _decoded(blocks: Iterable[bytes], name: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(name)("replace")
    for block in blocks:
        yield decoder.decode(block)
    yield decoder.decode(b"", True)
