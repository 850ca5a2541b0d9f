"""Find words in all conversations: SQLite's full-text index, brought up to date just before it is asked.

Saving a turn only notes its number (a trigger does), so that a reply that is saved every second costs the index
nothing, and a damaged index never stands in the way of saving. Words are compared without regard to case and accents.
"""

import re
import secrets
import sqlite3
import unicodedata

from rnntui.errors import StorageError
from rnntui.records import SearchHit
from rnntui.store.conversations.database import Database
from rnntui.store.conversations.migrations import INDEX_OF_WORDS
from rnntui.text import clean

_EXCERPT_WORDS = 16
_LONGEST_QUERY = 400
_MOST_TERMS = 32
_WORD = re.compile(r"[^\W_]+")
_FOUND = """
    SELECT turns.turn_id, turns.session_id, turns.role, sessions.title, sessions.updated_at,
           turns.created_at,
           snippet(turn_words, 0, :opening, :closing, '…', :words) AS excerpt
    FROM turn_words
    CROSS JOIN turns ON turns.turn_id = turn_words.rowid
    CROSS JOIN sessions ON sessions.session_id = turns.session_id AND sessions.deleted_at IS NULL
    WHERE turn_words MATCH :terms
    ORDER BY turn_words.rowid DESC
    LIMIT :limit
"""


def search(database: Database, words: str, limit: int = 50) -> list[SearchHit]:
    """Where words stand: titles first, then turns, the newest first.

    Args:
        database: Where conversations are.
        words: What the person typed. All words must be there, the last one may be a beginning; "words in quotes" stand
            side by side. Nothing in it is a command, and nothing in it is an error.
        limit: How many places at most.

    Raises:
        StorageError: If the database refuses.
    """
    terms = _terms(words)
    if not terms or limit < 1:
        return []
    titles = _in_titles(database, terms)[:limit]
    opening, closing = (f"\x02{secrets.token_hex(8)}\x03" for _ in range(2))  # what no text can contain by chance
    values = {
        "opening": opening,
        "closing": closing,
        "words": _EXCERPT_WORDS,
        "terms": _to_query(terms),
        "limit": limit - len(titles),
    }
    return titles + [_hit(row, opening, closing) for row in _find(database, values)]


def _find(database: Database, values: dict[str, object]) -> list[sqlite3.Row]:
    try:
        _bring_up_to_date(database)
        return database.rows(_FOUND, values)
    except StorageError as problem:
        if getattr(problem.__cause__, "sqlite_errorcode", 0) != sqlite3.SQLITE_CORRUPT_VTAB:
            raise
    _start_over(database)
    _bring_up_to_date(database)
    return database.rows(_FOUND, values)


def _start_over(database: Database) -> None:
    """A damaged index is thrown away; the turns that it was made from are not touched."""
    with database.transaction() as connection:
        connection.execute("DROP TABLE turn_words")
        connection.execute(INDEX_OF_WORDS)
        connection.execute("INSERT OR IGNORE INTO unindexed SELECT turn_id FROM turns WHERE status <> 'partial'")


def _bring_up_to_date(database: Database) -> None:
    if not database.rows("SELECT 1 FROM unindexed LIMIT 1"):
        return
    with database.transaction() as connection:
        connection.execute("DELETE FROM turn_words WHERE rowid IN (SELECT turn_id FROM unindexed)")
        connection.execute(
            "INSERT INTO turn_words (rowid, text) SELECT turn_id, text FROM turns"
            " WHERE turn_id IN (SELECT turn_id FROM unindexed) AND status <> 'partial'"
        )
        connection.execute("DELETE FROM unindexed")


def _terms(words: str) -> list[str]:
    """What was typed as single words and quoted phrases; what holds no letter or digit is left out."""
    parts = clean(words[:_LONGEST_QUERY]).text.split('"')
    terms = [term for number, part in enumerate(parts) for term in ([part] if number % 2 else part.split())]
    return [term for term in terms if any(character.isalnum() for character in term)][:_MOST_TERMS]


def _to_query(terms: list[str]) -> str:
    """Terms in the index's own language: inside quotes nothing has a meaning, and the last word may go on."""
    return " ".join(f'"{term}"' for term in terms) + "*"


def _in_titles(database: Database, terms: list[str]) -> list[SearchHit]:
    query = "SELECT session_id, title, updated_at FROM sessions WHERE deleted_at IS NULL ORDER BY use_number DESC"
    found = []
    for row in database.rows(query):
        marks = _marks(row["title"], terms)
        if marks:
            found.append(SearchHit(row["session_id"], row["title"], 0, "", row["title"], marks, row["updated_at"]))
    return found


def _marks(title: str, terms: list[str]) -> tuple[tuple[int, int], ...]:
    """Where the terms stand in a title, word by word as in a turn; nothing unless all of them do."""
    words, marks = _words(title), []
    for number, term in enumerate(terms, 1):
        wanted = [word for word, _ in _words(term)]
        may_go_on = number == len(terms)
        at = next((at for at in range(len(words)) if _stand_at(words[at:], wanted, may_go_on)), None)
        if at is None:
            return ()
        last_word, last_at = words[at + len(wanted) - 1]
        end = last_at + (len(wanted[-1]) if may_go_on else len(last_word))
        marks.append((words[at][1], end))
    return tuple(sorted(set(marks)))


def _stand_at(words: list[tuple[str, int]], wanted: list[str], may_go_on: bool) -> bool:
    """True when the wanted words are the first ones, of the last one perhaps only its beginning."""
    found = [word for word, _ in words[: len(wanted)]]
    if may_go_on and len(found) == len(wanted):
        found[-1] = found[-1][: len(wanted[-1])]
    return found == wanted


def _words(text: str) -> list[tuple[str, int]]:
    """The words of a text without case and accents, and where each begins."""
    return [(found.group(), found.start()) for found in _WORD.finditer(_fold(text))]


def _fold(text: str) -> str:
    """Text without case and accents, character by character, so that places stay what they are."""
    return "".join(unicodedata.normalize("NFD", character)[0].casefold()[:1] or character for character in text)


def _hit(row: sqlite3.Row, opening: str, closing: str) -> SearchHit:
    text, marks = "", []
    first, *rest = row["excerpt"].split(opening)
    text += first
    for part in rest:
        found, _, after = part.partition(closing)
        marks.append((len(text), len(text) + len(found)))
        text += found + after
    line = "".join(" " if character.isspace() else character for character in text)
    return SearchHit(
        row["session_id"],
        row["title"],
        row["turn_id"],
        row["role"],
        line,
        tuple(marks),
        row["updated_at"],
        str(row["created_at"] or ""),
    )
