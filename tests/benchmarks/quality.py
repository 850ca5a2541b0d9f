"""Bits per character for budgets, seeds and books, with what the program chooses by itself, beside counting.

    python -m tests.benchmarks.quality --data FOLDER [--minutes M ...] [--seeds N ...] [--texts NAME ...] [--threads T]

"novel" is the article's own task, its filter and split of war-and-peace.txt; any other name is a file of the folder,
read and split as `rnntui train` does; "english" is all English books together. Each figure is the mean over the seeds,
then that of each seed; nothing else should run on the machine. "+ recent" is counting and recent words without any
network.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import rnntui.lm  # noqa: F401  # isort: skip  says how threads wait, before torch is loaded
import torch

from rnntui.service.run.run_view import WITHOUT_NETWORK
from rnntui.settings import ModelConfig
from tests.benchmarks.seed_novel import Result, machine, seed_text, trained

OTHER_LANGUAGES = ("die-verwandlung", "les-trois-mousquetaires")


def of_command(files: list[Path], minutes: float, seed: int, threads: int) -> Result:
    """What `rnntui train` comes to."""
    options = ["--minutes", str(minutes), "--seed", str(seed), "--threads", str(threads), "--name", "book"]
    with tempfile.TemporaryDirectory() as folder:
        base = [sys.executable, "-m", "rnntui"]
        here = ["--data-dir", folder, "--json"]
        told = subprocess.run(
            [*base, "train", *map(str, files), *options, *here], capture_output=True, text=True, check=True
        ).stdout
        shown = subprocess.run(
            [*base, "models", "show", "book", *here], capture_output=True, text=True, check=True
        ).stdout
    card = json.loads(shown)
    events = {event["event"]: event for event in map(json.loads, told.splitlines())}
    finished = events["RunFinished"]
    figures = card["figures"]
    return Result(
        figures["bits_per_character"],
        figures["mixture_bits_per_character"],
        figures["baselines"]["counting, 5 words"],
        figures["baselines"][WITHOUT_NETWORK],
        figures["perplexity"],
        finished["words_per_second"],
        finished["seconds"],
        card["passes"],
        ModelConfig(**card["config"]),
        events["SpeedMeasured"]["words_per_second"],
    )


def run_to_end(data: Path, name: str, minutes: float, seed: int, threads: int) -> Result:
    if name == "novel":
        return trained(
            seed_text(data / "war-and-peace.txt"), minutes, {"seed": seed, "threads": threads}, lambda _: None
        )
    files = [data / name] if name != "english" else english(data)
    return of_command(files, minutes, seed, threads)


def english(data: Path) -> list[Path]:
    return sorted(path for path in data.glob("*.txt") if not path.name.startswith(OTHER_LANGUAGES))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the books")
    parser.add_argument("--minutes", type=float, nargs="+", default=[5.0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--texts", nargs="+", default=["novel"])
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    print(f"{machine()}, seeds {arguments.seeds}, {date.today()}")
    heading = f"{'text':28} {'minutes':>7}  {'network':>29} {'mixture':>29} {'counting':>9} {'+ recent':>9}"
    print(heading + f"  {'x':>5} {'passes':>6}  words/s  seconds  chosen, and the speed it was chosen for", flush=True)
    for name in arguments.texts:
        for minutes in arguments.minutes:
            results = [run_to_end(arguments.data, name, minutes, seed, arguments.threads) for seed in arguments.seeds]
            print(f"{name:28} {minutes:7g}  {row(results)}", flush=True)


def row(results: list[Result]) -> str:
    network, mixture = spread([r.network for r in results]), spread([r.mixture for r in results])
    counting = statistics.mean(r.counting for r in results)
    ratio = counting / statistics.mean(r.network for r in results)
    shape = results[0].shape
    sizes = (
        f"{shape.cell} {shape.layers} x {shape.hidden_size}, {shape.embedding_size} a word, {shape.vocabulary_limit}"
    )
    passes, speed, seconds = (
        statistics.mean(getattr(result, name) for result in results)
        for name in ("passes", "words_per_second", "seconds")
    )
    recent = statistics.mean(r.counting_and_recent for r in results)
    means = f"{counting:9.4f} {recent:9.4f}  {ratio:5.3f} {passes:6.1f}  {speed:7,.0f}  {seconds:7.0f}"
    speeds = ", ".join(f"{result.planned_speed:,.0f}" for result in results)
    return f"{network:>29} {mixture:>29} {means}  {sizes}; {speeds}"


def spread(values: list[float]) -> str:
    return f"{statistics.mean(values):.4f} ({' '.join(f'{value:.4f}' for value in values)})"


if __name__ == "__main__":
    main()
