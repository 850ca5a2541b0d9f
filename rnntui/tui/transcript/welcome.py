"""The card over an empty conversation: what this is, and what to type first."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from rnntui.settings import CELL_FACTS
from rnntui.tui.keys import key_of
from rnntui.tui.safe import joined, shown_line

if TYPE_CHECKING:
    from rnntui.records import ModelCard


class Welcome(Static):
    """A few lines, gone with the first words."""

    DEFAULT_CSS = """
    Welcome {
        content-align: center middle;
        color: $text-muted;
    }
    """

    def show(self, card: "ModelCard") -> None:
        """Introduce a model."""
        self.update(welcome_text(card, lambda action_id: key_of(self.app, action_id)))


def welcome_text(card: "ModelCard", key: Callable[[str], str]) -> Content:
    """The card's words; `key` tells what to press for an action."""
    cell = CELL_FACTS[card.config.cell].label
    units = card.config.layers * card.config.hidden_size
    return joined(
        shown_line(card.name, "bold $text-primary", 40),
        f"  {cell} network with {units:,} units of memory\n",
        f"It has read {card.training_words:,} words{_read_from(card)}.\n",
        "\n",
        "It does not answer questions. It goes on writing where you stop,\n",
        "and remembers, a little, everything you both wrote before.\n",
        "\n",
        f"Type a beginning and press {key('send')}, for example:\n",
        ("It was a cold evening and the old man\n", "bold $foreground"),
        "\n",
        f"{key('send')} alone lets it simply go on. {key('stop')} stops it at once.\n",
        (key("temperature"), "bold $text-accent"),
        " how daring   ",
        (key("show-train"), "bold $text-accent"),
        " train it on your own text   ",
        (key("help"), "bold $text-accent"),
        " help",
    )


def _read_from(card: "ModelCard") -> str:
    count = len(card.sources)
    return f" from {count} texts" if count > 1 else ""
