"""Two versions of a turn beside each other, with the settings they were written with, the first different word marked.

one, other = compare_versions((turn, "version 1 of 3"), (another, "version 2 of 3"))
self.app.push_screen(VersionsComparison(one, other), take)      # take(0), take(1), or take(None)
"""

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Static

from rnntui.records import Turn
from rnntui.service.chat.facts import count_written_words, surprise
from rnntui.service.compare.agreement import describe_agreement
from rnntui.service.compare.variants import name_of, value_text
from rnntui.settings import SamplerSettings
from rnntui.text import plural
from rnntui.tui.actions import bindings_for
from rnntui.tui.compare.columns import Column, Columns
from rnntui.tui.dialogs.dialog import Dialog
from rnntui.tui.safe import shown_line

_ALWAYS = ("temperature", "seed")


@dataclass(frozen=True, slots=True)
class ComparedText:
    """One of two texts."""

    title: str
    """What it is, such as "version 1 of 3"."""
    text: str
    facts: str
    """Its settings and figures, in one line."""


class VersionsComparison(Dialog[int]):
    """Closes with 0 or 1 for the text that is wanted, or with nothing.

    Args:
        one: Stands left, or above; it is called A.
        other: The other one, B.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("versions-compared")
    HELP = (
        "Two versions of one turn, with the settings they were written with and their surprise. What both begin with "
        "is dim, the first different word is marked. {versions-a} and {versions-b} go to one of them."
    )

    def __init__(self, one: ComparedText, other: ComparedText) -> None:
        super().__init__()
        self._texts = (one, other)
        self._columns = Columns()

    def compose(self) -> ComposeResult:
        """Both texts, and how far they agree."""
        with Vertical(classes="dialog"):
            yield Static(shown_line("Versions side by side"), classes="dialog-title")
            yield self._columns
            yield Static(id="agreement")

    def on_mount(self) -> None:
        """Fill the columns."""
        for column, text in zip(self._columns.columns, self._texts, strict=True):
            column.show_head(text.title)
            column.show_figures(text.facts)
        found = self._columns.show_texts(*(text.text.strip() for text in self._texts))
        self.query_one("#agreement", Static).update(shown_line(describe_agreement(found)))

    def action_choose(self, side: int) -> None:
        """Go to one of them."""
        self.dismiss(side)

    def action_scroll_columns(self, by: int) -> None:
        """Both texts a page on, or back."""
        self._columns.scroll(by)

    @on(Column.Clicked)
    def _choose_clicked(self, event: Column.Clicked) -> None:
        self.dismiss(event.side)


def compare_versions(one: tuple[Turn, str], other: tuple[Turn, str]) -> tuple[ComparedText, ComparedText]:
    """Two turns, each with its title, as texts with facts; of the settings those that differ, temperature and seed."""
    drawn = [_settings_of(turn) for turn, _ in (one, other)]
    names = [entry.name for entry in dataclasses.fields(SamplerSettings)]
    told = [name for name in names if name in _ALWAYS or len({getattr(each, name, None) for each in drawn}) > 1]
    texts = [
        ComparedText(title, turn.text, _facts(turn, settings, told))
        for (turn, title), settings in zip((one, other), drawn, strict=True)
    ]
    return texts[0], texts[1]


def _settings_of(turn: Turn) -> SamplerSettings | None:
    """The settings a turn was written with; of several those of its last words. None where a person wrote it."""
    return next((span.sampler for span in reversed(turn.draws) if span.sampler), turn.sampler)


def _facts(turn: Turn, settings: SamplerSettings | None, told: list[str]) -> str:
    words = count_written_words(turn)
    parts = [f"{name_of(name)} {value_text(name, getattr(settings, name))}" for name in told if settings]
    parts.append(plural(words, "word"))
    if turn.logprobs and words:
        parts.append(f"{surprise(turn, words):.1f} bits a word")
    return " · ".join(parts)
