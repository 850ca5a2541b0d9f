"""Evaluations between the steps of a run, and the best weights that they have found.

Two texts are read: figures are those of the validation text, weights are chosen by the text for tuning, so that the
figures stay honest.
"""

import math
from collections.abc import Iterator, Mapping, Sequence

from torch import Tensor

from rnntui.events import Evaluated, SampleDrawn, TrainEvent
from rnntui.lm.evaluation import mean_nats
from rnntui.lm.generator import Generator, one_thread
from rnntui.lm.mix.mixture_fit import spread
from rnntui.lm.model import WordRNN
from rnntui.lm.tokens.lexicon import Lexicon
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.lm.train.averaging import TailAverage
from rnntui.lm.train.budget import Budget
from rnntui.lm.train.inputs import TrainingData
from rnntui.lm.train.train_state import TrainState, add_prefix, remove_prefix
from rnntui.settings import SamplerSettings

_QUICK_TOKENS = (2_000, 12_000)
_QUICK_TOKENS_PER_SECOND = 20
_QUICK_ROWS = 8
"""An evaluation between steps reads so much for each second of the budget, within these limits, from so many places: a
hundredth of the time goes into them. The last one reads all of the text."""
_SAMPLE_WORDS = 30
_PROMPT_WORDS = (3, 8)
"""The fewest and the most words of the prompt before a sample."""
_PAUSES = frozenset(",.;:!?—–…”)")
"""What a beginning may end before; a hyphen stands inside a word."""


class SampleWriter:
    """Lets a network write a few words, from the same prompt and seed every time, so that only the network changes.

    Args:
        model: The network; in training mode again afterwards.
        tokenizer: Its vocabulary.
        lexicon: The words that may be said.
        opening: Text whose first words are the prompt.
        seed: Of all samples.
    """

    def __init__(self, model: WordRNN, tokenizer: Tokenizer, lexicon: Lexicon, opening: str, seed: int) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._lexicon = lexicon
        self._prompt = _first_words(tokenizer, opening)
        self._seed = seed

    def write(self) -> tuple[str, str]:
        """The prompt, and what follows it."""
        generator = Generator(self._model, self._tokenizer, lexicon=self._lexicon)
        settings = SamplerSettings(temperature=0.8, max_words=_SAMPLE_WORDS, stop="words")
        with one_thread():
            generator.feed(self._prompt)
            text = "".join(step.piece for step, _ in generator.generate(lambda: settings, self._seed))
        self._model.train()
        return self._tokenizer.decode(self._prompt), text


class Validation:
    """Evaluates a network, and keeps the weights that did best.

    Args:
        model: The network.
        data: The texts.
        samples: Shows what the network writes by now.
        budget: Says how long a run is, and when an evaluation ended.

    Attributes:
        average: The mean of the last weights of the run.
        best: The weights that did best on the text for tuning, by their PyTorch names.
    """

    def __init__(self, model: WordRNN, data: TrainingData, samples: SampleWriter, budget: Budget) -> None:
        self._model = model
        self._samples = samples
        self._budget = budget
        self._nats_to_bits = data.nats_to_bits
        fewest, most = _QUICK_TOKENS
        tokens = round(min(max(fewest, _QUICK_TOKENS_PER_SECOND * budget.total_seconds), most))
        self._validation_sample = spread(data.validation, tokens)
        self._selection_ids = spread(data.tuning, tokens) if data.tuning.numel() > 1 else self._validation_sample
        self._best_nats = math.inf
        self.average = TailAverage(model)
        self.best = _copy_weights(model)

    def evaluate(self, step: int) -> Iterator[TrainEvent]:
        """The figures of now, and a sample; the weights are kept where they are the best so far."""
        nats = self.mean_nats(self._validation_sample)
        selection_nats = self.mean_nats(self._selection_ids)
        is_best = selection_nats < self._best_nats
        if is_best:
            self._best_nats = selection_nats
            self.best = _copy_weights(self._model)
        bits, perplexity = nats * self._nats_to_bits, math.exp(min(nats, 700.0))
        yield Evaluated(step, self._budget.all_seconds, nats, bits, perplexity, is_best, False)
        prompt, text = self._samples.write()
        yield SampleDrawn(step, prompt, text, self._budget.all_seconds, bits)

    def mean_nats(self, ids: Tensor) -> float:
        """Nats per token [N] of a text, from a few places at once."""
        return mean_nats(self._model, ids, min(_QUICK_ROWS, max(1, ids.numel() // 64)))

    def selection_nats(self, weights: Mapping[str, Tensor]) -> float:
        """What weights are chosen by; the network has these weights afterwards."""
        self._model.load_state_dict(weights)
        return self.mean_nats(self._selection_ids)

    def take_average(self) -> None:
        """Let the mean of the last weights be the best ones, where it does better than any evaluation has found."""
        if not self.average.count:
            return
        nats = self.selection_nats(self.average.weights())
        if nats < self._best_nats:
            self._best_nats = nats
            self.best = self.average.weights()

    def state(self) -> TrainState:
        """What a run needs to go on from here."""
        tensors = {**add_prefix("best", self.best), **add_prefix("averaged", self.average.weights())}
        return TrainState(tensors, {"best_nats": self._best_nats, "averaged": self.average.count})

    def possible_state(self) -> TrainState:
        """The same, with a mean of weights."""
        now = self.state()
        return TrainState({**now.tensors, **add_prefix("averaged", self.best)}, now.facts)

    def restore(self, state: TrainState) -> None:
        """Go on from there."""
        self._best_nats = state.facts["best_nats"]
        self.best = remove_prefix("best", state.tensors)
        self.average.restore(remove_prefix("averaged", state.tensors), state.facts["averaged"])


def _copy_weights(model: WordRNN) -> dict[str, Tensor]:
    return {name: weight.detach().clone() for name, weight in model.state_dict().items()}


def _first_words(tokenizer: Tokenizer, text: str) -> Sequence[int]:
    """The words before the first pause, which end as a beginning does; where there is none soon, a few."""
    ids = tokenizer.encode(text.lstrip()[:200])
    starts = [at for at, token in enumerate(ids) if not tokenizer.is_continuation(token)]
    shortest, longest = _PROMPT_WORDS
    pauses = (at for at in starts[shortest : longest + 1] if tokenizer.piece(ids[at]).strip()[:1] in _PAUSES)
    return ids[: next(pauses, starts[longest] if len(starts) > longest else len(ids))]
