"""The card over an empty conversation: what this is, and what to type first."""

from textual.content import Content
from textual.widgets import Static

from rnntui.records import ModelCard
from rnntui.tui.safe import joined, shown_line

_CELLS = {"elman": "a plain recurrent", "gru": "a GRU", "lstm": "an LSTM"}


class Welcome(Static):
    """A few lines, gone with the first words."""

    DEFAULT_CSS = """
    Welcome {
        content-align: center middle;
        color: $text-muted;
    }
    """

    def show(self, card: ModelCard) -> None:
        """Introduce a model."""
        self.update(welcome_text(card))


def welcome_text(card: ModelCard) -> Content:
    """The card's words."""
    cell = _CELLS.get(card.config.cell, "a recurrent")
    numbers = card.config.layers * card.config.hidden_size
    return joined(
        shown_line(card.name, "bold $text-primary", 40),
        f"  {cell} network with {numbers:,} numbers of memory\n",
        f"It has read {card.training_words:,} words{_read_from(card)}.\n",
        "\n",
        "It does not answer questions. It goes on writing where you stop,\n",
        "and remembers, a little, everything you both wrote before.\n",
        "\n",
        "Type a beginning and press Enter, for example:\n",
        ("It was a cold evening and the old man\n", "bold $foreground"),
        "\n",
        "Enter alone lets it simply go on. Esc stops it at once.\n",
        ("ctrl+t", "bold $text-accent"),
        " how daring   ",
        ("F4", "bold $text-accent"),
        " train it on your own text   ",
        ("F1", "bold $text-accent"),
        " help",
    )


def _read_from(card: ModelCard) -> str:
    count = len(card.sources)
    return f" from {count} texts" if count > 1 else ""
