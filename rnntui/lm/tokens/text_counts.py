"""How many words, spelled words and characters a text has, counted while it goes by. V = vocabulary size."""

import numpy as np
from torch import Tensor

from rnntui.lm.tokens.tokenizer import UNKNOWN_ID, Tokenizer


class WordCount:
    """Counts the tokens of a text as a person would: a spelled word counts once, white space does not count.

    The rest of a word that began before the text is left out of the words. See `generator.words_of`, which says the
    same word by word.

    Attributes:
        characters: Of all tokens, unknown ones as one each.
        unknown_characters: Characters that the vocabulary does not know.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        pieces = [tokenizer.piece(number) for number in range(len(tokenizer))]
        self._goes_on = np.array([tokenizer.is_continuation(number) for number in range(len(pieces))], dtype=np.bool_)
        self._has_text = np.array([bool(piece.strip()) for piece in pieces], dtype=np.bool_)
        self._lengths = np.array([len(piece) for piece in pieces], dtype=np.int64)
        self._words = self._spelled = 0
        self._last_tokens = 0  # of the word that may go on in the next piece of the text
        self._last_has_text = False
        self.characters = self.unknown_characters = 0

    @property
    def words(self) -> int:
        """Words and punctuation marks so far."""
        return self._words + (self._last_tokens > 0 and self._last_has_text)

    @property
    def spelled_words(self) -> int:
        """Those that have no entry."""
        return self._spelled + (self._last_tokens > 1 and self._last_has_text)

    def add(self, ids: Tensor) -> None:
        """Go on with the next tokens [N]."""
        tokens = ids.numpy()
        self.characters += int(self._lengths[tokens].sum())
        self.unknown_characters += int((tokens == UNKNOWN_ID).sum())
        begins = np.flatnonzero(~self._goes_on[tokens])
        first = int(begins[0]) if begins.size else tokens.size
        if self._last_tokens:
            self._last_tokens += first
            self._last_has_text |= bool(self._has_text[tokens[:first]].any())
        if not begins.size:
            return
        self._words, self._spelled = self.words, self.spelled_words
        lengths = np.diff(begins, append=tokens.size)
        is_word = np.logical_or.reduceat(self._has_text[tokens], begins)
        self._words += int(is_word[:-1].sum())
        self._spelled += int((is_word[:-1] & (lengths[:-1] > 1)).sum())
        self._last_tokens, self._last_has_text = int(lengths[-1]), bool(is_word[-1])
