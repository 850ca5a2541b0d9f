"""A conversation: carried memory, exact stop, nothing read twice, nothing lost."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnntui.errors import InputError, ModelFileError
from rnntui.events import Forgotten, PromptScored, ReplyBegun, StateRebuilt, TurnFinished, TurnStored, WordSampled
from rnntui.lm.model_file import WEIGHTS
from rnntui.paths import find_paths
from rnntui.records import Turn
from rnntui.service.background import Background
from rnntui.service.chat.chat import Chat
from rnntui.service.model_loader import load_generator
from rnntui.service.services import Services
from rnntui.settings import CELL_NAMES, SamplerSettings
from tests.effort import examples
from tests.small_models import save_small_model

SAMPLER = SamplerSettings(max_words=12, stop="words", seed=3)


def _chat(services: Services, model: str = "small") -> Chat:
    chat = services.new_chat(model)
    chat.set_sampler(SAMPLER)
    list(chat.load())
    return chat


def _state(chat: Chat) -> bytes:
    return chat._speaker.generator.memory.state.to_bytes()


def _replayed(services: Services, chat: Chat) -> bytes:
    """The oracle: read the visible branch from an empty memory, one word after the other."""
    generator = load_generator(services.library, chat.facts.card)
    for turn in chat.facts.turns:
        if turn.role == "forget":
            generator.reset()
        for word in turn.token_ids:
            generator.feed([word])
    return generator.memory.state.to_bytes()


def _reply(turns: Sequence[Turn]) -> str:
    return turns[-1].text


def test_a_turn_is_stored_before_anything_is_generated(services: Services) -> None:
    chat = _chat(services)
    events = chat.send("The cat saw")
    stored = next(events)
    assert isinstance(stored, TurnStored)
    assert [turn.text.strip() for turn in services.conversations.branch(chat.session.session_id)] == ["The cat saw"]
    events.close()


def test_events_come_in_order_and_every_own_word_is_scored(services: Services) -> None:
    events = list(_chat(services).send("The cat saw a mouse."))
    kinds = [type(event) for event in events]
    assert kinds[:4] == [TurnStored, PromptScored, TurnFinished, ReplyBegun]
    assert set(kinds[4:-1]) == {WordSampled}
    assert kinds[-1] is TurnFinished
    scored = events[1]
    assert isinstance(scored, PromptScored)
    assert len(scored.pieces) == len(scored.logprobs) > 4
    assert all(score < 0 for score in scored.logprobs)


def test_the_second_turn_goes_on_from_the_memory_and_reads_nothing_again(services: Services) -> None:
    chat = _chat(services)
    list(chat.send("The cat"))
    first = chat.facts.counters
    list(chat.send("Dinosaurs are"))
    assert chat.facts.counters.tokens_reread == 0
    assert chat.facts.counters.position > first.position
    assert chat.facts.turns[2].start_position == first.position
    assert _state(chat) == _replayed(services, chat)


def test_closing_the_stream_keeps_the_yielded_words_and_their_memory(services: Services) -> None:
    chat = _chat(services)
    events = chat.send("The cat")
    words = []
    for event in events:
        if isinstance(event, WordSampled):
            words.append(event.piece)
        if len(words) == 4:
            break
    events.close()  # type: ignore[attr-defined]
    assert chat.facts.turns[-1].status == "stopped"
    assert chat.facts.turns[-1].text == "".join(words)
    assert _state(chat) == _replayed(services, chat)


def test_stopping_in_the_background_and_cutting_leaves_exactly_the_shown_words(services: Services) -> None:
    chat = _chat(services)
    work = Background(chat.send("The cat"), capacity=100)
    assert work.join(20)
    shown = [event for event in work.take() if isinstance(event, WordSampled)][:3]
    list(chat.cut(shown[-1].position))
    assert chat.facts.turns[-1].text == "".join(event.piece for event in shown)
    assert chat.facts.turns[-1].status == "stopped"
    assert chat.facts.counters.position == shown[-1].position
    assert _state(chat) == _replayed(services, chat)


def test_cutting_everything_takes_the_reply_off_the_branch(services: Services) -> None:
    chat = _chat(services)
    list(chat.send("The cat"))
    list(chat.cut(chat.facts.turns[-1].start_position))
    assert [turn.role for turn in chat.facts.turns] == ["person"]
    assert _state(chat) == _replayed(services, chat)


def test_cutting_outside_the_reply_is_refused(services: Services) -> None:
    chat = _chat(services)
    with pytest.raises(InputError):
        list(chat.cut(1))
    list(chat.send("The cat"))
    with pytest.raises(InputError):
        list(chat.cut(10_000))


def test_a_long_reply_can_be_cut_anywhere(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnntui.service.chat.state_cache.DENSE", 8)
    chat = _chat(services)
    chat.set_sampler(dataclasses.replace(SAMPLER, max_words=60))
    list(chat.send("The cat"))
    start = chat.facts.turns[-1].start_position
    for kept in (55, 40, 33, 32, 31, 5, 1):
        list(chat.cut(start + kept))
        assert len(chat.facts.turns[-1].token_ids) == kept
        assert _state(chat) == _replayed(services, chat)
    assert chat.facts.counters.tokens_reread <= 32 * 7


def test_forgetting_empties_the_memory_and_keeps_the_text(services: Services) -> None:
    chat = _chat(services)
    list(chat.send("The cat"))
    (forgotten,) = list(chat.forget())
    assert isinstance(forgotten, Forgotten)
    assert not any(chat.facts.memory())
    assert [turn.role for turn in chat.facts.turns] == ["person", "network", "forget"]
    list(chat.send("Mice"))
    assert _state(chat) == _replayed(services, chat)


def test_a_reopened_conversation_has_the_same_memory_bit_for_bit(services: Services) -> None:
    chat = _chat(services)
    list(chat.send("The cat"))
    before = _state(chat)
    again = services.open_chat()
    loaded = list(again.load())
    assert [turn.text for turn in again.facts.turns] == [turn.text for turn in chat.facts.turns]
    rebuilt = loaded[-1]
    assert isinstance(rebuilt, StateRebuilt)
    assert (rebuilt.source, rebuilt.tokens_reread) == ("snapshot", 0)
    assert _state(again) == before


def test_a_lost_snapshot_is_replayed_and_said_so(services: Services) -> None:
    chat = _chat(services)
    list(chat.send("The cat"))
    before = _state(chat)
    with services._database.transaction() as connection:
        connection.execute("DELETE FROM snapshots")
    again = services.open_chat()
    rebuilt = list(again.load())[-1]
    assert isinstance(rebuilt, StateRebuilt)
    assert (rebuilt.source, rebuilt.tokens_reread) == ("replay", chat.facts.counters.position)
    assert _state(again) == before


def test_a_damaged_snapshot_is_replayed(services: Services) -> None:
    chat = _chat(services)
    list(chat.send("The cat"))
    with services._database.transaction() as connection:
        connection.execute("UPDATE snapshots SET blob = zeroblob(8)")
    again = services.open_chat()
    list(again.load())
    assert _state(again) == _state(chat)


def test_the_same_seed_says_the_same_and_another_does_not(services: Services) -> None:
    replies = []
    for seed in (3, 3, 4):
        chat = _chat(services)
        chat.set_sampler(dataclasses.replace(SAMPLER, seed=seed))
        list(chat.send("The cat"))
        replies.append(_reply(chat.facts.turns))
    assert replies[0] == replies[1] != replies[2]


def test_two_conversations_never_share_a_memory(services: Services) -> None:
    one, two = _chat(services), _chat(services)
    list(one.send("The cat"))
    before = _state(one)
    list(two.send("Dinosaurs are big"))
    assert _state(one) == before
    assert not any(_chat(services).facts.memory())


def test_a_changed_temperature_counts_from_the_next_word(services: Services) -> None:
    chat = _chat(services)
    chat.set_sampler(dataclasses.replace(chat.sampler, loop_penalty=0.0))  # a rank is told before any rule
    events = chat.send("The cat")
    ranks = []
    for event in events:
        if isinstance(event, WordSampled):
            ranks.append(event.rank)
            chat.set_sampler(dataclasses.replace(chat.sampler, temperature=0.0))
    assert set(ranks[1:]) == {1}


def test_an_empty_prompt_lets_the_network_go_on(services: Services) -> None:
    chat = _chat(services)
    list(chat.send("  \n "))
    assert [turn.role for turn in chat.facts.turns] == ["network"]


@pytest.mark.parametrize("prompt", ["漢字", "\ud800", "\x1b]52;c;aGk=\x07", "[/bold]", "x" * 3_000])
def test_no_prompt_is_refused(services: Services, prompt: str) -> None:
    chat = _chat(services)
    list(chat.send(prompt))
    assert "\x1b" not in chat.facts.turns[0].text
    assert _state(chat) == _replayed(services, chat)


def test_a_long_prompt_can_be_stopped_and_is_taken_back_whole(services: Services) -> None:
    chat = _chat(services)
    list(chat.send("The cat"))
    before, turns = _state(chat), chat.facts.turns
    events = chat.send("the mouse saw the cat and " * 200)
    next(events)
    next(events)
    events.close()  # type: ignore[attr-defined]
    assert _state(chat) == before
    assert chat.facts.turns == turns
    assert services.conversations.branch(chat.session.session_id) == turns


def test_a_removed_model_opens_another_conversation(services: Services) -> None:
    save_small_model(services.library, name="other", cell="gru")
    chat = _chat(services, "other")
    list(chat.send("The cat"))
    services.library.remove(chat.facts.card.model_id)
    assert services.open_chat().facts.card.name != "other"


def test_an_altered_model_is_refused_when_it_is_loaded(services: Services) -> None:
    weights = services.paths.models / "small-lstm-1" / WEIGHTS
    data = bytearray(weights.read_bytes())
    data[-5] ^= 1
    weights.write_bytes(data)
    with pytest.raises(ModelFileError):
        list(services.new_chat("small").load())


@pytest.mark.parametrize("cell", CELL_NAMES)
def test_any_sequence_of_operations_leaves_the_memory_of_a_replay(tmp_path: Path, cell: str) -> None:
    paths = find_paths(tmp_path / "sequence")
    services = Services(paths)
    save_small_model(services.library, cell=cell, layers=2)
    operations = st.lists(
        st.one_of(
            st.tuples(st.just("send"), st.sampled_from(["The cat", "Mice are small.", "", "xyz ", "\n\n", "“I am"])),
            st.tuples(st.just("cut"), st.integers(0, 8)),
            st.tuples(st.just("stop"), st.integers(1, 5)),
            st.tuples(st.just("forget"), st.none()),
            st.tuples(st.just("reopen"), st.none()),
            st.tuples(st.just("temperature"), st.sampled_from([0.0, 0.5, 2.0])),
        ),
        max_size=6,
    )

    @settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(operations)
    def check(steps: list[tuple[str, object]]) -> None:
        chat = services.new_chat("small")
        chat.set_sampler(dataclasses.replace(SAMPLER, max_words=6))
        list(chat.load())
        for name, value in steps:
            chat = _apply(services, chat, name, value)
            assert _state(chat) == _replayed(services, chat)
            if chat.session.session_id:
                assert services.conversations.branch(chat.session.session_id) == chat.facts.turns
        assert chat.facts.counters.tokens_reread <= 12 * len(steps)

    check()
    services.close()


def _apply(services: Services, chat: Chat, name: str, value: object) -> Chat:
    if name == "send":
        list(chat.send(str(value)))
    elif name == "cut" and chat.facts.turns and chat.facts.turns[-1].role == "network":
        last = chat.facts.turns[-1]
        list(chat.cut(last.start_position + min(int(str(value)), len(last.token_ids))))
    elif name == "stop":
        events = chat.send("The mouse")
        for _ in range(int(str(value))):
            next(events)
        events.close()  # type: ignore[attr-defined]
    elif name == "forget":
        list(chat.forget())
    elif name == "reopen" and chat.session.session_id:
        chat = services.open_chat(session_id=chat.session.session_id)
        list(chat.load())
    elif name == "temperature":
        chat.set_sampler(dataclasses.replace(chat.sampler, temperature=float(str(value))))
    return chat
