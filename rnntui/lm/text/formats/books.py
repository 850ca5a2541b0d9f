"""E-books (EPUB) -> running text, chapter by chapter.

Nothing is unpacked to a disk, and what is nested, endless or huge ends in a sentence.
"""

import itertools
from collections.abc import Iterator
from typing import IO
from urllib.parse import unquote

from rnntui.lm.text.findings import Findings
from rnntui.lm.text.formats.archives import LARGEST_CONTENTS, MOST_ENTRIES, Archive, opened
from rnntui.lm.text.formats.kinds import refused
from rnntui.lm.text.formats.markup import Tag, pieces, shown, squeeze_blanks
from rnntui.records import ReadOptions

BOOK_SUFFIX = ".epub"
"""An e-book is read from its bytes; most other formats from decoded text."""
_LARGEST_CHAPTER = 16 << 20


def read_book(stream: IO[bytes], name: str, _reading: ReadOptions, _findings: Findings) -> Iterator[str]:
    """The chapters of an e-book (EPUB) in their order; empty parts are signs of life.

    Args:
        stream: The file, open for reading.
        name: For sentences.

    Raises:
        CorpusError: If it is damaged, locked, or much larger inside than a book can be.
    """
    with opened(stream, name, "e-book") as archive:
        yield from squeeze_blanks(_chapter_texts(archive))


def _chapter_texts(archive: Archive) -> Iterator[str]:
    chapters = _chapters(archive)
    if sum(archive.entries[chapter].file_size for chapter in chapters) > archive.most:
        raise archive.too_large()
    for chapter in chapters:
        yield from shown(archive.characters(chapter, _LARGEST_CHAPTER))
        yield "\n\n"


def _chapters(archive: Archive) -> list[str]:
    """The chapters' entries, in their order.

    Raises:
        CorpusError: If it is locked, or has none.
    """
    lock = "META-INF/encryption.xml"
    if lock in archive.entries and b"EncryptedData" in b"".join(archive.blocks(lock, LARGEST_CONTENTS)):
        raise refused(archive.name, "is locked by its seller", "Choose a copy without protection.")
    container = _tags(archive, "META-INF/container.xml", {"rootfile"})
    package = next((facts.get("full-path", "") for _, facts in container), "")
    tags = _tags(archive, package, {"item", "itemref"})
    folder = package.rpartition("/")[0]
    items = {
        facts.get("id", ""): _inside(folder, facts.get("href", ""))
        for tag, facts in tags
        if tag == "item" and "nav" not in facts.get("properties", "").split()
    }
    order = [facts.get("idref", "") for tag, facts in tags if tag == "itemref" and facts.get("linear") != "no"]
    chapters = [items[entry] for entry in dict.fromkeys(order) if items.get(entry) in archive.entries]
    if not chapters:
        raise refused(archive.name, "has no chapters that can be read")
    return chapters


def _tags(archive: Archive, entry: str, names: set[str]) -> list[tuple[str, dict[str, str]]]:
    """The tags of these names with their attributes, in a small file that says how a book is put together."""
    found = pieces([archive.contents(entry)])
    wanted = (piece for piece in found if isinstance(piece, Tag) and piece.name in names)
    return [(tag.name, tag.attributes()) for tag in itertools.islice(wanted, 2 * MOST_ENTRIES)]


def _inside(folder: str, reference: str) -> str:
    steps: list[str] = []
    for step in f"{folder}/{unquote(reference.partition('#')[0])}".split("/"):
        if step == "..":
            del steps[-1:]
        elif step not in {"", "."}:
            steps.append(step)
    return "/".join(steps)
