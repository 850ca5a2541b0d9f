"""The output layer: from what the memory says to the probability of every word. Knows nothing of time or text.

With many words a full softmax costs more than everything else together. Ids are ordered by frequency, so the frequent
ones (the head) are scored at every step together with one score per group of rarer words; a group's own words are
scored only where they are needed. The result is a proper distribution over all words:

    P(word) = P(word in head)                          for a frequent word
    P(word) = P(group) * P(word | group)               for a rarer one

Source: Grave et al. 2017 (adaptive softmax), here with one matrix for all words, so that it can be tied to the
embedding. N = rows, H = hidden size, V = vocabulary size.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from rnntui.lm.cells import can_be_packed

_CHUNK = 128
"""Rows scored at once; 128 is the fastest measured on two cores and keeps the scores small."""
_GROUP_GROWTH = 4
"""The first group of rarer words ends at this many heads."""


def group_limits(vocabulary_size: int, head_size: int) -> tuple[int, ...]:
    """Where head and groups end, as ids: the last one is V; one entry means a plain softmax.

    Args:
        vocabulary_size: V
        head_size: Frequent words; 0, or anything near V, makes it one plain softmax.
    """
    if head_size == 0 or 2 * head_size >= vocabulary_size:
        return (vocabulary_size,)
    middle = _GROUP_GROWTH * head_size
    if middle * 1.25 >= vocabulary_size:
        return (head_size, vocabulary_size)
    return (head_size, middle, vocabulary_size)


@dataclass(frozen=True, slots=True)
class OutputWeights:
    """The parameters of the output layer, shared with whoever owns them."""

    words: Tensor
    """[V,H]"""
    bias: Tensor
    """[V]"""
    groups: Tensor
    """[G,H], one row per group of rarer words; G = 0 for a plain softmax."""
    group_bias: Tensor
    """[G]"""
    limits: tuple[int, ...]
    """From `group_limits`."""

    def log_probabilities(self, hidden: Tensor, packed: "PackedWords | None" = None) -> Tensor:
        """[...,H] -> [...,V], each row summing to one as probabilities.

        Args:
            hidden: [...,H]
            packed: The same words and bias once more, faster to read.
        """
        scores = packed.scores(hidden) if packed else functional.linear(hidden, self.words, self.bias)
        if len(self.limits) == 1:
            return torch.log_softmax(scores, dim=-1)
        group_scores = functional.linear(hidden, self.groups, self.group_bias)
        head = self.limits[0]
        first = torch.log_softmax(torch.cat((scores[..., :head], group_scores), dim=-1), dim=-1)
        parts = [first[..., :head]]
        for number, (low, high) in enumerate(zip(self.limits, self.limits[1:], strict=False)):
            inside = torch.log_softmax(scores[..., low:high], dim=-1)
            parts.append(inside + first[..., head + number : head + number + 1])
        return torch.cat(parts, dim=-1)

    def target_log_probabilities(self, hidden: Tensor, targets: Tensor) -> Tensor:
        """Natural logarithm of the probability of targets [N] given hidden [N,H]; no group is scored without need."""
        if len(self.limits) == 1:
            return _target_logs(hidden, self.words, self.bias, targets)
        head = self.limits[0]
        groups = targets.new_tensor(self.limits[:-1])
        group = torch.bucketize(targets, groups, right=True)  # 0 in the head, else 1 + number of the group
        weight, bias = torch.cat((self.words[:head], self.groups)), torch.cat((self.bias[:head], self.group_bias))
        logs = _target_logs(hidden, weight, bias, torch.where(group == 0, targets, head + group - 1))
        for number, (low, high) in enumerate(zip(self.limits, self.limits[1:], strict=False), start=1):
            rows = (group == number).nonzero().squeeze(1)
            inside = _target_logs(hidden[rows], self.words[low:high], self.bias[low:high], targets[rows] - low)
            logs = logs.index_add(0, rows, inside)
        return logs

    def loss_nats(self, hidden: Tensor, targets: Tensor) -> Tensor:
        """Summed negative log probability of targets [N] given hidden [N,H], without holding scores [N,V]."""
        if len(self.limits) == 1:
            return _summed_loss(hidden, self.words, self.bias, targets)
        sizes = [high - low for low, high in zip((0, *self.limits), self.limits, strict=False)]
        words, biases = torch.split(self.words, sizes), torch.split(self.bias, sizes)
        head = self.limits[0]
        limits = torch.tensor(self.limits[:-1])
        group = torch.bucketize(targets, limits, right=True)  # 0 in the head, else 1 + number of the group
        first = _summed_loss(
            hidden,
            torch.cat((words[0], self.groups)),
            torch.cat((biases[0], self.group_bias)),
            torch.where(group == 0, targets, head + group - 1),
        )
        for number, low in enumerate(self.limits[:-1], start=1):
            rows = (group == number).nonzero().squeeze(1)
            if rows.numel():
                first = first + _summed_loss(hidden[rows], words[number], biases[number], targets[rows] - low)
        return first


class PackedWords:
    """The words of an output layer in half precision: half the bytes to read for every word that is spoken.

    Speaking is bound by reading these weights. Weights that were kept with a model have only the digits of half
    precision, so nothing is lost: activations and sums stay in float32, and scores differ from the plain product's by
    the order of its sums (1.4e-6 at most where they reach 8).

    Args:
        words: [V,H], each a half-precision number.
        bias: [V]
    """

    def __init__(self, words: Tensor, bias: Tensor) -> None:
        self._packed = torch.ops.quantized.linear_prepack_fp16(words.detach(), bias.detach())

    @classmethod
    def of(cls, weights: OutputWeights) -> "PackedWords | None":
        """The packed words; None where that would change them, or where this processor has no such product."""
        words = weights.words.detach()
        return cls(words, weights.bias) if can_be_packed(words) else None

    def scores(self, hidden: Tensor) -> Tensor:
        """[...,H] -> [...,V] in float32."""
        rows = hidden.reshape(-1, hidden.shape[-1])
        scores: Tensor = torch.ops.quantized.linear_dynamic_fp16(rows, self._packed)
        return scores.view(*hidden.shape[:-1], -1)


def _target_logs(hidden: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
    """[N] natural logarithms of the probability of each target in one plain softmax."""
    logs = []
    for rows, words in zip(torch.split(hidden, _CHUNK), torch.split(targets, _CHUNK), strict=True):
        scores = functional.linear(rows, weight, bias)
        logs.append(scores.gather(1, words.unsqueeze(1)).squeeze(1) - torch.logsumexp(scores, dim=1))
    return torch.cat(logs)


def _summed_loss(hidden: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
    options = torch.nn.LinearCrossEntropyOptions(batch_chunk_size=_CHUNK)
    return functional.linear_cross_entropy(hidden, weight, targets, linear_bias=bias, reduction="sum", options=options)
