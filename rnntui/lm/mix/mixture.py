"""Network, counting and recent words together: a distribution that is better than each of them.

    P(word) = sum over k of share[k] * P[k](word)       k: the network, counting, what the last words say, and, where a
                                                           model went on from another, what that one had counted

The shares depend on how well both counts and the last words know the present context, through a gate with a few dozen
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

from rnntui.chat_events import WORD_SOURCES
from rnntui.lm.mix.cache_model import (
    CACHE_COMPONENTS,
    LONGEST_MATCH,
    CacheDistribution,
    RecentTokens,
    cache_distribution,
    cache_of_text,
)
from rnntui.lm.mix.count_table import CountTable
from rnntui.lm.mix.ngram import Contexts, KneserNey
from rnntui.lm.train.optimizers import uncompiled

Floats = npt.NDArray[np.float64]

Counting = KneserNey | CountTable
COMPONENTS = WORD_SOURCES
"""What a person is shown; recent words are the sum over the kinds of looking back. The last one only where a model has
it: a mixture of three has no number for it, and is to the bit what it was before there were four."""
CountContexts = tuple[Contexts, ...]
"""Where each counting stands: the own one, then that of the base. Empty where nothing was read."""
_K = 2 + CACHE_COMPONENTS
_RECENT = slice(2, _K)
_LEAST_SHARE_LEFT = 1e-3
_L2 = 1.0
"""Strength with which the gate is held near its start, in words: little text moves it little."""
_L2_TO_INHERITED = 10.0
"""The same where the start is the gate of the model before: 3 and 30 cost up to .001 bits per character."""
_FITTING_ROUNDS = 100


@dataclass(frozen=True, slots=True)
class MixedDistribution:
    """The next word's distribution and where it comes from."""

    log_probabilities: Tensor
    """[V] in float64"""
    parts: tuple[Tensor, ...]
    """share[k] * P[k](word) for each of COMPONENTS that there is, each [V] in float64; they add up to P(word)."""

    def entropy_bits(self) -> float:
        """How unsure the distribution is."""
        probabilities = sum(self.parts[1:], self.parts[0]) if self.parts else self.log_probabilities.exp()
        return -float(torch.dot(probabilities, self.log_probabilities)) / math.log(2)

    def shares(self, word: int) -> tuple[float, ...]:
        """How much of the word's probability came from each of COMPONENTS; they sum to one."""
        weights = [float(part[word]) for part in self.parts]
        return tuple(weight / sum(weights) for weight in weights)


@dataclass(frozen=True, slots=True)
class Gates:
    """Shares for all parts together, and for all but the network."""

    together: Floats
    """[F,K]"""
    without_network: Floats | None = None
    """[F,K]; the column of the network means nothing. It tells what a network is worth: what it has to beat. None where
    it was not fitted, as in models of earlier versions."""


@dataclass(frozen=True, slots=True)
class PartScores:
    """What a mixture gave to the words of a text."""

    logs: Tensor
    """[N] in float64, natural logarithms of the probabilities"""
    logs_without_network: Tensor | None
    """[N], the same of all parts but the network; None where no gate was fitted for them."""
    shares: Floats
    """[P], how much of the words' probability came from each of COMPONENTS that there is, summed over the words."""


class Mixture:
    """Counting and recent words, ready to be mixed with a network.

    Args:
        counting: Fitted on the text that the network learned from.
        gate: [F,K]; the shares are softmax(features gate) over the parts that have something to say.
        base: What the model that this one went on from had counted, in this one's vocabulary; None where there is none.
        gate_without_network: [F,K], the same for the parts without the network; None where it was not fitted.
    """

    def __init__(
        self,
        counting: Counting,
        gate: Floats,
        base: CountTable | None = None,
        gate_without_network: Floats | None = None,
    ) -> None:
        self.counting = counting
        self.gate = gate
        self.base = base
        self.gate_without_network = gate_without_network
        self._counts: tuple[Counting, ...] = (counting,) if base is None else (counting, base)

    def advance(self, contexts: CountContexts, word: int) -> CountContexts:
        """Where each counting stands one word further on."""
        chains = contexts or ((),) * len(self._counts)
        return tuple(counts.advance(chain, word) for counts, chain in zip(self._counts, chains, strict=True))

    def contexts_after(self, ids: Sequence[int]) -> CountContexts:
        """Where each counting stands at the end of a text."""
        return tuple(counts.contexts_after(ids) for counts in self._counts) if ids else ()

    def mix(
        self, network: Tensor, contexts: CountContexts, recent: RecentTokens, own_words: float = 1.0
    ) -> MixedDistribution:
        """Mix the next word's distribution.

        Args:
            network: [V], natural logarithms of the network's probabilities.
            contexts: From `after` for every word so far.
            recent: The same words.
            own_words: How much those of them count that the network said itself, 0 to 1. Shares were fitted on what
                people wrote; what its own words lose all parts gain.
        """
        shares, said, heard = self.component_distributions(contexts, recent, own_words)
        parts = [
            shares[0] * network.double().exp().numpy(),
            shares[1] * said[0],
            heard.distribution(shares[_RECENT].tolist(), said[0].size),
            *(share * counted for share, counted in zip(shares[_K:], said[1:], strict=True)),
        ]
        total = sum(parts[1:], parts[0])
        if own_words != 1.0:
            left = total.sum()
            parts, total = [part / left for part in parts], total / left
        return MixedDistribution(torch.from_numpy(total).log(), tuple(torch.from_numpy(part) for part in parts))

    def component_distributions(
        self, contexts: CountContexts, recent: RecentTokens, own_words: float = 1.0
    ) -> tuple[Floats, list[Floats], CacheDistribution]:
        """How far each part is trusted here [K], and what each counting [V] and the recent words say."""
        chains = contexts or ((),) * len(self._counts)
        said = [counts.distribution(chain) for counts, chain in zip(self._counts, chains, strict=True)]
        heard = cache_distribution(recent.ids(), recent.weights(own_words))
        known = [
            _Known(counts.order, np.array([known_words]), np.array([left_over]))
            for counts, (_, known_words, left_over) in zip(self._counts, said, strict=True)
        ]
        features = _features(known, np.array([heard.evidence]))
        is_open = [True, True, len(recent) > 0, *(number > 0 for number in heard.evidence), *(True for _ in said[1:])]
        return _shares(features @ self.gate, np.array([is_open]))[0], [counted for counted, _, _ in said], heard

    def score(self, ids: Sequence[int], network: Tensor, recent: RecentTokens) -> Tensor:
        """Natural logarithm of the probability of each word of a text [N] in float64, as `mix` gives it.

        Args:
            ids: [N], the text.
            network: [N], natural logarithms of what the network gave to these words.
            recent: The words before the text.
        """
        evidence = _Evidence.gather(self._counts, ids, network, recent)
        return torch.from_numpy(np.log(evidence.mixed(self.gate)))

    def score_parts(self, ids: Sequence[int], network: Tensor, recent: RecentTokens) -> PartScores:
        """As `score`, with what the parts without the network give, and how much came from each part."""
        evidence = _Evidence.gather(self._counts, ids, network, recent)
        parts = evidence.weighted(self.gate)
        total = parts.sum(axis=1)
        shares = (parts / total[:, None]).sum(axis=0)
        named = [*shares[:2], shares[_RECENT].sum(), *shares[_K:]]
        alone = None
        if self.gate_without_network is not None:
            alone = torch.from_numpy(np.log(evidence.without_network().mixed(self.gate_without_network)))
        return PartScores(torch.from_numpy(np.log(total)), alone, np.array(named))


@dataclass(frozen=True, slots=True)
class Inherited:
    """What a model takes over from the mixture of the one that it goes on from."""

    table: CountTable | None
    """What had been counted before, in the vocabulary of the new model; None where nothing of it is kept."""
    gate: Floats | None = None
    """[F,K], where the gate of the new model begins; None begins evenly."""
    words: Tensor | None = None
    """[N], what the model before counted itself, where that went on from another: text of a person's too, which may be
    counted together with the new one. None where it is not kept, or is all that was counted before."""


def fit_gate(
    counting: Counting, ids: Sequence[int], network: Tensor, recent: RecentTokens, inherited: Inherited | None = None
) -> Floats:
    """The gate [F,K] that predicts a text best: maximum likelihood, held near its start by a prior.

    Without an inherited gate the start is even and the prior weak. With one the prior is ten times as strong: a short
    text for tuning says less than the base has seen.

    Args:
        counting: Fitted without this text.
        ids: [N], a text that the network has not learned from either.
        network: [N], natural logarithms of what the network gave to these words.
        recent: The words before the text.
        inherited: From the model before; None where there is none.
    """
    return fit_gates(counting, ids, network, recent, inherited).together


def fit_gates(
    counting: Counting, ids: Sequence[int], network: Tensor, recent: RecentTokens, inherited: Inherited | None = None
) -> Gates:
    """As `fit_gate`, and the gate of all parts but the network: both from one look at the text."""
    base = inherited.table if inherited else None
    counts: tuple[Counting, ...] = (counting,) if base is None else (counting, base)
    orders = [counted.order for counted in counts]
    even = start = starting_gate(*orders)
    pull = _L2
    if inherited and inherited.gate is not None and (begun := _extend_gate(inherited.gate, *orders)) is not None:
        start, pull = begun, _L2_TO_INHERITED
    if not ids:
        return Gates(start, even)
    evidence = _Evidence.gather(counts, ids, network, recent)
    return Gates(_fit(evidence, start, pull), _fit(evidence.without_network(), even, _L2))


def _extend_gate(before: Floats, order: int, base_order: int = 0) -> Floats | None:
    """The gate of a model before, for the parts of the one that goes on from it; None where it does not fit.

    A part that was not there before is trusted as counting was, by how well it knows the context itself; the others
    look at both countings, half as much at each.
    """
    rows, columns = gate_shape(order, base_order)
    if before.shape in ((rows, columns), gate_shape(order, order)) and before.shape[1] >= columns:
        return before[:rows, :columns].copy()
    if before.shape != gate_shape(order) or base_order != order:
        return None
    own, added = slice(1, 1 + order), slice(rows - base_order, rows)
    gate = np.zeros((rows, columns))
    gate[: added.start, :_K] = before
    gate[: added.start, _K] = before[:, 1]
    gate[added, _K] = before[own, 1]
    gate[own, _K] = 0.0
    others = [0, *range(_RECENT.start, _RECENT.stop)]
    gate[own, others] = gate[added, others] = before[own, others] / 2
    return gate


def _fit(evidence: "_Evidence", start: Floats, pull: float) -> Floats:
    """The gate [F,K] under which what stands there is likeliest; the start where that fails."""
    features, parts = torch.from_numpy(evidence.features), torch.from_numpy(evidence.parts)
    closed = torch.from_numpy(np.where(evidence.is_open, 0.0, -math.inf))
    first = torch.from_numpy(start)
    gate = first.clone().requires_grad_()
    optimizer = uncompiled(torch.optim.LBFGS)([gate], max_iter=_FITTING_ROUNDS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        shares = torch.softmax(features @ gate + closed, dim=1)
        value = -(shares * parts).sum(dim=1).log().sum() + pull * (gate - first).square().sum()
        value = value / len(parts)
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    fitted: Floats = gate.detach().numpy()
    return fitted if np.isfinite(fitted).all() else start


def gate_shape(order: int, base_order: int = 0) -> tuple[int, int]:
    """[F,K] for counting with this many words, and with so many in the base; 0 where there is none."""
    return 1 + order + 2 * LONGEST_MATCH + base_order, _K + (base_order > 0)


def starting_gate(order: int, base_order: int = 0) -> Floats:
    """The gate before it is fitted: the network has the largest share, all others are alike."""
    gate = np.zeros(gate_shape(order, base_order))
    gate[0, 0] = 1.0
    return gate


@dataclass(frozen=True, slots=True)
class _Known:
    """How well a counting knows what stands before each word."""

    order: int
    known_words: npt.NDArray[np.int64]
    """[N]"""
    left_over: Floats
    """[N]"""

    def columns(self) -> list[Floats]:
        """Which number of words it knew, and the logarithm of how much they leave over."""
        known = [self.known_words == length for length in range(1, self.order)]
        return [*known, np.log(np.maximum(self.left_over, _LEAST_SHARE_LEFT))]


def _features(known: Sequence[_Known], evidence: Floats) -> Floats:
    """[N,F]: one; how well counting knows the context; which match is longest; how many; how well the base knows it.

    Args:
        known: Of the own counting, then that of the base, if there is one.
        evidence: [N,LONGEST_MATCH]
    """
    longest = (evidence > 0).sum(axis=1)
    columns = [
        np.ones(longest.size),
        *known[0].columns(),
        *(longest == length for length in range(1, LONGEST_MATCH + 1)),
        *np.log1p(evidence).T,
        *(column for counted in known[1:] for column in counted.columns()),
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
    def gather(
        cls, counts: Sequence[Counting], ids: Sequence[int], network: Tensor, recent: RecentTokens
    ) -> "_Evidence":
        before = recent.ids()
        asked, given = torch.tensor(ids), torch.from_numpy(before.astype(np.int64))
        counted = [counting.score(asked, given) for counting in counts]
        known = [
            _Known(counting.order, said.known_words.numpy(), said.left_over.numpy())
            for counting, said in zip(counts, counted, strict=True)
        ]
        text = np.concatenate((before, np.array(ids, dtype=np.int32)))
        heard = cache_of_text(text, before.size)
        probabilities = [said.probability.numpy() for said in counted]
        said_by_network = network.double().exp().numpy()
        parts = np.column_stack((said_by_network, probabilities[0], heard.probabilities, *probabilities[1:]))
        is_open = np.ones(parts.shape, dtype=bool)
        is_open[:, 2] = np.arange(before.size, text.size) > 0
        is_open[:, 3:_K] = heard.evidence > 0
        return cls(_features(known, heard.evidence), parts, is_open)

    def without_network(self) -> "_Evidence":
        """The same of all parts but the network."""
        is_open = self.is_open.copy()
        is_open[:, 0] = False
        return _Evidence(self.features, self.parts, is_open)

    def weighted(self, gate: Floats) -> Floats:
        """What each part adds to the probability of each word [N,K]."""
        scores = (self.features[:, :, None] * gate).sum(axis=1)  # row by row: the last bit depends on nothing else
        weighted: Floats = _shares(scores, self.is_open) * self.parts
        return weighted

    def mixed(self, gate: Floats) -> Floats:
        """The probability of each word [N]."""
        total: Floats = self.weighted(gate).sum(axis=1)
        return total
