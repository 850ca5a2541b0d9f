"""One form of quotes, dashes and dots."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnntui.lm.text.typography import typographic, typographic_parts


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ('"Well," he said, "I don\'t know--\'tis late."', "“Well,” he said, “I don’t know—’tis late.”"),
        ("He said 'Hello' and left. The dogs' bones.", "He said ‘Hello’ and left. The dogs’ bones."),
        ("\"'Tis,\" said he, \"'a word' of 'em all.\"", "“’Tis,” said he, “‘a word’ of ’em all.”"),
        ('He--"what?"--went -- away. Mr. ----, sir', "He—“what?”—went—away. Mr. ——, sir"),
        ("'I know,' said he. 'It's the '90s.'", "‘I know,’ said he. ‘It’s the ’90s.’"),
        ('"Oh!"--"Yes--" ("so")', "“Oh!”—“Yes—” (“so”)"),
        ('cried,--"\'What, the \'bus?\'"--"Aye--"', "cried,—“‘What, the ’bus?’”—“Aye—”"),
        ("so . . . on ... and.... on", "so … on … and…. on"),
        ("a – b, 1914–1918", "a—b, 1914–1918"),
        ("It ended.  Then\n  a verse  --  again", "It ended. Then\n  a verse—again"),
        ("Contents ......... 12", "Contents ......... 12"),
        ("-----\n* * *", "-----\n* * *"),
        ("\"A line\nand 'another'\"", "“A line\nand ‘another’”"),
    ],
)
def test_straight_marks_become_typographic_ones(typed: str, form: str) -> None:
    assert typographic(typed) == form


@given(st.text(alphabet="ab'\"`.-— –“’\n", max_size=60))
def test_the_form_is_one_that_stays(text: str) -> None:
    form = typographic(text)
    assert not set("\"'`") & set(form)
    assert typographic(form) == form


@given(st.text(alphabet="ab'\"`.-— \n", max_size=60), st.lists(st.integers(0, 60), max_size=6))
def test_where_parts_end_makes_no_difference(text: str, cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(text)]
    parts = [text[start:end] for start, end in itertools.pairwise(places)]
    assert "".join(typographic_parts(parts)) == typographic(text)
