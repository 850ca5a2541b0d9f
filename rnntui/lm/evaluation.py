"""How well a model predicts a text: nats, perplexity per word, bits per character. Knows nothing of training.

Bits per character is comparable over every tokenizer and model; perplexity only on the same text and word rule.
"""

import math
import time
from array import array
from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import Tensor

from rnntui.errors import CorpusError
from rnntui.lm.batches import windows
from rnntui.lm.generator import count_words, words_of
from rnntui.lm.looks import result_of
from rnntui.lm.mixture import Mixture
from rnntui.lm.model import WordRNN
from rnntui.lm.ngram import baseline_looks
from rnntui.lm.recent import RecentWords
from rnntui.lm.tokenizer import UNKNOWN_ID, Tokenizer, blocks

UNKNOWN_CHARACTER_NATS = math.log(0x110000)
"""Added for each character never seen in training: `<unk>` alone does not say which of Unicode's characters it was."""
_WINDOW = 2_048
"""So many words are scored at once: enough for a group of rare words to come together."""


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
    mixture_nats: float | None = None
    """The same for the network together with counting and recent words; None where they were not asked."""

    @property
    def mixture_bits_per_character(self) -> float:
        """Of the mixture; 0 where there is none."""
        return 0.0 if self.mixture_nats is None else bits_per_character(self.mixture_nats, self.characters)

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


def measure(model: WordRNN, tokenizer: Tokenizer, text: str, mixture: Mixture | None = None) -> Measured:
    """Read a text once from an empty memory and score every word of it.

    Args:
        model: In any mode; measured without dropout.
        tokenizer: Its vocabulary.
        text: Cleaned text.
        mixture: Counting and recent words, to be measured together with the network as well.

    Raises:
        CorpusError: If there are fewer than two tokens.
    """
    return result_of(measure_looks(model, tokenizer, text, mixture))


def measure_looks(
    model: WordRNN, tokenizer: Tokenizer, text: str, mixture: Mixture | None = None
) -> Generator[float, None, Measured]:
    """The result of `measure`; yields the share that is done."""
    ids = torch.tensor(tokenizer.encode(text), dtype=torch.long)
    if ids.numel() < 2:
        raise CorpusError("The text is too short to measure.", "At least two words are needed.")
    began = time.perf_counter()
    logs = yield from word_log_looks(model, ids)
    read = ids[1:]  # the first word is given, not predicted: its characters are not counted either
    words = read.tolist()
    unknown = words.count(UNKNOWN_ID) * UNKNOWN_CHARACTER_NATS
    mixed = -float(mixture.score(words, logs, RecentWords(ids[:1].tolist())).sum()) + unknown if mixture else None
    return Measured(
        -float(logs.sum()) + unknown,
        len(words),
        count_words(tokenizer, words),
        sum(len(tokenizer.piece(word)) for word in words),
        words.count(UNKNOWN_ID),
        count_spelled(tokenizer, read),
        time.perf_counter() - began,
        mixed,
    )


def count_spelled(tokenizer: Tokenizer, ids: Tensor) -> int:
    """How many words of a text have no entry and were spelled."""
    return sum(len(tokens) > 1 for tokens in words_of(tokenizer, ids.tolist()))


def baseline_bits(counted_ids: Tensor | None, tokenizer: Tokenizer, text: str) -> dict[str, float]:
    """Bits per character of simpler models on a text, by name, from the simplest up.

    Args:
        counted_ids: What counting learns from; None leaves "uniform" alone.
        tokenizer: Its vocabulary.
        text: Cleaned text; as in `measure` its first word is given.
    """
    return result_of(baseline_bits_looks(counted_ids, tokenizer, text))


def baseline_bits_looks(
    counted_ids: Tensor | None, tokenizer: Tokenizer, text: str
) -> Generator[float, None, dict[str, float]]:
    """The result of `baseline_bits`; yields the share that is done."""
    words, characters = array("q"), 0
    for block in blocks(text):
        numbers = tokenizer.encode(block)
        words.extend(numbers)
        characters += sum(len(tokenizer.piece(word)) for word in numbers)
        yield 0.0
    ids = torch.tensor(words, dtype=torch.long)
    learned = torch.empty(0, dtype=torch.long) if counted_ids is None else counted_ids
    characters -= sum(len(tokenizer.piece(word)) for word in words[:1])
    unknown = int((ids[1:] == UNKNOWN_ID).sum()) * UNKNOWN_CHARACTER_NATS
    nats = yield from baseline_looks(learned, ids, len(tokenizer))
    return {name: bits_per_character(value + unknown, characters) for name, value in nats.items()}


def word_logs(model: WordRNN, ids: Tensor) -> Tensor:
    """Natural logarithm of the probability of each word but the first, read from an empty memory: [N-1] float64.

    Args:
        model: In any mode; read without dropout.
        ids: [N]
    """
    return result_of(word_log_looks(model, ids))


def word_log_looks(model: WordRNN, ids: Tensor) -> Generator[float, None, Tensor]:
    """The result of `word_logs`; yields the share that is done."""
    was_training = model.training
    logs, state, done = [torch.empty(0, dtype=torch.float64)], None, 0
    for inputs, targets in windows(ids, _WINDOW):
        model.eval()
        with torch.inference_mode():
            hidden, state = model(inputs, state)
            logs.append(model.target_log_probabilities(hidden.flatten(0, 1), targets.flatten()).double())
        model.train(was_training)
        done += targets.numel()
        yield done / (ids.numel() - 1)
    return torch.cat(logs)


@torch.inference_mode()
def mean_nats(model: WordRNN, ids: Tensor, rows: int) -> float:
    """Mean negative log probability per token, quickly, in several rows that each start with an empty memory."""
    was_training = model.training
    model.eval()
    total, counted, state = 0.0, 0, None
    for inputs, targets in windows(ids, _WINDOW // rows, rows):
        hidden, state = model(inputs, state)
        total += float(model.loss_nats(hidden.flatten(0, 1), targets.flatten()))
        counted += targets.numel()
    model.train(was_training)
    return total / counted
