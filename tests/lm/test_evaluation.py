"""Metrics on models whose figures are known: honest bits, words counted once, unknown characters charged."""

import dataclasses
import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnntui.errors import CorpusError
from rnntui.lm.evaluation import (
    UNKNOWN_CHARACTER_NATS,
    Evaluator,
    baseline_bits,
    bits_per_character,
    mean_nats,
    measure,
    measure_steps,
    perplexity,
    text_log_probabilities,
)
from rnntui.lm.generator import words_of
from rnntui.lm.mix.cache_model import RecentTokens
from rnntui.lm.mix.mixture import Mixture, starting_gate
from rnntui.lm.mix.ngram import KneserNey
from rnntui.lm.model import WordRNN
from rnntui.lm.tokens.text_counts import WordCount
from rnntui.lm.tokens.tokenizer import UNKNOWN_ID, Tokenizer
from rnntui.settings import ModelConfig

TEXT = " the cat saw the dog, and the dog saw the cat.\n\n“the cat” said the dog.\n\n"


def uniform(tokenizer: Tokenizer, head: int = 0) -> WordRNN:
    """A network that finds every word equally likely, whatever it has read."""
    model = WordRNN(ModelConfig("gru", 1_000, 4, 4, 1, True, head), len(tokenizer))
    with torch.no_grad():
        model.embedding.weight.zero_()
        model.output_bias.zero_()
    return model


def lively(tokenizer: Tokenizer) -> WordRNN:
    """A network whose probabilities depend on everything it has read."""
    model = WordRNN(ModelConfig("lstm", 1_000, 6, 6, 1, True, 0), len(tokenizer))
    dice = torch.Generator().manual_seed(2)
    for weight in model.parameters():
        weight.data.uniform_(-1, 1, generator=dice)
    return model


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.train([TEXT * 3], 200)


def test_a_uniform_network_needs_the_logarithm_of_its_vocabulary(tokenizer: Tokenizer) -> None:
    measured = measure(uniform(tokenizer), tokenizer, TEXT)
    ids = tokenizer.encode(TEXT)
    assert measured.tokens == len(ids) - 1
    assert measured.characters == len(TEXT) - len(tokenizer.piece(ids[0]))
    assert measured.nats == pytest.approx(measured.tokens * math.log(len(tokenizer)), rel=1e-6)
    expected = measured.tokens * math.log2(len(tokenizer)) / measured.characters
    assert measured.bits_per_character == pytest.approx(expected, rel=1e-6)
    assert measured.perplexity == pytest.approx(len(tokenizer) ** (measured.tokens / measured.words), rel=1e-5)


def test_words_and_marks_are_counted_and_white_space_is_not(tokenizer: Tokenizer) -> None:
    measured = measure(uniform(tokenizer), tokenizer, TEXT)
    words = " cat saw the dog , and the dog saw the cat . “ the cat ” said the dog ."
    assert measured.words == words.count(" ")
    assert (measured.spelled_words, measured.unknown_characters) == (0, 0)


def test_a_spelled_word_is_one_word_however_it_is_spelled(tokenizer: Tokenizer) -> None:
    text = " the tacos cat.\n\n\n\n the hat, dog"
    pieces = [tokenizer.pieces[word] for word in tokenizer.encode(" tacos")]
    assert pieces[0] == " ", "spelled from its space on"
    measured = measure(uniform(tokenizer), tokenizer, text)
    assert measured.words == " tacos cat . the hat , dog".count(" ")
    assert measured.spelled_words == 2
    assert measured.characters == len(text) - len(" the")


def test_newlines_that_are_spelled_are_no_words(tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode(" cat\n\n\n\n\n dog")
    assert len(ids) > 3
    count = WordCount(tokenizer)
    count.add(torch.tensor(ids))
    assert (count.words, count.spelled_words) == (2, 0)


def test_an_unknown_character_is_charged_what_it_would_take_to_name_it(tokenizer: Tokenizer) -> None:
    text = " the cat東 saw 😀 the dog"
    measured = measure(uniform(tokenizer), tokenizer, text)
    unknown = tokenizer.encode(text).count(UNKNOWN_ID)
    assert measured.unknown_characters == unknown == 2
    expected = measured.tokens * math.log(len(tokenizer)) + 2 * math.log(0x110000)
    assert measured.nats == pytest.approx(expected, rel=1e-6)
    assert math.log(0x110000) == UNKNOWN_CHARACTER_NATS
    assert measured.characters == len(text) - len(" the")


def test_the_figures_do_not_depend_on_the_windows(tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch) -> None:
    model = lively(tokenizer)
    expected = measure(model, tokenizer, TEXT * 4).nats
    monkeypatch.setattr("rnntui.lm.parallel_rows._STEPS", 5)
    assert measure(model, tokenizer, TEXT * 4).nats == pytest.approx(expected, rel=1e-5)


def test_a_text_read_word_by_word_costs_the_same(tokenizer: Tokenizer) -> None:
    model = lively(tokenizer)
    ids = tokenizer.encode(TEXT)
    state, nats = model.zero_state(), 0.0
    with torch.no_grad():
        for word, following in itertools.pairwise(ids):
            state = model.step(word, state)
            nats -= float(model.log_probabilities(state.parts["h"][-1, 0])[following])
    assert measure(model, tokenizer, TEXT).nats == pytest.approx(nats, rel=1e-5)
    assert mean_nats(model, torch.tensor(ids), rows=1) == pytest.approx(nats / (len(ids) - 1), rel=1e-5)


def test_rows_start_afresh_and_count_every_word_once(tokenizer: Tokenizer) -> None:
    model = uniform(tokenizer)
    ids = torch.tensor(tokenizer.encode(TEXT * 8))
    assert mean_nats(model, ids, rows=3) == pytest.approx(math.log(len(tokenizer)), rel=1e-5)
    assert mean_nats(model, ids, rows=1) == pytest.approx(math.log(len(tokenizer)), rel=1e-5)


def test_the_mixture_is_measured_on_the_same_words(tokenizer: Tokenizer) -> None:
    model = lively(tokenizer)
    ids = torch.tensor(tokenizer.encode(TEXT * 4))
    mixture = Mixture(KneserNey(ids, len(tokenizer), 5), starting_gate(5))
    alone, mixed = measure(model, tokenizer, TEXT * 4), measure(model, tokenizer, TEXT * 4, mixture)
    logs = mixture.score(ids[1:].tolist(), text_log_probabilities(model, ids), RecentTokens(ids[:1].tolist()))
    assert (alone.nats, alone.mixture_nats) == (mixed.nats, None)
    assert mixed.mixture_nats == pytest.approx(-float(logs.sum()))
    assert mixed.mixture_bits_per_character == pytest.approx(-float(logs.sum()) / math.log(2) / mixed.characters)
    assert mixed.mixture_bits_per_character < 0.3 * mixed.bits_per_character  # it has counted this very text


def test_an_unknown_character_costs_the_mixture_as_much(tokenizer: Tokenizer) -> None:
    counting = KneserNey(torch.tensor(tokenizer.encode(TEXT)), len(tokenizer), 5)
    mixture = Mixture(counting, starting_gate(5))
    known, unknown = (measure(uniform(tokenizer), tokenizer, f" the cat {sign}", mixture) for sign in ("s", "ж"))
    assert known.mixture_nats is not None
    assert unknown.mixture_nats is not None
    assert unknown.mixture_nats > known.mixture_nats + math.log(0x110000) - 1


def test_measuring_leaves_the_mode_of_the_network_alone(tokenizer: Tokenizer) -> None:
    model = uniform(tokenizer)
    for mode in (True, False):
        model.train(mode)
        measure(model, tokenizer, TEXT)
        assert model.training is mode


def test_progress_rises_to_one(tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnntui.lm.parallel_rows._STEPS", 7)
    told = list(measure_steps(uniform(tokenizer), tokenizer, TEXT))
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) > 3


@pytest.mark.parametrize("text", ["", " the", "\n"])
def test_a_text_too_short_to_measure_is_refused(tokenizer: Tokenizer, text: str) -> None:
    with pytest.raises(CorpusError, match="too short"):
        measure(uniform(tokenizer), tokenizer, text)


@pytest.mark.parametrize("words", [0, -1])
def test_perplexity_of_nothing_is_refused(words: int) -> None:
    with pytest.raises(CorpusError, match="no words"):
        perplexity(1.0, words)
    with pytest.raises(CorpusError, match="no characters"):
        bits_per_character(1.0, words)


@given(vocabulary=st.integers(1, 10**6), words=st.integers(1, 10**6))
@settings(deadline=None)
def test_perplexity_is_the_effective_number_of_choices(vocabulary: int, words: int) -> None:
    assert perplexity(words * math.log(vocabulary), words) == pytest.approx(vocabulary)
    assert bits_per_character(words * math.log(vocabulary), words) == pytest.approx(math.log2(vocabulary))


def test_perplexity_of_a_hopeless_model_is_large_and_finite() -> None:
    assert math.isfinite(perplexity(1e9, 1))


def test_a_text_in_pieces_costs_what_it_costs_as_a_whole(tokenizer: Tokenizer) -> None:
    model, ids = lively(tokenizer), torch.tensor(tokenizer.encode((TEXT + " the tacos 東 saw\n\n\n") * 9))
    mixture = Mixture(KneserNey(ids[:80], len(tokenizer), 5), starting_gate(5))
    simpler = {"last word only": KneserNey(ids[:80], len(tokenizer), 2)}
    figures = []
    for length in (1, 7, 100, ids.numel()):
        evaluator = Evaluator(model, tokenizer, mixture, simpler)
        for piece in torch.split(ids, length):
            assert list(evaluator.read(piece))[-1:] in ([], [1.0])
        figures.append((evaluator.result(), evaluator.baselines()))
    whole, compared = figures[-1]
    for measured, bits in figures:
        assert measured.nats == pytest.approx(whole.nats, rel=1e-6)
        assert measured.mixture_nats == pytest.approx(whole.mixture_nats, rel=1e-6)
        assert measured.shares == pytest.approx(whole.shares, rel=1e-6)
        assert sum(measured.shares) == pytest.approx(1.0)
        one, other = (
            dataclasses.replace(figure, nats=0, mixture_nats=0, seconds=0, shares=()) for figure in (measured, whole)
        )
        assert one == other
        assert bits == pytest.approx(compared)
    assert compared == pytest.approx(
        {
            name: baseline_bits(ids[:80], tokenizer, tokenizer.decode(ids.tolist()).replace("\ufffd", "東"))[name]
            for name in compared
        }
    )


@given(st.lists(st.integers(0, 199), max_size=60), st.integers(1, 9))
@settings(deadline=None)
def test_words_are_counted_as_they_are_cut_word_by_word(ids: list[int], length: int) -> None:
    tokenizer = Tokenizer.train([TEXT * 3], 200)
    ids = [number % len(tokenizer) for number in ids]
    count = WordCount(tokenizer)
    for start in range(0, len(ids), length):
        count.add(torch.tensor(ids[start : start + length]))
    words = list(words_of(tokenizer, ids))
    assert (count.words, count.spelled_words) == (len(words), sum(len(word) > 1 for word in words))
    assert count.characters == sum(len(tokenizer.piece(number)) for number in ids)
