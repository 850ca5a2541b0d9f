"""How much memory a piece of work took at most, as the system counts it."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")


@dataclass
class Peak:
    """Above what was in use before, in MB; 0 where the system does not tell."""

    megabytes: float = 0.0


@contextlib.contextmanager
def peak_memory() -> Iterator[Peak]:
    """Measures this process; the figure is there when the block ends."""
    peak = Peak()
    try:
        _CLEAR.write_text("5", encoding="utf-8")  # the highest value so far is forgotten
        before = _kilobytes("VmRSS")
    except OSError:
        yield peak
        return
    try:
        yield peak
    finally:
        peak.megabytes = (_kilobytes("VmHWM") - before) / 1024


def _kilobytes(name: str) -> int:
    lines = _STATUS.read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1])
