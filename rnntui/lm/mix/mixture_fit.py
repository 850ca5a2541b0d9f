"""What is found once, when the weights of a run are chosen: shares of the mixture, and how easy the learned text is.

N = tokens of the training part, M = tokens of the text for tuning, V = vocabulary size.
"""

import itertools
from collections.abc import Generator, Sequence
from typing import TypeVar

import torch
from torch import Tensor

from rnntui.lm.evaluation import text_log_probabilities
from rnntui.lm.hardware.allocator import return_freed_memory
from rnntui.lm.mix.cache_model import RecentTokens
from rnntui.lm.mix.count_table import CountTable
from rnntui.lm.mix.large_counts import LARGEST_VOCABULARY, count_steps, least_times
from rnntui.lm.mix.mixture import Gates, Inherited, Mixture, fit_gates
from rnntui.lm.mix.ngram import KneserNey
from rnntui.lm.mix.pruning import prune_steps
from rnntui.lm.model import WordRNN
from rnntui.lm.model_file import COUNTED_ORDER, MOST_COUNTED_WORDS, pack_counts, pack_table
from rnntui.lm.tokens.lexicon import collect_words
from rnntui.lm.tokens.tokenizer import Tokenizer

R = TypeVar("R")

QUICK_TOKENS = 12_000
_FEWEST = 2
_PLACES = 8
MOST_IN_TABLE = 100_000_000
"""The last so many tokens of a very long text are counted."""
TABLE_BYTES = 20_000_000
"""In plain columns; a file has them packed, in 8 MB. A table of the whole of a library with 16 million words needs
1.690 bits per character so, 1.710 in half the size and 1.682 in all of it; its last three million words 1.829."""
_COUNTED_PER_SECOND_OF_BUDGET = 60_000
_BY_HEART = 0.5
"""Share of the places of a text where a table knows the four words before."""
_WORTH_COUNTING = 0.005
"""Nats of a word of the text for tuning that earlier text has to save to be counted with the new one. That of the same
book saved .017 and .081, that of seven pairs of authors from -.011 to .004, which cost up to .007 bits held out."""
_JUDGED_BY_TOKENS = 500_000
"""Counting that judges how easy a segment is has learned from at most so many: more takes seconds and says the same."""


def spread(ids: Tensor, tokens: int = QUICK_TOKENS) -> Tensor:
    """Segments from all over a text, one after the other: at most so many tokens in 8 of them."""
    segments = _segments(ids.numel(), tokens)
    if len(segments) == 1:
        return ids
    return torch.cat([ids[segment] for segment in segments] + [ids[:1]])  # one more for the last target


def _segments(size: int, tokens: int) -> list[slice]:
    """Where the segments of `spread` stand in a text of this size; all of a short one is one."""
    length = tokens // _PLACES
    if size <= tokens:
        return [slice(0, size)]
    starts = [number * (size - length) // (_PLACES - 1) for number in range(_PLACES)]
    return [slice(start, start + length) for start in starts]


def tokens_to_count(training: Tensor, tuning: Tensor) -> Tensor:
    """The tokens that counting learns from: the training part [N] and the text for tuning [M], the last of them."""
    return torch.cat((training[-MOST_COUNTED_WORDS:].to(tuning.dtype), tuning))[-MOST_COUNTED_WORDS:]


def tokens_in_table(training_tokens: int, vocabulary_size: int, budget_seconds: float) -> int:
    """How many of the last tokens of a training part are counted into a pruned table; 0 when all that counts are kept.

    Args:
        training_tokens: N
        vocabulary_size: V
        budget_seconds: Of the run; counting takes a twentieth of it at most, on a slow machine a tenth.
    """
    affordable = min(MOST_IN_TABLE, int(_COUNTED_PER_SECOND_OF_BUDGET * budget_seconds))
    is_kept = min(training_tokens, affordable) <= MOST_COUNTED_WORDS or vocabulary_size > LARGEST_VOCABULARY
    return 0 if is_kept else min(training_tokens, affordable)


def fit_mixture(
    model: WordRNN,
    training: Tensor,
    tuning: Tensor,
    tokenizer: Tokenizer,
    in_table: int = 0,
    inherited: Inherited | None = None,
) -> Generator[float, None, tuple[Mixture, bytes]]:
    """Counting and recent words with their shares, fitted on the text for tuning; yields the share that is done.

    Args:
        model: With the weights that are kept.
        training: [N]
        tuning: [M]
        tokenizer: Its vocabulary.
        in_table: From `tokens_in_table`.
        inherited: From the model that this one went on from; None where it began with nothing.

    Returns:
        The mixture, and what a model file keeps of it.
    """
    words, size = tuning[1:].tolist(), len(tokenizer)
    logs = text_log_probabilities(model, tuning) if words else torch.empty(0, dtype=torch.float64)
    recent = RecentTokens(tuning[:1].tolist())
    base = inherited.table if inherited else None
    yield 0.2
    with return_freed_memory():
        if in_table:
            counted = training[-in_table:]
            table = yield from _scale_progress(0.2, 0.8, _count_table_steps(counted, size))
            word_ids = yield from _scale_progress(0.8, 0.95, collect_words((counted, tuning), tokenizer))
            gates = fit_gates(table, words, logs, recent, inherited)
            packed = pack_table(table, word_ids, tokens_to_count(training, tuning), gates, base)
            return Mixture(table, gates.together, base, gates.without_network), packed
        fitted: list[tuple[float, Gates, Tensor]] = []
        for text in _may_be_counted(inherited.words if inherited else None, training, tuning, size):
            learned = KneserNey(text, size, COUNTED_ORDER)
            yield 0.4 + 0.2 * len(fitted)
            gates = fit_gates(learned, words, logs, recent, inherited)
            nats = -float(Mixture(learned, gates.together, base).score(words, logs, recent).sum())
            del learned  # there is room for one
            fitted.append((nats + len(fitted) * _WORTH_COUNTING * len(words), gates, text))
        _, gates, text = min(fitted, key=lambda entry: entry[0])
        kept = tokens_to_count(text, tuning)
        counting = KneserNey(kept, size, COUNTED_ORDER)
        packed = pack_counts(kept, gates, size, base)
        return Mixture(counting, gates.together, base, gates.without_network), packed


def _may_be_counted(before: Tensor | None, training: Tensor, tuning: Tensor, vocabulary_size: int) -> list[Tensor]:
    """Texts [N] that counting may learn from: the training part, and that after what was counted before."""
    own = training[-MOST_COUNTED_WORDS:]
    if before is None or not tuning.numel() or before.numel() < COUNTED_ORDER:
        return [own]
    if _is_by_heart(KneserNey(before, vocabulary_size, COUNTED_ORDER), tuning):
        return [own]
    return [own, torch.cat((before.to(own.dtype), own))[-MOST_COUNTED_WORDS:]]


def count_base_steps(mixture: Mixture, counted_ids: Tensor) -> Generator[float, None, tuple[CountTable, ...]]:
    """What had been counted before a model goes on from another: by that one, then by the one that it went on from.

    Args:
        mixture: Of the base.
        counted_ids: [N], what the base counted, where it keeps all of that.

    Yields:
        The share that is done.

    Returns:
        Tables of at most TABLE_BYTES each; none of a vocabulary that is too large for a table.
    """
    before = (mixture.base,) if mixture.base else ()
    if isinstance(mixture.counting, CountTable):
        return (mixture.counting, *before)
    if mixture.counting.vocabulary_size > LARGEST_VOCABULARY:
        return before
    with return_freed_memory():
        own = yield from _count_table_steps(counted_ids, mixture.counting.vocabulary_size)
    return (own, *before)


def choose_base_table(tables: Sequence[CountTable], tuning: Tensor, vocabulary_size: int) -> CountTable | None:
    """What a model keeps of all that was counted before: the largest table that does not know its text by heart.

    One table and not a chain of them: a library's says more than that of a few books, whose words are counted together
    with the new ones where that helps. A table that knows the text for tuning would be believed there, and be wrong
    everywhere else.

    Args:
        tables: From `count_base_steps`.
        tuning: [M] ids of the text for tuning.
        vocabulary_size: V of the new model; its first words are those of the tables.
    """
    grown = [table.extend(vocabulary_size) for table in tables]
    return max(
        (table for table in grown if not _is_by_heart(table, tuning)), key=lambda table: table.ngrams, default=None
    )


def _is_by_heart(table: CountTable | KneserNey, ids: Tensor) -> bool:
    """Whether a counting knows most of the longest contexts of a text, which of a new one are few."""
    if not ids.numel():
        return False
    known = table.score(ids).known_words
    return float((known == table.order - 1).double().mean()) > _BY_HEART


def _count_table_steps(ids: Tensor, vocabulary_size: int) -> Generator[float, None, CountTable]:
    least = least_times(ids.numel(), COUNTED_ORDER)
    counted = yield from _scale_progress(0.0, 0.7, count_steps(ids, vocabulary_size, COUNTED_ORDER, least))
    return (yield from _scale_progress(0.7, 1.0, prune_steps(counted, TABLE_BYTES)))


def _scale_progress(low: float, high: float, work: Generator[float, None, R]) -> Generator[float, None, R]:
    """Work that is a part of other work: its shares, from the share that was done before to the one after it."""
    while True:
        try:
            yield low + (high - low) * next(work)
        except StopIteration as end:
            result: R = end.value
            return result


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
    segments = _segments(training.numel(), QUICK_TOKENS)
    gaps = [slice(before.stop, after.start) for before, after in itertools.pairwise(segments)]
    taken = torch.cat([training[segment] for segment in segments])
    rest = _last_of(training, gaps, _JUDGED_BY_TOKENS)
    if min(taken.numel(), rest.numel(), held_out.numel()) < _FEWEST:
        return 0.0, 0.0
    with return_freed_memory():
        counting = KneserNey(rest, vocabulary_size)
        unread, other = (-float(counting.log_probabilities(ids).mean()) for ids in (taken, held_out))
    return unread, other


def _last_of(ids: Tensor, spans: Sequence[slice], words: int) -> Tensor:
    """The last so many words of some segments of a text, which may be a view of a file: no more of it is read."""
    found = ids[:0]
    for span in reversed(spans):
        missing = words - found.numel()
        found = torch.cat((ids[max(span.start, span.stop - missing) : span.stop], found))
        if found.numel() >= words:
            break
    return found
