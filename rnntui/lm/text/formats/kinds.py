"""What a reader of one kind of files is; shared by all readers."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from rnntui.errors import CorpusError
from rnntui.lm.text.findings import Findings
from rnntui.records import ReadOptions
from rnntui.text import visible_line

Read = Callable[[Iterable[str], ReadOptions, Findings], Iterator[str]]
"""(decoded text in parts, what the person says of it, findings) -> text in parts."""
ReadBytes = Callable[[IO[bytes], str, ReadOptions, Findings], Iterator[str]]
"""(the file, its name for sentences, what the person says of it, findings) -> text in parts."""


@dataclass(frozen=True, slots=True)
class Format:
    """How text is got out of files of one kind."""

    name: str
    """In words, as people call it: "subtitles"."""
    read: Read
    read_bytes: ReadBytes | None = None
    """For files that are packed in a form of their own, and are no text before they are read; else None."""
    encoding: str = ""
    """What is said of the encoding of such files: "epub"."""
    is_prose: bool = True
    """True where Gutenberg's licence may stand around the text."""
    has_lines: bool = True
    """True where line breaks may have been made by hand."""
    may_be_book: bool = True
    """True where _italics_, captions and footnotes may be spelled as plain-text books do."""
    may_be_typographic: bool = True
    """False where quotes and hyphens are signs of a language for machines, and keep their form whatever is wished."""


def read_plain(parts: Iterable[str], _reading: ReadOptions, _findings: Findings) -> Iterator[str]:
    """Text is text."""
    yield from parts


def refused(name: str, reason: str, next_step: str = "Save its text as a plain text file first.") -> CorpusError:
    """The error for a file that cannot be read.

    Args:
        name: The file's; a stranger may have chosen it.
        reason: Goes on after the name: "is damaged".
        next_step: What the person can do.
    """
    return CorpusError(f'"{visible_line(name)}" {reason}.', next_step)
