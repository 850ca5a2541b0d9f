"""Model files: what was saved comes back, and nothing else gets in."""

import contextlib
import dataclasses
import json
import random
import struct
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import safetensors.torch
import torch

from rnntui.errors import ModelFileError
from rnntui.lm.generator import Generator
from rnntui.lm.model import WordRNN
from rnntui.lm.model_file import expected_shapes, pack, sha256, unpack
from rnntui.lm.tokens.tokenizer import UNKNOWN, Tokenizer
from rnntui.records import Metrics, ModelCard
from rnntui.settings import CELL_NAMES, ModelConfig

SHAPES = {
    "plain": ModelConfig("lstm", 100, 6, 6, 1, True, 0),
    "layers": ModelConfig("lstm", 100, 6, 6, 3, True, 0),
    "projection": ModelConfig("gru", 100, 4, 6, 1, True, 0),
    "untied": ModelConfig("elman", 100, 4, 6, 1, False, 0),
    "grouped": ModelConfig("lstm", 100, 6, 6, 1, True, 4),
}


@dataclasses.dataclass(frozen=True)
class Saved:
    """The three files of a model."""

    card: ModelCard
    weights: bytes
    vocabulary: bytes

    def with_weights(self, weights: bytes) -> "Saved":
        """Other weights, and a card that promises them: what a forger would do."""
        card = dataclasses.replace(self.card, weights_sha256=sha256(weights), weights_bytes=len(weights))
        return Saved(card, weights, self.vocabulary)

    def with_vocabulary(self, vocabulary: bytes) -> "Saved":
        card = dataclasses.replace(self.card, vocabulary_sha256=sha256(vocabulary))
        return Saved(card, self.weights, vocabulary)

    def with_header(self, change: Callable[[dict[str, Any]], object]) -> "Saved":
        header, data = parts(self.weights)
        fresh = change(header)
        return self.with_weights(with_length(json.dumps(header if fresh is None else fresh).encode(), data))

    def with_card(self, **fields: Any) -> "Saved":
        return dataclasses.replace(self, card=dataclasses.replace(self.card, **fields))

    def with_config(self, **fields: Any) -> "Saved":
        return self.with_card(config=dataclasses.replace(self.card.config, **fields))


def parts(weights: bytes) -> tuple[dict[str, Any], bytes]:
    length = struct.unpack("<Q", weights[:8])[0]
    return json.loads(weights[8 : 8 + length]), weights[8 + length :]


def with_length(header: bytes, data: bytes) -> bytes:
    return struct.pack("<Q", len(header)) + header + data


def saved(config: ModelConfig = SHAPES["plain"]) -> Saved:
    tokenizer = Tokenizer.train([" the cat saw a dog" * 3], 100)
    model = WordRNN(config, len(tokenizer))
    model.initialise(torch.Generator().manual_seed(1))
    weights, vocabulary = pack(model.state_dict(), tokenizer)
    card = ModelCard(
        model_id="cat-1",
        name="cat",
        made_at="2026-01-02T03:04:05+00:00",
        config=config,
        vocabulary_size=len(tokenizer),
        sources=(),
        training_words=15,
        minutes=0.1,
        passes=1.0,
        figures=Metrics(),
        command="rnntui train cat.txt",
        torch_version="2.13",
        seed=1,
        weights_sha256=sha256(weights),
        vocabulary_sha256=sha256(vocabulary),
        weights_bytes=len(weights),
    )
    return Saved(card, weights, vocabulary)


PLAIN = saved()


def load(files: Saved) -> WordRNN:
    return unpack(files.card, files.weights, files.vocabulary).model


def assert_refused(files: Saved, match: str | None = None) -> None:
    with pytest.raises(ModelFileError, match=match) as problem:
        load(files)
    sentence = problem.value.sentence
    assert sentence.startswith(('The model "cat" ', "The vocabulary of the model ", "Entry "))
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) < 200
    assert problem.value.next_step


@pytest.mark.parametrize("config", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("cell", CELL_NAMES)
def test_a_model_comes_back_as_it_was(config: ModelConfig, cell: str) -> None:
    files = saved(dataclasses.replace(config, cell=cell))
    loaded = unpack(files.card, files.weights, files.vocabulary)
    again = pack(loaded.model.state_dict(), loaded.tokenizer)
    assert again == (files.weights, files.vocabulary)
    assert not loaded.model.training
    assert Generator(loaded.model, loaded.tokenizer).feed([1, 2, 3])


@pytest.mark.parametrize("config", SHAPES.values(), ids=SHAPES)
def test_the_library_of_the_format_reads_our_bytes(config: ModelConfig) -> None:
    files = saved(config)
    tensors = safetensors.torch.load(files.weights)
    assert {name: tuple(tensor.shape) for name, tensor in tensors.items()} == expected_shapes(
        config, files.card.vocabulary_size
    )
    assert all(tensor.dtype == torch.float16 for tensor in tensors.values())
    assert all(torch.equal(tensor.float(), load(files).state_dict()[name]) for name, tensor in tensors.items())


def test_weights_of_other_types_are_packed_as_float32() -> None:
    model = load(PLAIN)
    doubles = {name: weight.double() for name, weight in model.state_dict().items()}
    assert pack(doubles, Tokenizer.from_bytes(PLAIN.vocabulary))[0] == PLAIN.weights


@pytest.mark.parametrize("share", range(16))
def test_weights_cut_anywhere_are_refused(share: int) -> None:
    cut = PLAIN.weights[: len(PLAIN.weights) * share // 16]
    assert_refused(dataclasses.replace(PLAIN, weights=cut))
    assert_refused(PLAIN.with_weights(cut))


def flips(count: int) -> Iterator[int]:
    """Bits, in the order of the file: all of the length, then some of the header and of the weights."""
    header_end = 8 + struct.unpack("<Q", PLAIN.weights[:8])[0]
    dice = random.Random(7)
    yield from range(64)
    yield from sorted(dice.sample(range(64, 8 * header_end), count))
    yield from sorted(dice.sample(range(8 * header_end, 8 * len(PLAIN.weights)), count))


def test_a_flipped_bit_anywhere_is_refused() -> None:
    for bit in flips(120):
        data = bytearray(PLAIN.weights)
        data[bit // 8] ^= 1 << bit % 8
        assert_refused(dataclasses.replace(PLAIN, weights=bytes(data)))


def test_a_forged_header_is_refused_or_loads_what_the_card_promises() -> None:
    header_bits = 8 * (8 + struct.unpack("<Q", PLAIN.weights[:8])[0])
    dice = random.Random(8)
    for bit in dice.sample(range(header_bits), 400):
        data = bytearray(PLAIN.weights)
        data[bit // 8] ^= 1 << bit % 8
        with contextlib.suppress(ModelFileError):
            assert load(PLAIN.with_weights(bytes(data)))


def first(header: dict[str, Any]) -> dict[str, Any]:
    entry = header["output_bias"]
    assert isinstance(entry, dict)
    return entry


def swap_offsets(header: dict[str, Any]) -> None:
    one, other = header["recurrent.bias_ih_l0"], header["recurrent.bias_hh_l0"]
    one["data_offsets"] = other["data_offsets"]


def raw_header(text: str) -> Saved:
    return PLAIN.with_weights(with_length(text.encode(), parts(PLAIN.weights)[1]))


def duplicated() -> Saved:
    text = json.dumps(parts(PLAIN.weights)[0])
    return raw_header(text[:-1] + ', "output_bias": ' + json.dumps(parts(PLAIN.weights)[0]["output_bias"]) + "}")


def wide_header() -> Saved:
    header, data = parts(PLAIN.weights)
    return PLAIN.with_weights(with_length(json.dumps(header).encode("utf-16"), data))


def with_numbers(number: float) -> Saved:
    return PLAIN.with_weights(PLAIN.weights[:-4] + struct.pack("<f", number))


def gap() -> Saved:
    header, data = parts(PLAIN.weights)
    last = max(header, key=lambda name: header[name]["data_offsets"])
    header[last]["data_offsets"] = [place + 4 for place in header[last]["data_offsets"]]
    return PLAIN.with_weights(with_length(json.dumps(header).encode(), data + b"\0\0\0\0"))


def twenty_thousand_tensors(header: dict[str, Any]) -> None:
    header.update({f"t{number}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for number in range(20_000)})


FORGED: dict[str, tuple[Callable[[], Saved], str]] = {
    "no bytes": (lambda: PLAIN.with_weights(b""), "cut off or damaged"),
    "length only": (lambda: PLAIN.with_weights(struct.pack("<Q", 0)), "cut off or damaged"),
    "length beyond the file": (
        lambda: PLAIN.with_weights(struct.pack("<Q", len(PLAIN.weights)) + PLAIN.weights[8:]),
        "cut off or damaged",
    ),
    "length of an exabyte": (lambda: PLAIN.with_weights(b"\xff" * 8 + PLAIN.weights[8:]), "cut off or damaged"),
    "length too short": (
        lambda: PLAIN.with_weights(struct.pack("<Q", 100) + PLAIN.weights[8:]),
        "header is damaged",
    ),
    "header is a list": (lambda: raw_header("[]"), "header is damaged"),
    "header is deep": (lambda: raw_header("[" * 60_000), "header is damaged"),
    "header is empty": (lambda: raw_header("{}"), "does not have the weights"),
    "header is UTF-16": (wide_header, "header is damaged"),
    "header is no text": (lambda: PLAIN.with_weights(with_length(b"\xff\xfe{}", b"")), "header is damaged"),
    "one name twice": (duplicated, "header is damaged"),
    "full precision": (lambda: PLAIN.with_header(lambda header: first(header).update(dtype="F32")), "another shape"),
    "unknown type": (lambda: PLAIN.with_header(lambda header: first(header).update(dtype=["F32"])), "another shape"),
    "no type": (lambda: PLAIN.with_header(lambda header: first(header).pop("dtype") and None), "another shape"),
    "other shape": (lambda: PLAIN.with_header(lambda header: first(header).update(shape=[1, 1])), "another shape"),
    "shape of fractions": (
        lambda: PLAIN.with_header(lambda header: first(header).update(shape=[float(first(header)["shape"][0])])),
        "damaged|another shape",
    ),
    "entry is a number": (lambda: PLAIN.with_header(lambda header: header.update(output_bias=7)), "another shape"),
    "offsets backwards": (
        lambda: PLAIN.with_header(lambda header: first(header)["data_offsets"].reverse()),
        "another shape",
    ),
    "offsets are words": (
        lambda: PLAIN.with_header(lambda header: first(header).update(data_offsets=["0", "4"])),
        "another shape",
    ),
    "offsets below zero": (
        lambda: PLAIN.with_header(
            lambda header: first(header).update(data_offsets=[-2 * first(header)["shape"][0], 0])
        ),
        "cut off, overlap or leave gaps",
    ),
    "overlap": (lambda: PLAIN.with_header(swap_offsets), "cut off, overlap or leave gaps"),
    "gap": (gap, "cut off, overlap or leave gaps"),
    "bytes behind": (lambda: PLAIN.with_weights(PLAIN.weights + b"PK\x03\x04"), "cut off, overlap"),
    "missing weights": (
        lambda: PLAIN.with_header(lambda header: header.pop("output_bias") and None),
        "does not have the weights",
    ),
    "more weights": (
        lambda: PLAIN.with_header(lambda header: header.update(extra=first(header))),
        "does not have the weights",
    ),
    "twenty thousand tensors": (lambda: PLAIN.with_header(twenty_thousand_tensors), "cut off or damaged"),
    "metadata that is none": (lambda: PLAIN.with_header(lambda header: header.update(__metadata__=7)), "damaged"),
    "metadata of no numbers": (
        lambda: PLAIN.with_header(lambda header: header.update(__metadata__={"a": float("nan")})),
        "damaged",
    ),
    "not a number": (lambda: with_numbers(float("nan")), "not finite"),
    "infinity": (lambda: with_numbers(float("-inf")), "not finite"),
    "other weights, old hash": (
        lambda: dataclasses.replace(PLAIN, weights=PLAIN.weights[:-4] + struct.pack("<f", 1.0)),
        "weights that were altered",
    ),
    "altered vocabulary": (
        lambda: dataclasses.replace(PLAIN, vocabulary=PLAIN.vocabulary.replace(b" cat", b" cow")),
        "vocabulary that was altered",
    ),
    "short vocabulary": (
        lambda: PLAIN.with_vocabulary(json.dumps(json.loads(PLAIN.vocabulary)[:-1]).encode()),
        r"has \d+ words instead of",
    ),
    "vocabulary with a control character": (
        lambda: PLAIN.with_vocabulary(PLAIN.vocabulary.replace(b" cat", b" c\\u001b")),
        "is not a word",
    ),
    "vocabulary that is none": (lambda: PLAIN.with_vocabulary(b"{}"), "not a list"),
    "vocabulary without <unk>": (
        lambda: PLAIN.with_vocabulary(PLAIN.vocabulary.replace(UNKNOWN.encode(), b"<xyz>")),
        "begin with <unk>",
    ),
    "card of another unit": (lambda: PLAIN.with_config(cell="gru"), "another shape"),
    "card of an unknown unit": (lambda: PLAIN.with_config(cell="transformer"), "impossible sizes"),
    "card of more layers": (lambda: PLAIN.with_config(layers=2), "does not have the weights"),
    "card of a larger memory": (lambda: PLAIN.with_config(hidden_size=7), "does not have|another shape"),
    "card without tying": (lambda: PLAIN.with_config(tied=False), "does not have the weights"),
    "card of other groups": (lambda: PLAIN.with_config(softmax_head=4), "another shape"),
    "card of the largest sizes": (
        lambda: PLAIN.with_card(
            vocabulary_size=200_000, config=ModelConfig("lstm", 200_000, 4_096, 8_192, 8, False, 0)
        ),
        "does not have|another shape",
    ),
    "card of a memory bomb": (lambda: PLAIN.with_config(hidden_size=10**12), "impossible sizes"),
    "card of a negative memory": (lambda: PLAIN.with_config(hidden_size=-1), "impossible sizes"),
    "card of endless layers": (lambda: PLAIN.with_config(layers=10**9), "impossible sizes"),
    "card of endless words": (lambda: PLAIN.with_card(vocabulary_size=10**15), "cannot have"),
    "card of no words": (lambda: PLAIN.with_card(vocabulary_size=0), "cannot have"),
    "card of negative words": (lambda: PLAIN.with_card(vocabulary_size=-5), "cannot have"),
}


@pytest.mark.parametrize("kind", FORGED)
def test_a_forged_model_is_refused_in_one_sentence(kind: str) -> None:
    make, sentence = FORGED[kind]
    assert_refused(make(), sentence)


def test_sizes_are_compared_before_memory_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("weights were read before they were checked")

    monkeypatch.setattr(safetensors.torch, "load", never)
    for make, _ in (FORGED[kind] for kind in FORGED if kind.startswith("card")):
        assert_refused(make())


def test_a_model_that_only_adds_a_note_is_read() -> None:
    assert load(PLAIN.with_header(lambda header: header.update(__metadata__={"format": "pt"})))
