"""Where a test can make the disk refuse or the process die: `RNNTUI_FAIL_POINT="N:ENOSPC:PID"` or `"N:KILL:PID"`.

The N-th step that `durable` takes fails with that error of the system, or ends the process there, while the process PID
lives: the test's own. So a variable that was left in an environment, or is set by accident, does nothing; without one a
step costs a look into the environment.
"""

import errno
import os

from rnntui.store.files.processes import is_alive

FAIL_POINT_VARIABLE = "RNNTUI_FAIL_POINT"


class _FailPoint:
    """Counts the steps of this process while the variable is set, and fails the one it names."""

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
        number, _, rest = wanted.partition(":")
        name, _, tester = rest.partition(":")
        if number != str(self._passed) or not tester.isdecimal() or not is_alive(int(tester)):
            return
        if name == "KILL":
            os._exit(137)
        if code := getattr(errno, name, None):
            raise OSError(code, os.strerror(code))


step = _FailPoint().pass_by  # called before every system call that changes something
