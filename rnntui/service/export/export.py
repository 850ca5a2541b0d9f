"""Conversations as files: one is written for people or for machines, or read back."""

from pathlib import Path
from typing import TYPE_CHECKING

from rnntui.errors import InputError
from rnntui.files import is_there
from rnntui.records import Session
from rnntui.service.export.conversation_file import collect_conversation, read_conversation, to_json_lines
from rnntui.service.export.text_export import to_markdown, to_text
from rnntui.text import visible_line

if TYPE_CHECKING:
    from rnntui.service.services import Services

KINDS = {".md": "markdown", ".markdown": "markdown", ".txt": "text", ".jsonl": "jsonl"}
"""What a file's ending means."""


def kind_of(path: Path | None, otherwise: str = "markdown") -> str:
    """What will be written into a file: "markdown", "text" or "jsonl"."""
    return KINDS.get(path.suffix.lower() if path else "", otherwise)


def export_text(services: "Services", session: Session, kind: str, visible_only: bool = False) -> str:
    """A conversation as text.

    Args:
        services: Where it is.
        session: Which.
        kind: One of the kinds of KINDS; "jsonl" holds all branches with every number.
        visible_only: Of a "jsonl", only the branch that is shown.

    Raises:
        StorageError: If the database refuses.
    """
    if kind == "jsonl":
        return to_json_lines(
            collect_conversation(services.conversations, services.library, session, visible_only)
        ).decode()
    turns = services.conversations.branch(session.session_id)
    if kind == "text":
        return to_text(turns)
    return to_markdown(session, turns, {card.model_id: card.name for card in services.models()})


def write_conversation(
    services: "Services", session: Session, path: Path, kind: str, visible_only: bool = False
) -> None:
    """Write a conversation into a new file, complete or not at all.

    Raises:
        InputError: If the file is there already.
        StorageError: If the disk refuses.
    """
    if is_there(path):
        raise InputError(f'"{visible_line(str(path), 160)}" is there already.', "Choose another name or remove it.")
    services.write(path, export_text(services, session, kind, visible_only).encode("utf-8", "replace"))


def import_file(services: "Services", path: Path) -> tuple[Session, int, bool]:
    """Store a conversation from a file.

    Returns:
        The stored conversation, how many turns it has, and whether its model is here.

    Raises:
        InputError: If the file cannot be read or is not one of ours.
    """
    conversation = read_conversation(path)
    session = services.conversations.insert_conversation(
        conversation.session, conversation.turns, root=conversation.root
    )
    known = {card.model_id for card in services.models()}
    return session, len(conversation.turns), session.model_id in known
