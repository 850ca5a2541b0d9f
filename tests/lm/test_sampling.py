"""The sampling rules against their definitions, and the dice against the distribution."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import Tensor

from rnntui.lm.repetition import find_repeated_runs
from rnntui.lm.sampling import (
    LOGIT_RULES,
    REPETITION_WINDOW,
    RuleContext,
    coin,
    filtered_probabilities,
    find_cuts,
    sample,
)
from rnntui.settings import SamplerSettings
from tests.effort import examples

quick = settings(max_examples=examples(70), deadline=None)
scores = st.one_of(
    st.floats(-30, 30),
    st.sampled_from([0.0, -0.0, 1.0, 1.0, 1e30, -1e30, 1e300, -1e300, 5e-324, -math.inf]),
)
score_lists = st.lists(scores, min_size=1, max_size=12).filter(lambda values: max(values) > -math.inf)
samplers = st.builds(
    SamplerSettings,
    temperature=st.one_of(st.just(0.0), st.sampled_from([1e-300, 1e-9, 0.02, 2.0]), st.floats(0, 2)),
    top_k=st.integers(0, 14),
    top_p=st.one_of(st.sampled_from([0.0, 5e-324, 1.0]), st.floats(0, 1)),
    min_p=st.one_of(st.sampled_from([0.0, 5e-324, 1.0]), st.floats(0, 1)),
    typical_p=st.one_of(st.sampled_from([0.0, 5e-324, 1.0]), st.floats(0, 1)),
    eta=st.one_of(st.sampled_from([0.0, 5e-324, 1.0]), st.floats(0, 1)),
    repetition_penalty=st.floats(1, 2),
    loop_penalty=st.floats(0, 5),
    loop_length=st.integers(2, 10),
)
coins = st.one_of(st.sampled_from([0.0, 0.5, 1 - 2**-53]), st.floats(0, 1, exclude_max=True))
NEUTRAL = SamplerSettings(temperature=1.0, top_k=0, top_p=1.0, min_p=0.0, repetition_penalty=1.0)


def log_softmax(values: list[float]) -> Tensor:
    return torch.log_softmax(torch.tensor(values, dtype=torch.float64), dim=0)


def rule(name: str, values: list[float], settings: SamplerSettings, recent: tuple[int, ...] = ()) -> list[float]:
    return LOGIT_RULES[name](log_softmax(values), RuleContext(settings, recent)).tolist()


def kept(values: list[float]) -> set[int]:
    return {word for word, value in enumerate(values) if value > -math.inf}


@pytest.mark.parametrize("name", LOGIT_RULES)
@quick
@given(
    values=score_lists,
    sampler=samplers,
    recent=st.lists(st.integers(0, 11), max_size=5) | st.lists(st.integers(0, 1), max_size=30),
    known=st.none() | st.lists(st.booleans(), min_size=12, max_size=12),
)
@example(values=[0.0, 1.0], sampler=NEUTRAL, recent=[], known=[False] * 12)
@example(values=[0.0, -math.inf], sampler=NEUTRAL, recent=[], known=[False] + [True] * 11)
def test_a_rule_never_leaves_nothing_to_say(
    name: str, values: list[float], sampler: SamplerSettings, recent: list[int], known: list[bool] | None
) -> None:
    words = tuple(word for word in recent if word < len(values))
    logs = log_softmax(values)
    untouched = logs.clone()
    mask = None if known is None else torch.tensor(known[: len(values)])
    found = find_repeated_runs(np.array(words, dtype=np.int32), np.ones(len(values)))
    after = LOGIT_RULES[name](logs, RuleContext(sampler, words, (), mask, found))
    assert after.shape == logs.shape
    assert not torch.isnan(after).any()
    assert float(after.max()) > -math.inf
    assert torch.equal(logs, untouched), "a rule must not change what it was given"


@pytest.mark.parametrize("name", sorted(set(LOGIT_RULES) - {"repetition_penalty", "spelling", "typical_p"}))
@quick
@given(values=score_lists, sampler=samplers)
def test_a_rule_keeps_the_likeliest_word(name: str, values: list[float], sampler: SamplerSettings) -> None:
    logs = log_softmax(values).tolist()
    assert max(logs[word] for word in kept(rule(name, values, sampler))) == max(logs)


@quick
@given(values=score_lists, sampler=samplers, coin=coins, recent=st.lists(st.integers(0, 11), max_size=5))
@example([0.0, -math.inf], SamplerSettings(temperature=1e-300), 1 - 2**-53, [0])
def test_all_rules_together_leave_a_distribution_to_draw_from(
    values: list[float], sampler: SamplerSettings, coin: float, recent: list[int]
) -> None:
    words = tuple(word for word in recent if word < len(values))
    probabilities = filtered_probabilities(torch.tensor(values, dtype=torch.float64), RuleContext(sampler, words))
    assert float(probabilities.sum()) == pytest.approx(1)
    assert float(probabilities.min()) >= 0
    assert float(probabilities[sample(probabilities, coin)]) > 0


@quick
@given(values=score_lists)
def test_rules_that_are_off_change_nothing(values: list[float]) -> None:
    expected = torch.softmax(torch.tensor(values, dtype=torch.float64), dim=0)
    probabilities = filtered_probabilities(torch.tensor(values, dtype=torch.float64), RuleContext(NEUTRAL))
    torch.testing.assert_close(probabilities, expected)


@quick
@given(values=score_lists, coin=coins)
def test_temperature_zero_is_greedy(values: list[float], coin: float) -> None:
    logs = torch.tensor(values, dtype=torch.float64)
    probabilities = filtered_probabilities(logs, RuleContext(SamplerSettings(temperature=0.0)))
    assert sample(probabilities, coin) == int(logs.argmax())
    assert sorted(probabilities.tolist())[-1] == 1.0


@quick
@given(values=st.lists(st.floats(-5, 5), min_size=1, max_size=12), temperature=st.floats(0.05, 2))
def test_temperature_is_a_power_of_the_probabilities(values: list[float], temperature: float) -> None:
    powers = [math.exp(value) ** (1 / temperature) for value in log_softmax(values).tolist()]
    expected = [power / sum(powers) for power in powers]
    scores = rule("temperature", values, SamplerSettings(temperature=temperature))
    got = torch.softmax(torch.tensor(scores, dtype=torch.float64), dim=0).tolist()
    assert got == pytest.approx(expected, rel=1e-9, abs=1e-12)


@quick
@given(values=st.lists(st.floats(-9, 9), min_size=1, max_size=12), k=st.integers(1, 14))
def test_top_k_keeps_the_k_likeliest(values: list[float], k: int) -> None:
    logs = log_softmax(values).tolist()
    left = kept(rule("top_k", values, SamplerSettings(top_k=k)))
    assert len(left) == min(k, len(values))
    cut = set(range(len(values))) - left
    assert all(logs[inside] >= logs[outside] for inside in left for outside in cut)


@quick
@given(values=st.lists(st.floats(-9, 9), min_size=1, max_size=12), p=st.floats(0, 1))
def test_top_p_keeps_the_fewest_likeliest_that_reach_p(values: list[float], p: float) -> None:
    chances = log_softmax(values).exp().tolist()
    left = kept(rule("top_p", values, SamplerSettings(top_p=p)))
    cut = set(range(len(values))) - left
    assert all(chances[inside] >= chances[outside] for inside in left for outside in cut)
    reached = sum(chances[word] for word in left)
    assert reached >= p - 1e-9
    if len(left) > 1:
        assert reached - min(chances[word] for word in left) < p + 1e-9


@quick
@given(seed=st.integers(0, 1_000), p=st.floats(0.7, 0.9999), digits=st.integers(0, 6))
def test_a_nucleus_of_very_many_words_is_found_too(seed: int, p: float, digits: int) -> None:
    logits = (torch.randn(3_000, generator=torch.Generator().manual_seed(seed)).double() * 10**digits).round()
    logits = torch.log_softmax(logits / 10**digits, dim=0)  # with few digits many words are equally likely
    found = LOGIT_RULES["top_p"](logits, RuleContext(SamplerSettings(top_p=p)))
    order = sorted(range(3_000), key=lambda word: (-float(logits[word]), word))
    chances = torch.softmax(logits, dim=0)[order]
    wanted = order[: int((torch.cumsum(chances, dim=0) - chances < p).sum())]
    assert len(wanted) > 512
    assert kept(found.tolist()) == set(wanted)


@quick
@given(values=st.lists(st.floats(-9, 9), min_size=1, max_size=12), share=st.floats(0.001, 1))
def test_min_p_keeps_words_at_least_a_share_as_likely_as_the_best(values: list[float], share: float) -> None:
    chances = log_softmax(values).exp().tolist()
    left = kept(rule("min_p", values, SamplerSettings(min_p=share)))
    for word, chance in enumerate(chances):
        if abs(chance - share * max(chances)) > 1e-9:
            assert (word in left) == (chance > share * max(chances))


@quick
@given(values=st.lists(st.floats(-9, 9), min_size=1, max_size=12), share=st.floats(0, 1, exclude_max=True))
def test_typical_p_keeps_the_fewest_words_about_as_surprising_as_expected(values: list[float], share: float) -> None:
    logs = log_softmax(values).tolist()
    chances = [math.exp(value) for value in logs]
    expected = -sum(chance * value for chance, value in zip(chances, logs, strict=True))
    far = [abs(-value - expected) for value in logs]
    left = kept(rule("typical_p", values, SamplerSettings(typical_p=share)))
    cut = set(range(len(values))) - left
    assert all(far[inside] <= far[outside] + 1e-9 for inside in left for outside in cut)
    assert sum(chances[word] for word in left) >= share - 1e-9
    if len(left) > 1:
        farthest = max(left, key=far.__getitem__)
        assert sum(chances[word] for word in left if far[word] < far[farthest] - 1e-9) < share + 1e-9


def test_typical_p_may_cut_a_likeliest_word_that_says_too_little() -> None:
    values = [math.log(chance) for chance in (0.3, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1)]
    assert kept(rule("typical_p", values, SamplerSettings(typical_p=0.6))) == {1, 2, 3, 4, 5, 6}


@quick
@given(values=st.lists(st.floats(-9, 9), min_size=1, max_size=12), eta=st.floats(1e-6, 1))
def test_eta_cuts_below_itself_or_less_where_many_words_are_likely(values: list[float], eta: float) -> None:
    logs = log_softmax(values).tolist()
    chances = [math.exp(value) for value in logs]
    entropy = -sum(chance * value for chance, value in zip(chances, logs, strict=True))
    floor = min(eta, math.sqrt(eta) * math.exp(-entropy))
    left = kept(rule("eta", values, SamplerSettings(eta=eta)))
    for word, chance in enumerate(chances):
        if abs(chance - floor) > 1e-9 and chance < max(chances):
            assert (word in left) == (chance > floor)


def test_ties_at_the_border_are_broken_but_never_all_cut() -> None:
    assert len(kept(rule("top_k", [1.0] * 5, SamplerSettings(top_k=2)))) == 2
    assert len(kept(rule("top_p", [1.0] * 5, SamplerSettings(top_p=0.0)))) == 1
    assert len(kept(rule("min_p", [1.0] * 5, SamplerSettings(min_p=1.0)))) == 5


@quick
@given(values=st.lists(st.floats(-5, 5), min_size=2, max_size=8), penalty=st.floats(1, 2), recent=st.integers(0, 7))
def test_the_repetition_penalty_is_a_power_of_recent_words_only(
    values: list[float], penalty: float, recent: int
) -> None:
    recent %= len(values)
    logs = log_softmax(values).tolist()
    after = rule("repetition_penalty", values, SamplerSettings(repetition_penalty=penalty), (recent, recent))
    logs[recent] *= penalty
    assert after == pytest.approx(logs)


def test_the_repetition_penalty_looks_back_a_fixed_number_of_words() -> None:
    context = (0, *([1] * REPETITION_WINDOW))
    logs = log_softmax([0.0, 0.0, 0.0]).tolist()
    after = rule("repetition_penalty", [0.0, 0.0, 0.0], SamplerSettings(repetition_penalty=2.0), context)
    assert after == pytest.approx([logs[0], 2 * logs[1], logs[2]])


def test_rules_are_applied_in_the_order_that_they_were_measured_in() -> None:
    assert tuple(LOGIT_RULES) == (
        "ban",
        "spelling",
        "repetition_penalty",
        "loop_penalty",
        "temperature",
        "top_k",
        "typical_p",
        "top_p",
        "min_p",
        "eta",
    )
    logs = torch.tensor([0.6, 0.3, 0.1], dtype=torch.float64).log()
    # At temperature 2 the least likely word has .41 of the best one's probability, before it .17: min-p comes after.
    hot = filtered_probabilities(logs, RuleContext(SamplerSettings(temperature=2.0, min_p=0.3, top_p=1.0)))
    assert kept(hot.log().tolist()) == {0, 1, 2}
    # A penalty of 3 makes word 1 the least likely one: two words are cut to after it, not before.
    punished = SamplerSettings(repetition_penalty=3.0, top_k=2, top_p=1.0)
    assert kept(filtered_probabilities(logs, RuleContext(punished, (1,))).log().tolist()) == {0, 2}
    # Of the likeliest two words .6 / .9 are enough for a nucleus of .65: top-p shares out what top-k left.
    both = SamplerSettings(top_k=2, top_p=0.65)
    assert kept(filtered_probabilities(logs, RuleContext(both)).log().tolist()) == {0}


@quick
@given(values=score_lists, sampler=samplers, coin=coins)
def test_banned_words_are_never_drawn(values: list[float], sampler: SamplerSettings, coin: float) -> None:
    context = RuleContext(sampler, (), (0,))
    logs = torch.tensor([1e3, *values], dtype=torch.float64)
    if float(torch.log_softmax(logs, dim=0)[1:].max()) == -math.inf:
        with pytest.raises(FloatingPointError):
            filtered_probabilities(logs, context)
        return
    probabilities = filtered_probabilities(logs, context)
    assert float(probabilities[0]) == 0.0
    assert sample(probabilities, coin) != 0


@quick
@given(values=score_lists, known=st.lists(st.booleans(), min_size=12, max_size=12))
def test_only_known_words_are_left_if_there_are_any(values: list[float], known: list[bool]) -> None:
    logs = log_softmax(values)
    after = LOGIT_RULES["spelling"](logs, RuleContext(NEUTRAL, known_next=torch.tensor(known[: len(values)])))
    possible = {word for word, value in enumerate(logs.tolist()) if value > -math.inf}
    left = {word for word in possible if known[word]} or possible
    assert kept(after.tolist()) == left


@pytest.mark.parametrize("bad", [[math.nan, 0.0], [math.inf, 0.0], [math.nan] * 2, [-math.inf] * 2])
def test_scores_that_are_no_numbers_stop_the_draw(bad: list[float]) -> None:
    with pytest.raises(FloatingPointError):
        filtered_probabilities(torch.tensor(bad), RuleContext(NEUTRAL))


@quick
@given(
    weights=st.lists(st.sampled_from([0.0, 0.0, 1e-300, 5e-324, 1e-17, 0.3, 1.0]), min_size=1, max_size=9), coin=coins
)
def test_a_word_without_probability_is_never_drawn(weights: list[float], coin: float) -> None:
    if sum(weights) <= 0:
        return
    probabilities = torch.tensor(weights, dtype=torch.float64) / sum(weights)
    if float(probabilities.sum()) == 0:
        return
    assert float(probabilities[sample(probabilities, coin)]) > 0


def test_the_coin_decides_by_shares_of_the_interval() -> None:
    shares = torch.tensor([0.25, 0.0, 0.5, 0.25, 0.0], dtype=torch.float64)
    assert [sample(shares, at) for at in (0.0, 0.2499, 0.25, 0.7499, 0.75, 1 - 2**-53)] == [0, 0, 2, 2, 3, 3]


def test_draws_follow_the_distribution() -> None:
    probabilities = torch.tensor([0.5, 0.2, 0.15, 0.1, 0.04, 0.01], dtype=torch.float64)
    count = 20_000
    drawn = Counter(sample(probabilities, coin(11, position)) for position in range(count))
    expected = [float(share) * count for share in probabilities]
    chi_square = sum((drawn[word] - mean) ** 2 / mean for word, mean in enumerate(expected))
    assert chi_square < 20.5, "beyond the 99.9 % point of five degrees of freedom"


@given(seed=st.integers(0, 2**63 - 1), position=st.integers(0, 2**40))
def test_a_coin_depends_on_seed_and_position_alone(seed: int, position: int) -> None:
    first = coin(seed, position)
    coin(seed + 1, position)
    assert coin(seed, position) == first
    assert 0 <= first < 1


def test_no_two_coins_are_the_same() -> None:
    places = [(seed, position) for seed in (0, 1, 11, 2**63 - 1) for position in range(250)]
    assert len({coin(*place) for place in places}) == len(places)


def test_coins_are_the_same_on_every_machine() -> None:
    assert [round(coin(7, position), 6) for position in (1, 2, 3)] == [0.919769, 0.33266, 0.564863]


def test_coins_are_uniform_over_positions_and_over_seeds() -> None:
    for tosses in ([coin(3, position) for position in range(10_000)], [coin(seed, 3) for seed in range(10_000)]):
        bins = Counter(int(20 * toss) for toss in tosses)
        assert sum((bins[at] - 500) ** 2 / 500 for at in range(20)) < 45, "beyond the 99.9 % point"
        pairs = Counter((int(4 * one), int(4 * two)) for one, two in itertools.pairwise(tosses))
        assert sum((pairs[a, b] - 625) ** 2 / 625 for a in range(4) for b in range(4)) < 40


@quick
@given(score_lists, samplers)
def test_the_rule_that_cut_a_word_is_the_first_one_without_which_it_would_stay(
    values: list[float], sampler: SamplerSettings
) -> None:
    context = RuleContext(sampler, (0,), (0,) if max(values[1:], default=-math.inf) > -math.inf else ())
    logits = torch.tensor(values, dtype=torch.float64)
    cuts = find_cuts(logits, context, range(len(values)))
    scores = logits
    for name, rule in LOGIT_RULES.items():
        before, scores = scores, rule(scores, context)
        for word, cut in enumerate(cuts):
            if cut == name:
                assert scores[word] == -math.inf
                assert before[word] > -math.inf or name == "ban"
    assert [cut == "" for cut in cuts] == (scores > -math.inf).tolist()
