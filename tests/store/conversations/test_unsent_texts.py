"""What is typed and not sent is kept for each conversation, goes with it, and is in nothing that leaves the program."""

from pathlib import Path

import pytest

from rnntui.records import Session, Turn, UnsentText
from rnntui.settings import SamplerSettings
from rnntui.store.conversations.database import MIGRATIONS, Database
from rnntui.store.conversations.sessions import Sessions
from rnntui.store.conversations.unsent_texts import NEW

NOW = "2026-03-04T05:06:07+00:00"


@pytest.fixture
def sessions(tmp_path: Path) -> Sessions:
    return Sessions(Database(tmp_path / "db"))


def begun(sessions: Sessions, title: str = "a chat") -> Session:
    return sessions.create(title, "m", SamplerSettings(), "inline", NOW)


def say(sessions: Sessions, session: Session, text: str = "hello") -> None:
    sessions.add_turn(Turn(0, session.session_id, None, "person", text, (), (), "complete", 0, "m", created_at=NOW))


def kept(sessions: Sessions, session_id: str, text: str) -> None:
    sessions.unsent_texts.keep(UnsentText(session_id, text, "m"))


HOSTILE = (
    "two\nlines\n",
    " \x1b[31mred\x00",
    "'; DROP TABLE drafts; --",
    "中文 \u202e e" + "\u0301" * 40,
    "x" * 100_000,
)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_draft_comes_back_as_it_was(sessions: Sessions, text: str) -> None:
    one, other = begun(sessions), begun(sessions)
    kept(sessions, one.session_id, text)
    kept(sessions, NEW, "of the new one")
    assert sessions.unsent_texts.text(one.session_id) == text
    assert sessions.unsent_texts.text(other.session_id) == ""
    assert sessions.unsent_texts.text(NEW) == "of the new one"
    kept(sessions, one.session_id, "")
    assert sessions.unsent_texts.text(one.session_id) == ""


def test_half_a_character_does_not_stand_in_the_way(sessions: Sessions) -> None:
    kept(sessions, NEW, "a\ud800b")
    assert sessions.unsent_texts.text(NEW) == "a?b"


def test_a_draft_moves_with_its_conversation(sessions: Sessions) -> None:
    kept(sessions, NEW, "begun")
    session = begun(sessions)
    sessions.unsent_texts.keep(UnsentText(session.session_id, "begun and gone on", "m"), instead_of=NEW)
    assert sessions.unsent_texts.text(NEW) == ""
    assert sessions.unsent_texts.text(session.session_id) == "begun and gone on"


def test_the_newest_draft_is_the_one_typed_since_the_last_turn(sessions: Sessions) -> None:
    assert sessions.unsent_texts.newest() is None
    one, other = begun(sessions), begun(sessions)
    kept(sessions, one.session_id, "first")
    kept(sessions, NEW, "second")
    assert sessions.unsent_texts.newest() == UnsentText(NEW, "second", "m")
    kept(sessions, one.session_id, "third")
    assert sessions.unsent_texts.newest() == UnsentText(one.session_id, "third", "m")
    say(sessions, other)
    assert sessions.unsent_texts.newest() is None
    kept(sessions, one.session_id, "fourth")
    sessions.delete(one.session_id, NOW)
    assert sessions.unsent_texts.newest() is None


def test_a_draft_goes_with_its_conversation_and_comes_back_with_it(sessions: Sessions) -> None:
    one, other = begun(sessions), begun(sessions)
    for session in (one, other):
        kept(sessions, session.session_id, f"typed in {session.session_id}")
        sessions.delete(session.session_id, NOW)
    sessions.restore(other.session_id)
    assert sessions.purge_deleted("9999") == 1
    assert sessions.unsent_texts.text(one.session_id) == ""
    assert sessions.unsent_texts.text(other.session_id) == f"typed in {other.session_id}"


def test_a_copy_of_a_conversation_has_no_draft(sessions: Sessions) -> None:
    session = begun(sessions)
    kept(sessions, session.session_id, "typed")
    copy = sessions.duplicate(session.session_id, "", NOW)
    assert sessions.unsent_texts.text(copy.session_id) == ""


def test_a_file_from_before_drafts_takes_them(tmp_path: Path) -> None:
    with Database(tmp_path / "db", MIGRATIONS[:3]) as database:
        session_id = begun(Sessions(database)).session_id
    with Database(tmp_path / "db") as database:
        sessions = Sessions(database)
        kept(sessions, session_id, "typed")
        assert sessions.unsent_texts.newest() == UnsentText(session_id, "typed", "m")
