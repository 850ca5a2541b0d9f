"""Painting only what changed paints the same as painting everything."""

import random
from typing import ClassVar

import pytest
from textual._compositor import ChopsUpdate
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from rnntui.tui.safe import shown_line
from rnntui.tui.terminal.textual_internals import NarrowCompositor
from tests.tui.fakes import FakeServices
from tests.tui.helpers import chat_of, running, send, until


class Checked(NarrowCompositor):
    """Compares every cell that it paints with painting the whole screen."""

    def __init__(self) -> None:
        super().__init__()
        self.cells = 0

    def render_partial_update(self) -> ChopsUpdate | None:
        spans = list(self._regions_to_spans(self._dirty_regions))
        update = super().render_partial_update()
        whole = [Strip.join(list(chop.values())).text for chop in self._render_chops(self.size.region, lambda _: True)]
        for y, start, end in spans:
            painted = _cells(update, y) if update else {}
            assert [painted.get(x) for x in range(start, end)] == list(whole[y][start:end])
            self.cells += end - start
        return update


def _cells(update: ChopsUpdate, y: int) -> dict[int, str]:
    """What an update says stands in the cells of a line, by column."""
    strips = ((column, strip.text if strip else "") for column, strip in update.chops[y].items())
    return {column + place: sign for column, text in strips for place, sign in enumerate(text)}


class Crowded(App[None]):
    CSS = """
    Screen { layers: below above; }
    VerticalScroll { width: 20; height: 8; }
    .box { width: 12; height: 3; border: round green; }
    .over { layer: above; offset: 5 2; width: 9; height: 4; background: red; }
    """
    BINDINGS: ClassVar = []

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            for number in range(6):
                yield Static(shown_line(f"inside {number}"), classes="box")
        for number in range(3):
            yield Static(shown_line(f"box {number}"), classes="box")
        yield Static(shown_line("over"), classes="over")


@pytest.mark.parametrize("seed", range(4))
async def test_any_change_is_painted_as_if_everything_were(seed: int) -> None:
    dice = random.Random(seed)
    app = Crowded()
    async with app.run_test(size=(40, 24)) as pilot:
        compositor = Checked()
        app.screen._compositor = compositor
        app.screen.refresh(layout=True)
        await pilot.pause()
        for _ in range(25):
            for widget in dice.sample(list(app.query(Static)), dice.randint(1, 4)):
                widget.update(shown_line("".join(dice.choices("abcdefgh ", k=dice.randint(1, 10)))), layout=False)
            if dice.random() < 0.4:
                app.query_one(VerticalScroll).scroll_to(y=dice.randint(0, 10), animate=False, immediate=True)
            await pilot.pause()
        assert compositor.cells > 500


async def test_where_a_word_stands_is_not_remembered_for_every_widget() -> None:
    app = Crowded()
    async with app.run_test(size=(40, 24)) as pilot:
        compositor = NarrowCompositor()
        app.screen._compositor = compositor
        app.screen.refresh(layout=True)
        await pilot.pause()
        places = [Region(x, y, 1, 1) for x in range(40) for y in range(24)]
        before = Region.intersection.cache_info().misses
        for place in places:
            compositor._changed = (place,)
            assert sum(1 for _ in compositor._get_renders()) > 0
        assert Region.intersection.cache_info().misses - before < len(places)


async def test_while_words_come_widgets_that_stay_the_same_are_not_asked() -> None:
    services = FakeServices(reply=" one two three four five six seven eight nine ten" * 20)
    async with running(services, (120, 36)) as (app, pilot):
        services.chats[0].words.close()
        await send(app, pilot, "Hello")
        services.chats[0].words.let(3)
        await until(pilot, lambda: "one two three" in chat_of(app).transcript.content.text)
        asked: list[str] = []
        with pytest.MonkeyPatch.context() as patch:
            plain = Widget.render_lines

            def watched(self: Widget, crop: Region) -> list[Strip]:
                asked.append(type(self).__name__)
                return plain(self, crop)

            patch.setattr(Widget, "render_lines", watched)
            services.chats[0].words.let(3)
            await until(pilot, lambda: "four five six" in chat_of(app).transcript.content.text)
        assert "Transcript" in asked
        assert not {"KeyLine", "TemperatureBar", "Presets"} & set(asked)
        services.chats[0].words.open()
        await until(pilot, lambda: app.is_idle)
