"""A conversation that stands elsewhere, without anything that is kept for undo."""

from rnntui.records import Head, History
from rnntui.store.conversations.sessions import Sessions


def set_head(sessions: Sessions, session_id: str, turn_id: int | None) -> None:
    """Show the branch that ends with this turn; None shows an empty conversation."""
    sessions.tree.move(session_id, Head(turn_id), History(), sessions.session(session_id).model_id)
