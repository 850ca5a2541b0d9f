"""Ctrl-C and the system's requests to end, as wishes that a run is asked for between its steps."""

import signal
from types import FrameType
from typing import Any


class StopSignals:
    """While it is open, the first interrupt becomes the wish to stop; the second one is an ordinary interrupt.

    To be told to end, by the system or by a terminal that closes, becomes the wish to leave.
    """

    def __init__(self) -> None:
        self._wish = "run"
        self._before: dict[int, Any] = {}

    def __call__(self) -> str:
        """What is wished by now: "run", "stop" or "suspend"."""
        return self._wish

    def __enter__(self) -> "StopSignals":
        self._before[signal.SIGINT] = signal.signal(signal.SIGINT, self._on_interrupt)
        for name in ("SIGTERM", "SIGHUP"):
            if number := getattr(signal, name, None):  # not every system has both
                self._before[number] = signal.signal(number, self._on_end)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _on_interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._wish == "run":
            self._wish = "stop"
        elif callable(before := self._before[number]):
            before(number, frame)  # it knows when a KeyboardInterrupt does no harm
        else:
            raise KeyboardInterrupt

    def _on_end(self, _number: int, _frame: FrameType | None) -> None:
        self._wish = "suspend"
