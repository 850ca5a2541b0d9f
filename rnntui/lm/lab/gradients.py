"""Station "gradients": how much of a token's gradient reaches the state k tokens earlier; what clipping does.

T = time steps, B = rows in a batch, L = layers, H = hidden size.
"""

import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from rnntui.figures import Chart, Check, Figure, Finding, LabEvent, Note, Progress, Series, Table
from rnntui.lm.cells import CELLS, CellWeights, State
from rnntui.lm.lab.bench import Bench, own_writing
from rnntui.lm.model import WordRNN
from rnntui.settings import ModelConfig, TrainConfig

ROWS = 4
FRESH_SIZE = 64
_SWOLLEN = 3.0
_YOURS = "your network"
_MARKS = {_YOURS: "Y", **{name: cell.facts.mark for name, cell in CELLS.items()}}
_SHOWN = (0, 1, 2, 4, 8, 16, 32, 64)
_LEAST = 1e-12


@dataclass(frozen=True, slots=True)
class Fading:
    """The gradient that reaches the memory of earlier steps, for one network."""

    name: str
    hidden_norms: tuple[float, ...]
    """|d loss / d h[t-k]| for k = 0, 1, ...: all layers, mean over the rows."""
    memory_norms: tuple[float, ...]
    """The same for everything that is carried: h, and c for an LSTM."""

    @property
    def relative(self) -> tuple[float, ...]:
        """Of the memory, over what it is at the newest step."""
        first = max(self.memory_norms[0], _LEAST)
        return tuple(norm / first for norm in self.memory_norms)


@dataclass(frozen=True, slots=True)
class Clipped:
    """One gradient of all weights, before and after clipping."""

    name: str
    norm_before: float
    norm_after: float
    limit: float
    cosine: float
    """Of the angle between the two: 1 when only the length has changed."""


@dataclass(frozen=True, slots=True)
class Gradients:
    """Everything the station found."""

    bptt_length: int
    rows: int
    fading: tuple[Fading, ...]
    clipped: tuple[Clipped, ...]


def run(bench: Bench) -> Iterator[LabEvent]:
    """The loaded network, then a fresh one of each kind, over the same words."""
    settings = TrainConfig()
    length = settings.bptt_length
    text = own_writing(bench.model, length + 2, ROWS, bench.asked.seed, bench.prompt_ids()[: length + 1])  # [T+1,B]
    networks = {_YOURS: bench.model}
    for cell in CELLS:
        networks[cell] = fresh_network(cell, bench.model.vocabulary_size, bench.asked.seed)
    fading = []
    for number, (name, model) in enumerate(networks.items()):
        yield Progress(number / (len(networks) + 2), f"{name}: {length} words back")
        fading.append(Fading(name, *gradient_norms(model, text[:-1], text[-1])))
        yield Progress((number + 1) / (len(networks) + 2), f"{name}: {length} words back", (_chart(fading),))
    yield Progress(0.9, "clipping")
    swollen = fresh_network("elman", bench.model.vocabulary_size, bench.asked.seed)
    with torch.no_grad():
        for weight in swollen.parameters():
            weight.mul_(_SWOLLEN)
    clipped = (
        clip(_YOURS, bench.model, text, settings.clip_norm),
        clip(f"fresh elman, all weights times {_SWOLLEN:g}", swollen, text, settings.clip_norm),
    )
    found = Gradients(length, ROWS, tuple(fading), clipped)
    yield Finding(found, figures(found), bench.asked.seed)


def fresh_network(cell: str, vocabulary_size: int, seed: int) -> WordRNN:
    """A network as training would begin with it, small."""
    model = WordRNN(ModelConfig(cell, vocabulary_size, FRESH_SIZE, FRESH_SIZE, 1, True, 0), vocabulary_size)
    model.initialise(torch.Generator().manual_seed(seed))
    return model


def gradient_norms(model: WordRNN, inputs: Tensor, targets: Tensor) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Norms of the gradient of the last word's loss by the memory k steps before it, k = 0 ... T-1.

    Args:
        model: Any network.
        inputs: [T,B], the words read.
        targets: [B], the word whose loss is taken.

    Returns:
        For h alone, and for h and c together; means over the rows.
    """
    weights = [CellWeights.of_layer(model.recurrent, layer) for layer in range(model.config.layers)]
    vectors = model.embedding(inputs).detach()
    size = (inputs.shape[1], model.config.hidden_size)
    states: list[State] = [tuple(vectors.new_zeros(size) for _ in model.cell.state_parts) for _ in weights]
    kept: list[list[State]] = []
    for below in vectors:
        behind = []
        for state, weight in zip(states, weights, strict=True):
            # A copy is carried on: its gradient takes neither the way from c through h nor that to the layer above.
            after = model.cell.step(below, state, weight)
            behind.append(tuple(part.clone() for part in after))
            below = after[0]
        states = behind
        kept.append(behind)
    loss = model.loss_nats(states[-1][0], targets)
    flat = [part for step in kept for state in step for part in state]
    found = iter(torch.autograd.grad(loss, flat, allow_unused=True))
    hidden, memory = [], []
    for step in kept:
        squares = [[_squares(next(found), part) for part in state] for state in step]
        hidden.append(float(sum(state[0] for state in squares).sqrt().mean()))  # type: ignore[union-attr]
        memory.append(float(sum(part for state in squares for part in state).sqrt().mean()))  # type: ignore[union-attr]
    return tuple(reversed(hidden)), tuple(reversed(memory))


def _squares(gradient: Tensor | None, like: Tensor) -> Tensor:
    """[B], squared length per row; zero for what the loss does not depend on."""
    return like.new_zeros(like.shape[0]) if gradient is None else gradient.double().pow(2).sum(dim=1)


def clip(name: str, model: WordRNN, text: Tensor, limit: float) -> Clipped:
    """Take the gradient of a whole window [T+1,B] by all weights, and clip it the way training does."""
    model = copy.deepcopy(model)
    hidden, _ = model(text[:-1])
    loss = model.loss_nats(hidden.flatten(0, 1), text[1:].flatten()) / text[1:].numel()
    loss.backward()  # type: ignore[no-untyped-call]
    before = _flat_gradient(model)
    torch.nn.utils.clip_grad_norm_(model.parameters(), limit)
    behind = _flat_gradient(model)
    lengths = float(before.norm()), float(behind.norm())
    cosine = float(before @ behind) / max(lengths[0] * lengths[1], 1e-300)
    return Clipped(name, *lengths, limit, cosine)


def _flat_gradient(model: WordRNN) -> Tensor:
    gradients = [weight.grad for weight in model.parameters() if weight.grad is not None]
    return torch.cat([gradient.flatten().double() for gradient in gradients])


def figures(found: Gradients) -> tuple[Figure, ...]:
    """The result as it is shown."""
    shown = [back for back in _SHOWN if back < len(found.fading[0].memory_norms)]
    return (
        _chart(found.fading),
        Table(
            "|d loss / d memory| k words earlier, over what it is at the newest word",
            ("k", *(entry.name for entry in found.fading)),
            tuple((str(back), *(f"{entry.relative[back]:.2g}" for entry in found.fading)) for back in shown),
        ),
        Note(
            f"One word's loss, sent back through {found.bptt_length} words, mean of {found.rows} texts. Where it has "
            "shrunk to nothing, training cannot learn that an early word mattered. The others are fresh networks "
            f"of {FRESH_SIZE} units, before any training; the memory is h, and h and c for an LSTM.",
            "muted",
        ),
        Table(
            "What clipping does to the gradient of all weights",
            ("network", "norm", "limit", "after", "cosine"),
            tuple(
                (
                    entry.name,
                    f"{entry.norm_before:.3f}",
                    f"{entry.limit:g}",
                    f"{entry.norm_after:.3f}",
                    f"{entry.cosine:.6f}",
                )
                for entry in found.clipped
            ),
        ),
        Check(
            "A clipped gradient is shorter, never rotated",
            all(entry.cosine > 1 - 1e-6 and entry.norm_after <= entry.limit * 1.001 for entry in found.clipped),
            "the cosine stays 1",
        ),
    )


def _chart(fading: tuple[Fading, ...] | list[Fading]) -> Chart:
    series = tuple(
        Series(
            entry.name,
            _MARKS[entry.name],
            tuple((float(back), math.log10(max(share, _LEAST))) for back, share in enumerate(entry.relative)),
        )
        for entry in fading
    )
    values = [value for entry in series for _, value in entry.points]
    return Chart(
        "The gradient on its way back, in powers of ten",
        series,
        "words back (k)",
        "log10",
        math.floor(min([-1.0, *values])),
        math.ceil(max([0.0, *values])),
    )
