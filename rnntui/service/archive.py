"""Everything that was ever said, and the memories that were kept: found, named, put away, copied, taken out and in.

What a person wants of many conversations at once; each intention reads or writes the disk and may take its time, so
nobody who draws a screen waits for one. It may be asked from any thread: the store lets one in at a time.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rnntui.records import Head, RunReport, SavedState, SearchHit, Session, SessionSummary, Turn
from rnntui.service.timestamps import utc_now
from rnntui.store.conversations.tree import cut_at_head

if TYPE_CHECKING:
    from rnntui.service.services import Services


class Archive:
    """The conversations and memories of one data folder.

    Every method raises `StorageError` if the data folder cannot be used, and `InputError` if what it names is not
    there.

    Args:
        services: Where they are kept.
        now: The moment as text, UTC.
    """

    def __init__(self, services: "Services", now: Callable[[], str] = utc_now) -> None:
        self._services = services
        self._now = now

    # ---- conversations ----

    def is_there(self, session_id: str) -> bool:
        """True when a conversation is in the list, that is, it was stored and not deleted."""
        return any(session.session_id == session_id for session in self._services.sessions())

    def model_names(self) -> dict[str, str]:
        """What models are called, by id."""
        return {card.model_id: card.name for card in self._services.models()}

    def conversations_with(self, model_id: str) -> int:
        """How many conversations speak with a model."""
        return sum(session.model_id == model_id for session in self._services.sessions())

    def search(self, words: str) -> list[SearchHit]:
        """Where these words stand, in titles and in every turn of every branch."""
        return self._services.conversations.search(words)

    def summaries(self) -> dict[str, SessionSummary]:
        """How long each conversation is and how it ends, by id."""
        return self._services.conversations.listing.summaries()

    def ending(self, session_id: str, longest: int) -> tuple[Turn, ...]:
        """The last turns that are visible in a conversation, at most so many; none before its first turn."""
        conversations = self._services.conversations
        session = conversations.session(session_id)
        if session.head_turn_id is None:
            return ()
        turns = conversations.tree.path(session_id, session.head_turn_id, longest)
        return cut_at_head(turns, Head(session.head_turn_id, session.head_kept, session.head_characters))

    def turns_until(self, session_id: str, turn_id: int, longest: int) -> tuple[Turn, ...]:
        """A turn, visible or not, and those before it, at most so many in all."""
        return self._services.conversations.tree.path(session_id, turn_id, longest)

    def turn(self, turn_id: int) -> Turn:
        """One turn by its number, whole."""
        return self._services.conversations.turn(turn_id)

    def rename(self, session_id: str, title: str) -> Session:
        """Give a conversation another title."""
        return self._services.conversations.rename(session_id, title)

    def toggle_pin(self, session_id: str) -> Session:
        """Let a conversation stand first, or no longer."""
        is_pinned = self._services.conversations.session(session_id).is_pinned
        return self._services.conversations.pin(session_id, not is_pinned)

    def delete(self, session_id: str) -> Session:
        """Take a conversation out of the list and the search."""
        return self._services.conversations.delete(session_id, self._now())

    def restore(self, session_id: str = "") -> Session | None:
        """Bring a deleted conversation back, the last one if none is named; None when there is none."""
        conversations = self._services.conversations
        if not session_id:
            deleted = conversations.deleted()
            if not deleted:
                return None
            session_id = deleted[0].session_id
        return conversations.restore(session_id)

    def duplicate(self, session_id: str) -> Session:
        """A copy of a conversation with all its branches and memories, and a life of its own."""
        title = self._services.conversations.session(session_id).title
        return self._services.conversations.duplicate(session_id, f"{title} (copy)", self._now())

    def export_conversation(self, session_id: str, path: Path, reply_id: int = 0) -> str:
        """Write a conversation into a new file, complete or not at all; returns as what: its ending says.

        With the number of a turn only that one is written, and the person's before it.
        """
        from rnntui.service.export.exporters import format_of, write_conversation

        kind = format_of(path)
        session = self._services.conversations.session(session_id)
        write_conversation(self._services, session, path, kind, reply_id=reply_id)
        return kind

    def import_conversation(self, path: Path) -> tuple[Session, int, bool]:
        """Store a conversation from a file: itself, how many turns it has, and whether its model is here."""
        from rnntui.service.export.exporters import import_file

        return import_file(self._services, path)

    # ---- models ----

    def model_facts(self, model_id: str) -> tuple[RunReport | None, int]:
        """How a model came about, None where nobody kept that, and how many conversations speak with it."""
        return self._services.library.report(model_id), self.conversations_with(model_id)

    def rename_model(self, model_id: str, name: str) -> str:
        """Give a model another name; returns it as it is kept."""
        return self._services.library.rename(model_id, name).name

    def remove_model(self, model_id: str) -> None:
        """Remove a model for good; conversations that speak with it stay."""
        self._services.library.remove(model_id)

    # ---- memories ----

    def memories(self) -> list[SavedState]:
        """Every memory that was kept, by name."""
        return self._services.memories.all()

    def rename_memory(self, name: str, new_name: str) -> SavedState:
        """Give a memory another name."""
        return self._services.memories.rename(name, new_name)

    def remove_memory(self, name: str) -> None:
        """Remove a memory; conversations that began with it keep their own copy."""
        self._services.memories.remove(name)

    def keep_memory(self, memory: SavedState) -> SavedState:
        """Keep a memory, or one that was removed, under its name."""
        return self._services.memories.keep(memory)
