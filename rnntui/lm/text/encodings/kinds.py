"""What kind of sign a character is, and which kinds stand side by side in a text, whatever its language.

A capital after a small letter, a box inside a word, an opening quotation mark behind one, letters of two scripts in one
word: signs that bytes were read in another code page than the one they were written in. Costs are in nats.
"""

import functools
import unicodedata
from collections.abc import Sequence
from enum import IntEnum

import numpy as np

from rnntui.lm.text.encodings.languages import Floats, Whole


class Kind(IntEnum):
    """What a character is in a text."""

    SPACE = 0
    SMALL = 1
    CAPITAL = 2
    LETTER = 3
    """Of a script without capitals, or a mark on a letter."""
    DIGIT = 4
    MARK = 5
    """ASCII punctuation."""
    OPENING = 6
    CLOSING = 7
    APOSTROPHE = 8
    DASH = 9
    SIGN = 10
    """Such as degrees and currencies."""
    ODD = 11
    """A sign that hardly any text has."""
    BOX = 12
    NOTHING = 13
    """A control character, or a byte that the code page does not know."""


_LETTERS = (Kind.SMALL, Kind.CAPITAL, Kind.LETTER)
_NAMED = {
    **dict.fromkeys("“‘„‚«‹¿¡", Kind.OPENING),
    **dict.fromkeys("”»›…", Kind.CLOSING),
    "’": Kind.APOSTROPHE,
    **dict.fromkeys("–—―‐‑", Kind.DASH),
    **dict.fromkeys("°§£€©®™•·½¼¾†‡№×ªº²³±", Kind.SIGN),
    **dict.fromkeys("\xa0\u202f\u3000", Kind.SPACE),
}
_SCRIPTS = ((0x0370, 0), (0x0400, 1), (0x0590, 2), (0x0600, 3), (0x0E00, 4), (0x0E80, 5))
_TWO_SCRIPTS = 5.0
_RARE_SPACE = 3.0


@functools.lru_cache(maxsize=4096)
def kind_of(character: str) -> Kind:
    """The kind of one character."""
    if character in _NAMED:
        return _NAMED[character]
    if character.isspace() and character not in "\x1c\x1d\x1e\x1f\x85":
        return Kind.SPACE
    if character < "\x80" and character.isprintable() and not character.isalnum():
        return Kind.MARK
    if character.isdecimal():
        return Kind.DIGIT if character < "\x80" else Kind.LETTER
    category = unicodedata.category(character)
    if category[0] in "LM":
        return Kind.CAPITAL if category in {"Lu", "Lt"} else Kind.SMALL if category == "Ll" else Kind.LETTER
    if "\u2320" <= character <= "\u2321" or "\u2500" <= character <= "\u25ff":
        return Kind.BOX
    return Kind.NOTHING if category[0] == "C" or character == "\ufffd" else Kind.ODD


def small(character: str) -> str:
    """A letter as the table of languages has it; "" for what is no letter."""
    if kind_of(character) not in _LETTERS:
        return ""
    letter = character.lower()[:1] if character < "\ufb50" else unicodedata.normalize("NFKC", character)[:1]
    return {"ș": "ş", "ț": "ţ"}.get(letter, letter)


def neighbours(characters: Sequence[str], before: Whole, after: Whole) -> Floats:
    """What each pair costs, whatever the language; the letters themselves cost nothing here.

    Args:
        characters: What each sign of a sample reads.
        before: For each pair the place of its first character there.
        after: And of its second.
    """
    kinds = np.array([kind_of(character) for character in characters])
    costs = _costs()[kinds[before], kinds[after]]
    scripts = np.array([script_of(c) if k in _LETTERS else -1 for c, k in zip(characters, kinds, strict=True)])
    first, second = scripts[before], scripts[after]
    costs = costs + _TWO_SCRIPTS * ((first >= 0) & (second >= 0) & (first != second))
    rare = np.array([_RARE_SPACE * (c in "\xa0\u202f\u3000") for c in characters], np.float32)
    return np.asarray(costs + rare[after], np.float32)


def plain_neighbours(before: Whole, after: Whole) -> Floats:
    """The same for characters of ASCII, given by their numbers, at most 127."""
    kinds = np.array([kind_of(chr(code)) for code in range(128)])
    return np.asarray(_costs()[kinds[before], kinds[after]], np.float32)


def script_of(character: str) -> int:
    """A number for the script of a letter; the same for all letters of one script."""
    code = ord(character)
    if 0x0300 <= code < 0x0370:
        return 0
    return next((place for below, place in _SCRIPTS if code < below), len(_SCRIPTS))


@functools.cache
def _costs() -> Floats:
    """[first, second]: what it costs that the second kind follows the first one."""
    costs = np.zeros((len(Kind), len(Kind)), np.float32)
    costs[:, Kind.CAPITAL] = 1.5
    costs[Kind.SMALL, Kind.CAPITAL] = 5.0
    costs[Kind.CAPITAL, Kind.CAPITAL] = 0.8
    costs[Kind.LETTER, Kind.CAPITAL] = costs[Kind.LETTER, Kind.SMALL] = 2.0
    costs[Kind.DIGIT, _LETTERS] = 1.0
    costs[:, Kind.OPENING] = 4.0
    costs[_LETTERS, Kind.OPENING] = 10.0
    costs[Kind.OPENING, Kind.SPACE] = 3.0
    costs[:, Kind.CLOSING] = costs[:, Kind.APOSTROPHE] = 4.0
    costs[Kind.SPACE, Kind.CLOSING] = 6.0
    costs[Kind.SPACE, Kind.APOSTROPHE] = 5.0
    costs[Kind.CLOSING, _LETTERS] = 5.0
    costs[:, Kind.DASH] = 4.5
    costs[:, Kind.SIGN] = 7.0
    costs[_LETTERS, Kind.SIGN] = 10.0
    costs[Kind.SIGN, _LETTERS] = 2.0
    costs[:, Kind.ODD] = 9.0
    costs[_LETTERS, Kind.ODD] = 12.0
    costs[Kind.ODD, _LETTERS] = 3.0
    costs[:, Kind.BOX] = 7.0
    costs[_LETTERS, Kind.BOX] = 13.0
    costs[Kind.BOX, _LETTERS] = 4.0
    costs[Kind.BOX, Kind.BOX] = 1.0
    costs[:, Kind.NOTHING] = 16.0
    costs[Kind.NOTHING, _LETTERS] = 3.0
    return costs
