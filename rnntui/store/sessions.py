"""Conversations: sessions, the tree of their turns, and the memory after each turn.

A session points at the last turn of its visible branch; a turn points at the turn it was said after. Nothing is ever
taken out of the tree but by emptying out a deleted session, so undo only moves the pointer. Knows records; nothing of
models.
"""

import dataclasses
import json
import secrets
import sqlite3
import struct
from collections.abc import Mapping, Sequence

from rnntui.errors import InputError, StorageError
from rnntui.records import ROLES, STATUSES, Hit, Session, Snapshot, Turn
from rnntui.settings import JOIN_RULES, SamplerSettings, from_mapping
from rnntui.store import strict_json
from rnntui.store.database import Database
from rnntui.store.search import search
from rnntui.text import clean, visible_line

LONGEST_TITLE = 200

_BRANCH = """
    WITH RECURSIVE branch (turn_id, parent_id) AS (
        SELECT turn_id, parent_id FROM turns
        WHERE turn_id = (SELECT head_turn_id FROM sessions WHERE session_id = ?)
        UNION ALL
        SELECT turns.turn_id, turns.parent_id FROM turns JOIN branch ON turns.turn_id = branch.parent_id
    )
    SELECT %s
"""
_BRANCH_TURNS = _BRANCH % "turns.* FROM turns JOIN branch USING (turn_id) ORDER BY turn_id"
_NEAREST_SNAPSHOT = (
    _BRANCH % "snapshots.* FROM snapshots JOIN branch USING (turn_id) WHERE model_id = ? ORDER BY turn_id DESC LIMIT 1"
)


class Sessions:
    """The conversations in a database. Every change is one transaction: on the disk when the call returns.

    Raises:
        StorageError: Every method, if the database refuses. Nothing has then changed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    # ---- sessions ----

    def create(self, title: str, model_id: str, sampler: SamplerSettings, join: str, now: str) -> Session:
        """Begin a conversation without turns.

        Args:
            title: What it is called; an empty one becomes "untitled".
            model_id: Who speaks.
            sampler: How words are drawn.
            join: One of JOIN_RULES.
            now: The moment, UTC, ISO 8601.
        """
        session = Session(
            session_id=secrets.token_hex(8),
            title=_on_one_line(title) or "untitled",
            model_id=model_id,
            sampler=sampler,
            join=_known(join, JOIN_RULES),
            created_at=now,
            updated_at=now,
        )
        with self._database.transaction() as connection:
            _created(connection, session)
        return session

    def sessions(self) -> list[Session]:
        """All conversations but deleted ones: pinned first, then the last used first."""
        query = "SELECT * FROM sessions WHERE deleted_at IS NULL ORDER BY is_pinned DESC, use_number DESC"
        return [_session(row) for row in self._database.rows(query)]

    def deleted(self) -> list[Session]:
        """The conversations that can be restored, the last deleted one first."""
        query = "SELECT * FROM sessions WHERE deleted_at IS NOT NULL ORDER BY deleted_at DESC, use_number DESC"
        return [_session(row) for row in self._database.rows(query)]

    def session(self, session_id: str) -> Session:
        """One conversation.

        Raises:
            InputError: If there is none with this id.
        """
        rows = self._database.rows("SELECT * FROM sessions WHERE session_id = ?", (_storable(session_id),))
        if not rows:
            raise _no_session(session_id)
        return _session(rows[0])

    def latest(self) -> Session | None:
        """The last used conversation; None when there is none."""
        query = "SELECT * FROM sessions WHERE deleted_at IS NULL ORDER BY use_number DESC LIMIT 1"
        rows = self._database.rows(query)
        return _session(rows[0]) if rows else None

    def rename(self, session_id: str, title: str) -> Session:
        """Give a conversation another title.

        Raises:
            InputError: If the title is empty, or there is no such conversation.
        """
        fresh = _on_one_line(title)
        if not fresh:
            raise InputError("A conversation needs a title.", "Give it one of up to 200 characters.")
        return self._set(session_id, "title", fresh)

    def find(self, wanted: str) -> Session:
        """The conversation with this id, else the only one whose id begins so, else the only one with this title.

        Raises:
            InputError: If there is none, or several fit.
        """
        rows = self._database.rows("SELECT * FROM sessions WHERE session_id = ?", (_storable(wanted),))
        if rows:
            return _session(rows[0])
        known = [*self.sessions(), *self.deleted()]
        found = [session for session in known if wanted and session.session_id.startswith(wanted.lower())]
        found = found or [session for session in known if session.title.casefold() == wanted.casefold()]
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

    def empty(self, before: str) -> int:
        """Remove for good, with all turns and memories, what was deleted before this moment. Returns how many."""
        gone = "(SELECT session_id FROM sessions WHERE deleted_at < ?)"
        with self._database.transaction() as connection:
            connection.execute(f"DELETE FROM turns WHERE session_id IN {gone}", (before,))  # noqa: S608  ours
            return connection.execute("DELETE FROM sessions WHERE deleted_at < ?", (before,)).rowcount

    def search(self, words: str, limit: int = 50) -> list[Hit]:
        """Where these words stand, in titles and in every turn of every branch; see `store.search`."""
        return search(self._database, words, limit)

    def all_turns(self, session_id: str) -> tuple[Turn, ...]:
        """Every turn of a conversation, those of hidden branches too, in the order in which they were said."""
        query = "SELECT * FROM turns WHERE session_id = ? ORDER BY turn_id"
        return tuple(_turn(row) for row in self._database.rows(query, (session_id,)))

    def plant(self, session: Session, turns: Sequence[Turn], snapshots: Sequence[Snapshot] = ()) -> Session:
        """Store a whole conversation at once under a new id: what copies and imports are made of.

        Args:
            session: Its title, model, settings, pin and moments; `head_turn_id` names one of the turns.
            turns: Oldest first, each with a number of its own and a parent among those before it. They get new numbers.
            snapshots: Memories after some of the turns.

        Raises:
            InputError: If a parent, the head or a memory names a turn that is not there.
        """
        planted = dataclasses.replace(session, session_id=secrets.token_hex(8), head_turn_id=None, deleted_at="")
        with self._database.transaction() as connection:
            _created(connection, planted)
            numbers: dict[int | None, int | None] = {None: None}
            for turn in turns:
                fresh = dataclasses.replace(
                    turn, turn_id=0, session_id=planted.session_id, parent_id=_renumbered(numbers, turn.parent_id)
                )
                numbers[turn.turn_id] = _inserted(connection, fresh)
            for snapshot in snapshots:
                kept = dataclasses.replace(snapshot, turn_id=_renumbered(numbers, snapshot.turn_id) or 0)
                _keep_snapshot(connection, kept)
            connection.execute(
                "UPDATE sessions SET head_turn_id = ? WHERE session_id = ?",
                (_renumbered(numbers, session.head_turn_id), planted.session_id),
            )
        return self.session(planted.session_id)

    def duplicate(self, session_id: str, title: str, now: str) -> Session:
        """A copy of a conversation with all its branches and memories, and from here on a life of its own.

        Raises:
            InputError: If there is no such conversation.
        """
        session = self.session(session_id)
        turns = self.all_turns(session_id)
        snapshots = [kept for turn in turns if (kept := self.snapshot(turn.turn_id))]
        copy = dataclasses.replace(
            session, title=_on_one_line(title) or session.title, created_at=now, updated_at=now, is_pinned=False
        )
        return self.plant(copy, turns, snapshots)

    def set_sampler(self, session_id: str, sampler: SamplerSettings) -> Session:
        """Draw the next words with other settings; what was said stays as it is."""
        return self._set(session_id, "sampler", _packed_sampler(sampler))

    def set_join(self, session_id: str, join: str) -> Session:
        """Join the next prompts by another rule of JOIN_RULES."""
        return self._set(session_id, "join_rule", _known(join, JOIN_RULES))

    def set_model(self, session_id: str, model_id: str) -> Session:
        """Let another model speak from here on."""
        return self._set(session_id, "model_id", model_id)

    def set_head(self, session_id: str, turn_id: int | None) -> Session:
        """Show the branch that ends with this turn; None shows an empty conversation.

        Raises:
            InputError: If the turn is not one of this conversation.
        """
        if turn_id is not None and self.turn(turn_id).session_id != session_id:
            raise _no_turn(turn_id)
        return self._set(session_id, "head_turn_id", turn_id)

    # ---- turns ----

    def add_turn(self, turn: Turn) -> Turn:
        """Store a new turn and show the branch that ends with it. Returns it with its number.

        Args:
            turn: With turn_id 0; `parent_id` is a turn of the same conversation, or None at the beginning.

        Raises:
            InputError: If there is no such conversation, or the parent is not in it.
        """
        with self._database.transaction() as connection:
            return _added(connection, turn)

    def update_turn(
        self, turn_id: int, text: str, token_ids: tuple[int, ...], logprobs: tuple[float, ...], status: str
    ) -> None:
        """Store what a reply has come to so far.

        Raises:
            InputError: If there is no such turn.
        """
        with self._database.transaction() as connection:
            changed = connection.execute(
                "UPDATE turns SET text = ?, token_ids = ?, logprobs = ?, status = ? WHERE turn_id = ?",
                (
                    _storable(text),
                    _packed_ids(token_ids),
                    _packed_logprobs(logprobs),
                    _known(status, STATUSES),
                    turn_id,
                ),
            )
            if changed.rowcount == 0:
                raise _no_turn(turn_id)

    def finish_turn(self, turn: Turn, snapshot: Snapshot | None) -> Turn:
        """Store a turn as it ended, its settings, and the memory after it, together. Returns it with its number.

        Args:
            turn: A stored turn, which is replaced where it stands in the tree; or a new one (turn_id 0), which becomes
                the end of the visible branch.
            snapshot: The memory after it, whatever its turn_id says; None stores none and drops an older one.

        Raises:
            InputError: If there is no such turn, or a new one does not fit its conversation.
        """
        with self._database.transaction() as connection:
            stored = _replaced(connection, turn) if turn.turn_id else _added(connection, turn)
            connection.execute("DELETE FROM snapshots WHERE turn_id = ?", (stored.turn_id,))
            if snapshot:
                _keep_snapshot(connection, dataclasses.replace(snapshot, turn_id=stored.turn_id))
        return stored

    def turn(self, turn_id: int) -> Turn:
        """One turn.

        Raises:
            InputError: If there is none with this number.
        """
        rows = self._database.rows("SELECT * FROM turns WHERE turn_id = ?", (turn_id,))
        if not rows:
            raise _no_turn(turn_id)
        return _turn(rows[0])

    def branch(self, session_id: str) -> tuple[Turn, ...]:
        """The visible turns, first to last."""
        rows = self._database.rows(_BRANCH_TURNS, (session_id,))
        return tuple(_turn(row) for row in rows)

    def children(self, turn_id: int) -> tuple[Turn, ...]:
        """The turns that were said right after this one, oldest first."""
        query = (
            "SELECT * FROM turns WHERE parent_id = ?"
            " AND session_id = (SELECT session_id FROM turns WHERE turn_id = ?) ORDER BY turn_id"
        )
        return tuple(_turn(row) for row in self._database.rows(query, (turn_id, turn_id)))

    def recover(self) -> list[Turn]:
        """Turns that a crash cut off ("partial") become "interrupted"; returns them. Call it once at the start."""
        with self._database.transaction() as connection:
            rows = connection.execute("SELECT * FROM turns WHERE status = 'partial' ORDER BY turn_id").fetchall()
            connection.execute("UPDATE turns SET status = 'interrupted' WHERE status = 'partial'")
        return [dataclasses.replace(_turn(row), status="interrupted") for row in rows]

    # ---- memory ----

    def snapshot(self, turn_id: int) -> Snapshot | None:
        """The memory after a turn; None when none is kept."""
        return _snapshot(self._database.rows("SELECT * FROM snapshots WHERE turn_id = ?", (turn_id,)))

    def nearest_snapshot(self, session_id: str, model_id: str) -> Snapshot | None:
        """The newest memory of this model on the visible branch; None when there is none."""
        return _snapshot(self._database.rows(_NEAREST_SNAPSHOT, (session_id, model_id)))

    def _set(self, session_id: str, column: str, value: str | int | None) -> Session:
        with self._database.transaction() as connection:
            query = f"UPDATE sessions SET {column} = ? WHERE session_id = ?"  # noqa: S608  column names are ours
            if connection.execute(query, (value, session_id)).rowcount == 0:
                raise _no_session(session_id)
        return self.session(session_id)


# ---- inside a transaction ---------------------------------------------------------------------------------------


def _created(connection: sqlite3.Connection, session: Session) -> None:
    connection.execute(
        "INSERT INTO sessions (session_id, title, model_id, sampler, join_rule, created_at, updated_at, is_pinned,"
        " use_number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(use_number), 0) + 1 FROM sessions))",
        (
            session.session_id,
            session.title,
            session.model_id,
            _packed_sampler(session.sampler),
            session.join,
            session.created_at,
            session.updated_at,
            int(session.is_pinned),
        ),
    )


def _added(connection: sqlite3.Connection, turn: Turn) -> Turn:
    if not connection.execute("SELECT 1 FROM sessions WHERE session_id = ?", (turn.session_id,)).fetchone():
        raise _no_session(turn.session_id)
    if turn.parent_id is not None:
        query = "SELECT 1 FROM turns WHERE turn_id = ? AND session_id = ?"
        if not connection.execute(query, (turn.parent_id, turn.session_id)).fetchone():
            raise _no_turn(turn.parent_id)
    stored = dataclasses.replace(turn, turn_id=_inserted(connection, turn))
    connection.execute(
        "UPDATE sessions SET head_turn_id = ?, updated_at = max(updated_at, ?),"
        " use_number = (SELECT max(use_number) + 1 FROM sessions) WHERE session_id = ?",
        (stored.turn_id, turn.created_at, turn.session_id),
    )
    return stored


def _inserted(connection: sqlite3.Connection, turn: Turn) -> int:
    cursor = connection.execute(
        "INSERT INTO turns (session_id, parent_id, role, text, token_ids, logprobs, status, start_position, model_id,"
        " sampler, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (turn.session_id, turn.parent_id, *_columns(turn), turn.created_at),
    )
    return cursor.lastrowid or 0


def _keep_snapshot(connection: sqlite3.Connection, snapshot: Snapshot) -> None:
    connection.execute(
        "INSERT INTO snapshots (turn_id, position, model_id, blob) VALUES (?, ?, ?, ?)",
        (snapshot.turn_id, snapshot.position, snapshot.model_id, snapshot.blob),
    )


def _renumbered(numbers: Mapping[int | None, int | None], turn_id: int | None) -> int | None:
    if turn_id not in numbers:
        raise _no_turn(turn_id or 0)
    return numbers[turn_id]


def _replaced(connection: sqlite3.Connection, turn: Turn) -> Turn:
    changed = connection.execute(
        "UPDATE turns SET role = ?, text = ?, token_ids = ?, logprobs = ?, status = ?, start_position = ?,"
        " model_id = ?, sampler = ? WHERE turn_id = ? AND session_id = ?",
        (*_columns(turn), turn.turn_id, turn.session_id),
    )
    if changed.rowcount == 0:
        raise _no_turn(turn.turn_id)
    return turn


def _columns(turn: Turn) -> tuple[str | bytes | int | None, ...]:
    return (
        _known(turn.role, ROLES),
        _storable(turn.text),
        _packed_ids(turn.token_ids),
        _packed_logprobs(turn.logprobs),
        _known(turn.status, STATUSES),
        turn.start_position,
        turn.model_id,
        None if turn.sampler is None else _packed_sampler(turn.sampler),
    )


# ---- rows <-> records -------------------------------------------------------------------------------------------


def _session(row: sqlite3.Row) -> Session:
    return Session(
        session_id=row["session_id"],
        title=row["title"],
        model_id=row["model_id"],
        sampler=_unpacked_sampler(row["sampler"]),
        join=row["join_rule"],
        head_turn_id=row["head_turn_id"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        is_pinned=bool(row["is_pinned"]),
        deleted_at=row["deleted_at"] or "",
    )


def _turn(row: sqlite3.Row) -> Turn:
    return Turn(
        turn_id=row["turn_id"],
        session_id=row["session_id"],
        parent_id=row["parent_id"],
        role=row["role"],
        text=row["text"],
        token_ids=_unpacked_ids(row["token_ids"]),
        logprobs=_unpacked_logprobs(row["logprobs"]),
        status=row["status"],
        start_position=row["start_position"],
        model_id=row["model_id"],
        sampler=None if row["sampler"] is None else _unpacked_sampler(row["sampler"]),
        created_at=row["created_at"],
    )


def _snapshot(rows: list[sqlite3.Row]) -> Snapshot | None:
    if not rows:
        return None
    row = rows[0]
    return Snapshot(row["turn_id"], row["position"], row["model_id"], row["blob"])


def _packed_ids(token_ids: tuple[int, ...]) -> bytes:
    return struct.pack(f"<{len(token_ids)}I", *token_ids)


def _packed_logprobs(logprobs: tuple[float, ...]) -> bytes:
    return struct.pack(f"<{len(logprobs)}d", *logprobs)


def _unpacked_ids(blob: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{_count(blob, 4)}I", blob)


def _unpacked_logprobs(blob: bytes) -> tuple[float, ...]:
    return struct.unpack(f"<{_count(blob, 8)}d", blob)


def _count(blob: bytes, size: int) -> int:
    if len(blob) % size:
        raise StorageError("A turn in the file of conversations is damaged.", "Delete the conversation it stands in.")
    return len(blob) // size


def _packed_sampler(sampler: SamplerSettings) -> str:
    return json.dumps(dataclasses.asdict(sampler))


def _unpacked_sampler(text: str) -> SamplerSettings:
    """Stored settings; one that no longer fits its range gives the defaults, so that no conversation is lost by it."""
    try:
        return from_mapping(SamplerSettings, strict_json.loads(text.encode()))
    except (InputError, strict_json.Mismatch):
        return SamplerSettings()


def _storable(text: str) -> str:
    """Text as it is, but for halves of broken characters, which SQLite cannot keep."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def _on_one_line(title: str) -> str:
    return " ".join(clean(title).text.split())[:LONGEST_TITLE]


def _known(word: str, words: tuple[str, ...]) -> str:
    if word not in words:
        raise InputError(f'"{visible_line(word, 40)}" is not known here.', f"Choose one of: {', '.join(words)}.")
    return word


def _no_session(session_id: str) -> InputError:
    return InputError(
        f'There is no conversation "{visible_line(session_id, 60)}".', 'See what there is with "rnntui sessions".'
    )


def _no_turn(turn_id: int) -> InputError:
    return InputError(f"There is no turn {turn_id} in this conversation.", "Choose one that is shown.")
