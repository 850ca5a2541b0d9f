"""Bits of every player over the rounds: a row of columns for each, one scale for all, so that none hides another."""

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from rnntui.service.play.game import GameState
from rnntui.service.play.rules import PERSON
from rnntui.tui.play.game_text import STYLES
from rnntui.tui.safe import joined

_COLUMNS = " ▁▂▃▄▅▆▇█"
_NAME, _MEAN = 9, 7
_LEAST_HIGH = 3.0
"""Bits at the top of the scale, unless somebody paid more: what no idea costs of eight words."""


class ScoreChart(Static):
    """Names, columns and bits a word."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._state: GameState | None = None
        self._height = 1

    def show(self, state: GameState | None, height: int) -> None:
        """Show a game with so many rows for each player."""
        self._state, self._height = state, height
        self.update(joined(self._draw()))

    def on_resize(self) -> None:
        """Other columns may fit."""
        self.update(joined(self._draw()))

    def _draw(self) -> Content:
        state = self._state
        if state is None:
            return Content("")
        room = max(4, self.size.width - _NAME - _MEAN)
        verdicts = state.verdicts[-room:]
        high = max([_LEAST_HIGH, *(verdict.bits[player] for verdict in verdicts for player in state.players)])
        lines: list[Content] = []
        for player in state.players:
            rows = columns([verdict.bits[player] for verdict in verdicts], high, self._height)
            if lines and self._height > 1:
                lines.append(Content(""))
            mean = f"{state.mean(player):.2f}" if state.verdicts else "-"
            for number, row in enumerate(rows, start=1):
                is_last = number == len(rows)
                name = (player if is_last else "").ljust(_NAME)
                lines.append(
                    joined(
                        (name, STYLES[player]),
                        (row.ljust(min(room, state.opened.rounds)), STYLES[player].removeprefix("bold ")),
                        (f" {mean}" if is_last else "", "bold" if player == PERSON else ""),
                    )
                )
        return Content("\n").join(lines)


def columns(values: Sequence[float], high: float, height: int) -> list[str]:
    """Values as columns of so many rows, from the top row down; a value above 0 shows at least a line.

    Args:
        values: At least 0.
        high: What fills a column.
        height: Rows.
    """
    full = len(_COLUMNS) - 1
    eighths = [min(full * height, max(value > 0, round(value / high * full * height))) for value in values]
    return [
        "".join(_COLUMNS[max(0, min(full, count - full * below))] for count in eighths)
        for below in reversed(range(height))
    ]
