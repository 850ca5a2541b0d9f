"""What a person waits for: the answer to --help, the first paint, the model, the words.

    python -m tests.benchmarks.waiting_times [--model NAME] [--repeats N]

Prints medians. "first paint" is the time from starting the interpreter to the first frame of the app without a
terminal, with the modules loaded by then checked; words per second are those of `rnntui gen` after loading.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time

from tests.benchmarks.seed_novel import machine

FIRST_PAINT = """
import gc
gc.disable()  # as the command does
import asyncio, sys
from rnntui.config import Config
from rnntui.paths import find_paths
from rnntui.service.services import Services
from rnntui.tui.app import RnntuiApp

display, painted = RnntuiApp._display, []

def watched(app, screen, renderable):
    display(app, screen, renderable)
    if not painted and screen.query("Prompt"):
        painted.append(True)
        print("torch" in sys.modules, flush=True)

RnntuiApp._display = watched

async def main():
    async with RnntuiApp(Services(find_paths(), Config())).run_test(size=(120, 36)) as pilot:
        await pilot.app.action_quit()

asyncio.run(main())
"""


def seconds_of(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def seconds_to_first_line(command: list[str]) -> tuple[float, str]:
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    taken = time.perf_counter() - began
    process.communicate()
    return taken, line


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    python = [sys.executable, "-m", "rnntui"]
    print(f"{machine()}, medians of {arguments.repeats}")
    empty = statistics.median(seconds_of([sys.executable, "-c", ""]) for _ in range(arguments.repeats))
    print(f"an empty Python          {empty:6.2f} s")
    helped = statistics.median(seconds_of([*python, "--help"]) for _ in range(arguments.repeats))
    print(f"rnntui --help            {helped:6.2f} s   {helped / empty:.1f} x an empty Python")
    paints = [seconds_to_first_line([sys.executable, "-c", FIRST_PAINT]) for _ in range(arguments.repeats)]
    loaded = "torch was loaded by then" if paints[0][1] == "True" else "torch not loaded by then"
    print(f"first paint of the app   {statistics.median(taken for taken, _ in paints):6.2f} s   {loaded}")
    torch_seconds = statistics.median(seconds_of([sys.executable, "-c", "import torch"]) for _ in range(3))
    print(f"import torch             {torch_seconds:6.2f} s")
    speak = [*python, "gen", "It was", "--max-words", "400", "--stop", "words", "--seed", "7", "--json"]
    speak += ["--model", arguments.model] if arguments.model else []
    results = [json.loads(subprocess.check_output(speak).splitlines()[-1]) for _ in range(arguments.repeats)]
    speed = statistics.median(result["words_per_second"] for result in results)
    print(f"rnntui gen ({results[0]['model']}) {speed:10,.0f} words/s after loading, seed 7")


if __name__ == "__main__":
    main()
