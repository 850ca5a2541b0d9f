"""What the README says is what the program does.

`RNNTUI_UPDATE=1 python -m pytest tests/test_readme.py` writes the tables and the picture anew.
"""

import os
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from rnntui.cli.reference import commands_markdown
from rnntui.config import Config
from rnntui.paths import find_paths
from rnntui.service.services import Services
from rnntui.tui.actions import keys_markdown
from tests.proofs import promises_markdown

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
IS_UPDATE = bool(os.environ.get("RNNTUI_UPDATE"))


TABLES = {"keys": keys_markdown(), "commands": commands_markdown(), "promises": promises_markdown()}


@pytest.mark.parametrize(("name", "table"), TABLES.items())
def test_the_tables_are_made_from_the_program(name: str, table: str) -> None:
    text = README.read_text(encoding="utf-8")
    pattern = re.compile(rf"(<!-- {name}: [^\n]*-->\n)(.*?)(<!-- end of {name} -->)", re.S)
    if IS_UPDATE:
        README.write_text(pattern.sub(lambda match: f"{match[1]}{table.strip()}\n{match[3]}", text), encoding="utf-8")
        text = README.read_text(encoding="utf-8")
    found = pattern.search(text)
    assert found is not None
    assert found[2].strip() == table.strip(), "run RNNTUI_UPDATE=1 python -m pytest tests/test_readme.py"


def test_continuous_integration_runs_the_commands_of_the_readme() -> None:
    blocks = re.findall(r"```sh\n(.*?)```", README.read_text(encoding="utf-8"), re.S)
    install, develop = (block.strip() for block in blocks[:2])
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8").replace(" --quiet", "")
    assert install.removesuffix(" && .venv/bin/rnntui") in script
    assert develop in script


def test_both_forms_of_continuous_integration_try_a_torch_that_is_allowed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (asked,) = (rule for rule in map(Requirement, project["dependencies"]) if rule.name == "torch")
    held = re.search(r"^torch==([\d.]+)$", (ROOT / ".ci" / "constraints.txt").read_text(encoding="utf-8"), re.M)
    tried = re.search(r"versions=\((lowest [^)]*newest)\)", (ROOT / ".ci" / "long").read_text(encoding="utf-8"))
    assert held is not None
    assert tried is not None
    _, *between, _ = tried[1].split()
    assert held[1] in between
    assert all(asked.specifier.contains(version) for version in between)
    (oldest,) = (rule.version for rule in asked.specifier if rule.operator == ">=")
    assert f"torch from {oldest} on" in README.read_text(encoding="utf-8")


def test_every_file_and_link_of_the_readme_is_there() -> None:
    text = README.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / target).is_file(), target
    for path in re.findall(r"`((?:tests|rnntui|lm|tui|cli|store|service)/[\w/.]+\.\w+)`", text):
        assert (ROOT / path).is_file() or (ROOT / "rnntui" / path).is_file(), path


async def test_the_picture_shows_the_app_with_the_starter_model() -> None:
    from rnntui.tui.app import RnntuiApp
    from rnntui.tui.harness import run_script

    services = Services.open(find_paths(), Config())
    steps = [
        "wait-for text starter",
        "type /seed 7",
        "press enter",
        "type /pace 0",
        "press enter",
        "type It was a cold evening and the old man",
        "press enter",
        "wait-idle",
        "type Then the door opened, and",
        "press enter",
        "wait-idle",
        "expect text re-read 0",
        "screenshot chat.svg",
    ]
    report = await run_script(RnntuiApp(services), steps, (120, 36))
    services.close()
    svg = report.screenshots["chat.svg"]
    assert svg.startswith("<svg")
    if IS_UPDATE:
        (ROOT / "assets" / "chat.svg").write_text(svg, encoding="utf-8")
