"""One conversation: read, speak, stop exactly, go back to any word, and never lose one.

The memory is carried from turn to turn and saved with every turn; nothing is read twice. Turns form a tree in which
every operation only adds or moves the head, so whatever was said can be reached again. Every method that yields events
is for one thread at a time; the facts and the setters may be used from any thread.
"""

import secrets
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rnntui.errors import InputError
from rnntui.events import (
    ChatEvent,
    DraftsLooked,
    Forgotten,
    MemoryKept,
    UnitFollowed,
    WordLooked,
    WordsSuggested,
)
from rnntui.records import Head, SamplerSpan, SavedState, Turn
from rnntui.service.chat.autocomplete import suggestion
from rnntui.service.chat.conversation import ALTERNATIVES, Conversation
from rnntui.service.chat.conversation_state import publishes
from rnntui.service.chat.next_token import AS_READ, unit_values
from rnntui.service.chat.undo import marked, redone
from rnntui.settings import SamplerSettings
from rnntui.store.conversations.tree import cut_turn
from rnntui.text import clean

if TYPE_CHECKING:
    from rnntui.lm.generator import Generator
    from rnntui.lm.tokens.tokenizer import Tokenizer

FOLLOWED_WORDS = 600
"""So many of the newest tokens are read again to follow a unit."""


class Chat(Conversation):
    """An open conversation: everything a person can do with it."""

    # ---- saying ----

    @publishes
    def send(self, text: str) -> Iterator[ChatEvent]:
        """Read what the person wrote, then speak. Without text the network just goes on.

        Closing the iterator while it speaks keeps what was yielded; closing it while it reads takes the prompt back.

        Raises:
            ModelFileError: If the model is damaged.
            StorageError: If the turn cannot be stored; nothing is read or said then.
        """
        yield from self._ready()
        before, prompt = (self._branch.head, self._branch.history), self._speaker().tokenizer.as_read(text)
        self._mark()
        if not prompt.strip():
            yield from self._go_on(self._seed)
            return
        yield from self._whole_head()
        whole = self._joined(prompt, self._branch.turns)
        ids = tuple(self._speaker().tokenizer.encode(whole))
        yield from self._read(self._stored(self._new("person", whole, ids)), 0, before)
        yield from self._speak(self._new("network"), self._seed)

    @publishes
    def cut(self, position: int) -> Iterator[ChatEvent]:
        """Text and memory back to just after the word at `position` of the last turn, which must be the network's.

        What a reply had said beyond the last word that was shown was never said: it is taken off as long as nothing
        else was done since. Later this is a rewind.

        Raises:
            InputError: If the position is not in that turn.
        """
        turn = self._branch.turns[-1] if self._branch.turns else None
        if turn is None or turn.role != "network":
            raise InputError("There is no reply to cut.", "Send something first.")
        kept = position - turn.start_position
        if not 0 <= kept <= len(turn.token_ids):
            raise InputError(f"Word {position} is not in the last reply.", "Choose one of its words.")
        if turn.turn_id != self._fresh_turn_id:
            yield from self.rewind(turn.turn_id, kept)
            return
        shorter = cut_turn(turn, kept, self._characters(turn, kept))
        self._restore((*self._branch.turns[:-1], shorter) if kept else self._branch.turns[:-1])
        self._remembering.trail.drop(turn.turn_id, kept, len(turn.token_ids))
        yield self._finished(shorter, 0.0, "stopped")

    @publishes
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

    @publishes
    def switch(self, model: str) -> Iterator[ChatEvent]:
        """Let another model go on, by name or id; it reads once what was said since the memory was last empty.

        Raises:
            InputError: If there is no such model, or it speaks already.
            ModelFileError: If it is damaged; the old one goes on then.
        """
        yield from self._ready()
        card = self._speakers.find(model)
        if card.model_id == self._card.model_id:
            raise InputError("This model speaks already.", "Choose another one.")
        self._mark()
        yield from self._switched(card)

    # ---- going back ----

    @publishes
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

    @publishes
    def redo(self) -> Iterator[ChatEvent]:
        """Do again what was undone last.

        Raises:
            InputError: If nothing was undone, or something was done since.
        """
        target = redone(self._branch.history, self._branch.head)
        if target is None:
            raise InputError("There is nothing to redo.", "Undo something first.")
        history, head = target
        yield from self._move(head, history, "redo")

    @publishes
    def rewind(self, turn_id: int, kept: int | None = None) -> Iterator[ChatEvent]:
        """Stand after the first `kept` tokens of any turn of the conversation; None is after all of them.

        Raises:
            InputError: If there is no such turn or word.
        """
        yield from self._go_to(turn_id, kept, "rewind")

    @publishes
    def sibling(self, turn_id: int, by: int = 1) -> Iterator[ChatEvent]:
        """Show the next (1) or previous (-1) turn that was said at the same place, with what followed it.

        Raises:
            InputError: If there is none in that direction.
        """
        beside = self._branch.siblings(turn_id)
        at = beside.index(turn_id) + by if turn_id in beside else -1
        if not 0 <= at < len(beside):
            raise InputError("There is no other turn in that direction.", "Retry or edit the turn to make one.")
        yield from self._move(
            self._branch.through(beside[at]), marked(self._branch.history, self._branch.head), "sibling"
        )

    # ---- saying it differently ----

    @publishes
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
            dice = _seed_of(old, self._seed)
        self._mark()
        if old:
            yield from self._go_to(old.turn_id, kept, "retry")
        if card and card.model_id != self._card.model_id:
            yield from self._switched(card)
        yield from self._go_on(dice)

    @publishes
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
        if not clean(text).text.strip():
            raise InputError("A turn needs some text.", "Undo it to take it back.")
        yield from self._loaded_for(old)
        fresh = self._tokenizer_of(old).as_read(text)
        before = () if old.parent_id is None else self._branch.up_to(Head(old.parent_id))
        whole = _with_lead(old.text, fresh) if old.role == "network" else self._joined(fresh, before)
        ids = tuple(self._tokenizer_of(old).encode(whole))
        if ids == old.token_ids:
            raise InputError("Nothing was changed in that turn.", "Change a word, or retry the reply.")
        kept = _alike(ids, old.token_ids)
        yield from self._go_to(turn_id, kept, "edit")
        if old.role == "network":
            yield from self._speak(self._like(old, kept), self._seed, ids[kept:], bool(go_on), begins_like=turn_id)
            return
        yield from self._rewrite(old, kept, whole, ids)
        if go_on is not False:
            yield from self._speak(self._new("network"), self._seed)

    @publishes
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
        ids = _ids_of_word(word, old.text[: self._characters(old, kept)], tokenizer)
        yield from self._go_to(turn_id, kept, "branch")
        if old.role == "network":
            yield from self._speak(self._like(old, kept), self._seed, ids, go_on, begins_like=turn_id)
            return
        whole = old.text[: self._characters(old, kept)] + tokenizer.decode(ids)
        yield from self._rewrite(old, kept, whole, (*old.token_ids[:kept], *ids))
        if go_on:
            yield from self._speak(self._new("network"), self._seed)

    @publishes
    def say_draft(self, turn_id: int, index: int, draft: int) -> Iterator[ChatEvent]:
        """Say another draft of a sentence instead, in a version of its own, and go on after it.

        Args:
            turn_id: A reply that was thought of before it was said.
            index: One of the tokens of the sentence.
            draft: Its number, from 0.

        Raises:
            InputError: If there is no such place or draft, or it is the one that stands there.
        """
        old, drawn = self._thought(turn_id, index)
        settings, seed = _dice(drawn)
        if not 0 <= draft < settings.drafts:
            raise InputError(f"There is no draft {draft + 1}.", f"Choose one from 1 to {settings.drafts}.")
        if draft == drawn.draft:
            raise InputError("This is the draft that stands there.", "Choose another one.")
        yield from self._loaded_for(old)
        yield from self._go_to(turn_id, drawn.start, "branch")
        begun = self._like(old, drawn.start)
        yield from self._speak(begun, seed, begins_like=turn_id, first=(settings, draft))

    # ---- looking, keeping ----

    @publishes
    def drafts(self, turn_id: int, index: int) -> Iterator[ChatEvent]:
        """Draw all drafts of the sentence in which a token of a reply stands once more; nothing is moved.

        Raises:
            InputError: If there is no such token, or there was only one draft.
        """
        from rnntui.lm.drafts import think

        turn, drawn = self._thought(turn_id, index)
        settings, seed = _dice(drawn)
        yield from self._loaded_for(turn)
        generator = self._speakers.get(turn.model_id)
        with self._remembered(self._head_at(turn, drawn.start), turn.model_id) as memory:
            pass  # the memory there is a value: drawing from it moves nothing
        drafts = yield from think(generator, memory, settings, seed)
        yield DraftsLooked(turn_id, drawn.start, drawn.draft, tuple(draft.heard(generator) for draft in drafts))

    def _thought(self, turn_id: int, index: int) -> tuple[Turn, SamplerSpan]:
        """A reply, and how the sentence came about in which one of its tokens stands."""
        turn = self._with_words(turn_id)
        if not 0 <= index < len(turn.token_ids):
            raise InputError(f"That turn has no word {index + 1}.", f"It has {len(turn.token_ids)} of them.")
        drawn = next((draw for draw in reversed(turn.draws) if draw.start <= index), None)
        if drawn is None or drawn.sampler is None or drawn.sampler.drafts == 1:
            raise InputError("There was no other draft of this.", "/drafts 4 lets it think before it speaks.")
        return turn, drawn

    @publishes
    def keep_join(self) -> Iterator[ChatEvent]:
        """Store how prompts are joined; a conversation that is not stored yet takes it along with its first turn.

        Raises:
            StorageError: If it cannot be stored; it holds all the same.
        """
        if self._session.session_id:
            self._sessions.set_join(self._session.session_id, self.join)
        yield from ()

    @publishes
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
        expecting = (turn.sampler or AS_READ) if turn else self.sampler
        seen = self._looking.at(generator, self.sampler, expecting, ALTERNATIVES, token, begins)
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

    @publishes
    def suggest(self, text: str) -> Iterator[ChatEvent]:
        """How a text that is still being typed may go on, and which of its words are new; nothing is read."""
        yield from self._ready()
        generator = self._speaker()
        read = generator.tokenizer.as_read(text)
        says = ""
        if read.strip():
            whole = self._joined(read, self._branch.turns).rstrip()
            says = suggestion(generator, whole, read[-1].isspace(), self.sampler)
        yield WordsSuggested(text, says, _as_typed(generator.tokenizer.spelled_words(read), text))

    @publishes
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
        for turn in reversed(self._branch.turns):
            if left <= 0 or turn.model_id != self._card.model_id:
                return
            if turn.token_ids:
                left -= len(turn.token_ids)
                with self._remembered(self._head_at(turn, 0), turn.model_id):
                    values = unit_values(generator, turn.token_ids, unit)
                yield UnitFollowed(turn.turn_id, unit, values)

    @publishes
    def keep(self, name: str, turn_id: int = 0, kept: int | None = None) -> Iterator[ChatEvent]:
        """Keep the memory after a word, or after a mark, under a name; 0 takes the memory as it is now.

        Raises:
            InputError: If the name is empty or taken, or there is no such turn or word.
        """
        yield from self._ready()
        head, model_id = self._branch.head, self._card.model_id
        if turn_id:
            turn = self._branch.turn(turn_id)
            yield from self._loaded_for(turn)
            head, model_id = self._head_at(turn, kept if turn.token_ids else None), turn.model_id
        with self._remembered(head, model_id) as memory:
            text = self._text_in_memory(self._branch.up_to(head))
            kept_memory = self._sessions.memories.keep(
                SavedState(
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


def _dice(drawn: SamplerSpan) -> tuple[SamplerSettings, int]:
    """The settings and the seed of what was drawn."""
    if drawn.sampler is None or drawn.sampler.seed is None:
        raise InputError("The dice of this sentence are not known.", "Retry the reply to have it drawn anew.")
    return drawn.sampler, drawn.sampler.seed


def _seed_of(old: Turn | None, otherwise: int) -> int:
    seeds = [draw.sampler.seed for draw in old.draws if draw.sampler] if old else []
    return next((seed for seed in reversed(seeds) if seed is not None), otherwise)


def _as_typed(words: Sequence[str], text: str) -> tuple[str, ...]:
    """Words as they stand in a text that was typed, perhaps with the quotes of a typewriter."""
    from rnntui.lm.text.typography import straighten_quotes

    return tuple(word if word in text else straighten_quotes(word) for word in words)


def _ids_of_word(word: str | int, before: str, tokenizer: "Tokenizer") -> tuple[int, ...]:
    if isinstance(word, int):
        if not 0 <= word < len(tokenizer):
            raise InputError(f"There is no word number {word}.", f"The model knows {len(tokenizer):,}.")
        return (word,)
    ids = tuple(tokenizer.encode(tokenizer.as_read(word, before)))
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
