"""A trained model goes on with another text: its vocabulary grows, and all it knew stays where it was.

New pieces are appended, so every old id means what it meant. V = vocabulary size, E = embedding size.
"""

import dataclasses
import itertools
import math
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from rnntui.lm.model import WordRNN
from rnntui.lm.output import group_limits
from rnntui.lm.tokens.segmenter import unspaced_letters
from rnntui.lm.tokens.splitting import rules_of
from rnntui.lm.tokens.tokenizer import CONTINUATION, Tokenizer, choose_vocabulary
from rnntui.settings import ModelConfig

MOST_NEW_PIECES = 6_000
LEARNED_AFTER = 8.0
"""Steps in which an entry stood. Two models that learned English went on with German: after 4 steps every kind of new
entry was 1.3 times as likely where it stands as elsewhere, however often it stood in them; after 128 those that had
been in 8 to 16 of them were 40 times as likely."""
_OLD_TEXT_WORDS = 1_400
"""The end of what a model counts was kept for tuning: it has not learned from at least so many words."""


def extend_tokenizer(old: Tokenizer, counts: Mapping[str, int], characters: Iterable[str]) -> Tokenizer:
    """The old pieces, then what another text needs: its characters, and the most frequent words seen at least twice.

    Args:
        old: Of the model.
        counts: How often each piece of the new training text occurs.
        characters: Every character of the new training text.
    """
    known = set(old.pieces)
    fresh = sorted(set(characters) - known)
    pieces = [*fresh, *(CONTINUATION + character for character in fresh if CONTINUATION + character not in known)]
    chosen = choose_vocabulary(counts, (), len(counts) + 1)[1:]  # the most frequent first
    words = [piece for piece in chosen if piece not in known and piece not in pieces]
    new = [*pieces, *words[:MOST_NEW_PIECES]]
    costs = old.costs
    if costs is not None:  # what it has not met in its runs costs as much as its rarest word
        letters = unspaced_letters({*old.pieces, *fresh})
        costs += (max(costs, default=0),) * sum(piece[0] in letters for piece in new)
    return Tokenizer([*old.pieces, *new], old.is_typographic, max(old.rules, rules_of(fresh)), costs)


def extend_config(config: ModelConfig, old_size: int, new_size: int) -> ModelConfig:
    """The same shape with room for the new pieces; what was one plain softmax stays one."""
    is_plain = len(group_limits(old_size, config)) == 1
    head = 0 if is_plain else config.softmax_head
    return dataclasses.replace(config, vocabulary_limit=max(config.vocabulary_limit, new_size), softmax_head=head)


def extend_weights(model: WordRNN, config: ModelConfig, word_counts: Tensor) -> dict[str, Tensor]:
    """The weights of a model for more pieces, by their PyTorch names.

    A new word starts at the mean of all words, as likely beside those of its group as it is frequent in the new text,
    and the group is as much likelier as it has grown. Source: Howard and Ruder 2018.

    Args:
        model: Which has learned.
        config: From `extend_config`.
        word_counts: [V], how often each piece, old ones first, occurs in the new training text.
    """
    old_size, new_size = model.vocabulary_size, word_counts.numel()
    weights = {name: weight.detach().clone() for name, weight in model.state_dict().items()}
    for name in ("embedding.weight", "output_words"):
        if name in weights:
            mean = weights[name].mean(dim=0, keepdim=True)
            weights[name] = torch.cat((weights[name], mean.expand(new_size - old_size, -1)))
    before = group_limits(old_size, model.config)
    after = group_limits(new_size, config)
    beside = slice(before[-2] if len(before) > 1 else 0, old_size)  # what new words share a softmax with
    old_bias, known = weights["output_bias"], word_counts[beside].sum().float() + 1.0
    new_bias = torch.log((word_counts[old_size:].float() + 0.5) / known) + torch.logsumexp(old_bias[beside], dim=0)
    bias = weights["output_bias"] = torch.cat((old_bias, new_bias))
    if len(before) > 1:
        weights["group_bias"][-1] += torch.log((known + word_counts[old_size:].sum()) / known)
    if len(after) > len(before):  # the last group was split: each part gets its share of what the whole one had
        start, *_, end = limits = after[len(before) - 2 :]
        whole = torch.logsumexp(bias[start:end], dim=0)
        spans = list(itertools.pairwise(limits))
        parts = [torch.logsumexp(bias[low:high], dim=0) - whole for low, high in spans]
        last, last_bias = weights["groups"][-1:], weights["group_bias"][-1:]
        weights["groups"] = torch.cat((weights["groups"][:-1], last.expand(len(spans), -1)))
        weights["group_bias"] = torch.cat((weights["group_bias"][:-1], last_bias + torch.stack(parts)))
    return weights


def hardly_learned(
    word_counts: Tensor, passes: float, steps: int, fresh_from: int, before: Iterable[tuple[int, int]] = ()
) -> tuple[tuple[int, int], ...]:
    """Which entries a network should not say of itself yet, as ranges of ids.

    A new entry begins at the mean of all words and as likely as it is frequent: until it has been met a few times it
    comes up anywhere, as in "HerMein".

    Args:
        word_counts: [V], how often each entry occurs in the training text.
        passes: How often that was read.
        steps: In so many.
        fresh_from: Entries from this one on are new; characters stay, words are spelled with them.
        before: Those of the model that went on.
    """
    is_new = torch.zeros(word_counts.numel(), dtype=torch.bool)
    is_new[fresh_from:] = True
    for start, end in before:
        is_new[start:end] = True
    met = word_counts * passes / max(1, steps)  # in a step, on average
    lessons = steps * (1.0 - torch.exp(-met))  # steps in which it stood at least once
    ids = (is_new & (lessons < LEARNED_AFTER)).nonzero().flatten().tolist()
    runs = itertools.groupby(enumerate(ids), lambda entry: entry[1] - entry[0])
    ranges = ([number for _, number in run] for _, run in runs)
    return tuple((run[0], run[-1] + 1) for run in ranges)


def tuning_text(ids: Tensor, tokenizer: Tokenizer) -> str:
    """The end of the text that a model counts, from which the network has chosen its weights but not learned.

    Args:
        ids: [N], what the model counts.
        tokenizer: Its vocabulary.
    """
    return tokenizer.decode(ids[-min(_OLD_TEXT_WORDS, math.ceil(ids.numel() / 10)) :].tolist())
