"""Which format a file is in: by its suffix, and by its content where the suffix says nothing or lies."""

import codecs
from collections.abc import Callable

from rnntui.lm.text.chats import signs as chats
from rnntui.lm.text.formats import documents
from rnntui.lm.text.formats.kinds import Format, refused
from rnntui.lm.text.formats.marked import aozora, code, screenplays, subtitles, tex
from rnntui.lm.text.formats.readers import PLAIN, READERS
from rnntui.lm.text.formats.rtf import is_rich_text

OPENING = 1 << 14
"""Bytes that are enough to know a format by."""
_MANY_ZEROS = 0.05
_WIDE = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def find_format(suffix: str, opening: bytes, name: str) -> Format:
    """The format of a file.

    Args:
        suffix: Of its name, in small letters.
        opening: Its first bytes, OPENING of them if there are so many.
        name: Of the file, for sentences.

    Raises:
        CorpusError: If it is a document of a kind that is known and not read.
    """
    for is_kind, reason, next_step in REFUSED:
        if is_kind(opening):
            raise refused(name, reason, next_step)
    for kind, shows in BINARY_SIGNS:
        if shows(opening):
            return READERS[kind]
    said = READERS.get(suffix, PLAIN)
    if said.read_bytes is not None:
        return said  # its reader says what is wrong with it
    text = _characters(opening)
    own = [shows for kind, shows in SIGNS if READERS[kind] == said]
    if said is not PLAIN and (not own or any(shows(text) for shows in own)) and not chats.is_archive(text):
        return said
    is_denied = any(READERS[kind] == said and denies(text) for kind, denies in DENIALS)
    found = next((READERS[kind] for kind, shows in SIGNS if shows(text)), PLAIN if is_denied else said)
    if found is PLAIN and opening.startswith(_OTHER_ARCHIVES):
        raise refused(name, "is an archive, though its name does not say so", "Name it .zip or .gz, or unpack it.")
    return found


def _characters(opening: bytes) -> str:
    """The opening as characters, good enough to see signs in; what is no character is U+FFFD."""
    wide = next((encoding for mark, encoding in _WIDE.items() if opening.startswith(mark)), "")
    if not wide and opening.count(0) > _MANY_ZEROS * len(opening):  # two bytes a character, without a mark
        opening = opening.replace(b"\0", b"")
    text = opening.decode(wide or "utf-8", "replace")
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _is_page(text: str) -> bool:
    begun = text.lstrip()[:2_000].lower()
    return begun.startswith(("<!doctype html", "<html")) or (begun.startswith("<?xml") and "<html" in begun)


BINARY_SIGNS: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    (".epub", lambda opening: opening.startswith(b"PK\x03\x04") and b"application/epub+zip" in opening[:200]),
    (".pdf", lambda opening: opening.lstrip().startswith(b"%PDF-")),
    (".docx", documents.is_word),
    (".odt", documents.is_open_document),
    (".aozora", aozora.is_aozora_in_shift_jis),
)
"""A suffix of READERS, and how files of its format begin whose bytes tell it; they hold whatever a file is called."""
SIGNS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    (".fodt", documents.is_flat_document),
    (".fb2", documents.is_fiction_book),
    (".html", _is_page),
    (".rtf", is_rich_text),
    (".ipynb", code.is_notebook),
    (".tex", tex.is_tex),
    (".fountain", screenplays.is_screenplay),
    (".aozora", aozora.is_aozora),
    *chats.SIGNS,
    (".srt", subtitles.is_subtitles),
    (".ass", subtitles.is_styled_subtitles),
    (".sub", subtitles.is_frame_subtitles),
    (".lrc", subtitles.is_timed_lyrics),
    (".stamped", subtitles.is_stamped),
)
"""A suffix of READERS, and whether an opening of characters (maybe cut anywhere) is of its format.

In order: the first that shows is taken for files whose suffix says nothing, or a format of which no sign shows. The
suffix is believed where its format has no row here, and where no sign of any format shows.
"""
DENIALS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    (".rtf", lambda text: not is_rich_text(text)),
    (".srt", lambda text: not subtitles.is_subtitles(text) and not subtitles.has_times(text)),
    (".ass", lambda text: not subtitles.is_styled_subtitles(text) and "Dialogue:" not in text),
    (".sub", lambda text: not subtitles.has_times(text)),
    (".json", chats.is_no_json),
)
"""A suffix of READERS, and whether an opening cannot be of its format: then it is plain text."""
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHER_ARCHIVES = (b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!", b"(\xb5/\xfd")
REFUSED: tuple[tuple[Callable[[bytes], bool], str, str], ...] = (
    (
        lambda opening: opening.startswith(_OLD_OFFICE) and "EncryptedPackage".encode("utf-16-le") in opening,
        "is locked by a password",
        "Save a copy without a password.",
    ),
    (
        lambda opening: opening.startswith(b"PK\x03\x04") and (b"xl/" in opening or b".spreadsheet" in opening[:200]),
        "is a workbook with tables",
        "Save the table with the text as .csv.",
    ),
    (
        lambda opening: opening.startswith(b"PK\x03\x04") and (b"ppt/" in opening or b".presentation" in opening[:200]),
        "is a presentation",
        "Save its outline as a plain text file.",
    ),
    (
        lambda opening: opening.startswith(_OLD_OFFICE),
        "is a document of an old office program, or locked by a password",
        "Open it there, and save it as .docx, or as plain text.",
    ),
    (
        lambda opening: opening[60:68] in {b"BOOKMOBI", b"TEXtREAd"},
        "is an e-book for Kindle or Palm",
        "Convert it to .epub first.",
    ),
)
"""How files begin that are known and not read; the reason, as it goes on after the name; the next step."""
