"""File formats -> running text: one reader per suffix, all of them careful with what comes from strangers.

A reader takes the decoded text of a file in parts and gives the text to learn from, in parts. Nothing is unpacked to a
disk, no entity of a document's own is expanded, and what is nested, endless or huge ends in a count or in a sentence.
Tables and JSON lines are read in `tables`.
"""

from collections.abc import Iterable, Iterator

from rnntui.lm.text.findings import Findings
from rnntui.lm.text.formats.books import BOOK_SUFFIX, read_book
from rnntui.lm.text.formats.kinds import Format, read_plain
from rnntui.lm.text.formats.markup import shown, squeeze_blanks
from rnntui.lm.text.formats.tables import read_json_lines, read_table
from rnntui.records import ReadOptions


def read_page(parts: Iterable[str], _reading: ReadOptions, _findings: Findings) -> Iterator[str]:
    """The words of a web page, without its markup, scripts and menus."""
    yield from squeeze_blanks(shown(parts))


PLAIN = Format("plain text", read_plain)
MARKDOWN = Format("Markdown", read_plain, may_be_book=False)
READERS: dict[str, Format] = {
    ".txt": PLAIN,
    ".text": PLAIN,
    ".md": MARKDOWN,
    ".markdown": MARKDOWN,
    ".jsonl": Format("JSON lines", read_json_lines, is_prose=False, has_lines=False, may_be_book=False),
    ".ndjson": Format("JSON lines", read_json_lines, is_prose=False, has_lines=False, may_be_book=False),
    ".csv": Format("a table", read_table, is_prose=False, has_lines=False, may_be_book=False),
    ".tsv": Format("a table", read_table, is_prose=False, has_lines=False, may_be_book=False),
    ".html": Format("a web page", read_page, has_lines=False),
    ".htm": Format("a web page", read_page, has_lines=False),
    ".xhtml": Format("a web page", read_page, has_lines=False),
    BOOK_SUFFIX: Format("an e-book", read_plain, read_book, "epub", has_lines=False),
}
"""By suffix; other suffixes are read as plain text."""
