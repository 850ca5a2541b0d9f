"""The recurrent units written out as equations: Elman, GRU, LSTM, minGRU. Knows nothing of words, layers or training.

A unit is a class with one step in time and all that the rest of the program reads of it; a line in `CELLS` and one in
`settings.CELL_FACTS` make it one that can be chosen. Weights have PyTorch's names, shapes and gate order. Where PyTorch
has a fused module for a unit it computes the same and reads whole sequences (equality is a test); every other unit is
read by its own `forward`. B = rows, E = inputs, H = hidden size, T = time steps.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional

from rnntui.lm.hardware.bfloat16 import read_lstm
from rnntui.lm.linear_scan import linear_scan
from rnntui.settings import CELL_FACTS, CellFacts

State: TypeAlias = tuple[Tensor, ...]
"""The parts of one layer's hidden state, each [B,H]; the first one is the output of the layer."""


@dataclass(frozen=True, slots=True)
class CellWeights:
    """The parameters of one layer by PyTorch's names, without the number of the layer: weight_ih, bias_ih, ..."""

    tensors: Mapping[str, Tensor]

    @classmethod
    def of_layer(cls, module: nn.Module, layer: int = 0) -> "CellWeights":
        """The parameters of one layer of a recurrent module: shared, not copied."""
        return cls.named(dict(module.named_parameters()), layer)

    @classmethod
    def named(cls, weights: Mapping[str, Tensor], layer: int) -> "CellWeights":
        """The parameters of one layer among others, such as weight_ih_l0."""
        ending = f"_l{layer}"
        return cls({name.removesuffix(ending): weight for name, weight in weights.items() if name.endswith(ending)})

    def __getitem__(self, name: str) -> Tensor:
        return self.tensors[name]

    def product(self, source: str, values: Tensor) -> Tensor:
        """[B,K] times a matrix, bias added: [B,N]. Source "ih" is for the input, "hh" for the hidden state."""
        return values @ self[f"weight_{source}"].T + self[f"bias_{source}"]

    def stacked(self) -> tuple[Tensor, Tensor]:
        """One matrix [N,E+H] and one bias [N] that do the work of the products of input and hidden state.

        The sum of the two products equals one product with the input and the hidden state written side by side.
        """
        return torch.cat((self["weight_ih"], self["weight_hh"]), dim=1), self["bias_ih"] + self["bias_hh"]


class Products(Protocol):
    """Whatever can multiply with the matrices of a layer."""

    def product(self, source: str, values: Tensor) -> Tensor:
        """See `CellWeights.product`."""


class PackedCellWeights:
    """The matrices of one layer in half precision: half the bytes to read for every token.

    Weights that were stored with a model have only the digits of half precision, so nothing is lost: what is multiplied
    with them and the sums stay in float32 and differ from the plain products by the order of the sums.

    Args:
        weights: Matrices of half-precision numbers.
    """

    def __init__(self, weights: CellWeights) -> None:
        pack = torch.ops.quantized.linear_prepack_fp16
        self._packed = {
            source: pack(weights[f"weight_{source}"].detach(), weights[f"bias_{source}"].detach())
            for source in (name.removeprefix("weight_") for name in weights.tensors if name.startswith("weight_"))
        }

    @classmethod
    def of(cls, weights: CellWeights) -> "PackedCellWeights | None":
        """The packed weights; None where that would change them, or where this processor has no such product."""
        if not can_be_packed(*(tensor for name, tensor in weights.tensors.items() if name.startswith("weight_"))):
            return None
        return cls(weights)

    def product(self, source: str, values: Tensor) -> Tensor:
        """See `CellWeights.product`."""
        product: Tensor = torch.ops.quantized.linear_dynamic_fp16(values, self._packed[source])
        return product


def can_be_packed(*matrices: Tensor) -> bool:
    """True when these matrices lose nothing in half precision and this processor can multiply with it."""
    if "fbgemm" not in torch.backends.quantized.supported_engines:
        return False
    if any(matrix.device.type != "cpu" for matrix in matrices):  # the product is of the processor alone
        return False
    return all(torch.equal(matrix.half().float(), matrix) for matrix in matrices)


@dataclass(frozen=True, slots=True)
class Gate:
    """One row per unit of the products that a step begins with."""

    name: str
    """As in the equations of its unit."""
    function: Callable[[Tensor], Tensor]
    """What its sum is put through."""
    meaning: str
    scaled_by: str = ""
    """The gate that multiplies the product of the hidden state before it is added; empty for none."""
    initial_bias: float | None = None
    """Of the bias of the input before training; None draws it like every weight."""

    @property
    def function_name(self) -> str:
        """For a table."""
        return self.function.__name__


class Cell:
    """A recurrent unit: one step in time for one layer, and all that the rest of the program knows of it."""

    facts: ClassVar[CellFacts]
    gates: ClassVar[tuple[Gate, ...]]
    """In the order of the rows of the matrices."""
    equations: ClassVar[tuple[str, ...]]
    """The new parts of the hidden state (such as h') from gates and old parts; "sum" is what enters the last gate."""
    state_parts: ClassVar[tuple[str, ...]] = ("h",)
    fused: ClassVar[Callable[..., nn.RNNBase] | None] = None
    """PyTorch's module of the same unit; None where there is none."""
    can_round: ClassVar[bool] = False
    """Whether products may be in bfloat16 while training. A unit that multiplies its only memory may not: it would lose
    a digit with every token."""

    @staticmethod
    def step(inputs: Tensor, state: State, weights: Products) -> State:
        """One step: inputs [B,E] and state (each part [B,H]) -> the next state. Nothing is changed in place."""
        raise TypeError("Cell is the shape of a unit; use one from CELLS")

    @classmethod
    def shapes(cls, inputs: int, hidden: int) -> dict[str, tuple[int, ...]]:
        """The parameters of a layer and their shapes, in the order in which they are initialised."""
        rows, from_memory = cls.facts.input_gates * hidden, cls.facts.memory_gates * hidden
        if not from_memory:
            return {"weight_ih": (rows, inputs), "bias_ih": (rows,)}
        return {
            "weight_ih": (rows, inputs),
            "weight_hh": (from_memory, hidden),
            "bias_ih": (rows,),
            "bias_hh": (from_memory,),
        }

    @classmethod
    def steps(cls, inputs: Tensor, state: State, weights: Products) -> Iterator[State]:
        """The states after each of T steps; inputs [T,B,E]."""
        for at_t in inputs:
            state = cls.step(at_t, state, weights)
            yield state

    @classmethod
    def unroll(cls, inputs: Tensor, state: State, weights: CellWeights) -> tuple[Tensor, State]:
        """A whole sequence, step by step: inputs [T,B,E], T at least 1 -> outputs [T,B,H] and the state after it."""
        outputs = []
        for after in cls.steps(inputs, state, weights):
            outputs.append(after[0])
            state = after
        return torch.stack(outputs), state

    @classmethod
    def forward(cls, inputs: Tensor, state: State, weights: CellWeights) -> tuple[Tensor, State]:
        """The same as `unroll`, as fast as can be."""
        return cls.unroll(inputs, state, weights)

    @classmethod
    def forward_rounded(cls, inputs: Tensor, state: State, weights: CellWeights) -> tuple[Tensor, State]:
        """`forward` with products in bfloat16, where `can_round` says so; all else stays in float32."""
        raise TypeError(f"{cls.__name__} has no products in bfloat16")


class ElmanCell(Cell):
    """h[t] = tanh(x[t] W_ih^T + b_ih + h[t-1] W_hh^T + b_hh).  Source: Elman 1990."""

    facts = CELL_FACTS["elman"]
    gates = (Gate("h", torch.tanh, "the new memory"),)
    equations = ("h' = tanh(sum)",)
    fused = nn.RNN

    @staticmethod
    def step(inputs: Tensor, state: State, weights: Products) -> State:
        """One step, see the class."""
        return (torch.tanh(weights.product("ih", inputs) + weights.product("hh", state[0])),)


class GRUCell(Cell):
    """Gated recurrent unit.  Source: Cho et al. 2014, in PyTorch's form (reset after the product).

    r = sigmoid(x W_ir^T + b_ir + h W_hr^T + b_hr)                what of the memory is used for the proposal
    z = sigmoid(x W_iz^T + b_iz + h W_hz^T + b_hz)                how much stays as it was
    n = tanh(x W_in^T + b_in + r * (h W_hn^T + b_hn))             the proposal
    h' = (1 - z) * n + z * h
    """

    facts = CELL_FACTS["gru"]
    gates = (
        Gate("r", torch.sigmoid, "how much of the memory the proposal sees"),
        Gate("z", torch.sigmoid, "how much stays as it was"),
        Gate("n", torch.tanh, "the proposal", scaled_by="r"),
    )
    equations = ("h' = (1 - z) * n + z * h",)
    fused = nn.GRU

    @staticmethod
    def step(inputs: Tensor, state: State, weights: Products) -> State:
        """One step, see the class."""
        (hidden,) = state
        reset_in, keep_in, new_in = weights.product("ih", inputs).chunk(3, dim=-1)
        reset_memory, keep_memory, new_memory = weights.product("hh", hidden).chunk(3, dim=-1)
        reset = torch.sigmoid(reset_in + reset_memory)
        keep = torch.sigmoid(keep_in + keep_memory)
        proposal = torch.tanh(new_in + reset * new_memory)
        return ((1 - keep) * proposal + keep * hidden,)


class LSTMCell(Cell):
    """Long short-term memory.  Source: Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000.

    i, f, o = sigmoid(x W_i?^T + b_i? + h W_h?^T + b_h?)          input, forget and output gates
    g = tanh(x W_ig^T + b_ig + h W_hg^T + b_hg)                   what might be written
    c' = f * c + i * g
    h' = o * tanh(c')
    """

    facts = CELL_FACTS["lstm"]
    gates = (
        Gate("i", torch.sigmoid, "how much is written"),
        Gate("f", torch.sigmoid, "how much is kept", initial_bias=1.0),  # Jozefowicz et al. 2015
        Gate("g", torch.tanh, "what might be written"),
        Gate("o", torch.sigmoid, "how much of the cell is shown"),
    )
    equations = ("c' = f * c + i * g", "h' = o * tanh(c')")
    state_parts = ("h", "c")
    fused = nn.LSTM
    can_round = True

    @staticmethod
    def step(inputs: Tensor, state: State, weights: Products) -> State:
        """One step, see the class."""
        hidden, carried = state
        products = weights.product("ih", inputs) + weights.product("hh", hidden)
        write, forget, new, output = products.chunk(4, dim=-1)
        carried = torch.sigmoid(forget) * carried + torch.sigmoid(write) * torch.tanh(new)
        return torch.sigmoid(output) * torch.tanh(carried), carried

    @classmethod
    def forward_rounded(cls, inputs: Tensor, state: State, weights: CellWeights) -> tuple[Tensor, State]:
        """A whole sequence with products in bfloat16, see the base class."""
        hidden, carried = state
        matrix, bias = weights.stacked()
        outputs, *after = read_lstm(inputs, hidden, carried, matrix, bias)
        return outputs, tuple(after)


def identity(values: Tensor) -> Tensor:
    """For a gate that is not squashed."""
    return values


class MinGRUCell(Cell):
    """Minimal gated recurrent unit.  Source: Feng et al. 2024, "Were RNNs All We Needed?", arXiv 2410.01201.

    z = sigmoid(x W_iz^T + b_iz)                                  how much is written anew
    n = x W_in^T + b_in                                           what is written
    h' = (1 - z) * h + z * n

    Nothing but the last line reads the memory, and it is linear in it: the gates of all steps are one product, and the
    states of all steps one scan. This is the plain form of section 3.1; the paper keeps n positive for a scan in
    logarithms, which the scan here does not need and which predicts worse (tests/benchmarks/LOG.md).
    """

    facts = CELL_FACTS["mingru"]
    gates = (Gate("z", torch.sigmoid, "how much is written anew"), Gate("n", identity, "what is written"))
    equations = ("h' = (1 - z) * h + z * n",)
    can_round = True

    @staticmethod
    def step(inputs: Tensor, state: State, weights: Products) -> State:
        """One step, see the class."""
        (hidden,) = state
        write, new = weights.product("ih", inputs).chunk(2, dim=-1)
        write = torch.sigmoid(write)
        return ((1 - write) * hidden + write * new,)

    @classmethod
    def forward(cls, inputs: Tensor, state: State, weights: CellWeights) -> tuple[Tensor, State]:
        """All gates at once, then one scan."""
        return cls._scan(weights.product("ih", inputs), state)

    @classmethod
    def forward_rounded(cls, inputs: Tensor, state: State, weights: CellWeights) -> tuple[Tensor, State]:
        """The same with the product in bfloat16."""
        product = functional.linear(inputs.bfloat16(), weights["weight_ih"].bfloat16())
        return cls._scan(product.float() + weights["bias_ih"], state)

    @staticmethod
    def _scan(products: Tensor, state: State) -> tuple[Tensor, State]:
        write, new = products.chunk(2, dim=-1)
        write = torch.sigmoid(write)
        outputs = linear_scan(1 - write, write * new, state[0])
        return outputs, (outputs[-1],)


CELLS: dict[str, type[Cell]] = {"elman": ElmanCell, "gru": GRUCell, "lstm": LSTMCell, "mingru": MinGRUCell}


class RecurrentLayers(nn.Module):
    """Layers of a unit for which PyTorch has no module; called as those of `torch.nn` are, parameters named likewise.

    Args:
        cell: The unit.
        inputs: E
        hidden: H
        layers: How many, each reading the outputs of the one below.
    """

    def __init__(self, cell: type[Cell], inputs: int, hidden: int, layers: int) -> None:
        super().__init__()
        self.cell, self.hidden_size, self.layers = cell, hidden, layers
        for layer in range(layers):
            for name, shape in cell.shapes(hidden if layer else inputs, hidden).items():
                self.register_parameter(f"{name}_l{layer}", nn.Parameter(torch.zeros(shape)))

    def forward(self, inputs: Tensor, state: Tensor | State | None = None) -> tuple[Tensor, Tensor | State]:
        """Inputs [T,B,E] -> outputs of the top layer [T,B,H] and the state after them, each part [L,B,H].

        Args:
            inputs: [T,B,E]
            state: Where to go on from, a tensor for a single part; zeros when None.
        """
        parts = len(self.cell.state_parts)
        if state is None:
            state = (inputs.new_zeros(self.layers, inputs.shape[1], self.hidden_size),) * parts
        before = state if isinstance(state, tuple) else (state,)
        after = []
        for layer in range(self.layers):
            weights = CellWeights.of_layer(self, layer)
            inputs, behind = self.cell.forward(inputs, tuple(part[layer] for part in before), weights)
            after.append(behind)
        stacked = tuple(torch.stack(part) for part in zip(*after, strict=True))
        return inputs, stacked if parts > 1 else stacked[0]


def recurrent_module(cell: type[Cell], inputs: int, hidden: int, layers: int) -> nn.Module:
    """PyTorch's module of a unit where there is one, else `RecurrentLayers`; arguments as there."""
    if cell.fused is not None:
        return cell.fused(inputs, hidden, layers)
    return RecurrentLayers(cell, inputs, hidden, layers)
