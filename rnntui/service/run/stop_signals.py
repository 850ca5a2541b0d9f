"""Ctrl-C and the system's requests to end, as what is wanted of a run between its steps."""

import signal
from types import FrameType
from typing import Any


class StopSignals:
    """While it is open, the first interrupt stops the run; the second one is an ordinary interrupt.

    SIGTERM and a terminal that closes suspend it.
    """

    def __init__(self) -> None:
        self._wanted = "run"
        self._before: dict[int, Any] = {}

    def __call__(self) -> str:
        """What is wanted by now: "run", "stop" or "suspend"."""
        return self._wanted

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
        if self._wanted == "run":
            self._wanted = "stop"
        elif callable(before := self._before[number]):
            before(number, frame)  # it knows when a KeyboardInterrupt does no harm
        else:
            raise KeyboardInterrupt

    def _on_end(self, _number: int, _frame: FrameType | None) -> None:
        self._wanted = "suspend"
