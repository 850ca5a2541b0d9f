"""How much of the processor this process asks for. Here because it writes a file, though one of the system."""

import contextlib
import os
from pathlib import Path


def lower_priority(niceness: int) -> None:
    """Let other processes come first; where the system does not know how, nothing happens.

    Linux gives every session an equal share of a processor, whatever the niceness of its processes; the share has a
    niceness of its own. To be called by a process that has its session to itself. Source: sched(7), autogroups.

    Args:
        niceness: 1 to 19, as of nice(1).
    """
    with contextlib.suppress(OSError, AttributeError):  # the second where there is no niceness
        os.nice(niceness)
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(niceness), "ascii")
