"""Exhibits as lines: they fit, they line up, and a bar is as long as its value says."""

import hypothesis.strategies as st
import pytest
from hypothesis import given
from rich.cells import cell_len

from rnntui.figures import Bar, Bars, Chart, Check, Figure, Heatmap, HighlightedText, Note, Series, Table
from rnntui.service.export.text_render import plain_text, render
from rnntui.text import bar

WORDS = ("the", "漢字漢字漢字", "\x1b[31mred", "[/b]", "👩‍🚀", "a" * 90, "", "\u202eevil")


def _figures(word: str, value: float) -> list[Figure]:
    return [
        Note(f"{word} " * 40),
        Check(word, True, word),
        Table(word, ("word", "P"), ((word, f"{value:.3f}"), (word, "12"))),
        Bars(word, (Bar(word, value, f"{value:.2f}", 0.5, "0.5"), Bar("x", 1.0, "1.00"))),
        Heatmap(word, ((word, (value, -value) * 80, "0.1"),)),
        HighlightedText(word, ((f" {word}", value), ("\n", 0.0), (word, -value))),
        Chart(word, (Series("s", "e", ((1, value), (9, 0.2)), (0.3, 0.0)),), "x", "y", 0.0, 1.0),
    ]


@pytest.mark.parametrize("columns", [30, 58, 80])
@given(word=st.sampled_from(WORDS) | st.text(max_size=40), value=st.floats(0, 1) | st.just(float("nan")))
def test_nothing_is_wider_than_it_may_be_or_can_move_the_cursor(columns: int, word: str, value: float) -> None:
    for figure in _figures(word, value):
        for line in render(figure, columns):
            text = plain_text(line)
            assert cell_len(text) <= columns
            assert not any(ord(sign) < 32 for sign in text)


@given(st.floats(0, 1), st.integers(1, 60))
def test_a_bar_is_as_long_as_its_share(share: float, cells: int) -> None:
    drawn_bar = bar(share, cells)
    full = drawn_bar.count("█")
    assert abs(full + (0.5 if len(drawn_bar) > full else 0) - share * cells) <= 0.5 + 1 / 16


def test_columns_line_up_and_numbers_go_to_the_right() -> None:
    table = Table("", ("word", "P"), (("a", "0.5"), ("longer", "12.25")))
    assert [plain_text(line) for line in render(table, 40)] == ["word        P", "a         0.5", "longer  12.25"]


def test_a_curve_and_its_error_bars_are_where_they_belong() -> None:
    chart = Chart("", (Series("s", "e", ((0, 1.0), (10, 0.0)), (0.0, 0.5)),), "x", "y", 0.0, 1.0)
    lines = [plain_text(line) for line in render(chart, 40)]
    assert lines[0] == "  1.00 │e"
    assert lines[10].startswith("  0.00 │")
    assert lines[10].endswith("e")
    assert [line.endswith("│") for line in lines[5:10]] == [True] * 5


def test_no_curve_hides_another_and_a_line_across_hides_none() -> None:
    falling, rising = ((0, 1.0), (10, 0.0)), ((0, 0.0), (5, 0.5), (10, 1.0))
    crossing = (*falling[:1], (5, 0.5), *falling[1:])
    level = tuple((float(at), 0.5) for at in range(11))
    series = (Series("a", "a", crossing), Series("b", "b", rising), Series("level", "-", level))
    lines = [plain_text(line) for line in render(Chart("", series, "x", "y", 0.0, 1.0), 60)]
    assert lines[5].count("*") == 1
    assert lines[5].count("-") == 10
    assert "* several" in lines[-1]
    alone = [plain_text(line) for line in render(Chart("", series[1:], "x", "y", 0.0, 1.0), 60)]
    assert not any("*" in line for line in alone)
    assert alone[5].count("b") == 1


def test_a_text_carries_its_values_below_each_word() -> None:
    words, marks = render(HighlightedText("", ((" low", -1.0), (" high", 1.0))), 40)
    assert plain_text(words) == " low high"
    assert plain_text(marks) == " ▁▁▁ ████"
