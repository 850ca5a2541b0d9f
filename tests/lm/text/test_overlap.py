"""What stands word for word in another text, whatever its line ends, and what does not."""

import random

import pytest
import torch
from torch import Tensor

from rnntui.lm.text.overlap import RUN, overlap_share
from rnntui.lm.tokens.tokenizer import Tokenizer

DICE = random.Random(5)
WORDS = [f"{first}{middle}{last}" for first in "bdfgklmn" for middle in "aeiou" for last in "lmnrst"]
BOOK = " ".join(DICE.choices(WORDS, k=3_000))
OTHER = " ".join(DICE.choices(WORDS, k=3_000))


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.train([BOOK + "\n\nzebra"], 400)


def share(tokenizer: Tokenizer, known: str, text: str) -> float:
    def ids(of: str) -> Tensor:
        return torch.tensor(tokenizer.encode(of), dtype=torch.long)

    work = overlap_share(ids(known), ids(text), tokenizer)
    while True:
        try:
            next(work)
        except StopIteration as end:
            return float(end.value)


def by_hand(known: str, text: str) -> float:
    there, asked = known.split(), text.split()
    runs = {tuple(there[at : at + RUN]) for at in range(len(there) - RUN + 1)}
    seen = {
        at + offset
        for at in range(len(asked) - RUN + 1)
        if tuple(asked[at : at + RUN]) in runs
        for offset in range(RUN)
    }
    return len(seen) / len(asked)


def test_a_part_is_seen_and_another_text_is_not(tokenizer: Tokenizer) -> None:
    assert share(tokenizer, BOOK, BOOK[4_000:9_000].partition(" ")[2].rpartition(" ")[0]) == 1.0
    assert share(tokenizer, BOOK, OTHER) == 0.0
    assert share(tokenizer, OTHER, BOOK) == 0.0


def test_the_share_is_that_of_comparing_word_by_word(tokenizer: Tokenizer) -> None:
    for _ in range(20):
        pieces = [DICE.choice((BOOK, OTHER)) for _ in range(6)]
        cuts = [(text.split(), DICE.randrange(2_900), DICE.randrange(3, 60)) for text in pieces]
        text = " ".join(" ".join(words[start : start + length]) for words, start, length in cuts)
        assert share(tokenizer, BOOK, text) == pytest.approx(by_hand(BOOK, text))


def test_the_share_is_the_same_whatever_is_compared_at_a_time(
    tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"{BOOK[3_000:6_000]} {OTHER[2_000:4_000]} {BOOK[:1_000]}"
    at_once = share(tokenizer, BOOK, text)
    for words in (1, 5, RUN, 100):
        monkeypatch.setattr("rnntui.lm.text.overlap._SLICE", words)
        assert share(tokenizer, BOOK, text) == at_once
    assert 0.5 < at_once < 1.0


def test_line_ends_and_spelled_words_make_no_difference(tokenizer: Tokenizer) -> None:
    words = f"zebra {BOOK} gazelle".split()
    known = " ".join(words)
    wrapped = "\n".join(" ".join(words[at : at + 9]) for at in range(1, len(words), 9))
    assert share(tokenizer, known, wrapped) == share(tokenizer, known, "\n\n".join(words)) == 1.0


def test_what_is_not_known_is_like_nothing(tokenizer: Tokenizer) -> None:
    foreign = "漢字仮名交じり文をここに長く書く " * 40
    assert share(tokenizer, foreign, foreign) == 0.0


def test_less_than_a_run_is_nobody_s(tokenizer: Tokenizer) -> None:
    few = " ".join(BOOK.split()[: RUN - 1])
    assert share(tokenizer, BOOK, few) == share(tokenizer, few, BOOK) == share(tokenizer, BOOK, "") == 0.0
    assert share(tokenizer, BOOK, " ".join(BOOK.split()[:RUN])) == 1.0
