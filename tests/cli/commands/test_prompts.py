"""Prompts and texts on the command line: what was read, what is unknown, and what is said of it."""

import json
from pathlib import Path

import pytest

from rnntui.cli.main import run
from rnntui.paths import find_paths
from rnntui.service.services import Services
from tests.odd_texts.prompts import text_of
from tests.small_models import save_small_model

Capture = pytest.CaptureFixture[str]
SHORT = ["--max-words", "2", "--seed", "1"]


@pytest.fixture(autouse=True)
def _models() -> None:
    for name in ("typographic", "capitals", "russian"):
        save_small_model(Services(find_paths()).library, name=name, text=text_of(name))


def test_the_prompt_is_written_as_it_was_read_and_a_sentence_says_so(capsys: Capture) -> None:
    assert run(["gen", '"I don\'t know," she said -- and left...', "--model", "typographic", *SHORT]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("“I don’t know,” she said—and left…")
    assert "Read with “ ” ’ — …, as the text has them." in shown.err
    assert run(["gen", "the cat saw", "--model", "capitals", *SHORT]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("THE CAT SAW")
    assert "Read in capitals: the text has no others." in shown.err


def test_objects_hold_what_was_changed(capsys: Capture) -> None:
    assert run(["gen", "“london” wept, ж", "--model", "typographic", "--json", *SHORT]) == 0
    objects = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (scored,) = [values for values in objects if values.get("event") == "PromptScored"]
    reading = scored["reading"]
    assert scored["unknown"] == reading["spelled"] == ["london"]
    assert (reading["known_as"], reading["unknown_characters"], reading["marks"]) == ([["london", "London"]], ["ж"], [])


def test_two_sides_say_it_once(capsys: Capture) -> None:
    command = ["gen", '"Yes"', "--model", "typographic", "--compare", "temperature=0.5", *SHORT]
    assert run(command) == 0
    shown = capsys.readouterr()
    assert shown.err.count("Read with “ ”, as the text has them.") == 1
    assert "“Yes” …" in shown.out


def test_a_model_that_can_read_little_says_what_it_knows(capsys: Capture) -> None:
    assert run(["gen", "Who is there? сказал он", "--model", "russian", *SHORT]) == 0
    said = "This model knows Cyrillic letters only, no digits; of this prompt it can read 2 of 5 words."
    assert said in capsys.readouterr().err


def test_figures_of_a_text_that_cannot_be_read_are_said_to_mean_little(tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "chinese.txt"
    file.write_text(text_of("chinese"), encoding="utf-8")
    assert run(["eval", str(file), "--model", "typographic"]) == 0
    shown = capsys.readouterr()
    sentence = next(line for line in shown.err.splitlines() if "mean little" in line)
    assert "% of the characters are unknown to the model, which knows Latin letters only" in sentence
    assert run(["eval", str(file), "--model", "typographic", "--json"]) == 0
    values = json.loads(capsys.readouterr().out)
    assert 0.7 < values["unknown_share"] <= 1.0
    assert values["knows"] == "Latin letters only"


def test_nothing_is_said_of_a_text_that_can_be_read(tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "english.txt"
    file.write_text(text_of("typographic"), encoding="utf-8")
    assert run(["eval", str(file), "--model", "typographic", "--json"]) == 0
    values = json.loads(capsys.readouterr().out)
    assert (values["unknown_share"], values["knows"]) == (0.0, "")
