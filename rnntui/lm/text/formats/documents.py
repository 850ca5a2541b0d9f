"""Documents of office programs and books in XML -> running text: Word, OpenDocument, FictionBook.

python-docx and odfpy build the whole tree of a document; here tags go by one after another. No entity of a document's
own is expanded. Deleted text, notes, comments and pictures are left out and counted.

Sources: ECMA-376 part 1 (WordprocessingML); OpenDocument 1.3 part 3; FictionBook 2.1.
"""

from collections.abc import Iterable, Iterator
from typing import IO

from rnntui.lm.text.findings import Findings
from rnntui.lm.text.formats.archives import Archive, opened
from rnntui.lm.text.formats.kinds import refused
from rnntui.lm.text.formats.markup import Tag, pieces
from rnntui.lm.text.formats.paragraphs import PARAGRAPH_END, set_apart
from rnntui.lm.text.streams import together
from rnntui.records import ReadOptions

_LONGEST_KEPT = 300
_MOST_SPACES = 100


def read_word(stream: IO[bytes], name: str, _reading: ReadOptions, findings: Findings) -> Iterator[str]:
    """The text of a Word document (.docx).

    Raises:
        CorpusError: If it is damaged, locked, no such document, or much larger inside than one can be.
    """
    with opened(stream, name, "Word document") as archive:
        entry = "word/document.xml"
        if entry not in archive.entries:
            entry = _main_entry(archive)
        yield from set_apart(together(_word_texts(archive.characters(entry), findings)))


def read_open_document(stream: IO[bytes], name: str, _reading: ReadOptions, findings: Findings) -> Iterator[str]:
    """The text of an OpenDocument text (.odt).

    Raises:
        CorpusError: If it is damaged, locked, no such document, or much larger inside than one can be.
    """
    with opened(stream, name, "OpenDocument text") as archive:
        manifest = "META-INF/manifest.xml"
        if manifest in archive.entries and "encryption-data" in archive.contents(manifest):
            raise refused(name, "is locked by a password", "Save a copy without a password.")
        yield from set_apart(together(_open_document_texts(archive.characters("content.xml"), findings)))


def read_flat_document(parts: Iterable[str], _reading: ReadOptions, findings: Findings) -> Iterator[str]:
    """The text of an OpenDocument text in one file of XML (.fodt)."""
    yield from set_apart(together(_open_document_texts(parts, findings)))


def read_fiction_book(parts: Iterable[str], _reading: ReadOptions, findings: Findings) -> Iterator[str]:
    """The text of a FictionBook (.fb2), without what describes it."""
    yield from set_apart(together(_fiction_book_texts(parts, findings)))


def is_word(opening: bytes) -> bool:
    """True for the opening of an archive with a Word document in it."""
    return opening.startswith(b"PK\x03\x04") and b"[Content_Types].xml" in opening and b"word/" in opening


def is_open_document(opening: bytes) -> bool:
    """True for the opening of an OpenDocument text."""
    return opening.startswith(b"PK\x03\x04") and b"application/vnd.oasis.opendocument.text" in opening[:200]


def is_flat_document(opening: str) -> bool:
    """True for an opening as every flat OpenDocument has it."""
    return opening.lstrip().startswith("<?xml") and "<office:document" in opening[:1_000]


def is_fiction_book(opening: str) -> bool:
    """True for an opening as every FictionBook has it."""
    return "<FictionBook" in opening[:1_000] and opening.lstrip().startswith("<")


def _main_entry(archive: Archive) -> str:
    """Where the text stands, as the list of a document's parts says."""
    for piece in pieces([archive.contents("_rels/.rels")], ()):
        if isinstance(piece, Tag) and piece.name == "relationship":
            facts = piece.attributes()
            if facts.get("Type", "").endswith("/officeDocument"):
                return facts.get("Target", "").lstrip("/")
    return ""


class _LeavingOut:
    """Passes over elements with all that is in them, counted by kind.

    Args:
        kinds: What each element is called when it is counted; an empty name counts nothing.
        findings: Told what is left out.
    """

    def __init__(self, kinds: dict[str, str], findings: Findings) -> None:
        self._kinds = kinds
        self._findings = findings
        self._inside, self._depth = "", 0
        self._kept = ""

    def is_passed(self, piece: str | Tag) -> bool:
        """True for what is not to be read."""
        if not self._inside:
            if not isinstance(piece, Tag) or piece.is_end or piece.is_alone or piece.name not in self._kinds:
                return False
            self._inside, self._depth, self._kept = piece.name, 1, ""
            return True
        if isinstance(piece, str):
            if len(self._kept) < _LONGEST_KEPT:
                self._kept += piece[:_LONGEST_KEPT]
        elif piece.name == self._inside and not piece.is_alone:
            self._depth += -1 if piece.is_end else 1
            if not self._depth:
                if kind := self._kinds[self._inside]:
                    self._findings.leave_out(kind, " ".join(self._kept.split()))
                self._inside = ""
        return True


class _Cells:
    """What stands between paragraphs in tables: tabs between cells, newlines between rows, paragraph ends around."""

    def __init__(self) -> None:
        self._tables = 0
        self._is_first_cell = self._is_first_paragraph = True

    def begin(self, what: str) -> str:
        """A table, row, cell or paragraph begins."""
        if what == "table":
            self._tables += 1
            return ""
        if not self._tables:
            return ""
        if what == "row":
            self._is_first_cell = True
            return ""
        if what == "cell":
            before, self._is_first_cell, self._is_first_paragraph = self._is_first_cell, False, True
            return "" if before else "\t"
        before, self._is_first_paragraph = self._is_first_paragraph, False
        return "" if before else "\n"

    def end(self, what: str, *, is_item: bool = False) -> str:
        """A table, row, cell or paragraph ends."""
        if what == "table":
            self._tables = max(0, self._tables - 1)
            return "" if self._tables else PARAGRAPH_END
        if what == "row":
            return "\n" if self._tables else ""
        if what == "paragraph" and not self._tables:
            return "\n" if is_item else PARAGRAPH_END
        return ""


_WORD_LEFT_OUT = {
    **{"del": "deleted passage", "movefrom": "deleted passage", "fallback": "", "omath": "formula", "instrtext": ""},
    **{"deltext": "", "pict": "", "delinstrtext": "", "sectpr": "", "rubypr": "", "rt": ""},
}
_WORD_PLACES = {"tbl": "table", "tr": "row", "tc": "cell"}
_WORD_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "nobreakhyphen": "-", "ptab": "\t"}
_WORD_NOTES = {"footnotereference": "footnote", "endnotereference": "endnote", "commentreference": "comment"}


def _word_texts(parts: Iterable[str], findings: Findings) -> Iterator[str]:
    """Text is what stands in <w:t>; signs are tags of their own inside a run."""
    leaving, cells = _LeavingOut(_WORD_LEFT_OUT, findings), _Cells()
    is_text = is_hidden = is_item = was_item = is_contents = is_in_run = False
    for piece in pieces(parts, ()):
        if piece == "":
            yield ""
        if leaving.is_passed(piece):
            continue
        if isinstance(piece, str):
            if is_text and not is_hidden and not is_contents:
                yield piece
            continue
        name = piece.name
        if name == "t":
            is_text = not piece.is_end and not piece.is_alone
        elif name == "p":
            if piece.is_end or piece.is_alone:
                if not is_contents:
                    yield cells.end("paragraph", is_item=is_item)
                was_item, is_item, is_contents = is_item, False, False
            else:
                is_item = False
                yield cells.begin("paragraph")
        elif name == "numpr" and not piece.is_end:
            is_item = True
        elif name == "pstyle":
            style = piece.attributes().get("w:val", "")
            if style.upper().startswith("TOC") and style[3:].isdigit():
                is_contents = True
                findings.leave_out("line of a table of contents", "")
        elif name == "r":
            is_in_run = not piece.is_end
            if not is_in_run:
                is_hidden = False
            elif was_item and not is_item:
                was_item = False
                yield PARAGRAPH_END
        elif name == "vanish" and is_in_run:
            is_hidden = piece.attributes().get("w:val", "1") not in {"0", "false"}
        elif name in _WORD_SIGNS and is_in_run and not piece.is_end and not is_hidden and not is_contents:
            yield _WORD_SIGNS[name]
        elif name in _WORD_NOTES and not piece.is_end:
            findings.leave_out(_WORD_NOTES[name], "")
        elif name in _WORD_PLACES:
            yield (cells.end if piece.is_end else cells.begin)(_WORD_PLACES[name])


_OPEN_LEFT_OUT = {
    **{"tracked-changes": "deleted passage", "note": "footnote", "annotation": "comment", "math": "formula"},
    **{"table-of-content": "table of contents", "alphabetical-index": "index", "bibliography": "bibliography"},
    **dict.fromkeys(
        ("title", "desc", "binary-data", "object", "ruby-text", "meta", "scripts", "settings", "forms"), ""
    ),
    **dict.fromkeys(("styles", "automatic-styles", "master-styles", "font-face-decls"), ""),
}
_OPEN_PLACES = {"table": "table", "table-row": "row", "table-cell": "cell"}


def _open_document_texts(parts: Iterable[str], findings: Findings) -> Iterator[str]:
    """Text is what stands in <text:p> and <text:h>; white space in it counts as one space."""
    leaving, cells = _LeavingOut(_OPEN_LEFT_OUT, findings), _Cells()
    paragraphs = items = 0
    for piece in pieces(parts, ()):
        if piece == "":
            yield ""
        if leaving.is_passed(piece):
            continue
        if isinstance(piece, str):
            if paragraphs and piece:
                yield _one_spaced(piece)
            continue
        name = piece.name
        if name in {"p", "h"}:
            paragraphs = max(0, paragraphs + (-1 if piece.is_end else 0 if piece.is_alone else 1))
            if not piece.is_end:
                yield cells.begin("paragraph")
            if piece.is_end or piece.is_alone:
                yield cells.end("paragraph", is_item=bool(items))
        elif name == "list" and not piece.is_alone:
            items = max(0, items + (-1 if piece.is_end else 1))
            if piece.is_end and not items:
                yield cells.end("paragraph")
        elif name in _OPEN_PLACES and not piece.is_alone:
            yield (cells.end if piece.is_end else cells.begin)(_OPEN_PLACES[name])
        elif name == "table-cell":
            yield cells.begin("cell")
        elif paragraphs and not piece.is_end:
            if name == "s":
                count = piece.attributes().get("text:c", "1")
                yield " " * min(_MOST_SPACES, int(count) if count.isdecimal() and len(count) < 9 else 1)
            elif name in {"tab", "line-break"}:
                yield "\t" if name == "tab" else "\n"


def _one_spaced(text: str) -> str:
    """White space as one space, at both ends too."""
    inner = " ".join(text.split())
    before = " " if text[0].isspace() else ""
    after = " " if inner and text[-1].isspace() else ""
    return f"{before}{inner}{after}"


_FICTION_LEFT_OUT = {"description": "", "binary": "picture", "stylesheet": "", "a": ""}
_FICTION_PARAGRAPHS = frozenset({"p", "subtitle", "text-author", "date", "td", "th"})


def _fiction_book_texts(parts: Iterable[str], findings: Findings) -> Iterator[str]:
    """Text is what stands in paragraphs and lines of verse; bodies with a name hold notes."""
    leaving = _LeavingOut(_FICTION_LEFT_OUT, findings)
    paragraphs = 0
    is_notes = False
    for piece in pieces(parts, ()):
        if piece == "":
            yield ""
        if isinstance(piece, Tag) and piece.name == "a" and 'type="note"' not in piece.inside and not piece.is_end:
            continue  # only the mark of a note is left out
        if leaving.is_passed(piece):
            continue
        if isinstance(piece, str):
            if paragraphs and not is_notes and piece:
                yield _one_spaced(piece)
            continue
        name = piece.name
        if name == "body":
            is_notes = not piece.is_end and bool(piece.attributes().get("name"))
        elif is_notes:
            if name == "section" and not piece.is_end:
                findings.leave_out("footnote", "")
        elif name in _FICTION_PARAGRAPHS or name == "v":
            paragraphs = max(0, paragraphs + (-1 if piece.is_end else 0 if piece.is_alone else 1))
            if piece.is_end:
                yield "\n" if name == "v" else PARAGRAPH_END
        elif name in {"empty-line", "stanza"} and (name == "stanza") == piece.is_end:
            yield PARAGRAPH_END
