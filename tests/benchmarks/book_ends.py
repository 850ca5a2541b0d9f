"""How well a model predicts the held-out end of each book that it learned from, beside counting on the same text.

    python -m tests.benchmarks.book_ends --data FOLDER [--model NAME] [--share S]

FOLDER has the files that the model's card names, unchanged. Each end is read from an empty memory. "recent": network,
counting and recent words together. The last line holds all ends together, weighted by their characters.
"""

import argparse
import math
import sys
from pathlib import Path

import torch

from rnntui.config import Config
from rnntui.lm.evaluation import measure
from rnntui.lm.model_file import COUNTS, VOCABULARY, WEIGHTS, LoadedModel, unpack
from rnntui.lm.progress import run_to_end
from rnntui.lm.text.text_source import TextFile
from rnntui.lm.tokens.corpus import count_text
from rnntui.paths import find_paths
from rnntui.records import ReadOptions, Source
from rnntui.service.services import Services
from tests.benchmarks.seed_novel import machine


def held_out(data: Path, source: Source, share: float) -> str:
    """The end of a book that training left out."""
    text = TextFile(data / source.name, ReadOptions())
    for _ in text.survey():
        pass
    counted = run_to_end(count_text([text], share))
    if counted.sources[0].sha256 != source.sha256:
        sys.exit(f"{source.name} is not the file that the model learned from.")
    return counted.held_out


def nats_of_counting(loaded: LoadedModel, text: str) -> float:
    assert loaded.mixture is not None, "the model was saved without counts"
    ids = torch.tensor(loaded.tokenizer.encode(text))
    return -float(loaded.mixture.counting.log_probabilities(ids[1:], ids[:1]).sum())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the books")
    parser.add_argument("--model", default="")
    parser.add_argument("--share", type=float, default=0.1, help="of each book that was held out")
    arguments = parser.parse_args()
    services = Services(find_paths(), Config())
    card = services.find_model(arguments.model)
    files = services.library.read(card.model_id)
    loaded = unpack(card, files[WEIGHTS], files[VOCABULARY], files[COUNTS])
    print(f"{machine()}, {card.name} ({card.model_id}), bits per character; share: of the counting alone")
    print(f"{'end of':32} {'characters':>10} {'network':>8} {'recent':>8} {'counting':>8} {'share':>6}")
    total = [0.0, 0.0, 0.0, 0.0]
    for source in card.sources:
        text = held_out(arguments.data, source, arguments.share)
        measured = measure(loaded.model, loaded.tokenizer, text, loaded.mixture)
        assert measured.mixture_nats is not None
        figures = [measured.characters, measured.nats, measured.mixture_nats, nats_of_counting(loaded, text)]
        total = [one + other for one, other in zip(total, figures, strict=True)]
        print(row(source.name, figures), flush=True)
    print(row("all of them", total))


def row(name: str, figures: list[float]) -> str:
    characters, *nats = figures
    bits = [value / math.log(2) / characters for value in nats]
    return f"{name:32} {characters:10,.0f} {bits[0]:8.4f} {bits[1]:8.4f} {bits[2]:8.4f} {bits[1] / bits[2]:6.3f}"


if __name__ == "__main__":
    main()
