"""The visible branch of one conversation, and the ways from it to the rest of the tree. No models, no memories."""

from bisect import bisect_left
from collections.abc import Mapping

from rnntui.records import Head, History, Session, Turn
from rnntui.service.chat.facts import place_of
from rnntui.store.conversations.sessions import Sessions
from rnntui.store.conversations.tree import cut_at_head

_READ_AT_ONCE = 64
_SET_ASIDE = 256
"""Turns that left the branch lately are kept, so that redo and the walk between siblings read nothing."""


class Branch:
    """The turns from the first one to the head. For the one thread that works in the conversation.

    Args:
        sessions: Where turns are kept.
        session: The conversation; one without an id has no turns.
    """

    def __init__(self, sessions: Sessions, session: Session) -> None:
        self._sessions = sessions
        self._session_id = session.session_id
        self.whole: tuple[Turn, ...] = ()
        """The visible turns, the last one whole."""
        self.forks: Mapping[int | None, tuple[int, ...]] = {}
        """The turns after one turn where there are several; replaced, never changed, as others may look at it."""
        self._left_at: dict[int, Head] = {}
        self._aside: dict[int, Turn] = {}
        self.turns: tuple[Turn, ...] = ()
        """What is visible; of the last turn only the words before the head."""
        self.head = Head(session.head_turn_id, session.head_kept, session.head_characters)
        self.history = History()
        if not session.session_id:
            return
        self.history = sessions.tree.history(session.session_id)
        self.forks = sessions.tree.forks(session.session_id)
        if self.head.turn_id is not None:
            self.whole = sessions.tree.path(session.session_id, self.head.turn_id)
            self.turns = cut_at_head(self.whole, self.head)

    # ---- the tree around it ----

    def siblings(self, turn_id: int) -> tuple[int, ...]:
        """The turns at the same place as a visible one, itself among them, oldest first."""
        return self.forks.get(self.turn(turn_id).parent_id, (turn_id,))

    def turn(self, turn_id: int) -> Turn:
        """One turn, whole, wherever it is in the tree.

        Raises:
            InputError: If it is not one of this conversation.
        """
        at = self._index(turn_id)
        if at is not None:
            return self.whole[at]
        if turn_id in self._aside:
            return self._aside[turn_id]
        return self._sessions.tree.path(self._session_id, turn_id, 1)[0]

    def path_to(self, head: Head) -> tuple[Turn, ...]:
        """The turns that would be visible at another head. Reads only turns that are not visible now.

        Raises:
            InputError: If there is no such turn.
        """
        return () if head.turn_id is None else cut_at_head(self._path(head.turn_id), head)

    def head_through(self, turn_id: int) -> Head:
        """The head when a branch through this turn is shown: where it was left, else its newest end."""
        known = self._left_at.get(turn_id)
        return known or Head(self._sessions.tree.newest_below(self._session_id, turn_id))

    # ---- changes ----

    def show(self, head: Head, history: History) -> int:
        """Make another head the visible one, in memory only. Returns how many turns stayed as they were."""
        whole = () if head.turn_id is None else self._path(head.turn_id)
        turns = cut_at_head(whole, head)
        unchanged = _alike(self.turns, turns)
        if unchanged < len(self.whole):
            self._left_at[self.whole[unchanged].turn_id] = self.head
        self._set_aside(self.whole[unchanged:])
        self.whole, self.turns, self.head, self.history = whole, turns, head, history
        return unchanged

    def add(self, turn: Turn) -> None:
        """A turn that was just stored; it may hang on any visible one."""
        self._session_id = turn.session_id
        before = () if turn.parent_id is None else self._path(turn.parent_id)
        self.whole = (*before, turn)
        self.turns, self.head = self.whole, Head(turn.turn_id)
        self._look_for_siblings(turn)

    def replace_last(self, turn: Turn) -> None:
        """The last turn as it is stored now."""
        self.whole = (*self.whole[:-1], turn)
        self.turns, self.head = self.whole, Head(turn.turn_id)
        self._look_for_siblings(turn)

    def _look_for_siblings(self, turn: Turn) -> None:
        beside = self._sessions.tree.siblings(turn.session_id, turn.parent_id)
        if len(beside) > 1:
            self.forks = {**self.forks, turn.parent_id: beside}
        elif turn.parent_id in self.forks:
            self.forks = {parent: others for parent, others in self.forks.items() if parent != turn.parent_id}

    # ---- looking for turns ----

    def _path(self, turn_id: int) -> tuple[Turn, ...]:
        """All turns down to one of them, whole."""
        below: list[Turn] = []
        wanted: int | None = turn_id
        while wanted is not None:
            at = self._index(wanted)
            if at is not None:
                return (*self.whole[: at + 1], *reversed(below))
            wanted = self._climb(wanted, below)
        return tuple(reversed(below))

    def _climb(self, wanted: int, below: list[Turn]) -> int | None:
        """Add a turn that is not visible, and those above it that are not, to `below`; what is above them all."""
        known = self._aside.get(wanted)
        read = (known,) if known else self._sessions.tree.path(self._session_id, wanted, _READ_AT_ONCE)
        for turn in reversed(read):
            if self._index(turn.turn_id) is not None:
                return turn.turn_id
            below.append(turn)
        return read[0].parent_id

    def _set_aside(self, turns: tuple[Turn, ...]) -> None:
        for turn in turns[-_SET_ASIDE:]:
            self._aside.pop(turn.turn_id, None)
            self._aside[turn.turn_id] = turn
        while len(self._aside) > _SET_ASIDE:
            del self._aside[next(iter(self._aside))]

    def _index(self, turn_id: int) -> int | None:
        return place_of(self.whole, turn_id)


def _alike(one: tuple[Turn, ...], other: tuple[Turn, ...]) -> int:
    """How many turns two branches share from the first one: equal up to one place, and nowhere after it."""
    shortest = min(len(one), len(other))
    at = bisect_left(range(shortest), True, key=lambda index: one[index].turn_id != other[index].turn_id)
    return at - 1 if at and one[at - 1] != other[at - 1] else at
