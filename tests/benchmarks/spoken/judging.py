"""How likely, how varied and how copied a text is: judged by counting that the speaker has no part in.

The judge has a vocabulary and counts of its own, from texts that are named to it. Runs of words are compared by their
letters, in small ones. N = words.
"""

import math
import re
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import torch

from rnntui.lm.mix.count_table import CountTable
from rnntui.lm.mix.large_counts import count_steps, least_times
from rnntui.lm.mix.pruning import exact_table
from rnntui.lm.progress import run_to_end
from rnntui.lm.tokens.tokenizer import Tokenizer

Hashes = npt.NDArray[np.uint64]
_ENTRIES = 30_000
_PARTS = 400
_ORDER = 5
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[^\w\s]")
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
RUN = 8
_SHORTEST, _LONGEST = 4, 40


class Judge:
    """Counting of up to five words over some texts."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._tokenizer = Tokenizer.train(texts, _ENTRIES, _PARTS)
        ids = torch.tensor([word for text in texts for word in self._tokenizer.encode(text)], dtype=torch.int32)
        size = len(self._tokenizer)
        counted = run_to_end(count_steps(ids, size, _ORDER, least_times(ids.numel(), _ORDER)))
        self._counting: CountTable = exact_table(counted)

    def bits(self, prompts: Sequence[str], texts: Sequence[str]) -> float:
        """Bits per character of texts, each after its prompt."""
        nats = characters = 0.0
        for prompt, text in zip(prompts, texts, strict=True):
            before, after = (torch.tensor(self._tokenizer.encode(part), dtype=torch.int32) for part in (prompt, text))
            nats -= float(self._counting.log_probabilities(after, before).sum())
            characters += len(text)
        return nats / math.log(2) / characters


def distinct(texts: Iterable[str], length: int) -> float:
    """Share of different runs of so many words and marks, over all texts together.  Source: Li et al. 2016."""
    runs = [run for text in texts for run in _runs_of(_words(text), length)]
    return len(set(runs)) / max(1, len(runs))


def repeated(texts: Iterable[str], length: int = 4) -> float:
    """Share of the runs of so many words that stood in the same text before."""
    count = different = 0
    for text in texts:
        runs = _runs_of(_words(text), length)
        count, different = count + len(runs), different + len(set(runs))
    return 1 - different / max(1, count)


class Copied:
    """Looks for runs of words of what was said in what was learned from."""

    def __init__(self, learned: Iterable[str]) -> None:
        self._numbers: dict[str, int] = {}
        self._learned = np.concatenate([self._hashed(text) for text in learned] or [np.empty(0, dtype=np.uint64)])

    def shares(self, groups: Sequence[Sequence[str]]) -> list[tuple[float, int]]:
        """For each group of texts the share of its runs of RUN words that stand there, and the longest such run."""
        words = [[self._hashed(text) for text in group] for group in groups]
        share = [0.0] * len(groups)
        longest = [0] * len(groups)
        for length in range(_SHORTEST, _LONGEST + 1):
            asked = [np.concatenate([_hashes_of_runs(text, length) for text in group]) for group in words]
            known = self._standing_there(np.unique(np.concatenate(asked)), length)
            for at, runs in enumerate(asked):
                hits = np.isin(runs, known)
                longest[at] = length if hits.any() else longest[at]
                share[at] = float(hits.mean()) if length == RUN and hits.size else share[at]
            if not known.size:
                break
        return list(zip(share, longest, strict=True))

    def _standing_there(self, asked: Hashes, length: int) -> Hashes:
        there = _hashes_of_runs(self._learned, length)
        nearest = np.minimum(np.searchsorted(asked, there), max(0, asked.size - 1))
        return np.unique(there[asked[nearest] == there]) if asked.size else asked

    def _hashed(self, text: str) -> Hashes:
        numbers = self._numbers
        found = [numbers.setdefault(word, len(numbers) + 1) for word in _words(text)]
        return np.array(found, dtype=np.uint64) * _FACTOR


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _runs_of(words: Sequence[str], length: int) -> list[tuple[str, ...]]:
    return [tuple(words[at : at + length]) for at in range(len(words) - length + 1)]


def _hashes_of_runs(words: Hashes, length: int) -> Hashes:
    count = max(0, words.size - length + 1)
    runs = np.zeros(count, dtype=np.uint64)
    for offset in range(length):
        runs = (runs ^ words[offset : offset + count]) * _FACTOR
        runs ^= runs >> np.uint64(29)
    return runs
