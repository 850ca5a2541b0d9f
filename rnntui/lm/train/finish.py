"""After the last step: which weights are kept, what is mixed with them, and how well both predict.

The time that this takes is measured beforehand and paid from the budget.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeVar

from rnntui.events import Evaluated, Measuring, TrainEvent
from rnntui.lm.evaluation import Measured, measure_steps, text_log_probabilities
from rnntui.lm.generator import one_thread
from rnntui.lm.mix.cache_model import RecentTokens
from rnntui.lm.mix.mixture import Mixture, fit_gates
from rnntui.lm.mix.mixture_fit import fit_mixture, spread, tokens_in_table, unread_nats
from rnntui.lm.mix.ngram import KneserNey
from rnntui.lm.model import WordRNN
from rnntui.lm.model_file import COUNTED_ORDER, round_to_half
from rnntui.lm.origin.samples import looking_seconds
from rnntui.lm.train.averaging import nearest_to_base
from rnntui.lm.train.budget import Budget
from rnntui.lm.train.inputs import TrainerInputs, TrainingData
from rnntui.lm.train.validation import Validation

R = TypeVar("R")

_TIMED_TOKENS = 4_000
_COUNTED_PER_SECOND = 800_000
"""Tokens that are counted into a table and pruned, on a slow machine."""
_READ_AGAIN = 1.3
"""The last evaluation reads some tokens twice."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run ends with, beside its weights."""

    measured: Measured
    """The final figures on the validation text."""
    mixture: Mixture
    """Counting and recent tokens, with their shares."""
    counts: bytes
    """What a model file keeps of the mixture."""


class Finish:
    """Chooses the weights of a run, fits the mixture and evaluates both.

    Args:
        inputs: What the run began with.
        data: Its texts.
        model: The network; it has the kept weights afterwards.
        validation: Knows the candidates.
        budget: How long the run is.
        clock: Seconds that only rise.
    """

    def __init__(
        self,
        inputs: TrainerInputs,
        data: TrainingData,
        model: WordRNN,
        validation: Validation,
        budget: Budget,
        clock: Callable[[], float],
    ) -> None:
        self._inputs = inputs
        self._data = data
        self._model = model
        self._validation = validation
        self._budget = budget
        self._clock = clock

    def estimate_seconds(self) -> float:
        """How long `run` is going to take, from a few tokens, and looking how much the model copies."""
        data = self._data
        few = data.training[:_TIMED_TOKENS].long()
        counting = KneserNey(few, data.vocabulary_size, COUNTED_ORDER)
        logs = text_log_probabilities(self._model, few)  # so few are read in one row, which takes longer
        began = self._clock()
        with one_thread():
            self._validation.mean_nats(few)
        fit_gates(counting, few[1:].tolist(), logs, RecentTokens(few[:1].tolist()), self._inputs.inherited)
        seconds = _READ_AGAIN * (self._clock() - began)
        tokens = data.validation.numel() + data.tuning.numel()
        seconds = seconds * tokens / max(1, few.numel()) + self._tokens_in_table / _COUNTED_PER_SECOND
        if not self._inputs.looks_for_copies:
            return seconds
        return seconds + looking_seconds(self._budget.total_seconds, data.training.numel())

    def run(self, step: int, *, is_stopped: bool) -> Generator[TrainEvent, None, Outcome]:
        """Do all of it.

        Args:
            step: The last one.
            is_stopped: True where the person ended the run.
        """
        data, tokenizer, model = self._data, self._inputs.tokenizer, self._model
        self._budget.begin_finish()
        yield self._progress("taking a last look at held-out text", is_stopped)
        yield from self._validation.evaluate(step)
        self._choose_weights()
        mixture, counts = yield from self._report_progress(
            "fitting the shares of counting and recent words",
            fit_mixture(model, data.training, data.tuning, tokenizer, self._tokens_in_table, self._inputs.inherited),
            is_stopped,
        )
        measured = yield from self._report_progress(
            "measuring the best weights on all held-out text",
            measure_steps(model, tokenizer, self._inputs.text.validation, mixture),
            is_stopped,
        )
        yield self._progress("measuring them on what they have learned from", is_stopped)
        yield Evaluated(
            step,
            self._budget.all_seconds,
            measured.nats / measured.tokens,
            measured.bits_per_character,
            measured.perplexity,
            True,
            True,
            measured.mixture_bits_per_character,
            self._validation.mean_nats(spread(data.training).long()) * data.training_nats_to_bits,
            self._easier_share(),
        )
        return Outcome(measured, mixture, counts)

    @property
    def _tokens_in_table(self) -> int:
        """How many tokens are counted into a table, because they are too many to be kept."""
        return tokens_in_table(self._data.training.numel(), self._data.vocabulary_size, self._budget.total_seconds)

    def _choose_weights(self) -> None:
        """The best of all evaluations, the mean of the last ones, and what lies between them and the base."""
        inputs, validation = self._inputs, self._validation
        validation.take_average()
        if inputs.weights and inputs.config.keeps_base:
            average = [validation.average.weights()] if validation.average.count else []
            candidates = [validation.best, *average]
            validation.best = nearest_to_base(
                inputs.weights, candidates, validation.selection_nats, inputs.first_new_entry
            )
        validation.best = {name: round_to_half(weight) for name, weight in validation.best.items()}
        self._model.load_state_dict(validation.best)

    def _easier_share(self) -> float:
        """How much less what was learned from takes per character than held-out text, for one who has read neither."""
        data = self._data
        unread, other = unread_nats(data.training, data.validation, data.vocabulary_size)
        bits, other_bits = unread * data.training_nats_to_bits, other * data.nats_to_bits
        return 1 - bits / other_bits if other_bits > 0 else 0.0

    def _progress(self, what: str, is_stopped: bool, fraction: float = 0.0) -> Measuring:
        """Where the work stands."""
        left = self._budget.finish_seconds_left
        return Measuring(what, fraction, self._budget.all_seconds, left, is_stopped)

    def _report_progress(
        self, what: str, work: Generator[float, None, R], is_stopped: bool
    ) -> Generator[TrainEvent, None, R]:
        """Shares that are done, as events; the result is passed on."""
        yield self._progress(what, is_stopped)
        while True:
            try:
                fraction = next(work)
            except StopIteration as end:
                result: R = end.value
                return result
            yield self._progress(what, is_stopped, fraction)
