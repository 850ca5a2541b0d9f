"""The tree of turns of a conversation: ways up and down in it, memories along it, and where the conversation stands.

Nothing is ever taken out of the tree: undo, rewind and the walk between siblings only move the head. The head may stand
inside a turn, after some of its words; the turn itself stays whole. Knows records; nothing of models.
"""

import dataclasses
import sqlite3
from collections.abc import Iterable

from rnntui.errors import InputError
from rnntui.records import Head, History, SavedState, Snapshot, Turn
from rnntui.store.conversations.database import Database
from rnntui.store.conversations.rows import memory_of, pack_history, seal, snapshot_of, turn_of, unpack_history

# A turn is whole when every token has its score; an empty reply and a prompt that was taken back are not.
_WHOLE = (
    "length(logprobs) = 2 * length(token_ids) AND (length(token_ids) > 0 OR role IN ('forget', 'switch'))"
    " AND status <> 'partial'"
)
_UPWARD = """
    WITH RECURSIVE line (turn_id, parent_id) AS (
        SELECT turn_id, parent_id FROM turns WHERE turn_id = ?1 AND session_id = ?2
        UNION ALL
        SELECT turns.turn_id, turns.parent_id FROM turns JOIN line ON turns.turn_id = line.parent_id
        WHERE turns.session_id = ?2 AND turns.turn_id < line.turn_id
        LIMIT ?3
    )
    SELECT turns.* FROM turns JOIN line USING (turn_id) ORDER BY turn_id
"""
_NEWEST_DOWNWARD = f"""
    WITH RECURSIVE line (turn_id) AS (
        SELECT ?1
        UNION ALL
        SELECT (SELECT max(turn_id) FROM turns WHERE session_id = ?2 AND parent_id = line.turn_id AND {_WHOLE})
        FROM line WHERE line.turn_id IS NOT NULL
    )
    SELECT max(turn_id) FROM line
"""  # noqa: S608  the condition is ours
_NO_LIMIT = -1


class Tree:
    """The turns in a database as trees.

    Raises:
        StorageError: Every method, if the database refuses. Nothing has then changed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    # ---- ways ----

    def path(self, session_id: str, turn_id: int, longest: int | None = None) -> tuple[Turn, ...]:
        """The turns from the first one to `turn_id`, or only the `longest` last of them.

        Raises:
            InputError: If the turn is not one of this conversation.
        """
        rows = self._database.rows(_UPWARD, (turn_id, session_id, _NO_LIMIT if longest is None else longest))
        if not rows:
            raise InputError(f"There is no turn {turn_id} in this conversation.", "Choose one that is shown.")
        return tuple(turn_of(row) for row in rows)

    def newest_below(self, session_id: str, turn_id: int) -> int:
        """The end of the branch that goes through a turn and then always to the newest turn said after it."""
        return int(self._database.rows(_NEWEST_DOWNWARD, (turn_id, session_id))[0][0])

    def siblings(self, session_id: str, parent_id: int | None) -> tuple[int, ...]:
        """The turns that were said at the same place, oldest first."""
        query = f"SELECT turn_id FROM turns WHERE session_id = ? AND parent_id IS ? AND {_WHOLE} ORDER BY turn_id"  # noqa: S608
        return tuple(row[0] for row in self._database.rows(query, (session_id, parent_id)))

    def forks(self, session_id: str) -> dict[int | None, tuple[int, ...]]:
        """All places where the conversation has gone on in several ways: the turns there by the turn before them."""
        query = (
            f"SELECT parent_id, turn_id FROM turns WHERE session_id = ?1 AND {_WHOLE} AND coalesce(parent_id, 0) IN"  # noqa: S608
            " (SELECT coalesce(parent_id, 0) FROM turns WHERE session_id = ?1 GROUP BY parent_id HAVING count(*) > 1)"
            " ORDER BY turn_id"
        )
        found: dict[int | None, tuple[int, ...]] = {}
        for parent_id, turn_id in self._database.rows(query, (session_id,)):
            found[parent_id] = (*found.get(parent_id, ()), turn_id)
        return {parent_id: turns for parent_id, turns in found.items() if len(turns) > 1}

    # ---- the head ----

    def history(self, session_id: str) -> History:
        """Where the conversation has stood."""
        rows = self._database.rows("SELECT history, history_at FROM sessions WHERE session_id = ?", (session_id,))
        return unpack_history(rows[0]["history"], rows[0]["history_at"]) if rows else History()

    def move(
        self, session_id: str, head: Head, history: History, model_id: str, snapshot: Snapshot | None = None
    ) -> None:
        """Show another branch: its end, where the conversation stood before, and who speaks there, together.

        Args:
            session_id: The conversation.
            head: Where it stands from now on.
            history: Where it has stood.
            model_id: Who speaks there.
            snapshot: The memory at a head inside a turn, so that undo and redo come back to it without reading.

        Raises:
            InputError: If there is no such conversation.
        """
        with self._database.transaction() as connection:
            changed = connection.execute(
                "UPDATE sessions SET head_turn_id = ?, head_kept = ?, head_characters = ?, history = ?, history_at = ?,"
                " model_id = ? WHERE session_id = ?",
                (
                    head.turn_id,
                    head.kept,
                    head.characters,
                    pack_history(history),
                    history.at,
                    model_id,
                    session_id,
                ),
            )
            if changed.rowcount == 0:
                raise InputError("The conversation was deleted.", "Start a new one.")
            if snapshot:
                insert_snapshots(connection, snapshot.turn_id, (snapshot,))

    # ---- memories ----

    def nearest(self, turn_id: int, model_id: str, position: int) -> Snapshot | None:
        """The last stored memory of this model in a turn that is not after `position`; None when there is none."""
        query = (
            "SELECT * FROM snapshots WHERE turn_id = ? AND model_id = ? AND position <= ?"
            " ORDER BY position DESC LIMIT 1"
        )
        rows = self._database.rows(query, (turn_id, model_id, position))
        return snapshot_of(rows[0]) if rows else None

    def root(self, session_id: str) -> SavedState | None:
        """The memory that the conversation began with; None when it began with an empty one."""
        rows = self._database.rows("SELECT * FROM roots WHERE session_id = ?", (session_id,))
        return memory_of(rows[0]) if rows else None


def insert_snapshots(connection: sqlite3.Connection, turn_id: int, snapshots: Iterable[Snapshot]) -> None:
    """Inside a transaction, keep memories of a turn beside those that are there."""
    connection.executemany(
        "INSERT OR REPLACE INTO snapshots (turn_id, position, model_id, blob) VALUES (?, ?, ?, ?)",
        [(turn_id, kept.position, kept.model_id, seal(kept.blob, kept.model_id, kept.position)) for kept in snapshots],
    )


def cut_at_head(turns: tuple[Turn, ...], head: Head) -> tuple[Turn, ...]:
    """A branch as far as it is visible: of its last turn only the words that the head keeps."""
    if not turns or head.kept is None:
        return turns
    return (*turns[:-1], cut_turn(turns[-1], head.kept, head.characters or 0))


def cut_turn(turn: Turn, kept: int, characters: int) -> Turn:
    """The first `kept` tokens of a turn, which are the first `characters` of its text, as a turn that was stopped."""
    return dataclasses.replace(
        turn,
        text=turn.text[:characters],
        token_ids=turn.token_ids[:kept],
        logprobs=turn.logprobs[:kept],
        status="stopped",
        draws=tuple(draw for draw in turn.draws if draw.start < kept),
        words=0,
    )
