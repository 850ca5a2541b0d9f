"""How a test lets the disk refuse or a process die; see `rnntui.store.files.fail_points`."""

import os

from rnntui.store.files.fail_points import FAIL_POINT_VARIABLE

__all__ = ["FAIL_POINT_VARIABLE", "fail_point"]


def fail_point(number: int, name: str) -> str:
    """The value of the variable with which this test lets a step fail, here or in a process that it starts.

    Args:
        number: Which step, from 1.
        name: "KILL", or an error of the system such as "ENOSPC".
    """
    return f"{number}:{name}:{os.getpid()}"
