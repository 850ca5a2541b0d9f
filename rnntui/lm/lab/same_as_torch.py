"""Station "same-as-torch": the equations of this program against `torch.nn` with the same weights; browsing weights.

T = time steps, B = rows in a batch, E = embedding size, H = hidden size.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rnntui.errors import InputError
from rnntui.figures import Bar, Bars, Check, Figure, Finding, LabEvent, Progress, Table
from rnntui.lm.cells import Cell, CellWeights, State
from rnntui.lm.lab.bench import Bench, own_writing
from rnntui.lm.model import WordRNN
from rnntui.text import visible_line

_ROWS = 4
_LENGTH = 32
_BINS = 11
_CORNER = 5


@dataclass(frozen=True, slots=True)
class Compared:
    """One comparison of hand-written equations with PyTorch's module."""

    what: str
    shape: tuple[int, ...]
    """Of the outputs: [T,B,H]."""
    float32_difference: float
    float64_difference: float


@dataclass(frozen=True, slots=True)
class Weight:
    """A weight under its PyTorch name."""

    name: str
    shape: tuple[int, ...]
    mean: float
    deviation: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Browsed:
    """One weight, looked at closely."""

    name: str
    corner: tuple[tuple[float, ...], ...]
    """Its first rows and columns."""
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    """How many numbers lie between an edge and the next."""


@dataclass(frozen=True, slots=True)
class SameAsTorch:
    """Everything the station found."""

    module: str
    compared: tuple[Compared, ...]
    weights: tuple[Weight, ...]
    browsed: Browsed


def run(bench: Bench) -> Iterator[LabEvent]:
    """Three comparisons in two precisions, then the weights."""
    model = bench.model
    compared = []
    for number, what in enumerate(_COMPARISONS):
        yield Progress(number / len(_COMPARISONS), what)
        compared.append(_compare(model, what, bench.asked.seed))
    weights = dict(model.named_parameters())
    name = bench.asked.weight.strip() or "recurrent.weight_ih_l0"
    if name not in weights:
        raise InputError(
            f'The model has no weight "{visible_line(name, 60)}".', f"Its weights are {', '.join(weights)}."
        )
    found = SameAsTorch(
        module=_name_of(model.recurrent),
        compared=tuple(compared),
        weights=tuple(_weight(key, weight.detach()) for key, weight in weights.items() if weight.numel()),
        browsed=_browsed(name, weights[name].detach()),
    )
    yield Finding(found, figures(found), bench.asked.seed, choices={"weight": tuple(weights)})


def _name_of(module: nn.Module) -> str:
    """What the equations are compared with: where PyTorch has no such unit, the way that all steps are read at once."""
    is_torchs = isinstance(module, nn.RNNBase)
    return f"torch.nn.{type(module).__name__}" if is_torchs else "reading all steps at once"


def by_hand(module: nn.Module, cell: type[Cell], inputs: Tensor, states: list[State]) -> tuple[Tensor, list[State]]:
    """All layers by the equations of `cells`: inputs [T,B,E] -> outputs of the top layer [T,B,H] and the states."""
    below, behind = inputs, []
    for layer, state in enumerate(states):
        below, last = cell.unroll(below, state, CellWeights.of_layer(module, layer))
        behind.append(last)
    return below, behind


_COMPARISONS = ("a sequence", "one more step from the carried memory", "a batch of four texts")


@torch.inference_mode()
def _compare(model: WordRNN, what: str, seed: int) -> Compared:
    rows = _ROWS if what == _COMPARISONS[2] else 1
    words = own_writing(model, _LENGTH + 1, rows, seed)
    differences = []
    shape: tuple[int, ...] = ()
    for kind in (torch.float32, torch.float64):
        module = copy.deepcopy(model.recurrent).to(kind)
        vectors = model.embedding(words).to(kind)
        ours, theirs = _both(module, model, vectors, what == _COMPARISONS[1])
        shape = tuple(ours.shape)
        differences.append(float((ours - theirs).abs().max()))
    return Compared(what, shape, *differences)


def _both(module: nn.Module, model: WordRNN, vectors: Tensor, is_one_more: bool) -> tuple[Tensor, Tensor]:
    size = (vectors.shape[1], model.config.hidden_size)
    empty = [tuple(vectors.new_zeros(size) for _ in model.cell.state_parts) for _ in range(model.config.layers)]
    ours, states = by_hand(module, model.cell, vectors[:-1], empty)
    theirs, after = module(vectors[:-1])
    if not is_one_more:
        return ours, theirs
    ours, _ = by_hand(module, model.cell, vectors[-1:], states)
    theirs, _ = module(vectors[-1:], after)
    return ours, theirs


def _weight(name: str, weight: Tensor) -> Weight:
    deviation = float(weight.std(correction=0))
    return Weight(name, tuple(weight.shape), float(weight.mean()), deviation, float(weight.min()), float(weight.max()))


def _browsed(name: str, weight: Tensor) -> Browsed:
    flat = weight.flatten().double()
    if not flat.numel():
        return Browsed(name, (), (), ())
    reach = max(float(flat.abs().max()), 1e-9)
    edges = torch.linspace(-reach, reach, _BINS + 1, dtype=torch.float64)
    place = torch.bucketize(flat, edges[1:-1])
    counts = torch.bincount(place, minlength=_BINS)
    matrix = weight if weight.dim() > 1 else weight.unsqueeze(0)
    corner = tuple(tuple(row) for row in matrix[:_CORNER, : 2 * _CORNER].tolist())
    return Browsed(name, corner, tuple(edges.tolist()), tuple(counts.tolist()))


def figures(found: SameAsTorch) -> tuple[Figure, ...]:
    """The result as it is shown."""
    largest = max(entry.float64_difference for entry in found.compared)
    browsed = found.browsed
    return (
        Table(
            f"Largest difference between the written-out equations and {found.module}",
            ("compared", "T x B x H", "float32", "float64"),
            tuple(
                (
                    entry.what,
                    " x ".join(map(str, entry.shape)),
                    f"{entry.float32_difference:.1e}",
                    f"{entry.float64_difference:.1e}",
                )
                for entry in found.compared
            ),
        ),
        Check("They compute the same; what remains is rounding", largest < 1e-12, f"{largest:.1e} in float64"),
        Table(
            "Weights under their PyTorch names",
            ("name", "shape", "mean", "std", "min", "max"),
            tuple(
                (
                    entry.name,
                    " x ".join(map(str, entry.shape)),
                    f"{entry.mean:.4f}",
                    f"{entry.deviation:.4f}",
                    f"{entry.low:.3f}",
                    f"{entry.high:.3f}",
                )
                for entry in found.weights
            ),
        ),
        Table(
            f"{browsed.name}: its first numbers",
            tuple(f"[{column}]" for column in range(len(browsed.corner[0]) if browsed.corner else 0)),
            tuple(tuple(f"{value:.3f}" for value in row) for row in browsed.corner),
        ),
        Bars(
            f"{browsed.name}: how its numbers are spread",
            tuple(
                Bar(f"{low:+.2f} to {high:+.2f}", count, f"{count:,}")
                for low, high, count in zip(browsed.edges, browsed.edges[1:], browsed.counts, strict=False)
            ),
        ),
    )
