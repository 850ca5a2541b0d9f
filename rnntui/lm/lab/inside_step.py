"""Station "inside-step": one word through the first recurrent layer and out again, with every number of one unit.

B = 1, E = embedding size, H = hidden size, G = gates, V = vocabulary size.
"""

import math
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from rnntui.figures import Check, Figure, Finding, LabEvent, Note, Table
from rnntui.lm.cells import CELLS, Cell, CellWeights, State
from rnntui.lm.lab.bench import Bench, after
from rnntui.lm.model import HiddenState, WordRNN
from rnntui.text import piece_name


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
    from_memory: float | None
    """The unit's row of W_hh times h; None where the gate does not read the hidden state."""
    bias_hh: float | None
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
    """The word's row of the output matrix times the output of the network, plus the word's bias."""
    probability: float
    group: int = 0
    """0 for a frequent word; the number of its group, from 1, for a rarer one."""
    group_probability: float = 1.0
    """P(group); 1 for a frequent word."""


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
    stacked_difference: float | None
    """Largest difference between the sum of the two products and the one product of the stacked matrix; None where only
    the input is multiplied."""
    likeliest: tuple[Scored, ...]
    frequent_words: int
    """They are normalised together with one score per group; all words, where there are no groups."""
    groups: int
    normaliser: float
    """Sum of exp(score) over the frequent words and the groups."""


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
    gates = _gates(model.cell, inputs, before, weights, unit)
    names = model.cell.state_parts
    values_before = {name: float(part[0, unit]) for name, part in zip(names, before, strict=True)}
    values_after = {name: float(part[0, unit]) for name, part in zip(names, behind, strict=True)}
    likeliest, normaliser = _likeliest(bench, model.step(ids[-1], state))
    limits = model.output_weights().limits
    return InsideStep(
        prompt=bench.tokenizer.decode(ids),
        word=bench.tokenizer.piece(ids[-1]),
        cell=model.config.cell,
        layers=model.config.layers,
        unit=unit,
        gates=gates,
        before=values_before,
        after=values_after,
        formula=_formula(model.cell, gates, values_before, values_after),
        on_the_way=_on_the_way(model),
        parameters=_parameters(model),
        parameter_count=sum(weight.numel() for weight in model.parameters()),
        stacked_difference=_stacked_difference(model.cell, inputs, before[0], weights),
        likeliest=likeliest,
        frequent_words=limits[0],
        groups=len(limits) - 1,
        normaliser=normaliser,
    )


def run(bench: Bench) -> Iterator[LabEvent]:
    """One step, taken apart."""
    found = inside_step(bench)
    yield Finding(found, figures(found), bench.asked.seed)


def _gates(cell: type[Cell], inputs: Tensor, before: State, weights: CellWeights, unit: int) -> tuple[Gate, ...]:
    found: dict[str, Gate] = {}
    size = before[0].shape[1]
    for number, gate in enumerate(cell.gates):
        row = number * size + unit
        from_input, bias_ih = float(weights["weight_ih"][row] @ inputs[0]), float(weights["bias_ih"][row])
        total, from_memory, bias_hh = from_input + bias_ih, None, None
        if cell.facts.memory_gates:
            from_memory, bias_hh = float(weights["weight_hh"][row] @ before[0][0]), float(weights["bias_hh"][row])
            total += (from_memory + bias_hh) * (found[gate.scaled_by].value if gate.scaled_by else 1.0)
        value = float(gate.function(torch.tensor(total, dtype=torch.float64)))
        function = gate.function_name
        found[gate.name] = Gate(
            gate.name, from_input, bias_ih, from_memory, bias_hh, total, function, value, gate.meaning
        )
    return tuple(found.values())


def _formula(
    cell: type[Cell], gates: tuple[Gate, ...], before: Mapping[str, float], behind: Mapping[str, float]
) -> str:
    """The equations of the unit, with numbers in place of the names."""
    values = {**before, **{gate.name: gate.value for gate in gates}, "sum": gates[-1].total}
    new = {f"{name}'": value for name, value in behind.items()}
    lines = []
    for equation in cell.equations:
        name, _, right = equation.partition(" = ")
        lines.append(f"{equation} = {_with_numbers(right, {**values, **new})} = {new[name]:.4f}")
    return "\n".join(lines)


def _with_numbers(terms: str, values: Mapping[str, float]) -> str:
    """Terms with the value of every name in them; 1 - x and tanh(c'), of known numbers, are numbers too."""
    rest = re.sub(r"\(1 - (\w+)\)", lambda found: f"{1 - values[found[1]]:.4f}", terms)
    rest = re.sub(r"tanh\((\w+')\)", lambda found: f"{math.tanh(values[found[1]]):.4f}", rest)
    return re.sub(r"[a-z]+'?", lambda found: f"{values[found[0]]:.4f}" if found[0] in values else found[0], rest)


def _stacked_difference(cell: type[Cell], inputs: Tensor, hidden: Tensor, weights: CellWeights) -> float | None:
    if not cell.facts.memory_gates:
        return None
    matrix, bias = weights.stacked()
    side_by_side = torch.cat((inputs, hidden), dim=1)  # [1,E+H]
    separate = weights.product("ih", inputs) + weights.product("hh", hidden)
    return float((side_by_side @ matrix.T + bias - separate).abs().max())


def _on_the_way(model: WordRNN) -> tuple[Part, ...]:
    config, words = model.config, model.vocabulary_size
    width = len(model.cell.gates) * config.hidden_size
    rows = [
        ("x", (1, config.embedding_size), "the word's row of the embedding"),
        ("x W_ih^T + b_ih", (1, width), "contribution of the input to each pre-activation"),
    ]
    if model.cell.facts.memory_gates:
        rows.append(("h W_hh^T + b_hh", (1, width), "contribution of the hidden state to each of them"))
    parts = model.cell.state_parts
    rows += [(f"{part}'", (1, config.hidden_size), "the new cell state: the memory") for part in parts if part != "h"]
    rows.append(("h'", (1, config.hidden_size), "the new hidden state, and the output of the layer"))
    if config.layers > 1:
        rows.append(
            ("layers above", (config.layers - 1, config.hidden_size), "each reads the output of the layer below")
        )
    if model.projection is not None:
        rows.append(("projection", (1, config.embedding_size), "linear projection to the embedding size"))
    rows.append(("scores", (1, words), "one per word"))
    if groups := model.groups.shape[0]:
        rows.append(("scores of groups", (1, groups), "one per group of rarer words"))
    rows.append(("softmax", (1, words), "exponentiated and normalised"))
    return tuple(Part(name, shape, math.prod(shape), meaning) for name, shape, meaning in rows)


def _parameters(model: WordRNN) -> tuple[Part, ...]:
    meanings = {
        "embedding": "a vector for every word",
        "weight_ih": "from the input",
        "weight_hh": "from the hidden state",
        "bias_ih": "",
        "bias_hh": "",
        "projection": "from the hidden state to the embedding size",
        "output_words": "a vector for every word, on the way out",
        "output_bias": "how frequent a word is anyway",
        "groups": "groups of rare words",
        "group_bias": "",
    }
    rows = []
    for name, weight in model.named_parameters():
        if weight.numel():
            meaning = next((text for key, text in meanings.items() if key in name), "")
            if "weight_ih" in name and not name.endswith("_l0"):
                meaning = "from the layer below"
            rows.append(Part(name, tuple(weight.shape), weight.numel(), meaning))
    if model.output_words is None:
        shape = tuple(model.embedding.weight.shape)
        rows.append(Part("output (tied)", shape, 0, "the embedding again"))
    return tuple(rows)


def _likeliest(bench: Bench, state: HiddenState, count: int = 6) -> tuple[tuple[Scored, ...], float]:
    """The likeliest words, and what the frequent ones are normalised by."""
    model = bench.model
    hidden = state.parts["h"][-1, 0]
    output = hidden if model.projection is None else model.projection(hidden)
    weights = model.output_weights()
    scores = (output @ weights.words.T + weights.bias).double()  # [V]
    head = weights.limits[0]
    group_scores = (output @ weights.groups.T + weights.group_bias).double()  # [G]
    normaliser = torch.cat((scores[:head], group_scores)).exp().sum()
    chances = model.log_probabilities(hidden).exp()
    found = []
    for word in torch.topk(chances, min(count, chances.numel())).indices.tolist():
        group = bisect_right(weights.limits[:-1], word)
        share = float(group_scores[group - 1].exp() / normaliser) if group else 1.0
        piece = bench.tokenizer.piece(word)
        found.append(Scored(piece, float(scores[word]), float(chances[word]), group, share))
    return tuple(found), float(normaliser)


def figures(found: InsideStep) -> tuple[Figure, ...]:
    """The result as it is shown."""
    where = "the first layer" if found.layers > 1 else "the layer"
    reads_memory = found.stacked_difference is not None
    return (
        Table(
            f'"{piece_name(found.word)}" on its way through the network ({found.cell})',
            ("value", "shape", "what it is"),
            tuple((part.name, _shape(part.shape), part.meaning) for part in found.on_the_way),
        ),
        Table(
            f"Unit {found.unit} of {where}, while it reads this word",
            (
                "gate",
                "x W_ih^T",
                "+ b_ih",
                *(("+ h W_hh^T", "+ b_hh") if reads_memory else ()),
                "= sum",
                "squashed",
                "",
            ),
            tuple((gate.name, *map(_number, _terms(gate)), gate.function) for gate in found.gates),
        ),
        *(Note(line) for line in found.formula.splitlines()),
        *(Note(f"{gate.name}: {gate.meaning}", "muted") for gate in found.gates if len(found.gates) > 1),
        *(
            Note(
                f"The sum of {gate.name} counts the memory's part only as far as {gate.scaled_by} lets it through.",
                "muted",
            )
            for gate in CELLS[found.cell].gates
            if gate.scaled_by
        ),
        *_stacked_check(found.stacked_difference),
        *_softmax(found),
        Table(
            f"All {found.parameter_count:,} parameters of the network",
            ("weight", "shape", "numbers", ""),
            tuple((part.name, _shape(part.shape), f"{part.numbers:,}", part.meaning) for part in found.parameters),
        ),
    )


def _softmax(found: InsideStep) -> tuple[Figure, ...]:
    """From scores to probabilities, so that every figure can be computed again."""
    if not found.groups:
        rows = tuple(
            (piece_name(entry.piece), f"{entry.score:.3f}", f"{entry.probability:.4f}") for entry in found.likeliest
        )
        return (
            Table("Out of the hidden state: score, then softmax", ("word", "score", "P"), rows),
            Note(f"P = exp(score) / Σ exp(score), and the sum over all words is {found.normaliser:.4g}.", "muted"),
        )
    in_groups = tuple(
        (
            piece_name(entry.piece),
            f"{entry.score:.3f}",
            f"{entry.group_probability:.4f}" if entry.group else "",
            f"{entry.probability / max(entry.group_probability, 1e-300):.4f}",
            f"{entry.probability:.4f}",
        )
        for entry in found.likeliest
    )
    return (
        Table(
            "Out of the hidden state: score, then softmax in two levels",
            ("word", "score", "P(group)", "P(word | group)", "P"),
            in_groups,
        ),
        Note(
            f"The {found.frequent_words:,} frequent words and one score per group of rarer ones ({found.groups}) share "
            f"one softmax: P = exp(score) / {found.normaliser:.4g}, the sum of exp(score) over them. The words of a "
            "group have a softmax of their own, and P = P(group) · P(word | group) (Grave et al. 2017).",
            "muted",
        ),
    )


def _terms(gate: Gate) -> tuple[float, ...]:
    terms = (gate.from_input, gate.bias_ih, gate.from_memory, gate.bias_hh, gate.total, gate.value)
    return tuple(term for term in terms if term is not None)


def _number(value: float) -> str:
    return f"{value:.4f}"


def _stacked_check(difference: float | None) -> tuple[Check, ...]:
    if difference is None:
        return ()
    what = "The two products are one product of the stacked matrix [W_ih W_hh] with x and h written side by side"
    return (Check(what, difference < 1e-4, f"largest difference {difference:.1e}"),)


def _shape(shape: tuple[int, ...]) -> str:
    return " x ".join(f"{size:,}" for size in shape)
