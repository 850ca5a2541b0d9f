"""UTF-8 as it is found: with halves of characters from other programs, and with bytes of another encoding between.

A line, or a run of bytes, that is not UTF-8 is read in a code page where what comes out fits between its neighbours;
else it becomes U+FFFD. Source: CESU-8, Unicode Technical Report 26, for characters written as two halves.
"""

import codecs
import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rnntui.lm.text.encodings.kinds import Kind, kind_of, script_of
from rnntui.lm.text.encodings.repairs import BROKEN, OTHER
from rnntui.lm.text.findings import Findings

_ESCAPED = re.compile("[\udc80-\udcff]+")
_TRAILING = re.compile("[\udc80-\udcff]{1,4096}\\Z")
_PAIR = re.compile(rb"\xed([\xa0-\xaf])([\x80-\xbf])\xed([\xb0-\xbf])([\x80-\xbf])")
HALF = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_OVERLONG = re.compile(rb"[\xc0\xc1][\x80-\xbf]|\xe0[\x80-\x9f][\x80-\xbf]|\xf0[\x80-\x8f][\x80-\xbf]{2}")
_CUT = re.compile(rb"[\xe0-\xef][\x80-\xbf]|[\xf0-\xf4][\x80-\xbf]{1,2}")
_LETTERS = (Kind.SMALL, Kind.CAPITAL, Kind.LETTER)
_WORDS_OF_ONE_LETTER = frozenset("àáâéèêíìîóòôúùûöäåæøаеиоуяюіє")
_LONGEST_LINE = 1 << 16
DOUBLE = frozenset(
    {"cp932", "shift_jis_2004", "euc_jp", "euc_jis_2004", "gb18030", "big5hkscs", "cp950", "cp949", "johab"}
)
"""Code pages with two bytes for a character: their lines are nothing but such pairs."""


def read_utf8(blocks: Iterable[bytes], page: str, findings: Findings, *, has_mark: bool) -> Iterator[str]:
    """Characters of blocks of bytes; a character may be cut by the end of a block.

    Args:
        blocks: The bytes.
        page: The code page in which bytes that are not UTF-8 are read; "" for none.
        findings: Where repairs are counted.
        has_mark: Whether the first three bytes are a byte order mark, which is left out.
    """
    rest, held, before = b"", "", " "
    for block in blocks:
        data = rest + block
        if has_mark and len(data) < len(codecs.BOM_UTF8):
            rest = data
            continue
        data, has_mark = data.removeprefix(codecs.BOM_UTF8) if has_mark else data, False
        text, used = _decode(data, is_last=False)
        rest = data[used:]
        text = held + text
        trailing = _TRAILING.search(text) if text[-1:] >= "\ud800" else None
        cut = trailing.start() if trailing else len(text)
        held = text[cut:]
        if cut:
            yield _repaired(text[:cut], before, " ", page, findings)
            before = text[cut - 1]
    text = held + _decode(rest, is_last=True)[0]
    if text:
        yield _repaired(text, before, " ", page, findings)


def _decode(data: bytes, *, is_last: bool) -> tuple[str, int]:
    try:
        return codecs.utf_8_decode(data, "strict", is_last)
    except UnicodeDecodeError:
        return codecs.utf_8_decode(data, "surrogateescape", is_last)


def _repaired(text: str, before: str, after: str, page: str, findings: Findings) -> str:
    if text.isascii():
        return text
    pieces, at = [], 0
    while run := _ESCAPED.search(text, at):
        start = max(at, text.rfind("\n", at, run.start()) + 1)
        end = text.find("\n", run.end()) + 1 or len(text)
        line = text[start:end]
        pieces.append(text[at:start])
        left = text[start - 1] if start else before
        right = text[end] if end < len(text) else after
        pieces.append(_repaired_line(line, left, right, page, findings))
        at = end
    return "".join((*pieces, text[at:]))


def _repaired_line(line: str, before: str, after: str, page: str, findings: Findings) -> str:
    if not page or not is_of_page(line, page):
        return _repaired_runs(line, before, after, page, findings)
    data = line.encode("utf-8", "surrogateescape")
    findings.treated[OTHER] += len(data.translate(None, bytes(range(128))))
    return data.decode(page, "replace")


def is_of_page(line: str, page: str) -> bool:
    """Whether a line is read in a code page as a whole: what is UTF-8 in it came about by chance.

    Args:
        line: Bytes that are not UTF-8 are halves of surrogates.
        page: The code page.
    """
    if line.isascii() or len(line) > _LONGEST_LINE:
        return False
    bad = sum(map(len, _ESCAPED.findall(line)))
    good = sum(character > "\x7f" for character in line) - bad
    return good < bad if page in DOUBLE else 0 < 3 * good < bad


def _repaired_runs(text: str, before: str, after: str, page: str, findings: Findings) -> str:
    def stand_in(run: re.Match[str]) -> str:
        left = text[run.start() - 1] if run.start() else before
        right = text[run.end()] if run.end() < len(text) else after
        repair = _read_run(run.group(), left, right, page)
        if repair.others:
            findings.treated[OTHER] += repair.others
        if repair.broken:
            findings.treated[BROKEN] += repair.broken
        return repair.text

    return _ESCAPED.sub(stand_in, text)


@dataclass(frozen=True, slots=True)
class _Repair:
    """What stands for a run of bytes that are not UTF-8."""

    text: str
    others: int = 0
    """Bytes that were read in the code page."""
    broken: int = 0
    """Halves of characters that were left out."""


@functools.lru_cache(maxsize=1 << 14)
def _read_run(escaped: str, before: str, after: str, page: str) -> _Repair:
    run = escaped.encode("utf-8", "surrogateescape")
    if HALF.search(run):
        joined = _PAIR.sub(_whole, run)
        found = Findings()
        rest = HALF.sub(b"", joined).decode("utf-8", "surrogateescape")
        text = _repaired_runs(rest, before, after, page, found)
        return _Repair(text, found.treated[OTHER], len(HALF.findall(joined)))
    if page and not _OVERLONG.search(run):
        read = run.decode(page, "replace")
        around = f"{before}{read}{after}"
        if all(fits(*around[at : at + 3]) for at in range(len(read))):
            return _Repair(read, len(run))
        if not _CUT.fullmatch(run) and len(run) > 2:
            single = [_read_run(escaped[at], *_sides(around, at), page) for at in range(len(read))]
            return _Repair("".join(one.text for one in single), sum(one.others for one in single))
    return _Repair("\ufffd")


def _sides(around: str, at: int) -> tuple[str, str]:
    return around[at], around[at + 2]


def _whole(pair: re.Match[bytes]) -> bytes:
    first, second, third, fourth = (group[0] & 0x3F for group in pair.groups())
    return chr(0x10000 + ((first & 0x0F) << 16) + (second << 10) + ((third & 0x0F) << 6) + fourth).encode()


def fits(before: str, character: str, after: str) -> bool:
    """Whether a character may stand between two others in ordinary text."""
    kind, left, right = kind_of(character), kind_of(before), kind_of(after)
    if kind in {Kind.NOTHING, Kind.ODD, Kind.BOX} or character == "ÿ":  # what fills a gap with ones
        return False
    if kind in _LETTERS:
        beside = [near for near, its in ((before, left), (after, right)) if its in _LETTERS]
        if not beside:
            return character.lower() in _WORDS_OF_ONE_LETTER
        return all(script_of(near) == script_of(character) for near in beside) and not (
            kind is Kind.CAPITAL and left is Kind.SMALL
        )
    if kind is Kind.SIGN:
        return Kind.DIGIT in {left, right} or (character in "©®™•§№†" and not (left in _LETTERS and right in _LETTERS))
    if kind is Kind.OPENING:
        return left not in _LETTERS and right is not Kind.SPACE
    if kind is Kind.APOSTROPHE:
        return left in _LETTERS or right in _LETTERS or left is Kind.MARK
    return kind is not Kind.CLOSING or left is not Kind.SPACE
