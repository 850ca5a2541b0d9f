"""Read what a person wrote, write a reply, and end a turn: at the place where a conversation stands.

Each function yields events as it goes and leaves text and memory whole wherever it is stopped.
"""

from collections.abc import Generator as Steps
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rnntui.chat_events import PromptReading
from rnntui.events import (
    BranchMoved,
    ChatEvent,
    DraftsJudged,
    Forgotten,
    PromptRead,
    PromptScored,
    ReplyBegun,
    Thinking,
    TurnFinished,
    TurnStored,
    WordForced,
    WordSampled,
)
from rnntui.records import Head, History, Snapshot, Turn
from rnntui.service.chat.facts import end_of, surprise
from rnntui.service.chat.place import Place
from rnntui.service.chat.reply_writer import ReplyWriter
from rnntui.service.chat.speaker import Speaker
from rnntui.service.chat.state_restore import snapshots_every
from rnntui.settings import SamplerSettings

if TYPE_CHECKING:
    from rnntui.lm.drafts import SpokenToken
    from rnntui.lm.generator import Generator, GeneratorState

ALTERNATIVES = 16
"""How many likely words are listed with each generated one."""
_READ_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a reply begins with."""

    turn: Turn
    """Not stored yet; what it holds already was said before."""
    like: int = 0
    """A turn that begins with the same tokens; 0 for none."""
    chosen: tuple[int, ...] = ()
    """Tokens that a person chose to come next."""
    draft: tuple[SamplerSettings, int] | None = None
    """The settings and the number of a draft that is said before anything else is thought of."""


def store_beside(place: Place, speaker: Speaker, turn: Turn, like: int, snapshot: Snapshot | None = None) -> Turn:
    """Store a turn that begins with the same tokens as another one: so do the memories along it; 0 is no other one."""
    stored = place.store(turn, like, snapshot)
    speaker.states.cache.copy(like, stored.turn_id, len(stored.logprobs))
    return stored


def complete_head(place: Place, speaker: Speaker) -> Iterator[ChatEvent]:
    """Before something is said after words in the middle of a turn, these become a turn of their own."""
    if place.branch.head.kept is None:
        return
    visible = place.branch.turns[-1]
    begun = replace(visible, turn_id=0, created_at=place.now())
    snapshot = speaker.snapshot() if speaker.is_loaded else None
    turn = store_beside(place, speaker, begun, visible.turn_id, snapshot)
    yield BranchMoved("rewind", len(place.branch.turns) - 1, turn.turn_id, end_of(turn), 0, "")


def forget(place: Place, speaker: Speaker) -> Iterator[ChatEvent]:
    """Empty the memory, with a mark where it ends.

    Raises:
        StorageError: If the mark cannot be stored; the memory is kept then.
    """
    yield from complete_head(place, speaker)
    generator = speaker.generator
    before = generator.memory
    generator.reset()
    try:
        turn = place.store(place.new_turn("forget", speaker.card.model_id), snapshot=speaker.snapshot())
    except BaseException:
        generator.memory = before
        raise
    yield Forgotten(turn.turn_id, generator.memory.position)


def say_instead(
    place: Place,
    speaker: Speaker,
    old: Turn,
    kept: int,
    text: str,
    ids: tuple[int, ...],
    *,
    goes_on: bool,
    reading: PromptReading | None = None,
) -> Iterator[ChatEvent]:
    """Another turn beside an old one, in its role.

    Args:
        place: Stands after the tokens with which both begin.
        speaker: Remembers them.
        old: The turn that stays beside it.
        kept: How many tokens both begin with.
        text: Of the whole new turn.
        ids: Its tokens.
        goes_on: Whether the network writes on after it.
        reading: As in `read`.
    """
    begun = speaker.new_like(old, kept, place.now())
    if old.role == "network":
        yield from write(place, speaker, Beginning(begun, old.turn_id, ids[kept:]), place.seed, goes_on=goes_on)
        return
    before = place.branch.head, place.branch.history
    fresh = replace(begun, text=text, token_ids=ids, status="complete")
    yield from read(place, speaker, store_beside(place, speaker, fresh, old.turn_id), kept, before, reading)
    if goes_on:
        yield from write(place, speaker, new_reply(place, speaker), place.seed)


def cut(place: Place, speaker: Speaker, kept: int) -> TurnFinished:
    """Take off what the last turn, a reply, has after its first `kept` tokens: it was never shown."""
    *before, turn = place.branch.turns
    shorter = speaker.beginning(turn, kept)
    speaker.restore(speaker.card.model_id, (*before, shorter) if kept else tuple(before))
    speaker.states.cache.drop(turn.turn_id, kept, len(turn.token_ids))
    return finish(place, speaker, shorter, 0.0, "stopped")


def read(
    place: Place,
    speaker: Speaker,
    turn: Turn,
    kept: int,
    before: tuple[Head, History],
    reading: PromptReading | None = None,
) -> Iterator[ChatEvent]:
    """Read the tokens of a stored turn after the first `kept`, each scored before it is read.

    Args:
        place: Stands at the end of the turn.
        speaker: Remembers what is before these tokens.
        turn: Of the person's.
        kept: So many of its tokens were read before.
        before: Where the conversation stands again when the prompt is not read to its end.
        reading: What became of what was typed; None where nobody has typed it now.
    """
    generator = speaker.generator
    tokenizer, ids = generator.tokenizer, turn.token_ids[kept:]
    began, memory = place.clock(), generator.memory
    scores: list[float] = []
    snapshots: list[Snapshot] = []
    try:
        yield TurnStored(turn.turn_id, "person", turn.text)
        for start in range(0, len(ids), _READ_AT_ONCE):
            passed: list[GeneratorState] = []
            first = kept + start + 1
            scores += generator.feed(ids[start : start + _READ_AT_ONCE], passed=passed)
            for number, after in enumerate(passed, first):
                speaker.states.cache.add(turn.turn_id, number, after)
            snapshots += snapshots_every(turn, first, passed)
            if len(ids) > _READ_AT_ONCE:
                yield PromptRead(len(scores), len(ids))
        turn = replace(turn, logprobs=turn.logprobs[:kept] + tuple(scores))
        finished = finish(place, speaker, turn, place.clock() - began, "read", snapshots)
    except BaseException:  # the prompt leaves the branch; it stays in the tree
        generator.memory = memory
        place.branch.show(*before)
        place.store_head(speaker.card.model_id, speaker.snapshot())
        raise
    pieces = tuple(tokenizer.piece(token) for token in turn.token_ids)
    spelled = reading.spelled if reading else generator.reader.spelled(turn.text)
    yield PromptScored(turn.turn_id, pieces, turn.logprobs, spelled, turn.start_position, finished.words, reading)
    yield finished


def go_on(place: Place, speaker: Speaker, seed: int) -> Iterator[ChatEvent]:
    """Let the network write from the head on: in the reply it stands in, else as a turn of its own."""
    beginning = yield from begin_here(place, speaker)
    yield from write(place, speaker, beginning, seed)


def begin_here(place: Place, speaker: Speaker) -> "Steps[ChatEvent, None, Beginning]":
    """What the network goes on with at the head: the words before it of the reply it stands in, else nothing yet."""
    head = place.branch.head
    if head.kept is not None and place.branch.turns[-1].role == "network":
        old = place.branch.turn(place.branch.turns[-1].turn_id)
        return Beginning(speaker.new_like(old, head.kept, place.now()), old.turn_id)
    yield from complete_head(place, speaker)
    return new_reply(place, speaker)


def record(place: Place, speaker: Speaker, beginning: Beginning, said: "Sequence[SpokenToken]") -> Turn:
    """Store a reply that was sampled already, and remember it.

    Args:
        place: Where it was sampled.
        speaker: Remembers what the reply begins with.
        beginning: What it begins with.
        said: What was sampled after that, at least one token.
    """
    last = said[-1]
    began, sampler = place.clock(), said[0].drawn_with
    turn = store_beside(place, speaker, replace(beginning.turn, status="partial", sampler=sampler), beginning.like)
    reply = ReplyWriter(place.sessions, turn, speaker.states.cache, place.clock, speaker.generator.memory)
    for token in said:
        reply.add_sampled(token)
    speaker.generator.memory = reply.memory
    whole = reply.as_turn("complete" if last.reason else "stopped")
    finish(place, speaker, whole, place.clock() - began, reply.reason, reply.take_snapshots())
    return turn


def new_reply(place: Place, speaker: Speaker) -> Beginning:
    """A reply after everything, without words yet."""
    return Beginning(place.new_turn("network", speaker.card.model_id))


def write(
    place: Place, speaker: Speaker, beginning: Beginning, seed: int, *, goes_on: bool = True
) -> Iterator[ChatEvent]:
    """Write a turn from the tokens it begins with on: first the chosen words, then sampled ones.

    Args:
        place: Where it is written.
        speaker: Remembers what the turn begins with.
        beginning: What it begins with.
        seed: Of all that is sampled.
        goes_on: Whether the network writes on after the words that a person chose.
    """
    generator = speaker.generator
    began = place.clock()
    sampler = replace(place.settings.sampler, seed=seed)
    turn = store_beside(place, speaker, replace(beginning.turn, status="partial", sampler=sampler), beginning.like)
    reply = ReplyWriter(place.sessions, turn, speaker.states.cache, place.clock, generator.memory)

    def end(status: str) -> TurnFinished:
        generator.memory = reply.memory  # of the last word that was yielded: the generator may have run ahead
        seconds = place.clock() - began
        return finish(place, speaker, reply.as_turn(status), seconds, reply.reason, reply.take_snapshots())

    try:
        yield ReplyBegun(turn.turn_id, len(beginning.turn.token_ids), seed)
        yield from _say_chosen(generator, reply, beginning.chosen)
        if goes_on:
            yield from _sample(place, generator, reply, seed, beginning.draft)
    except GeneratorExit:
        end("stopped")
        raise
    except BaseException:
        end("interrupted")
        raise
    yield end("complete" if goes_on else "stopped")


def _say_chosen(generator: "Generator", reply: ReplyWriter, chosen: tuple[int, ...]) -> Iterator[WordForced]:
    """Say the tokens that a person chose, each scored before it is read."""
    for token in chosen:
        (score,) = generator.feed((token,))
        memory, piece = generator.memory, generator.tokenizer.piece(token)
        reply.add_chosen(token, piece, score, memory)
        yield WordForced(memory.position, token, piece, score, memory.state.top_units())


def _sample(
    place: Place, generator: "Generator", reply: ReplyWriter, seed: int, draft: tuple[SamplerSettings, int] | None
) -> Iterator[WordSampled | Thinking | DraftsJudged]:
    """Sample words until the reply ends; settings that change meanwhile count from the next word on."""
    from rnntui.lm.drafts import SpokenToken, speak

    def settings() -> SamplerSettings:
        return replace(place.settings.sampler, seed=seed)

    for event in speak(generator, settings, seed, ALTERNATIVES, draft):
        if isinstance(event, SpokenToken):
            reply.add_sampled(event)
            yield event.as_event(event.step.memory.state.top_units())
        else:
            yield event
        reply.save_when_due()


def finish(
    place: Place, speaker: Speaker, turn: Turn, seconds: float, reason: str, snapshots: Iterable[Snapshot] = ()
) -> TurnFinished:
    """Store how a turn ended together with the memory after it."""
    turn = replace(turn, words=speaker.count_words(turn))
    place.finish(turn, speaker.snapshot(), snapshots)
    return TurnFinished(
        turn.turn_id,
        turn.role,
        turn.status,
        speaker.generator.memory.position,
        turn.words,
        seconds,
        surprise(turn, turn.words),
        reason,
        turn.sampler.seed if turn.sampler and turn.sampler.seed is not None else place.seed,
    )
