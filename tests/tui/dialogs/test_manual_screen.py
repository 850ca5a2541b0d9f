"""The manual in the app: reached from help, the palette and the prompt; pages change, and words find pages."""

import pytest
from textual.widgets import OptionList

from rnntui.manual import page_names
from rnntui.tui.dialogs.help import HelpScreen
from rnntui.tui.dialogs.manual import ManualScreen
from tests.tui.fakes import FakeServices
from tests.tui.helpers import chat_of, control_characters, live_actions, running, send, shown, until


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 16)])
async def test_help_leads_to_the_manual_whose_pages_are_read_and_searched(size: tuple[int, int]) -> None:
    async with running(FakeServices(), size) as (app, pilot):
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(app.screen, ManualScreen) and "First steps" in shown(app))
        listed, page = app.screen.query_one(OptionList), app.screen.query_one("#manual-page")
        assert listed.option_count == len(page_names())
        for name in page_names()[1:]:
            await pilot.press("down")
            await until(pilot, lambda: page.max_scroll_y > 0)
            assert listed.get_option_at_index(listed.highlighted or 0).prompt.plain == name  # type: ignore[union-attr]
            assert (control_characters(app), live_actions(app)) == (set(), [])
        await pilot.press("pagedown")
        await until(pilot, lambda: page.scroll_y > 0)
        await pilot.press(*"perplexity")
        await until(pilot, lambda: 0 < listed.option_count < len(page_names()))
        await until(pilot, lambda: "perplexity" in shown(app).split("find")[1][12:].lower())
        await pilot.press(*" nowhere")
        await until(pilot, lambda: "Nothing was found." in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is chat_of(app))


async def test_a_word_in_the_prompt_opens_the_manual() -> None:
    async with running() as (app, pilot):
        await send(app, pilot, "/manual")
        await until(pilot, lambda: isinstance(app.screen, ManualScreen))
