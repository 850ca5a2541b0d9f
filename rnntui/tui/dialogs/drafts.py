"""The drafts of one sentence: what else the network thought of before it spoke, and what the judge gave to each."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from rnntui.chat_events import DraftHeard, DraftsLooked
from rnntui.text import plural
from rnntui.tui.actions import bindings_for
from rnntui.tui.dialogs.dialog import Dialog
from rnntui.tui.safe import joined, shown_line

_LONGEST = 1_000
"""Characters of a draft; one has at most 60 words."""


class DraftsScreen(Dialog[int]):
    """Closes with the number of the draft that is to be said instead, or with nothing."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("drafts")
    HELP = (
        "What the network thought of at this sentence, drawn once more from the same dice. Enter says another draft "
        "instead and goes on after it; the text as it was stays beside it as a version."
    )

    def __init__(self, looked: DraftsLooked) -> None:
        super().__init__()
        self._looked = looked

    def compose(self) -> ComposeResult:
        """List and hint."""
        drafts = self._looked.drafts
        with Vertical(classes="dialog"):
            yield Static(shown_line(f"{plural(len(drafts), 'draft')} of this sentence"), classes="dialog-title")
            yield OptionList(*(Option(self._row(draft)) for draft in drafts), id="drafts")
            yield Static(
                shown_line("Enter says it instead · ● is what was said · Esc goes back"), classes="dialog-hint"
            )

    def on_mount(self) -> None:
        """Begin at what was said."""
        listed = self.query_one(OptionList)
        listed.highlighted = self._looked.said
        listed.focus()

    def _row(self, draft: DraftHeard) -> Content:
        is_said = draft.draft == self._looked.said
        alike = next(other.draft for other in self._looked.drafts if other.text == draft.text)
        facts = f"score {draft.score:.2f} · {plural(draft.words, 'word')} · {draft.bits_per_word:.1f} bits a word"
        if alike < draft.draft:
            facts = f"word for word as {alike + 1}"
        return joined(
            ("● " if is_said else "  ", "$text-accent"),
            (f"{draft.draft + 1:>2} ", "$text-accent"),
            (f" {facts}\n", "$foreground-muted"),
            shown_line(draft.text.strip() or "(nothing)", "bold" if is_said else "", _LONGEST),
        )

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A draft was chosen; the one that stands there changes nothing."""
        chosen = self._looked.drafts[event.option_index].draft
        self.dismiss(None if chosen == self._looked.said else chosen)
