"""What the starter says, looked at as plain text: by words that share no code with the rules of the draw."""

import dataclasses
import itertools
import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from rnntui.paths import find_paths
from rnntui.service.model_loader import load_generator
from rnntui.settings import SamplerSettings
from rnntui.store.library import Library

if TYPE_CHECKING:
    from rnntui.lm.generator import Generator

WORDS = 250


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> "Generator":
    paths = find_paths(tmp_path_factory.mktemp("data"))
    library = Library(paths.models, paths.starter_model)
    return load_generator(library, library.cards()[0])


def said(generator: "Generator", prompt: str, sampler: SamplerSettings, words: int = WORDS) -> str:
    generator.memory = generator.state_from(generator.model.zero_state(), 0, ())
    generator.feed(generator.tokenizer.encode(prompt))
    sampler = dataclasses.replace(sampler, stop="words", max_words=words)
    return "".join(step.piece for step, _ in generator.generate(lambda: sampler, 3))


def most_often(text: str) -> int:
    """How often the four words in a row came that came most often."""
    words = re.findall(r"\w+(?:’\w+)*", text.lower())  # "don’t" is one
    return max(Counter(zip(*(words[start:] for start in range(4)), strict=False)).values())


@pytest.mark.parametrize("prompt", ["It was a cold evening and the old man", " She said"])
def test_no_four_words_return_for_ever(starter: "Generator", prompt: str) -> None:
    assert most_often(said(starter, prompt, SamplerSettings(temperature=0.0))) <= 6


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("prompt", "temperature"),
    list(itertools.product(("Once upon a time", "“Who is there?”", "The ship", "He did not know"), (0.0, 0.5, 1.0))),
)
def test_no_four_words_return_for_ever_whatever_the_temperature(
    starter: "Generator", prompt: str, temperature: float
) -> None:
    assert most_often(said(starter, prompt, SamplerSettings(temperature=temperature), 400)) <= 8
