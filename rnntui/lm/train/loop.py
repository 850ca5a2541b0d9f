"""The training loop: read a batch, predict, compare, go back, change the weights, log; ask between steps what is due.

One step is `learner.Learner.step`: forward, loss, backward, clip, step. Everything that is not a step belongs to
another object.
"""

import time
from collections.abc import Iterator

from rnntui.events import RunExtended, RunPaused, RunResumed, TrainEvent
from rnntui.lm.hardware.follower import begin_together
from rnntui.lm.model import HiddenState
from rnntui.lm.train.batches import TextReader
from rnntui.lm.train.budget import Budget
from rnntui.lm.train.inputs import RunControl
from rnntui.lm.train.learner import Learned, Learner
from rnntui.lm.train.recovery import DivergenceRecovery, can_halve_rows, halve_rows
from rnntui.lm.train.step_log import StepLog
from rnntui.lm.train.validation import Validation

_PAUSE_SECONDS = 0.1


class Loop:
    """Step after step, until the time is over or the person ends it.

    Args:
        learner: Takes the steps.
        reader: Hands out batches.
        budget: Knows the time and the schedule.
        validation: Evaluates when it is due.
        recovery: Looks after steps that exploded.
        log: Reports when it is due.
        control: What the person wants.

    Attributes:
        carried: The hidden state of this process's rows, from batch to batch; None for zeros.
        reason: Why the loop ended: "budget", "stopped" or "interrupted"; empty before.
    """

    def __init__(
        self,
        learner: Learner,
        reader: TextReader,
        budget: Budget,
        validation: Validation,
        recovery: DivergenceRecovery,
        log: StepLog,
        control: RunControl,
    ) -> None:
        self._learner = learner
        self._reader = reader
        self._budget = budget
        self._validation = validation
        self._recovery = recovery
        self._log = log
        self._control = control
        self.carried: HiddenState | None = None
        self.reason = ""

    def run(self) -> Iterator[TrainEvent]:
        """Learn; between any two steps the state of the run is whole."""
        learner, reader, budget, log = self._learner, self._reader, self._budget, self._log
        budget.start_clock()
        while True:
            yield from self._between_steps()
            if self.reason:
                return
            batch = reader.next_batch()
            rate = learner.config.learning_rate * self._recovery.rate_scale * budget.learning_rate_share
            try:
                learner.ranks.announce_step(batch, rate)
                learned = learner.step(batch, self.carried, rate)
            except RuntimeError as problem:
                if not can_halve_rows(problem, learner):
                    raise
                fewer_rows, self.carried = halve_rows(learner, reader, self.carried)
                yield fewer_rows
                continue
            reader.advance()
            log.add(learned, rate, learner.config.clip_norm)
            self._carry(learned)
            budget.tick()
            self._validation.average.after_step(log.steps, budget.fraction)

    def begin_together(self, *, is_new: bool) -> None:
        """Let the other processes have what this one has; from here on it carries the hidden state of its own rows."""
        begin_together(self._learner, self.carried, is_new=is_new)
        self.carried = self._learner.ranks.select_own(self.carried)

    def _carry(self, learned: Learned | None) -> None:
        """Keep the hidden state for the next batch; after a step that exploded, begin with zeros."""
        self.carried = learned.state if learned else None
        if self._recovery.has_rolled_back(self._log.steps, is_bad=learned is None):
            self.begin_together(is_new=False)

    def _between_steps(self) -> Iterator[TrainEvent]:
        """Report, evaluate and obey, as far as that is due; also right after going on from a state."""
        budget, log, control = self._budget, self._log, self._control
        while True:
            if log.is_due:
                yield log.report(self._learner.config)
            if budget.take_due_evaluation():
                yield from self._validation.evaluate(log.steps)
            wish = control.poll()
            if wish != "pause":
                break
            yield from self._pause()
        if wish == "suspend":
            self.reason = "interrupted"
            return
        if budget.extend(control.extra_seconds(budget.recorded_times)):
            yield RunExtended(budget.total_seconds)
        if wish == "stop" or budget.is_over:
            self.reason = "stopped" if wish == "stop" else "budget"

    def _pause(self) -> Iterator[TrainEvent]:
        yield RunPaused(self._budget.all_seconds)
        while self._control.poll() == "pause":
            time.sleep(_PAUSE_SECONDS)  # the trainer has a process of its own; nobody waits behind this
        yield RunResumed(self._budget.all_seconds)
        self._budget.start_clock()
