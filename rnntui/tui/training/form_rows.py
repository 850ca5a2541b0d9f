"""Two fields of the form: the model to begin from, and the minutes with their presets."""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Button, Input, Select

from rnntui.records import FROM_NOTHING, WHERE_IT_HELPS, ModelCard
from rnntui.tui.safe import shown_line
from rnntui.tui.widgets.text_input import TextInput

_PRESETS = (1, 5, 15, 30, 60)


class BaseSelect(Select[str]):
    """The model to begin from: what helps, nothing, or one of the models. Its value is WHERE_IT_HELPS, "" or an id."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(_options(()), value=WHERE_IT_HELPS, allow_blank=False, compact=True, id=id)
        self.cards: tuple[ModelCard, ...] = ()
        """The models on offer."""

    def open(self) -> None:
        """Open the list of models to begin from."""
        self.focus()
        self.action_show_overlay()

    def show_cards(self, cards: Sequence[ModelCard]) -> None:
        """Offer these models; what was chosen stays so if it is still there."""
        if tuple(cards) == self.cards:
            return
        self.cards = tuple(cards)
        before, content = self.value, _options(cards)
        self.set_options(content)
        if before in {card.model_id for card in cards}:
            self.value = before


class MinutesField(Horizontal):
    """A number of minutes, and buttons for usual ones. The input's own messages tell of changes."""

    DEFAULT_CSS = """
    MinutesField { width: auto; height: 1; }
    """

    def compose(self) -> ComposeResult:
        """The number, then the presets."""
        minutes = TextInput("5", id="minutes", compact=True, restrict=r"[0-9.]*")
        minutes.cursor_blink = False
        yield minutes
        for preset in _PRESETS:
            yield Button(shown_line(str(preset)), id=f"minutes-{preset}", classes="preset", compact=True)

    @property
    def text(self) -> str:
        """What is typed."""
        return self.query_one(Input).value

    @on(Button.Pressed)
    def _take_preset(self, event: Button.Pressed) -> None:
        event.stop()
        self.query_one(Input).value = (event.button.id or "").removeprefix("minutes-")

    @on(Input.Changed)
    def _mark_preset(self, event: Input.Changed) -> None:
        for preset in _PRESETS:
            self.query_one(f"#minutes-{preset}").set_class(event.value == str(preset), "-chosen")


def _options(cards: Sequence[ModelCard]) -> list[tuple[Content, str]]:
    usual = [(shown_line("what helps"), WHERE_IT_HELPS), (shown_line(FROM_NOTHING), "")]
    return [*usual, *((shown_line(card.name, "", 40), card.model_id) for card in cards)]
