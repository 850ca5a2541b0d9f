"""Searching all conversations: what is found, what is marked, and what people type."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnntui.records import SearchHit, Session, Turn
from rnntui.settings import SamplerSettings
from rnntui.store.conversations.database import Database
from rnntui.store.conversations.sessions import Sessions
from tests.effort import examples

NOW = "2026-03-04T05:06:07Z"


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[Sessions]:
    with Database(tmp_path / "db") as database:
        yield Sessions(database)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sessions]:
    with Database(tmp_path_factory.mktemp("shared") / "db") as database:
        sessions = Sessions(database)
        said(sessions, begun(sessions, 'words "and" more'), 'The cat* said: "No NEAR(mouse)!" AND left.')
        yield sessions


def begun(sessions: Sessions, title: str = "Talk") -> Session:
    return sessions.create(title, "model-1", SamplerSettings(), "inline", NOW)


def said(sessions: Sessions, session: Session, text: str, parent: Turn | None = None, status: str = "complete") -> Turn:
    turn = Turn(0, session.session_id, parent.turn_id if parent else None, "person", text, (), (), status, 0, "model-1")
    return sessions.add_turn(turn)


def texts(hits: list[SearchHit]) -> list[str]:
    return [hit.excerpt for hit in hits]


def marked(hit: SearchHit) -> list[str]:
    return [hit.excerpt[start:end] for start, end in hit.marks]


def test_a_word_is_found_whatever_its_case_and_accents_and_marked_by_its_place(sessions: Sessions) -> None:
    session = begun(sessions)
    turn = said(sessions, session, " “Natásha,” said he.\nNATASHA danced with natasha's brother.")
    said(sessions, session, " nobody was there")
    (hit,) = sessions.search("natasha")
    assert (hit.session_id, hit.turn_id, hit.role, hit.title) == (session.session_id, turn.turn_id, "person", "Talk")
    assert marked(hit) == ["Natásha", "NATASHA", "natasha"]
    assert "\n" not in hit.excerpt


def test_all_words_must_be_there_the_last_may_be_a_beginning_and_quotes_hold_words_together(sessions: Sessions) -> None:
    session = begun(sessions)
    for text in ("the old house", "the house is old", "an older house"):
        said(sessions, session, text)
    assert texts(sessions.search("house old")) == ["an older house", "the house is old", "the old house"]
    assert texts(sessions.search("old house")) == ["the house is old", "the old house"]
    assert texts(sessions.search('"old house"')) == ["the old house"]
    assert texts(sessions.search("ol ho")) == []


def test_an_excerpt_is_short_and_stands_around_what_was_found(sessions: Sessions) -> None:
    words = " ".join(f"word{number}" for number in range(2000))
    said(sessions, begun(sessions), f"{words} needle {words}")
    (hit,) = sessions.search("needle")
    assert len(hit.excerpt.split()) < 20
    assert marked(hit) == ["needle"]


def test_the_newest_turn_comes_first_and_titles_before_turns(sessions: Sessions) -> None:
    storm, calm = begun(sessions, "Stürmische See"), begun(sessions)
    old = said(sessions, storm, "a storm")
    new = said(sessions, calm, "a storm again")
    assert [hit.turn_id for hit in sessions.search("storm")] == [new.turn_id, old.turn_id]
    (hit,) = sessions.search("sturm")
    assert (hit.session_id, hit.turn_id, marked(hit)) == (storm.session_id, 0, ["Stürm"])
    assert len(sessions.search("storm", limit=1)) == 1


def test_branches_that_are_not_shown_are_searched_too(sessions: Sessions) -> None:
    session = begun(sessions)
    root = said(sessions, session, "once")
    left = said(sessions, session, "upon a hill", root)
    said(sessions, session, "upon a time", root)
    assert [hit.turn_id for hit in sessions.search("hill")] == [left.turn_id]


def test_a_reply_is_found_when_it_has_ended_and_with_its_last_words_only(sessions: Sessions) -> None:
    session = begun(sessions)
    turn = said(sessions, session, "early", status="partial")
    assert sessions.search("early") == []
    sessions.update_turn(dataclasses.replace(turn, text="early birds"))
    assert sessions.search("birds") == []
    sessions.recover()
    assert texts(sessions.search("birds")) == ["early birds"]
    sessions.finish_turn(dataclasses.replace(turn, text="late worms", status="complete"), None)
    assert sessions.search("birds") == []
    assert texts(sessions.search("worms")) == ["late worms"]


def test_deleted_conversations_are_not_found_until_they_are_restored(sessions: Sessions) -> None:
    session = begun(sessions, "Secret")
    said(sessions, session, "a secret")
    sessions.delete(session.session_id, NOW)
    assert sessions.search("secret") == []
    sessions.restore(session.session_id)
    assert len(sessions.search("secret")) == 2
    sessions.delete(session.session_id, NOW)
    sessions.purge_deleted("9999")
    assert sessions.search("secret") == []
    assert sessions._database.rows("SELECT count(*) FROM turn_words")[0][0] == 0


QUERIES = ['"', '""', '"cat', "cat*", "NEAR(a b)", "a AND", "OR", "NOT", "text: cat", "^cat", "cat + dog", "(", "-cat"]
QUERIES += [
    "{text}:",
    "'; DROP TABLE turns; --",
    "\0",
    "cat\0dog",
    "\ud83d",
    "🙂",
    " ",
    "",
    "…",
    "a" * 10_000,
    "x " * 500,
]


@pytest.mark.parametrize("query", QUERIES)
def test_no_query_is_an_error(shared: Sessions, query: str) -> None:
    for hit in shared.search(query):
        assert all(0 <= start < end <= len(hit.excerpt) for start, end in hit.marks)


@settings(max_examples=examples(60), deadline=None)
@given(st.text(st.sampled_from("ab*\"'() :^+-{}NEARODT\0\n,\ud83d漢é")))
def test_no_string_of_odd_characters_is_an_error(shared: Sessions, query: str) -> None:
    shared.search(query)


@settings(max_examples=examples(40), deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(["ant", "bee", "cat", "dog"]), min_size=1, max_size=5), min_size=1, max_size=6)
)
def test_the_same_is_found_as_by_reading_everything(shared: Sessions, contents: list[list[str]]) -> None:
    session = begun(shared)
    turns = {said(shared, session, " ".join(words)).turn_id: words for words in contents}
    for wanted in ("ant", "bee cat", "dog ant bee"):
        found = {hit.turn_id for hit in shared.search(wanted, 10_000) if hit.session_id == session.session_id}
        assert found == {number for number, words in turns.items() if set(wanted.split()) <= set(words)}


@pytest.mark.parametrize(
    ("wanted", "marked"),
    [
        ("old", []),
        ("ening", []),
        ("cold", ["cold"]),
        ("eve", ["eve"]),
        ("it was", ["It", "was"]),
        ('"cold evening"', ["cold evening"]),
        ("caf", ["Caf"]),
        ("café's", ["Café's"]),
        ("evening it", ["It", "evening"]),
        ("end,", ["end"]),
    ],
)
def test_titles_are_searched_by_words_as_turns_are(sessions: Sessions, wanted: str, marked: list[str]) -> None:
    title = "It was a cold evening in the Café's back, the end"
    said(sessions, begun(sessions, title), title)
    hits = sessions.search(wanted)
    assert len(hits) == (2 if marked else 0)  # the title and the turn, or neither
    marks = [hit.marks for hit in hits if not hit.turn_id]
    assert [title[start:end] for found in marks for start, end in found] == marked


def test_a_damaged_index_is_made_anew_and_saving_goes_on(sessions: Sessions) -> None:
    session = begun(sessions)
    said(sessions, session, "before the damage")
    assert len(sessions.search("damage")) == 1
    with sessions._database.transaction() as connection:
        connection.execute("UPDATE turn_words_data SET block = x'ffffffffffffffff'")
    sessions._database.rows("SELECT 1")
    said(sessions, session, "after the damage")
    assert texts(sessions.search("damage")) == ["after the damage", "before the damage"]


def test_conversations_of_the_first_version_are_searched(tmp_path: Path) -> None:
    from rnntui.store.conversations.migrations import MIGRATIONS

    with Database(tmp_path / "db", MIGRATIONS[:1]) as database, database.transaction() as connection:
        connection.execute("INSERT INTO sessions VALUES ('s', 'old', 'm', '{}', 'inline', 1, '', '', 1)")
        connection.execute(
            "INSERT INTO turns VALUES (1, 's', NULL, 'person', 'long ago', x'', x'', 'complete', 0, 'm', NULL, '')"
        )
    with Database(tmp_path / "db") as database:
        assert texts(Sessions(database).search("ago")) == ["long ago"]


def test_the_index_is_asked_in_its_own_order_without_sorting(sessions: Sessions) -> None:
    from rnntui.store.conversations.search import _FOUND

    values = {"opening": "", "closing": "", "words": 9, "terms": '"a"', "limit": 1}
    plan = [row["detail"] for row in sessions._database.rows(f"EXPLAIN QUERY PLAN {_FOUND}", values)]
    assert "TEMP B-TREE" not in " ".join(plan)
