"""What a run is given: text, settings and weights to begin with, and the hand that is kept on it while it runs."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from rnntui.lm.hardware.ranks import SingleProcess
from rnntui.lm.mix.mixture import Inherited
from rnntui.lm.mix.mixture_fit import tokens_to_count
from rnntui.lm.tokens.corpus import PreparedText, TrainingText
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.lm.train.budget import StepClock
from rnntui.settings import ModelConfig, TrainConfig


@dataclass(frozen=True, slots=True)
class TrainerInputs:
    """What a run learns, and with what it begins."""

    text: TrainingText | PreparedText
    """Training, tuning and validation text, cleaned."""
    tokenizer: Tokenizer
    """Made from the training part."""
    model_config: ModelConfig
    """Sizes."""
    config: TrainConfig
    """Budget, learning rate and so on."""
    name: str = "model"
    """What the model will be called."""
    weights: Mapping[str, Tensor] | None = None
    """To begin with, by their PyTorch names; None initialises them at random."""
    looks_for_copies: bool = False
    """Whether it is looked at afterwards how much the model copies, which takes a part of the time."""
    first_new_entry: int = 0
    """Entries from this one on were unknown to the weights to begin with; 0 where none was."""
    inherited: Inherited | None = None
    """From the mixture of the model that this one goes on from; None for none."""


def _never_extend(_recorded_times: int) -> float:
    return 0.0


@dataclass(frozen=True, slots=True)
class RunControl:
    """What a run is told from outside while it runs, and by what it measures time."""

    poll: Callable[[], str] = lambda: "run"
    """Asked between steps: "run", "pause", "stop" (evaluates and keeps the best weights) or "suspend" (ends at once,
    for going on later). While it is asked, the state of the trainer may be asked."""
    extra_seconds: Callable[[int], float] = _never_extend
    """Added to the budget so far; asked between steps and told how many times of the step clock were used."""
    clock: Callable[[], float] = time.monotonic
    """Seconds that only rise."""
    step_clock: StepClock | None = None
    """Times of the steps that are recorded already, and where new ones are recorded; None measures all with `clock`."""
    began: float | None = None
    """What `clock` said when preparing began, which is paid from the budget; None where it took no time."""
    ranks: SingleProcess = field(default_factory=SingleProcess)
    """The processes that learn together, of which this one leads."""


@dataclass(frozen=True, slots=True)
class TrainingData:
    """A text as token ids, cut into its parts."""

    training: Tensor
    """[N], what is learned from."""
    tuning: Tensor
    """[M], what weights and the shares of the mixture are chosen by; may be empty."""
    validation: Tensor
    """What is held out, for the figures."""
    vocabulary_size: int
    training_nats_to_bits: float
    """Nats per token of the training part times this are bits per character."""
    nats_to_bits: float
    """The same for the validation part."""

    @classmethod
    def encode(cls, text: TrainingText | PreparedText, tokenizer: Tokenizer) -> "TrainingData":
        """Read a text with a tokenizer."""
        training = text.numbers(tokenizer)
        tuning, validation = (
            torch.tensor(tokenizer.encode(part), dtype=torch.long) for part in (text.tuning, text.validation)
        )
        return cls(
            training,
            tuning,
            validation,
            len(tokenizer),
            _bits_per_character(training, text.training_characters),
            _bits_per_character(validation, len(text.validation)),
        )

    @property
    def counted_ids(self) -> Tensor:
        """The tokens that counting learns from: the training part and the text for tuning, the last of them."""
        return tokens_to_count(self.training, self.tuning)

    @property
    def token_counts(self) -> Tensor:
        """[V], how often each entry occurs in the training part."""
        return torch.bincount(self.training, minlength=self.vocabulary_size)


def _bits_per_character(ids: Tensor, characters: int) -> float:
    """Of one nat per token."""
    return ids.numel() / (math.log(2) * max(1, characters))
