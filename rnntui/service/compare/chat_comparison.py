"""Two ways to go on from one place of a conversation, written side by side; one of them can be taken over.

Both sides have a memory of their own: the conversation is as it was until one is taken. What is taken is stored as if
it had been said there at once: as a version of the reply it begins in, or as a new one, with the mark of a forgotten
memory or of another model before it where that is what was different.
"""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Generator as Steps
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rnntui.chat_events import ComparisonEvent, SideBegun, SideRefused
from rnntui.errors import InputError, RnntuiError
from rnntui.events import BranchMoved, ChatEvent
from rnntui.records import Head, ModelCard, Turn
from rnntui.service.chat import exchange, navigation
from rnntui.service.chat.facts import count_words, end_of, publishes
from rnntui.service.chat.place import Place
from rnntui.service.chat.speaker import Speaker
from rnntui.service.chat.state_restore import ids_in_terms
from rnntui.service.compare.variants import MEMORY, MODEL, Variant
from rnntui.service.compare.voices import Voice, read_aloud, settings_of_side, write_together
from rnntui.service.model_loader import use_one_thread
from rnntui.settings import SamplerSettings

if TYPE_CHECKING:
    from rnntui.lm.drafts import SpokenToken
    from rnntui.lm.generator import Generator, GeneratorState


@dataclass(frozen=True, slots=True)
class Start:
    """Where both sides begin."""

    turn_id: int = 0
    """After words of this turn; 0 is where the conversation stands."""
    kept: int = 0
    """After so many tokens of it; none of a reply stands before all of it."""
    prompt: str = ""
    """What a person has typed and both read first; empty for nothing."""


HERE = Start()
"""Where the conversation stands."""


@dataclass(frozen=True, slots=True)
class _Ground:
    """What both sides stand on."""

    turns: tuple[Turn, ...]
    """What was said before."""
    memory: "GeneratorState"
    """Of the one who speaks there."""
    generator: "Generator"
    card: ModelCard
    """Of the same one."""
    settings: SamplerSettings
    """How A samples, the seed included."""
    prompt: str


@dataclass(frozen=True, slots=True)
class _Begun:
    """A comparison, for whoever takes one side over."""

    start: Start
    variant: Variant
    head: Head
    """Where the conversation stood."""
    voices: tuple[Voice, ...]


class ChatComparison:
    """The comparisons of one conversation; a side of the newest can be taken over.

    Args:
        place: Where the conversation stands; moved only by `take`.
        speaker: Who speaks in it; its memory is changed only by `take`.
        publish: Lets other threads see what was taken, and what was loaded for it.
    """

    def __init__(self, place: Place, speaker: Speaker, publish: Callable[[], None]) -> None:
        self.publish = publish
        self._place = place
        self._speaker = speaker
        self._begun: _Begun | None = None

    # ---- writing ----

    @publishes
    def write(self, variant: Variant, start: Start = HERE, seed: int | None = None) -> Iterator[ChatEvent]:
        """Write both sides, a word of each in turn: A as the conversation is set, B with one thing changed.

        Closing the iterator stops both; what was yielded can be taken over. When B cannot write, A does all the same.

        Args:
            variant: What is different in B.
            start: Where they begin.
            seed: Of both, unless that is what differs; None takes that of what the conversation says next.

        Raises:
            InputError: If there is no such turn or word.
            ModelFileError: If the model of the conversation is damaged.
        """
        self._begun = None
        place, speaker = self._place, self._speaker
        turn = place.turn_with_words(start.turn_id) if start.turn_id else None
        yield from navigation.ensure_loaded(place, speaker, turn)
        use_one_thread()
        settings = settings_of_side(place.settings.sampler, place.seed if seed is None else seed)
        ground = self._ground(turn, start, settings)
        voices = [(yield from self._begin(0, ground, ground.generator.beside(ground.memory)))]
        try:
            voices.append((yield from self._begin_other(variant, ground)))
        except RnntuiError as problem:
            yield SideRefused(1, problem.sentence, problem.next_step)
        self._begun = _Begun(start, variant, place.branch.head, tuple(voices))
        yield from write_together(voices)

    def _ground(self, turn: Turn | None, start: Start, settings: SamplerSettings) -> _Ground:
        place, speaker = self._place, self._speaker
        if turn is None:
            generator = speaker.generator
            return _Ground(place.branch.turns, generator.memory, generator, speaker.card, settings, start.prompt)
        turns = place.branch.path_to(speaker.head_after(turn, start.kept))
        with speaker.remembering(turn.model_id, turns) as generator:
            memory = generator.memory
        return _Ground(turns, memory, generator, speaker.models.card(turn.model_id), settings, start.prompt)

    def _begin_other(self, variant: Variant, ground: _Ground) -> "Steps[ChatEvent, None, Voice]":
        """B, at the same place."""
        ground = replace(ground, settings=variant.sampler(ground.settings))
        if variant.what != MODEL:
            twin = ground.generator.beside(ground.memory)
            return (yield from self._begin(1, ground, twin, is_forgotten=variant.what == MEMORY))
        card = self._speaker.models.find(str(variant.value))
        if card.model_id == ground.card.model_id:
            raise InputError("This model is the one of A.", "Choose another one.")
        yield from self._speaker.load(card)
        generator = self._speaker.models.get(card.model_id)
        twin = generator.beside(generator.state_from(generator.model.zero_state(), 0, ()))
        words = yield from _read_transcript(twin, ground.turns)
        return (yield from self._begin(1, replace(ground, card=card), twin, words))

    def _begin(
        self, side: int, ground: _Ground, twin: "Generator", words_read: int = 0, *, is_forgotten: bool = False
    ) -> "Steps[ChatEvent, None, Voice]":
        """Let a network that remembers what was said before read the prompt, if there is one."""
        if is_forgotten:
            twin.reset()
        if ground.prompt.strip():
            before = "" if is_forgotten else self._place.text_in_memory(ground.turns)
            yield from read_aloud(side, twin, twin.tokenizer.encode(self._joined(twin, ground.prompt, before)))
        voice = Voice(side, ground.card, twin, ground.settings)
        yield SideBegun(side, ground.card.name, voice.seed, words_read)
        return voice

    def _joined(self, generator: "Generator", prompt: str, before: str) -> str:
        """A prompt as it is read after such a text."""
        from rnntui.lm.generator import join_turn

        return join_turn(before, generator.reader.in_terms(prompt), self._place.settings.join, generator.tokenizer)

    # ---- taking over ----

    @publishes
    def take(self, side: int, tokens: int) -> Iterator[ChatEvent]:
        """Say in the conversation what one side has said; it goes on as that side would have gone on.

        What was different in B is set from now on: its temperature, its seed, its model.

        Args:
            side: 0 for A, 1 for B.
            tokens: So many of its tokens, those that were shown; at least one.

        Raises:
            InputError: If that side has said nothing, or the conversation stands elsewhere since.
            StorageError: If it cannot be stored.
        """
        place, speaker = self._place, self._speaker
        begun, voice = self._taken(side)
        said = voice.said[:tokens]
        if not said:
            raise InputError("This side has said nothing yet.", "Wait for its first word.")
        self._refuse_what_stands_there(begun, said)
        place.mark_step()
        yield from self._prepare(begun, voice)
        sampler, is_locked = place.settings.sampler, place.settings.sampler.seed is not None
        beginning = yield from exchange.begin_here(place, speaker)
        fresh = begun.variant.sampler(sampler) if side else sampler
        place.settings.sampler = replace(fresh, seed=voice.seed if is_locked else None)
        try:
            turn = exchange.record(place, speaker, beginning, said)
        except BaseException:
            place.settings.sampler = sampler
            raise
        self._begun = None
        position = speaker.generator.memory.position
        yield BranchMoved("taken", len(place.branch.turns) - 1, turn.turn_id, position, 0, "")

    def _taken(self, side: int) -> tuple[_Begun, Voice]:
        begun = self._begun
        if begun is None or begun.head != self._place.branch.head:
            raise InputError("The conversation stands elsewhere by now.", "Compare once more.")
        voice = next((voice for voice in begun.voices if voice.side == side), None)
        if voice is None:
            raise InputError("This side has said nothing.", "Take the other one.")
        return begun, voice

    def _refuse_what_stands_there(self, begun: _Begun, said: "Sequence[SpokenToken]") -> None:
        """The dice of a reply say it once more where nothing differs: another version would be the same."""
        start = begun.start
        if not start.turn_id or start.prompt.strip() or not begun.variant.is_sampling:
            return
        rest = self._place.branch.turn(start.turn_id).token_ids[start.kept :]
        if rest == tuple(token.step.token_id for token in said):
            raise InputError("This is what stands there, word for word.", "Take the other side, or compare once more.")

    def _prepare(self, begun: _Begun, voice: Voice) -> Iterator[ChatEvent]:
        """Stand where the comparison began, with the memory with which a side began."""
        place, speaker, start = self._place, self._speaker, begun.start
        if start.turn_id:
            yield from navigation.go_to(place, speaker, start.turn_id, start.kept, "retry")
        if voice.side and begun.variant.what == MODEL:
            yield from navigation.switch(place, speaker, voice.card)
        if voice.side and begun.variant.what == MEMORY:
            yield from exchange.forget(place, speaker)
        if not start.prompt.strip():
            return
        yield from exchange.complete_head(place, speaker)
        before, generator = (place.branch.head, place.branch.history), speaker.generator
        text = self._joined(generator, start.prompt, place.text_in_memory(place.branch.turns))
        reading = generator.reader.read(start.prompt)
        ids = tuple(generator.tokenizer.encode(text))
        turn = place.new_turn("person", speaker.card.model_id, text, ids)
        yield from exchange.read(place, speaker, place.store(turn), 0, before, reading)


def _read_transcript(generator: "Generator", turns: tuple[Turn, ...]) -> "Steps[ComparisonEvent, None, int]":
    """Let B's own model read what was said since the memory was last empty; returns how many words that was."""
    ids = ids_in_terms(generator, turns)
    yield from read_aloud(1, generator, ids)
    generator.memory = replace(generator.memory, position=end_of(turns[-1]) if turns else 0)
    return count_words(generator.tokenizer, ids)
