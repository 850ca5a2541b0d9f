"""How much faster a graphics card is than the processor, side by side in one run: learning, measuring, speaking.

    python -m tests.benchmarks.device FILE|FOLDER [...] [--device cuda] [--minutes 5] [--slice 5] [--seed 1]

FILE is the plain text of *War and Peace* for the novel (5 minutes), FOLDER one of books for a whole library (20). Both
devices learn the shape that the planner takes for so many words and minutes at the card's speed, from the same weights,
in turns of a few seconds, for --minutes all together; then both read the same held-out words, and both speak. The last
line holds the ratios. Without the device there is a sentence and nothing is measured; --device cpu tries the program
itself: the processor against the processor.
"""

import argparse
import itertools
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import rnntui.lm  # noqa: F401  # isort: skip  says how threads wait, before torch is loaded
import torch

from rnntui.lm.evaluation import text_log_probabilities
from rnntui.lm.generator import Generator
from rnntui.lm.hardware.calibration import Candidate, trial_steps
from rnntui.lm.hardware.devices import CPU, find_device, open_device
from rnntui.lm.model import WordRNN
from rnntui.lm.progress import run_to_end
from rnntui.lm.text.text_source import read_document
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.lm.train.batches import Streams
from rnntui.lm.train.learner import Learner
from rnntui.lm.train.planner import plan_model
from rnntui.settings import ModelConfig, SamplerSettings, TrainConfig
from tests.benchmarks.seed_novel import machine

_HELD_OUT = 50_000
_SPOKEN = 200
_WARM_STEPS = 5
"""Before the first one counts: a card compiles and asks for memory."""


class Learning:
    """A network that learns on one device.

    Args:
        device: Where.
        ids: [N], the text.
        shape: Of the network.
        config: How it is trained.
        vocabulary_size: V
    """

    def __init__(
        self, device: torch.device, ids: torch.Tensor, shape: ModelConfig, config: TrainConfig, vocabulary_size: int
    ) -> None:
        dice = torch.Generator().manual_seed(config.seed)
        self.model = WordRNN(shape, vocabulary_size)
        self.model.initialise(dice)
        self._config = config
        self._learner = Learner(self.model.to(device), config, dice)
        self._batches = Streams(ids, config.rows, config.bptt_length).batches()
        self._state = None
        self.words = 0
        self.seconds = self.loss = 0.0
        for _ in range(_WARM_STEPS):
            self._step()

    def learn_for(self, seconds: float) -> None:
        began = time.perf_counter()
        while time.perf_counter() - began < seconds:
            self._step()
            self.words += self._config.rows * self._config.bptt_length
        self.seconds += time.perf_counter() - began  # each step ends with a number that is waited for

    @property
    def words_per_second(self) -> float:
        return self.words / self.seconds

    def _step(self) -> None:
        learned = self._learner.step(next(self._batches), self._state, self._config.learning_rate / 2)
        self._state = learned.state if learned else None
        self.loss = float(learned.loss) if learned else self.loss


def texts(paths: list[Path]) -> Iterator[str]:
    """All files, those of folders in the order of their names."""
    for path in paths:
        files = sorted(file for file in path.rglob("*.txt")) if path.is_dir() else [path]
        for file in files:
            yield read_document(file).text


def reading_speed(model: WordRNN, ids: torch.Tensor) -> float:
    """Words a second at which a text is measured by the network alone."""
    text_log_probabilities(model, ids[:2_000])
    began = time.perf_counter()
    text_log_probabilities(model, ids)
    return ids.numel() / (time.perf_counter() - began)


def speaking_speed(model: WordRNN, tokenizer: Tokenizer) -> float:
    """Words a second at which the network speaks alone."""
    generator = Generator(model, tokenizer)
    settings = SamplerSettings(max_words=100_000, stop="words")
    words = generator.generate(lambda: settings, 1)
    taken = []
    for _ in itertools.islice(words, 20):
        pass
    for _ in range(_SPOKEN):
        began = time.perf_counter()
        next(words)
        taken.append(time.perf_counter() - began)
    return 1.0 / statistics.median(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", type=Path, nargs="+", metavar="FILE|FOLDER")
    parser.add_argument("--device", choices=("cpu", "cuda", "mps"), default="cuda")
    parser.add_argument("--minutes", type=float, default=5.0, help="of learning, all together")
    parser.add_argument("--slice", type=float, default=5.0, help="seconds of a turn")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    looked = find_device(arguments.device)
    if looked.refusal:
        print(f"Nothing was measured: {looked.refusal}.")
        sys.exit(0)
    device = open_device(arguments.device)
    print(f"{machine()}; {looked.name}: {looked.described}; seed {arguments.seed}, {arguments.minutes:g} minutes")
    (trial,) = run_to_end(trial_steps([Candidate(device=looked.name)], seconds=2.0))
    text = "\n\n".join(texts(arguments.paths))
    seconds, words = 60.0 * arguments.minutes, len(text) // 5
    shape, config = plan_model(words, seconds, {"seed": arguments.seed}, trial.words_per_second)
    tokenizer = Tokenizer.train([text], shape.vocabulary_limit, shape.word_parts)
    ids = torch.tensor(tokenizer.encode(text), dtype=torch.int32)
    print(f"{ids.numel():,} words; {shape.cell} {shape.layers} x {shape.hidden_size}, {config.rows} rows")
    sides = [Learning(place, ids[:-_HELD_OUT], shape, config, len(tokenizer)) for place in (CPU, device)]
    ended = time.perf_counter() + seconds
    while time.perf_counter() < ended:
        for side in sides:
            side.learn_for(arguments.slice)
    rows = []
    for name, side in zip(("processor", looked.name), sides, strict=True):
        read = reading_speed(side.model, ids[-_HELD_OUT:])
        spoken = speaking_speed(side.model, tokenizer)
        rows.append((side.words_per_second, read, spoken))
        print(
            f"{name:10} learns {side.words_per_second:10,.0f} words/s "
            f"({side.words:,} words, last loss {side.loss:.3f}), measures {read:9,.0f}, speaks {spoken:7,.0f}"
        )
    ratios = [there / here for here, there in zip(*rows, strict=True)]
    print(
        f"{looked.name} is {ratios[0]:.2f} times as fast at learning, {ratios[1]:.2f} at measuring, "
        f"{ratios[2]:.2f} at speaking"
    )


if __name__ == "__main__":
    main()
