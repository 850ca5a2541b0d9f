"""What the last steps came to, told about once a second."""

import math

import torch
from torch import Tensor

from rnntui.events import StepLogged
from rnntui.lm.train.batches import TextReader
from rnntui.lm.train.budget import Budget
from rnntui.lm.train.learner import Learned
from rnntui.lm.train.train_state import TrainState
from rnntui.settings import TrainConfig

_REPORT_SECONDS = 1.0


class StepLog:
    """Counts steps, and sums up those since the last report.

    Args:
        reader: Knows how much was read.
        budget: Knows the time.
        nats_to_bits: Nats per token of the training part times this are bits per character.

    Attributes:
        steps: Taken so far, those that exploded included.
    """

    def __init__(self, reader: TextReader, budget: Budget, nats_to_bits: float) -> None:
        self._reader = reader
        self._budget = budget
        self._nats_to_bits = nats_to_bits
        self._losses: list[Tensor] = []  # as tensors: to read a number of a graphics card is to wait for it
        self._norm = 0.0
        self._clipped = 0
        self._rate = 0.0
        self._reported_at = 0.0
        self._reported_step = 0
        self.steps = 0

    @property
    def is_due(self) -> bool:
        """Whether the last report is a second old."""
        return self._budget.elapsed - self._reported_at >= _REPORT_SECONDS

    @property
    def is_empty(self) -> bool:
        """Whether there was no step since the last report, or none but such that exploded."""
        return not self._losses

    def add(self, learned: Learned | None, learning_rate: float, clip_norm: float) -> None:
        """Count a step; None for one that exploded."""
        self.steps += 1
        self._rate = learning_rate
        if learned is None:
            return
        self._norm = learned.norm
        self._clipped += learned.norm > clip_norm
        self._losses.append(learned.loss)

    def report(self, config: TrainConfig) -> StepLogged:
        """Sum up the steps since the last report.

        Args:
            config: The settings of the run, with the batch size of now.
        """
        budget, reader = self._budget, self._reader
        loss = float(torch.stack(self._losses).mean()) if self._losses else math.nan
        steps, seconds = self.steps - self._reported_step, max(budget.elapsed - self._reported_at, 1e-9)
        clipped, self._clipped = self._clipped, 0
        self._losses.clear()
        self._reported_at, self._reported_step = budget.elapsed, self.steps
        return StepLogged(
            step=self.steps,
            words=reader.tokens_read,
            seconds=budget.all_seconds,
            eta_seconds=budget.seconds_left,
            words_per_second=steps * config.rows * config.bptt_length / seconds,
            loss_nats=loss,
            bits_per_character=loss * self._nats_to_bits,
            learning_rate=self._rate,
            gradient_norm=self._norm,
            passes=reader.passes,
            fraction=min(1.0, budget.fraction),
            clipped_share=clipped / max(1, steps),
        )

    def state(self) -> TrainState:
        """What a run needs to go on from here."""
        losses = {"losses": torch.stack(self._losses)} if self._losses else {}
        facts = {
            "step": self.steps,
            "norm": self._norm,
            "clipped": self._clipped,
            "rate": self._rate,
            "reported_at": self._reported_at,
            "reported_step": self._reported_step,
        }
        return TrainState(losses, facts)

    def restore(self, state: TrainState, device: torch.device) -> None:
        """Go on from there.

        Args:
            state: Of the run.
            device: On which losses are worked out.
        """
        facts = state.facts
        self.steps, self._norm, self._clipped, self._rate = (
            facts[name] for name in ("step", "norm", "clipped", "rate")
        )
        self._reported_at, self._reported_step = facts["reported_at"], facts["reported_step"]
        self._losses = list(state.tensors["losses"].to(device)) if "losses" in state.tensors else []
