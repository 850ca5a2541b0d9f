"""Conversations: sessions, the tree of their turns, and the memory after each turn.

A session points at the last turn of its visible branch; a turn points at the turn it was said after. Nothing is ever
taken out of the tree but by emptying out a deleted session, so undo only moves the pointer. Knows records; nothing of
models.
"""

import dataclasses
import secrets
import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from rnntui.errors import InputError
from rnntui.records import ROLES, STATUSES, Head, History, SavedState, SearchHit, Session, Snapshot, Turn
from rnntui.settings import JOIN_RULES, SamplerSettings
from rnntui.store.conversations.database import Database
from rnntui.store.conversations.listing import Listing
from rnntui.store.conversations.memories import Memories
from rnntui.store.conversations.rows import (
    memory_columns,
    pack_history,
    pack_ids,
    pack_logprobs,
    pack_sampler,
    pack_spans,
    session_of,
    snapshot_of,
    turn_of,
)
from rnntui.store.conversations.search import search
from rnntui.store.conversations.tree import Tree, cut_at_head, insert_snapshots
from rnntui.store.conversations.unsent_texts import UnsentTexts, storable
from rnntui.text import one_line, visible_line

LONGEST_TITLE = 200


class Sessions:
    """The conversations in a database. Every change is one transaction: on the disk when the call returns.

    Raises:
        StorageError: Every method, if the database refuses. Nothing has then changed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.tree = Tree(database)
        """The ways between the turns."""
        self.memories = Memories(database)
        """Memories that were kept under a name."""
        self.listing = Listing(database)
        """What a list says of each."""
        self.unsent_texts = UnsentTexts(database)
        """What is typed and not sent."""

    # ---- sessions ----

    def create(
        self,
        title: str,
        model_id: str,
        sampler: SamplerSettings,
        join: str,
        now: str,
        root: SavedState | None = None,
    ) -> Session:
        """Begin a conversation without turns.

        Args:
            title: What it is called; an empty one becomes "untitled".
            model_id: Who speaks.
            sampler: How words are drawn.
            join: One of JOIN_RULES.
            now: The moment, UTC, ISO 8601.
            root: The memory it begins with; None begins with an empty one.
        """
        session = Session(
            session_id=secrets.token_hex(8),
            title=one_line(title, LONGEST_TITLE) or "untitled",
            model_id=model_id,
            sampler=sampler,
            join=_check_known(join, JOIN_RULES),
            created_at=now,
            updated_at=now,
        )
        with self._database.transaction() as connection:
            _insert_session(connection, session, root)
        return session

    def sessions(self) -> list[Session]:
        """All conversations but deleted ones: pinned first, then the last used first."""
        query = "SELECT * FROM sessions WHERE deleted_at IS NULL ORDER BY is_pinned DESC, use_number DESC"
        return [session_of(row) for row in self._database.rows(query)]

    def deleted(self) -> list[Session]:
        """The conversations that can be restored, the last deleted one first."""
        query = "SELECT * FROM sessions WHERE deleted_at IS NOT NULL ORDER BY deleted_at DESC, use_number DESC"
        return [session_of(row) for row in self._database.rows(query)]

    def session(self, session_id: str) -> Session:
        """One conversation.

        Raises:
            InputError: If there is none with this id.
        """
        rows = self._database.rows("SELECT * FROM sessions WHERE session_id = ?", (storable(session_id),))
        if not rows:
            raise _no_session(session_id)
        return session_of(rows[0])

    def latest(self) -> Session | None:
        """The last used conversation; None when there is none."""
        query = "SELECT * FROM sessions WHERE deleted_at IS NULL ORDER BY use_number DESC LIMIT 1"
        rows = self._database.rows(query)
        return session_of(rows[0]) if rows else None

    def rename(self, session_id: str, title: str) -> Session:
        """Give a conversation another title.

        Raises:
            InputError: If the title is empty, or there is no such conversation.
        """
        fresh = one_line(title, LONGEST_TITLE)
        if not fresh:
            raise InputError("A conversation needs a title.", "Give it one of up to 200 characters.")
        return self._set(session_id, "title", fresh)

    def beginnings(self, session_id: str) -> list[str]:
        """The texts with which a conversation begins, one for each version of its first turn."""
        query = "SELECT text FROM turns WHERE session_id = ? AND parent_id IS NULL ORDER BY turn_id"
        return [row["text"] for row in self._database.rows(query, (session_id,))]

    def find(self, wanted: str) -> Session:
        """The conversation with this id, else the only one whose id begins so, else whose title is or begins so.

        Raises:
            InputError: If there is none, or several fit.
        """
        rows = self._database.rows("SELECT * FROM sessions WHERE session_id = ?", (storable(wanted),))
        if rows:
            return session_of(rows[0])
        known = [*self.sessions(), *self.deleted()]
        found = [session for session in known if wanted and session.session_id.startswith(wanted.lower())]
        title = wanted.casefold()
        found = found or [session for session in known if session.title.casefold() == title]
        found = found or [session for session in known if title and session.title.casefold().startswith(title)]
        if len(found) > 1:
            names = ", ".join(session.session_id for session in found[:3])
            raise InputError(f'"{visible_line(wanted, 60)}" fits {len(found)} conversations.', f"Name one: {names}.")
        if not found:
            raise _no_session(wanted)
        return found[0]

    def pin(self, session_id: str, is_pinned: bool = True) -> Session:
        """Let a conversation stand first in the list, or no longer.

        Raises:
            InputError: If there is no such conversation.
        """
        return self._set(session_id, "is_pinned", int(is_pinned))

    def delete(self, session_id: str, now: str) -> Session:
        """Take a conversation out of the list and the search; `restore` brings it back as it was.

        Args:
            session_id: Which.
            now: The moment, UTC, ISO 8601.

        Raises:
            InputError: If there is no such conversation.
        """
        return self._set(session_id, "deleted_at", now)

    def restore(self, session_id: str) -> Session:
        """Bring a deleted conversation back.

        Raises:
            InputError: If it was emptied out.
        """
        return self._set(session_id, "deleted_at", None)

    def purge_deleted(self, before: str) -> int:
        """Remove for good, with all turns and memories, what was deleted before this moment. Returns how many."""
        gone = "(SELECT session_id FROM sessions WHERE deleted_at < ?)"
        with self._database.transaction() as connection:
            connection.execute(f"DELETE FROM turns WHERE session_id IN {gone}", (before,))  # noqa: S608  ours
            return connection.execute("DELETE FROM sessions WHERE deleted_at < ?", (before,)).rowcount

    def search(self, words: str, limit: int = 50) -> list[SearchHit]:
        """Where these words stand, in titles and in every turn of every branch; see `store.conversations.search`."""
        return search(self._database, words, limit)

    def all_turns(self, session_id: str) -> tuple[Turn, ...]:
        """Every turn of a conversation, those of hidden branches too, in the order in which they were said."""
        query = "SELECT * FROM turns WHERE session_id = ? ORDER BY turn_id"
        return tuple(turn_of(row) for row in self._database.rows(query, (session_id,)))

    def insert_conversation(
        self,
        session: Session,
        turns: Sequence[Turn],
        snapshots: Sequence[Snapshot] = (),
        root: SavedState | None = None,
        history: History | None = None,
    ) -> Session:
        """Store a whole conversation at once under a new id: what copies and imports are made of.

        Args:
            session: Its title, model, settings, pin and moments; `head_turn_id` names one of the turns.
            turns: Oldest first, each with a number of its own and a parent among those before it. They get new numbers.
            snapshots: Memories after some of the turns and of their words.
            root: The memory it begins with; None begins with an empty one.
            history: Where it has stood, in the numbers of the turns.

        Raises:
            InputError: If a parent, a head or a memory names a turn that is not there.
        """
        planted = dataclasses.replace(session, session_id=secrets.token_hex(8), head_turn_id=None, deleted_at="")
        with self._database.transaction() as connection:
            _insert_session(connection, planted, root)
            numbers: dict[int | None, int | None] = {None: None}
            for turn in turns:
                fresh = dataclasses.replace(
                    turn, turn_id=0, session_id=planted.session_id, parent_id=_renumber(numbers, turn.parent_id)
                )
                numbers[turn.turn_id] = _insert_turn(connection, fresh)
            for snapshot in snapshots:
                insert_snapshots(connection, _renumber(numbers, snapshot.turn_id) or 0, (snapshot,))
            head = Head(session.head_turn_id, session.head_kept, session.head_characters)
            _store_head(connection, planted.session_id, _renumber_head(numbers, head))
            if history and history.heads:
                heads = tuple(_renumber_head(numbers, entry) for entry in history.heads)
                _store_history(connection, planted.session_id, History(heads, history.at))
        return self.session(planted.session_id)

    def duplicate(self, session_id: str, title: str, now: str) -> Session:
        """A copy of a conversation with all its branches and memories, and from here on a life of its own.

        Raises:
            InputError: If there is no such conversation.
        """
        session = self.session(session_id)
        turns = self.all_turns(session_id)
        query = "SELECT snapshots.* FROM snapshots JOIN turns USING (turn_id) WHERE session_id = ?"
        snapshots = [snapshot_of(row) for row in self._database.rows(query, (session_id,))]
        copy = dataclasses.replace(
            session,
            title=one_line(title, LONGEST_TITLE) or session.title,
            created_at=now,
            updated_at=now,
            is_pinned=False,
        )
        return self.insert_conversation(
            copy, turns, snapshots, self.tree.root(session_id), self.tree.history(session_id)
        )

    def set_sampler(self, session_id: str, sampler: SamplerSettings) -> Session:
        """Draw the next words with other settings; what was said stays as it is."""
        return self._set(session_id, "sampler", pack_sampler(sampler))

    def set_join(self, session_id: str, join: str) -> Session:
        """Join the next prompts by another rule of JOIN_RULES."""
        return self._set(session_id, "join_rule", _check_known(join, JOIN_RULES))

    def set_model(self, session_id: str, model_id: str) -> Session:
        """Let another model speak from here on."""
        return self._set(session_id, "model_id", model_id)

    # ---- turns ----

    def add_turn(
        self, turn: Turn, *, history: History | None = None, begins_like: int = 0, snapshot: Snapshot | None = None
    ) -> Turn:
        """Store a new turn and show the branch that ends with it. Returns it with its number.

        Args:
            turn: With turn_id 0; `parent_id` is a turn of the same conversation, or None at the beginning.
            history: Where the conversation has stood, when that changes with the turn.
            begins_like: A turn that begins with the tokens of the new one that have scores: memories along them are
                copied.
            snapshot: The memory after the new turn, whatever its turn_id says; None stores none.

        Raises:
            InputError: If there is no such conversation, or the parent is not in it.
        """
        with self._database.transaction() as connection:
            stored = _append_turn(connection, turn)
            if begins_like:
                _copy_snapshots(connection, begins_like, stored)
            if snapshot:
                insert_snapshots(connection, stored.turn_id, (snapshot,))
            if history:
                _store_history(connection, stored.session_id, history)
        return stored

    def update_turn(self, turn: Turn, snapshots: Iterable[Snapshot] = ()) -> None:
        """Store what a reply has come to so far, and memories along it.

        Raises:
            InputError: If there is no such turn.
        """
        with self._database.transaction() as connection:
            _update_row(connection, turn)
            insert_snapshots(connection, turn.turn_id, snapshots)

    def finish_turn(
        self,
        turn: Turn,
        snapshot: Snapshot | None,
        along: Iterable[Snapshot] = (),
        head: Head | None = None,
        sampler: SamplerSettings | None = None,
    ) -> Turn:
        """Store a turn as it ended, its settings, and the memory after it, together. Returns it with its number.

        Args:
            turn: A stored turn, which is replaced where it stands in the tree; or a new one (turn_id 0), which becomes
                the end of the visible branch.
            snapshot: The memory after it, whatever its turn_id says; None stores none and drops an older one.
            along: Memories after some of its words, kept beside those that are there.
            head: Where the conversation stands from now on; None leaves that as it is, or at a new turn.
            sampler: How the next words are drawn; None leaves that as it is.

        Raises:
            InputError: If there is no such turn, or a new one does not fit its conversation.
        """
        with self._database.transaction() as connection:
            stored = _update_row(connection, turn) if turn.turn_id else _append_turn(connection, turn)
            end = stored.start_position + len(stored.token_ids)
            outside = "DELETE FROM snapshots WHERE turn_id = ? AND (position >= ? OR position <= ? OR model_id <> ?)"
            connection.execute(outside, (stored.turn_id, end, stored.start_position, stored.model_id))
            insert_snapshots(connection, stored.turn_id, (*along, *((snapshot,) if snapshot else ())))
            if head:
                _store_head(connection, stored.session_id, head)
            if sampler:
                query = "UPDATE sessions SET sampler = ? WHERE session_id = ?"
                connection.execute(query, (pack_sampler(sampler), stored.session_id))
        return stored

    def turn(self, turn_id: int) -> Turn:
        """One turn.

        Raises:
            InputError: If there is none with this number.
        """
        rows = self._database.rows("SELECT * FROM turns WHERE turn_id = ?", (turn_id,))
        if not rows:
            raise _no_turn(turn_id)
        return turn_of(rows[0])

    def branch(self, session_id: str) -> tuple[Turn, ...]:
        """The visible turns, first to last; of the last one the words that are visible."""
        rows = self._database.rows("SELECT * FROM sessions WHERE session_id = ?", (storable(session_id),))
        if not rows or rows[0]["head_turn_id"] is None:
            return ()
        session = session_of(rows[0])
        head = Head(session.head_turn_id, session.head_kept, session.head_characters)
        return cut_at_head(self.tree.path(session_id, rows[0]["head_turn_id"]), head)

    def recover(self) -> list[Turn]:
        """Turns that a crash cut off ("partial") become "interrupted"; returns them. Call it once at the start."""
        with self._database.transaction() as connection:
            rows = connection.execute("SELECT * FROM turns WHERE status = 'partial' ORDER BY turn_id").fetchall()
            connection.execute("UPDATE turns SET status = 'interrupted' WHERE status = 'partial'")
        return [dataclasses.replace(turn_of(row), status="interrupted") for row in rows]

    # ---- memory ----

    def snapshot(self, turn_id: int) -> Snapshot | None:
        """The newest memory in a turn; None when none is kept."""
        rows = self._database.rows(
            "SELECT * FROM snapshots WHERE turn_id = ? ORDER BY position DESC LIMIT 1", (turn_id,)
        )
        return snapshot_of(rows[0]) if rows else None

    def _set(self, session_id: str, column: str, value: str | int | None) -> Session:
        with self._database.transaction() as connection:
            query = f"UPDATE sessions SET {column} = ? WHERE session_id = ?"  # noqa: S608  column names are ours
            if connection.execute(query, (value, session_id)).rowcount == 0:
                raise _no_session(session_id)
        return self.session(session_id)


# ---- inside a transaction ---------------------------------------------------------------------------------------


def _insert_session(connection: sqlite3.Connection, session: Session, root: SavedState | None) -> None:
    connection.execute(
        "INSERT INTO sessions (session_id, title, model_id, sampler, join_rule, created_at, updated_at, is_pinned,"
        " use_number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(use_number), 0) + 1 FROM sessions))",
        (
            session.session_id,
            session.title,
            session.model_id,
            pack_sampler(session.sampler),
            session.join,
            session.created_at,
            session.updated_at,
            int(session.is_pinned),
        ),
    )
    if root:
        values = (session.session_id, *memory_columns(root))
        connection.execute("INSERT INTO roots VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)


def _append_turn(connection: sqlite3.Connection, turn: Turn) -> Turn:
    if not connection.execute("SELECT 1 FROM sessions WHERE session_id = ?", (turn.session_id,)).fetchone():
        raise _no_session(turn.session_id)
    if turn.parent_id is not None:
        query = "SELECT 1 FROM turns WHERE turn_id = ? AND session_id = ?"
        if not connection.execute(query, (turn.parent_id, turn.session_id)).fetchone():
            raise _no_turn(turn.parent_id)
    stored = dataclasses.replace(turn, turn_id=_insert_turn(connection, turn))
    connection.execute(
        "UPDATE sessions SET head_turn_id = ?, head_kept = NULL, head_characters = NULL, model_id = ?,"
        " updated_at = max(updated_at, ?),"
        " use_number = (SELECT max(use_number) + 1 FROM sessions) WHERE session_id = ?",
        (stored.turn_id, turn.model_id, turn.created_at, turn.session_id),
    )
    return stored


def _insert_turn(connection: sqlite3.Connection, turn: Turn) -> int:
    cursor = connection.execute(
        "INSERT INTO turns (session_id, parent_id, role, text, token_ids, logprobs, status, start_position, model_id,"
        " sampler, draws, words, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (turn.session_id, turn.parent_id, *_columns(turn), turn.created_at),
    )
    return cursor.lastrowid or 0


def _renumber(numbers: Mapping[int | None, int | None], turn_id: int | None) -> int | None:
    if turn_id not in numbers:
        raise _no_turn(turn_id or 0)
    return numbers[turn_id]


def _renumber_head(numbers: Mapping[int | None, int | None], head: Head) -> Head:
    return dataclasses.replace(head, turn_id=_renumber(numbers, head.turn_id))


def _update_row(connection: sqlite3.Connection, turn: Turn) -> Turn:
    changed = connection.execute(
        "UPDATE turns SET role = ?, text = ?, token_ids = ?, logprobs = ?, status = ?, start_position = ?,"
        " model_id = ?, sampler = ?, draws = ?, words = ? WHERE turn_id = ? AND session_id = ?",
        (*_columns(turn), turn.turn_id, turn.session_id),
    )
    if changed.rowcount == 0:
        raise _no_turn(turn.turn_id)
    return turn


def _columns(turn: Turn) -> tuple[str | bytes | int | None, ...]:
    return (
        _check_known(turn.role, ROLES),
        storable(turn.text),
        pack_ids(turn.token_ids),
        pack_logprobs(turn.logprobs),
        _check_known(turn.status, STATUSES),
        turn.start_position,
        turn.model_id,
        None if turn.sampler is None else pack_sampler(turn.sampler),
        pack_spans(turn),
        turn.words or None,
    )


def _copy_snapshots(connection: sqlite3.Connection, source_id: int, turn: Turn) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO snapshots (turn_id, position, model_id, blob)"
        " SELECT ?, position, model_id, blob FROM snapshots WHERE turn_id = ? AND position <= ?",
        (turn.turn_id, source_id, turn.start_position + len(turn.logprobs)),
    )


def _store_head(connection: sqlite3.Connection, session_id: str, head: Head) -> None:
    connection.execute(
        "UPDATE sessions SET head_turn_id = ?, head_kept = ?, head_characters = ? WHERE session_id = ?",
        (head.turn_id, head.kept, head.characters, session_id),
    )


def _store_history(connection: sqlite3.Connection, session_id: str, history: History) -> None:
    connection.execute(
        "UPDATE sessions SET history = ?, history_at = ? WHERE session_id = ?",
        (pack_history(history), history.at, session_id),
    )


def _check_known(word: str, words: tuple[str, ...]) -> str:
    if word not in words:
        raise InputError(f'"{visible_line(word, 40)}" is not known here.', f"Choose one of: {', '.join(words)}.")
    return word


def _no_session(session_id: str) -> InputError:
    return InputError(
        f'There is no conversation "{visible_line(session_id, 60)}".', 'See what there is with "rnntui sessions".'
    )


def _no_turn(turn_id: int) -> InputError:
    return InputError(f"There is no turn {turn_id} in this conversation.", "Choose one that is shown.")
