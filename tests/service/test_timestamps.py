"""Moments are kept in UTC and read in the time of the place."""

import dataclasses

import pytest

from rnntui.records import Session
from rnntui.service.export.report import figures_of
from rnntui.service.notices import restorable_until
from rnntui.service.timestamps import local_day, local_time, utc_now
from rnntui.settings import SamplerSettings
from tests.small_models import small_model


@pytest.mark.usefixtures("five_hours_ahead")
def test_a_moment_is_read_in_the_time_of_this_place() -> None:
    for moment in ("2026-01-02T22:04:05+00:00", "2026-01-02T22:04:05Z", "2026-01-02T22:04:05"):
        assert local_time(moment) == "2026-01-03 03:04"
        assert local_day(moment) == "2026-01-03"
    assert utc_now().endswith("+00:00")


@pytest.mark.parametrize("none", ["", "soon", "9999-12-31T23:59:59-12:00"])
def test_what_is_no_moment_is_shown_as_it_is(none: str) -> None:
    assert local_time(none) == none[:16].replace("T", " ")


@pytest.mark.usefixtures("five_hours_ahead")
def test_the_last_day_of_a_deleted_conversation_and_the_hour_of_a_model_are_those_of_this_place() -> None:
    session = Session("s", "a title", "m", SamplerSettings(), deleted_at="2026-01-01T22:00:00+00:00")
    assert restorable_until(session) == "2026-02-01"
    card = dataclasses.replace(small_model()[0], made_at="2026-01-02T22:04:05Z")
    assert any("2026-01-03 03:04" in repr(figure) for figure in figures_of(card, None))
