"""The words of a text, so that a word which must be spelled becomes one of them and not one that nobody ever wrote.

A word is here whatever one token begins and continuations go on with: a whole word, a spelled one, a number, a sign.
What may stand next to what without a space is the matter of `joints`.
N = tokens of the text, V = vocabulary size.
"""

import functools
import itertools
from bisect import bisect_left
from collections import Counter
from collections.abc import Generator, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from rnntui.lm.tokens.spacing import Spacing
from rnntui.lm.tokens.tokenizer import UNKNOWN_ID, Tokenizer

Ids = npt.NDArray[np.int64] | npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
Word = tuple[int, ...]
"""The tokens of a word."""

_LONGEST = 64
"""A word of more tokens is nobody's; looking for it would take long."""
_FOREIGN = 0.1
"""A vocabulary was made from another text, or from more of it, when the text lacks such a share of the entries."""
_BEGINNINGS_KEPT = 4_096
MOST_SPELLED = 100_000
"""Words of a long text without an entry that are kept: half a megabyte."""
_SLICE = 1 << 20


class Lexicon:
    """Says how a word that was begun may go on: as a word of the text, or as one that was just read.

    A vocabulary may have words that the text lacks: those of a model that went on with another text, those of the
    beginning of a very long one. An entry that nothing in the text begins with is a word too. Where many are lacking,
    so is every entry: what only begins words here may have been one there. Where few are lacking, those that other
    entries begin with are none: they are parts for spelling, which nothing was spelled with.

    Args:
        ids: [N], the text.
        is_continuation: [V], which tokens go on with a word instead of beginning one.
        entries: [V], which tokens are more than the first character of a word; None for none.
        joints: What may follow what without a space; None lets everything.
        beginnings: [V], which entries others begin with; None for none.
    """

    def __init__(
        self,
        ids: Ids,
        is_continuation: Mask,
        entries: Mask | None = None,
        joints: Spacing | None = None,
        beginnings: Mask | None = None,
    ) -> None:
        self._is_continuation = is_continuation
        self._joints = joints
        words = _words(ids, is_continuation)
        if entries is not None:
            lacking = entries.copy()
            lacking[[word[0] for word in words]] = False
            is_foreign = lacking.sum() > _FOREIGN * entries.sum()
            if beginnings is not None:
                lacking &= ~beginnings
            words.update((token,) for token in np.flatnonzero(entries if is_foreign else lacking).tolist())
        self._words = sorted(words)
        self._begin_word = np.zeros(is_continuation.size, dtype=np.bool_)
        self._begin_word[[word[0] for word in self._words]] = True
        self._begin_none = ~(self._begin_word | is_continuation)
        self._begun = functools.lru_cache(_BEGINNINGS_KEPT)(self._in_text)

    @classmethod
    def of(cls, ids: Tensor, tokenizer: Tokenizer, text: Tensor | None = None) -> "Lexicon":
        """The words of a text, and those of the vocabulary that it lacks.

        Args:
            ids: [N], the text, or from `collect_words`.
            tokenizer: Its vocabulary.
            text: [M], the text as it stands, or a part of it; None when `ids` are that.
        """
        pieces = [(tokenizer.piece(number), tokenizer.is_continuation(number)) for number in range(len(tokenizer))]
        goes_on = np.array([goes_on for _, goes_on in pieces], dtype=np.bool_)
        entries = np.array([not goes_on and len(piece) > 1 for piece, goes_on in pieces], dtype=np.bool_)
        entries[UNKNOWN_ID] = False
        joints = Spacing((ids if text is None else text).numpy(), tokenizer)
        ordered = sorted((piece, number) for number, (piece, _) in enumerate(pieces) if entries[number])
        beginnings = np.zeros_like(entries)
        beginnings[[one for (begun, one), (piece, _) in itertools.pairwise(ordered) if piece.startswith(begun)]] = True
        return cls(ids.numpy(), goes_on, entries, joints, beginnings)

    def __contains__(self, word: Word) -> bool:
        """Whether these tokens are a word."""
        place = bisect_left(self._words, word)
        return place < len(self._words) and self._words[place] == word

    def only_begins(self, token: int) -> bool:
        """True for a token that begins words and is none."""
        return bool(self._begin_word[token]) and (token,) not in self

    def known_next(self, recent: Ids, may_end: bool = False, is_apart: bool = False) -> Mask:
        """Which tokens may come next so that every word is known [V].

        The last word may go on as words of the text do that begin like it, and end where one of them ends. So may the
        words read lately, which a person may have written. A last word that is none of all these and begins none ends.

        Args:
            recent: The tokens read lately, the newest last.
            may_end: The last word may end here, whatever it is: a person wrote it.
            is_apart: Nothing may be glued to it that the text does not join either.
        """
        known = self._known_next(recent, may_end)
        apart = self._joints.allowed_next(recent) if self._joints and is_apart else None
        return known if apart is None else known & apart

    def _known_next(self, recent: Ids, may_end: bool) -> Mask:
        begins = np.flatnonzero(~self._is_continuation[recent[-_LONGEST:]])
        known = self._begin_word.copy()
        if not begins.size:  # nothing was read, or nothing that can be a word
            return known
        begun: Word = tuple(recent[-_LONGEST:][begins[-1] :].tolist())
        goes_on, ends = self._begun(begun)
        heard, was_ended = self._in_recent(recent, begun)
        if may_end or ends or was_ended or not (goes_on or heard.size):
            known[recent[self._begin_none[recent]]] = True
        else:
            known[:] = False
        known[goes_on] = True
        known[heard] = True
        return known

    def _in_text(self, begun: Word) -> tuple[list[int], bool]:
        """The continuations that follow a beginning in words of the text, and whether it is a word itself."""
        goes_on: list[int] = []
        is_word, length = begun in self, len(begun)
        place = bisect_left(self._words, begun) + is_word
        while place < len(self._words) and self._words[place][:length] == begun:
            goes_on.append(self._words[place][length])
            place = bisect_left(self._words, (*begun, goes_on[-1] + 1), place)  # many words may go on with one token
        return goes_on, is_word

    def _in_recent(self, recent: Ids, begun: Word) -> tuple[Ids, bool]:
        """The same in the words read lately, before the one that was just begun."""
        places = np.flatnonzero(recent[: recent.size - len(begun)] == begun[0])
        for offset, token in enumerate(begun[1:], start=1):
            places = places[recent[places + offset] == token]
        following = recent[places + len(begun)]
        goes_on = self._is_continuation[following]
        return following[goes_on], not goes_on.all()


def collect_words(texts: Sequence[Tensor], tokenizer: Tokenizer) -> Generator[float, None, Tensor]:
    """A short text [M] with every word of long ones, for `Lexicon`; yields the share that is done.

    Of words that are spelled, the MOST_SPELLED most frequent: what stands once in a library is seldom a word.

    Args:
        texts: Each [N], 32 or 64 bits; may be views of files.
        tokenizer: Their vocabulary.
    """
    is_continuation = np.array([tokenizer.is_continuation(number) for number in range(len(tokenizer))], dtype=np.bool_)
    alone = np.zeros(len(tokenizer), dtype=np.bool_)
    spelled: Counter[Word] = Counter()
    slices = [part for text in texts for part in torch.split(text, _SLICE)]
    for number, tensor in enumerate(slices, start=1):
        part = tensor.numpy()
        begins = np.flatnonzero(~is_continuation[part])
        lengths = np.diff(begins)
        alone[part[begins[:-1][lengths == 1]]] = True
        for length in range(2, min(int(lengths.max(initial=0)), _LONGEST) + 1):
            places = begins[:-1][lengths == length]
            spelled.update(map(tuple, part[places[:, None] + np.arange(length)].tolist()))
        if len(spelled) > 4 * MOST_SPELLED:
            spelled = Counter(dict(spelled.most_common(2 * MOST_SPELLED)))
        yield number / len(slices)
    words: list[Word] = [(token,) for token in np.flatnonzero(alone).tolist()]
    words += sorted(word for word, _ in spelled.most_common(MOST_SPELLED))
    # The first one once more: the last word of a text may be cut off, and does not count.
    return torch.tensor([token for word in [*words, *words[:1]] for token in word], dtype=torch.int32)


def _words(ids: Ids, is_continuation: Mask) -> set[Word]:
    """The different words of a text; the last one, which may be cut off, is left out."""
    begins = np.flatnonzero(~is_continuation[ids])
    lengths = np.diff(begins)
    words: set[Word] = {(token,) for token in np.unique(ids[begins[:-1][lengths == 1]]).tolist()}
    for length in range(2, min(int(lengths.max(initial=0)), _LONGEST) + 1):
        places = begins[:-1][lengths == length]
        words.update(map(tuple, ids[places[:, None] + np.arange(length)].tolist()))
    return words
