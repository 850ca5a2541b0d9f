"""Toys trained on the spot: the program's own network on symbols instead of words, by a loop that fits on a page.

T = time steps, B = rows in a batch, V = number of symbols.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from rnntui.lm.model import WordRNN
from rnntui.lm.train.optimizers import uncompiled
from rnntui.settings import ModelConfig

_BETAS = (0.9, 0.99)


@dataclass(frozen=True, slots=True)
class ToySettings:
    """How a toy is trained."""

    steps: int
    learning_rate: float
    """Of the first step; it falls in a line to zero."""
    clip_norm: float = 1.0


def toy_network(cell: str, symbols: int, size: int, seed: int) -> WordRNN:
    """A network with one layer and one matrix for symbols on both sides, its weights drawn from a seed."""
    model = WordRNN(ModelConfig(cell, symbols, size, size, 1, True, 0), symbols)
    model.initialise(torch.Generator().manual_seed(seed))
    return model


def train_toy(
    model: WordRNN, batch: Callable[[int], tuple[Tensor, Tensor]], settings: ToySettings, counted: slice = slice(None)
) -> Iterator[float]:
    """Train a network, one yielded loss (mean nats per counted symbol) per step.

    Args:
        model: Changed in place.
        batch: The inputs and targets of a step, each [T,B].
        settings: How.
        counted: The time steps whose targets count.
    """
    optimizer = uncompiled(torch.optim.Adam)(model.parameters(), lr=settings.learning_rate, betas=_BETAS)
    for step in range(settings.steps):
        for group in optimizer.param_groups:
            group["lr"] = settings.learning_rate * (1 - step / settings.steps)
        inputs, targets = batch(step)
        hidden, _ = model(inputs)
        wanted = targets[counted].flatten()
        logs = model.log_probabilities(hidden[counted].flatten(0, 1))
        loss = torch.nn.functional.nll_loss(logs, wanted)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), settings.clip_norm)
        optimizer.step()
        yield float(loss.detach())


@torch.inference_mode()
def right_share(model: WordRNN, inputs: Tensor, targets: Tensor, counted: slice = slice(None)) -> float:
    """Share of the counted symbols that the network guesses right; inputs and targets [T,B]."""
    hidden, _ = model(inputs)
    guesses = model.log_probabilities(hidden[counted]).argmax(dim=-1)
    return float((guesses == targets[counted]).float().mean())
