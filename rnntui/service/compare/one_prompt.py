"""Continue one prompt in two ways without keeping anything: what `rnntui gen --compare` does."""

import secrets
import time
from collections.abc import Generator as Steps
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rnntui.chat_events import (
    ChatEvent,
    ComparisonEvent,
    ModelLoaded,
    PromptReading,
    SideBegun,
    SideEnded,
    SideSaid,
)
from rnntui.errors import InputError
from rnntui.records import ModelCard
from rnntui.service.compare.agreement import compare_texts
from rnntui.service.compare.variants import MEMORY, MODEL, Variant, describe_sides
from rnntui.service.compare.voices import Voice, read_aloud, settings_of_side, write_together
from rnntui.service.devices import require_device
from rnntui.service.generation import joined_prompt
from rnntui.service.model_loader import load_generator
from rnntui.settings import SamplerSettings
from rnntui.store.library import Library

if TYPE_CHECKING:
    from rnntui.lm.generator import Generator


@dataclass(frozen=True, slots=True)
class Side:
    """What one side said, and how."""

    label: str
    """In what it differs from the other one, such as "temperature 0.50"."""
    model: str
    seed: int
    text: str
    words: int
    """Words and punctuation marks."""
    words_read: int
    """Of the prompt; 0 for one that has forgotten it."""
    bits_per_word: float
    """How surprising it was to the one who said it."""
    reason: str
    """Why it ended: "paragraph", "sentence" or "words"."""
    settings: SamplerSettings
    reading: PromptReading = PromptReading("")
    """The prompt as its model reads it, also of one that has forgotten it."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Both sides, and how far they agree."""

    sides: tuple[Side, Side]
    first_different_word: int | None
    """From 0; None where all are the same."""
    equal_words: int
    """So many words stand at the same place in both."""
    of_words: int
    """Of the longer one."""


def compare_once(
    library: Library,
    card: ModelCard,
    prompt: str,
    settings: SamplerSettings,
    variant: Variant,
    device: str = "auto",
) -> Iterator[ChatEvent | Compared]:
    """Let two sides read a prompt and go on with it with the same seed: what they say, and what came of it.

    Args:
        library: Where the models are.
        card: Of A's model.
        prompt: What both read first.
        settings: How A samples.
        variant: What is different in B.
        device: Where they speak, one of DEVICE_CHOICES.

    Raises:
        DeviceError: If the device cannot compute it.
        InputError: If there is no such model, or the device is not there.
        ModelFileError: If a model is damaged.
    """
    other_card = library.find(str(variant.value)) if variant.what == MODEL else card
    if variant.what == MODEL and other_card.model_id == card.model_id:
        raise InputError("Both sides would have the same model.", "Name another one; rnntui models lists them.")
    require_device(device)
    seed = secrets.randbelow(2**31) if settings.seed is None else settings.seed
    settings = settings_of_side(settings, seed)
    first = yield from _load(library, card, device)
    second = first if other_card is card else (yield from _load(library, other_card, device))
    one = yield from _begin(0, first, card, prompt, settings)
    other = yield from _begin(
        1, second, other_card, "" if variant.what == MEMORY else prompt, variant.sampler(settings)
    )
    ended: dict[int, SideEnded] = {}
    text = ["", ""]
    for event in write_together((one, other)):
        if isinstance(event, SideSaid):
            text[event.side] += event.piece
        elif isinstance(event, SideEnded):
            ended[event.side] = event
        yield event
    labels = describe_sides(variant, settings, seed, card.name)
    sides = [
        _side(voice, label, text[voice.side], ended[voice.side], prompt)
        for voice, label in zip((one, other), labels, strict=True)
    ]
    if variant.what == MEMORY:
        sides[1] = replace(sides[1], words_read=0)
    found = compare_texts(*text)
    yield Compared((sides[0], sides[1]), found.first, found.equal, found.words)


def _load(library: Library, card: ModelCard, device: str) -> "Steps[ModelLoaded, None, Generator]":
    began = time.perf_counter()
    generator = load_generator(library, card, device)
    size = generator.memory.state.size_bytes
    yield ModelLoaded(card.model_id, card.name, time.perf_counter() - began, size, generator.note)
    return generator


def _begin(
    side: int, generator: "Generator", card: ModelCard, prompt: str, settings: SamplerSettings
) -> "Steps[ComparisonEvent, None, Voice]":
    """A side with a memory of its own, which has read the prompt."""
    twin = generator.beside(generator.memory)
    reading = twin.reader.read(prompt)
    yield from read_aloud(side, twin, twin.tokenizer.encode(joined_prompt(reading, twin.tokenizer)))
    voice = Voice(side, card, twin, settings)
    yield SideBegun(side, card.name, voice.seed, 0)
    return voice


def _side(voice: Voice, label: str, text: str, ended: SideEnded, prompt: str) -> Side:
    from rnntui.lm.generator import count_words

    tokenizer, reading = voice.generator.tokenizer, voice.generator.reader.read(prompt)
    read = count_words(tokenizer, tokenizer.encode(joined_prompt(reading, tokenizer)))
    return Side(
        label,
        voice.card.name,
        voice.seed,
        text,
        ended.words,
        read,
        ended.bits_per_word,
        ended.reason,
        voice.settings,
        reading,
    )
