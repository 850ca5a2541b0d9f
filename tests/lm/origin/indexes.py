"""Small indexes for tests, and what brute force says of their texts."""

from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TypeVar

from rnntui.lm.origin.builder import LearnedFile, build_index
from rnntui.lm.origin.index_file import IndexParts, OriginIndex, open_index
from rnntui.lm.origin.words import spoken_words
from rnntui.lm.tokens.segments import Splitting, pack_segments, run_in_order
from rnntui.lm.tokens.splitting import blocks

R = TypeVar("R")


def done(work: Generator[float, None, R]) -> R:
    """What comes of work that says how far it is, which never goes backwards."""
    last = 0.0
    while True:
        try:
            fraction = next(work)
        except StopIteration as end:
            result: R = end.value
            return result
        assert last <= fraction <= 1.0
        last = fraction


def parts_of(texts: Sequence[str], held_out: str = "", raw: Sequence[str] | None = None) -> IndexParts:
    """The index of some texts, each of which was learned from as a whole."""
    whole = "\n\n".join(texts)
    splits = [(1.0, split) for split in run_in_order(Splitting(), pack_segments(blocks(whole)))]
    files = [
        LearnedFile(f"book-{number}.txt", "", len(text), [raw[number]] if raw else None)
        for number, text in enumerate(texts)
    ]
    return done(build_index(splits, files, held_out))


def index_of(folder: Path, texts: Sequence[str], held_out: str = "", raw: Sequence[str] | None = None) -> OriginIndex:
    """The same, written and opened."""
    path = folder / "origin"
    path.write_bytes(b"".join(parts_of(texts, held_out, raw).to_bytes()))
    return done(open_index(path))


def words_of(text: str) -> list[str]:
    """Its words, as they are compared."""
    return [found.word for found in spoken_words(text)]


def longest_by_hand(texts: Sequence[str], words: Sequence[str], number: int) -> int:
    """The length of the longest run through one word of a text, by looking at every run and every place."""
    best = 0
    for start in range(number + 1):
        for end in range(number + 1, len(words) + 1):
            if end - start > best and any(places_by_hand(text, words[start:end]) for text in texts):
                best = end - start
    return best


def places_by_hand(text: str, run: Sequence[str]) -> list[int]:
    """The characters at which a run begins in one text."""
    there = spoken_words(text)
    return [
        there[at].start
        for at in range(len(there) - len(run) + 1)
        if [found.word for found in there[at : at + len(run)]] == list(run)
    ]
