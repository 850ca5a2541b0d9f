from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from rnntui.tui.transcript.line_wrapper import LineWrapper
from tests.effort import examples

alphabet = ["a", "bc", " ", "  ", "\n", "中", "👩‍🚀", "e\u0301", "\u200d", "❤️", "[b]", "a-rather-long-word", "x" * 70]
texts = st.lists(st.sampled_from(alphabet), max_size=40).map("".join)


@settings(max_examples=examples(300), deadline=None)
@given(texts, st.integers(1, 40), st.lists(st.integers(1, 9), min_size=1, max_size=60))
def test_wrapping_by_arrival_equals_wrapping_at_once(text: str, width: int, sizes: list[int]) -> None:
    at_once = LineWrapper(width)
    at_once.add(text)
    by_arrival = LineWrapper(width)
    position = 0
    for size in sizes:
        by_arrival.add(text[position : position + size])
        position += size
    by_arrival.add(text[position:])
    assert by_arrival.rows == at_once.rows


@settings(max_examples=examples(200), deadline=None)
@given(texts, st.integers(1, 40))
def test_rows_hold_the_whole_text_and_fit(text: str, width: int) -> None:
    wrapper = LineWrapper(width)
    wrapper.add(text)
    assert wrapper.text == text.rstrip(" \n")
    assert wrapper.whole == text
    for row in wrapper.rows:
        assert cell_len(row.text) <= max(width, 2) or len(row.text) == 1
        assert wrapper.text[row.start :].startswith(row.text)


def test_only_the_last_row_and_new_rows_change() -> None:
    wrapper = LineWrapper(20)
    for number in range(500):
        before = [row.text for row in wrapper.rows]
        first_changed = wrapper.add(f" word{number}")
        assert [row.text for row in wrapper.rows][: len(before) - 1] == before[:-1]
        assert first_changed == len(before) - 1


def test_a_word_that_grows_out_of_its_row_moves_down_as_a_whole() -> None:
    wrapper = LineWrapper(10)
    for piece in ("a long", " wo", "rd", "s"):
        wrapper.add(piece)
    assert [row.text for row in wrapper.rows] == ["a long", "words"]
