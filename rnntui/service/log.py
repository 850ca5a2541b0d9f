"""Where details of problems go while a program of ours runs; nothing of it ever reaches the screen."""

import logging
import sys
import threading
from pathlib import Path


def keep_log(file: Path | None) -> None:
    """Let the log take every record from now on, warnings and what ends a thread among them.

    Args:
        file: The log; None takes records and forgets them, until it is known where data are kept.
    """
    from rnntui.store.files.log import PrivateLog

    root = logging.getLogger()
    for handler in root.handlers[:]:
        if isinstance(handler, PrivateLog | logging.NullHandler):
            root.removeHandler(handler)
    root.addHandler(PrivateLog(file) if file else logging.NullHandler())


def keep_tracebacks_off_the_screen() -> None:
    """Send to the log what Python would print by itself: warnings, and problems in threads and at the end."""
    log = logging.getLogger("rnntui.python")
    logging.captureWarnings(True)
    threading.excepthook = lambda problem: log.error(
        "a thread ended with a problem",
        exc_info=problem.exc_value if problem.exc_value else None,
    )
    sys.unraisablehook = lambda problem: log.error("a problem at the end", exc_info=problem.exc_value)
