"""The output layer: from the output of the recurrent layers to the probability of every token. Knows nothing of time.

With many tokens a full softmax costs more than everything else together. Ids are ordered by frequency, so the frequent
ones (the head) are scored at every step together with one score per group of rarer words; a group's own words are
scored only where they are needed; the rarer its words, the larger it may be. The result is a proper distribution over
all words:

    P(word) = P(word in head)                          for a frequent word
    P(word) = P(group) * P(word | group)               for a rarer one

Source: Grave et al. 2017 (adaptive softmax), here with one matrix for all words, so that it can be tied to the
embedding. N = rows, H = hidden size, V = vocabulary size.
"""

import dataclasses
import itertools
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

from rnntui.lm.cells import can_be_packed
from rnntui.settings import ModelConfig

_PLAIN_CHUNK = 128
"""Rows scored at once with all words; the fastest measured on two cores, and the scores stay small."""
_CHUNK = 512
"""The same with groups."""
_LEAST = 1e-37
"""A probability so small has a logarithm; a smaller one counts as much."""
HAS_CHUNKED_LOSS = hasattr(torch.nn, "LinearCrossEntropyOptions")
"""Whether torch has `linear_cross_entropy` in chunks (since 2.13). If not, the loss with groups does it, with none."""
_SCORES_AT_ONCE = 1 << 25
"""Scores that a graphics card holds at once: 128 MiB."""


def group_limits(vocabulary_size: int, config: ModelConfig) -> tuple[int, ...]:
    """Where head and groups end, as ids: the last one is V; one entry means a plain softmax.

    A larger V leaves all limits but the last where they are, so that a model can learn more words.

    Args:
        vocabulary_size: V
        config: `softmax_head` frequent words (0, or anything near V, makes it one plain softmax), then at most
            `softmax_groups` groups, each ending at `softmax_growth` times where it begins; the last one takes the rest.
    """
    if config.softmax_head == 0 or 2 * config.softmax_head >= vocabulary_size:
        return (vocabulary_size,)
    limits = [config.softmax_head]
    while len(limits) < config.softmax_groups:
        limit = round(limits[-1] * config.softmax_growth)
        if limit * 1.25 >= vocabulary_size:
            break
        limits.append(limit)
    return (*limits, vocabulary_size)


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
        if hidden.device.type != "cpu":
            return self.dense_target_log_probabilities(hidden, targets)
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

    def dense_target_log_probabilities(self, hidden: Tensor, targets: Tensor) -> Tensor:
        """As `target_log_probabilities`, with every word scored at every place: what a graphics card does faster.

        It has products in plenty. To wait until it has told which places are in which group would cost more.
        """
        rows = max(1, _SCORES_AT_ONCE // self.limits[-1])
        parts = zip(torch.split(hidden, rows), torch.split(targets, rows), strict=True)
        return torch.cat([self._logs_of_all_scored(*part) for part in parts])

    def _to_bfloat16(self) -> "OutputWeights":
        return dataclasses.replace(self, words=self.words.bfloat16(), groups=self.groups.bfloat16())

    def _logs_of_all_scored(self, hidden: Tensor, targets: Tensor) -> Tensor:
        scores = _scores(hidden, self.words, self.bias)
        own = scores.gather(1, targets.unsqueeze(1)).squeeze(1)
        if len(self.limits) == 1:
            return own - scores.logsumexp(dim=1)
        head, *groups = torch.split(scores, [high - low for low, high in itertools.pairwise((0, *self.limits))], dim=1)
        group_scores = _scores(hidden, self.groups, self.group_bias)
        first = torch.cat((head, group_scores), dim=1).logsumexp(dim=1)
        inside = group_scores - torch.stack([group.logsumexp(dim=1) for group in groups], dim=1)  # [N,G]
        number = torch.bucketize(targets, targets.new_tensor(self.limits[:-1]), right=True)  # 0 in the head
        beside = inside.gather(1, (number - 1).clamp(min=0).unsqueeze(1)).squeeze(1)
        return own - first + torch.where(number > 0, beside, 0.0)

    def loss_nats(
        self, hidden: Tensor, targets: Tensor, scale: float = 1.0, products: torch.dtype = torch.float32
    ) -> Tensor:
        """Summed negative log probability of targets [N] given hidden [N,H], without holding scores [N,V].

        Args:
            hidden: [N,H]
            targets: [N]
            scale: The sum is multiplied by it, at no cost: 1 / N gives the mean.
            products: What is rounded to before it is multiplied with a matrix; the rest stays in float32.
        """
        if hidden.device.type != "cpu":
            scored = self._to_bfloat16() if products == torch.bfloat16 else self
            return -scale * scored.dense_target_log_probabilities(hidden.to(scored.words.dtype), targets).sum()
        if len(self.limits) == 1 and HAS_CHUNKED_LOSS and products == torch.float32:
            options = torch.nn.LinearCrossEntropyOptions(batch_chunk_size=_PLAIN_CHUNK)
            return scale * functional.linear_cross_entropy(
                hidden, self.words, targets, linear_bias=self.bias, reduction="sum", options=options
            )
        loss: Tensor = _GroupedLoss.apply(  # type: ignore[no-untyped-call]
            hidden, self.words, self.bias, self.groups, self.group_bias, targets, self.limits, scale, products
        )
        return loss


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


def _scores(hidden: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Scores in at least float32; to a rounded product the bias is added as it is."""
    if hidden.dtype != bias.dtype:
        return functional.linear(hidden, weight) + bias
    scores = functional.linear(hidden, weight, bias)
    return scores.to(torch.promote_types(scores.dtype, torch.float32))


def _target_logs(hidden: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
    """[N] natural logarithms of the probability of each target in one plain softmax."""
    logs = []
    for rows, words in zip(torch.split(hidden, _PLAIN_CHUNK), torch.split(targets, _PLAIN_CHUNK), strict=True):
        scores = functional.linear(rows, weight, bias)
        logs.append(scores.gather(1, words.unsqueeze(1)).squeeze(1) - torch.logsumexp(scores, dim=1))
    return torch.cat(logs)


class _GroupedLoss(torch.autograd.Function):
    """`OutputWeights.loss_nats`, in parts; the gradients are worked out on the way, each added where it belongs.

    One `functional.linear_cross_entropy` for each group gives the same numbers, but the gradient of each as a tensor of
    its own: putting them together takes a fifth of the time of the whole layer, see tests/benchmarks/LOG.md.
    """

    @staticmethod
    def forward(
        ctx: Any,
        hidden: Tensor,
        words: Tensor,
        bias: Tensor,
        groups: Tensor,
        group_bias: Tensor,
        targets: Tensor,
        limits: tuple[int, ...],
        scale: float,
        products: torch.dtype,
    ) -> Tensor:
        kind = _Sums if products == torch.float32 else _RoundedSums
        sums = kind(hidden, words, bias, scale, wanted=any(ctx.needs_input_grad))
        words, groups = sums.factor(words), sums.factor(groups)
        head = limits[0]
        chunk = _CHUNK if len(limits) > 1 else _PLAIN_CHUNK
        # 0 in the head, else 1 + number of the group
        group = torch.bucketize(targets, targets.new_tensor(limits[:-1]), right=True)
        first = torch.where(group == 0, targets, head + group - 1)
        weight, beside = torch.cat((words[:head], groups)), torch.cat((bias[:head], group_bias))
        to_weight, to_beside = torch.zeros_like(weight, dtype=hidden.dtype), torch.zeros_like(beside)
        for start in range(0, len(hidden), chunk):
            rows = slice(start, start + chunk)
            sums.add(rows, weight, beside, first[rows], to_weight, to_beside)
        for number, (low, high) in enumerate(itertools.pairwise(limits), start=1):
            inside = slice(low, high)
            for places in torch.split((group == number).nonzero().squeeze(1), chunk):
                chosen = targets[places] - low
                sums.add(places, words[inside], bias[inside], chosen, sums.to_words[inside], sums.to_bias[inside])
        if sums.wanted:
            sums.to_words[:head], sums.to_bias[:head] = to_weight[:head], to_beside[:head]
        sums.keep(ctx, to_weight[head:], to_beside[head:])
        return sums.loss

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, above: Tensor) -> tuple[Tensor | None, ...]:
        gradients = ctx.saved_tensors
        if float(above) != 1.0:
            gradients = [gradient * above for gradient in gradients]
        return (*gradients, None, None, None, None)


class _Sums:
    """A loss and its gradients while they add up, softmax by softmax.

    Args:
        hidden: [N,H]
        words: [V,H]
        bias: [V]
        scale: Everything is multiplied by it.
        wanted: Whether there shall be gradients.
    """

    def __init__(self, hidden: Tensor, words: Tensor, bias: Tensor, scale: float, *, wanted: bool) -> None:
        self.loss = hidden.new_zeros(())
        self._hidden, self._scale, self.wanted = hidden, scale, wanted
        self._to_hidden, self.to_words, self.to_bias = (
            torch.zeros_like(part) if wanted else part.detach() for part in (hidden, words, bias)
        )

    def add(
        self, rows: Tensor | slice, weight: Tensor, bias: Tensor, chosen: Tensor, to_weight: Tensor, to_bias: Tensor
    ) -> None:
        """One softmax.

        Args:
            rows: Of hidden, n of them.
            weight: [W,H]
            bias: [W]
            chosen: [n], which of the W words stands there.
            to_weight: [W,H], its gradient, which grows.
            to_bias: [W], likewise.
        """
        read = self._hidden[rows]
        logs = torch.log_softmax(torch.addmm(bias, read, weight.t()), dim=1)
        places = chosen.unsqueeze(1)
        self.loss -= logs.gather(1, places).sum() * self._scale
        if self.wanted:
            errors = logs.exp_().scatter_add_(1, places, logs.new_full((1, 1), -1.0).expand_as(places))
            self._to_hidden[rows] += torch.mm(errors, weight).mul_(self._scale)
            to_weight.addmm_(errors.t(), read, alpha=self._scale)
            to_bias.add_(errors.sum(dim=0), alpha=self._scale)

    def factor(self, matrix: Tensor) -> Tensor:
        """A matrix as it is multiplied."""
        return matrix

    def keep(self, ctx: Any, to_groups: Tensor, to_group_bias: Tensor) -> None:
        """Keep the gradients until they are asked for."""
        if self.wanted:
            ctx.save_for_backward(self._to_hidden, self.to_words, self.to_bias, to_groups, to_group_bias)


class _RoundedSums(_Sums):
    """The same with products in bfloat16: matrices come in it, and what is multiplied with them is rounded to it."""

    def __init__(self, hidden: Tensor, words: Tensor, bias: Tensor, scale: float, *, wanted: bool) -> None:
        super().__init__(hidden, words, bias, scale, wanted=wanted)
        self._hidden = hidden.bfloat16()

    def factor(self, matrix: Tensor) -> Tensor:
        """A matrix as it is multiplied."""
        return matrix.bfloat16()

    def add(
        self, rows: Tensor | slice, weight: Tensor, bias: Tensor, chosen: Tensor, to_weight: Tensor, to_bias: Tensor
    ) -> None:
        """One softmax; the gradients that grow are float32."""
        read = self._hidden[rows]
        shares = torch.softmax(torch.mm(read, weight.t()) + bias, dim=1)
        places = chosen.unsqueeze(1)
        self.loss -= shares.gather(1, places).clamp_min_(_LEAST).log_().sum() * self._scale
        if self.wanted:
            errors = shares.bfloat16()
            errors.scatter_add_(1, places, errors.new_full((1, 1), -1.0).expand_as(places))
            self._to_hidden[rows] += torch.mm(errors, weight).float().mul_(self._scale)
            to_weight.add_(torch.mm(errors.t(), read), alpha=self._scale)
            to_bias.add_(torch.mm(errors.new_ones(1, len(errors)), errors).squeeze(0), alpha=self._scale)
