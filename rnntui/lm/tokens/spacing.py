"""What may follow what without a space between them, so that two words are not glued to one.

Most entries of a vocabulary carry the space before them; the others stand at the start of a paragraph, behind an
opening quote, a dash, a bracket. Behind a letter they would make a word that nobody wrote, behind a full stop a
sentence without its space. What the text does itself is allowed: "1st", "10,000", a quotation mark that opens in
English and closes in German. Scripts that are written without spaces are left alone. V = vocabulary size.
"""

import functools
import unicodedata
from collections import defaultdict

import numpy as np
import numpy.typing as npt

from rnntui.lm.text.streams import UNSPACED
from rnntui.lm.tokens.splitting import split
from rnntui.lm.tokens.tokenizer import UNKNOWN_ID, Tokenizer

Ids = npt.NDArray[np.int64] | npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

_OTHER, _SPACE, _MARK, _LETTER, _DIGIT = range(5)
"""What stands at an end of a token; a letter of a script without spaces is of another kind, and is left alone."""
_LEAST_SEEN = 2
"""What was seen once may be a slip of the text."""
_OPENS = 0.02
"""A mark opens when a word without its space stands behind it at this share of its places."""
_CLOSES = 0.001
"""A mark may stand behind a word when it does so at this share of its places: most follow other marks."""
_OPENING_KINDS = frozenset({"Ps", "Pi", "Pd"})
"""Brackets, quotes and dashes: what they do where the text does not have them."""
_OPENING_MARKS = frozenset("¿¡")
_JOINERS = frozenset("\u200c\u200d")


class Spacing:
    """Says what may follow a token without a space.

    Args:
        ids: [N], a text as it stands, to see what is usual in it.
        tokenizer: Its vocabulary.
    """

    def __init__(self, ids: Ids, tokenizer: Tokenizer) -> None:
        pieces = [tokenizer.piece(number) for number in range(len(tokenizer))]
        self._ends = np.array([_kind(_last_letter(piece)) for piece in pieces], dtype=np.int8)
        begins = np.array([_kind(piece[:1]) for piece in pieces], dtype=np.int8)
        begins[[tokenizer.is_continuation(number) for number in range(len(tokenizer))]] = _OTHER
        begins[UNKNOWN_ID] = self._ends[UNKNOWN_ID] = _OTHER
        self._is_word, self._is_number = begins == _LETTER, begins == _DIGIT
        before, after = ids[:-1], ids[1:]
        is_bare = begins >= _LETTER
        is_joint = is_bare[after] & (self._ends[before] >= _MARK)
        is_opening = np.array([_opens(piece[-1:]) for piece in pieces])
        is_open = (self._ends == _OTHER) | (self._ends == _SPACE)
        is_mark = self._ends == _MARK
        self._opens_word, self._opens_number = (
            is_open | (is_mark & _usual_tokens(before[is_joint & kind[after]], before, is_opening, _OPENS))
            for kind in (self._is_word, self._is_number)
        )
        closes = _usual_tokens(after[self._ends[before] >= _LETTER], after, ~is_opening, _CLOSES)
        self._follows_word = ~is_bare & ((begins != _MARK) | closes)
        follows_digit = _usual_tokens(
            after[is_joint & (self._ends[before] == _DIGIT)], after, np.zeros_like(closes), _OPENS
        )
        self._follows_digit = self._follows_word | (is_bare & follows_digit)
        self._pairs = _pairs(before[is_joint], after[is_joint])

    def allowed_next(self, recent: Ids) -> Mask | None:
        """Which tokens may come next [V]; None where all may. What a person joined lately may be joined again.

        Args:
            recent: The tokens read lately, the newest last.
        """
        last = int(recent[-1]) if recent.size else UNKNOWN_ID
        opens_word, opens_number = bool(self._opens_word[last]), bool(self._opens_number[last])
        if opens_word and opens_number:
            return None
        allowed: Mask
        if self._ends[last] == _MARK:
            allowed = ~((self._is_word & (not opens_word)) | (self._is_number & (not opens_number)))
        else:
            allowed = (self._follows_digit if self._ends[last] == _DIGIT else self._follows_word).copy()
        allowed[self._pairs.get(last, [])] = True
        allowed[recent[1:][recent[:-1] == last]] = True
        return allowed


def _usual_tokens(places: Ids, all_places: Ids, otherwise: Mask, share: float) -> Mask:
    """Which tokens stand at some places at such a share of all their places [V]; `otherwise` for those of none."""
    some = np.bincount(places, minlength=otherwise.size)
    whole = np.bincount(all_places, minlength=otherwise.size)
    return np.where(whole > 0, (some >= _LEAST_SEEN) & (some >= share * whole), otherwise)


def _pairs(before: Ids, after: Ids) -> dict[int, list[int]]:
    """What was seen behind each token more than once."""
    pairs, counts = np.unique(np.column_stack((before, after)), axis=0, return_counts=True)
    following: dict[int, list[int]] = defaultdict(list)
    for first, second in pairs[counts >= _LEAST_SEEN].tolist():
        following[first].append(second)
    return dict(following)


def _opens(mark: str) -> bool:
    return mark in _OPENING_MARKS or unicodedata.category(mark) in _OPENING_KINDS


def _last_letter(piece: str) -> str:
    """The last character of a piece, or the one that its marks and joiners belong to."""
    bare = piece
    while bare and (unicodedata.category(bare[-1])[0] == "M" or bare[-1] in _JOINERS):
        bare = bare[:-1]
    return bare[-1:] or piece[-1:]


@functools.lru_cache(maxsize=1 << 15)
def _kind(character: str) -> int:
    if not character or character.isspace():
        return _SPACE
    if UNSPACED.match(character):
        return _OTHER
    if character.isnumeric():
        return _DIGIT
    if not character.isalpha() and unicodedata.category(character)[0] != "M":
        return _MARK
    return _LETTER if len(split(f"a{character}")) == 1 else _OTHER  # the expression that splits words knows which
