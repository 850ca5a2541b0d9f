"""One step of learning: predict a window, compare, go back, change the weights. Knows no clock and no schedule.

T = time steps, B = batch size (rows), V = vocabulary size.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rnntui.lm.hardware.ranks import SingleProcess
from rnntui.lm.model import HiddenState, WordRNN
from rnntui.lm.train.batches import Batch
from rnntui.lm.train.optimizers import new_optimizer, optimizer_tensors, possible_tensors, set_optimizer
from rnntui.lm.train.regularization import Regularization
from rnntui.lm.train.train_state import TrainState, add_prefix, remove_prefix
from rnntui.settings import TrainConfig

_EXPLODED = 3.0
"""A loss so many times that of pure guessing has exploded.  Source: Karpathy's char-rnn, which gives up there."""


class TeacherForcing(nn.Module):
    """The loss of a window whose true tokens are always read, whatever was predicted.

    Source: Williams and Zipser 1989.

    Args:
        model: The network.
        regularization: Its dropout.
        rows: Of the whole window, of which this process may read a share.
        processes: That read the others.
        products: What is rounded to before it is multiplied with a matrix.
    """

    def __init__(
        self,
        model: WordRNN,
        regularization: Regularization,
        rows: int,
        processes: int = 1,
        products: torch.dtype = torch.float32,
    ) -> None:
        super().__init__()
        self.model = model
        self._regularization = regularization
        self._rows = rows
        self._processes = processes
        self._products = products

    def forward(self, inputs: Tensor, targets: Tensor, state: HiddenState | None) -> tuple[Tensor, HiddenState]:
        """Mean loss in nats per token, and the hidden state after the window.

        Of several processes each gives its part of it, times their number: the mean of what they give is the loss of
        the whole window, and so it is with gradients, however many rows each has.

        Args:
            inputs: [T,B]
            targets: [T,B]
            state: The hidden state before it; None for zeros.
        """
        model, regularization = self.model, self._regularization
        vectors = regularization.locked_dropout(regularization.embedding_dropout(model.embedding(inputs), inputs))
        weights = regularization.weight_drop(model.recurrent)
        hidden, after = model.forward_embeddings(vectors, state, weights, self._products)
        hidden = regularization.locked_dropout(hidden).flatten(0, 1)
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
    """The hidden state after the window, cut off from the gradient."""


class Learner:
    """A network with its optimizer.

    Args:
        model: The network; its weights change with each step.
        config: Batch size, optimizer, clipping and dropout.
        rng: Where all randomness comes from; each of several processes draws for all rows.
        ranks: The processes that learn together.
    """

    def __init__(
        self, model: WordRNN, config: TrainConfig, rng: torch.Generator, ranks: SingleProcess | None = None
    ) -> None:
        self.model = model
        self.rng = rng
        self.ranks = ranks or SingleProcess()
        self.use(config)
        self.optimizer = new_optimizer(config, list(model.parameters()))

    def use(self, config: TrainConfig) -> None:
        """Read in other rows from the next step on; the weights, and what the optimizer remembers, stay."""
        self.config = config
        self._own_rows = self.ranks.own_rows(config.rows)
        self._regularization = Regularization(config, self.model.vocabulary_size, self.rng, self._own_rows)
        products = getattr(torch, config.arithmetic)
        self._forcing: nn.Module = TeacherForcing(
            self.model, self._regularization, config.rows, self.ranks.count, products
        )

    def join(self) -> None:
        """From now on gradients are those of all processes; each of them does this at the same time, once."""
        self._forcing = self.ranks.average_gradients(self._forcing)

    def step(self, batch: Batch, state: HiddenState | None, learning_rate: float) -> Learned | None:
        """Learn from a window; None, and the weights as they were, where the numbers explode.

        Args:
            batch: The window, all rows of it.
            state: The hidden state of this process's rows, from the window before.
            learning_rate: How far the weights may move.
        """
        self.model.train()
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        batch = batch.select(self._own_rows).to(self.model.device)
        own_loss, after = self._forcing(batch.inputs, batch.targets, self._regularization.random_state_reset(state))
        self.optimizer.zero_grad(set_to_none=True)
        with self.ranks.collective():
            own_loss.backward()
        loss = self.ranks.mean(own_loss.detach())
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.config.clip_norm)
        nats, length = torch.stack((loss, norm)).tolist()  # both at once: a graphics card is waited for
        if not math.isfinite(length) or not nats < _EXPLODED * math.log(self.model.vocabulary_size):
            return None
        self.optimizer.step()
        return Learned(loss, length, after.detach())

    def forget(self) -> None:
        """Let the optimizer begin anew: the weights have jumped."""
        self.optimizer.state.clear()

    def state(self) -> TrainState:
        """Weights, what the optimizer remembers of them, and where the random numbers stand."""
        weights = add_prefix("model", self.model.state_dict())
        remembered = optimizer_tensors(self.optimizer, self._names())
        return TrainState({**weights, **remembered, "dice": self.rng.get_state()}, {})

    def possible_state(self) -> TrainState:
        """The same, with all that the optimizer may remember."""
        now, possible = self.state(), possible_tensors(self.config.optimizer, self._names())
        return TrainState({**possible, **now.tensors}, now.facts)

    def restore(self, state: TrainState) -> None:
        """Go on from there."""
        self.model.load_state_dict(remove_prefix("model", state.tensors))
        set_optimizer(self.optimizer, self._names(), state.tensors)
        self.rng.set_state(state.tensors["dice"])

    def _names(self) -> dict[Tensor, str]:
        """What each weight is called."""
        return {weight: name for name, weight in self.model.named_parameters()}
