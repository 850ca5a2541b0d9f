"""One training loop that yields events: carried state, a time budget, the best weights kept.

Knows nothing of files, screens or processes; the clock, the seed and the wish to stop are arguments. T = time steps,
B = rows, E = embedding size, H = hidden size, V = vocabulary size.
"""

import dataclasses
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Generator as Work
from dataclasses import dataclass, field
from typing import TypeVar

import torch
from torch import Tensor

from rnntui.errors import TrainingError
from rnntui.events import (
    Evaluated,
    Measuring,
    RowsHalved,
    RunExtended,
    RunPaused,
    RunResumed,
    RunStarted,
    SampleDrawn,
    StepLogged,
    TrainEvent,
)
from rnntui.lm.cells import CELLS
from rnntui.lm.evaluation import Measured, mean_nats, measure_looks, word_logs
from rnntui.lm.generator import Generator, one_thread
from rnntui.lm.hardware.allocator import kept_for_the_next
from rnntui.lm.hardware.devices import explained, free_unused, is_out_of_memory, memory_owner, opened
from rnntui.lm.hardware.follower import begin_together
from rnntui.lm.hardware.ranks import Alone
from rnntui.lm.mix.cache_model import RecentTokens
from rnntui.lm.mix.mixture import Inherited, Mixture, fitted_gates
from rnntui.lm.mix.ngram import KneserNey
from rnntui.lm.mix.table_file import table_bytes
from rnntui.lm.model import HiddenState, WordRNN
from rnntui.lm.model_file import COUNTED_ORDER, as_kept
from rnntui.lm.tokens.corpus import PreparedText, TrainingText
from rnntui.lm.tokens.lexicon import Lexicon
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.lm.train.averaging import TailAverage, nearest_to_base
from rnntui.lm.train.batches import Batch, Streams
from rnntui.lm.train.learner import Learner
from rnntui.lm.train.mixture_fit import counted_words, fitted_mixture, spread, unread_nats, words_in_table
from rnntui.lm.train.schedule import evaluation_times, learning_rate_share
from rnntui.lm.train.step_clock import StepClock
from rnntui.lm.train.train_state import (
    TrainState,
    check,
    in_rows,
    memory_of,
    named,
    optimizer_tensors,
    set_optimizer,
    without_prefix,
)
from rnntui.settings import ModelConfig, SamplerSettings, TrainConfig
from rnntui.text import plural

R = TypeVar("R")
CONTROLS = ("run", "pause", "stop", "leave")
_REPORT_SECONDS = 1.0
_PAUSE_SECONDS = 0.1
_QUICK_WORDS = (2_000, 12_000)
_QUICK_WORDS_PER_SECOND = 20
_QUICK_ROWS = 8
"""A quick look at the held-out text reads so much for each second of the budget, within these limits, from so many
places: a hundredth of the time goes into looks. The final one reads all of it."""
_TIMED_WORDS = 4_000
_LONGEST_FINISH = 0.25
"""Share of the budget that the last measurement may take."""
_COUNTED_PER_SECOND = 800_000
"""Words that are counted into a table and pruned, on a slow machine."""
_READ_AGAIN = 1.3
"""Measuring reads some words twice."""
_SAMPLE_WORDS = 30
_BAD_STEPS = 3
"""So many steps in a row without a finite gradient, or with an exploded loss, mean divergence."""


@dataclass(slots=True)
class _Progress:
    """Where the loop stands. `spent` is training time without pauses, the last of so many `times`."""

    step: int = 0
    cursor: int = 0
    spent: float = 0.0
    times: int = 0
    reported_at: float = 0.0
    reported_step: int = 0
    losses: list[Tensor] = field(default_factory=list)
    norm: float = 0.0
    clipped: int = 0
    rate: float = 0.0
    best_nats: float = math.inf
    bad_steps: int = 0
    divergences: int = 0
    added: float = 0.0
    averaged: int = 0
    rate_scale: float = 1.0
    more_read: int = 0  # words, beyond what the rows that are left have read


_COUNTED = tuple(entry.name for entry in dataclasses.fields(_Progress) if entry.name != "losses")


class Trainer:
    """A run from random weights to the best ones.

    Args:
        text: Training and held-out text, cleaned.
        tokenizer: Made from the training part.
        model_config: Sizes.
        config: Budget, rate and so on.
        name: What the model will be called.
        control: Asked between steps: one of CONTROLS. "stop" measures and keeps the best weights; "leave" ends at once,
            for going on later. While it is asked, `state` may be asked.
        clock: Seconds that only rise.
        pace: Times that are known already, and where new ones are kept; None measures all with the clock.
        weights: To begin with, by their PyTorch names; None draws them.
        longer: Seconds added to the budget so far, asked between steps and told how many times were used.
        ranks: The processes that learn together, of which this one leads; None for this one alone.
        inherited: From the mixture of the model that this one goes on from; None for none.
        fresh_from: Entries from this one on were unknown to the weights to begin with; 0 where none was.

    Attributes:
        model: The network; after `run` it has the best weights.
        measured: The final figures on the held-out text; None before the end.
        mixture: Counting and recent words with their shares, fitted at the end; None before.
        counts: What a model file keeps of the mixture; empty before.
        reason: Why it ended: "budget", "stopped" or "interrupted".
        spent_before: Seconds of the budget that preparing has taken; set it before `run`. A state brings its own.
    """

    def __init__(
        self,
        text: TrainingText | PreparedText,
        tokenizer: Tokenizer,
        model_config: ModelConfig,
        config: TrainConfig,
        name: str = "model",
        control: Callable[[], str] = lambda: "run",
        clock: Callable[[], float] = time.monotonic,
        pace: StepClock | None = None,
        weights: Mapping[str, Tensor] | None = None,
        longer: Callable[[int], float] = lambda _times: 0.0,
        ranks: Alone | None = None,
        inherited: Inherited | None = None,
        fresh_from: int = 0,
    ) -> None:
        self._inherited = inherited
        self._text = text
        self._ranks = ranks or Alone()
        self._longer = longer
        self._tokenizer = tokenizer
        self._config = config
        self._name = name
        self._control = control
        self._clock = clock
        self._pace = pace or StepClock(clock)
        self._training = text.numbers(tokenizer)
        self._tuning = torch.tensor(tokenizer.encode(text.tuning), dtype=torch.long)
        self._lexicon = Lexicon.of(self.counted_ids, tokenizer)
        look = round(min(max(_QUICK_WORDS[0], _QUICK_WORDS_PER_SECOND * config.budget_seconds), _QUICK_WORDS[1]))
        self._held_out = held_out = torch.tensor(tokenizer.encode(text.validation), dtype=torch.long)
        self._quick = spread(held_out, look)
        self._chosen_by = spread(self._tuning, look) if self._tuning.numel() > 1 else self._quick
        self._nats_to_bits = held_out.numel() / (math.log(2) * max(1, len(text.validation)))
        self._training_nats_to_bits = self._training.numel() / (math.log(2) * max(1, text.training_characters))
        self._dice = torch.Generator().manual_seed(config.seed)
        self.model = WordRNN(model_config, len(tokenizer))
        self.model.initialise(self._dice, self.word_counts)
        self._fresh_from = fresh_from
        self._begun = None if weights is None else dict(weights)
        if self._begun is not None:
            self.model.load_state_dict(self._begun)
        self.model.to(opened(config.device))
        self._best = self._weights()
        self._average = TailAverage(self.model)
        self._learner = Learner(self.model, config, self._dice, self._ranks)
        self._carried: HiddenState | None = None  # of this process's rows, from the first step to the last one
        self._evaluate_at: list[float] = []
        self._at = _Progress()
        self._seconds = float(config.budget_seconds)  # for training alone; the first thing a run does is to set it
        self._finish_seconds = 0.0  # what measuring at the end is expected to take
        self.spent_before = 0.0
        self._measuring_since = 0.0
        self._is_resumed = False
        self.measured: Measured | None = None
        self.mixture: Mixture | None = None
        self.counts = b""
        self.reason = "budget"

    @property
    def base_counts_bytes(self) -> int:
        """How much of the counts that are kept is the base's."""
        return table_bytes(self._inherited.table) if self._inherited and self._inherited.table else 0

    @property
    def training_words(self) -> int:
        """Tokens in the training part."""
        return self._training.numel()

    @property
    def counted_ids(self) -> Tensor:
        """The words that counting learns from: the training part and the text for tuning, the last of them."""
        return counted_words(self._training, self._tuning)

    @property
    def _in_table(self) -> int:
        """How many words are counted into a table, because they are too many to be kept."""
        return words_in_table(self._training.numel(), len(self._tokenizer), self.budget_seconds)

    @property
    def word_counts(self) -> Tensor:
        """[V], how often each entry occurs in the training part."""
        return torch.bincount(self._training, minlength=len(self._tokenizer))

    @property
    def held_out_ids(self) -> Tensor:
        """The text that is measured on."""
        return self._held_out

    @property
    def passes(self) -> float:
        """How often the training part was read."""
        return self._words_read / self._training.numel()

    @property
    def seed(self) -> int:
        """Start of all randomness."""
        return self._config.seed

    @property
    def device(self) -> str:
        """What computes, one of DEVICES."""
        return self._config.device

    @property
    def budget_seconds(self) -> float:
        """The time that the run has by now, with what was added to it."""
        return self._config.budget_seconds + self._at.added

    @property
    def steps(self) -> int:
        """Steps taken."""
        return self._at.step

    @property
    def words_per_second(self) -> float:
        """Training words read per second of training time, evaluations included."""
        return self._words_read / max(self._at.spent, 1e-9)

    @property
    def seconds(self) -> float:
        """Of learning, without pauses."""
        return self._at.spent

    @property
    def all_seconds(self) -> float:
        """With preparing before it, and measuring after it as far as that has come."""
        measuring = self._clock() - self._measuring_since if self._measuring_since else 0.0
        return self.spent_before + self._at.spent + measuring

    def best_weights(self) -> dict[str, Tensor]:
        """The weights that did best so far on the text for tuning, by their PyTorch names; on the processor."""
        return {name: weight.cpu() for name, weight in self._best.items()}

    def state(self) -> TrainState:
        """Everything to go on from here as if nothing had happened; to be asked at an event, or by `control`."""
        at, carried = self._at, self._ranks.gathered(self._carried)
        tensors = {
            **named("model", self.model.state_dict()),
            **named("best", self._best),
            **named("averaged", self._average.weights()),
            **optimizer_tensors(self._learner.optimizer, self._learner.names()),
            **named("carried", carried.parts if carried else {}),
            "dice": self._dice.get_state(),
        }
        if at.losses:
            tensors["losses"] = torch.stack(at.losses)
        at.averaged = self._average.count
        counted = {name: getattr(at, name) for name in _COUNTED}
        facts = {
            "seconds": self._seconds,
            "finish_seconds": self._finish_seconds,
            "prepared_seconds": self.spent_before,
            "rows": self._config.rows,
        }
        on_processor = {name: tensor.cpu() for name, tensor in tensors.items()}
        return TrainState(on_processor, {**counted, **facts, "evaluate_at": list(self._evaluate_at)})

    def restore(self, state: TrainState) -> None:
        """Go on from a state of a trainer with the same text and settings; `run` then goes on from there.

        Raises:
            TrainingError: If the state does not fit.
        """
        later = {"clipped": 0, "averaged": 0, "prepared_seconds": 0.0, "more_read": 0, "rows": self._config.rows}
        state = TrainState(state.tensors, {**later, **state.facts})  # earlier versions did not keep all of it
        state = in_rows(state, self._config.rows)
        check(state, self._possible_state())
        self.model.load_state_dict(without_prefix("model", state.tensors))
        self._best = without_prefix("best", state.tensors)
        set_optimizer(self._learner.optimizer, self._learner.names(), state.tensors)
        carried = memory_of(state, self.model.config)
        self._carried = carried.on(self.model.device) if carried else None
        self._dice.set_state(state.tensors["dice"])
        self._at = _Progress(**{name: state.facts[name] for name in _COUNTED})
        self._average.restore(without_prefix("averaged", state.tensors), self._at.averaged)
        self._at.losses = list(state.tensors["losses"].to(self.model.device)) if "losses" in state.tensors else []
        self._seconds = float(state.facts["seconds"])
        self._finish_seconds = float(state.facts["finish_seconds"])
        self.spent_before = float(state.facts["prepared_seconds"])
        self._evaluate_at = [float(at) for at in state.facts["evaluate_at"]]
        self._pace.go_to(self._at.times, self._at.spent)
        self._is_resumed = True

    def _possible_state(self) -> TrainState:
        """The state of this trainer with room for everything that a state may hold."""
        now = self.state()
        slots = {
            f"optimizer.{name}.{slot}": torch.zeros(()) if slot == "step" else weight
            for weight, name in self._learner.names().items()
            for slot in ("step", "exp_avg", "exp_avg_sq")
        }
        shape = (self.model.config.layers, self._config.rows, self.model.config.hidden_size)
        carried = {part: torch.zeros(shape) for part in CELLS[self.model.config.cell].state_parts}
        averaged = named("averaged", self._weights())
        tensors = {**slots, **averaged, **named("carried", carried), "losses": torch.zeros(1), **now.tensors}
        return TrainState(tensors, now.facts)

    def run(self) -> Iterator[TrainEvent]:
        """Train until the budget is spent or `control` says stop.

        Raises:
            DeviceError: If what computes gave up; where its memory is full, fewer rows were tried.
            TrainingError: If the numbers explode again and again.
        """
        with explained(self.model.device):
            yield from self._run()

    def _run(self) -> Iterator[TrainEvent]:
        if self._config.threads:
            torch.set_num_threads(self._config.threads)
        if not self._is_resumed:
            self._seconds = self._pace.next(self._training_seconds)
            self._at.times = self._pace.position
            self._evaluate_at = evaluation_times(self._seconds)
            yield self._started()
        self._begin_together()
        with kept_for_the_next():
            yield from self._learn()
        if self.reason == "interrupted":
            return
        self._carried = self._ranks.gathered(self._carried)
        self._ranks.end()
        if self._at.losses:
            yield self._report()
        yield from self._finish()

    def _learn(self) -> Iterator[TrainEvent]:
        """Step after step, until the time is over or `control` ends it."""
        batches = self._batches()
        self._pace.begin()
        while True:
            # Between any two steps the state is whole: what is due is asked here, also after going on from a state.
            if self._at.spent - self._at.reported_at >= _REPORT_SECONDS:
                yield self._report()
            if self._evaluate_at and self._reached >= self._evaluate_at[0]:
                self._evaluate_at = [at for at in self._evaluate_at if at > self._reached]
                yield from self._look()
            wish = self._control()
            if wish == "pause":
                yield RunPaused(self.all_seconds)
                self._wait()
                yield RunResumed(self.all_seconds)
                self._pace.begin()
                continue
            if wish == "leave":
                self.reason = "interrupted"
                return
            yield from self._lengthen(self._longer(self._at.times))
            if wish == "stop" or self._reached >= self._seconds:
                self.reason = "stopped" if wish == "stop" else "budget"
                return
            if not self._has_stepped(next(batches)):
                yield self._halve_rows()
                batches = self._batches()
                continue
            self._at.spent = self._pace.elapsed()
            self._at.times = self._pace.position
            self._average.after_step(self._at.step, self._reached / self._seconds)

    def _batches(self) -> Iterator[Batch]:
        return Streams(self._training, self._config.rows, self._config.bptt_length).batches(self._at.cursor)

    def _has_stepped(self, batch: Batch) -> bool:
        """Take a step; False where memory is too full for so many rows, and fewer can be tried."""
        try:
            self._carried = self._step(batch, self._carried)
        except RuntimeError as problem:
            if not is_out_of_memory(problem) or self._config.rows == 1 or self._ranks.count > 1:
                raise
            return False
        return True

    def _halve_rows(self) -> RowsHalved:
        """Read on in every second row, each from where it is."""
        before, at = self._config.rows, self._at
        rows = before // 2
        at.more_read += at.cursor * (before - rows)
        self._config = dataclasses.replace(self._config, rows=rows)
        self._carried = self._carried.every_second_row() if self._carried and before % 2 == 0 else None
        self._learner.read_as(self._config)
        free_unused()
        what = f"The memory of {memory_owner(self.device)} is full with {before} rows"
        return RowsHalved(rows, f"{what}: {plural(rows, 'row')} from now on.")

    @property
    def _words_read(self) -> int:
        return self._at.cursor * self._config.rows + self._at.more_read

    @property
    def _reached(self) -> float:
        """Where the schedule stands, in its seconds: where the time is, or ahead of it where passes end learning."""
        most = self._config.most_passes
        return max(self._at.spent, self._seconds * self.passes / most) if most else self._at.spent

    @property
    def _slowness(self) -> float:
        """Seconds that pass while the schedule moves by one."""
        return self._at.spent / self._reached if self._at.spent else 1.0

    def _begin_together(self, *, is_new: bool = True) -> None:
        """Let the other processes have what this one has; from here on it carries the memory of its own rows."""
        begin_together(self._ranks, self._learner, self._config, self._dice, self._carried, is_new=is_new)
        self._carried = self._ranks.share(self._carried)

    def _lengthen(self, added: float) -> Iterator[TrainEvent]:
        """Spread what is left of the schedule over a longer time."""
        if added == self._at.added:
            return
        self._seconds += added - self._at.added
        self._at.added = added
        self._evaluate_at = [at for at in evaluation_times(self._seconds) if at > self._reached]
        yield RunExtended(self._config.budget_seconds + added)

    def _step(self, batch: Batch, state: HiddenState | None) -> HiddenState | None:
        at, config = self._at, self._config
        at.rate = config.learning_rate * at.rate_scale * learning_rate_share(self._reached / self._seconds)
        self._ranks.step(batch, at.rate)
        learned = self._learner.step(batch, state, at.rate)
        at.step += 1
        at.cursor = batch.cursor + config.bptt_length
        if learned is None:
            self._survive()
            return None
        at.bad_steps = 0
        at.norm = learned.norm
        at.clipped += at.norm > config.clip_norm
        at.losses.append(learned.loss)
        return learned.state

    def _survive(self) -> None:
        """Skip a step that exploded; after several, go back to the best weights at half the rate."""
        at = self._at
        at.bad_steps += 1
        if at.bad_steps < _BAD_STEPS:
            return
        at.bad_steps = 0
        at.divergences += 1
        if at.divergences >= _BAD_STEPS:
            raise TrainingError(
                f"The numbers exploded in step {at.step}, for the third time.",
                "Train again with a smaller --learning-rate; what was kept as a model stays.",
            )
        self.model.load_state_dict(self._best)
        self._average.forget()
        self._learner.optimizer.state.clear()
        at.rate_scale /= 2
        self._carried = None
        self._begin_together(is_new=False)

    def _started(self) -> RunStarted:
        shape = self.model.config
        return RunStarted(
            self._name,
            self._training.numel(),
            self._held_out.numel(),
            len(self._tokenizer),
            shape.cell,
            shape.hidden_size,
            shape.layers,
            sum(weight.numel() for weight in self.model.parameters()),
            self._config.budget_seconds,
            torch.get_num_threads(),
            self._config.seed,
            self._text.notes,
            self._ranks.count,
            self._config.arithmetic,
        )

    def _report(self) -> StepLogged:
        at, config = self._at, self._config
        loss = float(torch.stack(at.losses).mean()) if at.losses else math.nan
        steps, seconds = at.step - at.reported_step, max(at.spent - at.reported_at, 1e-9)
        clipped, at.clipped = at.clipped, 0
        at.losses.clear()
        at.reported_at, at.reported_step = at.spent, at.step
        return StepLogged(
            step=at.step,
            words=self._words_read,
            seconds=self.all_seconds,
            eta_seconds=max(0.0, self._seconds - self._reached) * self._slowness + self._finish_seconds,
            words_per_second=steps * config.rows * config.bptt_length / seconds,
            loss_nats=loss,
            bits_per_character=loss * self._training_nats_to_bits,
            learning_rate=at.rate,
            gradient_norm=at.norm,
            passes=self.passes,
            fraction=min(1.0, self._reached / self._seconds),
            clipped_share=clipped / max(1, steps),
        )

    def _look(self) -> Iterator[TrainEvent]:
        nats = self._mean_nats(self._quick)
        # The weights are chosen on a text of its own, so that the held-out figure stays honest.
        chosen_by = self._mean_nats(self._chosen_by)
        is_best = chosen_by < self._at.best_nats
        if is_best:
            self._at.best_nats = chosen_by
            self._best = self._weights()
        bits = nats * self._nats_to_bits
        yield Evaluated(self._at.step, self.all_seconds, nats, bits, math.exp(min(nats, 700.0)), is_best, False)
        yield self._sample(bits)

    def _mean_nats(self, ids: Tensor) -> float:
        return mean_nats(self.model, ids, min(_QUICK_ROWS, max(1, ids.numel() // 64)))

    def _finish(self) -> Iterator[TrainEvent]:
        self._measuring_since = self._clock()
        yield self._measuring("taking a last look at held-out text")
        yield from self._look()
        self._take_average()
        if self._begun and self._config.keeps_base:
            found = [self._best, *([self._average.weights()] if self._average.count else [])]
            self._best = nearest_to_base(self._begun, found, self._nats_of, self._fresh_from)
        self._best = {name: as_kept(weight) for name, weight in self._best.items()}
        self.model.load_state_dict(self._best)
        self.mixture, self.counts = yield from self._told(
            "fitting the shares of counting and recent words",
            fitted_mixture(self.model, self._training, self._tuning, self._tokenizer, self._in_table, self._inherited),
        )
        measured = yield from self._told(
            "measuring the best weights on all held-out text",
            measure_looks(self.model, self._tokenizer, self._text.validation, self.mixture),
        )
        self.measured = measured
        yield self._measuring("measuring them on what they have learned from")
        nats = measured.nats / measured.tokens
        yield Evaluated(
            self._at.step,
            self.all_seconds,
            nats,
            measured.bits_per_character,
            measured.perplexity,
            True,
            True,
            measured.mixture_bits_per_character,
            self._mean_nats(spread(self._training).long()) * self._training_nats_to_bits,
            self._easier_share(),
        )

    def _easier_share(self) -> float:
        """How much less what was learned from takes per character than held-out text, for one who has read neither."""
        unread, other = unread_nats(self._training, self._held_out, len(self._tokenizer))
        bits, other_bits = unread * self._training_nats_to_bits, other * self._nats_to_bits
        return 1 - bits / other_bits if other_bits > 0 else 0.0

    def _measuring(self, what: str, fraction: float = 0.0) -> Measuring:
        """Where the work after the last step stands."""
        left = max(0.0, self._finish_seconds - (self._clock() - self._measuring_since))
        return Measuring(what, fraction, self.all_seconds, left, self.reason == "stopped")

    def _told(self, what: str, work: Work[float, None, R]) -> Work[TrainEvent, None, R]:
        """Shares that are done, as events; the result is passed on."""
        yield self._measuring(what)
        while True:
            try:
                fraction = next(work)
            except StopIteration as end:
                result: R = end.value
                return result
            yield self._measuring(what, fraction)

    def _take_average(self) -> None:
        """The mean of the last weights, where it does better than any of the looks found."""
        if not self._average.count:
            return
        nats = self._nats_of(self._average.weights())
        if nats < self._at.best_nats:
            self._at.best_nats = nats
            self._best = self._average.weights()

    def _nats_of(self, weights: Mapping[str, Tensor]) -> float:
        """What weights are chosen by."""
        self.model.load_state_dict(weights)
        return self._mean_nats(self._chosen_by)

    def _training_seconds(self) -> float:
        """What is left of the budget for training, when preparing before and measuring after it are paid."""
        few = self._training[:_TIMED_WORDS].long()
        counting = KneserNey(few, len(self._tokenizer), COUNTED_ORDER)
        logs = word_logs(self.model, few)  # so few are read in one row, which takes longer
        began = self._clock()
        with one_thread():
            self._mean_nats(few)
        fitted_gates(counting, few[1:].tolist(), logs, RecentTokens(few[:1].tolist()), self._inherited)
        taken = _READ_AGAIN * (self._clock() - began)
        words = self._held_out.numel() + self._tuning.numel()
        self._finish_seconds = taken * words / max(1, few.numel()) + self._in_table / _COUNTED_PER_SECOND
        finish = min(_LONGEST_FINISH * self._config.budget_seconds, self._finish_seconds)
        return max(self._config.budget_seconds / 2, self._config.budget_seconds - self.spent_before - finish)

    def _sample(self, bits: float) -> SampleDrawn:
        """The same prompt and the same dice every time, so that only the network changes."""
        generator = Generator(self.model, self._tokenizer, lexicon=self._lexicon)
        prompt = self._sample_prompt()
        settings = SamplerSettings(temperature=0.8, max_words=_SAMPLE_WORDS, stop="words")
        with one_thread():
            generator.feed(prompt)
            text = "".join(step.piece for step, _ in generator.generate(lambda: settings, self._config.seed))
        self.model.train()
        return SampleDrawn(self._at.step, self._tokenizer.decode(prompt), text, self.all_seconds, bits)

    def _sample_prompt(self) -> Sequence[int]:
        opening = self._text.validation.lstrip()[:200]
        ids = self._tokenizer.encode(opening)
        starts = [at for at, word in enumerate(ids) if not self._tokenizer.is_continuation(word)]
        return ids[: starts[4]] if len(starts) > 4 else ids

    def _weights(self) -> dict[str, Tensor]:
        return {name: weight.detach().clone() for name, weight in self.model.state_dict().items()}

    def _wait(self) -> None:
        while self._control() == "pause":
            time.sleep(_PAUSE_SECONDS)  # the trainer has a process of its own; nobody waits behind this
