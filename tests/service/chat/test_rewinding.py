"""Undo, redo, rewind, retry, edit, branch, siblings, switches: every word, exactly, and never lost."""

import dataclasses
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from rnntui.errors import InputError, ModelFileError
from rnntui.events import (
    BranchMoved,
    ModelLoaded,
    ModelSwitched,
    ReplyBegun,
    StateRebuilt,
    TurnFinished,
    WordForced,
    WordLooked,
    WordSampled,
)
from rnntui.lm.cells import CELLS
from rnntui.paths import find_paths
from rnntui.records import SavedState, Session
from rnntui.service.chat.chat import Chat
from rnntui.service.services import Services
from tests.service.chat.rewinding import SAMPLER, STEPS, begun
from tests.small_models import TEXT, save_small_model

BEGINNINGS = ("empty", "kept", "blend")


def walk(tmp_path: Path, cell: str, examples: int, length: int) -> None:
    """Many random walks through one data folder, from an empty memory, a kept one and a blend."""
    services = Services(find_paths(tmp_path / "walk"))
    save_small_model(services.library, name="first", cell=cell, layers=2)
    straight = TEXT.translate(str.maketrans("“”", '""'))  # what one has said, the other one reads in its own terms
    save_small_model(services.library, name="second", cell=cell, seed=5, text=straight)
    models = ("first", "second")
    roots = {"empty": None, **memories(services)}

    @settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a failing walk is short enough to read
        report_multiple_bugs=False,
    )
    @example("kept", [("switch", 562, 1351), ("rewind", 8, 1509), ("switch", 6051, 0)])
    @example("blend", [("switch", 1, 1), ("undo", 1, 1), ("switch", 1, 1), ("send", "Mice are small.", 1)])
    @example("blend", [("stop", "“I am", 5), ("branch", 1385, 401), ("reopen", 3199, 9999), ("cut", 163, 176)])
    @given(st.sampled_from(BEGINNINGS), st.lists(STEPS, min_size=1, max_size=length))
    def check(beginning: str, steps: list[tuple[str, object, object]]) -> None:
        at = begun(services, models, lambda: services.new_chat("first", roots[beginning]))
        at.check()
        for step in steps:
            at.take(*step)
        at.check_export()

    check()
    services.close()


def memories(services: Services) -> dict[str, SavedState]:
    """Two kept memories of the first model: one as it is, and both blended."""
    for name, prompt in (("storm", "The cat saw a mouse."), ("calm", "Mice are small.")):
        chat = services.new_chat("first")
        chat.set_sampler(SAMPLER)
        list(chat.send(prompt))
        list(chat.save_memory(name))
    return {"kept": services.memories.find("storm"), "blend": services.interpolate_memories("storm", "calm", 0.3)}


@pytest.mark.parametrize("cell", CELLS)
def test_any_sequence_of_operations_is_exact_and_loses_nothing(
    tmp_path: Path, cell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnntui.service.chat.state_cache.DENSE", 24)
    monkeypatch.setattr("rnntui.service.chat.state_cache.SPARSE", 1)
    walk(tmp_path, cell, examples=15, length=12)


@pytest.mark.nightly
@pytest.mark.parametrize("dense", [24, 2_048])
@pytest.mark.parametrize("cell", CELLS)
def test_a_thousand_longer_walks_are_exact_too(
    tmp_path: Path, cell: str, dense: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnntui.service.chat.state_cache.DENSE", dense)
    walk(tmp_path, cell, examples=500, length=40)


# ---- single behaviours ------------------------------------------------------------------------------------------


def chat_of(services: Services, **changes: object) -> Chat:
    """A loaded conversation that says a fixed number of words."""
    chat = services.new_chat("small")
    chat.set_sampler(dataclasses.replace(SAMPLER, seed=3, **changes))  # type: ignore[arg-type]
    list(chat.load())
    return chat


def texts(chat: Chat) -> list[str]:
    return [turn.text for turn in chat.facts.turns]


def test_undo_takes_back_a_prompt_with_its_reply_and_gives_the_prompt_back(services: Services) -> None:
    chat = chat_of(services)
    assert not chat.facts.can_undo
    list(chat.send("The cat"))
    first = chat.facts.turns
    list(chat.send("Mice are"))
    (moved,) = list(chat.undo())
    assert isinstance(moved, BranchMoved)
    assert (moved.reason, moved.unchanged, moved.prompt, moved.tokens_reread) == ("undo", 2, "Mice are", 0)
    assert chat.facts.turns == first
    list(chat.undo())
    assert chat.facts.turns == ()
    assert not chat.facts.can_undo
    assert not any(chat.facts.memory())
    list(chat.redo())
    assert chat.facts.turns == first


def test_undo_takes_back_a_rewind_and_a_retry_not_only_turns(services: Services) -> None:
    chat = chat_of(services)
    list(chat.send("The cat"))
    list(chat.send("Mice are"))
    everything = chat.facts.turns
    list(chat.rewind(chat.facts.turns[1].turn_id, 2))
    assert len(chat.facts.turns) == 2
    list(chat.undo())
    assert chat.facts.turns == everything
    list(chat.retry())
    assert chat.facts.turns[-1].text != everything[-1].text
    list(chat.undo())
    assert chat.facts.turns == everything


def test_undo_and_redo_survive_a_restart(services: Services) -> None:
    chat = chat_of(services)
    list(chat.send("The cat"))
    list(chat.send("Mice are"))
    everything = chat.facts.turns
    list(chat.undo())
    again = services.open_chat(session_id=chat.session.session_id)
    assert again.facts.can_redo
    list(again.redo())
    assert again.facts.turns == everything
    list(again.undo())
    list(again.undo())
    assert again.facts.turns == ()


def test_without_a_history_undo_takes_one_exchange_at_a_time(services: Services) -> None:
    chat = chat_of(services)
    for prompt in ("The cat", "Mice", ""):
        list(chat.send(prompt))
    list(chat.forget())
    with services._database.transaction() as connection:
        connection.execute("UPDATE sessions SET history = NULL, history_at = NULL")
    again = services.open_chat(session_id=chat.session.session_id)
    lengths = []
    while again.facts.can_undo:
        list(again.undo())
        lengths.append(len(again.facts.turns))
    assert lengths == [5, 4, 2, 0]
    while again.facts.can_redo:
        list(again.redo())
    assert again.facts.turns == chat.facts.turns


def test_new_words_end_what_could_be_redone_but_not_the_branch(services: Services) -> None:
    chat = chat_of(services)
    list(chat.send("The cat"))
    first = chat.facts.turns
    list(chat.undo())
    list(chat.send("Mice"))
    assert not chat.facts.can_redo
    beside = chat.facts.siblings(chat.facts.turns[0].turn_id)
    assert beside == (first[0].turn_id, chat.facts.turns[0].turn_id)
    list(chat.show_sibling(chat.facts.turns[0].turn_id, -1))
    assert chat.facts.turns == first
    with pytest.raises(InputError):
        list(chat.show_sibling(chat.facts.turns[0].turn_id, -1))


def test_a_walk_to_a_sibling_and_back_ends_where_it_began(services: Services) -> None:
    chat = chat_of(services)
    list(chat.send("The cat"))
    list(chat.retry())
    list(chat.send("Mice"))
    list(chat.rewind(chat.facts.turns[2].turn_id))
    before = chat.facts.turns
    list(chat.show_sibling(chat.facts.turns[1].turn_id, -1))
    assert chat.facts.turns != before
    list(chat.show_sibling(chat.facts.turns[1].turn_id, 1))
    assert chat.facts.turns == before


def test_the_same_dice_show_only_what_was_changed(services: Services) -> None:
    chat = chat_of(services, temperature=1.5)
    list(chat.send("The cat"))
    first = chat.facts.turns[-1]
    list(chat.retry(same_seed=True))
    assert chat.facts.turns[-1].token_ids == first.token_ids
    chat.set_sampler(dataclasses.replace(chat.sampler, temperature=0.0))
    list(chat.retry(same_seed=True))
    assert chat.facts.turns[-1].token_ids != first.token_ids
    assert chat.facts.turns[-1].sampler.seed == first.sampler.seed  # type: ignore[union-attr]
    assert len(chat.facts.siblings(chat.facts.turns[-1].turn_id)) == 3


@pytest.mark.parametrize("prompt", ["a catalog", "the mouse saw the cat; " * 9 + "a catalog"])
def test_a_persons_word_may_end_also_after_a_restart(services: Services, prompt: str) -> None:
    """Its tokens begin a longer word of the text; the network would have to finish one that it had begun itself."""
    chat = chat_of(services)
    list(chat.send(prompt))
    first = chat.facts.turns[-1]
    tokenizer = chat._speaker.generator.tokenizer
    assert not tokenizer.is_continuation(first.token_ids[0]), "this seed says something else than the rest of the word"
    again = services.open_chat(session_id=chat.session.session_id)
    list(again.load())
    list(again.retry(same_seed=True))
    assert again.facts.turns[-1].token_ids == first.token_ids


def test_another_model_throws_the_same_dice_at_the_same_places(services: Services) -> None:
    save_small_model(services.library, name="same")
    chat = chat_of(services)
    list(chat.send("The cat"))
    first = chat.facts.turns[-1]
    events = list(chat.retry(same_seed=True, model="same"))
    (switched,) = [event for event in events if isinstance(event, ModelSwitched)]
    assert switched.tokens_read == len(chat.facts.turns[0].token_ids)
    assert [turn.role for turn in chat.facts.turns] == ["person", "switch", "network"]
    assert chat.facts.turns[-1].token_ids == first.token_ids
    assert chat.facts.card.name == "same"
    list(chat.undo())
    assert chat.facts.card.name == "small"
    assert chat.facts.turns[-1] == first


def test_a_branch_says_the_chosen_word_and_goes_on_or_waits(services: Services) -> None:
    chat = chat_of(services)
    list(chat.send("The cat"))
    old = chat.facts.turns[-1]
    events = list(chat.branch(old.turn_id, 3, " mouse", go_on=False))
    assert [event.piece for event in events if isinstance(event, WordForced)] == [" mouse"]
    (begun_event,) = [event for event in events if isinstance(event, ReplyBegun)]
    assert begun_event.kept == 3
    waiting = chat.facts.turns[-1]
    assert waiting.token_ids[:3] == old.token_ids[:3]
    assert waiting.text.endswith(" mouse")
    assert [word.is_sampled for word in chat.facts.tokens(waiting.turn_id)] == [True, True, True, False]
    list(chat.send(""))
    assert [turn.role for turn in chat.facts.turns] == ["person", "network", "network"]
    assert chat.facts.counters.tokens_reread == 0
    list(chat.branch(chat.facts.turns[0].turn_id, 1, " mouse"))
    assert chat.facts.turns[0].text.endswith(" mouse")
    assert [turn.role for turn in chat.facts.turns] == ["person", "network"]
    for word in ("", 10**6):
        with pytest.raises(InputError):
            list(chat.branch(chat.facts.turns[0].turn_id, 0, word))


def test_an_edit_reads_only_what_changed_and_keeps_the_old_turn(services: Services) -> None:
    chat = chat_of(services)
    list(chat.send("The cat saw a mouse."))
    old = chat.facts.turns
    read = chat._speaker.generator.tokens_read
    list(chat.edit(old[0].turn_id, "The cat saw a cat.", go_on=False))
    assert texts(chat) == [old[0].text.replace("mouse", "cat")]
    assert chat._speaker.generator.tokens_read - read == 2
    assert len(chat.facts.turns[0].logprobs) == len(chat.facts.turns[0].token_ids)
    list(chat.show_sibling(chat.facts.turns[0].turn_id, -1))
    assert chat.facts.turns == old
    list(chat.edit(old[1].turn_id, "so said the mouse"))
    lead = old[1].text[: len(old[1].text) - len(old[1].text.lstrip())]
    assert chat.facts.turns[-1].text == lead + "so said the mouse"
    for text in (" ", "so said the mouse"):
        with pytest.raises(InputError):
            list(chat.edit(chat.facts.turns[-1].turn_id, text))


def test_a_rewind_can_be_spoken_on_from(services: Services) -> None:
    chat = chat_of(services)
    list(chat.send("The cat"))
    old = chat.facts.turns[-1]
    list(chat.rewind(old.turn_id, 4))
    assert chat.facts.turns[-1].token_ids == old.token_ids[:4]
    assert old.text.startswith(chat.facts.turns[-1].text)
    list(chat.send("Mice"))
    assert [turn.role for turn in chat.facts.turns] == ["person", "network", "person", "network"]
    assert chat.facts.turns[1].token_ids == old.token_ids[:4]
    assert chat.facts.siblings(chat.facts.turns[1].turn_id) == (old.turn_id, chat.facts.turns[1].turn_id)
    list(chat.rewind(chat.facts.turns[1].turn_id, 2))
    list(chat.send(""))
    assert [turn.role for turn in chat.facts.turns] == ["person", "network"]
    assert chat.facts.turns[1].token_ids[:2] == old.token_ids[:2]
    assert chat.facts.counters.tokens_reread == 0
    for turn_id, kept in ((old.turn_id, 10_000), (old.turn_id, -1), (99_999, 0)):
        with pytest.raises(InputError):
            list(chat.rewind(turn_id, kept))


def test_a_turn_of_another_conversation_cannot_be_reached(services: Services) -> None:
    one, other = chat_of(services), chat_of(services)
    list(one.send("The cat"))
    list(other.send("The cat"))
    with pytest.raises(InputError):
        list(one.rewind(other.facts.turns[0].turn_id))


def test_a_reply_knows_with_which_settings_each_word_was_drawn(services: Services) -> None:
    chat = chat_of(services)
    before = chat.sampler
    events = chat.send("The cat")
    for event in events:
        if isinstance(event, WordSampled) and event.position == chat.facts.turns[-1].start_position + 3:
            chat.set_sampler(dataclasses.replace(chat.sampler, temperature=0.3))
    draws = chat.facts.turns[-1].draws
    assert [draw.start for draw in draws] == [0, 3]
    assert [draw.sampler.temperature for draw in draws if draw.sampler] == [before.temperature, 0.3]
    assert services.conversations.branch(chat.session.session_id)[-1].draws == draws


def test_every_turn_has_its_bits_per_word_stored(services: Services) -> None:
    chat = chat_of(services)
    events = list(chat.send("The cat saw a xyz."))
    finished = [event for event in events if isinstance(event, TurnFinished)]
    stored = services.conversations.branch(chat.session.session_id)
    assert [turn.words for turn in stored] == [event.words for event in finished]
    unloaded = services.open_chat(session_id=chat.session.session_id)
    assert [unloaded.facts.bits_per_word(turn) for turn in unloaded.facts.turns] == [
        event.bits_per_word for event in finished
    ]


def test_looking_at_a_word_moves_nothing(services: Services) -> None:
    chat = chat_of(services)
    list(chat.send("The cat"))
    reply, memory = chat.facts.turns[-1], chat.facts.memory()
    for index in (0, 3, len(reply.token_ids)):
        (looked,) = list(chat.inspection.inspect(reply.turn_id, index))
        assert isinstance(looked, WordLooked)
        assert looked.position == reply.start_position + index + 1
        if index < len(reply.token_ids):
            assert looked.logprob == reply.logprobs[index]
            assert looked.rank > 0
    assert chat.facts.memory() == memory
    assert chat.facts.turns[-1] == reply


def test_a_mark_has_no_word_to_look_at_and_its_memory_is_the_one_after_it(services: Services) -> None:
    chat = chat_of(services)
    list(chat.send("The cat"))
    save_small_model(services.library, name="other", cell="gru")
    list(chat.switch("other"))
    (mark,) = (turn for turn in chat.facts.turns if turn.role == "switch")
    reread = chat.facts.counters.tokens_reread
    with pytest.raises(InputError, match="mark"):
        list(chat.inspection.inspect(mark.turn_id, 0))
    list(chat.save_memory("at the switch", mark.turn_id, 0))
    assert chat.facts.counters.tokens_reread == reread
    kept = services.memories.find("at the switch")
    assert kept.model_id == chat.facts.card.model_id
    assert kept.blob == chat._speaker.snapshot().blob


def test_another_model_opens_a_conversation_whose_own_is_gone(services: Services) -> None:
    chat = chat_of(services)
    list(chat.send("The cat"))
    save_small_model(services.library, name="other", cell="gru")
    services.library.remove(chat.facts.card.model_id)
    again = services.open_chat("other", chat.session.session_id)
    events = list(again.load())
    assert [type(event) for event in events] == [ModelLoaded, ModelSwitched]
    assert again.facts.card.name == "other"
    list(again.send("Mice"))
    assert [turn.role for turn in again.facts.turns] == ["person", "network", "switch", "person", "network"]
    assert services.conversations.session(chat.session.session_id).model_id == again.facts.card.model_id


def test_a_prompt_that_a_crash_left_unread_is_read_at_the_next_start(services: Services) -> None:
    chat = chat_of(services)
    list(chat.send("The cat"))
    events = chat.send("Mice are")
    next(events)  # the prompt is on the disk; then the process is gone
    again = services.open_chat(session_id=chat.session.session_id)
    assert again.facts.turns[-1].logprobs == ()
    list(again.load())
    assert len(again.facts.turns[-1].logprobs) == len(again.facts.turns[-1].token_ids)
    assert again.facts.counters.tokens_reread == 0
    events.close()  # type: ignore[attr-defined]


def test_a_crash_in_a_long_reply_costs_no_more_than_31_words(services: Services) -> None:
    ticks = iter(range(10_000))
    card = services.find_model("small")
    session = Session("", "long", card.model_id, dataclasses.replace(SAMPLER, seed=3, max_words=80))
    chat = Chat(services.library, services.conversations, card, session, clock=lambda: float(next(ticks)))
    events = chat.send("The cat")
    words = 0
    while words < 70:
        words += isinstance(next(events), WordSampled)
    again = services.open_chat(session_id=chat.session.session_id)
    list(again.load())
    assert len(again.facts.turns[-1].token_ids) >= 69
    assert again.facts.counters.tokens_reread < 32
    events.close()  # type: ignore[attr-defined]


def test_a_conversation_begins_with_a_kept_memory_and_keeps_its_own_copy(services: Services) -> None:
    chat = chat_of(services)
    list(chat.send("The cat saw a mouse."))
    list(chat.save_memory("storm at sea", chat.facts.turns[0].turn_id, 3))
    kept = services.memories.find("Storm at Sea")
    assert kept.tokens_read == 3
    with pytest.raises(InputError):
        list(chat.save_memory("STORM AT SEA"))
    fresh = services.new_chat(memory=kept)
    list(fresh.load())
    assert fresh.facts.counters.position == 0
    assert any(fresh.facts.memory())
    list(fresh.send("xyz"))
    services.memories.remove("storm at sea")
    again = services.open_chat(session_id=fresh.session.session_id)
    assert again.root == kept
    list(again.undo())
    list(again.redo())
    assert again.facts.memory() == fresh.facts.memory()


def test_a_conversation_from_a_kept_memory_goes_on_with_the_words_read_before_it_when_it_is_opened_again(
    services: Services,
) -> None:
    chat = chat_of(services)
    list(chat.send("The cat saw a mouse."))
    list(chat.save_memory("storm"))
    before = services.memories.find("storm").recent_ids
    fresh = services.new_chat(memory=services.memories.find("storm"))
    list(fresh.send("Mice"))
    memory = fresh._speaker.generator.memory
    assert tuple(memory.recent.ids()[: len(before)].tolist()) == before
    again = services.open_chat(session_id=fresh.session.session_id)
    assert isinstance(list(again.load())[-1], StateRebuilt)
    reopened = again._speaker.generator.memory
    assert reopened.recent == memory.recent
    assert reopened.contexts == memory.contexts


def test_what_the_network_said_does_not_count_as_read_when_it_is_read_again(services: Services) -> None:
    chat = chat_of(services)
    list(chat.send("The cat saw a mouse."))
    prompt, reply = chat.facts.turns
    along = [found for kept in range(1, 6) if (found := chat._speaker.states.cache.nearest(reply.turn_id, kept))]
    assert [kept for _, kept in along] == [1, 2, 3, 4, 5]
    as_stored = services.open_chat(session_id=chat.session.session_id)
    list(as_stored.load())
    assert not as_stored._speaker.generator.memory.is_read
    list(as_stored.rewind(prompt.turn_id))
    assert as_stored._speaker.generator.memory.is_read
    with services._database.transaction() as connection:
        connection.execute("DELETE FROM snapshots")
    again = services.open_chat(session_id=chat.session.session_id)
    for said, kept in along:
        list(again.rewind(reply.turn_id, kept))
        replayed = again._speaker.generator.memory
        assert (replayed.is_read, replayed.recent) == (said.is_read, said.recent) == (False, said.recent), kept
    list(again.rewind(prompt.turn_id, 2))
    assert again._speaker.generator.memory.is_read


def test_a_blend_lies_between_two_memories(services: Services) -> None:
    chat = chat_of(services)
    list(chat.send("The cat saw a mouse."))
    list(chat.save_memory("one", chat.facts.turns[0].turn_id, 2))
    list(chat.save_memory("two"))
    numbers = {}
    for share in (0.0, 0.25, 1.0):
        mixed = services.new_chat(memory=services.interpolate_memories("one", "two", share))
        list(mixed.load())
        numbers[share] = mixed._speaker.generator.memory.state.parts
    for name, low in numbers[0.0].items():
        assert numbers[0.25][name].allclose(0.75 * low + 0.25 * numbers[1.0][name], atol=1e-6)
    with pytest.raises(InputError):
        services.interpolate_memories("one", "two", 1.5)
    save_small_model(services.library, name="other", cell="gru")
    with pytest.raises(InputError):
        services.new_chat("other", services.memories.find("one"))


def test_a_damaged_beginning_is_named(services: Services) -> None:
    chat = chat_of(services)
    list(chat.send("The cat"))
    list(chat.save_memory("storm"))
    fresh = services.new_chat(memory=services.memories.find("storm"))
    list(fresh.send("Mice"))
    with services._database.transaction() as connection:
        connection.execute("UPDATE roots SET blob = zeroblob(9)")
        connection.execute("DELETE FROM snapshots")
    with pytest.raises(ModelFileError, match="storm"):
        list(services.open_chat(session_id=fresh.session.session_id).load())
