"""How long a piece of work before training will still take, from how fast it has gone so far."""

import dataclasses
import time
from collections.abc import Callable

from rnntui.events import Preparing

_LEAST_SECONDS = 2.0
_LEAST_SHARE = 0.02
"""Before so much is done any figure would jump about."""


class TimeLeft:
    """Follows pieces of work, one after another.

    Args:
        clock: Seconds that only rise.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._what = ""
        self._began = self._from = self._last = 0.0

    def estimate(self, event: Preparing) -> Preparing:
        """The event with the seconds that are left of its work."""
        if event.what != self._what or event.fraction < self._last:
            self._what, self._began, self._from = event.what, self._clock(), event.fraction
        self._last = event.fraction
        passed, done = self._clock() - self._began, event.fraction - self._from
        if passed < _LEAST_SECONDS or done < _LEAST_SHARE:
            return event
        return dataclasses.replace(event, eta_seconds=passed * (1.0 - event.fraction) / done)
