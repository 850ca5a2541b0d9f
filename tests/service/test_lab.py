"""Every station, through the front door, on a small model: the table of stations decides what is tested."""

import dataclasses
import importlib
import json

import pytest

from rnntui.errors import InputError
from rnntui.figures import Finding, Progress
from rnntui.paths import find_paths
from rnntui.service.export.text_render import plain_text, render_all
from rnntui.service.lab import GLOSSARY, STATIONS, Station, find_station
from rnntui.service.services import Services
from rnntui.settings import CELL_NAMES, LabSettings
from rnntui.text import visible
from tests.small_models import save_small_model


@pytest.fixture(autouse=True)
def _quick_toys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a toy learns is tested elsewhere."""
    from rnntui.lm.lab import memory_length, what_a_memory_buys
    from rnntui.lm.lab.toy import ToySettings

    monkeypatch.setattr(memory_length, "_SETTINGS", ToySettings(3, 1e-2))
    monkeypatch.setattr(what_a_memory_buys, "STEPS", 8)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    """A small model and a deeper one of every kind of cell; nobody here changes them."""
    services = Services(find_paths(tmp_path_factory.mktemp("lab")))
    save_small_model(services.library)
    for cell in CELL_NAMES:
        save_small_model(services.library, name=f"deep-{cell}", cell=cell, layers=2)
    return services


@pytest.mark.parametrize("station", STATIONS, ids=lambda station: station.name)
def test_every_station_ends_with_one_finding_that_is_plain_and_fits_80_columns(
    station: Station, services: Services
) -> None:
    *before, finding = list(services.lab.run(station.name, LabSettings(), "small"))
    assert isinstance(finding, Finding)
    assert all(isinstance(event, Progress) and 0 <= event.fraction <= 1 for event in before)
    assert json.loads(json.dumps(dataclasses.asdict(finding.result)))
    lines = [plain_text(line) for line in render_all(finding.figures, 80)]
    assert len(lines) > 5
    assert max(map(len, lines)) <= 80
    assert finding.seconds > 0


@pytest.mark.parametrize("station", STATIONS, ids=lambda station: station.name)
def test_a_station_is_written_for_people(station: Station) -> None:
    assert set(station.inputs) <= set(LabSettings.__dataclass_fields__)
    assert station.question.endswith("?")
    assert station.text.endswith(".")
    assert station.try_this.endswith((".", "?"))
    assert max(map(len, station.equation.splitlines())) <= 72
    assert importlib.import_module(f"rnntui.lm.lab.{station.module}").run


@pytest.mark.parametrize("cell", CELL_NAMES)
def test_every_quick_station_takes_every_unit_and_several_layers(cell: str, services: Services) -> None:
    for station in STATIONS:
        if station.is_quick:
            assert isinstance(list(services.lab.run(station.name, LabSettings(), f"deep-{cell}"))[-1], Finding)


@pytest.mark.parametrize("name", ["next-word", "memory", "teacher-forcing", "find-a-unit"])
def test_hostile_words_are_drawn_harmlessly(name: str, services: Services) -> None:
    for prompt in ("\x1b]52;c;aGk=\x07 cat", "[/bold] cat", "漢字 cat", "a\n\nb", "\u202ecat", "e" + "\u0301" * 40):
        finding = list(services.lab.run(name, LabSettings(prompt=prompt + " saw"), "small"))[-1]
        assert isinstance(finding, Finding)
        for line in render_all(finding.figures, 80):
            assert visible(plain_text(line)) == plain_text(line), prompt


def test_the_same_seed_finds_the_same(services: Services) -> None:
    for name in ("next-word", "find-a-unit", "counting"):
        results = [list(services.lab.run(name, LabSettings(seed=5), "small"))[-1].result for _ in range(2)]  # type: ignore[union-attr]
        assert results[0] == results[1]


def test_stations_have_names_and_numbers() -> None:
    assert find_station("3") is find_station("memory") is STATIONS[2]
    assert len({station.name for station in STATIONS}) == len(STATIONS)
    with pytest.raises(InputError, match="no station"):
        find_station("kitchen")


@pytest.mark.parametrize(
    ("asked", "words"),
    [(LabSettings(prompt="cat " * 2_000), "at most"), (LabSettings(prompt="\u200b"), "no word")],
)
def test_a_prompt_that_cannot_be_read_is_one_sentence(asked: LabSettings, words: str, services: Services) -> None:
    with pytest.raises(InputError, match=words):
        list(services.lab.run("next-word", asked, "small"))


def test_the_glossary_is_one_sentence_each() -> None:
    assert len(GLOSSARY) > 15
    assert all(sentence.endswith(".") and "\n" not in sentence for _, sentence in GLOSSARY)
