"""One conversation: read, speak, stop exactly, go back to any word, and never lose one.

The memory is carried from turn to turn and saved with every turn; nothing is read twice. Turns form a tree in which
every operation only adds or moves the head, so whatever was said can be reached again. Every method that yields events
is for one thread at a time; the facts and the setters may be used from any thread.
"""

import contextlib
import math
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rnntui.config import AppSettings
from rnntui.errors import InputError
from rnntui.events import (
    BranchMoved,
    ChatEvent,
    Forgotten,
    MemoryKept,
    ModelSwitched,
    PromptRead,
    PromptScored,
    ReplyBegun,
    StateRebuilt,
    TurnFinished,
    TurnStored,
    UnitFollowed,
    WordForced,
    WordLooked,
    WordSampled,
    WordsSuggested,
)
from rnntui.records import Head, History, ModelCard, NamedMemory, Session, Snapshot, Turn
from rnntui.service.branch import Branch
from rnntui.service.clock import utc_now
from rnntui.service.history import before_last_exchange, marked, redone, undone
from rnntui.service.loading import use_one_thread
from rnntui.service.looking import Looking, unit_values
from rnntui.service.remembering import Remembering, along, text_since_empty
from rnntui.service.replies import Reply
from rnntui.service.speakers import Speakers
from rnntui.service.suggesting import suggestion
from rnntui.settings import VOICES, SamplerSettings, checked_value
from rnntui.store.library import Library
from rnntui.store.sessions import Sessions
from rnntui.store.tree import beginning_of
from rnntui.text import clean, visible_line

if TYPE_CHECKING:
    from rnntui.lm.generator import Generator, Memory, Step
    from rnntui.lm.tokenizer import Tokenizer

ALTERNATIVES = 10
"""How many likely words are listed with each generated one."""
FOLLOWED_WORDS = 600
"""So many of the newest tokens are read again to follow a unit."""
_FEED_WORDS = 256
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


class Chat:
    """An open conversation.

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
            position = _end(self.turns[-1]) if self.turns else 0
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
        drawn = _is_drawn(turn)
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

    # ---- work, as events ----

    def load(self) -> Iterator[ChatEvent]:
        """Load the model and put the memory of the conversation in place.

        A model that did not speak last reads the transcript once, which needs nothing of the one before it.

        Raises:
            ModelFileError: If the model is missing or damaged.
        """
        turns = self.turns
        if turns and turns[-1].model_id != self.card.model_id:
            yield from self._switched(self.card)
            return
        yield from self._speakers.load(self.card)
        generator = self._speakers.get(self.card.model_id)
        before = self._speakers.words_reread
        is_unread = bool(turns) and turns[-1].role == "person" and not turns[-1].logprobs
        source = self._remembering.restore(generator, self.card.model_id, turns[:-1] if is_unread else turns)
        self._generator = generator
        yield StateRebuilt(source, generator.memory.position, self._speakers.words_reread - before)
        if is_unread:  # a crash came between storing the prompt and reading it
            yield from self._read(turns[-1], 0, (Head(turns[-1].parent_id), self._branch.history))

    def send(self, text: str) -> Iterator[ChatEvent]:
        """Read what the person wrote, then speak. Without text the network just goes on.

        Closing the iterator while it speaks keeps what was yielded; closing it while it reads takes the prompt back.

        Raises:
            ModelFileError: If the model is damaged.
            StorageError: If the turn cannot be stored; nothing is read or said then.
        """
        yield from self._ready()
        before, prompt = (self.head, self._branch.history), clean(text).text
        self._mark()
        if not prompt.strip():
            yield from self._go_on(self.seed)
            return
        yield from self._whole_head()
        whole = self._joined(prompt, self.turns)
        ids = tuple(self._speaker().tokenizer.encode(whole))
        yield from self._read(self._stored(self._new("person", whole, ids)), 0, before)
        yield from self._speak(self._new("network"), self.seed)

    def cut(self, position: int) -> Iterator[ChatEvent]:
        """Text and memory back to just after the word at `position` of the last turn, which must be the network's.

        What a reply had said beyond the last word that was shown was never said: it is taken off as long as nothing
        else was done since. Later this is a rewind.

        Raises:
            InputError: If the position is not in that turn.
        """
        turn = self.turns[-1] if self.turns else None
        if turn is None or turn.role != "network":
            raise InputError("There is no reply to cut.", "Send something first.")
        kept = position - turn.start_position
        if not 0 <= kept <= len(turn.token_ids):
            raise InputError(f"Word {position} is not in the last reply.", "Choose one of its words.")
        if turn.turn_id != self._fresh_turn_id:
            yield from self.rewind(turn.turn_id, kept)
            return
        shorter = beginning_of(turn, kept, self._characters(turn, kept))
        self._restore((*self.turns[:-1], shorter) if kept else self.turns[:-1])
        self._remembering.trail.drop(turn.turn_id, kept, len(turn.token_ids))
        yield self._finished(shorter, 0.0, "stopped")

    def forget(self) -> Iterator[ChatEvent]:
        """Empty the memory. The text stays, with a mark where the memory ends.

        Raises:
            StorageError: If the mark cannot be stored; the memory is kept then.
        """
        yield from self._ready()
        self._mark()
        yield from self._whole_head()
        generator = self._speaker()
        before = generator.memory
        generator.forget()
        try:
            turn = self._stored(self._new("forget"), snapshot=self._snapshot())
        except BaseException:
            generator.restore(before)
            raise
        yield Forgotten(turn.turn_id, generator.memory.position)

    def switch(self, model: str) -> Iterator[ChatEvent]:
        """Let another model go on, by name or id; it reads once what was said since the memory was last empty.

        Raises:
            InputError: If there is no such model, or it speaks already.
            ModelFileError: If it is damaged; the old one goes on then.
        """
        yield from self._ready()
        card = self._speakers.find(model)
        if card.model_id == self.card.model_id:
            raise InputError("This model speaks already.", "Choose another one.")
        self._mark()
        yield from self._switched(card)

    # ---- going back ----

    def undo(self) -> Iterator[ChatEvent]:
        """Take back what was done last: a prompt with its reply, a retry, a rewind, a walk to a sibling.

        Raises:
            InputError: If there is nothing to undo.
        """
        target = self._undone()
        if target is None:
            raise InputError("There is nothing to undo.", "Send something first.")
        history, head = target
        yield from self._move(head, history, "undo")

    def redo(self) -> Iterator[ChatEvent]:
        """Do again what was undone last.

        Raises:
            InputError: If nothing was undone, or something was done since.
        """
        target = redone(self._branch.history, self.head)
        if target is None:
            raise InputError("There is nothing to redo.", "Undo something first.")
        history, head = target
        yield from self._move(head, history, "redo")

    def rewind(self, turn_id: int, kept: int | None = None) -> Iterator[ChatEvent]:
        """Stand after the first `kept` tokens of any turn of the conversation; None is after all of them.

        Raises:
            InputError: If there is no such turn or word.
        """
        yield from self._go_to(turn_id, kept, "rewind")

    def sibling(self, turn_id: int, by: int = 1) -> Iterator[ChatEvent]:
        """Show the next (1) or previous (-1) turn that was said at the same place, with what followed it.

        Raises:
            InputError: If there is none in that direction.
        """
        beside = self.siblings(turn_id)
        at = beside.index(turn_id) + by if turn_id in beside else -1
        if not 0 <= at < len(beside):
            raise InputError("There is no other turn in that direction.", "Retry or edit the turn to make one.")
        yield from self._move(self._branch.through(beside[at]), marked(self._branch.history, self.head), "sibling")

    # ---- saying it differently ----

    def retry(
        self, turn_id: int = 0, kept: int = 0, *, seed: int | None = None, same_dice: bool = False, model: str = ""
    ) -> Iterator[ChatEvent]:
        """Write a reply once more, beside the old one.

        Args:
            turn_id: The reply; 0 is the last visible one, or the missing one when the person wrote last.
            kept: So many of its tokens stay.
            seed: The dice; None picks new ones.
            same_dice: Use those of the old reply, so that only other settings or another model show.
            model: Let another model write it, by name or id.

        Raises:
            InputError: If the turn is not a reply.
        """
        yield from self._ready()
        old = self._branch.turn(turn_id) if turn_id else self._last_reply()
        if old and old.role != "network":
            raise InputError("Only a reply can be written once more.", "Edit what you wrote instead.")
        card = self._speakers.find(model) if model else None
        dice = secrets.randbelow(2**31) if seed is None else seed
        if same_dice:
            dice = _seed_of(old, self.seed)
        self._mark()
        if old:
            yield from self._go_to(old.turn_id, kept, "retry")
        if card and card.model_id != self.card.model_id:
            yield from self._switched(card)
        yield from self._go_on(dice)

    def edit(self, turn_id: int, text: str, *, go_on: bool | None = None) -> Iterator[ChatEvent]:
        """Put another text in the place of a turn; the old one stays beside it. Only what changed is read.

        Args:
            turn_id: A turn of the person's or the network's.
            text: What should stand there.
            go_on: Whether the network writes on from there; None lets it after a turn of the person's.

        Raises:
            InputError: If the text is empty or the same, or the turn is only a mark.
        """
        old = self._with_words(turn_id)
        fresh = clean(text).text
        if not fresh.strip():
            raise InputError("A turn needs some text.", "Undo it to take it back.")
        yield from self._loaded_for(old)
        before = () if old.parent_id is None else self._branch.up_to(Head(old.parent_id))
        whole = _with_lead(old.text, fresh) if old.role == "network" else self._joined(fresh, before)
        ids = tuple(self._tokenizer_of(old).encode(whole))
        if ids == old.token_ids:
            raise InputError("Nothing was changed in that turn.", "Change a word, or retry the reply.")
        kept = _alike(ids, old.token_ids)
        yield from self._go_to(turn_id, kept, "edit")
        if old.role == "network":
            yield from self._speak(self._like(old, kept), self.seed, ids[kept:], bool(go_on), begins_like=turn_id)
            return
        yield from self._rewrite(old, kept, whole, ids)
        if go_on is not False:
            yield from self._speak(self._new("network"), self.seed)

    def branch(self, turn_id: int, kept: int, word: str | int, *, go_on: bool = True) -> Iterator[ChatEvent]:
        """Say another word after the first `kept` tokens of a turn, and go on from there.

        Args:
            turn_id: A turn of the person's or the network's.
            kept: So many of its tokens stay.
            word: A token, or any text with its own leading space.
            go_on: Whether the network writes on after it.

        Raises:
            InputError: If there is no such place, or the word is empty or unknown.
        """
        old = self._with_words(turn_id)
        yield from self._loaded_for(old)
        tokenizer = self._tokenizer_of(old)
        ids = _ids_of_word(word, len(tokenizer), tokenizer.encode)
        yield from self._go_to(turn_id, kept, "branch")
        if old.role == "network":
            yield from self._speak(self._like(old, kept), self.seed, ids, go_on, begins_like=turn_id)
            return
        whole = old.text[: self._characters(old, kept)] + tokenizer.decode(ids)
        yield from self._rewrite(old, kept, whole, (*old.token_ids[:kept], *ids))
        if go_on:
            yield from self._speak(self._new("network"), self.seed)

    # ---- looking, keeping ----

    def look(self, turn_id: int = 0, index: int = 0, begins: str = "") -> Iterator[ChatEvent]:
        """What the network expected in the place of one token of a turn; nothing is moved.

        Args:
            turn_id: The turn; 0 looks at the place after everything, with the settings as they are now.
            index: Which of its tokens; their number is the place after the last one.
            begins: List only words that begin like this; empty lists the likeliest.

        Raises:
            InputError: If there is no such turn or token, or the turn is only a mark.
        """
        if turn_id == 0:
            yield from self._ready()
            yield self._looked(self._speaker(), None, 0, begins)
            return
        turn = self._with_words(turn_id)
        yield from self._loaded_for(turn)
        generator = self._speakers.get(turn.model_id)
        with self._remembered(self._head_at(turn, index), turn.model_id):
            looked = self._looked(generator, turn, index, begins)
        yield looked

    def _looked(self, generator: "Generator", turn: Turn | None, index: int, begins: str) -> WordLooked:
        """At the place where the generator's memory stands; the turn says what stands there."""
        token = turn.token_ids[index] if turn and index < len(turn.token_ids) else None
        voice = self.sampler.voice
        if turn:
            voice = turn.sampler.voice if turn.sampler else VOICES[0]
        seen = self._looking.at(generator, self.sampler, voice, ALTERNATIVES, token, begins)
        return WordLooked(
            turn.turn_id if turn else 0,
            index,
            generator.memory.position + 1,
            "" if token is None else generator.tokenizer.piece(token),
            seen.logprob,
            seen.rank,
            seen.entropy_bits,
            seen.alternatives,
            generator.memory.state.numbers(),
            seen.shares,
            begins,
        )

    def suggest(self, text: str) -> Iterator[ChatEvent]:
        """How a text that is still being typed may go on, and which of its words are new; nothing is read."""
        yield from self._ready()
        generator = self._speaker()
        cleaned = clean(text).text
        says = ""
        if cleaned.strip():
            whole = self._joined(cleaned, self.turns).rstrip()
            says = suggestion(generator, whole, cleaned[-1].isspace(), self.sampler.voice)
        yield WordsSuggested(text, says, tuple(generator.tokenizer.spelled_words(cleaned)))

    def follow(self, unit: int) -> Iterator[ChatEvent]:
        """What one unit of the memory said after each of the newest words, the newest turn first; nothing is moved.

        Raises:
            InputError: If there is no such unit.
        """
        yield from self._ready()
        generator, left = self._speaker(), FOLLOWED_WORDS
        count = len(generator.memory.state.numbers())
        if not 0 <= unit < count:
            raise InputError(f"There is no unit {unit}.", f"Choose a number from 0 to {count - 1}.")
        for turn in reversed(self.turns):
            if left <= 0 or turn.model_id != self.card.model_id:
                return
            if turn.token_ids:
                left -= len(turn.token_ids)
                with self._remembered(self._head_at(turn, 0), turn.model_id):
                    values = unit_values(generator, turn.token_ids, unit)
                yield UnitFollowed(turn.turn_id, unit, values)

    def keep(self, name: str, turn_id: int = 0, kept: int | None = None) -> Iterator[ChatEvent]:
        """Keep the memory after a word, or after a mark, under a name; 0 takes the memory as it is now.

        Raises:
            InputError: If the name is empty or taken, or there is no such turn or word.
        """
        yield from self._ready()
        head, model_id = self.head, self.card.model_id
        if turn_id:
            turn = self._branch.turn(turn_id)
            yield from self._loaded_for(turn)
            head, model_id = self._head_at(turn, kept if turn.token_ids else None), turn.model_id
        with self._remembered(head, model_id) as memory:
            text = self._text_in_memory(self._branch.up_to(head))
            kept_memory = self._sessions.memories.keep(
                NamedMemory(
                    name,
                    model_id,
                    memory.state.to_bytes(),
                    tuple(memory.recent.ids().tolist()),
                    memory.position,
                    text,
                    self._now(),
                )
            )
        yield MemoryKept(kept_memory.name, kept_memory.words_read)

    # ---- moving the head ----

    def _mark(self) -> None:
        """Something new begins here: undo comes back to this place."""
        self._branch.history = marked(self._branch.history, self.head)
        self._fresh_turn_id = 0

    def _undone(self) -> tuple[History, Head] | None:
        return undone(self._branch.history, self.head, before_last_exchange(self.turns))

    def _go_to(self, turn_id: int, kept: int | None, reason: str) -> Iterator[ChatEvent]:
        turn = self._branch.turn(turn_id)
        yield from self._loaded_for(turn)
        head, history = self._head_at(turn, kept), marked(self._branch.history, self.head)
        yield from self._move(head, history, reason, (turn,))

    def _move(
        self, head: Head, history: History, reason: str, left: tuple[Turn, ...] | None = None
    ) -> Iterator[ChatEvent]:
        """Show another branch with its memory, then store where the conversation stands.

        Before the first turn, the model of what is left behind speaks; None leaves what is visible.
        """
        yield from self._ready()
        turns, before = self._branch.up_to(head), self.turns
        card = self._card_after(turns or (left or before)[:1])
        yield from self._loaded(card)
        reread = self._speakers.words_reread
        self._generator = self._restored(card.model_id, turns)
        self.card = card
        self._fresh_turn_id = 0
        unchanged = self._branch.show(head, history)
        prompts = [turn.text.strip() for turn in before[unchanged:] if turn.role == "person"]
        try:
            yield BranchMoved(
                reason,
                unchanged,
                turns[-1].turn_id if turns else 0,
                self._generator.memory.position,
                self._speakers.words_reread - reread,
                prompts[0] if prompts and reason == "undo" else "",
            )
        finally:  # shown first, stored right after: a head is not worth a wait
            self._store_head()

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

    def _whole_head(self) -> Iterator[ChatEvent]:
        """Before something is said after words in the middle of a turn, these become a turn of their own."""
        if self.head.kept is None:
            return
        visible = self.turns[-1]
        begun = replace(visible, turn_id=0, created_at=self._now())
        snapshot = self._snapshot() if self._generator else None
        turn = self._stored(begun, visible.turn_id, snapshot)
        yield BranchMoved("rewind", len(self.turns) - 1, turn.turn_id, _end(turn), 0, "")

    def _card_after(self, turns: tuple[Turn, ...]) -> ModelCard:
        """Who speaks at the end of a branch."""
        model_id = turns[-1].model_id if turns else self.card.model_id
        return self.card if model_id == self.card.model_id else self._speakers.card(model_id)

    # ---- models and memories ----

    def _ready(self) -> Iterator[ChatEvent]:
        if self._generator is None:
            yield from self.load()

    def _loaded(self, card: ModelCard) -> Iterator[ChatEvent]:
        yield from self._speakers.load(self.card)  # counts as used, so that it is not the one that is dropped
        yield from self._speakers.load(card)

    def _loaded_for(self, turn: Turn) -> Iterator[ChatEvent]:
        yield from self._ready()
        if turn.model_id != self.card.model_id:
            yield from self._loaded(self._speakers.card(turn.model_id))

    def _switched(self, card: ModelCard) -> Iterator[ChatEvent]:
        yield from self._whole_head()
        yield from self._speakers.load(card)
        generator = self._speakers.get(card.model_id)
        words = self._remembering.read_transcript(generator, self.turns)
        before = self.card, self._generator
        self.card, self._generator = card, generator
        try:
            turn_id = self._stored_switch()
        except BaseException:
            self.card, self._generator = before
            raise
        yield ModelSwitched(turn_id, card.model_id, card.name, words, generator.memory.position)

    def _stored_switch(self) -> int:
        if self.turns or self.root:
            return self._stored(self._new("switch"), snapshot=self._snapshot()).turn_id
        if self.session.session_id:
            self._sessions.set_model(self.session.session_id, self.card.model_id)
        self.session = replace(self.session, model_id=self.card.model_id)
        return 0

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

    # ---- reading ----

    def _rewrite(self, old: Turn, kept: int, text: str, ids: tuple[int, ...]) -> Iterator[ChatEvent]:
        """Another turn of the person's beside an old one that begins with the same tokens; the head is after them."""
        before = self.head, self._branch.history
        fresh = replace(self._like(old, kept), text=text, token_ids=ids, status="complete")
        yield from self._read(self._stored(fresh, old.turn_id), kept, before)

    def _read(self, turn: Turn, kept: int, before: tuple[Head, History]) -> Iterator[ChatEvent]:
        """Read the tokens of a stored turn after the first `kept`, each scored before it is read."""
        generator = self._speaker()
        tokenizer, ids = generator.tokenizer, turn.token_ids[kept:]
        began, memory = self._clock(), generator.memory
        scores: list[float] = []
        snapshots: list[Snapshot] = []
        try:
            yield TurnStored(turn.turn_id, "person", turn.text)
            for start in range(0, len(ids), _FEED_WORDS):
                passed: list[Memory] = []
                first = kept + start + 1
                scores += generator.feed(ids[start : start + _FEED_WORDS], passed=passed)
                for number, after in enumerate(passed, first):
                    self._remembering.trail.add(turn.turn_id, number, after)
                snapshots += along(turn, first, passed)
                if len(ids) > _FEED_WORDS:
                    yield PromptRead(len(scores), len(ids))
            turn = replace(turn, logprobs=turn.logprobs[:kept] + tuple(scores))
            finished = self._finished(turn, self._clock() - began, "read", snapshots)
        except BaseException:
            self._take_back(memory, before)
            raise
        pieces = tuple(tokenizer.piece(word) for word in turn.token_ids)
        unknown = tuple(tokenizer.spelled_words(turn.text))
        yield PromptScored(turn.turn_id, pieces, turn.logprobs, unknown, turn.start_position)
        yield finished

    def _take_back(self, memory: "Memory", before: tuple[Head, History]) -> None:
        """A prompt that was not read to its end leaves the branch; it stays in the tree."""
        self._speaker().restore(memory)
        self._branch.show(*before)
        self._store_head()

    def _joined(self, prompt: str, turns: tuple[Turn, ...]) -> str:
        from rnntui.lm.generator import join_turn

        text = self._text_in_memory(turns)
        return join_turn(text, prompt, self.session.join, self._speaker().tokenizer)

    def _text_in_memory(self, turns: tuple[Turn, ...]) -> str:
        """The end of what the network has read since its memory was last empty."""
        root = self.root.text_before if self.root and all(turn.role != "forget" for turn in turns) else ""
        return text_since_empty(turns, _JOINED_TO) or root

    # ---- speaking ----

    def _go_on(self, seed: int) -> Iterator[ChatEvent]:
        """Let the network write from the head on: in the reply it stands in, else as a turn of its own."""
        if self.head.kept is not None and self.turns[-1].role == "network":
            old = self._branch.turn(self.turns[-1].turn_id)
            yield from self._speak(self._like(old, self.head.kept), seed, begins_like=old.turn_id)
            return
        yield from self._whole_head()
        yield from self._speak(self._new("network"), seed)

    def _speak(
        self, begun: Turn, seed: int, forced: tuple[int, ...] = (), goes_on: bool = True, begins_like: int = 0
    ) -> Iterator[ChatEvent]:
        """Write a turn from the tokens it begins with on: first the chosen words, then drawn ones."""
        generator = self._speaker()
        drawn_with = replace(self.sampler, seed=seed)

        def settings() -> SamplerSettings:
            nonlocal drawn_with
            drawn_with = replace(self.sampler, seed=seed)
            return drawn_with

        began, memory, reason = self._clock(), generator.memory, "stopped"
        turn = self._stored(replace(begun, status="partial", sampler=drawn_with), begins_like)
        reply = Reply(self._sessions, turn, self._remembering.trail, self._clock)

        def finished(status: str) -> TurnFinished:
            generator.restore(memory)  # of the last word that was yielded: the generator may have run ahead
            return self._finished(reply.so_far(status), self._clock() - began, reason, reply.taken_snapshots())

        try:
            yield ReplyBegun(turn.turn_id, len(begun.token_ids), seed)
            for word in forced:
                (score,) = generator.feed((word,))
                memory = generator.memory
                piece = generator.tokenizer.piece(word)
                reply.add(word, piece, score, None, memory)
                yield WordForced(memory.position, word, piece, score, memory.state.numbers())
            for step, why in generator.generate(settings, seed, ALTERNATIVES) if goes_on else ():
                memory, reason = step.memory, why or reason
                reply.add(step.token_id, step.piece, step.logprob, drawn_with, memory)
                yield _sampled(step)
                reply.save_when_due()
        except GeneratorExit:
            finished("stopped")
            raise
        except BaseException:
            finished("interrupted")
            raise
        yield finished("complete" if goes_on else "stopped")

    def _finished(self, turn: Turn, seconds: float, reason: str, snapshots: Iterable[Snapshot] = ()) -> TurnFinished:
        """Store how a turn ended together with the memory after it; a reply without words leaves the branch."""
        turn = replace(turn, words=self._count_words(turn))
        if turn.role == "network" and not turn.token_ids:
            head = Head(turn.parent_id)
            self._sessions.finish_turn(turn, None, head=head, sampler=self.sampler)
            self._branch.replace_last(turn)
            self._branch.show(head, self._branch.history)
        else:
            self._sessions.finish_turn(turn, self._snapshot(), snapshots, sampler=self.sampler)
            self._branch.replace_last(turn)
            self._fresh_turn_id = turn.turn_id if turn.role == "network" else 0
        return TurnFinished(
            turn.turn_id,
            turn.role,
            turn.status,
            self._speaker().memory.position,
            turn.words,
            seconds,
            self.bits_per_word(turn),
            reason,
            turn.sampler.seed if turn.sampler and turn.sampler.seed is not None else self.seed,
        )

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
            start_position=_end(self.turns[-1]) if self.turns else 0,
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


def _end(turn: Turn) -> int:
    return turn.start_position + len(turn.token_ids)


def _sampled(step: "Step") -> WordSampled:
    return WordSampled(
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


def _is_drawn(turn: Turn) -> list[bool]:
    """For each token of a turn, whether the network drew it."""
    drawn = [False] * len(turn.token_ids)
    ends = [draw.start for draw in turn.draws[1:]] + [len(drawn)]
    for draw, end in zip(turn.draws, ends, strict=True) if turn.draws else ():
        drawn[draw.start : end] = [draw.sampler is not None] * (end - draw.start)
    return drawn


def _seed_of(old: Turn | None, otherwise: int) -> int:
    seeds = [draw.sampler.seed for draw in old.draws if draw.sampler] if old else []
    return next((seed for seed in reversed(seeds) if seed is not None), otherwise)


def _ids_of_word(word: str | int, vocabulary: int, encode: Callable[[str], list[int]]) -> tuple[int, ...]:
    if isinstance(word, int):
        if not 0 <= word < vocabulary:
            raise InputError(f"There is no word number {word}.", f"The model knows {vocabulary:,}.")
        return (word,)
    ids = tuple(encode(clean(word).text))
    if not ids:
        raise InputError("There is no word to go on with.", "Write one, or choose one from the list.")
    return ids


def _with_lead(old: str, fresh: str) -> str:
    """An edited reply with the white space that joins it to the text before it, unless it brings its own."""
    return fresh if fresh[0].isspace() else old[: len(old) - len(old.lstrip())] + fresh


def _alike(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    """How many tokens two texts share from the first one."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (mine, theirs) in enumerate(pairs) if mine != theirs), min(len(one), len(other)))
