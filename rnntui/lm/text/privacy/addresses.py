"""Mail addresses, links and numbers of telephones, told by their form. Knows nothing of files."""

import re
from collections.abc import Container, Iterable

from rnntui.lm.text.findings import Findings

_ENDINGS = (
    "com|org|net|edu|gov|info|biz|io|de|uk|fr|es|eu|ru|ch|nl|pl|se|dk|fi|cz|pt|jp|cn|kr|br|au|ca|app|dev|tv|ly|ai|gg|"
    "blog|shop|online|site|xyz|berlin|london|wiki"
)
"""Of bare addresses; those that are words too (it, at, is, me) count only before a slash."""
_LINK = re.compile(
    r"(?<![\w@.])(?:(?:https?|ftp)://|www\.)[^\s<>\"“”«»]{2,2000}"
    rf"|(?<![\w@./-])(?:[^\W_][\w-]{{0,62}}\.){{1,4}}(?:(?:{_ENDINGS})(?![\w@-])(?:[/?#][^\s<>\"“”«»]{{0,2000}})?"
    r"|(?:it|at|is|me|be|to|in|us|co|so)/[^\s<>\"“”«»]{1,2000})",
    re.I,
)
_MAIL = re.compile(
    r"(?<![\w.+-])(?:mailto:)?[\w][\w.+-]{0,63}(?:@| ?[\[(](?:at|@)[\])] ?)"
    r"[^\W_][\w-]{0,62}(?:(?:\.| ?[\[(](?:dot|punkt|\.)[\])] ?)[^\W_][\w-]{0,62}){1,4}",
    re.I,
)
_CALLED = r"(?:tel|telefon|telephone|phone|fon|fax|mobil|mobile|mobilfunk|handy|cell|whatsapp|тел|tél)"
_PHONE = re.compile(
    rf"(?<!\w)(?P<said>{_CALLED}\b\.?(?:[ -]?(?:nr|no|number|nummer)\b\.?)? ?:? ?)?"
    r"(?P<number>(?:\+|\(\+|00)[1-9]\d{0,2}\)?(?:[ \-./()\u2013]{0,2}\d){6,13}"  # international
    r"|\(0?\d{2,5}\)(?:[ \-./\u2013]{0,2}\d){4,9}"  # (030) 123 45 67, (212) 555-0199
    r"|0\d{1,5}(?:[ \-./\u2013]{1,3}\d+){1,5}"  # 030/1234567, 01 23 45 67 89
    r"|0[1-9]\d{7,10}"
    r"|8 ?[\(\-]\d{3}\)?(?:[ \-\u2013]?\d){7}"  # 8 (912) 345-67-89
    r"|\d{3}[-. ]\d{3}[-. ]\d{4}|\d{3}-\d{4}"
    r"|(?P<bare>\d(?:[ \-./\u2013]?\d){4,13}))(?![\w/-]|[.,:]\d| ?[€$£%])",
    re.I,
)
_NO_PHONE = re.compile(
    r"\d{1,2}([./-])\d{1,2}\1\d{2,4}|\d{4}([./-])\d{1,2}\2\d{1,2}|\d{4}[-/\u2013]\d{2,4}|0\d?[.,]\d+|\d{1,3}([.,])\d{3}(\3\d{3})*"
    r"|(?:\d{1,3}\.){3}\d{1,3}"
)
"""Dates, spans of years, decimals, thousands, addresses of machines."""
_BEFORE_NO_PHONE = re.compile(r"(?:ISBN(?:-1[03])?|ISSN|IBAN|[$€£№#]|\bNo|\bNr|\bp|\bS)[.:]? ?\Z", re.I)
_BRACKETS = {"(": ")", "[": "]", "<": ">", "{": "}"}
_AFTER_LINK = ".,;:!?'’”\"*_~"


def without_addresses(text: str, kinds: Container[str], findings: Findings) -> str:
    """The text without the addresses and numbers that are asked for, counted; it is cut at a line end or a space."""
    if "mail" in kinds and ("@" in text or "(" in text or "[" in text):
        text = _cut_out(
            text, ((found.start(), found.end()) for found in _MAIL.finditer(text)), "mail address", findings
        )
    if "links" in kinds and ("." in text or "://" in text):
        text = _cut_out(text, map(_link_span, _LINK.finditer(text)), "link", findings)
    if "phones" in kinds:
        found = (found.span() for found in _PHONE.finditer(text) if _is_phone(found))
        text = _cut_out(text, found, "telephone number", findings)
    return text


def _link_span(found: "re.Match[str]") -> tuple[int, int]:
    """A link without the marks of the sentence around it."""
    link = found[0]
    while link and (link[-1] in _AFTER_LINK or (link[-1] in ")]}" and _is_unpaired(link))):
        link = link[:-1]
    return found.start(), found.start() + len(link)


def _is_unpaired(link: str) -> bool:
    closing = link[-1]
    opening = {")": "(", "]": "[", "}": "{"}[closing]
    return link.count(closing) > link.count(opening)


def _is_phone(found: "re.Match[str]") -> bool:
    number = found["number"]
    digits = sum(map(str.isdigit, number))
    if found["said"]:
        return digits >= 5
    if found["bare"] or digits < 7 or digits > 15 or _NO_PHONE.fullmatch(number):
        return False
    return not _BEFORE_NO_PHONE.search(found.string, max(0, found.start() - 10), found.start())


def _cut_out(text: str, spans: Iterable[tuple[int, int]], kind: str, findings: Findings) -> str:
    """The text without some places, the brackets and the space around them; a line that held nothing else goes too."""
    kept, at = [], 0
    for start, end in spans:
        if start < at or start == end:
            continue
        findings.leave_out(kind, text[start:end])
        while at < start and end < len(text) and _BRACKETS.get(text[start - 1]) == text[end]:
            start, end = start - 1, end + 1
        is_line_start = start == 0 or text[start - 1] == "\n"
        if (is_line_start and end < len(text) and text[end] == "\n") or (is_line_start and text[end : end + 1] == " "):
            end += 1
        elif start > at and text[start - 1] == " " and (end == len(text) or not text[end].isalnum()):
            start -= 1
        kept.append(text[at:start])
        at = end
    return "".join((*kept, text[at:])) if kept or at else text
