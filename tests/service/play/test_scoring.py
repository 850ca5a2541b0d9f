"""Bits are fair: honest guesses pay best on average, shares sum to one, and nothing costs without end."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnntui.service.play.rules import Guess, Question
from rnntui.service.play.scoring import SURENESS, bet, bits_of, choices_in_words, lead, same_word, score, spread

SHARE = st.floats(0.001, 0.999)
CONFIDENCE = st.floats(0.0, 1.0)


def question(choices: tuple[str, ...] = ("sea", "ship", "rope", "man"), truth: str = "ship") -> Question:
    """A place at which the network gives a half to the true word, and counting a quarter."""
    count = len(choices)
    shares = {
        voice: tuple(given if word == truth else (1 - given) / (count - 1) for word in choices)
        for voice, given in (("network", 0.5), ("counting", 0.25))
    }
    return Question(
        number=1,
        source="a book",
        before="The old ",
        marks=(),
        truth=truth,
        after=" sank.",
        choices=choices,
        answer=choices.index(truth) if choices else -1,
        shares=shares,
        given={"network": 0.5, "counting": 0.25},
        likeliest=(),
    )


@given(st.integers(-1, 7), CONFIDENCE)
def test_what_is_given_to_the_choices_sums_to_one_and_leaves_something_for_each(choice: int, confidence: float) -> None:
    shares = spread(choice, confidence, 8)
    assert sum(shares) == pytest.approx(1.0)
    assert min(shares) > 0
    assert choice < 0 or shares[choice] == max(shares)


@given(st.integers(0, 7), st.floats(0.125, 0.99), CONFIDENCE)
def test_of_eight_nobody_pays_less_on_average_than_who_says_what_they_believe(
    choice: int, belief: float, said: float
) -> None:
    believed = spread(choice, belief, 8)

    def expected(confidence: float) -> float:
        return sum(p * bits_of(q) for p, q in zip(believed, spread(choice, confidence, 8), strict=True))

    assert expected(belief) <= expected(said) + 1e-9


@given(st.lists(st.floats(0.01, 1.0), min_size=8, max_size=8), st.integers(0, 7))
def test_of_eight_the_likeliest_word_is_the_one_to_choose(weights: list[float], other: int) -> None:
    believed = [weight / sum(weights) for weight in weights]
    best = believed.index(max(believed))

    def expected(choice: int) -> float:
        return sum(p * bits_of(q) for p, q in zip(believed, spread(choice, 0.6, 8), strict=True))

    assert expected(best) <= expected(other) + 1e-9


@given(SHARE, SHARE, CONFIDENCE)
def test_of_a_typed_word_nobody_pays_less_on_average_than_who_bets_what_they_believe(
    belief: float, lent: float, said: float
) -> None:
    """They believe more of the word than counting does, and of all others what counting believes of them."""
    belief = lent + (1 - lent) * belief * 0.98
    honest = (belief - lent) / (1 - lent)

    def expected(stake: float) -> float:
        others = (1 - belief) / (1 - lent)
        return belief * bits_of(bet(stake, True, lent)) + (1 - belief) * bits_of(bet(stake, False, others * lent))

    assert bet(honest, True, lent) == pytest.approx(min(0.99 + 0.01 * lent, belief))
    assert expected(honest) <= expected(said) + 1e-9


@given(SHARE, CONFIDENCE)
def test_a_bet_gives_shares_that_sum_to_one(lent: float, stake: float) -> None:
    assert bet(stake, True, lent) + bet(stake, False, 1 - lent) == pytest.approx(1.0)


@given(SHARE)
def test_who_bets_nothing_pays_what_counting_pays(lent: float) -> None:
    assert bet(0.0, False, lent) == bet(0.0, True, lent) == lent


def test_bits_are_yes_no_questions() -> None:
    assert [bits_of(share) for share in (1.0, 0.5, 0.25, 0.125)] == [0.0, 1.0, 2.0, 3.0]
    assert choices_in_words(3.0) == 8.0
    assert math.isfinite(bits_of(0.0))


def test_a_guess_is_scored_beside_network_and_counting() -> None:
    right = score(question(), Guess("Ship ", SURENESS["sure"]))
    assert right.is_right
    assert right.given == {"you": pytest.approx(0.9), "network": 0.5, "counting": 0.25}
    assert right.bits == {"you": pytest.approx(math.log2(1 / 0.9)), "network": 1.0, "counting": 2.0}
    wrong = score(question(), Guess("sea", SURENESS["rather"]))
    assert not wrong.is_right
    assert wrong.given["you"] == pytest.approx(0.4 / 3)
    assert score(question(), Guess()).bits["you"] == 2.0


def test_a_typed_word_is_a_bet_against_counting() -> None:
    typed = question(())
    assert score(typed, Guess("ship", 0.6)).given["you"] == pytest.approx(0.6 + 0.4 * 0.25)
    assert score(typed, Guess("sea", 0.6)).given["you"] == pytest.approx(0.4 * 0.25)
    assert score(typed, Guess("", 0.6)).given["you"] == 0.25


def test_words_are_the_same_whatever_their_capitals_and_apostrophes() -> None:
    assert same_word("Didn't", " didn’t")
    assert not same_word("did", "didn’t")


def test_a_lead_comes_with_what_chance_makes_of_it() -> None:
    verdicts = [score(question(), Guess(word, 0.9)) for word in ("ship", "sea", "ship", "ship")]
    gap, error = lead(verdicts, "you", "counting")
    assert gap == pytest.approx(sum(v.bits["counting"] - v.bits["you"] for v in verdicts) / 4)
    assert 0 < error < math.inf
    assert lead(verdicts[:1], "you", "network")[1] == math.inf
