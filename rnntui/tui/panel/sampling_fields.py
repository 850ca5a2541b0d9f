"""Every setting of the draw but the temperature, a row each: keys, digits, clicks, drags and the wheel move them.

It shows values and posts the wish for others; the screen decides. What is wished is a change of the value as it is when
the wish is heard: of several keys at once the later ones come before the value is shown again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from rnntui.config import AppSettings
from rnntui.errors import InputError
from rnntui.settings import SPELLINGS, STOP_RULES, VOICES, SamplerSettings, checked_value
from rnntui.tui.actions import bindings_for

PACES = (2.0, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 0.0)
"""Words per second; the last one is as fast as they come."""
_LABEL_CELLS = 9
_VALUE_CELLS = 10


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    label: str
    owner: type
    stops: tuple[object, ...]
    """The values that the arrow keys walk through, and the places of the knob."""
    shown: Callable[[object], str]
    fine: float = 0.0
    """Step with Shift; 0 where there are only the stops."""

    def stepped(self, value: object, by: int) -> object:
        """The next stop, or the one before."""
        place = self.place(value)
        is_between = value not in self.stops
        if is_between and (float(str(self.stops[place])) - float(str(value))) * by > 0:
            by = 0  # the nearest stop is already on that side
        return self.stops[max(0, min(len(self.stops) - 1, place + by))]

    def moved(self, value: object, by: int) -> object:
        """A small step away."""
        low, high = float(str(self.stops[0])), 1.0 if self.name == "min_p" else float(str(self.stops[-1]))
        return round(max(low, min(high, float(str(value)) + by * self.fine)), 3)

    def place(self, value: object) -> int:
        """The nearest stop."""
        if value in self.stops:
            return self.stops.index(value)
        numbers = [float(str(stop)) for stop in self.stops]
        wanted = float(str(value))
        return min(range(len(numbers)), key=lambda at: abs(numbers[at] - wanted))


def _steps(low: float, high: float, step: float) -> tuple[object, ...]:
    return tuple(round(low + step * number, 3) for number in range(round((high - low) / step) + 1))


_ROWS = (
    _Row("top_k", "top-k", SamplerSettings, (1, 2, 5, 10, 20, 40, 100, 200, 500, 1000, 0),
         lambda v: f"{v:,}" if v else "all"),
    _Row("top_p", "top-p", SamplerSettings, _steps(0.0, 1.0, 0.05), lambda v: f"{v:g}" if v != 1 else "all", 0.01),
    _Row("min_p", "min-p", SamplerSettings, _steps(0.0, 0.5, 0.02), lambda v: f"{v:g}" if v else "off", 0.005),
    _Row("repetition_penalty", "repeat", SamplerSettings, _steps(1.0, 2.0, 0.05),
         lambda v: f"{v:g}" if v != 1 else "as it is", 0.01),
    _Row("loop_penalty", "loops", SamplerSettings, (0.0, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0),
         lambda v: f"{v:g}" if v else "as it is", 0.05),
    _Row("voice", "voice", SamplerSettings, VOICES, str),
    _Row("spelling", "spelling", SamplerSettings, SPELLINGS, str),
    _Row("max_words", "length", SamplerSettings, (10, 20, 40, 80, 160, 320, 1000, 10_000), lambda v: f"{v:,} words"),
    _Row("stop", "stop rule", SamplerSettings, STOP_RULES, str),
    _Row("drafts", "drafts", SamplerSettings, (1, 2, 3, 4, 6, 8, 12, 16),
         lambda v: f"best of {v}" if v != 1 else "one"),
    _Row("seed", "seed", SamplerSettings, (None,), str),
    _Row("pace", "pace", AppSettings, PACES, lambda v: f"{v:g} w/s" if v else "full"),
)  # fmt: skip


class SamplingFields(Widget, can_focus=True):
    """Rows of name, value and slider."""

    DEFAULT_CSS = """
    SamplingFields {
        height: 12;
        & > .fields--name { color: $text-muted; }
        & > .fields--value { color: $foreground; }
        & > .fields--filled { color: $primary; }
        & > .fields--rest { color: $text-disabled; }
        & > .fields--here { color: $text-accent; text-style: bold; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "fields--name",
        "fields--value",
        "fields--filled",
        "fields--rest",
        "fields--here",
    }
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("sampling")
    HELP = (
        "How the next word is drawn. Up and down choose a row, left and right move its value, with Shift in small "
        "steps; or type a number and press Enter. On the seed, Enter locks the dice or frees them."
    )

    class MemoryChoice(Message):
        """The person wants another value."""

        def __init__(self, name: str, change: Callable[[object], object]) -> None:
            self.name = name
            self.change = change
            """The value that is wanted instead of the one as it is now."""
            super().__init__()

    class RequestRefused(Message):
        """What was typed does not fit."""

        def __init__(self, problem: InputError) -> None:
            self.problem = problem
            super().__init__()

    class Done(Message):
        """The person is finished here."""

    class Escaped(Message):
        """Esc was pressed; what was typed is dropped."""

        def __init__(self, had_typed: bool) -> None:
            self.had_typed = had_typed
            super().__init__()

    class Left(Message):
        """The person went up beyond the first row."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._values: dict[str, object] = {}
        self._seed = 0
        self._row = 0
        self._typed = ""

    def show(self, sampler: SamplerSettings, pace: float, seed: int) -> None:
        """Show these values.

        Args:
            sampler: The settings.
            pace: Words per second; 0 is full speed.
            seed: The dice that roll now, locked or not.
        """
        values = {row.name: getattr(sampler, row.name) for row in _ROWS if row.owner is SamplerSettings}
        values["pace"] = pace
        if values == self._values and seed == self._seed:
            return
        self._values, self._seed = values, seed
        self.refresh()

    # ---- drawing

    def render_line(self, y: int) -> Strip:
        """One row."""
        width = self.size.width
        if width < 1 or y >= len(_ROWS) or not self._values:
            return Strip.blank(width, self.rich_style)
        row = _ROWS[y]
        is_here = self.has_focus and y == self._row
        value = f"{self._typed}▏" if is_here and self._typed else self._shown(row)
        room = max(0, width - _LABEL_CELLS - _VALUE_CELLS - 2)
        segments = [
            Segment(f"{row.label:<{_LABEL_CELLS}}", self._style("here" if is_here else "name")),
            Segment(f"{value:>{_VALUE_CELLS}}", self._style("here" if is_here and self._typed else "value")),
            Segment("  ", self.rich_style),
            *self._slider(row, room, is_here),
        ]
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _shown(self, row: _Row) -> str:
        if row.name == "seed":
            return f"{self._seed}"[-_VALUE_CELLS:]
        return row.shown(self._values[row.name])

    def _slider(self, row: _Row, room: int, is_here: bool) -> list[Segment]:
        if row.name == "seed":
            is_locked = self._values["seed"] is not None
            return [Segment("■ locked" if is_locked else "□ free", self._style("here" if is_here else "name"))]
        if room < 3:
            return []
        knob = round(row.place(self._values[row.name]) / (len(row.stops) - 1) * (room - 1))
        return [
            Segment("━" * knob, self._style("filled")),
            Segment("●", self._style("here" if is_here else "filled")),
            Segment("─" * (room - 1 - knob), self._style("rest")),
        ]

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"fields--{name}")

    # ---- keys

    def action_row(self, by: int) -> None:
        """Another row; above the first one is the temperature."""
        if not self._take_typed():
            return
        if self._row + by < 0:
            self.post_message(self.Left())
            return
        self._row = min(len(_ROWS) - 1, self._row + by)
        self.refresh()

    def action_step(self, by: int) -> None:
        """The next value, or the one before."""
        row = _ROWS[self._row]
        self._typed = ""
        if row.name == "seed":
            self._want_seed()
            return
        if row.name not in self._values:  # nothing is shown yet
            return
        self._want(row, lambda now: row.stepped(now, by))

    def action_fine(self, by: int) -> None:
        """A small step."""
        row = _ROWS[self._row]
        if not row.fine or row.name not in self._values:
            self.action_step(by)
            return
        self._want(row, lambda now: row.moved(now, by))

    def action_done(self) -> None:
        """Take what was typed; on the seed, lock the dice or free them; else leave."""
        if self._typed:
            self._take_typed()
        elif _ROWS[self._row].name == "seed":
            self._want_seed()
        else:
            self.post_message(self.Done())

    def on_key(self, event: events.Key) -> None:
        """Digits are collected; Backspace takes one back; Esc drops them."""
        if event.character and event.character in "0123456789.,":
            self._typed = (self._typed + event.character.replace(",", "."))[:19]
        elif event.key == "backspace" and self._typed:
            self._typed = self._typed[:-1]
        elif event.key == "escape":
            had_typed, self._typed = bool(self._typed), ""
            self.post_message(self.Escaped(had_typed))
        else:
            return
        self.refresh()
        event.stop()
        event.prevent_default()

    def on_blur(self) -> None:
        """Leaving takes what was typed."""
        self._take_typed()

    def _take_typed(self) -> bool:
        typed, self._typed = self._typed, ""
        if not typed:
            return True
        row = _ROWS[self._row]
        try:
            value = checked_value(row.owner, row.name, typed, row.label)
        except InputError as problem:
            self.post_message(self.RequestRefused(problem))
            self.refresh()
            return False
        self._want(row, lambda _: value)
        return True

    def _want_seed(self) -> None:
        if self._values:
            seed = self._seed
            self.post_message(self.MemoryChoice("seed", lambda now: seed if now is None else None))

    def _want(self, row: _Row, change: Callable[[object], object]) -> None:
        self.post_message(self.MemoryChoice(row.name, change))
        self.refresh()

    # ---- mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """A click chooses a row; on its slider it moves the knob, which can be dragged from there."""
        if not 0 <= event.y < len(_ROWS):
            return
        self._row = event.y
        self.refresh()
        self.capture_mouse()
        self._want_at(event.x)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Dragging."""
        if self.app.mouse_captured is self and _ROWS[self._row].name != "seed":
            self._want_at(event.x)

    def on_mouse_up(self) -> None:
        """The drag is over."""
        self.release_mouse()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel moves by a step."""
        self._wheel(event, 1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves by a step."""
        self._wheel(event, -1)

    def _wheel(self, event: events.MouseEvent, by: int) -> None:
        if 0 <= event.y < len(_ROWS) and _ROWS[event.y].name != "seed":
            event.stop()
            self._row = event.y
            self.action_step(by)

    def _want_at(self, x: int) -> None:
        row = _ROWS[self._row]
        start = _LABEL_CELLS + _VALUE_CELLS + 2
        room = self.size.width - start
        if x < start or not self._values:
            return
        if row.name == "seed":
            self._want_seed()
            return
        share = (x - start) / max(1, room - 1)
        stop = row.stops[max(0, min(len(row.stops) - 1, round(share * (len(row.stops) - 1))))]
        self._want(row, lambda _: stop)
