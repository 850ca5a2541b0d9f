"""The list of all training runs, to choose one: how it stands, how good its model became, and when it began."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from rnntui.records import RunRecord
from rnntui.service.run.run_state_words import state_in_words
from rnntui.service.timestamps import local_time
from rnntui.text import duration
from rnntui.tui.actions import bindings_for
from rnntui.tui.dialogs.dialog import Dialog
from rnntui.tui.keys import with_keys
from rnntui.tui.safe import joined, shown_line, shown_name
from rnntui.tui.work import Desk

if TYPE_CHECKING:
    from rnntui.service.run.training import Training

_NAME_CELLS = 24
_NONE = "There is no other run yet."
_HINT = "Enter takes it · {runs-close} back"


class RunList(Dialog[RunRecord]):
    """Closes with the chosen run, or with nothing.

    Args:
        training: Knows the runs.
        title: What one is chosen for.
        but: Id of a run that is left out; empty for none.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("runs")
    HELP = "All training runs, newest first; arrow keys choose, Enter takes one. Lower bits per character are better."

    def __init__(self, training: "Training", title: str, but: str = "") -> None:
        super().__init__()
        self._training = training
        self._title = title
        self._but = but
        self._runs: tuple[RunRecord, ...] = ()
        self._desk = Desk(self, lambda what: self._say(f"{what} …" if what else ""))

    def compose(self) -> ComposeResult:
        """Heading, rows, hint."""
        with Vertical(classes="dialog"):
            yield Static(shown_line(self._title), classes="dialog-title")
            yield Static(joined((_heading(), "$foreground-disabled")), id="runs-heading")
            yield OptionList(id="runs")
            yield Static(id="runs-said")
            yield Static(shown_line(with_keys(self.app, _HINT)), classes="dialog-hint")

    def on_mount(self) -> None:
        """Read the runs."""
        self.query_one("#runs-said").display = False
        self._desk.ask(self._training.runs, self._show, self._say, "reading the runs")

    def _show(self, runs: Sequence[RunRecord]) -> None:
        self._runs = tuple(run for run in runs if run.run_id != self._but)
        if not self._runs:
            self._say(_NONE)
            return
        listed = self.query_one(OptionList)
        listed.add_options([Option(_row(run)) for run in self._runs])
        listed.highlighted = 0
        listed.focus()

    def _say(self, sentence: str) -> None:
        line = self.query_one("#runs-said", Static)
        line.update(shown_line(sentence))
        line.display = bool(sentence)
        self.query_one(OptionList).display = not sentence

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A run was chosen."""
        self.dismiss(self._runs[event.option_index])


def _heading() -> str:
    return f"{'model':<{_NAME_CELLS}} {'state':<11}{'bits/char':>9}{'minutes':>9}  began"


def _row(run: RunRecord) -> Content:
    bits = f"{run.bits_per_character:.3f}" if run.bits_per_character else "–"
    return joined(
        shown_name(run.name, _NAME_CELLS),
        (f" {state_in_words(run):<11}{bits:>9}{duration(run.budget_seconds):>9}  ", "$foreground-muted"),
        shown_line(local_time(run.started_at), "$foreground-muted"),
    )
