"""How long a run of words each possible next word would repeat, so that what is said does not go in circles.

A pure function of the last words, as `recent` is, so it can be rewound like everything else. A run is measured in
words: marks count little, because dialogue repeats `,” said the` without end, and a spelled word counts once, where it
begins. What came several times counts as longer.  Source: the DRY sampler of text-generation-webui ("don't
repeat yourself"), which measures tokens and only the longest run. V = vocabulary size.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rnntui.lm.tokens.tokenizer import Tokenizer

Ids = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

WINDOW = 1_000
"""Runs are looked for among so many of the last tokens."""
_LONGEST = 64
"""No run of more tokens is followed further back."""
_MARK = 0.125
"""What a mark counts of a word: enough to end a loop of nothing else."""
_OFTEN_FROM = 4.0
"""Runs of so many words count as longer the oftener they came; shorter ones are turns of phrase."""
_OFTEN = 2.0
"""So many words longer for each time."""


@dataclass(frozen=True, slots=True)
class RepeatedRun:
    """Words that would repeat what was said, each once, and the length in words of the run that they would repeat."""

    words: Ids
    lengths: Floats
    came_often: npt.NDArray[np.bool_]
    """Whether a run came so often that this makes its length: else it came once, and may be quoted."""


def token_lengths(tokenizer: Tokenizer) -> Floats:
    """What each token counts in a run of words [V]: 1 where a word begins, little for a mark, nothing for the rest."""
    begins = [any(map(str.isalnum, tokenizer.piece(number))) for number in range(len(tokenizer))]
    goes_on = [tokenizer.is_continuation(number) for number in range(len(tokenizer))]
    return np.where(goes_on, 0.0, np.where(begins, 1.0, _MARK))


def find_repeated_runs(recent: Ids, lengths: Floats) -> RepeatedRun:
    """Which words would go on with something that was said before.

    Args:
        recent: The tokens read lately, the newest last.
        lengths: [V], from `token_lengths`. What counts nothing is left out: a word that was begun stays whole.
    """
    words, runs = _runs(recent[-WINDOW:], lengths)
    order = np.lexsort((-runs, words))
    words, runs = words[order], runs[order]
    firsts = np.flatnonzero(np.r_[True, words[1:] != words[:-1]][: words.size])
    times = np.arange(words.size) - np.repeat(firsts, np.diff(np.r_[firsts, words.size]))
    counted = np.where(runs >= _OFTEN_FROM, runs + _OFTEN * times, runs)  # so long a run came once more than `times`
    longest = np.maximum.reduceat(counted, firsts) if firsts.size else counted
    return RepeatedRun(words[firsts], longest, longest > counted[firsts])


def _runs(ids: Ids, lengths: Floats) -> tuple[Ids, Floats]:
    """What followed where the last token stood before, and the length of the run up to and with it."""
    following = np.flatnonzero(ids[:-1] == ids[-1]) + 1 if ids.size else np.empty(0, dtype=np.intp)
    following = following[lengths[ids[following]] > 0]
    runs = lengths[ids[following]]
    alike = np.arange(following.size)
    for back in range(1, min(_LONGEST, ids.size) + 1):
        runs[alike] += lengths[ids[-back]]
        before = following[alike] - 1 - back
        alike, before = alike[before >= 0], before[before >= 0]
        alike = alike[ids[before] == ids[-1 - back]] if alike.size else alike
        if not alike.size:
            break
    return ids[following], runs
