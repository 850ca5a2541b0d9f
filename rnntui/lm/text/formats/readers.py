"""File formats -> running text: one reader per suffix, all of them careful with what comes from strangers.

A reader takes the decoded text of a file in parts and gives the text to learn from, in parts. Nothing is unpacked to a
disk, no entity of a document's own is expanded, and what is nested, endless or huge ends in a count or in a sentence.
Tables are read in `tables`; chats, mail and JSON in `rnntui.lm.text.chats`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from rnntui.lm.text.chats.chat_logs import read_chat_log
from rnntui.lm.text.chats.mail import read_mail
from rnntui.lm.text.chats.records import read_json
from rnntui.lm.text.chats.transcripts import read_transcript
from rnntui.lm.text.findings import Findings
from rnntui.lm.text.formats.books import BOOK_SUFFIX, read_book
from rnntui.lm.text.formats.documents import read_fiction_book, read_flat_document, read_open_document, read_word
from rnntui.lm.text.formats.kinds import Format, read_plain
from rnntui.lm.text.formats.marked.aozora import read_aozora
from rnntui.lm.text.formats.marked.code import CODE_SUFFIXES, read_notebook
from rnntui.lm.text.formats.marked.outlines import read_markdown, read_org, read_structured_text
from rnntui.lm.text.formats.marked.screenplays import read_screenplay
from rnntui.lm.text.formats.marked.subtitles import (
    read_frame_subtitles,
    read_stamped,
    read_styled_subtitles,
    read_subtitles,
    read_timed_lyrics,
)
from rnntui.lm.text.formats.marked.tex import read_tex
from rnntui.lm.text.formats.markup import shown, squeeze_blanks
from rnntui.lm.text.formats.pdf import read_pdf
from rnntui.lm.text.formats.rtf import read_rich_text
from rnntui.lm.text.formats.tables import read_table
from rnntui.records import ReadOptions


def read_page(parts: Iterable[str], _reading: ReadOptions, _findings: Findings) -> Iterator[str]:
    """The words of a web page, without its markup, scripts and menus."""
    yield from squeeze_blanks(shown(parts))


PLAIN = Format("plain text", read_plain)
MARKDOWN = Format("Markdown", read_markdown, has_lines=False, may_be_book=False)
CODE = Format("source code", read_plain, is_prose=False, has_lines=False, may_be_book=False, may_be_typographic=False)
SUBTITLES = Format("subtitles", read_subtitles, is_prose=False, has_lines=False, may_be_book=False)
STYLED_SUBTITLES = replace(SUBTITLES, read=read_styled_subtitles)
MAIL = Format("mail", read_plain, read_mail, "mail", is_prose=False, may_be_book=False)
JSON = Format("JSON", read_json, is_prose=False, has_lines=False, may_be_book=False)
READERS: dict[str, Format] = {
    ".txt": PLAIN,
    ".text": PLAIN,
    ".md": MARKDOWN,
    ".markdown": MARKDOWN,
    ".aozora": Format("a book of Aozora", read_aozora, may_be_book=False),
    ".chat": Format("a chat", read_chat_log, is_prose=False, has_lines=False, may_be_book=False),
    ".transcript": Format("a transcript", read_transcript),
    ".rst": Format("reStructuredText", read_structured_text, has_lines=False, may_be_book=False),
    ".org": Format("Org", read_org, has_lines=False, may_be_book=False),
    ".tex": Format("TeX", read_tex, has_lines=False, may_be_book=False),
    ".latex": Format("TeX", read_tex, has_lines=False, may_be_book=False),
    ".ipynb": replace(CODE, name="a notebook", read=read_notebook),
    ".json": JSON,
    ".mbox": MAIL,
    ".eml": MAIL,
    ".jsonl": JSON,
    ".ndjson": JSON,
    ".csv": Format("a table", read_table, is_prose=False, has_lines=False, may_be_book=False),
    ".tsv": Format("a table", read_table, is_prose=False, has_lines=False, may_be_book=False),
    ".html": Format("a web page", read_page, has_lines=False),
    ".htm": Format("a web page", read_page, has_lines=False),
    ".xhtml": Format("a web page", read_page, has_lines=False),
    ".fountain": Format("a screenplay", read_screenplay, is_prose=False, has_lines=False, may_be_book=False),
    ".srt": SUBTITLES,
    ".stamped": replace(SUBTITLES, name="a transcript with times", read=read_stamped),
    ".vtt": SUBTITLES,
    ".sbv": SUBTITLES,
    ".ass": STYLED_SUBTITLES,
    ".ssa": STYLED_SUBTITLES,
    ".sub": replace(SUBTITLES, read=read_frame_subtitles),
    ".lrc": Format("timed lyrics", read_timed_lyrics, is_prose=False, has_lines=False, may_be_book=False),
    ".docx": Format("a Word document", read_plain, read_word, "docx", has_lines=False, may_be_book=False),
    ".odt": Format("an OpenDocument text", read_plain, read_open_document, "odt", has_lines=False, may_be_book=False),
    ".fodt": Format("an OpenDocument text", read_flat_document, has_lines=False, may_be_book=False),
    ".fb2": Format("an e-book", read_fiction_book, has_lines=False),
    ".pdf": Format("a PDF", read_plain, read_pdf, "pdf", has_lines=False, may_be_book=False),
    ".rtf": Format("rich text", read_rich_text, has_lines=False, may_be_book=False),
    BOOK_SUFFIX: Format("an e-book", read_plain, read_book, "epub", has_lines=False),
    **dict.fromkeys(CODE_SUFFIXES, CODE),
}
"""By suffix; other suffixes are read as plain text."""
