"""What counting more words brings, and what a small table keeps of it: bits per character on books that nobody counted.

    python -m tests.benchmarks.pruned_counting --learn FOLDER --ask FOLDER [--model NAME] [--megabytes M ...]

Counting alone, with the vocabulary of the model. The last three million words are counted as models keep them; all of
them are counted part by part, and pruned to tables of several sizes.
"""

import argparse
import time
from pathlib import Path

import rnntui.lm  # noqa: F401  # isort: skip  says how threads wait, before torch is loaded
import numpy as np
import torch
from torch import Tensor

from rnntui.config import Config
from rnntui.lm.evaluation import bits_per_character
from rnntui.lm.mix.count_table import CountTable
from rnntui.lm.mix.large_counts import count_steps, least_times
from rnntui.lm.mix.ngram import KneserNey
from rnntui.lm.mix.pruning import exact_table, prune_steps
from rnntui.lm.model_file import MOST_COUNTED_WORDS
from rnntui.lm.progress import run_to_end
from rnntui.lm.text.text_source import read_document
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.paths import find_paths
from rnntui.service.model_loader import load_model
from rnntui.service.services import Services
from tests.benchmarks.seed_novel import machine
from tests.peak_memory import peak_memory

ORDER = 5


def ids_of(folder: Path, tokenizer: Tokenizer) -> list[Tensor]:
    """Each book of a folder as [N] ids."""
    texts = (read_document(path).text for path in sorted(folder.glob("*.txt")))
    return [torch.tensor(tokenizer.encode(text), dtype=torch.int32) for text in texts]


def bits(model: KneserNey | CountTable, books: list[Tensor], characters: list[int]) -> float:
    """Mean of all books."""
    return float(
        np.mean(
            [
                bits_per_character(-float(model.log_probabilities(book[1:], book[:1]).sum()), length)
                for book, length in zip(books, characters, strict=True)
            ]
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--learn", type=Path, required=True)
    parser.add_argument("--ask", type=Path, required=True)
    parser.add_argument("--model", default="starter")
    parser.add_argument("--megabytes", type=float, nargs="+", default=[5.0, 10.0, 20.0, 40.0])
    parser.add_argument(
        "--words", type=int, nargs="+", default=[MOST_COUNTED_WORDS, 0], help="the last so many; 0: all"
    )
    parser.add_argument("--least", type=int, nargs="*", default=[], help="for n-grams of 1, 2, ... words")
    arguments = parser.parse_args()
    services = Services(find_paths(), Config())
    tokenizer = load_model(services.library, services.find_model(arguments.model)).tokenizer
    asked = ids_of(arguments.ask, tokenizer)
    characters = [sum(len(tokenizer.piece(word)) for word in book[1:].tolist()) for book in asked]
    learned = torch.cat(ids_of(arguments.learn, tokenizer))
    size = len(tokenizer)
    print(f"{machine()}, {learned.numel():,} tokens, {size:,} pieces, mean of {len(asked)} books, bits per character")
    for words in arguments.words:
        ids = learned[-words:] if words else learned
        if ids.numel() <= MOST_COUNTED_WORDS:
            model = KneserNey(ids, size, ORDER)
            print(f"{ids.numel():11,} words as models keep them {bits(model, asked, characters):.4f}", flush=True)
            del model
        least = tuple(arguments.least) or least_times(ids.numel(), ORDER)
        began = time.perf_counter()
        with peak_memory() as peak:
            counted = run_to_end(count_steps(ids, size, ORDER, least))
        lengths = [order.last.size for order in counted.orders]
        print(
            f"{ids.numel():11,} words counted in {time.perf_counter() - began:.1f} s, {peak.megabytes:,.0f} MB; "
            f"n-grams that stand there {least} times: {lengths}",
            flush=True,
        )
        if sum(lengths) < 20_000_000:
            print(f"{'':11} all of them {bits(exact_table(counted), asked, characters):.4f}", flush=True)
        for megabytes in arguments.megabytes:
            began = time.perf_counter()
            with peak_memory() as peak:
                table = run_to_end(prune_steps(counted, int(megabytes * 1e6)))
            print(
                f"{'':11} pruned to {megabytes:4.0f} MB {bits(table, asked, characters):.4f}  "
                f"{[order.last.size for order in table.orders]} in {time.perf_counter() - began:.1f} s, "
                f"{peak.megabytes:,.0f} MB",
                flush=True,
            )


if __name__ == "__main__":
    main()
