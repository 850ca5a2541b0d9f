"""What would be built, before anything is trained: the planner's choice for a form, and for the run itself."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from rnntui.settings import ModelConfig, TrainConfig

GENTLE = 0.7
"""Share of the usual learning rate for a model that has learned already: more would wash away what it knows. Measured
once, see tests/benchmarks/LOG.md."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What is built from so many words in so many minutes."""

    model: ModelConfig
    config: TrainConfig
    passes: float
    """How often the text is read."""


def planned(
    words: int,
    seconds: float,
    overrides: Mapping[str, object],
    base: ModelConfig | None = None,
    words_per_second: float = 0.0,
) -> Planned:
    """Sizes and rates for a text and a budget.

    Args:
        words: Tokens in the training part.
        seconds: The time budget.
        overrides: Fields of ModelConfig and TrainConfig that the person has set.
        base: The shape of the model to go on from; it is kept, and the steps are smaller.
        words_per_second: How fast this machine trains the planner's reference shape; 0 takes what is usual.

    Raises:
        InputError: If an override does not fit its field.
    """
    from rnntui.lm.planner import USUAL_WORDS_PER_SECOND, plan, relative_cost

    speed = words_per_second or USUAL_WORDS_PER_SECOND
    shape = dataclasses.asdict(base) if base else {}
    model, config = plan(words, seconds, {**overrides, **shape}, speed)
    if base and "learning_rate" not in overrides:
        config = dataclasses.replace(config, learning_rate=GENTLE * config.learning_rate)
    return Planned(model, config, config.budget_seconds * speed / relative_cost(model, config.rows) / max(1, words))
