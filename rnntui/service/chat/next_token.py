"""What is likely at one place of the text: the distribution there, and how settings would reshape it.

The distribution of the place that was inspected last is kept, so that another temperature or cut asks nothing of the
network. Knows nothing of turns.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rnntui.events import Alternative
from rnntui.settings import SamplerSettings

if TYPE_CHECKING:
    from torch import Tensor

    from rnntui.lm.generator import Generator, GeneratorState
    from rnntui.lm.mix.mixture import MixedDistribution


@dataclass(frozen=True, slots=True)
class NextTokenDistribution:
    """The words that may come at one place, and the one that did."""

    entropy_bits: float
    """Of the distribution before any rule."""
    alternatives: tuple[Alternative, ...]
    logprob: float = 0.0
    rank: int = 0
    """0 when no word was asked about."""
    shares: tuple[float, ...] = ()
    drawable_bits: float = 0.0
    """Of the distribution after all rules."""


AS_READ = SamplerSettings(own_words=1.0)
"""How what a person writes is expected: all parts speak, and all words before count alike."""


class NextTokenInspector:
    """Asks a generator for what may come at the place where its memory stands."""

    def __init__(self) -> None:
        self._place: tuple[GeneratorState, tuple[str, float]] | None = None
        self._blend: MixedDistribution | None = None

    def inspect(
        self,
        generator: "Generator",
        sampler: SamplerSettings,
        scored_with: SamplerSettings,
        count: int,
        token: int | None = None,
        begins: str = "",
    ) -> NextTokenDistribution:
        """What is likely after the generator's memory.

        Args:
            generator: Its memory is not moved.
            sampler: The rules that would cut and reshape.
            scored_with: Which components share the distribution: as when a word was sampled, or AS_READ.
            count: How many words are listed.
            token: A word to tell the probability of; None for none.
            begins: List only words that begin like this, whatever their capitals; empty lists the likeliest.
        """
        import torch

        from rnntui.lm.sampling import filtered_probabilities, find_cuts, openness

        blend = self._distribution(generator, scored_with)
        logs = blend.log_probabilities
        context = generator.context(sampler)
        chances = filtered_probabilities(logs, context)
        best = torch.topk(logs, min(count, logs.numel())).indices.tolist()
        if begins:
            best = _find_beginning(generator, logs, begins, count)
        alternatives, entropy = generator.alternatives(best, logs, chances), blend.entropy_bits()
        if not all(entry.drawable for entry in alternatives):
            cuts = find_cuts(logs, context, best)
            alternatives = tuple(replace(entry, cut_by=cut) for entry, cut in zip(alternatives, cuts, strict=True))
        drawable = openness(chances)
        if token is None:
            return NextTokenDistribution(entropy, alternatives, drawable_bits=drawable)
        shares = blend.shares(token) if blend.parts else ()
        return NextTokenDistribution(
            entropy, alternatives, float(logs[token]), int((logs > logs[token]).sum()) + 1, shares, drawable
        )

    def _distribution(self, generator: "Generator", scored_with: SamplerSettings) -> "MixedDistribution":
        known, way = self._place, (scored_with.voice, scored_with.own_words)
        if self._blend is None or known is None or known[0] is not generator.memory or known[1] != way:
            self._place, self._blend = (generator.memory, way), generator.distribution(*way)
        return self._blend


def follow_unit(generator: "Generator", ids: Sequence[int], unit: int) -> tuple[float, ...]:
    """The output of one unit of the top layer after each of these tokens; the memory is as before afterwards."""
    before, read = generator.memory, generator.tokens_read
    passed: list[GeneratorState] = []
    try:
        generator.feed(ids, passed=passed)
    finally:
        generator.memory = before
        generator.tokens_read = read
    return tuple(memory.state.top_units()[unit] for memory in passed)


def _find_beginning(generator: "Generator", logs: "Tensor", begins: str, count: int) -> list[int]:
    """The likeliest words of the whole vocabulary that begin like this, whatever their quotes, spaced or not."""
    from rnntui.lm.text.typography import straighten_quotes

    wanted = straighten_quotes(begins.strip().casefold())
    tokenizer = generator.tokenizer
    fitting = [
        word
        for word in range(len(tokenizer))
        if not tokenizer.is_continuation(word)
        and straighten_quotes(tokenizer.piece(word).strip().casefold()).startswith(wanted)
    ]
    return sorted(fitting, key=lambda word: -float(logs[word]))[:count]
