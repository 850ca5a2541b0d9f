"""Memories with names: one of each name, whatever its capitals, exactly as they were kept."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rnntui.errors import InputError
from rnntui.records import SavedState
from rnntui.settings import SamplerSettings
from rnntui.store.conversations.database import Database
from rnntui.store.conversations.memories import LONGEST_NAME, Memories
from rnntui.store.conversations.sessions import Sessions

NOW = "2026-03-04T05:06:07Z"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "db") as database:
        yield database


def a_memory(name: str = "storm at sea") -> SavedState:
    return SavedState(name, "model-1", b"\0state", (0, 2**32 - 1), 12, " the end", NOW)


def test_a_memory_comes_back_with_every_bit(database: Database) -> None:
    memories = Memories(database)
    kept = memories.keep(a_memory("  storm\n at\x1b sea "))
    assert kept == a_memory("storm at sea")
    assert memories.find("STORM  at sea") == kept
    assert memories.all() == [kept]


def test_memories_are_listed_by_name_renamed_and_removed(database: Database) -> None:
    memories = Memories(database)
    for name in ("calm", "Anger", "dawn"):
        memories.keep(a_memory(name))
    assert memories.rename("dawn", "DAWN").name == "DAWN"
    assert memories.rename("calm", "zeal") == memories.find("zeal")
    assert [memory.name for memory in memories.all()] == ["Anger", "DAWN", "zeal"]
    memories.remove("anger")
    assert [memory.name for memory in memories.all()] == ["DAWN", "zeal"]


def test_a_name_must_be_there_and_free(database: Database) -> None:
    memories = Memories(database)
    memories.keep(a_memory("calm"))
    memories.keep(a_memory("dawn"))
    for call in (
        lambda: memories.keep(a_memory("Calm")),
        lambda: memories.keep(a_memory(" \n")),
        lambda: memories.rename("dawn", "CALM"),
        lambda: memories.rename("dusk", "night"),
        lambda: memories.remove("dusk"),
        lambda: memories.find("\x1b[31m"),
    ):
        with pytest.raises(InputError) as caught:
            call()
        assert "\x1b" not in str(caught.value)
    assert len(memories.keep(a_memory("long " * 100)).name) == LONGEST_NAME


def test_a_conversation_has_its_own_copy_until_it_is_deleted(database: Database) -> None:
    sessions = Sessions(database)
    session = sessions.create("Talk", "model-1", SamplerSettings(), "inline", NOW, a_memory())
    assert sessions.tree.root(session.session_id) == a_memory()
    assert sessions.memories.all() == []
    assert sessions.tree.root(sessions.create("Other", "model-1", SamplerSettings(), "inline", NOW).session_id) is None
    sessions.delete(session.session_id, NOW)
    assert sessions.tree.root(session.session_id) is not None, "it can still be restored"
    sessions.purge_deleted("9999")
    assert sessions.tree.root(session.session_id) is None
