"""How a run stands by its last events: whether it has ended, and which model it made.

Knows lines; of events only which of them begin and end a run.
"""

import json
import math
from dataclasses import dataclass
from typing import Any

_FAILURE = "Failed"
_ENDINGS = ("RunFinished", _FAILURE)
_PREPARING = "Preparing"
_BEGINNINGS = (_PREPARING, "RunStarted", "RunResumed", "StepLogged")
_INTERRUPTED, _COMPLETE = "interrupted", "budget"
"""Reasons of a `RunFinished`: the trainer was suspended; its time is over."""


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """How a run stands."""

    finished: bool
    is_complete: bool
    """True when nothing is left of its time."""
    has_failed: bool
    model_id: str
    bits_per_character: float = 0.0
    """Of the model on all held-out text; 0 before it was measured."""


def read_outcome(lines: list[str]) -> RunOutcome:
    """How a run stands by its last lines; a resumption that was refused is passed over."""
    finished: bool | None = None
    is_complete = has_failed = is_refused = False
    bits = 0.0
    for line in reversed(lines):
        event = _event(line)
        kind = event.get("event")
        is_refused = event.get("is_refusal") is True or (is_refused and kind == _PREPARING)
        if is_refused:
            continue
        if finished is None and kind in _ENDINGS:
            finished = event.get("reason") != _INTERRUPTED
            is_complete = event.get("reason") == _COMPLETE
            has_failed = kind == _FAILURE
            told = event.get("bits_per_character")
            bits = told if isinstance(told, float) and 0 < told < math.inf else 0.0
        if finished is None and kind in _BEGINNINGS:
            finished = False
        if isinstance(model_id := event.get("model_id"), str) and model_id:
            return RunOutcome(bool(finished), is_complete, has_failed, model_id, bits)
    return RunOutcome(bool(finished), is_complete, has_failed, "", bits)


def _event(line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
