"""How training slows down as the vocabulary grows: words per second at one shape, 5,000 to 50,000 pieces.

    python -m tests.benchmarks.growth --data FOLDER [--steps N] [--vocabularies V ...]
    python -m tests.benchmarks.growth --data FOLDER --megabytes 100 2000

All books of the folder together are the text. Steps of all sizes alternate, so that all meet the same machine; "full"
scores every word at every step, the other column is what the program does.

With sizes, how preparing a text grows with it instead: seconds and memory of each phase, on one processor and on two.
"""

import argparse
import statistics
import time
from pathlib import Path

import rnntui.lm  # noqa: F401  # isort: skip  says how threads wait, before torch is loaded
import torch

from rnntui.lm.tokens.corpus import TrainingText
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.lm.train.batches import Streams
from rnntui.lm.train.inputs import TrainerInputs
from rnntui.lm.train.planner import REFERENCE
from rnntui.lm.train.trainer import Trainer
from rnntui.setting_fields import changed
from rnntui.settings import TrainConfig
from tests.benchmarks import preparing
from tests.benchmarks.seed_novel import machine
from tests.benchmarks.training_speed import our_step

ROWS, LENGTH = 32, 64


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the books")
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--vocabularies", type=int, nargs="+", default=[5_000, 10_000, 20_000, 50_000])
    parser.add_argument("--megabytes", type=float, nargs="+", help="sizes of texts that are prepared")
    arguments = parser.parse_args()
    if arguments.megabytes:
        preparing.compare(arguments.megabytes, arguments.data, [1, 2])
        return
    books = [path.read_text(encoding="utf-8", errors="replace") for path in sorted(arguments.data.glob("*.txt"))]
    text = TrainingText("\n\n".join(books), "It was a dark night, and it rained.")
    steps, batches, times = {}, {}, {}
    for limit in arguments.vocabularies:
        tokenizer = Tokenizer.train(books, limit, REFERENCE.word_parts)
        ids = torch.tensor(tokenizer.encode(text.training[:4_000_000]))
        batches[limit] = Streams(ids, ROWS, LENGTH).batches()
        for head in (REFERENCE.softmax_head, 0):
            shape = changed(REFERENCE, vocabulary_limit=limit, softmax_head=head)
            config = TrainConfig(rows=ROWS, bptt_length=LENGTH)
            trainer = Trainer(TrainerInputs(text, tokenizer, shape, config))
            steps[limit, head] = our_step(trainer.model, config)
            times[limit, head] = []
    for _ in range(arguments.steps):
        for (limit, head), step in steps.items():
            batch = next(batches[limit])
            began = time.perf_counter()
            step(batch)
            times[limit, head].append(time.perf_counter() - began)
    print(f"{machine()}, LSTM 1 x 256, {ROWS} x {LENGTH}, {arguments.steps} steps each, medians")
    speeds = {key: ROWS * LENGTH / statistics.median(taken[2:]) for key, taken in times.items()}
    smallest = arguments.vocabularies[0]
    print(f"{'pieces':>7}  {'words/s':>8}  of {smallest:,}  {'full':>8}  of {smallest:,}")
    for limit in arguments.vocabularies:
        usual, full = speeds[limit, REFERENCE.softmax_head], speeds[limit, 0]
        print(
            f"{limit:7,}  {usual:8,.0f}  {usual / speeds[smallest, REFERENCE.softmax_head]:8.2f}  {full:8,.0f}"
            f"  {full / speeds[smallest, 0]:8.2f}"
        )


if __name__ == "__main__":
    main()
