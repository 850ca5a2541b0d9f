"""What was noticed in one text while it was read: counted, and said in sentences."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from rnntui.lm.text.characters import terminal
from rnntui.lm.text.characters.forms import LEFT_OUT, PRIVATE, UNMENDED, UNREADABLE
from rnntui.lm.text.encodings import repairs
from rnntui.text import counted, plural, visible_line
from rnntui.text_facts import MOST_EXAMPLES, LeftOut, LinePassage, Speaker

_LONGEST_EXAMPLE = 200
_NOT_REPLACED = LEFT_OUT | terminal.LEFT_OUT | repairs.LEFT_OUT
_MOST_PASSAGES = 200
_MOST_SPEAKERS = 1_000
_MOST_KINDS = 3


@dataclass(slots=True)
class Findings:
    """What was noticed in one text, counted while it passes."""

    has_licence: bool = False
    transcriber_notes: int = 0
    are_lines_joined: bool = False
    passages_joined: int = 0
    """Passages of two lines or more whose wrapped lines were joined."""
    passages_kept: Counter[str] = field(default_factory=Counter)
    """Passages of two lines or more that keep all their lines, by what they were taken for."""
    words_mended: int = 0
    """Words that a line end had broken."""
    emphasised: int = 0
    """Passages between the marks of italics or bold letters, which were left out."""
    captions: int = 0
    footnotes: int = 0
    marks_of_notes: int = 0
    has_contents: bool = False
    """True when a table of contents was left out."""
    scene_breaks: int = 0
    """That were given one form."""
    has_turned_marks: bool = False
    """True when straight quotes, hyphens or dots became typographic ones."""
    characters_lost: int = 0
    """By giving quotes, dashes and dots one form, in which several characters may be one."""
    skipped: int = 0
    """Records of a table that could not be read."""
    unspaced_share: float = 0.0
    """Share of the first characters that belong to scripts without spaces between words."""
    remarks: list[str] = field(default_factory=list)
    """What the reader of the format chose, one sentence each."""
    format: str = "plain text"
    """What it was read as, in words."""
    treated: Counter[str] = field(default_factory=Counter)
    """How often something was mended or given one form, by its name in the plural, such as "soft hyphens"."""
    left_out: Counter[str] = field(default_factory=Counter)
    """How many passages were left out, by kind; see `leave_out`."""
    examples: list[LeftOut] = field(default_factory=list)
    """Some of what was left out."""
    passages: list[LinePassage] = field(default_factory=list)
    """How lines were understood; see `add_passage`."""
    spoken_words: Counter[str] = field(default_factory=Counter)
    """How many words each speaker says; see `hear`."""
    messages: Counter[str] = field(default_factory=Counter)
    silenced: set[str] = field(default_factory=set)
    """Speakers whose words are not learned from."""
    people: Mapping[str, str] = field(default_factory=dict)
    """Names by the numbers that a chat calls its people by; what stands beside it in an archive."""
    wished_speakers: tuple[str, ...] = ()
    """Those a person chose, as they were written; empty for everybody."""

    def leave_out(self, kind: str, text: str) -> None:
        """Count a passage that is not learned from, and keep it to be looked at if there are few of its kind.

        Args:
            kind: In the singular, such as "mail address".
            text: The passage, as it stands.
        """
        self.left_out[kind] += 1
        if self.left_out[kind] <= MOST_EXAMPLES:
            self.examples.append(LeftOut(kind, visible_line(text, _LONGEST_EXAMPLE)))

    def add_passage(self, passage: LinePassage) -> None:
        """Keep how some lines were understood; of very many, the longest."""
        self.passages.append(passage)
        if len(self.passages) > 2 * _MOST_PASSAGES:
            longest = sorted(self.passages, key=lambda entry: -entry.lines)[:_MOST_PASSAGES]
            self.passages = sorted(longest, key=lambda entry: entry.first_line)

    def hear(self, speaker: str, words: int, *, is_kept: bool = True) -> None:
        """Count one message or speech; of more than a thousand speakers, the rest go under one name."""
        name = speaker if speaker in self.spoken_words or len(self.spoken_words) < _MOST_SPEAKERS else "others"
        self.spoken_words[name] += words
        self.messages[name] += 1
        if not is_kept:
            self.silenced.add(name)

    def speakers(self) -> tuple[Speaker, ...]:
        """Who speaks, the one who says most first."""
        return tuple(
            Speaker(name, words, self.messages[name], name not in self.silenced)
            for name, words in self.spoken_words.most_common()
        )

    def notes(self) -> list[str]:
        """One sentence each, for the person."""
        found = list(self.remarks)
        if self.skipped:
            found.append(f"{plural(self.skipped, 'record')} could not be read and {_were(self.skipped)} left out.")
        found += self._of_characters()
        if self.has_licence:
            found.append("Project Gutenberg's header and licence were left out.")
        if self.transcriber_notes:
            found.append("A transcriber's notes were left out.")
        if self.are_lines_joined:
            found.append(self._of_lines())
        if self.words_mended:
            found.append(f"{plural(self.words_mended, 'word')} broken at a line end {_were(self.words_mended)} mended.")
        found += self._of_a_book()
        if self.has_turned_marks:
            found.append("Straight quotes and hyphens became “ ” ‘ ’ —, as the model writes them.")
        if self.unspaced_share > 0.2:
            found.append("Its script has no spaces between words.")
        return found

    def _of_characters(self) -> list[str]:
        """What was mended, in two sentences, the most frequent first; and what cannot be read."""
        said = []
        for beginning, is_left_out in (("Left out", True), ("Mended or given one form", False)):
            kinds = [
                counted(number, kind)
                for kind, number in self.treated.most_common()
                if number and kind not in UNMENDED and (kind in _NOT_REPLACED) == is_left_out
            ]
            said += [f"{beginning}: {', '.join(kinds)}."] if kinds else []
        if unreadable := self.treated[UNREADABLE]:
            said.append(f"{plural(unreadable, 'character')} could not be read and stand{_s(unreadable)} as � in it.")
        if private := self.treated[PRIVATE]:
            said.append(f"{plural(private, 'character')} mean{_s(private)} something in one font only (private use).")
        return said

    def _of_lines(self) -> str:
        sentence = "Lines that were wrapped to a width were joined into paragraphs"
        kept = self.passages_kept.total()
        if not kept:
            return f"{sentence}."
        kinds = [kind for kind, _ in self.passages_kept.most_common(_MOST_KINDS)]
        kinds += ["others"] if len(self.passages_kept) > _MOST_KINDS else []
        share = f"{self.passages_joined:,} of {self.passages_joined + kept:,} passages"
        return f"{sentence} ({share}); {kept:,} {'keeps its' if kept == 1 else 'keep theirs'}: {', '.join(kinds)}."

    def _of_a_book(self) -> list[str]:
        counted = (
            (
                self.emphasised,
                "pair of marks around italics or bold letters",
                "pairs of marks around italics or bold letters",
            ),
            (self.captions, "caption of an illustration", "captions of illustrations"),
            (self.footnotes, "footnote", "footnotes"),
            (self.marks_of_notes, "mark of a note", "marks of notes"),
        )
        left_out = [f"{number:,} {one if number == 1 else many}" for number, one, many in counted if number]
        left_out += ["the table of contents"] if self.has_contents else []
        scenes = f"{plural(self.scene_breaks, 'break')} between scenes got one form" if self.scene_breaks else ""
        if not left_out:
            return [f"{scenes}."] if scenes else []
        sentence = f"Left out, as marks of a printed book: {', '.join(left_out)}"
        return [f"{sentence}; {scenes}." if scenes else f"{sentence}."]


def _s(number: int) -> str:
    return "s" if number == 1 else ""


def _were(number: int) -> str:
    return "was" if number == 1 else "were"
