"""Source code is learned as it stands; of notebooks, what was written."""

import json

import pytest

from rnntui.lm.text.formats.marked.code import CODE_SUFFIXES
from rnntui.records import ReadOptions
from tests.odd_texts.reading import read_file

CODE = "def f(x):\n\tif x:\n\t    return '--'  # it's \"_this_\"...\n\n\n\n    y = x[1]\n* * *\n[Illustration: x]\n"


@pytest.mark.parametrize("suffix", CODE_SUFFIXES)
def test_code_keeps_every_space_and_sign(suffix: str) -> None:
    text, findings = read_file(f"a{suffix}", CODE * 30, ReadOptions(is_typographic=True))
    assert text == (CODE * 30).strip("\n")
    assert findings.format == "source code"


def cell(kind: str, source: object, outputs: int = 0, size: int = 10) -> dict[str, object]:
    made = {"cell_type": kind, "metadata": {}, "source": source}
    return {**made, "outputs": [{"data": {"image/png": "A" * size}}] * outputs} if kind == "code" else made


@pytest.mark.parametrize("name", ["a.ipynb", "a.txt"])
@pytest.mark.parametrize("size", [10, 3_000_000])
def test_cells_are_read_and_outputs_are_counted(name: str, size: int) -> None:
    cells = [
        cell("markdown", ["# Head\n", "*text*"]),
        cell("code", "def f():\n\treturn 1", 2, size),
        cell("raw", ["x"]),
    ]
    text, findings = read_file(name, json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}))
    assert text == "Head\n\ntext\n\n\ndef f():\n\treturn 1\n\nx"
    assert findings.left_out == {"output": 2}
    assert findings.format == "a notebook"


def test_old_notebooks_have_sheets() -> None:
    cells = [{"cell_type": "code", "input": ["x = 1"], "outputs": []}, cell("markdown", "Two.")]
    text, _ = read_file("a.ipynb", json.dumps({"worksheets": [{"cells": cells}], "nbformat": 3}))
    assert text == "x = 1\n\nTwo."


@pytest.mark.parametrize("bad", ['{"cells": [{"cell_type": "code", "source": ["x = 1"]}, {"cell', "[]", "{}"])
def test_damaged_notebooks_are_read_as_far_as_they_go(bad: str) -> None:
    assert read_file("a.ipynb", bad)[0] in {"x = 1", ""}
