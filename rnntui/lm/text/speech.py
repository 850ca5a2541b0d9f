"""Who speaks in a text, whose words are learned from, and how a conversation is written out.

A reader of any format gives what is said, in order; what comes out is one message a line, with the speaker's name
before it where several people are kept, and an empty line where the talk paused for hours. Names are foreign text.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rnntui.errors import CorpusError
from rnntui.lm.text.findings import Findings
from rnntui.lm.text.streams import UNSPACED
from rnntui.records import ReadOptions
from rnntui.text import one_line, plural, quote
from rnntui.text_facts import TextFacts

LONGEST_NAME = 80
PAUSE_SECONDS = 3 * 3_600
"""After such a silence a conversation begins anew."""
_LOOKED_AT = 200
_LOOKED_AT_CHARACTERS = 1 << 20
_TOGETHER = 1 << 14
_MOST_NAMED = 6
_MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_PICTURES = re.compile("[\ufe0f\u200d\u2600-\u27bf\U0001f000-\U0001faff]")


@dataclass(frozen=True, slots=True)
class Speech:
    """What one person says at one time."""

    speaker: str
    """Empty where nobody knows."""
    text: str
    """Empty for a sign of life."""
    when: float | None = None
    """In seconds; only differences count. None where it is not known."""
    is_apart: bool = False
    """True for the first words of a conversation: an empty line stands before them."""


SILENCE = Speech("", "")
"""A sign of life from long work."""


class Voices:
    """Hears everybody, and says whose words are kept.

    Args:
        reading: Its `speakers` are the names that a person chose; without any, everybody is kept.
        findings: Told who speaks and what is left out.
    """

    def __init__(self, reading: ReadOptions, findings: Findings) -> None:
        self._wished = frozenset(map(_key, reading.speakers))
        self._findings = findings
        self.kept_names: set[str] = set()
        """Of those heard so far; of very many, some."""

    @property
    def are_chosen(self) -> bool:
        """True when a person said whose words to keep."""
        return bool(self._wished)

    def keep(self, speaker: str, text: str) -> bool:
        """Hear one message or speech, and say whether it is learned from; what has no speaker is kept with everybody's.

        Args:
            speaker: The name as it stands there; empty where nobody knows.
            text: What is said.
        """
        name = one_line(speaker, LONGEST_NAME)
        is_kept = not self._wished or _key(name) in self._wished
        if name:
            if self._wished and is_kept:
                self._findings.spoken_words[name] += 0  # a chosen one is named, however many others there are
            self._findings.hear(name, count_words(text), is_kept=is_kept)
        if is_kept and name and len(self.kept_names) < _LOOKED_AT:
            self.kept_names.add(_key(name))
        if not is_kept:
            self._findings.leave_out("other person's message", f"{name}: {text[:300]}" if name else text[:300])
        return is_kept


def write_out(speeches: Iterable[Speech], reading: ReadOptions, findings: Findings) -> Iterator[str]:
    """A conversation as text: "Name: text" a line when several people are kept, else the text alone.

    Messages of one person in a row stay lines of their own. After PAUSE_SECONDS without a message, and where a
    conversation begins, stands an empty line.

    Args:
        speeches: In order; those without text are signs of life.
        reading: Whose words are kept.
        findings: Told who speaks.
    """
    voices = Voices(reading, findings)
    before: float | None = None
    is_apart = is_begun = False
    waiting: list[str] = []
    length = 0
    source = iter(speeches)
    opening: list[Speech] = []
    while len(opening) < _LOOKED_AT and length < _LOOKED_AT_CHARACTERS and (first := next(source, None)) is not None:
        if first.text:
            opening.append(first)
            length += len(first.text)
        else:
            yield ""
    names = {_key(speech.speaker) for speech in opening if speech.speaker}
    length = 0
    for speech in itertools.chain(opening, source):
        if not speech.text:
            yield "".join(waiting)
            waiting, length = [], 0
            continue
        paused = before is not None and speech.when is not None and abs(speech.when - before) >= PAUSE_SECONDS
        is_apart = is_apart or paused or speech.is_apart
        before = speech.when if speech.when is not None else before
        if not voices.keep(speech.speaker, speech.text):
            continue
        name = one_line(speech.speaker, LONGEST_NAME)
        is_named = name and (len(voices.kept_names) > 1 or (len(names) > 1 and not voices.are_chosen))
        line = f"{name}: {speech.text}\n" if is_named else f"{speech.text}\n"
        waiting.append(f"\n{line}" if is_apart and is_begun else line)
        length += len(line)
        is_apart, is_begun = False, True
        if length >= _TOGETHER:
            yield "".join(waiting)
            waiting, length = [], 0
    yield "".join(waiting)
    findings.remarks += speech_remarks(reading, findings)


def speech_remarks(reading: ReadOptions, findings: Findings) -> list[str]:
    """Who speaks, and whose words are kept, in a sentence; none where nobody has a name."""
    if not findings.spoken_words:
        return []
    total = max(1, findings.spoken_words.total())
    if not reading.speakers:
        return [f"Who speaks: {_listed(findings.spoken_words)}."]
    kept = [name for name in findings.spoken_words if name not in findings.silenced]
    words = sum(findings.spoken_words[name] for name in kept)
    if not kept:
        return []
    whose = " and ".join(quote(name, 40) for name in kept[:_MOST_NAMED])
    return [f"Only the words of {whose} are learned from: {words:,} of {total:,}."]


def refuse_absent(wished: Iterable[str], texts: Iterable[TextFacts]) -> None:
    """Refuse names that a person chose and that nobody has in any of the texts.

    Args:
        wished: The names; without any, everything is right.
        texts: How all texts were read.

    Raises:
        CorpusError: With the names that there are, and their shares of the words.
    """
    names = tuple(wished)
    if not names:
        return
    heard: Counter[str] = Counter()
    for text in texts:
        for speaker in text.speakers:
            heard[speaker.name] += speaker.words
    if not heard:
        raise CorpusError("Nothing in it says who speaks.", "Leave --speaker out to learn from all of it.")
    present = set(map(_key, heard))
    for name in names:
        if _key(name) not in present:
            raise CorpusError(f"Nobody called {quote(name)} speaks in it.", f"There are {_listed(heard)}.")


def count_words(text: str) -> int:
    """Words of what is said; in scripts without spaces, letters."""
    words = len(text.split())
    return words if text.isascii() else words + len(UNSPACED.findall(text))


def message_text(text: str) -> str:
    """What was written in one message, without empty lines in it."""
    if "\n" not in text:
        return text.strip()
    return "\n".join(line for line in map(str.strip, text.split("\n")) if line)


def _listed(heard: "Counter[str]") -> str:
    """Names with their shares, the largest first."""
    total = max(1, heard.total())
    named = [f"{quote(name, 40)} ({100 * words / total:.0f} %)" for name, words in heard.most_common(_MOST_NAMED)]
    others = len(heard) - len(named)
    return ", ".join(named) + (f" and {plural(others, 'other')}" if others > 0 else "")


def _key(name: str) -> str:
    """A name as it is compared: without case, marks of direction, pictures and gaps."""
    plain = " ".join(_MARKS.sub("", one_line(name)).casefold().split())
    return _PICTURES.sub("", plain).strip() or plain
