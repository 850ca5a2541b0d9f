"""The vocabulary of a counted text; where it has no spaces, whether in letters or words, by what predicts it better.

Letters alone, and several numbers of the words that `word_finding` finds, each make a vocabulary; counting learns the
end of the training text in each of them and is asked for the text that is kept for tuning. The one that needs the
fewest bits for its characters is taken, once for each text; the most words where several come close.
"""

import math
from collections import Counter
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import torch

from rnntui.lm.mix.ngram import KneserNey
from rnntui.lm.tokens.corpus import CountedText
from rnntui.lm.tokens.segmenter import unspaced_letters
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.lm.tokens.word_finding import find_words

R = TypeVar("R")

_UNSPACED = 0.2
"""A text has no spaces where such a share of it are letters of scripts without them."""
_NUMBERS = (0, 2_000, 8_000)
"""Words that are tried, beside letters."""
_MOST_SEARCHED = 600_000
_MOST_LEARNED = 300_000
"""Characters at the end of the training text."""
_SLACK = 1.005
"""Counting may need so much more with more words: a network sees further back in words, and reads the text more often.
A month of a Chinese newspaper cut to 444,000 characters, a minute, with letters, 1,000 and 4,000 words: counting 6.127
6.083 6.106, but the network 7.336 7.277 7.193 and the mixture 6.321 6.243 6.219. With 2,000 and 8,000 words, .6 % apart
for counting, the mixture was .042 worse with more."""


@dataclass(frozen=True, slots=True)
class WordChoice:
    """What was tried for a text without spaces, and what was chosen."""

    words: int
    """Words beside letters; 0 where letters alone predict better."""
    bits: Mapping[int, float]
    """Bits per character of counting on the text for tuning, by the number of words."""

    @property
    def note(self) -> str:
        """A sentence for the person."""
        if len(self.bits) == 1:
            return "It is read in single characters: no words were found in it."
        letters, words = self.bits[0], self.bits[self.words or sorted(self.bits)[1]]
        compared = "counting needs {:.2f} bits per character that way, {:.2f} in {}."
        if self.words:
            how = f"It is read in {self.words:,} words that were found in it: "
            return how + compared.format(words, letters, "single characters")
        return "It is read in single characters: " + compared.format(letters, words, "words that were found in it")


def tokenizer_steps(
    counted: CountedText, limit: int, parts: int
) -> Generator[float, None, tuple[Tokenizer, WordChoice | None]]:
    """The vocabulary of a text and, where it is written without spaces, what was measured; yields the share done.

    Args:
        counted: The text.
        limit: At most this many pieces, characters included (more only if the characters alone are more).
        parts: At most so many of them are parts of words.
    """
    letters = unspaced_letters(counted.alphabet)
    unspaced = {piece: count for piece, count in counted.counts.items() if piece.lstrip(" ")[:1] in letters}
    length = sum(len(piece) * count for piece, count in unspaced.items())
    if length < _UNSPACED * counted.characters or not counted.recent or not counted.tuning:
        return Tokenizer.from_counts(counted.counts, counted.alphabet, limit, parts), None
    found = yield from _while_working(find_words(counted.recent[-_MOST_SEARCHED:]), 0.0)
    scale = length / max(1, sum(map(len, found.runs)))
    units: Counter[str] = Counter()
    for piece, count in unspaced.items():
        units[piece.lstrip(" ")] += count
    made: dict[int, Tokenizer] = {}
    bits: dict[int, float] = {}
    room = max(0, limit - 2 * (len(counted.alphabet) - len(letters)) - len(letters))  # in the vocabulary
    numbers = sorted({min(number, found.longer, room) for number in _NUMBERS})
    for at, number in enumerate(numbers, start=1):
        share = at / (len(numbers) + 1)
        counts = yield from _while_working(found.limited(number), share)
        words = {word: round(scale * count) for word, count in counts.items()}
        made[number] = Tokenizer.from_counts(counted.counts, counted.alphabet, limit, parts, {**units, **words})
        bits[number] = yield from _while_working(_counting_bits(made[number], counted), share)
    best = max(number for number in bits if bits[number] <= _SLACK * min(bits.values()))
    return made[best], WordChoice(best, bits)


def _counting_bits(tokenizer: Tokenizer, counted: CountedText) -> Generator[None, None, float]:
    """Bits per character on the text for tuning, of counting that has learned the text before it."""
    learned = torch.tensor(tokenizer.encode(counted.recent[-_MOST_LEARNED:]), dtype=torch.long)
    yield
    asked = torch.tensor(tokenizer.encode(counted.tuning), dtype=torch.long)
    steps = KneserNey.fit_steps(learned, len(tokenizer))
    while not (model := next(steps)):
        yield
    return -float(model.log_probabilities(asked, learned).sum()) / math.log(2) / len(counted.tuning)


def _while_working(work: Generator[None, None, R], share: float) -> Generator[float, None, R]:
    """The result of some work; the share that is done stays what it is meanwhile."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: R = end.value
            return result
        yield share
