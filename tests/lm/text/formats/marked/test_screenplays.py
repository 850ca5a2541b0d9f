"""Of screenplays, scenes and speeches are read, and who speaks is heard."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnntui.records import ReadOptions
from tests.effort import examples
from tests.odd_texts.reading import read_file, read_in_parts

PLAY = """Title: The Mill
Author: Nobody
    and somebody

# Act One
= They meet.

INT. MILL - NIGHT #1#

The *miller* waits. [[check]]
He is _old_.

MILLER (V.O.)
(softly)
Who is there?

@McCoy ^
Me.

CUT TO:

.FORCED

/* gone

gone */
BOB (CONT'D)
I said
two lines.

BANG!

~La la
"""
TEXT = """INT. MILL - NIGHT

The miller waits. He is old.

MILLER (V.O.)
(softly)
Who is there?

McCoy
Me.

FORCED

BOB (CONT'D)
I said two lines.

BANG!

La la"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_screenplay_keeps_scenes_names_and_speech(end: str) -> None:
    text, findings = read_file("a.fountain", PLAY.replace("\n", end))
    assert text == TEXT
    assert findings.spoken_words == {"MILLER": 4, "BOB": 4, "McCoy": 1}
    assert findings.left_out == {
        **{"line of the title page": 3, "section": 1, "synopsis": 1, "note": 1, "transition": 1, "boneyard": 1}
    }


def test_the_words_of_one_can_be_chosen() -> None:
    assert read_file("a.fountain", PLAY, ReadOptions(speakers=("bob", "McCoy")))[0] == "Me.\nI said two lines."


def typed(scenes: int) -> str:
    """A screenplay as a typewriter sets it."""
    scene = "\n".join(
        (
            "INT. MILL - NIGHT",
            "",
            "The miller waits by the wheel and he",
            "listens for a long time.",
            "",
            " " * 30 + "MILLER",
            " " * 15 + "Who is there in the dark",
            " " * 15 + "of this night?",
            " " * 30 + "BOB",
            " " * 22 + "(softly)",
            " " * 15 + "It is me.",
            "",
            " " * 60 + "CONTINUED:",
            " " * 60 + "12.",
            "",
            "",
        )
    )
    return scene * scenes


@pytest.mark.parametrize("name", ["a.txt", "a"])
def test_typed_columns_are_known_by_their_content(name: str) -> None:
    text, findings = read_file(name, typed(3))
    assert findings.format == "a screenplay"
    assert text.split("\n\n")[:4] == [
        "INT. MILL - NIGHT",
        "The miller waits by the wheel and he listens for a long time.",
        "MILLER\nWho is there in the dark of this night?",
        "BOB\n(softly)\nIt is me.",
    ]
    assert findings.left_out["page mark"] == 6


def test_a_text_with_capitals_is_no_screenplay() -> None:
    text = "CHAPTER ONE\nIt began.\n\nINT. is no word.\n\nTHE END\nSo.\n\n" * 9
    assert read_file("a.txt", text)[1].format == "plain text"


@settings(max_examples=examples(60), deadline=None)
@given(st.text(alphabet="INT.EXaB ()[]/*=#@~!>^\n", max_size=200))
def test_where_parts_end_makes_no_difference(written: str) -> None:
    assert read_in_parts(".fountain", written, 3)[0] == read_in_parts(".fountain", written, 1_000)[0]


def test_what_does_not_end_takes_no_memory() -> None:
    for unit in ("word ", "BOB\nword\n", "/*", "[[", "BOB\n"):
        text, _ = read_in_parts(".fountain", unit * 50_000, 1 << 14)
        assert len(text) <= 60_000 + len(unit) * 55_000
