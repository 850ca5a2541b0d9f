"""Undo and redo as a list of places: exact, bounded, and never behind what was done."""

from hypothesis import given
from hypothesis import strategies as st

from rnntui.records import Head, History
from rnntui.service.chat.undo import LONGEST, before_last_exchange, push, redo, undo
from rnntui.store.conversations.rows import pack_history, unpack_history
from tests.tui.fakes import turn_of

heads = st.builds(Head, st.none() | st.integers(1, 9), st.none() | st.integers(1, 9), st.none() | st.integers(1, 99))


@given(st.lists(st.tuples(st.sampled_from(["go", "undo", "redo"]), heads), max_size=40))
def test_undo_and_redo_walk_like_two_stacks(steps: list[tuple[str, Head]]) -> None:
    history, now = History(), Head()
    past: list[Head] = []
    future: list[Head] = []
    for name, head in steps:
        if name == "go" and head != now:
            past, future = [*past, now], []
            history, now = push(history, now), head
        elif name == "undo":
            moved = undo(history, now, None)
            assert (moved is not None) == bool(past)
            if moved:
                expected, past, future = past[-1], past[:-1], [now, *future]
                history, now = moved
                assert now == expected
        elif name == "redo":
            moved = redo(history, now)
            assert (moved is not None) == bool(future)
            if moved:
                expected, past, future = future[0], [*past, now], future[1:]
                history, now = moved
                assert now == expected


@given(st.lists(heads, min_size=1, max_size=20), st.integers(0, 19))
def test_a_history_comes_back_from_its_bytes(places: list[Head], at: int) -> None:
    history = History(tuple(places), min(at, len(places) - 1))
    assert unpack_history(pack_history(history), history.at) == history


def test_a_damaged_history_is_empty() -> None:
    history = History((Head(1), Head(2)), 1)
    for blob, at in ((pack_history(history)[:-1], 1), (pack_history(history), 2), (None, 0), (b"", 0)):
        assert unpack_history(blob, at) == History()


def test_the_newest_places_are_kept() -> None:
    history, now = History(), Head()
    for turn_id in range(1, LONGEST + 50):
        history, now = push(history, now), Head(turn_id)
    assert len(history.heads) == LONGEST
    moved = undo(history, now, None)
    assert moved
    assert moved[1] == Head(LONGEST + 48)
    assert len(moved[0].heads) <= LONGEST + 1


def test_where_the_list_ends_a_prompt_goes_with_its_reply_and_a_lone_turn_alone() -> None:
    roles = ("person", "network", "network", "forget")
    turns = tuple(turn_of(number, role, role) for number, role in enumerate(roles, 1))
    befores = [before_last_exchange(turns[:count]) for count in range(5)]
    assert befores == [None, Head(), Head(), Head(2), Head(3)]
