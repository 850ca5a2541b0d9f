"""The model picker: one row each, newest first; the chosen one goes on in the conversation, or in a new one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from rnntui.records import ModelCard
from rnntui.service.timestamps import local_day
from rnntui.tui.actions import bindings_for
from rnntui.tui.dialogs.dialog import Dialog
from rnntui.tui.keys import with_keys
from rnntui.tui.messages import ReportRequested
from rnntui.tui.safe import joined, shown_line, shown_name
from rnntui.tui.work import Desk

_NAME_CELLS = 17
_NONE_YET = "There is no model yet. {show-train} trains one on your own text."
_HINT = "Enter goes on here with it · {model-new} begins a new chat · {model-report} its report · {models-close} back"


@dataclass(frozen=True, slots=True)
class ChosenModel:
    """What the person chose."""

    model_id: str
    is_new: bool
    """True for a new conversation; otherwise the model goes on in the one that is open."""


class ModelsScreen(Dialog[ChosenModel]):
    """Closes with the chosen model, or with nothing.

    Args:
        cards: Reads all models, in the order they are shown; asked in a thread of its own.
        current: Id of the model that is open.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("models")
    HELP = (
        "Choose a model with the arrow keys. Enter lets it go on in the conversation that is open: it reads what was "
        "said once. {model-new} begins a new conversation with it, {model-report} is the report of how it came about. "
        "Lower bits per character are better."
    )

    def __init__(self, cards: Callable[[], Sequence[ModelCard]], current: str) -> None:
        super().__init__()
        self._read = cards
        self._desk = Desk(self, self._show_progress)
        self._cards: tuple[ModelCard, ...] = ()
        self._current = current

    def compose(self) -> ComposeResult:
        """Heading, rows, hint."""
        with Vertical(classes="dialog"):
            yield Static(shown_line("Models"), classes="dialog-title")
            yield Static(_heading(), id="models-heading")
            yield OptionList(id="models")
            yield Static(id="models-said")
            yield Static(
                shown_line(with_keys(self.app, _HINT)),
                classes="dialog-hint",
            )
            with Horizontal(classes="buttons"):
                yield Button(shown_line("New chat"), id="models-new", compact=True)
                yield Button(shown_line("Report"), id="models-report", compact=True)

    def on_mount(self) -> None:
        """Read the models."""
        self.query_one("#models-said").display = False
        self._desk.ask(self._read, self._show, self._say, "reading the models")

    def _show(self, cards: Sequence[ModelCard]) -> None:
        """List them, beginning at the model that is open."""
        self._cards = tuple(cards)
        if not self._cards:
            self._say(with_keys(self.app, _NONE_YET))
            return
        listed = self.query_one(OptionList)
        listed.add_options([Option(self._row(card), id=card.model_id) for card in self._cards])
        ids = [card.model_id for card in self._cards]
        listed.highlighted = ids.index(self._current) if self._current in ids else 0

    def _show_progress(self, what: str) -> None:
        self._say(f"{what} …" if what else "")

    def _say(self, sentence: str) -> None:
        """A sentence in the place of the list, as long as there is none."""
        line = self.query_one("#models-said", Static)
        line.update(shown_line(sentence))
        line.display = bool(sentence)
        self.query_one(OptionList).display = not sentence
        self.query_one(".buttons").display = not sentence

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A model was chosen."""
        self.dismiss(ChosenModel(event.option.id or "", is_new=False))

    @on(Button.Pressed, "#models-new")
    def action_begin_new(self) -> None:
        """A new conversation with the model."""
        at = self.query_one(OptionList).highlighted if self._cards else None
        if at is not None:
            self.dismiss(ChosenModel(self._cards[at].model_id, is_new=True))

    @on(Button.Pressed, "#models-report")
    def action_see_report(self) -> None:
        """Read how the model came about."""
        at = self.query_one(OptionList).highlighted if self._cards else None
        if at is not None:
            self.post_message(ReportRequested(self._cards[at].model_id))

    def _row(self, card: ModelCard) -> Content:
        mark = "● " if card.model_id == self._current else "  "
        figures = card.figures
        quality = f"{figures.bits_per_character:.3f}" if figures.words else "–"
        shape = f"{card.config.cell} {card.config.layers}×{card.config.hidden_size}"
        size = f"{card.weights_bytes / 1e6:.1f} MB"
        return joined(
            (mark, "$text-accent"),
            shown_name(card.name, _NAME_CELLS),
            (f" {shape:<11}{size:>8}{card.training_words:>11,}{quality:>10}  ", "$foreground-muted"),
            shown_line(local_day(card.made_at), "$foreground-muted"),
        )


def _heading() -> Content:
    text = f"{'name':<{_NAME_CELLS}} {'cell':<11}{'size':>8}{'words read':>11}{'bits/char':>10}  made"
    return joined((f"   {text}", "$foreground-disabled"))
