"""Which processes live, also in the instant in which one goes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rnntui.store.files.processes import is_alive


def _start() -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)


def test_a_process_lives_until_it_is_killed_and_not_while_it_waits_for_its_parent() -> None:
    with _start() as child:
        assert is_alive(child.pid)
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # a zombie from here on
        assert not is_alive(child.pid)
    assert not is_alive(child.pid)
    assert not is_alive(0)
    assert not is_alive(-child.pid)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the system does not tell the states of processes")
def test_a_process_that_its_parent_takes_away_meanwhile_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    read = Path.read_bytes
    with _start() as child:
        child.kill()

        def read_after_its_end(path: Path) -> bytes:
            child.wait()
            return read(path)

        monkeypatch.setattr(Path, "read_bytes", read_after_its_end)
        assert not is_alive(child.pid)
