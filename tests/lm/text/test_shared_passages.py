"""Which texts stand in which: found in any encoding and layout, and never where there is nothing."""

import os
import random
import textwrap
from pathlib import Path

import pytest

from rnntui.lm.text import shared_passages
from rnntui.lm.text.findings import Findings
from rnntui.lm.text.shared_passages import CommonPassages, Overlap, SharedPassages
from rnntui.lm.text.text_source import TextFile
from tests.small_world import rare_words_text

BOOKS = sorted(Path(os.environ.get("RNNTUI_BOOKS", "/nowhere")).rglob("*.txt"))
"""Plain-text books, where there are any."""


def a_book(seed: int, words: int = 20_000) -> str:
    """Prose in which no passage stands twice."""
    dice = random.Random(seed)
    known = sorted(set(rare_words_text(words=6_000).replace(".", "").split()))
    return "\n\n".join(" ".join(dice.choices(known, k=90)).capitalize() + "." for _ in range(words // 90))


def looked_at(*texts: str, size: int = 1_000) -> tuple[tuple[Overlap, ...], CommonPassages]:
    shared = SharedPassages()
    for number, text in enumerate(texts):
        parts = [text[at : at + size] for at in range(0, len(text), size)]
        assert list(shared.watched(number, iter(parts))) == parts
    return shared.found()


def test_the_same_book_is_found_whatever_its_lines_capitals_and_quotes() -> None:
    book = a_book(1)
    other = textwrap.fill(book.replace("\n\n", " — “"), 60).upper()
    (overlap,), common = looked_at(book, other)
    assert overlap.share > 0.99
    assert common == CommonPassages()


def test_a_half_is_said_to_stand_in_the_whole_whichever_comes_first() -> None:
    book = a_book(1)
    half = book[: len(book) // 2]
    assert [(overlap.text, overlap.other) for overlap in looked_at(book, half)[0]] == [(1, 0)]
    assert [(overlap.text, overlap.other) for overlap in looked_at(half, book)[0]] == [(0, 1)]
    assert looked_at(book, half)[0][0].share > 0.99


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_the_share_is_the_share_of_the_letters(share: float) -> None:
    book, other = a_book(1, 40_000), a_book(2, 40_000)
    cut = int(share * len(book))
    (overlap,), _ = looked_at(a_book(3), book, book[:cut] + other[cut : len(book)])
    assert {overlap.text, overlap.other} == {1, 2}
    assert overlap.share == pytest.approx(share, abs=0.05)


def test_different_books_have_nothing_in_common() -> None:
    assert looked_at(*(a_book(seed) for seed in range(6))) == ((), CommonPassages())


def test_what_stands_in_all_texts_is_told_once() -> None:
    licence = a_book(99, 1_500)
    overlaps, common = looked_at(*(f"{a_book(seed)}\n\n{licence}" for seed in range(5)))
    assert overlaps == ()
    assert common.texts == 5
    letters = sum(map(str.isalnum, licence))
    assert 0.6 * letters < common.characters < 1.5 * letters


def test_a_book_that_is_there_three_times_is_told_twice() -> None:
    book = a_book(1)
    overlaps, common = looked_at(book, a_book(2), book, book)
    assert sorted((overlap.text, overlap.other) for overlap in overlaps) == [(2, 0), (3, 0)]
    assert common == CommonPassages()


def test_where_the_parts_end_makes_no_difference() -> None:
    texts = [a_book(1), a_book(1)[5_000:], a_book(2)]
    assert looked_at(*texts, size=100) == looked_at(*texts, size=100_000)


def test_of_much_text_less_is_remembered_and_the_same_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_passages, "_MOST_SAMPLES", 1_000)
    books = [a_book(seed, 40_000) for seed in range(1, 5)]
    shared = SharedPassages()
    for number, text in enumerate([*books, books[2]]):
        for _ in shared.watched(number, iter([text])):
            pass
    assert shared._count <= 1_000
    (overlap,), _ = shared.found()
    assert (overlap.text, overlap.other) == (4, 2)
    assert overlap.share > 0.99


def test_texts_without_letters_or_of_any_characters_are_looked_at() -> None:
    assert looked_at("", "...", "\U0001f600" * 300, "\ud800" * 300, "ab") == ((), CommonPassages())


@pytest.mark.nightly
@pytest.mark.skipif(len(BOOKS) < 2, reason="RNNTUI_BOOKS names no folder with books")
def test_no_two_books_of_a_library_are_taken_for_each_other() -> None:
    shared = SharedPassages()
    for number, path in enumerate(BOOKS):
        text = TextFile(path)
        for _ in text.survey():
            pass
        for _ in shared.watched(number, text.parts(Findings())):
            pass
    assert shared.found() == ((), CommonPassages())
