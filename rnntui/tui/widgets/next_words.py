"""What the network had in mind for the latest word: the likeliest words as bars with their probabilities."""

from textual.content import Content
from textual.widgets import Static

from rnntui.events import Alternative, WordSampled
from rnntui.text import piece_name
from rnntui.tui.safe import joined, shown_line, shown_name

_EIGHTHS = " ▏▎▍▌▋▊▉"
_WORD_CELLS = 11


def bar(share: float, cells: int) -> str:
    """A bar that fills `share` of `cells`, in eighths of a cell."""
    eighths = round(max(0.0, min(1.0, share)) * cells * 8)
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")


class NextWords(Static):
    """Bars for the alternatives of one drawn word; cut words are struck through, the drawn one is marked."""

    DEFAULT_CSS = """
    NextWords { height: auto; }
    """

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._word: WordSampled | None = None

    @property
    def rows(self) -> int:
        """How many alternatives fit."""
        return 5 if self.app.size.height < 30 else 8

    def show(self, word: WordSampled | None) -> None:
        """Show the alternatives of this word; None shows that there is no word yet."""
        if word is self._word and word is not None:
            return
        self._word = word
        self.update(self._drawn(word) if word else self._nothing())

    def on_mount(self) -> None:
        """Nothing was drawn yet."""
        self.update(self._nothing())

    def on_resize(self) -> None:
        """The bars are as long as there is room."""
        if self._word:
            self.update(self._drawn(self._word))

    def _nothing(self) -> Content:
        return shown_line("what it had in mind, word by word", "$foreground-disabled")

    def _drawn(self, word: WordSampled) -> Content:
        shown = list(word.alternatives[: self.rows])
        lines = [self._row(alternative, alternative.token_id == word.token_id) for alternative in shown]
        if all(alternative.token_id != word.token_id for alternative in shown):
            name = shown_name(piece_name(word.piece), _WORD_CELLS)
            lines.append(joined(("▸ ", "$accent"), name, (f" rank {word.rank:,}", "$foreground-muted")))
        return Content("\n").join(lines)

    def _row(self, alternative: Alternative, is_drawn: bool) -> Content:
        name = shown_name(piece_name(alternative.piece), _WORD_CELLS)
        if alternative.drawable <= 0 and not is_drawn:
            name = name.stylize("strike $foreground-disabled")
        elif is_drawn:
            name = name.stylize("bold")
        percent = f" {alternative.drawable * 100:4.0f}% "
        room = max(4, self.size.width - _WORD_CELLS - len(percent) - 2)
        return joined(
            ("▸ " if is_drawn else "  ", "$accent"),
            name,
            (percent, "$foreground-muted"),
            (bar(alternative.drawable, room), "$primary" if is_drawn else "$secondary"),
        )
