"""What network, counting and mixture give to the words of a passage, and to all words that may stand at a place in it.

The passage is read as an evaluation reads a text: once, from an empty memory, its first token given. A *word* is here
what a person can type: the entries of the vocabulary that are whole words, those that differ in capitals as one.
W = words, N = tokens of a passage.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from rnntui.lm.generator import Generator, GeneratorState
from rnntui.lm.mix.cache_model import RecentTokens
from rnntui.lm.tokens.tokenizer import Tokenizer

Floats = npt.NDArray[np.float64]
VOICES = ("network", "counting", "mixture")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class WordOdds:
    """How likely each word is at one place, given that a whole word stands there."""

    words: tuple[str, ...]
    """[W], as their likeliest entries are written, without the space before them."""
    shares: dict[str, Floats]
    """[W] for each of VOICES that there is; each sums to one."""
    truth: int
    """Which of the words stands there."""

    def likeliest(self, voice: str, count: int) -> list[int]:
        """The words with the largest shares, the likeliest first; of equals the first of the vocabulary."""
        order: list[int] = np.argsort(-self.shares[voice], kind="stable")[:count].tolist()
        return order


class ReadPassage:
    """A passage that was read, with the memory before each of its tokens.

    Attributes:
        ids: [N], its tokens.
        logs: For each of VOICES that there is, the natural logarithm of what it gave to each token but the first [N-1].
    """

    def __init__(self, ids: Sequence[int], logs: dict[str, Tensor], memories: Sequence[GeneratorState]) -> None:
        self.ids = tuple(ids)
        self.logs = logs
        self._memories = memories

    def before(self, place: int) -> GeneratorState:
        """The memory after all tokens before this one, at least one."""
        return self._memories[place - 1]


class PassageReader:
    """Reads passages with one model.

    Args:
        generator: The model; its memory is used.
    """

    def __init__(self, generator: Generator) -> None:
        self._generator = generator
        self._words = {has_space: _Words(generator, has_space) for has_space in (False, True)}

    @property
    def tokenizer(self) -> Tokenizer:
        """The vocabulary."""
        return self._generator.tokenizer

    @torch.inference_mode()
    def read(self, ids: Sequence[int]) -> ReadPassage:
        """Read tokens [N], at least two, from an empty memory."""
        generator, memories = self._generator, list[GeneratorState]()
        generator.reset()
        logs = {"network": torch.tensor(generator.feed(ids, voice="network", passed=memories)[1:], dtype=torch.float64)}
        if (mixture := generator.mixture) is not None:
            asked, first = torch.tensor(ids[1:]), torch.tensor(ids[:1])
            logs["counting"] = mixture.counting.log_probabilities(asked, first)
            logs["mixture"] = mixture.score(ids[1:], logs["network"], RecentTokens(ids[:1]))
        return ReadPassage(ids, logs, memories)

    def is_word(self, passage: ReadPassage, place: int) -> bool:
        """Whether one token, neither the first nor the last, is a whole word."""
        ids = passage.ids
        if not 0 < place < len(ids) - 1 or self.tokenizer.is_continuation(ids[place + 1]):
            return False
        return self._words_like(ids[place]).number(ids[place]) is not None

    def odds(self, passage: ReadPassage, place: int) -> WordOdds:
        """What all voices give to every word that has a space before it as the one at this place has, or has none.

        Args:
            passage: Read by this reader.
            place: Of a token that is a word.
        """
        generator, token = self._generator, passage.ids[place]
        generator.memory = passage.before(place)
        given = {"network": generator.log_probabilities("network").exp().numpy()}
        if generator.mixture is not None:
            given["counting"] = generator.mixture.counting.distribution(generator.memory.contexts[0])[0]
            given["mixture"] = generator.log_probabilities("mixture").exp().numpy()
        words = self._words_like(token)
        truth = words.number(token)
        if truth is None:
            raise ValueError("this token is no word")
        written = words.written(given["mixture" if "mixture" in given else "network"])
        return WordOdds(written, {voice: words.shares(numbers) for voice, numbers in given.items()}, truth)

    def _words_like(self, token: int) -> "_Words":
        return self._words[self.tokenizer.piece(token).startswith(" ")]


class _Words:
    """The entries of a vocabulary that are whole words, all with a space before them or all without."""

    def __init__(self, generator: Generator, has_space: bool) -> None:
        tokenizer = generator.tokenizer
        space = " " if has_space else ""
        numbers: dict[str, int] = {}
        entries: list[int] = []
        self._number_of: dict[int, int] = {}
        for entry in range(len(tokenizer)):
            piece = tokenizer.piece(entry)
            is_word = piece.startswith(space) and _WORD.fullmatch(piece, len(space)) is not None
            if is_word and not tokenizer.is_continuation(entry) and not generator.is_begun(entry):
                entries.append(entry)
                self._number_of[entry] = numbers.setdefault(piece.casefold(), len(numbers))
        self._pieces = [tokenizer.piece(entry).strip() for entry in entries]
        self._entries = np.array(entries, dtype=np.int64)
        self._numbers = np.array([self._number_of[entry] for entry in entries], dtype=np.int64)
        self._size = len(numbers)

    def number(self, entry: int) -> int | None:
        """Which word an entry is; None when it is none of them."""
        return self._number_of.get(entry)

    def shares(self, probabilities: Floats) -> Floats:
        """[W] from [V]: the entries of each word together, of all words."""
        sums = np.bincount(self._numbers, weights=probabilities[self._entries], minlength=self._size)
        shares: Floats = sums / sums.sum()
        return shares

    def written(self, probabilities: Floats) -> tuple[str, ...]:
        """[W], each word as the likeliest of its entries [V] is written."""
        order = np.argsort(probabilities[self._entries], kind="stable")
        best = np.zeros(self._size, dtype=np.int64)
        best[self._numbers[order]] = order  # of several the last one counts, which is the likeliest
        return tuple(self._pieces[entry] for entry in best.tolist())
