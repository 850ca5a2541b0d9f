"""One conversation: read, speak, stop exactly, forget. Joins the generator and the store.

The memory is carried from turn to turn and saved with every turn; nothing is read twice. Every method that yields
events is for one thread at a time; `counters`, `turns` and the setters may be used from any thread.
"""

import contextlib
import math
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rnntui.config import AppSettings
from rnntui.errors import InputError, ModelFileError, StorageError
from rnntui.events import (
    ChatEvent,
    Forgotten,
    ModelLoaded,
    PromptRead,
    PromptScored,
    StateRebuilt,
    TurnFinished,
    TurnStored,
    WordSampled,
)
from rnntui.records import ModelCard, Session, Snapshot, Turn
from rnntui.service.clock import utc_now
from rnntui.service.loading import load_generator, use_one_thread
from rnntui.settings import SamplerSettings, checked_value
from rnntui.store.library import Library
from rnntui.store.sessions import Sessions
from rnntui.text import clean, visible_line

if TYPE_CHECKING:
    from rnntui.lm.generator import Generator, Memory

ALTERNATIVES = 10
"""How many likely words are listed with each generated one."""
_SAVE_SECONDS = 0.8  # and what saving takes: at most one second of a reply is lost
_FEED_WORDS = 256
_DENSE_MEMORIES = 2_048
_SPARSE_STEP = 32
_TITLE_LENGTH = 60


@dataclass(frozen=True, slots=True)
class ChatCounters:
    """What a status line says."""

    words_read: int
    """Tokens that the memory has seen since the conversation began."""
    words_reread: int
    """Tokens that had to be read a second time: 0 unless a memory was lost."""
    state_bytes: int
    position: int


class Chat:
    """An open conversation.

    Args:
        library: Where models are.
        sessions: Where turns are kept.
        card: The model that speaks.
        session: A stored conversation, or one without an id that is stored with its first turn.
        now: The moment as text, UTC.
        clock: Seconds that only rise.
    """

    def __init__(
        self,
        library: Library,
        sessions: Sessions,
        card: ModelCard,
        session: Session,
        now: Callable[[], str] = utc_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._library = library
        self._sessions = sessions
        self._now = now
        self._clock = clock
        self.card = card
        self.session = session
        self.sampler = session.sampler
        self._turns: tuple[Turn, ...] = sessions.branch(session.session_id) if session.session_id else ()
        self._generator: Generator | None = None
        self._trail = _Trail()
        self._seed = _last_seed(self._turns)

    # ---- facts ----

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The visible branch, oldest first, as stored."""
        return self._turns

    @property
    def is_loaded(self) -> bool:
        """True when the network can speak."""
        return self._generator is not None

    @property
    def seed(self) -> int:
        """The dice of this conversation: the chosen seed, else one that was picked."""
        return self._seed if self.sampler.seed is None else self.sampler.seed

    @property
    def counters(self) -> ChatCounters:
        """What was read, what was read again, and how large the memory is."""
        if self._generator is None:
            last = self._turns[-1] if self._turns else None
            position = last.start_position + len(last.token_ids) if last else 0
            return ChatCounters(position, 0, 0, position)
        memory = self._generator.memory
        return ChatCounters(memory.position, self._generator.words_reread, memory.state.size_bytes, memory.position)

    def memory(self) -> tuple[float, ...]:
        """What the top layer says now, one number per unit from -1 to 1; empty before the model is loaded."""
        return self._generator.memory.state.numbers() if self._generator else ()

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

    # ---- work, as events ----

    def load(self) -> Iterator[ChatEvent]:
        """Load the model and put the memory of the conversation in place.

        Raises:
            ModelFileError: If the model is missing or damaged.
        """
        began = self._clock()
        generator = load_generator(self._library, self.card)
        size = generator.memory.state.size_bytes
        yield ModelLoaded(self.card.model_id, self.card.name, self._clock() - began, size)
        yield self._rebuilt(generator, self._turns)
        self._generator = generator

    def send(self, text: str) -> Iterator[ChatEvent]:
        """Read what the person wrote, then speak. Without text the network just goes on.

        Closing the iterator while it speaks keeps what was yielded; closing it while it reads takes the prompt back.

        Raises:
            ModelFileError: If the model is damaged.
            StorageError: If the turn cannot be stored; nothing is read or said then.
        """
        if self._generator is None:
            yield from self.load()
        prompt = clean(text).text
        if prompt.strip():
            yield from self._read(prompt)
        yield from self._speak()

    def cut(self, position: int) -> Iterator[ChatEvent]:
        """Text and memory back to just after the word at `position` of the last turn, which must be the network's.

        Raises:
            InputError: If the position is not in that turn.
        """
        turn = self._turns[-1] if self._turns else None
        if turn is None or turn.role != "network":
            raise InputError("There is no reply to cut.", "Send something first.")
        kept = position - turn.start_position
        if not 0 <= kept <= len(turn.token_ids):
            raise InputError(f"Word {position} is not in the last reply.", "Choose one of its words.")
        generator = self._speaker()
        ids = turn.token_ids[:kept]
        memory, missing = self._trail.at(position)
        if memory is None:  # a reopened conversation: go on from before the reply
            self._rebuilt(generator, self._turns[:-1])
            missing = kept
        else:
            generator.restore(memory)
        generator.feed(ids[kept - missing :], again=True)
        shorter = replace(
            turn,
            text=generator.tokenizer.decode(ids),
            token_ids=ids,
            logprobs=turn.logprobs[:kept],
            status="stopped",
        )
        yield self._finished(shorter, 0.0, "stopped")

    def forget(self) -> Iterator[ChatEvent]:
        """Empty the memory. The text stays, with a mark where the memory ends.

        Raises:
            StorageError: If the mark cannot be stored; the memory is kept then.
        """
        generator = self._speaker()
        before = generator.memory
        generator.forget()
        try:
            turn = self._stored(self._turn("forget", "", ()), self._snapshot())
        except BaseException:
            generator.restore(before)
            raise
        yield Forgotten(turn.turn_id, generator.memory.position)

    # ---- reading ----

    def _read(self, prompt: str) -> Iterator[ChatEvent]:
        from rnntui.lm.generator import join_turn

        generator = self._speaker()
        tokenizer = generator.tokenizer
        text = join_turn(self._text_in_memory(), prompt, self.session.join, tokenizer)
        ids = tuple(tokenizer.encode(text))
        began, before = self._clock(), generator.memory
        turn = self._stored(self._turn("person", text, ids))
        try:
            yield TurnStored(turn.turn_id, "person", turn.text)
            scores: list[float] = []
            for start in range(0, len(ids), _FEED_WORDS):
                scores += generator.feed(ids[start : start + _FEED_WORDS])
                if len(ids) > _FEED_WORDS:
                    yield PromptRead(len(scores), len(ids))
            turn = replace(turn, logprobs=tuple(scores))
            finished = self._finished(turn, self._clock() - began, "read")
        except BaseException:
            self._take_back(turn, before)
            raise
        pieces = tuple(tokenizer.piece(word) for word in ids)
        unknown = tuple(tokenizer.spelled_words(text))
        yield PromptScored(turn.turn_id, pieces, turn.logprobs, unknown, before.position)
        yield finished

    def _take_back(self, turn: Turn, before: "Memory") -> None:
        """A prompt that was not read to its end leaves the branch; it stays in the tree."""
        self._speaker().restore(before)
        self._turns = tuple(entry for entry in self._turns if entry.turn_id != turn.turn_id)
        self.session = replace(
            self._sessions.set_head(turn.session_id, turn.parent_id), sampler=self.sampler, join=self.session.join
        )

    # ---- speaking ----

    def _speak(self) -> Iterator[ChatEvent]:
        generator = self._speaker()
        self._trail = _Trail(generator.memory)
        began = saved = self._clock()
        settings = replace(self.sampler, seed=self.seed)
        turn = self._stored(replace(self._turn("network", "", (), "partial"), sampler=settings))
        pieces: list[str] = []
        ids: list[int] = []
        scores: list[float] = []
        reason = "stopped"

        def so_far(status: str) -> Turn:
            # The first piece opens the turn as it stands: its space joins it to the text before.
            return replace(turn, text="".join(pieces), token_ids=tuple(ids), logprobs=tuple(scores), status=status)

        try:
            for step, why in generator.generate(lambda: self.sampler, self.seed, ALTERNATIVES):
                pieces.append(step.piece)
                ids.append(step.token_id)
                scores.append(step.logprob)
                self._trail.add(step.memory)
                reason = why or reason
                yield WordSampled(
                    step.position,
                    step.token_id,
                    step.piece,
                    step.logprob,
                    step.rank,
                    step.entropy_bits,
                    step.alternatives,
                    step.memory.state.numbers(),
                    step.shares,
                )
                if self._clock() - saved >= _SAVE_SECONDS:
                    saved = self._clock()
                    part = so_far("partial")
                    with contextlib.suppress(StorageError):  # the end of the turn is saved, or says why not
                        self._sessions.update_turn(part.turn_id, part.text, part.token_ids, part.logprobs, part.status)
        except GeneratorExit:
            self._finished(so_far("stopped"), self._clock() - began, "stopped")
            raise
        except BaseException:
            self._finished(so_far("interrupted"), self._clock() - began, "stopped")
            raise
        yield self._finished(so_far("complete"), self._clock() - began, reason)

    def _finished(self, turn: Turn, seconds: float, reason: str) -> TurnFinished:
        """Store how a turn ended together with the memory after it; a reply without words leaves the branch."""
        from rnntui.lm.generator import count_words

        generator = self._speaker()
        if turn.role == "network" and not turn.token_ids:
            self._sessions.finish_turn(turn, None)
            self._sessions.set_head(turn.session_id, turn.parent_id)
            self._turns = self._turns[:-1]
        else:
            self._sessions.finish_turn(turn, self._snapshot(turn.turn_id))
            self._turns = (*self._turns[:-1], turn)
        if self.session.session_id:
            self._sessions.set_sampler(self.session.session_id, self.sampler)
        words = count_words(generator.tokenizer, turn.token_ids)
        bits = -sum(turn.logprobs) / math.log(2) / max(1, words)
        return TurnFinished(
            turn.turn_id, turn.role, turn.status, generator.memory.position, words, seconds, bits, reason, self.seed
        )

    # ---- memory ----

    def _rebuilt(self, generator: "Generator", turns: tuple[Turn, ...]) -> StateRebuilt:
        """The memory after these turns: as stored, else by reading them once more with the same step."""
        from rnntui.lm.model import HiddenState

        source, start = "empty", 0
        generator.restore(generator.remembered(generator.model.zero_state(), 0, ()))
        for at in reversed(range(len(turns))):
            snapshot = self._sessions.snapshot(turns[at].turn_id)
            if snapshot is None or snapshot.model_id != self.card.model_id:
                continue
            try:
                state = HiddenState.from_bytes(snapshot.blob, self.card.config)
            except ModelFileError:
                continue
            recent = _ids_since_forget(turns[: at + 1])
            generator.restore(generator.remembered(state, snapshot.position, recent))
            source, start = "snapshot", at + 1
            break
        for turn in turns[start:]:
            if turn.role == "forget":
                generator.forget()
                continue
            own = turn.model_id == self.card.model_id and max(turn.token_ids, default=0) < len(generator.tokenizer)
            ids = turn.token_ids if own else tuple(generator.tokenizer.encode(turn.text))
            source = "replay" if ids else source
            generator.feed(ids, again=True)
        self._trail = _Trail(generator.memory)
        return StateRebuilt(source, generator.memory.position, generator.words_reread)

    def _snapshot(self, turn_id: int = 0) -> Snapshot:
        memory = self._speaker().memory
        return Snapshot(turn_id, memory.position, self.card.model_id, memory.state.to_bytes())

    def _speaker(self) -> "Generator":
        if self._generator is None:
            raise InputError("The model is still loading.", "Wait a moment and try again.")
        use_one_thread()  # each piece of work comes in a thread of its own
        return self._generator

    def _text_in_memory(self) -> str:
        """The end of what the network has read since its memory was last empty."""
        for turn in reversed(self._turns):
            if turn.role == "forget":
                return ""
            if turn.text:
                return turn.text[-200:]
        return ""

    # ---- storing ----

    def _turn(self, role: str, text: str, ids: tuple[int, ...], status: str = "complete") -> Turn:
        return Turn(
            turn_id=0,
            session_id=self._stored_session_id(text),
            parent_id=self._turns[-1].turn_id if self._turns else None,
            role=role,
            text=text,
            token_ids=ids,
            logprobs=(),
            status=status,
            start_position=self._speaker().memory.position,
            model_id=self.card.model_id,
            created_at=self._now(),
        )

    def _stored(self, turn: Turn, snapshot: Snapshot | None = None) -> Turn:
        stored = self._sessions.finish_turn(turn, snapshot) if snapshot else self._sessions.add_turn(turn)
        self._turns = (*self._turns, stored)
        return stored

    def _stored_session_id(self, first_text: str) -> str:
        if not self.session.session_id:
            title = visible_line(first_text.strip(), _TITLE_LENGTH)
            self.session = self._sessions.create(
                title, self.card.model_id, self.sampler, self.session.join, self._now()
            )
        return self.session.session_id


class _Trail:
    """Memories along the last reply: each of the newest words, and every 32nd of the older ones."""

    def __init__(self, start: "Memory | None" = None) -> None:
        self._memories: dict[int, Memory] = {start.position: start} if start else {}
        self._start = start.position if start else 0

    def add(self, memory: "Memory") -> None:
        self._memories[memory.position] = memory
        old = memory.position - _DENSE_MEMORIES
        if old > self._start and (old - self._start) % _SPARSE_STEP:
            self._memories.pop(old, None)

    def at(self, position: int) -> "tuple[Memory | None, int]":
        """The newest memory not after `position`, and how many words are missing to it."""
        for missing in range(_SPARSE_STEP):
            if position - missing in self._memories:
                return self._memories[position - missing], missing
        return None, 0


def _ids_since_forget(turns: tuple[Turn, ...]) -> tuple[int, ...]:
    ids: tuple[int, ...] = ()
    for turn in turns:
        ids = () if turn.role == "forget" else ids + turn.token_ids
    return ids


def _last_seed(turns: tuple[Turn, ...]) -> int:
    """The dice of the last reply, so that a reopened conversation goes on with the same; else new ones."""
    for turn in reversed(turns):
        if turn.sampler and turn.sampler.seed is not None:
            return turn.sampler.seed
    return secrets.randbelow(2**31)
