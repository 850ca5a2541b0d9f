"""Where a conversation stands: its visible turns, the head, the list for undo, and how turns are made and stored there.

Knows no models: who speaks is named by an id, and what it remembers comes as a snapshot.
"""

import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from rnntui.errors import InputError
from rnntui.records import Head, History, SavedState, Session, Snapshot, Turn
from rnntui.service.chat.branch import Branch
from rnntui.service.chat.facts import ChatSettings, count_written_words, end_of, seed_of
from rnntui.service.chat.state_restore import text_since_empty
from rnntui.service.chat.undo import before_last_exchange, push, redo, undo
from rnntui.service.timestamps import utc_now
from rnntui.store.conversations.sessions import Sessions
from rnntui.text import visible_line

if TYPE_CHECKING:
    from rnntui.lm.tokens.tokenizer import Tokenizer

_TITLE_LENGTH = 60
_JOINED_TO = 200


class Place:
    """One conversation in the store, and the place in it from which it goes on.

    Args:
        sessions: Where turns are kept.
        session: A stored conversation, or one without an id that is stored with its first turn.
        settings: What a person has set.
        root: The memory that a conversation without an id begins with; None is an empty one.
        now: The moment as text, UTC.
        clock: Seconds that only rise.

    Attributes:
        branch: The visible turns, the head and the undo list.
        session: The conversation's own line, as it is stored or will be.
        root: The memory it began with; None when it began with an empty one.
        fresh_turn_id: The reply that was written last, as long as nothing else was done: its end may still be cut off.
    """

    def __init__(
        self,
        sessions: Sessions,
        session: Session,
        settings: ChatSettings,
        root: SavedState | None = None,
        now: Callable[[], str] = utc_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.sessions = sessions
        self.session = session
        self.settings = settings
        self.root = sessions.tree.root(session.session_id) if session.session_id else root
        self.now = now
        self.clock = clock
        self.branch = Branch(sessions, session)
        self.first_seed = secrets.randbelow(2**31)
        self.fresh_turn_id = 0
        self._counted: tuple[tuple[Turn, ...], int] = ((), 0)

    @property
    def word_count(self) -> int:
        """Words and punctuation marks of the visible turns; counted when these have changed."""
        if self._counted[0] is not self.branch.turns:
            self._counted = self.branch.turns, sum(map(count_written_words, self.branch.turns))
        return self._counted[1]

    @property
    def seed(self) -> int:
        """The seed of what is said next."""
        return seed_of(self.settings.sampler, self.branch.turns, self.first_seed)

    # ---- the head ----

    def mark_step(self) -> None:
        """Something new begins here: undo comes back to this place."""
        self.branch.history = push(self.branch.history, self.branch.head)
        self.fresh_turn_id = 0

    def undo_target(self) -> tuple[History, Head] | None:
        """Where undo leads; None when there is nothing to undo."""
        return undo(self.branch.history, self.branch.head, before_last_exchange(self.branch.turns))

    def redo_target(self) -> tuple[History, Head] | None:
        """Where redo leads; None when nothing was undone, or something was done since."""
        return redo(self.branch.history, self.branch.head)

    def store_head(self, model_id: str, memory: Snapshot) -> None:
        """Store where the conversation stands.

        Args:
            model_id: Who speaks here.
            memory: The one here; it is stored where the head stands inside a turn.
        """
        head = self.branch.head
        self.session = replace(
            self.session,
            model_id=model_id,
            head_turn_id=head.turn_id,
            head_kept=head.kept,
            head_characters=head.characters,
        )
        inside = None if head.kept is None else replace(memory, turn_id=self.branch.turns[-1].turn_id)
        self.sessions.tree.move(self.session.session_id, head, self.branch.history, model_id, inside)

    def set_model(self, model_id: str) -> None:
        """Another model speaks before anything was said."""
        if self.session.session_id:
            self.sessions.set_model(self.session.session_id, model_id)
        self.session = replace(self.session, model_id=model_id)

    # ---- turns ----

    def new_turn(self, role: str, model_id: str, text: str = "", ids: tuple[int, ...] = ()) -> Turn:
        """A turn after the last visible one, not stored yet."""
        last = self.branch.turns[-1] if self.branch.turns else None
        return Turn(
            turn_id=0,
            session_id="",
            parent_id=last.turn_id if last else None,
            role=role,
            text=text,
            token_ids=ids,
            logprobs=(),
            status="complete",
            start_position=end_of(last) if last else 0,
            model_id=model_id,
            created_at=self.now(),
        )

    def store(self, turn: Turn, begins_like: int = 0, snapshot: Snapshot | None = None) -> Turn:
        """Store a new turn and stand at its end; the first one stores the conversation.

        Args:
            turn: It hangs on any visible turn.
            begins_like: A turn that begins with the same tokens; 0 for none.
            snapshot: The memory after it.
        """
        if turn.parent_id is None and self.session.session_id:
            self._retitle(turn.text)
        turn = replace(turn, session_id=self._stored_session_id(turn.text, turn.model_id))
        stored = self.sessions.add_turn(turn, history=self.branch.history, begins_like=begins_like, snapshot=snapshot)
        self.branch.add(stored)
        return stored

    def finish(self, turn: Turn, memory: Snapshot, snapshots: Iterable[Snapshot] = ()) -> None:
        """Store how the last turn ended, and the memory after it; a reply without words leaves the branch."""
        sampler = self.settings.sampler
        if turn.role == "network" and not turn.token_ids:
            head = Head(turn.parent_id)
            self.sessions.finish_turn(turn, None, head=head, sampler=sampler)
            self.branch.replace_last(turn)
            self.branch.show(head, self.branch.history)
            return
        self.sessions.finish_turn(turn, memory, snapshots, sampler=sampler)
        self.branch.replace_last(turn)
        self.fresh_turn_id = turn.turn_id if turn.role == "network" else 0

    def turn_with_words(self, turn_id: int) -> Turn:
        """A turn of the person's or the network's, whole, wherever it is in the tree.

        Raises:
            InputError: If there is no such turn, or it is only a mark.
        """
        turn = self.branch.turn(turn_id)
        if turn.role not in {"person", "network"}:
            raise InputError("A mark has no words.", "Choose a turn with words.")
        return turn

    def last_reply(self) -> Turn | None:
        """The last visible turn, whole, if it is a reply."""
        if not self.branch.turns or self.branch.turns[-1].role != "network":
            return None
        return self.branch.turn(self.branch.turns[-1].turn_id)

    # ---- text ----

    def text_in_memory(self, turns: tuple[Turn, ...]) -> str:
        """The end of what the network has read, at the end of these turns, since its memory was last empty."""
        root = self.root.text_before if self.root and all(turn.role != "forget" for turn in turns) else ""
        return text_since_empty(turns, _JOINED_TO) or root

    def join_prompt(self, prompt: str, turns: tuple[Turn, ...], tokenizer: "Tokenizer") -> str:
        """A prompt with the white space that joins it to these turns, as the person has chosen."""
        from rnntui.lm.generator import join_turn

        return join_turn(self.text_in_memory(turns), prompt, self.settings.join, tokenizer)

    def _stored_session_id(self, first_text: str, model_id: str) -> str:
        if not self.session.session_id:
            self.session = self.sessions.create(
                _title_of(first_text), model_id, self.settings.sampler, self.settings.join, self.now(), self.root
            )
        return self.session.session_id

    def _retitle(self, text: str) -> None:
        """A conversation that begins anew is called after its new beginning, unless a person has named it."""
        session_id = self.session.session_id
        given = {_title_of(first) for first in self.sessions.beginnings(session_id)}
        if _title_of(text) and self.sessions.session(session_id).title in given | {"untitled"}:
            self.session = replace(self.session, title=self.sessions.rename(session_id, _title_of(text)).title)


def _title_of(first_text: str) -> str:
    """What a conversation is called that begins so."""
    return visible_line(first_text.strip(), _TITLE_LENGTH)
