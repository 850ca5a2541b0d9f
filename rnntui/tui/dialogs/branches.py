"""All versions of all visible turns: where the conversation could have gone, and did."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from rnntui.errors import RnntuiError
from rnntui.text import plural
from rnntui.tui.actions import bindings_for
from rnntui.tui.dialogs.dialog import Dialog
from rnntui.tui.safe import joined, shown_line
from rnntui.tui.work import Desk

if TYPE_CHECKING:
    from rnntui.records import Turn

_WHO = {"person": "you", "network": "net", "forget": "forgets", "switch": "switch"}


@dataclass(frozen=True, slots=True)
class VersionChoice:
    """From a visible turn so many versions on, or back when it is negative."""

    turn_id: int
    by: int


class BranchesScreen(Dialog[VersionChoice]):
    """Closes with the way to the chosen version, or with nothing.

    Args:
        forks: For each visible turn that has several versions, itself and their numbers, oldest first.
        turn: Reads one turn of the conversation by its number.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("branches")
    HELP = "Every version of every turn of this conversation. Enter goes there, with what was said after it."

    def __init__(self, forks: Sequence[tuple[int, tuple[int, ...]]], turn: "Callable[[int], Turn]") -> None:
        super().__init__()
        self._forks = tuple(forks)
        self._turn = turn
        self._walks: list[VersionChoice] = []
        self._desk = Desk(self)

    def compose(self) -> ComposeResult:
        """List and hint."""
        with Vertical(classes="dialog"):
            yield Static(shown_line("Versions"), classes="dialog-title")
            yield OptionList(id="branches")
            yield Static(shown_line("Enter goes there · Esc goes back"), classes="dialog-hint")

    def on_mount(self) -> None:
        """Read the turns."""
        self.query_one(OptionList).focus()
        self._desk.ask(self._read, self._show, lambda sentence: self.app.notify(sentence, severity="error"))

    def _read(self) -> list[tuple[VersionChoice, Content]]:
        rows: list[tuple[VersionChoice, Content]] = []
        for turn_id, versions in self._forks:
            here = versions.index(turn_id)
            for number, version in enumerate(versions):
                try:
                    turn = self._turn(version)
                except RnntuiError:
                    continue
                rows.append(
                    (VersionChoice(turn_id, number - here), _row(turn, number + 1, len(versions), number == here))
                )
        return rows

    def _show(self, rows: list[tuple[VersionChoice, Content]]) -> None:
        self._walks = [walk for walk, _ in rows]
        listed = self.query_one(OptionList)
        listed.add_options([Option(content) for _, content in rows])
        listed.highlighted = len(rows) - 1 if rows else None

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A version was chosen."""
        self.dismiss(self._walks[event.option_index])


def _row(turn: "Turn", number: int, count: int, is_here: bool) -> Content:
    words = plural(turn.words, "word") if turn.words else ""
    return joined(
        ("● " if is_here else "  ", "$text-accent"),
        (f"{number}/{count} {_WHO.get(turn.role, turn.role):<4}", "$foreground-muted"),
        shown_line(turn.text.strip() or "(nothing)", "bold" if is_here else "", 60),
        (f"  {words}", "$foreground-disabled"),
    )
