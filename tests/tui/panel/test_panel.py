"""The side panel: every setting by key, digit and mouse; what may come next; the memory in numbers."""

import re
from pathlib import Path
from typing import ClassVar

import pytest
from textual.app import App, ComposeResult
from textual.events import Key, MouseScrollUp
from textual.widget import Widget

from rnntui.chat_events import UnitFollowed
from rnntui.records import Turn
from rnntui.service.chat.chat import Chat
from rnntui.setting_fields import changed
from rnntui.settings import PRESETS, SamplerSettings
from rnntui.tui.chat.tints import range_of, within
from rnntui.tui.panel.memory_panel import MemoryPanel, distance, most_changed
from rnntui.tui.panel.memory_strip import MemoryStrip
from rnntui.tui.panel.next_words import NextWords, how_open_after_cuts
from rnntui.tui.panel.presets import Presets
from rnntui.tui.panel.slider_rows import PACE, SAMPLER_ROWS
from rnntui.tui.panel.sliders import SamplingFields, Sliders, TemperatureBar
from rnntui.tui.transcript.legend import unit_parts
from rnntui.tui.transcript.turn_block import unit_level
from tests.tui.fakes import FakeServices, memory_at
from tests.tui.helpers import chat_of, newest_reply, running, send, shown, toasts, until
from tests.tui.real import real_chat, really_running

ROWS = tuple(row.name for row in (*SAMPLER_ROWS, PACE))
TOP_P, SEED = ROWS.index("top_p"), ROWS.index("seed")


class Host(App[None]):
    BINDINGS: ClassVar = []

    def __init__(self) -> None:
        super().__init__()
        self.sampler, self.pace = SamplerSettings(), 20.0
        self.problems: list[str] = []
        self.left: list[str] = []

    def compose(self) -> ComposeResult:
        yield SamplingFields()

    def on_mount(self) -> None:
        self.show()
        self.query_one(SamplingFields).focus()

    def show(self) -> None:
        self.query_one(SamplingFields).show(self.sampler, self.pace, 42)

    def on_sliders_moved(self, message: Sliders.Moved) -> None:
        if message.name == "pace":
            self.pace = float(str(message.change(self.pace)))
        else:
            wanted = message.change(getattr(self.sampler, message.name))
            self.sampler = changed(self.sampler, **{message.name: wanted})
        self.show()

    def on_sliders_refused(self, message: Sliders.Refused) -> None:
        self.problems.append(str(message.problem))

    def on_sliders_done(self) -> None:
        self.left.append("done")

    def on_sliders_escaped(self, message: Sliders.Escaped) -> None:
        self.left.append("dropped" if message.had_typed else "escaped")

    def on_sliders_left_above(self) -> None:
        self.left.append("up")

    def value(self, name: str) -> object:
        return self.pace if name == "pace" else getattr(self.sampler, name)


async def test_every_setting_moves_with_the_arrow_keys_and_back() -> None:
    app = Host()
    async with app.run_test(size=(40, len(ROWS) + 2)) as pilot:
        for name in ROWS:
            before = app.value(name)
            await pilot.press("right", "left")
            back = app.value(name)
            await pilot.press("left")
            other = app.value(name)
            await pilot.press("right", "right")
            assert {other, app.value(name)} != {before}, name
            assert back is not None or name == "seed", name
            await pilot.press("down")


async def test_numbers_can_be_typed_and_wrong_ones_are_refused() -> None:
    app = Host()
    async with app.run_test(size=(40, 14)) as pilot:
        await pilot.press(*"35", "enter")
        assert app.sampler.top_k == 35
        await pilot.press("right")
        assert app.sampler.top_k == 40
        await pilot.press("down", *"0.42", "enter", "shift+right")
        assert app.sampler.top_p == 0.43
        await pilot.press(*"7", "enter")
        assert app.sampler.top_p == 0.43
        assert "from 0 to 1" in app.problems[0]
        await pilot.press("9", "escape", "9", "backspace", "escape", "enter", "up", "up")
        assert app.left == ["dropped", "escaped", "done", "up"]


async def test_the_seed_is_locked_and_freed() -> None:
    app = Host()
    async with app.run_test(size=(40, 14)) as pilot:
        assert "□ not locked" in app.query_one(SamplingFields).render_line(SEED).text
        await pilot.press(*["down"] * SEED, "enter")
        assert app.sampler.seed == 42
        await pilot.press("enter")
        assert app.sampler.seed is None
        await pilot.press(*"1234", "enter")
        assert app.sampler.seed == 1234
        assert "■ locked" in app.query_one(SamplingFields).render_line(SEED).text


async def test_clicks_drags_and_the_wheel_move_a_slider() -> None:
    app = Host()
    async with app.run_test(size=(40, 14)) as pilot:
        await pilot.click(SamplingFields, offset=(39, TOP_P))
        assert app.sampler.top_p == 1.0
        await pilot.mouse_down(SamplingFields, offset=(33, TOP_P))
        await pilot.hover(SamplingFields, offset=(24, TOP_P))
        await pilot.mouse_up(SamplingFields, offset=(24, TOP_P))
        assert app.sampler.top_p == 0.0
        await pilot._post_mouse_events([MouseScrollUp], SamplingFields, (3, TOP_P))
        assert app.sampler.top_p == 0.05
        await pilot.click(SamplingFields, offset=(27, SEED))
        assert app.sampler.seed == 42


BURSTS = [
    ("", ["right"] * 6, ("temperature", 1.3)),
    ("", ["shift+left"] * 4 + ["right"], ("temperature", 1.01)),
    ("top_p", ["left"] * 3, ("top_p", 0.75)),
    ("top_p", ["shift+left"] * 3, ("top_p", 0.87)),
    ("max_words", ["right", "right", "left"], ("max_words", 160)),
    ("seed", ["enter"] * 3, ("seed", 7)),
    ("pace", ["left"] * 2, ("pace", 80.0)),
]
"""The row that has the focus (none: the temperature), keys that come all at once, and what is set then."""


async def test_no_key_of_a_burst_is_lost() -> None:
    async with running(FakeServices(), (120, 36)) as (app, pilot):
        chat, sampling = chat_of(app).chat, chat_of(app).parts.sampling
        for row, keys, (name, value) in BURSTS:
            sampling.set_sampler(changed(chat.sampler, temperature=1.0, top_p=0.9, max_words=80, seed=None))
            sampling.set_pace(0.0)
            downs = ["down"] * (1 + ROWS.index(row)) if row else []
            await pilot.press("ctrl+t", "down", *["up"] * len(ROWS), *downs)
            for key in keys:
                app.post_message(Key(key, None))
            await until(pilot, lambda: (sampling.pace if name == "pace" else getattr(chat.sampler, name)) == value)  # noqa: B023


async def test_presets_are_chosen_by_click_and_by_word() -> None:
    services = FakeServices()
    async with running(services, (120, 36)) as (app, pilot):
        await pilot.click(Presets, offset=(2, 0))
        await until(pilot, lambda: services.chats[0].sampler.temperature == PRESETS["careful"]["temperature"])
        assert "● careful" in shown(app)
        await send(app, pilot, "/wild")
        await until(pilot, lambda: services.chats[0].sampler.temperature == PRESETS["wild"]["temperature"])
        assert "● wild" in shown(app)
        await pilot.press("alt+k")
        assert services.chats[0].sampler.seed is None
        assert "each reply gets a new seed" in shown(app)


async def test_down_from_the_temperature_goes_to_the_other_settings_also_on_a_small_screen() -> None:
    services = FakeServices()
    async with running(services, (80, 24)) as (app, pilot):
        await pilot.press("ctrl+t", "down")
        await until(pilot, lambda: app.focused is app.screen.query_one(SamplingFields))
        await pilot.press("right")
        await until(pilot, lambda: services.chats[0].sampler.top_k != 0 or "top-k" in shown(app))
        await pilot.press("up")
        await until(pilot, lambda: app.focused is app.screen.query_one(TemperatureBar))
        await pilot.press("down", "escape")
        await until(pilot, lambda: app.focused is chat_of(app).prompt and not chat_of(app).parts.stage.side.display)


async def test_the_bars_follow_the_settings_without_another_word(tmp_path: Path) -> None:
    async with really_running(tmp_path, size=(120, 36)) as (app, pilot):
        chat_of(app).parts.sampling.set_field("top_p", 1)
        chat_of(app).parts.sampling.set_field("spelling", "free")  # no other rule cuts one of the likeliest
        await send(app, pilot, "The cat")
        await until(pilot, lambda: app.is_idle)
        bars = app.screen.query_one(NextWords)
        before, read = bars._word, real_chat(app).facts.counters.position
        assert before is not None
        chances = [entry.probability for entry in before.alternatives]
        chat_of(app).parts.sampling.set_field("top_k", 2)
        await until(pilot, lambda: app.is_idle and bars._word is not before)
        after = bars._word
        assert after is not None
        assert [entry.probability for entry in after.alternatives] == chances
        assert [entry.drawable > 0 for entry in after.alternatives[:4]] == [True, True, False, False]
        assert "cut" in shown(app)
        chat_of(app).parts.sampling.set_field("temperature", 0)
        await until(pilot, lambda: app.is_idle and bars._word is not after)
        assert bars._word is not None
        assert bars._word.alternatives[0].drawable == 1.0
        await until(pilot, lambda: "NEXT WORD  after the cuts ≈ 1 word" in shown(app))
        coldest = bars._word
        chat_of(app).parts.sampling.set_sampler(SamplerSettings(temperature=2.0))
        await until(pilot, lambda: app.is_idle and bars._word is not coldest)
        assert bars._word.drawable_bits > coldest.drawable_bits == 0
        await until(pilot, lambda: how_open_after_cuts(bars._word.drawable_bits, 25) in shown(app))
        assert re.search(r"SURPRISE  last \d+ words: \d+\.\d bits", shown(app))
        assert real_chat(app).facts.counters.position == read


def test_how_far_a_memory_has_moved() -> None:
    assert distance((0.0, 0.0), (1.0, -1.0)) == 1.0
    assert distance((), ()) == distance((1.0,), (1.0, 2.0)) == 0.0
    assert most_changed((0.0, 0.5, 0.0), (0.1, -0.5, 0.0), 2) == [(1, -1.0), (0, 0.1)]


async def test_the_memory_tells_what_the_word_changed_and_how_far_it_moved_since_another() -> None:
    class Panel(App[None]):
        def compose(self) -> ComposeResult:
            yield MemoryPanel()

    app = Panel()
    async with app.run_test(size=(40, 14)) as pilot:
        panel = app.query_one(MemoryPanel)
        panel.show(memory_at(2), memory_at(1))
        await pilot.pause()
        rows = [strip.text for strip in app.screen._compositor.render_strips()]
        assert any("moved most: unit " in row for row in rows)
        assert any("on average" in row for row in rows)
        panel.compare_with(" [b]ship", memory_at(1))
        await pilot.pause()
        rows = [strip.text for strip in app.screen._compositor.render_strips()]
        assert any("on average since [b]ship" in row for row in rows)


async def test_a_wrong_number_is_one_sentence() -> None:
    async with running(FakeServices(), (120, 36)) as (app, pilot):
        app.screen.query_one(SamplingFields).focus()
        await pilot.press("down", *"7", "enter")
        await until(pilot, lambda: toasts(app))
        assert "top-p cannot be" in toasts(app)[0]


async def test_the_newest_words_are_tinted_by_a_unit_and_nothing_is_moved(tmp_path: Path) -> None:
    async with really_running(tmp_path) as (app, pilot):
        await send(app, pilot, "The cat saw")
        await until(pilot, lambda: app.is_idle)
        chat, memory = real_chat(app), real_chat(app).facts.memory()
        await send(app, pilot, "/unit 3")
        blocks = chat_of(app).transcript.content.turns
        await until(pilot, lambda: app.is_idle and all(block.values for block in blocks))
        said = [value for turn in chat.facts.turns for value in values_of(chat, turn, 3)]
        assert said[-1] == memory[3]
        shares = [share for block in blocks for share in block.values]
        assert (min(shares), max(shares)) == (-1.0, 1.0)
        assert shares == [within(value, range_of(said)) for value in said]
        assert {unit_level(share) for share in shares} >= {0, 4}
        assert "unit 3  below " in shown(app)
        assert [len(block.values) for block in blocks] == [len(turn.token_ids) for turn in chat.facts.turns]
        assert chat.facts.memory() == memory
        assert chat.facts.counters.tokens_reread == 0
        await send(app, pilot, "/unit 99999")
        await until(pilot, lambda: any("unit cannot be" in toast for toast in toasts(app)))
        await send(app, pilot, "/unit 1000")
        await until(pilot, lambda: any("There is no unit 1000." in toast for toast in toasts(app)))
        await pilot.press("alt+u")
        assert not any(block.values for block in blocks)
        assert "unit 3  below " not in shown(app)


def values_of(chat: Chat, turn: Turn, unit: int) -> list[float]:
    """What a unit said after each token of a turn, read once more."""
    return [
        value
        for event in chat.inspection.follow_unit(unit)
        if isinstance(event, UnitFollowed) and event.turn_id == turn.turn_id
        for value in event.values
    ]


def test_a_unit_that_hardly_moves_is_seen_in_shares_of_its_own_range() -> None:
    assert range_of([0.02, -0.01, 0.03]) == (-0.01, 0.03)
    assert range_of([]) == (0.0, 0.0)
    assert range_of([9.0, *[number / 100 for number in range(60)]]) == (0.03, 0.57)
    assert [within(value, (-0.01, 0.03)) for value in (-0.01, 0.01, 0.03, 0.5)] == pytest.approx([-1, 0, 1, 1])
    assert within(0.3, (0.3, 0.3)) == 0.0
    assert [words for words, _ in unit_parts(-0.01, 0.03)] == ["below 0.00", "to 0.01", "to 0.01", "to 0.02", "above"]


async def test_plain_words_have_a_colour_of_their_own() -> None:
    """A widget that looks for its colour before the app has one would write in that of its background."""
    async with running(FakeServices(), size=(120, 36)) as (app, _):
        widgets = list(app.screen.walk_children(Widget))
        assert not [widget for widget in widgets if widget.visual_style.foreground.a == 0]


async def test_a_terminal_that_grows_shows_the_panel_as_things_are_now() -> None:
    services = FakeServices(reply=" and the sea")
    async with running(services, (80, 24)) as (app, pilot):
        await send(app, pilot, "Tell me")
        await until(pilot, lambda: app.is_idle)
        panel = chat_of(app).parts.stage.side
        strip, bars = panel.query_one(MemoryStrip), panel.query_one(NextWords)
        await pilot.resize_terminal(120, 36)
        await until(pilot, lambda: strip.units == memory_at(5) and bars._word is not None)
        assert "NEXT WORD" in shown(app)
        await pilot.resize_terminal(80, 24)
        await send(app, pilot, "more")
        await until(pilot, lambda: app.is_idle and not panel.display)
        looks = len(services.chats[0].looks)
        await pilot.resize_terminal(120, 36)
        await until(pilot, lambda: strip.units == memory_at(9) and len(services.chats[0].looks) > looks)


class StripHost(App[None]):
    BINDINGS: ClassVar = []

    def compose(self) -> ComposeResult:
        yield MemoryStrip()


async def test_a_unit_is_drawn_again_when_its_change_can_be_seen() -> None:
    app = StripHost()
    async with app.run_test(size=(10, 4)) as pilot:
        strip = app.query_one(MemoryStrip)
        strip.show((0.5, -0.5, 0.2, 0.0))
        await pilot.pause()
        drawn = list(strip.render_line(0))
        strip.show((0.48, -0.47, 0.19, 0.01))
        assert list(strip.render_line(0)) == drawn
        assert strip.units == (0.48, -0.47, 0.19, 0.01)
        strip.show((0.1, -0.47, 0.19, 0.01))
        await pilot.pause()
        changed = [old != new for old, new in zip(drawn, strip.render_line(0), strict=True)]
        assert changed[:4] == [True, False, False, False]
        strip.show((0.0, 0.0, 0.0, 0.0))
        assert strip.is_blank
        assert "·" in strip.render_line(0).text


async def test_a_memory_that_never_goes_far_is_drawn_as_well_as_one_that_does() -> None:
    app = StripHost()
    drawn = []
    async with app.run_test(size=(10, 4)) as pilot:
        strip = app.query_one(MemoryStrip)
        for scale in (1.0, 0.05):
            for units in ((0.9, -0.5, 0.3, 0.1), (-0.4, 0.5, 0.3, 0.02)):
                strip.show(tuple(unit * scale for unit in units))
            await pilot.pause()
            drawn.append(list(strip.render_line(0)))
            strip.show((0.0,) * 4)
        assert drawn[0] == drawn[1]
        assert len(set(drawn[0][:4])) > 2
        strip.show((0.0, float("nan"), 0.2, 0.0))
        assert strip.render_line(0).cell_length == 10


async def test_escape_stops_the_network_also_from_the_settings_of_the_draw() -> None:
    services = FakeServices()
    async with running(services, (120, 36)) as (app, pilot):
        words = services.chats[0].words
        for keys in (("ctrl+t", "left"), ("ctrl+t", "down", "right"), ("ctrl+t", "9"), ("ctrl+t", "down", "9")):
            words.close()
            await send(app, pilot, "Go on")
            words.let(3)
            await until(pilot, lambda: newest_reply(app) == "The sea was")
            await pilot.press(*keys)
            place = app.focused
            await pilot.press("escape")
            words.open()
            await until(pilot, lambda: app.is_idle)
            assert newest_reply(app) == "The sea was", keys
            assert app.focused is place, keys
            await pilot.press("escape")
            await until(pilot, lambda: app.focused is chat_of(app).prompt)


async def test_a_click_on_the_name_of_the_temperature_changes_nothing() -> None:
    services = FakeServices()
    async with running(services, (120, 36)) as (app, pilot):
        bar = app.screen.query_one(TemperatureBar)
        await pilot.click(TemperatureBar, offset=(2, 0))
        assert app.focused is bar
        await pilot.click(TemperatureBar, offset=(bar.size.width - 1, 1))
        await until(pilot, lambda: services.chats[0].samplers)
        assert [sampler.temperature for sampler in services.chats[0].samplers] == [2.0]


async def test_each_row_says_what_it_does_on_help_and_below_the_mouse() -> None:
    async with running(FakeServices(), (200, 60)) as (app, pilot):
        fields = app.screen.query_one(SamplingFields)
        await pilot.press("ctrl+t", "down", "down")
        await until(pilot, lambda: "Top-p: keep the likeliest words" in shown(app))
        await pilot.press("f1")
        await until(pilot, lambda: "Top-p: keep the likeliest words that together" in shown(app))
        await pilot.press("escape")
        for place, row in enumerate((*SAMPLER_ROWS, PACE)):
            await pilot.hover(fields, offset=(3, place))
            assert str(fields.tooltip).startswith(row.help.partition(":")[0]), row.name
        presets = app.screen.query_one(Presets)
        await pilot.hover(presets, offset=(2, 0))
        assert str(presets.tooltip) == "careful: temperature 0.90, top-p 0.9"
        await pilot.hover(presets, offset=(35, 0))
        assert presets.tooltip is None
        await pilot.press("escape")
        await until(pilot, lambda: "keep the likeliest words" not in shown(app))


async def test_down_from_the_temperature_goes_to_the_next_row_whatever_was_set_last() -> None:
    services = FakeServices()
    async with running(services, (120, 36)) as (app, pilot):
        await pilot.press("ctrl+t", *["down"] * (1 + TOP_P), "left", "enter")
        await until(pilot, lambda: app.focused is chat_of(app).prompt)
        await pilot.press("ctrl+t", "down", *"35", "enter")
        await until(pilot, lambda: services.chats[0].sampler.top_k == 35)


async def test_a_number_chooses_among_words_and_a_number_too_many_is_told_the_words() -> None:
    app = Host()
    async with app.run_test(size=(40, 14)) as pilot:
        for name, typed, value in (("voice", "2", "network"), ("spelling", "3", "free"), ("stop", "1", "paragraph")):
            app.query_one(SamplingFields).choose(0)
            await pilot.press(*["down"] * ROWS.index(name), typed, "enter")
            assert app.value(name) == value
            await pilot.press("9", "enter")
            assert app.value(name) == value
        assert app.problems[0] == 'voice cannot be "9". Choose together or alone.'


async def test_a_preset_says_what_it_set_and_values_are_taken_as_they_are_shown() -> None:
    async with running(FakeServices(), (120, 36)) as (app, pilot):
        await send(app, pilot, "/careful")
        assert "careful: temperature 0.90, top-p 0.9" in shown(app)
        for word in ("repetition-penalty off", "loops off", "voice alone", "spelling any letters", "stop at sentence"):
            await send(app, pilot, f"/{word}")
            assert chat_of(app).prompt.text == "", word
        sampler = chat_of(app).chat.sampler
        assert (sampler.loop_penalty, sampler.voice, sampler.spelling, sampler.stop) == (
            0,
            "network",
            "free",
            "sentence",
        )
        await send(app, pilot, "/spelling cursive")
        assert "Choose whole words, also joined or any letters." in toasts(app)[-1]
