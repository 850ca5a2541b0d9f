import subprocess
import sys
from pathlib import Path

import pytest

from rnntui.errors import StorageError
from rnntui.store.files import locks


def test_a_held_lock_is_refused_until_it_is_released(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not locks.is_locked(path)
    with locks.lock(path):
        assert locks.is_locked(path)
        with pytest.raises(StorageError, match="Another rnntui"):
            locks.lock(path)
    assert not locks.is_locked(path)
    with locks.lock(path):
        pass


def test_the_lock_of_another_process_holds_until_that_process_is_killed(tmp_path: Path) -> None:
    program = (
        "import pathlib, sys\nfrom rnntui.store.files import locks\n"
        "held = locks.lock(pathlib.Path(sys.argv[1]))\nprint('held', flush=True)\nsys.stdin.read()"
    )
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == b"held\n"
        assert locks.is_locked(path)
        with pytest.raises(StorageError, match="Another rnntui"):
            locks.lock(path)
        other.kill()
        other.wait()
        locks.lock(path).release()


def test_a_lock_does_not_follow_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "lock").symlink_to("real")
    with pytest.raises(StorageError):
        locks.lock(tmp_path / "lock")
    assert (tmp_path / "real").read_bytes() == b"old"
