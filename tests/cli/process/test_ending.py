"""A command can be interrupted at any instant, and its process ends without being taken down around its threads."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no clock that could interrupt")

COMMAND = """
import sys, time
from rnntui.cli.process.ending import leave, take_interrupts
take_interrupts()
try:
    import interrupted
    while True:
        time.sleep(1)
except KeyboardInterrupt:
    print("whole" if getattr(sys.modules.get("interrupted"), "IS_WHOLE", False) else "torn", end="")
leave(130)
"""
INTERRUPT = "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n"
THREAD = """
import threading, time
from rnntui.cli.process.ending import leave
threading.Thread(target=time.sleep, args=(1_000,)).start()
print("said", end="")
leave(3)
"""


def _run(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(folder)!r})\n{code}"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_an_interrupt_waits_until_what_is_imported_is_whole(tmp_path: Path) -> None:
    (tmp_path / "interrupted.py").write_text(f"{INTERRUPT}IS_WHOLE = True\n", encoding="utf-8")
    done = _run(COMMAND, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (130, "whole", "")


def test_a_second_interrupt_ends_the_process_at_once(tmp_path: Path) -> None:
    (tmp_path / "interrupted.py").write_text(f"{INTERRUPT}os.kill(os.getpid(), signal.SIGINT)\n", encoding="utf-8")
    done = _run(COMMAND, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_the_process_ends_whatever_its_threads_do_and_with_everything_written(tmp_path: Path) -> None:
    done = _run(THREAD, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (3, "said", "")


def test_an_interrupt_before_the_command_is_known_is_no_traceback() -> None:
    code = (
        "import os, signal, sys\n"
        "import rnntui.cli.process.streams as streams\n"
        "streams.open_streams = lambda: os.kill(os.getpid(), signal.SIGINT)\n"
        "from rnntui.cli import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "where"], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (128 + signal.SIGINT, "", "")
