"""Waiting for what is true, never for time; and hostile text."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from rnntui.tui.app import RnntuiApp
from rnntui.tui.screens.chat import ChatScreen
from rnntui.tui.screens.lab import LabScreen
from rnntui.tui.screens.play import PlayScreen
from rnntui.tui.screens.train import TrainScreen
from tests.tui.fakes import FakeServices

HOSTILE = (
    "[",
    "[/",
    "[/b]",
    "[b",
    "[b]bold[/b]",
    "[BOLD]X[/BOLD]",
    "[@click=app.quit]x",
    " [ @click=app.quit ]x[/]",
    "[TODO]",
    "$text [red]",
    "\x1b[31mred",
    "\x1b]52;c;aGFjaw==\x07",
    "\x1b]8;;http://example.org\x1b\\link",
    "\x9b31mred",
    "\x00\x07\x08\x0b\x0c\x7f",
    "a\rb",
    "\u202eevil\u202c",
    "\u2066x\u2069",
    "e" + "\u0301" * 40,
    "\ud800",
    "👩‍🚀 ❤️ 中文",
    "tab\there",
    "two\nlines",
)


@asynccontextmanager
async def running(
    services: FakeServices | None = None, size: tuple[int, int] = (80, 24), wait: bool = True
) -> AsyncIterator[tuple[RnntuiApp, Pilot[None]]]:
    """The app without a terminal; at first it waits until the model is loaded."""
    app = RnntuiApp(services or FakeServices())
    async with app.run_test(size=size, notifications=True) as pilot:
        await until(pilot, lambda: app.chat_screen is not None and app.chat_screen.is_mounted)
        if wait:
            await until(pilot, lambda: app.chat_screen.chat is not None and app.is_idle)
        yield app, pilot
        app._services.opening.open()
        for chat in app._services.chats:
            chat.words.open()
            chat.loading.open()
        app._services.training.inspecting.open()
        app._services.lab.steps.open()
        app._services.play.steps.open()


async def until(pilot: Pilot[None], holds: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(0.03)
    await pilot.pause()


def chat_of(app: RnntuiApp) -> ChatScreen:
    assert app.chat_screen is not None
    return app.chat_screen


def train_of(app: RnntuiApp) -> TrainScreen:
    screen = app.screens.find("train")
    assert isinstance(screen, TrainScreen)
    return screen


def lab_of(app: RnntuiApp) -> LabScreen:
    screen = app.screens.find("lab")
    assert isinstance(screen, LabScreen)
    return screen


def play_of(app: RnntuiApp) -> PlayScreen:
    screen = app.screens.find("play")
    assert isinstance(screen, PlayScreen)
    return screen


async def send(app: RnntuiApp, pilot: Pilot[None], text: str) -> None:
    """Put a text into the prompt and press Enter."""
    chat_of(app).prompt.put(text)
    chat_of(app).prompt.focus()
    await pilot.press("enter")
    await pilot.pause()


def shown(app: RnntuiApp) -> str:
    """The screen as text."""
    from rnntui.tui.harness import screen_text

    return screen_text(app)


def newest_reply(app: RnntuiApp) -> str:
    """The newest words of the network, as the transcript displays them; empty when it has not spoken."""
    blocks = chat_of(app).transcript.content.rows.blocks
    return next((block.text for block in reversed(blocks) if block.kind == "network"), "")


def toasts(app: RnntuiApp) -> list[str]:
    return [notification.message for notification in app._notifications]


def control_characters(app: RnntuiApp) -> set[str]:
    """Characters in the drawn strips that could move a cursor or turn text around."""
    strips = app.screen._compositor.render_strips()
    text = "".join(segment.text for strip in strips for segment in strip if not segment.control)
    bad = {
        *map(chr, range(0x20)),
        *map(chr, range(0x7F, 0xA0)),
        *"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    }
    return {sign for sign in text if sign in bad or 0xD800 <= ord(sign) < 0xE000}


def live_actions(app: RnntuiApp) -> list[object]:
    """Click payloads in the drawn strips that came out of text."""
    strips = app.screen._compositor.render_strips()
    metas = (segment.style.meta for strip in strips for segment in strip if segment.style)
    return [meta["@click"] for meta in metas if "@click" in meta]
