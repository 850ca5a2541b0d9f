"""Standard streams as they may be found: each ends in work or in one sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rnntui.cli.process.streams import decode_input

PROGRAM = f"{sys.executable} -m rnntui"
pytestmark = pytest.mark.skipif(os.name != "posix", reason="a POSIX shell sets them up")


def shell(line: str, **environment: str) -> tuple[int, str, str]:
    done = subprocess.run(
        ["sh", "-c", line.replace("RNNTUI", PROGRAM)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **environment},
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("RNNTUI where >&-", 4, "Standard output is closed"),
        ("RNNTUI where >/dev/full", 4, "Standard output cannot be written"),
        ("RNNTUI --help >/dev/full", 4, "Standard output cannot be written"),
        ("RNNTUI gen - <&-", 2, "Standard input is closed"),
        ("RNNTUI gen - </proc/self/mem", 2, "standard input cannot be read"),
        ("RNNTUI drive - <&-", 2, "Standard input is closed"),
        ("RNNTUI <&-", 2, "needs a terminal"),
        ("RNNTUI gen - --json </dev/zero", 2, "larger than 10 MB"),
    ],
)
def test_a_stream_that_cannot_be_used_is_one_sentence(line: str, code: int, words: str) -> None:
    found, _, told = shell(line)
    assert found == code
    assert words in told
    assert len(told.splitlines()) == 1


def test_closed_standard_error_takes_nothing_away() -> None:
    assert shell("RNNTUI where 2>&-")[:2] == shell("RNNTUI where")[:2]
    assert shell("RNNTUI nonsense 2>&-") == (2, "", "")
    assert shell("RNNTUI nonsense 2>/dev/full") == (2, "", "")


def test_a_folder_that_is_gone_is_one_sentence(tmp_path: Path) -> None:
    code, _, told = shell(f"mkdir {tmp_path}/gone && cd {tmp_path}/gone && rmdir {tmp_path}/gone && RNNTUI where")
    assert code == 2
    assert "no longer there" in told
    assert len(told.splitlines()) == 1


def test_a_data_folder_of_300_characters_is_told_and_is_no_crash(tmp_path: Path) -> None:
    code, found, told = shell("RNNTUI where", RNNTUI_DATA_DIR=str(tmp_path / ("a" * 300)))
    assert (code, told) == (0, "")
    assert "cannot be used" in found


def test_a_pipe_for_a_lock_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "sessions.sqlite3.lock")
    assert shell("RNNTUI runs", RNNTUI_DATA_DIR=str(tmp_path))[0] == 0


def test_conversations_that_are_a_terabyte_of_holes_are_looked_through_at_once(tmp_path: Path) -> None:
    with (tmp_path / "sessions.sqlite3").open("wb") as file:
        file.truncate(1 << 40)
    code, _, told = shell("RNNTUI sessions", RNNTUI_DATA_DIR=str(tmp_path))
    assert code == 0
    assert "was damaged" in told


def test_odd_variables_of_libraries_are_not_stumbled_over() -> None:
    odd = {"COLUMNS": "²", "LINES": "-1", "OMP_NUM_THREADS": "abc", "TORCH_LOGS": "nonsense", "HOME": ""}
    code, found, told = shell("RNNTUI lab next-word", **odd)
    assert code == 0
    assert found
    assert len(told.splitlines()) == 1


def test_a_bug_is_one_sentence_and_its_details_are_in_the_log(tmp_path: Path) -> None:
    break_it = "import rnntui.cli.commands.where as w; w.where = lambda *_: int('secret')"
    program = f"{break_it}; import rnntui.cli.process.program as p; p.main()"
    code, found, told = shell(f'{sys.executable} -c "{program}" where', RNNTUI_DATA_DIR=str(tmp_path))
    assert (code, found) == (70, "")
    assert len(told.splitlines()) == 1
    assert "secret" not in told
    log = (tmp_path / "rnntui.log").read_text(encoding="utf-8")
    assert "ValueError" in log
    assert "secret" not in log


def test_a_piped_text_may_be_utf_16_with_a_mark() -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert decode_input("It was café".encode(encoding)) == "It was café"
