import contextlib
import errno
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rnntui.errors import StorageError
from rnntui.store.files import durable
from rnntui.store.files.os_errors import storage_error
from tests.fail_points import FAIL_POINT_VARIABLE, fail_point

OLD, NEW = b"old " * 1000, b"new " * 2000
OLD_FOLDER = {"card": b"old card", "weights": OLD}
NEW_FOLDER = {"card": b"new card", "weights": NEW}
as_ordinary_user = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root passes through every permission"
)
with_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")


def content(folder: Path) -> dict[str, bytes]:
    return {entry.name: entry.read_bytes() for entry in folder.iterdir()}


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def ends_at_step(step: int, call: str, *arguments: Path) -> bool:
    """Run `call` in a process that dies at its N-th step; True when it died, False when it came to its end first."""
    program = (
        "import pathlib, sys\nfrom rnntui.store.files import durable\n"
        f"first, *rest = map(pathlib.Path, sys.argv[1:])\n{call}"
    )
    environment = {**os.environ, FAIL_POINT_VARIABLE: fail_point(step, "KILL")}
    done = subprocess.run([sys.executable, "-c", program, *map(str, arguments)], env=environment, check=False)
    assert done.returncode in (0, 137)
    return done.returncode == 137


# ---- files


def test_a_written_file_holds_exactly_the_data(tmp_path: Path) -> None:
    durable.write_file(tmp_path / "a", NEW)
    assert durable.read_file(tmp_path / "a", len(NEW)) == NEW
    assert names(tmp_path) == ["a"]


def test_a_written_file_replaces_the_old_one_and_its_mode(tmp_path: Path) -> None:
    durable.write_file(tmp_path / "a", OLD, 0o600)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600
    durable.write_file(tmp_path / "a", b"")
    assert (tmp_path / "a").read_bytes() == b""


@pytest.mark.parametrize("name", ["ENOSPC", "EIO", "EDQUOT", "EROFS"])
def test_a_failure_at_any_step_leaves_the_old_or_the_new_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    target, step_count = tmp_path / "a", 5  # make, write, flush, rename, flush the folder
    problems = []
    for step in range(1, step_count + 3):
        monkeypatch.delenv(FAIL_POINT_VARIABLE, raising=False)
        durable.write_file(target, OLD)
        monkeypatch.setenv(FAIL_POINT_VARIABLE, fail_point(step, name))
        try:
            durable.write_file(target, NEW)
        except StorageError as problem:
            problems.append(problem)
        assert target.read_bytes() in (OLD, NEW)
        assert names(tmp_path) == ["a"]
    assert len(problems) == step_count
    assert all('"a"' in problem.sentence and problem.next_step for problem in problems)
    assert target.read_bytes() == NEW


@pytest.mark.parametrize("name", ["ENOSPC", "EIO"])
def test_a_failure_at_any_step_leaves_the_old_or_the_new_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    target = tmp_path / "model"
    outcomes = []
    for step in range(1, 31):
        monkeypatch.delenv(FAIL_POINT_VARIABLE, raising=False)
        durable.write_folder(target, OLD_FOLDER)
        monkeypatch.setenv(FAIL_POINT_VARIABLE, fail_point(step, name))
        with contextlib.suppress(StorageError):
            durable.write_folder(target, NEW_FOLDER)
        outcomes.append(content(target))
        assert outcomes[-1] in (OLD_FOLDER, NEW_FOLDER)
    assert outcomes.count(OLD_FOLDER) > 8
    assert outcomes[-1] == NEW_FOLDER


def test_dying_at_any_step_leaves_the_old_or_the_new_folder_after_a_sweep(tmp_path: Path) -> None:
    target = tmp_path / "model"
    step, died, contents = 0, True, []
    while died:
        step += 1
        durable.write_folder(target, OLD_FOLDER)
        died = ends_at_step(
            step, "durable.write_folder(first, {'card': b'new card', 'weights': b'new ' * 2000})", target
        )
        durable.remove_leftovers(tmp_path)
        assert content(target) in (OLD_FOLDER, NEW_FOLDER)
        assert names(tmp_path) == ["model"]
        contents.append(content(target))
    assert contents[0] == OLD_FOLDER
    assert contents[-1] == NEW_FOLDER


def test_dying_at_any_step_leaves_the_old_or_the_new_file(tmp_path: Path) -> None:
    target = tmp_path / "a"
    step, died, contents = 0, True, []
    while died:
        step += 1
        target.write_bytes(OLD)
        died = ends_at_step(step, "durable.write_file(first, b'new ' * 2000)", target)
        contents.append(target.read_bytes())
        assert contents[-1] in (OLD, NEW)
    durable.remove_leftovers(tmp_path)
    assert names(tmp_path) == ["a"]
    assert contents[0] == OLD
    assert contents[-1] == NEW


def test_a_file_that_the_system_stops_in_the_middle_leaves_the_old_one(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    durable.write_file(tmp_path / "a", OLD)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, limit[1]))
    try:
        with pytest.raises(StorageError, match="no space left"):
            durable.write_file(tmp_path / "a", NEW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert (tmp_path / "a").read_bytes() == OLD
    assert names(tmp_path) == ["a"]


def test_writing_replaces_no_link_and_not_what_it_points_to(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(OLD)
    (tmp_path / "link").symlink_to("real")
    with pytest.raises(StorageError, match="not an ordinary file"):
        durable.write_file(tmp_path / "link", NEW)
    assert (tmp_path / "real").read_bytes() == OLD
    assert (tmp_path / "link").is_symlink()


@with_pipes
def test_reading_and_writing_refuse_a_pipe_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for call in (
        lambda path: durable.write_file(path, NEW),
        lambda path: durable.read_file(path, 10),
        durable.Appender,
    ):
        with pytest.raises(StorageError, match="not an ordinary file"):
            call(tmp_path / "pipe")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_writing_over_a_folder_or_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket")
        for name in ("folder", "socket"):
            with pytest.raises(StorageError, match="not an ordinary file"):
                durable.write_file(tmp_path / name, NEW)


def test_reading_refuses_a_link_a_folder_and_what_is_too_large(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"12345")
    (tmp_path / "link").symlink_to("real")
    assert durable.read_file(tmp_path / "real", 5) == b"12345"
    with pytest.raises(StorageError, match="at most 4 are read"):
        durable.read_file(tmp_path / "real", 4)
    with pytest.raises(StorageError, match="is a link"):
        durable.read_file(tmp_path / "link", 5)
    with pytest.raises(StorageError, match="not an ordinary file"):
        durable.read_file(tmp_path, 5)
    with pytest.raises(StorageError, match="missing"):
        durable.read_file(tmp_path / "none", 5)


@pytest.mark.parametrize("name", ["a" * 300, "zero\0byte", "half\ud83d"])
def test_an_impossible_name_gives_a_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(StorageError) as caught:
        durable.write_file(tmp_path / name, NEW)
    assert caught.value.next_step
    assert "\0" not in str(caught.value)


def test_a_file_in_the_way_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"")
    for path in (tmp_path / "data", tmp_path / "data" / "models"):
        with pytest.raises(StorageError, match="a file stands where a folder is needed"):
            durable.make_folder(path)


def test_a_circle_of_links_gives_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(StorageError):
        durable.make_folder(tmp_path / "a" / "models")


@as_ordinary_user
def test_a_folder_without_permission_gives_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(StorageError, match="no permission to write"):
        durable.write_file(tmp_path / "closed" / "a", NEW)


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (errno.ENOSPC, "no space left"),
        (errno.EFBIG, "no space left"),
        (errno.EACCES, "no permission"),
        (errno.EROFS, "only be read"),
        (errno.ENOTDIR, "a file stands"),
        (errno.EIO, "refused"),
    ],
)
def test_every_error_says_what_which_and_what_to_do(code: int, word: str) -> None:
    problem = storage_error(OSError(code, "x"), "write", Path("/home/me/models/card.json"))
    assert word in problem.sentence
    assert "card.json" in problem.sentence
    assert problem.sentence.endswith(".")
    assert problem.next_step.endswith(".")


# ---- folders


def test_a_new_folder_belongs_to_its_owner_alone(tmp_path: Path) -> None:
    durable.make_folder(tmp_path / "a" / "b")
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700
    durable.make_folder(tmp_path / "a" / "b")


def test_a_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    durable.write_folder(tmp_path / "model", {**OLD_FOLDER, "extra": b"1"})
    durable.write_folder(tmp_path / "model", NEW_FOLDER)
    assert content(tmp_path / "model") == NEW_FOLDER
    assert names(tmp_path) == ["model"]


def test_a_linked_folder_is_neither_replaced_nor_removed(tmp_path: Path) -> None:
    durable.write_folder(tmp_path / "real", OLD_FOLDER)
    (tmp_path / "link").symlink_to("real")
    with pytest.raises(StorageError):
        durable.write_folder(tmp_path / "link", NEW_FOLDER)
    with pytest.raises(StorageError):
        durable.remove_folder(tmp_path / "link")
    assert content(tmp_path / "real") == OLD_FOLDER
    assert names(tmp_path) == ["link", "real"]


def test_removing_a_folder_does_not_follow_links_in_it(tmp_path: Path) -> None:
    durable.write_folder(tmp_path / "outside", OLD_FOLDER)
    durable.write_folder(tmp_path / "model", NEW_FOLDER)
    (tmp_path / "model" / "link").symlink_to(tmp_path / "outside")
    durable.remove_folder(tmp_path / "model")
    assert names(tmp_path) == ["outside"]
    assert content(tmp_path / "outside") == OLD_FOLDER


def test_a_sweep_leaves_everything_that_is_not_its_own(tmp_path: Path) -> None:
    for name in (".hidden", "a.new", ".rnntui-1.new", ".rnntui-.old.model"):
        (tmp_path / name).write_bytes(b"")
    before = names(tmp_path)
    assert not durable.has_leftovers(tmp_path)
    durable.remove_leftovers(tmp_path)
    assert names(tmp_path) == before


# ---- growing files


def test_lines_are_appended_one_by_one(tmp_path: Path) -> None:
    for line in ("one", "two"):
        with durable.Appender(tmp_path / "events", is_synced=True) as appender:
            appender.append(line)
    assert (tmp_path / "events").read_bytes() == b"one\ntwo\n"


def test_a_line_that_was_cut_off_does_not_swallow_the_next(tmp_path: Path) -> None:
    (tmp_path / "events").write_bytes(b'one\n{"event": "Ste')
    with durable.Appender(tmp_path / "events") as appender:
        appender.append("three")
    assert (tmp_path / "events").read_bytes() == b'one\n{"event": "Ste\nthree\n'


def test_appending_to_a_full_disk_gives_a_sentence_and_can_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with durable.Appender(tmp_path / "events") as appender:
        monkeypatch.setenv(FAIL_POINT_VARIABLE, fail_point(1, "ENOSPC"))
        with pytest.raises(StorageError, match="no space left"):
            appender.append("lost")
        appender.append("kept")
    assert (tmp_path / "events").read_bytes() == b"kept\n"


def test_a_part_of_a_file_is_read_from_either_end(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"0123456789")
    assert durable.read_part(tmp_path / "a", 3, 4) == b"3456"
    assert durable.read_part(tmp_path / "a", -3, 100) == b"789"
    assert durable.read_part(tmp_path / "a", -300, 100) == b"0123456789"
    assert durable.read_part(tmp_path / "a", 11, 4) == b""
    assert durable.read_part(tmp_path / "none", 0, 4) == b""


def test_what_takes_its_name_is_on_the_disk_before_it_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    for owner, name in ((os, "write"), (os, "fsync"), (Path, "replace"), (Path, "rename")):
        real = getattr(owner, name)

        def spied(*arguments: object, real: Callable[..., object] = real, name: str = name) -> object:
            calls.append(name)
            return real(*arguments)

        monkeypatch.setattr(owner, name, spied)
    durable.write_file(tmp_path / "a", b"x")
    with durable.NewFile(tmp_path / "b") as fresh:
        fresh.write(b"x")
        fresh.complete()
    assert calls == ["write", "fsync", "replace", "fsync"] * 2  # the second one is that of the folder
    calls.clear()
    durable.write_folder(tmp_path / "c", {"one": b"1", "two": b"2"})
    assert calls == ["write", "fsync", "write", "fsync", "fsync", "rename", "fsync"]


def test_what_is_written_for_long_reaches_the_disk_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting: list[int] = []
    monkeypatch.setattr(durable, "_FLUSHED_AT_ONCE", 10)
    monkeypatch.setattr(durable.os, "fsync", lambda descriptor: waiting.append(os.fstat(descriptor).st_size))
    with durable.NewFile(tmp_path / "long") as fresh:
        for _ in range(4):
            fresh.write(b"seven..")
        assert waiting == [14, 28]
        fresh.complete()
    assert (tmp_path / "long").read_bytes() == b"seven.." * 4


def test_a_fail_point_that_nobody_asks_for_any_more_does_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    for left in ("1:KILL", "1:ENOSPC", "1:KILL:", f"1:KILL:{ended.pid}", "1:KILL:0", "1:KILL:x", "abc:def", "1"):
        monkeypatch.setenv(FAIL_POINT_VARIABLE, left)
        durable.write_file(tmp_path / "a", left.encode())
        assert (tmp_path / "a").read_bytes() == left.encode()
    monkeypatch.setenv(FAIL_POINT_VARIABLE, fail_point(1, "ENOSPC"))
    with pytest.raises(StorageError, match="no space left"):
        durable.write_file(tmp_path / "a", NEW)


def test_a_line_that_has_to_survive_a_power_cut_is_flushed_before_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[bytes] = []
    path = tmp_path / "lines"
    monkeypatch.setattr(durable, "_sync", lambda _descriptor: flushed.append(path.read_bytes()))
    for is_synced, expected in ((False, []), (True, [b"one\none\n", b"one\none\ntwo\n"])):
        with durable.Appender(path, is_synced) as lines:
            lines.append("one")
            if is_synced:
                lines.append("two")
        assert flushed == expected


def test_no_file_takes_the_name_of_another(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("1", encoding="utf-8")
    other.write_text("2", encoding="utf-8")
    with pytest.raises(StorageError, match="exists already"):
        durable.quarantine(one, "other")
    assert (one.read_text(encoding="utf-8"), other.read_text(encoding="utf-8")) == ("1", "2")
