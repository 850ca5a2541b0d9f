"""The list of models, to sort, filter, rename and remove; the chosen one goes on here, or in a new conversation."""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from rnntui.records import ModelCard, RunReport
from rnntui.text import visible_line
from rnntui.tui.actions import bindings_for
from rnntui.tui.dialogs.dialog import Dialog
from rnntui.tui.keys import with_keys
from rnntui.tui.messages import ReportRequested
from rnntui.tui.models.model_preview import removal_in_words, render_preview
from rnntui.tui.models.model_rows import ModelListing, render_heading, render_row, row_of
from rnntui.tui.safe import joined, shown_line
from rnntui.tui.widgets.ask_line import AskLine
from rnntui.tui.work import Desk

if TYPE_CHECKING:
    from rnntui.service.services import Services

_NONE_YET = "There is no model yet. {show-train} trains one on your own text."
_NONE_FOUND = "No model is called like that."
_HINT = (
    "Enter goes on here with it · {model-new} new chat · {model-report} report · {model-sort} sort · "
    "{model-find} find · {model-rename} rename · {model-remove} remove · {models-close} back"
)


@dataclass(frozen=True, slots=True)
class ChosenModel:
    """What the person chose."""

    model_id: str
    is_new: bool
    """True for a new conversation; otherwise the model goes on in the one that is open."""


class ModelsScreen(Dialog[ChosenModel]):
    """Closes with the chosen model, or with nothing.

    Args:
        services: Where models are.
        current: Id of the model that is open.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("models")
    HELP = (
        "Choose a model with the arrow keys. Enter lets it go on in the conversation that is open: it reads what was "
        "said once. {model-new} begins a new conversation with it, {model-report} is the report of how it came about. "
        "{model-sort} sorts by age, name, bits or size, {model-find} finds by name and text. Lower bits per character "
        "are better."
    )

    def __init__(self, services: "Services", current: str) -> None:
        super().__init__()
        self._services = services
        self._desk = Desk(self, self._show_progress)
        self._previews = Desk(self)
        self._listing = ModelListing()
        self._current = current

    def compose(self) -> ComposeResult:
        """Heading, rows with what is known of one of them, a line for questions, hint."""
        with Vertical(classes="dialog"):
            yield Static(id="models-title", classes="dialog-title")
            yield AskLine("find", "find", id="models-ask")
            with Horizontal(id="models-columns"):
                with Vertical(id="models-list"):
                    yield Static(render_heading(), id="models-heading")
                    yield OptionList(id="models")
                with VerticalScroll(id="models-beside", can_focus=False):
                    yield Static(id="models-preview")
            yield Static(id="models-said")
            yield Static(shown_line(with_keys(self.app, _HINT), limit=300), classes="dialog-hint")
            with Horizontal(classes="buttons"):
                yield Button(shown_line("New chat"), id="models-new", compact=True)
                yield Button(shown_line("Report"), id="models-report", compact=True)
                yield Button(shown_line("Rename"), id="models-rename", compact=True)
                yield Button(shown_line("Remove"), id="models-remove", compact=True)

    def on_mount(self) -> None:
        """Read the models."""
        self._ask.display = False
        self.query_one(OptionList).focus()
        self._read(self._current)

    # ---- the list

    def _read(self, model_id: str, said: str = "") -> None:
        """Read all models, stand at one of them, and say what was done."""

        def take(cards: Sequence[ModelCard]) -> None:
            self._listing = dataclasses.replace(self._listing, cards=tuple(cards))
            self._show(model_id)
            if said:
                self._say(said)

        self._desk.ask(self._services.models, take, self._say, "reading the models")

    def _show(self, model_id: str) -> None:
        """List them, standing at this one."""
        rows, listed = self._listing.rows, self.query_one(OptionList)
        title = f"  by {self._listing.order}" if self._listing.cards else ""
        self.query_one("#models-title", Static).update(joined("Models", (title, "$foreground-disabled")))
        listed.clear_options()
        listed.add_options([Option(render_row(card, self._current), id=card.model_id) for card in rows])
        listed.highlighted = row_of(rows, model_id)
        self.query_one("#models-columns").display = bool(rows)
        self.query_one(".buttons").display = bool(rows)
        self._say("" if rows else _NONE_FOUND if self._listing.cards else with_keys(self.app, _NONE_YET))

    @property
    def _chosen(self) -> ModelCard | None:
        rows, at = self._listing.rows, self.query_one(OptionList).highlighted
        return rows[at] if at is not None and at < len(rows) else None

    @property
    def _ask(self) -> AskLine:
        return self.query_one(AskLine)

    def _show_progress(self, what: str) -> None:
        self._say(f"{what} …" if what else "")

    def _say(self, sentence: str) -> None:
        line = self.query_one("#models-said", Static)
        line.update(shown_line(sentence, "$text-accent", 400))
        line.display = bool(sentence)

    @on(OptionList.OptionHighlighted)
    def _preview(self) -> None:
        """Show what is known of the model at which the list stands, where there is room for it."""
        card, archive = self._chosen, self._services.archive
        if card is None or self.has_class("-narrow"):
            return

        def take(found: tuple[RunReport | None, int]) -> None:
            self.query_one("#models-preview", Static).update(render_preview(card, *found))

        self._previews.ask(lambda: archive.model_facts(card.model_id), take, self._say)

    # ---- what can be done

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A model was chosen."""
        self.dismiss(ChosenModel(event.option.id or "", is_new=False))

    @on(Button.Pressed, "#models-new")
    def action_begin_new(self) -> None:
        """A new conversation with the model."""
        if card := self._chosen:
            self.dismiss(ChosenModel(card.model_id, is_new=True))

    @on(Button.Pressed, "#models-report")
    def action_see_report(self) -> None:
        """Read how the model came about."""
        if card := self._chosen:
            self.post_message(ReportRequested(card.model_id))

    def action_sort(self) -> None:
        """In another order: by age, name, bits, size."""
        card = self._chosen
        self._listing = dataclasses.replace(self._listing, order=self._listing.next_order)
        self._show(card.model_id if card else "")

    def action_find(self) -> None:
        """Ask for a part of a name or text."""
        self._ask.display = True
        self._ask.ask_first()
        self._ask.ask("find", "find", self._listing.wanted)

    @on(Button.Pressed, "#models-rename")
    def action_rename(self) -> None:
        """Ask for another name."""
        if card := self._chosen:
            self._ask.display = True
            self._ask.ask("rename", "new name", card.name)

    @on(Button.Pressed, "#models-remove")
    def action_remove(self) -> None:
        """Ask whether it is to be removed: it cannot be brought back."""
        card, archive = self._chosen, self._services.archive
        if card is None:
            return

        def ask(conversations: int) -> None:
            is_open = card.model_id == self._current
            self._say(removal_in_words(card, conversations, is_open=is_open))
            self._ask.display = True
            self._ask.ask(card.model_id, "remove it?", "yes")

        self._desk.ask(lambda: archive.conversations_with(card.model_id), ask, self._say)

    @on(AskLine.Typed)
    def _find_typed(self, event: AskLine.Typed) -> None:
        card = self._chosen
        self._listing = dataclasses.replace(self._listing, wanted=event.text)
        self._show(card.model_id if card else "")

    @on(AskLine.Answered)
    def _take_answer(self, event: AskLine.Answered) -> None:
        card, archive = self._chosen, self._services.archive
        if event.about == "find" or card is None:
            self._fold()
            return
        if event.about == "rename":
            self._do("renaming", lambda: archive.rename_model(card.model_id, event.text), "It is called {} now.", card)
        elif event.text.strip().casefold() in {"yes", "y"}:
            self._do("removing", lambda: _remove(archive.remove_model, card), "{} is gone.", card)
        else:
            self._fold()

    def _do(self, what: str, work: Callable[[], str], said: str, card: ModelCard) -> None:
        """Change a model; what is done is said with the name that comes of it."""

        def take(name: str) -> None:
            self._fold()
            self._read(card.model_id, said.format(f'"{visible_line(name, 40)}"'))

        self._desk.do(what, work, take, self._say)

    def _fold(self) -> None:
        """Back to the list; what was searched for stays."""
        self._ask.ask_first()
        self._ask.display = bool(self._listing.wanted)
        self._say("")
        self.query_one(OptionList).focus()

    def action_leave(self) -> None:
        """Back to the list, then to all models, then close."""
        if self._ask.display and self._ask.about == "find" and self._listing.wanted:
            self._listing = dataclasses.replace(self._listing, wanted="")
            self._ask.ask("find", "find", "")
            self._fold()
            self._show(self._current)
            return
        if self._ask.display:
            self._fold()
            return
        super().action_leave()


def _remove(remove: Callable[[str], None], card: ModelCard) -> str:
    remove(card.model_id)
    return card.name
