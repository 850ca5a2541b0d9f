"""Runs of words that come back, against the definition in plain Python."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rnntui.lm.generator import Generator
from rnntui.lm.mix.mixture import Mixture, starting_gate
from rnntui.lm.mix.ngram import KneserNey
from rnntui.lm.model_file import unpack
from rnntui.lm.repetition import WINDOW, find_repeated_runs, token_lengths
from rnntui.lm.sampling import LOGIT_RULES, RuleContext
from rnntui.lm.tokens.lexicon import Lexicon
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.settings import SamplerSettings
from tests.effort import examples
from tests.small_models import TEXT, small_model

MARK, GOES_ON = 4, 5
LENGTHS = np.array([1.0, 1.0, 1.0, 1.0, 0.125, 0.0])
token_lists = st.lists(st.integers(0, 5), max_size=40) | st.lists(st.integers(0, 1), max_size=40)


def array(ids: list[int]) -> np.ndarray:
    return np.array(ids, dtype=np.int32)


def defined(ids: list[int]) -> dict[int, tuple[float, bool]]:
    """For each word that would repeat something: the length of the run, two longer for each further time it came, and
    whether it is longer for that."""
    runs: dict[int, list[float]] = {}
    for place in range(1, len(ids)):
        word, back = ids[place], 0
        while back < min(place, 64) and ids[place - 1 - back] == ids[len(ids) - 1 - back]:
            back += 1
        if back and LENGTHS[word] > 0:
            runs.setdefault(word, []).append(LENGTHS[word] + sum(LENGTHS[token] for token in ids[len(ids) - back :]))
    for lengths in runs.values():
        lengths.sort(reverse=True)
    longest = {
        word: max(run + 2 * times if run >= 4 else run for times, run in enumerate(lengths))
        for word, lengths in runs.items()
    }
    return {word: (length, length > runs[word][0]) for word, length in longest.items()}


@settings(max_examples=examples(400), deadline=None)
@given(ids=token_lists)
@example(ids=[])
@example(ids=[0])
@example(ids=[0, 1, 2, 3] * 8)
@example(ids=[MARK] * 40)
@example(ids=[0, GOES_ON, 1, 0, GOES_ON])
def test_what_would_come_back_is_what_the_definition_says(ids: list[int]) -> None:
    found = find_repeated_runs(array(ids), LENGTHS)
    rows = zip(found.words.tolist(), found.lengths.tolist(), found.came_often.tolist(), strict=True)
    assert {word: (length, often) for word, length, often in rows} == defined(ids)
    assert len(set(found.words.tolist())) == found.words.size


def test_what_was_said_long_ago_is_forgotten() -> None:
    run = [0, 1, 2, 3]
    between = [MARK, GOES_ON] * (WINDOW // 2 - 4)
    assert find_repeated_runs(array([*run, *between, *run[:-1]]), LENGTHS).lengths.tolist() == [4.0]
    assert not find_repeated_runs(array([*run, *between, *([MARK] * 8), *run[:-1]]), LENGTHS).words.size


def test_marks_count_little_and_the_rest_of_a_spelled_word_nothing() -> None:
    tokenizer = Tokenizer.train([TEXT], 500)
    lengths = dict(zip(tokenizer.pieces, token_lengths(tokenizer).tolist(), strict=True))
    assert lengths[" mouse"] == lengths["m"] == 1.0
    assert lengths[","] == lengths["”"] == 0.125
    assert lengths["##o"] == 0.0


@given(penalty=st.floats(0.01, 5), length=st.integers(2, 8), ids=st.lists(st.integers(0, 3), max_size=40))
def test_the_loop_penalty_doubles_with_every_word_too_many(penalty: float, length: int, ids: list[int]) -> None:
    logs = torch.log_softmax(torch.arange(6, dtype=torch.float64), dim=0)
    sampler = SamplerSettings(loop_penalty=penalty, loop_length=length)
    after = LOGIT_RULES["loop_penalty"](
        logs, RuleContext(sampler, repeated_run=find_repeated_runs(array(ids), LENGTHS))
    )
    for word, value in enumerate(logs.tolist()):
        run, came_often = defined(ids).get(word, (0.0, False))
        lowered = penalty * 2 ** min(run - length, 16 if came_often else 3) if run > length else 0.0
        assert float(after[word]) == pytest.approx(value - lowered)


def test_without_a_loop_penalty_nothing_is_looked_for_and_nothing_changes() -> None:
    logs = torch.zeros(6, dtype=torch.float64)
    found = find_repeated_runs(array([0, 1, 2, 3] * 8), LENGTHS)
    for context in (RuleContext(SamplerSettings(loop_penalty=0.0), repeated_run=found), RuleContext(SamplerSettings())):
        assert torch.equal(LOGIT_RULES["loop_penalty"](logs, context), logs)
    assert speaker().context(SamplerSettings(loop_penalty=0.0)).repeated_run is None


def speaker() -> Generator:
    """A network of noise with the counts of a text in which everything comes four times."""
    card, weights, vocabulary = small_model()
    loaded = unpack(card, weights, vocabulary)
    ids = torch.tensor(loaded.tokenizer.encode(TEXT))
    mixture = Mixture(KneserNey(ids, len(loaded.tokenizer)), starting_gate(5))
    return Generator(loaded.model, loaded.tokenizer, mixture, Lexicon.of(ids, loaded.tokenizer))


def test_a_word_under_the_loop_penalty_is_drawn_again_from_the_memory_before_it() -> None:
    generator = speaker()
    sampler = SamplerSettings(temperature=0.0, stop="words", max_words=80)
    generator.feed(generator.tokenizer.encode("Mice are"))
    before, steps = [generator.memory], []
    for step, _ in itertools.islice(generator.generate(lambda: sampler, 1), 150):
        steps.append(step)
        before.append(step.memory)
    for memory, step in zip(before, steps, strict=False):
        rebuilt = generator.state_from(memory.state, memory.position, memory.recent.ids().tolist())
        generator.memory = rebuilt
        assert generator.sample(sampler, 1).token_id == step.token_id
