"""The networks that one conversation has loaded: the one that speaks, and the one that spoke before a switch."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from rnntui.errors import InputError
from rnntui.events import ModelLoaded
from rnntui.records import ModelCard
from rnntui.service.model_loader import load_generator
from rnntui.store.library import Library

if TYPE_CHECKING:
    from rnntui.lm.generator import Generator
    from rnntui.lm.tokens.tokenizer import Tokenizer

_LOADED_AT_ONCE = 2


class ModelCache:
    """Loads models when they are needed and keeps the last two, so that undoing a switch loads nothing.

    For the one thread that works in the conversation.

    Args:
        library: Where models are.
        clock: Seconds that only rise.
        device: Where they speak, one of DEVICE_CHOICES.
    """

    def __init__(self, library: Library, clock: Callable[[], float], device: str = "auto") -> None:
        self._library = library
        self._device = device
        self._clock = clock
        self._loaded: dict[str, Generator] = {}
        self._reread_before = 0

    @property
    def tokens_reread(self) -> int:
        """Tokens that were read a second time, by all of them together."""
        return self._reread_before + sum(speaker.tokens_reread for speaker in self._loaded.values())

    @property
    def tokenizers(self) -> "dict[str, Tokenizer]":
        """Of the loaded models, by their ids: a value that stays as it is."""
        return {model_id: speaker.tokenizer for model_id, speaker in self._loaded.items()}

    def card(self, model_id: str) -> ModelCard:
        """The card of a model by its id.

        Raises:
            InputError: If it is no longer there.
        """
        known = next((card for card in self._library.cards() if card.model_id == model_id), None)
        return known or self._library.find(model_id)

    def find(self, model: str) -> ModelCard:
        """The card of a model by its name or id.

        Raises:
            InputError: If there is none.
        """
        return self._library.find(model)

    def get(self, model_id: str) -> "Generator":
        """A model that was loaded.

        Raises:
            InputError: If it is not.
        """
        if model_id not in self._loaded:
            raise InputError("The model of that turn is not loaded.", "Go to the turn first.")
        return self._loaded[model_id]

    def load(self, card: ModelCard) -> Iterator[ModelLoaded]:
        """Load a model, unless it is loaded.

        Raises:
            DeviceError: If the device cannot compute it.
            InputError: If the device is not there.
            ModelFileError: If the model is missing or damaged.
        """
        known = self._loaded.pop(card.model_id, None)
        if known is not None:
            self._loaded[card.model_id] = known  # the newest stands last
            return
        began = self._clock()
        generator = load_generator(self._library, card, self._device)
        if len(self._loaded) == _LOADED_AT_ONCE:
            self._reread_before += self._loaded.pop(next(iter(self._loaded))).tokens_reread
        self._loaded[card.model_id] = generator
        size = generator.memory.state.size_bytes
        yield ModelLoaded(card.model_id, card.name, self._clock() - began, size, generator.note)
