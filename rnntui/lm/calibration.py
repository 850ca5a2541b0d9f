"""How fast does this machine train? A few steps of the real thing on made-up words. Knows nothing of texts."""

import statistics
import time
from collections.abc import Callable, Generator

import torch

from rnntui.lm.looks import result_of
from rnntui.lm.model import WordRNN
from rnntui.lm.planner import REFERENCE, REFERENCE_ROWS

_STEPS = 64
"""Words through which the gradient flows back."""
_FEWEST_STEPS = 3


def training_speed(seconds: float = 2.0, clock: Callable[[], float] = time.monotonic) -> float:
    """What `speed_looks` finds, without a look between its steps."""
    return result_of(speed_looks(seconds, clock))


def speed_looks(seconds: float = 2.0, clock: Callable[[], float] = time.monotonic) -> Generator[float, None, float]:
    """Words per second at which the planner's reference shape trains here, in its rows, with the threads torch has now.

    Args:
        seconds: How long to try; at least three steps are taken. Yields the share of it that is over.
        clock: Seconds that only rise.
    """
    dice = torch.Generator().manual_seed(0)
    # Words of a language: the n-th most frequent one is n times as rare as the first.  Source: Zipf 1949.
    frequencies = 1.0 / (10.0 + torch.arange(REFERENCE.vocabulary_limit))
    words = torch.multinomial(frequencies, (_STEPS + 1) * REFERENCE_ROWS, replacement=True, generator=dice)
    words = words.view(_STEPS + 1, REFERENCE_ROWS)
    model = WordRNN(REFERENCE, REFERENCE.vocabulary_limit)
    model.initialise(dice)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
    ended = clock() + seconds
    taken: list[float] = []
    while len(taken) < _FEWEST_STEPS or clock() < ended:
        began = clock()
        hidden, _ = model(words[:-1])
        loss = model.loss_nats(hidden.flatten(0, 1), words[1:].flatten(), 1.0 / (REFERENCE_ROWS * _STEPS))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        taken.append(clock() - began)
        yield 1.0 - max(0.0, ended - clock()) / max(seconds, 1e-9)
    return REFERENCE_ROWS * _STEPS / max(statistics.median(taken[1:]), 1e-9)
