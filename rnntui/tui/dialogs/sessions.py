"""All conversations: a search over every word ever said, and what can be done with one of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from rnntui.paths import working_folder
from rnntui.service.export.exporters import EXPORTERS
from rnntui.text import plural
from rnntui.tui.actions import bindings_for
from rnntui.tui.dialogs.conversation_orders import ConversationOrders
from rnntui.tui.dialogs.conversation_rows import ORDERS, ConversationRow, read_preview, read_rows
from rnntui.tui.dialogs.dialog import Dialog
from rnntui.tui.keys import key_of, with_keys
from rnntui.tui.safe import joined, shown_line
from rnntui.tui.widgets.ask_line import AskLine
from rnntui.tui.widgets.turn_preview import TurnPreview
from rnntui.tui.work import Desk

if TYPE_CHECKING:
    from rnntui.service.services import Services

_HINT = (
    "Enter opens · {session-rename} rename · {session-pin} pin · {session-delete} delete · {session-sort} sort · "
    "{session-copy} copy · {session-export} export · {session-import} import · {sessions-close}"
)


@dataclass(frozen=True, slots=True)
class ChosenConversation:
    """The conversation to open, and the place in it to go to."""

    session_id: str
    turn_id: int = 0
    """The turn in which words were found; 0 opens it where it ends."""
    words: str = ""
    """The first of the words that were found there."""


class SessionsScreen(Dialog[ChosenConversation]):
    """Closes with the chosen conversation, or with nothing.

    Args:
        services: Where conversations are.
        current: The one that is open; empty for none.
        words: What to search for at first; empty for nothing.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("sessions")
    HELP = (
        "Type to search in every word that was ever said, in hidden versions too. The arrow keys choose, Enter opens; "
        "of what was found it goes to the place. {session-sort} sorts the list. "
        "A deleted conversation comes back with {session-restore}; on disk it stays for 30 days."
    )

    def __init__(self, services: "Services", current: str = "", words: str = "") -> None:
        super().__init__()
        self._services = services
        self._desk = Desk(self, self._show_progress)
        self._previews = Desk(self)
        self._order = 0
        self._current = current
        self._words = words
        self._rows: tuple[ConversationRow, ...] = ()
        self._found_for: str | None = None
        """The words that the rows were found with; None before there were any rows."""
        self._opens_found = False
        """True when Enter came before what it searches for: that is opened once it is found."""
        self._said = ""
        """The sentence about what was done; while it stands, an empty list does not speak over it."""
        self._at_work: tuple[str, str] | None = None
        """The answer that is being carried out: what it was about, and what was typed."""

    def compose(self) -> ComposeResult:
        """Search line, list, one line about what was done, hint."""
        with Vertical(classes="dialog"):
            yield Static(id="sessions-title", classes="dialog-title")
            yield AskLine("search", "search", id="ask")
            with Horizontal(id="sessions-columns"):
                yield OptionList(id="sessions")
                yield TurnPreview(id="session-preview")
            yield Static(id="session-said")
            yield Static(shown_line(with_keys(self.app, _HINT)), classes="dialog-hint")

    def on_mount(self) -> None:
        """Show all of them, or those with the words that were given."""
        keys = (key_of(self.app, name) for name in ("session-export", "session-restore"))
        self._orders = ConversationOrders(self._services.archive, *keys)
        self.query_one(OptionList).can_focus = False
        if self._words:
            self._ask.ask("search", "search", self._words)
        self._search(self._ask.text)

    # ---- the list

    @on(AskLine.Typed)
    def _search_typed(self, event: AskLine.Typed) -> None:
        self._opens_found = False
        if event.text != self._found_for:
            self._say("")
        self._search(event.text)

    def _search(self, words: str) -> None:
        services, current, order = self._services, self._current, ORDERS[self._order]
        self._desk.ask(
            lambda: read_rows(services, words, current, order), lambda rows: self._show(words, rows), self._say
        )

    def _show(self, words: str, rows: tuple[ConversationRow, ...]) -> None:
        if self._ask.about == "search" and self._ask.text != words:
            return
        chosen = self._chosen
        self._rows, self._found_for = rows, words
        listed = self.query_one(OptionList)
        listed.clear_options()
        listed.add_options([Option(content) for content in (row.content for row in rows)])
        self._show_title(words, len(rows))
        ids = [row.session_id for row in rows]
        before = chosen.session_id if chosen else self._current
        listed.highlighted = (ids.index(before) if before in ids else 0) if rows else None
        if not self._said:
            nothing = "Nothing was found." if words.strip() else "There is no conversation yet."
            self._write("" if rows else nothing)
        if not rows:
            self._show_preview(Content())
        if self._opens_found:
            self._opens_found = False
            self._open(self._chosen)

    def _show_title(self, words: str, count: int) -> None:
        how = "newest first" if words.strip() else ORDERS[self._order].label
        title = f"{plural(count, 'place')} found" if words.strip() else "Conversations"
        self.query_one("#sessions-title", Static).update(joined(title, (f"  {how}", "$foreground-muted not bold")))

    @on(OptionList.OptionHighlighted)
    def _preview(self) -> None:
        """Show what is under the bar, as soon as it is read; what was passed meanwhile is not."""
        row, services = self._chosen, self._services
        if row and self.query_one(TurnPreview).display:
            self._previews.ask(lambda: read_preview(services, row), self._show_preview, lambda sentence: None)

    def _show_preview(self, content: Content) -> None:
        row = self._chosen
        self.query_one(TurnPreview).show(content, at_end=not (row and row.turn_id))

    @property
    def _ask(self) -> AskLine:
        return self.query_one(AskLine)

    @property
    def _chosen(self) -> ConversationRow | None:
        at = self.query_one(OptionList).highlighted
        return self._rows[at] if at is not None and at < len(self._rows) else None

    def _say(self, sentence: str) -> None:
        self._said = sentence
        self._write(sentence)

    def _write(self, sentence: str) -> None:
        self.query_one("#session-said", Static).update(shown_line(sentence, "$text-accent"))

    def _show_progress(self, what: str) -> None:
        self._say(f"{what} …" if what else "")

    # ---- what can be done

    @on(OptionList.OptionSelected)
    def _open_clicked(self, event: OptionList.OptionSelected) -> None:
        self._open(self._rows[event.option_index])

    def _open(self, row: ConversationRow | None) -> None:
        if row:
            self.dismiss(ChosenConversation(row.session_id, row.turn_id, next(iter(row.words), "")))

    @on(AskLine.Answered)
    def _take_answer(self, event: AskLine.Answered) -> None:
        row, text = self._chosen, event.text
        if event.about == "search":
            self._opens_found = text != self._found_for
            if not self._opens_found:
                self._open(row)
            return
        session_id = row.session_id if row else ""
        answers: dict[str, tuple[str, Callable[[], str]]] = {
            "rename": ("renaming", lambda: self._orders.rename(session_id, text)),
            "export": ("writing", lambda: self._orders.export(session_id, text)),
            "import": ("reading", lambda: self._orders.import_file(text)),
        }
        if self._at_work == (event.about, text):  # Enter was pressed twice
            return
        self._at_work = (event.about, text)
        self._do(*answers[event.about], answered=self._at_work)

    def _do(self, what: str, order: Callable[[], str], answered: tuple[str, str] | None = None) -> None:
        """Do something that ends in a sentence; stay at the question that it answered when it is refused."""

        def show(sentence: str) -> None:
            self._at_work = None
            if answered and answered == (self._ask.about, self._ask.text):
                self._ask.ask_first()
            self._say(sentence)
            self._search(self._ask.first_text)

        def refuse(sentence: str) -> None:
            self._at_work = None
            self._say(sentence)

        self._desk.do(what, order, show, refuse, closed=lambda sentence: sentence)

    def action_move(self, by: int) -> None:
        """Another conversation."""
        listed = self.query_one(OptionList)
        if self._rows:
            at = listed.highlighted or 0
            listed.highlighted = max(0, min(len(self._rows) - 1, at + by))

    def action_sort(self) -> None:
        """Sort in the next way there is."""
        self._order = (self._order + 1) % len(ORDERS)
        self._search(self._ask.first_text)

    def action_rename(self) -> None:
        """Ask for another title."""
        if row := self._chosen:
            self._ask.ask("rename", "new title", row.title)

    def action_export(self) -> None:
        """Ask for a file to write it to."""
        if row := self._chosen:
            name = "".join(sign if sign.isalnum() else "-" for sign in row.title[:40]).strip("-") or "conversation"
            suffix = next(iter(EXPORTERS))
            self._ask.ask("export", f"write to ({' '.join(EXPORTERS)})", str(working_folder() / f"{name}{suffix}"))

    def action_import(self) -> None:
        """Ask for a file to read one from."""
        self._ask.ask("import", "read from (.jsonl)", f"{working_folder()}/")

    def action_pin(self) -> None:
        """Let it stand first, or no longer."""
        if row := self._chosen:
            self._do("pinning", lambda: self._orders.toggle_pin(row.session_id))

    def action_delete(self) -> None:
        """Take it out of the list; it can be brought back."""
        if row := self._chosen:
            self._do("deleting", lambda: self._orders.delete(row.session_id))

    def action_restore(self) -> None:
        """Bring back what was deleted last."""
        self._do("bringing back", self._orders.restore)

    def action_duplicate(self) -> None:
        """A copy with a life of its own."""
        if row := self._chosen:
            self._do("copying", lambda: self._orders.duplicate(row.session_id))

    def action_leave(self) -> None:
        """Back to the search; then close."""
        if self._ask.ask_first():
            self._say("")
            return
        super().action_leave()
