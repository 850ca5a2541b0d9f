"""What a list says of each conversation."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rnntui.records import Head, History, Turn
from rnntui.settings import SamplerSettings
from rnntui.store.conversations.database import Database
from rnntui.store.conversations.sessions import Sessions

NOW = "2026-03-04T05:06:07Z"


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[Sessions]:
    with Database(tmp_path / "db") as database:
        yield Sessions(database)


def begin(sessions: Sessions) -> str:
    return sessions.create("Talk", "model-1", SamplerSettings(), "inline", NOW).session_id


def say(sessions: Sessions, session_id: str, text: str, parent: int | None = None, role: str = "person") -> int:
    return sessions.add_turn(Turn(0, session_id, parent, role, text, (), (), "complete", 0, "model-1")).turn_id


def test_each_conversation_says_how_many_turns_it_has_and_how_it_ends(sessions: Sessions) -> None:
    empty, talked = begin(sessions), begin(sessions)
    first = say(sessions, talked, "Call me Ishmael.")
    say(sessions, talked, " a hidden version", first, "network")
    reply = say(sessions, talked, f" {'word ' * 100}\nand the sea.", first, "network")
    found = sessions.listing.summaries()
    assert (found[empty].turns, found[empty].last_words) == (0, "")
    assert found[talked].turns == 3
    assert found[talked].last_words.endswith("word word and the sea.")
    assert len(found[talked].last_words) <= 300
    say(sessions, talked, "", reply, "forget")  # says nothing itself
    found = sessions.listing.summaries()
    assert found[talked].turns == 3
    assert found[talked].last_words.endswith("and the sea.")


def test_after_a_rewind_the_last_words_are_those_that_are_visible(sessions: Sessions) -> None:
    session_id = begin(sessions)
    turn_id = say(sessions, session_id, f"{'a' * 400} one two three")
    for characters, ending in ((408, "one two"), (404, "one"), (2, "aa")):
        sessions.tree.move(session_id, Head(turn_id, 1, characters), History(), "model-1")
        last = sessions.listing.summaries()[session_id].last_words
        assert last.endswith(ending), characters
        assert len(last) == min(300, characters), characters


def test_deleted_conversations_are_not_listed(sessions: Sessions) -> None:
    session_id = begin(sessions)
    sessions.delete(session_id, NOW)
    assert sessions.listing.summaries() == {}
