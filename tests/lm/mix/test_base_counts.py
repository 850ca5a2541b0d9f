"""A model that went on from another keeps what that one had counted: it comes back, and nothing forged gets in."""

import dataclasses
import json
import random
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
import torch

from rnntui.errors import ModelFileError
from rnntui.lm.generator import Generator
from rnntui.lm.mix.count_table import CountTable
from rnntui.lm.mix.mixture import Gates, Inherited, Mixture, starting_gate
from rnntui.lm.mix.mixture_fit import count_base_steps, fit_mixture
from rnntui.lm.mix.ngram import KneserNey
from rnntui.lm.mix.table_file import table_bytes
from rnntui.lm.model_file import COUNTED_ORDER, LoadedModel, pack_counts, sha256, unpack
from rnntui.lm.progress import run_to_end
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.settings import SamplerSettings
from tests.small_models import SPELLED, TEXT, small_model

Arrays = dict[str, np.ndarray[Any, Any]]
Change = Callable[[Arrays], object]


@dataclasses.dataclass(frozen=True)
class Kept:
    """The files of a model, and the mixture they were made from."""

    card: Any
    weights: bytes
    vocabulary: bytes
    counts: bytes
    mixture: Mixture

    def loaded(self, counts: bytes | None = None) -> LoadedModel:
        counts = self.counts if counts is None else counts
        card = dataclasses.replace(self.card, counts_sha256=sha256(counts))
        return unpack(card, self.weights, self.vocabulary, counts)


def base_of(tokenizer: Tokenizer) -> CountTable:
    """Of a base that lacked the last twenty words of this vocabulary."""
    ids = torch.tensor(tokenizer.encode(SPELLED * 5), dtype=torch.int32) % (len(tokenizer) - 20)
    counting = KneserNey(ids, len(tokenizer) - 20)
    (table,) = run_to_end(count_base_steps(Mixture(counting, starting_gate(counting.order)), ids))
    return table.extend(len(tokenizer))


@pytest.fixture(scope="module", params=["ids", "table"])
def kept(request: pytest.FixtureRequest) -> Kept:
    card, weights, vocabulary = small_model()
    tokenizer, model = Tokenizer.from_bytes(vocabulary), unpack(card, weights, vocabulary).model
    ids, base = torch.tensor(tokenizer.encode((TEXT + SPELLED) * 3), dtype=torch.int32), base_of(tokenizer)
    in_table = ids.numel() - 60 if request.param == "table" else 0
    mixture, counts = run_to_end(fit_mixture(model, ids[:-60], ids[-60:].long(), tokenizer, in_table, Inherited(base)))
    card = dataclasses.replace(card, base_counts_bytes=table_bytes(base))
    return Kept(card, weights, vocabulary, counts, mixture)


def test_the_base_and_both_gates_come_back_as_they_were(kept: Kept) -> None:
    again, before = kept.loaded().mixture, kept.mixture
    assert again is not None
    assert again.base is not None
    assert before.base is not None
    assert np.array_equal(again.gate, before.gate)
    assert again.gate_without_network is not None
    assert before.gate_without_network is not None
    assert np.array_equal(again.gate_without_network, before.gate_without_network)
    asked = torch.randint(again.counting.vocabulary_size, (400,), generator=torch.Generator().manual_seed(1))
    assert torch.equal(again.base.log_probabilities(asked), before.base.log_probabilities(asked))
    assert torch.equal(again.counting.log_probabilities(asked), before.counting.log_probabilities(asked))


def test_it_says_what_it_reads_again_and_four_shares_with_each_word(kept: Kept) -> None:
    loaded = kept.loaded()
    generator, settings = (
        Generator(loaded.model, loaded.tokenizer, loaded.mixture),
        SamplerSettings(max_words=20, stop="words"),
    )
    generator.feed(loaded.tokenizer.encode(" The cat saw"))
    before = generator.memory
    steps = [step for step, _ in generator.generate(lambda: settings, 3)]
    assert all(len(step.shares) == 4 for step in steps)
    assert any(step.shares[3] > 0 for step in steps)
    after = generator.memory
    generator.memory = before
    scores = generator.feed([step.token_id for step in steps])
    assert scores == pytest.approx([step.logprob for step in steps])
    assert generator.memory.contexts == after.contexts
    assert generator.state_from(after.state, after.position, after.recent.ids().tolist()).contexts == after.contexts


def test_counts_without_a_second_gate_and_without_a_base_are_those_of_before() -> None:
    card, weights, vocabulary = small_model()
    tokenizer = Tokenizer.from_bytes(vocabulary)
    gates = Gates(starting_gate(COUNTED_ORDER))
    counts = pack_counts(torch.tensor(tokenizer.encode(TEXT)), gates, len(tokenizer))
    assert set(safetensors.numpy.load(counts)) == {"gate", "ids"}
    loaded = unpack(dataclasses.replace(card, counts_sha256=sha256(counts)), weights, vocabulary, counts)
    assert loaded.mixture is not None
    assert (loaded.mixture.base, loaded.mixture.gate_without_network) == (None, None)


def _set(name: str, value: object) -> Change:
    return lambda arrays: arrays.update({name: np.full_like(arrays[name], value)})


HOSTILE: dict[str, Change] = {
    "damaged n-grams": _set("base.packed2", 255),
    "sizes beyond all": _set("base.sizes", 1 << 24),
    "more than all": _set("base.values2", 0.99),
    "no number": _set("base.values5", float("nan")),
    "a gate of huge numbers": _set("gate_without_network", 1e9),
    "a gate that is no number": _set("gate_without_network", float("inf")),
    "a gate for three parts": lambda arrays: arrays.update(gate=arrays["gate"][:, :-1]),
    "a second gate for three parts": lambda arrays: arrays.update(gate_without_network=arrays["gate"][:, :-1]),
    "a byte less": lambda arrays: arrays.update({"base.packed4": arrays["base.packed4"][:-1]}),
    "other kinds": lambda arrays: arrays.update({"base.packed3": arrays["base.packed3"].astype("float32")}),
    "an array too few": lambda arrays: arrays.pop("base.values3") is None,
    "an array too many": lambda arrays: arrays.update({"base.base.packed1": arrays["base.packed1"]}),
    "no base at all": lambda arrays: [arrays.pop(name) for name in list(arrays) if name.startswith("base.")],
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_forged_base_is_refused_in_one_sentence(kind: str, kept: Kept) -> None:
    arrays = safetensors.numpy.load(kept.counts)
    HOSTILE[kind](arrays)
    with pytest.raises(ModelFileError) as problem:
        kept.loaded(safetensors.numpy.save(arrays))
    assert problem.value.sentence.startswith('The model "small" ')
    assert problem.value.sentence.endswith(".")


def test_a_card_that_tells_of_no_base_is_refused_with_one(kept: Kept) -> None:
    liar = dataclasses.replace(kept, card=dataclasses.replace(kept.card, base_counts_bytes=0))
    with pytest.raises(ModelFileError, match="base_counts_bytes"):
        liar.loaded()


def test_a_forged_bit_is_refused_or_leaves_a_distribution(kept: Kept) -> None:
    dice, loaded = random.Random(5), 0
    length = struct.unpack("<Q", kept.counts[:8])[0]
    header = json.loads(kept.counts[8 : 8 + length])
    spans = [header[name]["data_offsets"] for name in header if name.startswith("base.")]
    for _ in range(80):
        start, end = dice.choice([span for span in spans if span[1] > span[0]])
        data = bytearray(kept.counts)
        data[8 + length + dice.randrange(start, end)] ^= 1 << dice.randrange(8)
        try:
            mixture = kept.loaded(bytes(data)).mixture
        except ModelFileError:
            continue
        assert mixture is not None
        assert mixture.base is not None
        loaded += 1
        for words in ([], [5], [5, 6, 7, 8]):
            probability = mixture.base.distribution(mixture.base.contexts_after(words))[0]
            assert probability.min() >= 0
            assert probability.sum() == pytest.approx(1.0, abs=1e-5)
    assert loaded
