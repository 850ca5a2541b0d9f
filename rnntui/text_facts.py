"""What was found in a text before it is trained on: how it was read, what was changed, what was left out, who speaks.

Plain values that the command line prints, the form shows and `inspect --json` writes. Text in them is foreign: who
draws it makes it visible.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LinePassage:
    """Some lines of a text that were treated alike, with the reason."""

    first_line: int
    """Its number in what the format's reader gave, from 1."""
    lines: int
    kind: str
    """What they were taken for, such as "prose", "verse", "list", "script", "code", "table"."""
    are_joined: bool
    reason: str
    """The signs that decided, as part of a sentence: "31 of 33 lines end within 6 characters of the longest"."""
    before: tuple[str, ...] = ()
    """Its first three lines as they stand in the file."""
    after: tuple[str, ...] = ()
    """The first three as they will be learned from."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One passage that is not learned from."""

    kind: str
    """Such as "licence", "timing", "mail address"; the name under which it is counted."""
    text: str
    """Its beginning."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """One who speaks in a text: in a chat, a script, letters."""

    name: str
    words: int
    messages: int
    is_kept: bool = True
    """False for one whose words are not learned from."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """What speaks against learning from a text."""

    kind: str
    """Such as "numbers" or "log"; `service.prepare.worth` has the sentence."""
    figure: float
    """What was measured: most often a share of the text, 0 to 1."""
    what: str = ""
    """What the figure is of, where the kind does not say it: "English and French"."""


@dataclass(frozen=True, slots=True)
class TextFacts:
    """How one text was read."""

    name: str
    """Without folders."""
    format: str = "plain text"
    """What it was read as, in words."""
    encoding: str = ""
    is_encoding_sure: bool = True
    other_encoding: str = ""
    """The next best, when it is not sure."""
    openings: tuple[str, ...] = ()
    """How the first line that tells them apart reads in both, when it is not sure."""
    treated: dict[str, int] = field(default_factory=dict)
    """How often something was mended or given one form, by its name, such as "soft hyphens"."""
    left_out: dict[str, int] = field(default_factory=dict)
    """How many passages were left out, by kind."""
    left_out_examples: tuple[LeftOut, ...] = ()
    """At most MOST_EXAMPLES of each kind."""
    passages: tuple[LinePassage, ...] = ()
    """How its lines were understood; the longest ones, in the order of the text."""
    speakers: tuple[Speaker, ...] = ()
    """Who says most, first."""
    language: str = ""
    """That of most of it, or its script; empty where neither is plain."""
    doubts: tuple[Doubt, ...] = ()
    """What speaks against learning from it, the gravest first."""


MOST_EXAMPLES = 20
"""Passages of each kind that are kept to be looked at."""
