"""Two ways to go on, beside a conversation that knows nothing of them until one is taken over."""

import dataclasses
from collections.abc import Callable

import pytest

from rnntui.chat_events import SideBegun, SideEnded, SideRefused, SideSaid
from rnntui.errors import InputError
from rnntui.events import BranchMoved, ChatEvent
from rnntui.service.chat.chat import Chat
from rnntui.service.compare.chat_comparison import HERE, Start
from rnntui.service.compare.variants import LONGEST, Variant, parse_variant
from rnntui.service.compare.voices import settings_of_side
from rnntui.service.export.conversation_file import collect_conversation
from rnntui.service.export.replay import Verdict, replay
from rnntui.service.services import Services
from rnntui.settings import SamplerSettings
from tests.small_models import save_small_model

SAMPLER = SamplerSettings(max_words=8, stop="words", seed=11)
SAME = Variant("temperature", SAMPLER.temperature)
COOL = Variant("temperature", 0.4)
FORGOTTEN = Variant("memory", "forgotten")
OTHER = Variant("model", "other")


@pytest.fixture
def chat(services: Services) -> Chat:
    """A conversation with a prompt and a reply; a model "other" with another vocabulary is there, too."""
    save_small_model(services.library, name="other", cell="gru", seed=5, is_typographic=True)
    chat = services.new_chat("small")
    chat.set_sampler(SAMPLER)
    list(chat.send("The cat saw"))
    return chat


def sides(events: list[ChatEvent]) -> tuple[str, str]:
    """What both have said."""
    said = [event for event in events if isinstance(event, SideSaid)]
    return tuple("".join(event.piece for event in said if event.side == side) for side in (0, 1))  # type: ignore[return-value]


def tokens_of(events: list[ChatEvent], side: int) -> tuple[int, ...]:
    return tuple(event.token_id for event in events if isinstance(event, SideSaid) and event.side == side)


def standing(chat: Chat) -> tuple[object, ...]:
    """All that a comparison must leave as it is."""
    facts = chat.facts
    assert facts.present is not None
    memory = facts.present
    return (
        *(facts.turns, facts.whole_turns, facts.head, facts.history, facts.card, facts.session),
        *(memory.state.to_bytes(), memory.position, memory.recent, memory.is_read, chat.sampler, chat.seed),
    )


def test_with_the_same_settings_both_sides_say_the_same_to_the_last_word_and_so_does_the_conversation(
    chat: Chat,
) -> None:
    events = list(chat.comparison.write(SAME))
    one, other = sides(events)
    assert one == other != ""
    ended = [event for event in events if isinstance(event, SideEnded)]
    assert [event.words for event in ended] == [8, 8]
    list(chat.send(""))
    assert chat.facts.turns[-1].text == one
    assert chat.facts.bits_per_word(chat.facts.turns[-1]) == pytest.approx(ended[0].bits_per_word)


def test_both_have_the_seed_of_what_the_conversation_says_next_unless_that_is_what_differs(chat: Chat) -> None:
    begun = [event for event in chat.comparison.write(COOL) if isinstance(event, SideBegun)]
    assert [event.seed for event in begun] == [chat.seed, chat.seed]
    begun = [event for event in chat.comparison.write(COOL, seed=99) if isinstance(event, SideBegun)]
    assert [event.seed for event in begun] == [99, 99]
    events = list(chat.comparison.write(Variant("seed", 12)))
    assert [event.seed for event in events if isinstance(event, SideBegun)] == [11, 12]
    assert len(set(sides(events))) == 2


@pytest.mark.parametrize("variant", [COOL, FORGOTTEN, OTHER, Variant("seed", 5), Variant("style", "careful")], ids=str)
def test_the_conversation_stays_as_it_is_while_both_write_and_after_a_stop_half_way(
    chat: Chat, variant: Variant
) -> None:
    before = standing(chat)
    list(chat.comparison.write(variant))
    assert standing(chat) == before
    events = chat.comparison.write(variant, Start(chat.facts.turns[-1].turn_id, 3, "a mouse"))
    for event in events:
        if isinstance(event, SideSaid) and event.words == 2:
            break
    events.close()  # type: ignore[attr-defined]
    assert standing(chat) == before


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize(
    ("variant", "roles"),
    [
        (COOL, ["network"]),
        (Variant("seed", 5), ["network"]),
        (Variant("drafts", 3), ["network"]),
        (FORGOTTEN, ["forget", "network"]),
        (OTHER, ["switch", "network"]),
    ],
    ids=lambda value: str(value),
)
def test_what_is_taken_over_goes_on_exactly_as_its_side_would_have_gone_on(
    services: Services, chat: Chat, variant: Variant, roles: list[str], side: int
) -> None:
    """Two words are taken; what comes then is what the side has said after them, and all of it can be said again."""
    chat.set_sampler(dataclasses.replace(SAMPLER, stop="words", max_words=10))
    before, start = standing(chat), len(chat.facts.turns)
    events = list(chat.comparison.write(variant))
    whole = tokens_of(events, side)
    *_, moved = chat.comparison.take(side, 4)
    assert isinstance(moved, BranchMoved)
    assert moved.reason == "taken"
    assert [turn.role for turn in chat.facts.turns[start:]] == (roles if side else ["network"])
    assert chat.facts.turns[-1].token_ids == whole[:4]
    if variant.what != "drafts":  # where it thinks first, a rest is thought anew
        list(chat.send(""))
        assert chat.facts.turns[-1].token_ids[: len(whole) - 4] == whole[4:]
    check_replay(services, chat)
    while standing(chat)[2] != before[2]:
        list(chat.undo())
    changed = len(before) - 2, len(before) - 1
    assert [part for at, part in enumerate(standing(chat)) if at not in (3, 5, *changed)] == [
        part for at, part in enumerate(before) if at not in (3, 5, *changed)
    ]


def check_replay(services: Services, chat: Chat) -> None:
    sessions = services.conversations
    whole = collect_conversation(sessions, services.library, sessions.session(chat.session.session_id))
    *_, verdict = replay(services.library, whole)
    assert isinstance(verdict, Verdict)
    assert verdict.is_identical


def test_a_side_that_began_inside_a_reply_is_a_version_of_it(services: Services, chat: Chat) -> None:
    reply = chat.facts.turns[-1]
    events = list(chat.comparison.write(COOL, Start(reply.turn_id, 3)))
    list(chat.comparison.take(1, 2))
    taken = chat.facts.turns[-1]
    assert chat.facts.siblings(taken.turn_id) == (reply.turn_id, taken.turn_id)
    assert taken.token_ids == reply.token_ids[:3] + tokens_of(events, 1)[:2]
    list(chat.undo())
    assert chat.facts.turns[-1] == reply
    list(chat.redo())
    assert chat.facts.turns[-1] == taken
    check_replay(services, chat)


def test_all_of_a_reply_can_be_written_otherwise(chat: Chat) -> None:
    """A begins with the dice of the reply that is there: with the same settings it is that reply again."""
    reply = chat.facts.turns[-1]
    events = list(chat.comparison.write(COOL, Start(reply.turn_id)))
    assert tokens_of(events, 0) == reply.token_ids
    with pytest.raises(InputError, match="stands there, word for word"):
        list(chat.comparison.take(0, len(reply.token_ids)))
    list(chat.comparison.take(1, len(tokens_of(events, 1))))
    assert [turn.role for turn in chat.facts.turns] == ["person", "network"]
    assert chat.facts.siblings(reply.turn_id)[0] == reply.turn_id


@pytest.mark.parametrize("variant", [COOL, FORGOTTEN, OTHER], ids=str)
def test_a_prompt_is_read_by_both_and_is_a_turn_only_when_one_is_taken(
    services: Services, chat: Chat, variant: Variant
) -> None:
    chat.set_join("paragraph")  # nothing is joined to a memory that is empty
    before = standing(chat)
    events = list(chat.comparison.write(variant, Start(prompt="“Who are you?”")))
    assert standing(chat) == before
    list(chat.comparison.take(1, len(tokens_of(events, 1))))
    *_, prompt, reply = chat.facts.turns
    assert (prompt.role, prompt.text.strip()) == ("person", "“Who are you?”")
    assert reply.token_ids == tokens_of(events, 1)
    assert reply.text == sides(events)[1]
    check_replay(services, chat)


@pytest.mark.parametrize("is_locked", [True, False])
def test_what_was_different_in_the_taken_side_is_set_from_then_on(chat: Chat, is_locked: bool) -> None:
    chat.set_sampler(dataclasses.replace(SAMPLER, seed=11 if is_locked else None))
    list(chat.comparison.write(COOL))
    list(chat.comparison.take(0, 1))
    assert chat.sampler.temperature == SAMPLER.temperature
    list(chat.comparison.write(COOL, seed=77))
    list(chat.comparison.take(1, 1))
    assert chat.sampler == dataclasses.replace(SAMPLER, temperature=0.4, seed=77 if is_locked else None)
    assert chat.seed == 77


def test_another_model_reads_the_conversation_first_and_says_how_many_words(chat: Chat) -> None:
    begun = [event for event in chat.comparison.write(OTHER) if isinstance(event, SideBegun)]
    assert [(event.model, event.words_read) for event in begun] == [("small", 0), ("other", chat.facts.word_count)]
    list(chat.forget())
    begun = [event for event in chat.comparison.write(OTHER) if isinstance(event, SideBegun)]
    assert begun[1].words_read == 0


@pytest.mark.parametrize("model", ["small", "nobody"])
def test_a_side_that_cannot_write_is_refused_alone(chat: Chat, model: str) -> None:
    events = list(chat.comparison.write(Variant("model", model)))
    assert [event.side for event in events if isinstance(event, SideRefused)] == [1]
    assert [event.side for event in events if isinstance(event, SideEnded)] == [0]
    with pytest.raises(InputError, match="has said nothing"):
        list(chat.comparison.take(1, 1))
    list(chat.comparison.take(0, 2))


NOTHING_TO_TAKE: list[Callable[[Chat], object]] = [
    lambda chat: None,
    lambda chat: (list(chat.comparison.write(COOL)), list(chat.undo())),
    lambda chat: (list(chat.comparison.write(COOL)), list(chat.comparison.take(0, 1))),
]


@pytest.mark.parametrize("what_was_done", NOTHING_TO_TAKE)
def test_nothing_is_taken_where_the_conversation_stands_elsewhere(
    chat: Chat, what_was_done: Callable[[Chat], object]
) -> None:
    what_was_done(chat)
    before = chat.facts.turns
    with pytest.raises(InputError, match="stands elsewhere"):
        list(chat.comparison.take(0, 1))
    assert chat.facts.turns == before


def test_a_conversation_without_words_can_be_compared_and_is_stored_only_when_one_is_taken(services: Services) -> None:
    chat = services.new_chat("small")
    chat.set_sampler(SAMPLER)
    events = list(chat.comparison.write(parse_variant("temperature=0.2"), HERE))
    assert services.sessions() == []
    list(chat.comparison.take(1, 5))
    assert chat.facts.turns[-1].token_ids == tokens_of(events, 1)[:5]
    assert len(services.sessions()) == 1


def test_a_word_of_each_comes_in_turn_as_long_as_both_write(chat: Chat) -> None:
    said = [event.side for event in chat.comparison.write(COOL) if isinstance(event, SideSaid)]
    shorter = 2 * min(said.count(0), said.count(1))
    assert said[:shorter] == [0, 1] * (shorter // 2)


def test_no_side_is_longer_than_can_be_remembered_word_by_word() -> None:
    settings = settings_of_side(SamplerSettings(max_words=50_000), 3)
    assert (settings.max_words, settings.seed) == (LONGEST, 3)
    assert settings_of_side(SamplerSettings(max_words=7), 3).max_words == 7
