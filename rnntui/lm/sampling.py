"""From logits to a token: LOGIT_RULES in order, then a sample with a given coin. Knows nothing of states or text.

A rule is a function and a line in LOGIT_RULES; what it is set by is a field of `settings.SamplerSettings`.

Every rule takes and returns scores [V] in float64: logarithms of probabilities that need not sum to one, minus infinity
for a word that is cut. At least one word is left; all rules but the first two and `keep_typical` keep the likeliest.
V = vocabulary size.
"""

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rnntui.lm.repetition import RepeatedRun
from rnntui.settings import SamplerSettings

REPETITION_WINDOW = 64
"""The repetition penalty looks back this many words."""
_NUCLEUS_GUESS = 512
"""The nucleus is looked for among so many likeliest words first."""
_LOOP_BASE = 2.0
_STEEPEST_QUOTE, _STEEPEST_LOOP = 3.0, 16.0
"""A run that came once costs no more than one that is so many words too long: people quote. Else it may cost all."""
_COLDEST = 0.02
"""Temperatures between 0 and this are drawn at this: the power would overflow."""


@dataclass(frozen=True, slots=True)
class RuleContext:
    """What a rule may look at."""

    settings: SamplerSettings
    recent_ids: tuple[int, ...] = ()
    """The words before, newest last."""
    banned_ids: tuple[int, ...] = ()
    """Tokens that must not be sampled, whatever their probability."""
    known_next: Tensor | None = None
    """[V], what may come next so that no word is invented; None where words may be."""
    repeated_run: RepeatedRun | None = None
    """Which tokens would repeat a run of earlier ones; None where the loop penalty is off."""


LogitRule = Callable[[Tensor, RuleContext], Tensor]


def ban(logits: Tensor, context: RuleContext) -> Tensor:
    """Cut the words that must never be said, such as `<unk>`."""
    if not context.banned_ids:
        return logits
    return logits.index_fill(0, torch.tensor(context.banned_ids), -math.inf)


def keep_known_words(logits: Tensor, context: RuleContext) -> Tensor:
    """Cut what would make a word that nobody ever wrote, unless nothing else is left."""
    if context.known_next is None:
        return logits
    kept = logits.masked_fill(~context.known_next, -math.inf)
    return kept if float(kept.max()) > -math.inf else logits


def penalise_repetition(logits: Tensor, context: RuleContext) -> Tensor:
    """Raise the probability of recent words to the power of the penalty.

    Source: Keskar et al. 2019 (CTRL), on log probabilities instead of scores, so that no arbitrary constant matters.
    """
    penalty = context.settings.repetition_penalty
    recent = sorted(set(context.recent_ids[-REPETITION_WINDOW:]))
    if penalty == 1.0 or not recent:
        return logits
    where = torch.tensor(recent)
    logs = torch.log_softmax(logits, dim=0)
    return logs.index_put((where,), logs[where] * penalty)


def penalise_loops(logits: Tensor, context: RuleContext) -> Tensor:
    """Lower what would repeat a run of more words than may come back: by penalty * 2 ** (words too many) nats.

    Source: the DRY sampler of text-generation-webui.
    """
    found, penalty = context.repeated_run, context.settings.loop_penalty
    if found is None or penalty == 0.0:
        return logits
    too_many = found.lengths - context.settings.loop_length
    is_loop = too_many > 0
    if not is_loop.any():
        return logits
    where = torch.from_numpy(found.words[is_loop].astype(np.int64))
    steepest = np.where(found.came_often[is_loop], _STEEPEST_LOOP, _STEEPEST_QUOTE)
    nats = penalty * _LOOP_BASE ** np.minimum(too_many[is_loop], steepest)
    return logits.index_add(0, where, -torch.from_numpy(nats))


def apply_temperature(logits: Tensor, context: RuleContext) -> Tensor:
    """Divide by the temperature: below 1 sharpens, above 1 flattens; 0 keeps the likeliest word alone.

    Source: Ackley, Hinton and Sejnowski 1985.
    """
    temperature = context.settings.temperature
    if temperature == 0.0:
        return _only(logits, logits.argmax())
    return (logits - logits.max()) / max(temperature, _COLDEST)


def keep_top_k(logits: Tensor, context: RuleContext) -> Tensor:
    """Keep the K likeliest words.  Source: Fan et al. 2018."""
    k = context.settings.top_k
    if k == 0 or k >= logits.numel():
        return logits
    kept = torch.topk(logits, k)
    return torch.full_like(logits, -math.inf).scatter(0, kept.indices, kept.values)


def keep_typical(logits: Tensor, context: RuleContext) -> Tensor:
    """Keep the words whose surprise is nearest to the expected one and that together reach probability P.

    Source: Meister et al. 2023, "locally typical sampling". The likeliest word may be among those that are cut.
    """
    share = context.settings.typical_p
    if share >= 1.0:
        return logits
    chances = torch.softmax(logits, dim=0)
    distance = (-chances.log() - entropy_nats(chances)).abs()
    order = torch.from_numpy(np.argsort(distance.numpy(), kind="stable"))
    reached = torch.cumsum(chances[order], dim=0)
    kept = order[: int((reached < share).sum()) + 1]
    return torch.full_like(logits, -math.inf).scatter(0, kept, logits[kept])


def keep_top_p(logits: Tensor, context: RuleContext) -> Tensor:
    """Keep the likeliest words that together reach probability P (the nucleus).  Source: Holtzman et al. 2020."""
    share = context.settings.top_p
    if share >= 1.0:
        return logits
    chances = torch.softmax(logits, dim=0)
    best = torch.topk(chances, min(_NUCLEUS_GUESS, chances.numel()))  # sorting all words takes much longer
    inside = torch.cumsum(best.values, dim=0) - best.values < share
    inside[0] = True
    kept = best.indices[inside] if not inside[-1] else _nucleus(chances, share)
    return torch.full_like(logits, -math.inf).scatter(0, kept, logits[kept])


def _nucleus(chances: Tensor, share: float) -> Tensor:
    """The likeliest words that together reach a share; of equally likely ones at its edge the first ones."""
    falling = torch.from_numpy(np.sort(chances.numpy())[::-1].copy())  # numpy sorts numbers 7 times as fast
    count = max(1, int((torch.cumsum(falling, dim=0) - falling < share).sum()))
    least = falling[count - 1]
    above = (chances > least).nonzero().squeeze(1)
    at_edge = (chances == least).nonzero().squeeze(1)
    return torch.cat((above, at_edge[: count - above.numel()]))


def keep_min_p(logits: Tensor, context: RuleContext) -> Tensor:
    """Drop words less likely than a share of the likeliest word.  Source: Nguyen et al. 2024."""
    if context.settings.min_p == 0.0:
        return logits
    floor = logits.max() + math.log(context.settings.min_p)
    return logits.masked_fill(logits < floor, -math.inf)


def keep_above_eta(logits: Tensor, context: RuleContext) -> Tensor:
    """Drop words less likely than eta; where the words are many and alike, than the root of eta times exp(-entropy).

    Source: Hewitt et al. 2022, "truncation sampling as desmoothing", equation 5.
    """
    eta = context.settings.eta
    if eta == 0.0:
        return logits
    logs = torch.log_softmax(logits, dim=0)
    floor = min(math.log(eta), 0.5 * math.log(eta) - entropy_nats(logs.exp()))
    return logits.masked_fill((logs < floor) & (logits < logits.max()), -math.inf)


LOGIT_RULES: dict[str, LogitRule] = {
    "ban": ban,
    "spelling": keep_known_words,
    "repetition_penalty": penalise_repetition,
    "loop_penalty": penalise_loops,
    "temperature": apply_temperature,
    "top_k": keep_top_k,
    "typical_p": keep_typical,
    "top_p": keep_top_p,
    "min_p": keep_min_p,
    "eta": keep_above_eta,
}


def entropy_nats(chances: Tensor) -> float:
    """Entropy of a distribution [V], natural logarithm; zeros count nothing."""
    return float(-torch.special.xlogy(chances, chances).sum())


def openness(chances: Tensor) -> float:
    """The same in bits: so many equally likely words as 2 to this power would be as open."""
    return abs(entropy_nats(chances)) / math.log(2)


def filtered_probabilities(logits: Tensor, context: RuleContext) -> Tensor:
    """Probabilities [V] after all rules; they sum to one.

    Args:
        logits: [V], any scores below infinity, in any floating type.
        context: Settings and the words before.

    Raises:
        FloatingPointError: If a score is not a number, or every possible word is banned, so that nothing can be drawn.
    """
    scores = logits.double()
    if not math.isfinite(float(scores.max())):  # one that is not a number is the maximum
        raise FloatingPointError("the network's scores are not numbers")
    for rule in LOGIT_RULES.values():
        scores = rule(scores, context)
    if not float(scores.max()) > -math.inf:
        raise FloatingPointError("no word may be said")
    return torch.softmax(scores, dim=0)


def find_cuts(logits: Tensor, context: RuleContext, words: Sequence[int]) -> tuple[str, ...]:
    """Which rule is the first that cuts each of some words, by its name in LOGIT_RULES; "" where none does.

    Args:
        logits: [V], as for `filtered_probabilities`.
        context: Settings and the words before.
        words: Tokens, in any order.
    """
    where = torch.tensor(words, dtype=torch.long)
    scores, cuts = logits.double(), [""] * len(words)
    for name, rule in LOGIT_RULES.items():
        scores = rule(scores, context)
        gone = torch.isneginf(scores[where]).tolist()
        cuts = [cut or (name if is_gone else "") for cut, is_gone in zip(cuts, gone, strict=True)]
    return tuple(cuts)


def sample(probabilities: Tensor, coin: float) -> int:
    """The token in whose share of [0,1) the coin falls; never one with probability zero.

    Args:
        probabilities: [V], summing to one.
        coin: At least 0 and less than 1.
    """
    cumulative = torch.cumsum(probabilities, dim=0)
    target = torch.tensor(coin * float(cumulative[-1]), dtype=cumulative.dtype)
    word = int(torch.searchsorted(cumulative, target, right=True))
    if word < probabilities.numel() and probabilities[word] > 0:
        return word
    return int(probabilities.nonzero()[-1])  # rounding at the very end of the interval


def coin(seed: int, position: int, draft: int = 0) -> float:
    """A number in [0,1) that depends on the seed, the position and the draft, and on nothing else.

    So undoing, retrying and branching cannot change any later sample. Draft 0 is what is sampled without drafts.
    """
    thrown = f"{seed}:{position}:{draft}" if draft else f"{seed}:{position}"
    digest = hashlib.blake2b(thrown.encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "little") >> 11) * 2.0**-53


def _only(logits: Tensor, word: Tensor) -> Tensor:
    return torch.full_like(logits, -math.inf).index_fill(0, word.reshape(1), 0.0)
