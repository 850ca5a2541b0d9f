"""Bits per character after equal steps in both arithmetics: what rounding the products costs, over several seeds.

    python -m tests.benchmarks.arithmetic PATH [--steps N] [--seeds N ...] [--hidden H] [--threads N]

PATH is the plain text of *War and Peace*. Steps are counted, so that the machine decides nothing: rates fall, rows go
on and words are silenced as in a run of the same length. Both arithmetics of a seed begin with the same weights and
dice. The figure is that of the network alone, in float32, on all held-out text; the mean of the last weights is not
taken.
"""

import argparse
import math
import statistics
import time
from pathlib import Path

import rnntui.lm  # noqa: F401  # isort: skip  says how threads wait, before torch is loaded
import torch

from rnntui.lm.evaluation import mean_nats
from rnntui.lm.hardware.allocator import keep_freed_memory
from rnntui.lm.model import WordRNN
from rnntui.lm.tokens.corpus import TrainingText
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.lm.train.batches import Streams
from rnntui.lm.train.budget import learning_rate_share
from rnntui.lm.train.learner import Learner
from rnntui.lm.train.planner import REFERENCE
from rnntui.setting_fields import changed
from rnntui.settings import ARITHMETICS, ModelConfig, TrainConfig
from tests.benchmarks.seed_novel import machine, seed_text


def bits_after(
    text: TrainingText, tokenizer: Tokenizer, shape: ModelConfig, config: TrainConfig, steps: int
) -> tuple[float, float]:
    """Bits per character on the held-out text, and seconds of processor time a step."""
    ids = torch.tensor(tokenizer.encode(text.training))
    dice = torch.Generator().manual_seed(config.seed)
    model = WordRNN(shape, len(tokenizer))
    model.initialise(dice, torch.bincount(ids, minlength=len(tokenizer)))
    learner, state = Learner(model, config, dice), None
    batches = Streams(ids, config.rows, config.bptt_length).batches()
    began = time.process_time()
    with keep_freed_memory():
        for step in range(steps):
            learned = learner.step(next(batches), state, config.learning_rate * learning_rate_share(step / steps))
            state = learned and learned.state
    taken = (time.process_time() - began) / steps
    held_out = torch.tensor(tokenizer.encode(text.validation))
    nats = mean_nats(model, held_out, 8) * (held_out.numel() - 1)
    return nats / math.log(2) / len(text.validation), taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--hidden", type=int, default=384)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    text = seed_text(arguments.path)
    shape = changed(REFERENCE, hidden_size=arguments.hidden, embedding_size=min(arguments.hidden, 384))
    tokenizer = Tokenizer.train([text.training], shape.vocabulary_limit, shape.word_parts)
    rate = 1.2e-2 * math.sqrt(min(1.0, 256 / arguments.hidden))
    print(f"{machine()}, 1 x {arguments.hidden}, {arguments.steps} steps of 32 x 64 words", flush=True)
    apart = []
    for seed in arguments.seeds:
        found = []
        for arithmetic in ARITHMETICS:
            config = TrainConfig(rows=32, dropout=0.2, learning_rate=rate, seed=seed, arithmetic=arithmetic)
            bits, seconds = bits_after(text, tokenizer, shape, config, arguments.steps)
            print(f"seed {seed}  {arithmetic:8}  {bits:.4f} bits/char  {1e3 * seconds:.0f} ms of processor time a step")
            found.append(bits)
        apart.append(found[1] - found[0])
        print(f"seed {seed}  bfloat16 - float32: {apart[-1]:+.4f}", flush=True)
    print(f"bfloat16 - float32, mean of {len(apart)}: {statistics.mean(apart):+.4f}")


if __name__ == "__main__":
    main()
