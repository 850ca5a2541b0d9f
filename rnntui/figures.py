"""What the lab shows: tables, bars, curves and coloured words as plain values; the terminal and the screen draw them.

A station turns its result into figures once, and both fronts show the same facts. Text in them may be foreign: who
draws it makes it visible.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any

SURPRISE_LIMITS = (1.0, 3.0, 6.0, 10.0)
"""Bits: where the bands of surprise end, and the next ones begin."""


def surprise_band(bits: float) -> int:
    """0 for what was as good as certain, up to 4 for what was hardly to be expected."""
    return bisect_right(SURPRISE_LIMITS, bits)


@dataclass(frozen=True, slots=True)
class Note:
    """A paragraph."""

    text: str
    role: str = ""
    """Empty for plain text, "muted" for an aside, "warning" for what limits the figures."""


@dataclass(frozen=True, slots=True)
class Table:
    """Columns that line up; columns of numbers go to the right."""

    title: str
    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a bar chart."""

    label: str
    value: float
    shown: str
    """The value as it is to be read."""
    second: float | None = None
    """Another value for the same label, drawn below the first; None when there is none."""
    second_shown: str = ""


@dataclass(frozen=True, slots=True)
class Bars:
    """Horizontal bars on one scale, from zero."""

    title: str
    bars: tuple[Bar, ...]
    full: float | None = None
    """The value that fills the width; None takes the largest."""


@dataclass(frozen=True, slots=True)
class Series:
    """Points of one curve; its mark tells it apart without colour."""

    name: str
    mark: str
    points: tuple[tuple[float, float], ...]
    """(x, y), x rising."""
    errors: tuple[float, ...] = ()
    """Half the length of each point's error bar; empty for none."""


@dataclass(frozen=True, slots=True)
class Chart:
    """Curves over one axis."""

    title: str
    series: tuple[Series, ...]
    x_label: str
    y_label: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Heatmap:
    """One row of small marks per word: numbers from -1 to 1, one per unit."""

    title: str
    rows: tuple[tuple[str, tuple[float, ...], str], ...]
    """(label, numbers, remark)"""


@dataclass(frozen=True, slots=True)
class HighlightedText:
    """A text whose words carry a value from -1 to 1."""

    title: str
    words: tuple[tuple[str, float], ...]
    """(piece with its leading space, value)"""


@dataclass(frozen=True, slots=True)
class Check:
    """A claim that was tested just now."""

    claim: str
    holds: bool
    figure: str
    """What was measured."""


Figure = Note | Table | Bars | Chart | Heatmap | HighlightedText | Check


@dataclass(frozen=True, slots=True)
class Progress:
    """A station is still at work."""

    fraction: float
    """0 to 1."""
    what: str
    figures: tuple[Figure, ...] = ()
    """What can be shown already; it replaces what was shown before."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A station is done."""

    result: Any
    """A frozen dataclass of numbers and text: what `--json` prints."""
    figures: tuple[Figure, ...]
    seed: int
    seconds: float = 0.0
    process_seconds: float = 0.0
    """Processor time of the whole program meanwhile: what it would take on a machine that does nothing else."""
    next_prompt: str = ""
    """The prompt with the word that was drawn, for going on step by step; empty when the station does not draw."""
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Values that a field of the question can take with this model, by name of the field."""
    model: str = ""
    """What the model is called in which it was found."""


LabEvent = Progress | Finding
