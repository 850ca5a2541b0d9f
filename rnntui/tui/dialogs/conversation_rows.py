"""The rows of the list of conversations: all of them, or those with some words. Read in a thread: touches no widget."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from rnntui.records import SearchHit, Session
from rnntui.service.timestamps import local_time
from rnntui.text import visible_line
from rnntui.tui.safe import joined, shown_name

if TYPE_CHECKING:
    from rnntui.service.services import Services

_TITLE_CELLS = 40
_MODEL_CELLS = 14
_HIT_CELLS = 20


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """One line of the list."""

    session_id: str
    title: str
    content: Content


def read_rows(services: "Services", words: str, current: str) -> tuple[ConversationRow, ...]:
    """The rows to show.

    Args:
        services: Where conversations are.
        words: What to search for; blank for all conversations.
        current: Id of the conversation that is open.
    """
    if words.strip():
        hits = services.archive.search(words)
        return tuple(ConversationRow(hit.session_id, hit.title, _render_hit(hit)) for hit in hits)
    names = services.archive.model_names()
    return tuple(
        ConversationRow(session.session_id, session.title, _render(session, names, current))
        for session in services.sessions()
    )


def _render(session: Session, names: dict[str, str], current: str) -> Content:
    mark = "● " if session.session_id == current else "▲ " if session.is_pinned else "  "
    model = names.get(session.model_id, "(not here)")
    return joined(
        (mark, "$text-accent"),
        shown_name(session.title, _TITLE_CELLS),
        "  ",
        shown_name(model, _MODEL_CELLS).stylize("$foreground-muted"),
        (f"  {local_time(session.updated_at)}", "$foreground-muted"),
    )


def _render_hit(hit: SearchHit) -> Content:
    """The title, and the words around what was found."""
    parts: list[Content] = []
    at = 0
    for start, end in hit.marks:
        parts += [_plain(hit.excerpt[at:start]), _plain(hit.excerpt[start:end]).stylize("bold reverse")]
        at = end
    return joined("  ", shown_name(hit.title, _HIT_CELLS), "  ", *parts, _plain(hit.excerpt[at:]))


def _plain(text: str) -> Content:
    """A part of a line: its spaces at both ends stay."""
    line = visible_line(f"|{text}|", 400)
    return Content(line[1:-1])
