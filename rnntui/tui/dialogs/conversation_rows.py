"""The rows of the list of conversations: all of them, or those with some words. Read in a thread: touches no widget."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.content import Content

from rnntui.records import SearchHit, Session, SessionSummary
from rnntui.service.timestamps import local_time
from rnntui.text import last_words, plural, visible_line
from rnntui.tui.safe import joined, shown_line
from rnntui.tui.widgets.turn_preview import render_ending, render_place

if TYPE_CHECKING:
    from rnntui.service.services import Services

_MODEL_CHARACTERS = 20
_LAST_CHARACTERS = 60
_TURNS_SHOWN = 8
_WHERE = {"person": "you wrote", "network": "it wrote"}
_NO_SUMMARY = SessionSummary("", 0, "")


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """One entry of the list, on two lines."""

    session_id: str
    title: str
    content: Content
    turn_id: int = 0
    """The turn in which words were found; 0 when a conversation as a whole is meant."""
    words: tuple[str, ...] = ()
    """The words that were found in the turn, as they stand there."""


@dataclass(frozen=True, slots=True)
class Order:
    """One way to sort the list; pinned conversations stand first in each."""

    label: str
    key: "Callable[[tuple[Session, SessionSummary]], Any] | None" = None
    """Smallest first; None leaves the list as the store gives it."""
    is_reversed: bool = False


ORDERS = (
    Order("last used first"),
    Order("by title", lambda entry: entry[0].title.casefold()),
    Order("longest first", lambda entry: entry[1].turns, is_reversed=True),
    Order("newest first", lambda entry: entry[0].created_at, is_reversed=True),
)


def read_rows(services: "Services", words: str, current: str, order: Order = ORDERS[0]) -> tuple[ConversationRow, ...]:
    """The rows to show.

    Args:
        services: Where conversations are.
        words: What to search for; blank for all conversations.
        current: Id of the conversation that is open.
        order: How they are sorted; what was found stays as it was found, the newest first.
    """
    if words.strip():
        return tuple(_row_of_hit(hit) for hit in services.archive.search(words))
    names, summaries = services.archive.model_names(), services.archive.summaries()
    entries = [(session, summaries.get(session.session_id, _NO_SUMMARY)) for session in services.sessions()]
    return tuple(
        ConversationRow(session.session_id, session.title, _render(session, summary, names, current))
        for session, summary in _sorted(entries, order)
    )


def read_preview(services: "Services", row: ConversationRow) -> Content:
    """What is shown of a row beside the list: the end of its conversation, or what is around the words in it."""
    if row.turn_id:
        return render_place(services.archive.turn(row.turn_id), row.words)
    return render_ending(services.archive.ending(row.session_id, _TURNS_SHOWN))


def _sorted(
    entries: "Sequence[tuple[Session, SessionSummary]]", order: Order
) -> "list[tuple[Session, SessionSummary]]":
    fresh = sorted(entries, key=order.key, reverse=order.is_reversed) if order.key else entries
    return sorted(fresh, key=lambda entry: not entry[0].is_pinned)


def _render(session: Session, summary: SessionSummary, names: dict[str, str], current: str) -> Content:
    mark = "● " if session.session_id == current else "▲ " if session.is_pinned else "  "
    model = names.get(session.model_id, "(not here)")
    facts = f"{local_time(session.updated_at)} · {plural(summary.turns, 'turn')} · "
    return joined(
        (mark, "$text-accent"),
        shown_line(session.title, "bold"),
        (f"\n    {facts}", "$foreground-muted"),
        shown_line(model, "$foreground-muted", _MODEL_CHARACTERS),
        (" · ", "$foreground-muted"),
        shown_line(last_words(summary.last_words, _LAST_CHARACTERS) or "nothing yet", "$foreground-muted"),
    )


def _row_of_hit(hit: SearchHit) -> ConversationRow:
    """The title and when it was said, and the words around what was found."""
    parts: list[Content] = []
    at = 0
    for start, end in hit.marks:
        parts += [_plain(hit.excerpt[at:start]), _plain(hit.excerpt[start:end]).stylize("bold reverse")]
        at = end
    when = hit.said_at or hit.updated_at
    content = joined(
        "  ",
        shown_line(hit.title, "bold"),
        (f"\n    {local_time(when)} · {_WHERE.get(hit.role, 'in the title')} · ", "$foreground-muted"),
        *parts,
        _plain(hit.excerpt[at:]),
    )
    words = tuple(hit.excerpt[start:end] for start, end in hit.marks) if hit.turn_id else ()
    return ConversationRow(hit.session_id, hit.title, content, hit.turn_id, words)


def _plain(text: str) -> Content:
    """A part of a line: its spaces at both ends stay."""
    line = visible_line(f"|{text}|", 400)
    return Content(line[1:-1])
