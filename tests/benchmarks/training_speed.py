"""Training speed at one shape, against a plain loop of the same shape in the same run.

    python -m tests.benchmarks.training_speed PATH [--steps N] [--seed N] [--hidden H ...] [--threads N] [--cells]

Shape: LSTM 1 x 256, 10,000 pieces, tied, 32 rows x 64 words, locked dropout .3, AdamW, clip .5. The plain loop is what
a tutorial writes: nn.Embedding, nn.LSTM, all logits, cross_entropy. Steps of both alternate, so that both meet the same
machine. PATH is the plain text of *War and Peace*. The output layer alone, all words scored, is compared with the rate
of large matrix products here. Then, for each H, the planner's layers in both arithmetics, step by step in turns: words
per second, and the processor time that a step takes, which other work on the machine disturbs less. With --cells only
this: every kind of unit in the planner's layers, step by step in turns, in float32.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import rnntui.lm  # noqa: F401  # isort: skip  says how threads wait, before torch is loaded
import torch
from torch import nn

from rnntui.lm.hardware.allocator import keep_freed_memory
from rnntui.lm.model import WordRNN
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.lm.train.batches import Batch, Streams
from rnntui.lm.train.learner import Learner
from rnntui.lm.train.planner import REFERENCE
from rnntui.setting_fields import changed
from rnntui.settings import ARITHMETICS, CELL_NAMES, ModelConfig, TrainConfig
from tests.benchmarks.seed_novel import machine, seed_text


class PlainModel(nn.Module):
    def __init__(self, vocabulary_size: int, size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, size)
        self.recurrent = nn.LSTM(size, size)
        self.output = nn.Linear(size, vocabulary_size)
        self.output.weight = self.embedding.weight
        self.dropout = nn.Dropout(0.3)

    def forward(self, inputs: torch.Tensor, state: object) -> tuple[torch.Tensor, object]:
        hidden, state = self.recurrent(self.dropout(self.embedding(inputs)), state)
        return self.output(self.dropout(hidden)), state


def plain_step(vocabulary_size: int) -> Callable[[Batch], None]:
    model = PlainModel(vocabulary_size, 256)
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3)
    state: object = None

    def step(batch: Batch) -> None:
        nonlocal state
        logits, state = model(batch.inputs, state)
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), batch.targets.flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
        state = tuple(part.detach() for part in state)

    return step


def our_step(model: WordRNN, config: TrainConfig) -> Callable[[Batch], None]:
    learner = Learner(model, config, torch.Generator().manual_seed(config.seed))
    state = None

    def step(batch: Batch) -> None:
        nonlocal state
        learned = learner.step(batch, state, config.learning_rate)
        state = learned and learned.state

    return step


def product_rate(size: int = 1_536, repeats: int = 9) -> float:
    """Multiplications and additions per second in products of large square matrices, the median."""
    one, two = torch.rand(size, size), torch.rand(size, size)
    return 2 * size**3 / median_seconds(lambda: one @ two, repeats)


def output_layer_rate(vocabulary_size: int, rows: int = 2_048, width: int = 256, repeats: int = 9) -> float:
    """The same for the output layer: scores, and the gradients of what went in and of the weights.

    The softmax, the loss and the sums of gradients over chunks take time too and count as nothing.
    """
    model = WordRNN(ModelConfig("lstm", vocabulary_size, width, width, 1, True, 0), vocabulary_size)
    hidden = torch.rand(rows, width, requires_grad=True)
    targets = torch.randint(vocabulary_size, (rows,))

    def there_and_back() -> None:
        model.zero_grad(set_to_none=True)
        model.loss_nats(hidden, targets).backward()

    return 3 * 2 * rows * vocabulary_size * width / median_seconds(there_and_back, repeats)


def median_seconds(work: Callable[[], object], repeats: int) -> float:
    taken = []
    for _ in range(repeats + 2):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken[2:])


def compare_arithmetics(hidden: int, vocabulary_size: int, batches: Iterator[Batch], steps: int, seed: int) -> None:
    """Print how fast both arithmetics are with so many units, and their ratio."""
    shape = changed(REFERENCE, vocabulary_limit=vocabulary_size, hidden_size=hidden, embedding_size=min(hidden, 256))
    ways = {}
    for arithmetic in ARITHMETICS:
        model = WordRNN(shape, vocabulary_size)
        model.initialise(torch.Generator().manual_seed(seed))
        ways[arithmetic] = our_step(model, TrainConfig(rows=32, dropout=0.3, seed=seed, arithmetic=arithmetic))
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    with keep_freed_memory():
        for _ in range(steps):
            batch = next(batches)
            for name, step in ways.items():
                began, worked = time.perf_counter(), time.process_time()
                step(batch)
                taken[name].append((time.perf_counter() - began, time.process_time() - worked))
    middle = {name: [statistics.median(times) for times in zip(*both[3:], strict=True)] for name, both in taken.items()}
    exact, rounded = (middle[name] for name in ARITHMETICS)
    for name, (seconds, work) in middle.items():
        print(f"1 x {hidden}, {name:8} {2_048 / seconds:7,.0f} words/s, {1e3 * work:5.0f} ms of processor time a step")
    print(f"1 x {hidden}, bfloat16 against float32: {exact[0] / rounded[0]:.2f} ({exact[1] / rounded[1]:.2f}) times")


def compare_cells(hidden: int, vocabulary_size: int, batches: Iterator[Batch], steps: int, seed: int) -> None:
    """Print the tokens for each second of a processor by every kind of unit: whole steps, and its layer alone."""
    ways, layers = {}, {}
    vectors = torch.rand(64, 32, min(hidden, 256))
    for cell in CELL_NAMES:
        shape = changed(REFERENCE, cell=cell, vocabulary_limit=vocabulary_size, hidden_size=hidden)
        model = WordRNN(changed(shape, embedding_size=min(hidden, 256)), vocabulary_size)
        model.initialise(torch.Generator().manual_seed(seed))
        ways[cell] = our_step(model, TrainConfig(rows=32, dropout=0.3, seed=seed))
        layers[cell] = model
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    with keep_freed_memory():
        for _ in range(steps):
            batch = next(batches)
            for name, step in ways.items():
                began = time.process_time()
                step(batch)
                behind = time.process_time()
                hidden_states, _ = layers[name].forward_embeddings(vectors)
                hidden_states.sum().backward()
                taken[name].append((behind - began, time.process_time() - behind))
    for name, times in taken.items():
        whole, layer = (statistics.median(column) for column in zip(*times[3:], strict=True))
        print(f"1 x {hidden}, {name:7} {2_048 / whole:7,.0f}, its layer alone {2_048 / layer:9,.0f} a processor second")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hidden", type=int, nargs="*", default=[384, 512, 768])
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--cells", action="store_true", help="compare the kinds of units, and nothing else")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    text = seed_text(arguments.path)
    tokenizer = Tokenizer.train([text.training], 10_000)
    if arguments.cells:
        print(f"{machine()}, seed {arguments.seed}, {arguments.steps} steps of 2,048 tokens, medians")
        batches = Streams(torch.tensor(tokenizer.encode(text.training)), 32, 64).batches()
        for hidden in arguments.hidden:
            compare_cells(hidden, len(tokenizer), batches, arguments.steps, arguments.seed)
        return
    times: dict[str, list[float]] = {}
    steps: dict[str, Callable[[Batch], None]] = {"plain loop": plain_step(len(tokenizer))}
    usual = changed(REFERENCE, vocabulary_limit=10_000)
    for name, shape in (("rnntui", usual), ("rnntui, --softmax-head 0", changed(usual, softmax_head=0))):
        model = WordRNN(shape, len(tokenizer))
        model.initialise(torch.Generator().manual_seed(arguments.seed))
        steps[name] = our_step(model, TrainConfig(rows=32, dropout=0.3, seed=arguments.seed))
    batches = Streams(torch.tensor(tokenizer.encode(text.training)), 32, 64).batches()
    for _ in range(arguments.steps):
        batch = next(batches)
        for name, step in steps.items():
            began = time.perf_counter()
            step(batch)
            times.setdefault(name, []).append(time.perf_counter() - began)
    print(f"{machine()}, seed {arguments.seed}, {arguments.steps} steps of 2,048 words, medians")
    middle = {name: statistics.median(taken[3:]) for name, taken in times.items()}
    for name, seconds in middle.items():
        print(f"{name:26} {2_048 / seconds:7,.0f} words/s   {middle['plain loop'] / seconds:5.2f} x the plain loop")
    for hidden in arguments.hidden:
        compare_arithmetics(hidden, len(tokenizer), batches, arguments.steps, arguments.seed)
    products, output = product_rate(), output_layer_rate(len(tokenizer))
    print(
        f"output layer, {len(tokenizer):,} words: {output / 1e9:.1f} thousand million operations a second, "
        f"{output / products:.2f} of large matrix products ({products / 1e9:.1f})"
    )


if __name__ == "__main__":
    main()
