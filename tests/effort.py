"""How hard the tests that try things at random try: a little by default, `RNNTUI_EFFORT=8` for a night."""

import os

VARIABLE = "RNNTUI_EFFORT"
QUICK = 0.3
"""Of the examples that a test names: enough to meet a fault of the usual kind in a run of the suite."""


def examples(whole: int, least: int = 10) -> int:
    """How many of `whole` examples to try here; at least `least`, or all where there are fewer."""
    effort = float(os.environ.get(VARIABLE, QUICK))
    return max(min(least, whole), round(effort * whole))
