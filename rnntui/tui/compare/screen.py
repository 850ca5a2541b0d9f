"""Two ways to go on, written side by side: what differs is chosen at the top, one of them can be taken over.

The screen says what it wants and is told what is written; it knows no conversation.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from rnntui.chat_events import (
    ComparisonEvent,
    SideBegun,
    SideEnded,
    SideReading,
    SideRefused,
    SideSaid,
    SideThinking,
)
from rnntui.service.compare.agreement import describe_agreement
from rnntui.service.compare.variants import Variant, describe_sides, name_of, value_text
from rnntui.settings import SamplerSettings
from rnntui.text import plural
from rnntui.tui.action import Action
from rnntui.tui.actions import bindings_for
from rnntui.tui.compare.choices import Choices
from rnntui.tui.compare.columns import LETTERS, Column, Columns
from rnntui.tui.dialogs.dialog import Dialog
from rnntui.tui.footer.captions import Caption, own_caption
from rnntui.tui.footer.hints import Hint
from rnntui.tui.safe import joined, shown_line
from rnntui.tui.status_messages import REASONS
from rnntui.tui.work import Desk

_LEFT, _RIGHT = " ‹ ", " › "


@dataclass(frozen=True, slots=True)
class Taken:
    """The side that the person takes over."""

    side: int
    tokens: int
    """So many of its tokens were shown."""
    shown: str
    """What it is, such as "temperature 0.50"."""
    is_instead: bool
    """True when it stands in the place of the last reply."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is compared."""

    sampler: SamplerSettings
    """How A samples."""
    seed: int
    model: str
    """The name of A's."""
    after: str
    """The end of what both go on from; empty for nothing."""
    can_replace: bool
    """Whether there is a last reply that both may write otherwise."""


@dataclass
class _Said:
    """One side as it stands."""

    text: str = ""
    tokens: int = 0
    words: int = 0
    bits_per_word: float = 0.0
    words_read: int = 0
    state: str = "…"
    """What it does, or why it ended."""
    is_over: bool = False


class ComparisonScreen(Dialog[Taken]):
    """Closes with the side that is taken over, or with nothing.

    Args:
        asked: What is compared.
        variant: What differs at first; None takes the usual difference.
        begin: Lets both write: what differs, a seed or None for the conversation's, and whether they stand in the place
            of the last reply.
        stop: Stops both.
        models: Reads the names of all models; asked in a thread of its own.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("compare")
    HELP = (
        "A goes on as everything is set, B with one thing changed, both from the same memory and with the same dice. "
        "What both begin with is dim, the first different word is marked. Nothing of it is in the conversation until "
        "you take one over with {compare-take-a} or {compare-take-b}, and {undo} takes it back."
    )

    def __init__(
        self,
        asked: Asked,
        variant: Variant | str | None,
        begin: Callable[[Variant, int | None, bool], None],
        stop: Callable[[], None],
        models: Callable[[], Sequence[str]],
    ) -> None:
        super().__init__()
        self._asked = asked
        self._begin = begin
        self._stop = stop
        self._read_models = models
        self._choices = Choices(asked.sampler, asked.seed, asked.model)
        self._wanted = variant
        self._seed: int | None = None
        self._is_instead = False
        self._is_due = False
        """Whether what has come is still to be shown."""
        self._was_writing = False
        self._current = 1
        self._said = (_Said(), _Said())
        self._columns = Columns()
        self._desk = Desk(self)

    def compose(self) -> ComposeResult:
        """What differs, both texts, how far they agree."""
        with Vertical(classes="dialog"):
            yield Static(id="compared-from")
            yield Static(id="chooser")
            yield self._columns
            yield Static(id="agreement")

    def on_mount(self) -> None:
        """Begin at once; the names of the models come when they are read."""
        if isinstance(self._wanted, Variant):
            self._choices.choose(self._wanted)
        elif self._wanted and self._wanted in self._choices.kinds:
            self._choices.choose_kind(self._wanted)
        self._desk.ask(self._read_models, self._take_models, lambda sentence: None)
        if self._wanted != "model":
            self._write()

    def _take_models(self, names: Sequence[str]) -> None:
        self._choices.set_models(names)
        if self._wanted == "model":
            if "model" in self._choices.kinds:
                self._choices.choose_kind("model")
            else:
                self.app.notify("There is no other model to compare with.", severity="warning")
            self._write()

    # ---- writing

    def _write(self) -> None:
        """Both write, from the beginning."""
        self._stop()
        self._said = (_Said(), _Said())
        self._columns.follow()
        self._show_chooser()
        self._show_texts()
        self._begin(self._choices.variant, self._seed, self._is_instead)

    def take(self, event: ComparisonEvent) -> None:
        """Show what has come."""
        side = self._said[event.side]
        match event:
            case SideReading():
                side.state = f"reading {event.tokens:,} of {event.of_tokens:,} tokens"
            case SideBegun():
                side.words_read, side.state = event.words_read, "…"
                self._show_from(event)
            case SideThinking():
                side.state = f"thinking · {event.draft + 1} of {plural(event.of_drafts, 'draft')}"
            case SideSaid():
                side.text += event.piece
                side.tokens += 1
                side.words, side.bits_per_word, side.state = event.words, event.bits_per_word, "…"
            case SideEnded():
                side.words, side.bits_per_word = event.words, event.bits_per_word
                side.state, side.is_over = REASONS.get(event.reason, event.reason), True
            case SideRefused():
                side.state, side.is_over = f"{event.sentence} {event.next_step}".rstrip(), True
        if not self._is_due:  # once for all that comes in one frame
            self._is_due = True
            self.call_later(self._show_texts)

    def refuse(self, sentence: str) -> None:
        """Neither can write."""
        self._end(sentence)

    def _end(self, state: str) -> None:
        """Nothing more comes of what is not over yet."""
        for said in self._said:
            if not said.is_over:
                said.state, said.is_over = state, True
        self._show_texts()

    @property
    def _is_writing(self) -> bool:
        return not all(said.is_over for said in self._said)

    # ---- showing

    def _show_from(self, event: SideBegun) -> None:
        if event.side:
            return
        after = self._asked.after
        where = (
            "in the place of the last reply" if self._is_instead else f"after “{after}”" if after else "from nothing"
        )
        self.query_one("#compared-from", Static).update(
            joined(
                ("Side by side ", "bold $text-primary"),
                (f"· seed {event.seed} · ", "$foreground-muted"),
                shown_line(where, "$foreground-muted", 160),
            )
        )

    def _show_chooser(self) -> None:
        self.query_one("#chooser", Static).update(Content.assemble(*(text for text, _ in self._chooser_parts())))

    def _chooser_parts(self) -> list[tuple[Content, Callable[[], None] | None]]:
        """The row at the top, and what a click on each part of it does."""
        variant = self._choices.variant
        arrow = "bold $text-accent"
        value = "forgotten" if variant.what == "memory" else value_text(variant.what, variant.value)
        return [
            (joined(("what differs", "$foreground-muted")), lambda: self.action_kind(1)),
            (joined((_LEFT, arrow)), lambda: self.action_kind(-1)),
            (joined((name_of(variant.what), "bold")), lambda: self.action_kind(1)),
            (joined((_RIGHT, arrow)), lambda: self.action_kind(1)),
            (joined(("   B", "$foreground-muted")), None),
            (joined((_LEFT, arrow)), lambda: self.action_value(-1)),
            (shown_line(value, "bold", 40), lambda: self.action_value(1)),
            (joined((_RIGHT, arrow)), lambda: self.action_value(1)),
        ]

    def _show_texts(self) -> None:
        """Both texts as they stand."""
        self._is_due = False
        heads = describe_sides(self._choices.variant, self._asked.sampler, self._asked_seed, self._asked.model)
        for column, said, head in zip(self._columns.columns, self._said, heads, strict=True):
            column.show_head(f"{head}{' ◂' if column.side == self._current else ''}")
            column.show_figures(_figures(said))
        one, other = self._said
        found = self._columns.show_texts(one.text, other.text, are_growing=self._is_writing)
        for column, said in zip(self._columns.columns, self._said, strict=True):
            if not said.tokens:
                column.show_instead(said.state, is_refusal=said.is_over)
        shown = "" if self._is_writing and found.first is None else describe_agreement(found)
        self.query_one("#agreement", Static).update(shown_line(shown))
        if self._is_writing != self._was_writing:
            self._was_writing = self._is_writing
            self.refresh_bindings()

    def caption(self, entry: Action | Hint) -> Caption | None:
        """What an entry of the footer is called; None leaves it out."""
        if isinstance(entry, Action) and entry.id == "compare-close":
            return Caption("Stop", is_first=True) if self._is_writing else Caption("Leave")
        if isinstance(entry, Action) and entry.id == "compare-instead" and not self._asked.can_replace:
            return None
        return own_caption(entry)

    @property
    def _asked_seed(self) -> int:
        return self._asked.seed if self._seed is None else self._seed

    # ---- what the person does

    def action_kind(self, by: int) -> None:
        """Let something else differ."""
        self._choices.next_kind(by)
        self._write()

    def action_value(self, by: int) -> None:
        """The next value of B, or the one before."""
        if self._choices.step(by):
            self._write()

    def action_fine(self, by: int) -> None:
        """A small step of B's value."""
        if self._choices.step(by, is_fine=True):
            self._write()

    def action_new_dice(self) -> None:
        """Both once more, with another seed."""
        import secrets

        self._seed = secrets.randbelow(2**31)
        self._write()

    def action_instead(self) -> None:
        """Both in the place of the last reply, or after it again."""
        if self._asked.can_replace:
            self._is_instead = not self._is_instead
            self._write()

    def action_other_side(self) -> None:
        """Enter is for the other side."""
        self._current = 1 - self._current
        self._show_texts()

    def action_take_current(self) -> None:
        """Take the marked side over."""
        self.action_take(self._current)

    def action_take(self, side: int) -> None:
        """Take a side over, as far as it is shown."""
        said = self._said[side]
        if not said.tokens:
            self.app.notify(f"{LETTERS[side]} has said nothing yet.", severity="warning")
            return
        heads = describe_sides(self._choices.variant, self._asked.sampler, self._asked_seed, self._asked.model)
        self.dismiss(Taken(side, said.tokens, heads[side], self._is_instead))

    def action_stop_or_leave(self) -> None:
        """Stop both where they are; when nothing is written, leave the conversation as it was."""
        if not self._is_writing:
            self.dismiss(None)
            return
        self._stop()
        self._end("stopped")

    def action_scroll_columns(self, by: int) -> None:
        """Both texts a page on, or back."""
        self._columns.scroll(by)

    @on(Column.Clicked)
    def _take_clicked(self, event: Column.Clicked) -> None:
        self.action_take(event.side)

    def on_click(self, event: events.Click) -> None:
        """The arrows of the row at the top."""
        if event.widget is None or event.widget.id != "chooser":
            return
        left = 0
        for content, do in self._chooser_parts():
            left += content.cell_length
            if event.x < left:
                if do:
                    do()
                return


def _figures(said: _Said) -> str:
    if not said.tokens:
        return ""
    read = f"read {plural(said.words_read, 'word')} first · " if said.words_read else ""
    return f"{read}{plural(said.words, 'word')} · {said.bits_per_word:.1f} bits a word · {said.state}"
