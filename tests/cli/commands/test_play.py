"""The game in plain lines: from a pipe, for a program, left early; foreign words stay harmless."""

import io
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from rnntui.cli.main import run
from rnntui.paths import find_paths
from rnntui.service.services import Services
from tests.small_models import TEXT, save_small_model

Capture = pytest.CaptureFixture[str]
LINES = ("3 sure", "", "nonsense", "1 75%", "?", "2 rather")


@pytest.fixture
def story(tmp_path: Path) -> Path:
    save_small_model(Services(find_paths()).library)
    file = tmp_path / "story.txt"
    file.write_text(TEXT * 6, encoding="utf-8")
    return file


def type_in(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(data), isatty=lambda: False))


def test_a_game_is_played_from_a_pipe(story: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    words = ["play", str(story), "--model", "small", "--seed", "7", "--rounds", "4"]
    type_in(monkeypatch, "\n".join(LINES).encode())
    assert run(words) == 0
    told = capsys.readouterr()
    assert told.out.startswith("GUESS THE NEXT WORD: story.txt")
    assert told.out.count("Given to it: you") == 4
    assert "\n1 " in told.out
    assert '"nonsense" is none of the words.' in told.err
    assert "4 words, bits a word: you" in told.out
    assert "\nrnntui play story.txt --model small --seed 7 --rounds 4 --text " in told.out
    assert max(map(len, told.out.splitlines()[:-1])) <= 80
    type_in(monkeypatch, b"1\nq\n")
    assert run(words) == 0
    told = capsys.readouterr()
    assert "Before, with this text:" in told.out
    assert told.out.count("Given to it: you") == 1
    assert "left early" not in told.out
    type_in(monkeypatch, b"")
    assert run(words) == 0
    assert "left early" in capsys.readouterr().out


def test_a_program_plays_with_objects_and_is_not_told_the_answer(
    story: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    words = ["play", str(story), "--model", "small", "--seed", "7", "--rounds", "2", "--type", "--json"]
    type_in(monkeypatch, b"cat 90%\n\xff\xfe \x1b[31m\n")
    assert run(words) == 0
    out = capsys.readouterr().out
    assert out.isascii()
    told = [json.loads(line) for line in out.splitlines()]
    assert [one["kind"] for one in told] == ["game", "question", "round", "question", "round", "result"]
    assert set(told[1]) == {"kind", "number", "source", "before", "choices"}
    assert told[2]["confidence"] == 0.9
    assert set(told[2]["bits"]) == {"you", "network", "counting", "together"}
    assert told[-1]["rounds"] == 2
    assert told[-1]["bits"]["you"] == pytest.approx(
        sum(one["bits"]["you"] for one in told if "bits" in one and "truth" in one) / 2
    )


def test_what_cannot_be_played_ends_in_a_sentence(story: Path, capsys: Capture) -> None:
    words = ["play", str(story), "--model", "small"]
    for more, sentence in (
        (["--rounds", "many"], '--rounds cannot be "many"'),
        (["--seed", "-x"], "--seed"),
        (["--text", "00000000"], 'not "00000000"'),
        (["--type", "--choose"], "exclude each other"),
    ):
        assert run([*words, *more]) == 2
        assert sentence in capsys.readouterr().err
    assert run(["play", "--model", "small"]) == 2
    assert "Name a text file" in capsys.readouterr().err
