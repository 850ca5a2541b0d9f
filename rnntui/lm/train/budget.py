"""The time of a run: how much there is, how much is used, how fast to learn, and when evaluations are due.

The learning rate, the evaluations and the end of a run depend on how long its steps took. A run is therefore a function
of its text, settings, seed and *these times*. Whoever has them all can repeat it to the last bit; whoever lost the last
seconds to a kill does these seconds again at the old times, and measures on from there. Knows nothing of networks.
"""

import math
from collections.abc import Callable, Sequence

from rnntui.lm.train.train_state import TrainState

_WARM_UP = 0.02
"""Share of the budget in which the learning rate rises."""
_EARLY_EVALUATIONS = (0.03, 0.1)
_EVALUATIONS = 10
_EVALUATIONS_WHEN_SHORT = 6
_SHORT_SECONDS = 120
_LONGEST_FINISH = 0.25
"""Share of the budget that the last evaluation may take."""


def learning_rate_share(fraction: float) -> float:
    """Share of the full learning rate when this fraction of the budget is used: up quickly, then a line down to zero.

    Source: Li et al. 2019, budgeted training: a line to zero at the end of the budget does best at any budget.
    """
    if fraction < _WARM_UP:
        return max(fraction, _WARM_UP / 20) / _WARM_UP
    return max(0.0, (1.0 - fraction) / (1.0 - _WARM_UP))


def evaluation_times(budget_seconds: float) -> list[float]:
    """When to evaluate, in seconds: early at first, then evenly; seldom when every second counts."""
    count = _EVALUATIONS_WHEN_SHORT if budget_seconds < _SHORT_SECONDS else _EVALUATIONS
    shares = (*_EARLY_EVALUATIONS, *(number / count for number in range(2, count)))
    return [share * budget_seconds for share in shares]


def _forget(_position: int, _seconds: float) -> None:
    """Record nothing."""


class StepClock:
    """Seconds of training, pauses left out.

    Args:
        clock: Seconds that only rise.
        recorded_seconds: The times of this run as far as they were recorded, from its beginning; not-a-number is a gap.
        record: Told each new time with its number, before anything is done with it.

    Attributes:
        position: Times used so far.
        elapsed: Seconds of training at the last tick.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        recorded_seconds: Sequence[float] = (),
        record: Callable[[int, float], None] = _forget,
    ) -> None:
        self._clock = clock
        self._recorded_seconds = recorded_seconds
        self._record = record
        self._started = 0.0
        self.position = 0
        self.elapsed = 0.0

    def next(self, measure: Callable[[], float]) -> float:
        """The next recorded time; without one, what `measure` gives, which is recorded."""
        if self.is_recorded:
            value = self._recorded_seconds[self.position]
        else:
            value = measure()
            self._record(self.position, value)
        self.position += 1
        return value

    def start(self) -> None:
        """From now on time counts."""
        self._started = 0.0 if self.is_recorded else self._clock() - self.elapsed

    def tick(self) -> float:
        """Seconds of training until now."""
        was_recorded = self.is_recorded
        self.elapsed = self.next(lambda: self._clock() - self._started)
        if was_recorded:
            self.start()
        return self.elapsed

    def restore(self, position: int, elapsed: float) -> None:
        """Stand after so many times, the last of which is given; `start` goes on from there."""
        self.position, self.elapsed = position, elapsed

    @property
    def is_recorded(self) -> bool:
        """True when the next time is known already."""
        return self.position < len(self._recorded_seconds) and not math.isnan(self._recorded_seconds[self.position])


class Budget:
    """What a run has used of its time, and what the schedule says at this point.

    Args:
        seconds: Of the whole run, from preparing to the last evaluation.
        most_passes: The schedule ends when the text was read so often; 0 for time alone.
        passes: How often the text was read by now.
        step_clock: Times of the steps, measured or recorded.
        clock: Seconds that only rise, for the work after the last step.
        began: What `clock` said when preparing began; None where it took no time.

    Attributes:
        training_seconds: For the steps alone: what preparing and the last evaluation leave.
        finish_seconds: What the last evaluation is expected to take.
        prepared_seconds: What preparing has taken.
    """

    def __init__(
        self,
        seconds: float,
        most_passes: float,
        passes: Callable[[], float],
        step_clock: StepClock,
        clock: Callable[[], float],
        began: float | None = None,
    ) -> None:
        self._seconds = seconds
        self._most_passes = most_passes
        self._passes = passes
        self._step_clock = step_clock
        self._clock = clock
        self._began = began
        self._extra_seconds = 0.0
        self._evaluate_at: list[float] = []
        self._finish_began: float | None = None
        self.training_seconds = float(seconds)
        self.finish_seconds = 0.0
        self.prepared_seconds = 0.0

    def begin(self, estimate_finish: Callable[[], float]) -> None:
        """Divide the time of a new run.

        Args:
            estimate_finish: Measures how many seconds the last evaluation will take; not asked when the answer is
                recorded.
        """
        self.prepared_seconds = 0.0 if self._began is None else self._clock() - self._began
        self.training_seconds = self._step_clock.next(lambda: self._training_share(estimate_finish()))
        self._evaluate_at = evaluation_times(self.training_seconds)

    def start_clock(self) -> None:
        """From now on time counts as training; what has passed since the last tick does not."""
        self._step_clock.start()

    def tick(self) -> None:
        """A step has ended."""
        self._step_clock.tick()

    def extend(self, extra_seconds: float) -> bool:
        """Spread what is left of the schedule over a longer time; False where nothing changes.

        Args:
            extra_seconds: On top of the first budget, all extensions together.
        """
        if extra_seconds == self._extra_seconds:
            return False
        self.training_seconds += extra_seconds - self._extra_seconds
        self._extra_seconds = extra_seconds
        self._evaluate_at = [at for at in evaluation_times(self.training_seconds) if at > self._position]
        return True

    def take_due_evaluation(self) -> bool:
        """Whether it is time to evaluate; True once for each time."""
        position = self._position
        is_due = bool(self._evaluate_at) and position >= self._evaluate_at[0]
        if is_due:
            self._evaluate_at = [at for at in self._evaluate_at if at > position]
        return is_due

    def begin_finish(self) -> None:
        """The last evaluation begins."""
        self._finish_began = self._clock()

    @property
    def recorded_times(self) -> int:
        """How many times of the step clock were used."""
        return self._step_clock.position

    @property
    def elapsed(self) -> float:
        """Seconds of training, pauses left out."""
        return self._step_clock.elapsed

    @property
    def all_seconds(self) -> float:
        """With preparing before it, and the last evaluation as far as it has come."""
        finishing = 0.0 if self._finish_began is None else self._clock() - self._finish_began
        return self.prepared_seconds + self.elapsed + finishing

    @property
    def total_seconds(self) -> float:
        """The budget, with its extensions."""
        return self._seconds + self._extra_seconds

    @property
    def fraction(self) -> float:
        """Share of the schedule that is over; 1 or more at its end."""
        return self._position / self.training_seconds

    @property
    def is_over(self) -> bool:
        """Whether learning has to end."""
        return self._position >= self.training_seconds

    @property
    def learning_rate_share(self) -> float:
        """Share of the full learning rate."""
        return learning_rate_share(self.fraction)

    @property
    def seconds_left(self) -> float:
        """Until the end of the run, as far as is known while it learns."""
        slowness = self.elapsed / self._position if self.elapsed else 1.0
        return max(0.0, self.training_seconds - self._position) * slowness + self.finish_seconds

    @property
    def finish_seconds_left(self) -> float:
        """Until the end of the last evaluation."""
        assert self._finish_began is not None  # noqa: S101  it has begun
        return max(0.0, self.finish_seconds - (self._clock() - self._finish_began))

    def state(self) -> TrainState:
        """What a run needs to go on from here."""
        return TrainState(
            {},
            {
                "spent": self.elapsed,
                "times": self.recorded_times,
                "added": self._extra_seconds,
                "seconds": self.training_seconds,
                "finish_seconds": self.finish_seconds,
                "prepared_seconds": self.prepared_seconds,
                "evaluate_at": list(self._evaluate_at),
            },
        )

    def restore(self, state: TrainState) -> None:
        """Go on from there."""
        facts = state.facts
        self._step_clock.restore(facts["times"], facts["spent"])
        self._extra_seconds = facts["added"]
        self.training_seconds = float(facts["seconds"])
        self.finish_seconds = float(facts["finish_seconds"])
        self.prepared_seconds = float(facts["prepared_seconds"])
        self._evaluate_at = [float(at) for at in facts["evaluate_at"]]

    @property
    def _position(self) -> float:
        """Where the schedule stands, in its seconds: where the time is, or ahead of it where passes end learning."""
        if not self._most_passes:
            return self.elapsed
        return max(self.elapsed, self.training_seconds * self._passes() / self._most_passes)

    def _training_share(self, finish_seconds: float) -> float:
        self.finish_seconds = finish_seconds
        finish = min(_LONGEST_FINISH * self._seconds, finish_seconds)
        return max(self._seconds / 2, self._seconds - self.prepared_seconds - finish)
