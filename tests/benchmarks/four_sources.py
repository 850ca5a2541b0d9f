"""What it brings that a model which goes on from another keeps what that one had counted, at the same trained weights.

    python -m tests.benchmarks.four_sources BOOK... [--from MODEL] [--minutes M] [--threads N] [--seed N] [--rounds N]
                                                    [--keep FOLDER]

Each book is trained on by the real command in a folder of its own; then the shares of all parts are fitted on the text
for tuning: without the base's counting, with it, and with it and from the base's gate on, as the program does. The
held-out end is measured with each, in turns. Models in FOLDER that are called as the book are not trained again.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import rnntui.lm  # noqa: F401  # isort: skip  says how threads wait, before torch is loaded
import torch

from rnntui.config import Config
from rnntui.lm.evaluation import Measured, measure, text_log_probabilities
from rnntui.lm.mix.cache_model import RecentTokens
from rnntui.lm.mix.mixture import COMPONENTS, Floats, Inherited, Mixture, fit_gates
from rnntui.lm.mix.ngram import KneserNey
from rnntui.lm.model_file import LoadedModel
from rnntui.lm.progress import run_to_end
from rnntui.paths import find_paths
from rnntui.records import ReadOptions
from rnntui.service.model_loader import load_model
from rnntui.service.pipeline.preparation import validation_share
from rnntui.service.prepare import data_prep
from rnntui.service.services import Services
from rnntui.store.corpora import Corpora
from tests.benchmarks.seed_novel import machine


@dataclass(frozen=True, slots=True)
class Compared:
    """One book, with three parts, with four, and with four from the base's gate on."""

    measured: tuple[Measured, ...]
    ratio: float
    """Seconds of measuring with four over those with three, the median of the rounds."""
    base_megabytes: float


def trained(book: Path, arguments: argparse.Namespace) -> tuple[LoadedModel, str, str]:
    """The model, its text for tuning, and its held-out text."""
    paths = find_paths()
    services = Services(paths, Config())
    if book.stem not in {card.name for card in services.library.cards()}:
        command = [sys.executable, "-m", "rnntui", "train", str(book), "--from", arguments.base, "--name", book.stem]
        command += ["--minutes", str(arguments.minutes), "--threads", str(arguments.threads)]
        subprocess.run([*command, "--seed", str(arguments.seed)], check=True, stdout=subprocess.DEVNULL)
    loaded = load_model(services.library, services.library.find(book.stem))
    chosen = run_to_end(data_prep.survey_files((str(book),), ReadOptions(), validation_share({})))
    counted = run_to_end(data_prep.count_tokens(chosen, Corpora(paths.corpora)))
    return loaded, counted.tuning, counted.held_out


def compared(loaded: LoadedModel, tuning: str, held_out: str, base_gate: Floats, rounds: int) -> Compared:
    """All shares fitted on the same text, measured on the same text."""
    whole, kept = loaded.mixture, loaded.counted_ids
    assert whole is not None
    assert whole.base is not None
    assert kept is not None
    ids = torch.tensor(loaded.tokenizer.encode(tuning))
    learned = KneserNey(kept[: -ids.numel()], len(loaded.tokenizer))
    logs, recent = text_log_probabilities(loaded.model, ids), RecentTokens(ids[:1].tolist())
    mixtures = []
    for inherited in (Inherited(None), Inherited(whole.base), Inherited(whole.base, base_gate)):
        gates = fit_gates(learned, ids[1:].tolist(), logs, recent, inherited)
        mixtures.append(Mixture(whole.counting, gates.together, inherited.table, gates.without_network))

    def timed(mixture: Mixture) -> tuple[float, Measured]:
        began = time.process_time()
        measured = measure(loaded.model, loaded.tokenizer, held_out, mixture)
        return time.process_time() - began, measured

    found = [[timed(mixture) for mixture in mixtures] for _ in range(rounds)]
    ratio = statistics.median(four[0] / three[0] for three, *_, four in found)
    return Compared(tuple(measured for _, measured in found[0]), ratio, loaded.card.base_counts_bytes / 1e6)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("books", nargs="+", type=Path)
    parser.add_argument("--from", dest="base", default="starter")
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    print(f"{machine()}, from {arguments.base}, {arguments.minutes:g} minutes, seed {arguments.seed}")
    print("bits per character on the held-out end: network; with three parts, four, four from the base's gate on;")
    print("counting and recent words alone, without and with what the base counted")
    for book in arguments.books:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["RNNTUI_DATA_DIR"] = str(arguments.keep.resolve() if arguments.keep else folder)
            services = Services(find_paths(), Config())
            base = load_model(services.library, services.library.find(arguments.base)).mixture
            assert base is not None
            tell(book.stem, compared(*trained(book.resolve(), arguments), base.gate, arguments.rounds))


def tell(name: str, found: Compared) -> None:
    """Two lines: the figures, and whose idea the words were."""
    together = [measured.mixture_bits_per_character for measured in found.measured]
    alone = [measured.bits_without_network for measured in found.measured]
    less = " ".join(f"({100 * (bits / together[0] - 1):+.2f} %)" for bits in together[1:])
    shown = " ".join(f"{bits:.4f}" for bits in together)
    print(
        f"{name:32} {found.measured[0].bits_per_character:.4f};  {shown} {less};  "
        f"{alone[0]:.4f} {alone[1]:.4f};  measuring takes {found.ratio:.2f} times as long, "
        f"{found.base_megabytes:.1f} MB of the base"
    )
    shares = zip(COMPONENTS, found.measured[-1].shares, strict=True)
    print("  " + ", ".join(f"{source} {share:.1%}" for source, share in shares), flush=True)


if __name__ == "__main__":
    main()
