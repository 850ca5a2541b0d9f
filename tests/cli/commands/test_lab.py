import json

import pytest

from rnntui.cli.main import run
from rnntui.paths import find_paths
from rnntui.service.lab import STATIONS
from rnntui.service.services import Services
from tests.small_models import save_small_model

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _small_model() -> None:
    save_small_model(Services(find_paths()).library)


def test_without_a_name_the_stations_are_listed(capsys: Capture) -> None:
    assert run(["lab"]) == 0
    shown = capsys.readouterr().out
    assert all(station.name in shown and station.question in shown for station in STATIONS)
    assert max(map(len, shown.splitlines())) <= 120
    assert run(["lab", "--json"]) == 0
    assert [json.loads(line)["station"] for line in capsys.readouterr().out.splitlines()] == [
        station.name for station in STATIONS
    ]


def test_a_station_prints_its_text_its_equation_and_its_numbers(capsys: Capture) -> None:
    assert run(["lab", "next-word", "--model", "small", "--prompt", "The cat", "--seed", "3"]) == 0
    shown = capsys.readouterr()
    assert "P(word | The cat)" in shown.out
    assert "P(w₁ … wₙ)" in shown.out
    assert "Try:" in shown.out
    assert max(map(len, shown.out.splitlines())) <= 80
    assert "seed 3" in shown.err


def test_json_is_one_object_with_the_numbers(capsys: Capture) -> None:
    assert run(["lab", "1", "--model", "small", "--prompt", "The cat", "--seed", "3", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert {"station", "model", "seed", "seconds", "process_seconds"} <= set(result)
    assert (result["station"], result["model"], result["seed"], result["prompt"].strip()) == (
        "next-word",
        "small",
        3,
        "The cat",
    )
    assert result["total"] == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["kitchen"], "no station"),
        (["memory", "--all"], "--all"),
        (["memory", "--seed", "x"], "--seed"),
        (["memory", "--model", "nobody"], "nobody"),
        (["inside-step", "--unit", "4000", "--model", "small"], "no unit 4000"),
        (["same-as-torch", "--weight", "x", "--model", "small"], '"x"'),
        (["next-word", "--temperature", "3", "--model", "small"], "--temperature"),
    ],
)
def test_bad_input_is_one_sentence_and_code_2(arguments: list[str], words: str, capsys: Capture) -> None:
    assert run(["lab", *arguments]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    (line,) = [line for line in shown.err.splitlines() if line.startswith("rnntui: ")]
    assert words in line
