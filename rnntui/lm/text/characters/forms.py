"""Letters and spaces in the form that words are written in: what looks like a word becomes that word.

Typesetting, terminals, pdf files and old encodings write one word in several ways: with ligatures, with soft hyphens
inside, with spaces of many widths, with accents apart, in letters as wide as a Chinese character. A model would learn
each as another word. What carries meaning stays: long s, Roman numerals, characters in circles, Chinese punctuation,
joiners inside words (ZWNJ, ZWJ), variation selectors behind pictures.  Source of most forms: Unicode, UAX 15 (NFKC).
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Container

from rnntui.text import composed

CONTROLS = "control characters"
INVISIBLE = "invisible characters"
SOFT_HYPHENS = "soft hyphens"
DIRECTIONS = "marks of direction"
PLACEHOLDERS = "placeholders of pictures"
SPACES = "spaces of other widths"
HYPHENS = "hyphens of other kinds"
LIGATURES = "ligatures"
WIDE = "full-width letters"
NARROW = "half-width letters"
LENGTHENED = "strokes that lengthen Arabic words"
ARABIC = "shapes of Arabic and Hebrew letters"
STYLED = "letters in styles of mathematics"
WINDOWS = "characters of Windows"
SEPARATORS = "separators of lines and pages"
ACCENTS = "accents apart from letters"
LONE_ACCENTS = "accents without a letter"
BULLETS = "bullets of word processors"
PRIVATE = "characters of no known meaning"
UNREADABLE = "unreadable characters"
LEFT_OUT = frozenset({CONTROLS, INVISIBLE, SOFT_HYPHENS, DIRECTIONS, PLACEHOLDERS, LONE_ACCENTS, LENGTHENED})
"""What nothing takes the place of."""
UNMENDED = frozenset({PRIVATE, UNREADABLE})
"""What is only counted."""

_WINDOWS = dict(zip("\x80\x82\x83\x84\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8e", "€‚ƒ„…†‡ˆ‰Š‹ŒŽ", strict=True))
_WINDOWS |= dict(zip("\x91\x92\x93\x94\x95\x96\x97\x98\x99\x9a\x9b\x9c\x9e\x9f", "‘’“”•–—˜™š›œžŸ", strict=True))
_CJK = "\u2e80-\u2fff\u3001-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40"
_CJK += "\uff5b-\uffef\U00020000-\U0003ffff"
_WIDE_LETTER = "[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]"

_SOFT_END = re.compile(r"\xad+[ \t]*\n[ \t]*(?![\uff9e\uff9f])([^\W\d_][^\s\xad]*)[ \t]?")
"""A word that goes on in the next line: its end is put before the line end, where it is seen that they are one."""
_DOTS_OR_LINE = re.compile(r"\x85(?P<dots>(?=[\x80-\x84\x86-\x9f\"'’”)\],.;:!?\n]| (?! )))?")
_OTHER_WINDOWS = re.compile("[\x80-\x84\x86-\x9f]")
_PAGES = re.compile(r"\n?\x0c\n?")
_IDEOGRAPHIC = re.compile(rf"(?<![{_CJK}\u3000])\u3000+(?![{_CJK}\u3000]|[“‘][{_CJK}])")
"""The wide space of Chinese and Japanese, where neither stands beside it, nor behind an opening quote."""
_LENGTHENED = re.compile("(?<=[\u0620-\u065f\u0670-\u06d3])\u0640+(?=[\u0620-\u063f\u0641-\u065f\u0670-\u06d3])")
"""Inside a word; one at the end of a word is a sign of its own, as in the Hijri year."""
_NARROW_RUN = re.compile("[\u30a1-\u30fc]?[\uff61-\uff9f]+|[\uffa0-\uffdc]+")
_VOICING = str.maketrans({"\u3099": "\u309b", "\u309a": "\u309c"})
_WIDE_MARK = re.compile(rf"(?<={_WIDE_LETTER})[＇．－＠／＿：＆，](?={_WIDE_LETTER})")
_STYLED = "\U0001d400-\U0001d7ff"
_STYLED_RUN = re.compile(f"[{_STYLED}ℂℊℋℌℍℎℐℑℒℕℙℚℛℜℝℤℨℬℭℯℰℱℳℴ]{{2,}}")
"""Words in the bold or script letters of mathematics; a single one is a variable."""
_SELECTORS = re.compile("(?<=[^\\W\u2139])[\ufe0e\ufe0f](?!\u20e3)|[\ufe00-\ufe0d\U000e0100-\U000e01ef]")
"""They choose between shapes of a letter; behind a picture they belong to it."""
_TAGS = re.compile("(?<![\U0001f3f4\U000e0000-\U000e007f])[\U000e0000-\U000e007f]+")
"""Text that nobody sees; behind a flag it says of which region."""
_LONE_ACCENTS = re.compile(r"(?:(?<=\s)|\A)[\u0300-\u036f]+")
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_FEW = 24
"""So many different characters are replaced one after the other; for more, one table is faster."""


def _one_by_one() -> dict[str, tuple[str, str]]:
    """Each character that has another form whatever stands around it: that form, and under what it is counted."""
    forms: dict[str, tuple[str, str]] = {}
    controls = [*range(0x00, 0x09), *range(0x0E, 0x20), 0x7F, *range(0x80, 0xA0)]
    forms |= {chr(code): ("", CONTROLS) for code in controls}
    forms |= {chr(code): (" ", CONTROLS) for code in range(0x1C, 0x20)}  # they keep fields apart
    forms |= {character: (meant, WINDOWS) for character, meant in _WINDOWS.items()}
    forms |= dict.fromkeys(map(chr, (0x0B, 0x0C, 0x2028)), ("\n", SEPARATORS))
    forms["\u2029"] = ("\n\n", SEPARATORS)
    forms["\xad"] = ("", SOFT_HYPHENS)
    invisible = (0x034F, 0x200B, *range(0x2060, 0x2065), *range(0x206A, 0x2070), 0xFEFF, *range(0xFFF9, 0xFFFC))
    forms |= dict.fromkeys(map(chr, (*invisible, *range(0xFDD0, 0xFDF0), 0xFFFE, 0xFFFF)), ("", INVISIBLE))
    directions = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
    forms |= dict.fromkeys(map(chr, directions), ("", DIRECTIONS))
    forms["\ufffc"] = ("", PLACEHOLDERS)
    forms |= dict.fromkeys(map(chr, (0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F)), (" ", SPACES))
    forms |= dict.fromkeys("\u2010\u2011", ("-", HYPHENS))
    forms |= dict.fromkeys("\uf0b7\uf0a7", ("•", BULLETS))
    for code in (*range(0xFB00, 0xFB07), *range(0xFB13, 0xFB18)):
        forms[chr(code)] = (unicodedata.normalize("NFKC", chr(code)), LIGATURES)
    forms["\ufb05"] = ("\u017ft", LIGATURES)  # a long s stays one
    for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)):
        forms[chr(code)] = (chr(code - 0xFEE0), WIDE)
    arabic = (*range(0xFB1D, 0xFB29), *range(0xFB2A, 0xFD3E), *range(0xFD50, 0xFDFA), *range(0xFE70, 0xFEFD))
    for code in arabic:
        meant = unicodedata.normalize("NFKC", chr(code)).lstrip(" \u0640")
        if meant != chr(code) and unicodedata.category(chr(code)) != "Cn":
            forms[chr(code)] = (meant, ARABIC)
    return forms


_FORMS = _one_by_one()
_IN_CONTEXT = (
    f"\u0300-\u036f\u0640\u3000\ufe00-\ufe0f\uff61-\uff9f\uffa0-\uffdc{_STYLED}\U000e0000-\U000e01ef"
    "\ue000-\uf8ff\ufffd\U000f0000-\U0010fffd\ud800-\udfff"
)
_ODD = re.compile(f"[{''.join(map(re.escape, sorted(_FORMS)))}{_IN_CONTEXT}]")
_ODD_ASCII = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SEPARATORS = "\x0b\x0c\x85\xad\u2028\u2029"
"""They end lines, or hold one together with the next."""
_OF_RECORDS = f"{_SEPARATORS}\u200e"
"""What formats are read by: chats have U+200E before what nobody said."""
_LOOKS_BACK = re.compile("[\u1160-\u11ff\u3000\ufe00-\ufe0f\uff61-\uffdc\udc00-\udfff\U0001d400-\U000e01ef]")


def is_cut_allowed(text: str, place: int) -> bool:
    """Whether both sides of a place can be brought into one form apart."""
    before, after = text[place - 1], text[place]
    if before in "\r\x0c\x85\xad" or after == "\x0c":
        return False
    return after < "\u0300" or not (unicodedata.combining(after) or _LOOKS_BACK.match(after))


def in_one_form(text: str, treated: Counter[str], kept: Container[str] = (), has_records: bool = False) -> str:
    """The text in the characters that its words are usually written in, composed (NFC).

    Args:
        text: With newlines for line ends, cut only where `is_cut_allowed` says so.
        treated: Where what was treated is counted.
        kept: Characters that stay as they are, such as those of a model that has learned them.
        has_records: Whether a format is still to be read in which a line end ends a record: only newlines are one.
    """
    if text.isascii():
        return text if not _ODD_ASCII.search(text) else _with_forms(text, treated, kept, has_records)
    if _ODD.search(text):
        text = _with_forms(text, treated, kept, has_records)
    whole = composed(text)
    _count(treated, ACCENTS, len(text) - len(whole))
    return whole


def _with_forms(text: str, treated: Counter[str], kept: Container[str], has_records: bool) -> str:
    found = Counter(character for character in _ODD.findall(text) if character not in kept)
    if has_records:
        found = Counter({character: count for character, count in found.items() if character not in _OF_RECORDS})
    text = _in_context(text, found, treated)
    forms = {character: _FORMS[character] for character in found if character in _FORMS}
    for character, (_, name) in forms.items():
        _count(treated, name, found[character])
    if len(forms) > _FEW:
        return text.translate({ord(character): meant for character, (meant, _) in forms.items()})
    for character, (meant, _) in forms.items():
        text = text.replace(character, meant)
    return text


def _in_context(text: str, found: Counter[str], treated: Counter[str]) -> str:
    """What depends on the neighbours of a character, or cannot be mended; what is left of `found` is not done yet."""

    def replace(pattern: "re.Pattern[str]", by: "str | Callable[[re.Match[str]], str]", name: str) -> None:
        nonlocal text
        text, count = pattern.subn(by, text)
        _count(treated, name, count)

    if "\u3000" in found:
        replace(_IDEOGRAPHIC, lambda wide: " " * len(wide[0]), SPACES)
    if "\xad" in found:
        text = _SOFT_END.sub(r"\1\n", text)
    if "\x85" in found:
        dots = _WindowsDots(text, treated[WINDOWS] > 0)
        text = _DOTS_OR_LINE.sub(dots, text)
        _count(treated, WINDOWS, dots.count)
        _count(treated, SEPARATORS, found["\x85"] - dots.count)
        del found["\x85"]
    if "\x0c" in found:
        text = _PAGES.sub("\n", text)
    highest = max(found, default="")
    if highest < "\u0300":
        return text
    if any("\u0300" <= character <= "\u036f" for character in found):
        replace(_LONE_ACCENTS, "", LONE_ACCENTS)
    if any("\uff61" <= character <= "\uffdc" for character in found):
        replace(_NARROW_RUN, lambda run: unicodedata.normalize("NFKC", run[0]).translate(_VOICING), NARROW)
    if any("\uff10" <= character <= "\uff5a" for character in found):
        text = _WIDE_MARK.sub(lambda mark: chr(ord(mark[0]) - 0xFEE0), text)
    if "\u0640" in found:
        replace(_LENGTHENED, "", LENGTHENED)
    if highest < "\ud800":
        return text
    if any("\ud800" <= character <= "\udfff" for character in found):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if any("\U0001d400" <= character <= "\U0001d7ff" for character in found):
        replace(_STYLED_RUN, lambda run: unicodedata.normalize("NFKC", run[0]), STYLED)
    if any("\ufe00" <= character <= "\ufe0f" or character >= "\U000e0000" for character in found):
        replace(_SELECTORS, "", INVISIBLE)
        replace(_TAGS, "", INVISIBLE)
    _count(
        treated,
        PRIVATE,
        sum(count for character, count in found.items() if _PRIVATE.match(character) and character not in _FORMS),
    )
    _count(treated, UNREADABLE, text.count("\ufffd"))
    return text


class _WindowsDots:
    """Three dots in the place of U+0085 where it stands for them as in Windows-1252, else the line end that it is.

    It does when it stands before a mark or a space, or when the text has other characters of Windows in its place.
    """

    def __init__(self, text: str, are_windows: bool) -> None:
        first = _OTHER_WINDOWS.search(text)
        self._first = first.start() if first else len(text)
        self._are_windows = are_windows
        self.count = 0

    def __call__(self, found: "re.Match[str]") -> str:
        is_dots = self._are_windows or found["dots"] is not None or found.start() > self._first
        self._are_windows = is_dots
        self.count += is_dots
        return "…" if is_dots else "\n"


def _count(treated: Counter[str], name: str, count: int) -> None:
    if count > 0:
        treated[name] += count
