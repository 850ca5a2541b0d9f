"""What a network does not see while it learns, so that it learns the language and not the text by heart.

Every draw is made on the processor and taken to where the network is, so that a seed silences the same on every device.
T = time steps, B = rows, b = those of them that this process has,
E = embedding size.
"""

import torch
from torch import Tensor, nn

from rnntui.lm.model import HiddenState
from rnntui.settings import TrainConfig

_FRESH_START = 0.02
"""Chance for each row to start a window with an empty memory. Every conversation begins with one; a network that has
never met it again after its first step speaks badly there."""


class Regularization:
    """Draws what is silenced in a step.

    Args:
        config: Its rows and the three shares of what is silenced.
        vocabulary_size: V
        dice: Where every draw comes from, in the order of the calls.
        own: The rows of this process; it draws for all of them, so that several processes draw what one would.
    """

    def __init__(
        self, config: TrainConfig, vocabulary_size: int, dice: torch.Generator, own: slice | None = None
    ) -> None:
        self._config = config
        self._vocabulary_size = vocabulary_size
        self._dice = dice
        self._own = own or slice(0, config.rows)

    def with_fresh_starts(self, state: HiddenState | None) -> HiddenState | None:
        """The carried memory, emptied in a few rows."""
        if state is None:
            return None
        kept = torch.empty(self._config.rows).bernoulli_(1.0 - _FRESH_START, generator=self._dice)
        return state.scaled(kept[self._own].to(state.device))

    def masked(self, values: Tensor) -> Tensor:
        """Locked dropout: one mask per row for all T; values [T,b,n].  Source: Gal and Ghahramani 2016."""
        if self._config.dropout == 0.0:
            return values
        keep = 1.0 - self._config.dropout
        mask = torch.empty(1, self._config.rows, values.shape[2]).bernoulli_(keep, generator=self._dice)
        return values * (mask[:, self._own] / keep).to(values.device)

    def without_words(self, vectors: Tensor, inputs: Tensor) -> Tensor:
        """Zero vectors for a share of the vocabulary, the same words everywhere.  Source: Gal and Ghahramani 2016.

        Args:
            vectors: [T,b,E]
            inputs: [T,b], the words they stand for.
        """
        if self._config.word_dropout == 0.0:
            return vectors
        keep = 1.0 - self._config.word_dropout
        kept = torch.empty(self._vocabulary_size, 1).bernoulli_(keep, generator=self._dice)
        return vectors * (kept / keep).to(vectors.device)[inputs]

    def thinned_weights(self, recurrent: nn.Module) -> dict[str, Tensor]:
        """Weights from memory to memory with a share of them silenced, by name.  Source: Merity et al. 2018."""
        if self._config.recurrent_dropout == 0.0:
            return {}
        keep = 1.0 - self._config.recurrent_dropout
        thinned = {}
        for name, weight in recurrent.named_parameters():
            if name.startswith("weight_hh"):
                mask = torch.empty(weight.shape).bernoulli_(keep, generator=self._dice)
                thinned[name] = weight * (mask / keep).to(weight.device)
        return thinned
