"""The list of models: sorted, found, renamed, removed after a question, and seen more closely beside it."""

import dataclasses
from datetime import UTC, datetime

import pytest
from textual.widgets import Input, OptionList, Static

from rnntui.records import Metrics, ModelCard, RunReport, RunSample, Source
from rnntui.tui.dialogs.models import ModelsScreen
from rnntui.tui.models.model_rows import ModelListing, age_in_words, source_in_words
from tests.tui.fakes import FakeServices, card
from tests.tui.helpers import HOSTILE, control_characters, live_actions, running, shown, until

SIZES = [(200, 60), (120, 36), (80, 24), (60, 16)]


def models() -> list[ModelCard]:
    return [
        card("starter", made_at="2026-01-01T00:00:00Z", weights_bytes=24_000_000),
        card("war", made_at="2026-03-01T00:00:00Z", figures=Metrics(1.4, 90.0, 5, 5), base_name="starter"),
        card("Emma", made_at="2026-02-01T00:00:00Z", sources=(Source("emma.txt", "0" * 64, 9, "utf-8", "Emma"),)),
    ]


def names(listing: ModelListing) -> list[str]:
    return [entry.name for entry in listing.rows]


def test_models_stand_in_the_order_that_is_asked_for() -> None:
    listing = ModelListing(tuple(models()))
    orders = {}
    for _ in range(4):
        orders[listing.order] = names(listing)
        listing = dataclasses.replace(listing, order=listing.next_order)
    assert orders == {
        "age": ["war", "Emma", "starter"],
        "name": ["Emma", "starter", "war"],
        "bits": ["war", "starter", "Emma"],
        "size": ["war", "Emma", "starter"],
    }
    assert listing.order == "age"


def test_models_are_found_by_name_text_and_what_they_began_from() -> None:
    found = {wanted: names(ModelListing(tuple(models()), wanted=wanted)) for wanted in ("EMMA", "starter", "zzz", "")}
    assert found == {"EMMA": ["Emma"], "starter": ["war", "starter"], "zzz": [], "": ["war", "Emma", "starter"]}


def test_the_text_and_the_age_of_a_model_are_said() -> None:
    assert [source_in_words(entry) for entry in models()] == ["2 texts", "2 texts ← starter", "Emma"]
    now = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    ages = ("2026-03-01T12:29:50Z", "2026-03-01T11:30:00Z", "2026-02-26T12:00:00Z", "2024-01-01T00:00:00Z", "[b]\x1b")
    assert [age_in_words(age, now) for age in ages] == ["just now", "1 hour", "3 days", "2 years", "[b]␛"]


@pytest.mark.parametrize("size", SIZES)
async def test_a_model_is_found_sorted_renamed_and_removed(size: tuple[int, int]) -> None:
    services = FakeServices(models=models())
    services.library.reports["id-war"] = RunReport(
        1.4, (), (), (RunSample(9, "It was", " a dark night."),), "budget", 60.0, 1.0, 1, ()
    )
    async with running(services, size) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(pilot, lambda: isinstance(app.screen, ModelsScreen) and "1.400" in shown(app))
        screen = app.screen
        listed = screen.query_one(OptionList)
        await pilot.press("home")
        if size[0] >= 100:
            await until(pilot, lambda: "2 conversations speak with it" in shown(app))
            assert "It was a dark night." in shown(app)
        await pilot.press("s")
        await until(pilot, lambda: "by name" in shown(app))
        assert listed.get_option_at_index(0).id == "id-Emma"
        await pilot.press("/", *"emm")
        await until(pilot, lambda: listed.option_count == 1)
        await pilot.press("enter", "e")
        await until(pilot, lambda: screen.query_one(Input).has_focus and screen.query_one(Input).value == "Emma")
        screen.query_one(Input).value = "Miss [b]W"
        await pilot.press("enter")
        await until(pilot, lambda: 'called "Miss [b]W" now' in " ".join(shown(app).split()))
        assert services.cards[2].name == "Miss [b]W"
        await pilot.press("escape")
        await until(pilot, lambda: listed.option_count == 3 and listed.has_focus)
        await pilot.press("end", "d")
        await until(pilot, lambda: isinstance(app.focused, Input))
        said = " ".join(str(screen.query_one("#models-said", Static).content).split())
        assert 'Remove "war" for good? 2 conversations speak with it: they stay' in said
        await pilot.press("escape")
        await until(pilot, lambda: listed.has_focus)
        assert len(services.cards) == 3
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press("enter")
        await until(pilot, lambda: '"war" is gone' in shown(app))
        assert [entry.name for entry in services.cards] == ["starter", "Miss [b]W"]
        await pilot.press("end", "d")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press("enter")
        await until(pilot, lambda: "cannot be removed" in " ".join(shown(app).split()))


async def test_a_model_with_a_hostile_name_does_no_harm() -> None:
    odd = "".join(HOSTILE)
    text = Source(odd, "0" * 64, 9, "utf-8", odd)
    services = FakeServices(models=[dataclasses.replace(card(), name=odd, base_name=odd, sources=(text,), made_at=odd)])
    async with running(services, (120, 36)) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(pilot, lambda: isinstance(app.screen, ModelsScreen) and "conversations speak" in shown(app))
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.focused, Input))
        assert not control_characters(app)
        assert not live_actions(app)
