"""How the words of the transcript are tinted: by how surprising they were, or by what one unit of the memory said.

What a unit says is shown in shares of its own range in this conversation: many move within a tenth of what they could.
"""

from rnntui.chat_events import UnitFollowed
from rnntui.errors import InputError
from rnntui.setting_fields import checked_value
from rnntui.settings import LabSettings
from rnntui.tui.chat.stage import Stage
from rnntui.tui.chat.turn_remarks import TurnRemarks
from rnntui.tui.chat.work.jobs import Kind
from rnntui.tui.transcript.legend import surprise_parts, unit_parts

_NO_UNIT = -1
_OUTSIDE = 20
"""One of so many values at either end of a unit's range is beyond it: a single word shall not make it wide."""
Range = tuple[float, float]


def range_of(values: list[float]) -> Range:
    """From where to where a unit goes, but for the outermost values; zeros where nothing is known."""
    ordered = sorted(values)
    beyond = len(ordered) // _OUTSIDE
    return (ordered[beyond], ordered[-1 - beyond]) if ordered else (0.0, 0.0)


def within(value: float, limits: Range) -> float:
    """Where in its range a value lies: -1 at the lower end, 1 at the upper one."""
    low, high = limits
    return max(-1.0, min(1.0, (2 * value - low - high) / (high - low))) if high > low else 0.0


class Tints:
    """The tints of one transcript.

    Args:
        stage: The screen.
        remarks: Tell the person's own surprise as long as it is tinted.
    """

    def __init__(self, stage: Stage, remarks: TurnRemarks) -> None:
        self._stage = stage
        self._remarks = remarks
        self._unit = _NO_UNIT
        self._said: dict[int, tuple[float, ...]] = {}
        """What the followed unit said at the words of each turn."""

    def toggle_surprise(self) -> None:
        """Tint words by how unexpected they were, or no longer."""
        is_shown = not self._stage.transcript.content.shows_surprise
        self._stage.transcript.content.show_surprise(is_shown)
        self._remarks.refresh()
        self._explain()

    def leave_unit(self) -> None:
        """Follow no unit any more; or say how one is chosen."""
        if self._unit == _NO_UNIT:
            self._stage.status.say("/unit 12 follows unit 12; the panel names those that moved most")
            self._stage.prompt.begin("/unit ")
            self._stage.prompt.focus()
            return
        self._follow(_NO_UNIT)
        self._stage.status.say("no unit is followed any more")

    def choose_unit(self, argument: str) -> None:
        """Follow the unit with this number; "off" follows none.

        Raises:
            InputError: If there is no such unit.
        """
        unit = _NO_UNIT if argument in {"off", "none", str(_NO_UNIT)} else checked_value(LabSettings, "unit", argument)
        chat = self._stage.chat
        count = len(chat.facts.memory()) if chat else 0
        if count and unit >= count:
            raise InputError(f"There is no unit {unit}.", f"Choose a number from 0 to {count - 1}.")
        self._follow(unit)
        self.update()

    def update(self) -> None:
        """Ask what the followed unit said at the newest words."""
        unit, worker = self._unit, self._stage.worker
        if unit != _NO_UNIT and self._stage.chat and not worker.can_stop:
            worker.submit(lambda chat: chat.inspection.follow_unit(unit), Kind.FOLLOW)
            self._stage.frames.wake()

    def show(self, event: UnitFollowed) -> None:
        """What a unit said at the words of one turn; every turn is tinted anew when its range has grown."""
        if event.unit != self._unit:
            return
        before, visible = self._range(), {turn.turn_id for turn in self._stage.turns}
        self._said = {turn_id: values for turn_id, values in self._said.items() if turn_id in visible}
        self._said[event.turn_id] = event.values
        limits = self._range()
        for turn_id in self._said if limits != before else (event.turn_id,):
            shares = tuple(within(value, limits) for value in self._said[turn_id])
            self._stage.transcript.content.show_unit(turn_id, shares)
        self._explain()

    def _follow(self, unit: int) -> None:
        self._stage.transcript.content.hide_unit()
        self._unit = unit
        self._said.clear()
        self._explain()

    def _range(self) -> Range:
        return range_of([value for values in self._said.values() for value in values])

    def _explain(self) -> None:
        """What the tints mean that there are now; a unit's are in front of the surprise's."""
        legend, key = self._stage.legend, self._stage.status.key
        if self._unit != _NO_UNIT:
            parts = unit_parts(*self._range()) if self._said else []
            legend.explain(f"unit {self._unit}", parts, f" · {key('unit')} ends")
        elif self._stage.transcript.content.shows_surprise:
            legend.explain("surprise", surprise_parts(), f" bits · {key('surprise')} ends")
        else:
            legend.explain("")
