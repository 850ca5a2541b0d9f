"""How well a model predicts a text: nats, perplexity per word, bits per character. Knows nothing of training.

Bits per character is comparable over every tokenizer and model; perplexity only on the same text and word rule.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from rnntui.errors import CorpusError
from rnntui.lm.batches import windows
from rnntui.lm.generator import count_words, words_of
from rnntui.lm.model import WordRNN
from rnntui.lm.tokenizer import UNKNOWN_ID, Tokenizer

UNKNOWN_CHARACTER_NATS = math.log(0x110000)
"""Added for each character never seen in training: `<unk>` alone does not say which of Unicode's characters it was."""
_WINDOW = 256


@dataclass(frozen=True, slots=True)
class Measured:
    """How well a text was predicted."""

    nats: float
    """Summed negative log probability."""
    tokens: int
    words: int
    """Words and punctuation marks; a spelled word counts once."""
    characters: int
    unknown_characters: int
    spelled_words: int
    seconds: float

    @property
    def bits_per_character(self) -> float:
        """Total bits over the characters of the text."""
        return bits_per_character(self.nats, self.characters)

    @property
    def perplexity(self) -> float:
        """Per word and punctuation mark."""
        return perplexity(self.nats, self.words)


def perplexity(total_nats: float, words: int) -> float:
    """Effective number of equally likely next words.

    Args:
        total_nats: Summed negative log probability, natural logarithm.
        words: Predicted words and punctuation marks, at least 1.

    Raises:
        CorpusError: If `words` is zero, that is, there is nothing to measure.

    Source: Jelinek et al. 1977. Comparable only on the same text and the same word rule.
    """
    if words <= 0:
        raise CorpusError("There are no words to measure.", "Choose a longer text.")
    return math.exp(min(total_nats / words, 700.0))


def bits_per_character(total_nats: float, characters: int) -> float:
    """Average number of yes-no answers that one character costs.

    Raises:
        CorpusError: If `characters` is zero.
    """
    if characters <= 0:
        raise CorpusError("There are no characters to measure.", "Choose a longer text.")
    return total_nats / math.log(2) / characters


@torch.inference_mode()
def measure(
    model: WordRNN, tokenizer: Tokenizer, text: str, rows: int = 1, progress: Callable[[float], None] | None = None
) -> Measured:
    """Read a text once from an empty memory and score every word of it.

    Args:
        model: In any mode; measured without dropout.
        tokenizer: Its vocabulary.
        text: Cleaned text.
        rows: 1 reads it through as one; more rows are faster, each starts with an empty memory.
        progress: Told the share that is done, 0 to 1.

    Raises:
        CorpusError: If there are fewer than two tokens for each row.
    """
    ids = torch.tensor(tokenizer.encode(text), dtype=torch.long)
    if ids.numel() < 2 * rows:
        raise CorpusError("The text is too short to measure.", "At least two words are needed.")
    began = time.perf_counter()
    nats, counted = _nats(model, ids, rows, progress)
    columns = (ids.numel() - 1) // rows
    read = ids[1 : columns * rows + 1]
    # The first word is given, not predicted: its characters are not counted either.
    characters = sum(len(tokenizer.piece(word)) for word in read.tolist())
    unknown = int((read == UNKNOWN_ID).sum())
    spelled = count_spelled(tokenizer, read)
    return Measured(
        nats + unknown * UNKNOWN_CHARACTER_NATS,
        counted,
        count_words(tokenizer, read.tolist()),
        characters,
        unknown,
        spelled,
        time.perf_counter() - began,
    )


@torch.inference_mode()
def mean_nats(model: WordRNN, ids: Tensor, rows: int) -> float:
    """Mean negative log probability per token, quickly: for comparing weights while they are trained."""
    nats, counted = _nats(model, ids, rows, None)
    return nats / counted


def count_spelled(tokenizer: Tokenizer, ids: Tensor) -> int:
    """How many words of a text were spelled by characters."""
    return sum(len(tokens) > 1 for tokens in words_of(tokenizer, ids.tolist()))


def _nats(model: WordRNN, ids: Tensor, rows: int, progress: Callable[[float], None] | None) -> tuple[float, int]:
    was_training = model.training
    model.eval()
    total, counted, state = 0.0, 0, None
    for inputs, targets in windows(ids, _WINDOW, rows):
        hidden, state = model(inputs, state)
        total += float(model.loss_nats(hidden.flatten(0, 1), targets.flatten()))
        counted += targets.numel()
        if progress:
            progress(counted / (ids.numel() - 1))
    model.train(was_training)
    return total, counted
