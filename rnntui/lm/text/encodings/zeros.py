"""Zero bytes in a text: damage inside a word, padding between fields, or the ends of entries."""

import itertools
import re
from collections.abc import Iterable, Iterator
from enum import Enum

from rnntui.lm.text.encodings.repairs import ZEROS
from rnntui.lm.text.findings import Findings

_RUN = re.compile(rb"\0+")
_GAPS = b" \t\r\n\x0b\x0c"
_SEPARATING_SHARE = 0.02
_FEWER_LINE_ENDS = 10


class Zeros(Enum):
    """What zero bytes stand for in a text."""

    NONE = "none"
    DAMAGE = "damage"
    """A single one inside a word is nothing; several between words are a space."""
    LINE_ENDS = "line ends"
    """Each entry ends with one."""


def meaning(head: bytes) -> Zeros:
    """What the zeros at the beginning of a text are."""
    zeros = head.count(0)
    if not zeros:
        return Zeros.DAMAGE
    singles = len(re.findall(rb"[^\0]\0(?!\0)", head))
    are_many = zeros > _SEPARATING_SHARE * len(head) and singles > 0.9 * zeros
    longest = max(map(len, head.split(b"\0")))
    is_spelled_apart = len(re.findall(rb"[^\0]\0(?=[^\0]\0)", head)) > singles / 2  # UTF-16 in the middle of a text
    has_few_lines = head.count(b"\n") * _FEWER_LINE_ENDS < zeros
    return Zeros.LINE_ENDS if are_many and has_few_lines and longest > 1 and not is_spelled_apart else Zeros.DAMAGE


def without_zeros(blocks: Iterable[bytes], zeros: Zeros, findings: Findings) -> Iterator[bytes]:
    """Blocks of bytes without zeros; how many there were is counted."""
    before, waiting = b"", 0  # the last byte that was given on, and zeros since
    for block in itertools.chain(blocks, (b"",)):
        findings.treated[ZEROS] += block.count(0)
        begun = block.lstrip(b"\0")
        waiting += len(block) - len(begun)
        if not begun:
            continue
        inner = begun.rstrip(b"\0")
        first = _stand_in(waiting, before, inner[:1], zeros)
        waiting = len(begun) - len(inner)
        before = inner[-1:]
        yield first + _RUN.sub(lambda run, text=inner: _between(run, text, zeros), inner)  # type: ignore[misc]


def _between(run: re.Match[bytes], text: bytes, zeros: Zeros) -> bytes:
    start, end = run.span()
    return _stand_in(end - start, text[start - 1 : start], text[end : end + 1], zeros)


def _stand_in(run: int, before: bytes, after: bytes, zeros: Zeros) -> bytes:
    """What stands for so many zeros between two bytes."""
    if not run or not before or before in _GAPS or after in _GAPS:
        return b""
    if zeros is Zeros.LINE_ENDS:
        return b"\n"
    return b"" if run == 1 else b" "


def bare(head: bytes) -> bytes:
    """The bytes that are not zero."""
    return head.replace(b"\0", b"")
