"""Bytes -> characters: which encoding a file is in, found by looking at every byte of it once.

In order: a byte order mark; UTF-8; UTF-8 with a few bad bytes; UTF-16 and UTF-32 by their zero bytes; then a guess
among common code pages from its beginning, middle and end. Knows blocks of bytes; nothing of files.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from charset_normalizer import from_bytes

from rnntui.errors import CorpusError, InputError
from rnntui.text import visible_line

_CODE_PAGES = ["cp1252", "latin_1", "cp1250", "cp1251", "koi8_r", "cp1253", "shift_jis", "euc_jp", "gb18030", "big5"]
_SAMPLE = 64 * 1024
_HEAD = 4 * _SAMPLE
_BAD_UTF8_SHARE = 1e-3
_BINARY_SHARE = 1e-3
_FEW_HIGH_BYTES = 16
"""Only with so few can single umlauts in a plain text be told from damage."""
_TEXT_CONTROLS = frozenset(b"\t\n\r\f\x0b\x1a\x1b\x85")
_ASCII = bytes(range(128))
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
_WESTERN_LETTERS = "àâäáãåæçèéêëìíîïñòóôöõøùúûüßœÀÂÄÁÇÈÉÊËÍÎÏÑÓÔÖÙÚÛÜ".encode("cp1252")
_LETTER_IN_WORD = re.compile(b"(?<=[A-Za-z])[" + _WESTERN_LETTERS + b"]|[" + _WESTERN_LETTERS + b"](?=[A-Za-z])")


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the bytes of a file become characters."""

    name: str
    note: str = ""
    """What the person should know of the choice, as a sentence; empty when there is no doubt."""
    zeros_are_spaces: bool = False
    """True for text with a few stray zero bytes in it."""


@dataclass(slots=True)
class Survey:
    """What the bytes of a file are like, gathered block by block.

    Args:
        size: How many bytes are to come; only the sample from the middle depends on it.
    """

    size: int
    seen: int = 0
    zeros: int = 0
    high_bytes: int = 0
    """Bytes above 127."""
    bad: int = 0
    """Places that are not UTF-8."""
    multibyte: int = 0
    """Characters of more than one byte, were it UTF-8."""
    letters_in_word: int = 0
    """Bytes that would be Western European letters beside another letter; counted while there are few high bytes."""
    head: bytes = b""
    _is_head_looked_at: bool = False
    _middle: bytes = b""
    _tail: bytes = b""
    _decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace")
    )

    def feed(self, block: bytes, *, is_last: bool = False) -> None:
        """Look at the next block."""
        if len(self.head) < _HEAD:
            self.head += block[: _HEAD - len(self.head)]
        middle = self.size // 2 - self.seen
        if len(self._middle) < _SAMPLE and middle < len(block):
            start = max(0, middle)
            self._middle += block[start : start + _SAMPLE - len(self._middle)]
        before = self._tail[-1:]
        self._tail = (self._tail + block[-_SAMPLE:])[-_SAMPLE:]
        self.seen += len(block)
        self.zeros += block.count(0)
        if block.isascii() and not self._decoder.getstate()[0]:
            return
        high = len(block.translate(None, _ASCII))
        self.high_bytes += high
        if self.high_bytes <= _FEW_HIGH_BYTES:
            self.letters_in_word += len(_LETTER_IN_WORD.findall(before + block))
        text = self._decoder.decode(block, is_last)
        bad = text.count("\ufffd") - block.count(b"\xef\xbf\xbd")
        self.bad += max(0, bad)
        self.multibyte += max(0, len(text) - (len(block) - high) - max(0, bad))

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
        if any(self.head.startswith(mark) for mark, _ in _MARKS):
            return
        if self.head.count(0) > _BINARY_SHARE * _HEAD + 1:  # too many to be stray ones, however long the file is
            _check_wide(self.head, _wide_encoding(self.head, name), name)
        else:
            refuse_binary(self.head, name)

    def choose(self, name: str) -> Encoding:
        """The encoding that fits what was seen.

        Args:
            name: The file's, for sentences.

        Raises:
            CorpusError: If the bytes are not text.
        """
        for mark, encoding in _MARKS:
            if self.head.startswith(mark):
                return Encoding(_check_wide(self.head, encoding, name))
        has_few_zeros = self.seen > 1_000 and self.zeros < _BAD_UTF8_SHARE * self.seen
        if self.zeros and not has_few_zeros:
            return Encoding(_check_wide(self.head, _wide_encoding(self.head, name), name))
        refuse_binary(self.head, name)
        if self.bad == 0:
            note = f"{self.zeros:,} zero bytes became spaces." if self.zeros else ""
            return Encoding("utf-8", note, bool(self.zeros))
        has_umlauts = not self.multibyte and self.bad < 3 and self.letters_in_word == self.high_bytes
        is_damaged = self.bad <= max(1, _BAD_UTF8_SHARE * self.seen) and (self.multibyte or self.bad < 3)
        if is_damaged and not has_umlauts:
            return Encoding("utf-8", f"{self.bad:,} bytes were not UTF-8 and became \ufffd.", bool(self.zeros))
        encoding = "cp1252" if has_umlauts else self._guess()
        opening = visible_line(self.head[:400].decode(encoding, "replace"), 60)
        note = f'The encoding was guessed as {encoding}; the text begins "{opening}".'
        return Encoding(encoding, note, bool(self.zeros))

    def _guess(self) -> str:
        sample = self.head if self.seen <= 3 * _SAMPLE else self.head[:_SAMPLE] + self._middle + self._tail
        best = from_bytes(sample, cp_isolation=_CODE_PAGES).best()
        encoding = best.encoding if best else "cp1252"
        # Latin-1 is the part of cp1252 without its quotes and dashes; a detector cannot tell them apart, a reader can.
        western = {"latin_1", "cp1250", "cp1252", "cp1253"}
        return "cp1252" if encoding in western and _looks_western(sample) else encoding


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


def decoded(blocks: Iterable[bytes], encoding: Encoding) -> Iterator[str]:
    """Characters of blocks of bytes; a character may be cut by the end of a block. What is no character is U+FFFD."""
    decoder = codecs.getincrementaldecoder(encoding.name)("replace")
    for block in blocks:
        yield decoder.decode(block.replace(b"\0", b" ") if encoding.zeros_are_spaces else block)
    yield decoder.decode(b"", True)


def refuse_binary(sample: bytes, name: str) -> None:
    """Refuse the beginning of a file that is not text.

    Raises:
        CorpusError: If there are too many control characters, or it begins like a document of another program.
    """
    controls = sum(1 for byte in sample if byte < 32 and byte not in _TEXT_CONTROLS)
    if controls > _BINARY_SHARE * len(sample) + 1 or sample.startswith((b"%PDF-", b"PK\x03\x04")):
        raise CorpusError(f'"{visible_line(name)}" is not a text file.', "Save it as plain text first.")


def _check_wide(head: bytes, encoding: str, name: str) -> str:
    """Small whole numbers, two or four bytes each, look like UTF-16 or UTF-32; as text they are control characters."""
    refuse_binary(head.decode(encoding, "replace").encode("utf-8", "replace"), name)
    return encoding


def _wide_encoding(sample: bytes, name: str) -> str:
    """UTF-16 or UTF-32 without a byte order mark: the zero bytes of ordinary letters stand at fixed places."""
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
            return encoding
    raise CorpusError(f'"{visible_line(name)}" is not a text file.', "Save it as plain text first.")


def _looks_western(sample: bytes) -> bool:
    """True when the bytes above 127 are mostly letters of Western European languages, quotes or dashes."""
    high = [byte for byte in sample if byte > 127]
    usual = frozenset(_WESTERN_LETTERS + "ÿ“”‘’–—…«»°§\xa0".encode("cp1252"))
    return sum(byte in usual for byte in high) >= 0.95 * len(high)
