"""Models as rows of a list: in which order, which of them, and what each row says. Knows no widget."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from textual.content import Content

from rnntui.records import ModelCard, Source
from rnntui.service.timestamps import to_local
from rnntui.text import visible_line
from rnntui.tui.safe import joined, shown_name

_NAME_CELLS = 16
_SOURCE_CELLS = 23
ORDERS = ("age", "name", "bits", "size")
"""How a list can be sorted: the newest, the first name, the fewest bits or the smallest stands first."""
_SPANS = (("year", 365 * 24 * 60), ("month", 30 * 24 * 60), ("day", 24 * 60), ("hour", 60), ("min", 1))
"""In minutes."""


@dataclass(frozen=True, slots=True)
class ModelListing:
    """Which models are listed, and how."""

    cards: tuple[ModelCard, ...] = ()
    """All there are."""
    order: str = ORDERS[0]
    wanted: str = ""
    """What names, texts and kinds are searched for; empty lists all."""

    @property
    def rows(self) -> tuple[ModelCard, ...]:
        """The models in the order in which they are listed."""
        words = self.wanted.casefold().split()
        found = [card for card in self.cards if all(word in _searched(card) for word in words)]
        match self.order:
            case "name":
                found.sort(key=lambda card: card.name.casefold())
            case "bits":
                found.sort(key=lambda card: card.figures.bits_per_character or float("inf"))
            case "size":
                found.sort(key=lambda card: card.weights_bytes)
            case _:
                found.sort(key=lambda card: card.made_at, reverse=True)
        return tuple(found)

    @property
    def next_order(self) -> str:
        """The order after this one, and the first after the last."""
        return ORDERS[(ORDERS.index(self.order) + 1) % len(ORDERS)]


def source_in_words(card: ModelCard) -> str:
    """Which text a model learned from, and what it began from."""
    texts = _title(card.sources[0]) if card.sources else "unknown text"
    if len(card.sources) > 1:
        texts = f"{len(card.sources):,} texts"
    return f"{texts} ← {visible_line(card.base_name, 40)}" if card.base_name else texts


def age_in_words(made_at: str, now: datetime | None = None) -> str:
    """How long ago a model was made, such as "3 days"; the day itself where that cannot be told."""
    try:
        minutes = int(((now or datetime.now(UTC)) - to_local(made_at)).total_seconds() // 60)
    except (ValueError, OverflowError, OSError):
        return visible_line(made_at[:10], 10)
    for name, span in _SPANS:
        if minutes >= span:
            count = minutes // span
            return f"{count} {name}{'' if count == 1 or name == 'min' else 's'}"
    return "just now"


def render_heading() -> Content:
    """The names of the columns."""
    text = f"{'name':<{_NAME_CELLS}} {'bits/char':>9}  {'learned from':<{_SOURCE_CELLS}} {'size':>8}  age"
    return joined((f"  {text}", "$foreground-disabled"))


def render_row(card: ModelCard, current: str) -> Content:
    """One model.

    Args:
        card: Of the model.
        current: Id of the one that is open.
    """
    bits = f"{card.figures.bits_per_character:.3f}" if card.figures.words else "–"
    return joined(
        ("● " if card.model_id == current else "  ", "$text-accent"),
        shown_name(card.name, _NAME_CELLS),
        (f" {bits:>9}  ", "$foreground"),
        shown_name(source_in_words(card), _SOURCE_CELLS).stylize("$foreground-muted"),
        (f" {size_in_words(card):>8}  {age_in_words(card.made_at)}", "$foreground-muted"),
    )


def size_in_words(card: ModelCard) -> str:
    """What its weights take."""
    return f"{card.weights_bytes / 1e6:.1f} MB"


def row_of(rows: Sequence[ModelCard], model_id: str) -> int | None:
    """Where a model stands among the rows: the first row for one that is not there, None where there are none."""
    if not rows:
        return None
    return next((number for number, card in enumerate(rows) if card.model_id == model_id), 0)


def _searched(card: ModelCard) -> str:
    names = [_title(source) for source in card.sources[:200]]
    return " ".join((card.name, card.config.cell, card.base_name, *names)).casefold()


def _title(source: Source) -> str:
    return visible_line(source.title or source.name, 60)
