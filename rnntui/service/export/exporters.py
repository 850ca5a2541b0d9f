"""Conversations as files: written for people or for machines by one of EXPORTERS, or read back.

A new form is a function that makes the text of a conversation, and a line in EXPORTERS: the command line, its help, the
keys' help and the app's prompt read the table.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rnntui.errors import InputError
from rnntui.files import is_there
from rnntui.text import visible_line

if TYPE_CHECKING:
    from rnntui.records import Session, Turn
    from rnntui.service.services import Services


@dataclass(frozen=True, slots=True)
class Exporter:
    """A form in which a conversation can be written."""

    name: str
    """As the command line calls it."""
    write: "Callable[[Services, Session, bool], str]"
    """The text of a conversation; True wants only the branch that is shown, where the form holds all of them."""
    write_reply: "Callable[[Services, Session, bool, int], str] | None" = None
    """The text of one turn of the branch that is shown, by its number; None for forms of whole conversations."""


def reply_and_before(turns: "Sequence[Turn]", reply_id: int) -> "Sequence[Turn]":
    """One turn of a branch, and the person's before it; all turns for 0."""
    at = next((at for at, turn in enumerate(turns) if turn.turn_id == reply_id), None)
    if at is None:
        return turns
    is_begun = at > 0 and turns[at - 1].role == "person"
    return turns[at - is_begun : at + 1]


def _write_markdown(services: "Services", session: "Session", _visible_only: bool, reply_id: int = 0) -> str:
    """Who said what, with settings and bits per token."""
    from rnntui.service.export.text_export import to_markdown

    turns = reply_and_before(services.conversations.branch(session.session_id), reply_id)
    return to_markdown(session, turns, {card.model_id: card.name for card in services.models()})


def _write_text(services: "Services", session: "Session", _visible_only: bool, reply_id: int = 0) -> str:
    """The words as they ran."""
    from rnntui.service.export.text_export import to_text

    return to_text(reply_and_before(services.conversations.branch(session.session_id), reply_id))


def _write_json_lines(services: "Services", session: "Session", visible_only: bool) -> str:
    """All branches with every number, to be read back."""
    from rnntui.service.export.conversation_file import collect_conversation, to_json_lines

    whole = collect_conversation(services.conversations, services.library, session, visible_only)
    return to_json_lines(whole).decode()


def _write_page(services: "Services", session: "Session", _visible_only: bool, reply_id: int = 0) -> str:
    """A page for a browser: the tints, and under the pointer what could have stood there."""
    from rnntui.service.export.tinted_pages import to_html
    from rnntui.service.export.word_facts import find_word_facts

    return to_html(find_word_facts(services, session, reply_id))


def _write_picture(services: "Services", session: "Session", _visible_only: bool, reply_id: int = 0) -> str:
    """The same as a picture."""
    from rnntui.service.export.tinted_pages import to_svg
    from rnntui.service.export.word_facts import find_word_facts

    return to_svg(find_word_facts(services, session, reply_id))


EXPORTERS = {
    ".md": Exporter("markdown", _write_markdown, _write_markdown),
    ".txt": Exporter("text", _write_text, _write_text),
    ".jsonl": Exporter("jsonl", _write_json_lines),
    ".html": Exporter("html", _write_page, _write_page),
    ".svg": Exporter("svg", _write_picture, _write_picture),
}
"""By the suffix of the file; the first is taken where a suffix says nothing."""
FORMATS = tuple(exporter.name for exporter in EXPORTERS.values())
FOR_MACHINES = EXPORTERS[".jsonl"].name
_ALIASES = {".markdown": ".md", ".htm": ".html"}


def format_of(path: Path | None, default: str = FORMATS[0]) -> str:
    """One of FORMATS: what will be written into a file of this name."""
    suffix = path.suffix.lower() if path else ""
    exporter = EXPORTERS.get(_ALIASES.get(suffix, suffix))
    return exporter.name if exporter else default


def suffixes_in_words() -> str:
    """The suffixes of EXPORTERS as a sentence names them: ".md, .txt or .jsonl"."""
    *most, last = EXPORTERS
    return f"{', '.join(most)} or {last}" if most else last


def export_text(
    services: "Services", session: "Session", format_name: str, visible_only: bool = False, reply_id: int = 0
) -> str:
    """A conversation as text.

    Args:
        services: Where it is.
        session: Which.
        format_name: One of FORMATS.
        visible_only: Only the branch that is shown, where the form holds all of them.
        reply_id: Only this turn, and the person's before it; 0 for the whole conversation.

    Raises:
        InputError: If one turn alone cannot be written in this form.
        StorageError: If the database refuses.
    """
    (exporter,) = (exporter for exporter in EXPORTERS.values() if exporter.name == format_name)
    if not reply_id:
        return exporter.write(services, session, visible_only)
    if exporter.write_reply is None:
        *most, last = (suffix for suffix, entry in EXPORTERS.items() if entry.write_reply)
        raise InputError(
            f"{exporter.name} is for whole conversations.",
            f"For one reply let the file end in {', '.join(most)} or {last}.",
        )
    return exporter.write_reply(services, session, visible_only, reply_id)


def write_conversation(
    services: "Services",
    session: "Session",
    path: Path,
    format_name: str,
    visible_only: bool = False,
    reply_id: int = 0,
) -> None:
    """Write a conversation, or one turn of it, into a new file, complete or not at all.

    Raises:
        InputError: If the file is there already, or one turn alone cannot be written in this form.
        StorageError: If the disk refuses.
    """
    if is_there(path):
        raise InputError(f'"{visible_line(str(path), 160)}" is there already.', "Choose another name or remove it.")
    text = export_text(services, session, format_name, visible_only, reply_id)
    services.write(path, text.encode("utf-8", "replace"))


def import_file(services: "Services", path: Path) -> "tuple[Session, int, bool]":
    """Store a conversation from a file.

    Returns:
        The stored conversation, how many turns it has, and whether its model is here.

    Raises:
        InputError: If the file cannot be read or is not one of ours.
    """
    from rnntui.service.export.conversation_file import read_conversation

    conversation = read_conversation(path)
    session = services.conversations.insert_conversation(
        conversation.session, conversation.turns, root=conversation.root
    )
    known = {card.model_id for card in services.models()}
    return session, len(conversation.turns), session.model_id in known
