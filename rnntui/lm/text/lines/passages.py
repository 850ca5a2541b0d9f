"""One passage of lines -> what it is, and which of its line ends were only made to fit a width.

Each line end that may be wrapping is weighed: how much likelier it is in wrapped text than in text whose lines mean
something (a logarithm of odds). The passage's sum, with what the text around it is like, decides; lines that begin with
the mark of an item, a message or a speech begin one in any case. Knows nothing of streams.
"""

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeVar

from rnntui.lm.text.lines import signs
from rnntui.lm.text.lines.reasons import Tally
from rnntui.lm.text.lines.signs import CASELESS, INSIDE, LOWER, SENTENCE, UPPER, Line

NARROWEST = 24
WIDEST = 160
"""Widths in cells to which people wrap."""
SLACK = 4
"""Cells by which a line may stay below the width although a short word would have fitted."""
_MOST_FOR = 4.0
_MOST_AGAINST = -6.0
"""How much a text that is wrapped, or not, says of each of its passages."""
_MOST_IN_STANZA = 14
_LEAST_STANZAS = 4
_FEWEST_WORDS = 3.2
_FEWEST_ALIKE = 4
"""Passages from which is told what passages like them are."""
_MOST_FOR_DEEP = 1.0
_STRONG = 5.0
_SURE = 2.0
_NARROW_SHARE = 0.8
"""Share of the width of the prose around, below which a width is none."""
_MOST_FOR_MIXED = 1.0
_OWN_WIDTH = 2.0
_NARROW = 6.0
"""What must be said for a width of its own, and for a narrow one."""
_MOST_FROM_AROUND = 1.0


_Group = TypeVar("_Group")


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a text's opening shows of the whole."""

    width: int = 0
    """Cells to which most was wrapped; 0 when nothing was."""
    odds: float = 0.0
    """Above 0 when the text is wrapped: a logarithm of odds, between -6 and 4."""
    is_mixed: bool = False
    """True when many passages plainly are wrapped to the width, and others plainly are not."""
    deep_width: int = 0
    deep_odds: float = 0.0
    """The same for passages of which every line is indented: quotations, letters, poems."""
    longest: int = 0
    """Cells that hardly any line is longer than."""
    capitals: float = 0.05
    """Share of words inside lines that begin with a capital."""
    has_capitals: bool = True
    """False when no word inside a line begins with a capital: that the next line has none says nothing then."""
    has_marks: bool = True
    """False when no word inside a line has a mark after it."""
    marks: frozenset[str] = frozenset()
    """Marks of items or speeches with which many lines begin."""
    indent: int = 0
    """Cells by which the first line of a paragraph is indented, where hardly any paragraph begins otherwise."""
    is_code: bool = False
    is_spaced: bool = False
    """True when most paragraphs stand between empty lines."""
    is_unspaced: bool = False
    """True when its script has no spaces between words."""
    is_squared: bool = False
    """True when lines of Chinese or Japanese are as long in characters, whatever their width."""
    is_asked: bool = False
    """True when a person says that it was wrapped."""

    @property
    def is_plain(self) -> bool:
        """Whether the signs are all for one answer."""
        return self.odds in {_MOST_AGAINST, _MOST_FOR}


@dataclass(slots=True)
class Verdict:
    """What a passage is."""

    kind: str
    width: int
    """Cells to which it was wrapped; 0 when it was not."""
    joins: list[bool]
    """For each line end, whether the next line goes on in this one."""
    odds: float = 0.0
    """What its own line ends say, without the text around it."""
    tally: Tally = field(default_factory=Tally)

    @property
    def are_joined(self) -> bool:
        """Whether any of its lines are joined."""
        return any(self.joins)


def outlook_of(passages: Iterable[Sequence[str]], *, is_asked: bool = False) -> Outlook:
    """What a text is like, from some of its passages, each some lines without empty ones."""
    observed = [[signs.line_of(text) for text in passage] for passage in passages]
    is_squared = bool(observed) and signs.are_squared(observed)
    if is_squared:
        observed = [[signs.in_squares(line) for line in passage] for passage in observed]
    lines = [line for passage in observed for line in passage]
    if not lines:
        return Outlook(is_asked=is_asked)
    capitals, marks = signs.shares_of_words([line.text for line in lines[:400]])
    plain = Outlook(
        capitals=capitals,
        has_capitals=capitals > 0.004 or len(lines) < 4,
        has_marks=marks > 0.02 or len(lines) < 4,
        is_squared=is_squared,
    )
    marked = Counter(line.mark for line in lines)
    running = [passage for passage in observed if not _columns(passage, plain)]
    groups = [_ends(passage, _kept_by_layout(passage, plain, 0), plain) for passage in running]
    ends = list(itertools.chain.from_iterable(groups))
    deep = [is_deep(passage) for passage in running]
    is_divided = _FEWEST_ALIKE <= sum(deep) <= len(deep) - _FEWEST_ALIKE
    shallow = [not (is_divided and is_in) for is_in in deep]
    width, odds, is_mixed = deep_width, deep_odds, _ = _habit(_of(running, shallow), _of(groups, shallow))
    if is_divided:
        deep_width, deep_odds, _ = _habit(_of(running, deep), _of(groups, deep))
        if deep_width < _NARROW_SHARE * width and (odds > _SURE or is_mixed):
            deep_width, deep_odds = width, min(deep_odds, 0.0)
    if is_divided or sum(deep) < _FEWEST_ALIKE:
        deep_odds = min(_MOST_FOR_DEEP, deep_odds)
    return Outlook(
        width=width,
        odds=odds,
        is_mixed=is_mixed,
        deep_width=deep_width,
        deep_odds=deep_odds,
        longest=_longest(ends),
        capitals=plain.capitals,
        has_capitals=plain.has_capitals,
        has_marks=plain.has_marks,
        marks=frozenset(
            mark
            for mark, times in marked.items()
            if mark not in {"", signs.DASH} and times >= max(4, 0.08 * len(lines))
        ),
        indent=_first_indent(running, width),
        is_code=signs.code_share(lines[:600]) >= 0.4,
        is_spaced=_are_paragraphs_spaced(groups, width),
        is_unspaced=any(end.is_unspaced for end in ends),
        is_squared=is_squared,
        is_asked=is_asked,
    )


def is_deep(lines: Sequence[Line]) -> bool:
    """Whether every line of a passage is indented."""
    return all(line.indent > 1 for line in lines)


def _of(groups: Sequence[_Group], are_meant: Sequence[bool]) -> list[_Group]:
    return list(itertools.compress(groups, are_meant))


def _habit(passages: Sequence[Sequence[Line]], groups: Sequence[Sequence["_End"]]) -> tuple[int, float, bool]:
    """To which width passages are wrapped, what they say for it together, and whether others plainly are not."""
    ends = list(itertools.chain.from_iterable(groups))
    width, odds = _best_width(ends, _widths(ends), is_alone=False)
    odds += 2.5 * sum(_odds_of_last(passage, width) for passage in passages) + _odds_of_stanzas(passages)
    odds = max(_MOST_AGAINST, min(_MOST_FOR, odds / 3))
    mixed = _mixed_habit(groups) if odds < _MOST_FOR else None
    return (*mixed, True) if mixed else (width, odds, False)


def _mixed_habit(groups: Sequence[Sequence["_End"]]) -> tuple[int, float] | None:
    """The width of those that are wrapped where others plainly are not, and how many they are; else None."""
    own = [(_best_width(ends, _widths(ends)), ends) for ends in groups if ends]
    strong = [(odds, width) for (width, odds), ends in own if odds > _STRONG and len(ends) > 2]
    if len(strong) < max(_FEWEST_ALIKE, 0.1 * len(own)):
        return None
    widths = Counter(width for _, width in strong)
    width = max(widths, key=lambda wanted: (sum(abs(one - wanted) <= SLACK for one in widths.elements()), wanted))
    weights = [_weight(ends, width) for _, ends in own]
    wrapped, kept = sum(weight > _STRONG for weight in weights), sum(weight < -1 for weight in weights)
    if wrapped < max(_FEWEST_ALIKE, 0.1 * len(own)):
        return None
    return width, max(-_MOST_FOR_MIXED, min(_MOST_FOR_MIXED, math.log((wrapped + 1) / (kept + 1))))


def judge(
    texts: Sequence[str], outlook: Outlook, around: float = 0.0, recent: int = 0, *, is_whole: bool = True
) -> Verdict:
    """Decide for one passage.

    Args:
        texts: Its lines, at least 2, none of them empty.
        outlook: What the whole text is like.
        around: What the passages before say, a logarithm of odds.
        recent: The width to which one of them was wrapped; 0 for none.
        is_whole: False when more lines follow without an empty one.
    """
    lines = [signs.line_of(text) for text in texts]
    if outlook.is_squared:
        lines = [signs.in_squares(line) for line in lines]
    text_width = outlook.width if outlook.odds > _SURE or outlook.is_mixed else 0
    if is_deep(lines):
        outlook = replace(outlook, width=outlook.deep_width, odds=outlook.deep_odds)
    around = 0.0 if outlook.is_mixed else around
    kept = [False] * (len(lines) - 1)
    if kind := _columns(lines, outlook):
        return Verdict(kind, 0, kept, 0.0, Tally(lines=len(lines), marked=len(lines)))
    starts = _starts(lines, outlook)
    layout = _kept_by_layout(lines, outlook, recent or outlook.width, starts)
    ends = _ends(lines, layout, outlook)
    kind = _kind_of_items(lines, starts) if starts else ""
    tally = _tally(lines, ends, recent or outlook.width, len(starts))
    if kind in {"chat", "log"} or not ends:
        return Verdict(kind or _kind_of_kept(lines), 0, kept, 0.0, tally)
    width, own, odds = _weighed(ends, outlook, around, recent, text_width)
    more = (_odds_of_last(lines, width) if is_whole else 0.0) + _odds_of_few_words(lines) + _odds_of_same_start(lines)
    own, odds = own + more, odds + more
    tally = _tally(lines, ends, width, len(starts))
    if odds <= 0 and not outlook.is_asked:
        return Verdict(kind or _kind_of_kept(lines), 0, kept, own, tally)
    for end in ends:
        kept[end.place] = _goes_on(end, width, is_spaced=outlook.is_spaced and text_width > 0)
    if not any(kept):
        return Verdict(kind or _kind_of_kept(lines), 0, kept, own, tally)
    return Verdict(kind or "prose", width, kept, own, tally)


class _End(NamedTuple):
    """One line end that may be wrapping."""

    place: int
    cells: int
    needed: int
    """Cells that the line would have with the next word."""
    mark: float
    """What the line's end says for wrapping, whatever the width: a logarithm of odds."""
    case: float
    """What the next line's start says."""
    may_end: bool
    """True when a paragraph may end here."""
    is_inside: bool
    is_unspaced: bool
    """True in scripts without spaces, where a line may be broken after any letter."""


def _goes_on(end: _End, width: int, *, is_spaced: bool) -> bool:
    """Whether the next line goes on in this one, in a passage that is wrapped to a width.

    Args:
        end: The line end.
        width: Cells.
        is_spaced: True where paragraphs stand between empty lines, and not only on a line of their own.
    """
    if end.may_end and not is_spaced:
        return end.needed > width
    if end.cells + 2 >= width - SLACK or end.needed > width - SLACK:
        return True
    if end.may_end:
        return end.cells >= 0.75 * width
    return end.is_inside and not end.is_unspaced and end.cells >= 0.6 * width


def _ends(lines: Sequence[Line], layout: Sequence[bool], outlook: Outlook) -> list[_End]:
    """Line ends that layout alone does not decide."""
    ends = []
    capitals = 1.0 if all(line.text.isupper() for line in lines) else outlook.capitals
    for place, is_kept in enumerate(layout):
        if is_kept:
            continue
        line, after = lines[place], lines[place + 1]
        is_unspaced = outlook.is_squared or (
            after.start == CASELESS and after.first_word in {2, 8} and line.text[-1:] > "\u0e00"
        )
        ends.append(
            _End(
                place,
                line.cells,
                line.cells + after.first_word + (not is_unspaced),
                _odds_of_mark(line.end, after, outlook.has_marks),
                _odds_of_case(line.end, after, capitals, outlook.has_capitals),
                line.end == SENTENCE and after.start != LOWER,
                line.end != SENTENCE and (after.start == LOWER or (line.end == INSIDE and after.start == CASELESS)),
                is_unspaced,
            )
        )
    return ends


def _odds_of_mark(end: int, after: Line, has_marks: bool) -> float:
    """How much likelier wrapping is, by the mark at a line's end: within sentences one word in six has one."""
    if after.start == CASELESS:
        return (0.6, -1.8, -1.8)[end]
    return (0.5 if has_marks else 0.1, -1.1, -0.9)[end]


def _odds_of_case(end: int, after: Line, capitals: float, has_capitals: bool) -> float:
    """How much likelier wrapping is, by how the next line begins."""
    if after.start == LOWER:
        return 0.2 if not has_capitals else 1.0 if end != SENTENCE else 0.4
    if after.start == CASELESS:
        return 0.0
    if after.start != UPPER:
        return -0.2
    return 0.3 if end == SENTENCE else max(-2.2, min(0.4, math.log((capitals + 0.02) / 0.4)))


def _weight(ends: Sequence[_End], width: int, *, is_alone: bool = True) -> float:
    """What line ends say for wrapping to a width; of a whole text, how its lines begin counts as one habit."""
    total = 0.0
    for end in ends:
        total += end.mark + (end.case if is_alone else 0.0)
        if end.cells > width:
            total -= 2.0 if end.cells > 1.1 * width else 0.6 if end.cells > width + 2 else 0.3
        elif end.needed > width:
            total += 1.3 if end.is_unspaced else 0.9
        elif end.may_end:
            total -= 0.8
        else:
            total -= 3.0 if end.needed + 6 <= width else 0.8
    if is_alone:
        return total
    most = 0.35 * len(ends)
    return total + max(-most, min(most, sum(end.case for end in ends)))


def _odds_of_last(lines: Sequence[Line], width: int) -> float:
    """What the last line says: that of a paragraph ends anywhere, that of a stanza is as long as the others."""
    if len(lines) > _MOST_IN_STANZA or lines[-1].cells > width:
        return 0.0
    return 1.1 if lines[-1].cells < 0.6 * min(line.cells for line in lines[:-1]) else -0.3


def _odds_of_stanzas(passages: Sequence[Sequence[Line]]) -> float:
    """What it says that most passages have as many lines: stanzas do."""
    if len(passages) < _LEAST_STANZAS:
        return 0.0
    [(count, times)] = Counter(len(passage) for passage in passages).most_common(1)
    is_regular = times >= (0.7 if count > 2 else 0.95) * len(passages) and count <= _MOST_IN_STANZA
    return -0.9 * times if is_regular else 0.0


def _are_paragraphs_spaced(groups: Sequence[Sequence[_End]], width: int) -> bool:
    """Whether hardly any paragraph seems to end inside the passages that are prose."""
    prose = [group for group in groups if sum(end.is_inside for end in group) > 0.4 * len(group)]
    ends = list(itertools.chain.from_iterable(prose))
    return sum(end.may_end and end.cells < 0.75 * width for end in ends) <= 0.015 * len(ends)


def _longest(ends: Sequence[_End]) -> int:
    """Cells that hardly any line of those that are alike goes beyond."""
    lengths = sorted(end.cells for end in ends)
    return int(1.3 * lengths[len(lengths) // 2]) + 2 if lengths else 0


def _odds_of_few_words(lines: Sequence[Line]) -> float:
    """What it says that lines have one word, or two or three: nobody wraps so narrow."""
    if any(line.start == CASELESS for line in lines[:3]):
        return 0.0
    words = sum(line.text.count(" ", line.indent) + 1 for line in lines) / len(lines)
    return -8.0 if words < _FEWEST_WORDS else 0.0


def _odds_of_same_start(lines: Sequence[Line]) -> float:
    """What it says that all lines begin with the same sign, such as a quote mark."""
    first = lines[0].text[lines[0].indent :][:1]
    if first.isalpha() or len(lines) < 3:
        return 0.0
    return -2.0 * len(lines) if all(line.text.lstrip().startswith(first) for line in lines) else 0.0


def _widths(ends: Sequence[_End]) -> list[int]:
    """Widths to try: the one that most line ends agree with, and the one that nearly none is beyond."""
    change: Counter[int] = Counter()
    for end in ends:
        change[end.cells] += 1
        change[end.needed] -= 1
    open_now = most = best = 0
    for width in sorted(change):
        open_now += change[width]
        if open_now > most:
            most, best = open_now, width
    lengths = sorted(end.cells for end in ends)
    if not lengths:
        return []
    return [width for width in {best, lengths[int(0.95 * (len(lengths) - 1))], lengths[-1]} if width <= WIDEST]


def _best_width(ends: Sequence[_End], widths: Iterable[int], *, is_alone: bool = True) -> tuple[int, float]:
    """The width that says most for wrapping, and what it says; (0, far below 0) when there is none."""
    weighed = [(_weight(ends, width, is_alone=is_alone), width) for width in widths if width >= NARROWEST]
    if not weighed:
        return 0, -3.0 * len(ends)
    odds, width = max(weighed)
    return width, odds


def _weighed(
    ends: Sequence[_End], outlook: Outlook, around: float, recent: int, text_width: int
) -> tuple[int, float, float]:
    """The width, what the passage says for it, and that with the text around.

    Args:
        ends: Its line ends.
        outlook: What passages like it are like.
        around: What those before it say.
        recent: The width of one of those.
        text_width: The width of the prose around; 0 when it has none for sure.
    """
    longest = max(end.cells for end in ends)
    near = {width for width in (outlook.width, recent) if width and longest <= 1.15 * width + 3}
    like = max(_MOST_AGAINST - _MOST_FROM_AROUND, min(_MOST_FOR + _MOST_FROM_AROUND, outlook.odds + around))
    width, known = _best_width(ends, near)
    known_all = known + like if near else -math.inf
    own_width, own = _best_width(ends, _widths(ends))
    penalty = _OWN_WIDTH + (3.0 if near and abs(outlook.odds) > 2 else 0.0)
    if own_width < _NARROW_SHARE * text_width:  # verse and lists are narrow where prose is wide
        full = sum(end.cells <= own_width < end.needed for end in ends)
        penalty += _NARROW if full >= 0.85 * len(ends) else math.inf
    own_all = own - penalty + (like if like < 0 and longest <= outlook.longest else 0.0)
    if outlook.is_asked:
        return (width, known, 1.0) if width else (own_width or longest, own, 1.0)
    return (width, known, known_all) if known_all >= own_all else (own_width, own, own_all)


def _starts(lines: Sequence[Line], outlook: Outlook) -> set[int]:
    """Lines that begin an item, a message or a speech."""
    marked = Counter(line.mark for line in lines if line.mark not in {"", signs.DASH})
    starts = {
        at
        for at, line in enumerate(lines)
        if line.mark == signs.DASH and (not at or _ends_a_speech(lines[at - 1], line, outlook.width))
    }
    for mark, times in marked.items():
        enough = 2 if lines[0].mark == mark or mark in outlook.marks else 3
        least = 0.5 if mark in {signs.TIME, signs.NICK} else 0.2
        is_known = mark in outlook.marks or (lines[0].mark == mark and mark not in {signs.SPEAKER, signs.TIME})
        if (times >= enough and times >= least * len(lines)) or is_known or mark == signs.TAG:
            starts |= {at for at, line in enumerate(lines) if line.mark == mark}
    levels = {at for at, line in enumerate(lines) if signs.is_log(line.text)}
    return starts | levels if len(levels) > 1 else starts


def _ends_a_speech(line: Line, after: Line, width: int) -> bool:
    return line.end == SENTENCE and (not width or line.cells + 1 + after.first_word <= width - SLACK)


def _kept_by_layout(lines: Sequence[Line], outlook: Outlook, width: int, starts: set[int] | None = None) -> list[bool]:
    """For each line end, whether marks or indentation alone say that a new line begins."""
    marked = _starts(lines, outlook) if starts is None else starts
    kept = [at in marked for at in range(1, len(lines))]
    base = min(line.indent for line in lines)
    indents = [line.indent if line.indent > base + 1 else base for line in lines]
    if marked:
        return kept
    first = [bool(outlook.indent) and line.indent == outlook.indent for line in lines]
    if all(first):  # a quotation, or paragraphs of one line each
        return [line.end == SENTENCE and after.start != LOWER for line, after in itertools.pairwise(lines)]
    if len(set(indents)) == 1:
        return kept
    steps = [after - before for before, after in itertools.pairwise(indents)]
    if any(first[1:]):
        return [is_first or step > 0 for is_first, step in zip(first[1:], steps, strict=True)]
    if not _is_hanging(lines, indents, width or max(line.cells for line in lines)):
        return [is_kept or step > 0 for is_kept, step in zip(kept, steps, strict=True)]
    return [is_kept or indents[at + 1] == base for at, is_kept in enumerate(kept)]


def _first_indent(passages: Sequence[Sequence[Line]], width: int) -> int:
    """The indent with which paragraphs begin, where that is the habit of a text; 0 where it is not."""
    first: Counter[int] = Counter()
    flush = full = 0
    for lines in passages:
        base = min(line.indent for line in lines)
        deep = [at for at, line in enumerate(lines) if line.indent > base + 1]
        flush += len(lines) - len(deep) if deep else 0
        for at in deep:
            first[lines[at].indent] += 1
            full += bool(at) and lines[at - 1].cells + 1 + lines[at].first_word > width - SLACK
    if not width or not first:
        return 0
    [(indent, times)] = first.most_common(1)
    total = first.total()
    is_habit = times >= max(4, 0.9 * total) and flush >= 0.7 * total and full <= 0.4 * total
    return indent if is_habit else 0


def _is_hanging(lines: Sequence[Line], indents: Sequence[int], width: int) -> bool:
    """Whether indented lines go on from the one before, and do not begin a paragraph."""
    base = min(indents)
    deeper = [at for at in range(len(lines) - 1) if indents[at + 1] > base]
    flush = [at for at in range(len(lines) - 1) if indents[at + 1] == base]
    if indents[0] != base or len(deeper) < 0.3 * len(lines):
        return False

    def full(places: Sequence[int]) -> float:
        filled = (lines[at].cells + 1 + lines[at + 1].first_word > width - SLACK for at in places)
        return sum(filled) / len(places) if places else 0.0

    return full(deeper) >= 0.7 and full(deeper) > full(flush) + 0.2


def _columns(lines: Sequence[Line], outlook: Outlook) -> str:
    """The kind of a passage that is no running text at all; "" for one that may be."""
    if outlook.is_code or len(lines) > 2:
        code = signs.code_share(lines, is_likely=outlook.is_code)
        if code >= (0.3 if outlook.is_code else 0.6):
            return "code"
    if outlook.is_code and lines[0].text.lstrip()[:1] in {"#", "/", "*"}:
        return "code"
    if signs.is_contents(lines):
        return "contents"
    return "table" if signs.has_columns(lines) else ""


def _kind_of_items(lines: Sequence[Line], starts: set[int]) -> str:
    marks = Counter(lines[at].mark for at in starts)
    mark = marks.most_common(1)[0][0]
    if mark == signs.TIME:
        names = sum(lines[at].mark == signs.TIME and bool(signs.names_speaker(lines[at].text)) for at in starts)
        return "chat" if names >= 0.5 * len(starts) else "log"
    if mark == signs.TAG or signs.TAG in marks:
        return "lyrics"
    if mark == signs.DASH:
        return ""
    return {signs.NICK: "chat", signs.SPEAKER: "script", "": "log"}.get(mark, "list")


def _kind_of_kept(lines: Sequence[Line]) -> str:
    """A name for lines that keep their ends."""
    texts = [line.text.strip() for line in lines]
    words = sum(text.count(" ") + 1 for text in texts) / len(texts)
    middle = sum(line.cells for line in lines) / len(lines)
    sentences = sum(line.end == SENTENCE for line in lines)
    if middle > WIDEST:
        return "paragraphs"
    if sentences >= 0.8 * len(lines) and len(lines) > 2:
        return "sentences"
    if len(lines) < 3 or (words < 3 and middle < NARROWEST):
        return "short lines"
    return "verse" if middle <= 75 else "lines"


def _tally(lines: Sequence[Line], ends: Sequence[_End], width: int, marked: int) -> Tally:
    return Tally(
        ends=len(ends),
        full=sum(end.cells <= width + 2 and end.needed > width - SLACK for end in ends),
        inside=sum(end.is_inside for end in ends),
        capitals=sum(lines[end.place + 1].start == UPPER for end in ends),
        sentences=sum(lines[end.place].end == SENTENCE for end in ends),
        marked=marked,
        lines=len(lines),
    )
