"""What would be built, before anything is trained: the planner's choice for a form, and for the run itself."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from rnntui.setting_fields import changed
from rnntui.settings import ModelConfig, TrainConfig

_CALIBRATING_SECONDS = 1.0
_AROUND_A_WORD = 0.7
"""What reading, counting and measuring a word of the text takes, in words that are trained in that time: *Frankenstein*
took 4 seconds for 86,000 words where 15,500 were trained in one."""
_MOSTLY = 0.9
_LEARNING_AT_LEAST = 0.5
"""Share of the time that is learned whatever the rest takes."""


@dataclass(frozen=True, slots=True)
class PlanPreview:
    """What is built from so many words in so many minutes."""

    model: ModelConfig
    config: TrainConfig
    passes: float
    """How often the text is read in what is left of the time for learning."""
    seconds: float = 0.0
    """How long it takes: less than the budget where so many passes are enough and the rest is given back."""

    @property
    def is_early(self) -> bool:
        """True when passes end it, and not its time."""
        return 0 < self.seconds < _MOSTLY * self.config.budget_seconds


def other_shape(overrides: Mapping[str, object], base: ModelConfig) -> str:
    """The first field that a person has set otherwise than a model has it; empty where there is none."""
    shape = dataclasses.asdict(base)
    return next((name for name in overrides if name in shape and overrides[name] != shape[name]), "")


def preview_plan(
    words: int,
    seconds: float,
    overrides: Mapping[str, object],
    base: ModelConfig | None = None,
    words_per_second: float = 0.0,
    known_share: float = 1.0,
) -> PlanPreview:
    """Sizes and rates for a text and a budget.

    Args:
        words: Tokens in the training part.
        seconds: The time budget.
        overrides: Fields of ModelConfig and TrainConfig that the person has set.
        base: The shape of the model to go on from; it is kept, and the steps are smaller.
        words_per_second: How fast this machine trains the planner's reference shape; 0 takes what is usual.
        known_share: How much of the text that model has entries for, 0 to 1.

    Raises:
        InputError: If an override does not fit its field.
    """
    from rnntui.lm.train.planner import USUAL_TOKENS_PER_SECOND, plan_model, plan_tuning, relative_cost

    speed = words_per_second or USUAL_TOKENS_PER_SECOND
    shape = dataclasses.asdict(base) if base else {}
    model, config = plan_model(words, seconds, {**overrides, **shape}, speed)
    around = _CALIBRATING_SECONDS + _AROUND_A_WORD * words / speed
    learning = max(_LEARNING_AT_LEAST * config.budget_seconds, config.budget_seconds - around)
    passes = learning * speed / relative_cost(model, config.rows) / max(1, words)
    if base:
        gentler = plan_tuning(config, known_share, passes)
        config = changed(config, **{name: value for name, value in gentler.items() if name not in overrides})
    most = min(passes, config.most_passes or passes)
    spent = config.budget_seconds - learning * (1 - most / passes)
    return PlanPreview(model, config, most, spent)
