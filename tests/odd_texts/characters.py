"""Texts with odd characters, and the words that are meant; all content is invented."""

import random
from dataclasses import dataclass

ENGLISH = (
    "The ferry was late, and nobody had counted the lanterns.",
    "Orla said the efficient flag would find its office again.",
    "It wasn’t the cobbler who waited by the quiet harbour.",
    "A fine film of salt covered the first window.",
)
"""Sentences with letters that ligatures are made of."""


@dataclass(frozen=True, slots=True)
class OddText:
    """A text as it is found, and as it should be learned from."""

    written: str
    meant: str


def prose(seed: int, paragraphs: int = 6) -> str:
    """Plain paragraphs."""
    dice = random.Random(seed)
    return "".join(" ".join(dice.choices(ENGLISH, k=4)) + "\n\n" for _ in range(paragraphs))


def coloured_log(seed: int, paragraphs: int = 6) -> OddText:
    """What a terminal was sent: colours, titles and links."""
    dice = random.Random(seed)
    plain = prose(seed, paragraphs)
    words = plain.split(" ")
    for place in dice.sample(range(len(words)), len(words) // 4):
        before, after = dice.choice((
            ("\x1b[31m", "\x1b[0m"),
            ("\x1b[1;32m", "\x1b[m"),
            ("\x1b[38;5;208m", "\x1b[39m"),
            ("\x1b]0;a title\x07", ""),
            ("\x1b]8;;https://example.org/a?b=1\x1b\\", "\x1b]8;;\x1b\\"),
            ("\x1b7\x1b(B", "\x1b8"),
            ("\x1bP1$r0m\x1b\\", "\x07"),
        ))  # fmt: skip
        words[place] = before + words[place] + after
    return OddText(" ".join(words), plain)


def typescript(seed: int, paragraphs: int = 6) -> OddText:
    """A page of a manual: bold and underlined by striking letters twice."""
    dice = random.Random(seed)
    plain = prose(seed, paragraphs)
    words = plain.split(" ")
    for place in range(0, len(words), 3):
        bold = dice.random() < 0.5
        words[place] = "".join(
            letter if letter == "\n" else f"{letter}\b{letter}" if bold else f"_\b{letter}" for letter in words[place]
        )
    return OddText(" ".join(words), plain)


def typeset(seed: int, paragraphs: int = 6) -> OddText:
    """What is copied out of a typeset document: ligatures, soft hyphens, spaces that do not break."""
    dice = random.Random(seed)
    plain = prose(seed, paragraphs)
    written = plain
    for letters, ligature in (("ffi", "ﬃ"), ("fi", "ﬁ"), ("fl", "ﬂ")):
        written = written.replace(letters, ligature)
    written = written.replace("lanterns", "lan\xadterns").replace("harbour", "har\u200bbour")
    return OddText("".join(dice.choice(" \xa0\u202f\u2009") if letter == " " else letter for letter in written), plain)


def wide(seed: int, paragraphs: int = 3) -> OddText:
    """Letters as wide as Chinese ones."""
    plain = prose(seed, paragraphs).replace("’", "'").replace(",", "").replace(".", "")
    written = "".join(
        chr(ord(letter) + 0xFEE0) if letter.isalnum() else {" ": "\u3000", "'": "＇"}.get(letter, letter)
        for letter in plain
    )
    return OddText(written, plain)


def with_zero_bytes(seed: int, paragraphs: int = 6) -> OddText:
    """Control characters in the middle of words."""
    dice = random.Random(seed)
    plain = prose(seed, paragraphs)
    return OddText(plain.replace("e", "e" + dice.choice("\0\x01\x07\x7f")), plain)


def doubled_line_ends(seed: int, paragraphs: int = 6) -> OddText:
    """CR CR LF, as text that was converted twice has it."""
    plain = prose(seed, paragraphs)
    return OddText(plain.replace("\n", "\r\r\n"), plain)


def progress(seed: int) -> OddText:
    """The log of an installation, in which bars were drawn over themselves."""
    dice = random.Random(seed)
    written, meant = [], []
    for name in dice.sample(("lantern", "ferry", "kettle", "violin"), 3):
        steps = [f"Fetching {name}: {share:3d}% [{'#' * (share // 10):10}]" for share in range(0, 101, 10)]
        written.append("\r".join(steps) + "\n" + f"Unpacked {name}.\n")
        meant.append(f"{steps[-1]}\nUnpacked {name}.\n")
    return OddText("".join(written), "".join(meant))


MADE = (coloured_log, typescript, typeset, with_zero_bytes, doubled_line_ends, progress, wide)
"""Every kind of them: seed -> text."""
