"""How texts were read, as rows to look at and to choose from. Knows no widget."""

import dataclasses
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from textual.content import Content

from rnntui.records import LEAVE_OUT, ReadOptions
from rnntui.service.prepare.facts_in_words import lines_in_words, read_as, summary, summary_of_all
from rnntui.service.prepare.worth import percent
from rnntui.text import bar, plural
from rnntui.text_facts import LinePassage, Speaker, TextFacts
from rnntui.tui.safe import joined, shown_line, shown_name

TURN, ENCODING, SPEAKER, LEAVE = "turn", "encoding", "speaker", "leave out"
"""What choosing a row does."""
MOST_TOLD_ALONE = 4
_MOST_SPEAKERS = 60
_NAME_CELLS = 22
_BAR_CELLS = 16
_REASON_CHARACTERS = 66
"""Of a row that fits into the dialog at 80 columns."""
_PRIVATE = {
    "names": ("names of people", ("name",)),
    "phones": ("telephone numbers", ("telephone", "phone")),
    "mail": ("mail addresses", ("mail",)),
    "links": ("links", ("link",)),
}
"""For each kind of private words what it is called, and how the kinds of what was left out begin."""


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """One row."""

    content: Content
    does: str = ""
    """One of the words above; empty for a row that is only read."""
    value: str = ""
    """Which encoding, speaker or kind."""


def rows_of_reading(texts: Sequence[TextFacts], options: ReadOptions) -> list[ReadingRow]:
    """Everything that can be chosen, and what was found, in short."""
    rows: list[ReadingRow] = []
    for text in texts if len(texts) <= MOST_TOLD_ALONE else ():
        rows.append(ReadingRow(joined(shown_line(text.name, "bold", 60), "  ", shown_line(read_as(text)))))
        rows += [_said(name, words) for name, words in summary(text) if name in {"mended", "left out"}]
    if len(texts) > MOST_TOLD_ALONE:
        rows += [_said(name, words) for name, words in summary_of_all(texts)]
    for section in (_encodings, _lines, _speakers, _leave_out):
        part = section(texts, options)
        rows += [ReadingRow(Content("")), *part] if part else []
    return rows


def rows_of_left_out(texts: Sequence[TextFacts]) -> list[ReadingRow]:
    """What is not learned from, by kind, with examples."""
    rows: list[ReadingRow] = []
    for text in texts:
        for kind, count in sorted(text.left_out.items(), key=lambda entry: -entry[1]):
            name = joined("  ", shown_line(text.name, "$foreground-disabled", 40)) if len(texts) > 1 else ""
            rows.append(ReadingRow(joined(shown_line(plural(count, kind), "bold", 60), name)))
            examples = [found.text for found in text.left_out_examples if found.kind == kind and found.text]
            rows += [ReadingRow(joined("  ", shown_line(example, "$foreground-muted"))) for example in examples]
            if 0 < len(examples) < count:
                rows.append(ReadingRow(joined((f"  and {count - len(examples):,} more", "$foreground-disabled"))))
    return rows or [ReadingRow(joined(("Nothing was left out.", "$foreground-muted")))]


def rows_of_lines(texts: Sequence[TextFacts]) -> list[ReadingRow]:
    """Every passage, with three lines before and after."""
    rows = [row for text in texts for passage in text.passages for row in _passage(passage)]
    return rows or [ReadingRow(joined(("Every line end is kept as it stands in the file.", "$foreground-muted")))]


def turned(texts: Sequence[TextFacts], options: ReadOptions) -> ReadOptions:
    """The other decision about line ends; back to what was found where one was made already."""
    if options.join_lines is not None:
        return dataclasses.replace(options, join_lines=None)
    return dataclasses.replace(options, join_lines=not are_joined(texts))


def are_joined(texts: Sequence[TextFacts]) -> bool:
    """Whether most lines that something was decided about are joined."""
    passages = [passage for text in texts for passage in text.passages]
    return sum(entry.lines if entry.are_joined else -entry.lines for entry in passages) > 0


def turn_label(texts: Sequence[TextFacts], options: ReadOptions) -> str:
    """What turning the lines round would do."""
    if options.join_lines is not None:
        return "Lines as found"
    return "Keep all lines" if are_joined(texts) else "Join all lines"


def chosen(options: ReadOptions, row: ReadingRow, texts: Sequence[TextFacts]) -> ReadOptions:
    """The options after a row was chosen; the same where that would leave nobody to learn from."""
    if row.does == TURN:
        return turned(texts, options)
    if row.does == ENCODING:
        return dataclasses.replace(options, encoding="" if options.encoding == row.value else row.value)
    if row.does == LEAVE:
        kept = [kind for kind in LEAVE_OUT if (kind in options.leave_out) != (kind == row.value)]
        return dataclasses.replace(options, leave_out=tuple(kept))
    if row.does == SPEAKER:
        everybody = [speaker.name for speaker in all_speakers(texts)]
        heard = set(options.speakers or everybody) ^ {row.value}
        if not heard & set(everybody):
            return options
        named = () if heard >= set(everybody) else tuple(name for name in everybody if name in heard)
        return dataclasses.replace(options, speakers=named)
    return options


def all_speakers(texts: Sequence[TextFacts]) -> list[Speaker]:
    """Who speaks in any of the texts, the one who says most first."""
    words: Counter[str] = Counter()
    messages: Counter[str] = Counter()
    for text in texts:
        for speaker in text.speakers:
            words[speaker.name] += speaker.words
            messages[speaker.name] += speaker.messages
    return [Speaker(name, count, messages[name]) for name, count in words.most_common()]


# ---- parts of the page ----------------------------------------------------------------------------------------------


def _said(name: str, words: str) -> ReadingRow:
    return ReadingRow(joined((f"  {name:<10}", "$foreground-muted"), shown_line(words, "", 400)))


def _heading(words: str, hint: str = "") -> ReadingRow:
    return ReadingRow(joined((words, "bold $text-primary"), (f"  {hint}" if hint else "", "$foreground-disabled")))


def _encodings(texts: Sequence[TextFacts], options: ReadOptions) -> list[ReadingRow]:
    """Both readings of the first text whose encoding is not sure, or of the one that was said."""
    unsure = [text for text in texts if not text.is_encoding_sure and text.other_encoding]
    if not unsure:
        if not options.encoding:
            return []
        said = f"read as {options.encoding}, as you said; choose it to let it be found out"
        return [_heading("Encoding"), ReadingRow(joined("(•) ", shown_line(said)), ENCODING, options.encoding)]
    text = unsure[0]
    where = f" in {text.name}" if len(texts) > 1 else ""
    rows = [_heading("Encoding", f"not sure{where}: which of these is right?")]
    for encoding, opening in zip((text.encoding, text.other_encoding), text.openings, strict=False):
        mark = "(•) " if encoding == (options.encoding or text.encoding) else "( ) "
        rows.append(ReadingRow(joined(mark, shown_name(encoding, 14), shown_line(opening)), ENCODING, encoding))
    return rows


def _lines(texts: Sequence[TextFacts], options: ReadOptions) -> list[ReadingRow]:
    passages = [passage for text in texts for passage in text.passages]
    if not passages and options.join_lines is None:
        return []
    found = lines_in_words(passages) or ("all joined" if options.join_lines else "all kept")
    rows = [_heading("Lines", found)]
    rows.append(ReadingRow(joined("[↻] ", shown_line(turn_label(texts, options))), TURN))
    kinds: dict[tuple[str, bool], LinePassage] = {}
    for passage in passages:
        key = (passage.kind, passage.are_joined)
        if key not in kinds or passage.lines > kinds[key].lines:
            kinds[key] = passage
    for passage in kinds.values():
        rows += _passage(passage)
    return rows


def _passage(passage: LinePassage) -> Iterator[ReadingRow]:
    done = "joined" if passage.are_joined else "kept"
    kind = f" ({passage.kind})" if passage.kind else ""
    where = f"from line {passage.first_line:,} on {plural(passage.lines, 'line')} {done}{kind}:"
    yield ReadingRow(joined("  ", shown_line(where, "$foreground-muted", 300)))
    for part in textwrap.wrap(passage.reason, _REASON_CHARACTERS):
        yield ReadingRow(joined("    ", shown_line(part, "$foreground-muted", 300)))
    for sign, style, lines in (("- ", "$text-error", passage.before), ("+ ", "$text-success", passage.after)):
        for line in lines:
            yield ReadingRow(joined("    ", (sign, style), shown_line(line)))


def _speakers(texts: Sequence[TextFacts], options: ReadOptions) -> list[ReadingRow]:
    speakers = all_speakers(texts)
    if not speakers:
        return []
    total = max(1, sum(speaker.words for speaker in speakers))
    rows = [_heading("Whose words?", "space takes one out, or in again")]
    for speaker in speakers[:_MOST_SPEAKERS]:
        share = speaker.words / total
        mark = "[x] " if not options.speakers or speaker.name in options.speakers else "[ ] "
        counted = f"  {plural(speaker.words, 'word')} in {plural(speaker.messages, 'message')}"
        content = joined(
            mark,
            shown_name(speaker.name, _NAME_CELLS),
            f" {percent(share):>6} ",
            (f"{bar(share, _BAR_CELLS):<{_BAR_CELLS}}", "$primary"),
            (counted, "$foreground-muted"),
        )
        rows.append(ReadingRow(content, SPEAKER, speaker.name))
    if len(speakers) > _MOST_SPEAKERS:
        rest = f"and {len(speakers) - _MOST_SPEAKERS:,} more; --speaker names one on the command line"
        rows.append(ReadingRow(joined((f"    {rest}", "$foreground-disabled"))))
    return rows


def _leave_out(texts: Sequence[TextFacts], options: ReadOptions) -> list[ReadingRow]:
    rows = [_heading("Leave out", "private words")]
    for kind in LEAVE_OUT:
        is_out = kind in options.leave_out
        counted = f"{_count(texts, kind):,} left out" if is_out else ""
        mark = "[x] " if is_out else "[ ] "
        rows.append(ReadingRow(joined(mark, f"{_PRIVATE[kind][0]:<20}", (counted, "$foreground-muted")), LEAVE, kind))
    return rows


def _count(texts: Sequence[TextFacts], kind: str) -> int:
    _, begins = _PRIVATE[kind]
    return sum(count for text in texts for name, count in text.left_out.items() if name.startswith(begins))
