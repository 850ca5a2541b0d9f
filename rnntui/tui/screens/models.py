"""The model picker: one row each, newest first; choosing opens a new chat."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from rnntui.records import ModelCard
from rnntui.tui.safe import joined, shown_line, shown_name

_NAME_CELLS = 20


class ModelsScreen(ModalScreen[str]):
    """Closes with the id of the chosen model, or with nothing.

    Args:
        cards: All models, in the order they are shown.
        current: Id of the model that is open.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Close", show=False)]
    HELP = "Choose a model with the arrow keys and Enter; it opens in a new chat. Lower bits per character are better."

    def __init__(self, cards: Sequence[ModelCard], current: str) -> None:
        super().__init__()
        self._cards = tuple(cards)
        self._current = current

    def compose(self) -> ComposeResult:
        """Heading, rows, hint."""
        with Vertical(classes="dialog"):
            yield Static(shown_line("Models"), classes="dialog-title")
            yield Static(_heading())
            if self._cards:
                yield OptionList(*(Option(self._row(card), id=card.model_id) for card in self._cards), id="models")
            else:
                yield Static(shown_line("There is no model yet. F4 trains one on your own text."))
            yield Static(shown_line("Enter opens a new chat with it · Esc goes back"), classes="dialog-hint")

    def on_mount(self) -> None:
        """Begin at the model that is open."""
        ids = [card.model_id for card in self._cards]
        if self._current in ids:
            self.query_one(OptionList).highlighted = ids.index(self._current)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A model was chosen."""
        self.dismiss(event.option.id)

    def action_leave(self) -> None:
        """Close without a choice."""
        self.dismiss(None)

    def _row(self, card: ModelCard) -> Content:
        mark = "● " if card.model_id == self._current else "  "
        figures = card.figures
        quality = f"{figures.bits_per_character:.3f}" if figures.words else "–"
        shape = f"{card.config.cell} {card.config.layers}×{card.config.hidden_size}"
        return joined(
            (mark, "$accent"),
            shown_name(card.name, _NAME_CELLS),
            (f"  {shape:<13}{card.training_words:>11,}{quality:>11}  ", "$foreground-muted"),
            shown_line(card.made_at[:10], "$foreground-muted"),
        )


def _heading() -> Content:
    text = f"{'name':<{_NAME_CELLS}}  {'cell':<13}{'words read':>11}{'bits/char':>11}  made"
    return joined((f"   {text}", "$foreground-disabled"))
