"""Move a conversation to another place or to another model, with the memory that belongs there.

Every function yields events. The memory of the place comes first, then what is visible, then what is stored.
"""

from collections.abc import Iterator
from dataclasses import replace

from rnntui.events import BranchMoved, ChatEvent, ModelSwitched, StateRebuilt
from rnntui.records import Head, History, ModelCard, Turn
from rnntui.service.chat.exchange import complete_head, read
from rnntui.service.chat.place import Place
from rnntui.service.chat.speaker import Speaker
from rnntui.service.chat.undo import push


def load(place: Place, speaker: Speaker) -> Iterator[ChatEvent]:
    """Load the model and put the memory of the conversation in place.

    A model that did not speak last reads the transcript once, which needs nothing of the one before it.

    Raises:
        ModelFileError: If the model is missing or damaged.
    """
    turns, card = place.branch.turns, speaker.card
    if turns and turns[-1].model_id != card.model_id:
        yield from switch(place, speaker, card)
        return
    yield from speaker.load(card)
    before = speaker.models.tokens_reread
    is_unread = bool(turns) and turns[-1].role == "person" and not turns[-1].logprobs
    generator = speaker.models.get(card.model_id)
    source = speaker.states.restore(generator, card.model_id, turns[:-1] if is_unread else turns)
    speaker.take_over(card)
    yield StateRebuilt(source, generator.memory.position, speaker.models.tokens_reread - before)
    if is_unread:  # a crash came between storing the prompt and reading it
        yield from read(place, speaker, turns[-1], 0, (Head(turns[-1].parent_id), place.branch.history))


def ensure_loaded(place: Place, speaker: Speaker, turn: Turn | None = None) -> Iterator[ChatEvent]:
    """Load who speaks, and who read or wrote a turn, unless they are loaded."""
    if not speaker.is_loaded:
        yield from load(place, speaker)
    if turn and turn.model_id != speaker.card.model_id:
        yield from speaker.load(speaker.models.card(turn.model_id))


def switch(place: Place, speaker: Speaker, card: ModelCard) -> Iterator[ChatEvent]:
    """Let another model go on; it reads once what was said since the memory was last empty.

    Raises:
        ModelFileError: If it is missing or damaged; the old one goes on then.
    """
    yield from complete_head(place, speaker)
    yield from speaker.models.load(card)
    generator = speaker.models.get(card.model_id)
    tokens = speaker.states.take_over(generator, place.branch.turns)
    with speaker.taking_over(card):
        turn_id = _store_switch(place, speaker, tokens)
    yield ModelSwitched(turn_id, card.model_id, card.name, tokens, generator.memory.position)


def _store_switch(place: Place, speaker: Speaker, tokens: int) -> int:
    """The mark of a switch, with how much was read; 0 where there is nothing to be read, so that nothing is marked."""
    model_id = speaker.card.model_id
    if place.branch.turns or place.root:
        mark = replace(place.new_turn("switch", model_id), words=tokens)
        return place.store(mark, snapshot=speaker.snapshot()).turn_id
    place.set_model(model_id)
    return 0


def go_to(place: Place, speaker: Speaker, turn_id: int, kept: int | None, reason: str) -> Iterator[ChatEvent]:
    """Stand after the first `kept` tokens of a turn; None is after all of them.

    Raises:
        InputError: If there is no such turn or word.
    """
    turn = place.branch.turn(turn_id)
    yield from ensure_loaded(place, speaker, turn)
    head, history = speaker.head_after(turn, kept), push(place.branch.history, place.branch.head)
    yield from move(place, speaker, head, history, reason, (turn,))


def move(
    place: Place,
    speaker: Speaker,
    head: Head,
    history: History,
    reason: str,
    left: tuple[Turn, ...] | None = None,
) -> Iterator[ChatEvent]:
    """Show another branch with its memory, then store where the conversation stands.

    Args:
        place: Changes.
        speaker: Remembers what belongs there afterwards.
        head: The new one.
        history: The undo list that belongs to it.
        reason: See `BranchMoved`.
        left: Before the first turn, the model of what is left behind speaks; None leaves what is visible.
    """
    yield from ensure_loaded(place, speaker)
    turns, before = place.branch.path_to(head), place.branch.turns
    card = speaker.card_after(turns or (left or before)[:1])
    yield from speaker.load(card)
    reread = speaker.models.tokens_reread
    speaker.restore(card.model_id, turns)
    speaker.take_over(card)
    place.fresh_turn_id = 0
    unchanged = place.branch.show(head, history)
    prompts = [turn.text.strip() for turn in before[unchanged:] if turn.role == "person"]
    try:
        yield BranchMoved(
            reason,
            unchanged,
            turns[-1].turn_id if turns else 0,
            speaker.generator.memory.position,
            speaker.models.tokens_reread - reread,
            prompts[0] if prompts and reason == "undo" else "",
        )
    finally:  # shown first, stored right after: a head is not worth a wait
        place.store_head(card.model_id, speaker.snapshot())
