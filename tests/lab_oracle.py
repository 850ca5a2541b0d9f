"""What a network says, computed without the program's own cells and output layer: plain `torch.nn` and numpy."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from rnntui.lm.lab.bench import Bench
from rnntui.lm.model import WordRNN
from rnntui.lm.model_file import unpack
from rnntui.settings import LabSettings, changed
from tests.small_models import small_model

MODULES = {"elman": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


def small_bench(cell: str = "lstm", layers: int = 1, **asked: object) -> Bench:
    """A small network with random weights, and a question."""
    loaded = unpack(*small_model(cell=cell, layers=layers))
    question = changed(
        LabSettings(prompt="Mice are small. The cat saw", other="Dinosaurs are big. The mouse saw"), **asked
    )
    return Bench(loaded.model, loaded.tokenizer, question)


def module_of(model: WordRNN) -> nn.RNNBase:
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
