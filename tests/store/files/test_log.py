"""The log: private, of bounded size, and without a word that anybody wrote."""

import logging
import os
import stat
from pathlib import Path

import pytest

from rnntui.store.files import log as log_module
from rnntui.store.files.log import PrivateLog, last_lines, scrub

PRIVATE = "the letter to Anne"


@pytest.fixture
def logger(tmp_path: Path) -> logging.Logger:
    logger = logging.Logger("rnntui.test")
    logger.addHandler(PrivateLog(tmp_path / "data" / "rnntui.log"))
    return logger


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "rnntui.log"


def test_a_problem_is_told_with_its_places_and_without_its_words(logger: logging.Logger, file: Path) -> None:
    try:
        try:
            int(PRIVATE)
        except ValueError as problem:
            raise OSError(28, PRIVATE, f"/home/anne/{PRIVATE}") from problem
    except OSError as problem:
        logger.error("a bug", exc_info=problem)
        logger.warning("the disk refuses: %s", problem)
        logger.warning("named %s", PRIVATE)
    text = file.read_text(encoding="utf-8")
    assert PRIVATE not in text
    assert "anne" not in text
    assert "OSError (ENOSPC)" in text
    assert "ValueError" in text
    assert "test_log.py:" in text
    assert scrub(text) == text.splitlines()


def test_what_a_library_says_is_left_out(file: Path) -> None:
    logger = logging.Logger("asyncio")
    logger.addHandler(PrivateLog(file))
    logger.error(f"Task exception was never retrieved: {PRIVATE}")
    assert PRIVATE not in file.read_text(encoding="utf-8")


def test_only_the_owner_may_read_it_even_when_others_could(logger: logging.Logger, file: Path) -> None:
    before = os.umask(0)
    try:
        logger.error("one")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        file.chmod(0o644)
        logger.error("two")
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_it_keeps_its_size_and_one_file_before_it(
    logger: logging.Logger, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_module, "LARGEST_LOG", 2_000)
    for number in range(200):
        logger.error("number %s", number)
    names = sorted(path.name for path in file.parent.iterdir())
    assert names == ["rnntui.log", "rnntui.log.1"]
    assert all(path.stat().st_size <= 2_000 for path in file.parent.iterdir())
    assert last_lines(file, 1)[0].endswith("number 199")


@pytest.mark.parametrize("kind", ["pipe", "link", "folder"])
def test_what_is_no_ordinary_file_is_left_alone(kind: str, logger: logging.Logger, file: Path) -> None:
    file.parent.mkdir()
    other = file.with_name("other")
    if kind == "pipe":
        os.mkfifo(file)
    elif kind == "link":
        other.write_text("mine", encoding="utf-8")
        file.symlink_to(other)
    else:
        file.mkdir()
    logger.error("one")
    assert not other.exists() or other.read_text(encoding="utf-8") == "mine"
    assert not file.is_file() or file.is_symlink()


def test_lines_that_the_log_never_writes_are_scrubbed_from_older_files() -> None:
    older = f"2026-01-02 03:04:05,678 ERROR rnntui.cli.main a bug\nTraceback (most recent):\nValueError: {PRIVATE}"
    assert scrub(older) == []
