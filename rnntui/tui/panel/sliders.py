"""Settings that keys, digits, clicks, drags and the wheel move: a row each, the temperature as a taller one.

They show values and post a request for others; the screen decides. What is asked for is a change of the value as it is
when the request is heard: of several keys at once the later ones come before the value is shown again.
"""

from collections.abc import Callable
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from rnntui.errors import InputError
from rnntui.setting_fields import checked_value, facts_of
from rnntui.settings import SamplerSettings
from rnntui.tui.actions import bindings_for
from rnntui.tui.keys import run_own_binding
from rnntui.tui.panel.messages import PanelMessage
from rnntui.tui.panel.slider_drawing import BAR_START, RowNow, draw_line
from rnntui.tui.panel.slider_rows import PACE, SAMPLER_ROWS, TEMPERATURE, Row
from rnntui.tui.safe import shown

_LONGEST_NUMBER = 19
_DIGITS = "0123456789.,"


class Sliders(Widget, can_focus=True):
    """Some settings below each other.

    Args:
        rows: The settings.
        id: The widget's id.
    """

    DEFAULT_CSS = """
    Sliders {
        height: auto;
        & > .slider--name { color: $text-muted; }
        & > .slider--value { color: $foreground; }
        & > .slider--filled { color: $primary; }
        & > .slider--knob { color: $primary; }
        & > .slider--rest { color: $text-disabled; }
        & > .slider--here { color: $text-accent; text-style: bold; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "slider--name",
        "slider--value",
        "slider--filled",
        "slider--knob",
        "slider--rest",
        "slider--here",
    }

    class Moved(PanelMessage):
        """The person wants another value."""

        def __init__(self, name: str, change: Callable[[object], object]) -> None:
            self.name = name
            self.change = change
            """The value that is wanted instead of the one as it is now."""
            super().__init__()

    class Refused(PanelMessage):
        """What was typed does not fit."""

        def __init__(self, problem: InputError) -> None:
            self.problem = problem
            super().__init__()

    class Done(PanelMessage):
        """The person is finished here."""

    class Escaped(PanelMessage):
        """Esc was pressed; what was typed is dropped."""

        def __init__(self, had_typed: bool) -> None:
            self.had_typed = had_typed
            super().__init__()

    class LeftAbove(PanelMessage):
        """The person went up beyond the first row."""

    class Explained(PanelMessage):
        """Another row has the focus, or none."""

        def __init__(self, help: str) -> None:
            self.help = help
            """What the row's setting does; empty for no row."""
            super().__init__()

    def __init__(self, rows: tuple[Row, ...], id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows = rows
        self._values: dict[str, object] = {}
        self._seed = 0
        self._current = 0
        self._typed = ""

    def show(self, sampler: SamplerSettings, pace: float, seed: int) -> None:
        """Show these values.

        Args:
            sampler: The settings.
            pace: Words per second; 0 is full speed.
            seed: The seed that holds now, locked or not.
        """
        values = {row.name: pace if row is PACE else getattr(sampler, row.name) for row in self._rows}
        if values != self._values or seed != self._seed:
            self._values, self._seed = values, seed
            self.refresh()

    @property
    def row_help(self) -> str:
        """What the setting does that the keys move now."""
        help = self._rows[self._current].help
        return help[0].upper() + help[1:]

    def choose(self, row: int) -> None:
        """Go to a row, counted from 0."""
        self._current = row
        self.refresh()
        if self.has_focus:
            self.post_message(self.Explained(self.row_help))

    @property
    def typed(self) -> str:
        """Digits typed so far; empty when nothing is being typed."""
        return self._typed

    # ---- rendering

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the rows have."""
        return sum(row.height for row in self._rows)

    def render_line(self, y: int) -> Strip:
        """One line of one row."""
        width = self.size.width
        place = self._place_at(y)
        if width < 1 or place is None or not self._values:
            return Strip.blank(width, self.rich_style)
        at, line = place
        row, is_here = self._rows[at], self.has_focus and at == self._current
        typed = self._typed if is_here else ""
        now = RowNow(self._values[row.name], f"{self._seed}", is_here, typed, self._style, self.rich_style)
        return Strip(draw_line(row, now, line, width)).adjust_cell_length(width, self.rich_style)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"slider--{name}")

    def _place_at(self, y: int) -> tuple[int, int] | None:
        """The number of the row at a line, and the line within it; None below the last one."""
        for at, row in enumerate(self._rows):
            if 0 <= y < row.height:
                return at, y
            y -= row.height
        return None

    # ---- keys

    def action_row(self, by: int) -> None:
        """Another row; above the first one is something else."""
        if not self._take_typed():
            return
        if self._current + by < 0:
            self.post_message(self.LeftAbove())
            return
        self.choose(min(len(self._rows) - 1, self._current + by))

    def action_step(self, by: int) -> None:
        """The next value, or the one before."""
        row = self._rows[self._current]
        self._move(row, lambda now: row.move(now, by))

    def action_fine(self, by: int) -> None:
        """A small step."""
        row = self._rows[self._current]
        self._move(row, lambda now: row.move_finely(now, by))

    def action_lowest(self) -> None:
        """The lowest value."""
        row = self._rows[self._current]
        self._move(row, lambda _: row.low)

    def action_highest(self) -> None:
        """The highest value."""
        row = self._rows[self._current]
        self._move(row, lambda _: row.high)

    def action_done(self) -> None:
        """Take what was typed, lock or free the seed, or leave; a number for the only row does both."""
        row, had_typed = self._rows[self._current], bool(self._typed)
        if not self._take_typed() or (had_typed and len(self._rows) > 1):
            return
        if row.stops or had_typed:
            self.post_message(self.Done())
        else:
            self.action_step(1)

    async def on_key(self, event: events.Key) -> None:
        """Digits and a point are collected; Backspace takes one back; Esc drops them; else what the widget binds.

        Of keys that come all at once the later ones may be for the sliders that an earlier one went to.
        """
        now = self.screen.focused
        if now is not self and isinstance(now, Sliders):
            await now.on_key(event)
            return
        if event.character and event.character in _DIGITS:
            self._typed = (self._typed + event.character.replace(",", "."))[:_LONGEST_NUMBER]
        elif event.key == "backspace" and self._typed:
            self._typed = self._typed[:-1]
        elif event.key == "escape":
            had_typed, self._typed = bool(self._typed), ""
            self.post_message(self.Escaped(had_typed))
        else:
            await run_own_binding(self, event)
            return
        self.refresh()
        event.stop()
        event.prevent_default()

    def on_focus(self) -> None:
        """Tell what the row does."""
        self.post_message(self.Explained(self.row_help))

    def on_blur(self) -> None:
        """Leaving takes what was typed."""
        self._take_typed()
        self.post_message(self.Explained(""))

    def _take_typed(self) -> bool:
        """Ask for what was typed; False when it does not fit."""
        typed, self._typed = self._typed, ""
        if not typed:
            return True
        row = self._rows[self._current]
        choices = facts_of(row.owner, row.name)["choices"]
        if choices and typed.isdecimal() and 1 <= int(typed) <= len(choices):
            typed = choices[int(typed) - 1]
        try:
            value = checked_value(row.owner, row.name, typed)
        except InputError as problem:
            self.post_message(self.Refused(problem))
            self.refresh()
            return False
        self._request(row, lambda _: value)
        return True

    def _move(self, row: Row, change: Callable[[object], object]) -> None:
        """Ask for another value in place of what was typed; a seed is locked or freed instead."""
        self._typed = ""
        if not self._values:  # nothing is shown yet
            return
        seed = self._seed
        self._request(row, change if row.stops else lambda now: seed if now is None else None)

    def _request(self, row: Row, change: Callable[[object], object]) -> None:
        self.post_message(self.Moved(row.name, change))
        self.refresh()

    # ---- mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """A click chooses a row; on its bar it moves the knob, which can be dragged from there."""
        place = self._place_at(event.y)
        if place is None:
            return
        at, line = place
        self.choose(at)
        if self._rows[self._current].height == 1 or line > 0:
            self.capture_mouse()
            self._move_to(event.x)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Dragging; and where the mouse only stands, what the row below it does."""
        if (place := self._place_at(event.y)) and self.tooltip != (help := shown(self._rows[place[0]].help)):
            self.tooltip = help
        if self.app.mouse_captured is self and self._rows[self._current].stops:
            self._move_to(event.x)

    def on_mouse_up(self) -> None:
        """The drag is over."""
        self.release_mouse()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel moves by a step."""
        self._turn_wheel(event, 1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves by a step."""
        self._turn_wheel(event, -1)

    def _turn_wheel(self, event: events.MouseEvent, by: int) -> None:
        place = self._place_at(event.y)
        if place and self._rows[place[0]].stops:
            event.stop()
            self.choose(place[0])
            self.action_step(by)

    def _move_to(self, x: int) -> None:
        row = self._rows[self._current]
        start = BAR_START if row.height == 1 else 0
        if x < start:
            return
        share = (x - start) / max(1, self.size.width - start - 1)
        self._move(row, lambda _: row.at_share(share))


class TemperatureBar(Sliders):
    """The temperature alone: the name with the value, the bar, and the scale."""

    DEFAULT_CSS = """
    TemperatureBar {
        & > .slider--value { color: $text-primary; text-style: bold; }
        & > .slider--knob { color: $foreground; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("temperature")
    HELP = (
        f"How daring the next word is. {TEMPERATURE.low:g} always takes the likeliest word, 1 draws as the network "
        f"learned, {TEMPERATURE.high:g} is wild. Left and right move it by {TEMPERATURE.step:g}, with Shift by "
        f"{TEMPERATURE.fine:g}; or type a number and press Enter."
    )

    def __init__(self, id: str | None = None) -> None:
        super().__init__((TEMPERATURE,), id)


class SamplingFields(Sliders):
    """Every other setting of the sampler that the panel has room for, and the pace."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("sampling")

    def __init__(self, id: str | None = None) -> None:
        super().__init__((*SAMPLER_ROWS, PACE), id)

    @property
    def HELP(self) -> str:  # type: ignore[override]
        """What the row does that has the focus, and how to move it."""
        return (
            f"{self.row_help} Up and down choose a row, left and right move its value, with Shift in small steps; or "
            "type a number and press Enter: where there are words to choose from, 1 is the first. On the seed, Enter "
            "keeps it for every reply, or lets each reply have a new one."
        )
