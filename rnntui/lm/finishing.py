"""What is found once, when the weights of a run are chosen: shares of the mixture, and how easy the learned text is.

N = words of the training part, M = words of the text for tuning, V = vocabulary size.
"""

import itertools
from collections.abc import Generator, Sequence

import torch
from torch import Tensor

from rnntui.lm.evaluation import word_logs
from rnntui.lm.freed_memory import given_back
from rnntui.lm.mixture import Mixture, fitted_gate
from rnntui.lm.model import WordRNN
from rnntui.lm.model_file import COUNTED_ORDER, MOST_COUNTED_WORDS
from rnntui.lm.ngram import CountingModel
from rnntui.lm.recent import RecentWords

QUICK_WORDS = 12_000
_FEWEST = 2
_PLACES = 8
_JUDGED_BY_WORDS = 500_000
"""Counting that judges how easy a stretch is has learned from at most so many: more takes seconds and says the same."""


def spread(ids: Tensor, words: int = QUICK_WORDS) -> Tensor:
    """Stretches from all over a text, one after the other: at most so many words in 8 of them."""
    stretches = _stretches(ids.numel(), words)
    if len(stretches) == 1:
        return ids
    return torch.cat([ids[stretch] for stretch in stretches] + [ids[:1]])  # one more for the last target


def _stretches(size: int, words: int) -> list[slice]:
    """Where the stretches of `spread` stand in a text of this size; all of a short one is one."""
    length = words // _PLACES
    if size <= words:
        return [slice(0, size)]
    starts = [number * (size - length) // (_PLACES - 1) for number in range(_PLACES)]
    return [slice(start, start + length) for start in starts]


def counted_words(training: Tensor, tuning: Tensor) -> Tensor:
    """The words that counting learns from: the training part [N] and the text for tuning [M], the last of them."""
    return torch.cat((training[-MOST_COUNTED_WORDS:].to(tuning.dtype), tuning))[-MOST_COUNTED_WORDS:]


def fitted_mixture(
    model: WordRNN, training: Tensor, tuning: Tensor, vocabulary_size: int
) -> Generator[float, None, Mixture]:
    """Counting and recent words with their shares, fitted on the text for tuning; yields the share that is done.

    Args:
        model: With the weights that are kept.
        training: [N]
        tuning: [M]
        vocabulary_size: V
    """
    with given_back():
        learned = CountingModel(training[-MOST_COUNTED_WORDS:], vocabulary_size, COUNTED_ORDER)
        yield 0.3
        words = tuning[1:].tolist()
        logs = word_logs(model, tuning) if words else torch.empty(0, dtype=torch.float64)
        yield 0.5
        gate = fitted_gate(learned, words, logs, RecentWords(tuning[:1].tolist()))
        del learned  # there is room for one
        yield 0.7
        return Mixture(CountingModel(counted_words(training, tuning), vocabulary_size, COUNTED_ORDER), gate)


def unread_nats(training: Tensor, held_out: Tensor, vocabulary_size: int) -> tuple[float, float]:
    """Nats per token of `spread(training)` and of held-out text, for one who has read neither.

    The vocabulary was made from the side that is learned from, and what stands there may be easier as well: as long as
    that is not known, a difference says nothing about memory. Counting that has learned from the rest tells it.

    Args:
        training: [N]
        held_out: Ids of the held-out text.
        vocabulary_size: V

    Returns:
        Zeros where there is too little to tell.
    """
    stretches = _stretches(training.numel(), QUICK_WORDS)
    gaps = [slice(before.stop, after.start) for before, after in itertools.pairwise(stretches)]
    taken = torch.cat([training[stretch] for stretch in stretches])
    rest = _last_of(training, gaps, _JUDGED_BY_WORDS)
    if min(taken.numel(), rest.numel(), held_out.numel()) < _FEWEST:
        return 0.0, 0.0
    with given_back():
        counting = CountingModel(rest, vocabulary_size)
        unread, other = (-float(counting.log_probabilities(ids).mean()) for ids in (taken, held_out))
    return unread, other


def _last_of(ids: Tensor, spans: Sequence[slice], words: int) -> Tensor:
    """The last so many words of some stretches of a text, which may be a view of a file: no more of it is read."""
    found = ids[:0]
    for span in reversed(spans):
        missing = words - found.numel()
        found = torch.cat((ids[max(span.start, span.stop - missing) : span.stop], found))
        if found.numel() >= words:
            break
    return found
