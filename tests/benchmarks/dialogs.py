"""How long the app is deaf while a long conversation is opened, copied, exported and imported with the keys.

    python -m tests.benchmarks.dialogs [--turns 10000]

The real app runs without a terminal over a real store. "Deaf" is the longest time for which the thread that draws did
not come back to its loop, where keys wait; "took" is from the key to the sentence that says it is done.
"""

import argparse
import asyncio
import gc
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input

from rnntui.config import AppSettings, Config
from rnntui.paths import find_paths
from rnntui.service.services import Services
from rnntui.tui.app import RnntuiApp
from rnntui.tui.dialogs.sessions import SessionsScreen
from tests.benchmarks.conversations import SAMPLER, long_conversation, save_model
from tests.benchmarks.seed_novel import machine

sys.path.append(str(Path(__file__).parents[1] / "tui"))  # where the tests of the screens have their helpers
from tests.tui.helpers import chat_of, shown, until

_TICK_SECONDS = 0.002


class Gaps:
    """The longest time between two rounds of the loop."""

    def __init__(self) -> None:
        self.longest = 0.0
        self.all: list[float] = []

    async def watch(self) -> None:
        before = time.perf_counter()
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            now = time.perf_counter()
            self.all.append(now - before - _TICK_SECONDS)
            self.longest, before = max(self.longest, now - before - _TICK_SECONDS), now


@asynccontextmanager
async def watched(name: str):  # type: ignore[no-untyped-def]
    gaps = Gaps()
    task = asyncio.create_task(gaps.watch())
    await asyncio.sleep(0.05)
    gaps.longest, gaps.all = 0.0, []
    began, process = time.perf_counter(), time.process_time()
    yield
    took, spent = time.perf_counter() - began, time.process_time() - process
    await asyncio.sleep(0.01)
    task.cancel()
    slow = sum(gap > 0.1 for gap in gaps.all)
    print(
        f"  {name:<34} took {took:7.2f} s   processor {spent:6.2f} s   "
        f"deaf {1e3 * gaps.longest:8.0f} ms   over 100 ms {slow:3}",
        flush=True,
    )


async def ask(app: RnntuiApp, pilot: Pilot[None], key: str, answer: str) -> None:
    await pilot.press(key)
    await pilot.pause()
    app.screen.query_one(Input).value = answer
    await pilot.press("enter")


async def measure(services: Services, session_id: str, folder: Path) -> None:
    app = RnntuiApp(services)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await until(pilot, lambda: app.is_idle and chat_of(app).chat, 60)

        async def opened(name: str, key: str, holds: Callable[[], object]) -> None:
            async with watched(name):
                await pilot.press(key)
                await until(pilot, holds, 120)

        gc.freeze()  # as in the app, where what is loaded stays
        gc.set_threshold(5_000, 10, 10)
        gc.enable()
        await opened("a new conversation", "ctrl+n", lambda: not chat_of(app).chat.session.session_id and app.is_idle)
        await opened(
            "the list of conversations", "ctrl+s", lambda: isinstance(app.screen, SessionsScreen) and app.screen._rows
        )
        for name in ("long.jsonl", "long.md", "long.txt"):
            async with watched(f"export as {Path(name).suffix}"):
                await ask(app, pilot, "alt+x", str(folder / name))
                await until(pilot, lambda name=name: f"written to {name}" in shown(app), 120)
        async with watched("import of .jsonl"):
            await ask(app, pilot, "alt+i", str(folder / "long.jsonl"))
            await until(pilot, lambda: "is here with" in shown(app), 120)
        async with watched("a copy"):
            await pilot.press("alt+c")
            await until(pilot, lambda: "life of its own" in shown(app), 120)
        async with watched("opening it"):
            app.screen.dismiss(session_id)
            await until(pilot, lambda: chat_of(app).chat.session.session_id == session_id and app.is_idle, 120)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=10_000)
    arguments = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = Config(SAMPLER, AppSettings(pace=0.0, model="bench"))
        services = Services.open(find_paths(data_dir=folder / "data"), config)
        card = save_model(services.library, 2_000, 64)
        session_id = long_conversation(services, card, arguments.turns)
        with services._database.transaction() as connection:
            connection.execute("UPDATE turns SET created_at = '2026-01-02T03:04:05+00:00'")
            connection.execute("UPDATE sessions SET created_at = '2026-01-02T03:04:05+00:00'")
        print(f"{arguments.turns:,} turns of 20 words")
        try:
            asyncio.run(measure(services, session_id, folder))
        finally:
            services.close()


if __name__ == "__main__":
    main()
