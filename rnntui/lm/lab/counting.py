"""Station "counting": an Elman network learns to count on the spot, and goes on from its carried memory.

T = time steps, B = rows in a batch. Source of the toy: the article's follow-up, here with starts held out of training.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from rnntui.figures import Chart, Check, Figure, Finding, LabEvent, Note, Progress, Series, Table
from rnntui.lm.lab.bench import Bench
from rnntui.lm.lab.toy import ToySettings, right_share, toy_network, train_toy
from rnntui.lm.model import WordRNN

NUMBERS = 128
LENGTH = 6
SIZE = 64
_EVERY = 5
_EDGE = LENGTH
"""Starts nearer to the ends are in training: the first and the last numbers occur in few windows."""
_SETTINGS = ToySettings(steps=100, learning_rate=2e-2)
_PROMPT = (7, 8, 9, 10)
_SHOWN_EVERY = 5


@dataclass(frozen=True, slots=True)
class Counted:
    """Everything the station found."""

    numbers: int
    length: int
    training_starts: tuple[int, ...]
    held_out_starts: tuple[int, ...]
    steps: int
    losses: tuple[float, ...]
    """Mean nats per number, per step."""
    training_accuracy: float
    held_out_accuracy: float
    """Share of all next numbers of the held-out windows that are guessed right."""
    prompt: tuple[int, ...]
    written: tuple[int, ...]
    """What it says after the prompt, each number read into the carried memory."""
    counts_to: int
    """The last number before the first mistake, or before there is none left."""


def starts(seed: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Where windows start: those to train on, and those held out (every fifth, from a place the seed decides)."""
    every = range(NUMBERS - LENGTH)
    held_out = tuple(at for at in every if _EDGE <= at < NUMBERS - 2 * _EDGE and at % _EVERY == seed % _EVERY)
    return tuple(at for at in every if at not in held_out), held_out


def windows(begin: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    """Inputs and targets, each [T,B], for windows that start at these numbers."""
    numbers = torch.tensor(begin).unsqueeze(0) + torch.arange(LENGTH + 1).unsqueeze(1)  # [T+1,B]
    return numbers[:-1], numbers[1:]


def run(bench: Bench) -> Iterator[LabEvent]:
    """Train, test on what was held out, count on."""
    training, held_out = starts(bench.asked.seed)
    model = toy_network("elman", NUMBERS, SIZE, bench.asked.seed)
    batch = windows(training)
    losses: list[float] = []
    for loss in train_toy(model, lambda _: batch, _SETTINGS):
        losses.append(loss)
        if len(losses) % _SHOWN_EVERY == 0:
            yield Progress(len(losses) / _SETTINGS.steps, f"step {len(losses)}, loss {loss:.3f}", (_curve(losses),))
    written = count_on(model, _PROMPT, NUMBERS - 1 - _PROMPT[-1])
    found = Counted(
        numbers=NUMBERS,
        length=LENGTH,
        training_starts=training,
        held_out_starts=held_out,
        steps=_SETTINGS.steps,
        losses=tuple(losses),
        training_accuracy=right_share(model, *batch),
        held_out_accuracy=right_share(model, *windows(held_out)),
        prompt=_PROMPT,
        written=written,
        counts_to=_counts_to(_PROMPT[-1], written),
    )
    yield Finding(found, figures(found), bench.asked.seed)


@torch.inference_mode()
def count_on(model: WordRNN, prompt: tuple[int, ...], count: int) -> tuple[int, ...]:
    """The likeliest next number, again and again; each is read into the memory, nothing is read twice."""
    state = model.zero_state()
    for number in prompt:
        state = model.step(number, state)
    written: list[int] = []
    for _ in range(count):
        number = int(model.log_probabilities(state.parts["h"][-1, 0]).argmax())
        written.append(number)
        state = model.step(number, state)
    return tuple(written)


def _counts_to(last: int, written: tuple[int, ...]) -> int:
    for number in written:
        if number != last + 1:
            break
        last = number
    return last


def _curve(losses: list[float] | tuple[float, ...]) -> Chart:
    points = tuple((float(step), loss) for step, loss in enumerate(losses, start=1))
    return Chart(
        "The loss while it learns", (Series("loss", "•", points),), "step", "nats per number", 0.0, max([1.0, *losses])
    )


def figures(found: Counted) -> tuple[Figure, ...]:
    """The result as it is shown."""
    return (
        _curve(found.losses),
        Check(
            f"It continues windows that start where no training window did ({len(found.held_out_starts)} starts)",
            found.held_out_accuracy == 1.0,
            f"{100 * found.held_out_accuracy:.1f} % of {len(found.held_out_starts) * found.length} numbers right",
        ),
        Table(
            f"{found.steps} steps over {len(found.training_starts)} windows of {found.length} numbers",
            ("starts", "windows", "right"),
            (
                ("in training", str(len(found.training_starts)), f"{100 * found.training_accuracy:.1f} %"),
                ("held out", str(len(found.held_out_starts)), f"{100 * found.held_out_accuracy:.1f} %"),
            ),
        ),
        Note(
            f"Read {' '.join(map(str, found.prompt))}, then on from the carried memory: "
            f"{' '.join(map(str, found.written[:24]))} …"
        ),
        Check(
            f"It counts on far beyond the {found.length} numbers of a training window",
            found.counts_to >= found.prompt[-1] + 2 * found.length,
            f"without a mistake up to {found.counts_to} of {found.numbers - 1}",
        ),
        Note(
            "To count by one the last number would be enough: what this toy shows is the whole cycle from training to "
            "writing. What a memory is needed for comes at the next station.",
            "muted",
        ),
    )
