"""A word-level recurrent network: embedding -> recurrent layers -> output layer tied to the embedding.

Knows nothing of text, files or time. T = time steps, B = rows in a batch, L = layers, E = embedding size, H = hidden
size, V = vocabulary size. Time comes first: [T,B].
"""

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional

from rnntui.errors import ModelFileError
from rnntui.lm.cells import CELLS, CellWeights, PackedCellWeights, Products, State, recurrent_module
from rnntui.lm.output import OutputWeights, PackedWords, group_limits
from rnntui.settings import ModelConfig

_STATE_HEADER = struct.Struct("<4sIII")  # magic, parts, L, H
_STATE_MAGIC = b"RNNh"


@dataclass(frozen=True, slots=True)
class HiddenState:
    """The hidden state of all layers: an immutable value. Reading makes a new one and leaves this one as it was."""

    parts: Mapping[str, Tensor]
    """By name ("h", and "c" for an LSTM), each [L,B,H]."""

    def row(self, number: int) -> "HiddenState":
        """The state of one row of a batch, as a batch of one (a copy)."""
        return self._map(lambda part: part[:, number : number + 1].clone())

    def every_second_row(self) -> "HiddenState":
        """The states of rows 0, 2, 4 and so on (a copy)."""
        return self._map(lambda part: part[:, ::2].clone())

    def detach(self) -> "HiddenState":
        """The same state without its history: no gradient flows back beyond it."""
        return self._map(lambda part: part.detach())

    def to(self, device: torch.device) -> "HiddenState":
        """The same state on another device; this very value where it is there already."""
        return self if self.device == device else self._map(lambda part: part.to(device))

    @property
    def device(self) -> torch.device:
        """Where the tensors are."""
        return next(iter(self.parts.values())).device

    def scale_rows(self, factors: Tensor) -> "HiddenState":
        """Each row times its factor [B]; 0 resets a row."""
        return self._map(lambda part: part * factors.view(1, -1, 1))

    def interpolate(self, other: "HiddenState", share: float) -> "HiddenState":
        """A state between two of the same shape: `share` of this one and the rest of the other."""
        parts = {name: part * share + other.parts[name] * (1.0 - share) for name, part in self.parts.items()}
        return HiddenState(MappingProxyType(parts))

    def layer(self, number: int) -> State:
        """The parts of one layer, each [B,H], in the order of the unit's `state_parts`."""
        return tuple(part[number] for part in self.parts.values())

    def top_memory(self) -> Tensor:
        """What each unit of the top layer remembers, [B,H], -1 to 1.

        The hidden state h; of an LSTM tanh(c), since h is only what the output gate lets out of the cell state c at
        this word (Karpathy et al. 2015 colour texts by it).
        """
        cell = self.parts.get("c")
        return self.parts["h"][-1] if cell is None else torch.tanh(cell[-1])

    def top_units(self) -> tuple[float, ...]:
        """`top_memory` of a batch of one, one number per unit."""
        return tuple(self.top_memory()[0].tolist())

    @property
    def size_bytes(self) -> int:
        """Bytes of all parts."""
        return sum(part.numel() * part.element_size() for part in self.parts.values())

    def to_bytes(self) -> bytes:
        """Exactly these numbers as bytes, for a batch of one in float32."""
        first = next(iter(self.parts.values()))
        header = _STATE_HEADER.pack(_STATE_MAGIC, len(self.parts), first.shape[0], first.shape[2])
        return header + b"".join(_float_bytes(part[:, 0]) for part in self.parts.values())

    @classmethod
    def from_bytes(cls, data: bytes, config: ModelConfig) -> "HiddenState":
        """The state that `to_bytes` wrote, if it fits a model of this shape.

        Raises:
            ModelFileError: If the bytes are cut off, not finite, or belong to a model of another shape.
        """
        names = CELLS[config.cell].state_parts
        wanted = _STATE_HEADER.pack(_STATE_MAGIC, len(names), config.layers, config.hidden_size)
        count = config.layers * config.hidden_size
        if len(data) != len(wanted) + 4 * count * len(names) or not data.startswith(wanted):
            raise ModelFileError("The stored memory does not fit this model.", "The transcript will be read again.")
        numbers = torch.frombuffer(bytearray(data[len(wanted) :]), dtype=torch.float32)
        if not torch.isfinite(numbers).all():
            raise ModelFileError("The stored memory is damaged.", "The transcript will be read again.")
        shaped = numbers.view(len(names), config.layers, 1, config.hidden_size)
        return cls(MappingProxyType({name: shaped[at].clone() for at, name in enumerate(names)}))

    def _map(self, change: Callable[[Tensor], Tensor]) -> "HiddenState":
        return HiddenState(MappingProxyType({name: change(part) for name, part in self.parts.items()}))


class WordRNN(nn.Module):
    """The network. Parameters carry the names of `torch.nn`: recurrent.weight_ih_l0, recurrent.weight_hh_l0, ...

    Args:
        config: Cell, sizes and tying. With a tied output layer and different sizes, a projection [E,H] stands between.
        vocabulary_size: V
    """

    def __init__(self, config: ModelConfig, vocabulary_size: int) -> None:
        super().__init__()
        self.config = config
        self.cell = CELLS[config.cell]
        self.embedding = nn.Embedding(vocabulary_size, config.embedding_size)
        self.recurrent = recurrent_module(self.cell, config.embedding_size, config.hidden_size, config.layers)
        needs_projection = config.tied and config.embedding_size != config.hidden_size
        self.projection = nn.Linear(config.hidden_size, config.embedding_size, bias=False) if needs_projection else None
        width = config.embedding_size if config.tied else config.hidden_size
        self._limits = group_limits(vocabulary_size, config)
        self.output_words = nn.Parameter(torch.zeros(vocabulary_size, width)) if not config.tied else None
        self.output_bias = nn.Parameter(torch.zeros(vocabulary_size))
        self.groups = nn.Parameter(torch.zeros(len(self._limits) - 1, width))
        self.group_bias = nn.Parameter(torch.zeros(len(self._limits) - 1))

    @property
    def vocabulary_size(self) -> int:
        """V."""
        return self.embedding.num_embeddings

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.embedding.weight.device

    def initialise(self, generator: torch.Generator, word_counts: Tensor | None = None) -> None:
        """Initialise all weights, on the processor: a seed gives the same ones on every device.

        Args:
            generator: The only source of randomness.
            word_counts: [V], how often each token occurs in the training text; the output bias starts at the logarithm
                of its share, so that the first guess is the token frequencies instead of nothing.
        """
        with torch.no_grad():
            self.embedding.weight.uniform_(-0.1, 0.1, generator=generator)
            bound = self.config.hidden_size**-0.5
            for name, parameter in self.recurrent.named_parameters():
                parameter.uniform_(-bound, bound, generator=generator)
                if name.startswith("bias_ih"):
                    self._start_gates(parameter)
            if self.projection is not None:
                self.projection.weight.uniform_(-bound, bound, generator=generator)
            if self.output_words is not None:
                self.output_words.uniform_(-bound, bound, generator=generator)
            self.groups.zero_()
            self.group_bias.zero_()
            self.output_bias.zero_()
            if word_counts is not None:
                self._start_at_frequencies(word_counts)

    def _start_gates(self, bias: Tensor) -> None:
        size = self.config.hidden_size
        for number, gate in enumerate(self.cell.gates):
            if gate.initial_bias is not None:
                bias[number * size : (number + 1) * size] = gate.initial_bias

    def _start_at_frequencies(self, word_counts: Tensor) -> None:
        shares = torch.log((word_counts.float() + 0.5) / (word_counts.float() + 0.5).sum())
        self.output_bias.copy_(shares)
        for number, (low, high) in enumerate(zip(self._limits, self._limits[1:], strict=False)):
            self.group_bias[number] = torch.logsumexp(shares[low:high], dim=0)

    def zero_state(self, rows: int = 1) -> HiddenState:
        """Zeros for a batch of so many rows."""
        shape = (self.config.layers, rows, self.config.hidden_size)
        like = self.embedding.weight
        return HiddenState(MappingProxyType({name: like.new_zeros(shape) for name in self.cell.state_parts}))

    def forward(self, inputs: Tensor, state: HiddenState | None = None) -> tuple[Tensor, HiddenState]:
        """Read T tokens in B rows: inputs [T,B] -> outputs of the top layer [T,B,H] and the state after them.

        Reading a text in parts, each from the state after the last, gives the same as reading it at once.
        """
        return self.forward_embeddings(self.embedding(inputs), state)

    def forward_embeddings(
        self,
        vectors: Tensor,
        state: HiddenState | None = None,
        instead: Mapping[str, Tensor] | None = None,
        products: torch.dtype = torch.float32,
    ) -> tuple[Tensor, HiddenState]:
        """`forward` from token embeddings [T,B,E].

        Args:
            vectors: [T,B,E]
            state: The hidden state before them; zeros when None.
            instead: Parameters of the recurrent layers to use in place of the model's own, by PyTorch's names.
            products: What a unit that can be rounded rounds to before it multiplies with a matrix.
        """
        state = state or self.zero_state(vectors.shape[1])
        if products == torch.bfloat16 and self.cell.can_round:
            weights = {**dict(self.recurrent.named_parameters()), **(instead or {})}
            has_kernel = self.cell.fused is not None and vectors.device.type != "cpu"
            read = self._read_in_bfloat16 if has_kernel else self._read_rounded
            return read(vectors, state, weights)
        before = tuple(state.parts.values())
        arguments = (vectors, before if len(before) > 1 else before[0])
        hidden, after = functional_call(self.recurrent, dict(instead or {}), arguments)
        return hidden, self._state(after if isinstance(after, tuple) else (after,))

    def _state(self, parts: Iterable[Tensor]) -> HiddenState:
        """A state of parts [L,B,H] in the order of the unit."""
        return HiddenState(MappingProxyType(dict(zip(self.cell.state_parts, parts, strict=True))))

    def _read_rounded(
        self, vectors: Tensor, state: HiddenState, weights: Mapping[str, Tensor]
    ) -> tuple[Tensor, HiddenState]:
        after = []
        for number in range(self.config.layers):
            of_layer = CellWeights.named(weights, number)
            vectors, parts = self.cell.forward_rounded(vectors, state.layer(number), of_layer)
            after.append(parts)
        return vectors, self._state(torch.stack(parts) for parts in zip(*after, strict=True))

    def _read_in_bfloat16(
        self, vectors: Tensor, state: HiddenState, weights: Mapping[str, Tensor]
    ) -> tuple[Tensor, HiddenState]:
        """By the kernel of a graphics card, which sums in float32 by itself."""
        before = tuple(part.bfloat16() for part in state.parts.values())
        rounded = {name: weight.bfloat16() for name, weight in weights.items()}
        hidden, after = functional_call(self.recurrent, rounded, (vectors.bfloat16(), before))
        return hidden.float(), self._state(part.float() for part in after)

    @torch.inference_mode()
    def step(self, word: int, state: HiddenState, packed: Sequence[Products] | None = None) -> HiddenState:
        """Read one token in one row, by the equations in `cells`: the one function that generates, replays and scores.

        Args:
            word: Its id.
            state: The hidden state before it, on any device.
            packed: From `packed_layers`, to read fewer bytes.

        Returns:
            The hidden state after it, on the device of the network.
        """
        below = self.embedding.weight[word].unsqueeze(0)  # [1,E]
        state, layers = state.to(self.device), []
        for number in range(self.config.layers):
            weights = packed[number] if packed else CellWeights.of_layer(self.recurrent, number)
            after = self.cell.step(below, state.layer(number), weights)
            layers.append(after)
            below = after[0]
        names = self.cell.state_parts
        stacked = {name: torch.stack([layer[at] for layer in layers]) for at, name in enumerate(names)}
        return HiddenState(MappingProxyType(stacked))

    def log_probabilities(self, hidden: Tensor, packed: PackedWords | None = None) -> Tensor:
        """Natural logarithm of the probability of every token: [...,H] -> [...,V].

        Args:
            hidden: [...,H]
            packed: From `packed_words`, to read fewer bytes.
        """
        return self.output_weights().log_probabilities(self._project(hidden), packed)

    def packed_words(self) -> PackedWords | None:
        """The output layer's matrix in half precision; None where that would lose digits."""
        return PackedWords.of(self.output_weights())

    def packed_layers(self) -> list[PackedCellWeights] | None:
        """The recurrent layers in half precision; None where that would lose digits."""
        layers = [CellWeights.of_layer(self.recurrent, number) for number in range(self.config.layers)]
        packed = [PackedCellWeights.of(weights) for weights in layers]
        return [layer for layer in packed if layer] if all(packed) else None

    def target_log_probabilities(self, hidden: Tensor, targets: Tensor) -> Tensor:
        """Natural logarithm of the probability of targets [N] given hidden [N,H]."""
        return self.output_weights().target_log_probabilities(self._project(hidden), targets)

    def loss_nats(
        self, hidden: Tensor, targets: Tensor, scale: float = 1.0, products: torch.dtype = torch.float32
    ) -> Tensor:
        """Summed negative log probability of targets [N] given hidden [N,H], times `scale`.

        Args:
            hidden: [N,H]
            targets: [N]
            scale: 1 / N gives the mean.
            products: What is rounded to before it is multiplied with a matrix of the output layer.
        """
        return self.output_weights().loss_nats(self._project(hidden, products), targets, scale, products)

    def _project(self, hidden: Tensor, products: torch.dtype = torch.float32) -> Tensor:
        if self.projection is None:
            return hidden
        if products == torch.float32:
            projected: Tensor = self.projection(hidden)
            return projected
        return functional.linear(hidden.to(products), self.projection.weight.to(products)).float()

    def output_weights(self) -> OutputWeights:
        """The parameters of the output layer as they are used: `words` [V,E] is the embedding where it is tied."""
        words = self.embedding.weight if self.output_words is None else self.output_words
        return OutputWeights(words, self.output_bias, self.groups, self.group_bias, self._limits)


def _float_bytes(tensor: Tensor) -> bytes:
    numbers = tensor.flatten().tolist()
    return struct.pack(f"<{len(numbers)}f", *numbers)
