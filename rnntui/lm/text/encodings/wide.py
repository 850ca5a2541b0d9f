"""Encodings that the shape of the bytes shows: two or four bytes for every character, or 7 bits with escapes."""

import re
import unicodedata

from rnntui.lm.text.encodings.binary import not_text, refuse_binary

_PLAIN = bytes(range(32, 127))
_MOST_PLAIN = 0.7
_LEAST_LETTERS = 0.6
_LEAST_GAPS = 0.005
_MOST_SCRIPTS = 6
_SAMPLE = 1 << 14
_MOST_ZEROS = 0.02
_JAPANESE = ("iso2022_jp", "iso2022_jp_ext", "iso2022_jp_2", "iso2022_jp_2004")
_HZ = re.compile(rb"~\{(?:[\x21-\x77][\x21-\x7e])+~\}")


def find_wide(sample: bytes) -> str:
    """UTF-16 or UTF-32 without a byte order mark; "" for anything else.

    The zero bytes of ordinary letters stand at fixed places. Without zeros every second byte is one of a few, which
    makes controls or bytes of no other text, and read so there are words with gaps between them.
    """
    quarter = max(1, len(sample) // 4)
    zeros = [sample[at::4].count(0) / quarter for at in range(4)]
    patterns = {
        "utf-32-le": zeros[2] > 0.9 and zeros[3] > 0.9 and zeros[0] < 0.05,
        "utf-32-be": zeros[0] > 0.9 and zeros[1] > 0.9 and zeros[3] < 0.05,
        "utf-16-le": zeros[1] > 0.4 and zeros[3] > 0.4 and zeros[0] < 0.05 and zeros[2] < 0.05,
        "utf-16-be": zeros[0] > 0.4 and zeros[2] > 0.4 and zeros[1] < 0.05 and zeros[3] < 0.05,
    }
    found = next((encoding for encoding, fits in patterns.items() if fits), "")
    return found or next((name for name in ("utf-16-le", "utf-16-be") if _is_wide(sample[:_SAMPLE], name)), "")


def _is_wide(sample: bytes, name: str) -> bool:
    has_odd = any(byte in sample for byte in b"\0\x01\x02\x03\x04\x05\x06")
    if len(sample) < 8 or not has_odd or len(sample) - len(sample.translate(None, _PLAIN)) > _MOST_PLAIN * len(sample):
        return False
    text = sample[: len(sample) & ~1].decode(name, "replace")
    letters = sum(unicodedata.category(character)[0] in "LM" for character in text)
    gaps = sum(character in " \n。、，　" for character in text)
    blocks = {ord(character) >> 8 for character in text if character.isalpha()}
    are_few = sum(0x34 <= block < 0xD8 for block in blocks) > 10 or len(blocks) <= _MOST_SCRIPTS
    has_controls = any(unicodedata.category(c) in {"Cc", "Cn", "Co"} and c not in "\t\n\r\f" for c in text[:-1])
    return letters > _LEAST_LETTERS * len(text) and gaps > _LEAST_GAPS * len(text) and are_few and not has_controls


def check_wide(head: bytes, encoding: str, name: str) -> None:
    """Small whole numbers, two or four bytes each, look like UTF-16 or UTF-32; as text they are control characters.

    Raises:
        CorpusError: If they are numbers.
    """
    text = head.decode(encoding, "replace")
    if text.count("\0") > _MOST_ZEROS * len(text) + 1:
        raise not_text(name)
    refuse_binary(text.encode("utf-8", "replace"), name)


def find_escaped(head: bytes) -> str:
    """An encoding of 7 bits that changes its meaning by escapes; "" where there are none, or they make no sense."""
    names: tuple[str, ...] = ()
    if b"\x1b$)C" in head[:64]:
        names = ("iso2022_kr",)
    elif b"\x1b$" in head or b"\x1b(" in head:
        names = _JAPANESE
    elif _HZ.search(head):
        names = ("hz",)
    whole = head[: head.rfind(b"\n") + 1] or head
    return next((name for name in names if _makes_sense(whole, name)), "")


def _makes_sense(whole: bytes, name: str) -> bool:
    try:
        text = whole.decode(name)
    except UnicodeDecodeError:
        return False
    return sum(character > "\x7f" for character in text) >= 2
