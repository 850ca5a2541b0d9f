"""Station "what-a-memory-buys": two prompts that end in the same word; who can tell what comes next?

First the loaded model on two prompts of the person's; then a network of the same kind, trained on a small world whose
grammar is known, beside models that only count.
"""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from rnntui.events import Evaluated, StepLogged
from rnntui.figures import Bar, Bars, Check, Figure, Finding, LabEvent, Note, Progress, Table
from rnntui.lm.evaluation import bits_per_character
from rnntui.lm.lab.bench import Bench, after, divergence_bits, next_log_probabilities, text_ids
from rnntui.lm.lab.small_world import SIZES, world_text
from rnntui.lm.mix.ngram import KneserNey, baseline_nats
from rnntui.lm.model import WordRNN
from rnntui.lm.reading.prompt_reader import PromptReader
from rnntui.lm.tokens.corpus import TrainingText
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.lm.train.inputs import RunControl, TrainerInputs
from rnntui.lm.train.trainer import Trainer
from rnntui.settings import ModelConfig, TrainConfig
from rnntui.text import piece_name

STEPS = 800
WORLD_PROMPTS = ("Dinosaurs are", "Mice are")
_HELD_OUT_WORDS = 600
_HELD_OUT_SEED = 2
_LISTED = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One word after each of two prompts."""

    piece: str
    first: float
    second: float


@dataclass(frozen=True, slots=True)
class Pair:
    """What one model says after two prompts."""

    model: str
    rows: tuple[Row, ...]
    difference_bits: float
    """How far the two tables are apart: 0 when they are the same."""


@dataclass(frozen=True, slots=True)
class Buys:
    """Everything the station found."""

    prompt: str
    other: str
    shuffled: str
    own: Pair
    """The loaded model on the two prompts."""
    own_last_word: Pair
    """The loaded model when only the last word of each is in its memory."""
    shuffled_difference_bits: float
    """How far shuffling the words of the first prompt, but for the last, moves the table."""
    own_figures: dict[str, float]
    """Bits per character on the model's held-out text, by name of the model."""
    cell: str
    steps: int
    losses: tuple[float, ...]
    world_prompts: tuple[str, str]
    world_last_word: Pair
    world_network: Pair
    right_animals: int
    """Animals after which the network's likeliest word is the right adjective."""
    animals: int
    world_figures: dict[str, float]
    """Bits per character on held-out sentences of the small world, by name of the model."""


def run(bench: Bench) -> Iterator[LabEvent]:
    """The loaded model first, then train on the small world."""
    prompt, other = bench.prompt_ids(), bench.ids(bench.asked.other)
    own = pair(bench.model, bench.tokenizer, prompt, other, "your network")
    last = pair(bench.model, bench.tokenizer, prompt[-1:], other[-1:], "the last word only")
    shuffled = bench.ids(_shuffled(bench.tokenizer.decode(prompt), bench.asked.seed))
    tables = [next_log_probabilities(bench.model, after(bench.model, ids)) for ids in (prompt, shuffled)]
    moved = float(divergence_bits(*tables))
    tokenizer = Tokenizer.train([world_text()], 500)
    losses: list[float] = []
    trainer, work = _training(bench.model.config.cell, tokenizer, bench.asked.seed)
    for event in work:
        if isinstance(event, StepLogged):
            losses.append(event.loss_nats)
        if isinstance(event, StepLogged | Evaluated) and len(losses) % 10 == 0:
            what = (
                f"training on a small world, step {trainer.steps} of {STEPS}, loss {losses[-1]:.2f}" if losses else ""
            )
            yield Progress(min(1.0, trainer.steps / STEPS), what)
    network, last_word = _world_pairs(trainer.model, tokenizer)
    found = Buys(
        prompt=bench.tokenizer.decode(prompt),
        other=bench.tokenizer.decode(other),
        shuffled=bench.tokenizer.decode(shuffled),
        own=own,
        own_last_word=last,
        shuffled_difference_bits=moved,
        own_figures=dict(bench.figures),
        cell=bench.model.config.cell,
        steps=trainer.steps,
        losses=tuple(losses),
        world_prompts=WORLD_PROMPTS,
        world_last_word=last_word,
        world_network=network,
        right_animals=sum(_is_right(trainer.model, tokenizer, animal) for animal in SIZES),
        animals=len(SIZES),
        world_figures=_world_figures(trainer, tokenizer),
    )
    yield Finding(found, figures(found), bench.asked.seed)


def pair(model: WordRNN, tokenizer: Tokenizer, first: Sequence[int], second: Sequence[int], name: str) -> Pair:
    """What a network says after two texts."""
    tables = [next_log_probabilities(model, after(model, ids)) for ids in (first, second)]
    return _pair(name, tokenizer, *tables)


def _pair(name: str, tokenizer: Tokenizer, first: torch.Tensor, second: torch.Tensor) -> Pair:
    count = min(_LISTED, first.numel())
    words = dict.fromkeys(word for table in (first, second) for word in torch.topk(table, count).indices.tolist())
    rows = (Row(tokenizer.piece(word), float(first[word].exp()), float(second[word].exp())) for word in words)
    return Pair(name, tuple(rows), abs(float(divergence_bits(first, second))))


def _shuffled(text: str, seed: int) -> str:
    """The same words in another order, the last one in its place."""
    *words, last = text.split()
    order, rng = list(words), random.Random(seed)  # noqa: S311  a toy, not a secret
    for _ in range(8):
        rng.shuffle(order)
        if order != words:
            break
    return " ".join((*order, last))


def _training(cell: str, tokenizer: Tokenizer, seed: int) -> tuple[Trainer, Iterator[object]]:
    """A run whose clock counts steps, so that the result depends on no machine's speed."""
    text = TrainingText(world_text(), world_text(_HELD_OUT_WORDS, _HELD_OUT_SEED))
    config = TrainConfig(budget_seconds=STEPS, rows=4, bptt_length=24, dropout=0.0, learning_rate=2e-2, seed=seed)
    shape = ModelConfig(cell, 500, 32, 32, 1, True, 0)
    inputs = TrainerInputs(text, tokenizer, shape, config)
    trainer = Trainer(inputs, RunControl(clock=lambda: float(trainer.steps)))
    return trainer, trainer.run()


def _world_pairs(model: WordRNN, tokenizer: Tokenizer) -> tuple[Pair, Pair]:
    reader = PromptReader(tokenizer)
    first, second = (text_ids(reader, prompt) for prompt in WORLD_PROMPTS)
    counting = KneserNey(torch.tensor(tokenizer.encode(world_text())), len(tokenizer), order=2)
    every = torch.arange(len(tokenizer))
    tables = [
        torch.stack([counting.log_probabilities(word.view(1), torch.tensor(ids)).squeeze(0) for word in every])
        for ids in (first, second)
    ]
    return pair(model, tokenizer, first, second, "the network"), _pair("last word only", tokenizer, *tables)


def _is_right(model: WordRNN, tokenizer: Tokenizer, animal: str) -> bool:
    logs = next_log_probabilities(model, after(model, text_ids(PromptReader(tokenizer), f"{animal} are")))
    return tokenizer.piece(int(logs.argmax())) == f" {SIZES[animal]}"


def _world_figures(trainer: Trainer, tokenizer: Tokenizer) -> dict[str, float]:
    held_out = world_text(_HELD_OUT_WORDS, _HELD_OUT_SEED)
    ids = torch.tensor(tokenizer.encode(held_out))
    nats = baseline_nats(torch.tensor(tokenizer.encode(world_text())), ids, len(tokenizer))
    characters = len(held_out) - len(tokenizer.piece(int(ids[0])))  # the first word is given, not predicted
    figures = {name: bits_per_character(value, characters) for name, value in nats.items()}
    measured = trainer.measured.bits_per_character if trainer.measured else math.nan
    return {**figures, "network": measured}


def figures(found: Buys) -> tuple[Figure, ...]:
    """The result as it is shown."""
    ends_alike = found.own_last_word.difference_bits < 1e-9
    return (
        _pair_table(f'Your network after "{found.prompt.strip()}" and "{found.other.strip()}"', found.own),
        _pair_table("The same network with nothing but the last word in its memory", found.own_last_word),
        Check(
            "With the last word alone the two tables are the same"
            if ends_alike
            else "The prompts end in different words",
            ends_alike,
            f"{found.own_last_word.difference_bits:.2f} bits apart, {found.own.difference_bits:.2f} with the memory",
        ),
        Note(
            f'Order matters: "{found.shuffled.strip()}" has the same words, and its table is '
            f"{found.shuffled_difference_bits:.2f} bits away. A bag of words could not tell."
        ),
        *(
            [
                _figures_bars(
                    "Held-out bits per character of your model, and of simpler ones on the same text", found.own_figures
                )
            ]
            if found.own_figures
            else [Note("The model's card has no held-out figures.", "muted")]
        ),
        _pair_table(
            f'A small world ({found.cell}, {found.steps} steps): after "{found.world_prompts[0]}" and '
            f'"{found.world_prompts[1]}", counting what follows the last word',
            found.world_last_word,
        ),
        _pair_table("The network, trained just now on the same sentences", found.world_network),
        Check(
            "After every animal the network says the right adjective first",
            found.right_animals == found.animals,
            f"{found.right_animals} of {found.animals}",
        ),
        _figures_bars("Held-out bits per character in the small world", found.world_figures),
    )


def _pair_table(title: str, found: Pair) -> Table:
    rows = tuple((piece_name(row.piece), f"{row.first:.4f}", f"{row.second:.4f}") for row in found.rows)
    return Table(title, ("next word", "after the first", "after the second"), rows)


def _figures_bars(title: str, figures: dict[str, float]) -> Bars:
    ordered = sorted(figures.items(), key=lambda entry: -entry[1])
    return Bars(title, tuple(Bar(name, value, f"{value:.3f}") for name, value in ordered))
