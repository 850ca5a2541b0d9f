"""How the words of the transcript are tinted: by how surprising they were, or by what one unit of the memory said."""

from rnntui.chat_events import UnitFollowed
from rnntui.errors import InputError
from rnntui.settings import LabSettings, checked_value
from rnntui.tui.chat.stage import Stage
from rnntui.tui.chat.turn_remarks import TurnRemarks
from rnntui.tui.chat.work.jobs import Kind

_LEGEND = "surprise, rising: dim, plain, italic, underlined, bold underlined"
_NO_UNIT = -1


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

    def toggle_surprise(self) -> None:
        """Tint words by how unexpected they were, or no longer."""
        is_shown = not self._stage.transcript.content.shows_surprise
        self._stage.transcript.content.show_surprise(is_shown)
        self._remarks.refresh()
        self._stage.status.say(_LEGEND if is_shown else "surprise is no longer shown")

    def leave_unit(self) -> None:
        """Follow no unit any more; or say how one is chosen."""
        if self._unit == _NO_UNIT:
            self._stage.status.say("/unit 12 follows unit 12; the panel names those that changed most")
            self._stage.prompt.begin("/unit ")
            self._stage.prompt.focus()
            return
        self._unit = _NO_UNIT
        self._stage.transcript.content.hide_unit()
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
        self._stage.transcript.content.hide_unit()
        self._unit = unit
        sentence = f"unit {unit}: italic is negative, underlined is positive, bold is strong"
        self._stage.status.say(sentence if unit != _NO_UNIT else "")
        self.update()

    def update(self) -> None:
        """Ask what the followed unit said at the newest words."""
        unit, worker = self._unit, self._stage.worker
        if unit != _NO_UNIT and self._stage.chat and not worker.can_stop:
            worker.submit(lambda chat: chat.inspection.follow_unit(unit), Kind.FOLLOW)
            self._stage.frames.wake()

    def show(self, event: UnitFollowed) -> None:
        """What a unit said at the words of one turn."""
        if event.unit == self._unit:
            self._stage.transcript.content.show_unit(event.turn_id, event.values)
