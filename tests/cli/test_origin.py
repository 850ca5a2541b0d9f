"""`rnntui gen --origin`: which runs stand in the model's text, for people and for programs."""

import json
from pathlib import Path

import pytest

from rnntui.cli.main import run
from rnntui.paths import find_paths
from rnntui.service.services import Services
from tests.small_models import TEXT, save_small_model
from tests.tui.origin.test_origin_marks import put_text_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    services = Services(find_paths(tmp_path))
    card = save_small_model(services.library)
    put_text_of(services, card, TEXT)
    services.close()
    return tmp_path


def test_the_runs_are_told_after_the_text(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gen = ["--data-dir", str(folder), "gen", "The cat", "--model", "small", "--seed", "3", "--temperature", "0.2"]
    assert run([*gen, "--origin"]) == 0
    said = capsys.readouterr()
    assert "% in runs of 5 and more; the text's own held-out end: " in said.err
    assert run([*gen, "--origin", "--json"]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])["origin"]
    assert last["words"] > 0
    for found in last["runs"]:
        assert found["words"] >= 4
        assert found["places"] >= 1
        assert found["first"]["name"] == "[b]small[/b].txt"
    assert run([*gen, "--origin", "--compare", "seed=4"]) == 2


def test_the_starter_says_so_before_it_speaks(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--data-dir", str(folder), "gen", "The cat", "--model", "starter", "--origin"]) == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert "do not come with it" in said.err
