"""What stands at the top or the foot of every page of a scanned book: its number, maybe beside a title.

A scan that was made into text has such a line every thirty or forty lines, in the middle of sentences. It is known by
what numbers of chapters and verses have not: it counts the pages one by one, stands at even distances, and cuts
sentences in two. Takes a text in parts of any sizes, in a time that grows with its length alone; knows no files.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rnntui.lm.text.findings import Findings
from rnntui.lm.text.streams import lines_of, taken, together

_PAGE_HEAD = "page head"
_SAMPLE = 1 << 20
"""Characters from which is told whether a text has pages."""
_LONGEST = 90
_DRAWN = r"[\s\-–—\[\](){}|.*·•~_]*"
_NUMBERED = re.compile(
    rf"{_DRAWN}(?:(?:[Pp]age|PAGE|Pg|[Ss]eite|[Pp]ágina|[Pp]agina|Стр\.?|p\.|S\.) ?)?"
    rf"(?:(?P<alone>\d{{1,4}})(?: ?(?:of|von|de|di|/|из) ?\d{{1,4}})?{_DRAWN}"
    r"|(?P<first>\d{1,4})[.\s|]\s*(?P<right>\D{2,70})|(?P<left>\D{2,70}?)[\s|]\s*(?P<last>\d{1,4}))\Z"
)
_EDGES = frozenset("0123456789-–—[](){}|*·•~")
_ENDED = re.compile(r"[.!?…:;。！？][\"'”’»)\]]*\s*\Z")
_LEAST_PAGES = 6
_FEWEST_LINES, _MOST_LINES = 15, 100
"""Of a page, with its empty ones."""
_EVEN = 0.8
_CUT = 0.3
"""Of the heads, so many stand between the lines of a sentence."""


@dataclass(frozen=True, slots=True)
class _Pages:
    """How the pages of a text are numbered."""

    first_line: int
    first_number: int
    lines: int
    """Of a page."""
    titles: frozenset[str]
    """Lines of their own beside the numbers."""


def remove_page_heads(parts: Iterable[str], findings: Findings) -> Iterator[str]:
    """Leave out the numbers and titles of pages; a sentence that goes on behind one is whole again.

    Args:
        parts: The text, in the lines of the file.
        findings: Told what is left out.
    """
    source = iter(parts)
    opening = yield from taken(source, _SAMPLE)
    pages = _find_pages(opening[:_SAMPLE])
    if pages is None:
        yield opening
        yield from source
        return
    yield from together(_without_heads(lines_of(itertools.chain((opening,), source)), pages, findings))


def _number_of(line: str) -> int | None:
    """The number that a line may have as the head of a page."""
    text = line.strip() if len(line) <= _LONGEST else ""
    if not text or not (text[0] in _EDGES or text[-1] in _EDGES):
        return None
    found = _NUMBERED.match(text)
    if not found:
        return None
    beside = found["right"] or found["left"] or ""
    return None if _ENDED.search(beside) else int(found["alone"] or found["first"] or found["last"])


def _find_pages(sample: str) -> _Pages | None:
    """The pages of a text; None for one that has none."""
    lines = sample.split("\n")
    chains: dict[int, tuple[int, int, int, object]] = {}  # the last number -> length, line, number, the chain before
    for at, line in enumerate(lines):
        number = _number_of(line)
        if number is None:
            continue
        before = max((chains[last] for last in (number - 1, number - 2) if last in chains), default=(0, -1, 0, None))
        if number not in chains or before[0] + 1 >= chains[number][0]:
            chains[number] = (before[0] + 1, at, number, before)
    entry: object = max(chains.values(), key=lambda chain: chain[0], default=None)
    heads: list[tuple[int, int]] = []
    while isinstance(entry, tuple) and entry[0]:
        heads.append((entry[1], entry[2]))
        entry = entry[3]
    heads.reverse()
    if len(heads) < _LEAST_PAGES:
        return None
    gaps = sorted(later - earlier for (earlier, _), (later, _) in itertools.pairwise(heads))
    middle = gaps[len(gaps) // 2]
    even = sum(0.6 * middle <= gap <= 1.6 * middle for gap in gaps)
    cut = sum(_is_inside_sentence(lines, at) for at, _ in heads)
    if not _FEWEST_LINES <= middle <= _MOST_LINES or even < _EVEN * len(gaps) or cut < _CUT * len(heads):
        return None
    beside = Counter(
        lines[at + step].strip() for at, _ in heads for step in (-2, -1, 1, 2) if 0 <= at + step < len(lines)
    )
    titles = frozenset(line for line, times in beside.items() if line and times >= max(3, len(heads) / 10))
    return _Pages(heads[0][0], heads[0][1], middle, titles)


def _is_inside_sentence(lines: list[str], at: int) -> bool:
    """Whether the line before a head ends within a sentence."""
    before = next((line for line in reversed(lines[max(0, at - 4) : at]) if line.strip()), ".")
    return not _ENDED.search(before)


def _without_heads(lines: Iterable[str], pages: _Pages, findings: Findings) -> Iterator[str]:
    expected, since, at = pages.first_number, pages.lines, -1
    gap: list[str] = []
    before = ""
    was_head = False
    seen: set[str] = set()
    for line in lines:
        if not line:
            yield ""
            continue
        at, since = at + 1, since + 1
        text = line.strip()
        if not text:
            gap.append(line)
            if len(gap) > _MOST_LINES:
                yield "".join(gap)
                gap = []
            continue
        number = _number_of(line) if at >= pages.first_line and since > 0.4 * pages.lines else None
        is_title = text in pages.titles
        is_head = number is not None and expected <= number <= expected + 1.5 * since / pages.lines + 1
        if is_head or (is_title and text in seen):
            findings.leave_out(_PAGE_HEAD, text)
            if number is not None and is_head:
                expected, since = number + 1, 0
            was_head, gap = True, []
            continue
        if is_title:
            seen.add(text)
        if was_head and _ENDED.search(before) and (len(before) < 0.75 * len(line) or not text[0].isalpha()):
            gap = ["\n"]
        elif was_head:
            gap = []
        yield "".join((*gap, line))
        before, was_head, gap = line.rstrip(), False, []
    yield "".join(gap)
