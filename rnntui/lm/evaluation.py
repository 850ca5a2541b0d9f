"""How well a model predicts a text: nats, perplexity per word, bits per character. Knows nothing of training.

Bits per character is comparable over every tokenizer and model; perplexity only on the same text and word rule.
"""

import math
import time
from array import array
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from rnntui.errors import CorpusError
from rnntui.lm.mix.cache_model import WINDOW, RecentTokens
from rnntui.lm.mix.mixture import Counting, Floats, Mixture
from rnntui.lm.mix.ngram import baseline_steps
from rnntui.lm.model import HiddenState, WordRNN
from rnntui.lm.parallel_rows import MOST_AT_ONCE, log_probability_steps
from rnntui.lm.progress import run_to_end
from rnntui.lm.tokens.splitting import blocks
from rnntui.lm.tokens.text_counts import WordCount
from rnntui.lm.tokens.tokenizer import UNKNOWN_ID, Tokenizer
from rnntui.lm.train.batches import windows

R = TypeVar("R")

UNKNOWN_CHARACTER_NATS = math.log(0x110000)
"""Added for each character never seen in training: `<unk>` alone does not say which of Unicode's characters it was."""
_WINDOW = 2_048
"""So many words are scored at once: enough for a group of rare words to come together."""
_MIXED_AT_ONCE = 1 << 15
_NETWORK, _MIXTURE, _WITHOUT_NETWORK = "network", "mixture", "without network"
_NETWORK_SHARE = 0.8
"""Of the time that measuring takes."""


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
    nats_without_network: float | None = None
    """The same for counting and recent words alone; None where they were not asked, or have no shares of their own."""
    shares: tuple[float, ...] = ()
    """How much of the mixture's probability came from each of `mixture.COMPONENTS`, the mean of all tokens."""

    @property
    def mixture_bits_per_character(self) -> float:
        """Of the mixture; 0 where there is none."""
        return 0.0 if self.mixture_nats is None else bits_per_character(self.mixture_nats, self.characters)

    @property
    def bits_without_network(self) -> float:
        """Bits per character of counting and recent words alone; 0 where they were not measured."""
        nats = self.nats_without_network
        return 0.0 if nats is None else bits_per_character(nats, self.characters)

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
    return run_to_end(measure_steps(model, tokenizer, text, mixture))


def measure_steps(
    model: WordRNN, tokenizer: Tokenizer, text: str, mixture: Mixture | None = None
) -> Generator[float, None, Measured]:
    """The result of `measure`; yields the share that is done."""
    ids = torch.tensor(tokenizer.encode(text), dtype=torch.int32)
    evaluator, done = Evaluator(model, tokenizer, mixture), 0
    for piece in torch.split(ids, MOST_AT_ONCE):
        for share in evaluator.read(piece):
            yield (done + share * piece.numel()) / ids.numel()
        done += piece.numel()
    return evaluator.result()


class Evaluator:
    """Reads a text piece by piece, from an empty memory, and adds up what its words cost: any text, in little memory.

    Args:
        model: In any mode; measured without dropout.
        tokenizer: Its vocabulary.
        mixture: Counting and recent words, to be measured together with the network as well.
        baselines: Counting models to be measured beside them, by name.
    """

    def __init__(
        self,
        model: WordRNN,
        tokenizer: Tokenizer,
        mixture: Mixture | None = None,
        baselines: Mapping[str, Counting] | None = None,
    ) -> None:
        self._model = model
        self._mixture = mixture
        self._baselines = dict(baselines or {})
        self._uniform = math.log(len(tokenizer))
        self._count = WordCount(tokenizer)
        self._before = torch.empty(0, dtype=torch.int32)  # what was read so far, as much of it as matters
        self._state: HiddenState | None = None  # before the last word of it
        self._tokens, self._seconds = 0, 0.0
        self._nats = dict.fromkeys((_NETWORK, _MIXTURE, _WITHOUT_NETWORK, *self._baselines), 0.0)
        self._shares: Floats = np.zeros(0)

    def read(self, ids: Tensor) -> Generator[float, None, None]:
        """Go on with the next words [N] of the text, at least one; yields the share of them that is done."""
        began = time.perf_counter()
        text = torch.cat((self._before[-1:], ids.int()))
        asked, before = text[1:], self._before if self._before.numel() else text[:1]
        steps = log_probability_steps(self._model, text, self._state)
        logs, self._state = yield from _up_to(steps, _NETWORK_SHARE)
        self._nats[_NETWORK] -= float(logs.sum())
        for start in range(0, asked.numel(), _MIXED_AT_ONCE):
            part = asked[start : start + _MIXED_AT_ONCE]
            given = torch.cat((before, asked[max(0, start - WINDOW) : start]))[-WINDOW:]
            self._compare(part, given, logs[start : start + _MIXED_AT_ONCE])
            yield _NETWORK_SHARE + (1 - _NETWORK_SHARE) * min(1.0, (start + _MIXED_AT_ONCE) / asked.numel())
        self._count.add(asked)
        self._tokens += asked.numel()
        self._before = torch.cat((before, asked))[-WINDOW:]
        self._seconds += time.perf_counter() - began

    def result(self) -> Measured:
        """The figures of what was read.

        Raises:
            CorpusError: If there are fewer than two tokens.
        """
        if not self._tokens:
            raise CorpusError("The text is too short to measure.", "At least two words are needed.")
        count = self._count
        unknown = count.unknown_characters * UNKNOWN_CHARACTER_NATS
        has_other_gate = self._mixture is not None and self._mixture.gate_without_network is not None
        return Measured(
            self._nats[_NETWORK] + unknown,
            self._tokens,
            count.words,
            count.characters,  # without the first word: it is given, not predicted
            count.unknown_characters,
            count.spelled_words,
            self._seconds,
            self._nats[_MIXTURE] + unknown if self._mixture else None,
            self._nats[_WITHOUT_NETWORK] + unknown if has_other_gate else None,
            tuple((self._shares / self._tokens).tolist()),
        )

    def baselines(self) -> dict[str, float]:
        """Bits per character of the baselines, by name, "uniform" first."""
        unknown = self._count.unknown_characters * UNKNOWN_CHARACTER_NATS
        nats = {"uniform": self._tokens * self._uniform, **{name: self._nats[name] for name in self._baselines}}
        return {name: bits_per_character(value + unknown, self._count.characters) for name, value in nats.items()}

    def _compare(self, ids: Tensor, before: Tensor, network: Tensor) -> None:
        """What everything beside the network makes of words [N] after others [M]."""
        for name, model in self._baselines.items():
            self._nats[name] -= float(model.log_probabilities(ids, before).sum())
        if self._mixture:
            scored = self._mixture.score_parts(ids.tolist(), network, RecentTokens(before.tolist()))
            self._nats[_MIXTURE] -= float(scored.logs.sum())
            self._shares = scored.shares + (self._shares if self._shares.size else 0.0)
            if scored.logs_without_network is not None:
                self._nats[_WITHOUT_NETWORK] -= float(scored.logs_without_network.sum())


def baseline_bits(counted_ids: Tensor | None, tokenizer: Tokenizer, text: str) -> dict[str, float]:
    """Bits per character of simpler models on a text, by name, from the simplest up.

    Args:
        counted_ids: What counting learns from; None leaves "uniform" alone.
        tokenizer: Its vocabulary.
        text: Cleaned text; as in `measure` its first word is given.
    """
    return run_to_end(baseline_bits_steps(counted_ids, tokenizer, text))


def baseline_bits_steps(
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
    nats = yield from baseline_steps(learned, ids, len(tokenizer))
    return {name: bits_per_character(value + unknown, characters) for name, value in nats.items()}


def text_log_probabilities(model: WordRNN, ids: Tensor) -> Tensor:
    """Natural logarithm of the probability of each word but the first, read from an empty memory: [N-1] float64.

    Args:
        model: In any mode; read without dropout.
        ids: [N]
    """
    logs, _ = run_to_end(log_probability_steps(model, ids))
    return logs


@torch.inference_mode()
def mean_nats(model: WordRNN, ids: Tensor, rows: int) -> float:
    """Mean negative log probability per token, quickly, in several rows that each start with an empty memory."""
    was_training = model.training
    model.eval()
    total, counted, state = 0.0, 0, None
    for inputs, targets in windows(ids, _WINDOW // rows, rows):
        hidden, state = model(inputs.to(model.device), state)
        total += float(model.loss_nats(hidden.flatten(0, 1), targets.flatten().to(model.device)))
        counted += targets.numel()
    model.train(was_training)
    return total / counted


def _up_to(work: Generator[float, None, R], share: float) -> Generator[float, None, R]:
    """The result of work that is only such a share of what is to be done."""
    while True:
        try:
            yield share * next(work)
        except StopIteration as end:
            result: R = end.value
            return result
