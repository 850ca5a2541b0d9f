"""Lines of a marked-up paragraph -> one line: in these formats a single line end is a space on the page.

Lengths are those of the source, with its marks and addresses. What plainly is verse or a dialogue keeps its lines
although its page would run them together: who writes so means them. Knows some lines; no streams, no format.
"""

import itertools
from collections.abc import Sequence

from rnntui.lm.text.findings import Findings
from rnntui.lm.text.lines import signs
from rnntui.lm.text.lines.joints import Hyphens

_WIDEST_VERSE = 60
"""Cells."""
_SLACK = 2
_LONGEST_PARAGRAPH = 1 << 14
"""Characters that are held."""
_SPOKEN = frozenset({signs.SPEAKER, signs.TIME, signs.NICK})


def join_soft(sources: Sequence[str], shown: Sequence[str], goes_on: Sequence[bool], findings: Findings) -> list[str]:
    """Lines of a block with those joined to the one before that go on in it.

    Args:
        sources: The lines as they are written, without their ends.
        shown: The same lines without marks.
        goes_on: For each, whether the format says that it goes on in the line before; for the first one False.
        findings: Told that lines were joined.
    """
    joined: list[str] = []
    for start, end in _runs(goes_on):
        if end - start == 1 or are_meant(sources[start:end]):
            joined += shown[start:end]
            continue
        findings.are_lines_joined = True
        joined.append(_in_one([line for line in shown[start:end] if line.strip()], findings))
    return joined


class Paragraphs:
    """Collects the lines of a text without such marks as need a look at several, and joins its paragraphs.

    Args:
        findings: Told that lines were joined.
        is_joined: False where a person says that all lines stay.
    """

    def __init__(self, findings: Findings, *, is_joined: bool) -> None:
        self._findings = findings
        self._is_joined = is_joined
        self._sources: list[str] = []
        self._shown: list[str] = []
        self._rests: list[bool] = []
        self._indents: list[int] = []
        self._length = 0

    def add(self, source: str, shown: str, *, is_item: bool, is_kept: bool = False) -> str:
        """One more line, no empty one; what is certain by now.

        Args:
            source: As it is written, without its end.
            shown: Without its marks.
            is_item: True when it begins one.
            is_kept: True when it is a line of its own: of a table, of code, of verse.
        """
        done = self.finish() if self._length > _LONGEST_PARAGRAPH else ""
        depth = len(source) - len(source.lstrip())
        is_rest = bool(self._indents) and depth == self._indents[-1] and not is_item
        self._sources.append(source)
        self._shown.append(shown)
        self._rests.append(is_rest and self._is_joined and not is_kept)
        after_mark = len(source) - len(source.lstrip(" \t-+*.)0123456789#")) if is_item else depth
        self._indents.append(-1_000 if is_kept else after_mark)
        self._length += len(source)
        return done

    def finish(self) -> str:
        """The paragraph that ends here, each line with its end."""
        lines = join_soft(self._sources, self._shown, self._rests, self._findings)
        self._sources, self._shown, self._rests, self._indents, self._length = [], [], [], [], 0
        return "".join(f"{line}\n" for line in lines)


def are_meant(lines: Sequence[str]) -> bool:
    """Whether the lines of one paragraph's source plainly are verse or speeches."""
    looked_at = [signs.line_of(line) for line in lines[:200]]
    if sum(line.mark in _SPOKEN for line in looked_at) >= max(2, 0.5 * len(looked_at)):
        return True
    width = max(line.cells for line in looked_at)
    if len(looked_at) < 3 or width > _WIDEST_VERSE:
        return False
    pairs = list(itertools.pairwise(looked_at))
    roomy = sum(line.cells + 1 + after.first_word + _SLACK <= width for line, after in pairs)
    capitals = sum(after.start == signs.UPPER for _, after in pairs)
    return roomy >= 0.3 * len(pairs) and capitals >= 0.7 * len(pairs)


def _in_one(lines: Sequence[str], findings: Findings) -> str:
    texts = [line.rstrip() if not at else line.strip() for at, line in enumerate(lines)]
    pieces: list[str] = []
    for line, after in itertools.pairwise(texts):
        pieces += Hyphens().joint(line, after, findings)
    return "".join((*pieces, *texts[-1:]))


def _runs(goes_on: Sequence[bool]) -> list[tuple[int, int]]:
    starts = [at for at, is_rest in enumerate(goes_on) if not at or not is_rest]
    return list(itertools.pairwise([*starts, len(goes_on)]))
