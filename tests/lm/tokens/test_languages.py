"""Fifteen languages: a page of each is read without loss, prompted, and answered in words that stand apart."""

import functools
import itertools
import unicodedata

import pytest
import torch

from rnntui.lm.generator import Generator, count_words, join_turn
from rnntui.lm.model import WordRNN
from rnntui.lm.progress import run_to_end
from rnntui.lm.tokens.lexicon import Lexicon
from rnntui.lm.tokens.segmenter import unspaced_letters
from rnntui.lm.tokens.splitting import split
from rnntui.lm.tokens.tokenizer import UNKNOWN_ID, Tokenizer
from rnntui.lm.tokens.word_choice import tokenizer_steps
from rnntui.settings import ModelConfig, SamplerSettings
from rnntui.text import clean
from tests.lm.tokens.test_word_finding import counted
from tests.odd_texts.pages import PAGES, PROMPTS

LANGUAGES = tuple(PAGES)
WITHOUT_SPACES = ("Chinese", "Japanese", "Thai")
TIMES = 4
"""So often the page stands in the text: every word has an entry."""
WILD = SamplerSettings(temperature=1.5, top_p=1.0, max_words=150, stop="words", spelling="apart")


@functools.cache
def learned(language: str) -> tuple[str, Tokenizer]:
    text = "\n\n".join([clean(PAGES[language]).text] * TIMES)
    tokenizer, _ = run_to_end(tokenizer_steps(counted(text + "\n\n" + text), 3_000, 40))
    return text, tokenizer


@functools.cache
def reply(language: str) -> tuple[str, tuple[int, ...]]:
    """What a network says that has learned nothing, but for the rules on words: the worst that can be said."""
    text, tokenizer = learned(language)
    torch.manual_seed(1)
    network = WordRNN(ModelConfig("gru", embedding_size=8, hidden_size=8, softmax_head=0), len(tokenizer)).eval()
    lexicon = Lexicon.of(torch.tensor(tokenizer.encode(text)), tokenizer)
    generator = Generator(network, tokenizer, lexicon=lexicon)
    generator.feed(tokenizer.encode(join_turn("", PROMPTS[language], "inline", tokenizer)))
    steps = [step for step, _ in generator.generate(lambda: WILD, 3)]
    return "".join(step.piece for step in steps), tuple(step.token_id for step in steps)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_read_without_loss_whatever_form_its_marks_have(language: str) -> None:
    text, tokenizer = learned(language)
    ids = tokenizer.encode(text)
    assert UNKNOWN_ID not in ids
    assert tokenizer.decode(ids) == text
    assert tokenizer.encode(clean(unicodedata.normalize("NFD", PAGES[language])).text) == (
        tokenizer.encode(clean(PAGES[language]).text)
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_the_vocabulary_is_half_a_letter_or_two_words(language: str) -> None:
    text, tokenizer = learned(language)
    pieces = {tokenizer.pieces[token] for token in tokenizer.encode(text)}
    words = {piece.strip() for piece in pieces} - {""}
    assert not [word for word in words if unicodedata.category(word[0])[0] == "M" or word[0] in "\u200c\u200d"]
    assert not [word for word in words if " " in word]
    if language not in WITHOUT_SPACES:
        assert words == {piece.strip() for piece in split(text)} - {""}
        assert len(pieces) > 60


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_prompt_is_read_in_whole_words(language: str) -> None:
    text, tokenizer = learned(language)
    ids = tokenizer.encode(join_turn("", PROMPTS[language], "inline", tokenizer))
    assert UNKNOWN_ID not in ids
    assert not any(map(tokenizer.is_continuation, ids))
    words = count_words(tokenizer, ids)
    assert words == len(PROMPTS[language].split()) or (language in WITHOUT_SPACES and words <= len(PROMPTS[language]))
    joined = text.rstrip() + join_turn(text.rstrip(), PROMPTS[language], "inline", tokenizer)
    behind = joined[len(text.rstrip()) :]
    assert behind.startswith(" ") is (language not in ("Chinese", "Japanese", "Thai"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reply_has_no_broken_word_and_none_that_nobody_wrote(language: str) -> None:
    text, _ = learned(language)
    said, _ = reply(language)
    pieces = split(said)
    assert len(pieces) > 100
    assert not [piece for piece in pieces if unicodedata.category(piece.strip()[:1] or "a")[0] == "M"]
    if language in WITHOUT_SPACES:
        return
    known = {piece.strip() for piece in split(text)}
    assert [piece for piece in pieces if piece.strip() not in known] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reply_joins_what_the_text_joins_and_nothing_else(language: str) -> None:
    text, _ = learned(language)
    said, _ = reply(language)
    unspaced = unspaced_letters(set(text))
    pairs = set(itertools.pairwise(split(text)))
    glued = [
        (before, after)
        for before, after in itertools.pairwise(split(PROMPTS[language] + said))
        if before[-1].isalnum() and after[0].isalnum() and not {before[-1], after[0]} & unspaced
        if (before, after) not in pairs
    ]
    assert glued == []
    torn = [
        (before, after)
        for before, after in itertools.pairwise(split(text[:400] + said))
        if before.isspace() and unicodedata.category(after[0])[0] == "M"
    ]
    assert torn == []


def test_a_closing_mark_never_opens_a_word_and_an_opening_one_never_ends_it() -> None:
    for language, closing, opening in (
        ("Arabic", "،؟؛»", "«"),
        ("Persian", "؟»", "«"),
        ("Hindi", "।”", "“"),
        ("Russian", ",.»", "«"),
        ("German", ",.“", "„"),
        ("Greek", ";,.»", "«"),
        ("Turkish", ",.”", "“"),
    ):
        said, _ = reply(language)
        text, _ = learned(language)
        assert not [
            piece for piece in split(said) if piece[0] == " " and piece[1:] in closing and piece not in split(text)
        ]
        for before, after in itertools.pairwise(split(said)):
            assert not (before[-1].isalpha() and after in opening), (language, before, after)
