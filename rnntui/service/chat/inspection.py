"""Look at a conversation without moving it: what was expected at a place, other drafts, what may come next.

Everything yields events and leaves the memory of the models that are asked as it was.
"""

import contextlib
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from rnntui.errors import InputError
from rnntui.events import ChatEvent, DraftsLooked, UnitFollowed, WordLooked, WordsSuggested
from rnntui.records import SamplerSpan, Turn
from rnntui.service.chat.autocomplete import complete
from rnntui.service.chat.exchange import ALTERNATIVES
from rnntui.service.chat.facts import publishes
from rnntui.service.chat.navigation import ensure_loaded
from rnntui.service.chat.next_token import AS_READ, NextTokenInspector, follow_unit
from rnntui.service.chat.place import Place
from rnntui.service.chat.speaker import Speaker
from rnntui.settings import SamplerSettings

if TYPE_CHECKING:
    from rnntui.lm.generator import Generator

FOLLOWED_TOKENS = 600
"""So many of the newest tokens are read again to follow a unit."""


class Inspection:
    """What the networks of one conversation expect, or expected, at any place of it.

    Args:
        place: Where it stands; not moved.
        speaker: Who is asked; its memory is as before afterwards.
        publish: Lets other threads see what was loaded for it.
    """

    def __init__(self, place: Place, speaker: Speaker, publish: Callable[[], None]) -> None:
        self.publish = publish
        self._place = place
        self._speaker = speaker
        self._next_token = NextTokenInspector()

    @publishes
    def inspect(self, turn_id: int = 0, index: int = 0, begins: str = "") -> Iterator[ChatEvent]:
        """What the network expected in the place of one token of a turn.

        Args:
            turn_id: The turn; 0 is the place after everything, with the settings as they are now.
            index: Which of its tokens; their number is the place after the last one.
            begins: List only words that begin like this; empty lists the likeliest.

        Raises:
            InputError: If there is no such turn or token, or the turn is only a mark.
        """
        if turn_id == 0:
            yield from ensure_loaded(self._place, self._speaker)
            yield self._inspect_with(self._speaker.generator, None, 0, begins)
            return
        turn = self._place.turn_with_words(turn_id)
        yield from ensure_loaded(self._place, self._speaker, turn)
        with self._before(turn, index) as generator:
            inspected = self._inspect_with(generator, turn, index, begins)
        yield inspected

    @publishes
    def list_drafts(self, turn_id: int, index: int) -> Iterator[ChatEvent]:
        """All drafts of the sentence in which a token of a reply stands, sampled once more.

        Raises:
            InputError: If there is no such token, or there was only one draft.
        """
        from rnntui.lm.drafts import think

        turn, span = find_span(self._place, turn_id, index)
        settings, seed = settings_of(span)
        yield from ensure_loaded(self._place, self._speaker, turn)
        with self._before(turn, span.start) as generator:
            memory = generator.memory  # a value: sampling from it moves nothing
        drafts = yield from think(generator, memory, settings, seed)
        yield DraftsLooked(turn_id, span.start, span.draft, tuple(draft.as_event(generator) for draft in drafts))

    @publishes
    def suggest(self, text: str) -> Iterator[ChatEvent]:
        """How a text that is still being typed may go on, and which of its words are new."""
        yield from ensure_loaded(self._place, self._speaker)
        generator = self._speaker.generator
        tokenizer, suggestion, reading = generator.tokenizer, "", generator.reader.read(text)
        read = reading.text
        if read.strip():
            whole = self._place.join_prompt(read, self._place.branch.turns, tokenizer).rstrip()
            suggestion = complete(generator, whole, read[-1].isspace(), self._place.settings.sampler)
        yield WordsSuggested(text, suggestion, _as_typed(tokenizer.spelled_words(read), text))

    @publishes
    def follow_unit(self, unit: int) -> Iterator[ChatEvent]:
        """The value of one unit of the memory after each of the newest tokens, the newest turn first.

        Raises:
            InputError: If there is no such unit.
        """
        yield from ensure_loaded(self._place, self._speaker)
        left, count = FOLLOWED_TOKENS, len(self._speaker.generator.memory.state.top_units())
        if not 0 <= unit < count:
            raise InputError(f"There is no unit {unit}.", f"Choose a number from 0 to {count - 1}.")
        for turn in reversed(self._place.branch.turns):
            if left <= 0 or turn.model_id != self._speaker.card.model_id:
                return
            if turn.token_ids:
                left -= len(turn.token_ids)
                with self._before(turn, 0) as generator:
                    values = follow_unit(generator, turn.token_ids, unit)
                yield UnitFollowed(turn.turn_id, unit, values)

    def _before(self, turn: Turn, index: int) -> "contextlib.AbstractContextManager[Generator]":
        """Inside, the model of a turn remembers what is before one of its tokens."""
        turns = self._place.branch.path_to(self._speaker.head_after(turn, index))
        return self._speaker.remembering(turn.model_id, turns)

    def _inspect_with(self, generator: "Generator", turn: Turn | None, index: int, begins: str) -> WordLooked:
        """At the place where the generator's memory stands; the turn says what stands there."""
        token = turn.token_ids[index] if turn and index < len(turn.token_ids) else None
        sampler = self._place.settings.sampler
        scored_with = (turn.sampler or AS_READ) if turn else sampler
        found = self._next_token.inspect(generator, sampler, scored_with, ALTERNATIVES, token, begins)
        return WordLooked(
            turn.turn_id if turn else 0,
            index,
            generator.memory.position + 1,
            "" if token is None else generator.tokenizer.piece(token),
            found.logprob,
            found.rank,
            found.entropy_bits,
            found.alternatives,
            generator.memory.state.top_units(),
            found.shares,
            begins,
            found.drawable_bits,
        )


def find_span(place: Place, turn_id: int, index: int) -> tuple[Turn, SamplerSpan]:
    """A reply, and how the sentence was sampled in which one of its tokens stands.

    Raises:
        InputError: If there is no such token, or there was only one draft.
    """
    turn = place.turn_with_words(turn_id)
    if not 0 <= index < len(turn.token_ids):
        raise InputError(f"That turn has no word {index + 1}.", f"It has {len(turn.token_ids)} of them.")
    span = next((span for span in reversed(turn.draws) if span.start <= index), None)
    if span is None or span.sampler is None or span.sampler.drafts == 1:
        raise InputError("There was no other draft of this.", "/drafts 4 lets it think before it speaks.")
    return turn, span


def settings_of(span: SamplerSpan) -> tuple[SamplerSettings, int]:
    """The settings and the seed of what was sampled.

    Raises:
        InputError: If the seed is not known.
    """
    if span.sampler is None or span.sampler.seed is None:
        raise InputError("The dice of this sentence are not known.", "Retry the reply to have it drawn anew.")
    return span.sampler, span.sampler.seed


def _as_typed(words: Sequence[str], text: str) -> tuple[str, ...]:
    """Words as they stand in a text that was typed, perhaps with the quotes of a typewriter or in another case."""
    from rnntui.lm.text.typography import straighten_quotes

    plain = straighten_quotes(text)
    places = [re.search(re.escape(straighten_quotes(word)), plain, re.I) for word in words]
    return tuple(text[found.start() : found.end()] for found in places if found)
