"""How fast a text is prepared for training, and how much memory that takes, whatever its size.

    python -m tests.benchmarks.preparing [--megabytes 1 100 2000]

Each size runs in a process of its own on one core: looked at, counted and numbered, without counting models. The text
is generated: words drawn by rank as in English, with new ones all the time, in lines wrapped to 72 characters. Memory
is what the process had at its peak above what it had after loading torch; pages of the file of numbers, which the
system may take back at any time, are not counted.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path


def write_text(path: Path, megabytes: float) -> None:
    """A text of so many megabytes, the same every time."""
    dice = random.Random(1)
    syllables = [a + b for a in "bdfgklmnprstvw" for b in ("a", "e", "i", "o", "u", "ar", "en", "ing")]
    words = ["".join(dice.choices(syllables, k=1 + at % 4)) for at in range(60_000)]
    weights = [1 / (at + 3) for at in range(len(words))]
    left = int(megabytes * 1_000_000)
    with path.open("w", encoding="utf-8") as file:
        while left > 0:
            drawn = dice.choices(words, weights, k=60_000)
            drawn += [f"{dice.choice(words)}{dice.choice(words)}" for _ in range(600)]
            dice.shuffle(drawn)
            paragraphs = [" ".join(drawn[at : at + 120]) + "." for at in range(0, len(drawn), 120)]
            text = "\n\n".join(textwrap.fill(paragraph, 72) for paragraph in paragraphs) + "\n\n"
            for _ in range(1 if megabytes < 200 else 20):  # a huge text repeats itself: writing it would take too long
                file.write(text[:left])
                left -= min(left, len(text))


def measure(path: Path) -> None:
    """Prepare one text in this process and print its figures."""
    import torch

    from rnntui.lm.planner import REFERENCE
    from rnntui.records import Reading
    from rnntui.service import preparing
    from rnntui.store.corpora import Corpora

    torch.set_num_threads(1)
    before = _memory()
    began, busy = time.perf_counter(), time.process_time()
    peak, longest, last = before, 0.0, began

    def finished(work):  # type: ignore[no-untyped-def]
        nonlocal peak, longest, last
        while True:
            try:
                next(work)
            except StopIteration as end:
                return end.value
            now = time.perf_counter()
            longest, last = max(longest, now - last), now
            peak = max(peak, _memory())

    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        corpora = Corpora(Path(folder))
        chosen = finished(preparing.choose([str(path)], Reading(), 0.1))
        counted = finished(preparing.count(chosen, corpora))
        tokenizer = preparing.tokenizer_of(counted, REFERENCE)
        text = finished(preparing.number(chosen, counted, tokenizer, corpora))
        seconds, core = time.perf_counter() - began, time.process_time() - busy
        megabytes = path.stat().st_size / 1e6
        print(
            f"{megabytes:8,.0f} MB  {megabytes / core:5.2f} MB/s of one core  {megabytes / seconds:5.2f} MB/s by the "
            f"clock  {peak - before:5.0f} MB above {before:.0f} MB  longest wait {longest:.2f} s  "
            f"{text.ids.numel():,} numbers"
        )


def _memory() -> float:
    """Megabytes that this process alone holds: anonymous pages, not those of mapped files."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("RssAnon:")[2].split()[0]) / 1024


def main() -> None:
    """Run each size in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=float, nargs="+", default=[1.0, 100.0])
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.file:
        measure(chosen.file)
        return
    for megabytes in chosen.megabytes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "text.txt"
            write_text(path, megabytes)
            subprocess.run([sys.executable, __file__, "--file", str(path)], check=True)


if __name__ == "__main__":
    main()
