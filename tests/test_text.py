"""Text on one line: what is cut, and where."""

from hypothesis import given
from hypothesis import strategies as st

from rnntui.text import last_words


def test_the_last_words_begin_with_a_whole_word() -> None:
    assert last_words("One two.\n three", 40) == "One two. three"
    assert last_words("One two three four", 12) == "…three four"
    assert last_words("One two three four", 11) == "…four"
    assert last_words("Donaudampfschifffahrt", 8) == "…fffahrt"
    assert last_words(" \n", 8) == ""
    assert last_words("word " * 1_000 + "end", 12) == "…word end"


@given(st.text(max_size=80), st.integers(2, 30))
def test_the_last_words_are_never_longer_than_there_is_room(text: str, limit: int) -> None:
    line = last_words(text, limit)
    assert len(line) <= limit
    assert "\n" not in line
    assert "\x1b" not in line
