"""Columns of bits: one scale, nothing hidden, nothing lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnntui.tui.play.score_chart import columns

_EIGHTHS = " ▁▂▃▄▅▆▇█"


@given(st.lists(st.floats(0, 20), max_size=30), st.floats(0.5, 20), st.integers(1, 5))
def test_a_column_is_as_high_as_its_value_on_any_number_of_rows(values: list[float], high: float, height: int) -> None:
    rows = columns(values, high, height)
    assert len(rows) == height
    for at, value in enumerate(values):
        eighths = sum(_EIGHTHS.index(row[at]) for row in rows)
        assert eighths == pytest.approx(min(1.0, value / high) * 8 * height, abs=1.0)
        assert (eighths > 0) == (value > 0)


def test_it_stands_on_the_lowest_row() -> None:
    assert columns([0.0, 1.0, 2.0], 2.0, 2) == ["  █", " ██"]
