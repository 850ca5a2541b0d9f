"""Means of weights: over the end of a run, where they wander about the place they have found, and with the beginning.

Sources: Polyak and Juditsky 1992, for language models Merity et al. 2018; Wortsman et al. 2022, for what was gone on
from.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence

from torch import Tensor, nn

_LAST = 0.2
"""Share of the budget whose weights count."""
_EVERY = 5
"""Steps from one that counts to the next: neighbours hardly differ."""

SHARES_OF_THE_NEW = (0.3, 0.4, 0.5, 0.6, 0.7, 0.85, 1.0)
"""Shares of the learned weights that are tried; the rest is that of the weights to begin with."""
_BY_ENTRY = ("embedding.weight", "output_words", "output_bias")
_AS_GOOD = 1.001
"""Of two shares that do nearly as well on the text for tuning the smaller one forgets less."""


def nearest_to_base(
    base: Mapping[str, Tensor],
    candidates: Sequence[Mapping[str, Tensor]],
    loss: Callable[[Mapping[str, Tensor]], float],
    fresh_from: int = 0,
) -> dict[str, Tensor]:
    """Weights on the straight lines from a base to what was learned from there: the nearest to it of the best.

    What has gone too far to be the best itself may lie on the best line.

    Args:
        base: Weights by name.
        candidates: What was learned, at least one; likewise.
        loss: Of such weights, on text that nobody has learned from.
        fresh_from: Entries from this one on are new, and stay as they were learned; 0 where none is.
    """

    def interpolate(learned: Mapping[str, Tensor], share: float) -> dict[str, Tensor]:
        weights = {name: base[name].to(weight.device).lerp(weight, share) for name, weight in learned.items()}
        for name in _BY_ENTRY if fresh_from else ():
            if name in weights:
                weights[name][fresh_from:] = learned[name][fresh_from:]
        return weights

    lines = list(itertools.product(SHARES_OF_THE_NEW, range(len(candidates))))
    losses = {(share, number): loss(interpolate(candidates[number], share)) for share, number in lines}
    least = min(losses.values())
    share, number = min((share, number) for (share, number), found in losses.items() if found <= _AS_GOOD * least)
    return interpolate(candidates[number], share)


class TailAverage:
    """The mean of the last weights of a run.

    Args:
        model: What is trained; it is only read.
    """

    def __init__(self, model: nn.Module) -> None:
        self._model = model
        self._mean: dict[str, Tensor] = {}
        self.count = 0
        """So many steps were counted; 0 where there is no mean."""

    def after_step(self, step: int, fraction: float) -> None:
        """Add the weights to the mean, if this step is one that counts.

        Args:
            step: Its number.
            fraction: Share of the budget that is spent; a budget that grew may put it back before the end.
        """
        if fraction < 1.0 - _LAST:
            self.forget()
        elif step % _EVERY == 0:
            self._add()

    def forget(self) -> None:
        """Begin anew; the weights have jumped."""
        self._mean, self.count = {}, 0

    def weights(self) -> dict[str, Tensor]:
        """The mean so far, by PyTorch names; empty where nothing was counted."""
        return {name: mean.clone() for name, mean in self._mean.items()}

    def restore(self, mean: Mapping[str, Tensor], count: int) -> None:
        """Go on from a mean of so many steps."""
        weights = self._model.state_dict()
        self._mean = {name: tensor.to(weights[name].device, copy=True) for name, tensor in mean.items()}
        self.count = count

    def _add(self) -> None:
        self.count += 1
        for name, weight in self._model.state_dict().items():
            if self.count == 1:
                self._mean[name] = weight.detach().clone()
            else:
                self._mean[name].lerp_(weight.detach(), 1.0 / self.count)
