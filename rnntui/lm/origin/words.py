"""What a word is when two texts are compared: letters and digits as they stand, capitals included, nothing else.

Marks, white space and line ends between words make no difference, and an apostrophe is one however it is written. Words
are those of `rnntui.lm.tokens.tokenizer.split`: in scripts without spaces each character is one. W = words.
"""

import functools
import itertools
from collections import defaultdict
from collections.abc import Generator, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rnntui.lm.tokens.segments import SplitSegment
from rnntui.lm.tokens.splitting import blocks, split, split_block

NO_WORD = -1
_NUMBERED_AT_ONCE = 1 << 21

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word of a text, and where it stands there, counted in characters."""

    word: str
    start: int
    end: int


def spoken_words(text: str) -> list[SpokenWord]:
    """The words of a text, in order."""
    found, at = [], 0
    for piece in split(text):
        if word := folded(piece):
            found.append(SpokenWord(word, at + len(piece) - len(piece.lstrip(" ")), at + len(piece)))
        at += len(piece)
    return found


@functools.lru_cache(maxsize=1 << 16)
def folded(piece: str) -> str:
    """The word of a piece, as it is compared; empty when it is a mark or white space."""
    word = piece.lstrip(" ")
    if not (word[:1].isalnum() or any(map(str.isalnum, word))):
        return ""
    return word.replace("’", "'")


def words_in(pieces: Iterable[str]) -> list[str]:
    """The words of some pieces, in order."""
    return [word for word in map(folded, pieces) if word]


class Vocabulary:
    """Numbers for words, in the order in which they come first."""

    def __init__(self) -> None:
        self._numbers: defaultdict[str, int] = defaultdict(itertools.count().__next__)

    def __len__(self) -> int:
        return len(self._numbers)

    def number(self, piece: str) -> int:
        """The number of a piece's word, a new one for a new word; NO_WORD for what is none."""
        word = folded(piece)
        return self._numbers[word] if word else NO_WORD

    def known(self, piece: str) -> int:
        """The same, but a word that is not there has the number after the last; `known` adds none."""
        word = folded(piece)
        return self._numbers.get(word, len(self._numbers)) if word else NO_WORD

    def ranks(self) -> Numbers:
        """For each number the place of its word in alphabetical order, from 1."""
        words = list(self._numbers)
        ranks = np.empty(len(words), dtype=np.int64)
        ranks[sorted(range(len(words)), key=words.__getitem__)] = np.arange(1, len(words) + 1)
        return ranks


@dataclass(frozen=True, slots=True)
class IndexedWords:
    """The words of a text that was learned from."""

    text: bytes
    """The whole text, UTF-8."""
    vocabulary: Vocabulary
    numbers: npt.NDArray[np.int32]
    """[W], of the vocabulary."""
    starts: npt.NDArray[np.uint32]
    """[W], the byte at which each word begins."""
    characters: npt.NDArray[np.uint32]
    """[W], the character at which it begins."""

    def byte_of(self, character: int) -> int:
        """The byte at which a character of the text begins."""
        before = int(np.searchsorted(self.characters, character, side="right")) - 1
        at, byte = (int(self.characters[before]), int(self.starts[before])) if before >= 0 else (0, 0)
        following = int(self.starts[before + 1]) if before + 1 < self.starts.size else len(self.text)
        return byte + len(self.text[byte:following].decode()[: character - at].encode())


def gather_words(splits: Iterable[tuple[float, bytes]]) -> Generator[float, None, IndexedWords]:
    """The words of a split text; yields the share that is done.

    Args:
        splits: The share that was read, and a packed `SplitSegment` or nothing.
    """
    vocabulary, texts = Vocabulary(), []
    numbers, starts, characters = [np.empty(0, np.int32)], [np.empty(0, np.uint32)], [np.empty(0, np.uint32)]
    byte = character = 0
    for share, data in splits:
        if data:
            segment = SplitSegment.from_bytes(data)
            text = segment.text().encode()
            found, at, at_character, length = _words_of(segment, vocabulary)
            texts.append(text)
            numbers.append(found)
            starts.append((byte + at).astype(np.uint32))
            characters.append((character + at_character).astype(np.uint32))
            byte, character = byte + len(text), character + length
        yield share
    whole = b"".join(texts)
    texts.clear()
    return IndexedWords(whole, vocabulary, np.concatenate(numbers), np.concatenate(starts), np.concatenate(characters))


def _words_of(segment: SplitSegment, vocabulary: Vocabulary) -> tuple[npt.NDArray[np.int32], Numbers, Numbers, int]:
    """Of the words of a segment: numbers, bytes and characters at which they begin; and its characters."""
    kinds = segment.kinds
    number_of = np.array([vocabulary.number(kind) for kind in kinds], dtype=np.int32)
    spaces = np.array([kind.startswith(" ") for kind in kinds], dtype=np.int64)
    bytes_of = np.array([len(kind.encode()) for kind in kinds], dtype=np.int64)[segment.numbers]
    length_of = np.array([len(kind) for kind in kinds], dtype=np.int64)[segment.numbers]
    found = number_of[segment.numbers]
    is_word = found != NO_WORD
    lead = spaces[segment.numbers[is_word]]
    begins, begins_characters = np.cumsum(bytes_of) - bytes_of, np.cumsum(length_of) - length_of
    return found[is_word], begins[is_word] + lead, begins_characters[is_word] + lead, int(length_of.sum())


def number_words(parts: Iterable[str], vocabulary: Vocabulary) -> Generator[None, None, tuple[Numbers, Numbers]]:
    """The words of another text as numbers [W], and how many line ends stand before each [W]; yields signs of life.

    Args:
        parts: The text in parts of any sizes.
        vocabulary: What is not in it has the number after its last.
    """
    numbers, lines = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    breaks = 0
    pieces: list[str] = []

    def number_pieces() -> None:
        nonlocal breaks
        kinds: defaultdict[str, int] = defaultdict(itertools.count().__next__)
        places = np.fromiter(map(kinds.__getitem__, pieces), np.int64, len(pieces))
        found = np.array([vocabulary.known(kind) for kind in kinds], dtype=np.int64)[places]
        ends = np.cumsum(np.array([kind.count("\n") for kind in kinds], dtype=np.int64)[places])
        is_word = found != NO_WORD
        numbers.append(found[is_word])
        lines.append(breaks + ends[is_word])
        breaks += int(ends[-1])
        pieces.clear()

    for block in blocks(parts):
        pieces += split_block(block) if block else ()
        if len(pieces) >= _NUMBERED_AT_ONCE:
            number_pieces()
        yield
    if pieces:
        number_pieces()
    return np.concatenate(numbers), np.concatenate(lines)
