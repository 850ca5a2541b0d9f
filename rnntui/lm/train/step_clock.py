"""The times that a run used, in order: recorded ones first, then those of the clock.

The learning rate, the evaluations and the end of a run depend on how long its steps took. A run is therefore
a function of its text, settings, seed and *these times*. Whoever has them all can repeat it to the last bit; whoever
lost the last seconds to a kill does these seconds again at the old times, and measures on from there.
"""

import math
from collections.abc import Callable, Sequence


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
