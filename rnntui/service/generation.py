"""Continue one prompt without keeping anything: what `rnntui gen` does."""

import math
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rnntui.chat_events import PromptReading
from rnntui.events import ChatEvent, ModelLoaded, PromptScored, TurnFinished
from rnntui.records import ModelCard
from rnntui.service.devices import require_device
from rnntui.service.model_loader import load_generator
from rnntui.settings import SamplerSettings
from rnntui.store.library import Library

if TYPE_CHECKING:
    from rnntui.lm.tokens.tokenizer import Tokenizer


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a model said to one prompt, and how fast."""

    text: str
    model: str
    """Its name."""
    seed: int
    words: int
    """Words and punctuation marks that it said."""
    words_read: int
    """The same of the prompt."""
    seconds: float
    """From the end of reading to the last word, with what the listener took."""
    words_per_second: float


def joined_prompt(reading: PromptReading, tokenizer: "Tokenizer") -> str:
    """What a model reads of a prompt before which it has read nothing."""
    from rnntui.lm.generator import join_turn

    return join_turn("", reading.text.rstrip(), "inline", tokenizer)


def generate_once(
    library: Library, card: ModelCard, prompt: str, settings: SamplerSettings, device: str = "auto"
) -> Iterator[ChatEvent | Spoken]:
    """Load a model, read a prompt, go on with it: the events of one chat turn, stored nowhere, and what came of it.

    Args:
        library: Where the model is.
        card: Of the model.
        prompt: What it reads first.
        settings: How words are sampled.
        device: Where it speaks, one of DEVICE_CHOICES.

    Raises:
        DeviceError: If the device cannot compute it.
        InputError: If the device is not there.
        ModelFileError: If the model is damaged.
    """
    from rnntui.lm import drafts
    from rnntui.lm.generator import count_words

    require_device(device)
    began = time.perf_counter()
    generator = load_generator(library, card, device)
    size = generator.memory.state.size_bytes
    yield ModelLoaded(card.model_id, card.name, time.perf_counter() - began, size, generator.note)
    tokenizer = generator.tokenizer
    reading = generator.reader.read(prompt)
    ids = tokenizer.encode(joined_prompt(reading, tokenizer))
    if ids:
        scores = generator.feed(ids)
        pieces = tuple(tokenizer.piece(word) for word in ids)
        yield PromptScored(0, pieces, tuple(scores), reading.spelled, 0, count_words(tokenizer, ids), reading)
    seed = secrets.randbelow(2**31) if settings.seed is None else settings.seed
    settings = replace(settings, seed=seed)
    began, said, spoken, nats, reason = time.perf_counter(), [], "", 0.0, ""
    for event in drafts.speak(generator, lambda: settings, seed):
        if not isinstance(event, drafts.SpokenToken):
            yield event
            continue
        said.append(event.step.token_id)
        spoken += event.step.piece
        nats -= event.step.logprob
        reason = event.reason
        yield event.as_event()
    words, seconds = count_words(tokenizer, said), max(time.perf_counter() - began, 1e-9)
    bits = nats / math.log(2) / max(1, words)
    yield TurnFinished(0, "network", "complete", generator.memory.position, words, seconds, bits, reason, seed)
    yield Spoken(spoken, card.name, seed, words, count_words(tokenizer, ids), seconds, words / seconds)
