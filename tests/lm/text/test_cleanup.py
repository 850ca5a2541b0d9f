"""The characters that are meant, wherever the parts of a text are cut."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnntui.lm.text.cleanup import cleaned
from rnntui.lm.text.findings import Findings
from tests.odd_texts.characters import MADE, OddText, prose

PIECES = (
    "word", " ", "\n", "\r", "\r\n", "\r\r\n", "\x1b[31m", "\x1b", "]0;t", "\x07", "\x1b\\", "N\bN", "_\b", "\b", "10%",
    "20%\r", "ab1\rab2\r", "\xad", "\xad\n", "\f", "\v", "\x85", "\u2028", "\u2029", "\x93", "\xa0", "\u3000", "你好",
    "ｶ", "ﾞ", "Ａ", "．", "e", "\u0301", "ﬁ", "\ufe8e", "\u200d", "👩", "\ufe0f", "🏴", "\U000e0067", "\U000e007f", "𝓗",
    "\ud83d", "\ude00", "\ufffd", "\ue001", "1", "\u20e3", "\u1100", "\u1161", "\0", "\t",
)  # fmt: skip


def clean_all(parts, **options) -> tuple[str, dict[str, int]]:
    findings = Findings()
    return "".join(cleaned(parts, findings, **options)), dict(findings.treated)


@given(st.lists(st.sampled_from(PIECES), max_size=40), st.lists(st.integers(0, 200), max_size=12), st.booleans())
def test_where_the_parts_are_cut_makes_no_difference(pieces, places, has_records):
    text = "".join(pieces)
    cuts = sorted({0, *(place for place in places if place < len(text)), len(text)})
    parts = [text[start:end] for start, end in itertools.pairwise(cuts)]
    assert clean_all(parts, has_records=has_records) == clean_all([text], has_records=has_records)


@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_what_was_cleaned_is_clean(pieces):
    once, _ = clean_all(["".join(pieces)])
    assert not set(once) & set("\r\x1b\b\0\xad\x85\f\v\u2028\xa0")


@pytest.mark.parametrize("made", MADE)
def test_a_text_becomes_the_words_that_are_meant(made):
    for seed in range(3):
        odd: OddText = made(seed)
        for size in (7, 1000, 1 << 20):
            parts = [odd.written[start : start + size] for start in range(0, len(odd.written), size)]
            text, treated = clean_all(parts)
            assert text == odd.meant
            assert treated


def test_plain_text_stays_and_nothing_is_counted():
    text = prose(1, 40) + "Привет, мир — это «текст».\n\nÜber allen Gipfeln ist Ruh’.\n"
    assert clean_all([text]) == (text, {})


def test_signs_of_life_are_given_on():
    assert list(cleaned(["", "word\n", ""], Findings())).count("") == 2


def test_a_flood_of_marks_of_which_nothing_is_left_gives_signs_of_life():
    assert len(list(cleaned(["word " * 40_000, *["\u0301\u0316" * 30_000] * 20], Findings()))) > 20


def test_what_was_done_is_said_in_two_sentences():
    findings = Findings()
    list(cleaned(["\x1b[31mﬁne\x1b[0m won\xadder\xadful ﬁ ﬂ"], findings))
    assert findings.notes() == [
        "Left out: 2 terminal codes, 2 soft hyphens.",
        "Mended or given one form: 3 ligatures.",
    ]


def test_what_cannot_be_mended_is_said():
    findings = Findings()
    list(cleaned(["caf\ufffd \ue001\ue002"], findings))
    assert findings.notes() == [
        "1 character could not be read and stands as � in it.",
        "2 characters mean something in one font only (private use).",
    ]
