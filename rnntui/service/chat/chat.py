"""One conversation: read, speak, stop exactly, go back to any word, and never lose one.

The memory is carried from turn to turn and saved with every turn; nothing is read twice. Turns form a tree in which
every operation only adds or moves the head, so whatever was said can be reached again. Every method that yields events
is for one thread at a time; what `PublishedChat` has may be used from any thread.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from rnntui.errors import InputError
from rnntui.events import ChatEvent, MemoryKept
from rnntui.records import Head, ModelCard, SavedState, Session, Turn, UnsentText
from rnntui.service.chat import exchange, navigation
from rnntui.service.chat.exchange import Beginning
from rnntui.service.chat.facts import ChatFacts, ChatSettings, PublishedChat, publishes
from rnntui.service.chat.inspection import Inspection, find_span, settings_of
from rnntui.service.chat.place import Place
from rnntui.service.chat.speaker import Speaker
from rnntui.service.chat.undo import push
from rnntui.service.compare.chat_comparison import ChatComparison
from rnntui.service.timestamps import utc_now
from rnntui.store.conversations.sessions import Sessions
from rnntui.store.library import Library
from rnntui.text import clean

if TYPE_CHECKING:
    from rnntui.lm.tokens.tokenizer import Tokenizer


class Chat(PublishedChat):
    """An open conversation: everything a person can do with it.

    Args:
        library: Where models are.
        sessions: Where turns are kept.
        card: The model that speaks. Another one than that of the last turn takes over when it is loaded.
        session: A stored conversation, or one without an id that is stored with its first turn.
        now: The moment as text, UTC.
        clock: Seconds that only rise.
        root: The memory that a conversation without an id begins with; None is an empty one.
        device: Where its models speak, one of DEVICE_CHOICES.

    Attributes:
        root: The memory the conversation began with; None when it began with an empty one.
        unsent_text: What was typed here and not sent when this conversation was opened.
        inspection: What the networks expect, or expected; for the thread that works.
        comparison: Two ways to go on from one place, side by side; likewise.
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
        settings = ChatSettings(session.sampler, session.join)
        self._place = Place(sessions, session, settings, root, now, clock)
        self.root = self._place.root
        self._speaker = Speaker(library, sessions, card, self.root, clock, device)
        self.inspection = Inspection(self._place, self._speaker, self.publish)
        self.comparison = ChatComparison(self._place, self._speaker, self.publish)
        self._sessions = sessions
        self.unsent_text = sessions.unsent_texts.text(session.session_id)
        self._unsent_id = session.session_id
        super().__init__(_facts_of(self._place, self._speaker), settings)

    def publish(self) -> None:
        """Let other threads see where the conversation stands: one assignment, so that they see all of it or none."""
        self._facts = _facts_of(self._place, self._speaker)

    @publishes
    def load(self) -> Iterator[ChatEvent]:
        """Load the model and put the memory of the conversation in place.

        Raises:
            ModelFileError: If the model is missing or damaged.
        """
        return navigation.load(self._place, self._speaker)

    # ---- saying ----

    @publishes
    def send(self, text: str) -> Iterator[ChatEvent]:
        """Read what the person wrote, then speak. Without text the network just goes on.

        Closing the iterator while it speaks keeps what was yielded; closing it while it reads takes the prompt back.

        Raises:
            ModelFileError: If the model is damaged.
            StorageError: If the turn cannot be stored; nothing is read or said then.
        """
        place, speaker = self._place, self._speaker
        yield from navigation.ensure_loaded(place, speaker)
        tokenizer, reading = speaker.generator.tokenizer, speaker.generator.reader.read(text)
        before = place.branch.head, place.branch.history
        place.mark_step()
        if not reading.text.strip():
            yield from exchange.go_on(place, speaker, place.seed)
            return
        yield from exchange.complete_head(place, speaker)
        whole = place.join_prompt(reading.text, place.branch.turns, tokenizer)
        turn = place.new_turn("person", speaker.card.model_id, whole, tuple(tokenizer.encode(whole)))
        yield from exchange.read(place, speaker, place.store(turn), 0, before, reading)
        yield from exchange.write(place, speaker, exchange.new_reply(place, speaker), place.seed)

    @publishes
    def cut(self, position: int) -> Iterator[ChatEvent]:
        """Text and memory back to just after the word at `position` of the last turn, which must be the network's.

        What a reply had said beyond the last word that was shown was never said: it is taken off as long as nothing
        else was done since. Later this is a rewind.

        Raises:
            InputError: If the position is not in that turn.
        """
        place, speaker = self._place, self._speaker
        turn = place.branch.turns[-1] if place.branch.turns else None
        if turn is None or turn.role != "network":
            raise InputError("There is no reply to cut.", "Send something first.")
        kept = position - turn.start_position
        if not 0 <= kept <= len(turn.token_ids):
            raise InputError(f"Word {position} is not in the last reply.", "Choose one of its words.")
        if turn.turn_id != place.fresh_turn_id:
            yield from navigation.go_to(place, speaker, turn.turn_id, kept, "rewind")
            return
        yield exchange.cut(place, speaker, kept)

    @publishes
    def forget(self) -> Iterator[ChatEvent]:
        """Empty the memory. The text stays, with a mark where the memory ends.

        Raises:
            StorageError: If the mark cannot be stored; the memory is kept then.
        """
        place, speaker = self._place, self._speaker
        yield from navigation.ensure_loaded(place, speaker)
        place.mark_step()
        yield from exchange.forget(place, speaker)

    @publishes
    def switch(self, model: str) -> Iterator[ChatEvent]:
        """Let another model go on, by name or id; it reads once what was said since the memory was last empty.

        Raises:
            InputError: If there is no such model, or it speaks already.
            ModelFileError: If it is damaged; the old one goes on then.
        """
        yield from navigation.ensure_loaded(self._place, self._speaker)
        card = self._speaker.models.find(model)
        if card.model_id == self._speaker.card.model_id:
            raise InputError("This model speaks already.", "Choose another one.")
        self._place.mark_step()
        yield from navigation.switch(self._place, self._speaker, card)

    # ---- going back ----

    @publishes
    def undo(self) -> Iterator[ChatEvent]:
        """Take back what was done last: a prompt with its reply, a retry, a rewind, a walk to a sibling.

        Raises:
            InputError: If there is nothing to undo.
        """
        target = self._place.undo_target()
        if target is None:
            raise InputError("There is nothing to undo.", "Send something first.")
        history, head = target
        yield from navigation.move(self._place, self._speaker, head, history, "undo")

    @publishes
    def redo(self) -> Iterator[ChatEvent]:
        """Do again what was undone last.

        Raises:
            InputError: If nothing was undone, or something was done since.
        """
        target = self._place.redo_target()
        if target is None:
            raise InputError("There is nothing to redo.", "Undo something first.")
        history, head = target
        yield from navigation.move(self._place, self._speaker, head, history, "redo")

    @publishes
    def rewind(self, turn_id: int, kept: int | None = None) -> Iterator[ChatEvent]:
        """Stand after the first `kept` tokens of any turn of the conversation; None is after all of them.

        Raises:
            InputError: If there is no such turn or word.
        """
        return navigation.go_to(self._place, self._speaker, turn_id, kept, "rewind")

    @publishes
    def show_sibling(self, turn_id: int, by: int = 1) -> Iterator[ChatEvent]:
        """Show the next (1) or previous (-1) turn that was said at the same place, with what followed it.

        Raises:
            InputError: If there is none in that direction.
        """
        branch = self._place.branch
        beside = branch.siblings(turn_id)
        at = beside.index(turn_id) + by if turn_id in beside else -1
        if not 0 <= at < len(beside):
            raise InputError("There is no other turn in that direction.", "Retry or edit the turn to make one.")
        head, history = branch.head_through(beside[at]), push(branch.history, branch.head)
        yield from navigation.move(self._place, self._speaker, head, history, "sibling")

    # ---- saying it differently ----

    @publishes
    def retry(
        self, turn_id: int = 0, kept: int = 0, *, seed: int | None = None, same_seed: bool = False, model: str = ""
    ) -> Iterator[ChatEvent]:
        """Write a reply once more, beside the old one.

        Args:
            turn_id: The reply; 0 is the last visible one, or the missing one when the person wrote last.
            kept: So many of its tokens stay.
            seed: For what is sampled; None picks a new one.
            same_seed: Use that of the old reply, so that only other settings or another model show.
            model: Let another model write it, by name or id.

        Raises:
            InputError: If the turn is not a reply.
        """
        place, speaker = self._place, self._speaker
        yield from navigation.ensure_loaded(place, speaker)
        old = place.branch.turn(turn_id) if turn_id else place.last_reply()
        if old and old.role != "network":
            raise InputError("Only a reply can be written once more.", "Edit what you wrote instead.")
        card = speaker.models.find(model) if model else None
        seed = secrets.randbelow(2**31) if seed is None else seed
        if same_seed:
            seed = _seed_of(old, place.seed)
        place.mark_step()
        if old:
            yield from navigation.go_to(place, speaker, old.turn_id, kept, "retry")
        if card and card.model_id != speaker.card.model_id:
            yield from navigation.switch(place, speaker, card)
        yield from exchange.go_on(place, speaker, seed)

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
        place, speaker = self._place, self._speaker
        old = place.turn_with_words(turn_id)
        if not clean(text).text.strip():
            raise InputError("A turn needs some text.", "Undo it to take it back.")
        yield from navigation.ensure_loaded(place, speaker, old)
        tokenizer = speaker.tokenizer_of(old)
        reading = speaker.reader_of(old).read_instead(text, old.text)
        fresh = reading.text
        before = () if old.parent_id is None else place.branch.path_to(Head(old.parent_id))
        is_reply = old.role == "network"
        whole = _with_lead(old.text, fresh) if is_reply else place.join_prompt(fresh, before, tokenizer)
        ids = tuple(tokenizer.encode(whole))
        if ids == old.token_ids:
            raise InputError("Nothing was changed in that turn.", "Change a word, or retry the reply.")
        kept = _count_alike(ids, old.token_ids)
        yield from navigation.go_to(place, speaker, turn_id, kept, "edit")
        goes_on = not is_reply if go_on is None else go_on
        yield from exchange.say_instead(place, speaker, old, kept, whole, ids, goes_on=goes_on, reading=reading)

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
        place, speaker = self._place, self._speaker
        old = place.turn_with_words(turn_id)
        yield from navigation.ensure_loaded(place, speaker, old)
        tokenizer, before = speaker.tokenizer_of(old), speaker.beginning(old, kept).text
        read = word if isinstance(word, int) else speaker.reader_of(old).in_terms(word, before)
        ids = _encode_word(read, tokenizer)
        yield from navigation.go_to(place, speaker, turn_id, kept, "branch")
        whole = before + tokenizer.decode(ids)
        yield from exchange.say_instead(place, speaker, old, kept, whole, (*old.token_ids[:kept], *ids), goes_on=go_on)

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
        place, speaker = self._place, self._speaker
        old, span = find_span(place, turn_id, index)
        settings, seed = settings_of(span)
        if not 0 <= draft < settings.drafts:
            raise InputError(f"There is no draft {draft + 1}.", f"Choose one from 1 to {settings.drafts}.")
        if draft == span.draft:
            raise InputError("This is the draft that stands there.", "Choose another one.")
        yield from navigation.ensure_loaded(place, speaker, old)
        yield from navigation.go_to(place, speaker, turn_id, span.start, "branch")
        begun = speaker.new_like(old, span.start, place.now())
        yield from exchange.write(place, speaker, Beginning(begun, turn_id, draft=(settings, draft)), seed)

    # ---- saving ----

    @publishes
    def save_memory(self, name: str, turn_id: int = 0, kept: int | None = None) -> Iterator[ChatEvent]:
        """Save the memory after a word, or after a mark, under a name; 0 takes the memory as it is now.

        Raises:
            InputError: If the name is empty or taken, or there is no such turn or word.
        """
        place, speaker = self._place, self._speaker
        yield from navigation.ensure_loaded(place, speaker)
        head, model_id = place.branch.head, speaker.card.model_id
        if turn_id:
            turn = place.branch.turn(turn_id)
            yield from navigation.ensure_loaded(place, speaker, turn)
            head, model_id = speaker.head_after(turn, kept if turn.token_ids else None), turn.model_id
        saved = self._sessions.memories.keep(_state_at(place, speaker, head, model_id, name))
        yield MemoryKept(saved.name, saved.tokens_read)

    @publishes
    def save_join(self) -> Iterator[ChatEvent]:
        """Store how prompts are joined; a conversation that is not stored yet takes it along with its first turn.

        Raises:
            StorageError: If it cannot be stored; it holds all the same.
        """
        session_id = self._place.session.session_id
        if session_id:
            self._sessions.set_join(session_id, self._place.settings.join)
        yield from ()

    def save_unsent(self, text: str) -> None:
        """Save what is typed here and not sent, in any thread; an empty text saves nothing.

        Raises:
            StorageError: If it cannot be stored.
        """
        facts = self.facts
        session_id = facts.session.session_id
        self._sessions.unsent_texts.keep(UnsentText(session_id, text, facts.card.model_id), self._unsent_id)
        self._unsent_id = session_id


def _facts_of(place: Place, speaker: Speaker) -> ChatFacts:
    """What can be seen now."""
    return ChatFacts(
        card=speaker.card,
        session=place.session,
        turns=place.branch.turns,
        whole_turns=place.branch.whole,
        head=place.branch.head,
        history=place.branch.history,
        first_seed=place.first_seed,
        forks=place.branch.forks,
        tokenizers=speaker.models.tokenizers,
        word_count=place.word_count,
        tokens_reread=speaker.models.tokens_reread,
        present=speaker.memory,
    )


def _state_at(place: Place, speaker: Speaker, head: Head, model_id: str, name: str) -> SavedState:
    """The memory at a head, under a name; not saved yet."""
    turns = place.branch.path_to(head)
    with speaker.remembering(model_id, turns) as generator:
        memory = generator.memory
    blob, recent = memory.state.to_bytes(), tuple(memory.recent.ids().tolist())
    return SavedState(name, model_id, blob, recent, memory.position, place.text_in_memory(turns), place.now())


def _seed_of(old: Turn | None, otherwise: int) -> int:
    seeds = [span.sampler.seed for span in old.draws if span.sampler] if old else []
    return next((seed for seed in reversed(seeds) if seed is not None), otherwise)


def _encode_word(word: str | int, tokenizer: "Tokenizer") -> tuple[int, ...]:
    if isinstance(word, int):
        if not 0 <= word < len(tokenizer):
            raise InputError(f"There is no word number {word}.", f"The model knows {len(tokenizer):,}.")
        return (word,)
    ids = tuple(tokenizer.encode(word))
    if not ids:
        raise InputError("There is no word to go on with.", "Write one, or choose one from the list.")
    return ids


def _with_lead(old: str, fresh: str) -> str:
    """An edited reply with the white space that joins it to the text before it, unless it brings its own."""
    return fresh if fresh[0].isspace() else old[: len(old) - len(old.lstrip())] + fresh


def _count_alike(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    """How many tokens two texts share from the first one."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (mine, theirs) in enumerate(pairs) if mine != theirs), min(len(one), len(other)))
