"""What the chat screen costs: work per word, keys while words stream, idling, the first paint, another width.

    python -m tests.benchmarks.chat_screen [--words N] [--keys N] [--train] [--only PART ...]

Words are scripted, so that only the screen is measured; `--train` runs two threads of matrix products beside it, as
training does. First paint is compared with a Textual app of one label in the same run.
"""

import argparse
import asyncio
import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from textual.app import App, ComposeResult
from textual.events import Key
from textual.geometry import Region
from textual.strip import Strip

from rnntui.tui.app import RnntuiApp
from rnntui.tui.transcript.transcript import Transcript
from rnntui.tui.widgets.prompt import Prompt
from tests.benchmarks.seed_novel import machine
from tests.benchmarks.waiting_times import FIRST_PAINT, seconds_to_first_line
from tests.tui.fakes import FakeServices
from tests.tui.helpers import chat_of, newest_reply

SEVERAL = 300
PARTS = ("keys", "work", "idle", "resize", "paint")
BARE = """
import asyncio
from textual.app import App
from textual.widgets import Label

class Bare(App):
    def compose(self):
        yield Label("hello")

display, painted = Bare._display, []

def watched(app, screen, renderable):
    display(app, screen, renderable)
    if not painted and screen.query("Label"):
        painted.append(True)
        print("painted", flush=True)

Bare._display = watched

async def main():
    async with Bare().run_test(size=(120, 36)):
        pass

asyncio.run(main())
"""
BUSY = """
import torch
torch.set_num_threads(2)
one = torch.rand(1500, 1500)
while True:
    one @ one
"""


class Host(App[None]):
    def compose(self) -> ComposeResult:
        yield Transcript()


def words(count: int, start: int = 0) -> list[tuple[str, float]]:
    return [(f" word{number % 977}", number % 13) for number in range(start, start + count)]


@contextmanager
def painted(app: App[None]) -> Iterator[list[float]]:
    """The moments at which something was painted."""
    moments: list[float] = []
    display = app._display

    def watched(screen: object, renderable: object) -> None:
        display(screen, renderable)  # type: ignore[arg-type]
        moments.append(time.perf_counter())

    app._display = watched  # type: ignore[method-assign,assignment]
    yield moments
    app._display = display  # type: ignore[method-assign]


@contextmanager
def drawn(prompt: Prompt) -> Iterator[list[tuple[int, float]]]:
    """How long the prompt's text was, each time that rows of it were asked for, and when that was."""
    texts: list[tuple[int, float]] = []
    render_lines = prompt.render_lines

    def watched(crop: Region) -> list[Strip]:
        texts.append((len(prompt.text), time.perf_counter()))
        return render_lines(crop)

    prompt.render_lines = watched  # type: ignore[method-assign]
    yield texts
    prompt.render_lines = render_lines  # type: ignore[method-assign]


async def until(holds: Callable[[], object], seconds: float = 60.0) -> None:
    deadline = time.perf_counter() + seconds
    while not holds():
        assert time.perf_counter() < deadline
        await asyncio.sleep(0.001)


async def work_per_word(size: int) -> float:
    """Microseconds of processor time for each word, painting included, in a transcript of this many words."""
    app = Host()
    async with app.run_test(size=(120, 36)) as pilot:
        transcript = app.query_one(Transcript)
        for turn in range(max(1, size // 100)):
            transcript.content.extend(words(min(size, 100), turn * 100))
            transcript.content.close("done")
        await pilot.pause()
        transcript.content.extend(words(1))
        began = time.process_time()
        for number in range(SEVERAL):
            transcript.content.extend(words(1, number))
            await asyncio.sleep(0)
            app.screen._on_timer_update()
        return (time.process_time() - began) / SEVERAL * 1e6


async def keys_while_streaming(keys: int, pace: float) -> list[float]:
    """Seconds from each key to its paint while words stream."""
    services = FakeServices(reply=" on and on and" * 100_000, pace=pace)
    gc.disable()  # as the command does
    app = RnntuiApp(services)  # type: ignore[arg-type]
    taken: list[float] = []
    async with app.run_test(size=(120, 36)):
        await until(lambda: app.chat_screen and app.chat_screen.chat and app.is_idle)
        prompt = chat_of(app).prompt
        chat_of(app).worker.send("go")
        chat_of(app).parts.frames.advance()
        await until(lambda: newest_reply(app))
        with painted(app) as moments, drawn(prompt) as texts:
            for number in range(keys):
                wanted = len(prompt.text) + 1
                began = time.perf_counter()
                app.post_message(Key("a", "a"))
                await until(lambda wanted=wanted: texts and texts[-1][0] == wanted)  # type: ignore[misc]
                at = next(moment for length, moment in texts if length == wanted)
                await until(lambda at=at: moments[-1] > at)  # type: ignore[misc]
                taken.append(next(moment for moment in moments if moment > at) - began)
                texts.clear()
                if number % 50 == 49:
                    prompt.clear()
                await asyncio.sleep(0.02)
        chat_of(app).parts.turns.stop()
        services.chats[0].words.open()
        await until(lambda: app.is_idle)
    return taken


async def idle_share(seconds: float) -> float:
    """Share of one core that the idle app uses."""
    app = RnntuiApp(FakeServices())  # type: ignore[arg-type]
    async with app.run_test(size=(120, 36)):
        await until(lambda: app.chat_screen and app.chat_screen.chat and app.is_idle)
        await asyncio.sleep(1.0)
        began = time.process_time()
        await asyncio.sleep(seconds)
        return (time.process_time() - began) / seconds


async def resize(count: int) -> list[float]:
    """Seconds until the visible part stands there at another width."""
    app = Host()
    taken: list[float] = []
    async with app.run_test(size=(120, 36)) as pilot:
        transcript = app.query_one(Transcript)
        for turn in range(count // 80):
            transcript.content.extend(words(80, turn * 80))
            transcript.content.close("80 words")
        await pilot.pause()
        for width in (90, 70, 110, 60, 100):
            with painted(app) as moments:
                began = time.perf_counter()
                await pilot.resize_terminal(width, 36)
                await until(lambda: transcript.content.rows.width <= width and moments)  # noqa: B023
                taken.append(moments[0] - began)
            await until(lambda: transcript.content.rows.is_wrapped)
    return taken


def tell_keys(count: int, is_training: bool) -> None:
    if is_training:
        beside = subprocess.Popen([sys.executable, "-c", BUSY])
        time.sleep(4)
    taken = sorted(asyncio.run(keys_while_streaming(count, 1_000.0)))
    if is_training:
        beside.kill()
    name = "with training beside it" if is_training else "alone"
    middle, late = taken[len(taken) // 2], taken[int(len(taken) * 0.99)]
    print(f"key to paint at 1,000 words/s, {name}: median {middle * 1000:.1f} ms, p99 {late * 1000:.1f} ms")


def tell_work(count: int) -> None:
    sizes = (100, 3_000, count)
    rounds = [[asyncio.run(work_per_word(size)) for size in sizes] for _ in range(3)]
    few, full, many = (min(taken) for taken in zip(*rounds, strict=True))
    print(
        f"work per word: {few:.0f} us at word 100, {full:.0f} us at word 3,000 (a new row moves a full screen), "
        f"{many:.0f} us at word {count:,}: {many / full:.2f} times"
    )


def tell_paint() -> None:
    pairs = [[seconds_to_first_line([sys.executable, "-c", code])[0] for code in (FIRST_PAINT, BARE)] for _ in range(5)]
    ours, bare = (statistics.median(taken) for taken in zip(*pairs, strict=True))
    print(f"first paint: {ours:.2f} s; a bare Textual app {bare:.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=100_000)
    parser.add_argument("--keys", type=int, default=300)
    parser.add_argument("--train", action="store_true", help="only keys, with training beside them")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="only these parts")
    chosen = parser.parse_args()
    print(machine())
    parts = ["keys"] if chosen.train else chosen.only
    if "keys" in parts:
        tell_keys(chosen.keys, chosen.train)
    if "work" in parts:
        tell_work(chosen.words)
    if "idle" in parts:
        print(f"idle: {asyncio.run(idle_share(10.0)):.2%} of a core")
    if "resize" in parts:
        shown = [f"{seconds * 1000:.0f}" for seconds in asyncio.run(resize(chosen.words))]
        print(f"resize of {chosen.words:,} words until the visible part is there: {', '.join(shown)} ms")
    if "paint" in parts:
        tell_paint()


if __name__ == "__main__":
    main()
