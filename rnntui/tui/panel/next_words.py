"""The likeliest words as bars with their probabilities: what the network had in mind, or has for the next word."""

from textual.content import Content
from textual.widgets import Static

from rnntui.chat_events import Alternative, WordLooked, WordSampled
from rnntui.text import bar, piece_label
from rnntui.tui.safe import joined, shown_line, shown_name
from rnntui.tui.widgets.bars import percent

_WORD_CELLS = 11
_MOST_ROWS = 16
_OTHER_ROWS = 28
"""What else stands in the column of the inspector on a broad screen, the alternatives of a word among it."""


class NextWords(Static):
    """Bars for one place of the text; words that the settings cut are struck through, the sampled one is marked."""

    DEFAULT_CSS = """
    NextWords { height: auto; }
    """

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._word: WordSampled | WordLooked | None = None
        self._rows = -1
        """Line breaks in what is shown; only another number of rows moves what stands below."""

    @property
    def rows(self) -> int:
        """How many alternatives there is room for."""
        height = self.app.size.height
        if self.screen.has_class("-broad"):
            return max(5, min(_MOST_ROWS, height - _OTHER_ROWS))
        return 5 if height < 40 else 8

    def show(self, word: WordSampled | WordLooked | None) -> None:
        """Show a word that was sampled, or what may come next; None shows that there is nothing yet."""
        if word is self._word and word is not None:
            return
        self._word = word
        content = self._make_content(word) if word else self._nothing()
        rows = content.plain.count("\n")
        self.update(content, layout=rows != self._rows)
        self._rows = rows

    def on_mount(self) -> None:
        """Nothing was sampled yet."""
        self.update(self._nothing())

    def on_resize(self) -> None:
        """The bars are as long as there is room."""
        if self._word:
            self.update(self._make_content(self._word))

    def _nothing(self) -> Content:
        return shown_line("nothing was read yet", "$foreground-muted")

    def _make_content(self, word: WordSampled | WordLooked) -> Content:
        listed = list(word.alternatives[: self.rows])
        sampled_id = word.token_id if isinstance(word, WordSampled) else -1
        lines = [self._row(alternative, alternative.token_id == sampled_id) for alternative in listed]
        if sampled_id >= 0 and all(alternative.token_id != sampled_id for alternative in listed):
            name = shown_name(piece_label(word.piece), _WORD_CELLS)
            lines.append(joined(("▸ ", "$text-accent"), name, (f" rank {word.rank:,}", "$foreground-muted")))
        elif sampled_id < 0:
            rest = 1 - sum(alternative.drawable for alternative in listed)
            lines.append(
                joined(("  all others  ", "$foreground-muted"), (f"{percent(max(0, rest))}", "$foreground-muted"))
            )
        return Content("\n").join(lines)

    def _row(self, alternative: Alternative, is_sampled: bool) -> Content:
        name = shown_name(piece_label(alternative.piece, alternative.is_begun), _WORD_CELLS)
        is_cut = alternative.drawable <= 0 and not is_sampled
        if is_cut:
            name = name.stylize("strike $foreground-disabled")
        elif is_sampled:
            name = name.stylize("bold")
        chance = "   cut " if is_cut else f" {percent(alternative.drawable)}"
        room = max(4, self.size.width - _WORD_CELLS - len(chance) - 3)
        return joined(
            ("▸ " if is_sampled else "  ", "$text-accent"),
            name,
            (f"{chance} ", "$foreground-muted"),
            (bar(alternative.drawable, room), "$text-primary" if is_sampled else "$text-secondary"),
        )


def how_open(entropy_bits: float) -> str:
    """An uncertainty in words."""
    return f"{entropy_bits:.1f} bits ≈ {_count_text(entropy_bits)}"


def how_open_after_cuts(bits: float, cells: int) -> str:
    """What is left to draw from after temperature and cuts, as fully as there is room for.

    Args:
        bits: The uncertainty after them.
        cells: The room.
    """
    words = _count_text(bits)
    full = (f"after the cuts {how_open(bits)}", f"after the cuts ≈ {words}", f"≈ {words} after cuts")
    shortest = f"≈ {words.partition(' ')[0]} after cuts"
    return next((text for text in full if len(text) <= cells), shortest)


def _count_text(bits: float) -> str:
    count = f"{max(1, 2**bits):,.0f}"
    return f"{count} word" if count == "1" else f"{count} words"
