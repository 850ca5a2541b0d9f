"""Station "teacher-forcing": inputs over targets from the real batcher; guess, target and loss at every position.

T = time steps, H = hidden size, V = vocabulary size.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from rnntui.errors import InputError
from rnntui.figures import Bar, Bars, Check, Figure, Finding, LabEvent, Note, Table
from rnntui.lm.lab.bench import Bench, after
from rnntui.lm.model import HiddenState
from rnntui.lm.train.batches import Streams
from rnntui.text import piece_name


@dataclass(frozen=True, slots=True)
class Place:
    """One position of the window."""

    input: str
    target: str
    guess: str
    """The likeliest word there."""
    probability: float
    """Of the target."""
    loss_nats: float
    other_guess: str
    """The likeliest word when the network had read another text before."""
    other_loss_nats: float


@dataclass(frozen=True, slots=True)
class TeacherForcing:
    """Everything the station found."""

    prompt: str
    read_before: str
    """The other text, read before the window to change the guesses."""
    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    places: tuple[Place, ...]
    mean_loss_nats: float
    perplexity: float
    """Per token of this window."""
    targets_are_inputs_advanced: bool
    changed_guesses: int
    changed_targets: int


@torch.inference_mode()
def teacher_forcing(bench: Bench) -> TeacherForcing:
    """One window, as training sees it, scored twice: from an empty memory and from another one."""
    ids = bench.prompt_ids()
    if len(ids) < 2:
        raise InputError("One word has no next word.", "Write at least two words.")
    before = bench.ids(bench.asked.other)
    text = torch.tensor(ids)
    window = next(Streams(text, rows=1, bptt_length=len(ids) - 1).batches())
    again = next(Streams(text, rows=1, bptt_length=len(ids) - 1).batches())
    plain = _score(bench, window.inputs, None)
    other = _score(bench, again.inputs, after(bench.model, before))
    places = []
    for at, (word, target) in enumerate(zip(window.inputs[:, 0].tolist(), window.targets[:, 0].tolist(), strict=True)):
        piece = bench.tokenizer.piece
        loss = -float(plain[at, target])
        places.append(
            Place(
                piece(word),
                piece(target),
                piece(int(plain[at].argmax())),
                math.exp(-loss),
                loss,
                piece(int(other[at].argmax())),
                -float(other[at, target]),
            )
        )
    mean = sum(place.loss_nats for place in places) / len(places)
    return TeacherForcing(
        prompt=bench.tokenizer.decode(ids),
        read_before=bench.tokenizer.decode(before),
        inputs=tuple(place.input for place in places),
        targets=tuple(place.target for place in places),
        places=tuple(places),
        mean_loss_nats=mean,
        perplexity=math.exp(min(mean, 700.0)),
        targets_are_inputs_advanced=window.inputs[1:].equal(window.targets[:-1]),
        changed_guesses=int((plain.argmax(dim=1) != other.argmax(dim=1)).sum()),
        changed_targets=int((window.targets != again.targets).sum()),
    )


def _score(bench: Bench, inputs: Tensor, state: HiddenState | None) -> Tensor:
    """[T,V] in float64 for one row of inputs [T,1]."""
    hidden, _ = bench.model(inputs, state)
    return bench.model.log_probabilities(hidden[:, 0]).double()


def run(bench: Bench) -> Iterator[LabEvent]:
    """One window."""
    found = teacher_forcing(bench)
    yield Finding(found, figures(found), bench.asked.seed)


def figures(found: TeacherForcing) -> tuple[Figure, ...]:
    """The result as it is shown."""
    return (
        Table(
            "Your text, cut by the training batcher (one row)",
            ("input", "target", "the network's guess", "P(target)", "loss"),
            tuple(
                (
                    piece_name(place.input),
                    piece_name(place.target),
                    piece_name(place.guess),
                    f"{place.probability:.4f}",
                    f"{place.loss_nats:.2f}",
                )
                for place in found.places
            ),
        ),
        Check(
            "The targets are the inputs advanced by one word",
            found.targets_are_inputs_advanced,
            f"{len(found.places)} places, self-supervised: no labels",
        ),
        Note(
            f"Mean loss {found.mean_loss_nats:.3f} nats; perplexity = e^{found.mean_loss_nats:.3f} = "
            f"{found.perplexity:,.1f}.",
            "muted",
        ),
        Bars(
            "The loss at every target, in nats",
            tuple(Bar(piece_name(place.target), place.loss_nats, f"{place.loss_nats:.2f}") for place in found.places),
        ),
        Table(
            f'The same window after having read "{found.read_before.strip()}"',
            ("input", "target", "guess now", "loss"),
            tuple(
                (
                    piece_name(place.input),
                    piece_name(place.target),
                    piece_name(place.other_guess),
                    f"{place.other_loss_nats:.2f}",
                )
                for place in found.places
            ),
        ),
        Check(
            "The target never depends on the guess",
            found.changed_targets == 0,
            f"guesses changed {found.changed_guesses}, targets changed {found.changed_targets}",
        ),
    )
