"""What a network says, computed without the program's own cells and output layer: plain `torch.nn` and numpy."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from rnntui.lm.lab.bench import Bench
from rnntui.lm.model import WordRNN
from rnntui.lm.model_file import unpack
from rnntui.setting_fields import changed
from rnntui.settings import LabSettings
from tests.small_models import small_model


class MinGRU(nn.Module):
    """The equations of Feng et al. 2024, section 3.1, by plain loops; called as `nn.GRU` is."""

    def __init__(self, inputs: int, hidden: int, layers: int = 1) -> None:
        super().__init__()
        self.layers, self.hidden = layers, hidden
        for layer in range(layers):
            width = hidden if layer else inputs
            self.register_parameter(f"weight_ih_l{layer}", nn.Parameter(torch.zeros(2 * hidden, width)))
            self.register_parameter(f"bias_ih_l{layer}", nn.Parameter(torch.zeros(2 * hidden)))

    def forward(self, inputs: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        if state is None:
            state = inputs.new_zeros(self.layers, inputs.shape[1], self.hidden)
        after = []
        for layer in range(self.layers):
            matrix, bias = self.get_parameter(f"weight_ih_l{layer}"), self.get_parameter(f"bias_ih_l{layer}")
            hidden, said = state[layer], []
            for x in inputs:
                z = 1 / (1 + torch.exp(-(x @ matrix[: self.hidden].T + bias[: self.hidden])))
                hidden = (1 - z) * hidden + z * (x @ matrix[self.hidden :].T + bias[self.hidden :])
                said.append(hidden)
            inputs = torch.stack(said)
            after.append(hidden)
        return inputs, torch.stack(after)


MODULES: dict[str, type[nn.Module]] = {"elman": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM, "mingru": MinGRU}


def small_bench(cell: str = "lstm", layers: int = 1, **asked: object) -> Bench:
    """A small network with random weights, and a question."""
    loaded = unpack(*small_model(cell=cell, layers=layers))
    question = changed(
        LabSettings(prompt="Mice are small. The cat saw", other="Dinosaurs are big. The mouse saw"), **asked
    )
    return Bench(loaded.model, loaded.tokenizer, question)


def module_of(model: WordRNN) -> nn.Module:
    """A fresh PyTorch module with the same weights."""
    config = model.config
    module = MODULES[config.cell](config.embedding_size, config.hidden_size, config.layers)
    module.load_state_dict(model.recurrent.state_dict())
    return module


def hidden_of(model: WordRNN, ids: Sequence[int] | Tensor) -> Tensor:
    """What the top layer says after every word: [T,H] for a list, [T,B,H] for [T,B]."""
    words = ids if isinstance(ids, Tensor) else torch.tensor(ids).unsqueeze(1)
    with torch.no_grad():
        said, _ = module_of(model)(model.embedding.weight[words])
    return said if isinstance(ids, Tensor) else said[:, 0]


def memory_of(model: WordRNN, ids: Sequence[int] | Tensor) -> Tensor:
    """What the top layer remembers after every word, as `hidden_of`: for an LSTM tanh of PyTorch's cell state."""
    if model.config.cell != "lstm":
        return hidden_of(model, ids)
    words = ids if isinstance(ids, Tensor) else torch.tensor(ids).unsqueeze(1)
    module, found = module_of(model), []
    with torch.no_grad():
        for end in range(1, len(words) + 1):
            _, (_, cell) = module(model.embedding.weight[words[:end]])
            found.append(torch.tanh(cell[-1]))
    kept = torch.stack(found)
    return kept if isinstance(ids, Tensor) else kept[:, 0]


def probabilities_of(model: WordRNN, hidden: Tensor) -> np.ndarray:
    """[...,V] by numpy, for a network with a plain softmax."""
    said = hidden.detach().double().numpy()
    if model.projection is not None:
        said = said @ model.projection.weight.detach().double().numpy().T
    words = model.embedding.weight if model.output_words is None else model.output_words
    scores = said @ words.detach().double().numpy().T + model.output_bias.detach().double().numpy()
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def divergence_bits(first: np.ndarray, second: np.ndarray) -> float:
    """Kullback-Leibler divergence by its definition."""
    return float((first * np.log2(first / second)).sum(axis=-1).mean())
