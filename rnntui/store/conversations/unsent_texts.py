"""What is typed and not sent, one text for each conversation, so that it outlives the program. Knows only texts."""

from rnntui.records import UnsentText
from rnntui.store.conversations.database import Database

NEW = ""
"""Stands for the conversation that has no turn yet, and so no id."""


class UnsentTexts:
    """The unsent texts in a database. They are in no export and no copy, and go with their conversation.

    Raises:
        StorageError: Every method, if the database refuses. Nothing has then changed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, unsent: UnsentText, instead_of: str | None = None) -> None:
        """Keep this text in place of the one before; an empty one only removes that.

        Args:
            unsent: The text, whose it is, and the model it was meant for.
            instead_of: The id under which it was kept before, where the conversation has got another one since.
        """
        with self._database.transaction() as connection:
            for session_id in {unsent.session_id, unsent.session_id if instead_of is None else instead_of}:
                connection.execute("DELETE FROM drafts WHERE session_id = ?", (session_id,))
            if unsent.text:
                connection.execute(
                    "INSERT INTO drafts (session_id, text, model_id, use_number)"
                    " VALUES (?, ?, ?, (SELECT coalesce(max(use_number), 0) FROM sessions))",
                    (unsent.session_id, storable(unsent.text), unsent.model_id),
                )

    def text(self, session_id: str) -> str:
        """What was typed in a conversation and not sent; empty when there is nothing."""
        rows = self._database.rows("SELECT text FROM drafts WHERE session_id = ?", (session_id,))
        return str(rows[0]["text"]) if rows else ""

    def newest(self) -> UnsentText | None:
        """The text that was typed last, if no turn was said anywhere since; None otherwise."""
        rows = self._database.rows(
            "SELECT * FROM drafts WHERE use_number >= (SELECT coalesce(max(use_number), 0) FROM sessions)"
            " AND (session_id = '' OR session_id IN (SELECT session_id FROM sessions WHERE deleted_at IS NULL))"
            " ORDER BY draft_id DESC LIMIT 1"
        )
        return UnsentText(rows[0]["session_id"], rows[0]["text"], rows[0]["model_id"]) if rows else None


def storable(text: str) -> str:
    """Text as it is, but for halves of broken characters, which SQLite cannot keep."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text
