"""How a text was read, in words for a person: the same ones for the command line, the form and a run."""

import re
from collections.abc import Mapping, Sequence

from rnntui.service.prepare.worth import percent
from rnntui.text import counted, plural, visible_line
from rnntui.text_facts import LinePassage, Speaker, TextFacts

_MOST_ENTRIES = 6
_NO_ENCODINGS = frozenset(("docx", "epub", "mail", "odt", "pdf"))
"""What stands in the place of an encoding where the format has its own: the format says it already."""
_SAID_IN_ROWS = {
    "lines": ("Lines that were wrapped",),
    "speakers": ("Who speaks: ",),
    "mended": ("Mended or given one form: ", "Left out: "),
}
"""How notes begin that say what a row of the summary says."""
_NAMED = re.compile(r"^(?P<name>[^:]{1,300}): (?P<sentence>.+)$", re.DOTALL)


def read_as(text: TextFacts) -> str:
    """Format, encoding and language: "subtitles, utf-8, English"."""
    doubt = f" or {text.other_encoding}?" if not text.is_encoding_sure and text.other_encoding else ""
    encoding = "" if text.encoding in _NO_ENCODINGS else f"{text.encoding}{doubt}"
    facts = (text.format, encoding, text.language)
    return ", ".join(visible_line(fact, 60) for fact in facts if fact)


def lines_in_words(passages: Sequence[LinePassage]) -> str:
    """How many lines of which kind were joined and kept: "1,210 joined (prose); 48 kept (verse, list)"."""
    parts = []
    for are_joined, word in ((True, "joined"), (False, "kept")):
        alike = [passage for passage in passages if passage.are_joined == are_joined]
        if not alike:
            continue
        kinds: dict[str, int] = {}
        for passage in alike:
            kinds[passage.kind] = kinds.get(passage.kind, 0) + passage.lines
        named = ", ".join(sorted(filter(None, kinds), key=lambda kind: -kinds[kind])[:3])
        lines = sum(kinds.values())
        parts.append(f"{plural(lines, 'line')} {word}" + (f" ({visible_line(named, 60)})" if named else ""))
    return "; ".join(parts)


def counts_in_words(counts: Mapping[str, int], *, are_plural: bool = False) -> str:
    """What was counted under names, the most first.

    Args:
        counts: By name.
        are_plural: Whether the names stand in the plural already.
    """
    entries = [(name, count) for name, count in sorted(counts.items(), key=lambda entry: -entry[1]) if count]
    shown = [
        (counted if are_plural else plural)(count, visible_line(name, 40)) for name, count in entries[:_MOST_ENTRIES]
    ]
    rest = len(entries) - len(shown)
    return ", ".join(shown) + (f" and {rest} more kinds" if rest else "")


def speakers_in_words(speakers: Sequence[Speaker]) -> str:
    """Who says most: "Ada 61 %, Ben 30 % and 3 more"; who is not learned from is told."""
    total = max(1, sum(speaker.words for speaker in speakers))
    kept = [speaker for speaker in speakers if speaker.is_kept]
    named = ", ".join(f"{visible_line(entry.name, 30)} {percent(entry.words / total)}" for entry in kept[:3])
    rest = f" and {plural(len(kept) - 3, 'other')}" if len(kept) > 3 else ""
    silent = len(speakers) - len(kept)
    return f"{named}{rest}" + (f"; {silent:,} left out" if silent else "")


def summary(text: TextFacts) -> list[tuple[str, str]]:
    """What there is to say of one text in a few words each: what it is about, and the words."""
    rows = (
        ("lines", lines_in_words(text.passages)),
        ("speakers", speakers_in_words(text.speakers)),
        ("mended", counts_in_words(text.treated, are_plural=True)),
        ("left out", counts_in_words(text.left_out)),
    )
    return [(name, words) for name, words in rows if words]


def _rows_of(text: TextFacts) -> tuple[str, ...]:
    """How those notes of a text begin that its summary has said."""
    return tuple(begin for name, _ in summary(text) for begin in _SAID_IN_ROWS.get(name, ()))


def summary_of_all(texts: Sequence[TextFacts]) -> list[tuple[str, str]]:
    """The same of many texts together."""
    formats: dict[str, int] = {}
    treated: dict[str, int] = {}
    left_out: dict[str, int] = {}
    for text in texts:
        formats[read_as(text)] = formats.get(read_as(text), 0) + 1
        for counts, found in ((treated, text.treated), (left_out, text.left_out)):
            for name, count in found.items():
                counts[name] = counts.get(name, 0) + count
    kinds = sorted(formats.items(), key=lambda entry: -entry[1])
    shown = ", ".join(f"{count:,} × {what}" for what, count in kinds[:_MOST_ENTRIES])
    rows = (
        ("read as", shown + (f" and {len(kinds) - _MOST_ENTRIES} more kinds" if len(kinds) > _MOST_ENTRIES else "")),
        ("lines", lines_in_words([passage for text in texts for passage in text.passages])),
        ("speakers", speakers_in_words(_speakers_of_all(texts))),
        ("mended", counts_in_words(treated, are_plural=True)),
        ("left out", counts_in_words(left_out)),
    )
    return [(name, words) for name, words in rows if words]


def _speakers_of_all(texts: Sequence[TextFacts]) -> list[Speaker]:
    """Everybody who speaks in several texts once, with all that was said, who says most first."""
    found: dict[str, Speaker] = {}
    for speaker in (speaker for text in texts for speaker in text.speakers):
        before = found.get(speaker.name, Speaker(speaker.name, 0, 0, is_kept=False))
        found[speaker.name] = Speaker(
            speaker.name,
            before.words + speaker.words,
            before.messages + speaker.messages,
            is_kept=before.is_kept or speaker.is_kept,
        )
    return sorted(found.values(), key=lambda speaker: -speaker.words)


def grouped_notes(notes: Sequence[str], names: Sequence[str], told: Sequence[TextFacts] = ()) -> list[str]:
    """Notes of many texts: one that differs in names and numbers only is said once, with the number of the texts.

    Args:
        notes: One sentence each, most of them after the name of their text.
        names: Those of the texts.
        told: Texts that a summary was given of: what stands in that is not said again.
    """
    shown_names = {visible_line(name) for name in names}
    in_rows = {visible_line(text.name): _rows_of(text) for text in told}
    groups: dict[str, list[tuple[str, str]]] = {}
    for note in notes:
        found = _NAMED.match(note)
        name, sentence = (found["name"], found["sentence"]) if found and found["name"] in shown_names else ("", note)
        if sentence.startswith(in_rows.get(name, ())):
            continue
        key = re.sub(r"\d[\d,.]*", "#", sentence) if name else note
        groups.setdefault(key, []).append((name, sentence))
    said = []
    for entries in groups.values():
        name, sentence = entries[0]
        if not name or len(entries) == 1:
            said += [f"{name}: {sentence}" if name else sentence for name, sentence in entries]
            continue
        example = "" if len({sentence for _, sentence in entries}) == 1 else f"such as in {name}: "
        said.append(f"{len(entries):,} of {len(shown_names):,} texts: {example}{sentence}")
    return said
