"""The words of a text, so that a word which must be spelled becomes one of them and not one that nobody ever wrote.

A word is here whatever one token begins and continuations go on with: a whole word, a spelled one, a number, a sign.
N = tokens of the text, V = vocabulary size.
"""

from bisect import bisect_left

import numpy as np
import numpy.typing as npt
from torch import Tensor

from rnntui.lm.tokenizer import Tokenizer

Ids = npt.NDArray[np.int64] | npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
Word = tuple[int, ...]
"""The tokens of a word."""

_LONGEST = 64
"""A word of more tokens is nobody's; looking for it would take long."""


class Lexicon:
    """Says how a word that was begun may go on: as a word of the text, or as one that was just read.

    Args:
        ids: [N], the text.
        is_continuation: [V], which tokens go on with a word instead of beginning one.
    """

    def __init__(self, ids: Ids, is_continuation: Mask) -> None:
        self._is_continuation = is_continuation
        self._words = sorted(_words(ids, is_continuation))
        self._begin_word = np.zeros(is_continuation.size, dtype=np.bool_)
        self._begin_word[[word[0] for word in self._words]] = True
        self._begin_none = ~(self._begin_word | is_continuation)

    @classmethod
    def of(cls, ids: Tensor, tokenizer: Tokenizer) -> "Lexicon":
        """The words of a text [N]."""
        marked = (tokenizer.is_continuation(number) for number in range(len(tokenizer)))
        return cls(ids.numpy(), np.fromiter(marked, np.bool_, len(tokenizer)))

    def __contains__(self, word: Word) -> bool:
        """Whether the text has a word of these tokens."""
        place = bisect_left(self._words, word)
        return place < len(self._words) and self._words[place] == word

    def known_next(self, recent: Ids) -> Mask:
        """Which tokens may come next so that every word is known [V].

        The last word may go on as words of the text do that begin like it, and end where one of them ends. So may the
        words read lately, which a person may have written. A last word that is none of all these and begins none ends.

        Args:
            recent: The tokens read lately, the newest last.
        """
        begins = np.flatnonzero(~self._is_continuation[recent[-_LONGEST:]])
        known = self._begin_word.copy()
        if not begins.size:  # nothing was read, or nothing that can be a word
            return known
        begun: Word = tuple(recent[-_LONGEST:][begins[-1] :].tolist())
        goes_on, ends = self._in_text(begun)
        heard, was_ended = self._in_recent(recent, begun)
        if ends or was_ended or not (goes_on or heard.size):
            known[recent[self._begin_none[recent]]] = True
        else:
            known[:] = False
        known[[*goes_on]] = True
        known[heard] = True
        return known

    def _in_text(self, begun: Word) -> tuple[set[int], bool]:
        """The continuations that follow a beginning in words of the text, and whether it is a word itself."""
        first = bisect_left(self._words, begun)
        beyond = bisect_left(self._words, (*begun, self._is_continuation.size), first)
        is_word = first < beyond and self._words[first] == begun
        return {word[len(begun)] for word in self._words[first + is_word : beyond]}, is_word

    def _in_recent(self, recent: Ids, begun: Word) -> tuple[Ids, bool]:
        """The same in the words read lately, before the one that was just begun."""
        places = np.flatnonzero(recent[: recent.size - len(begun)] == begun[0])
        for offset, token in enumerate(begun[1:], start=1):
            places = places[recent[places + offset] == token]
        following = recent[places + len(begun)]
        goes_on = self._is_continuation[following]
        return following[goes_on], not goes_on.all()


def _words(ids: Ids, is_continuation: Mask) -> set[Word]:
    """The different words of a text; the last one, which may be cut off, is left out."""
    begins = np.flatnonzero(~is_continuation[ids])
    lengths = np.diff(begins)
    words: set[Word] = {(token,) for token in np.unique(ids[begins[:-1][lengths == 1]]).tolist()}
    for length in range(2, min(int(lengths.max(initial=0)), _LONGEST) + 1):
        places = begins[:-1][lengths == length]
        words.update(map(tuple, ids[places[:, None] + np.arange(length)].tolist()))
    return words
