"""Which letters follow which in some forty languages: how surprising a text would be in each of them.

The table is made by tests/benchmarks/make_letters.py. A letter that a language does not have costs more than any that
it has; English words may stand in every language.
"""

import functools
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Whole = npt.NDArray[np.int64]
Signs = npt.NDArray[np.uint8]

_STEPS_A_NAT = 6.0
_FIRST = ord("!")
_BORROWED = 10.0
_FOREIGN = 12.0
_AFTER_FOREIGN = 1.0
_OFTEN_BORROWED = frozenset("áàâäãåæçéèêëíìîïñóòôöõøœúùûüß")
_OTHER_WORD = 9.0
"""From a letter of one alphabet to one of English in a language of another script, in nats."""
_ENGLISH_WORD = 2.0


@dataclass(frozen=True, slots=True)
class Language:
    """One language as a table of pairs."""

    code: str
    name: str
    letters: str
    surprise: Floats
    """In nats, [signs, signs]: of a sign after another one. Sign 0 is no letter; the last two are letters of others,
    those that many languages borrow and the rest."""

    def signs(self, letters: tuple[str, ...]) -> Signs:
        """The sign of each letter, which is a small one; "" is no letter."""
        return _signs(self.letters, letters)


@functools.lru_cache(maxsize=4096)
def _signs(alphabet: str, letters: tuple[str, ...]) -> Signs:
    places = {letter: place for place, letter in enumerate(alphabet, 1)}
    others = len(alphabet) + 1
    return np.array([places.get(c, others + (c not in _OFTEN_BORROWED)) if c else 0 for c in letters], np.uint8)


@functools.cache
def languages() -> tuple[Language, ...]:
    """All that the table knows."""
    lines = files(__package__).joinpath("letters.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    english = next((letters, table) for code, _, letters, table in rows if code == "en")
    return tuple(_language(row, english) for row in rows)


def _language(row: list[str], english: tuple[str, str]) -> Language:
    code, name, letters, table = row
    known = _square(table, len(letters) + 1)
    if "a" not in letters:
        others = _square(english[1], len(english[0]) + 1)
        size, more = len(known), len(others) - 1
        both = np.full((size + more, size + more), _OTHER_WORD, np.float32)
        both[:size, :size] = known
        both[size:, size:] = others[1:, 1:]
        both[0, size:] = others[0, 1:] + _ENGLISH_WORD
        both[size:, 0] = others[1:, 0]
        known, letters = both, letters + english[0]
    size = len(known)
    surprise = np.full((size + 2, size + 2), _FOREIGN, np.float32)
    surprise[:, size] = _BORROWED
    surprise[:size, :size] = known
    surprise[size:, :size] = known[0] + _AFTER_FOREIGN
    return Language(code, name, letters, surprise)


def _square(table: str, size: int) -> Floats:
    steps = np.frombuffer(table.encode("ascii"), np.uint8).astype(np.float32) - _FIRST
    return (steps / _STEPS_A_NAT).reshape(size, size)
