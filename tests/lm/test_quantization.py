"""A byte a number: what comes back is near what it was, and the same floats everywhere."""

import dataclasses
import json
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import Tensor

from rnntui.errors import ModelFileError
from rnntui.lm.cells import can_be_packed
from rnntui.lm.generator import Generator
from rnntui.lm.model import WordRNN
from rnntui.lm.model_file import STEPS, LoadedModel, expected_shapes, pack, sha256, unpack
from rnntui.lm.quantization import LARGEST_STEP, dequantize, quantize
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.records import ModelCard
from rnntui.settings import CELL_NAMES, ModelConfig
from rnntui.store.library import card_from_json, card_to_json
from tests.small_models import small_model

SHAPES = {
    "layers": ModelConfig("lstm", 500, 12, 12, 3, True, 0),
    "projection": ModelConfig("gru", 500, 10, 12, 1, True, 0),
    "untied": ModelConfig("elman", 500, 10, 12, 1, False, 0),
    "grouped": ModelConfig("lstm", 500, 12, 12, 1, True, 4),
}


@dataclasses.dataclass(frozen=True)
class Kept:
    card: ModelCard
    weights: bytes
    vocabulary: bytes

    def load(self) -> LoadedModel:
        return unpack(self.card, self.weights, self.vocabulary)

    def forged(self, weights: bytes) -> "Kept":
        """Other weights, and a card that promises them."""
        card = dataclasses.replace(self.card, weights_sha256=sha256(weights), weights_bytes=len(weights))
        return Kept(card, weights, self.vocabulary)


def kept(config: ModelConfig | None = None) -> tuple[dict[str, Tensor], Kept]:
    """Weights, and the files of them in eight bits."""
    card, weights, vocabulary = small_model()
    tokenizer = Tokenizer.from_bytes(vocabulary)
    model = unpack(card, weights, vocabulary).model
    if config:
        card = dataclasses.replace(card, config=config)
        model = WordRNN(config, len(tokenizer))
        model.initialise(torch.Generator().manual_seed(1))
    weights, _ = pack(model.state_dict(), tokenizer, "int8")
    card = dataclasses.replace(card, weight_kind="int8")
    return model.state_dict(), Kept(card, b"", vocabulary).forged(weights)


def a_matrix(rows: int = 40, columns: int = 30) -> Tensor:
    return torch.randn(rows, columns, generator=torch.Generator().manual_seed(2)) * torch.logspace(-3, 1, rows)[:, None]


def test_every_number_comes_back_within_half_a_step() -> None:
    matrix = a_matrix()
    numbers, steps = quantize(matrix)
    back = dequantize(numbers, steps)
    allowed = 0.5 * steps.float()[:, None] + 2**-10 * matrix.abs()
    assert (numbers.dtype, steps.dtype) == (torch.int8, torch.float16)
    assert ((back - matrix).abs() <= allowed).all()
    assert int(numbers.abs().max()) == 127


def test_a_row_of_noughts_and_the_largest_numbers_of_all_come_back() -> None:
    matrix = torch.zeros(3, 4)
    matrix[1] = 65_504.0
    matrix[2] = torch.tensor([0.0, -1e-7, 1e-9, 0.0])
    back = dequantize(*quantize(matrix))
    assert torch.equal(back[0], matrix[0])
    assert (back[1] - matrix[1]).abs().max() < 0.01 * 65_504
    assert torch.isfinite(back).all()
    assert (back[2] - matrix[2]).abs().max() < 1e-5


def test_what_comes_back_is_what_exact_arithmetic_says_and_can_be_packed_for_speaking() -> None:
    numbers, steps = quantize(a_matrix())
    exact = numbers.numpy().astype(np.float64) * steps.numpy().astype(np.float64)[:, None]
    back = dequantize(numbers, steps)
    np.testing.assert_array_equal(back.numpy(), exact.astype(np.float16).astype(np.float32))
    assert can_be_packed(back) or "fbgemm" not in torch.backends.quantized.supported_engines


@pytest.mark.parametrize("config", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("cell", CELL_NAMES)
def test_a_model_in_eight_bits_comes_back_and_speaks(config: ModelConfig, cell: str) -> None:
    before, files = kept(dataclasses.replace(config, cell=cell))
    loaded = files.load()
    after = loaded.model.state_dict()
    assert set(after) == set(before)
    for name, weight in before.items():
        is_matrix = weight.dim() == 2
        expected = dequantize(*quantize(weight.half().float())) if is_matrix else weight.half().float()
        assert torch.equal(after[name], expected), name
    assert Generator(loaded.model, loaded.tokenizer).feed([1, 2, 3])
    half, _ = pack(before, loaded.tokenizer)
    numbers = sum(weight.numel() for weight in before.values() if weight.dim() == 2)
    rows = sum(weight.shape[0] for weight in before.values() if weight.dim() == 2)
    tensors = [sum(entry.numel() * entry.element_size() for entry in _tensors(data)) for data in (half, files.weights)]
    assert tensors[0] - tensors[1] == numbers - 2 * rows, "a byte less a number, two more a row"


def _tensors(weights: bytes) -> list[Tensor]:
    return list(safetensors.torch.load(weights).values())


def test_the_card_of_a_model_says_how_its_weights_are_kept() -> None:
    _, files = kept()
    assert card_from_json(card_to_json(files.card)).weight_kind == "int8"
    values = json.loads(card_to_json(files.card))
    del values["weight_kind"]
    assert card_from_json(json.dumps(values).encode()).weight_kind == "float16", "what earlier versions did"


Change = Callable[[dict[str, Any]], object]


def _with_header(files: Kept, change: Change) -> Kept:
    length = struct.unpack("<Q", files.weights[:8])[0]
    header = json.loads(files.weights[8 : 8 + length])
    change(header)
    text = json.dumps(header).encode()
    return files.forged(struct.pack("<Q", len(text)) + text + files.weights[8 + length :])


def _with_tensor(files: Kept, name: str, tensor: Tensor) -> Kept:
    tensors = safetensors.torch.load(files.weights)
    return files.forged(safetensors.torch.save({**tensors, name: tensor}))


def _steps_of(value: float) -> Callable[[Kept], Kept]:
    def forge(files: Kept) -> Kept:
        size = files.card.vocabulary_size
        return _with_tensor(files, "embedding.weight" + STEPS, torch.full((size,), value, dtype=torch.float16))

    return forge


def _embedding(files: Kept) -> Tensor:
    return safetensors.torch.load(files.weights)["embedding.weight"]


FORGED: dict[str, tuple[Callable[[Kept], Kept], str]] = {
    "steps that are no numbers": (_steps_of(float("nan")), "not finite"),
    "endless steps": (_steps_of(float("inf")), "not finite"),
    "steps too large for half precision": (_steps_of(2 * LARGEST_STEP), "impossible numbers"),
    "steps far below nought": (_steps_of(-2 * LARGEST_STEP), "impossible numbers"),
    "steps in full precision": (
        lambda files: _with_tensor(files, "embedding.weight" + STEPS, torch.ones(files.card.vocabulary_size)),
        "another shape",
    ),
    "a step too few": (
        lambda files: _with_tensor(
            files, "embedding.weight" + STEPS, torch.ones(files.card.vocabulary_size - 1, dtype=torch.float16)
        ),
        "another shape",
    ),
    "a matrix in half precision": (
        lambda files: _with_tensor(files, "embedding.weight", _embedding(files).half()),
        "another shape",
    ),
    "bytes without a sign": (
        lambda files: _with_tensor(files, "embedding.weight", _embedding(files).to(torch.uint8)),
        "another shape",
    ),
    "a vector in eight bits": (
        lambda files: _with_tensor(files, "output_bias", torch.ones(files.card.vocabulary_size, dtype=torch.int8)),
        "another shape",
    ),
    "a matrix without steps": (
        lambda files: _with_header(files, lambda header: header.pop("embedding.weight" + STEPS)),
        "does not have the weights",
    ),
    "steps of steps": (
        lambda files: _with_tensor(files, "embedding.weight" + STEPS + STEPS, torch.ones(1, dtype=torch.float16)),
        "does not have the weights",
    ),
    "a card that says half precision": (
        lambda files: dataclasses.replace(files, card=dataclasses.replace(files.card, weight_kind="float16")),
        "does not have the weights",
    ),
    "a card that says four bits": (
        lambda files: dataclasses.replace(files, card=dataclasses.replace(files.card, weight_kind="int4")),
        "of a kind that is not known",
    ),
}


@pytest.mark.parametrize("kind", FORGED)
def test_forged_weights_in_eight_bits_are_refused_in_one_sentence(kind: str) -> None:
    forge, sentence = FORGED[kind]
    with pytest.raises(ModelFileError, match=sentence) as problem:
        forge(kept()[1]).load()
    assert problem.value.sentence.endswith(".")


def test_half_precision_under_a_card_that_promises_eight_bits_is_refused() -> None:
    card, weights, vocabulary = small_model()
    with pytest.raises(ModelFileError, match="does not have the weights"):
        unpack(dataclasses.replace(card, weight_kind="int8"), weights, vocabulary)


def test_the_largest_steps_and_numbers_of_all_are_still_weights() -> None:
    _, files = kept()
    shape = expected_shapes(files.card.config, files.card.vocabulary_size)["embedding.weight"]
    files = _with_tensor(files, "embedding.weight", torch.full(shape, -128, dtype=torch.int8))
    loaded = _steps_of(LARGEST_STEP)(files).load()
    assert torch.isfinite(loaded.model.embedding.weight).all()
