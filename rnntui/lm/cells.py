"""The recurrent units written out as equations: Elman, GRU, LSTM. Knows nothing of words, layers or training.

Every unit takes an input and the hidden state and returns the next hidden state, so that nothing is read twice. Weights
have PyTorch's names, shapes and gate order; the fused PyTorch module of the same name computes the same and is used
where many steps are taken at once (equality is a test). B = rows, E = inputs, H = hidden size, G = gates of the unit.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol, TypeAlias

import torch
from torch import Tensor, nn

State: TypeAlias = tuple[Tensor, ...]
"""The parts of one layer's hidden state, each [B,H]; the first one is what the layer says."""


@dataclass(frozen=True, slots=True)
class CellWeights:
    """The parameters of one layer, as in `torch.nn`."""

    weight_ih: Tensor
    """[G*H,E], from the input."""
    weight_hh: Tensor
    """[G*H,H], from the hidden state."""
    bias_ih: Tensor
    """[G*H]"""
    bias_hh: Tensor
    """[G*H]"""

    @classmethod
    def of_layer(cls, module: nn.RNNBase, layer: int = 0) -> "CellWeights":
        """The parameters of one layer of a `torch.nn` module: shared, not copied."""
        return cls.named(dict(module.named_parameters()), layer)

    @classmethod
    def named(cls, weights: Mapping[str, Tensor], layer: int) -> "CellWeights":
        """The parameters of one layer among others, by PyTorch's names."""
        return cls(*(weights[f"{name}_l{layer}"] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")))

    @property
    def hidden_size(self) -> int:
        """H."""
        return self.weight_hh.shape[1]

    def products(self, inputs: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """The two products every unit starts with, biases added: both [B,G*H]."""
        return inputs @ self.weight_ih.T + self.bias_ih, hidden @ self.weight_hh.T + self.bias_hh

    def stacked(self) -> tuple[Tensor, Tensor]:
        """One matrix [G*H,E+H] and one bias [G*H] that do the work of both products.

        The sum of the two products equals one product with the input and the hidden state written side by side.
        """
        return torch.cat((self.weight_ih, self.weight_hh), dim=1), self.bias_ih + self.bias_hh


class Products(Protocol):
    """Whatever can do the two products that every unit starts with."""

    def products(self, inputs: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """[B,E] and [B,H] -> both [B,G*H], biases added."""


class PackedCellWeights:
    """The parameters of one layer in half precision: half the bytes to read for every word.

    Weights that were kept with a model have only the digits of half precision, so nothing is lost: what is multiplied
    with them and the sums stay in float32 and differ from the plain products by the order of the sums.

    Args:
        weights: Matrices of half-precision numbers.
    """

    def __init__(self, weights: CellWeights) -> None:
        pack = torch.ops.quantized.linear_prepack_fp16
        self._from_input = pack(weights.weight_ih.detach(), weights.bias_ih.detach())
        self._from_memory = pack(weights.weight_hh.detach(), weights.bias_hh.detach())

    @classmethod
    def of(cls, weights: CellWeights) -> "PackedCellWeights | None":
        """The packed weights; None where that would change them, or where this processor has no such product."""
        if not can_be_packed(weights.weight_ih, weights.weight_hh):
            return None
        return cls(weights)

    def products(self, inputs: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """The two products every unit starts with, biases added: both [B,G*H]."""
        product = torch.ops.quantized.linear_dynamic_fp16
        return product(inputs, self._from_input), product(hidden, self._from_memory)


def can_be_packed(*matrices: Tensor) -> bool:
    """True when these matrices lose nothing in half precision and this processor can multiply with it."""
    if "fbgemm" not in torch.backends.quantized.supported_engines:
        return False
    if any(matrix.device.type != "cpu" for matrix in matrices):  # the product is of the processor alone
        return False
    return all(torch.equal(matrix.half().float(), matrix) for matrix in matrices)


class Cell:
    """A recurrent unit: one step in time for one layer."""

    state_parts: ClassVar[tuple[str, ...]] = ("h",)
    gates: ClassVar[int] = 1
    fused: ClassVar[Callable[..., nn.RNNBase]] = nn.RNN

    @staticmethod
    def step(inputs: Tensor, state: State, weights: Products) -> State:
        """One step: inputs [B,E] and state (each part [B,H]) -> the next state. Nothing is changed in place."""
        raise TypeError("Cell is the shape of a unit; use one from CELLS")

    @classmethod
    def steps(cls, inputs: Tensor, state: State, weights: CellWeights) -> Iterator[State]:
        """The states after each of T steps; inputs [T,B,E]."""
        for at_t in inputs:
            state = cls.step(at_t, state, weights)
            yield state

    @classmethod
    def forward(cls, inputs: Tensor, state: State | None, weights: CellWeights) -> tuple[Tensor, State]:
        """A whole sequence: inputs [T,B,E] -> what the layer said [T,B,H] and the state to go on from.

        Args:
            inputs: [T,B,E], T at least 1.
            state: Where to go on from; zeros when None.
            weights: The layer's parameters.
        """
        state = state or cls.zeros(inputs.shape[1], weights)
        said = []
        for after in cls.steps(inputs, state, weights):
            said.append(after[0])
            state = after
        return torch.stack(said), state

    @classmethod
    def zeros(cls, rows: int, weights: CellWeights) -> State:
        """An empty memory."""
        empty = weights.weight_hh.new_zeros(rows, weights.hidden_size)
        return tuple(empty.clone() for _ in cls.state_parts)


class ElmanCell(Cell):
    """h[t] = tanh(x[t] W_ih^T + b_ih + h[t-1] W_hh^T + b_hh).  Source: Elman 1990."""

    fused = nn.RNN

    @staticmethod
    def step(inputs: Tensor, state: State, weights: Products) -> State:
        """One step, see the class."""
        from_input, from_memory = weights.products(inputs, state[0])
        return (torch.tanh(from_input + from_memory),)


class GRUCell(Cell):
    """Gated recurrent unit.  Source: Cho et al. 2014, in PyTorch's form (reset after the product).

    r = sigmoid(x W_ir^T + b_ir + h W_hr^T + b_hr)                what of the memory is used for the proposal
    z = sigmoid(x W_iz^T + b_iz + h W_hz^T + b_hz)                how much stays as it was
    n = tanh(x W_in^T + b_in + r * (h W_hn^T + b_hn))             the proposal
    h' = (1 - z) * n + z * h
    """

    gates = 3
    fused = nn.GRU

    @staticmethod
    def step(inputs: Tensor, state: State, weights: Products) -> State:
        """One step, see the class."""
        (hidden,) = state
        from_input, from_memory = weights.products(inputs, hidden)
        reset_in, keep_in, new_in = from_input.chunk(3, dim=-1)
        reset_memory, keep_memory, new_memory = from_memory.chunk(3, dim=-1)
        reset = torch.sigmoid(reset_in + reset_memory)
        keep = torch.sigmoid(keep_in + keep_memory)
        proposal = torch.tanh(new_in + reset * new_memory)
        return ((1 - keep) * proposal + keep * hidden,)


class LSTMCell(Cell):
    """Long short-term memory.  Source: Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000.

    i, f, o = sigmoid(x W_i?^T + b_i? + h W_h?^T + b_h?)          write, keep and speak gates
    g = tanh(x W_ig^T + b_ig + h W_hg^T + b_hg)                   what might be written
    c' = f * c + i * g
    h' = o * tanh(c')
    """

    state_parts = ("h", "c")
    gates = 4
    fused = nn.LSTM

    @staticmethod
    def step(inputs: Tensor, state: State, weights: Products) -> State:
        """One step, see the class."""
        hidden, carried = state
        from_input, from_memory = weights.products(inputs, hidden)
        write, keep, new, speak = (from_input + from_memory).chunk(4, dim=-1)
        carried = torch.sigmoid(keep) * carried + torch.sigmoid(write) * torch.tanh(new)
        return torch.sigmoid(speak) * torch.tanh(carried), carried


CELLS: dict[str, type[Cell]] = {"elman": ElmanCell, "gru": GRUCell, "lstm": LSTMCell}
