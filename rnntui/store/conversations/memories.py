"""Memories under names: kept at any word of any conversation, a beginning for others. Knows records, no models."""

import dataclasses

from rnntui.errors import InputError
from rnntui.records import SavedState
from rnntui.store.conversations.database import Database
from rnntui.store.conversations.rows import memory_columns, memory_of
from rnntui.text import one_line, visible_line

LONGEST_NAME = 80


class Memories:
    """The named memories in a database. A name is one whatever its capitals.

    Raises:
        StorageError: Every method, if the database refuses. Nothing has then changed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, memory: SavedState) -> SavedState:
        """Keep a memory under its name. Returns it with the name as it is kept.

        Raises:
            InputError: If the name is empty or taken.
        """
        kept = dataclasses.replace(memory, name=_check_name(memory.name))
        with self._database.transaction() as connection:
            if connection.execute("SELECT 1 FROM memories WHERE name = ?", (kept.name,)).fetchone():
                raise _taken(kept.name)
            connection.execute("INSERT INTO memories VALUES (?, ?, ?, ?, ?, ?, ?)", memory_columns(kept))
        return kept

    def all(self) -> list[SavedState]:
        """Every memory, by name."""
        return [memory_of(row) for row in self._database.rows("SELECT * FROM memories ORDER BY name")]

    def find(self, name: str) -> SavedState:
        """The memory with this name.

        Raises:
            InputError: If there is none.
        """
        rows = self._database.rows("SELECT * FROM memories WHERE name = ?", (one_line(name, LONGEST_NAME),))
        if not rows:
            raise _unknown(name)
        return memory_of(rows[0])

    def rename(self, name: str, new_name: str) -> SavedState:
        """Give a memory another name.

        Raises:
            InputError: If there is no such memory, or the new name is empty or taken.
        """
        before, fresh = self.find(name), _check_name(new_name)
        with self._database.transaction() as connection:
            taken = connection.execute("SELECT name FROM memories WHERE name = ?", (fresh,)).fetchone()
            if taken and taken["name"] != before.name:
                raise _taken(fresh)
            connection.execute("UPDATE memories SET name = ? WHERE name = ?", (fresh, before.name))
        return dataclasses.replace(before, name=fresh)

    def remove(self, name: str) -> None:
        """Remove a memory; conversations that began with it keep their own copy.

        Raises:
            InputError: If there is none with this name.
        """
        with self._database.transaction() as connection:
            if connection.execute("DELETE FROM memories WHERE name = ?", (one_line(name, LONGEST_NAME),)).rowcount == 0:
                raise _unknown(name)


def _check_name(name: str) -> str:
    fresh = one_line(name, LONGEST_NAME)
    if not fresh:
        raise InputError("A memory needs a name.", f"Give it one of up to {LONGEST_NAME} characters.")
    return fresh


def _taken(name: str) -> InputError:
    return InputError(f'There is already a memory "{visible_line(name, 60)}".', "Choose another name.")


def _unknown(name: str) -> InputError:
    return InputError(f'There is no memory "{visible_line(name, 60)}".', "Choose one of those that were kept.")
