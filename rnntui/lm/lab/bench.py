"""What every station works with: a loaded model, the person's question, a clock. Knows nothing of stations.

T = time steps, B = rows in a batch, H = hidden size, V = vocabulary size.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from rnntui.errors import InputError
from rnntui.lm.generator import Generator, join_turn
from rnntui.lm.model import HiddenState, WordRNN
from rnntui.lm.reading.prompt_reader import PromptReader
from rnntui.lm.tokens.tokenizer import UNKNOWN_ID, Tokenizer
from rnntui.settings import LabSettings

LONGEST_PROMPT = 1_000
"""Tokens that a station reads at most."""
_WRITING_TEMPERATURE = 0.8


@dataclass(frozen=True, slots=True)
class Bench:
    """A loaded model and a question about it."""

    model: WordRNN
    tokenizer: Tokenizer
    asked: LabSettings
    """With the station's own examples in the place of empty texts."""
    figures: Mapping[str, float] = field(default_factory=dict)
    """Bits per character on the model's own held-out text, by name: "network" and the simpler models."""
    clock: Callable[[], float] = time.perf_counter
    reader: PromptReader | None = None
    """Reads what a person types; None where nothing but the vocabulary says how."""

    def generator(self) -> Generator:
        """The network alone, without counting beside it, with an empty memory."""
        return Generator(self.model, self.tokenizer)

    def ids(self, text: str) -> list[int]:
        """A text as tokens, set as the chat would set it.

        Raises:
            InputError: If there is nothing to read, or too much.
        """
        return text_ids(self.reader or PromptReader(self.tokenizer), text)

    def prompt_ids(self) -> list[int]:
        """The prompt as tokens."""
        return self.ids(self.asked.prompt)

    def unit(self) -> int | None:
        """The unit that was asked for, None for the station's choice.

        Raises:
            InputError: If the model has no unit of that number.
        """
        size = self.model.config.hidden_size
        if self.asked.unit is not None and self.asked.unit >= size:
            raise InputError(
                f"The model has no unit {self.asked.unit}; it has {size:,} units.", f"Choose from 0 to {size - 1}."
            )
        return self.asked.unit


def text_ids(reader: PromptReader, text: str) -> list[int]:
    """A text as tokens, set as the chat would set it at the start of a conversation.

    Raises:
        InputError: If there is nothing to read, or too much.
    """
    tokenizer = reader.tokenizer
    ids = tokenizer.encode(join_turn("", reader.in_terms(text).rstrip(), "inline", tokenizer))
    if not ids:
        raise InputError("There is no word to read.", "Write a few words.")
    if len(ids) > LONGEST_PROMPT:
        raise InputError(
            f"The text has {len(ids):,} words and marks; the lab reads at most {LONGEST_PROMPT:,}.", "Shorten it."
        )
    return ids


@torch.inference_mode()
def after(model: WordRNN, ids: Sequence[int]) -> HiddenState:
    """The memory after reading some words from an empty one."""
    state = model.zero_state()
    for word in ids:
        state = model.step(word, state)
    return state


def variable_of(model: WordRNN) -> str:
    """What is shown of a unit, by its name in the equations."""
    return "tanh(c)" if "c" in model.cell.state_parts else "h"


@torch.inference_mode()
def memory_over(model: WordRNN, text: Tensor) -> Tensor:
    """What each unit of the top layer remembers after every word of [T,B], from an empty memory: [T,B,H]."""
    state, found = model.zero_state(text.shape[1]), []
    for words in text:
        _, state = model(words.unsqueeze(0), state)
        found.append(state.top_memory())
    return torch.stack(found)


@torch.inference_mode()
def next_log_probabilities(model: WordRNN, state: HiddenState) -> Tensor:
    """[V] in float64: what comes next, in nats."""
    return model.log_probabilities(state.parts["h"][-1, 0]).double()


def own_writing(model: WordRNN, length: int, rows: int, seed: int, given: Sequence[int] = ()) -> Tensor:
    """What the network itself writes: [T,B] tokens in several rows at once, see `writing`."""
    return torch.stack(list(writing(model, length, rows, seed, given)))


@torch.no_grad()  # not inference mode: a gradient may be taken of what is read of it
def writing(model: WordRNN, length: int, rows: int, seed: int, given: Sequence[int] = ()) -> Iterator[Tensor]:
    """Let the network write in several rows at once, each with its own rng.

    Args:
        model: The network.
        length: T, the given words included.
        rows: B
        seed: Start of all randomness.
        given: Words that every row begins with; without them each row begins with a word drawn from nothing read.

    Yields:
        The next word of every row, [B].
    """
    rng = torch.Generator().manual_seed(seed)
    state = model.zero_state(rows)
    for step in range(length):
        if step < len(given):
            words = torch.full((rows,), given[step], dtype=torch.long)
        else:
            words = _sample_column(model, state.parts["h"][-1], rng)
        yield words
        _, state = model(words.unsqueeze(0), state)


def _sample_column(model: WordRNN, hidden: Tensor, rng: torch.Generator) -> Tensor:
    """One word for each row, [B], from the output of the top layer [B,H]."""
    logs = model.log_probabilities(hidden) / _WRITING_TEMPERATURE
    logs[:, UNKNOWN_ID] = -torch.inf
    return torch.multinomial(torch.softmax(logs, dim=-1), 1, generator=rng).squeeze(1)


def bits(nats: float) -> float:
    """Nats as bits."""
    return nats / math.log(2)


@torch.inference_mode()
def divergence_bits(expected: Tensor, used: Tensor) -> Tensor:
    """Kullback-Leibler divergence: bits lost per word by using one distribution in place of another.

    Args:
        expected: [...,V], natural logarithms of the probabilities that hold.
        used: [...,V], of those that are used instead.

    Returns:
        [...], at least 0 but for rounding.
    """
    return (expected.exp() * (expected - used)).sum(dim=-1) / math.log(2)
