"""Where a test can make the disk refuse or the process die: `RNNTUI_FAIL_POINT="N:ENOSPC"` or `"N:KILL"`.

The N-th step that `durable` takes fails with that error of the system, or ends the process there. Without the variable
a step does nothing.
"""

import errno
import os

FAIL_POINT_VARIABLE = "RNNTUI_FAIL_POINT"


class _FailPoint:
    """Counts steps while the variable is set, and fails the one it names."""

    def __init__(self) -> None:
        self._wanted = ""
        self._passed = 0

    def pass_by(self) -> None:
        wanted = os.environ.get(FAIL_POINT_VARIABLE, "")
        if wanted != self._wanted:
            self._wanted, self._passed = wanted, 0
        if not wanted:
            return
        self._passed += 1
        number, _, name = wanted.partition(":")
        if number != str(self._passed):
            return
        if name == "KILL":
            os._exit(137)
        if code := getattr(errno, name, None):
            raise OSError(code, os.strerror(code))


step = _FailPoint().pass_by  # called before every system call that changes something
