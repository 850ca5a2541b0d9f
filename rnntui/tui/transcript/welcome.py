"""The card over an empty conversation: what this is, and what to type first."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import events
from textual.content import Content
from textual.widgets import Static

from rnntui.settings import CELL_FACTS
from rnntui.tui.keys import key_of
from rnntui.tui.safe import joined, shown_line

if TYPE_CHECKING:
    from rnntui.records import ModelCard


BEGINNINGS = (
    "It was a cold evening and the old man",
    "The letter had lain on the table for a week, and when at last",
    "“You are late,” said the captain, and",
)
"""Each can be gone on from: it ends where a sentence is open."""
_ROWS = 15
"""With fewer the card leaves out what a person finds anyway."""


class Welcome(Static):
    """A few lines, gone with the first words."""

    DEFAULT_CSS = """
    Welcome {
        content-align: center middle;
        color: $text-muted;
    }
    """

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._card: ModelCard | None = None

    def show(self, card: "ModelCard") -> None:
        """Introduce a model."""
        self._card = card
        self.update(welcome_text(card, lambda action_id: key_of(self.app, action_id), self.size.height >= _ROWS))

    def on_resize(self, event: events.Resize) -> None:
        """There is room for more, or for less."""
        if self._card:
            self.show(self._card)


def welcome_text(card: "ModelCard", key: Callable[[str], str], is_roomy: bool = True) -> Content:
    """The card's words.

    Args:
        card: The model.
        key: Tells what to press for an action.
        is_roomy: False where eleven rows of 58 columns have to do.
    """
    cell = CELL_FACTS[card.config.cell].label
    units = card.config.layers * card.config.hidden_size
    air = "\n" if is_roomy else ""
    beginnings = BEGINNINGS if is_roomy else BEGINNINGS[:1]
    return joined(
        shown_line(card.name, "bold $text-primary", 40),
        f"  {cell} network with {units:,} units of memory\n",
        f"It has read {card.training_words:,} words{_read_from(card)}.\n",
        "\n",
        "It does not answer questions. It goes on where you stop,\n",
        "and remembers, a little, what you both wrote before.\n",
        "\n",
        f"Type a beginning and press {key('send')}, for example:\n",
        *((f"{beginning}\n", "bold $foreground") for beginning in beginnings),
        air,
        f"{key('send')} alone lets it simply go on. {key('stop')} stops it at once.\n",
        f"/careful reads smoother, /wild stranger.\n{air}",
        (key("tour"), "bold $text-accent"),
        " shows you around in five stops\n",
        (key("show-train"), "bold $text-accent"),
        " train it on your own text   ",
        (key("temperature"), "bold $text-accent"),
        " how daring   ",
        (key("help"), "bold $text-accent"),
        " help",
    )


def _read_from(card: "ModelCard") -> str:
    count = len(card.sources)
    return f" from {count} texts" if count > 1 else ""
