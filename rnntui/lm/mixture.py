"""Network, counting and recent words together: a distribution that is better than each of them.

    P(word) = sum over k of share[k] * P[k](word)       k: the network, counting, and what the last words say

The shares depend on how well counting and the last words know the present context, through a gate with a few dozen
numbers. It is fitted on a slice of text that neither network nor counts have seen. All parts are pure functions of the
words so far and of the network's memory, so a conversation stays rewindable.
Sources: Jelinek and Mercer 1980 (interpolation), Jacobs et al. 1991 (gate). N = words, K = parts, F = features.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from rnntui.lm.count_table import CountTable
from rnntui.lm.ngram import Contexts, CountingModel
from rnntui.lm.optimizers import uncompiled
from rnntui.lm.recent import COMPONENTS, LONGEST_MATCH, Echo, RecentWords, echo, echo_of_text

Floats = npt.NDArray[np.float64]

Counting = CountingModel | CountTable
PARTS = ("network", "counting", "recent words")
"""What a person is shown; the last one is the sum over the kinds of looking back."""
_K = 2 + COMPONENTS
_LEAST_SHARE_LEFT = 1e-3
_PULL = 1.0
"""Strength with which the gate is held near its start, in words: little text moves it little."""
_FITTING_ROUNDS = 100


@dataclass(frozen=True, slots=True)
class Blend:
    """The next word's distribution and where it comes from."""

    log_probabilities: Tensor
    """[V] in float64"""
    parts: tuple[Tensor, ...]
    """share[k] * P[k](word) for network, counting and recent words, each [V] in float64; they add up to P(word)."""

    def entropy_bits(self) -> float:
        """How unsure the distribution is."""
        probabilities = sum(self.parts[1:], self.parts[0]) if self.parts else self.log_probabilities.exp()
        return -float(torch.dot(probabilities, self.log_probabilities)) / math.log(2)

    def shares(self, word: int) -> tuple[float, ...]:
        """How much of the word's probability came from each of PARTS; they sum to one."""
        weights = [float(part[word]) for part in self.parts]
        return tuple(weight / sum(weights) for weight in weights)


class Mixture:
    """Counting and recent words, ready to be mixed with a network.

    Args:
        counting: Fitted on the text that the network learned from.
        gate: [F,K]; the shares are softmax(features gate) over the parts that have something to say.
    """

    def __init__(self, counting: Counting, gate: Floats) -> None:
        self.counting = counting
        self.gate = gate

    def blend(self, network: Tensor, contexts: Contexts, recent: RecentWords) -> Blend:
        """Mix the next word's distribution.

        Args:
            network: [V], natural logarithms of the network's probabilities.
            contexts: From `CountingModel.after` for every word so far.
            recent: The same words.
        """
        shares, counted, heard = self.opinions(contexts, recent)
        parts = (
            shares[0] * network.double().exp().numpy(),
            shares[1] * counted,
            heard.distribution(shares[2:].tolist(), counted.size),
        )
        total = parts[0] + parts[1] + parts[2]
        return Blend(torch.from_numpy(total).log(), tuple(torch.from_numpy(part) for part in parts))

    def opinions(self, contexts: Contexts, recent: RecentWords) -> tuple[Floats, Floats, Echo]:
        """How far each part is trusted here [K], and what counting [V] and the recent words say."""
        counted, known_words, left_over = self.counting.distribution(contexts)
        heard = echo(recent.ids())
        evidence = np.array([heard.evidence])
        features = _features(self.counting.order, np.array([known_words]), np.array([left_over]), evidence)
        is_open = [True, True, len(recent) > 0, *(number > 0 for number in heard.evidence)]
        return _shares(features @ self.gate, np.array([is_open]))[0], counted, heard

    def score(self, ids: Sequence[int], network: Tensor, recent: RecentWords) -> Tensor:
        """Natural logarithm of the probability of each word of a text [N] in float64, as `blend` gives it.

        Args:
            ids: [N], the text.
            network: [N], natural logarithms of what the network gave to these words.
            recent: The words before the text.
        """
        evidence = _Evidence.gather(self.counting, ids, network, recent)
        return torch.from_numpy(np.log(evidence.mixed(self.gate)))


def fitted_gate(counting: Counting, ids: Sequence[int], network: Tensor, recent: RecentWords) -> Floats:
    """The gate [F,K] that predicts a text best: maximum likelihood, held near an even start by a weak prior.

    Args:
        counting: Fitted without this text.
        ids: [N], a text that the network has not learned from either.
        network: [N], natural logarithms of what the network gave to these words.
        recent: The words before the text.
    """
    start = starting_gate(counting.order)
    if not ids:
        return start
    evidence = _Evidence.gather(counting, ids, network, recent)
    features, parts = torch.from_numpy(evidence.features), torch.from_numpy(evidence.parts)
    closed = torch.from_numpy(np.where(evidence.is_open, 0.0, -math.inf))
    first = torch.from_numpy(start)
    gate = first.clone().requires_grad_()
    optimizer = uncompiled(torch.optim.LBFGS)([gate], max_iter=_FITTING_ROUNDS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        shares = torch.softmax(features @ gate + closed, dim=1)
        value = -(shares * parts).sum(dim=1).log().sum() + _PULL * (gate - first).square().sum()
        value = value / len(ids)
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    fitted: Floats = gate.detach().numpy()
    return fitted if np.isfinite(fitted).all() else start


def gate_shape(order: int) -> tuple[int, int]:
    """[F,K] for counting with this many words."""
    return 1 + (order - 1) + 1 + LONGEST_MATCH + LONGEST_MATCH, _K


def starting_gate(order: int) -> Floats:
    """The gate before it is fitted: the network has the largest share, all others are alike."""
    gate = np.zeros(gate_shape(order))
    gate[0, 0] = 1.0
    return gate


def _features(order: int, known_words: npt.NDArray[np.int64], left_over: Floats, evidence: Floats) -> Floats:
    """[N,F]: one; which number of words counting knew; how much they leave over; which match is longest; how many.

    Args:
        order: Of the counting.
        known_words: [N]
        left_over: [N]
        evidence: [N,LONGEST_MATCH]
    """
    longest = (evidence > 0).sum(axis=1)
    columns = [
        np.ones(known_words.size),
        *(known_words == length for length in range(1, order)),
        np.log(np.maximum(left_over, _LEAST_SHARE_LEFT)),
        *(longest == length for length in range(1, LONGEST_MATCH + 1)),
        *np.log1p(evidence).T,
    ]
    return np.column_stack(columns).astype(np.float64, copy=False)


def _shares(scores: Floats, is_open: npt.NDArray[np.bool_]) -> Floats:
    """Softmax over the parts that have something to say; both arguments [N,K]."""
    scores = np.where(is_open, scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Floats = weights / weights.sum(axis=1, keepdims=True)
    return shares


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What all parts say of the words of a text."""

    features: Floats
    """[N,F]"""
    parts: Floats
    """[N,K]"""
    is_open: npt.NDArray[np.bool_]
    """[N,K]"""

    @classmethod
    def gather(cls, counting: Counting, ids: Sequence[int], network: Tensor, recent: RecentWords) -> "_Evidence":
        before = recent.ids()
        counted = counting.counted(torch.tensor(ids), torch.from_numpy(before.astype(np.int64)))
        text = np.concatenate((before, np.array(ids, dtype=np.int32)))
        heard = echo_of_text(text, before.size)
        features = _features(counting.order, counted.known_words.numpy(), counted.left_over.numpy(), heard.evidence)
        given = network.double().exp().numpy(), counted.probability.numpy()
        parts = np.column_stack((*given, heard.probabilities))
        is_open = np.ones((len(ids), _K), dtype=bool)
        is_open[:, 2] = np.arange(before.size, text.size) > 0
        is_open[:, 3:] = heard.evidence > 0
        return cls(features, parts, is_open)

    def mixed(self, gate: Floats) -> Floats:
        """The probability of each word [N]."""
        scores = (self.features[:, :, None] * gate).sum(axis=1)  # row by row: the last bit depends on nothing else
        total: Floats = (_shares(scores, self.is_open) * self.parts).sum(axis=1)
        return total
