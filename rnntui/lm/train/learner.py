"""One step of learning: read a window, be told how wrong it was, change the weights. Knows no clock and no schedule.

T = time steps, B = rows, V = vocabulary size.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rnntui.lm.hardware.ranks import Alone
from rnntui.lm.model import HiddenState, WordRNN
from rnntui.lm.train.batches import Batch
from rnntui.lm.train.optimizers import adamw
from rnntui.lm.train.regularization import Regularization
from rnntui.settings import TrainConfig

_EXPLODED = 3.0
"""A loss so many times that of pure guessing has exploded.  Source: Karpathy's char-rnn, which gives up there."""


class TeacherForcing(nn.Module):
    """The loss of a window whose true words are always read, whatever was forecast.  Source: Williams and Zipser 1989.

    Args:
        model: The network.
        silencing: What it does not see.
        rows: Of the whole window, of which this process may read a share.
        processes: That read the others.
        products: What is rounded to before it is multiplied with a matrix.
    """

    def __init__(
        self,
        model: WordRNN,
        silencing: Regularization,
        rows: int,
        processes: int = 1,
        products: torch.dtype = torch.float32,
    ) -> None:
        super().__init__()
        self.model = model
        self._silencing = silencing
        self._rows = rows
        self._processes = processes
        self._products = products

    def forward(self, inputs: Tensor, targets: Tensor, state: HiddenState | None) -> tuple[Tensor, HiddenState]:
        """Mean loss in nats per token, and the memory after the window.

        Of several processes each gives its part of it, times their number: the mean of what they give is the loss of
        the whole window, and so it is with gradients, however many rows each has.

        Args:
            inputs: [T,B]
            targets: [T,B]
            state: The memory before it; None for an empty one.
        """
        model, silencing = self.model, self._silencing
        vectors = silencing.masked(silencing.without_words(model.embedding(inputs), inputs))
        thinned = silencing.thinned_weights(model.recurrent)
        hidden, after = model.read_vectors(vectors, state, thinned, self._products)
        hidden = silencing.masked(hidden).flatten(0, 1)
        scale = self._processes / (len(targets) * self._rows)
        return model.loss_nats(hidden, targets.flatten(), scale, self._products), after


@dataclass(frozen=True, slots=True)
class Learned:
    """What a step came to."""

    loss: Tensor
    """Mean nats per token; no gradient hangs on it."""
    norm: float
    """Of the gradient, before it was clipped."""
    state: HiddenState
    """The memory after the window, cut off from the gradient."""


class Learner:
    """A network with its optimizer.

    Args:
        model: The network; its weights change with each step.
        config: Rows, rates, clipping and what is silenced.
        dice: Where all randomness comes from; each of several processes rolls them for all rows.
        ranks: The processes that learn together.
    """

    def __init__(self, model: WordRNN, config: TrainConfig, dice: torch.Generator, ranks: Alone | None = None) -> None:
        self.model = model
        self._dice = dice
        self._ranks = ranks or Alone()
        self.read_as(config)
        self.optimizer = _new_optimizer(model, config)

    def read_as(self, config: TrainConfig) -> None:
        """Read in other rows from the next step on; what was learned, and the optimizer, stay."""
        self._config = config
        self._own = self._ranks.rows(config.rows)
        self._silencing = Regularization(config, self.model.vocabulary_size, self._dice, self._own)
        products = getattr(torch, config.arithmetic)
        self._forcing: nn.Module = TeacherForcing(self.model, self._silencing, config.rows, self._ranks.count, products)

    def join(self) -> None:
        """From now on gradients are those of all processes; each of them does this at the same time, once."""
        self._forcing = self._ranks.averaging(self._forcing)

    def names(self) -> dict[Tensor, str]:
        """What each weight is called."""
        return {weight: name for name, weight in self.model.named_parameters()}

    def step(self, batch: Batch, state: HiddenState | None, rate: float) -> Learned | None:
        """Learn from a window; None, and the weights as they were, where the numbers explode.

        Args:
            batch: The window, all rows of it.
            state: The memory that was carried to this process's rows.
            rate: How far the weights may move.
        """
        self.model.train()
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        batch = batch.of(self._own).on(self.model.device)
        part, after = self._forcing(batch.inputs, batch.targets, self._silencing.with_fresh_starts(state))
        self.optimizer.zero_grad(set_to_none=True)
        with self._ranks.together():
            part.backward()
        loss = self._ranks.mean(part.detach())
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self._config.clip_norm)
        nats, length = torch.stack((loss, norm)).tolist()  # both at once: a graphics card is waited for
        if not math.isfinite(length) or not nats < _EXPLODED * math.log(self.model.vocabulary_size):
            return None
        self.optimizer.step()
        return Learned(loss, length, after.detached())


def _new_optimizer(model: WordRNN, config: TrainConfig) -> torch.optim.Optimizer:
    matrices = [weight for weight in model.parameters() if weight.dim() > 1]
    vectors = [weight for weight in model.parameters() if weight.dim() == 1]
    groups = [
        {"params": matrices, "weight_decay": config.weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    return adamw(groups, config.learning_rate)
