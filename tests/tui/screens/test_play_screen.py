"""The game as a person meets it: keys, mouse, leaving at any time; pictures of it are in snapshots/.

`RNNTUI_UPDATE=1 python -m pytest tests/tui/screens/test_play_screen.py` writes the pictures anew.
"""

import math
import os
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input

from rnntui.errors import CorpusError
from rnntui.tui.app import RnntuiApp
from rnntui.tui.play.choice_grid import ChoiceGrid
from rnntui.tui.play.sureness_bar import SurenessBar
from tests.small_models import TEXT
from tests.tui.fakes import FakeServices
from tests.tui.helpers import (
    HOSTILE,
    chat_of,
    control_characters,
    live_actions,
    play_of,
    running,
    send,
    shown,
    until,
)
from tests.tui.real import really_running

SNAPSHOTS = Path(__file__).parents[1] / "snapshots"
IS_UPDATE = bool(os.environ.get("RNNTUI_UPDATE"))
SIZES = [(200, 60), (120, 36), (80, 24), (60, 16)]


async def to_play(app: RnntuiApp, pilot: Pilot[None], seed: str = "7", rounds: str = "") -> None:
    """The first page, with what makes the game repeatable in its fields."""
    await pilot.press("alt+p")
    await until(pilot, lambda: app.screens.find("play") and app.screen is app.screens.find("play"))
    await until(pilot, lambda: play_of(app).is_idle)
    play_of(app).query_one("#play-seed", Input).value = seed
    play_of(app).query_one("#play-rounds", Input).value = rounds


async def reach(app: RnntuiApp, pilot: Pilot[None], stage: str) -> None:
    await until(pilot, lambda: play_of(app).stage == stage and app.is_idle, 30.0)


def bits_of(app: RnntuiApp, player: str = "you") -> list[float]:
    state = play_of(app).state
    assert state is not None
    return [round(verdict.bits[player], 3) for verdict in state.verdicts]


async def test_a_whole_game_with_keys() -> None:
    services = FakeServices()
    async with running(services) as (app, pilot):
        await to_play(app, pilot, rounds="3")
        await pilot.press("enter")
        await reach(app, pilot, "asked")
        assert services.play.asked[0].model == chat_of(app).chat.facts.card.model_id
        assert (services.play.asked[0].seed, services.play.asked[0].rounds) == (7, 3)
        assert "Then he saw the _____" in " ".join(shown(app).split())
        await pilot.press("2")  # the right word, with the usual confidence
        await reach(app, pilot, "answered")
        assert "Right: “sea”. you 0.7 bits · network 1.0 bits · counting 2.0 bits" in " ".join(shown(app).split())
        await pilot.press("enter")
        await reach(app, pilot, "asked")
        await pilot.press("tab", "down", "enter")  # sure of the second one, which is wrong
        await reach(app, pilot, "answered")
        assert "Not “sea” but “rope”" in shown(app)
        await pilot.press("space")
        await reach(app, pilot, "asked")
        await pilot.press("0")
        await reach(app, pilot, "answered")
        assert bits_of(app) == [round(math.log2(1 / 0.6), 3), round(math.log2(70), 3), 3.0]
        assert bits_of(app, "network") == [1.0, 1.0, 1.0]
        await pilot.press("enter")
        await reach(app, pilot, "over")
        text = " ".join(shown(app).split())
        assert "3 words, bits a word: you 3.29, the network 1.00, counting 2.00." in text
        assert "counting beat you by 1.29 bits a word" in text
        assert "rnntui play --seed 7 --text 0123abcd" in text
        assert [len(state.verdicts) for state in services.play.kept] == [3]
        await pilot.press("ctrl+r")
        await reach(app, pilot, "asked")
        assert len(services.play.asked) == 2


async def test_the_mouse_chooses_a_word_and_how_sure() -> None:
    async with running(FakeServices(), (80, 24)) as (app, pilot):
        await to_play(app, pilot)
        await pilot.click("#play-choose")
        await reach(app, pilot, "asked")
        await pilot.click(SurenessBar, offset=(46, 0))
        assert play_of(app).query_one(SurenessBar).confidence == 0.9
        await pilot.click(ChoiceGrid, offset=(45, 2))  # the third of the second column
        await reach(app, pilot, "answered")
        state = play_of(app).state
        assert state is not None
        assert state.verdicts[0].guess.word == "rail"
        await pilot.click(ChoiceGrid)
        await reach(app, pilot, "asked")


async def test_a_typed_game_is_a_bet_and_an_empty_line_asks_twice() -> None:
    async with running(FakeServices(), (80, 24)) as (app, pilot):
        await to_play(app, pilot)
        await pilot.press("tab", "enter")
        await reach(app, pilot, "asked")
        assert "Enter Say it" in shown(app)
        await pilot.press(*"Sea", "enter")
        await reach(app, pilot, "answered")
        assert bits_of(app) == [round(math.log2(1 / 0.7), 3)]
        await pilot.press("enter")
        await reach(app, pilot, "asked")
        await pilot.press("enter")
        assert "Enter again says that you have no idea" in shown(app)
        await pilot.press("enter")
        await reach(app, pilot, "answered")
        assert bits_of(app)[1] == bits_of(app, "counting")[1]


async def test_escape_leaves_with_the_score_so_far_then_goes_back_to_the_chat() -> None:
    services = FakeServices()
    async with running(services) as (app, pilot):
        await to_play(app, pilot)
        await pilot.press("enter")
        await reach(app, pilot, "asked")
        await pilot.press("escape")
        await reach(app, pilot, "start")
        assert services.play.kept == []
        await pilot.press("enter")
        await reach(app, pilot, "asked")
        await pilot.press("1")
        await reach(app, pilot, "answered")
        await pilot.press("escape")
        await reach(app, pilot, "over")
        assert [len(state.verdicts) for state in services.play.kept] == [1]
        await pilot.press("escape")
        await reach(app, pilot, "start")
        await pilot.press("escape")
        await until(pilot, lambda: app.current_mode == "chat")


async def test_keys_are_heard_while_a_question_is_made_and_leaving_does_not_wait() -> None:
    services = FakeServices()
    services.play.steps.close()
    async with running(services) as (app, pilot):
        await to_play(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: services.play.asked)
        assert play_of(app).stage == "waiting"
        await pilot.press("escape")
        await reach(app, pilot, "start")
        services.play.steps.open()
        await pilot.press("enter")
        await reach(app, pilot, "asked")


async def test_what_cannot_be_played_is_said_on_the_first_page() -> None:
    services = FakeServices()
    services.play.problem = CorpusError("There is no text.", "Name one.")
    async with running(services) as (app, pilot):
        await to_play(app, pilot, seed="many")
        await pilot.press("enter")
        await until(pilot, lambda: 'The seed cannot be "many".' in shown(app))
        assert services.play.asked == []
        play_of(app).query_one("#play-seed", Input).value = ""
        play_of(app).query_one("#play-choose", Button).press()
        await until(pilot, lambda: "There is no text. Name one." in shown(app))
        assert play_of(app).stage == "start"


async def test_the_word_after_the_slash_and_the_palette_open_the_game() -> None:
    async with running() as (app, pilot):
        await send(app, pilot, "/play")
        await until(pilot, lambda: app.current_mode == "play")


@pytest.mark.parametrize("mode", ["choose", "type"])
async def test_foreign_words_are_shown_as_they_are(mode: str) -> None:
    services = FakeServices()
    services.play.words = tuple(f"{text}{number}" for number, text in enumerate(HOSTILE[:8]))  # type: ignore[assignment]
    services.play.source = "".join(HOSTILE)
    async with running(services, (120, 36)) as (app, pilot):
        await to_play(app, pilot, rounds="2")
        await pilot.press(*(["tab"] if mode == "type" else []), "enter")
        for key in ("1", "3"):
            await reach(app, pilot, "asked")
            assert not control_characters(app)
            await pilot.press(*([key] if mode == "choose" else ["[", "b", "]", "enter"]))
            await reach(app, pilot, "answered")
            assert not control_characters(app)
            assert not live_actions(app)
            await pilot.press("enter")
        await reach(app, pilot, "over")
        assert not live_actions(app)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_screen_looks_as_in_its_pictures(size: tuple[int, int]) -> None:
    name = f"{size[0]}x{size[1]}.txt"
    pictures: dict[str, str] = {}

    def take(app: RnntuiApp, what: str) -> None:
        app.clear_notifications()
        pictures[f"play-{what}-{name}"] = "\n".join(row.rstrip() for row in shown(app).splitlines()) + "\n"

    async with running(FakeServices(), size) as (app, pilot):
        await to_play(app, pilot, rounds="2")
        take(app, "start")
        await pilot.press("enter")
        await reach(app, pilot, "asked")
        take(app, "asked")
        await pilot.press("tab", "1")
        await reach(app, pilot, "answered")
        await pilot.press("enter")
        await reach(app, pilot, "asked")
        await pilot.press("3")
        await reach(app, pilot, "answered")
        await pilot.pause()
        take(app, "answered")
        assert "_____" not in pictures[f"play-answered-{name}"]
        await pilot.press("enter")
        await reach(app, pilot, "over")
        take(app, "over")
    for picture, rows in pictures.items():
        if IS_UPDATE:
            (SNAPSHOTS / picture).write_text(rows, encoding="utf-8")
        assert rows == (SNAPSHOTS / picture).read_text(encoding="utf-8"), "if it is meant, run with RNNTUI_UPDATE=1"


async def test_a_real_network_plays_along_and_the_result_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "story.txt"
    file.write_text(TEXT * 6, encoding="utf-8")
    async with really_running(tmp_path / "data") as (app, pilot):
        await to_play(app, pilot, rounds="2")
        play_of(app).query_one("#play-text", Input).value = str(file)
        play_of(app).query_one("#play-choose", Button).press()
        for _ in range(2):
            await reach(app, pilot, "asked")
            await pilot.press("4")
            await reach(app, pilot, "answered")
            await pilot.press("enter")
        await reach(app, pilot, "over")
        (result,) = app._services.play.results()
        assert result.rounds == 2
        assert set(result.bits) == {"you", "network", "counting", "together"}
        await pilot.press("escape")
        await reach(app, pilot, "start")
        await until(pilot, lambda: "seed 7 · 2 words: you" in shown(app))
