"""Settings as rows of sliders, without a widget."""

import dataclasses
from dataclasses import dataclass

import pytest

from rnntui.setting_fields import Slider, checked_value, setting
from rnntui.settings import SamplerSettings
from rnntui.tui.panel.slider_rows import LABEL_CELLS, PACE, SAMPLER_ROWS, TEMPERATURE, VALUE_CELLS, Row, row_of

ROWS = (TEMPERATURE, *SAMPLER_ROWS, PACE)


@dataclass(frozen=True)
class Made:
    """Settings that say no more of their sliders than they must."""

    cut_p: float = setting(0.0, low=0.0, high=0.5, help="a new rule")
    most: int = setting(3, low=1, high=9, help="a few")
    very_long_name: float = setting(1.0, low=0.0, high=1.0, help="a name that has no room", slider=Slider("short"))


def test_every_setting_of_the_sampler_has_a_row_unless_it_says_otherwise() -> None:
    shown = [entry.name for entry in dataclasses.fields(SamplerSettings) if entry.metadata["slider"].is_in_panel]
    assert sorted(row.name for row in (TEMPERATURE, *SAMPLER_ROWS)) == sorted(shown)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_stop_is_a_value_that_the_setting_takes_and_has_room_beside_its_name(row: Row) -> None:
    for stop in row.stops:
        assert checked_value(row.owner, row.name, stop) == stop
        assert stop not in row.slider.names or checked_value(row.owner, row.name, row.text(stop)) == stop
        assert row.height > 1 or len(row.text(stop)) <= VALUE_CELLS
    assert row.height > 1 or len(row.label) <= LABEL_CELLS


def test_a_setting_that_says_nothing_of_its_slider_gets_one_from_its_range() -> None:
    row = row_of(Made, "cut_p")
    assert row.label == "cut p"
    assert row.stops[:3] == (0.0, 0.025, 0.05)
    assert row.stops[-1] == 0.5
    assert row.text(0.025) == "0.025"
    assert row.move(0.05, -1) == 0.025
    assert row.move_finely(0.0, 1) == 0.005
    assert row_of(Made, "most").stops == (1, 2, 3, 4, 5, 6, 7, 8, 9)
    assert row_of(Made, "very_long_name").label == "short"


def test_a_step_from_between_two_stops_goes_to_the_nearer_one_in_its_direction() -> None:
    top_p = row_of(SamplerSettings, "top_p")
    assert top_p.move(0.89, 1) == 0.9
    assert top_p.move(0.89, -1) == 0.85
    assert top_p.move(0.9, -1) == 0.85
    assert top_p.move(1.0, 1) == 1.0


def test_the_temperature_is_moved_by_its_step_from_wherever_it_is() -> None:
    facts = next(entry.metadata for entry in dataclasses.fields(SamplerSettings) if entry.name == "temperature")
    assert (TEMPERATURE.low, TEMPERATURE.high, TEMPERATURE.step) == (facts["low"], facts["high"], facts["slider"].step)
    assert TEMPERATURE.move(0.96, 1) == 1.01
    assert TEMPERATURE.move_finely(1.0, -1) == 0.99
    assert TEMPERATURE.move(TEMPERATURE.high, 1) == TEMPERATURE.high
    assert TEMPERATURE.move(TEMPERATURE.low, -1) == TEMPERATURE.low
    assert TEMPERATURE.text(0.0) == "greedy"
    assert TEMPERATURE.text(0.9) == "0.90"


def test_the_knob_is_where_the_value_is_and_a_click_there_gives_it_back() -> None:
    for row in ROWS:
        for stop in row.stops:
            assert row.at_share(row.share(stop)) == stop, (row.name, stop)
    assert TEMPERATURE.share(0.51) == pytest.approx(0.255)


def test_a_small_step_never_leaves_the_range() -> None:
    min_p = row_of(SamplerSettings, "min_p")
    assert min_p.move_finely(0.5, 1) == 0.505
    assert min_p.move_finely(1.0, 1) == 1.0
    assert min_p.move_finely(0.0, -1) == 0.0
