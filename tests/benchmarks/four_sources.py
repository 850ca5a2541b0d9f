"""What it brings that a model which goes on from another keeps what that one had counted, at the same trained weights.

    python -m tests.benchmarks.four_sources BOOK... [--from MODEL] [--minutes M] [--threads N] [--seed N] [--rounds N]

Each book is trained on by the real command in a folder of its own; then the shares of all parts are fitted twice on the
text for tuning, without and with the base's counting, and its held-out end is measured with both. Rounds alternate.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import rnntui.lm  # noqa: F401  # isort: skip  says how threads wait, before torch is loaded
import torch

from rnntui.config import Config
from rnntui.lm.evaluation import Measured, measure, word_logs
from rnntui.lm.looks import result_of
from rnntui.lm.mixture import PARTS, Mixture, fitted_gates
from rnntui.lm.model_file import LoadedModel
from rnntui.lm.ngram import CountingModel
from rnntui.lm.recent import RecentWords
from rnntui.paths import find_paths
from rnntui.records import Reading
from rnntui.service import preparing
from rnntui.service.loading import load_model
from rnntui.service.services import Services
from rnntui.service.training_work import validation_share
from rnntui.store.corpora import Corpora
from tests.benchmarks.seed_novel import machine


@dataclass(frozen=True, slots=True)
class Compared:
    """One book."""

    three: Measured
    four: Measured
    ratio: float
    """Seconds of measuring with four over those with three, the median of the rounds."""
    base_megabytes: float


def trained(book: Path, arguments: argparse.Namespace) -> tuple[LoadedModel, str, str]:
    """The model, its text for tuning, and its held-out text."""
    paths = find_paths()
    command = [sys.executable, "-m", "rnntui", "train", str(book), "--from", arguments.base, "--name", "four"]
    command += ["--minutes", str(arguments.minutes), "--threads", str(arguments.threads), "--seed", str(arguments.seed)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    services = Services(paths, Config())
    loaded = load_model(services.library, services.library.find("four"))
    chosen = result_of(preparing.choose((str(book),), Reading(), validation_share({})))
    counted = result_of(preparing.count(chosen, Corpora(paths.corpora)))
    return loaded, counted.tuning, counted.held_out


def compared(loaded: LoadedModel, tuning: str, held_out: str, rounds: int) -> Compared:
    """Three and four parts with shares fitted on the same text, measured on the same text."""
    whole, kept = loaded.mixture, loaded.counted_ids
    assert whole is not None
    assert whole.base is not None
    assert kept is not None
    ids = torch.tensor(loaded.tokenizer.encode(tuning))
    learned = CountingModel(kept[: -ids.numel()], len(loaded.tokenizer))
    logs, recent = word_logs(loaded.model, ids), RecentWords(ids[:1].tolist())
    mixtures = []
    for base in (None, whole.base):
        gates = fitted_gates(learned, ids[1:].tolist(), logs, recent, base)
        mixtures.append(Mixture(whole.counting, gates.together, base, gates.without_network))
    found = [
        [_timed(lambda m=mixture: measure(loaded.model, loaded.tokenizer, held_out, m)) for mixture in mixtures]
        for _ in range(rounds)
    ]
    ratio = statistics.median(four[0] / three[0] for three, four in found)
    return Compared(found[0][0][1], found[0][1][1], ratio, loaded.card.base_counts_bytes / 1e6)


def _timed(work: Callable[[], Measured]) -> tuple[float, Measured]:
    began = time.process_time()
    result = work()
    return time.process_time() - began, result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("books", nargs="+", type=Path)
    parser.add_argument("--from", dest="base", default="starter")
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    print(f"{machine()}, from {arguments.base}, {arguments.minutes:g} minutes, seed {arguments.seed}")
    print(
        "bits per character on the held-out end: network, three parts, four, counting and recent words, with the base"
    )
    for book in arguments.books:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["RNNTUI_DATA_DIR"] = folder
            result = compared(*trained(book.resolve(), arguments), arguments.rounds)
        tell(book.stem, result)


def tell(name: str, found: Compared) -> None:
    """Two lines: the figures, and whose idea the words were."""
    three, four = found.three.mixture_bits_per_character, found.four.mixture_bits_per_character
    less = f"{100 * (four / three - 1):+.2f} %"
    print(
        f"{name:32} {found.three.bits_per_character:.4f}   {three:.4f} {four:.4f} ({less})   "
        f"{found.three.bits_without_network:.4f} {found.four.bits_without_network:.4f}   "
        f"measuring takes {found.ratio:.2f} times as long; {found.base_megabytes:.1f} MB of the base"
    )
    print("  " + ", ".join(f"{name} {share:.1%}" for name, share in zip(PARTS, found.four.shares, strict=True)))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
