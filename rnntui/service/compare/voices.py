"""Two networks, or one twice, that write at the same time: a word of one, a word of the other. Stores nothing."""

import contextlib
import math
from collections.abc import Generator as Steps
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rnntui.chat_events import ComparisonEvent, SideEnded, SideReading, SideSaid, SideThinking, Thinking
from rnntui.service.compare.variants import LONGEST
from rnntui.settings import SamplerSettings

if TYPE_CHECKING:
    from rnntui.lm.drafts import SpokenToken
    from rnntui.lm.generator import Generator
    from rnntui.lm.tokens.tokenizer import Tokenizer
    from rnntui.records import ModelCard

_READ_AT_ONCE = 256


class WordCount:
    """Words and punctuation marks of a text that grows token by token, as `lm.generator.count_words` counts them."""

    def __init__(self, tokenizer: "Tokenizer") -> None:
        self.words = 0
        self._tokenizer = tokenizer
        self._is_counted = True  # the rest of a word that began before

    def add(self, token_id: int, piece: str) -> None:
        """One more token."""
        if not self._tokenizer.is_continuation(token_id):
            self._is_counted = False
        if piece.strip() and not self._is_counted:
            self.words += 1
            self._is_counted = True


@dataclass
class Voice:
    """One side, and what it has said so far."""

    side: int
    card: "ModelCard"
    """Who writes."""
    generator: "Generator"
    """With a memory of its own, that of what it goes on from."""
    settings: SamplerSettings
    """The seed included."""
    said: "list[SpokenToken]" = field(default_factory=list)
    reason: str = ""
    """Why it ends after what was said; empty while it could go on."""

    @property
    def seed(self) -> int:
        """Of all that it samples."""
        return self.settings.seed or 0

    def write(self) -> "Steps[SideThinking | SideSaid | SideEnded, None, None]":
        """Go on until the stop rule ends it; what was yielded is in `said`, each with the memory after it."""
        from rnntui.lm.drafts import SpokenToken, speak

        count, nats = WordCount(self.generator.tokenizer), 0.0
        for event in speak(self.generator, lambda: self.settings, self.seed):
            if isinstance(event, Thinking):
                yield SideThinking(self.side, event.draft, event.of_drafts)
            if not isinstance(event, SpokenToken):
                continue
            step = event.step
            self.said.append(event)
            self.reason = event.reason
            count.add(step.token_id, step.piece)
            nats -= step.logprob
            bits = nats / math.log(2) / max(1, count.words)
            yield SideSaid(self.side, step.token_id, step.piece, step.logprob, count.words, bits)
        yield SideEnded(self.side, self.reason, count.words, nats / math.log(2) / max(1, count.words))


def settings_of_side(sampler: SamplerSettings, seed: int) -> SamplerSettings:
    """How a side samples: with its seed, and no longer than can be remembered word by word."""
    return replace(sampler, seed=seed, max_words=min(sampler.max_words, LONGEST))


def write_together(voices: Sequence[Voice]) -> Iterator[ComparisonEvent]:
    """A word of each in turn until all have ended. Closing it stops all; what was said stays with the voices."""
    with contextlib.ExitStack() as closing:
        writing = [closing.enter_context(contextlib.closing(voice.write())) for voice in voices]
        while writing:
            for events in tuple(writing):
                for event in events:
                    yield event
                    if isinstance(event, SideSaid):
                        break
                else:
                    writing.remove(events)


def read_aloud(side: int, generator: "Generator", ids: Sequence[int]) -> Iterator[SideReading]:
    """Let a network read a text, piece by piece, so that it can be stopped."""
    for start in range(0, len(ids), _READ_AT_ONCE):
        generator.feed(ids[start : start + _READ_AT_ONCE], again=True)
        if len(ids) > _READ_AT_ONCE:
            yield SideReading(side, min(len(ids), start + _READ_AT_ONCE), len(ids))
