"""The pages of the manual are found, read in order, and a wrong name is answered with the nearest one."""

import tomllib
from pathlib import Path

import pytest

from rnntui.errors import InputError
from rnntui.manual import page_names, page_title, read_page


def test_every_page_has_a_title_and_text_below_it() -> None:
    names = page_names()
    assert "bigger-machines" in names
    for name in names:
        title, _, rest = read_page(name).partition("\n")
        assert title.startswith("# "), name
        assert len(rest) > 500, name
        assert page_title(name) == title[2:]


@pytest.mark.parametrize(
    "name", ["", "../manual/bigger-machines", "/etc/passwd", "bigger-machines.md", "x\0y", "\x1b[2J"]
)
def test_a_name_that_is_no_page_is_refused_in_one_sentence(name: str) -> None:
    with pytest.raises(InputError, match="no page") as caught:
        read_page(name)
    assert "bigger-machines" in caught.value.next_step
    assert str(caught.value).isprintable()


def test_a_package_brings_the_pages_to_where_they_are_looked_for() -> None:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert included == {f"assets/{name}": f"rnntui/assets/{name}" for name in ("starter", "manual", "play")}


def test_a_page_that_was_meant_is_named() -> None:
    with pytest.raises(InputError) as caught:
        read_page("Biger-machine")
    assert 'Did you mean "bigger-machines"?' in caught.value.next_step
