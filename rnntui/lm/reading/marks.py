"""Quotes, apostrophes, dashes, dots and full-width marks in the form that a text has, whatever a keyboard writes.

Which form that is says how often the text has each; a mark that it hardly has is read as the one that stands in its
place there. Whether a quote opens or closes is told by its neighbours, as in `rnntui.lm.text.typography`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rnntui.lm.reading.usage import TextUsage
from rnntui.lm.text.typography import is_elided, typographic

_HARDLY = 0.01
"""What is so much rarer than the form in its place was a slip: nobody writes it so in this text."""
_SPACED_AT_LEAST, _CLOSED_AT_MOST = 0.2, 0.02
"""Shares of dashes with a space before them, from which on all have one, and below which none has."""
_DASH_TO_HYPHENS = 0.02
"""A dash that is rarer beside hyphens is not the form of a text but a stranger in it."""
_DOUBLE_STYLES = (
    ('"', '"'),
    ("\u201c", "\u201d"),
    ("\u201e", "\u201c"),  # German
    ("\u201e", "\u201d"),  # Polish, Hungarian
    ("\u00ab", "\u00bb"),
    ("\u300c", "\u300d"),
)
_REVERSED = (("\u00bb", "\u00ab"), ("\u201d", "\u201d"))  # Danish, Swedish
_SINGLE_STYLES = (("'", "'"), ("\u2018", "\u2019"), ("\u201a", "\u2018"), ("\u2039", "\u203a"))
_DOUBLE = re.compile('["\u201c\u201d\u201e\u201f\u00ab\u00bb\u300c\u300d\u300e\u300f\u2033]')
_SINGLE = re.compile("['\u2018\u2019\u201a\u201b\u2039\u203a`\u00b4\u2032\u02bc]")
_GUILLEMETS = "\u00ab\u00bb"
_ENDS = ".,;:!?\u2026"
_OPENS = frozenset("\u201e\u00ab\u300c\u300e")
_CLOSES = frozenset("\u00bb\u300d\u300f")
_SINGLE_OPENS = frozenset("\u201a\u2039`")
_RARE_SINGLE = "`\u00b4\u2032\u02bc\u201b"
_OPENS_AFTER = frozenset("([{<\u201c\u2018\u201e\u201a\u00ab\u300c\uff08")
_DASHES = "\u2014\u2013\u2015"
_GAPS = " \u00a0\u202f"
_DASH = re.compile(
    rf"(?P<digits>(?<=\d)[{_DASHES}](?=\d))"
    rf"|(?P<before>[{_GAPS}]?)(?P<dash>(?<!-)-{{2,4}}(?!-)|[{_DASHES}]+|(?<=[^\S\n])-(?=[^\S\n]))(?P<after>[{_GAPS}]?)"
)
_SPACED_DOTS = re.compile(r"(?<!\.)\. \. \.(?! ?\.)")
_DOTS = re.compile(r"(?<!\.)\.{3}(?=\.?(?!\.))")
_WIDE = {",": "\uff0c", ".": "\u3002", "!": "\uff01", "?": "\uff1f", ":": "\uff1a", ";": "\uff1b"}
_WIDE_ROUND = {"(": "\uff08", ")": "\uff09"}
_ENUMERATION = "\u3001"
_NARROW = {wide: plain for plain, wide in (*_WIDE.items(), *_WIDE_ROUND.items())} | {_ENUMERATION: ","}
_WIDE_SIGNS = re.compile(r"[,.!?:;()]")
_UNSPACED = re.compile(
    "[\u2e80-\u2fff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff60\u3001-\u3003]"
)
"""Characters of scripts that have full-width marks, and these marks."""
_NAMED = (
    '"', "\u201e", "\u201c", "\u201d", "\u00ab", "\u00bb", "\u300c", "\u300d", "'", "\u201a", "\u2018", "\u2019",
    "\u2039", "\u203a", "\u2014", "\u2013", "--", "-", "\u2026", "...", *_WIDE.values(), *_WIDE_ROUND.values(),
    _ENUMERATION, ",", ".", "!", "?", ":", ";", "(", ")",
)  # fmt: skip
"""All forms of marks, in the order in which they are named to a person."""
_ONE_SIGN = {"...": "\x01", "--": "\x02"}
"""What stands for marks of several signs while they are counted."""

Style = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Quotes:
    """Quotes of a text, double or single ones."""

    style: Style | None
    """What most open and close with; None where the text has none."""
    openers: frozenset[str]
    """What opens one there, the rarer styles included."""
    closers: frozenset[str]


class Marks:
    """The forms that the marks of a text have, and the way of other text into them.

    Args:
        usage: Of the text.
        is_typographic: Whether it was given typographic marks before it was learned.
    """

    def __init__(self, usage: TextUsage, is_typographic: bool = False) -> None:
        self._usage = usage
        self._is_typographic = is_typographic
        self._double = _quotes_of(_double_scores(usage))
        self._single = _quotes_of(_scores(usage, _SINGLE_STYLES))
        apostrophe = max("'\u2019", key=usage.of)
        self._apostrophe = apostrophe if usage.of(apostrophe) else ""
        self._apostrophes = {mark for mark in "'\u2019" if self._is_used(mark, usage.of(self._apostrophe))}
        self._gap = _gap_in_quotes(usage)
        self._dash, self._is_dash_spaced = ("", None) if is_typographic else _dash_of(usage)
        self._dots = "" if is_typographic else _dots_of(usage)
        self._wide = {
            plain: wide for plain, wide in _wide_marks(usage).items() if not self._is_used(plain, usage.of(wide))
        }
        self._narrow = {
            wide: plain
            for wide, plain in _NARROW.items()
            if usage.of(plain) and not self._is_used(wide, usage.of(plain))
        }

    def turned(self, text: str, before: str = "") -> str:
        """A text with the marks of this one; what has them already stays as it is.

        Args:
            text: Any.
            before: What it will stand after; of it only the last character matters.
        """
        last = before[-1:]
        form = self._turned(last + text)
        return form[len(last) :] if form.startswith(last) else self._turned(text)

    def _turned(self, text: str) -> str:
        if self._is_typographic:
            text = typographic(text)
        if "." in text or "\u2026" in text:
            text = self._turn_dots(text)
        if self._dash and any(dash in text for dash in ("-", *_DASHES)):
            text = _DASH.sub(self._turn_dash, text)
        if self._wide and _UNSPACED.search(text):
            text = _WIDE_SIGNS.sub(self._widen, text)
        if self._double.style and _DOUBLE.search(text):
            text = "".join(self._turn_quotes(text, self._double.style))
        if _SINGLE.search(text):
            text = self._turn_singles(text)
        return "".join(self._narrow.get(mark, mark) for mark in text) if self._narrow and not text.isascii() else text

    def _is_used(self, mark: str, beside: float) -> bool:
        return self._usage.of(mark) > _HARDLY * beside

    # ---- dots and dashes

    def _turn_dots(self, text: str) -> str:
        if self._dots == "...":
            return text.replace("\u2026", "...")
        return _DOTS.sub(self._dots, _SPACED_DOTS.sub(self._dots, text)) if self._dots else text

    def _turn_dash(self, found: re.Match[str]) -> str:
        usage, text = self._usage, found.string
        if found["digits"]:
            return found[0] if self._is_used(found[0], usage.of("-")) else "-"
        before, dash, after = found["before"], found["dash"], found["after"]
        if dash == "-":
            if usage.spaced("-") > _HARDLY * usage.of(self._dash[0]) or self._dash == "-":
                return found[0]
            if text[: found.start("dash")].rstrip(_GAPS)[-1:].isdigit() and text[found.end() :][:1].isdigit():
                return found[0]
        is_form = dash.strip(self._dash) == ""
        if not is_form and self._stands_too(dash):
            return found[0]
        fresh = self._dash * (len(dash) if dash[0] != "-" else 1 + (len(dash) == 4)) if self._dash != "--" else "--"
        fresh = dash if is_form else fresh
        return self._space_dash(found, before, fresh, after)

    def _stands_too(self, dash: str) -> bool:
        """Whether the text has a dash too that is not its usual one."""
        share = self._usage.of(self._dash[0])
        if dash[0] != "-":
            return self._is_used(dash[0], share)
        return self._usage.doubled("-") + self._usage.doubled("-", " ") > _HARDLY * share

    def _space_dash(self, found: re.Match[str], before: str, dash: str, after: str) -> str:
        """A dash between two words with the spaces that such have in the text; at an end of a line it keeps its own."""
        text = found.string
        left, right = text[: found.start()][-1:], text[found.end() :][:1]
        is_between = bool(left.strip()) and bool(right.strip())
        if dash == "-":
            return f" {dash} " if is_between else before + dash + after
        is_as_written = dash == found["dash"] and bool(self._is_dash_spaced)
        if not is_between or self._is_dash_spaced is None or is_as_written or (len(dash) > 1 and dash != "--"):
            return before + dash + after
        if not self._is_dash_spaced:
            return dash if (before and after) or not (before or after) else before + dash + after
        is_speech = not left.isalnum() and left not in ",.;:!?\u2026)\u201d\u2019\u00bb"
        return before + dash + after if is_speech else f" {dash} "

    # ---- quotes

    def _turn_quotes(self, text: str, style: Style) -> Iterator[str]:
        """The parts of a text in which its double quotes are those of the text that was learned."""
        at, depth = 0, 0
        for found in _DOUBLE.finditer(text):
            if found.start() < at:
                continue
            mark, start, end = found[0], found.start(), found.end()
            is_opener, is_closer = mark in self._double.openers, mark in self._double.closers
            is_either = mark in _GUILLEMETS and style != _REVERSED[0]  # of two ways to use them
            clear = None if is_either else _clear_place(text, start, end)
            is_own = is_opener != is_closer and not is_either
            opens = clear if clear is not None else is_opener if is_own else _opens(text, start, end, depth)
            depth = depth + 1 if opens else max(0, depth - 1)
            stays = is_opener if opens else is_closer
            fresh, gap = mark if stays else style[not opens], self._gap if style == ("\u00ab", "\u00bb") else None
            is_french = mark in _GUILLEMETS and (fresh != mark or gap is not None)
            if opens and is_french and text[end : end + 1] in _GAPS:
                end += len(text[end : end + 1])
            lead = text[at:start]
            if not opens and is_french and len(lead.rstrip(_GAPS)) == len(lead) - 1:
                lead = lead[:-1]
            if fresh == "\u00ab" and gap and opens and text[end : end + 1].strip():
                fresh += gap
            if fresh == "\u00bb" and gap and not opens and (lead[-1:].strip() or (not lead and start)):
                fresh = gap + fresh
            yield lead + fresh
            at = end
        yield text[at:]

    def _turn_singles(self, text: str) -> str:
        depth = 0

        def turn(found: re.Match[str]) -> str:
            nonlocal depth
            mark, start, end = found[0], found.start(), found.end()
            before, after = text[max(0, start - 1) : start], text[end : end + 1]
            is_inside = before.isalnum() and after.isalnum()
            if mark in _RARE_SINGLE and self._is_used(mark, self._usage.of(self._apostrophe)):
                return mark
            if mark == "\u2019" and mark in self._apostrophes:
                depth -= depth > 0 and not is_inside
                return mark
            opens = not before.isalnum() and (mark in _SINGLE_OPENS or _stands_open(before, after))
            if opens and not is_inside and not is_elided(text, end):
                depth += 1
                return self._single_form(mark, 0)
            if not is_inside and depth:
                depth -= 1
                return self._single_form(mark, 1)
            return mark if mark in self._apostrophes or not self._apostrophe else self._apostrophe

        return _SINGLE.sub(turn, text)

    def _single_form(self, mark: str, closes: int) -> str:
        style = self._single.style
        if mark in (self._single.closers if closes else self._single.openers):
            return mark
        if style and not (style == ("'", "'") and self._apostrophe == "\u2019"):
            return style[closes]
        if self._usage.of(mark) and mark in self._apostrophes:
            return mark
        return self._apostrophe or mark

    # ---- full-width marks

    def _widen(self, found: re.Match[str]) -> str:
        mark, text = found[0], found.string
        beside = text[found.end() :][:1] if mark == "(" else text[: found.start()].rstrip('"\u201d\u300d\u2019')[-1:]
        is_dots = mark == "." and "." in (text[found.end() :][:1], text[: found.start()][-1:])
        return self._wide.get(mark, mark) if _UNSPACED.match(beside) and not is_dots else mark


def turned_marks(written: str, read: str) -> tuple[str, ...]:
    """The forms of marks that a text has got, in the order in which they are named."""
    before, after = (text.replace("...", _ONE_SIGN["..."]).replace("--", _ONE_SIGN["--"]) for text in (written, read))
    signs = {mark: _ONE_SIGN.get(mark, mark) for mark in _NAMED}
    gained = {mark for mark, sign in signs.items() if after.count(sign) > before.count(sign)}
    for pair in _DOUBLE_STYLES[1:]:  # of two that belong together both are named
        gained |= {mark for mark in pair if gained.intersection(pair) and pair[0] in read and pair[1] in read}
    if not gained and read != written:  # only their spaces are others
        gained = {mark for mark in "\u2014\u2013\u00ab\u00bb" if mark in read}
    return tuple(mark for mark in _NAMED if mark in gained)


def _opens(text: str, start: int, end: int, depth: int) -> bool:
    """Whether a double quote opens, by its neighbours; where they do not say, by itself."""
    mark, before, after = text[start:end], text[max(0, start - 1) : start], text[end : end + 1]
    if mark == "\u00bb":
        return not depth and after.isalnum() and not before.isalnum()
    if mark == "\u00ab":
        return not (depth and before.strip() and not after.isalnum())
    if mark in _OPENS or mark in _CLOSES:
        return mark in _OPENS
    if _stands_open(before, after):
        return True
    if depth or not after.isalnum():
        return False
    return not before.isalnum() or bool(_UNSPACED.match(before) and _UNSPACED.match(after))


def _clear_place(text: str, start: int, end: int) -> bool | None:
    """Whether a quote opens, where nobody can doubt it; None where one can."""
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    if (not before or before.isspace() or before in "([{\u2014\u2013") and after.isalnum():
        return True
    if (before.isalnum() or before in _ENDS) and before and (not after or after.isspace() or after in ".,;:!?\u2026)"):
        return False
    return None


def _stands_open(before: str, after: str) -> bool:
    if not before or before.isspace() or before in _OPENS_AFTER:
        return bool(after) and not after.isspace()
    return before in "\u2014\u2013-'\u2019\"" and after.isalnum()


def _scores(usage: TextUsage, styles: tuple[Style, ...]) -> dict[Style, float]:
    """How much of a text's quotes are in each style: a pair is as frequent as the rarer one of it."""
    return {style: min(map(usage.of, style)) for style in styles}


def _double_scores(usage: TextUsage) -> dict[Style, float]:
    scores = _scores(usage, _DOUBLE_STYLES)
    guillemets = _DOUBLE_STYLES[4]
    if scores[guillemets] and usage.before_word("\u00bb") > 2 * usage.before_word("\u00ab"):
        scores[_REVERSED[0]] = scores.pop(guillemets)
    if usage.of("\u201d") > 20 * max(usage.of("\u201c"), usage.of("\u201e")):
        scores[_REVERSED[1]] = usage.of("\u201d")
    return scores


def _quotes_of(scores: dict[Style, float]) -> _Quotes:
    best = max(scores, key=lambda style: scores[style])
    if not scores[best]:
        return _Quotes(None, frozenset(), frozenset())
    used = [style for style, score in scores.items() if score > _HARDLY * scores[best]]
    return _Quotes(best, frozenset(style[0] for style in used), frozenset(style[1] for style in used))


def _gap_in_quotes(usage: TextUsage) -> str | None:
    """What stands inside of « and »: a kind of space, nothing; None where that differs."""
    closed = usage.bare("\u00bb")
    gaps = {" ": usage.spaced("\u00bb")} | {gap: usage.of(gap) for gap in _GAPS[1:]}
    best = max(gaps, key=lambda gap: gaps[gap])
    if gaps[best] > 2 * closed or (best != " " and gaps[best] > closed / 2):
        return best
    return "" if gaps[best] < _HARDLY * closed else None


def _dash_of(usage: TextUsage) -> tuple[str, bool | None]:
    """The dash of a text, empty where it has several, and whether spaces stand around it; None where that differs."""
    typed = usage.doubled("-") + usage.doubled("-", " ")
    shares = {"\u2014": usage.of("\u2014"), "\u2013": usage.of("\u2013"), "--": typed}
    dash = max(shares, key=lambda dash: shares[dash])
    if shares[dash] <= _DASH_TO_HYPHENS * usage.of("-") and dash != "--":
        dash = "" if shares[dash] else "--"
    if dash == "--" and not typed and usage.is_counted:
        return ("-", True) if usage.of("-") else ("", None)
    if dash == "--" and not usage.of("-"):
        return "", None
    if not dash:
        return "", None
    spaced, bare = usage.spaced(dash), usage.bare(dash)
    if dash == "--":
        spaced, bare = usage.doubled("-", " "), usage.doubled("-")
    share = spaced / max(1e-12, spaced + bare)
    return dash, True if share > _SPACED_AT_LEAST else False if share < _CLOSED_AT_MOST else None


def _dots_of(usage: TextUsage) -> str:
    """How a text writes three dots; empty where it has both ways, or nothing that would do."""
    dots, full_stops = usage.of("\u2026"), usage.doubled(".")
    if not dots:
        return "..." if usage.of(".") else ""
    if full_stops > _HARDLY * dots:
        return ""
    return "\u2026\u2026" if usage.doubled("\u2026") > dots / 5 else "\u2026"


def _wide_marks(usage: TextUsage) -> dict[str, str]:
    """Full-width marks of a text by the plain ones."""
    marks = {plain: wide for plain, wide in (*_WIDE.items(), *_WIDE_ROUND.items()) if usage.of(wide)}
    if usage.of(_ENUMERATION) > usage.of(_WIDE[","]):
        marks[","] = _ENUMERATION
    return marks
