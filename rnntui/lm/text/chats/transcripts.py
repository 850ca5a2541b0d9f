"""Interviews and plays written as "NAME: what is said" -> the same, everybody heard, or the words of some alone."""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from rnntui.lm.text.chats.log_heads import LONGEST_HEAD, opening_lines, text_lines
from rnntui.lm.text.findings import Findings
from rnntui.lm.text.speech import Voices, count_words, speech_remarks
from rnntui.records import ReadOptions

_SPOKEN = re.compile(
    r"(?P<name>[^\W\d_a-zß-öø-ÿ][\w.'’&-]*(?: (?:[^\W_a-zß-öø-ÿ][\w.'’&-]*|de|von|van|of|the|and|#\d+)){0,3})"
    r"(?: ?\([^()]{1,40}\))? ?: (?=\S)"
)


def find_speakers(text: str) -> frozenset[str]:
    """The names before what is said, where a text is plainly a transcript: "ANNA: Yes."; else none.

    Two at least take turns, each comes again, and they do not come in one order, as the fields of records do.

    Args:
        text: Its opening, maybe cut anywhere.
    """
    lines = [line for line in text.split("\n") if line.strip()][:-1]
    turns = [found["name"] for line in lines if (found := _SPOKEN.match(line[:LONGEST_HEAD]))]
    counts = Counter(turns)
    names = frozenset(name for name, times in counts.items() if times > 1)
    if len(names) < 2 or len(turns) < 6 or sum(counts[name] for name in names) < 0.9 * len(turns):
        return frozenset()
    paragraphs = [block for block in re.split(r"\n\s*\n", text) if block.strip()]
    begun = sum(bool(_SPOKEN.match(block.lstrip()[:LONGEST_HEAD])) for block in paragraphs)
    is_every_line = len(turns) >= 0.6 * len(lines)
    is_every_paragraph = len(paragraphs) >= 6 and begun >= 0.8 * len(paragraphs)
    period = len(counts)
    is_periodic = period > 2 and all(before == after for before, after in zip(turns, turns[period:], strict=False))
    words = sum(len(line.split()) for line in lines) / len(turns)
    if not (is_every_line or is_every_paragraph) or is_periodic or words < 3 or len(names) > max(4, len(turns) / 3):
        return frozenset()
    return names


def read_transcript(parts: Iterable[str], reading: ReadOptions, findings: Findings) -> Iterator[str]:
    """A transcript as it stands; with chosen speakers, what they say, without the name when it is one.

    Args:
        parts: The file.
        reading: Its `speakers` say whose words.
        findings: Told who speaks.
    """
    lines = text_lines(parts)
    opening = yield from opening_lines(lines)
    names = find_speakers("\n".join([*opening, ""]))
    voices = Voices(reading, findings)
    is_kept, speaker = not reading.speakers, ""
    for line in itertools.chain(opening, lines):
        if line is None:
            yield ""
            continue
        found = _SPOKEN.match(line[:LONGEST_HEAD])
        if found and (found["name"] in names or found["name"].isupper()):
            speaker = found["name"]
            said = line[found.end() :]
            is_kept = voices.keep(speaker, said)
            if len(reading.speakers) == 1:
                line = said
        elif speaker and line.strip():
            findings.spoken_words[speaker] += count_words(line)
        if is_kept:
            yield f"{line}\n"
    findings.remarks += speech_remarks(reading, findings)
