"""Who speaks in a conversation and what it remembers: the loaded models, and their memory at any place.

Knows nothing of the head and stores nothing; the turns it is to remember are named by whoever asks.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rnntui.errors import InputError
from rnntui.events import ModelLoaded
from rnntui.records import Head, ModelCard, SavedState, Snapshot, Turn
from rnntui.service.chat.facts import count_words
from rnntui.service.chat.model_cache import ModelCache
from rnntui.service.chat.state_restore import StateRestorer
from rnntui.service.model_loader import use_one_thread
from rnntui.store.conversations.sessions import Sessions
from rnntui.store.conversations.tree import cut_turn
from rnntui.store.library import Library

if TYPE_CHECKING:
    from rnntui.lm.generator import Generator, GeneratorState
    from rnntui.lm.reading.prompt_reader import PromptReader
    from rnntui.lm.tokens.tokenizer import Tokenizer


class Speaker:
    """The model that speaks now, and those it took over from.

    Args:
        library: Where models are.
        sessions: Where memories are stored with the turns.
        card: Who speaks. Nothing is loaded yet.
        root: The memory that the conversation began with; None is an empty one.
        clock: Seconds that only rise.
        device: Where the models speak, one of DEVICE_CHOICES.

    Attributes:
        card: Who speaks.
        models: All that are loaded.
        states: Finds the memory after any turns.
    """

    def __init__(
        self,
        library: Library,
        sessions: Sessions,
        card: ModelCard,
        root: SavedState | None,
        clock: Callable[[], float],
        device: str = "auto",
    ) -> None:
        self.card = card
        self.models = ModelCache(library, clock, device)
        self.states = StateRestorer(sessions, root)
        self._generator: Generator | None = None

    # ---- who speaks ----

    @property
    def memory(self) -> "GeneratorState | None":
        """What the network remembers now; None before it is loaded."""
        return self._generator.memory if self._generator else None

    @property
    def is_loaded(self) -> bool:
        """True when the network can speak."""
        return self._generator is not None

    @property
    def generator(self) -> "Generator":
        """The network that speaks, for what is computed in this thread.

        Raises:
            InputError: If it is not loaded yet.
        """
        if self._generator is None:
            raise InputError("The model is still loading.", "Wait a moment and try again.")
        use_one_thread()  # each piece of work comes in a thread of its own
        return self._generator

    def load(self, card: ModelCard) -> Iterator[ModelLoaded]:
        """Load a model beside the one that speaks.

        Raises:
            ModelFileError: If one of them is missing or damaged.
        """
        yield from self.models.load(self.card)  # counts as used, so that it is not the one that is dropped
        yield from self.models.load(card)

    def take_over(self, card: ModelCard) -> None:
        """Let a loaded model speak, with the memory that it has."""
        self._generator = self.models.get(card.model_id)
        self.card = card

    @contextlib.contextmanager
    def taking_over(self, card: ModelCard) -> Iterator[None]:
        """Let a loaded model speak; when what is done inside fails, the one before it goes on."""
        before = self.card, self._generator
        self.take_over(card)
        try:
            yield
        except BaseException:
            self.card, self._generator = before
            raise

    def card_after(self, turns: tuple[Turn, ...]) -> ModelCard:
        """Who speaks at the end of these turns."""
        model_id = turns[-1].model_id if turns else self.card.model_id
        return self.card if model_id == self.card.model_id else self.models.card(model_id)

    # ---- memories ----

    def restore(self, model_id: str, turns: tuple[Turn, ...]) -> None:
        """Put the memory after these turns into a loaded model; when that fails, it keeps the one it has."""
        generator = self.models.get(model_id)
        before = generator.memory
        try:
            self.states.restore(generator, model_id, turns)
        except BaseException:
            generator.memory = before
            raise

    @contextlib.contextmanager
    def remembering(self, model_id: str, turns: tuple[Turn, ...]) -> "Iterator[Generator]":
        """Inside, a loaded model has the memory that it had after these turns."""
        generator = self.models.get(model_id)
        before = generator.memory
        try:
            self.states.restore(generator, model_id, turns)
            yield generator
        finally:
            generator.memory = before

    def snapshot(self) -> Snapshot:
        """The memory now, to be stored."""
        memory = self.generator.memory
        return Snapshot(0, memory.position, self.card.model_id, memory.state.to_bytes())

    # ---- turns of loaded models ----

    def tokenizer_of(self, turn: Turn) -> "Tokenizer":
        """Of the model that read or wrote a turn."""
        return self.models.get(turn.model_id).tokenizer

    def reader_of(self, turn: Turn) -> "PromptReader":
        """Of the same model."""
        return self.models.get(turn.model_id).reader

    def count_characters(self, turn: Turn, kept: int) -> int:
        """How many characters of a turn's text its first `kept` tokens are."""
        return len(self.tokenizer_of(turn).decode(turn.token_ids[:kept]))

    def count_words(self, turn: Turn) -> int:
        """Words and punctuation marks of a turn."""
        return count_words(self.tokenizer_of(turn), turn.token_ids)

    def beginning(self, turn: Turn, kept: int) -> Turn:
        """The first `kept` tokens of a turn, with all that belongs to them."""
        return cut_turn(turn, kept, self.count_characters(turn, kept))

    def new_like(self, turn: Turn, kept: int, now: str) -> Turn:
        """A turn in the place of an old one that begins with the same tokens, not stored yet."""
        return replace(self.beginning(turn, kept), turn_id=0, created_at=now)

    def head_after(self, turn: Turn, kept: int | None) -> Head:
        """The head after the first `kept` tokens of a turn; None is after all of them.

        Raises:
            InputError: If the turn has fewer tokens.
        """
        length = len(turn.token_ids)
        if kept is None or (length and kept == length):
            return Head(turn.turn_id)
        if not 0 <= kept <= length:
            raise InputError(f"That turn has no word {kept}.", f"It has {length} of them.")
        return Head(turn.turn_id, kept, self.count_characters(turn, kept)) if kept else Head(turn.parent_id)
