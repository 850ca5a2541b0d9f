"""What happens when in a budget: how fast to learn, and when to look at the held-out text."""

_WARM_UP = 0.02
"""Share of the budget in which the learning rate rises."""
_EARLY_LOOKS = (0.03, 0.1)
_LOOKS = 10
_LOOKS_WHEN_SHORT = 6
_SHORT_SECONDS = 120


def learning_rate_share(fraction: float) -> float:
    """Share of the full learning rate when this fraction of the budget is spent: up quickly, then a line down to zero.

    Source: Li et al. 2019, budgeted training: a line to zero at the end of the budget does best at any budget.
    """
    if fraction < _WARM_UP:
        return max(fraction, _WARM_UP / 20) / _WARM_UP
    return max(0.0, (1.0 - fraction) / (1.0 - _WARM_UP))


def evaluation_times(budget_seconds: float) -> list[float]:
    """When to look at the held-out text, in seconds: early at first, then evenly; seldom when every second counts."""
    count = _LOOKS_WHEN_SHORT if budget_seconds < _SHORT_SECONDS else _LOOKS
    return [share * budget_seconds for share in (*_EARLY_LOOKS, *(number / count for number in range(2, count)))]
