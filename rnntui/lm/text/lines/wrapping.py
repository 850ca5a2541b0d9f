"""A text whose lines were made by hand -> the same, with those joined that were only broken to fit a width.

Decides passage by passage: some lines between two empty ones, of very many the next 64. Takes a text in parts of any
sizes and gives it on in parts; what is decided does not depend on how the text was cut into parts.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from rnntui.lm.text.findings import Findings
from rnntui.lm.text.lines.joints import find_hyphens
from rnntui.lm.text.lines.passages import SLACK, Verdict, judge, outlook_of
from rnntui.lm.text.lines.reasons import Tally, reason_of
from rnntui.lm.text.streams import LONGEST_LINE, taken
from rnntui.text_facts import LinePassage

_LAYOUT_SAMPLE = 1 << 21
_PIECE = 1 << 16
_MOST_LINES = 64
"""Lines that are decided together."""
_FIRST_LOOK = 250
"""Lines of the opening from which is told what a text is like; more where they do not say it plainly."""
_SECOND_LOOK = 1_000
_GOLDEN = 0.6180339887498949
"""Its multiples fall evenly between whole numbers, and not into step with what alternates, such as verse and prose."""
_RAGGED = 18
"""Cells by which lines of evident prose may differ."""
_LEAST_RAGGED = 10
"""Cells below the width from which a line may have had room for the next word."""
_SHOWN_LINES = 3
_SHOWN_CELLS = 200
_ODD_STARTS = frozenset(" \t\u3000>-*+\u2022\u00b7\u2013\u2014<[|#0123456789")
"""How a line may begin that means more than words do."""
_INDENTS = frozenset(" \t\u3000")
_LAYOUT = frozenset(" \t\u3000>")
_LONGEST_PARAGRAPH = 300
"""Lines."""
_HYPHENS = frozenset("-\u2014\u2010")
_QUOTED = re.compile(r"(?:> ?)+")
_FOLLOWED = re.compile(r"\n[a-z\u00df-\u00f6\u00f8-\u00ff\u0430-\u045f]")
"""A line that goes on with a small letter."""


@dataclass(slots=True)
class _Entry:
    """Passages one after the other that were decided alike."""

    kind: str
    are_joined: bool
    first_line: int
    last_line: int
    before: tuple[str, ...]
    after: tuple[str, ...]
    width: int = 0
    tally: Tally = field(default_factory=Tally)

    def passage(self) -> LinePassage:
        """As the person sees it."""
        return LinePassage(
            self.first_line,
            self.last_line - self.first_line + 1,
            self.kind,
            self.are_joined,
            reason_of(self.kind, self.width if self.are_joined else 0, self.tally),
            self.before,
            self.after,
        )


def rejoin_lines(parts: Iterable[str], is_wished: bool | None, findings: Findings) -> Iterator[str]:
    """Join lines that were broken only to fit a width, so that a paragraph is one line.

    Args:
        parts: The text.
        is_wished: True or False when a person says so; None joins where the signs are for it.
        findings: Told what every passage was taken for, and why.
    """
    if is_wished is False:
        yield from parts
        return
    source = iter(parts)
    opening = yield from taken(source, _LAYOUT_SAMPLE)
    joiner = _Joiner(opening, bool(is_wished), findings)
    beginning = (opening[at : at + _PIECE] for at in range(0, len(opening), _PIECE))  # each is a sign of life
    for part in itertools.chain(beginning, source):
        yield joiner.take(part) if part else ""
    yield joiner.finish()


class _Joiner:
    """Joins as a text goes by.

    Args:
        opening: Its first part.
        is_asked: True when a person says that it was wrapped.
        findings: Told of every decision.
    """

    def __init__(self, opening: str, is_asked: bool, findings: Findings) -> None:
        self._outlook = outlook_of(_sample(opening, _FIRST_LOOK), is_asked=is_asked)
        if not self._outlook.is_plain:
            self._outlook = outlook_of(_sample(opening, _SECOND_LOOK), is_asked=is_asked)
        self._hyphens = find_hyphens(opening, is_unspaced=self._outlook.is_unspaced)
        self._findings = findings
        self._rest = ""
        self._around = self._around_deep = 0.0
        self._recent = 0
        self._line = 1
        self._entry: _Entry | None = None
        self._has_entries = False
        self._may_hurry = (
            self._outlook.odds > 2
            and self._outlook.is_spaced
            and not (self._outlook.marks or self._outlook.is_unspaced or is_asked)
        )
        self._shortest = max(int(0.75 * self._outlook.width), self._outlook.width - _RAGGED)
        self._plain = _pattern_of_plain(self._outlook.width) if self._may_hurry else None

    def take(self, part: str) -> str:
        """What is certain, with one more part."""
        text = self._rest + part
        cut = text.rfind("\n\n") + 2
        if cut < 2:
            self._rest = text
            return self._overflow()
        self._rest = text[cut:]
        done = "\n\n".join(map(self._block, text[: cut - 2].split("\n\n"))) + "\n\n"
        return done + self._overflow()

    def finish(self) -> str:
        """What is left."""
        ending = self._block(self._rest) if self._rest else ""
        self._close()
        if not self._has_entries and self._line > 4:
            self._findings.add_passage(
                LinePassage(1, self._line - 2, "paragraphs", False, "every line stands between empty ones")
            )
        return ending

    def _overflow(self) -> str:
        """Of lines without an empty one after them, those that are certain."""
        if len(self._rest) < _MOST_LINES:
            return ""
        lines = self._rest.split("\n")
        done = []
        if len(lines[-1]) > LONGEST_LINE:
            self._rest = ""
            self._line += len(lines) - 1
            return self._lines(lines[:-1], lines[-1][:1]) + lines[-1] if len(lines) > 1 else lines[-1]
        while len(lines) - (not lines[-1]) > _MOST_LINES + 2:
            done.append(self._lines(lines[:_MOST_LINES], lines[_MOST_LINES]))
            lines = lines[_MOST_LINES:]
        self._rest = "\n".join(lines) if done else self._rest
        return "".join(done)

    def _block(self, block: str) -> str:
        """Lines up to an empty one, with newlines before and after them that are no pair."""
        if self._plain is not None and self._around >= 0 and self._plain.fullmatch(block) and _FOLLOWED.search(block):
            paragraph = block.replace("\n", " ")
            self._notice_plain(block, paragraph, block.count("\n"))
            self._line += 1
            return paragraph
        body = block.strip("\n")
        if not body:
            self._line += len(block) + 1
            return block
        start = block.find(body[0])
        gap, tail = block[:start], block[start + len(body) :]
        self._line += len(gap)
        if "\n" not in body:
            self._line += 2 + len(tail)
            return f"{gap}{body.rstrip() if self._outlook.odds > 0 else body}{tail}"
        joined = self._evident(body) if self._may_hurry and self._around >= 0 else None
        if joined is None:
            lines = body.split("\n")
            done = []
            while len(lines) > _MOST_LINES + 2:
                done.append(self._lines(lines[:_MOST_LINES], lines[_MOST_LINES]))
                lines = lines[_MOST_LINES:]
            joined = "".join((*done, self._lines(lines, "")))
        self._line += 1 + len(tail)
        return f"{gap}{joined}{tail}"

    def _evident(self, body: str) -> str | None:
        """A paragraph of a wrapped text joined, where nothing in it needs a closer look; else None."""
        lines = body.split("\n")
        lengths = list(map(len, lines))
        width = self._outlook.width
        last = lengths.pop()
        if min(lengths) < self._shortest or max(lengths) > width + 2 or last > width + 2 or not last:
            return None
        starts = {line[0] for line in lines}
        if len(lines) > _LONGEST_PARAGRAPH or (
            not starts.isdisjoint(_ODD_STARTS) and self._may_be_items(lines, starts)
        ):
            return None
        if "".join(starts).isupper() and (len(lines) > 2 or self._ends_early(lines, lengths)):
            return None
        if min(lengths) < width - _LEAST_RAGGED and self._ends_early(lines, lengths):
            return None
        ends = {line[-1] for line in lines}
        if " " in ends or "\t" in ends:
            lines = [line.rstrip() for line in lines]
            ends = {line[-1:] for line in lines}
        joined = " ".join(lines) if ends.isdisjoint(_HYPHENS) else self._glued(lines)
        self._notice_plain(body, joined, len(lengths))
        return joined

    def _notice_plain(self, body: str, joined: str, count: int) -> None:
        self._around = min(2.0, self._around + 0.5)
        entry = self._entry
        if entry is None or entry.kind != "prose" or not entry.are_joined:
            lines = [line.rstrip() for line in body.split("\n")]
            entry = self._open("prose", True, self._line, lines, [joined])
        entry.tally.ends += count
        entry.tally.full += count
        entry.width = self._outlook.width
        entry.last_line = self._line + count
        self._findings.are_lines_joined = True
        self._findings.passages_joined += 1
        self._line += count + 1

    def _may_be_items(self, lines: Sequence[str], starts: set[str]) -> bool:
        """Whether lines are indented or quoted, or several begin with a sign or a number."""
        if not starts.isdisjoint(_LAYOUT) or lines[0][0] in _ODD_STARTS:
            return True
        return sum(line[0] in _ODD_STARTS for line in lines) > 2

    def _ends_early(self, lines: Sequence[str], lengths: Sequence[int]) -> bool:
        """Whether more lines than one in four, and than one of several, had room for the next word."""
        width = self._outlook.width - SLACK
        short = [at for at, length in enumerate(lengths) if length + 2 < width]
        roomy = sum(lengths[at] + 1 + len(lines[at + 1][:200].split(" ", 1)[0]) < width for at in short)
        return roomy > (max(1, len(lengths) // 4) if len(lengths) > 1 else 0)

    def _glued(self, lines: Sequence[str]) -> str:
        """Lines in one, hyphens and dashes at their ends looked at."""
        pieces: list[str] = []
        for line, after in itertools.pairwise(lines):
            pieces += self._hyphens.joint(line, after, self._findings)
        return "".join((*pieces, lines[-1]))

    def _lines(self, lines: Sequence[str], after: str) -> str:
        """Some lines as they will be learned from; with what stands before `after` when there is such a line."""
        texts = [line.rstrip() for line in lines]
        joined: list[str] = []
        start = 0
        everything = [*texts, after.rstrip()] if after else texts
        for end in range(1, len(everything) + 1):
            if end < len(everything) and _depth(everything[end]) == _depth(everything[start]):
                continue
            joined += self._segment(everything[start:end], self._line + start, min(end, len(texts)) - start)
            if end < len(everything):
                joined.append("\n")
            start = end
        self._line += len(texts)
        return "".join(joined)

    def _segment(self, lines: Sequence[str], first_line: int, count: int) -> list[str]:
        """Lines of one depth of quoting with what stands between them; of more than `count`, the last one not."""
        if len(lines) < 2 or not lines[0]:
            pairs = [piece for line in lines[:count] for piece in (line, "\n")]
            return pairs if count < len(lines) else pairs[:-1]
        prefixes, bodies = [""] * len(lines), lines
        if lines[0][0] == ">":
            prefixes = [found[0] if (found := _QUOTED.match(line)) else "" for line in lines]
            bodies = [line[len(prefix) :] for line, prefix in zip(lines, prefixes, strict=True)]
        is_deep = all(line[0] in _INDENTS for line in bodies if line)
        around = self._around_deep if is_deep else self._around
        verdict = judge(bodies, self._outlook, around, self._recent, is_whole=count == len(lines))
        pieces: list[str] = []
        for place in range(count):
            line = bodies[place] if not place or not verdict.joins[place - 1] else bodies[place].lstrip()
            if not place or not verdict.joins[place - 1]:
                pieces.append(prefixes[place])
            if place == len(lines) - 1:
                pieces.append(line)
            elif verdict.joins[place]:
                pieces += self._hyphens.joint(line, bodies[place + 1].lstrip(), self._findings)
            else:
                pieces += (line, "\n")
        self._notice(verdict, first_line, lines[:count], pieces, is_deep=is_deep)
        return pieces

    def _notice(
        self, verdict: Verdict, first_line: int, lines: Sequence[str], pieces: Sequence[str], *, is_deep: bool
    ) -> None:
        own = max(-6.0, min(6.0, verdict.odds)) if (verdict.odds > 0) == verdict.are_joined else 0.0
        if is_deep:
            self._around_deep = max(-2.0, min(2.0, 0.7 * self._around_deep + 0.3 * own))
        else:
            self._around = max(-2.0, min(2.0, 0.7 * self._around + 0.3 * own))
        if verdict.are_joined:
            self._findings.are_lines_joined = True
            self._findings.passages_joined += 1
            self._recent = verdict.width if len(lines) > 5 else self._recent
        else:
            self._findings.passages_kept[verdict.kind] += 1
        entry = self._entry
        if entry is None or (entry.kind, entry.are_joined) != (verdict.kind, verdict.are_joined):
            after = "".join(pieces).split("\n", _SHOWN_LINES)[:_SHOWN_LINES]
            entry = self._open(verdict.kind, verdict.are_joined, first_line, lines, after)
        entry.tally.add(verdict.tally)
        entry.width = verdict.width or entry.width
        entry.last_line = first_line + len(lines) - 1

    def _open(self, kind: str, are_joined: bool, first_line: int, lines: Sequence[str], after: Sequence[str]) -> _Entry:
        self._close()
        self._has_entries = True
        self._entry = _Entry(
            kind,
            are_joined,
            first_line,
            first_line + len(lines) - 1,
            tuple(line[:_SHOWN_CELLS] for line in lines[:_SHOWN_LINES]),
            tuple(line[:_SHOWN_CELLS] for line in after[:_SHOWN_LINES]),
        )
        return self._entry

    def _close(self) -> None:
        if self._entry is not None:
            self._findings.add_passage(self._entry.passage())
            self._entry = None


def _pattern_of_plain(width: int) -> re.Pattern[str]:
    """What a paragraph is like that needs no look at its lines: all near a width, and none of odd beginning or end."""
    first = f"[^{re.escape(''.join(sorted(_ODD_STARTS)))}\n]"
    last = f"[^ \t{re.escape(''.join(sorted(_HYPHENS)))}\n]"
    shortest, longest = max(1, width - _LEAST_RAGGED), width + 2
    full = f"{first}[^\n]{{{shortest - 2},{longest - 2}}}{last}\n"
    return re.compile(rf"(?:{full}){{1,{_LONGEST_PARAGRAPH - 1}}}+{first}(?:[^\n]{{0,{longest - 2}}}[^ \t\n])?")


def _depth(line: str) -> int:
    """How often a line is quoted; below 0 for an empty one, which stands alone."""
    if not line:
        return -1
    if line[0] != ">":
        return 0
    found = _QUOTED.match(line)
    depth = found[0].count(">") if found else 0
    return depth if found and found.end() < len(line) else -depth - 1


def _sample(opening: str, count: int) -> Iterator[list[str]]:
    """Some passages from all over the opening, those of one line left out."""
    share = min(1.0, count / max(1, opening.count("\n")))
    number = 0
    for block in [block for block in opening.split("\n\n") if "\n" in block]:
        number += 1
        if number * _GOLDEN % 1 >= share and len(block) < 2_000:
            continue
        lines = block[: 1 << 20].split("\n")
        for start in range(0, len(lines), _MOST_LINES):
            number += start > 0
            if number * _GOLDEN % 1 >= share:
                continue
            some = lines[start : start + _MOST_LINES]
            texts = [_QUOTED.sub("", line, count=1) if line[:1] == ">" else line for line in some]
            if len(kept := [text[:2_000] for text in texts if text.strip()]) > 1:
                yield kept
