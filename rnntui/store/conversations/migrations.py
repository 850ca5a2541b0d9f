"""What builds the tables of the file of conversations, oldest first. A new one is a function at the end of MIGRATIONS.

The tables are what `salvage` goes by, so each is STRICT, has row numbers and declares its columns.
"""

import sqlite3
from collections.abc import Callable

INDEX_OF_WORDS = (
    "CREATE VIRTUAL TABLE turn_words USING fts5"
    " (text, columnsize = 0, prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 2')"
)
"""The full-text index. It can be dropped and filled again at any time: it holds nothing that the turns do not."""

Migration = Callable[[sqlite3.Connection], None]


def _first_tables(connection: sqlite3.Connection) -> None:
    """Conversations: turns form a tree, a session points at one of them, a snapshot belongs to a turn."""
    connection.execute(
        """
        CREATE TABLE sessions (
            session_id TEXT PRIMARY KEY,
            title TEXT NOT NULL,
            model_id TEXT NOT NULL,
            sampler TEXT NOT NULL,                       -- JSON, all fields of SamplerSettings
            join_rule TEXT NOT NULL,
            head_turn_id INTEGER,
            created_at TEXT NOT NULL,
            updated_at TEXT NOT NULL,
            use_number INTEGER NOT NULL,                 -- orders sessions by last use, whatever the clock does
            FOREIGN KEY (session_id, head_turn_id) REFERENCES turns (session_id, turn_id) DEFERRABLE INITIALLY DEFERRED
        ) STRICT
        """
    )
    connection.execute(
        """
        CREATE TABLE turns (
            turn_id INTEGER PRIMARY KEY AUTOINCREMENT,
            session_id TEXT NOT NULL REFERENCES sessions (session_id) DEFERRABLE INITIALLY DEFERRED,
            parent_id INTEGER CHECK (parent_id < turn_id), -- older than the turn, so there are no circles
            role TEXT NOT NULL,
            text TEXT NOT NULL,
            token_ids BLOB NOT NULL,                     -- uint32, little-endian
            logprobs BLOB NOT NULL,                      -- float64, little-endian
            status TEXT NOT NULL,
            start_position INTEGER NOT NULL,
            model_id TEXT NOT NULL,
            sampler TEXT,
            created_at TEXT NOT NULL,
            UNIQUE (session_id, turn_id),
            FOREIGN KEY (session_id, parent_id) REFERENCES turns (session_id, turn_id) DEFERRABLE INITIALLY DEFERRED
        ) STRICT
        """
    )
    connection.execute("CREATE INDEX turns_by_parent ON turns (session_id, parent_id)")
    connection.execute(
        """
        CREATE TABLE snapshots (
            turn_id INTEGER PRIMARY KEY REFERENCES turns (turn_id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            model_id TEXT NOT NULL,
            blob BLOB NOT NULL
        ) STRICT
        """
    )


def _many_conversations(connection: sqlite3.Connection) -> None:
    """Conversations can be pinned, deleted with a way back, and searched.

    The index is brought up to date before a search, never while a turn is saved: `unindexed` lists what has changed.
    """
    connection.execute("ALTER TABLE sessions ADD COLUMN is_pinned INTEGER NOT NULL DEFAULT 0")
    connection.execute("ALTER TABLE sessions ADD COLUMN deleted_at TEXT")  # NULL while it is there
    connection.execute(INDEX_OF_WORDS)
    connection.execute("CREATE TABLE unindexed (turn_id INTEGER PRIMARY KEY) STRICT")
    for name, change, row in (
        ("turn_added", "INSERT ON turns WHEN new.status <> 'partial'", "new"),
        ("turn_changed", "UPDATE OF text, status ON turns WHEN new.status <> 'partial'", "new"),
        ("turn_removed", "DELETE ON turns", "old"),
    ):
        connection.execute(
            f"CREATE TRIGGER {name} AFTER {change}"  # noqa: S608  these words are ours
            f" BEGIN INSERT OR IGNORE INTO unindexed VALUES ({row}.turn_id); END"
        )
    connection.execute("INSERT INTO unindexed SELECT turn_id FROM turns WHERE status <> 'partial'")


def _rewinding(connection: sqlite3.Connection) -> None:
    """A head may stand inside a turn and knows where it stood before; memories inside turns and under names."""
    connection.execute("ALTER TABLE sessions ADD COLUMN head_kept INTEGER")
    connection.execute("ALTER TABLE sessions ADD COLUMN head_characters INTEGER")
    connection.execute("ALTER TABLE sessions ADD COLUMN history BLOB")  # int64 triples, see sessions.py
    connection.execute("ALTER TABLE sessions ADD COLUMN history_at INTEGER")
    connection.execute("ALTER TABLE turns ADD COLUMN draws TEXT")  # JSON; NULL when `sampler` says it all
    connection.execute("ALTER TABLE turns ADD COLUMN words INTEGER")
    connection.execute("ALTER TABLE snapshots RENAME TO snapshots_after_turns")
    connection.execute(
        """
        CREATE TABLE snapshots (
            turn_id INTEGER NOT NULL REFERENCES turns (turn_id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            model_id TEXT NOT NULL,
            blob BLOB NOT NULL,
            PRIMARY KEY (turn_id, position)
        ) STRICT
        """
    )
    connection.execute(
        "INSERT INTO snapshots (turn_id, position, model_id, blob)"
        " SELECT turn_id, position, model_id, blob FROM snapshots_after_turns"
    )
    connection.execute("DROP TABLE snapshots_after_turns")
    columns = """
            name TEXT NOT NULL COLLATE NOCASE,
            model_id TEXT NOT NULL,
            blob BLOB NOT NULL,
            recent_ids BLOB NOT NULL,                    -- uint32, little-endian
            words_read INTEGER NOT NULL,
            text_before TEXT NOT NULL,
            created_at TEXT NOT NULL
    """
    connection.execute(f"CREATE TABLE memories ({columns}, PRIMARY KEY (name)) STRICT")
    connection.execute(
        "CREATE TABLE roots (session_id TEXT PRIMARY KEY REFERENCES sessions (session_id) ON DELETE CASCADE,"
        f" {columns}) STRICT"
    )


def _drafts(connection: sqlite3.Connection) -> None:
    """What is typed and not sent; `session_id` is empty for the conversation without a turn."""
    connection.execute(
        """
        CREATE TABLE drafts (
            draft_id INTEGER PRIMARY KEY AUTOINCREMENT, -- the highest one was typed last
            session_id TEXT NOT NULL UNIQUE,
            text TEXT NOT NULL,
            model_id TEXT NOT NULL,
            use_number INTEGER NOT NULL                 -- the highest one of the conversations when it was typed
        ) STRICT
        """
    )
    connection.execute(
        "CREATE TRIGGER session_removed AFTER DELETE ON sessions"
        " BEGIN DELETE FROM drafts WHERE session_id = old.session_id; END"
    )


MIGRATIONS: tuple[Migration, ...] = (_first_tables, _many_conversations, _rewinding, _drafts)
