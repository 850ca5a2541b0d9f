"""What a printed book has beside its words is left out, in books and prose only."""

import itertools
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnntui.lm.text.book_marks import find_book_marks, remove_book_marks
from rnntui.lm.text.findings import Findings
from rnntui.lm.text.text_source import TextFile
from rnntui.records import ReadOptions
from tests.effort import examples

FAR_TOO_MANY_SECONDS = 15.0
"""It takes half a second, and hours where each mark looks at all others."""
PROSE = "It was a cold evening, and the old man took his hat. Nobody said a word to him as he went.\n\n" * 30
SEVERAL = (
    PROSE
    + "They _never_ _did_ it.\n\n" * 12
    + "He _did_ go.\n\nShe _saw_ it, the _Times_ said.[1]\n\nAnd more.[2] Still more.[3]\n\n"
)


def _read(text: str, *, is_book: bool = False) -> tuple[str, Findings]:
    findings = Findings(has_licence=is_book)
    return "".join(remove_book_marks([text], findings)), findings


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("It is _not_ so; _I say, sir_!", "It is not so; I say, sir!"),
        ("_A song\nof two lines_\n\nthen", "A song\nof two lines\n\nthen"),
        ("_A letter.\n\n_Of two paragraphs._\n\nthen", "A letter.\n\nOf two paragraphs.\n\nthen"),
        ("the file my_long_name and __init__ and _private too", "the file my_long_name and __init__ and _private too"),
        ("So it _was _made for 25_l._, sure_ly_.", "So it was made for 25l., surely."),
        ("Mr. D____ and Lady ____", "Mr. D____ and Lady ____"),
        ("[Illustration]\n\nOnce", "Once"),
        ("Once [Illustration: “A cat”\n\n[_Copyright 1894_]] upon", "Once upon"),
        ("a word.[12] And[A] then{3}", "a word. And then"),
        ("One.\n\n[Footnote 3: See [Greek: logos].\n\nAnd more.]\n\nTwo.", "One.\n\nTwo."),
        ("One.\n\n[Footnote 3: never closed.\n\nTwo.", "One.\n\n[Footnote 3: never closed.\n\nTwo."),
        ("One.\n\n  *  *  *  *  *\n\nTwo.\n\n-----\n\nThree.", "One.\n\n* * *\n\nTwo.\n\n* * *\n\nThree."),
        ("CHAPTER II\n\n\n\nTwo.", "CHAPTER II\n\nTwo."),
        ("A heading\n---------\n\nTwo.", "A heading\n---------\n\nTwo."),
        ("He said [sic] and [ ] and [x]", "He said [sic] and [ ] and [x]"),
    ],
)
def test_marks_are_left_out_of_a_book(written: str, read: str) -> None:
    found, _ = _read(SEVERAL + written)
    begun, _ = _read(SEVERAL)
    assert found.removeprefix(begun).lstrip("\n") == read


def test_bold_letters_lose_their_marks_where_the_sign_is_used_for_nothing_else() -> None:
    assert "=" not in _read(SEVERAL + "=One.= =Two.= =Three.=")[0]
    assert "=One.= a = b" in _read(SEVERAL + "=One.= a = b, =Two.= c = d, =Three.= e = f = g")[0]


@pytest.mark.parametrize("heading", ["CONTENTS", "Contents.", "TABLE OF CONTENTS"])
def test_a_table_of_contents_is_left_out_and_chapter_headings_stay(heading: str) -> None:
    entries = "\n".join(f"Chapter {number}. The Way {12 * number}" for number in range(1, 9))
    title = "THE BOOK\n\nby Somebody\n\n"
    chapters = f"Chapter 1. The Way\n\n{PROSE}Chapter 2. The Way\n\n{PROSE}"
    text, findings = _read(f"{title}{heading}\n\n{entries}\n\n\n{chapters}")
    assert findings.has_contents
    assert text.split("\n\n")[:4] == ["THE BOOK", "by Somebody", "Chapter 1. The Way", PROSE.split("\n\n", 1)[0]]
    assert "Chapter 2. The Way" in text


def test_contents_without_an_end_that_can_be_told_stay() -> None:
    text = f"CONTENTS\n\nPreface\nThe Way\nThe End\n\n{PROSE}"
    assert _read(text)[0].strip() == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "def f(a_b):\n    return _x_ + _y_ + _z_[1] + __q__[2]  # [3]\n\n" * 50,
        "# Title\n\nSome _word_ and _more_ and _more_.\n\n## Part\n\nText [1].\n\n### Part\n\n---\n\nText.\n\n" * 20,
        "2026-01-02 03:04:05 [12] _start_ of service [13] _end_ of it [14] ok _done_\n\n" * 50,
        "| _a_ | _b_ | [1] | [2] |\n|---|---|---|---|\n| _c_ | 4 | [3] | 6 |\n\n" * 50,
        "Anna: I am _so_ glad!\nBen: me _too_ [1]\nAnna: _really_? [2]\nBen: yes [3]\n* * *\n" * 50,
        PROSE + "Only _once_, and [1] too.\n\n",
        PROSE + "The files my_file_a, my_file_b and my_file_c hold _it_, _that_ and _this_.\n\n" * 3,
    ],
    ids=["code", "markdown", "log", "table", "chat", "once", "names"],
)
def test_what_is_no_book_stays_as_it_is(text: str) -> None:
    found, findings = _read(text)
    assert found.strip() == text.strip()
    assert not findings.notes()


def test_a_markdown_file_loses_its_own_marks_and_a_text_file_tells_what_it_lost(tmp_path: Path) -> None:
    read = {}
    for suffix in ("md", "txt"):
        file = tmp_path / f"book.{suffix}"
        file.write_text(SEVERAL, encoding="utf-8")
        text, findings = TextFile(file, ReadOptions(join_lines=False)), Findings()
        list(text.survey())
        read[suffix] = "".join(text.parts(findings)), findings.notes()
    assert "_" not in read["md"][0]
    assert read["md"][0].count("[1]") == SEVERAL.count("[1]")
    assert read["md"][1] == []
    assert "_" not in read["txt"][0]
    assert read["txt"][1] == [
        "Left out, as marks of a printed book: 27 pairs of marks around italics or bold letters, 3 marks of notes."
    ]


_PIECES = st.sampled_from(
    [
        "_so_",
        "_a\nb_",
        "_",
        "[1]",
        "[Footnote 2: ",
        "[Illustration]",
        "]",
        "[",
        "\n",
        "\n\n",
        "* * *",
        "---",
        " ",
        "word. ",
    ]
)


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(_PIECES, max_size=30), st.lists(st.integers(0, 200), max_size=6))
def test_where_parts_end_makes_no_difference(pieces: list[str], cuts: list[int]) -> None:
    tail = "".join(pieces)
    text = SEVERAL + tail
    places = [0, *sorted(len(SEVERAL) + min(cut, len(tail)) for cut in cuts), len(text)]
    parts = [text[start:end] for start, end in itertools.pairwise(places)]
    whole, in_parts = Findings(), Findings()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rnntui.lm.text.book_marks._SAMPLE", len(SEVERAL))
        assert "".join(remove_book_marks(parts, in_parts)) == "".join(remove_book_marks([text], whole))
    assert in_parts == whole


@pytest.mark.parametrize(
    "unit",
    [
        "_a",
        "[Footnote 1: ",
        "[Footnote\n\n]",
        "[[",
        "]",
        " \n",
        "_ _\n\n",
        "[1] ",
        "* ",
        "=a",
        "_a\n",
        "CONTENTS\n",
        "[Illustration ][",
    ],
)
def test_hostile_marks_are_passed_on_within_a_moment_and_in_parts(unit: str) -> None:
    text = SEVERAL + unit * (300_000 // len(unit))
    parts = (text[start : start + (1 << 16)] for start in range(0, len(text), 1 << 16))
    begun = time.process_time()
    assert sum(map(len, remove_book_marks(parts, Findings(has_licence=True)))) <= len(text)
    assert time.process_time() - begun < FAR_TOO_MANY_SECONDS


def test_what_shows_as_prose_is_told_by_its_signs() -> None:
    assert find_book_marks(SEVERAL, is_book=False) is not None
    assert find_book_marks("0123456789\n" * 100, is_book=False) is None
    assert find_book_marks("", is_book=False) is None
