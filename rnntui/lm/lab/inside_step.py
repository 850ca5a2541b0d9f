"""Station "inside-step": one word through the first recurrent layer and out again, with every number of one unit.

B = 1, E = embedding size, H = hidden size, G = gates, V = vocabulary size.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from rnntui.figures import Check, Figure, Finding, LabEvent, Note, Table
from rnntui.lm.cells import CellWeights, State
from rnntui.lm.lab.bench import Bench, after
from rnntui.lm.model import HiddenState, WordRNN
from rnntui.text import piece_name

_GATES = {
    "elman": (("h", "tanh", "the new memory"),),
    "gru": (
        ("r", "sigmoid", "how much of the memory the proposal sees"),
        ("z", "sigmoid", "how much stays as it was"),
        ("n", "tanh", "the proposal"),
    ),
    "lstm": (
        ("i", "sigmoid", "how much is written"),
        ("f", "sigmoid", "how much is kept"),
        ("g", "tanh", "what might be written"),
        ("o", "sigmoid", "how much is said"),
    ),
}
"""(name, squashing function, meaning) in PyTorch's order."""


@dataclass(frozen=True, slots=True)
class Part:
    """A tensor of the network, or a value on its way through."""

    name: str
    shape: tuple[int, ...]
    numbers: int
    meaning: str


@dataclass(frozen=True, slots=True)
class Gate:
    """One row of the two products, for one unit."""

    name: str
    from_input: float
    """The unit's row of W_ih times x."""
    bias_ih: float
    from_memory: float
    """The unit's row of W_hh times h."""
    bias_hh: float
    total: float
    function: str
    value: float
    """After the squashing function."""
    meaning: str


@dataclass(frozen=True, slots=True)
class Scored:
    """A word on its way out."""

    piece: str
    score: float
    """The word's row of the output matrix times what the network said, plus the word's bias."""
    probability: float


@dataclass(frozen=True, slots=True)
class InsideStep:
    """Everything the station found."""

    prompt: str
    word: str
    cell: str
    layers: int
    unit: int
    gates: tuple[Gate, ...]
    before: dict[str, float]
    """The unit's part of each part of the memory, before the word."""
    after: dict[str, float]
    formula: str
    """How the gates become the new memory, with this unit's numbers."""
    on_the_way: tuple[Part, ...]
    parameters: tuple[Part, ...]
    parameter_count: int
    stacked_difference: float
    """Largest difference between the sum of the two products and the one product of the stacked matrix."""
    likeliest: tuple[Scored, ...]


@torch.inference_mode()
def inside_step(bench: Bench) -> InsideStep:
    """Take the step for the last word of the prompt apart."""
    model, ids = bench.model, bench.prompt_ids()
    weights = CellWeights.of_layer(model.recurrent)
    state = after(model, ids[:-1])
    inputs = model.embedding.weight[ids[-1]].unsqueeze(0)  # [1,E]
    before = state.layer(0)
    behind = model.cell.step(inputs, before, weights)
    asked = bench.unit()
    unit = int((behind[0] - before[0]).abs().argmax()) if asked is None else asked
    gates = _gates(model.config.cell, inputs, before, weights, unit)
    names = model.cell.state_parts
    values_before = {name: float(part[0, unit]) for name, part in zip(names, before, strict=True)}
    values_after = {name: float(part[0, unit]) for name, part in zip(names, behind, strict=True)}
    wide, bias = weights.stacked()
    side_by_side = torch.cat((inputs, before[0]), dim=1)  # [1,E+H]
    separate = sum(weights.products(inputs, before[0]), torch.zeros(()))
    return InsideStep(
        prompt=bench.tokenizer.decode(ids),
        word=bench.tokenizer.piece(ids[-1]),
        cell=model.config.cell,
        layers=model.config.layers,
        unit=unit,
        gates=gates,
        before=values_before,
        after=values_after,
        formula=_formula(model.config.cell, gates, values_before, values_after),
        on_the_way=_on_the_way(model),
        parameters=_parameters(model),
        parameter_count=sum(weight.numel() for weight in model.parameters()),
        stacked_difference=float((side_by_side @ wide.T + bias - separate).abs().max()),
        likeliest=_likeliest(bench, model.step(ids[-1], state)),
    )


def run(bench: Bench) -> Iterator[LabEvent]:
    """One step, taken apart."""
    found = inside_step(bench)
    yield Finding(found, figures(found), bench.asked.seed)


def _gates(cell: str, inputs: Tensor, before: State, weights: CellWeights, unit: int) -> tuple[Gate, ...]:
    found: list[Gate] = []
    size = weights.hidden_size
    for number, (name, function, meaning) in enumerate(_GATES[cell]):
        row = number * size + unit
        from_input = float(weights.weight_ih[row] @ inputs[0])
        from_memory = float(weights.weight_hh[row] @ before[0][0])
        bias_ih, bias_hh = float(weights.bias_ih[row]), float(weights.bias_hh[row])
        seen = from_memory + bias_hh
        if cell == "gru" and name == "n":
            seen *= found[0].value  # the reset gate stands before the memory's part
        total = from_input + bias_ih + seen
        value = math.tanh(total) if function == "tanh" else 1 / (1 + math.exp(-total))
        found.append(Gate(name, from_input, bias_ih, from_memory, bias_hh, total, function, value, meaning))
    return tuple(found)


def _formula(cell: str, gates: tuple[Gate, ...], before: dict[str, float], behind: dict[str, float]) -> str:
    value = {gate.name: gate.value for gate in gates}
    if cell == "elman":
        return f"h' = tanh({gates[0].total:.4f}) = {behind['h']:.4f}"
    if cell == "gru":
        return (
            f"h' = (1 - z) * n + z * h = {1 - value['z']:.4f} * {value['n']:.4f} + {value['z']:.4f} * "
            f"{before['h']:.4f} = {behind['h']:.4f}"
        )
    return (
        f"c' = f * c + i * g = {value['f']:.4f} * {before['c']:.4f} + {value['i']:.4f} * {value['g']:.4f} "
        f"= {behind['c']:.4f}\n"
        f"h' = o * tanh(c') = {value['o']:.4f} * {math.tanh(behind['c']):.4f} = {behind['h']:.4f}"
    )


def _on_the_way(model: WordRNN) -> tuple[Part, ...]:
    config, words = model.config, model.vocabulary_size
    width = len(_GATES[config.cell]) * config.hidden_size
    rows = [
        ("x", (1, config.embedding_size), "the word's row of the embedding"),
        ("x W_ih^T + b_ih", (1, width), "what the word says to every gate of every unit"),
        ("h W_hh^T + b_hh", (1, width), "what the memory says to them"),
        ("h'", (1, config.hidden_size), "the new memory, and what the layer says"),
    ]
    if config.layers > 1:
        rows.append(("layers above", (config.layers - 1, config.hidden_size), "each reads what the layer below said"))
    if model.projection is not None:
        rows.append(("projection", (1, config.embedding_size), "squeezed to the size of a word vector"))
    rows += [("scores", (1, words), "one per word"), ("softmax", (1, words), "made positive, and one in sum")]
    return tuple(Part(name, shape, math.prod(shape), meaning) for name, shape, meaning in rows)


def _parameters(model: WordRNN) -> tuple[Part, ...]:
    meanings = {
        "embedding": "a vector for every word",
        "weight_ih": "from the input",
        "weight_hh": "from the memory",
        "bias_ih": "",
        "bias_hh": "",
        "projection": "from memory to word vector",
        "output_words": "a vector for every word, on the way out",
        "output_bias": "how frequent a word is anyway",
        "groups": "groups of rare words",
        "group_bias": "",
    }
    rows = []
    for name, weight in model.named_parameters():
        if weight.numel():
            meaning = next((text for key, text in meanings.items() if key in name), "")
            rows.append(Part(name, tuple(weight.shape), weight.numel(), meaning))
    if model.output_words is None:
        shape = tuple(model.embedding.weight.shape)
        rows.append(Part("output (tied)", shape, 0, "the embedding again"))
    return tuple(rows)


def _likeliest(bench: Bench, state: HiddenState, count: int = 6) -> tuple[Scored, ...]:
    model = bench.model
    hidden = state.parts["h"][-1, 0]
    said = hidden if model.projection is None else model.projection(hidden)
    chances = model.log_probabilities(hidden).exp()
    words = model.embedding.weight if model.output_words is None else model.output_words
    best = torch.topk(chances, min(count, chances.numel())).indices.tolist()
    return tuple(
        Scored(bench.tokenizer.piece(word), float(words[word] @ said + model.output_bias[word]), float(chances[word]))
        for word in best
    )


def figures(found: InsideStep) -> tuple[Figure, ...]:
    """The result as it is shown."""
    where = "the first layer" if found.layers > 1 else "the layer"
    return (
        Table(
            f'"{piece_name(found.word)}" on its way through the network ({found.cell})',
            ("value", "shape", "what it is"),
            tuple((part.name, _shape(part.shape), part.meaning) for part in found.on_the_way),
        ),
        Table(
            f"Unit {found.unit} of {where}, while it reads this word",
            ("gate", "W_ih x", "+ b_ih", "+ W_hh h", "+ b_hh", "= sum", "squashed", ""),
            tuple(
                (
                    gate.name,
                    f"{gate.from_input:.4f}",
                    f"{gate.bias_ih:.4f}",
                    f"{gate.from_memory:.4f}",
                    f"{gate.bias_hh:.4f}",
                    f"{gate.total:.4f}",
                    f"{gate.value:.4f}",
                    gate.function,
                )
                for gate in found.gates
            ),
        ),
        *(Note(line) for line in found.formula.splitlines()),
        *(Note(f"{gate.name}: {gate.meaning}", "muted") for gate in found.gates if len(found.gates) > 1),
        *(
            [Note("The sum of n counts the memory's part only as far as r lets it through.", "muted")]
            if found.cell == "gru"
            else []
        ),
        Check(
            "The two products are one product of the stacked matrix [W_ih W_hh] with x and h written side by side",
            found.stacked_difference < 1e-4,
            f"largest difference {found.stacked_difference:.1e}",
        ),
        Table(
            "Out of the memory: score, then softmax",
            ("word", "score", "P"),
            tuple(
                (piece_name(entry.piece), f"{entry.score:.3f}", f"{entry.probability:.4f}") for entry in found.likeliest
            ),
        ),
        Table(
            f"All {found.parameter_count:,} numbers the network has learned",
            ("weight", "shape", "numbers", ""),
            tuple((part.name, _shape(part.shape), f"{part.numbers:,}", part.meaning) for part in found.parameters),
        ),
    )


def _shape(shape: tuple[int, ...]) -> str:
    return " x ".join(f"{size:,}" for size in shape)
