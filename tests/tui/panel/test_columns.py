"""The columns of the chat screen at every size: what stands where, and that a resize loses neither words nor focus."""

from rnntui.tui.footer.key_line import KeyLine
from rnntui.tui.panel.next_words import NextWords
from rnntui.tui.panel.side_panel import SidePanel
from rnntui.tui.panel.sliders import SamplingFields, TemperatureBar
from tests.tui.fakes import SEA, FakeServices
from tests.tui.helpers import chat_of, newest_reply, running, send, until

SIZES = ((60, 16), (120, 36), (200, 60), (80, 24), (160, 24), (100, 18), (60, 16), (200, 60))


async def test_a_broad_screen_has_three_columns_and_a_place_for_the_box() -> None:
    async with running(FakeServices(), (200, 60)) as (app, pilot):
        side = app.screen.query_one(SidePanel)
        inspector, sampling = app.screen.query_one("#inspector").region, app.screen.query_one("#sampling").region
        assert app.screen.query_one("#conversation").region.right <= inspector.x < inspector.right <= sampling.x
        assert sampling.right == 200
        assert inspector.y == sampling.y == 0
        assert side.box_place is not None
        assert side.box_place.region.x > inspector.x
        await pilot.press("f5")
        assert side.box_place is None
        assert app.screen.query_one("#conversation").region.width > 190
        await pilot.press("f5")
        await pilot.resize_terminal(120, 36)
        inspector, sampling = app.screen.query_one("#inspector").region, app.screen.query_one("#sampling").region
        assert side.box_place is None
        assert sampling.bottom == inspector.y
        await pilot.resize_terminal(60, 16)
        assert app.screen.query_one(KeyLine).region.y == 15


async def test_resizing_while_words_stream_loses_no_word_and_keeps_the_focus() -> None:
    services = FakeServices()
    async with running(services, (120, 36)) as (app, pilot):
        words, prompt = services.chats[0].words, chat_of(app).prompt
        words.close()
        await send(app, pilot, "Tell me")
        goals = (("", prompt), ("ctrl+t", TemperatureBar), ("ctrl+t down down", SamplingFields))
        for keys, goal in goals:
            await pilot.press(*keys.split())
            wanted = goal if goal is prompt else app.screen.query_one(goal)
            await until(pilot, lambda: app.focused is wanted)  # noqa: B023
            for size in SIZES:
                words.let(1)
                await pilot.resize_terminal(*size)
                assert app.focused is wanted, (keys, size)
                assert wanted.region.area, (keys, size)
                assert wanted.region.bottom <= size[1]
            await pilot.resize_terminal(120, 36)
        words.open()
        await until(pilot, lambda: app.is_idle)
        assert newest_reply(app) == SEA.strip()
        assert app.screen.query_one(NextWords)._word is not None
