"""Where a conversation stands: its turns, the head, who speaks, and the memory there.

Below the work of a chat: facts, turns that are made and stored, memories that are put in place. Nothing is read or said
here. All of it belongs to the one thread that works in the conversation; others see only what it publishes.
"""

import contextlib
import functools
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from rnntui.errors import InputError
from rnntui.events import ChatEvent
from rnntui.records import Draft, Head, History, ModelCard, SavedState, Session, Snapshot, Turn
from rnntui.service.chat.branch import Branch
from rnntui.service.chat.facts import ChatFacts, PublishedChat, count_words, end_of, seed_of
from rnntui.service.chat.model_cache import ModelCache
from rnntui.service.chat.next_token import NextTokenInspector
from rnntui.service.chat.state_restore import StateRestorer, text_since_empty
from rnntui.service.chat.undo import before_last_exchange, marked, undone
from rnntui.service.model_loader import use_one_thread
from rnntui.service.timestamps import utc_now
from rnntui.store.conversations.sessions import Sessions
from rnntui.store.conversations.tree import cut_turn
from rnntui.store.library import Library
from rnntui.text import visible_line

if TYPE_CHECKING:
    from rnntui.lm.generator import Generator, GeneratorState
    from rnntui.lm.tokens.tokenizer import Tokenizer

P = ParamSpec("P")
S = TypeVar("S", bound="ConversationState")
_TITLE_LENGTH = 60
_JOINED_TO = 200


class ConversationState(PublishedChat):
    """The place in a conversation from which it goes on.

    Args:
        library: Where models are.
        sessions: Where turns are kept.
        card: The model that speaks. Another one than that of the last turn takes over when it is loaded.
        session: A stored conversation, or one without an id that is stored with its first turn.
        now: The moment as text, UTC.
        clock: Seconds that only rise.
        root: The memory that a conversation without an id begins with; None is an empty one.
        device: Where its models speak, one of DEVICE_CHOICES.
    """

    def __init__(
        self,
        library: Library,
        sessions: Sessions,
        card: ModelCard,
        session: Session,
        now: Callable[[], str] = utc_now,
        clock: Callable[[], float] = time.monotonic,
        root: SavedState | None = None,
        device: str = "auto",
    ) -> None:
        self._sessions = sessions
        self._now = now
        self._clock = clock
        self._card = card
        self._session = session
        self.root = sessions.tree.root(session.session_id) if session.session_id else root
        """The memory the conversation began with; None when it began with an empty one."""
        self.draft = sessions.drafts.text(session.session_id)
        """What was typed here and not sent when this conversation was opened."""
        self._draft_id = session.session_id
        self._branch = Branch(sessions, session)
        self._remembering = StateRestorer(sessions, self.root)
        self._speakers = ModelCache(library, clock, device)
        self._looking = NextTokenInspector()
        self._generator: Generator | None = None
        self._first_seed = secrets.randbelow(2**31)
        self._fresh_turn_id = 0
        """The reply that was written last, as long as nothing else was done: its end may still be taken off."""
        super().__init__(self._seen())

    # ---- facts ----

    def _seen(self) -> ChatFacts:
        return ChatFacts(
            card=self._card,
            session=self._session,
            turns=self._branch.turns,
            whole_turns=self._branch.whole,
            head=self._branch.head,
            history=self._branch.history,
            first_seed=self._first_seed,
            forks=self._branch.forks,
            tokenizers=self._speakers.tokenizers,
            words_reread=self._speakers.words_reread,
            present=self._generator.memory if self._generator else None,
        )

    def _publish(self) -> None:
        """Let other threads see where the conversation stands: one assignment, so that they see all of it or none."""
        self._facts = self._seen()

    @property
    def _seed(self) -> int:
        """The dice here and now."""
        return seed_of(self.sampler, self._branch.turns, self._first_seed)

    def keep_draft(self, text: str) -> None:
        """Keep what is typed here and not sent, in any thread; an empty text keeps nothing.

        Raises:
            StorageError: If it cannot be stored.
        """
        facts = self.facts
        session_id = facts.session.session_id
        self._sessions.drafts.keep(Draft(session_id, text, facts.card.model_id), self._draft_id)
        self._draft_id = session_id

    # ---- the head ----

    def _mark(self) -> None:
        """Something new begins here: undo comes back to this place."""
        self._branch.history = marked(self._branch.history, self._branch.head)
        self._fresh_turn_id = 0

    def _undone(self) -> tuple[History, Head] | None:
        return undone(self._branch.history, self._branch.head, before_last_exchange(self._branch.turns))

    def _store_head(self) -> None:
        head = self._branch.head
        self._session = replace(
            self._session,
            model_id=self._card.model_id,
            head_turn_id=head.turn_id,
            head_kept=head.kept,
            head_characters=head.characters,
        )
        inside = None if head.kept is None else replace(self._snapshot(), turn_id=self._branch.turns[-1].turn_id)
        self._sessions.tree.move(self._session.session_id, head, self._branch.history, self._card.model_id, inside)

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
        model_id = turns[-1].model_id if turns else self._card.model_id
        return self._card if model_id == self._card.model_id else self._speakers.card(model_id)

    # ---- memories ----

    def _restore(self, turns: tuple[Turn, ...]) -> None:
        self._generator = self._restored(self._card.model_id, turns)

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
    def _remembered(self, head: Head, model_id: str) -> "Iterator[GeneratorState]":
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
        return Snapshot(0, memory.position, self._card.model_id, memory.state.to_bytes())

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
            parent_id=self._branch.turns[-1].turn_id if self._branch.turns else None,
            role=role,
            text=text,
            token_ids=ids,
            logprobs=(),
            status="complete",
            start_position=end_of(self._branch.turns[-1]) if self._branch.turns else 0,
            model_id=self._card.model_id,
            created_at=self._now(),
        )

    def _like(self, old: Turn, kept: int) -> Turn:
        """A turn in the place of an old one that begins with the same tokens, not stored yet."""
        begun = cut_turn(old, kept, self._characters(old, kept))
        return replace(begun, turn_id=0, created_at=self._now())

    def _stored(self, turn: Turn, begins_like: int = 0, snapshot: Snapshot | None = None) -> Turn:
        if turn.parent_id is None and self._session.session_id:
            self._retitle(turn.text)
        turn = replace(turn, session_id=self._stored_session_id(turn.text))
        stored = self._sessions.add_turn(turn, history=self._branch.history, begins_like=begins_like, snapshot=snapshot)
        self._branch.add(stored)
        if begins_like:
            self._remembering.trail.copy(begins_like, stored.turn_id, len(stored.logprobs))
        return stored

    def _stored_session_id(self, first_text: str) -> str:
        if not self._session.session_id:
            self._session = self._sessions.create(
                _title(first_text), self._card.model_id, self.sampler, self.join, self._now(), self.root
            )
        return self._session.session_id

    def _retitle(self, text: str) -> None:
        """A conversation that begins anew is called after its new beginning, unless a person has named it."""
        session_id = self._session.session_id
        given = {_title(first) for first in self._sessions.beginnings(session_id)}
        if _title(text) and self._sessions.session(session_id).title in given | {"untitled"}:
            self._session = replace(self._session, title=self._sessions.rename(session_id, _title(text)).title)

    def _last_reply(self) -> Turn | None:
        """The last visible turn, whole, if it is a reply."""
        if not self._branch.turns or self._branch.turns[-1].role != "network":
            return None
        return self._branch.turn(self._branch.turns[-1].turn_id)

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
        return count_words(self._tokenizer_of(turn), turn)


def publishes(
    work: Callable[Concatenate[S, P], Iterator[ChatEvent]],
) -> Callable[Concatenate[S, P], Iterator[ChatEvent]]:
    """Work in a conversation: before each event, and however it ends, other threads are let see what has become."""

    @functools.wraps(work)
    def publishing(chat: S, /, *args: P.args, **kwargs: P.kwargs) -> Iterator[ChatEvent]:
        try:
            with contextlib.closing(work(chat, *args, **kwargs)) as events:  # type: ignore[type-var]  # generators
                for event in events:
                    chat._publish()
                    yield event
        finally:
            chat._publish()

    return publishing


def _title(first_text: str) -> str:
    """What a conversation is called that begins so."""
    return visible_line(first_text.strip(), _TITLE_LENGTH)
