"""Guesses -> bits. Whoever says what they believe scores best on average, and no answer can cost infinitely much.

Every player gives shares to all words that it may be, and pays for the word that it was: bits = log2(1 / share), the
logarithmic score. It is best when shares are honest, and looks at nothing but what the true word was given: no other
score does both (Good 1952, "Rational decisions"). A person says shares in two ways:

- of eight: a word and how sure; what is left goes evenly to the other seven. The eight are the likeliest words by all
  voices together, and only places are asked at which the true word is one of them. So what is offered does not tell
  the true word, and what a voice gives to the eight, made to sum to one, is what it believes when told "one of these".
- typed: a word and how much of the stake is put on it; the rest stays where counting puts it. So a guess is a bet
  against counting, and bits below those of counting are what it has won (Kelly 1956; Cover and King 1978, who had
  people bet on the next letter to measure the entropy of English, after Shannon 1951 had them guess it).
"""

import math
from collections.abc import Sequence

from rnntui.service.play.rules import PERSON, Guess, Question, Verdict

SURENESS = {"guess": 0.3, "rather": 0.6, "sure": 0.9}
"""How likely a person finds a word, by name, from the least."""
SUREST = 0.99
"""More is taken for so much: who gives a word no chance at all, and it comes, would pay without end."""
_LEAST = 1e-12


def bits_of(share: float) -> float:
    """How surprising it is that something happened to which so much was given: 0 for what was certain."""
    return max(0.0, -math.log2(max(_LEAST, share)))


def choices_in_words(bits: float) -> float:
    """Among how many equally likely words one is as unsure as so many bits say."""
    return float(2.0 ** min(bits, 60.0))


def spread(choice: int, confidence: float, count: int) -> tuple[float, ...]:
    """What a person gives to each of some words by choosing one; they sum to one.

    Args:
        choice: Which word; below 0 for none, which gives to all the same.
        confidence: How likely they find it; less than an even share is taken for that.
        count: How many words there are, at least 2.
    """
    even = 1.0 / count
    if choice < 0:
        return (even,) * count
    share = min(SUREST, max(even, confidence))
    return tuple(share if number == choice else (1.0 - share) / (count - 1) for number in range(count))


def bet(confidence: float, is_right: bool, lent: float) -> float:
    """What a person gives to the true word by typing one.

    Args:
        confidence: How much is put on the typed word.
        is_right: Whether that is the true one.
        lent: What counting gives to the true word: the rest of the stake lies as counting puts it.
    """
    stake = min(SUREST, max(0.0, confidence))
    return stake * is_right + (1.0 - stake) * lent


def same_word(one: str, other: str) -> bool:
    """True for words that differ in nothing but capitals, spaces around them and the form of an apostrophe."""
    return _plain(one) == _plain(other)


def score(question: Question, guess: Guess) -> Verdict:
    """What a guess was worth, beside all voices."""
    is_right = bool(guess.word) and same_word(guess.word, question.truth)
    if question.choices:
        mine = spread(_number_of(guess.word, question.choices), guess.confidence, len(question.choices))[
            question.answer
        ]
    else:
        mine = bet(guess.confidence if guess.word else 0.0, is_right, question.given[question.lender])
    given = {PERSON: mine, **question.given}
    return Verdict(question, guess, is_right, given, {player: bits_of(share) for player, share in given.items()})


def mean_bits(verdicts: Sequence[Verdict], player: str) -> float:
    """Bits a word of a player; 0 before the first word."""
    return sum(verdict.bits[player] for verdict in verdicts) / max(1, len(verdicts))


def lead(verdicts: Sequence[Verdict], player: str, other: str) -> tuple[float, float]:
    """How many bits a word a player is better than another, and how much of that chance makes: its standard error."""
    gaps = [verdict.bits[other] - verdict.bits[player] for verdict in verdicts]
    count = len(gaps)
    mean = sum(gaps) / max(1, count)
    if count < 2:
        return mean, math.inf
    return mean, math.sqrt(sum((gap - mean) ** 2 for gap in gaps) / (count - 1) / count)


def _number_of(word: str, choices: Sequence[str]) -> int:
    return next((number for number, choice in enumerate(choices) if word and same_word(word, choice)), -1)


def _plain(word: str) -> str:
    return word.strip().casefold().replace("’", "'")
