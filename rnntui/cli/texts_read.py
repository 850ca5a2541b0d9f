"""How texts were read, for a terminal of 80 columns: what `rnntui inspect` and the first lines of a run say."""

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from rich.cells import cell_len, set_cell_size

from rnntui.service.prepare.facts_in_words import read_as, summary, summary_of_all
from rnntui.service.prepare.worth import percent
from rnntui.text import bar, plural, visible_line
from rnntui.text_facts import LinePassage, TextFacts

Found = TypeVar("Found")
WIDTH = 79
MOST_TOLD_ALONE = 4
"""Texts that are each described; of more, what they have in common."""
_MOST_SPEAKERS = 10
_MOST_SHOWN_TEXTS = 40
_BAR_CELLS = 10
_NAME_CELLS = 16
_COLUMN = 10


def warning_lines(warnings: Sequence[str]) -> Iterator[str]:
    """Warnings, the gravest first."""
    for warning in warnings:
        yield from wrapped(f"! {warning}")


def summary_lines(texts: Sequence[TextFacts]) -> Iterator[str]:
    """What was found in each of a few texts, or in many together."""
    if len(texts) > MOST_TOLD_ALONE:
        yield from _rows(summary_of_all(texts))
        return
    for text in texts:
        if len(texts) > 1:
            yield visible_line(text.name, WIDTH - 1)
        yield from _rows([("read as", read_as(text))])
        yield from _opening_lines(text)
        rows = [row for row in summary(text) if row[0] != "speakers"]
        yield from _rows(rows)
        yield from speaker_lines(text, _MOST_SPEAKERS)


def passage_examples(texts: Sequence[TextFacts]) -> Iterator[str]:
    """For each kind of passage of a few texts the longest one, as it stands in the file and as it is learned from."""
    for text in texts if len(texts) <= MOST_TOLD_ALONE else ():
        kinds: dict[tuple[str, bool], LinePassage] = {}
        for passage in text.passages:
            key = (passage.kind, passage.are_joined)
            if key not in kinds or passage.lines > kinds[key].lines:
                kinds[key] = passage
        if kinds and len(texts) > 1:
            yield visible_line(text.name, WIDTH - 1)
        for passage in sorted(kinds.values(), key=lambda entry: entry.first_line):
            yield from passage_lines(passage)


def passage_lines(passage: LinePassage) -> Iterator[str]:
    """One passage: the decision with its reason, three lines before and after."""
    last = passage.first_line + passage.lines - 1
    where = f"lines {passage.first_line:,} to {last:,}" if passage.lines > 1 else f"line {passage.first_line:,}"
    done = "joined" if passage.are_joined else "kept"
    kind = f" ({visible_line(passage.kind, 30)})" if passage.kind else ""
    reason = f": {visible_line(passage.reason, 300)}" if passage.reason else ""
    yield from wrapped(f"{where} {done}{kind}{reason}")
    for sign, lines in (("-", passage.before), ("+", passage.after)):
        for line in lines:
            yield f"  {sign} {_cut(line, WIDTH - 5)}"


def speaker_lines(text: TextFacts, most: int) -> Iterator[str]:
    """Who speaks how much of a text, a line each with a bar."""
    total = max(1, sum(speaker.words for speaker in text.speakers))
    for number, speaker in enumerate(text.speakers[:most]):
        share = speaker.words / total
        left_out = "" if speaker.is_kept else ", left out"
        name = set_cell_size(visible_line(speaker.name, _NAME_CELLS), _NAME_CELLS)
        counted = f"{plural(speaker.words, 'word')} in {plural(speaker.messages, 'message')}{left_out}"
        heading = "speakers" if number == 0 else ""
        share_bar = f"{percent(share):>6} {bar(share, _BAR_CELLS):<{_BAR_CELLS}}"
        yield f"{heading:<{_COLUMN}} {name} {share_bar} {counted}"[:WIDTH]
    if len(text.speakers) > most:
        yield f"{'':<{_COLUMN}} and {len(text.speakers) - most:,} more; --show speakers names all"


def left_out_lines(texts: Sequence[TextFacts]) -> Iterator[str]:
    """What was left out of the texts, by kind, each kind with its count and examples."""
    for text, kinds in _each(texts, lambda text: text.left_out):
        yield visible_line(text.name, WIDTH - 1)
        for kind, count in sorted(kinds.items(), key=lambda entry: -entry[1]):
            examples = [found.text for found in text.left_out_examples if found.kind == kind and found.text]
            first = f", the first {len(examples)}" if 0 < len(examples) < count else ""
            yield f"  {plural(count, visible_line(kind, 40))}{first}" + (":" if examples else "")
            yield from (f"    {_cut(example, WIDTH - 5)}" for example in examples)
    yield from _nothing(texts, lambda text: text.left_out, "Nothing was left out.")


def all_passages(texts: Sequence[TextFacts]) -> Iterator[str]:
    """All passages of the texts."""
    for text, passages in _each(texts, lambda text: text.passages):
        yield visible_line(text.name, WIDTH - 1)
        for passage in passages:
            yield from passage_lines(passage)
    yield from _nothing(texts, lambda text: text.passages, "Every line end is kept as it stands in the file.")


def all_speakers(texts: Sequence[TextFacts]) -> Iterator[str]:
    """All speakers of the texts."""
    for text, speakers in _each(texts, lambda text: text.speakers):
        yield visible_line(text.name, WIDTH - 1)
        yield from speaker_lines(text, len(speakers))
    yield from _nothing(texts, lambda text: text.speakers, "The texts do not say who speaks.")


PAGES: Mapping[str, Callable[[Sequence[TextFacts]], Iterator[str]]] = {
    "left-out": left_out_lines,
    "lines": all_passages,
    "speakers": all_speakers,
}
"""What `inspect --show` prints, by its name."""


def pages_with_more(texts: Sequence[TextFacts]) -> list[str]:
    """The pages that would show something."""
    has = {
        "left-out": any(text.left_out for text in texts),
        "lines": any(text.passages for text in texts),
        "speakers": any(text.speakers for text in texts),
    }
    return [page for page in PAGES if has[page]]


def _each(texts: Sequence[TextFacts], find: Callable[[TextFacts], Found]) -> Iterator[tuple[TextFacts, Found]]:
    """The texts that have something to show, and what; of very many the first."""
    having = [text for text in texts if find(text)]
    for text in having[:_MOST_SHOWN_TEXTS]:
        yield text, find(text)


def _nothing(texts: Sequence[TextFacts], find: Callable[[TextFacts], object], sentence: str) -> Iterator[str]:
    having = sum(bool(find(text)) for text in texts)
    if not having:
        yield sentence
    if having > _MOST_SHOWN_TEXTS:
        yield f"and {plural(having - _MOST_SHOWN_TEXTS, 'more text')}; --json has all"


def _opening_lines(text: TextFacts) -> Iterator[str]:
    """Both readings of a text whose encoding is not sure."""
    if text.is_encoding_sure or not text.other_encoding:
        return
    for encoding, line in zip((text.encoding, text.other_encoding), text.openings, strict=False):
        start = f"{'':<{_COLUMN}} {visible_line(encoding, 16):<16} "
        yield f"{start}{_cut(line, WIDTH - len(start))}"
    yield f"{'':<{_COLUMN}} which one is right? --encoding {visible_line(text.other_encoding, 30)} takes the second"


def _rows(rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    for name, words in rows:
        yield from wrapped(f"{name:<{_COLUMN}} {words}", " " * (_COLUMN + 1))


def wrapped(sentence: str, indent: str = "  ") -> list[str]:
    """A sentence in lines."""
    return textwrap.wrap(sentence, WIDTH, subsequent_indent=indent, break_on_hyphens=False)


def _cut(line: str, cells: int) -> str:
    """A line of a text, no wider than so many cells."""
    shown = visible_line(line, 400)
    return shown if cell_len(shown) <= cells else f"{set_cell_size(shown, cells - 1).rstrip()}…"
