"""Rich text (RTF) -> its words, in one pass that remembers no more than how groups are nested.

Python's striprtf holds the whole file, and all code pages but the first are lost. Knows decoded text in parts; bytes
above 127 stand in it as escapes, and are decoded here by the code page of their font.

Source: Rich Text Format Specification 1.9.1, Microsoft 2008.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from rnntui.errors import CorpusError
from rnntui.lm.text.findings import Findings
from rnntui.lm.text.formats.paragraphs import PARAGRAPH_END, set_apart
from rnntui.lm.text.streams import together
from rnntui.records import ReadOptions

_TOKEN = re.compile(
    r"\\([A-Za-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^A-Za-z'])|([{}])|([\r\n]+)|([^\\{}\r\n]+)|\\"
)
_LONGEST_TOKEN = 48
_DEEPEST = 2_000
_LONGEST_KEPT = 300
_SIGNS = {
    **{"tab": "\t", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”"},
    **{"bullet": "•", "emspace": " ", "enspace": " ", "qmspace": " ", "cell": "\t", "nestcell": "\t", "row": "\n"},
    **{"nestrow": "\n", "line": "\n", "lbr": "\n", "softline": "\n", "par": PARAGRAPH_END, "sect": PARAGRAPH_END},
    **{"page": PARAGRAPH_END, "column": PARAGRAPH_END},
}
_SYMBOLS = {"~": " ", "_": "-", "{": "{", "}": "}", "\\": "\\", "\n": PARAGRAPH_END, "\r": PARAGRAPH_END, "\t": "\t"}
_NAMED = {"footnote": "footnote", "annotation": "comment", "pict": "picture", "object": "object"}
_NAMED |= dict.fromkeys(("header", "headerl", "headerr", "headerf"), "running head")
_NAMED |= dict.fromkeys(("footer", "footerl", "footerr", "footerf"), "running foot")
_UNSEEN = frozenset(
    {
        *("fonttbl", "colortbl", "stylesheet", "info", "fldinst", "themedata", "datastore", "filetbl", "listtable"),
        *("listoverridetable", "rsidtbl", "generator", "xmlnstbl", "nonshppict", "listtext", "pntext", "pntxta"),
        *("pntxtb", "sp", "sn", "sv", "bkmkstart", "bkmkend", "xe", "tc", "private", "revtbl", "ftnsep", "ftnsepc"),
        *("aftnsep", "aftnsepc", "template", "passwordhash", "mmathPr", "latentstyles", "colorschememapping", "shpgrp"),
    }
)
_SEEN_THOUGH_STARRED = frozenset({"shpinst", "shptxt", "ud", "fldrslt"})
_CODE_PAGES = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850", "ansi": "cp1252"}
_CHARSETS = {
    **{77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gbk", 136: "cp950", 161: "cp1253"},
    **{162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874"},
    **{238: "cp1250", 254: "cp437", 255: "cp850"},
}


def read_rich_text(parts: Iterable[str], _reading: ReadOptions, findings: Findings) -> Iterator[str]:
    """The words of a rich text, paragraph by paragraph.

    Pictures, notes, and what stands at the head and foot of pages are left out and counted.

    Raises:
        CorpusError: If it is nested deeper than documents are.
    """
    yield from set_apart(together(_Reader(findings).texts(parts)))


def is_rich_text(opening: str) -> bool:
    """True for an opening as every rich text has it."""
    return opening.lstrip().startswith("{\\rtf")


@dataclass(frozen=True, slots=True)
class _Group:
    """What holds until a group ends."""

    skipped: str = ""
    """The word that began what is not shown; empty for what is."""
    is_hidden: bool = False
    fallback: int = 1
    """Characters that stand for one of Unicode in programs that know none."""
    encoding: str = ""
    """Of the font; empty for that of the document."""


@dataclass(slots=True)
class _Reader:
    """Goes through the marks of a document and gives its words."""

    findings: Findings
    _groups: list[_Group] = field(default_factory=list)
    _now: _Group = _Group()
    _is_begun: bool = False
    """True behind the brace that begins a group: the word that follows may say what it is for."""
    _is_starred: bool = False
    _to_skip: int = 0
    """Characters of fallback that are still to come."""
    _binary: int = 0
    _encoding: str = "cp1252"
    _fonts: dict[int, str] = field(default_factory=dict)
    _font: int = 0
    _decoder: codecs.IncrementalDecoder | None = None
    _decoder_name: str = ""
    _high: int = 0
    """First half of a character beyond the first 65,536."""
    _kept: str = ""
    """The beginning of what is left out."""

    def texts(self, parts: Iterable[str]) -> Iterator[str]:
        """Words and paragraph ends."""
        rest = ""
        for part in parts:
            text = rest + part
            begun = text.rfind("\\", max(0, len(text) - _LONGEST_TOKEN))
            cut = len(text) if begun < 0 else begun - 1 if text[begun - 1 : begun] == "\\" else begun
            rest = text[cut:]
            yield from self._pieces(text[:cut])
            yield ""
        yield from self._pieces(rest)

    def _pieces(self, text: str) -> Iterator[str]:
        at = 0
        while at < len(text):
            if self._binary:
                skipped = min(self._binary, len(text) - at)
                self._binary -= skipped
                at += skipped
                continue
            for token in _TOKEN.finditer(text, at):
                at = token.end()
                piece = self._piece(token)
                if piece:
                    yield piece
                if self._binary:
                    break

    def _piece(self, token: re.Match[str]) -> str:
        word, number, escaped, symbol, brace, ends, text = token.groups()
        if text is not None:
            return self._of_text(text)
        if escaped is not None:
            self._is_begun = False
            return self._of_byte(int(escaped, 16))
        if word is not None:
            return self._of_word(word, int(number) if number else None)
        if brace:
            self._of_brace(brace)
        elif symbol == "*":
            self._is_starred = self._is_begun
        elif symbol and not ends:
            self._is_begun = False
            return self._shown(_SYMBOLS.get(symbol, ""))
        return ""

    def _of_brace(self, brace: str) -> None:
        self._is_starred, self._to_skip = False, 0
        if brace == "{":
            if len(self._groups) >= _DEEPEST:
                raise CorpusError("It is nested deeper than documents are.", "Save its text as a plain text file.")
            self._groups.append(self._now)
            self._is_begun = True
            return
        self._is_begun = False
        if not self._groups:
            return
        before = self._groups.pop()
        if self._now.skipped in _NAMED and not before.skipped:
            self.findings.leave_out(_NAMED[self._now.skipped], self._kept)
            self._kept = ""
        self._now = before

    def _of_text(self, text: str) -> str:
        self._is_begun = False
        if self._to_skip:
            skipped = min(self._to_skip, len(text))
            self._to_skip -= skipped
            text = text[skipped:]
        if self._decoder is not None and text and self._decoder.getstate()[0] and not self._now.skipped:
            first = self._decoder.decode(text[0].encode("latin-1", "replace"))
            text = first + text[1:]
        return self._shown(text)

    def _of_byte(self, byte: int) -> str:
        if self._to_skip:
            self._to_skip -= 1
            return ""
        name = self._now.encoding or self._encoding
        if self._decoder is None or self._decoder_name != name:
            self._decoder, self._decoder_name = codecs.getincrementaldecoder(name)("replace"), name
        return self._shown(self._decoder.decode(bytes((byte,))))

    def _of_word(self, word: str, number: int | None) -> str:
        is_begun, is_starred = self._is_begun, self._is_starred
        self._is_begun = self._is_starred = False
        if is_begun and not self._now.skipped:
            is_unknown = is_starred and word not in _SEEN_THOUGH_STARRED
            if is_unknown or word in _UNSEEN or word in _NAMED:
                self._now = replace(self._now, skipped=word)
        if word == "u" and number is not None:
            return self._of_unicode(number)
        if self._to_skip:
            self._to_skip -= 1
            return ""
        if word in _SIGNS:
            return self._shown(_SIGNS[word])
        self._set(word, number)
        return ""

    def _of_unicode(self, number: int) -> str:
        code = number & 0xFFFF if -0x8000 <= number <= 0xFFFF else 0xFFFD
        self._to_skip = self._now.fallback
        if 0xD800 <= code < 0xDC00:
            self._high = code
            return ""
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((self._high - 0xD800) << 10) + (code - 0xDC00) if self._high else 0xFFFD
        self._high = 0
        return self._shown(chr(code))

    def _set(self, word: str, number: int | None) -> None:
        """What changes how the following is read."""
        now = self._now
        if word == "bin":
            self._binary = max(0, number or 0)
        elif word == "uc":
            self._now = replace(now, fallback=min(max(0, number or 0), 100))
        elif word in {"v", "deleted"}:
            self._now = replace(now, is_hidden=number != 0)
        elif word == "plain":
            self._now = replace(now, is_hidden=False, encoding="")
        elif word in _CODE_PAGES:
            self._encoding = _CODE_PAGES[word]
        elif word == "ansicpg":
            self._encoding = _known(f"cp{number}") or self._encoding
        elif word == "f" and number is not None:
            self._font = number
            if now.skipped != "fonttbl":
                self._now = replace(now, encoding=self._fonts.get(number, ""))
        elif now.skipped == "fonttbl" and word in {"fcharset", "cpg"} and len(self._fonts) < 10_000:
            found = _CHARSETS.get(number or 0, "") if word == "fcharset" else _known(f"cp{number}")
            self._fonts[self._font] = found or self._fonts.get(self._font, "")

    def _shown(self, text: str) -> str:
        if self._now.skipped:
            if self._now.skipped in _NAMED and self._now.skipped != "pict" and len(self._kept) < _LONGEST_KEPT:
                self._kept += text[:_LONGEST_KEPT]
            return ""
        return "" if self._now.is_hidden else text


def _known(encoding: str) -> str:
    """The encoding, if Python knows it; "cp65001" is UTF-8 with another name."""
    try:
        return codecs.lookup("utf-8" if encoding == "cp65001" else encoding).name
    except LookupError:
        return ""
