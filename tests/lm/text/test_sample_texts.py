"""Texts without a file: the best possible loss is known because every choice can be read off the text."""

import math
import re

import pytest

from rnntui.errors import InputError
from rnntui.lm.mix.ngram import baseline_nats
from rnntui.lm.text import sample_texts
from rnntui.lm.text.findings import Findings
from rnntui.lm.text.sample_texts import SAMPLES, animals, counting, find_sample, is_sample
from rnntui.lm.tokens.tokenizer import Tokenizer

WRITTEN = {"counting": counting, "animals": animals}


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_can_be_read_twice_and_is_the_same(name: str) -> None:
    sample = find_sample(f"sample:{name}")
    assert is_sample(sample.name)
    texts = ["".join(find_sample(sample.name).readable().parts(Findings())) for _ in range(2)]
    assert texts[0] == texts[1]
    assert len(texts[0].split()) > 40_000


def test_an_unknown_sample_names_those_there_are() -> None:
    with pytest.raises(InputError, match="no sample") as problem:
        find_sample("sample:novel")
    assert all(f"sample:{name}" in problem.value.next_step for name in SAMPLES)


def test_counting_counts() -> None:
    sentences = re.findall(r"from (\w+) to (\w+): ([^.]*)\.", counting(3_000).text)
    order = {word: at for at, word in enumerate(sample_texts._NUMBERS)}
    for start, end, steps in sentences:
        assert [order[step] for step in steps.split(", ")] == list(range(order[start], order[end] + 1))


@pytest.mark.parametrize("name", WRITTEN)
def test_different_choices_give_different_sentences(name: str) -> None:
    """Then the bits of the choices are the bits of the text: no better code exists, and this one reaches it."""
    sample = WRITTEN[name](60_000)
    chances: dict[str, float] = {}
    start = 0
    for end, bits in sample.bits:
        chances[sample.text[start:end].strip()] = 2.0**-bits
        start = end
    assert sum(chances.values()) <= 1 + 1e-9
    most_sentences = {"counting": 8 * 12 * 7, "animals": 10**6}[name]
    assert len(chances) <= most_sentences
    if name == "counting":
        assert sum(chances.values()) > 0.99, "nearly all sentences occur, and their chances sum to one"


@pytest.mark.parametrize("name", WRITTEN)
def test_the_best_possible_is_the_mean_surprise_of_the_grammar(name: str) -> None:
    sample = WRITTEN[name](20_000)
    held_out = sample.text.rstrip("\n")[-20_000:]
    held_out = held_out[held_out.index("\n\n") + 2 :]
    best = sample.best_bits_per_character(held_out)
    assert best is not None
    whole = sum(bits for _, bits in sample.bits) / len(sample.text)
    assert best == pytest.approx(whole, rel=0.05)
    assert sample.best_bits_per_character("something else") is None


@pytest.mark.parametrize("name", WRITTEN)
def test_no_counting_model_beats_the_best_possible(name: str) -> None:
    import torch

    text = WRITTEN[name](30_000).text.rstrip("\n")
    cut = text.index("\n\n", int(0.9 * len(text)))
    tokenizer = Tokenizer.train([text[:cut]], 1_000)
    training, held_out = (torch.tensor(tokenizer.encode(part)) for part in (text[:cut], text[cut + 2 :]))
    nats = baseline_nats(training, held_out, len(tokenizer))
    best = WRITTEN[name](30_000).best_bits_per_character(text[cut + 2 :])
    assert best is not None
    found = {name: value / math.log(2) / (len(text) - cut - 2) for name, value in nats.items()}
    assert best < min(found.values())
    assert found["uniform"] > 5 * best
