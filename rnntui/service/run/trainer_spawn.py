"""The trainer started as a process of its own, which outlives the one that starts it."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from rnntui.errors import TrainingError


def spawn_trainer(data_dir: Path, run_id: str, log_path: Path) -> int:
    """Start the trainer detached: own session, no terminal, what it prints in the run's log. Returns its process id."""
    command = [sys.executable, "-m", "rnntui.service.run.trainer_process", str(data_dir), run_id, str(log_path)]
    detached: dict[str, Any] = (
        {"start_new_session": True}
        if os.name == "posix"
        else {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    )
    try:
        process = subprocess.Popen(  # noqa: S603  our own interpreter and module
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            close_fds=True,
            **detached,
        )
    except OSError as problem:
        raise TrainingError(
            f"The training process could not be started: {problem.strerror}.", "Check free memory and try again."
        ) from problem
    _reap_later(process)
    return process.pid


def _reap_later(process: "subprocess.Popen[bytes]") -> None:
    """Wait for the child in a daemon thread, so that a dead trainer is seen as dead and not as a zombie."""
    threading.Thread(target=process.wait, name="rnntui-reaper", daemon=True).start()
