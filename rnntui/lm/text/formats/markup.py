"""Markup -> its words and its tags, in one pass whose time grows with the length and with nothing else.

Python's own `html.parser` looks at unfinished markup again and again: 180 kB of `<a b='` took it 232 seconds. Here a
tag ends at the next ">" or is no tag; attributes are only looked at when somebody asks. No entity of a document's own
is known, so none is expanded. Knows nothing of files.
"""

import html
import itertools
import re
import string
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from rnntui.lm.text.streams import together

_LONGEST_TAG = 1 << 16
_LONGEST_ENTITY = 34
_PART = 1 << 14
_LONGEST_GAP = 1 << 10
"""White space between two words; of more, the rest is left out."""
_RAW = frozenset({"script", "style", "textarea", "title"})
"""What stands in these is no markup, up to their end."""
_HIDDEN = _RAW | {"head", "template", "noscript", "svg", "math", "nav", "iframe", "select"}
_APART = frozenset(
    {"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "pre", "hr", "table", "figure", "body"}
    | {"blockquote", "section", "article", "header", "footer"}
)
_LINES = frozenset({"br", "li", "tr", "dt", "dd"})
_SMALL_LETTERS = {ord(letter): letter.lower() for letter in string.ascii_uppercase}
_LONG_NUMBER = re.compile("&#(?:[0-9]{20,}|[xX][0-9a-fA-F]{20,});?")
_NAME = re.compile(r"/?[A-Za-z][\w:.-]{0,60}")
_ATTRIBUTE = re.compile(r"""([\w:.-]{1,60})\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)')""")


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag as it stands there."""

    name: str
    """In small letters, without the prefix of a name space."""
    is_end: bool
    inside: str
    """What follows the name, unread."""

    @property
    def is_alone(self) -> bool:
        """True for a tag that is its own end: <br/>."""
        return self.inside.endswith("/")

    def attributes(self) -> dict[str, str]:
        """Attributes by name; values that are not in quotes are left out."""
        return {found[1]: _unescape(found[2] or found[3] or "") for found in _ATTRIBUTE.finditer(self.inside)}


def pieces(parts: Iterable[str], raw: Collection[str] = _RAW) -> Iterator[str | Tag]:
    """Text and tags in order; where the parts end makes no difference to the tags. An empty text after each part.

    Args:
        parts: The markup.
        raw: Tags in which everything is text up to their end; XML has none.
    """
    rest, until = "", ""  # until: what ends a comment or raw text that goes on
    for part in itertools.chain(_small(parts), (None,)):
        yield ""
        text, at, small = rest + (part or ""), 0, ""
        while at < len(text):
            if until:
                small = small or _small_letters(text)
                end = small.find(until, at)
                if end < 0:
                    at = max(at, len(text) - len(until) + 1) if part is not None else len(text)
                    break
                at = end if until[0] == "<" else end + len(until)
                until = ""
            start = text.find("<", at)
            if start != at:
                stop = _text_end(text, at, start, is_last=part is None)
                if stop > at:
                    yield _unescape(text[at:stop])
                at = stop
                if start < 0:
                    break
                continue
            if text.startswith("<!--", at):
                at, until = at + 4, "-->"
                continue
            following = text.find("<", at + 1)
            end = text.find(">", at, following if following >= 0 else len(text))
            if end < 0 and following < 0 and part is not None and len(text) - at < _LONGEST_TAG:
                break
            name = _NAME.match(text, at + 1, end) if end >= 0 else None
            if name is None:
                is_other = end >= 0 and text[at + 1 : at + 2] in {"!", "?"}
                if not is_other:
                    yield "<"
                at = end + 1 if is_other else at + 1
                continue
            tag = Tag(name[0].lstrip("/").rpartition(":")[2].lower(), name[0][0] == "/", text[name.end() : end])
            yield tag
            at = end + 1
            if tag.name in raw and not tag.is_end and not tag.inside.endswith("/"):
                until = f"</{tag.name}"
        rest = text[at:]


def _small_letters(text: str) -> str:
    """ASCII letters as small ones: all else keeps its place, while "İ" has two small letters."""
    return text.translate(_SMALL_LETTERS)


def _unescape(text: str) -> str:
    """References such as "&amp;" as what they stand for; no number of a character has so many digits as some here."""
    return html.unescape(_LONG_NUMBER.sub("\ufffd", text) if "&#" in text else text)


def _small(parts: Iterable[str]) -> Iterator[str]:
    """Parts that are cheap to search through once more."""
    for part in parts:
        yield from (part[start : start + _PART] for start in range(0, len(part), _PART))


def _text_end(text: str, at: int, tag: int, *, is_last: bool) -> int:
    """Where text can be given on to: up to the next tag, but not into a reference such as "&amp;" that goes on."""
    if tag >= 0:
        return tag
    begun = text.rfind("&", max(at, len(text) - _LONGEST_ENTITY))
    return len(text) if is_last or begun < 0 or ";" in text[begun:] else begun


def shown(parts: Iterable[str]) -> Iterator[str]:
    """The words of one page with the line breaks that its tags make; what a reader does not see is left out."""
    hidden, depth, is_kept = "", 0, 0
    for piece in pieces(parts):
        if isinstance(piece, str):
            if not hidden or not piece:
                yield piece if is_kept else re.sub(r"\s+", " ", piece)
            continue
        if hidden:
            is_self_closing = piece.inside.endswith("/")
            depth += (piece.name == hidden and not is_self_closing) * (-1 if piece.is_end else 1)
            if depth <= 0 or piece.name == "body":
                hidden, depth = "", 0
        elif piece.name in _HIDDEN and not piece.is_end and not piece.inside.endswith("/"):
            hidden, depth = piece.name, 1
        if piece.name == "pre":
            is_kept = max(0, is_kept + (-1 if piece.is_end else 1))
        if piece.name in _APART:
            yield "\n\n"
        elif piece.name in _LINES:
            yield "\n"


def squeeze_blanks(parts: Iterable[str]) -> Iterator[str]:
    """No spaces at line ends and starts, and no more than one empty line, across the ends of parts too."""
    rest = ""
    for group in together(parts):
        first, *others = re.sub(r" {2,}", " ", rest + group).split("\n")
        if others:  # line by line: an expression would look at a long gap again from each of its places
            inner = (line.strip(" \t") for line in others[:-1])
            first = "\n".join((first.rstrip(" \t"), *inner, others[-1].lstrip(" \t")))
        text = re.sub(r"\n{3,}", "\n\n", first)
        kept = text.rstrip(" \t\n")
        rest = text[len(kept) :][:_LONGEST_GAP]
        yield kept
    if rest.endswith("\n"):
        yield rest.strip(" \t")
