"""Dropout in its forms for recurrent networks, so that a network learns the language and not the text by heart.

Every random number is drawn on the processor and sent to where the network is, so that a seed drops the same on every
device. T = time steps, B = batch size (rows), b = those of them that this process has, E = embedding size.
"""

import torch
from torch import Tensor, nn

from rnntui.lm.model import HiddenState
from rnntui.settings import TrainConfig

_RESET = 0.02
"""Chance for each row to start a window with a hidden state of zeros. Every conversation begins with one; a network
that has never met it again after its first step speaks badly there."""


class Regularization:
    """Draws what is dropped in a step.

    Args:
        config: Its rows and the three shares of what is dropped.
        vocabulary_size: V
        rng: Where every random number comes from, in the order of the calls.
        own_rows: Those of this process; it draws for all rows, so that several processes draw what one would.
    """

    def __init__(
        self, config: TrainConfig, vocabulary_size: int, rng: torch.Generator, own_rows: slice | None = None
    ) -> None:
        self._config = config
        self._vocabulary_size = vocabulary_size
        self._rng = rng
        self._own_rows = own_rows or slice(0, config.rows)

    def random_state_reset(self, state: HiddenState | None) -> HiddenState | None:
        """The hidden state, set to zeros in a few rows."""
        if state is None:
            return None
        kept = torch.empty(self._config.rows).bernoulli_(1.0 - _RESET, generator=self._rng)
        return state.scale_rows(kept[self._own_rows].to(state.device))

    def locked_dropout(self, values: Tensor) -> Tensor:
        """One mask per row for all T; values [T,b,n].  Source: Gal and Ghahramani 2016."""
        if self._config.dropout == 0.0:
            return values
        keep = 1.0 - self._config.dropout
        mask = torch.empty(1, self._config.rows, values.shape[2]).bernoulli_(keep, generator=self._rng)
        return values * (mask[:, self._own_rows] / keep).to(values.device)

    def embedding_dropout(self, vectors: Tensor, inputs: Tensor) -> Tensor:
        """Zero vectors for a share of the vocabulary, the same entries everywhere.  Source: Gal and Ghahramani 2016.

        Args:
            vectors: [T,b,E]
            inputs: [T,b], the tokens they stand for.
        """
        if self._config.word_dropout == 0.0:
            return vectors
        keep = 1.0 - self._config.word_dropout
        kept = torch.empty(self._vocabulary_size, 1).bernoulli_(keep, generator=self._rng)
        return vectors * (kept / keep).to(vectors.device)[inputs]

    def weight_drop(self, recurrent: nn.Module) -> dict[str, Tensor]:
        """Recurrent weights with a share of them dropped, by name.  Source: Merity et al. 2018."""
        if self._config.recurrent_dropout == 0.0:
            return {}
        keep = 1.0 - self._config.recurrent_dropout
        dropped = {}
        for name, weight in recurrent.named_parameters():
            if name.startswith("weight_hh"):
                mask = torch.empty(weight.shape).bernoulli_(keep, generator=self._rng)
                dropped[name] = weight * (mask / keep).to(weight.device)
        return dropped
