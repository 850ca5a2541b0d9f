"""What is no text: told by its first bytes where these are known, else by its control characters."""

import re

from rnntui.errors import CorpusError
from rnntui.lm.text.encodings.zeros import bare
from rnntui.text import visible_line

_CONTROLS_SHARE = 1e-3
_TEXT_CONTROLS = frozenset(b"\t\n\r\x07\x08\f\x0b\x0e\x0f\x1a\x1b\x85")
_UNUSUAL = bytes(byte for byte in range(32) if byte not in b"\t\n\r")
_MOST_ODD_CONTROLS = 0.02
"""Bells, backspaces and shifts of terminals and printers are in texts, but not beside one another everywhere."""
_ODD_CONTROLS = re.compile(rb"[\x07\x08\x0e\x0f]+")
_BETWEEN_LETTERS = re.compile(rb"(?<=[\x20-\xff])(?:\x08+|[\x07\x0e\x0f])(?=[\x20-\xff])|\x07(?=[\r\n])")
"""Letters struck twice, as pages of a manual have them, may be all of a text."""
_PLAIN = "Save it as plain text first."
_UNPACK = "Unpack it first."
_SIGNATURES: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"%PDF-", "a PDF document", "Give it the ending .pdf, or save its text first."),
    (0, b"PK\x03\x04", "a packed folder or an office document", "Give it the ending it had, such as .zip or .docx."),
    (0, b"\x1f\x8b", "packed with gzip", "Give it the ending .gz, or unpack it first."),
    (0, b"BZh", "packed with bzip2", "Give it the ending .bz2, or unpack it first."),
    (0, b"\xfd7zXZ\0", "packed with xz", "Give it the ending .xz, or unpack it first."),
    (0, b"\x28\xb5\x2f\xfd", "packed with zstd", "Give it the ending .zst, or unpack it first."),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (0, b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (257, b"ustar", "a tar archive", _UNPACK),
    (0, b"\x89PNG\r\n\x1a\n", "a PNG picture", "Choose a file with words in it."),
    (0, b"\xff\xd8\xff", "a JPEG picture", "Choose a file with words in it."),
    (0, b"GIF8", "a GIF picture", "Choose a file with words in it."),
    (0, b"II*\0", "a TIFF picture", "Choose a file with words in it."),
    (0, b"MM\0*", "a TIFF picture", "Choose a file with words in it."),
    (0, b"8BPS", "a Photoshop picture", "Choose a file with words in it."),
    (8, b"WEBP", "a WebP picture", "Choose a file with words in it."),
    (4, b"ftyp", "a film or a sound", "Choose a file with words in it."),
    (0, b"ID3", "a sound", "Choose a file with words in it."),
    (0, b"OggS", "a sound or a film", "Choose a file with words in it."),
    (0, b"fLaC", "a sound", "Choose a file with words in it."),
    (8, b"WAVE", "a sound", "Choose a file with words in it."),
    (8, b"AVI ", "a film", "Choose a file with words in it."),
    (0, b"\x1aE\xdf\xa3", "a film", "Choose a file with words in it."),
    (0, b"\x7fELF", "a program", "Choose a file with words in it."),
    (0, b"MZ\x90\0", "a program", "Choose a file with words in it."),
    (0, b"\xcf\xfa\xed\xfe", "a program", "Choose a file with words in it."),
    (0, b"\xca\xfe\xba\xbe", "a program", "Choose a file with words in it."),
    (0, b"\0asm", "a program", "Choose a file with words in it."),
    (0, b"SQLite format 3\0", "an SQLite database", "Save its text as .csv or .txt first."),
    (0, b"PAR1", "a Parquet table", "Save its text as .csv or .jsonl first."),
    (0, b"AT&TFORM", "a DjVu document", "Save its text first."),
    (0, b"\x93NUMPY", "an array of numbers", "Choose a file with words in it."),
    (0, b"wOF", "a font", "Choose a file with words in it."),
    (0, b"OTTO", "a font", "Choose a file with words in it."),
)
"""Place, bytes there, what it is, what to do. A text may begin like some of them, so controls count as well."""


def refuse_binary(sample: bytes, name: str) -> None:
    """Refuse the beginning of a file that is not text. Zero bytes are not looked at: `choose` weighs them.

    Raises:
        CorpusError: If there are too many control characters, or it begins like a document of another program.
    """
    what, next_step = find_kind(sample)
    text = bare(sample)
    controls = odd = 0
    if len(text.translate(None, _UNUSUAL)) < len(text):  # nearly every text has none of them
        controls = sum(text.count(byte) for byte in range(32) if byte not in _TEXT_CONTROLS)
        odd = sum(map(len, _ODD_CONTROLS.findall(_BETWEEN_LETTERS.sub(b"", text))))
    is_binary = controls > _CONTROLS_SHARE * len(sample) + 1 or odd > _MOST_ODD_CONTROLS * len(sample) + 1
    if what and (is_binary or sample.startswith((b"%PDF-", b"PK\x03\x04"))):
        raise not_text(name, what, next_step)
    if is_binary:
        raise not_text(name)


def find_kind(sample: bytes) -> tuple[str, str]:
    """What a file is by its first bytes, such as "a PNG picture", and what to do with it; empty if not known."""
    return next(((what, step) for place, sign, what, step in _SIGNATURES if sample.startswith(sign, place)), ("", ""))


def not_text(name: str, what: str = "", next_step: str = _PLAIN) -> CorpusError:
    """The error for a file that is not text."""
    is_verb = what.startswith("packed")
    kind = f": it is {what}" if is_verb else f" but {what}" if what else ""
    return CorpusError(f'"{visible_line(name)}" is not a text file{kind}.', next_step)
