"""Lines that were only wrapped are joined, lines that mean something stay: for every kind of text, by its signs."""

import itertools

import pytest

from rnntui.lm.text.findings import Findings
from rnntui.lm.text.lines.joints import Hyphens
from rnntui.lm.text.lines.wrapping import rejoin_lines
from tests.odd_texts.lines import KINDS, LinedText

NOT_ALL_CAN_BE_TOLD = {
    "prose without gaps 30": 0.06,
    "prose without gaps 60": 0.06,
    "prose without gaps 72": 0.06,
    "prose without gaps 100": 0.08,
    "prose de without gaps": 0.08,
    "prose zh without gaps": 0.04,
    "verse free small letters": 0.2,
    "as many poems as paragraphs 0": 0.01,
}
"""A paragraph's last line that is full looks like any other; a stanza of free verse may look like prose."""


def read(text: str, wish: bool | None = None, size: int = 0) -> tuple[str, Findings]:
    findings = Findings()
    parts = [text[at : at + size] for at in range(0, len(text), size)] if size else [text]
    return "".join(rejoin_lines(parts, wish, findings)), findings


def places_of_breaks(text: str) -> set[int]:
    """After how many signs that are no space, hyphen or quote mark a line ends."""
    marks = str.maketrans("", "", " \t\u3000->")
    return set(itertools.accumulate(len(line.translate(marks)) for line in text.split("\n")))


def wrong_share(made: LinedText, text: str) -> float:
    return len(places_of_breaks(made.expected) ^ places_of_breaks(text)) / len(places_of_breaks(made.text))


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_text_keeps_the_lines_that_mean_something_and_no_other(name: str) -> None:
    for seed in (1, 2):
        made = KINDS[name](seed)
        text, findings = read(made.text)
        if name in NOT_ALL_CAN_BE_TOLD:
            assert wrong_share(made, text) <= NOT_ALL_CAN_BE_TOLD[name]
        else:
            assert text == made.expected
        assert findings.passages, "the decision is told"
        assert all(passage.reason for passage in findings.passages)


@pytest.mark.parametrize(
    "name", ["prose en 72", "verse", "prose zh 70", "mail quoted", "prose without gaps 60", "two widths"]
)
@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_what_is_decided_does_not_depend_on_how_the_text_comes(name: str, size: int) -> None:
    text = KINDS[name](3).text
    assert read(text, size=size)[0] == read(text)[0]


@pytest.mark.parametrize(
    "name", sorted({name for name in KINDS if name.split()[0] in {"prose", "verse", "list", "code"}})
)
def test_a_text_that_was_joined_stays_as_it_is(name: str) -> None:
    once = read(KINDS[name](4).text)[0]
    again = read(once)[0]
    assert len(places_of_breaks(once) ^ places_of_breaks(again)) <= 0.02 * len(places_of_breaks(once))


def test_every_decision_is_told_with_its_lines_and_its_numbers() -> None:
    made = KINDS["poem in prose"](1)
    text, findings = read(made.text)
    assert text == made.expected
    kinds = [(passage.kind, passage.are_joined) for passage in findings.passages]
    assert kinds == [("prose", True), ("verse", False)] * 3 + [("prose", True)]
    lines = made.text.split("\n")
    for passage in findings.passages:
        assert passage.before == tuple(lines[passage.first_line - 1 :][:3])
        assert all(line in text for line in passage.after)
    for before, after in itertools.pairwise(findings.passages):
        assert before.first_line + before.lines < after.first_line, "one begins where the last has ended"
    prose, verse = findings.passages[:2]
    assert "line ends had no room for the next word in 72 columns" in prose.reason
    assert "4 of 4 lines" not in verse.reason
    assert "3 of 3 line ends had room for the next word" in verse.reason
    assert len(prose.after[0]) <= 200


def test_the_note_counts_the_passages_and_names_what_stays() -> None:
    _, findings = read(KINDS["poem in prose"](1).text)
    assert findings.notes() == [
        "Lines that were wrapped to a width were joined into paragraphs (9 of 12 passages); 3 keep theirs: verse."
    ]


@pytest.mark.parametrize(
    "name", ["verse", "code python", "chat", "one paragraph a line", "one paragraph a line with gaps"]
)
def test_a_text_that_keeps_all_its_lines_needs_no_note(name: str) -> None:
    _, findings = read(KINDS[name](1).text)
    assert findings.notes() == []
    assert not any(passage.are_joined for passage in findings.passages)


def test_a_person_can_say_that_all_lines_stay() -> None:
    made = KINDS["prose en 72"](1)
    text, findings = read(made.text, False)
    assert text == made.text
    assert not findings.passages


@pytest.mark.parametrize("name", ["verse", "verse small letters", "haiku"])
def test_a_person_can_say_that_verse_was_wrapped(name: str) -> None:
    made = KINDS[name](1)
    text, findings = read(made.text, True)
    assert text.count("\n") < made.text.count("\n")
    assert any(passage.are_joined for passage in findings.passages)


@pytest.mark.parametrize("name", ["code python", "code c", "chat", "list -", "script wrapped", "table tabs"])
def test_what_begins_an_item_and_what_stands_in_columns_stays_even_then(name: str) -> None:
    made = KINDS[name](1)
    assert read(made.text, True)[0] == made.expected


@pytest.mark.parametrize(
    ("end", "start", "between"),
    [
        ("\u6e21\u53e3", "\u8001\u4eba", ""),
        ("\u6e21\u53e3\u3002", "\u8001\u4eba", ""),
        ("\u6e21\u53e3\u201d", "\u8001\u4eba", ""),
        ("\u6e21\u53e3", "RAID", ""),
        ("RAID", "\u6e21\u53e3", ""),
        ("RAID", "\uff0c\u6e21\u53e3", ""),
        ("RAI", "D", " "),
        ("\u3042\u308b", "\u30d5\u30a7", ""),
        ("\u0e40\u0e23\u0e37\u0e2d", "\u0e17\u0e48\u0e32", ""),
        ("\u0ea5\u0eb2\u0ea7", "\u0ea5\u0eb2\u0ea7", ""),
        ("\u1781\u17d2\u1798\u17c2\u179a", "\u1781\u17d2\u1798\u17c2\u179a", ""),
        ("\u1019\u103c\u1014\u103a", "\u1019\u103c\u1014\u103a", ""),
        ("\ub2e4\ub9ac", "\ud56d\uad6c", " "),
        ("ferry", "harbour", " "),
        ("ferry--", "harbour", ""),
        ("well-", "known", ""),
    ],
)
def test_nothing_stands_between_characters_of_a_script_without_spaces(end: str, start: str, between: str) -> None:
    assert Hyphens().joint(end, start, Findings()) == (end, between)


def test_a_line_without_end_goes_through_as_it_is() -> None:
    text = "word " * 200_000 + "end\nshort\n"
    assert read(text, size=65_536)[0] == text


@pytest.mark.parametrize("ending", ["", "\n", "\n\n", "\n\n\n"])
def test_the_end_of_a_text_stays_as_it_is(ending: str) -> None:
    made = KINDS["prose two paragraphs"](1)
    assert read(made.text.rstrip() + ending)[0] == made.expected.rstrip() + ending


SPEECH = """"Where did you go?" she asked.
"To the harbour," he said, and put the lantern on the table, where it went
on burning with a small blue flame that nobody looked at.
"And what was there?"
"Nothing. The ferry was gone, the widow was gone, and the cobbler, who had
promised to wait for me until noon, had left a note on the door."
"What did it say?"
"That he could not wait."
She laughed. He did not know what to make of it, and since the evening was
warm he went out again and walked along the water until it was quite dark
and the lights on the other side had gone out one after the other.
"""
DICTIONARY = """ferry, n.  A boat that carries people over a river, in particular one
    that goes to and fro between two places.
harbour, n.  A place where ships lie, with walls against the sea and
    houses around it.
kettle, n.  A pot with a lid, in which water is boiled.
"""
SAYINGS = """"The ferry is late." -- Pia
"The kettle is cold." -- Tomas
"Nobody came." -- Orla
"What a day." -- Wendel
"""


@pytest.mark.parametrize(
    ("text", "lines"),
    [(SPEECH, 7), (DICTIONARY, 3), (SAYINGS, 4)],
    ids=["speech", "dictionary", "sayings"],
)
def test_what_short_texts_say(text: str, lines: int) -> None:
    assert len(read(text)[0].split("\n")) == lines + 1


@pytest.mark.parametrize("gap", ["", " "])
def test_between_chinese_and_latin_stands_what_stands_there_elsewhere_in_the_text(gap: str) -> None:
    line = f"\u4e00\u4e2a\u6e21\u53e3{gap}RAID{gap}" + "\u8001\u4eba\u6e21\u53e3" * 3
    text = read(f"{line}\nLVM{gap}{line[3:]}\n{line}\u3002\n" * 6)[0]
    assert f"\u6e21\u53e3{gap}LVM" in text
