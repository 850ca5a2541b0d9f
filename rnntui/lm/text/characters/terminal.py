r"""What a terminal or a printer would show: codes carried out, overstruck letters merged, rewritten lines once.

A log or a manual page holds more than its words: colours, titles and links in escape sequences (ECMA-48), bold letters
as "N\bN", underlined ones as "_\bN" (what `man` and nroff print), progress bars that return to the start of the line
again and again. Works on parts of any sizes; where they are cut makes no difference. Lines longer than LONGEST_LINE
may be cut anywhere. Knows nothing of files.
"""

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator

from rnntui.lm.text.streams import LONGEST_LINE

CODES = "terminal codes"
OVERSTRIKES = "letters struck over"
REWRITTEN = "earlier versions of rewritten lines"
DOUBLED_ENDS = "doubled line ends"
LEFT_OUT = frozenset({CODES, REWRITTEN})
"""What nothing takes the place of."""

_LONGEST_HELD = 1 << 16
"""Titles, links and pictures are strings between two codes; a longer one is taken for text."""
_CODE = re.compile(
    rf"\x1b[\]PX^_][^\x00-\x1f\x7f\x9c]{{0,{_LONGEST_HELD}}}(?:\x07|\x1b\\|\x9c)"  # titles, links, pictures
    r"|\x1b\[[0-?]{0,256}[ -/]{0,8}[@-~]?"  # colours, movements; one that the end of the line cuts off
    r"|\x1b[ -/]{1,4}[0-~]?"  # sets of characters
    r"|\x1b[0-~]?"  # all others have one letter
    r"|\x9b[0-9;]{0,16}m"  # a colour in one byte
)
_ERASES = re.compile(r"\x1b\[[012]?K")
_ERASED = re.compile(r"\x1b\[[12]K\s*\Z")
_MEASURE = re.compile(r"\d ?%|\d ?/ ?\d|[#=█▓▉▊▋▌▍▎▏░⣿━▰■▪●]{3}|\A\s*[-|/\\⠀-⣿◐-◓]\s*\Z")
"""Signs of progress: a share, a count of a total, a bar, a spinning stroke."""
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_AT_END = re.compile(r" +(?=\n?\Z)")
_NEXT_VERSION = re.compile(r"[^\r\n]*")
_NO_LETTERS = re.compile(r"[\W\d_]+")
_MOST_RETURNS = 1_000
"""More of them without anything between are a flood: it may be cut anywhere."""
_ALIKE = 0.8
"""Two versions of a line have so much of the shorter one's letters in common, from the start."""
_ACCENTS = {
    '"': "\u0308", "\u00a8": "\u0308", "'": "\u0301", "\u00b4": "\u0301", "`": "\u0300",
    "^": "\u0302", "~": "\u0303", ",": "\u0327", "\u00b8": "\u0327", "\u00b0": "\u030a",
}  # fmt: skip
_DRAWN = {("+", "o"): "•", ("o", "+"): "•", ("o", "/"): "ø", ("O", "/"): "Ø", ("/", "o"): "ø", ("/", "O"): "Ø"}


def as_shown(parts: Iterable[str], treated: Counter[str]) -> Iterator[str]:
    """The text as a screen or paper would show it, with newlines for all line ends.

    Args:
        parts: The text; an empty part is a sign of life, and is given on.
        treated: Where what was treated is counted.
    """
    rest, screen = "", _Screen(treated)
    for part in itertools.chain(parts, (None,)):
        if part == "":
            yield ""
            continue
        text = rest + (part or "")
        is_plain = not ("\r" in text or "\x1b" in text or "\b" in text or "\x9b" in text)
        if part is None:
            cut = len(text)
        elif is_plain:
            cut = text.rfind("\n") + 1 or (len(text) - _LONGEST_HELD if len(text) > LONGEST_LINE else 0)
        else:
            cut = _line_end(text)
        rest = text[cut:]
        if cut:
            yield screen.show_plain(text[:cut]) if is_plain else screen.show(text[:cut], rest)
        elif part:
            yield ""


class _Screen:
    """What must be remembered from one line to the next."""

    def __init__(self, treated: Counter[str]) -> None:
        self._treated = treated
        self._has_newlines = False
        """True when a newline was met: a carriage return alone does not end a line there, as it did on old Macs."""
        self._versions = 0
        """So many versions of the line were left out before the one that is looked at."""
        self._is_begun = False

    def show_plain(self, text: str) -> str:
        """A text without anything to carry out."""
        self._note_end(text)
        return text

    def show(self, text: str, following: str) -> str:
        """A text that ends at a line end, if there is one.

        Args:
            text: What is shown.
            following: What stands behind it; its first line decides whether the last one was rewritten.
        """
        if "\r\n" in text:
            text = text.replace("\r\n", "\n")
            while "\r\n" in text:
                self._treated[DOUBLED_ENDS] += text.count("\r\n")
                text = text.replace("\r\n", "\n")
        if "\r" in text:
            text = self._without_rewritten(text, following)
        if "\x1b" in text or "\x9b" in text:
            text, codes = _CODE.subn("", text)
            self._treated[CODES] += codes
        if "\b" in text:
            text = "\n".join(self._overprinted(line) if "\b" in line else line for line in text.split("\n"))
        self._note_end(text)
        return text

    def _note_end(self, text: str) -> None:
        self._has_newlines = self._has_newlines or "\n" in text
        self._is_begun = self._is_begun or bool(text)

    def _without_rewritten(self, text: str, following: str) -> str:
        """The last version of each line that was written again after a carriage return; other returns are line ends."""
        shown: list[str] = []
        for line in _LINES.findall(text):
            *versions, last = line.split("\r")
            after_all = last.rstrip("\n") if last else _NEXT_VERSION.match(following)[0]  # type: ignore[index]
            for version, after in zip(versions, [*versions[1:], after_all][: len(versions)], strict=True):
                if self._is_rewritten(version, after):
                    self._versions += 1
                    self._treated[REWRITTEN] += bool(version)
                    continue
                shown += (version.rstrip(" ") if self._versions else version, "\n")
                self._versions = 0
                self._is_begun = True
            if last:
                shown.append(_AT_END.sub("", last) if self._versions else last)
                self._versions = 0
                self._note_end(last)
        return "".join(shown)

    def _is_rewritten(self, version: str, after: str) -> bool:
        if _ERASES.match(after) or _ERASED.search(version):
            return True
        version, after = _CODE.sub("", version), _CODE.sub("", after)
        has_measures = _MEASURE.search(after) is not None
        if not version:
            return has_measures and (self._has_newlines or not self._is_begun)
        if self._versions > 1 and len(after) >= len(version) and after.endswith(" "):
            return True  # what ends a progress bar covers it with spaces
        has_measures = has_measures and _MEASURE.search(version) is not None
        if not has_measures and not (self._has_newlines and _has_digit(version) and _has_digit(after)):
            return False
        first, second = _NO_LETTERS.sub("", version), _NO_LETTERS.sub("", after)
        shorter = min(len(first), len(second))
        return _common_start(first, second) >= _ALIKE * shorter if shorter else has_measures

    def _overprinted(self, line: str) -> str:
        """A line whose backspaces were carried out; what is struck over is merged, a space erases."""
        cells: list[str] = []
        at = 0
        for character in line:
            if character == "\b":
                at = max(0, at - 1)
            elif at == len(cells):
                cells.append(character)
                at += 1
            else:
                cells[at] = self._struck(cells[at], character)
                at += 1
        erased = len(cells)
        while erased > at and cells[erased - 1] == " ":
            erased -= 1
        return "".join(cells[:erased])

    def _struck(self, below: str, above: str) -> str:
        self._treated[OVERSTRIKES] += 1
        if below == "_" or below == " ":
            return above
        if above == "_":
            return below
        for letter, accent in ((below, above), (above, below)):
            if accent in _ACCENTS and letter.isalpha():
                merged = unicodedata.normalize("NFC", letter + _ACCENTS[accent])
                return merged if len(merged) == 1 else letter
        return _DRAWN.get((below, above), above)


def _line_end(text: str) -> int:
    """Where a text can be cut: behind a newline, else behind a carriage return whose next version is complete."""
    cut = text.rfind("\n") + 1
    if len(text) - cut <= _LONGEST_HELD:
        return cut
    late = _return_before(text, _return_before(text, len(text)) - 1)
    if late > cut:
        return late
    if len(text) - cut <= LONGEST_LINE:
        return cut
    return _outside_codes(text, len(text) - _LONGEST_HELD - 1)


def _return_before(text: str, end: int) -> int:
    """Behind the last carriage return before a place that is not beside another line end; 0 without one."""
    at = text.rfind("\r", 0, max(0, end))
    for _ in range(_MOST_RETURNS):
        if at < 0 or (at + 1 < len(text) and text[at + 1] not in "\r\n"):
            return at + 1
        at = text.rfind("\r", 0, at)
    return 0


def _outside_codes(text: str, cut: int) -> int:
    """The place, or the start of the code in which it is."""
    if text[cut - 1] == "\r" or text[cut] == "\b":
        cut -= 1
    begin = text.rfind("\x1b", max(0, cut - _LONGEST_HELD - 4), cut)
    if begin >= 0 and text[begin : begin + 2] == "\x1b\\":  # the end of a string, which may have begun before
        begin = max(begin - 1, text.rfind("\x1b", max(0, begin - _LONGEST_HELD - 4), begin))
    found = _CODE.match(text, begin) if begin >= 0 else None
    return begin if found and found.end() > cut and begin > 0 else cut


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


def _common_start(first: str, second: str) -> int:
    for index, (one, other) in enumerate(zip(first, second, strict=False)):
        if one != other:
            return index
    return min(len(first), len(second))
