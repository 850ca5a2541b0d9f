"""What is left out of a text because it is private, wherever its parts are cut."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnntui.lm.text.findings import Findings
from rnntui.lm.text.privacy.private_words import leave_out
from rnntui.lm.text.text_source import TextFile
from rnntui.records import LEAVE_OUT, ReadOptions
from tests.odd_texts.private_words import PEOPLE, chat

ENGLISH = (
    "“You are late,” said Wiebke. The lantern was out. Mr. Quill asked Wiebke for bread, and Quill laughed. "
    "Then Wiebke Ferch went to London with the Colonel. On Monday Mrs. Quill replied. The Ferch house was cold. "
)
GERMAN = (
    "„Du kommst spät“, sagte Wiebke. Die Lampe ist aus. Herr Quandt fragte Wiebke nach dem Brot, und das Brot war alt. "
    "Dann fuhr Wiebke mit der Fähre nach Hamburg. Frau Quandt lachte. Am Montag kam der Mann mit dem Hund. "
)


def left(text: str, kinds=LEAVE_OUT, size: int = 1 << 16, findings: "Findings | None" = None) -> str:
    parts = (text[start : start + size] for start in range(0, len(text), size))
    return "".join(leave_out(parts, kinds, Findings() if findings is None else findings))


def test_names_are_told_by_what_stands_beside_them():
    text = left(ENGLISH * 5)
    assert "Wiebke" not in text
    assert "Quill" not in text
    assert "said N. The lantern" in text
    assert "Mr. N asked N for bread, and N laughed." in text
    assert "London" in text
    assert "On Monday Mrs. N replied" in text


def test_german_nouns_are_no_names():
    text = left(GERMAN * 5)
    assert "sagte N. Die Lampe ist aus. Herr N fragte N nach dem Brot" in text
    assert "N mit der Fähre nach Hamburg. Frau N lachte. Am Montag kam der Mann mit dem Hund." in text


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("I met Anna and her dog.", "I met N and her dog."),
        ("It is Anna Ferch’s dog, and Ben's cat.", "It is N’s dog, and N's cat."),
        ("J. K. Ferch wrote to Dr. Quandt.", "N wrote to Dr. N."),
        ("Anna-Lena kam mit Johann von Ferch.", "N kam mit N."),
        ("Hi Wiebke, how are you?", "Hi Wiebke, how are you?"),
        ("ANNA: I am late.", "N: I am late."),
        ("@anna_b see @ben.c.", "N see N."),
        ("Annas Hund und Tom", "N Hund und N"),
        ("World War I. Germany lost.", "World War I. Germany lost."),
        ("The mark is deep; mark it. Mark my words.", "The mark is deep; mark it. Mark my words."),
        ("Анна сказала. Господин Ферх молчал.", "N сказала. Господин N молчал."),
        ("In May the rose is red. A Rose and the Will.", "In May the rose is red. A Rose and the Will."),
    ],
)
def test_a_frequent_first_name_is_one_unless_the_text_writes_it_small(written, kept):
    assert left(written, ("names",)) == kept


def test_who_speaks_is_known_from_the_reader():
    findings = Findings()
    findings.hear("dragon_7", 3)
    assert left("dragon_7: hello\nask Dragon_7 again\n", ("names",), findings=findings) == "N: hello\nask N again\n"


def test_nothing_private_is_left_of_a_chat():
    for seed in range(3):
        made = chat(seed)
        findings = Findings()
        for name in PEOPLE:
            findings.hear(name, 10)
        text = left(made.text, findings=findings)
        assert not [word for word in made.private if word in text]
        assert text.count("\n") == made.text.count("\n")
        assert "Hamburg" in text
        assert "May" in text
        assert set(findings.left_out) == {"name", "mail address", "link", "telephone number"}
        assert re.search(r"^N: ", text, re.M)


@given(st.integers(1, 300), st.integers(0, 3))
def test_where_the_parts_are_cut_makes_no_difference(size, seed):
    text = chat(seed, 20).text + ENGLISH + "\n" + GERMAN
    assert left(text, size=size) == left(text)


def test_signs_of_life_are_given_on():
    assert "" in list(leave_out(["", "a\n"], ("mail",), Findings()))


@pytest.mark.parametrize("flood", ["a", "@", "a@", "1 ", "+", "www.", "A. ", "Anna ", "(", "a.", "0-"])
def test_a_flood_ends(flood):
    assert len(left(flood * (400_000 // len(flood)))) <= 400_000


def test_a_file_is_read_without_what_is_private(tmp_path: Path):
    path = tmp_path / "letters.txt"
    path.write_text("Dear Anna,\n\nwrite to me@example.com.\n", encoding="utf-8")
    file = TextFile(path, ReadOptions(leave_out=("mail", "names")))
    list(file.survey())
    findings = Findings()
    assert "".join(file.parts(findings)) == "Dear N,\n\nwrite to."
    assert file.facts(findings).left_out == {"mail address": 1, "name": 1}
