"""What the README and the manual say is what the program does.

`RNNTUI_UPDATE=1 python -m pytest tests/test_readme.py` writes the tables and the picture anew.
"""

import os
import re
import shlex
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import rnntui
from rnntui import errors
from rnntui.cli.parser import parse_arguments
from rnntui.cli.process.ending import EXIT_READER_GONE
from rnntui.config import load_config
from rnntui.manual import page_names
from rnntui.service.lab_content import STATIONS
from rnntui.tui.key_tables import keys_markdown
from tests.cli.commands_markdown import commands_markdown
from tests.pictures.scenes import SCENES
from tests.pictures.shots import SHIPPED, scene, shoot
from tests.pictures.steadiness import keep_steady
from tests.pictures.worlds import WORLDS
from tests.proofs import promises_markdown
from tests.test_architecture import MAY_IMPORT

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
MANUAL = ROOT / "assets" / "manual"
PAGES = [README, *sorted(MANUAL.glob("*.md")), ROOT / ".github" / "CONTRIBUTING.md"]
MOST_LINES = 180
IS_UPDATE = bool(os.environ.get("RNNTUI_UPDATE"))


TABLES = {
    "keys": ("keys", keys_markdown()),
    "commands": ("commands", commands_markdown()),
    "promises": ("reliability", promises_markdown()),
}


def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def _page(name: str) -> str:
    return _text(MANUAL / f"{name}.md")


def _blocks(text: str, language: str) -> list[str]:
    return [block.strip() for block in re.findall(rf"^```{language}\n(.*?)^```", text, re.S | re.M)]


@pytest.mark.parametrize("name", TABLES)
def test_the_tables_are_made_from_the_program(name: str) -> None:
    page, table = TABLES[name]
    text = _page(page)
    pattern = re.compile(rf"(<!-- {name}: [^\n]*-->\n)(.*?)(<!-- end of {name} -->)", re.S)
    if IS_UPDATE:
        text = pattern.sub(lambda match: f"{match[1]}{table.strip()}\n{match[3]}", text)
        (MANUAL / f"{page}.md").write_text(text, encoding="utf-8")
    found = pattern.search(text)
    assert found is not None
    assert found[2].strip() == table.strip(), "run RNNTUI_UPDATE=1 python -m pytest tests/test_readme.py"


def test_the_readme_fits_and_leads_to_every_page_in_their_order() -> None:
    text = _text(README)
    assert text.count("\n") <= MOST_LINES
    table = text.partition("## Read on")[2]
    assert tuple(re.findall(r"\(assets/manual/([\w-]+)\.md\)", table)) == page_names()


def test_continuous_integration_runs_the_commands_of_the_readme() -> None:
    install, develop, *_ = _blocks(_text(README), "sh")
    script = _text(ROOT / ".ci" / "run").replace(" --quiet", "")
    assert install.removesuffix(" && .venv/bin/rnntui") in script
    assert develop in script
    assert install in _blocks(_page("first-steps"), "sh")
    assert develop in _blocks(_page("contributing"), "sh")
    assert develop.partition(" && ")[2] in _text(ROOT / ".github" / "CONTRIBUTING.md")


def test_both_forms_of_continuous_integration_try_a_torch_that_is_allowed() -> None:
    project = tomllib.loads(_text(ROOT / "pyproject.toml"))["project"]
    (asked,) = (rule for rule in map(Requirement, project["dependencies"]) if rule.name == "torch")
    held = re.search(r"^torch==([\d.]+)$", _text(ROOT / ".ci" / "constraints.txt"), re.M)
    tried = re.search(r"versions=\((lowest [^)]*newest)\)", _text(ROOT / ".ci" / "long"))
    assert held is not None
    assert tried is not None
    _, *between, _ = tried[1].split()
    assert held[1] in between
    assert all(asked.specifier.contains(version) for version in between)
    (oldest,) = (rule.version for rule in asked.specifier if rule.operator == ">=")
    for page in (README, MANUAL / "first-steps.md"):
        assert re.search(rf"torch\s+from\s+{re.escape(oldest)}\s+on", _text(page)), page


def test_the_workflow_tries_every_python_that_is_allowed_and_runs_the_same_script() -> None:
    project = tomllib.loads(_text(ROOT / "pyproject.toml"))["project"]
    workflow = _text(ROOT / ".github" / "workflows" / "tests.yml")
    versions = re.findall(r'"(3\.\d+)"', workflow)
    assert f">={versions[0]}" == project["requires-python"]
    classified = [name.rsplit(" ", 1)[1] for name in project["classifiers"] if "Python :: 3." in name]
    assert versions == classified
    assert "run: .ci/run" in workflow


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_link_and_page_that_is_named_is_there(page: Path) -> None:
    text = _text(page)
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (page.parent / target).is_file(), target
    for path in re.findall(r"`((?:tests|rnntui|lm|tui|cli|store|service|assets)/[\w/.-]+\.\w+)`", text):
        assert (ROOT / path).is_file() or (ROOT / "rnntui" / path).is_file(), path
    for module in re.findall(r"python -m (tests\.[\w.]+)", text):
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), module
    for name in re.findall(r'\bpage\s+"([^"]+)"', text):
        assert name in page_names(), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_is_shown_is_understood(page: Path) -> None:
    text = _text(page)
    lines = [line for block in _blocks(text, "(?:sh|)") for line in block.replace("\\\n", " ").splitlines()]
    for line in lines:
        if command := re.search(r"(?:^|\| |-m |bin/)rnntui( .*)?$", re.split(r"\s{3,}(?=\S)", line.strip())[0]):
            parse_arguments(shlex.split(command[1] or "", comments=True))
    for words in map(shlex.split, re.findall(r"`rnntui ([^`[]+)`", text.replace("\n", " "))):
        try:
            if "--help" not in words:
                parse_arguments(words)
        except errors.InputError as problem:  # a command may be named without what it works on
            assert re.fullmatch(r"rnntui \w+ needs .*", problem.sentence), problem  # noqa: PT017


def test_the_preferences_that_are_shown_can_be_used(tmp_path: Path) -> None:
    (block,) = _blocks(_page("preferences"), "toml")
    file = tmp_path / "shown.toml"
    file.write_text(block, encoding="utf-8")
    config = load_config(file)
    assert config.sampler.temperature == 0.9
    assert config.app.model == "my-novel"
    assert config.keys["undo"] == "f8,alt+z"


def test_every_exit_code_is_explained() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.RnntuiError)]
    codes = {kind.exit_code for kind in kinds if kind is not errors.RnntuiError}
    codes |= {value for name, value in vars(errors).items() if name.startswith("EXIT_")} | {EXIT_READER_GONE}
    shown = re.findall(r"^\| (\d+) \|", _page("commands"), re.M)
    assert [int(code) for code in shown] == sorted(codes)


def test_every_station_of_the_lab_is_told_of_in_its_order() -> None:
    assert re.findall(r"^\| `([\w-]+)` \|", _page("lab"), re.M) == [station.name for station in STATIONS]


def _folders() -> list[str]:
    """All folders of the package, sorted."""
    package = ROOT / "rnntui"
    found = (path.parent.relative_to(package).as_posix() for path in package.rglob("__init__.py"))
    return sorted(name for name in found if name != ".")


def test_the_architecture_page_names_every_room_and_folder_and_no_other() -> None:
    rooms, _, folders = _page("architecture").partition("| Folder |")
    named = re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`[^|]+`) \|", rooms, re.M)))
    assert sorted(named) == sorted(set(MAY_IMPORT) - {"__main__", "__init__"})
    listed = re.findall(r"^\| `([\w/]+)` \|", folders.partition("\n## ")[0], re.M)
    assert sorted(listed) == _folders()


def test_the_map_of_the_package_has_every_room_and_folder_and_no_other() -> None:
    shared, *rooms = re.findall(r"^    \w.*(?:\n      .*|\n    \w.*)*", str(rnntui.__doc__), re.M)
    single = {name for line in shared.splitlines() for name in line[:40].split()}
    assert single == set(MAY_IMPORT) - {room.split()[0] for room in rooms} - {"__main__", "__init__"}
    listed = []
    for room in rooms:
        first, *below = (line.split()[0] for line in room.splitlines())
        listed += [first, *(f"{first}/{name}" for name in below)]
    assert sorted(listed) == _folders()


def test_every_line_of_the_log_has_the_columns_of_its_group() -> None:
    groups = _text(ROOT / "tests" / "benchmarks" / "LOG.md").partition("## How to add a line")[2].split("\n## ")[1:]
    for group in groups:
        heading, _, *lines = re.findall(r"^\| (.*) \|$|^(\|---.*)$", group, re.M)
        columns = heading[0].split(" | ")
        assert columns[:2] == ["Date", "Commit"], group[:40]
        assert len(columns) in {4, 9}
        for cells in (line.split(" | ") for line, _ in lines):
            assert len(cells) == len(columns), cells
            assert re.fullmatch(r"\d{4}-\d\d-\d\d", cells[0]), cells
            assert re.fullmatch(r"-|[0-9a-f]{7,}", cells[1]), cells
    assert len(groups) >= 16


@pytest.mark.parametrize("file", SHIPPED)
async def test_the_pictures_show_the_app_with_the_starter_model(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_steady(monkeypatch.setattr)
    name, size, theme = SHIPPED[file]
    svg = await shoot(scene(name), size, theme, tmp_path)
    assert svg.startswith("<svg")
    if IS_UPDATE:
        (ROOT / "assets" / file).write_text(svg, encoding="utf-8")
    assert (ROOT / "assets" / file).is_file()


async def test_a_picture_of_the_same_scene_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_steady(monkeypatch.setattr)
    one, other = [await shoot(scene("surprise"), "60x16", "light", tmp_path / name) for name in ("one", "other")]
    assert one == other


def test_every_scene_has_a_world_and_a_name_of_its_own() -> None:
    assert {entry.world for entry in SCENES} == set(WORLDS)
    assert len({entry.name for entry in SCENES}) == len(SCENES)
