"""Recent words against a plain loop over a list; and one more word never disturbs what somebody remembers."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnntui.lm.mix import cache_model
from rnntui.lm.mix.cache_model import LONGEST_MATCH, WINDOW, Ids, RecentTokens, cache_distribution, cache_of_text
from tests.effort import examples

texts = st.lists(st.integers(0, 4), max_size=60)


def by_hand(text: list[int]) -> tuple[list[dict[int, float]], list[float]]:
    """Words lately used, and what followed matches of 1, 2, 3 words, with the half-lives of the module."""
    parts: list[dict[int, float]] = [defaultdict(float) for _ in range(1 + LONGEST_MATCH)]
    for at, word in enumerate(text):
        age = len(text) - 1 - at
        parts[0][word] += 0.5 ** (age / 100)
        for length in range(1, LONGEST_MATCH + 1):
            if at >= length and text[at - length : at] == text[len(text) - length :]:
                parts[length][word] += 0.5 ** (age / 700)
    totals = [sum(part.values()) for part in parts]
    shares = [
        {word: weight / total for word, weight in part.items()} for part, total in zip(parts, totals, strict=True)
    ]
    return shares, totals[1:]


@settings(max_examples=examples(300), deadline=None)
@given(text=texts)
def test_what_the_last_words_say_is_what_a_loop_finds(text: list[int]) -> None:
    shares, evidence = by_hand(text)
    heard = cache_distribution(RecentTokens(text).ids())
    assert heard.evidence == pytest.approx(evidence)
    for word in range(5):
        assert heard.probabilities(word) == pytest.approx([part.get(word, 0.0) for part in shares])
    weights = (0.1, 0.2, 0.3, 0.4)
    wanted = [
        sum(weight * part.get(word, 0.0) for weight, part in zip(weights, shares, strict=True)) for word in range(6)
    ]
    assert heard.distribution(weights, 6).tolist() == pytest.approx(wanted)


@given(text=texts, own=st.lists(st.booleans(), min_size=40, max_size=40), heed=st.floats(0, 1))
def test_own_words_count_as_much_as_they_are_heeded(text: list[int], own: list[bool], heed: float) -> None:
    are_own = own[: len(text)]
    marked = RecentTokens()
    for word, is_own in zip(text, are_own, strict=True):
        marked = marked.after(word, is_own)
    assert marked == RecentTokens(text, are_own)
    assert marked.ids().tolist() == text
    assert (marked == RecentTokens(text)) == (not any(are_own))
    heard = cache_distribution(marked.ids(), marked.weights(heed))
    ages = [0.5 ** ((len(text) - 1 - at) / 100) for at in range(len(text))]
    counted = [age * (heed if is_own else 1) for age, is_own in zip(ages, are_own, strict=True)]
    for word in set(text):
        wanted = sum(number for number, other in zip(counted, text, strict=True) if other == word) / sum(ages)
        assert heard.probabilities(word)[0] == pytest.approx(wanted)
    assert heard.evidence == cache_distribution(marked.ids()).evidence


def test_words_beyond_the_window_are_forgotten() -> None:
    text = [7, 8, *[1, 2] * WINDOW]
    assert cache_distribution(RecentTokens(text).ids()).probabilities(7) == (0.0,) * (1 + LONGEST_MATCH)
    assert len(RecentTokens(text)) == WINDOW
    assert RecentTokens(text) == RecentTokens(text[-WINDOW:])


def of_all(text: Ids, start: int) -> tuple[list[tuple[float, ...]], list[tuple[float, ...]]]:
    heard = [cache_distribution(text[:at]) for at in range(start, text.size)]
    given = [said.probabilities(word) for said, word in zip(heard, text[start:], strict=True)]
    return [said.evidence for said in heard], given


@settings(max_examples=examples(300), deadline=None)
@given(text=texts, start=st.integers(0, 20), pairs=st.integers(1, 60))
def test_a_text_at_once_is_heard_as_word_by_word(text: list[int], start: int, pairs: int) -> None:
    ids, start = np.array(text, dtype=np.int32), min(start, len(text))
    evidence, given_words = of_all(ids, start)
    before = cache_model._PAIRS_AT_ONCE
    cache_model._PAIRS_AT_ONCE = pairs
    try:
        heard = cache_of_text(ids, start)
    finally:
        cache_model._PAIRS_AT_ONCE = before
    assert heard.evidence.tolist() == [pytest.approx(numbers) for numbers in evidence]
    assert heard.probabilities.tolist() == [pytest.approx(numbers) for numbers in given_words]


def test_a_text_at_once_forgets_words_beyond_the_window_too() -> None:
    dice = np.random.default_rng(1)
    ids = (dice.zipf(1.3, WINDOW + 300) % 200).astype(np.int32)
    heard = cache_of_text(ids, WINDOW - 20)
    evidence, given_words = of_all(ids, WINDOW - 20)
    assert np.allclose(heard.evidence, evidence, rtol=1e-12)
    assert np.allclose(heard.probabilities, given_words, rtol=1e-12)


@settings(max_examples=examples(200), deadline=None)
@given(steps=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 99)), max_size=80), room=st.integers(1, 5))
def test_a_value_never_changes_whoever_goes_on_from_it(steps: list[tuple[int, int]], room: int) -> None:
    before = cache_model._ROOM
    cache_model._ROOM = room
    try:
        values, expected = [RecentTokens()], [()]
        for which, word in steps:
            at = which % len(values)
            values.append(values[at].after(word))
            expected.append((*expected[at], word))
        assert [tuple(value.ids().tolist()) for value in values] == expected
    finally:
        cache_model._ROOM = before


def test_one_more_word_costs_no_copy() -> None:
    start = RecentTokens(range(100))
    one = start.after(1)
    assert one.after(2)._array is start._array
    assert start.after(3)._array is not start._array
    assert one.last(2) == (99, 1)
    assert start.last(1) == (99,)
    assert start.last(0) == ()
