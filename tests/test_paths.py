"""Names of files and folders, as people write them."""

import os
from pathlib import Path

import pytest

from rnntui.errors import InputError
from rnntui.paths import absolute_path, named_path, working_folder


def test_a_name_is_a_path_and_the_home_has_a_sign(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert named_path(" ~/a book.txt ") == tmp_path / "a book.txt"
    assert named_path("book.txt") == Path("book.txt")
    assert absolute_path("book.txt") == tmp_path / "book.txt"
    assert working_folder() == tmp_path


@pytest.mark.parametrize("name", ["~.txt", "~nobody-of-this-name/x", "a ~ b", "~~"])
def test_a_sign_of_a_home_that_nobody_has_is_part_of_the_name(name: str) -> None:
    assert named_path(name) == Path(name)


def test_a_name_with_spaces_around_it_can_be_named_when_it_is_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / " a.txt ").touch()
    assert named_path(" a.txt ") == Path(" a.txt ")
    assert named_path(" b.txt ") == Path("b.txt")


@pytest.mark.parametrize("name", ["a\x00b"])
def test_what_can_be_no_file_is_a_sentence(name: str) -> None:
    for read in (named_path, absolute_path):
        with pytest.raises(InputError, match="cannot be a file or folder here") as caught:
            read(name)
        assert "\x00" not in str(caught.value)


@pytest.mark.skipif(os.name == "nt", reason="a folder that is in use cannot be removed there")
def test_a_folder_that_is_gone_is_no_crash(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert working_folder() == tmp_path
    with pytest.raises(InputError, match="cannot be a file"):
        absolute_path("book.txt")
    assert absolute_path(str(tmp_path)) == tmp_path
