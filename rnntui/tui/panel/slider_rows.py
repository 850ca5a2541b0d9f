"""Settings as rows of sliders: what each is called, how its value is written, and where a step leads.

Made from the settings' own fields; knows no widgets.
"""

import dataclasses
from dataclasses import dataclass

from rnntui.config import AppSettings
from rnntui.setting_fields import Slider, facts_of, setting_type, shown_value, word_for
from rnntui.settings import SamplerSettings

_USUAL_STEPS = 20
_FINE_SHARE = 5
_TALL = 3
LABEL_CELLS, VALUE_CELLS = 10, 12
"""Of a row with name, value and bar beside each other."""


@dataclass(frozen=True, slots=True)
class Row:
    """One setting."""

    owner: type
    """The settings dataclass that has it."""
    name: str
    label: str
    """What a person calls it: the words of it that there is room for."""
    help: str
    stops: tuple[object, ...]
    """The values that a step goes through, and the places of the knob; none for what is only locked or free."""
    slider: Slider
    low: float = 0.0
    high: float = 0.0
    step: float = 0.0
    """Between evenly spaced stops; 0 where they are listed."""
    fine: float = 0.0
    """A small step; 0 where there are only the stops."""
    height: int = 1
    """Lines: 1, or 3 with the name, the bar and a scale below each other."""

    def text(self, value: object) -> str:
        """How a value is written."""
        return shown_value(self.owner, self.name, value)

    def move(self, value: object, by: int) -> object:
        """The value so many steps on, or back."""
        if not self.slider.snaps:
            return self._clamp(_number(value) + by * self.step)
        place = self.place(value)
        is_between = value not in self.stops
        if is_between and (_number(self.stops[place]) - _number(value)) * by > 0:
            by = 0  # the nearest stop is already on that side
        return self.stops[max(0, min(len(self.stops) - 1, place + by))]

    def move_finely(self, value: object, by: int) -> object:
        """The value so many small steps on, or back; where there are none, so many steps."""
        return self._clamp(_number(value) + by * self.fine) if self.fine else self.move(value, by)

    def place(self, value: object) -> int:
        """The nearest stop."""
        if value in self.stops:
            return self.stops.index(value)
        wanted, numbers = _number(value), [_number(stop) for stop in self.stops]
        return min(range(len(numbers)), key=lambda at: abs(numbers[at] - wanted))

    def at_share(self, share: float) -> object:
        """The stop at this share of the bar, 0 to 1."""
        return self.stops[max(0, min(len(self.stops) - 1, round(share * (len(self.stops) - 1))))]

    def share(self, value: object) -> float:
        """Where the knob is on the bar, 0 to 1."""
        if self.slider.snaps:
            return self.place(value) / (len(self.stops) - 1)
        return (_number(value) - self.low) / (self.high - self.low)

    def _clamp(self, value: float) -> float:
        return round(max(self.low, min(self.high, value)), 3)


def row_of(owner: type, name: str, height: int = 1) -> Row:
    """The row of one field of a settings dataclass."""
    facts = facts_of(owner, name)
    slider, word = facts["slider"], word_for(owner, name)
    label, about = word if height > 1 else _beginning(word), f"{word}: {facts['help']}."
    if facts["choices"]:
        return Row(owner, name, label, about, facts["choices"], slider, height=height)
    kind, is_optional = setting_type(owner, name)
    if is_optional:
        return Row(owner, name, label, about, (), slider, height=height)
    low, high, step, fine = facts["low"], facts["high"], 0.0, slider.fine or 0.0
    stops = slider.stops
    if not stops:
        step = slider.step or (high - low) / _USUAL_STEPS
        fine = step / _FINE_SHARE if slider.fine is None and kind is float else fine
        stops = _evenly_spaced(low, high if slider.last is None else slider.last, step, kind)
    return Row(owner, name, label, about, stops, slider, low, high, step, fine, height)


def _beginning(words: str) -> str:
    """As many whole words as there is room for beside a bar."""
    while len(words) > LABEL_CELLS and " " in words:
        words = words.rpartition(" ")[0]
    return words[:LABEL_CELLS]


def _evenly_spaced(low: float, last: float, step: float, kind: type) -> tuple[object, ...]:
    values = [round(low + step * number, 3) for number in range(round((last - low) / step) + 1)]
    return tuple(dict.fromkeys(kind(value) for value in values))


def _number(value: object) -> float:
    return float(str(value))


TEMPERATURE = row_of(SamplerSettings, "temperature", _TALL)
PACE = row_of(AppSettings, "pace")
SAMPLER_ROWS = tuple(
    row_of(SamplerSettings, entry.name)
    for entry in dataclasses.fields(SamplerSettings)
    if entry.metadata["slider"].is_in_panel and entry.name != TEMPERATURE.name
)
"""Every setting of the sampler that the panel has room for, the temperature apart."""
