"""Lines that begin a message in a chat that was saved as text, one form for each kind of program.

Knows one line at a time.
"""

import re
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass

from rnntui.lm.text.streams import LONGEST_LINE

LONGEST_HEAD = 300
LOOKED_AT = 300
"""Lines that are enough to know a form by."""
_LONGEST_NAME = 60
_LEAST_HEADS = 3
_LEAST_SHARE = 0.15
"""Of the lines that are not empty, so many begin a message."""

_HALF = r"(?:[AaPp]\.? ?[Mm]\b\.?|오전|오후|上午|下午|午前|午後|π\.?μ\.?|μ\.?μ\.?|[صم]\b|de la (?:mañana|tarde|noche))"
TIME = (
    rf"(?:{_HALF} ?)?\d{{1,2}}[:.]\d{{2}}(?:[:.]\d{{2}})?(?:[.,]\d{{1,6}})?(?: ?{_HALF})?(?: Uhr\b)?"
    r"(?:Z| ?[+-]\d\d:?\d\d)?"
)
DATE = (
    r"(?:\d{1,4}[./-] ?\d{1,2}[./-] ?\d{1,4}\.?|\d{1,2}[ -][^\W\d_]{3,9}\.?,?[ -]\d{2,4}"
    r"|[^\W\d_]{3,9}\.? \d{1,2}, \d{4}|\d{4}[年년] ?\d{1,2}[月월] ?\d{1,2}[日일]"
    r"|Today|Yesterday|Heute|Gestern|Hoy|Ayer|Hier)"
)
_STAMP = rf"(?:{DATE}(?:,|T| [^\W\d_]{{1,4}}| a las)?,? ?{TIME}|{TIME},? {DATE})"
_DATED = re.compile(rf"(?:\[ ?(?P<a>{_STAMP}) ?\]:?|(?P<b>{_STAMP}) [-–—]|(?P<c>{_STAMP})[:,]) +(?P<rest>.*)\Z")
_NAMED = re.compile(rf"(?P<name>[^\s:()<>][^:()<>]{{0,59}}) \((?P<a>{_STAMP})\): ?(?P<rest>.*)\Z")
_KAKAO = re.compile(rf"\[(?P<name>[^\[\]]{{1,60}})\] \[(?P<a>{TIME})\] (?P<rest>.*)\Z")
_ZOOM = re.compile(
    rf"(?P<a>{TIME})\s+From\s+(?P<name>\S[^:]{{0,59}}?)(?:\s+[tT]o\s+[^:]{{1,60}}?)?\s*:\s+(?P<rest>.*)\Z"
)
_TABBED = re.compile(rf"(?P<a>(?:{DATE} )?{TIME})\t(?P<name>[^\t]{{1,60}})\t(?P<rest>.*)\Z")
_DAY_ALONE = re.compile(
    rf"[-=\s]{{0,40}}(?:[^\W\d_]{{2,12}},? )?{DATE}[,.]?(?: ?\(?[^\W\d_]{{1,12}}\)?)?[-=\s]{{0,40}}\Z"
)
"""A line between the messages of two days."""
_OVER = re.compile(
    rf"(?:\[(?P<a>{_STAMP})\] (?P<x>[^:\[\]]{{1,80}}?)|(?P<y>[^:\[\]]{{1,80}}?) — (?P<b>{_STAMP}))(?: \(pinned\))?\Z"
)
"""A name and a time over the message, as saved from Discord."""
_IRC = re.compile(
    rf"(?:\[?(?P<a>(?:{DATE}[T ]?)?{TIME})\]?[ \t]+)?"
    r"(?:<[ @+%~&!]?(?P<nick>[^\s<>]{1,40})> ?|\* (?P<actor>[^\s*]{1,40}) )(?P<rest>.*)\Z"
)
_IRC_NOTICE = re.compile(
    rf"(?:\[?(?:{DATE}[T ]?)?{TIME}\]?[ \t]+)?(?:\*{{2,3}}|-!-|-->|<--|--|===|-\S{{1,40}}-)(?:\s|\Z)|"
    r"--- (?:Log|Day)|Session (?:Start|Close|Ident|Time)"
)
_WEECHAT = re.compile(rf"(?P<a>{DATE} {TIME})\t(?P<nick>[^\t]{{0,40}})\t(?P<rest>.*)\Z")
_JOINED = re.compile(r"(?:\([^()\s]*@[^()\s]*\) )?(?:has (?:joined|left|quit)|is now known as|sets mode|joined|quit)\b")
_MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_SPACES = re.compile("[\u00a0\u202f\u2009]")
_LEVELS = frozenset(
    {"info", "debug", "warn", "warning", "error", "fatal", "trace", "notice", "critical", "severe", "verbose", "log"}
)
_TECHNICAL = re.compile(r"[\[\]/\\={}|]|\w\.\w|\w::")


@dataclass(frozen=True, slots=True)
class Head:
    """The line that begins a message."""

    speaker: str
    """Empty for what the program says itself."""
    text: str
    stamp: str = ""
    is_notice: bool = False
    is_marked: bool = False
    """True where an invisible mark says that the program wrote the text."""


def text_lines(parts: Iterable[str]) -> Iterator[str | None]:
    """Lines without their newlines; what is longer than lines are is cut. None is a sign of life."""
    rest = ""
    for part in parts:
        yield None
        *lines, rest = (rest + part).split("\n")
        yield from lines
        while len(rest) > LONGEST_LINE:
            yield rest[:LONGEST_LINE]
            rest = rest[LONGEST_LINE:]
    if rest:
        yield rest


def opening_lines(lines: Iterator[str | None]) -> Generator[str, None, list[str]]:
    """The first lines of `text_lines`, enough to choose by; yields a sign of life for each that it gives."""
    opening: list[str] = []
    for line in lines:
        if line is None:
            yield ""
        else:
            opening.append(line)
        if len(opening) >= LOOKED_AT:
            break
    return opening


def plain_line(line: str) -> str:
    """Without marks of direction, and with one kind of spaces."""
    return line if line.isascii() else _SPACES.sub(" ", _MARKS.sub("", line))


# ---- how lines begin messages -----------------------------------------------------------------------------------


def _dated_head(line: str) -> Head | None:
    """A line such as "31.12.23, 22:15 - Name: text" and "[12/31/23, 10:15:33 PM] Name: text"."""
    plain = plain_line(line).lstrip()
    found = _DATED.match(plain[:LONGEST_HEAD]) if plain[:1] == "[" or plain[:1].isdigit() else None
    if not found:
        return None
    stamp, rest = found["a"] or found["b"] or found["c"], plain[found.start("rest") :]
    name, colon, text = rest.partition(": ")
    if not colon and rest.endswith(":"):
        name, colon = rest[:-1], ":"
    if not colon or len(name) > _LONGEST_NAME or any(sign in name for sign in '"“”«»<>'):
        return Head("", rest, stamp, is_notice=True)
    is_notice = ": \u200e" in line[:LONGEST_HEAD] and len(text) < LONGEST_HEAD
    return Head(name.strip().removeprefix("~").strip(), text, stamp, is_marked=is_notice)


def _named_head(line: str) -> Head | None:
    """A line such as "Name (2023-12-31 22:15): text", or as KakaoTalk, LINE and Zoom write it."""
    plain = plain_line(line)
    start = plain[:LONGEST_HEAD]
    found = _NAMED.match(start) or _KAKAO.match(start) or _ZOOM.match(start) or _TABBED.match(start)
    if found:
        return Head(found["name"].strip(), plain[found.start("rest") :], found["a"])
    return Head("", plain, is_notice=True) if _DAY_ALONE.match(start) else None


def _over_head(line: str) -> Head | None:
    """A line such as "[31-Dec-23 10:15 PM] Name" with the message below."""
    found = _OVER.match(plain_line(line)) if len(line) < LONGEST_HEAD else None
    return Head((found["x"] or found["y"]).strip(), "", found["a"] or found["b"]) if found else None


def _irc_head(line: str) -> Head | None:
    """A line such as "[12:00] <nick> text" and its relatives; every line is a message of its own."""
    plain = plain_line(line)
    start = plain[:LONGEST_HEAD]
    if found := _WEECHAT.match(start):
        nick = found["nick"].strip().lstrip("@+%~&")
        is_action = nick == "*"
        if nick in {"", "--", "-->", "<--", "=!="}:
            return Head("", found["rest"], found["a"], is_notice=True)
        rest = plain[found.start("rest") :]
        return (
            _action(rest.partition(" ")[0], rest.partition(" ")[2], found["a"])
            if is_action
            else Head(nick, rest, found["a"])
        )
    if _IRC_NOTICE.match(start):
        return Head("", plain, is_notice=True)
    found = _IRC.match(start)
    if not found:
        return None
    rest = plain[found.start("rest") :]
    if found["actor"]:
        return _action(found["actor"], rest, found["a"] or "")
    return Head(found["nick"], rest, found["a"] or "")


def _action(nick: str, text: str, stamp: str) -> Head:
    if _JOINED.match(text):
        return Head("", f"{nick} {text}", stamp, is_notice=True)
    return Head(nick, f"*{text.strip()}*", stamp)


@dataclass(frozen=True, slots=True)
class LogForm:
    """One way to save a chat as lines."""

    name: str
    head: Callable[[str], Head | None]
    goes_on: bool = True
    """True where a message may have several lines."""


LOG_FORMS = (
    LogForm("an IRC log", _irc_head, goes_on=False),
    LogForm("a WhatsApp chat", _dated_head),
    LogForm("a Discord chat", _over_head),
    LogForm("a chat", _named_head),
)


def find_log_form(text: str) -> LogForm | None:
    """The way in which a chat was saved; None for a text that is none.

    Args:
        text: Its opening, maybe cut anywhere.
    """
    lines = [line for line in text.split("\n") if line.strip()][:LOOKED_AT]
    for form in LOG_FORMS:
        heads = [head for line in lines if (head := form.head(line)) is not None]
        spoken = [head for head in heads if head.speaker]
        if any(not head.stamp for head in spoken) and "</" in text:  # tags, not names
            continue
        enough = max(1 if len(lines) < _LEAST_HEADS else _LEAST_HEADS, _LEAST_SHARE * len(lines))
        if len(heads) >= enough and len(spoken) >= max(1, 0.3 * len(heads)) and not _is_technical(spoken):
            return form
    return None


def _is_technical(heads: list[Head]) -> bool:
    """True for the log of a program, in which names are those of its parts."""
    technical = sum(head.speaker.lower() in _LEVELS or bool(_TECHNICAL.search(head.speaker)) for head in heads)
    return technical > 0.2 * len(heads)
