"""All conversations: a search over every word ever said, and what can be done with one of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from rnntui.paths import named_path, working_folder
from rnntui.records import SearchHit, Session
from rnntui.service.export.exporters import EXPORTERS
from rnntui.service.timestamps import local_time
from rnntui.text import plural, visible_line
from rnntui.tui.actions import bindings_for
from rnntui.tui.dialogs.dialog import Dialog
from rnntui.tui.keys import key_of, with_keys
from rnntui.tui.safe import joined, shown_line, shown_name
from rnntui.tui.widgets.ask_line import AskLine
from rnntui.tui.work import Desk

if TYPE_CHECKING:
    from rnntui.service.services import Services

_TITLE_CELLS = 40
_MODEL_CELLS = 14
_HINT = (
    "Enter opens · {session-rename} rename · {session-pin} pin · {session-delete} delete · {session-copy} copy · "
    "{session-export} export · {session-import} import · {sessions-close}"
)


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the list."""

    session_id: str
    title: str
    content: Content


class SessionsScreen(Dialog[str]):
    """Closes with the id of the chosen conversation, or with nothing.

    Args:
        services: Where conversations are.
        current: The one that is open; empty for none.
        words: What to search for at first; empty for nothing.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("sessions")
    HELP = (
        "Type to search in every word that was ever said, in hidden versions too. The arrow keys choose, Enter opens. "
        "A deleted conversation comes back with {session-restore}; on disk it stays for 30 days."
    )

    def __init__(self, services: "Services", current: str = "", words: str = "") -> None:
        super().__init__()
        self._services = services
        self._desk = Desk(self, self._show_sign)
        self._current = current
        self._words = words
        self._rows: tuple[_Row, ...] = ()
        self._found_for: str | None = None
        """The words that the rows were found with; None before there were any rows."""
        self._opens_found = False
        """True when Enter came before what it searches for: that is opened once it is found."""
        self._deleted: list[str] = []
        """Conversations that were deleted here, for the desk's thread alone; its pieces come one after another."""
        self._said = ""
        """The sentence about what was done; while it stands, an empty list does not speak over it."""
        self._at_work: tuple[str, str] | None = None
        """The answer that is being carried out: what it was about, and what was typed."""

    def compose(self) -> ComposeResult:
        """Search line, list, one line about what was done, hint."""
        with Vertical(classes="dialog"):
            yield Static(shown_line("Conversations"), classes="dialog-title")
            yield AskLine("search", "search", id="ask")
            yield OptionList(id="sessions")
            yield Static(id="session-said")
            yield Static(shown_line(with_keys(self.app, _HINT)), classes="dialog-hint")

    def on_mount(self) -> None:
        """Show all of them, or those with the words that were given."""
        self._export_key, self._restore_key = (key_of(self.app, name) for name in ("session-export", "session-restore"))
        self.query_one(OptionList).can_focus = False
        if self._words:
            self._ask.ask("search", "search", self._words)
        self._look(self._ask.text)

    # ---- the list

    @on(AskLine.Typed)
    def _search(self, event: AskLine.Typed) -> None:
        self._opens_found = False
        if event.text != self._found_for:
            self._say("")
        self._look(event.text)

    def _look(self, words: str) -> None:
        work = (lambda: self._found(words)) if words.strip() else self._all
        self._desk.ask(work, lambda rows: self._show(words, rows), self._say)

    def _all(self) -> tuple[_Row, ...]:
        names = self._services.archive.model_names()
        return tuple(self._row(session, names) for session in self._services.sessions())

    def _found(self, words: str) -> tuple[_Row, ...]:
        hits = self._services.archive.search(words)
        return tuple(_Row(hit.session_id, hit.title, _hit_line(hit)) for hit in hits)

    def _row(self, session: Session, names: dict[str, str]) -> _Row:
        mark = "● " if session.session_id == self._current else "▲ " if session.is_pinned else "  "
        model = names.get(session.model_id, "(not here)")
        content = joined(
            (mark, "$text-accent"),
            shown_name(session.title, _TITLE_CELLS),
            "  ",
            shown_name(model, _MODEL_CELLS).stylize("$foreground-muted"),
            (f"  {local_time(session.updated_at)}", "$foreground-muted"),
        )
        return _Row(session.session_id, session.title, content)

    def _show(self, words: str, rows: tuple[_Row, ...]) -> None:
        if self._ask.about == "search" and self._ask.text != words:
            return
        chosen = self._chosen
        self._rows, self._found_for = rows, words
        listed = self.query_one(OptionList)
        listed.clear_options()
        listed.add_options([Option(content) for content in _contents(rows)])
        ids = [row.session_id for row in rows]
        wanted = chosen.session_id if chosen else self._current
        listed.highlighted = (ids.index(wanted) if wanted in ids else 0) if rows else None
        if not self._said:
            nothing = "Nothing was found." if words.strip() else "There is no conversation yet."
            self._write("" if rows else nothing)
        if self._opens_found:
            self._opens_found = False
            self._open(self._chosen)

    @property
    def _ask(self) -> AskLine:
        return self.query_one(AskLine)

    @property
    def _chosen(self) -> _Row | None:
        at = self.query_one(OptionList).highlighted
        return self._rows[at] if at is not None and at < len(self._rows) else None

    def _say(self, sentence: str) -> None:
        self._said = sentence
        self._write(sentence)

    def _write(self, sentence: str) -> None:
        self.query_one("#session-said", Static).update(shown_line(sentence, "$text-accent"))

    def _show_sign(self, what: str) -> None:
        self._say(f"{what} …" if what else "")

    # ---- what can be done

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self._open(self._rows[event.option_index])

    @on(AskLine.Answered)
    def _answered(self, event: AskLine.Answered) -> None:
        row = self._chosen
        if event.about == "search":
            self._opens_found = event.text != self._found_for
            if not self._opens_found:
                self._open(row)
            return
        answers: dict[str, tuple[str, Callable[[str, str], str]]] = {
            "rename": ("renaming", self._renamed),
            "export": ("writing", self._exported),
            "import": ("reading", self._imported),
        }
        if self._at_work == (event.about, event.text):  # Enter was pressed twice
            return
        what, work = answers[event.about]
        self._at_work = (event.about, event.text)
        self._do(what, lambda: work(row.session_id if row else "", event.text), self._at_work)

    def _open(self, row: _Row | None) -> None:
        if row:
            self.dismiss(row.session_id)

    def _do(self, what: str, work: Callable[[], str], answered: tuple[str, str] | None = None) -> None:
        """Do something that ends in a sentence; stay at the question that it answered when it is refused."""

        def done(sentence: str) -> None:
            self._at_work = None
            if answered and answered == (self._ask.about, self._ask.text):
                self._ask.ask_first()
            self._say(sentence)
            self._look(self._ask.first_text)

        def refused(sentence: str) -> None:
            self._at_work = None
            self._say(sentence)

        self._desk.do(what, work, done, refused, closed=lambda sentence: sentence)

    def action_move(self, by: int) -> None:
        """Another conversation."""
        listed = self.query_one(OptionList)
        if self._rows:
            at = listed.highlighted or 0
            listed.highlighted = max(0, min(len(self._rows) - 1, at + by))

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
            self._do("pinning", lambda: self._pinned(row.session_id))

    def action_delete(self) -> None:
        """Take it out of the list; it can be brought back."""
        if row := self._chosen:
            self._do("deleting", lambda: self._gone(row.session_id))

    def action_restore(self) -> None:
        """Bring back what was deleted last."""
        self._do("bringing back", self._restored)

    def action_duplicate(self) -> None:
        """A copy with a life of its own."""
        if row := self._chosen:
            self._do("copying", lambda: self._copied(row.session_id))

    def action_leave(self) -> None:
        """Back to the search; then close."""
        if self._ask.ask_first():
            self._say("")
            return
        self.dismiss(None)

    # ---- in a thread of their own: no widget is touched

    def _renamed(self, session_id: str, title: str) -> str:
        return f'It is called "{visible_line(self._services.archive.rename(session_id, title).title, 60)}" now.'

    def _exported(self, session_id: str, name: str) -> str:
        path = named_path(name)
        kind = self._services.archive.write(session_id, path)
        return f"It was written to {visible_line(path.name, 60)} as {kind}."

    def _imported(self, session_id: str, name: str) -> str:
        session, turns, has_model = self._services.archive.read(named_path(name))
        missing = "" if has_model else f" Its model is not here: {self._export_key} exports it, but it cannot go on."
        return f'"{visible_line(session.title, 40)}" is here with {plural(turns, "turn")}.{missing}'

    def _pinned(self, session_id: str) -> str:
        session = self._services.archive.turn_pin(session_id)
        return "It stands first now." if session.is_pinned else "It is no longer pinned."

    def _gone(self, session_id: str) -> str:
        session = self._services.archive.delete(session_id)
        self._deleted.append(session.session_id)
        return f'"{visible_line(session.title, 40)}" was deleted; {self._restore_key} brings it back.'

    def _restored(self) -> str:
        session = self._services.archive.restore(self._deleted[-1] if self._deleted else "")
        if session is None:
            return "There is nothing to bring back."
        if self._deleted:
            self._deleted.pop()
        return f'"{visible_line(session.title, 40)}" is back.'

    def _copied(self, session_id: str) -> str:
        self._services.archive.duplicate(session_id)
        return "The copy has a life of its own."


def _contents(rows: tuple[_Row, ...]) -> list[Content]:
    return [row.content for row in rows]


def _hit_line(hit: SearchHit) -> Content:
    """The title, and the words around what was found."""
    title = shown_name(hit.title, _MODEL_CELLS + 6)
    return joined("  ", title, "  ", *_excerpt(hit))


def _excerpt(hit: SearchHit) -> list[Content]:
    parts: list[Content] = []
    at = 0
    for start, end in hit.marks:
        parts += [_plain(hit.excerpt[at:start]), _plain(hit.excerpt[start:end]).stylize("bold reverse")]
        at = end
    return [*parts, _plain(hit.excerpt[at:])]


def _plain(text: str) -> Content:
    """A part of a line: its spaces at both ends stay."""
    line = visible_line(f"|{text}|", 400)
    return Content(line[1:-1])
