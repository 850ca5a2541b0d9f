"""What a list of conversations says of each: how long it is and how it ends. Reads no memory and no probabilities."""

from rnntui.records import SessionSummary
from rnntui.store.conversations.database import Database
from rnntui.text import one_line

_LAST_CHARACTERS = 300
_SUMMARIES = f"""
    SELECT sessions.session_id,
           (SELECT count(*) FROM turns WHERE turns.session_id = sessions.session_id AND role IN ('person', 'network'))
               AS turns,
           CASE WHEN sessions.head_characters IS NULL THEN substr(head.text, -{_LAST_CHARACTERS})
                ELSE substr(head.text, max(1, sessions.head_characters - {_LAST_CHARACTERS} + 1),
                            min({_LAST_CHARACTERS}, sessions.head_characters)) END AS ending,
           substr(before.text, -{_LAST_CHARACTERS}) AS before
    FROM sessions
    LEFT JOIN turns AS head ON head.turn_id = sessions.head_turn_id
    LEFT JOIN turns AS before ON before.turn_id = head.parent_id
    WHERE sessions.deleted_at IS NULL
"""  # noqa: S608  the only value is ours


class Listing:
    """The conversations of a database as a list shows them.

    Raises:
        StorageError: If the database refuses.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def summaries(self) -> dict[str, SessionSummary]:
        """Every conversation but deleted ones, by id: how many turns it has, and the last words that are visible."""
        return {
            row["session_id"]: SessionSummary(
                row["session_id"], int(row["turns"]), one_line(str(row["ending"] or row["before"] or ""))
            )
            for row in self._database.rows(_SUMMARIES)
        }
