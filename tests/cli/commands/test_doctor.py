"""`rnntui doctor` says what torch takes on disk, and when most of it is for nothing."""

from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest
import torch

from rnntui.cli.commands import doctor


def package(folder: Path, name: str, size: int) -> Distribution:
    facts = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
    (facts / "RECORD").write_text(f"{name}/library.so,,{size}\n{name}/RECORD,,\n", encoding="utf-8")
    return Distribution.at(facts)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {"torch": 1_100_000_000, "nvidia-cublas": 2_900_000_000, "triton": 1_000_000_000, "numpy": 7_000_000_000}
    found = [package(tmp_path, name, size) for name, size in sizes.items()]
    monkeypatch.setattr("importlib.metadata.distributions", lambda: found)


def on_a_machine(monkeypatch: pytest.MonkeyPatch, build: str | None, works: bool, signs: tuple[Path, ...]) -> str:
    monkeypatch.setattr(torch.version, "cuda", build)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: works)
    monkeypatch.setattr(doctor, "_DRIVERS", signs)
    return doctor.describe_torch_space()


@pytest.mark.usefixtures("installed")
def test_a_build_for_cards_where_there_is_none_is_said_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    said = on_a_machine(monkeypatch, "13.2", False, (Path("/nowhere"),))
    assert said.startswith("5.0 GB, 4.3 GB of it for graphics cards")
    assert "README" in said


@pytest.mark.usefixtures("installed")
def test_a_build_for_cards_is_in_its_place_beside_a_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert on_a_machine(monkeypatch, "13.2", True, ()) == "5.0 GB"
    assert on_a_machine(monkeypatch, "13.2", False, (tmp_path,)) == "5.0 GB"


@pytest.mark.usefixtures("installed")
def test_a_build_for_processors_is_a_size_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert on_a_machine(monkeypatch, None, False, ()) == "5.0 GB"


def test_the_torch_of_these_tests_takes_some_space() -> None:
    assert doctor._installed_bytes(distributions()) > 100_000_000
