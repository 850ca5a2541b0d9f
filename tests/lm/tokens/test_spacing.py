"""What may stand next to what without a space: as the text has it, and nothing glued in what is said."""

import dataclasses
import itertools
import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnntui.lm.generator import Generator
from rnntui.lm.model_file import unpack
from rnntui.lm.tokens.lexicon import Lexicon
from rnntui.lm.tokens.spacing import Spacing
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.settings import SamplerSettings
from tests.effort import examples
from tests.small_models import TEXT, small_model

ENGLISH = (
    "On the 21st of May, the 21st, she said: “I have 10,000 (ten thousand) cats.” He said, “They have—none.”\n\n"
    "“Cats,” she said. “Who has them?” It was the 3rd; he had 10,000 too. Cats (those) saw the cat.\n\n"
    "They saw it in the 3rd year, at the house.\n\n"
) * 30 + "They saw the D.C. house.\n\n" * 2
GERMAN = "„Wer ist da?“ sagte er. „Ich bin die Katze“, sagte sie, „die Katze“, sagte er. Er sah die Katze.\n\n" * 5
CHINESE = "她在1920年love他。他在1930年love她。她love他在家。\n\n" * 5


def may_follow(text: str, before: str, after: str) -> bool:
    """Whether a text lets one piece follow what was said."""
    tokenizer = Tokenizer.train([text], 2_000)
    joints = Spacing(np.array(tokenizer.encode(text), dtype=np.int32), tokenizer)
    token = tokenizer.id_of(after)
    assert token is not None, "it has no entry"
    allowed = joints.allowed_next(np.array(tokenizer.encode(before), dtype=np.int32))
    return allowed is None or bool(allowed[token])


@pytest.mark.parametrize(
    ("before", "after", "is_allowed"),
    [
        ("She saw", "They", False),
        ("She saw", " the", True),
        ("", "They", True),
        ("She saw.\n\n", "They", True),
        ("He said, “", "They", True),
        ("She saw—", "Cats", True),
        ("(", "those", True),
        ("the 3", "rd", True),
        ("the 21", "rd", True),
        ("She saw", "rd", False),
        ("the 21", "They", False),
        ("the 10,", "000", True),
        ("he said,", "They", False),
        ("he said.", "Cats", False),
        ("the D.", "C", True),
        ("She said", "“", False),
        ("She said", " “", True),
        ("She said", ",", True),
        ("She said.", "”", True),
    ],
)
def test_nothing_is_glued_that_the_text_sets_apart(before: str, after: str, is_allowed: bool) -> None:
    assert may_follow(ENGLISH, before, after) == is_allowed


def test_a_mark_may_do_what_it_does_in_the_text() -> None:
    assert may_follow(GERMAN, "Sie sah die Katze", "“")
    assert not may_follow(GERMAN, "Sie sah die Katze", "„")
    assert not may_follow(ENGLISH, "He saw the cat", "“")


def test_scripts_without_spaces_are_left_alone() -> None:
    for before, after in (("她在", "love"), ("她love", "他"), ("她", "年"), ("他在", "1920")):
        assert may_follow(CHINESE, before, after)


def test_what_a_person_joined_lately_may_be_joined_again() -> None:
    tokenizer = Tokenizer.train([ENGLISH], 2_000)
    joints = Spacing(np.array(tokenizer.encode(ENGLISH), dtype=np.int32), tokenizer)
    cats, they = tokenizer.id_of(" cats"), tokenizer.id_of("They")
    assert cats is not None
    assert they is not None
    fresh = joints.allowed_next(np.array([cats], dtype=np.int32))
    again = joints.allowed_next(np.array([cats, they, cats], dtype=np.int32))
    assert fresh is not None
    assert again is not None
    assert (fresh[they], again[they]) == (False, True)


@settings(max_examples=examples(100), deadline=None)
@given(text=st.text(alphabet="ab1 .,“(\n我", min_size=4, max_size=80))
def test_whatever_a_text_does_often_may_be_said(text: str) -> None:
    tokenizer = Tokenizer.train([text * 2], 500)
    ids = np.array(tokenizer.encode(text) * 4, dtype=np.int32)
    joints = Spacing(ids, tokenizer)
    for before, after in itertools.pairwise(tokenizer.encode(text)):
        allowed = joints.allowed_next(np.array([before], dtype=np.int32))
        assert allowed is None or allowed[after]


def plain_words(text: str) -> list[str]:
    """The words of a text: letters, with apostrophes between them."""
    return re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text)


def test_what_is_said_has_no_word_that_stands_neither_in_the_text_nor_in_the_prompt() -> None:
    card, weights, vocabulary = small_model()
    loaded = unpack(card, weights, vocabulary)
    ids = torch.tensor(loaded.tokenizer.encode(TEXT))
    generator = Generator(loaded.model, loaded.tokenizer, lexicon=Lexicon.of(ids, loaded.tokenizer))
    empty = generator.memory
    wild = SamplerSettings(temperature=1.5, top_p=1.0, max_words=250, stop="words")

    def inventions(sampler: SamplerSettings, prompt: str) -> list[str]:
        generator.memory = empty
        generator.feed(generator.tokenizer.encode(prompt))
        said = "".join(step.piece for step, _ in generator.generate(lambda: sampler, 3))
        return [word for word in plain_words(prompt + said) if word not in known]

    known = {*plain_words(TEXT), *plain_words("The hamster")}
    assert inventions(wild, " The hamster") == []
    assert inventions(dataclasses.replace(wild, spelling="known"), "") != [], "else there is nothing to see"
