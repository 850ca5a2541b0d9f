"""What a program is born into, made ordinary before a library reads it: odd variables, a folder that is gone."""

import os
import re
from collections.abc import MutableMapping

from rnntui.errors import InputError

_SIZES = ("COLUMNS", "LINES")
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OMP_THREAD_LIMIT")
_SIZE = re.compile("[1-9][0-9]{0,3}")
_THREAD_COUNT = re.compile("[1-9][0-9]{0,2}(,[1-9][0-9]{0,2})*")


def make_ordinary(environment: MutableMapping[str, str]) -> None:
    """Take out variables that a library would stumble over; what was meant by them nobody can know.

    Rich reads any digit in COLUMNS as a number, OpenMP complains of odd thread counts on standard error, torch does not
    start with an unknown name in TORCH_LOGS, and a home that is no whole path would be looked for in every folder.
    """
    rules = [(name, _SIZE) for name in _SIZES] + [(name, _THREAD_COUNT) for name in _THREADS]
    for name, rule in rules:
        if name in environment and not rule.fullmatch(environment[name]):
            del environment[name]
    environment.pop("TORCH_LOGS", None)
    if os.name == "posix" and not environment.get("HOME", "/").startswith("/"):
        del environment["HOME"]


def require_working_folder() -> None:
    """Refuse to begin in a folder that is gone: nothing can be named in it, and torch does not load there.

    Raises:
        InputError: If the folder the program was started in has been removed.
    """
    try:
        os.getcwd()  # noqa: PTH109  only whether there is one
    except OSError:
        raise InputError(
            "The folder this was started in is no longer there.",
            "Change to another one, such as with cd, and try again.",
        ) from None
