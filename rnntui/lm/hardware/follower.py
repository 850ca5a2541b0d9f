"""A process that takes the steps that rank 0 announces: it knows neither the text nor the time, see `ranks`."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import torch

from rnntui.errors import TrainingError
from rnntui.lm.hardware.allocator import keep_freed_memory
from rnntui.lm.hardware.devices import open_device
from rnntui.lm.hardware.ranks import BEGIN, END, GATHER, RESTORE, STEP, Ranks
from rnntui.lm.model import HiddenState, WordRNN
from rnntui.lm.train.batches import Batch
from rnntui.lm.train.learner import Learner
from rnntui.lm.train.train_state import TrainState, add_prefix, carried_state, merge
from rnntui.setting_fields import from_mapping
from rnntui.settings import ModelConfig, TrainConfig


def follow(ranks: Ranks) -> None:
    """Do what rank 0 announces until it ends.

    Raises:
        ProcessLostError: If another process has ended.
    """
    with keep_freed_memory():
        _follow(ranks)
    ranks.end()


def _follow(ranks: Ranks) -> None:
    follower: _Follower | None = None
    while (message := ranks.receive()).kind != END:
        if message.kind == BEGIN:
            follower = _Follower(message.state().facts, ranks)
        if follower is None:
            raise TrainingError("The first process of a run has not said what to learn.", "Start the training again.")
        if message.kind in (BEGIN, RESTORE):
            follower.restore(message.state())
        if message.kind == BEGIN:
            follower.learner.join()
        if message.kind == STEP:
            follower.step(message.batch(follower.config.rows), message.rate)
        if message.kind == GATHER:
            follower.give_state()


def begin_together(learner: Learner, carried: HiddenState | None = None, *, is_new: bool = True) -> None:
    """Let the other processes have what this one has, so that all take the same steps from here.

    Args:
        learner: Network and optimizer; where its process is alone, nothing happens.
        carried: The hidden state of all rows.
        is_new: True for a network that the others do not know yet.
    """
    if learner.ranks.count == 1:
        return
    learner.ranks.begin(_shared_state(learner, carried), is_new=is_new)
    if is_new:
        learner.join()


def _shared_state(learner: Learner, carried: HiddenState | None) -> TrainState:
    model = learner.model
    facts = {
        "vocabulary_size": model.vocabulary_size,
        "model": dataclasses.asdict(model.config),
        "config": dataclasses.asdict(learner.config),
    }
    return merge((learner.state(), TrainState(add_prefix("carried", carried.parts if carried else {}), facts)))


class _Follower:
    def __init__(self, facts: Mapping[str, Any], ranks: Ranks) -> None:
        self.config = from_mapping(TrainConfig, facts["config"])
        if self.config.threads:
            torch.set_num_threads(self.config.threads)
        self._ranks = ranks
        model = WordRNN(from_mapping(ModelConfig, facts["model"]), facts["vocabulary_size"])
        model.to(open_device(self.config.device))
        self.learner = Learner(model, self.config, torch.Generator(), ranks)
        self._carried: HiddenState | None = None

    def restore(self, state: TrainState) -> None:
        model = self.learner.model
        self.learner.restore(state)
        carried = self._ranks.select_own(carried_state(state, model.config))
        self._carried = carried.to(model.device) if carried else None

    def step(self, batch: Batch, rate: float) -> None:
        learned = self.learner.step(batch, self._carried, rate)
        self._carried = learned.state if learned else None

    def give_state(self) -> None:
        """Send the hidden state of the own rows to rank 0."""
        if self._carried is not None:
            self._ranks.send_own(self._carried)
