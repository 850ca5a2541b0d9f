"""Entry point of the detached trainer: `python -m rnntui.service.run.trainer_process DATA_DIR RUN_ID LOG_FILE`.

It holds the run's lock, appends the run's events and ends; the screen follows the file. SIGTERM makes it keep its state
and leave at once; the run goes on when somebody says so. Else it starts the run that waits next.
"""

import contextlib
import logging
import signal
import sys
from pathlib import Path

from rnntui.errors import RnntuiError
from rnntui.paths import find_paths
from rnntui.service.log import keep_log, keep_tracebacks_off_the_screen
from rnntui.service.services import Services
from rnntui.store.files.priority import lower_priority

log = logging.getLogger("rnntui.trainer")

_NICENESS = 5
"""The person's typing comes first."""


def main(data_dir: str, run_id: str, log_file: str) -> int:
    """Do a run from its folder. Returns the exit code."""
    keep_log(Path(log_file))
    keep_tracebacks_off_the_screen()
    log.setLevel(logging.INFO)
    lower_priority(_NICENESS)
    asked_to_end = []
    signal.signal(signal.SIGTERM, lambda *_: asked_to_end.append(True))
    services = Services(find_paths(Path(data_dir)))
    exit_code = 0
    try:
        for event in services.training.work(run_id, lambda: "suspend" if asked_to_end else "run"):
            log.info("%s", type(event))
    except RnntuiError as error:
        log.error("the run ended with %s", error)
        exit_code = error.exit_code
    if not asked_to_end:
        with contextlib.suppress(RnntuiError):
            services.training.start_next()
    return exit_code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
