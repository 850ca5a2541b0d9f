"""Mail, one letter or a whole folder of it -> what each sender wrote, without what was quoted, attached or signed.

Goes through the bytes line by line: of a letter, only the words are held, and only so many; what is attached passes
by. Each part is decoded as it says itself. What cannot be decoded is read as well as it goes.
"""

import binascii
import codecs
import email.errors
import email.header
import email.message
import email.utils
import quopri
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO

from rnntui.lm.text.chats.letters import own_words
from rnntui.lm.text.findings import Findings
from rnntui.lm.text.formats.markup import shown, squeeze_blanks
from rnntui.lm.text.speech import SILENCE, Speech, write_out
from rnntui.records import ReadOptions

_LONGEST_LINE = 1 << 16
_MOST_OF_HEAD = 1_000
"""Lines."""
_MOST_OF_LETTER = 4 << 20
"""Bytes of words, before they are decoded."""
_COST_OF_PART = 1 << 10
"""Bytes that a part takes without a word in it: it is read and kept in lists."""
_LONGEST_NAME_FIELD = 2_000
_DEEPEST = 16
_BETWEEN_SIGNS = 1 << 12
"""Lines between two signs of life."""
_SEPARATOR = re.compile(rb"From \S.{0,200}(?:\d\d:\d\d|\d{4})")
_ESCAPED = re.compile(rb">+From ")
_ODD_CODECS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
_PROBLEMS = (ValueError, LookupError, TypeError, AttributeError, RecursionError, email.errors.MessageError)
_INTERNAL = "FOLDER INTERNAL DATA"


@dataclass(slots=True)
class _Part:
    """A part of a letter that has words."""

    kind: str
    encoding: str
    charset: str
    is_flowed: bool
    lines: list[bytes] = field(default_factory=list)


@dataclass(slots=True)
class _Letter:
    """What is known of a letter while it goes by."""

    sender: str = ""
    parts: list[_Part] = field(default_factory=list)
    size: int = 0
    is_internal: bool = False


def read_mail(stream: IO[bytes], _name: str, reading: ReadOptions, findings: Findings) -> Iterator[str]:
    """Letters in the order of the file; a letter's sender is who speaks.

    Args:
        stream: The file.
        _name: Not needed: what is damaged is counted.
        reading: Its `speakers` say whose letters; its `encoding` is used where a letter names none.
        findings: Told who writes and what is left out.
    """

    def speeches() -> Iterator[Speech]:
        for letter in _Reader(stream, findings).letters():
            if letter is None:
                yield SILENCE
                continue
            text = own_words(_words(letter, reading.encoding), any(part.is_flowed for part in letter.parts), findings)
            if letter.is_internal or not text:
                findings.leave_out("empty letter", letter.sender)
                yield SILENCE
            else:
                yield Speech(letter.sender, text, is_apart=True)

    yield from write_out(speeches(), reading, findings)


class _Reader:
    """Cuts bytes into letters and letters into parts."""

    def __init__(self, stream: IO[bytes], findings: Findings) -> None:
        self._stream = stream
        self._findings = findings
        self._letter = _Letter()
        self._boundaries: list[bytes] = []
        self._head: list[bytes] | None = []
        """The lines of a head that is not at its end; None in what follows a head."""
        self._part: _Part | None = None

    def letters(self) -> Iterator[_Letter | None]:
        """All letters; None is a sign of life."""
        is_folder = is_after_blank = is_begun = False
        passed = 0
        while line := self._stream.readline(_LONGEST_LINE):
            passed += 1
            if passed % _BETWEEN_SIGNS == 0:
                yield None
            text = line.rstrip(b"\r\n")
            if ((is_folder and is_after_blank) or not is_begun) and _SEPARATOR.match(text):
                if is_begun:
                    yield self._finish_letter()
                is_folder = is_begun = True
                continue
            is_after_blank = not text
            if not is_begun and not text:
                continue
            is_begun = True
            self._take(text)
        if is_begun:
            yield self._finish_letter()

    def _take(self, line: bytes) -> None:
        """The next line of a letter."""
        if line.startswith(b"--") and self._boundaries and self._is_boundary(line):
            return
        if self._head is None:
            if self._part is not None and self._has_room(len(line) + 1, line):
                self._part.lines.append(line[1:] if _ESCAPED.match(line) else line)
            return
        if line:
            if len(self._head) < _MOST_OF_HEAD:
                self._head.append(line[:_LONGEST_NAME_FIELD])
            return
        if self._head or self._boundaries:
            self._end_head()

    def _has_room(self, size: int, line: bytes) -> bool:
        """True when a letter may have so many more bytes; what is too much is counted once."""
        before = self._letter.size
        if before < _MOST_OF_LETTER:
            self._letter.size += size
            return True
        if before < 2 * _MOST_OF_LETTER:
            self._letter.size = 2 * _MOST_OF_LETTER
            self._findings.leave_out(f"rest of a letter of more than {_MOST_OF_LETTER >> 20} MB", _shown(line))
        return False

    def _is_boundary(self, line: bytes) -> bool:
        """True for a line between parts; what was open inside is at its end then."""
        name = line[2:].rstrip()
        for depth in range(len(self._boundaries), 0, -1):
            boundary = self._boundaries[depth - 1]
            if name == boundary:
                del self._boundaries[depth:]
                self._head, self._part = [], None
                return True
            if name == boundary + b"--":
                del self._boundaries[depth - 1 :]
                self._head, self._part = None, None
                return True
        return False

    def _end_head(self) -> None:
        """A head is whole: it says what follows; nobody writes a letter of thousands."""
        if not self._has_room(_COST_OF_PART, b""):
            self._head, self._part = None, None
            return
        head = _parse(self._head or [])
        self._head, self._part = None, None
        if not self._letter.sender and not self._boundaries:
            self._letter.sender = _sender(head)
            self._letter.is_internal = _INTERNAL in str(head.get("Subject", ""))
        kind = _asked(head.get_content_type) or "text/plain"
        if kind.startswith("multipart/"):
            boundary = _asked(head.get_boundary)
            if boundary and len(self._boundaries) < _DEEPEST:
                self._boundaries.append(boundary.encode("utf-8", "replace").rstrip())
            return
        is_attached = _asked(head.get_content_disposition) == "attachment" or bool(_asked(head.get_filename))
        if is_attached or kind not in {"text/plain", "text/html"}:
            name = _asked(head.get_filename) or kind
            self._findings.leave_out("forwarded mail" if kind == "message/rfc822" else "attachment", name)
            return
        self._part = _Part(
            kind,
            str(head.get("Content-Transfer-Encoding", "")).strip().lower(),
            _asked(head.get_content_charset) or "",
            "flowed" in str(head.get("Content-Type", "")).lower(),
        )
        self._letter.parts.append(self._part)

    def _finish_letter(self) -> _Letter:
        """The letter that goes on until here; the next begins."""
        if self._head:
            self._end_head()
        letter = self._letter
        self._letter, self._boundaries, self._head, self._part = _Letter(), [], [], None
        return letter


def _shown(line: bytes) -> str:
    return line.decode("utf-8", "replace")


def _parse(lines: list[bytes]) -> email.message.Message:
    return email.message_from_bytes(b"\n".join(lines) + b"\n\n")


def _asked(question: Callable[[], object]) -> str:
    """What a head answers; nothing where it is so broken that asking fails."""
    try:
        answer = question()
    except _PROBLEMS:
        return ""
    return answer[:_LONGEST_NAME_FIELD] if isinstance(answer, str) else ""


def _sender(head: email.message.Message) -> str:
    """The name of who wrote a letter, else the address."""
    written = str(head.get("From", ""))[:_LONGEST_NAME_FIELD]
    try:
        name, address = email.utils.parseaddr(written)
        shown_name = str(email.header.make_header(email.header.decode_header(name)))
    except _PROBLEMS:
        return written
    return shown_name.strip().strip("'\"") or address


def _words(letter: _Letter, encoding: str) -> str:
    """The text of a letter: what was written as plain text if there is some, else what a page of it shows."""
    for kind in ("text/plain", "text/html"):
        texts = [_decoded(part, encoding) for part in letter.parts if part.kind == kind]
        if kind == "text/html":
            texts = ["".join(squeeze_blanks(shown([text]))) for text in texts]
        whole = "\n\n".join(text for text in texts if text.strip())
        if whole:
            return whole
    return ""


def _decoded(part: _Part, encoding: str) -> str:
    data = b"\n".join(part.lines)
    if part.encoding == "quoted-printable":
        data = quopri.decodestring(data)
    elif part.encoding == "base64":
        data = _from_base64(data)
    for charset in (part.charset, encoding):
        if charset:
            try:
                name = codecs.lookup(charset).name
                if name not in _ODD_CODECS and name != "ascii":
                    return data.decode(name, "replace").replace("\r\n", "\n")
            except _PROBLEMS:
                continue
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    return text.replace("\r\n", "\n")


def _from_base64(data: bytes) -> bytes:
    clean = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    try:
        return binascii.a2b_base64(clean[: len(clean) // 4 * 4] + (clean[len(clean) // 4 * 4 :] + b"==")[:4])
    except binascii.Error:
        return binascii.a2b_base64(clean[: len(clean) // 4 * 4])
