"""A model that counted a long text: its table comes back as it was, speaks, and lets nothing else in."""

import dataclasses
import itertools
import json
import random
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from rnntui.errors import ModelFileError
from rnntui.lm.generator import Generator
from rnntui.lm.mix import mixture_fit, table_file
from rnntui.lm.mix.count_table import CountTable
from rnntui.lm.mix.mixture_fit import fit_mixture, tokens_in_table
from rnntui.lm.model_file import LoadedModel, pack, sha256, unpack
from rnntui.lm.progress import run_to_end
from rnntui.lm.tokens.corpus import TrainingText
from rnntui.lm.tokens.lexicon import Lexicon, collect_words
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.lm.train.inputs import RunControl, TrainerInputs
from rnntui.lm.train.trainer import Trainer
from rnntui.settings import ModelConfig, SamplerSettings, TrainConfig
from tests.small_models import SPELLED, TEXT, small_model

Change = Callable[[dict[str, Any], dict[str, np.ndarray[Any, Any]]], object]


@pytest.fixture(scope="module")
def files() -> tuple[Any, bytes, bytes, bytes]:
    card, weights, vocabulary = small_model()
    tokenizer, model = Tokenizer.from_bytes(vocabulary), unpack(card, weights, vocabulary).model
    ids = torch.tensor(tokenizer.encode((TEXT + SPELLED) * 3), dtype=torch.int32)
    _, counts = run_to_end(fit_mixture(model, ids[:-60], ids[-60:].long(), tokenizer, in_table=ids.numel() - 60))
    return card, weights, vocabulary, counts


@pytest.fixture(scope="module")
def earlier(files: tuple[Any, bytes, bytes, bytes]) -> bytes:
    """The same counts as earlier versions kept them: columns as they are."""
    import safetensors.numpy

    mixture = load(files).mixture
    assert mixture is not None
    assert isinstance(mixture.counting, CountTable)
    arrays = safetensors.numpy.load(files[3])
    kept = {name: arrays[name] for name in ("gate", "ids", "words")}
    for length, order in enumerate(mixture.counting.orders, start=1):
        kept |= {f"{name}{length}": getattr(order, name) for name in ("last", "codes", "values", "followers")}
    return safetensors.numpy.save(kept)


def load(files: tuple[Any, bytes, bytes, bytes], counts: bytes | None = None) -> LoadedModel:
    card, weights, vocabulary, kept = files
    kept = kept if counts is None else counts
    return unpack(dataclasses.replace(card, counts_sha256=sha256(kept)), weights, vocabulary, kept)


def test_a_table_comes_back_with_every_word_of_the_text(files: tuple[Any, bytes, bytes, bytes]) -> None:
    loaded = load(files)
    assert loaded.mixture is not None
    assert loaded.word_ids is not None
    tokenizer = loaded.tokenizer
    ids = torch.tensor(tokenizer.encode((TEXT + SPELLED) * 3), dtype=torch.int32)
    again, kept = run_to_end(fit_mixture(loaded.model, ids[:-60], ids[-60:].long(), tokenizer, ids.numel() - 60))
    assert kept == files[3]
    said, before = (mixture.counting.log_probabilities(ids) for mixture in (loaded.mixture, again))
    assert torch.equal(said, before)
    whole, short = Lexicon.of(ids, tokenizer), Lexicon.of(loaded.word_ids, tokenizer)
    assert short._words == whole._words
    assert tuple(tokenizer.encode(" catalogues")) in short


def test_a_table_of_an_earlier_version_says_what_it_said(
    files: tuple[Any, bytes, bytes, bytes], earlier: bytes
) -> None:
    one, other = load(files).mixture, load(files, earlier).mixture
    assert one is not None
    assert other is not None
    asked = torch.tensor(load(files).tokenizer.encode(TEXT + SPELLED))
    assert torch.equal(one.counting.log_probabilities(asked), other.counting.log_probabilities(asked))
    contexts = other.counting.contexts_after(asked[:7].tolist())
    assert np.array_equal(one.counting.distribution(contexts)[0], other.counting.distribution(contexts)[0])


@pytest.mark.parametrize("seed", range(8))
def test_columns_come_back_whatever_words_follow_whatever_others(seed: int) -> None:
    dice = np.random.default_rng(seed)
    contexts = dice.integers(0, 4, size=200).astype(np.uint16)
    words = [np.sort(dice.choice(65_536, size=count, replace=False)) for count in contexts.tolist()]
    last = np.concatenate(words).astype(np.uint16)
    assert np.array_equal(table_file._accumulate(table_file._differences(last, contexts), contexts), last)


def test_a_model_with_a_table_says_what_it_has_read_again(files: tuple[Any, bytes, bytes, bytes]) -> None:
    loaded = load(files)
    settings = SamplerSettings(max_words=20, stop="words")
    said = []
    for _ in range(2):
        generator = Generator(loaded.model, loaded.tokenizer, loaded.mixture)
        scores = generator.feed(loaded.tokenizer.encode(" The cat saw"))
        steps = [step for step, _ in generator.generate(lambda: settings, 3)]
        again = Generator(loaded.model, loaded.tokenizer, loaded.mixture)
        again.feed(loaded.tokenizer.encode(" The cat saw"))
        assert again.feed([step.token_id for step in steps]) == pytest.approx([step.logprob for step in steps])
        said.append((scores, [step.token_id for step in steps]))
    assert said[0] == said[1]


def _changed(counts: bytes, change: Change) -> bytes:
    import safetensors.numpy

    arrays = safetensors.numpy.load(counts)
    length = struct.unpack("<Q", counts[:8])[0]
    header = json.loads(counts[8 : 8 + length])
    fresh = change(header, arrays)
    if fresh == "arrays":
        return safetensors.numpy.save(arrays)
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + counts[8 + length :]


def _set(name: str, value: object) -> Change:
    def change(_: dict[str, Any], arrays: dict[str, np.ndarray[Any, Any]]) -> str:
        arrays[name] = np.full_like(arrays[name], value)
        return "arrays"

    return change


def _cut(name: str) -> Change:
    def change(_: dict[str, Any], arrays: dict[str, np.ndarray[Any, Any]]) -> str:
        arrays[name] = arrays[name][:-1]
        return "arrays"

    return change


def _as(name: str, kind: str) -> Change:
    def change(_: dict[str, Any], arrays: dict[str, np.ndarray[Any, Any]]) -> str:
        arrays[name] = arrays[name].astype(kind)
        return "arrays"

    return change


def _shape(name: str, shape: object) -> Change:
    return lambda header, _: header[name].update(shape=shape)


HOSTILE_EARLIER: dict[str, Change] = {
    "a word beyond the vocabulary": _set("last2", 65_535),
    "a kept word beyond the vocabulary": _set("words", 65_535),
    "followers beyond all": _set("followers2", 65_535),
    "no followers": _set("followers1", 0),
    "more than all": _set("values3", 0.99),
    "one": _set("values1", 1.0),
    "below nought": _set("values4", -0.5),
    "no number": _set("values5", float("nan")),
    "endless": _set("values5", float("inf")),
    "one n-gram less": _cut("last4"),
    "one code less": _cut("codes5"),
    "one value less": _cut("values2"),
    "one follower less": _cut("followers3"),
    "other kinds": _as("codes3", "float32"),
    "other kinds of the same size": _as("followers2", "int16"),
    "a shape of words": _shape("last2", ["many"]),
    "a shape of an exabyte": _shape("last5", [10**18]),
    "a negative shape": _shape("last5", [-4]),
    "no shape": _shape("last1", None),
    "an array too many": lambda header, _: header.update(extra=header["last1"]),
    "an array too few": lambda header, _: header.pop("followers4") and None,
}


@pytest.mark.parametrize("kind", HOSTILE_EARLIER)
def test_a_forged_table_of_an_earlier_version_is_refused_in_one_sentence(
    kind: str, files: tuple[Any, bytes, bytes, bytes], earlier: bytes
) -> None:
    with pytest.raises(ModelFileError) as problem:
        load(files, _changed(earlier, HOSTILE_EARLIER[kind]))
    assert problem.value.sentence.startswith('The model "small" ')
    assert problem.value.sentence.endswith(".")


def _packed(length: int, change: Callable[[bytearray], object]) -> Change:
    """Other bytes in a packed column, which unpack to what they should."""

    def changed(_: dict[str, Any], arrays: dict[str, np.ndarray[Any, Any]]) -> str:
        data = bytearray(zlib.decompress(arrays[f"packed{length}"].tobytes()))
        change(data)
        arrays[f"packed{length}"] = np.frombuffer(zlib.compress(bytes(data)), dtype=np.uint8)
        return "arrays"

    return changed


def _filled(byte: int, first: float, last: float) -> Callable[[bytearray], object]:
    """One byte all over a share of the planes."""

    def fill(data: bytearray) -> None:
        start, end = int(first * len(data)), int(last * len(data))
        data[start:end] = bytes([byte]) * (end - start)

    return fill


def _raw(name: str, make: Callable[[bytes], bytes]) -> Change:
    def change(_: dict[str, Any], arrays: dict[str, np.ndarray[Any, Any]]) -> str:
        arrays[name] = np.frombuffer(make(arrays[name].tobytes()), dtype=np.uint8)
        return "arrays"

    return change


def _sizes(change: Callable[[list[int]], list[int]]) -> Change:
    def changed(_: dict[str, Any], arrays: dict[str, np.ndarray[Any, Any]]) -> str:
        arrays["sizes"] = np.array(change(arrays["sizes"].tolist()), dtype=np.int32)
        return "arrays"

    return changed


HOSTILE: dict[str, Change] = {
    "words beyond the vocabulary": _packed(2, _filled(255, 0.2, 0.4)),
    "words that do not rise": _packed(2, _filled(0, 0.0, 0.4)),
    "a kept word beyond the vocabulary": _set("words", 65_535),
    "followers beyond all": _packed(2, _filled(255, 0.6, 1.0)),
    "no followers": _packed(1, _filled(0, 0.6, 1.0)),
    "more than all": _set("values3", 0.99),
    "one": _set("values1", 1.0),
    "below nought": _set("values4", -0.5),
    "no number": _set("values5", float("nan")),
    "endless": _set("values5", float("inf")),
    "a byte less": _packed(4, bytearray.pop),
    "a byte more": _packed(4, lambda data: data.append(0)),
    "one value less": _cut("values2"),
    "values of another kind": _as("values2", "float64"),
    "a packed column of other kinds": _as("packed3", "float32"),
    "sizes of another kind": _as("sizes", "uint8"),
    "one length less": _cut("sizes"),
    "one n-gram less": _sizes(lambda sizes: [*sizes[:3], sizes[3] - 1, sizes[4]]),
    "n-grams in another length": _sizes(lambda sizes: [sizes[0], sizes[1] + 1, sizes[2] - 1, *sizes[3:]]),
    "less than none": _sizes(lambda sizes: [*sizes[:4], -1]),
    "sixteen million": _sizes(lambda sizes: [*sizes[:4], 1 << 24]),
    "two thousand million": _sizes(lambda sizes: [*sizes[:4], (1 << 31) - 1]),
    "no single words": _sizes(lambda sizes: [0] * 5),
    "nothing packed": _raw("packed3", lambda _: b""),
    "not packed": _raw("packed3", lambda data: bytes(len(data))),
    "packed and cut": _raw("packed3", lambda data: data[:-6]),
    "something behind": _raw("packed3", lambda data: data + b"PK"),
    "far more than it says": _raw("packed3", lambda _: BOMB),
    "a shape of words": _shape("packed2", ["many"]),
    "a shape of an exabyte": _shape("packed5", [10**18]),
    "a negative shape": _shape("packed5", [-4]),
    "no shape": _shape("packed1", None),
    "an array too many": lambda header, _: header.update(extra=header["packed1"]),
    "an array too few": lambda header, _: header.pop("packed4") and None,
    "both kinds of table": lambda header, _: header.update(last1=header["packed1"]),
}
BOMB = zlib.compress(bytes(1 << 27))


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_forged_table_is_refused_in_one_sentence(kind: str, files: tuple[Any, bytes, bytes, bytes]) -> None:
    with pytest.raises(ModelFileError) as problem:
        load(files, _changed(files[3], HOSTILE[kind]))
    assert problem.value.sentence.startswith('The model "small" ')
    assert problem.value.sentence.endswith(".")


def test_a_table_cut_anywhere_is_refused(files: tuple[Any, bytes, bytes, bytes]) -> None:
    for share in range(1, 16):
        with pytest.raises(ModelFileError):
            load(files, files[3][: len(files[3]) * share // 16])


def test_short_texts_and_short_runs_keep_their_words() -> None:
    assert tokens_in_table(2_900_000, 16_000, 3_600.0) == 0
    assert tokens_in_table(50_000_000, 16_000, 30.0) == 0
    assert tokens_in_table(50_000_000, 80_000, 3_600.0) == 0
    assert tokens_in_table(5_000_000, 16_000, 300.0) == 5_000_000
    assert tokens_in_table(50_000_000, 16_000, 300.0) == 18_000_000
    assert tokens_in_table(450_000_000, 16_000, 36_000.0) == mixture_fit.MOST_IN_TABLE


def test_every_word_of_a_long_text_is_kept_once_and_the_rarest_spelled_ones_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tokenizer = Tokenizer.train([TEXT], 500)
    ids = torch.tensor(tokenizer.encode(TEXT + SPELLED + " mused mused"), dtype=torch.int32)
    monkeypatch.setattr("rnntui.lm.tokens.lexicon._SLICE", 50)
    monkeypatch.setattr("rnntui.lm.tokens.lexicon.MOST_SPELLED", 2)
    kept = run_to_end(collect_words((ids,), tokenizer)).tolist()
    text = tokenizer.decode(kept)
    assert " yawned" in text, "three times"
    assert " catalogues" not in text, "once"
    assert " mouse" in text
    assert text.count(" mouse") == 1
    assert Lexicon.of(torch.tensor(kept), tokenizer)._words[-1:] == Lexicon.of(ids, tokenizer)._words[-1:]


def test_a_run_over_a_long_text_keeps_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mixture_fit, "MOST_COUNTED_WORDS", 50)
    text = TrainingText(TEXT * 3, TEXT, tuning=SPELLED)
    tokenizer = Tokenizer.train([text.training], 500)
    clock = itertools.count(0.0, 0.05).__next__
    config = TrainConfig(budget_seconds=2.0, rows=2, bptt_length=8, threads=1)
    inputs = TrainerInputs(text, tokenizer, ModelConfig("gru", 500, 8, 8, 1, True, 0), config)
    run = Trainer(inputs, RunControl(clock=clock))
    list(run.run())
    assert run.mixture is not None
    assert isinstance(run.mixture.counting, CountTable)
    card, _, _ = small_model()
    weights, vocabulary = pack(run.best_weights(), tokenizer)
    card = dataclasses.replace(
        card,
        config=run.model.config,
        vocabulary_size=len(tokenizer),
        weights_sha256=sha256(weights),
        vocabulary_sha256=sha256(vocabulary),
        weights_bytes=len(weights),
    )
    loaded = load((card, weights, vocabulary, run.counts))
    asked = torch.tensor(tokenizer.encode(SPELLED))
    assert loaded.mixture is not None
    assert torch.equal(loaded.mixture.counting.log_probabilities(asked), run.mixture.counting.log_probabilities(asked))
    assert run.measured is not None
    assert run.measured.mixture_nats is not None
    assert run.measured.mixture_nats < run.measured.nats


@pytest.mark.parametrize("is_packed", [True, False])
def test_a_forged_bit_is_refused_or_leaves_a_distribution(
    is_packed: bool, files: tuple[Any, bytes, bytes, bytes], earlier: bytes
) -> None:
    dice, loaded = random.Random(4), 0
    counts = files[3] if is_packed else earlier
    asked = load(files).tokenizer.encode(TEXT)[:40]
    header_bits = 8 * (8 + struct.unpack("<Q", counts[:8])[0])
    places = [dice.randrange(header_bits) for _ in range(80)]
    places += [dice.randrange(header_bits, 8 * len(counts)) for _ in range(160)]
    for bit in places:
        data = bytearray(counts)
        data[bit // 8] ^= 1 << bit % 8
        try:
            mixture = load(files, bytes(data)).mixture
        except ModelFileError:
            continue
        assert mixture is not None
        loaded += 1
        for length in (0, 3, 40):
            probability = mixture.counting.distribution(mixture.counting.contexts_after(asked[:length]))[0]
            assert probability.min() >= 0
            assert probability.sum() == pytest.approx(1.0, abs=1e-5)
    assert loaded > 20, "most bits of the words that are kept may be anything"
