"""UTF-8 that was read in a code page and written again: "Ã©" for "é", "â€™" for "’", twice over as well.

The library `ftfy` tells it from what only looks alike, and is asked only about lines with a pair of characters that a
first look finds suspicious. Source: Speer, "ftfy", 2019.
"""

import itertools
import re
from collections.abc import Iterable, Iterator

from rnntui.lm.text.encodings.repairs import GARBLED
from rnntui.lm.text.findings import Findings

_SUSPICIOUS = re.compile(
    "[ÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðĂĹĽâ√‚├┬ΓÔ¬][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ¢-¿ĽľŁłąĄşŞżŻ„ÄöéàòòùíÇ▒║╣╗╝│┤⌐¬½¼¡«»]"
    "|(?:[РС][ЂЃѓЉЊЌЋЏђ‘’“”•–—™љњќћџЎўЈҐё№єјЅѕї°±Ііґµ¶·»«¤¦§©®]){2}|вЂ|Р\xa0|[äåæçèé][¸¹º»¼½¾¿]"
)
_SIGNS = "ÂÃÄÅÎÏÐÑâ√├┬ΓÔĂĹ°±µЂЃѓљњќћџ¸¹º¼½¾¿"
"""A text without any of them is not looked at again: a search for one character is much faster than for a pair."""
_CAPITALS_THEN_QUOTE = re.compile("(?<=[A-ZÀ-Þ])[ÀÂÃÇÉÊÕ][”’»“]")
_LONGEST = 1 << 13
_PIECE = re.compile(r"[^\n]{1,8192}\n?|\n")


def mended(parts: Iterable[str], findings: Findings) -> Iterator[str]:
    """A text with its garbled characters mended where that is certain; how many is counted."""
    rest = ""
    for part in itertools.chain(parts, (None,)):
        if part is not None and not rest and part.isascii():
            yield part
            continue
        text = rest + (part or "")
        cut = len(text) if part is None else _cut(text)
        rest = text[cut:]
        if cut or not part:
            yield _mended(text[:cut], findings) if cut else ""


def _cut(text: str) -> int:
    """Where no garbled character goes across: behind a line or a word, or where the text is plain."""
    if text[-1:] < "\x80":
        return len(text)
    cut = max(text.rfind("\n"), text.rfind(" ")) + 1
    return cut if cut or len(text) < _LONGEST else len(text)


def _mended(text: str, findings: Findings) -> str:
    if text.isascii() or not any(sign in text for sign in _SIGNS) or not _SUSPICIOUS.search(text):
        return text
    return "".join(
        piece if piece.isascii() or not _SUSPICIOUS.search(piece) else _mend_line(piece, findings)
        for piece in _PIECE.findall(text)
    )


def _mend_line(line: str, findings: Findings) -> str:
    from ftfy import fix_encoding  # few texts need it

    if _CAPITALS_THEN_QUOTE.search(line):
        return line
    better = fix_encoding(line)
    if better == line:
        return line
    findings.treated[GARBLED] += max(1, len(_SUSPICIOUS.findall(line)) - len(_SUSPICIOUS.findall(better)))
    return better
