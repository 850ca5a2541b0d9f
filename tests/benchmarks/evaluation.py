"""How fast a text is measured with everything mixed, against the same in one row, in the same run.

    python -m tests.benchmarks.evaluation --file BOOK [--model NAME] [--characters N] [--rounds N] [--threads N]

"One row" reads word after word from the beginning, as it is defined: its figures are the right ones, and stand beside
ours. Rounds alternate, so that both meet the same machine.
"""

import argparse
import statistics
import time
from pathlib import Path

import rnntui.lm  # noqa: F401  # isort: skip  says how threads wait, before torch is loaded
import torch

from rnntui.config import Config
from rnntui.lm.evaluation import Measured, measure
from rnntui.lm.generator import count_words
from rnntui.lm.mix.cache_model import RecentTokens
from rnntui.lm.mix.mixture import Mixture
from rnntui.lm.model_file import LoadedModel
from rnntui.lm.text.text_source import read_document
from rnntui.lm.train.batches import windows
from rnntui.paths import find_paths
from rnntui.service.model_loader import load_model
from rnntui.service.services import Services
from tests.benchmarks.seed_novel import machine


def in_one_row(loaded: LoadedModel, text: str, mixture: Mixture) -> tuple[int, float, float]:
    """Words, and nats of the network and of the mixture."""
    ids = torch.tensor(loaded.tokenizer.encode(text))
    logs, state = [], None
    with torch.inference_mode():
        for inputs, targets in windows(ids, 2_048):
            hidden, state = loaded.model(inputs, state)
            logs.append(loaded.model.target_log_probabilities(hidden.flatten(0, 1), targets.flatten()).double())
    read, network = ids[1:].tolist(), torch.cat(logs)
    mixed = mixture.score(read, network, RecentTokens(ids[:1].tolist()))
    return count_words(loaded.tokenizer, read), -float(network.sum()), -float(mixed.sum())


def timed(loaded: LoadedModel, text: str, mixture: Mixture) -> tuple[float, float, Measured, tuple[int, float, float]]:
    """Seconds of ours and of one row, and what they found."""
    began = time.perf_counter()
    ours = measure(loaded.model, loaded.tokenizer, text, mixture)
    between = time.perf_counter()
    plain = in_one_row(loaded, text, mixture)
    return between - began, time.perf_counter() - between, ours, plain


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", type=Path, required=True)
    parser.add_argument("--model", default="starter")
    parser.add_argument("--characters", type=int, default=400_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    services = Services(find_paths(), Config())
    card = services.find_model(arguments.model)
    loaded = load_model(services.library, card)
    if loaded.mixture is None:
        raise SystemExit(f"{card.name} keeps no counts.")
    text = read_document(arguments.file).text[: arguments.characters]
    rounds = [timed(loaded, text, loaded.mixture) for _ in range(arguments.rounds)]
    ours, (words, network, mixed) = rounds[0][2:]
    print(f"{machine()}, {arguments.threads} of its threads, {card.name}, {words:,} words, {arguments.rounds} rounds")
    mine, plain = ([words / entry[at] for entry in rounds] for at in (0, 1))
    ratio = statistics.median(new / old for new, old in zip(mine, plain, strict=True))
    print(f"side by side {statistics.median(mine):7,.0f} words/s, best {max(mine):7,.0f}")
    print(f"one row      {statistics.median(plain):7,.0f} words/s, best {max(plain):7,.0f}   ratio {ratio:.2f}")
    print(
        f"nats of the network {ours.nats:,.3f} and {network:,.3f}, of the mixture {ours.mixture_nats:,.3f} {mixed:,.3f}"
    )


if __name__ == "__main__":
    main()
