"""The line of a file in which a passage stands, though the text was cleaned."""

import random
from pathlib import Path

from rnntui.lm.origin.copying import CopyFinder
from rnntui.lm.origin.words import words_in
from rnntui.lm.tokens.splitting import split
from tests.lm.origin.indexes import index_of, words_of

DICE = random.Random(3)
WORDS = [f"{first}{middle}{last}{middle}ng" for first in "bdfgk" for middle in "aeiou" for last in "lmnrst"]


def wrapped(count: int) -> list[str]:
    """Lines as a book has them: of some words each, empty ones between paragraphs."""
    return [" ".join(DICE.choices(WORDS, k=DICE.randrange(0, 12))) for _ in range(count)]


def test_each_passage_is_in_the_line_that_is_named(tmp_path: Path) -> None:
    books = [wrapped(150), wrapped(90)]
    raw = ["\n".join(["*** HEADER of a stranger ***", "licence words", "", *book, "THE END"]) for book in books]
    cleaned = [" ".join(line for line in book if line) for book in books]
    cleaned[0] = cleaned[0].replace(" ".join(books[0][60:64]).strip(), "")  # a passage that cleaning left out
    index = index_of(tmp_path, cleaned, raw=raw)
    finder, seen = CopyFinder(index), 0
    for number, text in enumerate(cleaned):
        words = words_of(text)
        lines = raw[number].split("\n")
        for at in range(0, len(words) - 8, 5):
            for byte in finder.places(words[at : at + 8]):
                passage = finder.passage(byte, 8)
                if passage.source == number:
                    line = words_in(split(lines[passage.line - 1]))
                    assert words[at] in line
                    seen += 1
    assert seen > 200
    index.close()


def test_another_file_under_the_same_name_has_no_lines(tmp_path: Path) -> None:
    cleaned, other = ["\n".join(wrapped(60)) for _ in range(2)]
    index = index_of(tmp_path, [cleaned], raw=[" ".join(reversed(cleaned.split()))])
    assert index.header.lines == 0
    assert CopyFinder(index).passage(0, 3).line == 0
    index.close()
    index = index_of(tmp_path, [cleaned], raw=[other])
    assert CopyFinder(index).passage(0, 3).line == 0
    index.close()


def test_lines_of_one_word_would_make_the_file_too_large_and_are_not_kept(tmp_path: Path) -> None:
    words = DICE.choices(WORDS, k=3_000)
    index = index_of(tmp_path, [" ".join(words)], raw=["\n".join(words)])
    assert index.header.lines == 0
    index.close()
    size = (tmp_path / "origin").stat().st_size
    assert size <= 2 * len(" ".join(words))
