"""The mean of the weights over the end of a run, where they wander about the place they have found.

Source: Polyak and Juditsky 1992; for language models Merity et al. 2018.
"""

from collections.abc import Mapping

from torch import Tensor, nn

_LAST = 0.2
"""Share of the budget whose weights count."""
_EVERY = 5
"""Steps from one that counts to the next: neighbours hardly differ."""


class TailAverage:
    """Counts the weights of a model in while it is trained.

    Args:
        model: What is trained; it is only read.
    """

    def __init__(self, model: nn.Module) -> None:
        self._model = model
        self._mean: dict[str, Tensor] = {}
        self.count = 0
        """So many steps were counted; 0 where there is no mean."""

    def after_step(self, step: int, fraction: float) -> None:
        """Count this step, if it is one that counts.

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
