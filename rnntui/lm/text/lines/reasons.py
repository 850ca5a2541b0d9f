"""Why lines were joined or kept, counted and in words."""

from dataclasses import dataclass


@dataclass(slots=True)
class Tally:
    """Signs that were counted in some lines."""

    ends: int = 0
    """Line ends that may be wrapping."""
    full: int = 0
    """Where the next word would not have fitted."""
    inside: int = 0
    """Inside a sentence: no mark, and the next line begins with a small letter or in a script without case."""
    capitals: int = 0
    """The next line begins with a capital."""
    sentences: int = 0
    """After the end of a sentence."""
    marked: int = 0
    """Lines that begin with a mark, or have what such a kind has."""
    lines: int = 0

    def add(self, other: "Tally") -> None:
        """Count what another one counted."""
        self.ends += other.ends
        self.full += other.full
        self.inside += other.inside
        self.capitals += other.capitals
        self.sentences += other.sentences
        self.marked += other.marked
        self.lines += other.lines


def reason_of(kind: str, width: int, tally: Tally) -> str:
    """The signs that decided, in words."""
    if kind in {"code", "table", "contents"}:
        what = {"code": "spelled as programs are", "table": "in columns", "contents": "with numbers of pages"}[kind]
        return f"its {tally.lines:,} lines stand {what}" if kind == "table" else f"its {tally.lines:,} lines are {what}"
    parts = []
    if tally.marked and kind in _MARK_IN_WORDS:
        parts.append(f"{tally.marked:,} of {tally.lines:,} lines begin with {_MARK_IN_WORDS[kind]}")
    if width:
        parts.append(f"{tally.full:,} of {tally.ends:,} line ends had no room for the next word in {width} columns")
        if tally.inside:
            parts.append(f"{tally.inside:,} stand inside a sentence")
    elif tally.ends:
        if room := tally.ends - tally.full:
            parts.append(f"{room:,} of {tally.ends:,} line ends had room for the next word")
        if tally.capitals:
            parts.append(f"{tally.capitals:,} are followed by a capital")
        if tally.sentences:
            parts.append(f"{tally.sentences:,} stand after a sentence")
    return "; ".join(parts) or f"{tally.lines:,} lines"


_MARK_IN_WORDS = {
    "list": "a bullet or number",
    "script": "who speaks",
    "chat": "a time or a name",
    "log": "a time or a level",
    "lyrics": "the name of a part",
}
