"""Where two texts first differ, and how much of them is equal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnntui.service.compare.agreement import compare_texts, describe_agreement


@pytest.mark.parametrize(
    ("one", "other", "marked", "equal", "words"),
    [
        ("The sea was dark.", "The sea was calm.", ("dark", "calm"), 4, 5),
        ("The sea, dark", "The sea dark", (",", "dark"), 2, 4),
        ("it didn't stay", "it didn’t stay", ("didn't", "didn’t"), 2, 3),
        ("The sea", "The sea was", ("", "was"), 2, 3),
        ("The\n\nsea", " The sea", None, 2, 2),
        ("", "The sea", ("", "The"), 0, 2),
        ("", "", None, 0, 0),
    ],
)
def test_the_first_different_word_is_found_in_both_whatever_the_spaces(
    one: str, other: str, marked: tuple[str, str] | None, equal: int, words: int
) -> None:
    found = compare_texts(one, other)
    places = found.places or ()
    assert tuple(text[start:end] for text, (start, end) in zip((one, other), places, strict=False)) == (marked or ())
    assert (found.equal, found.words) == (equal, words)


def test_while_words_may_come_a_shorter_text_or_half_a_word_is_no_difference() -> None:
    assert compare_texts("The sea was", "The se", are_growing=True).first is None
    assert compare_texts("The sea was dark", "The sky was", are_growing=True).first == 1


@given(st.text(), st.text(), st.booleans())
def test_whatever_is_compared_the_places_are_in_the_texts_and_what_is_before_them_agrees(
    one: str, other: str, are_growing: bool
) -> None:
    found = compare_texts(one, other, are_growing=are_growing)
    assert 0 <= found.share <= 1
    assert compare_texts(one, one).places is None
    if found.places:
        (start, end), (other_start, other_end) = found.places
        assert 0 <= start <= end <= len(one)
        assert 0 <= other_start <= other_end <= len(other)
        assert compare_texts(one[:start], other[:other_start]).first is None
        assert one[start:end] != other[other_start:other_end]


def test_the_sentence_says_from_where_on_and_how_much() -> None:
    assert describe_agreement(compare_texts("a b c d", "a b x d")) == (
        "first different word: 3 · 3 of 4 words equal at their place (75%)"
    )
    assert describe_agreement(compare_texts("a b", "a b")) == "word for word the same"
    assert describe_agreement(compare_texts("", "")) == ""
