"""A run of training, as an iterator of events: put together here, and resumed from a state.

Knows nothing of files, screens or processes; clock, seed and control are arguments. See `loop` for the training loop.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from rnntui.events import RunStarted, TrainEvent
from rnntui.lm.cells import CELLS
from rnntui.lm.evaluation import Measured
from rnntui.lm.hardware.allocator import keep_freed_memory
from rnntui.lm.hardware.devices import open_device, translate_device_errors
from rnntui.lm.mix.mixture import Mixture
from rnntui.lm.mix.table_file import table_bytes
from rnntui.lm.model import WordRNN
from rnntui.lm.tokens.lexicon import Lexicon
from rnntui.lm.train.batches import TextReader
from rnntui.lm.train.budget import Budget, StepClock
from rnntui.lm.train.finish import Finish
from rnntui.lm.train.inputs import RunControl, TrainerInputs, TrainingData
from rnntui.lm.train.learner import Learner
from rnntui.lm.train.loop import Loop
from rnntui.lm.train.recovery import DivergenceRecovery
from rnntui.lm.train.step_log import StepLog
from rnntui.lm.train.train_state import TrainState, add_prefix, carried_state, check, merge, reduce_rows
from rnntui.lm.train.validation import SampleWriter, Validation
from rnntui.settings import TrainConfig


class Trainer:
    """A run from random weights, or from those of a model, to the best ones.

    Args:
        inputs: What is learned, and with what.
        control: What the person wants, asked between steps; None to run to the end.

    Attributes:
        model: The network; after `run` it has the best weights.
        data: The text as token ids.
        measured: The final figures on the validation text; None before the end.
        mixture: Counting and recent tokens with their shares, fitted at the end; None before.
        counts: What a model file keeps of the mixture; empty before.
    """

    def __init__(self, inputs: TrainerInputs, control: RunControl | None = None) -> None:
        self._inputs = inputs
        self._control = control = control or RunControl()
        config, tokenizer = inputs.config, inputs.tokenizer
        self.data = data = TrainingData.encode(inputs.text, tokenizer)
        rng = torch.Generator().manual_seed(config.seed)
        self.model = _new_model(inputs, data, rng)
        step_clock = control.step_clock or StepClock(control.clock)
        self._reader = TextReader(data.training, config.rows, config.bptt_length)
        self._budget = Budget(
            config.budget_seconds,
            config.most_passes,
            lambda: self._reader.passes,
            step_clock,
            control.clock,
            control.began,
        )
        lexicon = Lexicon.of(data.counted_ids, tokenizer)
        samples = SampleWriter(self.model, tokenizer, lexicon, inputs.text.validation, config.seed)
        self._validation = Validation(self.model, data, samples, self._budget)
        self._learner = Learner(self.model, config, rng, control.ranks)
        self._recovery = DivergenceRecovery(self._learner, self._validation)
        self._log = StepLog(self._reader, self._budget, data.training_nats_to_bits)
        self._loop = Loop(
            self._learner, self._reader, self._budget, self._validation, self._recovery, self._log, control
        )
        self._finish = Finish(inputs, data, self.model, self._validation, self._budget, control.clock)
        self._is_resumed = False
        self.measured: Measured | None = None
        self.mixture: Mixture | None = None
        self.counts = b""

    @property
    def config(self) -> TrainConfig:
        """How it learns, with the batch size of now."""
        return self._learner.config

    @property
    def reason(self) -> str:
        """Why it ended: "budget", "stopped" or "interrupted"; empty before."""
        return self._loop.reason

    @property
    def steps(self) -> int:
        """Steps taken."""
        return self._log.steps

    @property
    def passes(self) -> float:
        """How often the training part was read."""
        return self._reader.passes

    @property
    def budget_seconds(self) -> float:
        """The time that the run has by now, with what was added to it."""
        return self._budget.total_seconds

    @property
    def seconds(self) -> float:
        """Of learning, without pauses."""
        return self._budget.elapsed

    @property
    def all_seconds(self) -> float:
        """With preparing before it, and the last evaluation after it as far as that has come."""
        return self._budget.all_seconds

    @property
    def tokens_per_second(self) -> float:
        """Training tokens read per second of training time, evaluations included."""
        return self._reader.tokens_read / max(self.seconds, 1e-9)

    @property
    def base_counts_bytes(self) -> int:
        """How much of the counts that are kept is the base's."""
        inherited = self._inputs.inherited
        return table_bytes(inherited.table) if inherited and inherited.table else 0

    def best_weights(self) -> dict[str, Tensor]:
        """The weights that did best so far on the text for tuning, by their PyTorch names; on the processor."""
        return {name: weight.cpu() for name, weight in self._validation.best.items()}

    def state(self) -> TrainState:
        """Everything to go on from here as if nothing had happened; to be asked at an event, or by `control`."""
        return self._merge(self._learner.state(), self._validation.state())

    def restore(self, state: TrainState) -> None:
        """Go on from a state of a trainer with the same text and settings; `run` then goes on from there.

        Raises:
            TrainingError: If the state does not fit.
        """
        earlier = {"clipped": 0, "averaged": 0, "prepared_seconds": 0.0, "more_read": 0, "rows": self.config.rows}
        state = TrainState(state.tensors, {**earlier, **state.facts})  # earlier versions did not keep all of it
        state = reduce_rows(state, self.config.rows)
        check(state, self._possible_state())
        for part in (self._learner, self._reader, self._budget, self._validation, self._recovery):
            part.restore(state)
        self._log.restore(state, self.model.device)
        carried = carried_state(state, self.model.config)
        self._loop.carried = carried.to(self.model.device) if carried else None
        self._is_resumed = True

    def run(self) -> Iterator[TrainEvent]:
        """Train until the budget is used or `control` ends it.

        Raises:
            DeviceError: If what computes gave up; where its memory is full, fewer rows were tried.
            TrainingError: If the numbers explode again and again.
        """
        with translate_device_errors(self.model.device):
            yield from self._run()

    def _run(self) -> Iterator[TrainEvent]:
        if self.config.threads:
            torch.set_num_threads(self.config.threads)
        if not self._is_resumed:
            self._budget.begin(self._finish.estimate_seconds)
            yield self._start_event()
        loop, ranks = self._loop, self._control.ranks
        loop.begin_together(is_new=True)
        with keep_freed_memory():
            yield from loop.run()
        if self.reason == "interrupted":
            return
        loop.carried = ranks.gather(loop.carried)
        ranks.end()
        if not self._log.is_empty:
            yield self._log.report(self.config)
        outcome = yield from self._finish.run(self.steps, is_stopped=self.reason == "stopped")
        self.measured, self.mixture, self.counts = outcome.measured, outcome.mixture, outcome.counts

    def _start_event(self) -> RunStarted:
        data, config, shape = self.data, self.config, self.model.config
        return RunStarted(
            self._inputs.name,
            data.training.numel(),
            data.validation.numel(),
            data.vocabulary_size,
            shape.cell,
            shape.hidden_size,
            shape.layers,
            sum(weight.numel() for weight in self.model.parameters()),
            config.budget_seconds,
            torch.get_num_threads(),
            config.seed,
            self._inputs.text.notes,
            self._control.ranks.count,
            config.arithmetic,
        )

    def _merge(self, learner: TrainState, validation: TrainState) -> TrainState:
        carried = self._control.ranks.gather(self._loop.carried)
        others = (part.state() for part in (self._reader, self._budget, self._recovery, self._log))
        state = merge(
            (learner, validation, *others, TrainState(add_prefix("carried", carried.parts if carried else {}), {}))
        )
        return TrainState({name: tensor.cpu() for name, tensor in state.tensors.items()}, state.facts)

    def _possible_state(self) -> TrainState:
        """The state of this trainer with room for everything that a state may hold."""
        now = self._merge(self._learner.possible_state(), self._validation.possible_state())
        shape = (self.model.config.layers, self.config.rows, self.model.config.hidden_size)
        carried = {part: torch.zeros(shape) for part in CELLS[self.model.config.cell].state_parts}
        return TrainState({**add_prefix("carried", carried), "losses": torch.zeros(1), **now.tensors}, now.facts)


def _new_model(inputs: TrainerInputs, data: TrainingData, rng: torch.Generator) -> WordRNN:
    """A network with the weights to begin with, where it computes."""
    model = WordRNN(inputs.model_config, data.vocabulary_size)
    model.initialise(rng, data.token_counts)
    if inputs.weights is not None:
        model.load_state_dict(inputs.weights)
    return model.to(open_device(inputs.config.device))
