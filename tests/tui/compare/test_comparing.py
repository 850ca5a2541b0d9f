"""Two ways to go on, side by side on the screen; the network is a real one."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from rnntui.chat_events import SideBegun, SideReading, SideRefused, SideSaid
from rnntui.service.compare.variants import Variant
from rnntui.settings import SamplerSettings
from rnntui.tui.app import RnntuiApp
from rnntui.tui.compare.choices import Choices
from rnntui.tui.compare.screen import ComparisonScreen
from tests.tui.helpers import HOSTILE, chat_of, control_characters, live_actions, send, shown, toasts, until
from tests.tui.real import SAMPLER, real_chat, really_running


def screen_of(app: RnntuiApp) -> ComparisonScreen:
    assert isinstance(app.screen, ComparisonScreen)
    return app.screen


async def written(app: RnntuiApp, pilot: Pilot[None]) -> ComparisonScreen:
    """The comparison that is open, when both sides have come to their end."""
    await until(pilot, lambda: isinstance(app.screen, ComparisonScreen))
    screen = screen_of(app)
    await until(pilot, lambda: not screen._is_writing and app.is_idle)
    return screen


def texts(screen: ComparisonScreen) -> list[str]:
    return [said.text for said in screen._said]


async def test_what_differs_is_chosen_and_one_side_is_taken_over_and_undone(tmp_path: Path) -> None:
    async with really_running(tmp_path, "small", "other", size=(120, 36)) as (app, pilot):
        real_chat(app).set_sampler(SAMPLER)
        await send(app, pilot, "The cat")
        await until(pilot, lambda: app.is_idle)
        chat = real_chat(app)
        before = chat.facts
        await pilot.press("alt+t")
        screen = await written(app, pilot)
        assert "temperature 1.00" in shown(app)
        assert "temperature 0.50" in shown(app)
        assert f"seed {chat.seed} ·" in shown(app)
        assert "bits a word · word limit" in shown(app)

        await pilot.press("right", "shift+right")
        await written(app, pilot)
        assert "temperature 0.56" in shown(app)
        seen, seeds = screen._choices.kinds, chat.seed
        await pilot.press("down", "down", "down")
        await written(app, pilot)
        assert seen[3] == "model"
        assert "model starter" in shown(app)
        assert f"read {before.word_count} words first" in shown(app)
        await pilot.press("down")
        await written(app, pilot)
        assert "memory forgotten" in shown(app)
        assert chat.seed == seeds
        assert (chat.facts.turns, chat.facts.head) == (before.turns, before.head)

        await pilot.press("r")
        await written(app, pilot)
        assert f"seed {chat.seed} ·" not in shown(app)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is chat_of(app))
        assert (chat.facts.turns, chat.facts.head, chat.facts.present) == (before.turns, before.head, before.present)

        await send(app, pilot, "/compare temp 0.2")
        screen = await written(app, pilot)
        taken = texts(screen)[1]
        await pilot.press("2")
        await until(pilot, lambda: app.is_idle and len(chat.facts.turns) == len(before.turns) + 1)
        assert chat.facts.turns[-1].text == taken
        assert chat.sampler.temperature == 0.2
        assert taken.strip()[:20] in shown(app)
        assert chat_of(app).focused is chat_of(app).prompt
        await pilot.press("f8")
        await until(pilot, lambda: app.is_idle and chat.facts.turns == before.turns)
        assert chat.facts.present == before.present


async def test_both_begin_with_what_is_typed_or_after_the_chosen_word_or_instead_of_the_last_reply(
    tmp_path: Path,
) -> None:
    async with really_running(tmp_path, size=(80, 24)) as (app, pilot):
        chat = real_chat(app)
        chat.set_sampler(SAMPLER)
        chat_of(app).prompt.put("The mouse")
        await pilot.press("alt+t")
        screen = await written(app, pilot)
        assert "after “The mouse”" in shown(app)
        assert chat.facts.turns == ()
        one = texts(screen)[0]
        await pilot.press("1")
        await until(pilot, lambda: app.is_idle and len(chat.facts.turns) == 2)
        assert [turn.text.strip() for turn in chat.facts.turns] == ["The mouse", one.strip()]
        assert chat_of(app).prompt.text == ""
        reply = chat.facts.turns[-1]

        await pilot.press("alt+t")
        screen = await written(app, pilot)
        after = texts(screen)[0]
        await pilot.press("f")
        await written(app, pilot)
        assert "in the place of the last reply" in shown(app)
        assert texts(screen)[0] == reply.text != after
        await pilot.press("tab", "tab", "enter")
        await until(pilot, lambda: app.is_idle and app.screen is chat_of(app))
        assert chat.facts.siblings(reply.turn_id) == (reply.turn_id, chat.facts.turns[-1].turn_id)

        here = chat.facts.turns[-1]
        await pilot.press("f7", "left", "left")
        kept = chat_of(app).parts.words.place[1] + 1
        await pilot.press("alt+t")
        screen = await written(app, pilot)
        await pilot.press("2")
        await until(pilot, lambda: app.is_idle and len(chat.facts.siblings(reply.turn_id)) == 3)
        newest = chat.facts.turns[-1]
        assert newest.token_ids[:kept] == here.token_ids[:kept]
        assert newest.text.endswith(texts(screen)[1])


async def test_it_stops_half_way_and_what_is_shown_can_be_taken(tmp_path: Path) -> None:
    """The network runs ahead of what is shown; only what was shown is taken."""
    async with really_running(tmp_path, size=(60, 16)) as (app, pilot):
        chat = real_chat(app)
        chat.set_sampler(SamplerSettings(max_words=1_000, stop="words", seed=3))
        chat_of(app).worker.pace.words_per_second = 30.0
        await pilot.press("alt+t")
        await until(pilot, lambda: isinstance(app.screen, ComparisonScreen))
        screen = screen_of(app)
        await until(pilot, lambda: screen._said[1].words >= 2)
        await pilot.press("pageup")
        assert not screen._columns.columns[1].is_following
        await pilot.press("pagedown")
        await until(pilot, lambda: screen._columns.columns[1].is_following)
        await pilot.press("escape")
        assert not screen._is_writing
        await until(pilot, lambda: app.is_idle)
        assert "stopped" in shown(app)
        said = screen._said[1]
        await pilot.press("2")
        await until(pilot, lambda: app.is_idle and bool(chat.facts.turns))
        assert chat.facts.turns[-1].text == said.text
        assert len(chat.facts.turns[-1].token_ids) == said.tokens
        assert chat.facts.turns[-1].status == "stopped"


async def test_the_row_at_the_top_and_both_sides_can_be_clicked(tmp_path: Path) -> None:
    async with really_running(tmp_path, size=(80, 24)) as (app, pilot):
        await pilot.press("alt+t")
        screen = await written(app, pilot)
        for size, is_beside in (((120, 36), True), ((200, 60), True), ((60, 16), False), ((80, 24), True)):
            await pilot.resize_terminal(*size)
            await until(pilot, lambda is_beside=is_beside: screen._columns.has_class("-stacked") is not is_beside)
            one, other = (column.region for column in screen._columns.columns)
            assert (one.right <= other.x) if is_beside else (one.bottom <= other.y)
            assert min(one.height, other.height) >= 5
            assert "B temperature 0.50" in shown(app)
        row = screen.query_one("#chooser")
        await pilot.click(row, offset=(len("what differs ‹ temperature ›") - 1, 0))
        await written(app, pilot)
        assert screen._choices.variant.what == "style"
        await pilot.click(row, offset=(len("what differs ‹ preset ›    B ‹ careful ›"), 0))
        await written(app, pilot)
        assert screen._choices.variant == Variant("style", "balanced")
        await pilot.click(screen._columns.columns[0]._figures)
        await until(pilot, lambda: app.is_idle and bool(real_chat(app).facts.turns))


async def test_a_wish_that_is_not_understood_opens_nothing_and_a_side_that_cannot_write_says_so(tmp_path: Path) -> None:
    async with really_running(tmp_path, size=(80, 24)) as (app, pilot):
        await send(app, pilot, "/compare tempreture 2")
        assert any("Did you mean temperature?" in sentence for sentence in toasts(app))
        assert app.screen is chat_of(app)
        await send(app, pilot, "/compare model nobody")
        screen = await written(app, pilot)
        assert 'There is no model "nobody"' in screen._said[1].state
        assert "There is no model" in shown(app)
        assert screen._said[0].words == 6
        await pilot.press("2")
        assert "B has said nothing yet." in toasts(app)
        for number, text in enumerate(HOSTILE):
            screen.take(SideRefused(1, text, text))
            screen.take(SideBegun(number % 2, text, 1, 3))
            screen.take(SideReading(1, 1, 2))
            screen.take(SideSaid(number % 2, 5, text, -1.0, 3, 2.0))
            await pilot.pause()
            assert control_characters(app) == set()
            assert live_actions(app) == []


@pytest.mark.parametrize("kind", Choices(SamplerSettings(), 3, "mine").kinds)
def test_every_kind_of_difference_has_a_first_value_and_a_next_one(kind: str) -> None:
    choices = Choices(SamplerSettings(), 3, "mine")
    choices.set_models(("mine", "one", "two"))
    choices.choose_kind(kind)
    assert choices.variant.value != getattr(SamplerSettings(), kind, None)
    before = choices.variant
    assert choices.step(1) or choices.step(-1) or kind == "memory"
    choices.next_kind(1)
    choices.next_kind(-1)
    assert choices.variant.what == kind
    assert kind == "memory" or choices.variant != before


def test_a_model_can_only_be_chosen_where_there_is_another_one() -> None:
    choices = Choices(SamplerSettings(), 3, "mine")
    choices.set_models(("mine",))
    assert "model" not in choices.kinds
    choices.set_models(("mine", "one", "two"))
    assert "model" in choices.kinds
    choices.choose_kind("model")
    assert choices.variant == Variant("model", "one")
    assert choices.step(1)
    assert choices.variant == Variant("model", "two")
