"""What is multiplied while a run trains: tried at the shape that is planned, because what is faster depends on it.

What was taken stands in the plan, so that going on needs no trying.
"""

import dataclasses
from collections.abc import Generator
from typing import TYPE_CHECKING

from rnntui.events import TrainEvent
from rnntui.records import TrainRequest
from rnntui.service.pipeline.plan_preview import PlanPreview, preview_plan
from rnntui.service.prepare.data_prep import report_speed
from rnntui.settings import ModelConfig

if TYPE_CHECKING:
    from rnntui.lm.hardware.calibration import Trial

_LONGEST_SECONDS = 1.0
_SHARE = 1 / 120
"""Of a run's time that goes into the trial, as long as that is not more than the second above."""
_WORTH_TRYING = 60.0
"""Seconds: a shorter run would be over before it has gained what trying takes."""


def plan_with_trial(
    way: "Trial", request: TrainRequest, words: int, base: ModelConfig | None, known_share: float = 1.0
) -> Generator[TrainEvent, None, tuple[PlanPreview, float]]:
    """Sizes and rates for so many words in the time that was asked for, and the words per second they go by.

    Where products in bfloat16 are faster for the planned shape and teach the same, the plan is made again for a machine
    that is faster by so much.

    Args:
        way: How training is fastest here, in the surest arithmetic unless another was asked for.
        request: What the person asked for.
        words: Tokens in the training part.
        base: The shape of the model to go on from; None begins with nothing.
        known_share: How much of the text that model has entries for, 0 to 1.
    """
    from rnntui.lm.hardware.calibration import arithmetics, best_trial_steps, trial_steps

    made = _plan(way, request, words, base, known_share)
    budget = 60.0 * request.minutes
    if "arithmetic" in request.overrides or budget < _WORTH_TRYING:
        return made, way.words_per_second
    alone = dataclasses.replace(way.candidate, processes=1)
    ways = [dataclasses.replace(alone, arithmetic=name) for name in arithmetics(alone.device)]
    if len(ways) == 1:
        return made, way.words_per_second
    seconds = min(_LONGEST_SECONDS, _SHARE * budget)
    trials = yield from report_speed(trial_steps(ways, made.model, made.config.rows, seconds))
    if not trials[0].words_per_second:  # no memory for all rows at once: the run finds its own
        return made, way.words_per_second
    best = yield from report_speed(best_trial_steps(trials, made.model))
    faster = dataclasses.replace(
        way,
        candidate=dataclasses.replace(way.candidate, arithmetic=best.candidate.arithmetic),
        words_per_second=way.words_per_second * best.words_per_second / trials[0].words_per_second,
    )
    return _plan(faster, request, words, base, known_share), faster.words_per_second


def _plan(way: "Trial", request: TrainRequest, words: int, base: ModelConfig | None, known_share: float) -> PlanPreview:
    taken = {name: getattr(way.candidate, name) for name in ("device", "processes", "arithmetic")}
    return preview_plan(
        words, 60.0 * request.minutes, {**request.overrides, **taken}, base, way.words_per_second, known_share
    )
