"""A text -> questions, one after the other, in an order that the seed decides; each is made when it is asked for.

Passages are read from an empty memory, so that the network has read what the person sees and no more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnntui.service.play.passages import Passage, choose_passages, throw
from rnntui.service.play.rules import CHOICES, COUNTING, MIXTURE, MODES, NETWORK, Likely, Question
from rnntui.service.play.texts import PlayText

if TYPE_CHECKING:
    from rnntui.lm.mix.passage_odds import PassageReader, ReadPassage, WordOdds

_NAMES = {"network": NETWORK, "counting": COUNTING, "mixture": MIXTURE}
_MOST_OF_A_PASSAGE = 5
_FIRST, _GAP, _REACH = 40, 10, 14
"""Tokens: before the first question, between two, and among how many places one is chosen."""
_LEAST_CHOICES = 4
_TOO_SURE = 0.9
"""A word that is so likely is no question."""
_LIKELIEST = 5


def ask(reader: "PassageReader", text: PlayText, seed: int, mode: str) -> Iterator[Question]:
    """Questions until the text has no more.

    Args:
        reader: Of the model that plays along.
        text: What is played with.
        seed: Decides passages, places and the order of choices.
        mode: One of MODES; the places are others where words are typed.
    """
    number = 0
    for passage in choose_passages(text, seed):
        for question in _ask_of_passage(reader, passage, seed, mode, number):
            number = question.number
            yield question


def _ask_of_passage(reader: "PassageReader", passage: Passage, seed: int, mode: str, number: int) -> Iterator[Question]:
    ids = reader.tokenizer.encode(passage.text)
    if len(ids) <= 2:
        return
    read, marks = reader.read(ids), list[tuple[int, int]]()
    at = min(_FIRST, len(ids) // 3)
    while at < len(ids) - 1 and len(marks) < _MOST_OF_A_PASSAGE:
        places = [place for place in range(at, min(at + _REACH, len(ids) - 1)) if reader.is_word(read, place)]
        places.sort(key=lambda place: throw(seed, mode, passage.place, place))
        found = _first_place(reader, read, places, mode)
        if found is None:
            at += _REACH
            continue
        at, number = found.place + _GAP, number + 1
        question = _to_question(reader, passage, read, found, tuple(marks), number, seed)
        marks.append((len(question.before), len(question.before) + len(question.truth)))
        yield question


@dataclass(frozen=True, slots=True)
class _Found:
    """A place that can be asked."""

    place: int
    odds: "WordOdds"
    choices: list[int]
    """Which words can be chosen; none where it is typed."""


def _first_place(reader: "PassageReader", read: "ReadPassage", places: Sequence[int], mode: str) -> _Found | None:
    for place in places:
        odds = reader.odds(read, place)
        choices = _choose_words(odds, mode)
        if choices is not None:
            return _Found(place, odds, choices)
    return None


def _choose_words(odds: "WordOdds", mode: str) -> list[int] | None:
    """The words to choose from, none where it is typed; None where this place is no question.

    A place is asked only where the true word is one of the likeliest: else what is offered would tell which one it is.
    """
    judge = "mixture" if "mixture" in odds.shares else "network"
    likeliest = odds.likeliest(judge, CHOICES)
    shares = odds.shares[judge][likeliest]
    if mode != MODES[0]:
        return None if shares[0] > _TOO_SURE else []
    if len(likeliest) < _LEAST_CHOICES or odds.truth not in likeliest or shares[0] > _TOO_SURE * shares.sum():
        return None
    return likeliest


def _to_question(
    reader: "PassageReader",
    passage: Passage,
    read: "ReadPassage",
    found: _Found,
    marks: tuple[tuple[int, int], ...],
    number: int,
    seed: int,
) -> Question:
    odds, place = found.odds, found.place
    piece = reader.tokenizer.piece(read.ids[place])
    before = reader.tokenizer.decode(read.ids[:place]) + piece[: len(piece) - len(piece.lstrip())]
    truth = piece.strip()
    choices = sorted(found.choices, key=lambda word: throw(seed, "order", passage.place, place, odds.words[word]))
    shares = {}
    for voice, given in odds.shares.items():
        chosen = given[choices]
        shares[_NAMES[voice]] = tuple((chosen / chosen.sum()).tolist()) if choices else ()
    answer = choices.index(odds.truth) if choices else -1
    return Question(
        number=number,
        source=passage.source,
        before=before,
        marks=marks,
        truth=truth,
        after=reader.tokenizer.decode(read.ids[place + 1 :]),
        choices=tuple(odds.words[word] for word in choices),
        answer=answer,
        shares=shares,
        given={
            _NAMES[voice]: shares[_NAMES[voice]][answer] if choices else float(given[odds.truth])
            for voice, given in odds.shares.items()
        },
        likeliest=tuple(
            Likely(odds.words[word], float(odds.shares["network"][word]))
            for word in odds.likeliest("network", _LIKELIEST)
        ),
    )
