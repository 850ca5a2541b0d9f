"""A model <-> bytes. Nothing in a model folder is trusted before it was checked; nothing in it can run.

A model is three files: a card (JSON, read by the store), a vocabulary (JSON list of words) and weights (safetensors,
float32). The order of checks on the way in: sizes, header, names and shapes computed from the card, hashes, numbers.
"""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from rnntui.errors import InputError, ModelFileError
from rnntui.lm.model import WordRNN
from rnntui.lm.tokenizer import Tokenizer
from rnntui.records import ModelCard
from rnntui.settings import ModelConfig, changed

WEIGHTS = "weights.safetensors"
VOCABULARY = "vocabulary.json"
LARGEST_HEADER = 64 * 2**10
"""The deepest model has 37 tensors, a hundred bytes of header each."""
LARGEST_VOCABULARY = 200_000
_AGAIN = "Get the model again, or train it anew."


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model that passed every check and can speak."""

    card: ModelCard
    model: WordRNN
    tokenizer: Tokenizer


def pack(weights: Mapping[str, Tensor], tokenizer: Tokenizer) -> tuple[bytes, bytes]:
    """Weights and vocabulary as bytes, and nothing else in them."""
    tensors = {name: weight.detach().to(torch.float32).contiguous() for name, weight in weights.items()}
    return safetensors.torch.save(tensors), tokenizer.to_bytes()


def sha256(data: bytes) -> str:
    """Hash as the card holds it."""
    return hashlib.sha256(data).hexdigest()


def unpack(card: ModelCard, weights: bytes, vocabulary: bytes) -> LoadedModel:
    """Build the model that three files describe, after checking all of them.

    Raises:
        ModelFileError: With a sentence that names what does not fit.
    """
    name = f'The model "{card.name}"'
    _check_sizes(name, card)
    _check_header(name, weights, expected_shapes(card.config, card.vocabulary_size))
    if sha256(vocabulary) != card.vocabulary_sha256:
        raise ModelFileError(f"{name} has a vocabulary that was altered after training.", _AGAIN)
    if sha256(weights) != card.weights_sha256:
        raise ModelFileError(f"{name} has weights that were altered after training.", _AGAIN)
    tokenizer = Tokenizer.from_bytes(vocabulary)
    if len(tokenizer) != card.vocabulary_size:
        raise ModelFileError(f"{name} has {len(tokenizer):,} words instead of {card.vocabulary_size:,}.", _AGAIN)
    try:
        tensors = safetensors.torch.load(weights)
    except SafetensorError as problem:
        raise ModelFileError(f"{name} has weights whose header is damaged.", _AGAIN) from problem
    for key, tensor in tensors.items():
        if not torch.isfinite(tensor).all():
            raise ModelFileError(f"{name} has numbers in {key} that are not finite.", _AGAIN)
    model = WordRNN(card.config, card.vocabulary_size)
    model.load_state_dict(tensors)
    model.eval()
    return LoadedModel(card, model, tokenizer)


def expected_shapes(config: ModelConfig, vocabulary_size: int) -> dict[str, tuple[int, ...]]:
    """Names and shapes of all weights, from the sizes alone; no memory is taken for them."""
    with torch.device("meta"):
        model = WordRNN(config, vocabulary_size)
    return {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}


def _check_sizes(name: str, card: ModelCard) -> None:
    if not 1 <= card.vocabulary_size <= LARGEST_VOCABULARY:
        raise ModelFileError(f"{name} cannot have {card.vocabulary_size:,} words.", _AGAIN)
    try:
        changed(card.config, **dataclasses.asdict(card.config))
    except InputError as problem:
        raise ModelFileError(f"{name} has impossible sizes: {problem.sentence}", _AGAIN) from problem


def _check_header(name: str, weights: bytes, shapes: Mapping[str, tuple[int, ...]]) -> None:
    length = int.from_bytes(weights[:8], "little") if len(weights) >= 8 else -1
    if not 2 <= length <= min(LARGEST_HEADER, len(weights) - 8):
        raise ModelFileError(f"{name} has weights that are cut off or damaged.", _AGAIN)
    try:
        header = json.loads(weights[8 : 8 + length], object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError) as problem:
        raise ModelFileError(f"{name} has weights whose header is damaged.", _AGAIN) from problem
    if not isinstance(header, dict):
        raise ModelFileError(f"{name} has weights whose header is damaged.", _AGAIN)
    header.pop("__metadata__", None)
    if set(header) != set(shapes):
        odd = sorted(set(header) ^ set(shapes))[0]
        raise ModelFileError(f'{name} does not have the weights its card promises: "{odd[:60]}".', _AGAIN)
    covered = []
    for key, shape in shapes.items():
        covered.append(_checked_span(name, key, header[key], shape))
    _check_cover(name, sorted(covered), len(weights) - 8 - length)


def _checked_span(name: str, key: str, entry: Any, shape: tuple[int, ...]) -> tuple[int, int]:
    size = 4
    for side in shape:
        size *= side
    wanted = {"dtype": "F32", "shape": list(shape)}
    offsets = entry.get("data_offsets") if isinstance(entry, dict) else None
    problem = ModelFileError(f"{name} has weights of another shape than its card promises, in {key}.", _AGAIN)
    if not (isinstance(offsets, list) and len(offsets) == 2 and all(type(number) is int for number in offsets)):
        raise problem
    start, end = offsets
    if {field: entry.get(field) for field in wanted} != wanted or end - start != size:
        raise problem
    return start, end


def _check_cover(name: str, spans: list[tuple[int, int]], size: int) -> None:
    """Every byte belongs to exactly one tensor: no gaps, no overlap, nothing behind."""
    at = 0
    for start, end in spans:
        if start != at:
            raise ModelFileError(f"{name} has weights that overlap or leave gaps.", _AGAIN)
        at = end
    if at != size:
        raise ModelFileError(f"{name} has weights that are cut off or damaged.", _AGAIN)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice")
    return found
