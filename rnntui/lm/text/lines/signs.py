"""What the lines of a passage show of themselves: widths, how they begin and end, marks of items and speakers.

Widths are in cells of a terminal, so that a line of 35 Chinese characters is as wide as one of 70 Latin letters.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from rnntui.lm.text.streams import UNSPACED

LOWER, UPPER, CASELESS, OTHER = range(4)
"""How a line begins: with a small letter, a capital, a letter of a script without case, or something else."""
INSIDE, PAUSE, SENTENCE = range(3)
"""How a line ends: with no mark, with a comma or the like, with the end of a sentence."""

_OPENING = " \t\u3000\"'`\u2018\u201c\u201e\u201a\u00ab\u2039([{_*\u2014\u2013\u00a1\u00bf\u300c\u300e\uff08\u300a"
_CLOSING = "\"'\u2019\u201d\u00bb\u203a)]}_*\u300d\u300f\uff09\u300b"
_ENDS = frozenset(".!?\u2026\u3002\uff01\uff1f\uff0e\u0964\u061f\u06d4\u1362\u0589\u17d4\u104b")
_PAUSES = frozenset(",;:\u2014\u2013\u3001\uff0c\uff1b\uff1a\u060c\u061b\u104a")
_WIDE = re.compile(r"[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff60\uffe0-\uffe6]")
_HAN = re.compile(r"[\u3001-\u30ff\u3400-\u9fff\uf900-\ufaff\uff01-\uff60]")
_MARKS = re.compile(r"[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u109f\u1780-\u17ff\u0e00-\u0eff]")
_UNMEASURED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_UNMEASURED_WORD = 8
"""Cells of a word of a script without spaces whose words have several letters: Thai, Lao, Burmese, Khmer."""

_BULLET = re.compile(r"(?:[-*+\u2022\u2023\u25e6\u25aa\u25cf\u00b7]|\[[ xX]\])[ \t]+\S")
_DASH = re.compile(r"(?:--|[-\u2013\u2014\u2015]) ?\S")
_NUMBER = re.compile(r"(?:\(?\d{1,3}[.):]|\(?[a-zA-Z]\)|[ivxIVX]{1,5}[.)]|\d{1,3}\u3001)(?:[ \t]+\S|(?<=\u3001)\S)")
_TIME = re.compile(
    r"[\[(<]?(?:\d{4}[-/.]\d\d?[-/.]\d\d?|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}|\d{1,2}:\d\d"
    r"|(?:[A-Z][a-z]{2} )?[A-Z][a-z]{2} +\d{1,2} \d\d:\d\d)"
)
_NAME_AFTER_TIME = re.compile(
    r"[\[(<]?[\d/.:, -]{4,24}(?: ?[AaPp]\.?[Mm]\.?)?[\])>]?,?[ \t]*(?:[-\u2013|][ \t]*)?"
    r"(?:<[^>\s]{1,30}>|[^\W\d_][^:\n]{0,40}:(?!//))"
)
_NICK = re.compile(r"<[^\s<>]{1,30}> |\* ?\w{1,20} (?:has |is )")
_LEVEL = re.compile(r"[\[<]?(?:INFO|WARN(?:ING)?|ERROR|DEBUG|TRACE|FATAL|CRITICAL|NOTICE)\b")
_LEVEL_STARTS = frozenset("[<IWEDTFCN")
_COLON = re.compile(r"([^\W\d_][\w'\u2019.-]*(?: [\w'\u2019.()-]+){0,3}) ?[:\uff1a](?!//)(?=\s|[^\x00-\x7f]|$)")
_CAPITALS = re.compile(r"([^\W\d_][^\W\d_'\u2019 -]*[^\W\d_](?:[ .'\u2019-]+[^\W\d_]+){0,3})\.(?:[ \t]+\S|$)")
_TAG = re.compile(
    r"[\[(](?:verse|chorus|bridge|refrain|intro|outro|hook|pre-?chorus|strophe|couplet|interlude)\b", re.I
)
_LEADERS = re.compile(r"(?:\.[ .]{3,}|\u2026{2,}|\s{3,})[\divxlc]+\Z|\s\d{1,4}\Z")
_DOTS = "....."
_GAP = re.compile(r"[^\s.!?:;\"'\u2019\u201d\u2014)_*\]]\s{2,}\S|\S\s{3,}\S")
_PAGE_ENDS = frozenset("0123456789ivxlcIVXLC")
_CODE_SIGNS = "{}()=;<>[]:#/@*"
_CODE_START = re.compile(
    r"(?:def|class|import|from|return|elif|else|try|except|finally|with|async|await|public|private|protected|static"
    r"|const|let|var|function|fn|use|pub|struct|enum|impl|package|func|void|int|char|float|double|bool|namespace"
    r"|template|typedef|export|begin|echo|then|fi|done|esac|SELECT|FROM|WHERE|INSERT|CREATE|UPDATE|GROUP BY|ORDER BY)\b"
    r".*[(){}=;:,*\[\]<>.]|#include|//|/\*|\*/|</?[a-z]\w*|[{}\])]+[;,]?\Z|@\w+(?:\(|\Z)|#!|(?:if|for|while|switch)\b.*[:{(]"
)
_CODE_BODY = re.compile(
    r"\w\(.*\)[;:,{]?\Z|[\w\])] ?(?:[-+*/|&]?=|:=|==|!=|<=|>=|->|=>|&&|\|\|) ?\S|[\w)\]}][;{]\Z(?<=[)\]}\d\"'][;{])"
    r"|\A\"[\w-]+\": ?\S|\w\.\w+\(|\A(?:(?:break|continue|pass);?|(?:return|import|use|package) [\w.:]+;?)\Z"
)

BULLET, NUMBER, TIME, NICK, SPEAKER, TAG, DASH = "bullet", "number", "time", "nick", "speaker", "tag", "dash"


class Line(NamedTuple):  # made for every line that is looked at: three times as fast as a frozen dataclass
    """One line of a passage."""

    text: str
    """Without space at its end."""
    indent: int
    """Cells before its first character."""
    cells: int
    first_word: int
    """Cells of its first word, which the line before had no room for if it was wrapped."""
    start: int
    end: int
    mark: str = ""
    """Which mark of an item, a message or a speech it begins with."""


def cells_of(text: str) -> int:
    """How wide a text is, in cells."""
    if text.isascii() or len(text.encode("cp1252", "ignore")) == len(text):  # the fastest look there is
        return len(text)
    width = len(text) + len(_WIDE.findall(text))
    return width - sum(unicodedata.category(sign) == "Mn" for sign in _MARKS.findall(text))


def line_of(text: str) -> Line:
    """Look at one line; its first cells suffice where it is very long."""
    text = text.rstrip()
    body = text.lstrip()
    indent = cells_of(text[: len(text) - len(body)])
    inside = body[:40].lstrip(_OPENING)[:1]
    last = text[-40:].rstrip(_CLOSING)[-1:]
    start = LOWER if inside.islower() else UPPER if inside.isupper() else CASELESS if inside.isalpha() else OTHER
    end = SENTENCE if last in _ENDS else PAUSE if last in _PAUSES else INSIDE
    return Line(text, indent, cells_of(text[:2000]), _first_word(body), start, end, _mark(body))


def in_squares(line: Line) -> Line:
    """The same line measured in characters, each two cells wide, as on squared paper; broken after any of them."""
    body = line.text.lstrip()
    indent = 2 * (len(line.text) - len(body))
    return line._replace(indent=indent, cells=2 * len(line.text[:2000]), first_word=2, start=CASELESS)


def are_squared(passages: Sequence[Sequence[Line]]) -> bool:
    """Whether lines of Chinese or Japanese were cut after so many characters, and not cells.

    Lines without Latin letters say nothing: they have as many of both.
    """
    full = [line for passage in passages for line in passage[:-1]]
    if 2 * sum(len(_HAN.findall(line.text)) for line in full) < sum(len(line.text) for line in full):
        return False
    mixed = [line for line in full if 2 * len(line.text) != line.cells]
    [(_, squares)] = Counter(len(line.text) for line in mixed).most_common(1) or [(0, 0)]
    [(_, cells)] = Counter(line.cells for line in mixed).most_common(1) or [(0, 0)]
    return squares > max(1, 1.5 * cells) and squares > 0.4 * len(mixed)


def is_code(text: str) -> bool:
    """Whether one line is spelled as programs are."""
    body = text.strip()[:300]
    return bool(_CODE_START.match(body) or _CODE_BODY.search(body))


def code_share(lines: Sequence[Line], *, is_likely: bool = False) -> float:
    """Share of lines that are spelled as programs are; 0 where too few signs of programs stand in them."""
    block = "" if is_likely else "\n".join([line.text[:300] for line in lines])
    if block and sum(map(block.count, _CODE_SIGNS)) < 0.5 * len(lines):
        return 0.0
    return sum(is_code(line.text) for line in lines) / len(lines)


def has_columns(lines: Sequence[Line]) -> bool:
    """Whether lines stand in columns: tabs, bars, commas without spaces, or gaps in most of them."""
    texts = [line.text.strip() for line in lines]
    block = "\n".join(texts)
    if not (
        "\t" in block or "  " in block or "|" in block or _DOTS in block or (len(texts) > 3 and ", " not in texts[1])
    ):
        return False
    most = 0.7 * len(texts)
    if block.count(_DOTS) >= most and sum(_DOTS in text for text in texts) >= most:
        return True
    if sum("\t" in text or text.count("|") > 1 for text in texts) >= most:
        return True
    if len(texts) > 3 and ", " not in texts[1]:
        inner = [text[:-1] for text in texts]
        [(commas, times)] = Counter(max(text.count(","), text.count(";")) for text in inner).most_common(1)
        if commas and times >= 0.9 * len(texts) and not any(", " in text for text in texts[:20]):
            return True
    if len(texts) < 3 or sum("  " in text for text in texts) < most:
        return False
    return sum(bool(_GAP.search(text[:400])) for text in texts) >= most


def is_contents(lines: Sequence[Line]) -> bool:
    """Whether most lines end with the number of a page."""
    if len(lines) < 3 or (lines[0].text[-1:] not in _PAGE_ENDS and lines[1].text[-1:] not in _PAGE_ENDS):
        return False
    return sum(bool(_LEADERS.search(line.text[-60:])) for line in lines) >= 0.7 * len(lines)


def is_log(text: str) -> bool:
    """Whether a line begins with the level of a log."""
    return text[:1] in _LEVEL_STARTS and bool(_LEVEL.match(text))


def names_speaker(text: str) -> bool:
    """Whether who speaks stands after the time at the beginning of a line."""
    return bool(_NAME_AFTER_TIME.match(text))


def shares_of_words(lines: Sequence[str]) -> tuple[float, float]:
    """Shares of the words inside lines that begin with a capital, and that have a mark after them.

    In English one word in ten begins with a capital and one in six has a mark; in German one in three is a noun.
    """
    inside = [line[:300].split()[1:] for line in lines]
    letters = [word[0] for words in inside for word in words if word[0].isalpha()]
    if not letters:
        return 0.0, 0.0
    marked = sum(word[-1] in _ENDS or word[-1] in _PAUSES for words in inside for word in words[:-1])
    return sum(letter.isupper() for letter in letters) / len(letters), marked / len(letters)


def _first_word(body: str) -> int:
    if UNSPACED.match(body):
        return _UNMEASURED_WORD if _UNMEASURED.match(body) else 2
    return cells_of(body[:80].split(" ", 1)[0])


def _mark(body: str) -> str:
    first = body[:1]
    if first.isdigit() or first in "-*+\u2022\u2023\u25e6\u25aa\u25cf\u2013\u2014\u00b7[(<":
        for name, pattern in (
            (BULLET, _BULLET),
            (TIME, _TIME),
            (NUMBER, _NUMBER),
            (NICK, _NICK),
            (TAG, _TAG),
            (DASH, _DASH),
        ):
            if pattern.match(body):
                return name
        return ""
    if not first.isalpha() or first.islower():
        return NUMBER if _NUMBER.match(body) else ""
    if (found := _COLON.match(body[:80])) and len(found[1]) <= 32:
        return SPEAKER
    if (found := _CAPITALS.match(body[:80])) and found[1].isupper():
        return SPEAKER
    if first in "ABCDIVX" and _NUMBER.match(body):
        return NUMBER
    return TIME if _TIME.match(body) else ""
