"""What is typed: undone and done again at any height, in any window, with and without colours."""

import pytest
from helpers import chat_of, running, send
from textual import events

ROWS = "\n".join(f"row {number}" for number in range(12))


async def test_a_prompt_higher_than_its_place_is_undone_and_done_again() -> None:
    async with running() as (app, pilot):
        prompt = chat_of(app).prompt
        prompt.post_message(events.Paste(ROWS))
        await pilot.pause()
        await pilot.press("ctrl+z")
        assert prompt.text == ""
        await pilot.press("ctrl+y")
        assert prompt.text == ROWS
        prompt.select_all()
        await pilot.press("x", "ctrl+z")
        assert prompt.text == ROWS


async def test_a_window_without_colours_may_become_as_narrow_as_it_likes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with running(size=(120, 36)) as (app, pilot):
        await send(app, pilot, "It was late")
        for width in (40, 12, 3, 2, 1, 120):
            await pilot.resize_terminal(width, 36)
            await pilot.pause()
        assert app.is_running
        assert "It was late" in chat_of(app).transcript.text
