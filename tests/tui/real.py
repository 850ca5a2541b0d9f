"""The app over real services with a tiny network: what is done with the keys is done to a real conversation."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from rnntui.config import AppSettings, Config
from rnntui.paths import find_paths
from rnntui.service.chat.chat import Chat
from rnntui.service.services import Services
from rnntui.settings import SamplerSettings
from rnntui.tui.app import RnntuiApp
from tests.small_models import save_small_model
from tests.tui.helpers import chat_of, until

SAMPLER = SamplerSettings(max_words=6, stop="words", seed=3)


def real_services(folder: Path, *names: str, text: str = "") -> Services:
    """Services over an empty data folder with small models of these names, which have learned this text."""
    sampler = SamplerSettings(max_words=6, stop="words")
    services = Services.open(find_paths(data_dir=folder), Config(sampler, AppSettings(pace=0.0, model="small")))
    for number, name in enumerate(names or ("small",)):
        save_small_model(services.library, text, name=name, seed=number)
    return services


@asynccontextmanager
async def really_running(
    folder: Path, *names: str, size: tuple[int, int] = (100, 30), text: str = ""
) -> AsyncIterator[tuple[RnntuiApp, Pilot[None]]]:
    """The app, with its model loaded."""
    services = real_services(folder, *names, text=text)
    app = RnntuiApp(services)
    try:
        async with app.run_test(size=size, notifications=True) as pilot:
            await until(pilot, lambda: app.chat_screen is not None and app.chat_screen.chat is not None)
            await until(pilot, lambda: app.is_idle, seconds=30)
            yield app, pilot
    finally:
        services.close()


def real_chat(app: RnntuiApp) -> Chat:
    chat = chat_of(app).chat
    assert chat is not None
    return chat


def told(app: RnntuiApp) -> str:
    """What the visible branch says, as the transcript would show it."""
    return "\n".join(turn.text.strip() for turn in real_chat(app).facts.turns if turn.text)
