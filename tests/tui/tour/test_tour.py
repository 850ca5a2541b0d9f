"""The tour: what each stop does to the person's own screen, and that leaving it brings back what was there."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from rnntui.tui.app import RnntuiApp
from rnntui.tui.tour.stops import BEGINNING, STOPS
from rnntui.tui.tour.tour_card import TourCard
from tests.tui.helpers import chat_of, send, shown, until
from tests.tui.real import real_chat, really_running, told


def is_ready(app: RnntuiApp, stop: int) -> bool:
    """Whether all that a stop does is done, counted from 1."""
    cards = chat_of(app).query(TourCard)
    return bool(cards) and cards.first().has_class("-ready") and STOPS[stop - 1].title in shown(app)


async def start(app: RnntuiApp, pilot: Pilot[None]) -> None:
    await pilot.press("f10")
    await until(pilot, lambda: is_ready(app, 1), seconds=30)


async def go(app: RnntuiApp, pilot: Pilot[None], key: str, stop: int) -> None:
    await pilot.press(key)
    await until(pilot, lambda: is_ready(app, stop), seconds=30)
    assert chat_of(app).query_one(TourCard).size.height <= 4  # the conversation has the rest


async def left(app: RnntuiApp, pilot: Pilot[None]) -> None:
    await until(pilot, lambda: not chat_of(app).query(TourCard) and app.is_idle, seconds=30)


def titles(app: RnntuiApp) -> list[str]:
    return [session.title for session in app._services.sessions()]


@pytest.mark.parametrize("size", [(60, 16), (120, 36)])
async def test_every_stop_does_what_it_says_and_back_undoes_it(tmp_path: Path, size: tuple[int, int]) -> None:
    async with really_running(tmp_path, size=size) as (app, pilot):
        await send(app, pilot, "The cat saw")
        await until(pilot, lambda: app.is_idle)
        before, screen = told(app), chat_of(app)
        content = screen.transcript.content
        await start(app, pilot)
        assert told(app).startswith(BEGINNING)
        first = told(app)
        await go(app, pilot, "enter", 2)
        assert content.shows_surprise
        await go(app, pilot, "right", 3)
        assert screen.parts.words.is_open
        assert screen.transcript.cursor.text.strip() in first
        await go(app, pilot, "enter", 4)
        assert not screen.parts.words.is_open
        assert real_chat(app).sampler.temperature > 1
        assert told(app) != first
        seeds = {turn.sampler.seed for turn in real_chat(app).facts.turns if turn.sampler}
        assert len(seeds) == 1
        hot = told(app)
        await go(app, pilot, "enter", 5)
        roles = ["person", "network", "forget", "network"]
        await until(pilot, lambda: [turn.role for turn in real_chat(app).facts.turns] == roles)
        assert not content.shows_surprise
        await go(app, pilot, "left", 4)
        assert told(app) == hot
        await go(app, pilot, "left", 3)
        assert told(app) == first
        assert screen.parts.words.is_open
        for stop in (4, 5, 6):
            await go(app, pilot, "enter", stop)
        await pilot.press("enter")
        await left(app, pilot)
        await until(pilot, lambda: told(app) == before)
        await until(pilot, lambda: titles(app) == ["The cat saw"])
        assert not content.shows_surprise
        assert app.focused is screen.prompt


async def test_a_digit_takes_another_word_and_the_tour_goes_on(tmp_path: Path) -> None:
    async with really_running(tmp_path, size=(80, 24)) as (app, pilot):
        await start(app, pilot)
        first = told(app)
        await go(app, pilot, "enter", 2)
        await go(app, pilot, "enter", 3)
        await until(pilot, lambda: chat_of(app).parts.stage.alternatives._found)
        await pilot.press("2")
        await until(pilot, lambda: told(app) != first and is_ready(app, 3), seconds=30)
        assert isinstance(app.focused, TourCard)
        await go(app, pilot, "enter", 4)
        await pilot.press("escape")
        await left(app, pilot)
        await until(pilot, lambda: chat_of(app).transcript.content.is_blank)
        await until(pilot, lambda: titles(app) == [])


async def test_what_is_kept_is_called_a_tour_and_what_a_person_wrote_is_never_removed(tmp_path: Path) -> None:
    async with really_running(tmp_path, size=(80, 24)) as (app, pilot):
        await start(app, pilot)
        await until(pilot, lambda: titles(app) == ["Tour"])
        await pilot.press("k")
        await left(app, pilot)
        assert told(app).startswith(BEGINNING)
        await start(app, pilot)
        await pilot.press("a")  # what is typed goes to the prompt, as everywhere
        assert app.focused is chat_of(app).prompt
        await send(app, pilot, "a mouse")
        await until(pilot, lambda: app.is_idle)
        await pilot.press("f10")
        await until(pilot, lambda: isinstance(app.focused, TourCard))
        await pilot.press("escape")
        await left(app, pilot)
        assert told(app).startswith(BEGINNING)
        assert "a mouse" in told(app)
        assert titles(app) == ["Tour", "Tour"]


async def test_whoever_opens_another_conversation_has_left_the_tour(tmp_path: Path) -> None:
    async with really_running(tmp_path, size=(80, 24)) as (app, pilot):
        await start(app, pilot)
        await pilot.press("ctrl+n")
        await until(pilot, lambda: app.is_idle and chat_of(app).transcript.content.is_blank)
        await pilot.press("f10")
        await until(pilot, lambda: isinstance(app.focused, TourCard))
        await pilot.press("enter")
        await left(app, pilot)
        assert chat_of(app).transcript.content.is_blank


async def test_what_was_typed_and_written_before_the_tour_is_there_after_it(tmp_path: Path) -> None:
    async with really_running(tmp_path, size=(80, 24)) as (app, pilot):
        screen = chat_of(app)
        await send(app, pilot, "The cat saw")
        await until(pilot, lambda: app.is_idle)
        before = told(app)
        screen.prompt.put("and then")
        await pilot.press("f4", "f10")  # from another screen it leads to the conversation
        await until(pilot, lambda: is_ready(app, 1), seconds=30)
        assert screen.prompt.text == ""
        await go(app, pilot, "enter", 2)
        await pilot.press("escape")
        await left(app, pilot)
        await until(pilot, lambda: told(app) == before and screen.prompt.text == "and then")
        await until(pilot, lambda: titles(app) == ["The cat saw"])


async def test_the_tour_can_be_left_while_it_writes(tmp_path: Path) -> None:
    async with really_running(tmp_path, size=(80, 24)) as (app, pilot):
        chat_of(app).worker.pace.words_per_second = 2.0
        await pilot.press("f10")
        await until(pilot, lambda: told(app).startswith(BEGINNING) and chat_of(app).worker.can_stop, seconds=30)
        chat_of(app).query_one(TourCard).focus()
        await pilot.press("escape")
        await left(app, pilot)
        await until(pilot, lambda: chat_of(app).transcript.content.is_blank)
        await until(pilot, lambda: titles(app) == [])
