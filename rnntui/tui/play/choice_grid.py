"""The words to choose from, in one column or two; afterwards with what each player gave to each of them."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from rnntui.service.play.rules import PERSON, Question, Verdict
from rnntui.service.play.scoring import same_word, spread
from rnntui.text import bar
from rnntui.tui.actions import bindings_for
from rnntui.tui.play.game_text import STYLES, percent
from rnntui.tui.safe import joined, shown_name

_TWO_COLUMNS, _TWO_WITH_SHARES = 30, 58
"""Cells from which two columns fit: of words, and of words with what each player gave to them."""
_BARS = 66
"""Cells from which one column has room for bars."""
_WORD, _SHORT_WORD = 16, 10
_BAR = 7
_SHORT_NAMES = {"you": "you", "network": "net", "counting": "cnt"}


class ChoiceGrid(Widget, can_focus=True):
    """Digits and clicks choose at once; arrows mark, Enter takes the marked word."""

    HELP = (
        "1 to 8, or a click, say that word at once; arrows and Enter do too, 0 says that you have no idea. {play-sure} "
        "changes how sure you are before that. Afterwards each word shows what you, the network and counting gave it."
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("choices")
    DEFAULT_CSS = """
    ChoiceGrid { height: auto; }
    """

    class Taken(Message):
        """A word was chosen; "" for no idea."""

        def __init__(self, word: str) -> None:
            self.word = word
            super().__init__()

    class GoOn(Message):
        """The answer has been looked at."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._question: Question | None = None
        self._verdict: Verdict | None = None
        self._players: Sequence[str] = ()
        self._marked = 0
        self._rows = 1

    def ask(self, question: Question) -> None:
        """Offer the words of a question."""
        self._question, self._verdict, self._marked = question, None, 0
        self.refresh(layout=True)

    def reveal(self, verdict: Verdict, players: Sequence[str]) -> None:
        """Show what each player gave to each word."""
        self._verdict, self._players = verdict, players
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """A row for each word of a column, and one for names when shares are shown."""
        return self._rows_at(width) + (self._verdict is not None)

    def render(self) -> Content:
        """The words."""
        question = self._question
        if question is None:
            return Content("")
        width = self.size.width
        self._rows = self._rows_at(width)
        columns = [
            range(start, min(start + self._rows, len(question.choices)))
            for start in range(0, len(question.choices), self._rows)
        ]
        cells = width // max(1, len(columns))
        lines = [self._heading(cells, len(columns))] if self._verdict else []
        for row in range(self._rows):
            entries = [self._entry(question, column[row], cells) for column in columns if row < len(column)]
            lines.append(joined(*entries))
        return Content("\n").join(lines)

    # ---- choosing

    def action_take(self) -> None:
        """Say the marked word, or go on."""
        self._take(self._marked)

    def action_none(self) -> None:
        """Say that one has no idea."""
        if self._verdict is None:
            self.post_message(self.Taken(""))

    def action_move(self, rows: int, columns: int) -> None:
        """Mark another word."""
        if self._question is not None and self._verdict is None:
            count = len(self._question.choices)
            self._marked = (self._marked + rows + columns * self._rows) % count
            self.refresh()

    def on_key(self, event: events.Key) -> None:
        """A digit says a word at once."""
        digit = event.character or ""
        if digit.isdecimal() and digit.isascii() and digit != "0" and self._verdict is None:
            event.stop()
            self._take(int(digit) - 1)

    def on_click(self, event: events.Click) -> None:
        """So does a click on it."""
        columns = max(1, -(-len(self._question.choices) // self._rows)) if self._question else 1
        column = min(columns - 1, event.x // max(1, self.size.width // columns))
        if self._verdict or event.y < self._rows:
            self._take(column * self._rows + event.y)

    def _take(self, number: int) -> None:
        if self._verdict is not None:
            self.post_message(self.GoOn())
        elif self._question is not None and 0 <= number < len(self._question.choices):
            self._marked = number
            self.post_message(self.Taken(self._question.choices[number]))

    # ---- drawing

    def _rows_at(self, width: int) -> int:
        count = len(self._question.choices) if self._question else 1
        is_tall = self.screen.has_class("-tall")
        needed = _TWO_COLUMNS if self._verdict is None else _TWO_WITH_SHARES
        return count if is_tall or width < needed else -(-count // 2)

    def _heading(self, cells: int, columns: int) -> Content:
        names = _SHORT_NAMES if not self._has_bars(cells) else {name: name for name in _SHORT_NAMES}
        room = self._room(cells)
        word = " " * (4 + (_WORD if self._has_bars(cells) else _SHORT_WORD))
        parts: list[str | tuple[str, str]] = []
        for _ in range(columns):
            parts.append(word)
            parts += [(names[player].ljust(room), STYLES[player]) for player in self._players]
            parts.append(" " * max(0, cells - len(word) - room * len(self._players)))
        return joined(*parts)

    def _entry(self, question: Question, number: int, cells: int) -> Content:
        verdict = self._verdict
        is_truth = verdict is not None and number == question.answer
        is_said = verdict is not None and same_word(verdict.guess.word, question.choices[number])
        sign = "✓" if is_truth else "✗" if is_said else "▸" if verdict is None and number == self._marked else " "
        word_cells = cells - 4 if verdict is None else _WORD if self._has_bars(cells) else _SHORT_WORD
        style = "bold $text-success" if is_truth else "strike $text-muted" if is_said else ""
        if verdict is None and number == self._marked and self.has_focus:
            style = "reverse"
        word = (
            shown_name(question.choices[number], max(1, word_cells - 1)).stylize(style)
            if style
            else shown_name(question.choices[number], max(1, word_cells - 1))
        )
        parts: list[str | Content | tuple[str, str]] = [
            (sign, "bold $text-success" if is_truth else "bold"),
            (f"{number + 1} ", "bold" if is_truth else "$text-muted"),
            " ",
            word,
            " ",
        ]
        used = 4 + word_cells
        if verdict is not None:
            for player in self._players:
                parts += self._share(player, self._given(verdict, player, number), cells)
                used += self._room(cells)
        return joined(*parts, " " * max(0, cells - used))

    def _share(self, player: str, share: float, cells: int) -> list[tuple[str, str] | str]:
        room = self._room(cells)
        if not self._has_bars(cells):
            return [(percent(share).rjust(room - 1) + " ", STYLES[player])]
        return [(bar(share, _BAR).ljust(_BAR + 1), STYLES[player]), percent(share).ljust(room - _BAR - 1)]

    def _given(self, verdict: Verdict, player: str, number: int) -> float:
        question = verdict.question
        if player != PERSON:
            return question.shares[player][number]
        chosen = next((at for at, word in enumerate(question.choices) if same_word(word, verdict.guess.word)), -1)
        return spread(chosen, verdict.guess.confidence, len(question.choices))[number]

    def _has_bars(self, cells: int) -> bool:
        return cells >= _BARS

    def _room(self, cells: int) -> int:
        """Cells for what a player gave."""
        return _BAR + 7 if self._has_bars(cells) else 5
