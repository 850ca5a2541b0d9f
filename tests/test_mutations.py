"""The list of changes that the tests must notice is one of changes that can be made."""

import ast
from pathlib import Path

from tests.mutations.changes import MUTATIONS

ROOT = Path(__file__).parents[1]


def test_every_change_is_of_one_place_leaves_code_that_runs_and_names_tests_that_are_there() -> None:
    wrong = []
    for each in MUTATIONS:
        text = (ROOT / "rnntui" / each.file).read_text(encoding="utf-8")
        if text.count(each.old) != 1 or each.old == each.new:
            wrong.append(f"{each.file}: stands there {text.count(each.old)} times: {each.old}")
            continue
        ast.parse(text.replace(each.old, each.new))
        wrong += [f"no tests/{test}" for test in each.tests if not (ROOT / "tests" / test.partition("::")[0]).exists()]
    assert not wrong, "\n".join(wrong)


def test_there_are_enough_of_them_and_none_twice() -> None:
    assert len(MUTATIONS) >= 90
    assert len({(each.file, each.old, each.new) for each in MUTATIONS}) == len(MUTATIONS)
