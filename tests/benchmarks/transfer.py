"""What it brings to begin from a model: bits per character of books, whole or cut, from it and from nothing.

    python -m tests.benchmarks.transfer --books FILE ... [--words N ...] [--minutes M ...] [--rates R ...]
        [--base FOLDER] [--seed N] [--threads T]

Each book is trained on by the real command, in data folders of their own, one way after the other: from nothing, then
from the model with what the program plans and with each of the rates. Words cut a book at that many, 0 leaves it whole.
The base is the starter, or the folder of another model. Printed: network and mixture, how many times less than from
nothing in the same run, steps, passes, and what the old text costs after and before.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.seed_novel import machine

NOTHING = "nothing"


class Outcome(NamedTuple):
    network: float
    mixture: float
    steps: int
    passes: float
    old_before: float
    old_after: float
    rate: float


def cut(book: Path, words: int, folder: Path) -> Path:
    """The first so many words of a book, paragraphs whole; the book itself for 0."""
    if not words:
        return book
    kept, count = [], 0
    for paragraph in book.read_text(encoding="utf-8").split("\n\n"):
        kept.append(paragraph)
        count += len(paragraph.split())
        if count >= words:
            break
    file = folder / f"{book.stem}-{words}.txt"
    file.write_text("\n\n".join(kept), encoding="utf-8")
    return file


def trained(file: Path, base: str, base_folder: Path | None, options: Sequence[str]) -> Outcome:
    """What `rnntui train` comes to in a fresh data folder."""
    with tempfile.TemporaryDirectory() as folder:
        if base_folder:
            shutil.copytree(base_folder, Path(folder) / "models" / base_folder.name)
        here = ("--data-dir", folder, "--json")
        command = [
            sys.executable,
            "-m",
            "rnntui",
            "train",
            str(file),
            "--name",
            "book",
            "--from",
            base,
            *options,
            *here,
        ]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        shown = [sys.executable, "-m", "rnntui", "models", "show", "book", *here]
        card = json.loads(subprocess.run(shown, capture_output=True, text=True, check=True).stdout)
    events = [json.loads(line) for line in told.splitlines()]
    old = [event for event in events if event["event"] == "OldTextMeasured"]
    steps = [event for event in events if event["event"] == "StepLogged"]
    return Outcome(
        card["figures"]["bits_per_character"],
        card["figures"]["mixture_bits_per_character"],
        events[-1]["steps"],
        card["passes"],
        old[-1]["before"] if old else 0.0,
        old[-1]["after"] if old else 0.0,
        max((event["learning_rate"] for event in steps), default=0.0),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--books", type=Path, nargs="+", required=True)
    parser.add_argument("--words", type=int, nargs="+", default=[0])
    parser.add_argument("--minutes", type=float, nargs="+", default=[1.0])
    parser.add_argument("--rates", type=float, nargs="*", default=[])
    parser.add_argument("--base", type=Path, help="folder of a model; without it the starter")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=0)
    arguments = parser.parse_args()
    name = json.loads((arguments.base / "card.json").read_text())["name"] if arguments.base else "starter"
    rated = [("planned", ())] + [(f"rate {rate:g}", ("--learning-rate", f"{rate:g}")) for rate in arguments.rates]
    print(f"{machine()}, seed {arguments.seed}, {date.today()}, from {name}")
    gains: dict[tuple[float, int, str], list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for minutes in arguments.minutes:
            for words in arguments.words:
                for book in arguments.books:
                    file = cut(book, words, Path(folder))
                    options = ("--minutes", f"{minutes:g}", "--seed", str(arguments.seed))
                    options += ("--threads", str(arguments.threads)) if arguments.threads else ()
                    alone = trained(file, NOTHING, None, options)
                    print(line(minutes, words, book, NOTHING, alone, alone), flush=True)
                    for way, more in rated:
                        found = trained(file, name, arguments.base, (*options, *more))
                        print(line(minutes, words, book, way, found, alone), flush=True)
                        gains.setdefault((minutes, words, way), []).append(found.mixture / alone.mixture)
    for (minutes, words, way), found_gains in gains.items():
        size = f"{words:,} words" if words else "whole"
        mean = statistics.mean(found_gains)
        print(f"{minutes:g} min, {size}, {way}: mixture {mean:.3f} times from nothing, mean of {len(found_gains)}")


def line(minutes: float, words: int, book: Path, way: str, found: Outcome, alone: Outcome) -> str:
    return (
        f"{book.stem:36} {words:7,} words {minutes:4g} min  {way:12} {found.network:.4f} {found.mixture:.4f} "
        f"({found.network / alone.network:.3f} {found.mixture / alone.mixture:.3f})  {found.steps:5} steps "
        f"{found.passes:5.1f} passes  rate {found.rate:.2g}  old text {found.old_before:.3f} {found.old_after:.3f}"
    )


if __name__ == "__main__":
    main()
