"""Lines that were only wrapped are joined, lines that mean something stay: for every kind of text, by its signs."""

import itertools

import pytest

from rnntui.lm.text.findings import Findings
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
