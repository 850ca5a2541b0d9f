"""How right the time left is, and what watching a run costs.

    python -m tests.benchmarks.watching FILE [--minutes M] [--threads T]

A run is started as the app does it, in a process of its own, and the real app watches it without a terminal. Compared
are the moments at which the run was said to end with the moment at which it ended, from its first quarter on; and the
processor time of the app, drawing included, while it shows the curve.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from rnntui.config import Config
from rnntui.paths import find_paths
from rnntui.records import TrainRequest
from rnntui.service.services import Services
from rnntui.tui.app import RnntuiApp


async def watch(services: Services, minutes: float) -> tuple[list[tuple[float, float]], float, float]:
    """(when, promised end) of each look, when it ended, and the share of a core that watching took."""
    app = RnntuiApp(services)
    promised: list[tuple[float, float]] = []
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("f4")
        while app.screens.find("train") is None or not app.chat_screen.is_idle:
            await asyncio.sleep(0.1)  # the model of the chat is loaded meanwhile, which is not watching
        run_watch = app.screens.find("train").run_watch
        while run_watch.state.view.progress is None:
            await asyncio.sleep(0.1)
        began, busy, last = time.monotonic(), time.process_time(), run_watch.state.view.progress
        measured_until, used = began, 0.0
        while not run_watch.state.view.is_over:
            await asyncio.sleep(0.05)
            progress = run_watch.state.view.progress
            if progress is not last and progress is not None:
                last = progress
                now = time.monotonic()
                promised.append((now, now + progress.eta_seconds))
                measured_until, used = now, time.process_time() - busy
        return promised, time.monotonic(), used / max(1e-9, measured_until - began)


def main() -> None:
    """Print the two figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        services = Services.open(find_paths(Path(folder)), Config())
        asked_for = TrainRequest((str(asked.file.resolve()),), "watched", asked.minutes, "", {"threads": asked.threads})
        started = time.monotonic()
        services.training.start(asked_for)
        promised, ended, share = asyncio.run(watch(services, asked.minutes))
        services.close()
    quarter = started + 15.0 * asked.minutes
    errors = [abs(end - ended) / (ended - started) for now, end in promised if now >= quarter]
    total = ended - started
    print(f"asked for {60 * asked.minutes:.0f} s, ended after {total:.1f} s, start and preparing included")
    print(f"the promised end was wrong by at most {100 * max(errors):.1f} % of that from the first quarter on")
    print(f"watching took {100 * share:.1f} % of a core")


if __name__ == "__main__":
    main()
