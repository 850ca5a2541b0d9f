"""Station "next-word": P(word | words so far), the chain of them, drawing, and what a temperature does.

V = vocabulary size.
"""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import torch

from rnntui.figures import Bar, Bars, Check, Figure, Finding, LabEvent, Note, Progress, Table
from rnntui.lm.generator import Generator
from rnntui.lm.lab.bench import Bench
from rnntui.lm.sampling import coin, entropy_nats, filtered_probabilities, sample
from rnntui.settings import SamplerSettings
from rnntui.text import piece_name

TEMPERATURES = (0.0, 0.3, 0.6, 1.0, 1.5, 2.0)
DRAWS = 500
STEPS = 5
LISTED = 10
_LINKS = 14
"""Words of the prompt that are listed; of a longer one the last."""


@dataclass(frozen=True, slots=True)
class Chance:
    """A word and how likely it is."""

    piece: str
    probability: float


@dataclass(frozen=True, slots=True)
class Link:
    """One factor of the chain rule: a word of the prompt, given the words before it."""

    given: str
    piece: str
    probability: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """One step of writing."""

    given: str
    coin: float
    piece: str
    probability: float
    """As trained."""
    rank: int


@dataclass(frozen=True, slots=True)
class Shape:
    """What one temperature makes of the distribution."""

    temperature: float
    entropy_bits: float
    probabilities: tuple[float, ...]
    """Of the listed words, in their order."""
    counts: tuple[int, ...]
    """How often each of them came up in the draws."""
    other_words: int
    """Draws of words that are not listed."""
    different_words: int


@dataclass(frozen=True, slots=True)
class NextWord:
    """Everything the station found."""

    prompt: str
    seed: int
    temperature: float
    draws: int
    vocabulary_size: int
    total: float
    """Sum of the probabilities of all words."""
    entropy_bits: float
    likeliest: tuple[Chance, ...]
    others: float
    """Probability of all words that are not listed."""
    chain: tuple[Link, ...]
    prompt_bits: float
    """What the whole prompt costs: the sum over its words."""
    steps: tuple[Drawn, ...]
    shapes: tuple[Shape, ...]


def run(bench: Bench) -> Iterator[LabEvent]:
    """Read the prompt, then look at what comes next in every way."""
    generator = bench.generator()
    ids = bench.prompt_ids()
    scores = generator.feed(ids)
    logs = generator.log_probabilities()
    yield Progress(0.2, "drawing")
    best = torch.topk(logs, min(LISTED, logs.numel()))
    settings = _only_temperature(bench.asked.temperature)
    temperatures = sorted({*TEMPERATURES, bench.asked.temperature})
    shapes = []
    for number, temperature in enumerate(temperatures):
        shapes.append(_shape(generator, temperature, bench.asked.seed, best.indices.tolist()))
        yield Progress(0.2 + 0.7 * (number + 1) / len(temperatures), f"{DRAWS} draws at temperature {temperature:g}")
    pieces = [bench.tokenizer.piece(word) for word in ids]
    text = "".join(pieces)
    chances = best.values.exp().tolist()
    found = NextWord(
        prompt=text,
        seed=bench.asked.seed,
        temperature=bench.asked.temperature,
        draws=DRAWS,
        vocabulary_size=logs.numel(),
        total=float(logs.exp().sum()),
        entropy_bits=entropy_nats(logs.exp()) / math.log(2),
        likeliest=tuple(
            Chance(bench.tokenizer.piece(word), chance)
            for word, chance in zip(best.indices.tolist(), chances, strict=True)
        ),
        others=max(0.0, 1.0 - sum(chances)),
        chain=tuple(
            Link("".join(pieces[:at]), piece, math.exp(score))
            for at, (piece, score) in enumerate(zip(pieces, scores, strict=True))
        ),
        prompt_bits=-sum(scores) / math.log(2),
        steps=tuple(_steps(generator, text, settings, bench.asked.seed)),
        shapes=tuple(shapes),
    )
    yield Finding(found, figures(found), found.seed, next_prompt=text + found.steps[0].piece)


def _only_temperature(temperature: float) -> SamplerSettings:
    return SamplerSettings(temperature=temperature, top_p=1.0)


def _shape(generator: Generator, temperature: float, seed: int, listed: list[int]) -> Shape:
    chances = filtered_probabilities(generator.log_probabilities(), generator.context(_only_temperature(temperature)))
    words = Counter(sample(chances, coin(seed, number)) for number in range(DRAWS))
    counts = tuple(words[word] for word in listed)
    return Shape(
        temperature,
        abs(entropy_nats(chances)) / math.log(2),
        tuple(chances[listed].tolist()),
        counts,
        DRAWS - sum(counts),
        len(words),
    )


def _steps(generator: Generator, text: str, settings: SamplerSettings, seed: int) -> Iterator[Drawn]:
    for _ in range(STEPS):
        step = generator.sample(settings, seed)
        yield Drawn(text, coin(seed, step.position), step.piece, math.exp(step.logprob), step.rank)
        generator.commit(step)
        text += step.piece


def figures(found: NextWord) -> tuple[Figure, ...]:
    """The result as it is shown."""
    chosen = next(shape for shape in found.shapes if shape.temperature == found.temperature)
    return (
        Bars(
            f"P(word | {_tail(found.prompt)})",
            (
                *(
                    Bar(piece_name(entry.piece), entry.probability, f"{entry.probability:.3f}")
                    for entry in found.likeliest
                ),
                Bar(f"{found.vocabulary_size - len(found.likeliest):,} others", found.others, f"{found.others:.3f}"),
            ),
        ),
        Check(
            f"All {found.vocabulary_size:,} probabilities sum to one",
            abs(found.total - 1) < 1e-6,
            f"{found.total:.9f}",
        ),
        Note(
            f"Entropy: {found.entropy_bits:.2f} bits, like choosing among {2**found.entropy_bits:,.0f} equally likely "
            "words.",
            "muted",
        ),
        Table(
            "The prompt itself, word by word: each given the words before it",
            ("P", "bits", "word", "given"),
            tuple(
                (f"{link.probability:.4f}", _bits(link.probability), piece_name(link.piece), _tail(link.given, 40))
                for link in found.chain[-_LINKS:]
            ),
        ),
        Note(_product(found), "muted"),
        Table(
            f"Continuing, one word at a time (temperature {found.temperature:g}, seed {found.seed})",
            ("u", "drawn", "P", "rank", "given"),
            tuple(
                (
                    f"{step.coin:.4f}",
                    piece_name(step.piece),
                    f"{step.probability:.4f}",
                    f"{step.rank:,}",
                    _tail(step.given, 36),
                )
                for step in found.steps
            ),
        ),
        Bars(
            f"{found.draws} draws at temperature {found.temperature:g}: expected above, drawn below",
            tuple(
                Bar(
                    piece_name(entry.piece),
                    chance * found.draws,
                    f"{chance * found.draws:5.1f}",
                    float(count),
                    f"{count:5d}",
                )
                for entry, chance, count in zip(found.likeliest, chosen.probabilities, chosen.counts, strict=True)
            ),
        ),
        Table(
            f"What a temperature does to the shape, in percent; last row: distinct words in {found.draws} draws",
            ("word", *(f"T={shape.temperature:g}" for shape in found.shapes)),
            (
                *(
                    (piece_name(entry.piece), *(f"{100 * shape.probabilities[at]:.1f}" for shape in found.shapes))
                    for at, entry in enumerate(found.likeliest[:6])
                ),
                ("entropy, bits", *(f"{shape.entropy_bits:.1f}" for shape in found.shapes)),
                ("distinct words drawn", *(str(shape.different_words) for shape in found.shapes)),
            ),
        ),
    )


def _product(found: NextWord) -> str:
    """What the factors come to; of a long prompt not all are listed."""
    whole = len(found.chain)
    if whole <= _LINKS:
        return f"Their product is the probability of the whole prompt: 2^-{found.prompt_bits:.1f}."
    listed = -sum(math.log2(link.probability) for link in found.chain[-_LINKS:] if link.probability > 0)
    return (
        f"Product of these {_LINKS}: 2^-{listed:.1f}. Over all {whole:,} tokens it is the probability of the whole "
        f"prompt: 2^-{found.prompt_bits:.1f}."
    )


def _bits(probability: float) -> str:
    return f"{-math.log2(probability):.1f}" if probability > 0 else "-"


def _tail(text: str, limit: int = 44) -> str:
    line = " ".join(text.replace("\n", "⏎").split())
    if not line:
        return "nothing read"
    if len(line) <= limit:
        return line
    return "… " + line[2 - limit :].partition(" ")[2]
