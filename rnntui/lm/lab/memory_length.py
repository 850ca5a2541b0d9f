"""Station "memory-length": recall the first symbol after n others; how far back the loaded model's words still count.

T = time steps, B = rows in a batch, V = vocabulary size.
"""

import statistics
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from rnntui.figures import Bar, Bars, Chart, Figure, Finding, LabEvent, Note, Progress, Series, Table
from rnntui.lm.cells import CELLS
from rnntui.lm.lab.bench import Bench, divergence_bits, own_writing
from rnntui.lm.lab.toy import ToySettings, right_share, toy_network, train_toy
from rnntui.lm.model import WordRNN

SYMBOLS = 8
SIZE = 32
LENGTH = 24
SEEDS = 3
DISTANCES = (1, 2, 3, 4, 6, 8, 12, 16, 23)
BOX_SECONDS = 75.0
"""No new training begins after so long; fewer seeds are reported then."""
_ROWS = 32
_TEST_ROWS = 500
_TEST_SEED = 1_000_003
_SETTINGS = ToySettings(steps=400, learning_rate=2e-2)
_AFTER_FIRST = slice(1, None)
_CONTEXT = 40
_CONTEXT_ROWS = 24
_BACK = (1, 2, 3, 5, 8, 12, 20, 32)
_REPLACEMENTS = (1, 2)


@dataclass(frozen=True, slots=True)
class Recalled:
    """How well one kind of unit recalls the first symbol, over several seeds."""

    cell: str
    distances: tuple[int, ...]
    accuracies: tuple[tuple[float, ...], ...]
    """Per seed, the share of held-out sequences that are right at each distance."""

    @property
    def means(self) -> tuple[float, ...]:
        """Over the seeds, at each distance."""
        return tuple(statistics.mean(column) for column in zip(*self.accuracies, strict=True))

    @property
    def deviations(self) -> tuple[float, ...]:
        """Standard deviation of seeds, estimated from these few, at each distance; 0 for a single seed."""
        columns = zip(*self.accuracies, strict=True)
        return tuple(statistics.stdev(column) if len(column) > 1 else 0.0 for column in columns)


@dataclass(frozen=True, slots=True)
class Influence:
    """How much the word so many places back still matters."""

    distance: int
    bits: float
    """Mean divergence of the next-word table when that word is replaced by another."""
    standard_error: float
    """Of that mean, over the texts."""


@dataclass(frozen=True, slots=True)
class MemoryLength:
    """Everything the station found."""

    symbols: int
    chance: float
    steps: int
    length: int
    recalled: tuple[Recalled, ...]
    influence: tuple[Influence, ...]
    contexts: int
    """Texts that the network wrote for it; `replacements` words are tried in each."""
    replacements: int


def sequences(rng: torch.Generator, rows: int) -> tuple[Tensor, Tensor]:
    """Random symbols [T,B], and what is to be said after each of them: the first one again."""
    symbols = torch.randint(0, SYMBOLS, (LENGTH, rows), generator=rng)
    return symbols, symbols[:1].expand(LENGTH, rows)


def run(bench: Bench) -> Iterator[LabEvent]:
    """The loaded model first, then every kind of unit with several seeds."""
    yield Progress(0.0, "how far back the words of your model still count")
    influence = influence_by_distance(bench.model, bench.asked.seed)
    began = bench.clock()
    done: dict[str, list[tuple[float, ...]]] = {cell: [] for cell in CELLS}
    jobs = [(seed, cell) for seed in range(SEEDS) for cell in CELLS]
    for number, (seed, cell) in enumerate(jobs):
        if seed and bench.clock() - began > BOX_SECONDS:
            break
        model = toy_network(cell, SYMBOLS, SIZE, bench.asked.seed + seed)
        for step, loss in enumerate(_train(model, bench.asked.seed + seed), start=1):
            if step % 20 == 0:
                share = (number + step / _SETTINGS.steps) / len(jobs)
                what = f"{cell}, seed {bench.asked.seed + seed}: step {step}, loss {loss:.2f}"
                yield Progress(share, what, _partial(influence, done))
        done[cell].append(recall(model))
    found = MemoryLength(
        SYMBOLS,
        1 / SYMBOLS,
        _SETTINGS.steps,
        LENGTH,
        _collect_recall(done),
        influence,
        _CONTEXT_ROWS,
        len(_REPLACEMENTS),
    )
    yield Finding(found, figures(found), bench.asked.seed)


def _train(model: WordRNN, seed: int) -> Iterator[float]:
    rng = torch.Generator().manual_seed(seed)
    return train_toy(model, lambda _: sequences(rng, _ROWS), _SETTINGS, _AFTER_FIRST)


def recall(model: WordRNN) -> tuple[float, ...]:
    """Share of fresh sequences whose first symbol is recalled, at each of DISTANCES."""
    inputs, targets = sequences(torch.Generator().manual_seed(_TEST_SEED), _TEST_ROWS)
    return tuple(right_share(model, inputs, targets, slice(distance, distance + 1)) for distance in DISTANCES)


@torch.inference_mode()
def influence_by_distance(model: WordRNN, seed: int) -> tuple[Influence, ...]:
    """Replace the word k places back by the word another text has there, and see how far the next table moves."""
    text = own_writing(model, _CONTEXT, _CONTEXT_ROWS, seed)  # [T,B]
    before = _next(model, text)
    found = []
    for distance in _BACK:
        moved = []
        for shift in _REPLACEMENTS:
            changed = text.clone()
            changed[-distance] = text[-distance].roll(shift)
            moved.append(divergence_bits(before, _next(model, changed)))
        texts = torch.stack(moved).mean(dim=0)  # replacements in one text are not independent: a text counts once
        found.append(Influence(distance, float(texts.mean()), float(texts.std() / texts.numel() ** 0.5)))
    return tuple(found)


def _next(model: WordRNN, text: Tensor) -> Tensor:
    """[B,V] in float64: what comes after each row of text [T,B]."""
    hidden, _ = model(text)
    return model.log_probabilities(hidden[-1]).double()


def _collect_recall(done: dict[str, list[tuple[float, ...]]]) -> tuple[Recalled, ...]:
    return tuple(Recalled(cell, DISTANCES, tuple(shares)) for cell, shares in done.items() if shares)


def _partial(influence: tuple[Influence, ...], done: dict[str, list[tuple[float, ...]]]) -> tuple[Figure, ...]:
    recalled = _collect_recall(done)
    return (_influence_bars(influence), *((_chart(recalled),) if recalled else ()))


def figures(found: MemoryLength) -> tuple[Figure, ...]:
    """The result as it is shown."""
    seeds = min(len(entry.accuracies) for entry in found.recalled)
    return (
        _influence_bars(found.influence),
        Note(
            f"Replace one word of {found.contexts} texts that the network wrote itself, by {found.replacements} others "
            "in turn: so many bits does the table of next words move. A word further back counts less. ± is the "
            "standard error over the texts.",
            "muted",
        ),
        _chart(found.recalled),
        Table(
            f"Share of fresh sequences recalled, mean of {seeds} seeds and standard deviation",
            ("others since", *(entry.cell for entry in found.recalled)),
            tuple(
                (
                    str(distance),
                    *(f"{entry.means[at]:.2f} ± {entry.deviations[at]:.2f}" for entry in found.recalled),
                )
                for at, distance in enumerate(DISTANCES)
            ),
        ),
        Note(
            f"Each network saw random sequences of {found.symbols} symbols and had to say the first one again after "
            f"every step, {found.steps} steps of training; tested on sequences it has not seen. Guessing gets "
            f"{found.chance:.3f}. An Elman unit writes over all of its memory at every step. One layer "
            "of a minGRU decides by the symbol alone whether to write, so it cannot know which one was first.",
            "muted",
        ),
    )


def _influence_bars(influence: tuple[Influence, ...]) -> Bars:
    return Bars(
        "Your model: how much the word k places back still changes what comes next (bits)",
        tuple(
            Bar(f"{entry.distance} back", entry.bits, f"{entry.bits:.3f} ± {entry.standard_error:.3f}")
            for entry in influence
        ),
    )


def _chart(recalled: tuple[Recalled, ...]) -> Chart:
    series = tuple(
        Series(
            entry.cell,
            CELLS[entry.cell].facts.mark,
            tuple((float(distance), mean) for distance, mean in zip(entry.distances, entry.means, strict=True)),
            entry.deviations,
        )
        for entry in recalled
    )
    return Chart("Recalling the first symbol after n others", series, "others since", "share right", 0.0, 1.0)
