"""Text on one line: what is cut, and where."""

from hypothesis import given
from hypothesis import strategies as st

from rnntui.text import counted, last_words, plural


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


def test_what_is_counted_is_named_in_the_number_that_it_has() -> None:
    assert plural(2, "line of the title page") == "2 lines of the title page"
    assert plural(1, "line of the title page") == "1 line of the title page"
    assert (plural(2, "process"), plural(2, "thread")) == ("2 processes", "2 threads")
    assert counted(1, "spaces of other widths") == "1 space of other widths"
    assert counted(2, "accents apart from letters") == "2 accents apart from letters"
    assert counted(1, "accents apart from letters") == "1 accent apart from letters"
    assert counted(1, "soft hyphens") == "1 soft hyphen"
