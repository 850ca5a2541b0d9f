"""Station "memory": the hidden state word by word, carried and forgotten, in one piece and in two.

T = time steps, H = hidden size, V = vocabulary size.
"""

import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch

from rnntui.figures import Check, Figure, Finding, Heatmap, LabEvent, Note, Progress, Table
from rnntui.lm.lab.bench import Bench, after, divergence_bits, next_log_probabilities, variable_of
from rnntui.lm.model import HiddenState, WordRNN
from rnntui.settings import SamplerSettings
from rnntui.text import piece_name

SHOWN_WORDS = 24
SHOWN_UNITS = 48
LENGTHS = (16, 64, 256)
WRITTEN = 12


@dataclass(frozen=True, slots=True)
class Remembered:
    """The memory after one word."""

    piece: str
    units: tuple[float, ...]
    """What each unit of the top layer remembers, -1 to 1: h, or tanh(c) of an LSTM."""
    change: float
    """Length of the step the memory took: the root of the mean squared change of a unit."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A word with and without the memory."""

    piece: str
    carried: float
    forgotten: float


@dataclass(frozen=True, slots=True)
class Timed:
    """What the next word costs after a text of some length, measured."""

    words_before: int
    carried_milliseconds: float
    reread_milliseconds: float


@dataclass(frozen=True, slots=True)
class MemoryFound:
    """Everything the station found."""

    prompt: str
    variable: str
    """What is shown of a unit: "h", or "tanh(c)" of an LSTM."""
    size_bytes: int
    words: tuple[Remembered, ...]
    """The last words of the prompt."""
    compared: tuple[Compared, ...]
    forgotten_kl_bits: float
    """How wrong the forgetful table is: bits lost per word by using it in place of the carried one."""
    words_fed: int
    tokens_reread: int
    timed: tuple[Timed, ...]
    cuts: int
    """Places where the text was cut in two."""
    two_pieces_difference: float
    """Largest difference of any number of the memory, over all cuts."""


def run(bench: Bench) -> Iterator[LabEvent]:
    """Read the prompt, then everything one can ask about the memory of it."""
    ids = bench.prompt_ids()
    yield Progress(0.1, "reading")
    words = tuple(_words(bench, ids))
    fed, reread = _counted(bench, ids)
    timed = []
    for number, length in enumerate(LENGTHS):
        what = f"timing a word after {length} words"
        yield Progress(0.2 + 0.6 * number / len(LENGTHS), what, _strips(words[-SHOWN_WORDS:], variable_of(bench.model)))
        timed.append(_timed(bench.model, length, bench.asked.seed, bench.clock))
    yield Progress(0.9, "cutting the text in two, everywhere")
    compared, lost = _compared(bench, ids)
    found = MemoryFound(
        prompt=bench.tokenizer.decode(ids),
        variable=variable_of(bench.model),
        size_bytes=bench.model.zero_state().size_bytes,
        words=words[-SHOWN_WORDS:],
        compared=compared,
        forgotten_kl_bits=lost,
        words_fed=fed,
        tokens_reread=reread,
        timed=tuple(timed),
        cuts=len(ids) - 1,
        two_pieces_difference=two_pieces_difference(bench.model, ids),
    )
    yield Finding(found, figures(found), bench.asked.seed)


def _words(bench: Bench, ids: list[int]) -> Iterator[Remembered]:
    state = bench.model.zero_state()
    before = torch.tensor(state.top_units())
    for word in ids:
        state = bench.model.step(word, state)
        now = torch.tensor(state.top_units())
        change = float((now - before).pow(2).mean().sqrt())
        yield Remembered(bench.tokenizer.piece(word), tuple(round(value, 5) for value in now.tolist()), change)
        before = now


def _counted(bench: Bench, ids: list[int]) -> tuple[int, int]:
    """Read the prompt and write a few words: how many words were fed, and how many of them a second time."""
    generator = bench.generator()
    generator.feed(ids)
    for _ in range(WRITTEN):
        generator.commit(generator.sample(SamplerSettings(temperature=bench.asked.temperature), bench.asked.seed))
    return generator.tokens_read, generator.tokens_reread


def _compared(bench: Bench, ids: list[int]) -> tuple[tuple[Compared, ...], float]:
    carried = next_log_probabilities(bench.model, after(bench.model, ids))
    forgotten = next_log_probabilities(bench.model, after(bench.model, ids[-1:]))
    best = torch.topk(carried, min(6, carried.numel())).indices.tolist()
    lost = float(divergence_bits(carried, forgotten))
    rows = tuple(
        Compared(bench.tokenizer.piece(word), float(carried[word].exp()), float(forgotten[word].exp())) for word in best
    )
    return rows, lost


@torch.inference_mode()
def two_pieces_difference(model: WordRNN, ids: list[int]) -> float:
    """Read a text whole, and in two pieces with the memory carried over, for every cut: the largest difference."""
    text = torch.tensor(ids).unsqueeze(1)  # [T,1]
    _, whole = model(text)
    largest = 0.0
    for cut in range(1, len(ids)):
        _, first = model(text[:cut])
        _, second = model(text[cut:], first)
        differences = [(second.parts[name] - part).abs().max() for name, part in whole.parts.items()]
        largest = max(largest, *(float(difference) for difference in differences))
    return largest


def _timed(model: WordRNN, length: int, seed: int, clock: Callable[[], float]) -> Timed:
    rng = torch.Generator().manual_seed(seed)  # any words do: only the time counts
    text = torch.randint(0, model.vocabulary_size, (length + WRITTEN, 1), generator=rng)  # [T,1]
    ids = text.squeeze(1).tolist()
    state: HiddenState = after(model, ids[:length])
    carried, reread = [], []
    for at, word in enumerate(ids[length:]):
        began = clock()
        state = model.step(word, state)
        carried.append(clock() - began)
        began = clock()
        with torch.inference_mode():
            model(text[: length + at + 1])
        reread.append(clock() - began)
    return Timed(length, 1000 * statistics.median(carried), 1000 * statistics.median(reread))


def figures(found: MemoryFound) -> tuple[Figure, ...]:
    """The result as it is shown."""
    return (
        *_strips(found.words, found.variable),
        Note(
            f"This is all the network keeps of the text: {found.size_bytes:,} bytes, as many after a thousand words as "
            "after one.",
            "muted",
        ),
        Table(
            "What comes next: with the memory of the whole prompt, and with only the last word in it",
            ("word", "carried", "forgotten"),
            tuple(
                (piece_name(entry.piece), f"{entry.carried:.4f}", f"{entry.forgotten:.4f}") for entry in found.compared
            ),
        ),
        Note(f"KL divergence of the forgetful table: {found.forgotten_kl_bits:.2f} bits.", "muted"),
        Check(
            "No word is ever read twice",
            found.tokens_reread == 0,
            f"words fed {found.words_fed}, words read again {found.tokens_reread}",
        ),
        Table(
            f"Milliseconds for one more word, just measured: median of {WRITTEN} words (recurrent layers only)",
            ("after words", "memory carried", "text read again", "times"),
            tuple(
                (
                    str(entry.words_before),
                    f"{entry.carried_milliseconds:.2f}",
                    f"{entry.reread_milliseconds:.2f}",
                    f"{entry.reread_milliseconds / max(entry.carried_milliseconds, 1e-9):.0f}",
                )
                for entry in found.timed
            ),
        ),
        Check(
            f"Read in two pieces it remembers the same, wherever it is cut ({found.cuts} places)",
            found.two_pieces_difference < 1e-4,
            f"largest difference {found.two_pieces_difference:.1e}",
        ),
    )


def _strips(words: tuple[Remembered, ...], variable: str) -> tuple[Figure, ...]:
    liveliest = _liveliest(words)
    reach = max([abs(entry.units[unit]) for entry in words for unit in liveliest], default=0.0) or 1.0
    return (
        Heatmap(
            f"The memory after every word ({variable}): the {len(liveliest)} of {len(words[0].units)} units that "
            f"move most, low for {-reach:.2f}, high for {reach:.2f}; right: root-mean-square change of all units",
            tuple(
                (
                    piece_name(entry.piece),
                    tuple(entry.units[unit] / reach for unit in liveliest),
                    f"{entry.change:.3f}",
                )
                for entry in words
            ),
        ),
    )


def _liveliest(words: tuple[Remembered, ...]) -> list[int]:
    """The units whose value spans most over these words, in order of their numbers."""
    columns = list(zip(*(entry.units for entry in words), strict=True))
    spans = [max(column) - min(column) for column in columns]
    return sorted(sorted(range(len(spans)), key=lambda unit: -spans[unit])[:SHOWN_UNITS])
