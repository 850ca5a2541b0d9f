"""Foreign text: clean() on the way in, visible() on the way out. Knows nothing of files or screens."""

import functools
import math
import re
import unicodedata
from dataclasses import dataclass

_UNUSUAL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b\u2028\u2029\u2060\ufeff\ud800-\udfff]")
_NEWLINES = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_SAID_OF_IT = re.compile(" (?:apart|from|in|of|on|struck|that|to|with|without) ")
_PLURAL_ENDING = re.compile(r"s\Z")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_INVISIBLE = re.compile(r"[\ufeff\u200b\u2060\u00ad]")
_BIDI_NAMES = {
    "\u202a": "LRE",
    "\u202b": "RLE",
    "\u202c": "PDF",
    "\u202d": "LRO",
    "\u202e": "RLO",
    "\u2066": "LRI",
    "\u2067": "RLI",
    "\u2068": "FSI",
    "\u2069": "PDI",
    "\u200e": "LRM",
    "\u200f": "RLM",
    "\u061c": "ALM",
}
_SHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff" + "".join(_BIDI_NAMES) + "\u2028\u2029\ufeff]")
_JOINS = re.compile("[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]|(?:(?<=[\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])|^)\u200d")
"""What makes one picture of several, or another one, in some terminals only."""
_GAP = "\u200b"
_MARKS_PER_BASE = 8
_MOST_MARKS_IN_ORDER = 256
_MOST_DIGITS = 18
_EIGHTHS = " ▏▎▍▌▋▊▉"
_NUMERIC = re.compile(r"-?|[-+]?[0-9][0-9,]*(\.[0-9]+)?(e[-+]?[0-9]+)?( ?%)?")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Text that is safe to train on and to store, with what was changed."""

    text: str
    controls: int
    """Control characters that became spaces."""
    surrogates: int
    """Halves of broken characters that became U+FFFD."""


def clean(raw: str) -> Cleaned:
    """Make foreign text ordinary: NFC, one kind of newline, no control characters, no lone surrogates.

    Tabs and newlines stay. Byte order marks, zero-width spaces and soft hyphens are left out.
    """
    text = raw.replace("\r\n", "\n").replace("\r", "\n") if "\r" in raw else raw
    if not _UNUSUAL.search(text):  # one look instead of four: most text has nothing to clean
        return Cleaned(text if text.isascii() else composed(text), 0, 0)
    text = _NEWLINES.sub("\n", text)
    text, controls = _CONTROLS.subn(" ", text)
    if text.isascii():
        return Cleaned(text, controls, 0)
    text, surrogates = _SURROGATES.subn("\ufffd", text)
    text = _INVISIBLE.sub("", text)
    return Cleaned(composed(text), controls, surrogates)


def composed(text: str) -> str:
    """The text in NFC; a flood of marks on one letter is cut, because they are put in order in the square of time."""
    if unicodedata.is_normalized("NFC", text):
        return text
    ends = [flood.end() for flood in _floods().finditer(text)]
    if not ends:
        return unicodedata.normalize("NFC", text)
    cuts = zip((0, *ends), (*ends, len(text)), strict=True)
    return "".join(unicodedata.normalize("NFC", text[start:end]) for start, end in cuts)


@functools.cache
def _floods() -> "re.Pattern[str]":
    """A letter's marks, where there are more of them than any script has."""
    every = map(chr, range(0x300, 0x1F000))
    marks = (mark for mark in every if unicodedata.combining(unicodedata.normalize("NFD", mark)[0]))
    return re.compile(f"[{''.join(marks)}]{{{_MOST_MARKS_IN_ORDER}}}")


def is_ordinary(text: str) -> bool:
    """True when `clean` has nothing to take out of the text: no control characters, odd newlines or broken halves."""
    return not (_NEWLINES.search(text) or _CONTROLS.search(text) or _SURROGATES.search(text))


def visible(text: str) -> str:
    """Text that cannot move the cursor, change colours, reach the clipboard or reverse what is read.

    Newlines and tabs stay. Control characters become their Unicode pictures (U+2400 ...), C1 controls and lone
    surrogates U+FFFD, direction overrides their names in brackets; floods of combining marks are cut.
    """
    shown = _SHOWN.sub(_stand_in, text)
    return _without_floods(shown) if not shown.isascii() else shown


def unjoined(text: str) -> str:
    """Text whose pictures take as many cells in every terminal: those that only some would draw as one stand apart.

    A woman, a joiner and a rocket are 2 cells here and 4 there; a heart with a variation selector 1 or 2. The number of
    characters stays: what joins is replaced by a zero-width space, which text that was cleaned has nowhere else.
    """
    return text if text.isascii() else _JOINS.sub(_GAP, text)


def without_gaps(text: str) -> str:
    """Text that `unjoined` has taken apart, as it can be handed to another program."""
    return text if text.isascii() else text.replace(_GAP, "")


def visible_line(text: str, limit: int = 200) -> str:
    """`visible`, on one line and at most `limit` characters long: for names, titles and error messages."""
    line = " ".join(visible(text[: 4 * limit]).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def last_words(text: str, limit: int) -> str:
    """The end of a text on one line, `visible`, at most `limit` characters long, and cut before a whole word."""
    line = " ".join(visible(text[-4 * limit :]).split())
    if len(line) <= limit and len(text) <= 4 * limit:
        return line
    end = line[-(limit - 1) :]
    _, space, whole = end.partition(" ")
    return f"…{whole if space else end}"


def quote(text: str, limit: int = 60) -> str:
    """`visible_line` in quotes: how a sentence names what somebody else has named."""
    return f'"{visible_line(text, limit)}"'


def one_line(text: str, limit: int | None = None) -> str:
    """`clean`, on one line and cut to `limit` characters: a name or title as it is stored."""
    return " ".join(clean(text).text.split())[:limit]


def whole_number(written: str) -> int | None:
    """The number that some digits spell; None for anything else, signs and the digits of other scripts among it."""
    return int(written) if written.isascii() and written.isdigit() and len(written) <= _MOST_DIGITS else None


def is_numeric(written: str) -> bool:
    """True for a cell of a table that holds a number, a share in percent, or nothing."""
    return _NUMERIC.fullmatch(written.strip()) is not None


def duration(seconds: float) -> str:
    """Minutes and seconds, or hours and minutes."""
    whole = max(0, round(seconds)) if math.isfinite(seconds) else 0
    if whole < 3_600:
        return f"{whole // 60}:{whole % 60:02d}"
    return f"{whole // 3_600} h {whole % 3_600 // 60:02d}"


def plural(number: int, what: str) -> str:
    """A number and what it counts: "1 thread", "2 threads", "2 processes" and "2 marks of direction"."""
    noun, rest = _noun_and_rest(what)
    ending = "" if number == 1 else "es" if noun.endswith(("s", "x", "ch", "sh")) else "s"
    return f"{number:,} {noun}{ending}{rest}"


def counted(number: int, what: str) -> str:
    """A number and what it counts, named in the plural: "2 soft hyphens", "1 soft hyphen", "1 mark of direction"."""
    noun, rest = _noun_and_rest(what)
    return f"{number:,} {_PLURAL_ENDING.sub('', noun) if number == 1 else noun}{rest}"


def _noun_and_rest(what: str) -> tuple[str, str]:
    """What is counted, and what is said of it."""
    found = _SAID_OF_IT.search(what)
    return (what[: found.start()], what[found.start() :]) if found else (what, "")


def piece_name(piece: str, goes_on: bool = False) -> str:
    """A piece as it can be named: without its leading space; spaces and newlines alone as signs; dots if it goes on."""
    dots = "…" if goes_on else ""
    if not piece.strip(" "):
        return "␣" * max(1, len(piece)) + dots
    return visible_line(piece.strip(" ").replace("\n", "⏎"), 60) + dots


def piece_label(piece: str, goes_on: bool = False) -> str:
    """`piece_name`, which says in words what cannot be seen: "⏎ new line", "⏎ paragraph", "␣ space"."""
    if not piece or piece.strip(" \n"):
        return piece_name(piece, goes_on)
    lines, spaces = piece.count("\n"), len(piece)
    what = {0: "␣ space" if spaces == 1 else f"␣ {spaces} spaces", 1: "⏎ new line", 2: "⏎ paragraph"}
    return what.get(lines, f"⏎ {lines} new lines") + ("…" if goes_on else "")


def _stand_in(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if character in _BIDI_NAMES:
        return f"[{_BIDI_NAMES[character]}]"
    if character in "\u2028\u2029":
        return "\n"
    return "" if character == "\ufeff" else "\ufffd"


def _without_floods(text: str) -> str:
    kept, marks = [], 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MARKS_PER_BASE:
            kept.append(character)
    return "".join(kept)


def bar(share: float, cells: int) -> str:
    """A bar that fills `share` of `cells`, in eighths of a cell."""
    eighths = round(max(0.0, min(1.0, share)) * cells * 8)
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")
