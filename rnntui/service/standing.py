"""Where a conversation stands: its turns, the head, who speaks, and the memory there.

Below the work of a chat: facts, turns that are made and stored, memories that are put in place. Nothing is read or said
here.
"""

import contextlib
import math
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rnntui.config import AppSettings
from rnntui.errors import InputError
from rnntui.records import Head, History, ModelCard, NamedMemory, Session, Snapshot, Turn
from rnntui.service.branch import Branch
from rnntui.service.clock import utc_now
from rnntui.service.history import before_last_exchange, marked, redone, undone
from rnntui.service.loading import use_one_thread
from rnntui.service.looking import Looking
from rnntui.service.remembering import Remembering, is_drawn, text_since_empty
from rnntui.service.speakers import Speakers
from rnntui.settings import SamplerSettings, checked_value
from rnntui.store.library import Library
from rnntui.store.sessions import Sessions
from rnntui.store.tree import beginning_of
from rnntui.text import visible_line

if TYPE_CHECKING:
    from rnntui.lm.generator import Generator, Memory
    from rnntui.lm.tokenizer import Tokenizer

_TITLE_LENGTH = 60
_JOINED_TO = 200


@dataclass(frozen=True, slots=True)
class ChatCounters:
    """What a status line says."""

    words_read: int
    """Tokens that the memory has seen since the conversation began."""
    words_reread: int
    """Tokens that had to be read a second time: 0 unless a memory was lost or another model took over."""
    state_bytes: int
    position: int


@dataclass(frozen=True, slots=True)
class Word:
    """One token of a turn as a view shows it."""

    piece: str
    token_id: int
    logprob: float
    position: int
    is_drawn: bool
    """False when a person wrote or chose it."""


class Standing:
    """The place in a conversation from which it goes on.

    Args:
        library: Where models are.
        sessions: Where turns are kept.
        card: The model that speaks. Another one than that of the last turn takes over when it is loaded.
        session: A stored conversation, or one without an id that is stored with its first turn.
        now: The moment as text, UTC.
        clock: Seconds that only rise.
        root: The memory that a conversation without an id begins with; None is an empty one.
    """

    def __init__(
        self,
        library: Library,
        sessions: Sessions,
        card: ModelCard,
        session: Session,
        now: Callable[[], str] = utc_now,
        clock: Callable[[], float] = time.monotonic,
        root: NamedMemory | None = None,
    ) -> None:
        self._sessions = sessions
        self._now = now
        self._clock = clock
        self.card = card
        self.session = session
        self.sampler = session.sampler
        self.root = sessions.tree.root(session.session_id) if session.session_id else root
        """The memory the conversation began with; None when it began with an empty one."""
        self._branch = Branch(sessions, session)
        self._remembering = Remembering(sessions, self.root)
        self._speakers = Speakers(library, clock)
        self._looking = Looking()
        self._generator: Generator | None = None
        self._first_seed = secrets.randbelow(2**31)
        self._fresh_turn_id = 0
        """The reply that was written last, as long as nothing else was done: its end may still be taken off."""

    # ---- facts ----

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The visible branch, oldest first; of the last turn the words before the head."""
        return self._branch.turns

    @property
    def head(self) -> Head:
        """Where the conversation stands: after a turn, or after some of its words."""
        return self._branch.head

    @property
    def is_loaded(self) -> bool:
        """True when the network can speak."""
        return self._generator is not None

    @property
    def seed(self) -> int:
        """The dice of this conversation: the chosen seed, else that of the last visible reply, else a picked one."""
        if self.sampler.seed is not None:
            return self.sampler.seed
        seeds = (turn.sampler.seed for turn in reversed(self.turns) if turn.sampler)
        return next((seed for seed in seeds if seed is not None), self._first_seed)

    @property
    def counters(self) -> ChatCounters:
        """What was read, what was read again, and how large the memory is."""
        if self._generator is None:
            position = end_of(self.turns[-1]) if self.turns else 0
            return ChatCounters(position, 0, 0, position)
        memory = self._generator.memory
        return ChatCounters(memory.position, self._speakers.words_reread, memory.state.size_bytes, memory.position)

    @property
    def can_undo(self) -> bool:
        """True when there is something to take back."""
        return self._undone() is not None

    @property
    def can_redo(self) -> bool:
        """True when something was taken back and nothing was done since."""
        return redone(self._branch.history, self.head) is not None

    def memory(self) -> tuple[float, ...]:
        """What the top layer says now, one number per unit from -1 to 1; empty before the model is loaded."""
        return self._generator.memory.state.numbers() if self._generator else ()

    def siblings(self, turn_id: int) -> tuple[int, ...]:
        """The turns that were said at the same place as a visible one, itself among them, oldest first."""
        return self._branch.siblings(turn_id)

    def words(self, turn_id: int) -> tuple[Word, ...]:
        """Every token of a turn, whole, with its score.

        Raises:
            InputError: If there is no such turn, or the model is still loading.
        """
        turn = self._branch.turn(turn_id)
        tokenizer = self._tokenizer_of(turn)
        drawn = is_drawn(turn)
        return tuple(
            Word(tokenizer.piece(token), token, score, turn.start_position + number, drawn[number - 1])
            for number, (token, score) in enumerate(zip(turn.token_ids, turn.logprobs, strict=False), 1)
        )

    def bits_per_word(self, turn: Turn) -> float:
        """How surprising a turn was to the network that read or wrote it; 0 for a turn without words."""
        words = turn.words or self._count_words(turn)
        return -sum(turn.logprobs) / math.log(2) / words if words else 0.0

    # ---- settings ----

    def set_sampler(self, sampler: SamplerSettings) -> None:
        """Draw with other settings from the next word on, also while words appear; stored with the next turn."""
        self.sampler = sampler
        self.session = replace(self.session, sampler=sampler)

    def set_join(self, join: str) -> None:
        """Join the next prompts inline or as paragraphs.

        Raises:
            InputError: If there is no such rule.
        """
        self.session = replace(self.session, join=checked_value(AppSettings, "join", join))
        if self.session.session_id:
            self._sessions.set_join(self.session.session_id, join)

    # ---- the head ----

    def _mark(self) -> None:
        """Something new begins here: undo comes back to this place."""
        self._branch.history = marked(self._branch.history, self.head)
        self._fresh_turn_id = 0

    def _undone(self) -> tuple[History, Head] | None:
        return undone(self._branch.history, self.head, before_last_exchange(self.turns))

    def _store_head(self) -> None:
        head = self.head
        self.session = replace(
            self.session,
            model_id=self.card.model_id,
            head_turn_id=head.turn_id,
            head_kept=head.kept,
            head_characters=head.characters,
        )
        inside = None if head.kept is None else replace(self._snapshot(), turn_id=self.turns[-1].turn_id)
        self._sessions.tree.move(self.session.session_id, head, self._branch.history, self.card.model_id, inside)

    def _head_at(self, turn: Turn, kept: int | None) -> Head:
        """The head after the first `kept` tokens of a loaded model's turn."""
        length = len(turn.token_ids)
        if kept is None or (length and kept == length):
            return Head(turn.turn_id)
        if not 0 <= kept <= length:
            raise InputError(f"That turn has no word {kept}.", f"It has {length} of them.")
        return Head(turn.turn_id, kept, self._characters(turn, kept)) if kept else Head(turn.parent_id)

    def _card_after(self, turns: tuple[Turn, ...]) -> ModelCard:
        """Who speaks at the end of a branch."""
        model_id = turns[-1].model_id if turns else self.card.model_id
        return self.card if model_id == self.card.model_id else self._speakers.card(model_id)

    # ---- memories ----

    def _restore(self, turns: tuple[Turn, ...]) -> None:
        self._generator = self._restored(self.card.model_id, turns)

    def _restored(self, model_id: str, turns: tuple[Turn, ...]) -> "Generator":
        """A loaded generator with the memory after these turns; unchanged when that fails."""
        generator = self._speakers.get(model_id)
        before = generator.memory
        try:
            self._remembering.restore(generator, model_id, turns)
        except BaseException:
            generator.restore(before)
            raise
        return generator

    @contextlib.contextmanager
    def _remembered(self, head: Head, model_id: str) -> "Iterator[Memory]":
        """Inside, a loaded model has the memory it had at another place."""
        generator = self._speakers.get(model_id)
        before = generator.memory
        try:
            self._remembering.restore(generator, model_id, self._branch.up_to(head))
            yield generator.memory
        finally:
            generator.restore(before)

    def _snapshot(self) -> Snapshot:
        memory = self._speaker().memory
        return Snapshot(0, memory.position, self.card.model_id, memory.state.to_bytes())

    def _speaker(self) -> "Generator":
        if self._generator is None:
            raise InputError("The model is still loading.", "Wait a moment and try again.")
        use_one_thread()  # each piece of work comes in a thread of its own
        return self._generator

    def _text_in_memory(self, turns: tuple[Turn, ...]) -> str:
        """The end of what the network has read since its memory was last empty."""
        root = self.root.text_before if self.root and all(turn.role != "forget" for turn in turns) else ""
        return text_since_empty(turns, _JOINED_TO) or root

    # ---- turns ----

    def _new(self, role: str, text: str = "", ids: tuple[int, ...] = ()) -> Turn:
        """A turn after the last visible one, not stored yet."""
        return Turn(
            turn_id=0,
            session_id="",
            parent_id=self.turns[-1].turn_id if self.turns else None,
            role=role,
            text=text,
            token_ids=ids,
            logprobs=(),
            status="complete",
            start_position=end_of(self.turns[-1]) if self.turns else 0,
            model_id=self.card.model_id,
            created_at=self._now(),
        )

    def _like(self, old: Turn, kept: int) -> Turn:
        """A turn in the place of an old one that begins with the same tokens, not stored yet."""
        begun = beginning_of(old, kept, self._characters(old, kept))
        return replace(begun, turn_id=0, created_at=self._now())

    def _stored(self, turn: Turn, begins_like: int = 0, snapshot: Snapshot | None = None) -> Turn:
        turn = replace(turn, session_id=self._stored_session_id(turn.text))
        stored = self._sessions.add_turn(turn, history=self._branch.history, begins_like=begins_like, snapshot=snapshot)
        self._branch.add(stored)
        if begins_like:
            self._remembering.trail.copy(begins_like, stored.turn_id, len(stored.logprobs))
        return stored

    def _stored_session_id(self, first_text: str) -> str:
        if not self.session.session_id:
            title = visible_line(first_text.strip(), _TITLE_LENGTH)
            self.session = self._sessions.create(
                title, self.card.model_id, self.sampler, self.session.join, self._now(), self.root
            )
        return self.session.session_id

    def _last_reply(self) -> Turn | None:
        """The last visible turn, whole, if it is a reply."""
        if not self.turns or self.turns[-1].role != "network":
            return None
        return self._branch.turn(self.turns[-1].turn_id)

    def _with_words(self, turn_id: int) -> Turn:
        turn = self._branch.turn(turn_id)
        if turn.role not in {"person", "network"}:
            raise InputError("A mark has no words.", "Choose a turn with words.")
        return turn

    def _tokenizer_of(self, turn: Turn) -> "Tokenizer":
        return self._speakers.get(turn.model_id).tokenizer

    def _characters(self, turn: Turn, kept: int) -> int:
        """How many characters of a turn's text its first `kept` tokens are."""
        return len(self._tokenizer_of(turn).decode(turn.token_ids[:kept]))

    def _count_words(self, turn: Turn) -> int:
        from rnntui.lm.generator import count_words

        return count_words(self._tokenizer_of(turn), turn.token_ids)


def end_of(turn: Turn) -> int:
    """The position after the last word of a turn."""
    return turn.start_position + len(turn.token_ids)
