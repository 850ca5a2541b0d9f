"""The times that a run used, in order: recorded ones first, then those of the clock.

The learning rate, the looks at held-out text and the end of a run depend on how long its steps took. A run is therefore
a function of its text, settings, seed and *these times*. Whoever has them all can repeat it to the last bit; whoever
lost the last seconds to a kill does these seconds again at the old times, and measures on from there.
"""

import math
from collections.abc import Callable, Sequence


def _forget(_position: int, _seconds: float) -> None:
    """Keep nothing."""


class StepClock:
    """Seconds of training, pauses left out.

    Args:
        clock: Seconds that only rise.
        recorded: The times of this run as far as they were recorded, from its beginning; not-a-number is a gap.
        keep: Told each new time with its number, before anything is done with it.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        recorded: Sequence[float] = (),
        keep: Callable[[int, float], None] = _forget,
    ) -> None:
        self._clock = clock
        self._recorded = recorded
        self._keep = keep
        self._last = 0.0
        self._began = 0.0
        self.position = 0
        """Times used so far."""

    def next(self, measure: Callable[[], float]) -> float:
        """The next recorded time; without one, what `measure` gives, which is kept."""
        if self.is_recorded:
            value = self._recorded[self.position]
        else:
            value = measure()
            self._keep(self.position, value)
        self.position += 1
        return value

    def begin(self) -> None:
        """From now on time counts."""
        self._began = 0.0 if self.is_recorded else self._clock() - self._last

    def elapsed(self) -> float:
        """Seconds of training until now."""
        was_recorded = self.is_recorded
        self._last = self.next(lambda: self._clock() - self._began)
        if was_recorded:
            self.begin()
        return self._last

    def go_to(self, position: int, elapsed: float) -> None:
        """Stand after so many times, the last of which is given; `begin` goes on from there."""
        self.position, self._last = position, elapsed

    @property
    def is_recorded(self) -> bool:
        """True when the next time is known already."""
        return self.position < len(self._recorded) and not math.isnan(self._recorded[self.position])
