"""The temperature as a bar: arrow keys, digits, clicks, drags and the wheel move it.

0 is called "greedy". It shows a value and posts the wish for another; the screen decides. What is wished is a change of
the value as it is when the wish is heard: of several keys at once the later ones come before the value is shown again.
"""

from collections.abc import Callable
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import clamp
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from rnntui.errors import InputError
from rnntui.settings import SamplerSettings, checked_value
from rnntui.tui.actions import bindings_for

_HIGHEST = 2.0
_STEP = 0.05


def temperature_words(temperature: float) -> str:
    """How a temperature is written: two decimals, or "greedy" for 0."""
    return "greedy" if temperature == 0 else f"{temperature:.2f}"


class TemperatureBar(Widget, can_focus=True):
    """Two rows: the name with the value, and the bar."""

    DEFAULT_CSS = """
    TemperatureBar {
        height: 3;
        & > .temperature--name { color: $text-muted; }
        & > .temperature--value { color: $text-primary; text-style: bold; }
        & > .temperature--filled { color: $primary; }
        & > .temperature--knob { color: $foreground; text-style: bold; }
        & > .temperature--rest { color: $text-disabled; }
        & > .temperature--scale { color: $text-disabled; }
        &:focus > .temperature--name { color: $text-accent; text-style: bold; }
        &:focus > .temperature--knob { color: $text-accent; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "temperature--name",
        "temperature--value",
        "temperature--filled",
        "temperature--knob",
        "temperature--rest",
        "temperature--scale",
    }
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("temperature")
    HELP = (
        "How daring the next word is. 0 always takes the likeliest word, 1 draws as the network learned, 2 is wild. "
        "Left and right move it by 0.05, with Shift by 0.01; or type a number and press Enter."
    )

    temperature: reactive[float] = reactive(1.0)
    typed: reactive[str] = reactive("")
    """Digits typed so far; empty when nothing is being typed."""

    class MemoryChoice(Message):
        """The person wants another temperature."""

        def __init__(self, change: Callable[[float], float]) -> None:
            self._change = change
            super().__init__()

        def temperature(self, now: float) -> float:
            """What is wanted instead of the temperature as it is now."""
            return round(clamp(self._change(now), 0.0, _HIGHEST), 2)

    class RequestRefused(Message):
        """What was typed is not a temperature."""

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

    def render_line(self, y: int) -> Strip:
        """The name and value, the bar, or the scale below it."""
        width = self.size.width
        if width < 1 or y > 2:
            return Strip.blank(width, self.rich_style)
        rows = (self._heading, self._bar, self._scale)
        return Strip(rows[y](width)).adjust_cell_length(width, self.rich_style)

    def _heading(self, width: int) -> list[Segment]:
        value = f"{self.typed}▏" if self.typed else temperature_words(self.temperature)
        gap = max(1, width - len("temperature") - len(value))
        return [
            Segment("temperature", self._style("name")),
            Segment(" " * gap, self.rich_style),
            Segment(value, self._style("value")),
        ]

    def _bar(self, width: int) -> list[Segment]:
        knob = round(self.temperature / _HIGHEST * (width - 1))
        return [
            Segment("━" * knob, self._style("filled")),
            Segment("●", self._style("knob")),
            Segment("─" * (width - 1 - knob), self._style("rest")),
        ]

    def _scale(self, width: int) -> list[Segment]:
        half = max(1, width // 2 - len("greedy"))
        text = "greedy" + " " * half + "1" + " " * max(1, width - 8 - half) + "2"
        return [Segment(text, self._style("scale"))]

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"temperature--{name}")

    # ---- keys

    def action_step(self, by: float) -> None:
        """Move by a step."""
        self._want(lambda now: now + by)

    def action_lowest(self) -> None:
        """Greedy."""
        self._want(lambda _: 0.0)

    def action_highest(self) -> None:
        """As wild as it goes."""
        self._want(lambda _: _HIGHEST)

    def action_done(self) -> None:
        """Take what was typed, if anything, and leave."""
        if not self._take_typed():
            return
        self.post_message(self.Done())

    def on_key(self, event: events.Key) -> None:
        """Digits and a point are collected; Backspace takes one back; Esc drops them."""
        if event.character and event.character in "0123456789.,":
            self.typed = (self.typed + event.character.replace(",", "."))[:6]
        elif event.key == "backspace" and self.typed:
            self.typed = self.typed[:-1]
        elif event.key == "escape":
            had_typed, self.typed = bool(self.typed), ""
            self.post_message(self.Escaped(had_typed))
        else:
            return
        event.stop()
        event.prevent_default()

    def on_blur(self) -> None:
        """Leaving takes what was typed."""
        self._take_typed()

    def _take_typed(self) -> bool:
        typed, self.typed = self.typed, ""
        if not typed:
            return True
        try:
            temperature = checked_value(SamplerSettings, "temperature", typed)
        except InputError as problem:
            self.post_message(self.RequestRefused(problem))
            return False
        self._want(lambda _: temperature)
        return True

    # ---- mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """A click on the bar or its scale moves the knob; it can be dragged from there."""
        if event.y == 0:
            return
        self.capture_mouse()
        self._want_at(event.x)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Dragging."""
        if self.app.mouse_captured is self:
            self._want_at(event.x)

    def on_mouse_up(self) -> None:
        """The drag is over."""
        self.release_mouse()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel moves by a step."""
        event.stop()
        self.action_step(_STEP)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves by a step."""
        event.stop()
        self.action_step(-_STEP)

    def _want_at(self, x: int) -> None:
        share = x / max(1, self.size.width - 1)
        self._want(lambda _: round(share * _HIGHEST / _STEP) * _STEP)

    def _want(self, change: Callable[[float], float]) -> None:
        self.typed = ""
        self.post_message(self.MemoryChoice(change))
