"""Entry point of a process that learns together with others: `... follower_process NUMBER COUNT FILE LOG_FILE`.

It says a word when PyTorch is loaded, connects through FILE, and does what the first process says. The end of its
input, which also comes when the first process was killed, ends it at once; so does a lost connection.
"""

import contextlib
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from rnntui.errors import TrainingError
from rnntui.service.log import keep_log, keep_tracebacks_off_the_screen

READY = b"ready\n"
log = logging.getLogger("rnntui.follower")


def main(number: str, count: str, file: str, log_file: str) -> int:
    """Learn until the first process says that it is enough. Returns the exit code."""
    ignore_signals()
    threading.Thread(target=_end_with_input, daemon=True).start()
    keep_log(Path(log_file))
    keep_tracebacks_off_the_screen()
    from rnntui.lm.hardware.follower import follow
    from rnntui.lm.hardware.ranks import connect

    try:
        sys.stdout.buffer.write(READY)
        sys.stdout.buffer.flush()
        follow(connect(int(number), int(count), file))
    except TrainingError as error:
        log.warning("process %s of %s ended: %s", number, count, error)
        return error.exit_code
    return 0


def ignore_signals() -> None:
    """Whoever leads decides what an interrupt means, and says so."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if number := getattr(signal, name, None):
            signal.signal(number, signal.SIG_IGN)


def _end_with_input() -> None:
    with contextlib.suppress(OSError, ValueError):
        while os.read(0, 1):
            pass
    os._exit(TrainingError.exit_code)


if __name__ == "__main__":
    code = main(*sys.argv[1:5])
    logging.shutdown()
    os._exit(code)  # a thread may be inside a library
