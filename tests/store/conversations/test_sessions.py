import dataclasses
import json
import math
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnntui.errors import InputError
from rnntui.records import Session, Snapshot, Turn
from rnntui.setting_fields import changed
from rnntui.settings import SamplerSettings
from rnntui.store.conversations.database import Database
from rnntui.store.conversations.rows import pack_sampler, unpack_sampler
from rnntui.store.conversations.sessions import Sessions
from tests.effort import examples
from tests.store.conversations.heads import set_head

NOW = "2026-03-04T05:06:07Z"
SAMPLER = SamplerSettings(temperature=0.7, top_k=40, seed=2**63 - 1)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sessions]:
    with Database(tmp_path_factory.mktemp("shared") / "db") as database:
        yield Sessions(database)


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[Sessions]:
    with Database(tmp_path / "db") as database:
        yield Sessions(database)


def begun(sessions: Sessions, title: str = "Talk") -> Session:
    return sessions.create(title, "model-1", SAMPLER, "inline", NOW)


def a_turn(session: Session, parent: Turn | None = None, text: str = " hello", **fields: object) -> Turn:
    turn = Turn(
        turn_id=0,
        session_id=session.session_id,
        parent_id=parent.turn_id if parent else None,
        role="person",
        text=text,
        token_ids=(1, 2**32 - 1),
        logprobs=(-0.1, -1e-300),
        status="complete",
        start_position=7,
        model_id="model-1",
        created_at="2026-03-04T06:00:00Z",
    )
    return dataclasses.replace(turn, **fields)


# ---- sessions


@pytest.mark.parametrize(
    ("name", "now", "before"),
    [
        ("spelling", "apart", "free"),
        ("loop_penalty", 1.0, 0.0),
        ("typical_p", 1.0, 1.0),
        ("eta", 0.0, 0.0),
        ("own_words", 1.0, 1.0),
    ],
)
def test_settings_from_before_there_was_a_rule_draw_as_they_did(name: str, now: object, before: object) -> None:
    stored = json.loads(pack_sampler(SAMPLER))
    assert stored.pop(name) == now
    assert unpack_sampler(json.dumps(stored)) == changed(SAMPLER, **{name: before})


def test_a_session_comes_back_as_it_was(sessions: Sessions) -> None:
    session = sessions.create(" A\x1b[31m\ntitle ", "model-1", SAMPLER, "paragraph", NOW)
    assert sessions.session(session.session_id) == session
    assert session.title == "A [31m title"
    assert session.head_turn_id is None
    assert sessions.create("", "m", SAMPLER, "inline", NOW).title == "untitled"


def test_the_last_used_session_comes_first_whatever_the_clock_says(sessions: Sessions) -> None:
    assert sessions.latest() is None
    first, second, third = begun(sessions, "1"), begun(sessions, "2"), begun(sessions, "3")
    sessions.add_turn(a_turn(first, created_at="1999-01-01T00:00:00Z"))
    sessions.rename(second.session_id, "renamed")
    assert [session.title for session in sessions.sessions()] == ["1", "3", "renamed"]
    latest = sessions.latest()
    assert latest
    assert latest.session_id == first.session_id
    assert latest.updated_at == NOW
    assert third.title == "3"


def test_settings_of_a_session_change_one_by_one(sessions: Sessions) -> None:
    session_id = begun(sessions).session_id
    sessions.set_sampler(session_id, SamplerSettings(min_p=0.1))
    sessions.set_join(session_id, "paragraph")
    changed = sessions.set_model(session_id, "model-2")
    assert changed == sessions.session(session_id)
    assert (changed.sampler, changed.join, changed.model_id) == (SamplerSettings(min_p=0.1), "paragraph", "model-2")
    with pytest.raises(InputError):
        sessions.set_join(session_id, "sideways")
    with pytest.raises(InputError):
        sessions.rename(session_id, " \n")


def test_an_emptied_out_session_takes_its_turns_and_memories_along(sessions: Sessions) -> None:
    kept, gone = begun(sessions, "kept"), begun(sessions, "gone")
    turn = sessions.add_turn(a_turn(gone))
    reply = sessions.finish_turn(a_turn(gone, turn), Snapshot(0, 9, "model-1", b"state"))
    sessions.add_turn(a_turn(kept))
    sessions.delete(gone.session_id, NOW)
    assert sessions.purge_deleted(NOW) == 0  # what was deleted at that very moment can still be restored
    assert sessions.purge_deleted("2026-03-04T05:06:08Z") == 1
    assert [session.title for session in sessions.sessions()] == ["kept"]
    assert sessions.deleted() == []
    assert sessions.snapshot(reply.turn_id) is None
    assert len(sessions.branch(kept.session_id)) == 1
    with pytest.raises(InputError, match="no turn"):
        sessions.turn(turn.turn_id)


def test_a_long_conversation_is_read_and_deleted(sessions: Sessions) -> None:
    session = begun(sessions)
    with sessions._database.transaction() as connection:
        connection.executemany(
            "INSERT INTO turns VALUES (?, ?, ?, 'person', 'x', x'', x'', 'complete', 0, 'm', NULL, '', NULL, NULL)",
            [(number, session.session_id, number - 1 or None) for number in range(1, 3001)],
        )
    set_head(sessions, session.session_id, 3000)
    assert len(sessions.branch(session.session_id)) == 3000
    sessions.delete(session.session_id, NOW)
    assert sessions.purge_deleted("9999") == 1
    assert sessions.sessions() == []


def test_pinned_conversations_stand_first_and_the_last_used_one_is_still_the_last_used(sessions: Sessions) -> None:
    first, second, third = begun(sessions, "1"), begun(sessions, "2"), begun(sessions, "3")
    assert sessions.pin(first.session_id).is_pinned
    assert [session.title for session in sessions.sessions()] == ["1", "3", "2"]
    assert sessions.latest() == third
    sessions.pin(first.session_id, False)
    assert sessions.sessions() == [third, second, first]


def test_a_deleted_conversation_can_be_restored_as_it_was(sessions: Sessions) -> None:
    session = begun(sessions, "gone")
    turn = sessions.finish_turn(a_turn(session), Snapshot(0, 9, "model-1", b"state"))
    before = sessions.session(session.session_id)
    assert sessions.delete(session.session_id, NOW).deleted_at == NOW
    assert sessions.sessions() == []
    assert sessions.latest() is None
    assert [entry.session_id for entry in sessions.deleted()] == [session.session_id]
    assert sessions.restore(session.session_id) == before
    assert sessions.sessions() == [before]
    assert sessions.branch(session.session_id) == (turn,)
    assert sessions.snapshot(turn.turn_id) == Snapshot(turn.turn_id, 9, "model-1", b"state")
    with pytest.raises(InputError):
        sessions.delete("none", NOW)


def test_a_conversation_is_found_by_its_id_its_beginning_or_its_title(sessions: Sessions) -> None:
    storm, calm, other = begun(sessions, "Storm"), begun(sessions, "Calm"), begun(sessions, "calm")
    assert sessions.find(storm.session_id) == storm
    assert sessions.find(storm.session_id[:10]) == storm
    assert sessions.find("storm") == storm
    assert sessions.find("Sto") == storm
    sessions.delete(storm.session_id, NOW)
    assert sessions.find("storm").deleted_at == NOW
    with pytest.raises(InputError, match="fits 2 conversations") as caught:
        sessions.find("CALM")
    assert calm.session_id in str(caught.value)
    assert other.session_id in str(caught.value)
    for wanted in ("", "nobody", "\x1b", "half\ud83d"):
        with pytest.raises(InputError):
            sessions.find(wanted)


def as_planted(turns: tuple[Turn, ...]) -> list[Turn]:
    """The turns with numbers that count from 1 and no session, so that two trees can be compared."""
    numbers = {turn.turn_id: number for number, turn in enumerate(turns, 1)}
    return [
        dataclasses.replace(
            turn,
            turn_id=numbers[turn.turn_id],
            session_id="",
            parent_id=None if turn.parent_id is None else numbers[turn.parent_id],
        )
        for turn in turns
    ]


def test_a_copy_has_every_branch_and_memory_and_a_life_of_its_own(sessions: Sessions) -> None:
    session = begun(sessions, "first")
    root = sessions.finish_turn(a_turn(session), Snapshot(0, 9, "model-1", b"root"))
    left = sessions.add_turn(a_turn(session, root, " left", role="network", sampler=SAMPLER))
    begun(sessions, "between")
    sessions.add_turn(a_turn(session, root, " right", status="stopped"))
    set_head(sessions, session.session_id, left.turn_id)
    sessions.pin(session.session_id)
    later = "2027-01-01T00:00:00Z"
    copy = sessions.duplicate(session.session_id, "second", later)
    assert (copy.title, copy.sampler, copy.created_at, copy.is_pinned) == ("second", SAMPLER, later, False)
    assert as_planted(sessions.all_turns(copy.session_id)) == as_planted(sessions.all_turns(session.session_id))
    assert [turn.text for turn in sessions.branch(copy.session_id)] == [" hello", " left"]
    kept = sessions.snapshot(sessions.branch(copy.session_id)[0].turn_id)
    assert kept
    assert kept.blob == b"root"
    sessions.add_turn(a_turn(copy, None))
    assert len(sessions.all_turns(session.session_id)) == 3
    assert sessions.sessions()[0] == sessions.session(session.session_id)


def test_a_tree_whose_parents_do_not_come_first_is_not_planted(sessions: Sessions) -> None:
    session = Session("", "t", "m", SAMPLER)
    orphan = dataclasses.replace(a_turn(session), turn_id=1, parent_id=2)
    for turns, head, memories in (
        ([orphan], None, []),
        ([], 1, []),
        ([], None, [Snapshot(4, 1, "m", b"")]),
    ):
        with pytest.raises(InputError):
            sessions.insert_conversation(dataclasses.replace(session, head_turn_id=head), turns, memories)
    assert sessions.sessions() == []


@pytest.mark.parametrize("session_id", ["", "none", "'; DROP TABLE turns; --", "\x1b", "half\ud83d"])
def test_a_session_that_is_not_there_gives_a_sentence(shared: Sessions, session_id: str) -> None:
    with pytest.raises(InputError, match="There is no conversation") as caught:
        shared.session(session_id)
    assert "\x1b" not in str(caught.value)


# ---- turns


def test_a_turn_comes_back_with_every_bit(sessions: Sessions) -> None:
    session = begun(sessions)
    turn = sessions.add_turn(
        a_turn(
            session,
            text="ab \u05d0 🙂\n\t",
            role="network",
            token_ids=(0, 1, 2**32 - 1),
            logprobs=(-0.1, -math.inf, math.nextafter(-1.0, 0.0)),
            sampler=SAMPLER,
        )
    )
    assert turn.turn_id > 0
    assert sessions.turn(turn.turn_id) == turn
    assert sessions.branch(session.session_id) == (turn,)
    assert sessions.session(session.session_id).head_turn_id == turn.turn_id


def test_half_a_character_is_kept_as_a_stand_in(sessions: Sessions) -> None:
    turn = sessions.add_turn(a_turn(begun(sessions), text="a\ud83d"))
    assert sessions.turn(turn.turn_id).text == "a?"


def test_a_retry_leaves_the_first_answer_in_the_tree(sessions: Sessions) -> None:
    session = begun(sessions)
    prompt = sessions.add_turn(a_turn(session))
    first = sessions.add_turn(a_turn(session, prompt, " one", role="network"))
    second = sessions.add_turn(a_turn(session, prompt, " two", role="network"))
    assert sessions.branch(session.session_id) == (prompt, second)
    assert sessions.tree.siblings(session.session_id, prompt.turn_id) == (first.turn_id, second.turn_id)
    set_head(sessions, session.session_id, first.turn_id)
    assert sessions.branch(session.session_id) == (prompt, first)
    set_head(sessions, session.session_id, None)
    assert sessions.branch(session.session_id) == ()


def test_a_turn_cannot_hang_on_another_conversation(sessions: Sessions) -> None:
    mine, other = begun(sessions), begun(sessions)
    foreign = sessions.add_turn(a_turn(other))
    for call in (
        lambda: sessions.add_turn(a_turn(mine, foreign)),
        lambda: sessions.finish_turn(dataclasses.replace(foreign, session_id=mine.session_id), None),
        lambda: sessions.add_turn(a_turn(dataclasses.replace(mine, session_id="none"))),
        lambda: sessions.update_turn(a_turn(mine, turn_id=999)),
        lambda: sessions.add_turn(a_turn(mine, role="robot")),
        lambda: sessions.add_turn(a_turn(mine, status="odd")),
    ):
        with pytest.raises(InputError):
            call()
    assert sessions.branch(mine.session_id) == ()


def test_a_reply_grows_and_ends_together_with_its_memory(sessions: Sessions) -> None:
    session = begun(sessions)
    prompt = sessions.add_turn(a_turn(session))
    reply = sessions.add_turn(a_turn(session, prompt, "", role="network", status="partial", token_ids=(), logprobs=()))
    so_far = dataclasses.replace(reply, text=" so", token_ids=(5,), logprobs=(-1.5,))
    sessions.update_turn(so_far)
    assert sessions.turn(reply.turn_id) == so_far
    ended = dataclasses.replace(
        reply, text=" so far", token_ids=(5, 6), logprobs=(-1.5, -2.0), status="complete", sampler=SAMPLER
    )
    assert sessions.finish_turn(ended, Snapshot(reply.turn_id, 4, "model-1", b"\0state")) == ended
    assert sessions.branch(session.session_id) == (prompt, ended)
    assert sessions.snapshot(reply.turn_id) == Snapshot(reply.turn_id, 4, "model-1", b"\0state")
    sessions.finish_turn(ended, None)
    assert sessions.snapshot(reply.turn_id) is None


def test_a_turn_that_ends_again_at_the_same_word_keeps_nothing_of_its_earlier_end(sessions: Sessions) -> None:
    turn = sessions.finish_turn(a_turn(begun(sessions)), None)
    end = turn.start_position + len(turn.token_ids)
    sessions.finish_turn(turn, Snapshot(0, end, "model-1", b"first"))
    sessions.finish_turn(turn, Snapshot(0, end, "model-1", b"second"))
    assert sessions.snapshot(turn.turn_id) == Snapshot(turn.turn_id, end, "model-1", b"second")
    sessions.finish_turn(turn, None)
    assert sessions.snapshot(turn.turn_id) is None


def test_the_nearest_memory_in_a_turn_is_of_the_same_model_and_not_after_the_place(sessions: Sessions) -> None:
    session = begun(sessions)
    along = [Snapshot(0, position, "model-1", bytes([position])) for position in (9, 11)]
    turn = a_turn(session, token_ids=tuple(range(6)), logprobs=(-1.0,) * 6)
    stored = sessions.finish_turn(turn, Snapshot(0, 13, "model-1", b"end"), along)
    for position, blob in ((13, b"end"), (12, b"\x0b"), (11, b"\x0b"), (10, b"\x09")):
        found = sessions.tree.nearest(stored.turn_id, "model-1", position)
        assert found
        assert found.blob == blob
    assert sessions.tree.nearest(stored.turn_id, "model-1", 8) is None
    assert sessions.tree.nearest(stored.turn_id, "model-2", 13) is None
    shorter = dataclasses.replace(stored, token_ids=tuple(range(3)), logprobs=(-1.0,) * 3)
    sessions.finish_turn(shorter, Snapshot(0, 10, "model-1", b"new end"))
    assert sessions.tree.nearest(stored.turn_id, "model-1", 99) == Snapshot(stored.turn_id, 10, "model-1", b"new end")


def test_turns_that_a_crash_cut_off_become_interrupted_once(sessions: Sessions) -> None:
    session = begun(sessions)
    whole = sessions.add_turn(a_turn(session))
    cut = sessions.add_turn(a_turn(session, whole, " and then", role="network", status="partial"))
    interrupted = dataclasses.replace(cut, status="interrupted")
    assert sessions.recover() == [interrupted]
    assert sessions.branch(session.session_id) == (whole, interrupted)
    assert sessions.recover() == []


@settings(max_examples=examples(15), deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["add", "head", "undo"]), st.integers(0, 50)), max_size=12))
def test_the_visible_branch_is_always_the_way_from_the_root_to_the_head(
    shared: Sessions, moves: list[tuple[str, int]]
) -> None:
    session = begun(shared)
    parents: dict[int, int | None] = {}
    head: int | None = None
    for move, number in moves:
        known = [None, *parents]
        if move == "add":
            turn = shared.add_turn(dataclasses.replace(a_turn(session), parent_id=head))
            parents[turn.turn_id], head = head, turn.turn_id
        elif move == "head":
            head = known[number % len(known)]
            set_head(shared, session.session_id, head)
        elif head is not None:
            head = parents[head]
            set_head(shared, session.session_id, head)
    way: list[int] = []
    place = head
    while place is not None:
        way.insert(0, place)
        place = parents[place]
    assert [turn.turn_id for turn in shared.branch(session.session_id)] == way
    for turn_id in parents:
        children = list(shared.tree.siblings(session.session_id, turn_id))
        assert children == sorted(child for child, parent in parents.items() if parent == turn_id)


def test_threads_take_turns(sessions: Sessions) -> None:
    session = begun(sessions)
    threads = [
        threading.Thread(target=lambda: [sessions.add_turn(a_turn(session)) for _ in range(5)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = sessions._database.rows("SELECT count(*) FROM turns")
    assert rows[0][0] == 20


def test_no_acknowledged_turn_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    program = (
        "import pathlib, sys\nfrom rnntui.records import Turn\nfrom rnntui.settings import SamplerSettings\n"
        "from rnntui.store.conversations.database import Database\n"
        "from rnntui.store.conversations.sessions import Sessions\n"
        "sessions = Sessions(Database(pathlib.Path(sys.argv[1])))\n"
        "session = sessions.create('t', 'm', SamplerSettings(), 'inline', '')\n"
        "while True:\n"
        "    turn = Turn(0, session.session_id, None, 'person', 'x' * 3000, (), (), 'complete', 0, 'm')\n"
        "    print(sessions.add_turn(turn).turn_id, flush=True)\n"
    )
    told: list[int] = []
    for acknowledged in (1, 4, 9):
        with subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "db")], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout
            told += [int(writer.stdout.readline()) for _ in range(acknowledged)]
            writer.kill()
            told += [int(line) for line in writer.stdout if line.endswith("\n")]
        with Database(tmp_path / "db") as database:
            assert database.notice == ""
            kept = {row[0] for row in database.rows("SELECT turn_id FROM turns")}
        assert set(told) <= kept
