"""How often the text of a model has each character, and each mark beside a space or beside itself.

From what the model counted where it keeps that, else from its vocabulary alone, whose words stand in order of
frequency. V = vocabulary size.
"""

import functools
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from rnntui.lm.mix.ngram import KneserNey
from rnntui.lm.tokens.tokenizer import UNKNOWN, Tokenizer

if TYPE_CHECKING:
    from rnntui.lm.mix.mixture import Counting

_PIECES_LOOKED_AT = 30_000
"""The most frequent ones; rarer ones have no characters that matter."""
_LEAST = 1e-12
"""The share of what is known and was never met."""
_ONLY_KNOWN = 1e-3
"""The share of a character of which no more than its presence is known."""


class TextUsage:
    """Shares of the text that a model learned, 0 to 1; they are compared with each other and mean nothing alone.

    Args:
        tokenizer: Of the model.
        counting: What it counted; None where it keeps nothing of that.
    """

    def __init__(self, tokenizer: Tokenizer, counting: "Counting | None" = None) -> None:
        self.tokenizer = tokenizer
        self._counting = counting

    @property
    def is_counted(self) -> bool:
        """Whether anything was counted."""
        return self._counting is not None

    def of(self, character: str) -> float:
        """Of the pieces that have a character; 0 for one that was never seen."""
        return self.characters.get(character, _LEAST if self.tokenizer.knows(character) else 0.0)

    def spaced(self, mark: str) -> float:
        """Of a mark with a space before it."""
        return self._of_piece(" " + mark)

    def bare(self, mark: str) -> float:
        """Of a mark without a space before it."""
        return self._of_piece(mark)

    def doubled(self, mark: str, before: str = "") -> float:
        """Of a mark right behind itself; 0 also where nothing was counted.

        Args:
            mark: One character.
            before: Stands before the first of the two, a space or nothing.
        """
        first, second = self.tokenizer.id_of(before + mark), self.tokenizer.id_of(mark)
        if self._counting is None or first is None or second is None:
            return 0.0
        pair = self._counting.contexts_after((first, second))
        if len(pair) < 2 or pair[-1] < 0:
            return 0.0
        following = self._counting.distribution(self._counting.contexts_after((first,)))[0]
        return float(self._frequencies[first] * following[second])

    def before_word(self, mark: str) -> float:
        """How often a mark has a word behind it without a space between; 0 also where nothing was counted."""
        numbers = [number for lead in (" ", "") if (number := self.tokenizer.id_of(lead + mark)) is not None]
        if self._counting is None or not numbers:
            return 0.0
        shares = []
        for number in numbers:
            following = self._counting.distribution(self._counting.contexts_after((number,)))[0]
            shares.append((float(self._frequencies[number]), float(following[self._begins_with_letter].sum())))
        return sum(weight * share for weight, share in shares) / sum(weight for weight, _ in shares)

    @functools.cached_property
    def _begins_with_letter(self) -> npt.NDArray[np.bool_]:
        numbers = range(len(self.tokenizer))
        return np.array(
            [self.tokenizer.piece(n)[0].isalpha() and not self.tokenizer.is_continuation(n) for n in numbers]
        )

    @functools.cached_property
    def characters(self) -> Mapping[str, float]:
        """The share of every known character."""
        shares: defaultdict[str, float] = defaultdict(float)
        frequencies = self._frequencies.tolist()
        for number, piece in enumerate(self.tokenizer.pieces[:_PIECES_LOOKED_AT]):
            if piece != UNKNOWN:
                for character in set(self.tokenizer.piece(number)):
                    shares[character] += frequencies[number]
        return shares

    def _of_piece(self, piece: str) -> float:
        number = self.tokenizer.id_of(piece)
        return 0.0 if number is None else float(self._frequencies[number])

    @functools.cached_property
    def _frequencies(self) -> npt.NDArray[np.float64]:
        """[V]: what was never met has almost nothing."""
        if isinstance(self._counting, KneserNey):
            occurrences = self._counting.occurrences
            return np.maximum(occurrences / max(1, int(occurrences.sum())), _LEAST)
        if self._counting is not None:  # a table tells only after how many words each came, which is much the same
            counted = self._counting.distribution(())[0]
            frequencies: npt.NDArray[np.float64] = np.maximum(counted - counted.min(), _LEAST)
            return frequencies
        lengths = np.array([len(self.tokenizer.piece(number)) for number in range(len(self.tokenizer))])
        is_word = lengths > 1
        ranks = np.cumsum(is_word) + 9.0  # Zipf's law
        guessed: npt.NDArray[np.float64] = np.where(is_word, 0.1 / ranks, _ONLY_KNOWN)
        return guessed
