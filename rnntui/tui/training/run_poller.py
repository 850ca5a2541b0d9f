"""When a run is asked what is new: often while it is seen, seldom otherwise, and never when nothing can come."""

from typing import TYPE_CHECKING

from textual.timer import Timer
from textual.widget import Widget

from rnntui.tui.training.run_state import RunState

if TYPE_CHECKING:
    from rnntui.tui.training.run_watch import RunWatch

_POLL_SECONDS = 0.25
_HIDDEN_POLL_SECONDS = 2.0
"""So often a run that nobody sees is asked whether it has ended."""


class RunPoller:
    """Two timers of a widget that take turns.

    Args:
        owner: Whose timers they are.
        watch: What is asked.
    """

    def __init__(self, owner: Widget, watch: "RunWatch") -> None:
        self._owner = owner
        self._watch = watch
        self._often: Timer | None = None
        self._seldom: Timer | None = None
        self.is_polling = False
        """True while the run is asked often."""

    def start(self) -> None:
        """Make the timers; the owner is mounted."""
        self._often = self._owner.set_interval(_POLL_SECONDS, self._watch.poll, pause=True)
        self._seldom = self._owner.set_interval(_HIDDEN_POLL_SECONDS, self._watch.poll_end, pause=True)

    def adjust(self, state: RunState, *, is_seen: bool) -> None:
        """Ask as often as this state needs it; not before the start.

        Args:
            state: Of the run.
            is_seen: False while another screen is in front.
        """
        if self._often is None or self._seldom is None:
            return
        self.is_polling = state.is_unfinished and is_seen
        (self._often.resume if self.is_polling else self._often.pause)()
        (self._seldom.resume if state.is_unfinished and not self.is_polling else self._seldom.pause)()
