"""How soon keys are painted on the training screen while a network is trained in a process of its own.

    python -m tests.benchmarks.train_screen FILE [--minutes M] [--threads T] [--keys N]
    python -m tests.benchmarks.train_screen --opening

A run is started as the app does it. First z zooms the curve that is being watched; then letters are typed into the form
for the next run, beside the run. The time is that from the key to the first painting after it was taken. With
--opening no run is started: what F4 costs for the first time, in processor time of the program, and how many widgets
it makes.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from textual.events import Key
from textual.widgets import Input

from rnntui.config import Config
from rnntui.paths import find_paths
from rnntui.records import TrainRequest
from rnntui.service.services import Services
from rnntui.tui.app import RnntuiApp
from rnntui.tui.widgets.loss_chart import LossChart
from tests.benchmarks.chat_screen import until
from tests.benchmarks.seed_novel import machine

_PAUSE_SECONDS = 0.05


async def keys(app: RnntuiApp, key: str, count: int, state: Callable[[], object]) -> list[float]:
    """Seconds from each key to the first painting at which `state` was another."""
    paintings: list[tuple[float, object]] = []
    display = app._display

    def watched(screen: object, renderable: object) -> None:
        display(screen, renderable)  # type: ignore[arg-type]
        paintings.append((time.perf_counter(), state()))

    app._display = watched  # type: ignore[method-assign,assignment]
    taken: list[float] = []
    for _ in range(count):
        before = state()
        paintings.clear()
        began = time.perf_counter()
        app.post_message(Key(key, key))
        await until(lambda before=before: any(value != before for _, value in paintings))  # type: ignore[misc]
        taken.append(next(at for at, value in paintings if value != before) - began)
        await asyncio.sleep(_PAUSE_SECONDS)
    app._display = display  # type: ignore[method-assign]
    return sorted(taken)


async def measured(services: Services, count: int) -> dict[str, list[float]]:
    app = RnntuiApp(services)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("f4")
        await until(lambda: app.screens.find("train") and app.chat_screen.is_idle)
        screen = app.screens.find("train")
        assert screen is not None
        await until(lambda: screen.run_watch.state.view.progress)
        chart = screen.query_one(LossChart)
        watching = await keys(app, "z", count, lambda: chart._zoom)
        await pilot.press("a")
        field = screen.query_one("#name", Input)
        field.focus()
        await until(lambda: app.focused is field)
        typing = await keys(app, "x", count, lambda: field.value)
        assert services.training.active(), "the run ended too early: give it more minutes"
        return {"zooming the curve that is watched": watching, "typing into the form": typing}


async def opened(services: Services) -> tuple[float, int]:
    """Seconds of processor time from F4 to the form, and its widgets."""
    app = RnntuiApp(services)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(lambda: app.chat_screen is not None and app.chat_screen.is_idle)
        began = time.process_time()
        await pilot.press("f4")
        await until(lambda: app.screens.find("train") is app.screen)
        await pilot.pause()
        return time.process_time() - began, len(app.screen.query("*"))


def measure_opening(tries: int) -> None:
    """Print the middle of several first openings, each of a new app."""
    taken = []
    for _ in range(tries):
        with tempfile.TemporaryDirectory() as folder:
            services = Services.open(find_paths(Path(folder)), Config())
            taken.append(asyncio.run(opened(services)))
            services.close()
    seconds, widgets = sorted(taken)[tries // 2]
    print(f"first F4: {seconds * 1000:.0f} ms of processor time, {widgets} widgets, the middle of {tries}")


def main() -> None:
    """Print median and 99th percentile."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--opening", action="store_true")
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--keys", type=int, default=300)
    asked = parser.parse_args()
    print(machine())
    if asked.opening:
        measure_opening(5)
        return
    if asked.file is None:
        parser.error("a FILE is needed to train on")
    with tempfile.TemporaryDirectory() as folder:
        services = Services.open(find_paths(Path(folder)), Config())
        overrides = {"threads": asked.threads} if asked.threads else {}
        run = services.training.start(
            TrainRequest((str(asked.file.resolve()),), "beside", asked.minutes, "", overrides)
        )
        found = asyncio.run(measured(services, asked.keys))
        services.training.stop(run.run_id)
        while services.training.active():
            time.sleep(0.2)
        services.close()
    for what, taken in found.items():
        middle, late = taken[len(taken) // 2], taken[int(len(taken) * 0.99)]
        print(f"key to paint, {what}: median {middle * 1000:.1f} ms, p99 {late * 1000:.1f} ms, {len(taken)} keys")


if __name__ == "__main__":
    main()
