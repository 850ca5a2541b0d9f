"""A model <-> bytes. Nothing in a model folder is trusted before it was checked; nothing in it can run.

A model is a card (JSON, read by the store), a vocabulary (JSON list of words), weights (safetensors, half precision or
a byte a number) and mostly counts: the words it was trained on, as ids, with the gates of its mixture (safetensors).
Counting them again takes less time than reading their n-grams would; what the model before it had counted lies beside
them as a table. The order of checks on the way in: sizes, header, names and shapes computed from the card, hashes,
numbers. N = words, F and K = shape of the gate.
"""

import dataclasses
import hashlib
import itertools
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import safetensors.numpy
import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from rnntui.errors import InputError, ModelFileError
from rnntui.lm import quantization
from rnntui.lm.cells import CELLS
from rnntui.lm.mix.count_table import CountTable
from rnntui.lm.mix.mixture import Gates, Mixture, gate_shape
from rnntui.lm.mix.ngram import KneserNey
from rnntui.lm.mix.table_file import (
    as_base,
    is_table,
    of_base,
    size_in,
    table_arrays,
    table_of,
    table_shapes,
)
from rnntui.lm.model import WordRNN
from rnntui.lm.output import group_limits
from rnntui.lm.tokens.tokenizer import LARGEST_VOCABULARY, Tokenizer
from rnntui.records import WEIGHT_KINDS, ModelCard
from rnntui.setting_fields import changed
from rnntui.settings import ModelConfig

WEIGHTS = "weights.safetensors"
VOCABULARY = "vocabulary.json"
COUNTS = "counts.safetensors"
MOST_COUNTED_WORDS = 3_000_000
"""The last so many words of a long text are counted: 200 MB of memory while the model is loaded."""
MOST_WITH_TABLE = 500_000
"""The last so many words are kept beside a table: to know a text again, and the end that was not learned from."""
COUNTED_ORDER = 5
_GATE, _GATE_ALONE = "gate", "gate_without_network"
_SIZES = {"F16": 2, "F32": 4, "F64": 8, "U16": 2, "I32": 4, "U8": 1, "I8": 1}
_FLOATS = ("F16", "F32")
STEPS = ".steps"
"""Ends the name of the step of each row of a matrix that is kept in eight bits."""
_NUMPY_KINDS = {"U16": "<u2", "I32": "<i4"}
LARGEST_HEADER = 64 * 2**10
"""The deepest model has 37 tensors, a hundred bytes of header each."""
_LARGEST_WEIGHT = 65_504.0
"""Of half precision, in which weights are kept."""
_LARGEST_IN_GATE = 1_000.0
"""Fitted ones stay below 20; sums of these are still finite."""
_AGAIN = "Get the model again, or train it anew."


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model that passed every check and can speak."""

    card: ModelCard
    model: WordRNN
    tokenizer: Tokenizer
    mixture: Mixture | None = None
    """None when the model was saved without counts."""
    counted_ids: Tensor | None = None
    """[N] in 32 bits, the words that were counted, or the last of them; None likewise."""
    word_ids: Tensor | None = None
    """[M] in 32 bits, a text in which every word that was counted stands; None likewise."""


def pack(weights: Mapping[str, Tensor], tokenizer: Tokenizer, kind: str = "float16") -> tuple[bytes, bytes]:
    """Weights and vocabulary as bytes, and nothing else in them.

    Args:
        weights: By their PyTorch names.
        tokenizer: Its vocabulary.
        kind: One of WEIGHT_KINDS; in "int8" vectors stay in half precision.
    """
    tensors: dict[str, Tensor] = {}
    for name, weight in weights.items():
        if kind == "int8" and weight.dim() == 2:
            tensors[name], tensors[name + STEPS] = quantization.quantize(round_to_half(weight))
        else:
            tensors[name] = round_to_half(weight).to(torch.float16).contiguous()
    return safetensors.torch.save(tensors), tokenizer.to_bytes()


def round_to_half(weight: Tensor) -> Tensor:
    """A weight as it comes back from a file in half precision: float32 with 11 significant bits."""
    most = torch.finfo(torch.float16).max
    return weight.detach().clamp(-most, most).to(torch.float16).to(torch.float32)


def pack_counts(counted_ids: Tensor, gates: Gates, vocabulary_size: int, base: CountTable | None = None) -> bytes:
    """The words for counting [N] and the gates [F,K] as bytes. Whoever has them can read the text.

    Args:
        counted_ids: Of the training text; the last MOST_COUNTED_WORDS are kept.
        gates: From `mixture.fit_gates`.
        vocabulary_size: Decides whether two bytes are enough for an id.
        base: What the model before had counted; None where there is none.
    """
    ids = counted_ids[-MOST_COUNTED_WORDS:].numpy().astype(_NUMPY_KINDS[_id_kind(vocabulary_size)])
    return safetensors.numpy.save({"ids": ids, **_beside_counts(gates, base)})


def pack_table(
    table: CountTable, word_ids: Tensor, last_ids: Tensor, gates: Gates, base: CountTable | None = None
) -> bytes:
    """What was counted of a long text, and the gates [F,K], as bytes.

    Args:
        table: Pruned.
        word_ids: [M], every word of the text once: from `lexicon.collect_words`.
        last_ids: [N], the end of the text; the last MOST_WITH_TABLE are kept.
        gates: From `mixture.fit_gates`.
        base: What the model before had counted; None where there is none.
    """
    ids = {"ids": last_ids[-MOST_WITH_TABLE:], "words": word_ids}
    kept = {name: numbers.numpy().astype(_NUMPY_KINDS["U16"]) for name, numbers in ids.items()}
    return safetensors.numpy.save({**kept, **table_arrays(table), **_beside_counts(gates, base)})


def _beside_counts(gates: Gates, base: CountTable | None) -> dict[str, npt.NDArray[Any]]:
    kept = {_GATE: gates.together, _GATE_ALONE: gates.without_network}
    arrays = {name: np.ascontiguousarray(gate) for name, gate in kept.items() if gate is not None}
    return arrays | (as_base(table_arrays(base)) if base else {})


def sha256(data: bytes) -> str:
    """Hash as the card holds it."""
    return hashlib.sha256(data).hexdigest()


def unpack(card: ModelCard, weights: bytes, vocabulary: bytes, counts: bytes = b"") -> LoadedModel:
    """Build the model that its files describe, after checking all of them.

    Args:
        card: Checked as a record, not yet trusted.
        weights: See `pack`.
        vocabulary: See `pack`.
        counts: See `pack_counts`; empty when the card tells of none.

    Raises:
        ModelFileError: With a sentence that names what does not fit.
    """
    name = f'The model "{card.name}"'
    for file_name, data in ((WEIGHTS, weights), (COUNTS, counts)):
        if data or file_name == WEIGHTS:
            check_head(card, file_name, data[: 8 + LARGEST_HEADER], len(data))
    for what, data, promised in (
        ("a vocabulary that was", vocabulary, card.vocabulary_sha256),
        ("weights that were", weights, card.weights_sha256),
        ("counts that were", counts, card.counts_sha256 or sha256(b"")),
    ):
        if sha256(data) != promised:
            raise ModelFileError(f"{name} has {what} altered after training.", _AGAIN)
    tokenizer = Tokenizer.from_bytes(vocabulary, card.is_typographic)
    if len(tokenizer) != card.vocabulary_size:
        raise ModelFileError(f"{name} has {len(tokenizer):,} words instead of {card.vocabulary_size:,}.", _AGAIN)
    mixture = ids = words = None
    if counts:  # first, while little else is there: counting takes the most memory
        mixture, ids, words = _unpack_counts(name, counts, len(tokenizer))
    tensors = _dequantize(_load(name, "weights", weights))
    model = WordRNN(card.config, card.vocabulary_size)
    model.load_state_dict(tensors, assign=True)
    model.eval()
    return LoadedModel(card, model, tokenizer, mixture, ids, words)


def check_head(card: ModelCard, file_name: str, head: bytes, size: int) -> None:
    """Refuse a file that cannot be what the card tells of, from how it begins and how long it is.

    So a file of gigabytes is refused without being read; what is read has a size that the card accounts for.

    Args:
        card: Checked as a record, not yet trusted.
        file_name: WEIGHTS, VOCABULARY or COUNTS.
        head: The first 8 + LARGEST_HEADER bytes, or all of them.
        size: Of the file, in bytes.

    Raises:
        ModelFileError: With a sentence that names what does not fit.
    """
    name = f'The model "{card.name}"'
    _check_sizes(name, card)
    if file_name == WEIGHTS:
        shapes = expected_shapes(card.config, card.vocabulary_size)
        _check_tensors(name, "weights", head, size, *_stored_layout(shapes, card.weight_kind))
        if size != card.weights_bytes:
            raise ModelFileError(
                f'{name} has {size:,} bytes of weights; its card says {card.weights_bytes:,} in "weights_bytes".',
                _AGAIN,
            )
    elif file_name == COUNTS:
        _check_counts(name, head, size, card.vocabulary_size, card.base_counts_bytes)


def expected_shapes(config: ModelConfig, vocabulary_size: int) -> dict[str, tuple[int, ...]]:
    """Names and shapes of all weights, from the sizes alone.

    Worked out here: a network without memory of its own would load a part of torch that takes 70 MB.
    """
    embedding, hidden = config.embedding_size, config.hidden_size
    width = embedding if config.tied else hidden
    groups = len(group_limits(vocabulary_size, config)) - 1
    shapes: dict[str, tuple[int, ...]] = {
        "embedding.weight": (vocabulary_size, embedding),
        "output_bias": (vocabulary_size,),
        "groups": (groups, width),
        "group_bias": (groups,),
    }
    for layer in range(config.layers):
        for name, shape in CELLS[config.cell].shapes(hidden if layer else embedding, hidden).items():
            shapes[f"recurrent.{name}_l{layer}"] = shape
    if not config.tied:
        shapes["output_words"] = (vocabulary_size, hidden)
    elif embedding != hidden:
        shapes["projection.weight"] = (embedding, hidden)
    return shapes


def _stored_layout(
    shapes: Mapping[str, tuple[int, ...]], kind: str
) -> tuple[dict[str, tuple[int, ...]], dict[str, tuple[str, ...]]]:
    """The shapes of all that a file of such weights has, and the types of each."""
    if kind == "float16":
        return dict(shapes), dict.fromkeys(shapes, _FLOATS)
    matrices = {name: shape for name, shape in shapes.items() if len(shape) == 2}
    steps = {name + STEPS: shape[:1] for name, shape in matrices.items()}
    kinds: dict[str, tuple[str, ...]] = dict.fromkeys((*shapes, *steps), ("F16",))
    return {**shapes, **steps}, kinds | dict.fromkeys(matrices, ("I8",))


def _dequantize(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """All weights in float32, by their PyTorch names."""
    return {
        name: quantization.dequantize(tensor, tensors[name + STEPS]) if name + STEPS in tensors else tensor.float()
        for name, tensor in tensors.items()
        if not name.endswith(STEPS)
    }


def _unpack_counts(name: str, counts: bytes, vocabulary_size: int) -> tuple[Mixture, Tensor, Tensor]:
    """The mixture, the words that are kept as they stood, and a text with every word."""
    tensors = _load(name, "counts", counts)
    ids = tensors["ids"].int()
    words = tensors["words"].int() if "words" in tensors else ids[:0]
    for numbers in (ids, words):
        if numbers.numel() and (int(numbers.max()) >= vocabulary_size or int(numbers.min()) < 0):
            raise ModelFileError(f"{name} counts words that are not in its vocabulary.", _AGAIN)
    gates = {gate: tensors[gate] for gate in (_GATE, _GATE_ALONE) if gate in tensors}
    for gate, numbers in gates.items():
        if float(numbers.abs().max()) > _LARGEST_IN_GATE:
            raise ModelFileError(f'{name} has impossible numbers in "{gate}" of its counts.', _AGAIN)
    together, alone = gates[_GATE].numpy(), gates[_GATE_ALONE].numpy() if _GATE_ALONE in gates else None
    in_base = of_base(tensors)
    try:
        base = table_of(in_base, COUNTED_ORDER, vocabulary_size) if in_base else None
        table = table_of(tensors, COUNTED_ORDER, vocabulary_size) if is_table(tensors) else None
    except ValueError as problem:
        raise ModelFileError(f"{name} has counts that cannot be: {problem}.", _AGAIN) from problem
    counting = table or KneserNey(ids, vocabulary_size, COUNTED_ORDER)
    return Mixture(counting, together, base, alone), ids, words if table else ids


def _check_counts(name: str, head: bytes, size: int, vocabulary_size: int, base_bytes: int) -> None:
    header = _header(name, "counts", head, size)
    in_base = of_base(header)
    gate = gate_shape(COUNTED_ORDER, COUNTED_ORDER if in_base else 0)
    shapes: dict[str, tuple[int, ...]] = {_GATE: gate, "ids": (size_in(header, "ids") or 0,)}
    shapes |= {_GATE_ALONE: gate} if _GATE_ALONE in header else {}
    kinds: tuple[str, ...] = ("F64", _id_kind(vocabulary_size))
    if is_table(header):
        shapes |= _table_shapes(name, header)
        kinds += ("F32", "U16", "U8", "I32")
    if in_base:
        shapes |= as_base(_checked_shapes(name, in_base))
        kinds += ("F32", "U16", "U8", "I32")
    if bool(in_base) != (base_bytes > 0):
        raise ModelFileError(f'{name} counts otherwise than its card says in "base_counts_bytes".', _AGAIN)
    if not COUNTED_ORDER <= shapes["ids"][0] <= MOST_COUNTED_WORDS:
        raise ModelFileError(f"{name} has counts that are cut off or damaged.", _AGAIN)
    _check_tensors(name, "counts", head, size, shapes, dict.fromkeys(shapes, kinds))


def _table_shapes(name: str, header: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    words = size_in(header, "words")
    if words is None or words > MOST_COUNTED_WORDS:
        raise ModelFileError(f"{name} has counts that are cut off or damaged.", _AGAIN)
    return {"words": (words,), **_checked_shapes(name, header)}


def _checked_shapes(name: str, header: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    shapes = table_shapes(header, COUNTED_ORDER)
    if shapes is None:
        raise ModelFileError(f"{name} has counts that are cut off or damaged.", _AGAIN)
    return shapes


def _id_kind(vocabulary_size: int) -> str:
    return "U16" if vocabulary_size <= 0x10000 else "I32"


def _load(name: str, what: str, data: bytes) -> dict[str, Tensor]:
    try:
        tensors = safetensors.torch.load(data)
    except SafetensorError as problem:
        raise ModelFileError(f"{name} has {what} whose header is damaged.", _AGAIN) from problem
    for key, tensor in tensors.items():
        if not tensor.is_floating_point() or not tensor.numel():
            continue
        low, high = map(float, tensor.aminmax())
        if not (math.isfinite(low) and math.isfinite(high)):
            raise ModelFileError(f"{name} has numbers in {key} that are not finite.", _AGAIN)
        if max(-low, high) > (quantization.LARGEST_STEP if key.endswith(STEPS) else _LARGEST_WEIGHT):
            raise ModelFileError(f"{name} has impossible numbers in {key}.", _AGAIN)
    return tensors


def _check_sizes(name: str, card: ModelCard) -> None:
    if not 1 <= card.vocabulary_size <= LARGEST_VOCABULARY:
        raise ModelFileError(f"{name} cannot have {card.vocabulary_size:,} words.", _AGAIN)
    if card.weight_kind not in WEIGHT_KINDS:
        raise ModelFileError(f"{name} has weights of a kind that is not known.", _AGAIN)
    if not _are_ranges(card.hardly_learned, card.vocabulary_size):
        raise ModelFileError(f"{name} has hardly learned words that are not in its vocabulary.", _AGAIN)
    try:
        changed(card.config, **dataclasses.asdict(card.config))
    except InputError as problem:
        raise ModelFileError(f"{name} has impossible sizes: {problem.sentence}", _AGAIN) from problem


def _are_ranges(spans: tuple[tuple[int, ...], ...], size: int) -> bool:
    """Pairs of numbers up to a size that only rise."""
    if any(len(span) != 2 for span in spans):
        return False
    numbers = [0, *(number for span in spans for number in span), size]
    rises = all(low <= high for low, high in itertools.pairwise(numbers))
    return rises and all(start < end for start, end in spans)


def _check_tensors(
    name: str,
    what: str,
    head: bytes,
    size: int,
    shapes: Mapping[str, tuple[int, ...]],
    kinds: Mapping[str, tuple[str, ...]],
) -> None:
    header = _header(name, what, head, size)
    if set(header) != set(shapes):
        odd = sorted(set(header) ^ set(shapes))[0]
        raise ModelFileError(f'{name} does not have the {what} its card promises: "{odd[:60]}".', _AGAIN)
    spans = []
    for key, shape in shapes.items():
        span = _span(header[key], shape, kinds[key])
        if span is None:
            raise ModelFileError(f"{name} has {what} of another shape than its card promises, in {key}.", _AGAIN)
        spans.append(span)
    if not _cover(sorted(spans), size - 8 - int.from_bytes(head[:8], "little")):
        raise ModelFileError(f"{name} has {what} that are cut off, overlap or leave gaps.", _AGAIN)


def _header(name: str, what: str, head: bytes, size: int) -> dict[str, Any]:
    """What a file says of its tensors, without notes."""
    length = int.from_bytes(head[:8], "little") if len(head) >= 8 else -1
    if not 2 <= length <= min(LARGEST_HEADER, size - 8, len(head) - 8):
        raise ModelFileError(f"{name} has {what} that are cut off or damaged.", _AGAIN)
    try:
        header = json.loads(head[8 : 8 + length].decode("utf-8"), object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError) as problem:
        raise ModelFileError(f"{name} has {what} whose header is damaged.", _AGAIN) from problem
    if not isinstance(header, dict):
        raise ModelFileError(f"{name} has {what} whose header is damaged.", _AGAIN)
    header.pop("__metadata__", None)
    return header


def _span(entry: Any, shape: tuple[int, ...], kinds: tuple[str, ...]) -> tuple[int, int] | None:
    """Where a tensor stands, if its entry in the header is as it should be."""
    kind = entry.get("dtype") if isinstance(entry, dict) else None
    offsets = entry.get("data_offsets") if isinstance(entry, dict) else None
    if not isinstance(kind, str) or kind not in kinds or entry.get("shape") != list(shape):
        return None
    if not (isinstance(offsets, list) and len(offsets) == 2 and all(type(number) is int for number in offsets)):
        return None
    start, end = offsets
    return (start, end) if end - start == math.prod(shape) * _SIZES[kind] else None


def _cover(spans: list[tuple[int, int]], size: int) -> bool:
    """Every byte belongs to exactly one tensor: no gaps, no overlap, nothing behind."""
    ends = [0, *(end for _, end in spans)]
    return [start for start, _ in spans] == ends[:-1] and ends[-1] == size


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice")
    return found
