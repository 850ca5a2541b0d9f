"""Opening what the program reads: nothing is waited for, nothing is read without end."""

import os
from pathlib import Path

import pytest

from rnntui.errors import InputError
from rnntui.files import NotOrdinaryError, is_there, open_ordinary, open_to_read, read_named, read_up_to


def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NotOrdinaryError):
        open_ordinary(tmp_path / "pipe")


def test_a_device_is_refused_before_a_byte_is_read() -> None:
    with pytest.raises(NotOrdinaryError):
        open_ordinary(Path("/dev/zero"))


def test_a_folder_is_named_as_one(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        open_ordinary(tmp_path)


def test_a_link_is_followed_only_when_that_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"words")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    with open_to_read(tmp_path / "link") as descriptor:
        assert read_up_to(descriptor, 3) == b"wor"
    with pytest.raises(OSError, match="link"):
        open_ordinary(tmp_path / "link", follows_links=False)


def test_a_huge_sparse_file_is_one_sentence(tmp_path: Path) -> None:
    with (tmp_path / "big").open("wb") as file:
        file.truncate(8 << 30)
    with pytest.raises(InputError, match=r'The script ".*big" is larger than 4 kB\.'):
        read_named(tmp_path / "big", "The script", 4096, "Write less.")


@pytest.mark.parametrize("name", ["a" * 300, "\0", "\ud800", "no/such/folder"])
def test_a_name_that_cannot_be_is_not_there(name: str, tmp_path: Path) -> None:
    assert not is_there(tmp_path / name)


def test_the_same_is_no_traceback_when_it_is_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_named(tmp_path / ("a" * 300), "The script", 4096, "Write less.")
