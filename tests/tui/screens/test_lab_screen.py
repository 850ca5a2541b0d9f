"""The lab as a learner meets it; the pictures of it are in snapshots/.

`RNNTUI_UPDATE=1 python -m pytest tests/tui/screens/test_lab_screen.py` writes the pictures anew.
"""

import os
from pathlib import Path

import pytest
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from rnntui.errors import InputError
from rnntui.service.lab import GLOSSARY, STATIONS
from rnntui.settings import LabSettings
from rnntui.tui.app import RnntuiApp
from rnntui.tui.dialogs.help import HelpScreen
from tests.tui.fakes import FakeServices
from tests.tui.helpers import (
    HOSTILE,
    chat_of,
    control_characters,
    lab_of,
    live_actions,
    running,
    send,
    shown,
    toasts,
    until,
)

SNAPSHOTS = Path(__file__).parents[1] / "snapshots"
IS_UPDATE = bool(os.environ.get("RNNTUI_UPDATE"))


async def to_lab(app: RnntuiApp, pilot: Pilot[None]) -> None:
    await pilot.press("f6")
    await until(pilot, lambda: app.screens.find("lab") and app.screen is app.screens.find("lab"))


async def test_the_first_station_runs_at_once_on_the_model_of_the_chat() -> None:
    services = FakeServices()
    async with running(services) as (app, pilot):
        await to_lab(app, pilot)
        await until(pilot, lambda: lab_of(app).finding)
        assert services.lab.asked == [("next-word", LabSettings(), chat_of(app).chat.facts.card.model_id)]
        assert "P(word | nothing)" in shown(app)
        assert "✓ All of it sums to one: 1.000000" in shown(app)
        assert "starter · seed 1" in shown(app)


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (40, 10)])
async def test_every_station_can_be_walked_to_at_every_size(size: tuple[int, int]) -> None:
    services = FakeServices()
    async with running(services, size) as (app, pilot):
        await to_lab(app, pilot)
        for number, station in enumerate(STATIONS, start=1):
            await until(pilot, lambda: app.is_idle)
            assert f"{number} of {len(STATIONS)}" in shown(app)
            assert station.title in shown(app)
            await pilot.press("alt+down")
        await until(pilot, lambda: app.is_idle)
        assert lab_of(app).station is STATIONS[0]
        await pilot.press("alt+up")
        assert lab_of(app).station is STATIONS[-1]


async def test_a_station_that_trains_waits_shows_its_progress_and_is_stopped() -> None:
    services = FakeServices()
    number = next(number for number, station in enumerate(STATIONS) if not station.is_quick)
    async with running(services, (120, 36)) as (app, pilot):
        await to_lab(app, pilot)
        await until(pilot, lambda: app.is_idle)
        lab_of(app).open_station(number)
        await pilot.pause()
        assert "ctrl+r starts it" in shown(app)
        assert app.is_idle
        services.lab.steps.close()
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "half of it" in shown(app))
        assert "so far" in shown(app)
        await pilot.press("escape")
        services.lab.steps.open()
        await until(pilot, lambda: app.is_idle)
        assert lab_of(app).finding is None
        assert "Stopped." in shown(app)
        assert services.lab.closed == len(services.lab.asked)


async def test_keys_are_heard_while_a_station_works() -> None:
    services = FakeServices()
    services.lab.steps.close()
    async with running(services) as (app, pilot):
        await to_lab(app, pilot)
        lab_of(app).query_one("#lab-prompt", Input).focus()
        await pilot.press(*"Whale")
        assert lab_of(app).query_one("#lab-prompt", Input).value == "Whale"
        await pilot.press("f3")
        await until(pilot, lambda: app.current_mode == "chat")


async def test_the_question_is_what_stands_in_the_fields() -> None:
    services = FakeServices()
    async with running(services) as (app, pilot):
        await to_lab(app, pilot)
        await until(pilot, lambda: app.is_idle)
        for name, value in (("prompt", "The sea"), ("seed", "7"), ("temperature", "1.5")):
            lab_of(app).query_one(f"#lab-{name}", Input).value = value
        lab_of(app).query_one("#lab-prompt", Input).focus()
        await pilot.press("enter")
        await until(pilot, lambda: len(services.lab.asked) == 2 and app.is_idle)
        assert services.lab.asked[-1][1] == LabSettings(prompt="The sea", seed=7, temperature=1.5)


async def test_a_value_that_does_not_fit_is_one_sentence() -> None:
    services = FakeServices()
    async with running(services, (120, 36)) as (app, pilot):
        await to_lab(app, pilot)
        await until(pilot, lambda: app.is_idle)
        lab_of(app).query_one("#lab-temperature", Input).value = "hot"
        await pilot.press("ctrl+r")
        await until(pilot, lambda: 'temperature must be a number, not "hot".' in shown(app))
        assert len(services.lab.asked) == 1
        assert app.is_idle


async def test_a_problem_is_shown_and_the_next_run_works() -> None:
    services = FakeServices()
    services.lab.problem = InputError("The text is too long.", "Shorten it.")
    async with running(services, (120, 36)) as (app, pilot):
        await to_lab(app, pilot)
        await until(pilot, lambda: "The text is too long. Shorten it." in shown(app))
        services.lab.problem = None
        await pilot.press("ctrl+r")
        await until(pilot, lambda: lab_of(app).finding)


async def test_the_drawn_word_is_added_step_by_step() -> None:
    services = FakeServices()
    async with running(services) as (app, pilot):
        await to_lab(app, pilot)
        lab_of(app).ask("The sea")
        await until(pilot, lambda: lab_of(app).finding and app.is_idle)
        await pilot.press("alt+right")
        await until(pilot, lambda: services.lab.asked[-1][1].prompt == "The sea ship" and app.is_idle)
        services.lab.word = "\n\n"
        await pilot.press("ctrl+r")
        await until(pilot, lambda: lab_of(app).finding and lab_of(app).finding.next_prompt.endswith("\n\n"))
        await pilot.press("alt+right")
        await until(pilot, lambda: any("ended the paragraph" in message for message in toasts(app)))


async def test_the_newest_word_of_the_chat_opens_in_the_lab() -> None:
    services = FakeServices(reply=" It was dark")
    async with running(services) as (app, pilot):
        await send(app, pilot, "Before this")
        await until(pilot, lambda: app.is_idle)
        await pilot.press("ctrl+o")
        await until(pilot, lambda: "memory emptied here" in shown(app) and app.is_idle)
        await send(app, pilot, "Tell me")
        await until(pilot, lambda: app.is_idle)
        app.post_message(Key("alt+l", "l"))  # a terminal sends the letter along, and the prompt would take it
        await until(pilot, lambda: app.screens.find("lab") and services.lab.asked and app.is_idle)
        assert services.lab.asked[-1][:2] == ("next-word", LabSettings(prompt="Tell me It was dark"))
        await pilot.press("f3")
        await send(app, pilot, "/lab the white whale")
        await until(pilot, lambda: services.lab.asked[-1][1].prompt == "the white whale")
        assert app.screen is lab_of(app)


async def test_another_question_replaces_the_one_that_goes_on() -> None:
    services = FakeServices()
    services.lab.steps.close()
    async with running(services) as (app, pilot):
        await to_lab(app, pilot)
        await until(pilot, lambda: len(services.lab.asked) == 1)
        lab_of(app).ask("one")
        lab_of(app).ask("two")
        services.lab.steps.open()
        await until(pilot, lambda: lab_of(app).finding and app.is_idle)
        assert [asked.prompt for _, asked, _ in services.lab.asked] == ["", "two"]
        assert "P(word | two)" in shown(app)


async def test_a_station_is_chosen_in_the_list() -> None:
    async with running(FakeServices(), (120, 36)) as (app, pilot):
        await to_lab(app, pilot)
        lab_of(app).query_one("#stations", OptionList).focus()
        await pilot.press("down", "down")
        await until(pilot, lambda: lab_of(app).station is STATIONS[2] and app.is_idle)
        assert STATIONS[2].question.split()[0] in shown(app)


async def test_keys_pressed_faster_than_the_list_answers_end_where_they_should() -> None:
    services = FakeServices()
    async with running(services, (120, 36)) as (app, pilot):
        await to_lab(app, pilot)
        for _ in range(3):
            lab_of(app).action_next_station()
        await until(pilot, lambda: lab_of(app).finding and app.is_idle)
        asked = len(services.lab.asked)
        await pilot.pause()
        await pilot.pause()
        assert lab_of(app).station is STATIONS[3]
        assert len(services.lab.asked) == asked
        assert services.lab.asked[-1][0] == STATIONS[3].name


async def test_the_glossary_is_on_the_help_page() -> None:
    async with running(FakeServices(), (120, 36)) as (app, pilot):
        await to_lab(app, pilot)
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        assert GLOSSARY[0][1][:40] in " ".join(shown(app).split())
        assert all(sentence in lab_of(app).HELP for _, sentence in GLOSSARY)


async def test_hostile_words_are_shown_harmlessly() -> None:
    async with running(FakeServices()) as (app, pilot):
        await to_lab(app, pilot)
        for text in HOSTILE:
            lab_of(app).ask(text)
            await until(pilot, lambda: app.is_idle)
            assert not control_characters(app)
            assert not live_actions(app)


@pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("number", [0, 4])
async def test_the_screen_looks_as_in_its_picture(number: int, size: tuple[int, int]) -> None:
    picture = SNAPSHOTS / f"lab-{STATIONS[number].name}-{size[0]}x{size[1]}.txt"
    async with running(FakeServices(), size) as (app, pilot):
        await to_lab(app, pilot)
        lab_of(app).open_station(number)
        await pilot.press("ctrl+r")
        await until(pilot, lambda: lab_of(app).finding and app.is_idle)
        app.clear_notifications()
        await pilot.pause()
        rows = "\n".join(row.rstrip() for row in shown(app).splitlines()) + "\n"
    if IS_UPDATE:
        picture.parent.mkdir(exist_ok=True)
        picture.write_text(rows, encoding="utf-8")
    assert rows == picture.read_text(encoding="utf-8"), "if the change is meant, run with RNNTUI_UPDATE=1"


async def test_a_station_goes_on_behind_help_and_palette_and_stops_elsewhere() -> None:
    services = FakeServices()
    services.lab.steps.close()
    async with running(services, (120, 36)) as (app, pilot):
        await to_lab(app, pilot)
        await until(pilot, lambda: services.lab.asked and "half of it" in shown(app))
        for key in ("f1", "ctrl+p"):
            await pilot.press(key)
            await until(pilot, lambda: app.screen is not lab_of(app))
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is lab_of(app))
        assert not lab_of(app).is_idle
        await pilot.press("f1")
        services.lab.steps.open()
        await until(pilot, lambda: lab_of(app).finding)
        await pilot.press("escape")
        services.lab.steps.close()
        await pilot.press("ctrl+r")
        await until(pilot, lambda: len(services.lab.asked) == 2)
        await pilot.press("f3")
        services.lab.steps.open()
        await until(pilot, lambda: app.is_idle)
        assert lab_of(app).finding is None


async def test_the_page_scrolls_also_from_the_list_of_stations() -> None:
    async with running(FakeServices(), (80, 24)) as (app, pilot):
        await to_lab(app, pilot)
        await until(pilot, lambda: lab_of(app).finding and app.is_idle)
        page = lab_of(app).query_one("#lab-page")
        lab_of(app).query_one("#stations", OptionList).focus()
        await until(pilot, lambda: page.max_scroll_y > 0)
        await pilot.press("pagedown")
        await until(pilot, lambda: page.scroll_y > 0)
        assert lab_of(app).station is STATIONS[0]
        await pilot.press("pageup")
        await until(pilot, lambda: page.scroll_y == 0)
